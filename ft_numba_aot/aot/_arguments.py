"""What a kernel's caller passes, made into what a kernel takes; errors name argument and value.

Imports the standard library and numpy; pandas' types are known if something else imported pandas.
"""

from __future__ import annotations

import operator
import reprlib
import sys
from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

DTYPES = {"d": np.dtype("f8"), "q": np.dtype("i8"), "?": np.dtype("?")}
KINDS = {"d": "float64", "q": "int64", "?": "bool"}


def _shown(value: Any) -> str:
    return reprlib.repr(value)


def _is_pandas(value: Any, name: str) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, getattr(pandas, name))


def is_series(value: Any) -> bool:
    """Whether it is one of pandas'."""
    return _is_pandas(value, "Series")


def is_frame(value: Any) -> bool:
    """Whether it is one of pandas'."""
    return _is_pandas(value, "DataFrame")


def column(frame: Any, name: str, where: str) -> Any:
    """The Series ``name``; KeyError, with those that there are, or ValueError if it is several."""
    if name not in frame.columns:
        there = ", ".join(map(str, frame.columns))
        raise KeyError(f"{where}: the DataFrame has no column {name!r}, but {there}")
    found = frame[name]
    if not is_series(found):
        raise ValueError(f"{where}: the DataFrame has {found.shape[1]} columns {name!r}")
    return found


def read(value: Any, code: str, where: str) -> Array:
    """One-dimensional, contiguous and of the dtype; the value itself where it is that already.

    Raises ``TypeError`` where the dtype can't hold its values, ``ValueError`` for another shape.
    """
    dtype = DTYPES[code]
    if type(value) is np.ndarray and value.dtype is dtype and value.ndim == 1:
        flags = value.flags
        if flags.c_contiguous and flags.aligned:
            return value
    if np.ma.isMaskedArray(value):
        raise TypeError(f"{where} is a masked array: fill it, such as with filled(np.nan)")
    if is_series(value) and not isinstance(value.dtype, np.dtype) and code == "d":
        try:
            array = value.to_numpy(dtype=dtype, na_value=np.nan)
        except (TypeError, ValueError):
            array = np.asarray(value)
    else:
        try:
            array = np.asarray(value)
        except ValueError as error:
            raise TypeError(f"{where}={_shown(value)}: {error}") from None
    if array.ndim != 1:
        raise ValueError(
            f"{where} has {array.ndim} dimensions, expected one"
            if array.ndim
            else f"{where}={_shown(value)}: expected an array, a Series or a list"
        )
    if not len(array) and not isinstance(value, np.ndarray):
        return np.empty(0, dtype)
    if array.dtype.kind not in "biuf" or not np.can_cast(array.dtype, dtype, "safe"):
        raise TypeError(f"{where} is of {array.dtype}, expected {KINDS[code]}{_culprit(array)}")
    return np.require(array, dtype, ("C", "A"))


def _culprit(array: Array) -> str:
    """Which of an array of objects isn't a number."""
    if array.dtype.kind == "O":
        for i, value in enumerate(array):
            if not isinstance(value, Real):
                return f": in row {i} it has {_shown(value)}"
    return ""


def written(value: Any, code: str, length: int, where: str) -> Array:
    """An array that the kernel can write to as it is; ``TypeError`` or ``ValueError`` if not."""
    if not isinstance(value, np.ndarray):
        raise TypeError(f"{where}={_shown(value)}: expected an ndarray to write to")
    if value.dtype != DTYPES[code]:
        raise TypeError(f"{where} is of {value.dtype}, expected {KINDS[code]}")
    if value.shape != (length,):
        raise ValueError(f"{where} has the shape {value.shape}, expected ({length},)")
    if not (value.flags.c_contiguous and value.flags.aligned):
        raise ValueError(f"{where} isn't contiguous")
    if not value.flags.writeable:
        raise ValueError(f"{where} is read-only")
    return value


def _whole(value: Any, where: str) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{where}={_shown(value)}: expected a whole number") from None
    if not -(2**63) <= number < 2**63:
        raise ValueError(f"{where}={_shown(value)}: doesn't fit in 64 bits")
    return number


def _number(value: Any, where: str) -> float:
    if not isinstance(value, Real):
        raise TypeError(f"{where}={_shown(value)}: expected a number")
    try:
        return float(value)
    except OverflowError:
        raise ValueError(f"{where}={_shown(value)}: too large for a float") from None


def _truth(value: Any, where: str) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{where}={_shown(value)}: expected True or False")
    return bool(value)


SCALARS: dict[str, Callable[[Any, str], Any]] = {"int": _whole, "float": _number, "bool": _truth}


def new(code: str, length: int) -> Array:
    """An output as a kernel finds it: NaN where it doesn't write, or 0 in whole numbers."""
    if code != "D":
        return np.zeros(length, DTYPES[code.lower()])
    array = np.empty(length)
    array.fill(np.nan)
    return array
