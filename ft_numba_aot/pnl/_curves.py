"""What trades amount to over time: equity, excursions, exposure.

``trades`` are ``Trades``, or a frame with the columns of freqtrade's backtest results. Imports
pandas.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd


class Exposure(NamedTuple):
    """``share`` of the period with a trade open, trades open on average, and at most."""

    share: float
    mean: float
    most: int


def column(trades: Any, name: str) -> npt.NDArray[Any]:
    """A column of trades; ValueError where a frame doesn't have it."""
    if isinstance(trades, pd.DataFrame):
        if name not in trades:
            raise ValueError(f"trades: no column {name}")
        return trades[name].to_numpy()
    found: npt.NDArray[Any] = getattr(trades, name)
    return found


def _times(trades: Any, name: str) -> npt.NDArray[np.int64]:
    """Milliseconds of ``open`` or ``close``."""
    return column(trades, f"{name}_timestamp").astype(np.int64)


def equity_curve(trades: Any, *, starting_balance: float = 1000.0) -> pd.Series[float]:
    """The balance after each exit, by its date; profits of exits at one time in their order."""
    closed = _times(trades, "close")
    order = np.argsort(closed, kind="stable")
    balance = starting_balance + np.cumsum(column(trades, "profit_abs")[order])
    dates = pd.DatetimeIndex(pd.to_datetime(closed[order], unit="ms", utc=True), name="close_date")
    return pd.Series(balance.astype(np.float64), index=dates, name="equity")


def drawdown_curve(trades: Any, *, starting_balance: float = 1000.0) -> pd.Series[float]:
    """How far equity is below its highest value so far, as a ratio of that: 0 or negative."""
    equity = equity_curve(trades, starting_balance=starting_balance)
    highest = np.maximum.accumulate(np.concatenate([[starting_balance], equity.to_numpy()]))[1:]
    return pd.Series(equity.to_numpy() / highest - 1.0, index=equity.index, name="drawdown")


def excursions(trades: Any) -> pd.DataFrame:
    """``mae`` and ``mfe`` of each trade: the worst and the best move from its entry, as ratios.

    Of the prices that freqtrade notes while a trade is open, without fees; ``mae`` is 0 or
    negative, ``mfe`` 0 or positive, if the entry lies between them.
    """
    opened = column(trades, "open_rate").astype(np.float64)
    low = column(trades, "min_rate").astype(np.float64) / opened - 1.0
    high = column(trades, "max_rate").astype(np.float64) / opened - 1.0
    short = column(trades, "is_short").astype(bool)
    return pd.DataFrame({"mae": np.where(short, -high, low), "mfe": np.where(short, -low, high)})


def exposure(trades: Any, *, start: Any = None, end: Any = None) -> Exposure:
    """How long trades were open, from ``start`` to ``end``: by default, from entry to last exit."""
    opened, closed = _times(trades, "open"), _times(trades, "close")
    if not len(opened):
        return Exposure(0.0, 0.0, 0)
    first = int(opened.min()) if start is None else milliseconds(start)
    last = int(closed.max()) if end is None else milliseconds(end)
    if last <= first:
        return Exposure(0.0, 0.0, 0)
    opened, closed = np.clip(opened, first, last), np.clip(closed, first, last)
    times = np.concatenate([opened, closed])
    steps = np.concatenate([np.ones(len(opened), int), -np.ones(len(closed), int)])
    # Exits before the entries of the same moment.
    order = np.lexsort((steps, times))
    times, running = times[order], np.cumsum(steps[order])
    lengths = np.diff(times, append=last)
    period = last - first
    return Exposure(
        float(lengths[running > 0].sum() / period),
        float((lengths * running).sum() / period),
        int(running.max()),
    )


def milliseconds(date: Any) -> int:
    """Since 1970, of a date; UTC if it has no time zone."""
    stamp = pd.Timestamp(date)
    stamp = stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp
    return int(stamp.timestamp() * 1000)
