"""What freqtrade computes on the candles of many pairs: the market's change, pairs side by side.

Names, arguments, results and errors of ``freqtrade.data.metrics``. Imports pandas.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from .._dates import Stamps, ascend, first_stamp, utc_dates
from . import stock
from .arrays import valid_ends
from .certain import or_else
from .columns import Floats, bounded, column, floats

Frame = pd.DataFrame


@or_else(stock.calculate_market_change)
def calculate_market_change(
    data: Mapping[str, Frame], column: str = "close", min_date: datetime | None = None
) -> float | None:
    """Mean over the pairs of ``column``'s change from its first value to its last.

    Values before ``min_date`` are left out, and pairs that have none after it; 0.0 without pairs.
    """
    changes = []
    for candles in data.values():
        ends = _ends(candles, column, min_date)
        if ends is None:
            return None
        changes.append((ends[1] - ends[0]) / ends[0])
    return float(np.mean(changes)) if changes else 0.0


def _ends(
    candles: Any, name: str, min_date: datetime | None
) -> tuple[np.float64, np.float64] | None:
    """The first and the last value that isn't NaN since ``min_date``, if there are any."""
    values = floats(candles, name)
    if values is None:
        return None
    if min_date is not None:
        kept = _since(column(candles, "date"), min_date)
        if kept is None:
            return None
        start = int(kept.argmax()) if len(kept) else 0
        values = values[start:] if kept[start:].all() else values[kept]
    if not len(values):
        return None
    first, last = values[0], values[-1]
    if math.isnan(first) or math.isnan(last):
        found = valid_ends(values)
        if found is None:
            return None
        first, last = values[found[0]], values[found[1]]
    # A division by zero warns.
    return (first, last) if first != 0 and math.isfinite(first) and math.isfinite(last) else None


def _since(dates: Any, min_date: datetime) -> Any:
    dtype = getattr(dates, "dtype", None)
    if not isinstance(dtype, pd.DatetimeTZDtype) or not isinstance(min_date, datetime):
        return None
    if min_date.tzinfo is None:
        return None
    try:
        first = first_stamp(min_date, dtype.unit)
    except ValueError:
        return None
    # NaT, the least integer, is before any date.
    return dates.asi8 >= first


def _side_by_side(data: Any, name: str) -> tuple[pd.DatetimeIndex, list[Floats]] | None:
    """The dates that all pairs have, and their columns; None unless all is certain."""
    if not isinstance(data, dict) or not data or type(name) is not str:
        return None
    stamps: Stamps | None = None
    index = None
    columns = []
    for pair, candles in data.items():
        values, dates = floats(candles, name), column(candles, "date")
        if type(pair) is not str or values is None or "date" in (pair, name):
            return None
        # pandas hands on what is noted of a frame.
        if candles.attrs or (pair != name and pair in candles.columns):
            return None
        if stamps is None:
            known = utc_dates(dates)
            if known is None or not ascend(known):
                return None
            stamps, dtype = dates.asi8, dates.dtype
            index = candles[["date"]].set_index("date").index
        elif dates is None or dates.dtype != dtype or not np.array_equal(dates.asi8, stamps):
            return None
        columns.append(values)
    return index, columns  # type: ignore[return-value]


def _beside(
    data: Mapping[str, Frame], index: pd.DatetimeIndex, name: str
) -> dict[str, pd.Series[float]]:
    """The pairs' columns by the dates they have in common; pandas copies what is written to."""
    columns = {}
    for pair, candles in data.items():
        columns[pair] = candles[name]
        columns[pair].index = index
    return columns


@or_else(stock.combine_dataframes_by_column)
def combine_dataframes_by_column(data: Mapping[str, Frame], column: str = "close") -> Frame | None:
    """``column`` of each pair's candles side by side, named by pair, by all their dates.

    ``ValueError`` without pairs.
    """
    found = _side_by_side(data, column)
    if found is None:
        return None
    return Frame(_beside(data, found[0], column), index=found[0], copy=False)


@or_else(stock.combine_dataframes_with_mean)
def combine_dataframes_with_mean(data: Mapping[str, Frame], column: str = "close") -> Frame | None:
    """``combine_dataframes_by_column`` with a column ``mean``, that of all pairs."""
    found = _side_by_side(data, column)
    if found is None or "mean" in data:
        return None
    index, columns = found
    mean = columns[0].copy()
    for values in columns[1:]:
        mean += values
    if not bounded(mean):
        return None
    mean /= len(columns)
    both = {**_beside(data, index, column), "mean": pd.Series(mean, index, copy=False)}
    return Frame(both, index=index, copy=False)


@or_else(stock.combined_dataframes_with_rel_mean)
def combined_dataframes_with_rel_mean(
    data: Mapping[str, Frame], fromdt: datetime, todt: datetime, column: str = "close"
) -> Frame | None:
    """Of all pairs from ``fromdt`` to ``todt`` (exclusive): mean, sum of mean changes, count.

    Columns ``mean``, ``rel_mean`` and ``count`` by date. ``ValueError`` without pairs.
    """
    found = _side_by_side(data, column)
    if found is None:
        return None
    columns = found[1]
    index: Any = found[0]
    kept = np.flatnonzero((index >= fromdt) & (index < todt))
    if not len(kept):
        return None
    rows = slice(int(kept[0]), int(kept[-1]) + 1)
    levels, changes = _sums_of_pairs(values[rows] for values in columns)
    if not (bounded(levels) and bounded(changes)):
        return None
    count = len(columns)
    levels /= count
    changes /= count
    changes[0] = 0.0
    return Frame(
        {
            "mean": levels,
            "rel_mean": np.add.accumulate(changes, out=changes),
            "count": np.full(len(levels), count),
        },
        index=index[rows],
    )


def _sums_of_pairs(columns: Iterator[Floats]) -> tuple[Floats, Floats]:
    """The sums of values and of their changes, pair by pair; the first change is zero."""
    levels = changes = np.empty(0)
    with np.errstate(all="ignore"):
        for number, values in enumerate(columns):
            change = np.zeros(len(values))
            np.divide(values[1:], values[:-1], out=change[1:])
            change[1:] -= 1
            if number:
                levels += values
                changes += change
            else:
                levels, changes = values.copy(), change
    return levels, changes
