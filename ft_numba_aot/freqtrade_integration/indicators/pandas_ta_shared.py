"""What pandas-ta's functions have in common: which Series are ordinary, and how a result ends.

Imports pandas. ``candles`` decides: what it doesn't take, the original computes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from types import FunctionType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._backend import call, work
from ...runtime.registration import Probes
from ...ta import _frames
from ..replacement import Replacement
from .plain import names_of, values_of
from .technical_frames import chosen as chosen
from .technical_frames import shifted as shifted

Floats = npt.NDArray[np.float64]

_is_moderate = call("is_moderate")

UTILS = "pandas_ta.utils._core:"
# What every function asks of its arguments.
_ASKED = (UTILS + "verify_series", UTILS + "get_offset")


def candles(
    *series: Any, least: int = 1, counted: bool = False, any_size: bool = False
) -> list[Floats] | None:
    """The values of Series of float64 like any other, of one index and moderate size; else None.

    ``least`` is how many there must be. ``counted`` says that the index must be 0 … n-1: the
    original looks values up by label. ``any_size`` is for what pandas computes, and doesn't warn
    of. Not to be written to.
    """
    index = getattr(series[0], "index", None)
    if not _is_ordinary(index, counted):
        return None
    arrays = []
    for one in series:
        found = values_of(one)
        if found is None or len(found) < least or not _same(one.index, index):
            return None
        values = np.ascontiguousarray(found)
        if not any_size and not _is_moderate(values):
            return None
        arrays.append(values)
    return arrays


def moderate(*results: Floats) -> bool:
    """Whether nothing overflowed on the way to these: the original would have warned."""
    return all(_is_moderate(one) for one in results)


def _is_ordinary(index: Any, counted: bool) -> bool:
    if type(index) is pd.RangeIndex:
        return not counted or (index.start == 0 and index.step == 1)
    if counted:
        return False
    # Text could name an attribute, and pandas would set the value of that label.
    return type(index) is pd.DatetimeIndex or (
        type(index) is pd.Index and isinstance(index.dtype, np.dtype) and index.dtype.kind in "iuf"
    )


def _same(one: Any, other: Any) -> bool:
    return bool(one.is_(other) or (type(one) is type(other) and one.equals(other)))


def instead_of(original: Callable[..., Any]) -> Callable[[Callable[..., Any]], Any]:
    """Decorates what computes a result of ``original``'s, or None: then the original is called."""

    def decorate(ours: Callable[..., Any]) -> Any:
        @wraps(original)
        def either(*args: Any, **kwargs: Any) -> Any:
            found = ours(*args, **kwargs)
            return original(*args, **kwargs) if found is None else found

        return either

    return decorate


def replacement(
    ours: Any,
    probes: Probes,
    *relies_on: str,
    unfit: Callable[[], str | None] | None = None,
) -> Replacement:
    """For the table: ours instead of the original that it wraps."""
    original, name = ours.__wrapped__, ours.__name__
    return Replacement(
        f"{original.__module__}:{name}",
        ours,
        f"pandas-ta's {name}",
        (*_ASKED, *relies_on),
        native=True,
        unfit=unfit,
        probes=probes,
    )


def kernel(name: str) -> Callable[..., Any]:
    """The kernel, with work space for ``length`` and its parameters if it needs some."""
    function, size = call(name), work(name)
    if size is None:
        return function

    def run(shape: tuple[float, ...], *arguments: Any) -> Any:
        return function(*arguments, np.empty(size(*shape)))

    return run


def finished(
    values: Floats, index: Any, offset: int, fills: Mapping[str, Any], name: str, category: str
) -> Any:
    """The Series that a function ends with: shifted, filled, named, in its category."""
    series = _frames.series(values, index)
    series.name = name
    if offset != 0 or "fillna" in fills or "fill_method" in fills:
        series = filled(series, offset, fills)
    object.__setattr__(series, "category", category)
    return series


def filled(series: Any, offset: int, fills: Mapping[str, Any]) -> Any:
    """Shifted by ``offset``, and filled as the keywords say."""
    if offset != 0:
        series = series.shift(offset)
    if "fillna" in fills:
        series.fillna(fills["fillna"], inplace=True)
    if "fill_method" in fills:
        series.fillna(method=fills["fill_method"], inplace=True)
    return series


def framed(
    columns: Mapping[str, Any],
    index: Any,
    offset: int,
    fills: Mapping[str, Any],
    name: str,
    category: str,
) -> pd.DataFrame:
    """The frame that a function ends with, each of its columns shifted and filled."""
    if offset == 0 and "fillna" not in fills and "fill_method" not in fills:
        frame = _together(columns, index)
    else:
        series = {key: pd.Series(values, index=index) for key, values in columns.items()}
        # Of all columns the shift comes first, and then each kind of filling.
        series = {key: filled(one, offset, {}) for key, one in series.items()}
        for kind in ("fillna", "fill_method"):
            if kind in fills:
                for one in series.values():
                    filled(one, 0, {kind: fills[kind]})
        frame = pd.DataFrame(series)
    object.__setattr__(frame, "name", name)
    object.__setattr__(frame, "category", category)
    return frame


def _together(columns: Mapping[str, Any], index: Any) -> pd.DataFrame:
    """``DataFrame(columns)`` of arrays: those of float64 need no look at each."""
    if any(values.dtype != np.float64 for values in columns.values()):
        return pd.DataFrame(dict(columns), index=index)
    block = np.array(list(columns.values()))
    return pd.DataFrame(block.T, index=index, columns=names_of(*columns), copy=False)


def with_ours(original: Any, **ours: Any) -> Any:
    """The original's own code, which calls ours where it calls functions of these names."""
    scope = {**original.__globals__, **ours}
    code, name, defaults = original.__code__, original.__name__, original.__defaults__
    return wraps(original)(FunctionType(code, scope, name, defaults, original.__closure__))


def non_zero_range(high: Floats, low: Floats) -> Floats:
    """``pandas_ta.utils.non_zero_range``: an epsilon more everywhere if a difference is zero."""
    difference = high - low
    if (difference == 0.0).any():
        difference += np.finfo(np.float64).eps
    return difference


def walk(length: int = 45) -> pd.DataFrame:
    """Candles for probes: a walk with repeated closes and a candle without volume."""
    turn = np.arange(length)
    close = 100.0 + np.round(np.cumsum(np.sin(turn * turn * 0.7) * 1.3), 2)
    close[length // 2 : length // 2 + 3] = close[length // 2]
    opened = np.concatenate([[100.0], close[:-1]])
    return pd.DataFrame(
        {
            "open": opened,
            "high": np.maximum(opened, close) + 0.37 + 0.2 * np.cos(turn),
            "low": np.minimum(opened, close) - 0.41 - 0.2 * np.sin(turn),
            "close": close,
            "volume": np.where(turn % 11 == 5, 0.0, 10.0 + turn % 7 * 1.7),
        }
    )
