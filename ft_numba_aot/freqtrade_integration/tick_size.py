"""A pair's tick size month by month, from counted instead of formatted decimals.

Replaces freqtrade's ``get_tick_size_over_time``. Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from freqtrade.data.btanalysis.historic_precision import get_tick_size_over_time as _original

from ..precision import decimals
from .replacement import Replacement
from .sorted_dates import are_in_order, utc_dates

if TYPE_CHECKING:
    FloatSeries: TypeAlias = pd.Series[float]

__all__ = ["REPLACEMENTS", "get_tick_size_over_time"]

PRICES = ("open", "high", "low", "close")


@functools.wraps(_original)
def get_tick_size_over_time(candles: pd.DataFrame) -> FloatSeries:
    """1 / 10**(most decimals of any price in the month), a value a month; NaN without decimals.

    Leaves the columns ``open_count``, ``high_count``, ``low_count``, ``close_count`` and
    ``max_count`` on ``candles``, as freqtrade does: int64 where every price has decimals,
    float64 with NaN otherwise.
    """
    dates = _sorted_dates(candles)
    prices = None if dates is None else _prices(candles)
    if dates is None or prices is None:
        original: FloatSeries = _original(candles)
        return original
    counts = decimals(prices)
    # pandas' ``str.len`` gives int64 where no text is missing.
    whole = [not np.isnan(column).any() for column in counts]
    for name, column, is_whole in zip(PRICES, counts, whole, strict=True):
        candles[f"{name}_count"] = column.astype(np.int64) if is_whole else column
    highest = np.fmax.reduce(counts)
    candles["max_count"] = highest.astype(np.int64) if all(whole) else highest
    sizes: FloatSeries = 1 / 10 ** _monthly_highest(candles["max_count"].to_numpy(), dates)
    return sizes


def _sorted_dates(candles: pd.DataFrame) -> pd.DatetimeIndex | None:
    """The dates as an index, if they are in UTC, in order and all there."""
    if type(candles) is not pd.DataFrame or len(candles) == 0:
        return None
    if not candles.columns.is_unique or "date" not in candles.columns:
        return None
    dates = utc_dates(candles["date"])
    if dates is None or not are_in_order(dates):
        return None
    return pd.DatetimeIndex(candles["date"])


def _prices(candles: pd.DataFrame) -> npt.NDArray[np.float64] | None:
    """One row for each of ``PRICES``, if all are plain float64 columns."""
    if any(name not in candles.columns or candles[name].dtype != np.float64 for name in PRICES):
        return None
    return np.stack([candles[name].to_numpy() for name in PRICES])


def _monthly_highest(
    highest: npt.NDArray[np.float64] | npt.NDArray[np.int64], dates: pd.DatetimeIndex
) -> FloatSeries:
    """The maximum of each calendar month; pandas resamples one value a month."""
    months = pd.date_range(
        dates[0].normalize().replace(day=1), dates[-1], freq="MS", unit=dates.unit
    )
    starts = np.unique(np.searchsorted(dates.asi8, months.asi8))
    # A month without candles starts where the next one does.
    starts = starts[starts < len(dates)]
    maxima = pd.Series(np.fmax.reduceat(highest, starts), dates[starts], name="max_count")
    return maxima.resample("MS").max()


REPLACEMENTS = (
    Replacement(
        "freqtrade.data.btanalysis.historic_precision:get_tick_size_over_time",
        get_tick_size_over_time,
        "loading",
        native=True,
    ),
)
