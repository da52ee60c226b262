"""The columns of a frame of trades that reports are made of, as arrays that are safe to add up.

Reports reduce the same few columns again and again: of all trades, of each pair, of each tag.
Imports pandas, not freqtrade.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from .._dates import Dates
from ..metrics.columns import Floats, column, dates_of, finite_floats

__all__ = ["TradeColumns", "trade_columns"]

Integers: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class TradeColumns:
    """One row a trade: profit in stake currency and as a ratio, minutes held, closing date.

    ``closed`` is datetime64 in the frame's unit, in UTC.
    """

    profit: Floats
    ratio: Floats
    minutes: Integers
    closed: Dates

    def __len__(self) -> int:
        return len(self.profit)

    def take(self, rows: Any) -> TradeColumns:
        """The trades at ``rows``: positions or a mask."""
        return TradeColumns(
            self.profit[rows], self.ratio[rows], self.minutes[rows], self.closed[rows]
        )


def trade_columns(trades: Any) -> TradeColumns | None:
    """The columns of ``trades``; None if one of them is missing, of another type or not finite."""
    profit = finite_floats(trades, "profit_abs")
    ratio = finite_floats(trades, "profit_ratio")
    closed = dates_of(trades, "close_date")
    minutes = column(trades, "trade_duration")
    if profit is None or ratio is None or closed is None or minutes is None:
        return None
    return TradeColumns(profit, ratio, minutes, closed) if minutes.dtype == np.int64 else None
