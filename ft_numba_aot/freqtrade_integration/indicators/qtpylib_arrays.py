"""What qtpylib's functions are made of, on arrays: None where only the original tells the result.

Imports numpy, and pandas' windows as this package has them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ... import _rolling
from ..._backend import call, work
from ...ta import _frames
from .plain import values_of
from .technical_frames import _ARRAYS, is_number

Floats = npt.NDArray[np.float64]

MODULE = "technical.vendor.qtpylib.indicators:"

# Beyond, numpy may sum a window in another order.
_LONGEST = 5_000
_FLOAT64 = np.dtype(np.float64)


def kernel(name: str) -> Callable[..., Any]:
    """The kernel ``qtpylib_…``; gives a new array of the first argument's length, or None."""
    function, size = call(f"qtpylib_{name}"), work(f"qtpylib_{name}")

    def run(first: Floats, *arguments: Any) -> Any:
        out = np.empty(len(first))
        if size is None:
            odd = function(first, *arguments, out)
        else:
            odd = function(first, *arguments, out, np.empty(size(len(first), *arguments)))
        return None if odd else out

    return run


_window_mean, _window_std, _typical, _true_range, _fast_k = map(
    kernel, ("window_mean", "window_std", "typical", "true_range", "fast_k")
)
_bands = call("qtpylib_bands")


def values(data: Any) -> Floats | None:
    """The values of an ordinary Series with some values and no name but a text; else None."""
    found = values_of(data)
    if found is None or not len(found) or not (data.name is None or type(data.name) is str):
        return None
    return np.ascontiguousarray(found)


def plain_array(data: Any) -> Floats | None:
    """An array of one dimension of float64, none else's kind; else None."""
    if type(data) not in _ARRAYS or data.dtype != _FLOAT64 or data.ndim != 1:
        return None
    return np.ascontiguousarray(data)


def is_window(window: Any, min_periods: Any) -> bool:
    """Whether pandas takes them as they are."""
    return (
        type(window) is int
        and type(min_periods) is int
        and window >= 1
        and 0 <= min_periods <= window
    )


def numpy_mean(array: Floats, window: Any) -> Floats | None:
    """``numpy_rolling_mean``."""
    if type(window) is not int or not 1 <= window <= min(len(array), _LONGEST):
        return None
    return _window_mean(array, window)  # type: ignore[no-any-return]


def numpy_std(array: Floats, window: Any) -> Floats | None:
    """``numpy_rolling_std``."""
    if type(window) is not int or not 2 <= window <= min(len(array), _LONGEST):
        return None
    return _window_std(array, window)  # type: ignore[no-any-return]


def rolling(
    array: Floats, window: Any, min_periods: Any, summed: Any, pandas: Any
) -> tuple[Floats, bool] | None:
    """``rolling_mean`` or ``rolling_std``; with it, whether it is pandas', which keeps the name."""
    if min_periods is None:
        min_periods = window
    if not is_window(window, min_periods):
        return None
    if min_periods == window and len(array) > window:
        found = summed(array, window)
        return None if found is None else (found, False)
    return pandas(array, window, min_periods), True


def mean(array: Floats, window: Any, min_periods: Any = None) -> tuple[Floats, bool] | None:
    """``rolling_mean``."""
    return rolling(array, window, min_periods, numpy_mean, _rolling.mean)


def std(array: Floats, window: Any, min_periods: Any = None) -> tuple[Floats, bool] | None:
    """``rolling_std``."""
    return rolling(array, window, min_periods, numpy_std, _rolling.std)


def weighted(array: Floats, span: Any, min_periods: Any) -> Floats | None:
    """``rolling_weighted_mean``."""
    if not _is_least(min_periods) or not _is_span(span):
        return None
    return _rolling.ewm_mean(array, span=span, min_periods=min_periods)


def _is_span(span: Any) -> bool:
    return (type(span) in (int, float, np.float64)) and 1 <= span <= 2**53


def _is_least(min_periods: Any) -> bool:
    return type(min_periods) is int and -(2**31) <= min_periods < 2**31


def hull(array: Floats, window: Any, min_periods: Any) -> Floats | None:
    """``hull_moving_average``."""
    if type(window) is not int or not 2 <= window <= 2**53 or not _is_least(min_periods):
        return None
    fast = _rolling.ewm_mean(array, span=window / 2, min_periods=min_periods)
    slow = _rolling.ewm_mean(array, span=window, min_periods=min_periods)
    with np.errstate(all="ignore"):
        fast *= 2.0
        fast -= slow
    return weighted(fast, math.sqrt(window), min_periods)


def shared(array: npt.NDArray[Any], index: pd.Index[Any], name: Any = None) -> pd.Series[Any]:
    """A Series that takes the array over; its index is the very one, as most of qtpylib's is."""
    result: pd.Series[Any] = _frames.series(array, index)
    if name is not None:
        result.name = name
    return result


def frame_of(rows: Floats, index: pd.Index[Any], names: Sequence[str]) -> pd.DataFrame:
    """A frame that takes over a row a column, in one block; its index is the very one."""
    return _frames.frame(rows, index, list(names))  # type: ignore[no-any-return]


def bands(
    middle: Floats | None, width: Floats | None, times: Any, index: pd.Index[Any]
) -> pd.DataFrame | None:
    """The frame of a middle, and ``times`` a width above and below."""
    if middle is None or width is None or not is_number(times):
        return None
    rows = np.empty((3, len(middle)))
    _bands(middle, width, float(times), *rows)
    return frame_of(rows, index, ("upper", "mid", "lower"))


# The columns are high, low and close.
def typical(columns: Sequence[Floats]) -> Floats:
    """``typical_price``."""
    return _typical(*columns)  # type: ignore[no-any-return]


def true_range(columns: Sequence[Floats]) -> Floats | None:
    """``true_range``."""
    return _true_range(*columns)  # type: ignore[no-any-return]


def atr(columns: Sequence[Floats], window: Any, exp: Any) -> Floats | None:
    """``atr``."""
    ranges = true_range(columns)
    if ranges is None or type(exp) is not bool:
        return None
    if exp:
        return weighted(ranges, window, window)
    found = mean(ranges, window)
    return None if found is None else found[0]


def fast_k(columns: Sequence[Floats], window: int) -> Floats:
    """Where in the range of the last ``window`` candles each closes, in percent."""
    high, low, close = columns
    lowest = _rolling.min(low, window)
    return _fast_k(close, lowest, _rolling.max(high, window))  # type: ignore[no-any-return]
