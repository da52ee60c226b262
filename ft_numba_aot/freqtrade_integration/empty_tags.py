"""The columns of empty tags that a strategy's signals begin with, made once for all pairs.

Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from functools import wraps
from typing import Any

import pandas as pd
from freqtrade.strategy import interface as _interface
from freqtrade.strategy.interface import IStrategy

from .frame_pieces import append_column
from .indicators.plain import is_plain, names_of
from .replacement import Replacement

_original_entry = IStrategy.advise_entry
_original_exit = IStrategy.advise_exit

# The messages stay freqtrade's own.
_logger = _interface.logger

# With more, pandas has something to say of frames in pieces, and where that is.
_MOST_COLUMNS = 90


class _Longest:
    """The longest column so far."""

    column: Any = None


def _empty_tags(length: int) -> Any:
    """A column of empty strings; None where columns of text share no values."""
    # What pandas makes of text is a matter of its options.
    kind = names_of("").array
    # Those of pyarrow are never written to: who changes a column gets another one.
    if not isinstance(kind, pd.arrays.ArrowStringArray):
        return None
    column = _Longest.column
    if column is None or len(column) < length or column.dtype != kind.dtype:
        frame = pd.DataFrame(index=pd.RangeIndex(length))
        frame.loc[:, "tag"] = ""
        column = _Longest.column = frame["tag"].array
    # An array of its own, of text that none writes to.
    return (column if len(column) == length else column[:length]).copy()


def _add_empty_tags(frame: pd.DataFrame, name: str) -> bool:
    """``frame.loc[:, name] = ""``, where that is a new column of text; else nothing."""
    if (
        not len(frame)
        or not is_plain(frame)
        or len(frame.columns) > _MOST_COLUMNS
        or name in frame.columns
    ):
        return False
    tags = _empty_tags(len(frame))
    if tags is None:
        return False
    append_column(frame, name, tags)
    return True


@wraps(_original_entry)
def advise_entry(self: Any, dataframe: pd.DataFrame, metadata: dict[str, Any]) -> pd.DataFrame:
    """``IStrategy.advise_entry``, where it begins with a new column."""
    if not _add_empty_tags(dataframe, "enter_tag"):
        return _original_entry(self, dataframe, metadata)  # type: ignore[no-any-return]
    _logger.debug(f"Populating enter signals for pair {metadata.get('pair')}.")
    df: pd.DataFrame = self.populate_entry_trend(dataframe, metadata)
    if "enter_long" not in df.columns:
        df = df.rename({"buy": "enter_long", "buy_tag": "enter_tag"}, axis="columns")
    return df


@wraps(_original_exit)
def advise_exit(self: Any, dataframe: pd.DataFrame, metadata: dict[str, Any]) -> pd.DataFrame:
    """``IStrategy.advise_exit``, where it begins with a new column."""
    if not _add_empty_tags(dataframe, "exit_tag"):
        return _original_exit(self, dataframe, metadata)  # type: ignore[no-any-return]
    _logger.debug(f"Populating exit signals for pair {metadata.get('pair')}.")
    df: pd.DataFrame = self.populate_exit_trend(dataframe, metadata)
    if "exit_long" not in df.columns:
        df = df.rename({"sell": "exit_long"}, axis="columns")
    return df


REPLACEMENTS = (
    Replacement("freqtrade.strategy.interface:IStrategy.advise_entry", advise_entry, "empty tags"),
    Replacement("freqtrade.strategy.interface:IStrategy.advise_exit", advise_exit, "empty tags"),
)
