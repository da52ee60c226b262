"""Custom data of a backtest's trades, found by trade and key.

freqtrade's ``CustomDataWrapper`` looks through the data of all trades, closed ones too, at each
get and set. Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
from typing import Any

from freqtrade.persistence.custom_data import CustomDataWrapper, _CustomData

from .listed import ListIndex
from .replacement import Replacement

__all__ = ["REPLACEMENTS", "delete_custom_data", "forget", "get_custom_data"]

_original_get = CustomDataWrapper.get_custom_data
_original_delete = CustomDataWrapper.delete_custom_data


class _Entries(ListIndex[Any]):
    """A trade's entries in order of the list: all of them, and those of a case-folded key."""

    by_trade: dict[int, list[Any]]
    by_key: dict[tuple[int, str], list[Any]]

    def _clear(self) -> None:
        self.by_trade = {}
        self.by_key = {}

    def _add(self, item: Any) -> bool:
        trade, key = item.ft_trade_id, item.cd_key
        if type(trade) is not int or type(key) is not str:
            return False
        self.by_trade.setdefault(trade, []).append(item)
        self.by_key.setdefault((trade, key.casefold()), []).append(item)
        return True

    def find(self, trade: int, key: str | None) -> list[Any]:
        """The entries of a trade, or of one of its keys."""
        if key is None:
            return self.by_trade.get(trade, [])
        return self.by_key.get((trade, key.casefold()), [])

    def delete(self, listed: list[Any], trade: int, key: str | None) -> list[Any]:
        """A list without the entries that ``find`` finds; the index is of that list from now on."""
        removed = self.find(trade, key)
        gone = set(map(id, removed))
        kept = [entry for entry in listed if id(entry) not in gone] if gone else listed.copy()
        self.replace(kept, removed)
        if key is None:
            for entry in self.by_trade.pop(trade, []):
                self.by_key.pop((trade, entry.cd_key.casefold()), None)
        elif self.by_key.pop((trade, key.casefold()), None) is not None:
            self.by_trade[trade] = [
                entry for entry in self.by_trade[trade] if id(entry) not in gone
            ]
        return kept


_entries = _Entries(_CustomData, ("ft_trade_id", "cd_key"))
forget = _entries.forget


def _answers(trade_id: Any, key: Any) -> bool:
    return (
        not CustomDataWrapper.use_db
        and type(trade_id) is int
        and (key is None or type(key) is str)
        and _entries.covers(CustomDataWrapper.custom_data)
    )


@functools.wraps(_original_get)
def get_custom_data(*, trade_id: int, key: str | None = None) -> list[Any]:
    """A trade's entries, or those of one key, their values parsed anew."""
    if _answers(trade_id, key):
        found = _entries.find(trade_id, key)
        return [CustomDataWrapper._convert_custom_data(entry) for entry in found]
    entries: list[Any] = _original_get(trade_id=trade_id, key=key)
    return entries


@functools.wraps(_original_delete)
def delete_custom_data(trade_id: int, key: str | None = None) -> None:
    """Put a list in place that lacks a trade's entries, or those of one key."""
    if _answers(trade_id, key):
        listed = CustomDataWrapper.custom_data
        CustomDataWrapper.custom_data = _entries.delete(listed, trade_id, key)
    else:
        _original_delete(trade_id, key)


_WRAPPER = "freqtrade.persistence.custom_data:CustomDataWrapper"

REPLACEMENTS = (
    Replacement(f"{_WRAPPER}.get_custom_data", staticmethod(get_custom_data), "custom data"),
    # A part for itself: before 2026.9 it deleted from the database alone.
    Replacement(
        f"{_WRAPPER}.delete_custom_data",
        staticmethod(delete_custom_data),
        "deletion of custom data",
    ),
)
