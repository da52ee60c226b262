"""vectorized_pnl against freqtrade's LocalTrade: equal to the bit, and the same errors."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ft_numba_aot import pnl
from ft_numba_aot.pnl import vectorized_pnl

LocalTrade = pytest.importorskip("freqtrade.persistence").LocalTrade
TradingMode = pytest.importorskip("freqtrade.enums").TradingMode

OPENED = datetime(2024, 1, 1, tzinfo=UTC)
NUMBERS = ("open_rate", "close_rate", "amount", "fee_open", "fee_close", "leverage", "funding_fees")


def freqtrade_pnl(trade: dict[str, Any], mode: Any) -> tuple[float, float]:
    local = LocalTrade(
        pair="ETH/USDT",
        exchange="binance",
        stake_amount=1.0,
        open_date=OPENED,
        trading_mode=mode,
        **{name: value for name, value in trade.items() if name != "close_rate"},
    )
    close_rate = trade["close_rate"]
    return local.calc_profit(close_rate), local.calc_profit_ratio(close_rate)


def same(ours: Any, theirs: Any) -> bool:
    ours, theirs = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    nan = np.isnan(theirs)
    equal = (ours == theirs) & (np.signbit(ours) == np.signbit(theirs))
    return bool(np.where(nan, np.isnan(ours), equal).all())


def agrees(trade: dict[str, Any], mode: Any = TradingMode.FUTURES) -> bool:
    try:
        expected = freqtrade_pnl(trade, mode)
    except Exception as error:
        with pytest.raises(type(error)) as raised:
            vectorized_pnl(**trade)
        return str(raised.value) == str(error)
    result = vectorized_pnl(**trade)
    return same([result.profit_abs, result.profit_ratio], expected)


def log_uniform(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high).map(lambda exponent: float(10.0**exponent))


ticks = st.builds(
    lambda units, places: units / 10**places, st.integers(1, 10**9), st.integers(0, 9)
)
prices = st.one_of(ticks, log_uniform(-8, 8))
fees = st.one_of(st.sampled_from([0.0, 0.001, 0.0005, 0.00075, 0.00026]), st.floats(0.0, 0.01))
trades = st.fixed_dictionaries(
    {
        "open_rate": prices,
        "close_rate": prices,
        "amount": prices,
        "fee_open": fees,
        "fee_close": fees,
        "is_short": st.booleans(),
        "leverage": st.sampled_from([1.0, 2.0, 3.3, 20.0]),
        "funding_fees": st.one_of(st.just(0.0), st.floats(-100.0, 100.0)),
    }
)
anything = st.one_of(
    prices,
    st.floats(),
    st.integers(-300, 300).map(lambda exponent: 2.0**exponent),
    st.integers(-300, 300).map(lambda exponent: float(f"1e{exponent}")),
    st.sampled_from([0.0, -0.0, 1.0, -1.0, 2.0**53 + 2, 9007199254740993e-7, 5e-324, 1.8e308]),
)
odd_trades = st.fixed_dictionaries(
    {"is_short": st.booleans(), **dict.fromkeys(NUMBERS, anything)},
)


@given(trades)
def test_a_trade_has_the_profit_that_freqtrade_calculates(trade: dict[str, Any]) -> None:
    assert agrees(trade)


@given(odd_trades)
def test_any_doubles_give_the_same_result_or_the_same_error(trade: dict[str, Any]) -> None:
    assert agrees(trade)


@given(trades)
@example(
    {
        "open_rate": 222411173.473037,
        "close_rate": 222411173.473037,
        "amount": 41776297.0155973,
        "fee_open": 0.0,
        "fee_close": 0.0,
        "is_short": False,
        "leverage": 1.0,
        "funding_fees": 0.0,
    }
)
def test_a_spot_trade_is_one_without_funding(trade: dict[str, Any]) -> None:
    assert agrees({**trade, "is_short": False, "funding_fees": 0.0}, TradingMode.SPOT)


@pytest.mark.parametrize("seed", range(4))
def test_many_trades_are_independent_of_their_neighbours(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = 500
    opened = 10.0 ** rng.uniform(-8, 8, count)
    opened[::3] = [float(f"{rate:.4g}") for rate in opened[::3]]
    fee = np.array([0.001, 0.0005, 0.00075])
    arrays = {
        "open_rate": opened,
        "close_rate": opened * np.exp(rng.normal(0, 0.1, count)),
        "amount": np.round(10.0 ** rng.uniform(-2, 6, count), 3),
        "fee_open": rng.choice(fee, count),
        "fee_close": rng.choice(fee, count),
        "is_short": rng.random(count) < 0.5,
        "leverage": rng.choice([1.0, 5.0], count),
        "funding_fees": rng.normal(0, 1, count),
    }
    before = {name: values.copy() for name, values in arrays.items()}
    result = vectorized_pnl(**arrays)
    expected = [
        freqtrade_pnl(
            dict(zip(arrays, [value.item() for value in row], strict=True)), TradingMode.FUTURES
        )
        for row in zip(*arrays.values(), strict=True)
    ]
    assert same(np.transpose([result.profit_abs, result.profit_ratio]), expected)
    assert result.deferred == 0
    assert all((before[name] == values).all() for name, values in arrays.items())


def test_very_many_trades_are_done_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = np.round(np.random.default_rng(2).uniform(1.0, 2.0, (2, 1003)), 4)
    amounts = np.where(np.arange(1003) % 100 == 0, 1e18, 3.0)  # every hundredth is deferred
    whole = vectorized_pnl(*rates, amounts, fee_open=0.001, fee_close=0.001)
    monkeypatch.setattr(pnl, "_TRADES_A_TURN", 100)
    parts = vectorized_pnl(*rates, amounts, fee_open=0.001, fee_close=0.001)
    assert same(parts.profit_abs, whole.profit_abs)
    assert same(parts.profit_ratio, whole.profit_ratio)
    assert parts.deferred == whole.deferred == 11


def test_scalars_broadcast_with_arrays_and_series() -> None:
    pandas = pytest.importorskip("pandas")
    closed = np.array([[90.0, 110.0], [95.5, 100.0]])
    result = vectorized_pnl(100, closed, 2.5, fee_open=0.001, fee_close=0.001)
    assert result.profit_abs.shape == result.profit_ratio.shape == (2, 2)
    flat = vectorized_pnl(
        np.full(4, 100.0),
        pandas.Series(closed.ravel()),
        [2.5] * 4,
        fee_open=0.001,
        fee_close=0.001,
        is_short=[False] * 4,
    )
    assert (flat.profit_abs == result.profit_abs.ravel()).all()
    assert vectorized_pnl([], [], [], fee_open=0.1, fee_close=0.1).profit_abs.shape == (0,)


def test_strided_reversed_and_read_only_arrays_are_taken_as_they_read() -> None:
    closed = np.linspace(90.0, 110.0, 20)
    expected = vectorized_pnl(
        100.0, closed[::-2].copy(), 1.0, fee_open=0.0, fee_close=0.0
    ).profit_abs
    closed.flags.writeable = False
    result = vectorized_pnl(100.0, closed[::-2], 1.0, fee_open=0.0, fee_close=0.0)
    assert (result.profit_abs == expected).all()


@pytest.mark.parametrize("name", ["open_rate", "close_rate", "amount", "fee_open", "fee_close"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_an_error(name: str, value: float) -> None:
    trade = dict.fromkeys(NUMBERS, 1.0) | {"is_short": False, name: value}
    with pytest.raises(ValueError, match=r"invalid literal for int\(\) with base 10"):
        vectorized_pnl(**trade)
    assert agrees(trade)


def test_trades_that_the_kernel_defers_are_counted_and_right() -> None:
    amounts = np.array([1.0, 1e18, 1e-30, 3.0])
    result = vectorized_pnl(2.0, 3.0, amounts, fee_open=0.001, fee_close=0.001)
    assert result.deferred == 2
    trade = {"open_rate": 2.0, "close_rate": 3.0, "fee_open": 0.001, "fee_close": 0.001}
    for amount, profit in zip(amounts.tolist(), result.profit_abs, strict=True):
        assert same(profit, freqtrade_pnl({**trade, "amount": amount}, TradingMode.SPOT)[0])


@pytest.mark.parametrize("beyond", [-1, 0, 1])
@pytest.mark.parametrize("seed", range(5))
def test_a_value_a_hair_from_halfway_between_two_doubles_is_deferred(
    beyond: int, seed: int
) -> None:
    """amount * rate = odd multiple of half an ulp, and ``beyond`` millionths."""
    rng = np.random.default_rng(seed)
    half = 2**24 * 10**6
    found = False
    while not found:
        rate = int(rng.integers(2 * 10**14, 10**15))
        if rate % 2 == 0 or rate % 5 == 0:
            continue
        amount = (half + beyond) * pow(rate, -1, 2 * half) % (2 * half)
        amount += 2 * half * int(rng.integers(15, 28))
        found = amount < 10**15 and 2**53 <= amount * rate // half < 2**54
    trade = dict.fromkeys(NUMBERS, 0.0) | {"leverage": 1.0, "is_short": False}
    trade |= {"amount": amount / 1000, "open_rate": 1.0, "close_rate": rate / 1000}
    assert vectorized_pnl(**trade).deferred == 1
    assert agrees(trade)


def test_other_types_are_refused_and_integers_are_not() -> None:
    with pytest.raises(TypeError, match="amount: expected float64, found float32"):
        vectorized_pnl(1.0, 2.0, np.ones(3, dtype=np.float32), fee_open=0.0, fee_close=0.0)
    with pytest.raises(TypeError, match="open_rate: expected float64, found object"):
        vectorized_pnl(None, 2.0, 1.0, fee_open=0.0, fee_close=0.0)
    with pytest.raises(TypeError, match="is_short: expected bool, found int64"):
        vectorized_pnl(1.0, 2.0, 1.0, fee_open=0.0, fee_close=0.0, is_short=[0, 1])
    with pytest.raises(ValueError, match="shape mismatch"):
        vectorized_pnl([1.0, 2.0], [1.0, 2.0, 3.0], 1.0, fee_open=0.0, fee_close=0.0)
    assert vectorized_pnl(1, 2, 3, fee_open=0, fee_close=0).profit_abs == 3.0
