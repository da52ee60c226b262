"""How many trades are open at once, and what is in a wallet with them, candle by candle.

Names, arguments, results and errors of ``freqtrade.data.btanalysis``. Imports pandas.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from .._dates import NANOSECONDS, Dates, unit_of, utc_dates
from . import stock
from .certain import or_else
from .columns import column, date_order, dates_of
from .timeframes import (
    SECONDS,
    date_of,
    previous_date,
    resample_frequency,
    timeframe_seconds,
)

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
    unit = unit_of(opened)
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


class _Terms(NamedTuple):
    leverage: float
    is_short: bool
    fee_open: float
    fee_close: float


@or_else(stock.balance_distribution_over_time)
def balance_distribution_over_time(
    trades: pd.DataFrame,
    min_date: datetime,
    max_date: datetime,
    timeframe: str,
    stake_currency: str,
    start_balance: float,
    pairlist: list[str],
) -> pd.DataFrame | None:
    """What a wallet holds in each candle: stake currency, and of each pair what its trades do.

    Columns ``stake_currency`` and, for each pair, its amount, ``<pair>_leverage`` and
    ``<pair>_is_short`` (NaN without a trade) and ``<pair>_collateral``. ``trades`` are those of
    ``trade_list_to_dataframe``, with their orders.
    """
    if _fixed_seconds(timeframe) is None or type(pairlist) is not list or not pairlist:
        return None
    if not all(type(pair) is str for pair in pairlist):
        return None
    columns = {
        stake_currency: float(start_balance),
        **dict.fromkeys(pairlist, 0.0),
        **{f"{pair}_leverage": np.nan for pair in pairlist},
        **{f"{pair}_is_short": np.nan for pair in pairlist},
        **{f"{pair}_collateral": 0.0 for pair in pairlist},
    }
    if len(columns) != 1 + 4 * len(pairlist):
        return None
    first, last = previous_date(timeframe, min_date), previous_date(timeframe, max_date)
    index = pd.date_range(first, last, freq=resample_frequency(timeframe))
    opened, closed = dates_of(trades, "open_date"), dates_of(trades, "close_date", missing=True)
    stamps = utc_dates(index)
    if opened is None or closed is None or stamps is None:
        return None
    if any(NANOSECONDS[unit_of(one)] < NANOSECONDS[unit_of(stamps)] for one in (opened, closed)):
        return None
    held = {name: np.full(len(index), value) for name, value in columns.items()}
    try:
        _distribute(trades, opened, closed, stamps, held, held[stake_currency])
    except Exception:
        # freqtrade's function has errors of its own.
        return None
    rounded = {name: values.round(14) for name, values in held.items()}
    return pd.DataFrame(rounded, index=index, copy=False)


def _distribute(
    trades: pd.DataFrame, opened: Dates, closed: Dates, index: Dates, held: Any, stake: Any
) -> None:
    # What is open, without a date, is held to the end: NaT is after all dates.
    begins, ends = index.searchsorted(opened), index.searchsorted(closed, side="right")
    lists = (column(trades, name).tolist() for name in ("pair", "orders", *_Terms._fields))
    rows = list(zip(*lists, begins.tolist(), ends.tolist(), strict=True))
    for row in date_order(opened).tolist():
        pair, orders, *terms, begin, end = rows[row]
        trade = _Terms(*terms)
        amounts, collaterals = held[pair], held[f"{pair}_collateral"]
        held[f"{pair}_leverage"][begin:end] = trade.leverage
        held[f"{pair}_is_short"][begin:end] = 1 if trade.is_short else 0
        collateral = 0.0
        for order in stock.filled_orders(orders):
            at = np.datetime64(date_of(order["order_filled_timestamp"]).replace(tzinfo=None), "us")
            since = index.searchsorted(at)
            amount, margin, changes = stock.order_changes(trade, order, collateral)
            for change in changes:
                stake[since:] += change
            amounts[since:end] += amount
            collaterals[since:end] += margin
            collateral += margin
