"""Columns put at the end of a frame all at once: pandas takes long to name one after the other.

The short way is used only where, at first use, it leaves the same frame, in as many pieces, as
pandas' own. Imports pandas' internals.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas._libs.internals import BlockPlacement
from pandas.core.internals.blocks import new_block_2d
from pandas.core.internals.managers import BlockManager

from ..frame_pieces import is_in_runs

Columns = Mapping[str, npt.NDArray[Any]]

# Of more pieces, pandas warns.
_MOST_PIECES = 80


def with_columns(frame: pd.DataFrame, columns: Columns) -> pd.DataFrame:
    """A copy of an ordinary frame with these new arrays, which it takes over, as columns."""
    # Nothing is written to what a copy shares, and a copy puts pieces of one type together.
    shared = _is_short(frame, columns) and frame._mgr.is_consolidated()
    copied = frame.copy(deep=not shared)
    put_columns(copied, columns)
    return copied


def put_columns(frame: pd.DataFrame, columns: Columns) -> None:
    """Write these new arrays, which the frame takes over, into an ordinary frame as columns."""
    if _is_short(frame, columns):
        _put(frame, columns)
    else:
        for name, values in columns.items():
            frame[name] = values


def put_beside(frame: pd.DataFrame, temporary: Columns, columns: Columns) -> pd.DataFrame:
    """``put_columns`` of both; returns ``frame.drop`` of the first of them."""
    names = frame.columns
    short = _is_short(frame, {**temporary, **columns}) and is_in_runs(frame._mgr)
    put_columns(frame, {**temporary, **columns})
    if not short:
        return frame.drop(list(temporary), axis=1)
    manager: Any = frame._mgr
    first = len(names)
    kept = [*manager.blocks[: -len(temporary) - len(columns)], *manager.blocks[-len(columns) :]]
    pieces = [block.copy(deep=False) for block in kept]
    for place, piece in enumerate(pieces[-len(columns) :], first):
        piece.mgr_locs = BlockPlacement(slice(place, place + 1))
    more = names.append(_names_of(names.dtype, *columns))
    whole: Any = pd.DataFrame
    result = _managed(tuple(pieces), more, manager)
    return whole._from_mgr(result, axes=result.axes)  # type: ignore[no-any-return]


def _is_short(frame: pd.DataFrame, columns: Columns) -> bool:
    return _works() and _is_ordinary(frame, columns)


def _is_ordinary(frame: pd.DataFrame, columns: Columns) -> bool:
    names = frame.columns
    return (
        names.name is None
        and isinstance(names.dtype, pd.StringDtype)
        and len(frame._mgr.blocks) <= _MOST_PIECES
        and not any(name in names for name in columns)
    )


def _put(frame: pd.DataFrame, columns: Columns) -> None:
    manager: Any = frame._mgr
    names = frame.columns
    pieces = [
        new_block_2d(values[None], BlockPlacement(slice(place, place + 1)))
        for place, values in enumerate(columns.values(), len(names))
    ]
    more = names.append(_names_of(names.dtype, *columns))
    target: Any = frame
    target._mgr = _managed((*manager.blocks, *pieces), more, manager)


def _managed(blocks: tuple[Any, ...], names: pd.Index[Any], manager: Any) -> Any:
    return BlockManager(blocks, [names, manager.axes[1]], verify_integrity=False)


@cache
def _names_of(dtype: Any, *names: str) -> pd.Index[Any]:
    index: pd.Index[Any] = pd.Index(list(names), dtype=dtype)
    return index


@cache
def _works() -> bool:
    """Whether the frame is the one that pandas leaves."""
    frame = pd.DataFrame({"date": pd.date_range("2024-01-01", periods=3), "close": [1.0, 2.0, 3.0]})
    theirs, ours = frame.copy(), frame.copy()
    columns: dict[str, npt.NDArray[Any]] = {"a": np.zeros(3), "b": np.arange(3)}
    try:
        for name, values in columns.items():
            theirs[name] = values.copy()
        _put(ours, columns)
        ours.iloc[1, 2] = theirs.iloc[1, 2] = 7.0
        return bool(
            theirs.equals(ours)
            and theirs.columns.identical(ours.columns)
            and theirs._mgr.nblocks == ours._mgr.nblocks
        )
    except Exception:
        return False
