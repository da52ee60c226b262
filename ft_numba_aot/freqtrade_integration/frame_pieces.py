"""The pieces that pandas keeps a frame in: arrays of columns of one dtype.

Each new column is a piece of its own. A copy has the columns of a numpy dtype in one again; pandas
copies each piece first, and these copies then. Imports pandas' internals.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pandas._libs.internals import BlockPlacement
from pandas.core.internals.managers import BlockManager

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
    if groups is None or len(groups) == len(manager.blocks):
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
    return list(groups.values())


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
