"""Crossings are those of qtpylib's own functions, on whatever series."""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from technical import qtpylib
from technical.vendor.qtpylib import indicators

import ft_numba_aot
from ft_numba_aot.freqtrade_integration.indicators import crossings
from ft_numba_aot.runtime.manager import get_numba_manager

from .frames import assert_same, outcome

STOCK = indicators.crossed
DIRECTIONS = ("above", "below", None, "sideways")

VALUES = st.sampled_from([0.0, -0.0, 1.0, 1.0 + 2**-52, 2.0, -3.0, 1e300, np.nan, np.inf, -np.inf])


def _check(one, other):
    for direction in DIRECTIONS:
        assert_same(
            outcome(crossings.crossed, one, other, direction), outcome(STOCK, one, other, direction)
        )


@given(st.data(), st.integers(0, 12))
def test_any_values(data, length):
    columns = [data.draw(st.lists(VALUES, min_size=length, max_size=length)) for _ in range(2)]
    frame = pd.DataFrame(dict(zip("ab", columns, strict=True)), dtype=float)
    _check(frame["a"], frame["b"])
    _check(frame["a"], data.draw(VALUES))
    _check(frame["a"], np.array(columns[1], dtype=float))


FRAME = pd.DataFrame(
    {
        "a": [1.0, 2.0, np.nan, 3.0, 1.0, 2.0],
        "b": [2.0, 1.0, 1.0, 2.0, 2.0, 2.0],
        "whole": [1, 3, 1, 2, 5, 2],
        "single": np.array([1, 3, 1, 2, 5, 2], np.float32),
    }
)
A = FRAME["a"]


class _Series(pd.Series):
    @property
    def _constructor(self):
        return _Series


def _attributes(series):
    series = series.copy()
    series.attrs["source"] = "somewhere"
    return series


OTHERS = {
    "a series": FRAME["b"],
    "of the same name": FRAME["b"].rename("a"),
    "without a name": FRAME["b"].rename(None),
    "with a number for a name": FRAME["b"].rename(1),
    "with NaN for a name": FRAME["b"].rename(np.nan),
    "with other labels": FRAME["b"].set_axis(range(1, 7)),
    "with equal labels": FRAME["b"].set_axis(list(range(6))),
    "shorter": FRAME["b"].iloc[:3],
    "of integers": FRAME["whole"],
    "of float32": FRAME["single"],
    "of nullable floats": FRAME["b"].astype("Float64"),
    "of objects": FRAME["b"].astype(object),
    "a subclass": _Series(FRAME["b"]),
    "with attributes": _attributes(FRAME["b"]),
    "a frame": FRAME[["b"]],
    "an array": FRAME["b"].to_numpy(),
    "a short array": FRAME["b"].to_numpy()[:2],
    "an integer": 2,
    "a large integer": 2**60 + 1,
    "a huge integer": 2**70,
    "a truth value": True,
    "a numpy integer": np.int64(2),
    "a numpy float": np.float64(1.5),
    "a numpy float32": np.float32(1.5),
    "NaN": np.nan,
    "text": "b",
    "nothing": None,
    "a list": [1.0] * 6,
}

ONES = {
    "a series": A,
    "labels": A.set_axis(list("uvwxyz")),
    "repeated labels": A.set_axis([1, 1, 2, 2, 3, 3]),
    "dates": A.set_axis(pd.date_range("2024-01-01", periods=6, freq="5min", name="date")),
    "a numbered name": A.rename(7),
    "nothing in it": A.iloc[:0],
    "one value": A.iloc[:1],
    "integers": FRAME["whole"],
    "nullable": A.astype("Float64"),
    "a subclass": _Series(A),
    "attributes": _attributes(A),
    "strict labels": A.set_flags(allows_duplicate_labels=False),
    "an array": A.to_numpy(),
    "a list": A.tolist(),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("one", ONES)
def test_any_kind(one, other):
    first, second = ONES[one], OTHERS[other]
    _check(first, second)
    if isinstance(first, pd.Series) and isinstance(second, (pd.Series, pd.DataFrame)):
        _check(first, second.set_axis(first.index) if len(first) == len(second) else second)


def test_the_result_is_the_callers():
    series = A.copy()
    result = crossings.crossed(series, 1.5, "above")
    result[:] = True
    pd.testing.assert_series_equal(series, A)
    assert crossings.crossed(series, 1.5, "above").tolist() == [
        *(False, True, False, False, False, True)
    ]


def test_it_is_used_wherever_it_was_imported_and_put_back():
    holders = [indicators, sys.modules["technical.qtpylib"]]
    assert all(vars(module)["crossed"] is STOCK for module in holders)
    ft_numba_aot.enable()
    try:
        assert "crossings" in ft_numba_aot.status().active
        proxy = get_numba_manager().get_optimized_function("indicators", "qtpylib.crossed")
        assert all(vars(module)["crossed"] is proxy for module in holders)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert_same(qtpylib.crossed_above(A, 1.5), crossings.crossed(A, 1.5, "above"))
            assert_same(A.crossed_below(FRAME["b"]), crossings.crossed(A, FRAME["b"], "below"))
    finally:
        ft_numba_aot.disable()
    assert all(vars(module)["crossed"] is STOCK for module in holders)
