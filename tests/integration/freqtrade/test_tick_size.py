"""``get_tick_size_over_time``: the same series, and the same columns left on the candles."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from integration.freqtrade.frames import CHANGES, assert_same, broken_candles, candles, outcome

from ft_numba_aot.freqtrade_integration import tick_size

DAYS = timedelta(days=3)


def refuse(*arguments):
    raise AssertionError("left to freqtrade")


def check(frame: pd.DataFrame) -> None:
    theirs, mine = frame.copy(), frame.copy()
    assert_same(
        outcome(tick_size._original, theirs), outcome(tick_size.get_tick_size_over_time, mine)
    )
    assert_same(theirs, mine)


@given(candles(timeframe=DAYS, most=60))
def test_any_prices(frame):
    with patch.object(tick_size, "_original", refuse):
        tick_size.get_tick_size_over_time(frame.copy())
    check(frame)


@given(broken_candles(timeframe=DAYS))
def test_broken_candles(frame):
    check(frame)


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_each_defect(change):
    frame = pd.DataFrame(
        {
            "date": pd.date_range("2024-01-30", periods=40, freq="1D", tz="UTC", unit="ms"),
            **{name: np.round(np.linspace(1, 2, 40), 2) for name in ("open", "high", "low")},
            "close": 1.5,
            "volume": 1.0,
        }
    )
    check(CHANGES[change](frame, np.random.default_rng(4)))


def test_every_price_with_decimals_counts_as_integers():
    dates = pd.date_range("2024-01-01", periods=5, freq="20D", tz="UTC", unit="ms")
    frame = pd.DataFrame({"date": dates, **dict.fromkeys(tick_size.PRICES, 1.25)})
    check(frame)
    tick_size.get_tick_size_over_time(frame)
    assert frame["max_count"].dtype == np.int64


def test_months_without_candles_or_decimals_are_nan():
    dates = pd.to_datetime(["2024-01-05", "2024-01-31", "2024-04-01"], utc=True).as_unit("ms")
    prices = [1.234, 1.5, 40.0]
    frame = pd.DataFrame({"date": dates, **dict.fromkeys(tick_size.PRICES, prices)})
    check(frame)
    sizes = tick_size.get_tick_size_over_time(frame)
    assert sizes.tolist()[0] == 0.001
    assert sizes.isna().tolist() == [False, True, True, True]


def test_frames_without_a_column_raise_alike():
    dates = pd.date_range("2024-01-01", periods=2, tz="UTC")
    check(pd.DataFrame({"date": dates, "open": [1.5, 2.5]}))
    check(pd.DataFrame({name: [1.5, 2.5] for name in tick_size.PRICES}))
    check(pd.DataFrame({"date": dates[:0], **dict.fromkeys(tick_size.PRICES, 1.0)}))
