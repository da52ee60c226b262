"""Values, profit and stop of trades: equal to the bit to freqtrade's decimal arithmetic."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from freqtrade.enums import TradingMode
from freqtrade.persistence import LocalTrade, Order, Trade
from hypothesis import example, given
from hypothesis import strategies as st
from integration.freqtrade.releases import since
from integration.freqtrade.trades import make_order, make_trade, replaced, trade_state

from ft_numba_aot.freqtrade_integration import profit
from ft_numba_aot.freqtrade_integration.identity import identical

MODULES = ("rounding", "orders", "profit")

ticks = st.builds(
    lambda units, places: units / 10**places, st.integers(1, 10**8), st.integers(0, 9)
)
rates = st.one_of(ticks, st.floats(-8, 8).map(lambda exponent: float(10.0**exponent)))
fees = st.sampled_from([0.001, 0.0, 0, 0.00075, -0.0002, 0.1 + 0.2, 1e-05, 1.0])
leverages = st.sampled_from([1.0, 3.0, 7.3, 1, np.float64(5.0)])
unusual = st.sampled_from(
    [0.0, -0.0, -3.5, 7, math.nan, math.inf, 1e300, 5e-324, np.float64(40.25), "40.25"]
)


@st.composite
def trades(draw: st.DrawFn) -> dict[str, Any]:
    short = draw(st.booleans())
    mode = TradingMode.FUTURES if short else draw(st.sampled_from(list(TradingMode)))
    tick = 10.0 ** -draw(st.integers(0, 10))
    return {
        "open_rate": draw(rates),
        "fee_open": draw(fees),
        "fee_close": draw(fees),
        "is_short": short,
        "trading_mode": mode,
        "leverage": draw(leverages),
        "price_precision": draw(st.sampled_from([tick, np.float64(tick), None])),
        "amount_precision": draw(st.sampled_from([1e-8, 0.001, 1.0, None])),
        "contract_size": draw(st.sampled_from([1, 1.0, None, 10.0, 0.01])),
        "interest_rate": 0.0005,
        "close_date": make_trade().open_date,
    }


Step = tuple[Any, ...]
steps = st.lists(
    st.one_of(
        st.tuples(st.just("enter"), st.one_of(rates, unusual), st.one_of(rates, unusual)),
        st.tuples(st.just("enter"), rates, rates),
        st.tuples(st.just("exit"), st.floats(0.1, 1.0), rates),
        st.tuples(st.just("close"), rates),
        st.tuples(st.just("fund"), st.floats(-5, 5)),
        st.tuples(st.just("profit"), st.one_of(rates, unusual)),
        st.tuples(st.just("partial"), rates, st.one_of(st.none(), rates, unusual), rates),
        st.tuples(st.just("target"), st.floats(-0.2, 0.5)),
        st.tuples(
            st.just("stop"),
            rates,
            st.sampled_from([-0.1, -0.03, 0.25, None, np.float64(-0.05)]),
            st.booleans(),
            st.booleans(),
        ),
        st.tuples(st.just("rename"), st.sampled_from(["stop_loss", "max_rate"]), unusual),
    ),
    max_size=8,
)


def outcome(function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
    try:
        return function(*arguments, **keywords)
    except Exception as error:
        return type(error), str(error)


def take(trade: LocalTrade, step: Step) -> Any:
    kind, *values = step
    if kind == "enter":
        order = make_order(trade, trade.entry_side, *values)
        return outcome(order.close_bt_order, trade.open_date, trade)
    if kind == "exit":
        order = make_order(trade, trade.exit_side, trade.amount * values[0], values[1])
        stake = outcome(lambda: order.stake_amount)
        outcome(order.close_bt_order, trade.open_date, trade)
        return stake, outcome(trade.recalc_trade_from_orders)
    if kind == "close":
        order = make_order(trade, trade.exit_side, trade.amount, values[0])
        outcome(order.close_bt_order, trade.open_date, trade)
        return outcome(trade.close, values[0], show_msg=False)
    if kind == "fund":
        return outcome(trade.set_funding_fees, values[0])
    if kind == "profit":
        return [
            outcome(calculate, values[0])
            for calculate in (
                trade.calc_profit_ratio,
                trade.calc_profit,
                trade.calc_close_trade_value,
            )
        ]
    if kind == "partial":
        rate, amount, open_rate = values
        return [
            outcome(trade.calc_profit_ratio, rate, amount),
            outcome(trade.calc_profit_ratio, rate, amount, open_rate),
            outcome(trade.calculate_profit, rate, amount, open_rate),
        ]
    if kind == "target":
        return outcome(trade.calc_close_rate_for_roi, values[0])
    if kind == "stop":
        return outcome(trade.adjust_stop_loss, *values)
    return setattr(trade, *values)


def history(values: dict[str, Any], taken: list[Step]) -> list[Any]:
    trade = make_trade(**values)
    seen = [trade_state(trade)]
    for step in taken:
        result = take(trade, step)
        seen.append((vars(result) if hasattr(result, "profit_abs") else repr(result), result))
        seen.append(trade_state(trade))
    return seen


@given(trades(), steps)
@example({}, [("enter", 2.4857, 40.23), ("stop", 40.23, -0.1, True, False), ("close", 41.7)])
@example({}, [("enter", 2.5, 40.23), ("enter", 1.5, 39.0), ("exit", 0.5, 41.0), ("close", 42.0)])
@example(
    {"is_short": True, "trading_mode": TradingMode.FUTURES},
    [("enter", 2.5, 40.23), ("fund", -0.25), ("exit", 0.5, 41.0), ("close", 39.0)],
)
@example({"price_precision": None}, [("enter", 2.5, -0.0), ("enter", 1.5, 40.23)])
@example({"price_precision": None}, [("enter", 1.0, 1.2345678901234567e-05), ("close", 2e-05)])
def test_a_trade_goes_as_in_freqtrade(values: dict[str, Any], taken: list[Step]) -> None:
    theirs = history(values, taken)
    with replaced(*MODULES):
        ours = history(values, taken)
    for position, (stock, mine) in enumerate(zip(theirs, ours, strict=True)):
        assert identical(stock, mine), taken[(position - 1) // 2]


def test_products_are_exact_and_quotients_cut_off() -> None:
    def calculated() -> tuple[float, float]:
        trade = make_trade(leverage=3.0)
        order = make_order(trade, "buy", 1e-10, 1.0)
        value = trade._calc_open_trade_value(41776297.0155973, 222411173.473037)
        return order.stake_amount, value

    theirs = calculated()
    with replaced(*MODULES):
        assert identical(theirs, calculated())
    assert theirs[0] == 3.3333333e-11


@since("2026.7", "ratios are read from text, as floats")
def test_numbers_of_numpy_stay_in_the_trade() -> None:
    with replaced(*MODULES):
        trade = make_trade(leverage=np.float64(2.0))
        make_order(trade, "buy", 2.5, 40.23).close_bt_order(trade.open_date, trade)
        assert type(trade.stake_amount) is np.float64
        assert type(trade.calc_profit_ratio(41.0)) is np.float64
        trade.amount = np.float64(2.5)
        with patch.object(profit, "shortest", side_effect=AssertionError):
            trade.calc_close_trade_value(41.0)


def test_usual_trades_are_calculated_here() -> None:
    def deferred(*_: Any, **__: Any) -> None:
        raise AssertionError("deferred")

    originals = [name for name in vars(profit) if name.startswith("_original_")]
    assert len(originals) == 7
    for values in (
        {},
        {"is_short": True, "trading_mode": TradingMode.FUTURES, "leverage": 3.0},
        {"price_precision": np.float64(0.01), "contract_size": 0.01, "amount_precision": 1.0},
    ):
        with replaced(*MODULES), patch.multiple(profit, **dict.fromkeys(originals, deferred)):
            trade = make_trade(**values)
            trade.adjust_stop_loss(trade.open_rate, -0.1, initial=True)
            for amount, rate in ((2.5, 40.23), (1.25, 39.17)):
                make_order(trade, trade.entry_side, amount, rate).close_bt_order(
                    trade.open_date, trade
                )
            assert trade.amount == 3.75
            trade.calc_profit_ratio(41.7)
            trade.calc_close_rate_for_roi(0.04)
            order = make_order(trade, trade.exit_side, 3.75, 41.7)
            assert order.stake_amount > 0
            order.close_bt_order(trade.open_date, trade)
            trade.close(41.7, show_msg=False)
            assert trade.close_profit


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO])
def test_the_log_of_a_stop_is_freqtrades(level: int, caplog: pytest.LogCaptureFixture) -> None:
    def logged() -> list[Any]:
        caplog.clear()
        trade = make_trade()
        for rate, stop in ((40.23, -0.1), (45.0, -0.05), (30.0, -0.05)):
            trade.adjust_stop_loss(rate, stop)
        return [(r.name, r.levelno, r.getMessage(), r.funcName) for r in caplog.records]

    caplog.set_level(level, "freqtrade")
    theirs = logged()
    with replaced(*MODULES):
        assert logged() == theirs
    assert bool(theirs) == (level == logging.DEBUG)


@pytest.mark.parametrize("field", ["open_rate", "initial_stop_loss", "stop_loss", "max_rate"])
@pytest.mark.parametrize("value", [None, "40", 40, np.float32(40.0), np.float64(40.0)])
def test_what_its_log_cannot_format_raises(field: str, value: Any) -> None:
    def adjusted() -> Any:
        trade = make_trade(initial_stop_loss_pct=-0.1, stop_loss=36.0, initial_stop_loss=36.0)
        setattr(trade, field, value)
        return outcome(trade.adjust_stop_loss, 45.0, -0.1), trade_state(trade)

    theirs = adjusted()
    with replaced(*MODULES):
        assert identical(theirs, adjusted())


def test_a_trade_of_the_database_is_freqtrades() -> None:
    def made() -> Any:
        trade = Trade(
            pair="ETH/USDT", exchange="binance", amount=2.5, open_rate=40.23, fee_open=0.001,
            fee_close=0.001, stake_amount=100.0, leverage=1.0, is_short=False,
            trading_mode=TradingMode.SPOT, open_date=make_trade().open_date,
        )  # fmt: skip
        order = Order(ft_order_side="buy", ft_pair="ETH/USDT", ft_is_open=False, status="closed",
                      filled=2.5, amount=2.5, average=40.23, order_id="1")  # fmt: skip
        trade.orders.append(order)
        trade.recalc_trade_from_orders()
        trade.adjust_stop_loss(40.0, -0.1)
        fields = {name: value for name, value in vars(trade).items() if name[:1] != "_"}
        fields.pop("orders")
        return list(fields.items()), trade.calc_profit_ratio(41.7), order.stake_amount

    theirs = made()
    with replaced(*MODULES):
        assert identical(theirs, made())
