"""The precision at a time: pandas' ``asof``, value and type."""

from __future__ import annotations

import gc
import math
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from freqtrade.optimize.backtesting import Backtesting
from hypothesis import given
from hypothesis import strategies as st

from ft_numba_aot.freqtrade_integration import pair_precision
from ft_numba_aot.freqtrade_integration.identity import identical

(REPLACEMENT,) = pair_precision.REPLACEMENTS
START = pd.Timestamp("2024-01-01", tz="UTC")


def backtesting(series: Any) -> Any:
    return SimpleNamespace(
        price_pair_prec={} if series is None else {"ETH/USDT": series},
        exchange=SimpleNamespace(get_precision_price=lambda pair: f"exchange's of {pair}"),
        precision_mode_price=2,
    )


def outcome(function: Any, *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except Exception as error:
        return type(error), str(error)


def agree(series: Any, time: Any) -> None:
    stock = backtesting(series)
    theirs = outcome(Backtesting.get_pair_precision, stock, "ETH/USDT", time)
    ours = outcome(REPLACEMENT.ours, stock, "ETH/USDT", time)
    assert identical(theirs, ours), (series, time, theirs, ours)


months = st.lists(st.sampled_from([0.01, 0.001, 1e-05, 0.1, math.nan]), min_size=1, max_size=6)


@given(months, st.floats(-20, 220), st.sampled_from(["ns", "us", "ms", "s"]))
def test_months(values: list[float], days: float, unit: str) -> None:
    index = pd.date_range(START, periods=len(values), freq="MS").as_unit(unit)
    series = pd.Series(values, index)
    for at in (START + timedelta(days=days), index[-1], index[0]):
        time = at.floor("s").to_pydatetime()
        agree(series, time)
        agree(series, time.replace(tzinfo=series.index.tz))
        agree(series, time.replace(tzinfo=None))
        agree(series, pd.Timestamp(time))


@pytest.mark.parametrize(
    "series",
    [
        None,
        pd.Series([], pd.DatetimeIndex([], tz="UTC"), dtype=float),
        pd.Series([0.1, 0.2], pd.DatetimeIndex([START, START - timedelta(1)])),
        pd.Series([0.1, 0.2], pd.DatetimeIndex([START, START])),
        pd.Series([0.1], pd.DatetimeIndex([START.tz_localize(None)])),
        pd.Series([0.1], pd.DatetimeIndex([START + pd.Timedelta(1, "ns")])),
        pd.Series([0.1], pd.DatetimeIndex([START]).tz_convert("Europe/Vienna")),
        pd.Series([1], pd.DatetimeIndex([START])),
        pd.Series([0.1], [1]),
    ],
)
def test_other_series(series: Any) -> None:
    for time in (START.to_pydatetime(), datetime(2024, 1, 5, tzinfo=timezone(timedelta(hours=1)))):
        agree(series, time)


def test_a_series_is_read_once_and_forgotten_with_it() -> None:
    series = pd.Series([0.01, 0.001], pd.date_range(START, periods=2, freq="MS"))
    stock = backtesting(series)
    time = (START + timedelta(days=40)).to_pydatetime().replace(tzinfo=series.index.tz)
    with patch.object(pair_precision, "_original", side_effect=AssertionError):
        first = REPLACEMENT.ours(stock, "ETH/USDT", time)
    with patch.object(pd.Series, "asof", side_effect=AssertionError):
        assert identical(REPLACEMENT.ours(stock, "ETH/USDT", time), first)
    assert identical(first, (np.float64(0.001), 4))
    key = id(series)
    assert key in pair_precision._known
    series.iloc[1] = 0.1
    agree(series, time)
    series.index = series.index + timedelta(days=60)
    agree(series, time)
    del series, stock
    gc.collect()
    assert key not in pair_precision._known


def test_utc_of_the_standard_library() -> None:
    agree(
        pd.Series([0.01], pd.DatetimeIndex([datetime(2024, 1, 1, tzinfo=UTC)])),
        datetime(2024, 1, 2, tzinfo=UTC),
    )
