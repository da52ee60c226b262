"""The columns that a strategy makes of its signals: ``frame.loc[rows, "enter_long"] = 1``.

pandas makes such a column of gaps, which takes it several arrays, and then sets the rows.
Imports pandas' internals.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from functools import wraps
from typing import Any

import numpy as np
from pandas.core.indexing import _iLocIndexer

from .frame_pieces import append_column
from .indicators.plain import is_plain
from .replacement import Replacement

_original = _iLocIndexer._setitem_new_column  # type: ignore[attr-defined]

# With more, pandas has something to say of frames in pieces, and where that is.
_MOST_PIECES = 90

# Integers that are floats.
_MOST = 2**53


@wraps(_original)
def setitem_new_column(self: Any, indexer: Any, key: Any, value: Any, name: str) -> None:
    """``_iLocIndexer._setitem_new_column``, where a mask says which rows get an integer."""
    frame = self.obj
    if not (
        name == "loc"
        and type(value) is int
        and -_MOST < value < _MOST
        and type(key) is str
        and is_plain(frame)
        and len(frame)
        and 0 < len(frame._mgr.blocks) <= _MOST_PIECES
        and key not in frame.columns
    ):
        return _original(self, indexer, key, value, name)  # type: ignore[no-any-return]
    rows = indexer[0]
    if type(rows) is not np.ndarray or rows.dtype != np.bool_ or rows.shape != (len(frame),):
        return _original(self, indexer, key, value, name)  # type: ignore[no-any-return]
    values = np.full(len(frame), np.nan)
    values[rows] = value
    append_column(frame, key, values)
    return None


_INDEXER = "pandas.core.indexing:_iLocIndexer."

REPLACEMENTS = (
    Replacement(
        f"{_INDEXER}_setitem_new_column",
        setitem_new_column,
        "new columns",
        (
            f"{_INDEXER}_setitem_with_indexer",
            f"{_INDEXER}_setitem_with_indexer_split_path",
            f"{_INDEXER}_setitem_single_column",
            "pandas.core.dtypes.missing:construct_1d_array_from_inferred_fill_value",
            "pandas.core.internals.managers:BlockManager.column_setitem",
            "pandas.core.internals.managers:BlockManager.insert",
        ),
    ),
)
