"""Floats that are no integers where those are read from them; lengths that no C int holds."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from candles import assert_identical
from outcomes import original

from ft_numba_aot import ta, talib_func

STRANGE = (np.nan, np.inf, -np.inf, 1e300, -1e300, 2.0**31, -(2.0**31) - 1, 2.9, -3.0, 0.0, -0.0)


@pytest.mark.parametrize("limits", [{}, {"minperiod": 2, "maxperiod": 2}, {"maxperiod": 60}])
def test_periods_of_any_float_are_cut_as_in_talib(limits: dict[str, int]) -> None:
    original()
    real = np.random.default_rng(1).normal(100, 5, 300)
    periods = np.resize([*STRANGE, 5.0, 29.0], 300)
    periods[0] = 5.0
    theirs = sys.modules["talib"].MAVP(real, periods, **limits)
    assert_identical(talib_func.MAVP(real, periods, **limits), theirs)
    assert_identical(ta.MAVP({"close": real, "periods": periods}, **limits), theirs)


@pytest.mark.parametrize("name", ["SMA", "MAVP", "CDLDOJI", "HT_SINE"])
@pytest.mark.parametrize("length", [2**31, 2**40])
def test_lengths_past_an_int_are_refused(name: str, length: int) -> None:
    function = ta.FUNCTIONS[name]
    count = len(function._definition.arguments)
    long: Any = np.broadcast_to(np.float64(1.0), length)  # takes no memory
    with pytest.raises(Exception, match=f"TA_{name} function failed: {length} values are too many"):
        ta.Function(name)(*[long] * count)
    with pytest.raises(Exception, match="too many"):
        getattr(talib_func, name)(*[long] * count)
