"""Arguments of a stream's constructors, as TA-Lib's take them, with TA-Lib's errors."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..ta._compute import default_of
from ..ta._kinds import POLARS_SERIES, SERIES, kind_of, series_like
from ..ta._lookback import LOOKBACK
from ..ta._table import Definition, Parameter

Array = np.ndarray[Any, np.dtype[np.float64]]


class InsufficientHistory(Exception):
    """There aren't enough candles to open a stream: collect more, and try again."""


def insufficient(text: str) -> InsufficientHistory:
    """An ``InsufficientHistory``, which is one of TA-Lib's, too, where that is in use."""
    theirs = getattr(sys.modules.get("talib"), "InsufficientHistory", None)
    if theirs is None or theirs is InsufficientHistory:
        return InsufficientHistory(text)
    both: type[InsufficientHistory] = type("InsufficientHistory", (InsufficientHistory, theirs), {})
    return both(text)


def bound(
    called: str, definition: Definition, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[list[Any], list[int | float]]:
    """What ``called`` was given: the histories, and the parameters, complete and as numbers."""
    names = [*definition.arguments, *(one.name for one in definition.parameters)]
    required = len(definition.arguments)
    if len(args) > len(names):
        raise _miscounted(called, required, len(names), len(args))
    given = dict(zip(names, args, strict=False))
    for key, value in kwargs.items():
        if key not in names:
            raise TypeError(f"{called}() got an unexpected keyword argument '{key}'")
        if key in given:
            raise TypeError(f"{called}() got multiple values for keyword argument '{key}'")
        given[key] = value
    for at, name in enumerate(names[:required]):
        if name not in given:
            raise _miscounted(called, required, len(names), at)
    values = [
        default_of(one, _number(given[one.name], one)) if one.name in given else one.default
        for one in definition.parameters
    ]
    return [given[name] for name in definition.arguments], values


def _miscounted(called: str, required: int, most: int, count: int) -> TypeError:
    wanted = required if count < required else most
    how = "exactly" if required == most else "at least" if count < required else "at most"
    plural = "" if wanted == 1 else "s"
    return TypeError(f"{called}() takes {how} {wanted} positional argument{plural} ({count} given)")


def _number(value: Any, parameter: Parameter) -> int | float:
    """A parameter as C takes it: what has ``__int__`` is an int, a float's fraction ignored."""
    if isinstance(parameter.default, float):
        return math.ldexp(value, 0)
    if not hasattr(value, "__int__") and not hasattr(value, "__index__"):
        raise TypeError("an integer is required")
    if isinstance(value, str):
        raise TypeError("an integer is required")
    number = int(value)
    if not -(2**63) <= number < 2**63:
        raise OverflowError("Python int too large to convert to C long")
    if not -(2**31) <= number < 2**31:
        raise OverflowError("value too large to convert to int")
    return number


def bad_parameter(function: str) -> Exception:
    """TA-Lib's error for what its C calls a bad parameter."""
    return Exception(f"{function} function failed with error code 2: Bad Parameter (TA_BAD_PARAM)")


def lookback_of(called: str, definition: Definition, values: Sequence[int | float]) -> int:
    """The function's lookback; TA-Lib's error for a parameter that is out of range."""
    for value, parameter in zip(values, definition.parameters, strict=True):
        if not parameter.low <= value <= parameter.high:
            raise bad_parameter(called)
    lookback = LOOKBACK[definition.name](*values)
    if lookback < 0:
        raise bad_parameter(called)
    return lookback


def histories(given: Sequence[Any]) -> tuple[list[Array], int]:
    """The histories as arrays of float64, and the first candle that isn't NaN in any of them."""
    arrays = [_history(values) for values in given]
    length = len(arrays[0])
    if any(len(array) != length for array in arrays):
        raise Exception("input array lengths are different")
    if not length:
        raise insufficient("no history: the input array is empty")
    missing = np.isnan(arrays[0])
    for array in arrays[1:]:
        missing |= np.isnan(array)
    begin = int(missing.argmin())
    return arrays, length - 1 if missing[begin] else begin


def _history(values: Any) -> Array:
    if isinstance(values, np.ndarray):
        array = np.asarray(values)
    elif kind_of(values) in (SERIES, POLARS_SERIES):
        array = values.to_numpy().astype(float)
    else:
        raise TypeError(
            f"input must be a numpy array or a pandas or polars Series, not {type(values).__name__}"
        )
    if array.dtype.type is not np.float64 or not array.dtype.isnative:
        raise Exception("input array type is not double")
    if array.ndim != 1:
        raise Exception("input array has wrong dimensions")
    return np.ascontiguousarray(array)


def short_history(called: str, candles: int, needed: int) -> InsufficientHistory:
    """The error for a history of too few candles."""
    return insufficient(
        f"{called}: {candles} bars of history, at least {needed} needed "
        "(a leading bar that is NaN in any input is not history)"
    )


def like(given: Sequence[Any], array: Any) -> Any:
    """The array, or a Series where the histories are: with the index of the first of pandas."""
    series = [one for one in given if kind_of(one) in (SERIES, POLARS_SERIES)]
    if not series:
        return array
    if len({kind_of(one) for one in series}) > 1:
        raise Exception("Cannot mix polars and pandas")
    return series_like(series[0], array)
