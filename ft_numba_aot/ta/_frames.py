"""The way below public pandas: columns out of a DataFrame, results into Series and DataFrames.

At 1,000 rows pandas' public constructors cost more than most indicators. The short way is used
only where, at first use, it builds the same objects as the public way; else the public way is.
Imported once pandas is, so that it costs nothing where no frame comes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

Array = np.ndarray[Any, Any]

_FLOAT64 = np.dtype(np.float64)


def values(series: Any) -> Array:
    """A Series' values as float64, converted as ``talib.abstract`` does."""
    array = series.values
    if type(array) is np.ndarray and array.dtype == _FLOAT64:
        return array
    converted: Array = array.astype(float)
    return converted


def public_column(frame: pd.DataFrame, name: Any) -> Any:
    """``frame[name]`` as float64 values; whatever else it is (a DataFrame, for a name twice)."""
    column = frame[name]
    return values(column) if isinstance(column, pd.Series) else column


def _short_column(frame: pd.DataFrame, name: Any) -> Any:
    if type(frame) is pd.DataFrame:
        position = frame.columns.get_loc(name)
        if type(position) is int:
            array = frame._get_column_array(position)  # type: ignore[operator]
            if type(array) is np.ndarray and array.dtype == _FLOAT64:
                return array
    return public_column(frame, name)


def public_series(array: Array, index: pd.Index[Any]) -> pd.Series[Any]:
    """A Series over ``array``, which it takes over, with ``index`` itself as its index."""
    return pd.Series(array, index=index, copy=False)


def public_frame(rows: Array, index: pd.Index[Any], names: Sequence[str]) -> pd.DataFrame:
    """A DataFrame whose columns are the rows of a (k, n) array, which it takes over."""
    return pd.DataFrame(rows.T, index=index, columns=list(names), copy=False)


def _short_constructors() -> tuple[Callable[..., Any], Callable[..., Any]]:
    from pandas._libs.internals import BlockPlacement  # type: ignore[import-not-found]
    from pandas.core.internals.blocks import NumpyBlock  # type: ignore[import-not-found]
    from pandas.core.internals.managers import (  # type: ignore[import-not-found]
        BlockManager,
        SingleBlockManager,
    )

    @lru_cache(maxsize=64)
    def placement(length: int) -> Any:
        return BlockPlacement(slice(0, length))

    @lru_cache(maxsize=64)
    def labels(names: tuple[str, ...]) -> pd.Index[Any]:
        return pd.Index(names)

    def series(array: Array, index: pd.Index[Any]) -> pd.Series[Any]:
        if len(array) != len(index):
            return public_series(array, index)
        block = NumpyBlock(array, placement=placement(len(array)), ndim=1)
        manager = SingleBlockManager(block, index)
        result = pd.Series._from_mgr(manager, axes=manager.axes)  # type: ignore[attr-defined]
        object.__setattr__(result, "_name", None)  # past pandas' own, which is slow
        return result  # type: ignore[no-any-return]

    def frame(rows: Array, index: pd.Index[Any], names: Sequence[str]) -> pd.DataFrame:
        if rows.shape[1] != len(index):
            return public_frame(rows, index, names)
        # A view: the caller may rename its columns' axis.
        axes = [labels(tuple(names))._view(), index]  # type: ignore[attr-defined]
        block = NumpyBlock(rows, placement=placement(len(rows)), ndim=2)
        manager = BlockManager((block,), axes, verify_integrity=False)
        return pd.DataFrame._from_mgr(manager, axes=manager.axes)  # type: ignore[attr-defined,no-any-return]

    return series, frame


def _alike(short: Any, public: Any, index: pd.Index[Any]) -> bool:
    """Whether two results are the same to a user, and still are after a write to each."""
    for result in (short, public):
        if result.index is not index:
            return False
        result.iloc[0] = 7
    return (
        type(short) is type(public)
        and short.equals(public)
        and short.attrs == public.attrs
        and short.flags == public.flags
        and vars(short).keys() == vars(public).keys()
        and len(short._mgr.blocks) == len(public._mgr.blocks)
    )


def _choose() -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    public = (public_column, public_series, public_frame)
    names, index = ["first", "second"], pd.RangeIndex(4)
    try:
        series, frame = _short_constructors()
        for dtype in (np.float64, np.int32):
            rows = np.arange(8, dtype=dtype).reshape(2, 4)
            one, other = series(rows[0].copy(), index), public_series(rows[0].copy(), index)
            if not _alike(one, other, index) or one.name != other.name:
                return public
            two, third = frame(rows.copy(), index, names), public_frame(rows.copy(), index, names)
            if not _alike(two, third, index) or not two.columns.identical(third.columns):
                return public
            for name in names:
                got, wanted = _short_column(third, name), public_column(third, name)
                if got.dtype != wanted.dtype or got.tolist() != wanted.tolist():
                    return public
    except Exception:
        return public
    return _short_column, series, frame


column, series, frame = _choose()
