"""The pieces that pandas keeps a frame in: arrays of columns of one dtype.

Each new column is a piece of its own. A copy has the columns of a numpy dtype in one again; pandas
copies each piece first, and these copies then. Imports pandas' internals.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas._libs.internals import BlockPlacement
from pandas.core.internals.blocks import new_block_2d
from pandas.core.internals.managers import BlockManager

from .indicators.plain import names_of

Integers = npt.NDArray[np.int64]
Positions = npt.NDArray[np.intp]

# Of what is put together here; dates without a zone are wrapped, and no array of numpy's.
_KINDS = "iufbO"


def copied(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame.copy()``, with each value copied once."""
    manager = frame._mgr
    groups = _groups(manager)
    if groups is None or type(frame) is not pd.DataFrame:
        return frame.copy()
    whole = [_together(blocks) if blocks[1:] else blocks[0].copy(deep=True) for blocks in groups]
    if len(groups) < len(manager.blocks):
        # The order in which pandas has them.
        whole.sort(key=lambda block: (isinstance(block.dtype, np.dtype), block.dtype.name))
    axes = [axis.view() for axis in manager.axes]
    result = BlockManager(tuple(whole), axes, verify_integrity=False)
    new: Any = pd.DataFrame._from_mgr(result, axes=axes)  # type: ignore[attr-defined]
    return new.__finalize__(frame, method="copy")  # type: ignore[no-any-return]


def in_one(manager: Any) -> Any:
    """The columns of a numpy dtype in one piece each; the others, and what is in one, shared."""
    groups = _groups(manager)
    if groups is None:
        return manager.copy(deep=True)
    if len(groups) == len(manager.blocks):
        return manager
    blocks = tuple(_together(group) if group[1:] else group[0] for group in groups)
    return BlockManager(blocks, manager.axes, verify_integrity=False)


def _groups(manager: Any) -> list[list[Any]] | None:
    """The pieces that belong together; None where that is pandas' to tell."""
    groups: dict[Any, list[Any]] = {}
    for block in manager.blocks:
        dtype = block.dtype
        if not isinstance(dtype, np.dtype):
            groups[id(block)] = [block]
        elif dtype.kind in _KINDS and dtype.isnative:
            groups.setdefault(dtype, []).append(block)
        else:
            return None
    found = list(groups.values())
    if all(_is_by_column(block) for group in found if group[1:] for block in group):
        return found
    return None


def _is_by_column(block: Any) -> bool:
    """Whether the values of a column are beside each other; else pandas' copy is in their order."""
    values = block.values
    if values.flags.c_contiguous:
        return True
    column, row = values.strides
    return bool(row == values.itemsize and column > row)


def _together(blocks: list[Any]) -> Any:
    """One piece with the columns of all, in their order in the frame."""
    places = np.concatenate([block.mgr_locs.as_array for block in blocks])
    first = blocks[0]
    values = np.empty((len(places), first.shape[1]), first.dtype)
    order = places.argsort()
    if (order == np.arange(len(order))).all():
        np.concatenate([block.values for block in blocks], out=values)
    else:
        rows = np.empty_like(order)
        rows[order] = np.arange(len(order))
        begin = 0
        for block in blocks:
            end = begin + len(block.values)
            values[rows[begin:end]] = block.values
            begin = end
        places = places[order]
    return type(first)(values, placement=BlockPlacement(places), ndim=2)


def of_columns(names: pd.Index[Any], columns: Sequence[Any]) -> pd.DataFrame:
    """A frame of new arrays, which it takes over, a piece each, its index 0 … n-1.

    One of two dimensions is of several columns, one after the other.
    """
    blocks = []
    place = 0
    for values in columns:
        piece = _as_piece(values)
        end = place + (len(piece) if piece.ndim == 2 else 1)
        blocks.append(new_block_2d(piece, BlockPlacement(slice(place, end))))
        place = end
    axes = [names, pd.RangeIndex(columns[0].shape[-1])]
    manager = BlockManager(tuple(blocks), axes, verify_integrity=False)
    return pd.DataFrame._from_mgr(manager, axes=axes)  # type: ignore[attr-defined,no-any-return]


def _as_piece(values: Any) -> Any:
    """A column in the dimensions that pandas keeps it in."""
    if values.ndim == 1 and isinstance(values, (np.ndarray, pd.arrays.DatetimeArray)):
        return values.reshape(1, -1)
    return values


def in_zone(dates: Integers, dtype: pd.DatetimeTZDtype) -> Any:
    """A column of dates, given as the numbers that ``dtype`` keeps, since 1970 in UTC."""
    values = dates.view(f"datetime64[{dtype.unit}]")
    return pd.arrays.DatetimeArray._simple_new(values, dtype=dtype)  # type: ignore[attr-defined]


def texts(values: list[str], codes: npt.NDArray[np.int64]) -> Any:
    """A column of a few different texts, what pandas makes of them."""
    column: Any = names_of(*values).array
    if type(column) is not pd.arrays.ArrowStringArray:
        return column.take(codes)
    # Without pyarrow's own functions, which take long to get ready.
    encoded = [value.encode() for value in values]
    sizes = np.array([len(value) for value in encoded])
    padded = np.array(encoded, f"S{max(1, sizes.max())}").view(np.uint8).reshape(len(encoded), -1)
    is_text = np.arange(padded.shape[1]) < sizes[:, np.newaxis]
    data = padded.take(codes, axis=0)[is_text.take(codes, axis=0)]
    offsets = np.zeros(len(codes) + 1, np.int64)
    np.cumsum(sizes.take(codes), out=offsets[1:])
    pyarrow: Any = sys.modules["pyarrow"]
    buffers = pyarrow.py_buffer(offsets), pyarrow.py_buffer(data)
    array = pyarrow.LargeStringArray.from_buffers(len(codes), *buffers)
    make: Any = pd.arrays.ArrowStringArray
    return make(pyarrow.chunked_array([array]), dtype=column.dtype)


def in_both(own: tuple[Integers, int], others: tuple[Integers, int]) -> tuple[Positions, Positions]:
    """Where the dates that both have are: in ``others``, and in ``own``.

    Each are numbers that ascend, and how many of them are a second.
    """
    (dates, ticks), (given, given_ticks) = own, others
    if given_ticks > ticks:
        dates = dates * (given_ticks // ticks)
    elif given_ticks < ticks:
        given = given * (ticks // given_ticks)
    places = dates.searchsorted(given)
    same = places < len(dates)
    same[same] = dates[places[same]] == given[same]
    return np.flatnonzero(same), places[same]


def carried_on(manager: Any, index: Any, found: Positions, places: Positions) -> Any:
    """The columns by ``index``: from each of ``places`` on, the row ``found`` for it."""
    ends = np.concatenate((places, [len(index)]))
    times = np.diff(ends, prepend=0)
    rows = np.repeat(np.concatenate(([-1], found)), times)
    head, counts = int(times[0]), times[1:]
    in_order = len(found) > 0 and int(found[-1] - found[0]) + 1 == len(found)
    if in_order:
        counts[0] += head
    blocks = []
    for block in manager.blocks:
        if in_order and _is_repeated(block, head):
            # Of an array mapped to a file, a repetition would be of its class.
            values = np.asarray(block.values)
            new = values[:, found[0] : found[-1] + 1].repeat(counts, axis=1)
            if head:
                new[:, :head] = np.nan
            blocks.append(type(block)(new, placement=block.mgr_locs, ndim=2))
        else:
            blocks.append(block.take_nd(rows, axis=1, fill_value=block.fill_value))
    axes = [manager.items.view(), index]
    return BlockManager(tuple(blocks), axes, verify_integrity=False)


def _is_repeated(block: Any, head: int) -> bool:
    """Whether pandas takes its rows into the same type, in the order that they are in."""
    values = block.values
    if values.ndim != 2 or len(values) < 2 or not values.flags.c_contiguous:
        return False
    return block.dtype.kind == "f" or (not head and block.dtype.kind in "iub")


def in_runs(manager: Any) -> Any:
    """The columns as views, a piece for each run of columns that have one, in their order."""
    if is_in_runs(manager):
        return manager
    every = np.arange(len(manager.items))
    return manager.reindex_indexer(manager.items, every, axis=0, allow_dups=True, only_slice=True)


def is_in_runs(manager: Any) -> bool:
    """Whether each piece is a run of columns, and they are in the columns' order."""
    last = -1
    for block in manager.blocks:
        place = block.mgr_locs.indexer
        if not isinstance(place, slice) or place.step not in (None, 1) or place.start <= last:
            return False
        last = place.start
    return True


def append_column(frame: pd.DataFrame, name: str, values: Any) -> None:
    """``frame.insert(len(frame.columns), name, values)`` of a new column, which it takes over.

    Without what pandas has to say of frames in very many pieces.
    """
    whole: Any = frame
    manager = whole._mgr
    items, index = manager.axes
    place = len(items)
    block = new_block_2d(_as_piece(values), BlockPlacement(slice(place, place + 1)))
    axes = [with_last(items, name), index]
    whole._mgr = BlockManager((*manager.blocks, block), axes, verify_integrity=False)


# What the columns of a few frames were, and are with one more.
_appended: deque[tuple[Any, str, Any]] = deque(maxlen=16)


def with_last(items: Any, name: str) -> Any:
    """``items.insert(len(items), name)``: of equal indexes with what is looked up in them."""
    array = items.array
    is_known: bool = type(array) is pd.arrays.ArrowStringArray
    if not is_known or items.name is not None:
        return items.insert(len(items), name)
    for known, last, result in _appended:
        if last == name and known.dtype == array.dtype and known._pa_array.equals(array._pa_array):
            return result.view()
    result = items.insert(len(items), name)
    _appended.appendleft((array, name, result))
    return result.view()
