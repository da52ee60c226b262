"""Whether two backtests gave the same: every field, bit for bit.

Imports numpy and pandas, not freqtrade.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    from .backtest import Outcome


class Difference(NamedTuple):
    """The first place where two results differ, and the values of each field that does."""

    where: str
    fields: dict[str, tuple[Any, Any]]


class Check(NamedTuple):
    """What was compared, how much of it, and the first difference if there is one."""

    what: str
    amount: str
    difference: Difference | None


def compare(stock: Outcome, ours: Outcome) -> list[Check]:
    """Compare everything that two backtests give."""
    trades, wallets, counters = stock.trades, stock.wallet_history, stock.counters
    orders = sum(map(len, trades["orders"]))
    return [
        Check(
            "trades",
            f"{len(trades):,} × {len(trades.columns)} fields, with {orders:,} orders",
            frame_difference(trades, ours.trades, lambda row: _trade(trades, row)),
        ),
        Check(
            "final balance",
            repr(stock.final_balance),
            _value_difference("final balance", stock.final_balance, ours.final_balance),
        ),
        Check(
            "rejected signals",
            f"{counters['rejected_signals']:,}, and {len(counters) - 1} other counters",
            _value_difference("counters", counters, ours.counters),
        ),
        Check(
            "wallet history",
            _size(wallets),
            frame_difference(wallets, ours.wallet_history, lambda row: f"wallets, row {row}"),
        ),
        Check(
            "indicators",
            _indicators(stock),
            _analysed_difference(stock.analysed, ours.analysed),
        ),
        Check(
            "statistics",
            f"{count_values(stock.stats):,} values",
            first_difference("stats", stock.stats, ours.stats),
        ),
    ]


def frame_difference(
    stock: pd.DataFrame, ours: pd.DataFrame, row_name: Callable[[int], str]
) -> Difference | None:
    """What differs about two frames as a whole, or else the first row that does."""
    for what, theirs, mine in (
        ("columns", list(stock.columns), list(ours.columns)),
        ("dtypes", [str(dtype) for dtype in stock.dtypes], [str(dtype) for dtype in ours.dtypes]),
    ):
        if theirs != mine:
            return Difference(what, {what: (theirs, mine)})
    length = min(len(stock), len(ours))
    differing = {
        name: _differing(stock[name].iloc[:length], ours[name].iloc[:length])
        for name in stock.columns
    }
    if rows := [int(mask.argmax()) for mask in differing.values() if mask.any()]:
        row = min(rows)
        fields = {
            name: (_value(stock[name], row), _value(ours[name], row))
            for name, mask in differing.items()
            if mask[row]
        }
        return Difference(row_name(row), fields)
    if len(stock) != len(ours):
        return Difference("number of rows", {"rows": (len(stock), len(ours))})
    if not stock.index.equals(ours.index):
        return Difference("index", {"index": (stock.index, ours.index)})
    return None


def identical(stock: Any, ours: Any) -> bool:
    """Same types, same values, floats bit for bit; any NaN is any other's equal."""
    if type(stock) is not type(ours):
        return False
    if isinstance(stock, float):
        return struct.pack("d", stock) == struct.pack("d", ours) or (
            stock != stock and ours != ours
        )
    if isinstance(stock, dict):
        return list(stock) == list(ours) and all(
            identical(value, ours[key]) for key, value in stock.items()
        )
    if isinstance(stock, (list, tuple)):
        return len(stock) == len(ours) and all(map(identical, stock, ours))
    return stock is ours or bool(stock == ours)


def first_difference(where: str, stock: Any, ours: Any) -> Difference | None:
    """The first place in nested dicts and lists where two values aren't identical."""
    if type(stock) is type(ours):
        if isinstance(stock, dict) and list(stock) == list(ours):
            pairs = ((f"{where}, {key}", stock[key], ours[key]) for key in stock)
            return next((found for pair in pairs if (found := first_difference(*pair))), None)
        if isinstance(stock, (list, tuple)) and len(stock) == len(ours):
            pairs = (
                (f"{where}, {number}", *both)
                for number, both in enumerate(zip(stock, ours, strict=True), 1)
            )
            return next((found for pair in pairs if (found := first_difference(*pair))), None)
    if identical(stock, ours):
        return None
    if isinstance(stock, dict) and isinstance(ours, dict):
        return Difference(where, {"keys": (list(stock), list(ours))})
    return Difference(where, {where.rpartition(", ")[2]: (stock, ours)})


def count_values(value: Any) -> int:
    """How many values lie in nested dicts and lists."""
    if isinstance(value, dict):
        return sum(map(count_values, value.values()))
    if isinstance(value, (list, tuple)):
        return sum(map(count_values, value))
    return 1


def _differing(stock: pd.Series[Any], ours: pd.Series[Any]) -> npt.NDArray[np.bool_]:
    if stock.dtype == np.float64:
        theirs, mine = stock.to_numpy(), ours.to_numpy()
        bits = theirs.view(np.int64) != mine.view(np.int64)
        differing: npt.NDArray[np.bool_] = bits & ~(np.isnan(theirs) & np.isnan(mine))
        return differing
    if stock.dtype != object and stock.equals(ours):
        return np.zeros(len(stock), np.bool_)
    return np.array(
        [not identical(*pair) for pair in zip(stock.tolist(), ours.tolist(), strict=True)],
        np.bool_,
    )


def _value(column: pd.Series[Any], row: int) -> Any:
    """A Python number rather than numpy's: it prints as it is."""
    return column.iloc[[row]].tolist()[0]


def _analysed_difference(
    stock: dict[str, pd.DataFrame], ours: dict[str, pd.DataFrame]
) -> Difference | None:
    if list(stock) != list(ours):
        return Difference("pairs", {"pairs": (list(stock), list(ours))})
    for pair, frame in stock.items():
        found = frame_difference(frame, ours[pair], lambda row: f"candle {row}")
        if found is not None:
            return Difference(f"{pair}, {found.where}", found.fields)
    return None


def _value_difference(what: str, stock: Any, ours: Any) -> Difference | None:
    return None if identical(stock, ours) else Difference(what, {what: (stock, ours)})


def _trade(trades: pd.DataFrame, row: int) -> str:
    trade = trades.iloc[row]
    return f"trade {row + 1}, {trade['pair']} opened {trade['open_date']}"


def _indicators(outcome: Outcome) -> str:
    added = {
        column
        for pair, frame in outcome.analysed.items()
        for column in frame.columns.difference(outcome.candles[pair].columns)
    }
    rows = sum(map(len, outcome.analysed.values()))
    return f"{rows:,} candles × {len(added)} columns"


def _size(frame: pd.DataFrame) -> str:
    return f"{len(frame):,} rows × {len(frame.columns)} columns"
