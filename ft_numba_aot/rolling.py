"""Rolling windows and weighted means for strategies' own code, several times as fast as pandas'.

``rolling.mean(dataframe["close"], 20)`` instead of ``dataframe["close"].rolling(20).mean()``: the
installed pandas' result, bit for bit. What goes after the window has the names and defaults of
pandas' own methods, and whatever else they or ``rolling`` take is passed on.

Series, frames and vectors of numbers are accelerated, with a whole number of rows for a window.
Anything else, such as ``center=True``, a window of time, a pandas that wasn't tried or an
installation without compiled kernels, runs pandas' code. Imports pandas.
"""
# mypy: disable-error-code="attr-defined, import-not-found, no-any-return"

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.core.internals import managers
from pandas.core.util import numba_

from . import _backend, _rolling
from ._rolling import Floats

__all__ = [
    "corr",
    "count",
    "cov",
    "ewm_mean",
    "kurt",
    "max",
    "mean",
    "median",
    "min",
    "quantile",
    "rank",
    "sem",
    "skew",
    "std",
    "sum",
    "var",
]

Data = TypeVar("Data", bound="pd.Series[Any] | pd.DataFrame | npt.NDArray[Any]")

# What ``rolling`` takes; the rest is its methods'. ``method`` is rank's.
_OF_WINDOW = frozenset(("center", "win_type", "on", "closed", "step"))

# pandas computes with C's int.
_LARGEST = 2**31 - 1

# A window kept in order moves half of it a row: in wider ones pandas' skip list is faster.
_WIDEST = 2000
_IN_ORDER = frozenset(("median", "quantile", "rank"))


@cache
def _usable() -> bool:
    return _backend.backend() == "native" and _rolling.certified() is None


def mean(data: Data, window: int, min_periods: int | None = None, **options: Any) -> Data:
    """``data.rolling(window, min_periods).mean()``."""
    return _rolled("mean", data, window, min_periods, options)


def sum(data: Data, window: int, min_periods: int | None = None, **options: Any) -> Data:
    """``data.rolling(window, min_periods).sum()``."""
    return _rolled("sum", data, window, min_periods, options)


def std(
    data: Data, window: int, min_periods: int | None = None, ddof: int = 1, **options: Any
) -> Data:
    """``data.rolling(window, min_periods).std(ddof)``."""
    return _rolled("std", data, window, min_periods, options, _is_ddof(ddof), ddof=ddof)


def var(
    data: Data, window: int, min_periods: int | None = None, ddof: int = 1, **options: Any
) -> Data:
    """``data.rolling(window, min_periods).var(ddof)``."""
    return _rolled("var", data, window, min_periods, options, _is_ddof(ddof), ddof=ddof)


def sem(
    data: Data, window: int, min_periods: int | None = None, ddof: int = 1, **options: Any
) -> Data:
    """``data.rolling(window, min_periods).sem(ddof)``."""
    # pandas divides two results, whose frames' labels would have to be unique.
    plain = _is_ddof(ddof) and not isinstance(data, pd.DataFrame)
    return _rolled("sem", data, window, min_periods, options, plain, ddof=ddof)


def min(data: Data, window: int, min_periods: int | None = None, **options: Any) -> Data:
    """``data.rolling(window, min_periods).min()``."""
    return _rolled("min", data, window, min_periods, options)


def max(data: Data, window: int, min_periods: int | None = None, **options: Any) -> Data:
    """``data.rolling(window, min_periods).max()``."""
    return _rolled("max", data, window, min_periods, options)


def count(data: Data, window: int, min_periods: int | None = None, **options: Any) -> Data:
    """``data.rolling(window, min_periods).count()``."""
    return _rolled("count", data, window, min_periods, options)


def median(data: Data, window: int, min_periods: int | None = None, **options: Any) -> Data:
    """``data.rolling(window, min_periods).median()``."""
    return _rolled("median", data, window, min_periods, options)


def quantile(
    data: Data,
    window: int,
    q: float,
    min_periods: int | None = None,
    interpolation: str = "linear",
    **options: Any,
) -> Data:
    """``data.rolling(window, min_periods).quantile(q, interpolation)``."""
    plain = type(q) in (int, float) and 0 <= q <= 1 and interpolation in _rolling.INTERPOLATIONS
    own = {"q": q, "interpolation": interpolation}
    return _rolled("quantile", data, window, min_periods, options, plain, **own)


def rank(
    data: Data,
    window: int,
    min_periods: int | None = None,
    method: str = "average",
    ascending: bool = True,
    pct: bool = False,
    **options: Any,
) -> Data:
    """``data.rolling(window, min_periods).rank(method, ascending, pct)``."""
    plain = method in _rolling.TIES and type(ascending) is bool and type(pct) is bool
    own = {"method": method, "ascending": ascending, "pct": pct}
    return _rolled("rank", data, window, min_periods, options, plain, **own)


def skew(data: Data, window: int, min_periods: int | None = None, **options: Any) -> Data:
    """``data.rolling(window, min_periods).skew()``."""
    return _rolled("skew", data, window, min_periods, options)


def kurt(data: Data, window: int, min_periods: int | None = None, **options: Any) -> Data:
    """``data.rolling(window, min_periods).kurt()``."""
    return _rolled("kurt", data, window, min_periods, options)


def cov(
    data: Data,
    window: int,
    other: Any = None,
    min_periods: int | None = None,
    ddof: int = 1,
    **options: Any,
) -> Data:
    """``data.rolling(window, min_periods).cov(other, ddof=ddof)``."""
    return _paired("cov", data, other, window, min_periods, options, ddof)


def corr(
    data: Data,
    window: int,
    other: Any = None,
    min_periods: int | None = None,
    ddof: int = 1,
    **options: Any,
) -> Data:
    """``data.rolling(window, min_periods).corr(other)``; pandas has no use for ``ddof``."""
    return _paired("corr", data, other, window, min_periods, options, ddof)


def ewm_mean(
    data: Data,
    com: float | None = None,
    span: float | None = None,
    halflife: Any = None,
    alpha: float | None = None,
    min_periods: int | None = 0,
    adjust: bool = True,
    ignore_na: bool = False,
    times: Any = None,
    **options: Any,
) -> Data:
    """``data.ewm(com, span, halflife, alpha, min_periods, adjust, ignore_na, times).mean()``."""
    weights = {"com": com, "span": span, "halflife": halflife, "alpha": alpha}
    own: Any = {"min_periods": min_periods, "adjust": adjust, "ignore_na": ignore_na}
    if not options and times is None and _are_weights(weights) and _are_plain_weighted(**own):
        result = _each(lambda values: _rolling.ewm_mean(values, **weights, **own), data)
        if result is not None:
            return result
    series: Any = pd.Series(data) if isinstance(data, np.ndarray) else data
    result = series.ewm(**weights, **own, times=times).mean(**options)
    return result.to_numpy() if isinstance(data, np.ndarray) else result


def _is_ddof(ddof: Any) -> bool:
    return type(ddof) is int and -_LARGEST <= ddof <= _LARGEST


def _are_weights(weights: dict[str, Any]) -> bool:
    """Whether it is one of them, a number in its domain."""
    given = [(name, value) for name, value in weights.items() if value is not None]
    if len(given) != 1 or type(given[0][1]) not in (int, float):
        return False
    name, value = given[0]
    if name == "alpha":
        return bool(0 < value <= 1)
    return bool((1 if name == "span" else 1e-9 if name == "halflife" else 0) <= value <= 1e9)


def _are_plain_weighted(min_periods: Any, adjust: Any, ignore_na: Any) -> bool:
    if not _usable() or numba_.GLOBAL_USE_NUMBA:
        return False
    if min_periods is not None and not (type(min_periods) is int and abs(min_periods) <= _LARGEST):
        return False
    return type(adjust) is bool and type(ignore_na) is bool


def _are_plain(window: Any, min_periods: Any) -> bool:
    """Whether pandas takes them, and they mean rows."""
    if not (type(window) is int or isinstance(window, np.integer)) or not 0 < window <= _LARGEST:
        return False
    if min_periods is not None and not (type(min_periods) is int and 0 <= min_periods <= window):
        return False
    return _usable() and not numba_.GLOBAL_USE_NUMBA


def _rolled(
    name: str,
    data: Any,
    window: Any,
    min_periods: Any,
    options: dict[str, Any],
    plain: bool = True,
    **own: Any,
) -> Any:
    """What ``_rolling`` has by that name, of anything ``plain``; else pandas' own."""
    if plain and not options and _are_plain(window, min_periods):
        rows = int(window)
        if name not in _IN_ORDER or rows <= _WIDEST or len(data) <= _WIDEST:
            compute = getattr(_rolling, name)
            result = _each(
                lambda values: compute(values, rows, min_periods=min_periods, **own), data
            )
            if result is not None:
                return result
    return _pandas(name, data, window, min_periods, options, **own)


def _each(compute: Callable[[Floats], Floats], data: Any) -> Any:
    """``compute`` of a Series, a vector or each column of a frame; None for anything else."""
    kind = type(data)
    if kind is pd.Series:
        values = _vector(data)
        return None if values is None else _series(compute(values), data.index, data.name)
    if kind is np.ndarray:
        values = _numbers(data) if data.ndim == 1 else None
        return None if values is None else compute(values)
    if kind is not pd.DataFrame or not data.shape[1]:
        return None
    columns = []
    for _, column in data.items():
        values = _vector(column)
        if values is None:
            return None
        columns.append(values)
    # In one block, as pandas makes of its columns.
    block = np.empty((len(columns), len(data)))
    for row, values in zip(block, columns, strict=True):
        row[:] = compute(values)
    names = data.columns.take(list(range(len(columns))))
    return pd.DataFrame(block.T, index=data.index, columns=names, copy=False)


def _series(values: Floats, index: pd.Index[Any], name: Any) -> pd.Series[Any]:
    """``pd.Series(values, index=index, name=name, copy=False)``, whose checks take twice as long.

    As every ``certified`` pandas has it.
    """
    series: Any = pd.Series._from_mgr(
        managers.SingleBlockManager.from_array(values, index), [index]
    )
    object.__setattr__(series, "_name", name)
    return series


def _vector(series: Any) -> Floats | None:
    values = series._values
    return _numbers(values) if type(values) is np.ndarray else None


def _numbers(values: npt.NDArray[Any]) -> Floats | None:
    """The numbers as pandas makes float64 of them; None if there aren't any."""
    dtype = values.dtype
    if dtype == np.float64:
        return np.ascontiguousarray(values)
    return values.astype(np.float64) if dtype.kind in "biuf" and dtype.isnative else None


def _paired(
    name: str,
    data: Any,
    other: Any,
    window: Any,
    min_periods: Any,
    options: dict[str, Any],
    ddof: Any,
) -> Any:
    """``cov`` or ``corr`` of two Series of one index, or of two vectors; else pandas' own."""
    if not options and _is_ddof(ddof) and _are_plain(window, min_periods):
        pair = _pair(data, data if other is None else other)
        if pair is not None:
            own = {"ddof": ddof} if name == "cov" else {}
            result = getattr(_rolling, name)(*pair, int(window), min_periods, **own)
            if type(data) is np.ndarray:
                return result
            shared = data.name if other is None or data.name == other.name else None
            return _series(result, data.index, shared)
    if isinstance(data, np.ndarray) and isinstance(other, np.ndarray):
        other = pd.Series(other)
    return _pandas(name, data, window, min_periods, options, other=other, ddof=ddof)


def _pair(data: Any, other: Any) -> tuple[Floats, Floats] | None:
    kind = type(data)
    if kind is not type(other) or kind not in (pd.Series, np.ndarray):
        return None
    if data.dtype != np.float64 or other.dtype != np.float64:
        return None
    if kind is np.ndarray:
        if data.ndim != 1 or other.shape != data.shape:
            return None
        return data, other
    for series in (data, other):
        named = series.name is None or type(series.name) is str
        if not named or series.attrs or not series.flags.allows_duplicate_labels:
            return None
    one, two = data.index, other.index
    if one is not two and not (type(one) is type(two) and one.equals(two)):
        return None
    return data.to_numpy(), other.to_numpy()


def _pandas(
    name: str, data: Any, window: Any, min_periods: Any, options: dict[str, Any], **own: Any
) -> Any:
    """pandas' own code."""
    if isinstance(data, np.ndarray):
        return _pandas(name, pd.Series(data), window, min_periods, options, **own).to_numpy()
    of_window = {key: value for key, value in options.items() if key in _OF_WINDOW}
    own.update((key, value) for key, value in options.items() if key not in _OF_WINDOW)
    return getattr(data.rolling(window, min_periods, **of_window), name)(**own)
