"""Heikin-Ashi candles are those of qtpylib's own function, of whatever frame."""

from __future__ import annotations

import copy
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from candles import any_candles
from hypothesis import given
from hypothesis import strategies as st
from pandas.core.base import PandasObject
from technical.vendor.qtpylib import indicators

import ft_numba_aot
from ft_numba_aot.freqtrade_integration.indicators import heikin_ashi
from ft_numba_aot.runtime.manager import get_numba_manager

from .frames import assert_same, outcome

STOCK = indicators.heikinashi
FOLDER = os.environ.get("FT_NUMBA_AOT_CANDLES")
ODD = st.sampled_from([0.0, -0.0, 1.0, -1.0, np.nan, np.inf, -np.inf, 1e308, 5e-324])


def _check(bars):
    theirs, mine = (copy.deepcopy(bars) for _ in range(2))
    assert_same(outcome(heikin_ashi.heikinashi, mine), outcome(STOCK, theirs))
    if not isinstance(bars, pd.DataFrame) or bars.columns.is_unique:
        assert_same(mine, theirs)


@given(any_candles(max_size=60))
def test_any_candles(columns):
    _check(pd.DataFrame(columns))


@pytest.mark.filterwarnings("ignore")
@given(st.lists(st.tuples(ODD, ODD, ODD, ODD), max_size=8))
def test_odd_prices(rows):
    _check(pd.DataFrame(rows, columns=["open", "high", "low", "close"], dtype=float))


def _frame(length: int = 9) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, length)))
    frame = pd.DataFrame({"date": pd.date_range("2024-01-01", periods=length, freq="5min")})
    return frame.assign(open=close * 1.001, high=close * 1.01, low=close * 0.99, close=close)


class _Frame(pd.DataFrame):
    @property
    def _constructor(self):
        return _Frame


def _attributes(frame):
    frame.attrs["source"] = "somewhere"
    return frame


SHAPES = {
    "plain": lambda frame: frame,
    "one candle": lambda frame: frame.iloc[:1],
    "no candle": lambda frame: frame.iloc[:0],
    "sliced": lambda frame: frame.iloc[2:],
    "reversed": lambda frame: frame.iloc[::-1],
    "every other": lambda frame: frame.iloc[::2],
    "by date": lambda frame: frame.set_index("date"),
    "integers for labels": lambda frame: frame.set_axis(list(range(len(frame)))),
    "repeated labels": lambda frame: frame.set_axis([0] * len(frame)),
    "a named index": lambda frame: frame.rename_axis("row"),
    "own open": lambda frame: frame.assign(ha_open=1),
    "own close": lambda frame: frame.assign(ha_close=1.5),
    "whole prices": lambda frame: frame.assign(open=100),
    "single precision": lambda frame: frame.astype({"high": np.float32}),
    "nullable": lambda frame: frame.astype({"low": "Float64"}),
    "objects": lambda frame: frame.astype({"close": object}),
    "text": lambda frame: frame.assign(close="1"),
    "a column twice": lambda frame: pd.concat([frame, frame[["close"]]], axis=1),
    "no close": lambda frame: frame.drop(columns="close"),
    "strict labels": lambda frame: frame.set_flags(allows_duplicate_labels=False),
    "a subclass": _Frame,
    "attributes": _attributes,
    "a view": lambda frame: frame[["close", "low", "high", "open"]],
    "many columns": lambda frame: frame.assign(**{f"c{i}": float(i) for i in range(30)}),
    "a dict": lambda frame: frame.to_dict("list"),
    "nothing": lambda frame: None,
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("shape", SHAPES)
def test_any_frame(shape):
    _check(SHAPES[shape](_frame()))


def test_the_result_is_the_callers():
    bars = _frame()
    first = heikin_ashi.heikinashi(bars)
    first.loc[3, "open"] = 7.0
    assert_same(heikin_ashi.heikinashi(bars), STOCK(bars))


@pytest.mark.skipif(not FOLDER, reason="FT_NUMBA_AOT_CANDLES names no folder")
def test_real_candles():
    for path in sorted(Path(str(FOLDER)).glob("*-5m.feather")):
        frame = pd.read_feather(path)
        _check(frame.iloc[:4000])


@pytest.mark.skipif(ft_numba_aot.backend() == "pure", reason="needs the native kernels")
def test_it_is_used_as_a_function_and_as_a_method_and_put_back():
    ft_numba_aot.enable()
    try:
        assert "Heikin-Ashi" in ft_numba_aot.status().active
        proxy = get_numba_manager().get_optimized_function("indicators", "qtpylib.heikinashi")
        assert indicators.heikinashi is proxy
        assert vars(PandasObject)["heikinashi"] is proxy
        assert_same(_frame().heikinashi(), STOCK(_frame()))
    finally:
        ft_numba_aot.disable()
    assert indicators.heikinashi is STOCK
    assert vars(PandasObject)["heikinashi"] is STOCK


@pytest.mark.parametrize("operation", ["(o+h)+(l+c)", "(c+o)/2 of the second"])
def test_another_order_of_the_sum_would_show(operation):
    bars = _frame(400)
    stock = STOCK(bars)
    o, h, low, c = (bars[name] for name in ("open", "high", "low", "close"))
    if operation == "(o+h)+(l+c)":
        assert not ((o + h) + (low + c)).div(4).equals(stock["close"])
    else:
        assert stock["open"][1] != (o[1] + c[1]) / 2
