"""How many trades are open at once, as ``freqtrade.data.btanalysis`` has it. Imports pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .._dates import NANOSECONDS
from . import stock
from .certain import or_else
from .columns import column, dates_of
from .timeframes import SECONDS, timeframe_seconds

_DAY = SECONDS["d"]


@or_else(stock.analyze_trade_parallelism)
def analyze_trade_parallelism(trades: pd.DataFrame, timeframe: str) -> pd.DataFrame | None:
    """How many trades were open in each candle, from the first to the last with any.

    ``trades`` need ``open_date``, ``close_date`` and ``pair``. A column ``open_trades``, by date.
    """
    seconds = _fixed_seconds(timeframe)
    opened, closed = dates_of(trades, "open_date"), dates_of(trades, "close_date")
    if (
        seconds is None
        or opened is None
        or closed is None
        or opened.dtype != closed.dtype
        or "date" in trades.columns
        or not _is_whole(column(trades, "pair"))
    ):
        return None
    frequency = f"{seconds}s"
    unit = np.datetime_data(opened.dtype)[0]
    if NANOSECONDS[unit] > NANOSECONDS["s"] or not len(opened):
        return None
    step = seconds * NANOSECONDS["s"] // NANOSECONDS[unit]
    starts = opened.view(np.int64)
    lengths = -((starts - closed.view(np.int64)) // step)
    some = lengths > 0
    if not some.any():
        return None
    first = starts[some] // step
    stop = first + lengths[some]
    begin = int(first.min())
    size = int(stop.max()) - begin
    changes = np.bincount(first - begin, minlength=size + 1)
    changes -= np.bincount(stop - begin, minlength=size + 1)
    start = pd.Timestamp(begin * step, unit=unit)
    index = pd.date_range(start, periods=size, freq=frequency, name="date", unit=unit)  # type: ignore[call-overload]
    return pd.DataFrame({"open_trades": changes[:-1].cumsum()}, index=index, copy=False)


def _fixed_seconds(timeframe: Any) -> int | None:
    """The length of candles that divide a day into equal parts."""
    if type(timeframe) is not str or timeframe[-1:] not in SECONDS or not timeframe[:-1].isdigit():
        return None
    seconds = timeframe_seconds(timeframe)
    return seconds if 0 < seconds <= _DAY and _DAY % seconds == 0 else None


def _is_whole(array: Any) -> bool:
    return array is not None and not np.any(pd.isna(array))


def evaluate_result_multi(
    trades: pd.DataFrame, timeframe: str, max_open_trades: float
) -> pd.DataFrame:
    """The candles of ``analyze_trade_parallelism`` with more open trades than that."""
    counts = analyze_trade_parallelism(trades, timeframe)
    return counts[counts["open_trades"] > max_open_trades]
