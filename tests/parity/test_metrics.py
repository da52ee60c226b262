"""The metrics against freqtrade, numpy and pandas: equal to the bit."""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ft_numba_aot import metrics

freqtrade_metrics = pytest.importorskip("freqtrade.data.metrics")
pytest.importorskip("bottleneck")


def same(ours: Any, theirs: Any) -> bool:
    ours, theirs = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    nan = np.isnan(theirs)
    equal = (ours == theirs) & (np.signbit(ours) == np.signbit(theirs))
    return ours.shape == theirs.shape and bool(np.where(nan, np.isnan(ours), equal).all())


@st.composite
def vectors(draw: Callable[..., Any], longest: int = 3000, nan: bool = True) -> np.ndarray:
    """Values of many decades, of any length."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    length = draw(st.one_of(st.integers(0, 20), st.integers(0, longest)))
    decades = draw(st.sampled_from([0.0, 1.0, 8.0, 40.0]))
    values = rng.normal(0, 1, length) * 10.0 ** rng.uniform(-decades, decades, length)
    if draw(st.booleans()):
        values = np.round(values, 2)
    if nan and draw(st.booleans()):
        values[rng.random(length) < 0.2] = np.nan
    return values


few = st.lists(
    st.one_of(
        st.floats(),
        st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.1, np.nan, np.inf, -np.inf, 1e200, 1.7e308]),
    ),
    max_size=20,
)
any_values = st.one_of(vectors(), few)


def quiet(function: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[Any, set[str]]:
    """The result, and the texts of the warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = function(*arguments, **options)
    return result, {str(warning.message) for warning in caught}


@given(any_values)
def test_total_and_mean_are_numpys_with_its_warnings(values: Any) -> None:
    values = np.array(values, dtype=float)
    for ours, theirs in ((metrics.total, np.sum), (metrics.mean, np.mean)):
        result, warned = quiet(ours, values)
        expected, expected_warnings = quiet(theirs, values)
        assert same(result, expected)
        assert warned == expected_warnings


@given(any_values, st.integers(0, 2))
def test_variance_and_std_are_numpys_with_its_warnings(values: Any, ddof: int) -> None:
    values = np.array(values, dtype=float)
    for ours, theirs in ((metrics.variance, np.var), (metrics.std, np.std)):
        result, warned = quiet(ours, values, ddof)
        expected, expected_warnings = quiet(theirs, values, ddof=ddof)
        assert same(result, expected)
        assert warned == expected_warnings


def test_sums_of_every_length_are_numpys() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(0, 1, 1500) * 10.0 ** rng.uniform(-8, 8, 1500)
    assert all(metrics.total(values[:n]) == np.sum(values[:n]) for n in range(1500))
    long = rng.normal(0, 1, 300_001)
    for n in (8191, 8192, 8193, 65536, 100_000, 131_072, 262_145, 300_001):
        assert metrics.total(long[:n]) == np.sum(long[:n])


@given(any_values, st.integers(0, 2))
def test_nan_functions_are_those_of_a_series(values: Any, ddof: int) -> None:
    series = pd.Series(values, dtype=float)
    with np.errstate(all="ignore"):
        assert same(metrics.nan_total(values), series.sum())
        assert same(metrics.nan_mean(values), series.mean())
        assert same(metrics.nan_variance(values, ddof), series.var(ddof=ddof))
        assert same(metrics.nan_std(values, ddof), series.std(ddof=ddof))


@given(any_values, st.sampled_from([1000.0, 0.3, 1e-5, 7.0, 0.0, -1.0, np.nan]))
def test_downside_deviation_is_that_of_sortino(values: Any, balance: float) -> None:
    profits = pd.Series(values, dtype=float)
    with np.errstate(all="ignore"):
        expected = np.std(profits[profits < 0] / balance)
        assert same(metrics.downside_deviation(values, balance), expected)


def trades_of(profits: Any) -> pd.DataFrame:
    dates = pd.date_range("2024-01-01", periods=len(profits), freq="h", tz="UTC")
    return pd.DataFrame({"close_date": dates, "profit_abs": np.array(profits, dtype=float)})


balances = st.sampled_from([0.0, 0, 1000, 1000.0, 0.3, 1e-5, -100.0, math.nan, math.inf])
profit_lists = st.one_of(
    vectors(),
    few,
    st.lists(st.sampled_from([-0.0, 0.0, 1.0, -1.0, math.nan]), max_size=40),
)


@given(profit_lists, balances)
def test_drawdown_series_are_the_columns_of_calculate_underwater(
    profits: Any, balance: float
) -> None:
    if not len(profits):
        with pytest.raises(ValueError, match=r"^Trade dataframe empty\.$"):
            metrics.drawdown_series(profits, balance)
        return
    with np.errstate(all="ignore"):
        expected = freqtrade_metrics.calculate_underwater(
            trades_of(profits), value_col="profit_abs", starting_balance=balance
        )
    series = metrics.drawdown_series(profits, balance)
    for name in ("cumulative", "high_value", "drawdown", "drawdown_relative"):
        assert same(getattr(series, name), expected[name])


@given(profit_lists, balances, st.booleans())
def test_max_drawdown_is_that_of_calculate_max_drawdown(
    profits: Any, balance: float, relative: bool
) -> None:
    if not len(profits):
        with pytest.raises(ValueError, match=r"^Trade dataframe empty\.$"):
            metrics.max_drawdown(profits, balance)
        return
    trades = trades_of(profits)
    with np.errstate(all="ignore"):
        expected = freqtrade_metrics.calculate_max_drawdown(
            trades, starting_balance=balance, relative=relative
        )
    result = metrics.max_drawdown(profits, balance, relative=relative)
    for name in (
        "drawdown_abs",
        "high_value",
        "low_value",
        "relative_account_drawdown",
        "current_high_value",
        "current_drawdown_abs",
        "current_relative_account_drawdown",
    ):
        assert same(getattr(result, name), getattr(expected, name))
    dates = trades["close_date"]
    assert dates[result.high_index] == expected.high_date
    assert dates[result.low_index] == expected.low_date
    assert dates[result.current_high_index] == expected.current_high_date


def candles_of(closes: Any, start: str = "2024-01-01") -> pd.DataFrame:
    dates = pd.date_range(start, periods=len(closes), freq="5min", tz="UTC")
    return pd.DataFrame({"date": dates, "close": closes})


def outcome(function: Callable[..., float], *arguments: Any) -> Any:
    """The result or the error, with the warnings."""
    try:
        result, warned = quiet(function, *arguments)
    except Exception as error:
        return type(error), str(error)
    return type(result), np.float64(result).tobytes(), warned


MOMENTS = [
    None,
    *pd.to_datetime(["2023-01-01 00:00", "2024-01-01 00:12", "2025-01-01 00:00"], utc=True),
]


@given(st.lists(st.one_of(vectors(longest=60), few), max_size=5), st.sampled_from(MOMENTS))
def test_market_change_is_freqtrades(pairs: list[Any], min_date: Any) -> None:
    data = {
        f"P{number}": candles_of(np.array(closes, dtype=float))
        for number, closes in enumerate(pairs)
    }
    arguments = (data, "close", min_date)
    ours = outcome(metrics.calculate_market_change, *arguments)
    assert ours == outcome(freqtrade_metrics.calculate_market_change, *arguments)


@pytest.mark.parametrize("min_date", MOMENTS, ids=str)
@pytest.mark.parametrize(
    "candles",
    [
        candles_of([1, 2, 3, 7]),
        candles_of(np.array([1.1, 2, 3, 7], dtype=np.float32)),
        candles_of(pd.array([None, 2.0, 3.5, None], dtype="Float64")),
        candles_of([1.0, "a", 2.0, 3.0]),
        candles_of([3.0, 0.0, 5.0, 1.5, 8.0])[::-1],
        candles_of([3.0, 0.0, 5.0, 1.5]).sample(frac=1.0, random_state=1),
        candles_of([1.0, 2.0]).rename(columns={"close": "price"}),
        candles_of([1.0, 2.0]).drop(columns="date"),
        candles_of([np.nan, np.nan]),
        candles_of([0.0, 2.0]),
        candles_of([]),
        pd.DataFrame(index=[1, 2]),
        pd.DataFrame(np.arange(12.0).reshape(4, 3), columns=["open", "close", "low"]).assign(
            date=pd.date_range("2024-01-01", periods=4, freq="5min")
        ),
    ],
    ids=lambda candles: " ".join(f"{name}:{dtype}" for name, dtype in candles.dtypes.items()),
)
def test_market_change_of_odd_frames_is_freqtrades(candles: pd.DataFrame, min_date: Any) -> None:
    data = {"A": candles, "B": candles_of([2.0, 3.0, 4.0])}
    ours = outcome(metrics.calculate_market_change, data, "close", min_date)
    assert ours == outcome(freqtrade_metrics.calculate_market_change, data, "close", min_date)


def test_a_pair_without_candles_is_logged_and_left_out(caplog: pytest.LogCaptureFixture) -> None:
    later = pd.Timestamp("2030-01-01", tz="UTC")
    with caplog.at_level(logging.WARNING):
        assert metrics.calculate_market_change({"A": candles_of([1.0, 2.0])}, min_date=later) == 0.0
    assert caplog.messages == [f"Pair A has no data after {later}."]


def test_vectors_have_one_dimension() -> None:
    with pytest.raises(ValueError, match="expected one dimension, found 2"):
        metrics.total([[1.0], [2.0]])


def test_strided_and_read_only_arrays_are_taken_as_they_read() -> None:
    values = np.linspace(-1.0, 3.0, 999)
    values.flags.writeable = False
    assert metrics.total(values[::-3]) == np.sum(values[::-3].copy())
    assert metrics.max_drawdown(values[::-3]) == metrics.max_drawdown(values[::-3].copy())
