"""Funding fees are freqtrade's, of any frame."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from freqtrade.exchange import Exchange
from hypothesis import given
from hypothesis import strategies as st

from ft_numba_aot.freqtrade_integration import funding
from ft_numba_aot.freqtrade_integration.identity import identical

if not hasattr(Exchange, "_add_funding_columns"):
    pytest.skip("this freqtrade keeps no columns for it", allow_module_level=True)

START = datetime(2024, 1, 1, tzinfo=UTC)
EXCHANGE = SimpleNamespace(_add_funding_columns=Exchange._add_funding_columns)


def frame(rates: list[float], mark: float = 100.1, unit: str = "ms") -> pd.DataFrame:
    """What ``combine_funding_and_mark`` makes of a rate each eighth hour."""
    date = pd.date_range(START, periods=len(rates), freq="8h").as_unit(unit)
    marks = [mark * 1.01**number for number in range(len(rates))]
    return Exchange._add_funding_columns(
        pd.DataFrame({"date": date, "open_mark": marks, "open_fund": rates})
    )


def outcome(function: Any, *arguments: Any) -> Any:
    try:
        return function(EXCHANGE, *arguments)
    except Exception as error:
        return type(error), str(error)


def assert_same(*arguments: Any) -> None:
    stock = outcome(funding._original, *arguments)
    assert identical(stock, outcome(funding.calculate_funding_fees, *arguments))


RATES = st.floats(-0.01, 0.01) | st.sampled_from([0.0, -0.0, float("nan")])
AMOUNTS = st.floats(0, 1e6) | st.sampled_from([0.0, -0.0, 7, float("nan"), np.float64(0.3)])
MOMENTS = st.builds(
    lambda hours, zone, kind: kind((START + timedelta(hours=hours)).astimezone(zone)),
    st.integers(-9, 200) | st.floats(-9, 200),
    st.sampled_from([UTC, ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")]),
    st.sampled_from([lambda date: date, pd.Timestamp]),
)


@given(st.lists(RATES, max_size=24), AMOUNTS, st.booleans(), MOMENTS, MOMENTS)
def test_the_same_fees(
    rates: list[float], amount: Any, is_short: bool, opened: datetime, closed: datetime
) -> None:
    assert_same(frame(rates), amount, is_short, opened, closed)


@given(st.lists(RATES, min_size=3, max_size=24))
def test_freqtrade_is_not_asked(rates: list[float]) -> None:
    with patch.object(funding, "_original", side_effect=AssertionError):
        funding.calculate_funding_fees(
            EXCHANGE, frame(rates), 1.0, False, START, START + timedelta(days=1)
        )


PLAIN = frame([0.01, -0.02, 0.03])
ODD = {
    "no columns for fees": PLAIN[["date", "open_mark", "open_fund"]],
    "one of them": PLAIN.drop(columns="_ff_date_ns"),
    "no rows": PLAIN.iloc[:0],
    "no columns": pd.DataFrame(),
    "a column twice": PLAIN[[*PLAIN.columns, "_ff_fee_per_unit"]],
    "float32": PLAIN.astype({"_ff_fee_per_unit": "float32"}),
    "objects": PLAIN.astype(object),
    "nullable": PLAIN.convert_dtypes(),
    "strided": PLAIN.iloc[::2],
    "no frame": None,
    "seconds": frame([0.01, -0.02, 0.03], unit="s"),
}


@pytest.mark.parametrize("odd", ODD)
def test_odd_frames(odd: str) -> None:
    assert_same(ODD[odd], 2.5, True, START, START + timedelta(days=1))


@pytest.mark.parametrize("date", [None, pd.NaT, "2024-01-01", START.replace(tzinfo=None), 5.5, []])
def test_odd_dates(date: Any) -> None:
    assert_same(PLAIN, 2.5, False, date, START + timedelta(days=1))
    assert_same(PLAIN, 2.5, False, START, date)


def test_a_frame_may_change_between_calls() -> None:
    changing = frame([0.01, -0.02, 0.03])
    for change in (
        lambda: changing.__setitem__("_ff_fee_per_unit", [5.0, 6.0, 7.0]),
        lambda: changing.loc.__setitem__((1, "_ff_fee_per_unit"), 9.0),
        lambda: changing.insert(0, "first", 1.0),
        lambda: changing.pop("_ff_date_ns"),
    ):
        change()
        assert_same(changing, 2.5, False, START, START + timedelta(days=1))
