"""decimals against the counts that freqtrade's get_tick_size_over_time makes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ft_numba_aot.precision import decimals

btanalysis = pytest.importorskip("freqtrade.data.btanalysis")


def freqtrade_counts(values: list[float]) -> np.ndarray:
    dates = pd.date_range("2024-01-01", periods=len(values), freq="5min", tz="UTC")
    columns = {name: np.array(values, dtype=float) for name in ("open", "high", "low", "close")}
    candles = pd.DataFrame({"date": dates, **columns})
    btanalysis.get_tick_size_over_time(candles)
    return candles["close_count"].to_numpy(dtype=float)


def counts_agree(values: list[float]) -> bool:
    return np.array_equal(decimals(values), freqtrade_counts(values), equal_nan=True)


ticks = st.builds(
    lambda units, places: units / 10**places, st.integers(0, 10**15), st.integers(0, 20)
)
log_uniform = st.floats(-12.0, 12.0).map(lambda exponent: float(10.0**exponent))
# Fifteen digits, the last a 5: what rounding to fourteen can't tell from a tie in a float.
near_ties = st.builds(
    lambda digits, exponent: float(f"{digits}5e{exponent}"),
    st.integers(10**13, 10**14 - 1),
    st.integers(-30, 5),
)
dyadic = st.builds(
    lambda units, shift: units / 2.0**shift, st.integers(1, 2**53), st.integers(0, 60)
)


@given(st.lists(st.one_of(ticks, log_uniform, near_ties, dyadic), min_size=1, max_size=50))
def test_prices_of_24_decades_have_the_decimals_that_freqtrade_counts(values: list[float]) -> None:
    assert counts_agree(values)


@given(st.lists(st.floats(), min_size=1, max_size=20))
def test_any_double_has_the_decimals_that_freqtrade_counts(values: list[float]) -> None:
    assert counts_agree(values)


@pytest.mark.parametrize("places", range(9))
def test_ticks_and_their_sums_have_the_decimals_that_freqtrade_counts(places: int) -> None:
    rng = np.random.default_rng(places)
    prices = np.round(np.exp(np.cumsum(rng.normal(0, 0.01, 2000))) * 100, places)
    assert counts_agree(prices.tolist())
    assert counts_agree(np.cumsum(rng.integers(0, 3, 2000) * 10.0**-places).tolist())


def test_powers_of_ten_and_their_neighbours_have_the_decimals_that_freqtrade_counts() -> None:
    powers = np.array([float(f"1e{exponent}") for exponent in range(-40, 20)])
    assert counts_agree(powers.tolist())
    assert counts_agree(np.nextafter(powers, 0.0).tolist())
    assert counts_agree(np.nextafter(powers, np.inf).tolist())


def test_what_has_no_decimals_is_nan() -> None:
    assert np.isnan(decimals([0.0, -0.0, 1.0, 1e300, np.nan, np.inf, -np.inf])).all()


def test_shape_and_input_are_kept() -> None:
    prices = np.array([[1.5, -0.25], [3.0, 1e-30]])
    prices.flags.writeable = False
    assert np.array_equal(decimals(prices.T), [[1.0, np.nan], [2.0, 30.0]], equal_nan=True)
    assert decimals([]).shape == (0,)
    assert decimals(pd.Series([2.125])).tolist() == [3.0]
