"""parallel_trades without freqtrade: threads, arithmetic, bad input, columns."""

from __future__ import annotations

import importlib
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ft_numba_aot import _backend
from ft_numba_aot.pnl import Job, Market, Rules, Trades, parallel_trades

simulate = importlib.import_module("ft_numba_aot.pnl._simulate")
TERMS: dict[str, Any] = {"stake_amount": 100.0, "fee": 0.001}


def make_candles(length: int, seed: int = 0, decimals: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    close = np.round(100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.004, length))), decimals)
    opened = np.concatenate([[100.0], close[:-1]])
    wick = np.round(np.abs(rng.normal(0.0, 0.2, (2, length))), decimals)
    frame = pd.DataFrame(
        {
            "date": pd.date_range("2024-01-01", periods=length, freq="5min", tz="UTC"),
            "open": opened,
            "high": np.round(np.maximum(opened, close) + wick[0], decimals),
            "low": np.round(np.minimum(opened, close) - wick[1], decimals),
            "close": close,
        }
    )
    for name in ("enter_long", "exit_long", "enter_short", "exit_short"):
        frame[name] = rng.random(length) < 0.1
    return frame


rules = st.builds(
    Rules,
    stoploss=st.sampled_from([-0.003, -0.01, -0.2, -1.0]),
    minimal_roi=st.sampled_from([{}, {0: 0.01}, {"0": 0.02, "10": 0.004, "30": -1}]),
    trailing_stop=st.booleans(),
    trailing_stop_positive=st.just(0.004),
    trailing_stop_positive_offset=st.sampled_from([0.0, 0.006]),
    trailing_only_offset_is_reached=st.booleans(),
    exit_profit_only=st.booleans(),
    can_short=st.booleans(),
)
markets = st.sampled_from(
    [
        Market(),
        Market(0.01, 1e-4),
        Market(0.25, 0.001),
        Market(1, 3, decimal_places=True),
        Market(1e-15, 1e-18),
    ]
)


def same(one: Trades, other: Trades) -> bool:
    """The columns that the kernel writes, to the bit."""
    return one.counts == other.counts and all(
        mine.rows.tobytes() == theirs.rows.tobytes()
        and mine.numbers.tobytes() == theirs.numbers.tobytes()
        for mine, theirs in zip(one._found, other._found, strict=True)
    )


@given(rules, markets, st.integers(0, 99))
def test_the_kernel_plain_python_and_exact_arithmetic_agree(
    rules: Rules, market: Market, seed: int
) -> None:
    candles = make_candles(50, seed)
    pure = _backend._pure(_backend._pure_kernels()["simulate_trades"])
    exact = importlib.import_module("ft_numba_aot.pnl._exact").simulate
    found = []
    for kernel in (simulate._simulate_trades, pure, exact):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(simulate, "_simulate_trades", kernel)
            found.append(parallel_trades(candles, rules, markets=market, **TERMS))
    assert same(found[0], found[1])
    assert same(found[0], found[2])
    assert found[2].deferred == 0
    # Of a grid as fine as that, nothing is certain.
    assert (found[0].deferred == len(found[0])) if market.price_precision == 1e-15 else True


def test_jobs_are_independent_of_threads_and_of_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frames = {f"{name}/USDT": make_candles(300, seed) for seed, name in enumerate("ABC")}
    jobs = [
        Job(pair, Rules(stoploss, can_short=True))
        for pair in frames
        for stoploss in (-0.01, -0.02, -0.05)
    ]
    together = parallel_trades(frames, jobs, threads=4, **TERMS)
    monkeypatch.setattr(simulate, "_CAPACITY", 3)  # buffers that are full every third trade
    alone = [parallel_trades(frames, job, threads=1, **TERMS) for job in jobs]
    assert [len(trades) > 5 for trades in alone] == [True] * len(jobs)
    for i, trades in enumerate(alone):
        part = together[i]
        assert same(part, trades)
        assert set(part.pair) == {jobs[i].pair}
    frame = together.to_dataframe(with_job=True, with_orders=False)
    assert frame["job"].tolist() == together.job.tolist()
    assert len(frame) == sum(map(len, alone)) == len(together)


def test_signals_of_a_job_stand_for_those_of_the_candles() -> None:
    candles = make_candles(200)
    signals = {"enter_long": np.arange(200) % 20 == 0}
    with_their_own = parallel_trades(candles, Job("", Rules(-0.01), signals), **TERMS)
    without = candles.assign(enter_long=signals["enter_long"], exit_long=False)
    assert same(with_their_own, parallel_trades(without, Rules(-0.01), **TERMS))
    assert len(parallel_trades(candles, [], **TERMS)) == 0
    assert parallel_trades(candles, [], **TERMS).to_dataframe().empty


def put(name: str, row: int, value: Any) -> Any:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        column = frame[name].astype(object) if isinstance(value, str) else frame[name]
        frame = frame.assign(**{name: column})
        frame.loc[row, name] = value
        return frame

    return change


BAD_CANDLES = {
    "no price": (put("open", 3, np.nan), "open of row 3, nan, is not a positive number"),
    "zero": (put("low", 4, 0.0), "low of row 4, 0.0, is not a positive number"),
    "infinite": (put("high", 5, np.inf), "high of row 5, inf, is not a positive number"),
    "negative": (put("close", 6, -1.0), "close of row 6, -1.0, is not a positive number"),
    "crossed": (put("high", 7, 1.0), "high of row 7, 1.0, is below low"),
    "outside": (put("open", 8, 1e9), "open of row 8, 1000000000.0, is not from low"),
    "repeated": (
        lambda frame: frame.iloc[[0, 1, 1, 2]],
        "date of row 2, 2024-01-01T00:05:00, is that of the row before",
    ),
    "unsorted": (
        lambda frame: frame.iloc[[0, 2, 1]],
        "date of row 2, 2024-01-01T00:05:00, is before that of the row before",
    ),
    "off the grid": (
        lambda frame: frame.assign(date=frame["date"] + pd.to_timedelta([0, 0, 7] + [0] * 17, "s")),
        "date of row 2, 2024-01-01T00:10:07, is not on the grid of 5 minutes",
    ),
    "no date": (put("date", 2, pd.NaT), "date of row 2 is NaT"),
    "no first date": (
        lambda frame: put("date", 0, pd.NaT)(frame).head(2),
        "date of row 0 is NaT",
    ),
    "empty": (lambda frame: frame.iloc[:0], "no rows"),
    "no column": (lambda frame: frame.drop(columns=["low", "close"]), "no column low, close"),
    "two": (put("enter_long", 2, "2"), "enter_long of row 2, 2.0, is neither 0 nor 1"),
}


@pytest.mark.parametrize("timeframe", ["5m", None])
@pytest.mark.parametrize("name", BAD_CANDLES)
def test_candles_that_no_backtest_can_use_are_named(name: str, timeframe: str | None) -> None:
    change, text = BAD_CANDLES[name]
    if timeframe is None and name == "off the grid":
        text = "date of row 1, 2024-01-01T00:05:00, is not on the grid of 4 minutes"
    with pytest.raises(ValueError, match=re.escape(f"candles['X/Y']: {text}")):
        parallel_trades(
            {"X/Y": change(make_candles(20))}, Rules(-0.1), timeframe=timeframe, **TERMS
        )


BAD_TERMS: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "fee of 100 %": ({"fee": 1.0}, ValueError, "fee: 1.0 is not from 0 to below 1"),
    "negative fee": ({"fee": -0.1}, ValueError, "fee: -0.1 is not from 0 to below 1"),
    "no fee": ({"fee": None}, TypeError, "fee: expected a number, found None"),
    "no stake": ({"stake_amount": 0}, ValueError, "stake_amount: 0 is not above 0"),
    "negative": ({"stake_amount": -5.0}, ValueError, "stake_amount: -5.0 is not above 0"),
    "unlimited": ({"stake_amount": "unlimited"}, TypeError, "stake_amount: expected a number"),
    "debt": ({"balance": -1.0}, ValueError, "balance: -1.0 is not 0 or above"),
    "timeframe": ({"timeframe": "5x"}, ValueError, "timeframe: '5x' is neither"),
    "threads": ({"threads": 0}, ValueError, "threads: 0 is not above 0"),
    "market": ({"markets": {}}, ValueError, "markets: there is none of ''"),
    "precision": (
        {"markets": Market([0.1, 0.2])},
        ValueError,
        "price_precision of '' has length 2, the candles have 20",
    ),
    "no pair": ({"candles": {}}, ValueError, "candles: no pair"),
    "no job": ({"jobs": [Rules(-0.1)]}, TypeError, "jobs[0]: expected a Job, found Rules"),
    "unknown": ({"jobs": Job("Z", Rules(-0.1))}, ValueError, "jobs[0]: there are no candles of"),
    "short signals": (
        {"jobs": Job("", Rules(-0.1), {"enter_long": [True]})},
        ValueError,
        "signals of jobs[0]: enter_long has length 1, the candles have 20",
    ),
    "other signals": (
        {"jobs": Job("", Rules(-0.1), {"enter": [True]})},
        ValueError,
        "signals of jobs[0]: none of its columns is one of enter_long",
    ),
    "too coarse": (
        {"markets": Market(1e4), "jobs": Job("", Rules(-0.1))},
        ValueError,
        "is 0 with so few digits",
    ),
}


@pytest.mark.parametrize("name", BAD_TERMS)
def test_arguments_that_make_no_sense_are_named(name: str) -> None:
    change, error, text = BAD_TERMS[name]
    arguments = {"candles": make_candles(20), "jobs": Rules(-0.1), **TERMS, **change}
    with pytest.raises(error, match=re.escape(text)):
        parallel_trades(**arguments)


@pytest.mark.parametrize(
    ("values", "error", "text"),
    [
        ({"stoploss": 0.0}, ValueError, "stoploss: 0.0 is not from -1 to below 0"),
        ({"stoploss": np.nan}, ValueError, "stoploss: nan is not finite"),
        ({"minimal_roi": {"soon": 0.1}}, ValueError, "minimal_roi: 'soon' is no number of minutes"),
        ({"minimal_roi": {0: None}}, TypeError, "minimal_roi[0]: expected a number, found None"),
        ({"trailing_stop": 1}, TypeError, "trailing_stop: expected a bool, found 1"),
        (
            {"trailing_stop": True, "trailing_only_offset_is_reached": True},
            ValueError,
            "trailing_stop_positive: trailing_only_offset_is_reached needs it above 0",
        ),
        (
            {
                "trailing_stop": True,
                "trailing_stop_positive": 0.02,
                "trailing_stop_positive_offset": 0.01,
            },
            ValueError,
            "trailing_stop_positive_offset: 0.01 is not above trailing_stop_positive, 0.02",
        ),
    ],
)
def test_rules_that_freqtrade_would_refuse_are_named(
    values: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=re.escape(text)):
        Rules(**{"stoploss": -0.1, **values})
