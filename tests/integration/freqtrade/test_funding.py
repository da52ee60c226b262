"""Funding fees are freqtrade's, of any frame."""

from __future__ import annotations

import gc
from collections.abc import Callable
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


FEE = "_ff_fee_per_unit"


def double(column: pd.Series) -> None:
    column *= 2.0


CHANGES: list[Callable[[pd.DataFrame], Any]] = [
    lambda changing: changing.__setitem__(FEE, [5.0, 6.0, 7.0]),
    lambda changing: changing.loc.__setitem__((1, FEE), 9.0),
    lambda changing: changing.iloc.__setitem__((2, changing.columns.get_loc(FEE)), 0.5),
    lambda changing: changing.at.__setitem__((0, FEE), -9.0),
    lambda changing: changing.__setitem__(FEE, changing[FEE] * 3.0),
    lambda changing: double(changing[FEE]),
    lambda changing: changing.fillna({FEE: 0.5}, inplace=True),
    lambda changing: changing.replace({FEE: {0.5: 0.25}}, inplace=True),
    lambda changing: changing.update(pd.DataFrame({FEE: [1.5, 2.5]})),
    lambda changing: changing.insert(0, "first", 1.0),
    lambda changing: changing.rename(columns={FEE: "open", "open_fund": FEE}, inplace=True),
    lambda changing: setattr(changing, "columns", [*changing.columns[1:], "last"]),
    lambda changing: changing.drop(index=1, inplace=True),
    lambda changing: changing.pop("_ff_date_ns"),
]


def test_a_frame_may_change_between_calls() -> None:
    changing = frame([0.01, -0.02, 0.03])
    for change in CHANGES:
        assert_same(changing, 2.5, False, START, START + timedelta(days=1))
        change(changing)
    assert_same(changing, 2.5, False, START, START + timedelta(days=1))


def test_a_frame_that_is_gone_is_forgotten() -> None:
    before = set(funding._known)
    gone = frame([0.01, -0.02, 0.03])
    assert_same(gone, 2.5, False, START, START + timedelta(days=1))
    assert len(funding._known.keys() - before) == funding._COPIES_ON_WRITE
    del gone
    gc.collect()
    assert not funding._known.keys() - before


# Sums of these are exact in any order.
EXACT_RATES = st.integers(-64, 64).map(lambda rate: rate / 64) | st.just(float("nan"))
HOURS = st.integers(-9, 200)


@given(
    st.lists(EXACT_RATES, min_size=1, max_size=24),
    st.integers(0, 100),
    st.booleans(),
    MOMENTS,
    st.lists(HOURS, min_size=1).map(sorted),
)
def test_fees_until_many_dates_at_once(
    rates: list[float], amount: int, is_short: bool, opened: datetime, hours: list[int]
) -> None:
    df = frame(rates)
    df[FEE] = df["open_fund"] * 2.0
    closed = [START + timedelta(hours=hour) for hour in hours]
    dates = np.array([pd.Timestamp(date).value for date in closed])
    found = funding.fees_until(df, float(amount), is_short, opened, dates)
    assert found is not None
    theirs = [
        funding._original(EXCHANGE, df, float(amount), is_short, opened, date) for date in closed
    ]
    assert found.tolist() == theirs


@pytest.mark.parametrize("odd", ["one of them", "no rows", "no columns", "float32", "no frame"])
def test_no_fees_of_odd_frames(odd: str) -> None:
    assert funding.fees_until(ODD[odd], 2.5, True, START, np.array([1])) is None


def test_whose_method_it_is() -> None:
    exchange = Exchange.__new__(Exchange)
    assert funding.is_freqtrades(exchange.calculate_funding_fees)
    for other in (exchange.get_funding_fees, lambda *_: 0.0, None):
        assert not funding.is_freqtrades(other)
