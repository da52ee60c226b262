"""A pair's candles up to now, in a backtest's callbacks.

freqtrade copies the whole history, compares each of its dates with the current one, and copies
what is earlier. Dates that ascend are bisected, and only that part is copied. It is a copy and no
slice with copy-on-write: pandas lets ``frame["close"].array[0] = …`` write into what a slice
shares. Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
import weakref
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from freqtrade.data.dataprovider import DataProvider
from freqtrade.enums import CandleType, RunMode
from freqtrade.exchange import timeframe_to_prev_date

from .replacement import Replacement

__all__ = ["REPLACEMENTS", "get_pair_dataframe"]

_original = DataProvider.get_pair_dataframe

# How a mask and a slice index a RangeIndex was tried with this pandas.
_KNOWN_PANDAS = pd.__version__.partition(".")[0] == "3"

_TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_NOT_A_TIME = np.iinfo(np.int64).min

Dates = tuple[npt.NDArray[np.int64], int]

# By the id of a frame that is alive: its dates with the ticks of a second, None if unsorted.
_known: dict[int, tuple[weakref.ref[pd.DataFrame], Dates | None]] = {}


@functools.wraps(_original)
def get_pair_dataframe(
    self: Any, pair: str, timeframe: str | None = None, candle_type: str = ""
) -> pd.DataFrame:
    """The candles of a pair that are complete at this point of the backtest."""
    found = _until_now(self, pair, timeframe, candle_type)
    if found is None:
        found = _original(self, pair, timeframe, candle_type)
    return found


def _until_now(
    provider: Any, pair: str, timeframe: str | None, candle_type: str
) -> pd.DataFrame | None:
    """None where freqtrade has to load, warn, or look at each date."""
    now = provider._DataProvider__slice_date
    if (
        not _KNOWN_PANDAS
        or type(provider) is not DataProvider
        or "historic_ohlcv" in vars(provider)
        or type(now) not in (datetime, pd.Timestamp)
        or candle_type == CandleType.FUNDING_RATE
        or provider.runmode in (RunMode.DRY_RUN, RunMode.LIVE)
    ):
        return None
    timeframe = timeframe or provider._config["timeframe"]
    kind = provider._config["candle_type_def"] if candle_type == "" else candle_type
    frame = provider._DataProvider__cached_pairs_backtesting.get((pair, timeframe, kind))
    if type(frame) is not pd.DataFrame:
        return None
    sorted_dates = _sorted_dates(frame)
    if sorted_dates is None:
        return None
    dates, ticks = sorted_dates
    cutoff = timeframe_to_prev_date(timeframe, now)
    count = int(dates.searchsorted(int(cutoff.timestamp()) * ticks))
    if count == 0 or cutoff.microsecond or len(frame) != len(dates):
        return None
    return frame.iloc[:count].copy()


def _sorted_dates(frame: pd.DataFrame) -> Dates | None:
    known = _known.get(id(frame))
    if known is not None and known[0]() is frame:
        return known[1]
    found = _find_sorted_dates(frame)
    number = id(frame)
    _known[number] = (weakref.ref(frame, lambda _: _known.pop(number, None)), found)
    return found


def _find_sorted_dates(frame: pd.DataFrame) -> Dates | None:
    index = frame.index
    if type(index) is not pd.RangeIndex or index.step != 1:
        return None
    if [*frame.columns].count("date") != 1:
        return None
    column = frame["date"]
    if not isinstance(column.dtype, pd.DatetimeTZDtype):
        return None
    dates = pd.DatetimeIndex(column).asi8
    if not len(dates) or dates[0] == _NOT_A_TIME or not (dates[1:] >= dates[:-1]).all():
        return None
    return dates, _TICKS[column.dtype.unit]


_PROVIDER = "freqtrade.data.dataprovider:DataProvider"

REPLACEMENTS = (
    Replacement(
        f"{_PROVIDER}.get_pair_dataframe",
        get_pair_dataframe,
        "candles in callbacks",
        (f"{_PROVIDER}.historic_ohlcv", f"{_PROVIDER}.runmode"),
    ),
)
