"""What technical's functions have in common: which frames are ordinary, what results are made of.

Imports pandas. What ``prices`` and ``values`` don't take, the original computes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...ta import _frames
from .plain import is_plain, values_of

Floats = npt.NDArray[np.float64]

INDICATORS = "technical.indicators.indicators:"
OVERLAP = "technical.indicators.overlap_studies:"

_FLOAT64 = np.dtype(np.float64)
# As joblib loads what it passes to other processes: of the latter, results are of the former.
_ARRAYS = frozenset((np.ndarray, np.memmap))
# As a row of mixed columns, Python's own objects; of numbers alone, float64.
_KINDS = frozenset("fiubmMO")


def prices(frame: Any, *names: Any) -> list[Floats] | None:
    """The columns of an ordinary frame that isn't empty, each of float64; else None. Read only."""
    if not isinstance(frame, pd.DataFrame) or not is_plain(frame) or not len(frame.index):
        return None
    if not frame.flags.allows_duplicate_labels:
        return None
    arrays = []
    for name in names:
        if type(name) is not str:
            return None
        try:
            array = _array(frame, name)
        except KeyError:
            return None
        if type(array) not in _ARRAYS or array.dtype != _FLOAT64:
            return None
        arrays.append(np.ascontiguousarray(array))
    return arrays


def _public_array(frame: pd.DataFrame, name: str) -> Any:
    return frame[name].to_numpy(copy=False) if frame[name].dtype == _FLOAT64 else None


def _short_array(frame: pd.DataFrame, name: str) -> Any:
    return frame._get_column_array(frame.columns.get_loc(name))  # type: ignore[operator]


# What is quick below public pandas is there where the results' constructors found it to be.
_array = _public_array if _frames.column is _frames.public_column else _short_array


def is_mapped(array: Any) -> bool:
    """Whether an array is mapped to a file, or of that class: so are its copies and shifts."""
    return isinstance(array, np.memmap)


def in_memory(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame of its own copies, none of them of that class any more."""
    for block in frame._mgr.blocks:
        if is_mapped(block.values):
            block.values = np.asarray(block.values)
    return frame


def values(data: Any, field: Any) -> Floats | None:
    """The values of an ordinary Series that isn't empty, or of a frame's ``field``; else None."""
    if isinstance(data, pd.Series):
        found = values_of(data)
        return np.ascontiguousarray(found) if found is not None and len(found) else None
    columns = prices(data, field)
    return None if columns is None else columns[0]


def series(array: npt.NDArray[Any], index: pd.Index[Any], name: Any = None) -> pd.Series[Any]:
    """A Series that takes the array over; its index is a view, as that of pandas' results."""
    result: pd.Series[Any] = _frames.series(array, index.view())
    if name is not None:
        result.name = name
    return result


def named(data: Any, field: Any) -> Any:
    """The name of what ``values`` takes; None where it isn't simply a text or nothing."""
    return data.name if isinstance(data, pd.Series) else field


def has_plain_labels(frame: pd.DataFrame) -> bool:
    """Whether each row has a label of its own, that finds it."""
    index = frame.index
    if type(index) is pd.RangeIndex:
        return True
    return type(index) is pd.DatetimeIndex and index.is_unique and not index.hasnans


def has_object_rows(frame: pd.DataFrame) -> bool:
    """Whether a row of it is of objects, as ``apply(axis=1)`` passes it: dates beside numbers."""
    dates = False
    for dtype in frame.dtypes:
        if isinstance(dtype, pd.DatetimeTZDtype):
            dates = True
        elif isinstance(dtype, np.dtype):
            if dtype.kind not in _KINDS:
                return False
            dates = dates or dtype.kind == "M"
        elif not isinstance(dtype, pd.StringDtype):
            return False
    return dates


def is_whole(number: Any, least: int = 1) -> bool:
    """Whether it is an ordinary int from ``least`` to a hundred thousand, TA-Lib's greatest."""
    return type(number) is int and least <= number <= 100_000


def is_number(number: Any) -> bool:
    """Whether it is an int that is a float64, or a finite float."""
    if type(number) is int:
        return -(2**53) <= number <= 2**53
    return type(number) is float and number - number == 0.0


def shifted(array: Floats, periods: int) -> Floats:
    """``Series.shift``."""
    out = np.empty(len(array))
    if periods >= 0:
        out[:periods] = np.nan
        out[periods:] = array[: max(len(array) - periods, 0)]
    else:
        out[periods:] = np.nan
        out[:periods] = array[-periods:]
    return out


def chosen(condition: npt.NDArray[np.bool_], one: Any, other: Any) -> Floats:
    """``numpy.where`` of float64, without a branch at each value; at most one is a number."""
    bits = condition.astype(np.int64)
    np.negative(bits, out=bits)
    ours, theirs = (np.asarray(each, np.float64).view(np.int64) for each in (one, other))
    bits &= ours ^ theirs
    bits ^= theirs
    return bits.view(np.float64)


def texts(choices: Sequence[str], codes: npt.NDArray[np.int64]) -> Any:
    """A column of these texts by number, of the type that pandas makes of a list of them."""
    return pd.Series(list(choices)).array.take(codes)


def walk(length: int = 40) -> pd.DataFrame:
    """Candles for probes: a walk with repeated closes and candles without volume."""
    turn = np.arange(length)
    close = 100.0 + np.round(np.cumsum(np.sin(turn * turn * 0.7) * 1.3), 2)
    close[length // 2 : length // 2 + 3] = close[length // 2]
    opened = np.concatenate([[100.0], close[:-1]])
    return pd.DataFrame(
        {
            "date": pd.date_range("2024-01-01", periods=length, freq="5min", tz="UTC"),
            "open": opened,
            "high": np.maximum(opened, close) + 0.37 + 0.2 * np.cos(turn),
            "low": np.minimum(opened, close) - 0.41 - 0.2 * np.sin(turn),
            "close": close,
            "volume": np.where(turn % 11 == 5, 0.0, 10.0 + turn % 7 * 1.7),
        }
    )
