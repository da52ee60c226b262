"""Candles on their way to the backtester, without regrouping what is in order already.

freqtrade cleans every frame by grouping it by date, then resampling it onto its timeframe. Where
the dates are strictly increasing and one candle apart, each group has one row, and both steps
only copy. Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from freqtrade.data.converter import converter as _converter
from freqtrade.data.history.datahandlers.idatahandler import IDataHandler
from freqtrade.enums import CandleType
from freqtrade.exchange import timeframe_to_resample_freq, timeframe_to_seconds

from .replacement import Replacement
from .sorted_dates import (
    NANOSECONDS,
    Dates,
    are_in_order,
    rows_between,
    unit_of,
    utc_dates,
)

if TYPE_CHECKING:
    from freqtrade.configuration import TimeRange

try:
    from freqtrade.candle_columns import candle_type_is_ohlcv, get_candle_columns
except ImportError:
    # Before 2026.8, all kinds of candles have the same columns.
    from freqtrade.constants import DEFAULT_DATAFRAME_COLUMNS

    def candle_type_is_ohlcv(candle_type: CandleType) -> bool:
        return True

    def get_candle_columns(candle_type: CandleType) -> list[str]:
        return DEFAULT_DATAFRAME_COLUMNS  # type: ignore[no-any-return]


__all__ = ["REPLACEMENTS", "clean_ohlcv_dataframe", "get_candle_columns", "trim_dataframe"]

_original_clean = _converter.clean_ohlcv_dataframe
_original_trim = _converter.trim_dataframe
_original_check = IDataHandler._check_empty_df

# Their messages stay freqtrade's own.
_logger = logging.getLogger(_converter.__name__)

# Copy-on-write lets a slice stand for a copy.
COPY_ON_WRITE = int(pd.__version__.partition(".")[0]) >= 3

DAY = 86400


@functools.wraps(_original_clean)
def clean_ohlcv_dataframe(
    dataframe: pd.DataFrame,
    timeframe: str,
    pair: str,
    *,
    fill_missing: bool,
    drop_incomplete: bool,
    **kind: CandleType,
) -> pd.DataFrame:
    """A copy of the candles; freqtrade's grouping and filling where that isn't all they do.

    ``kind`` is ``candle_type``, from freqtrade 2026.8 on.
    """
    candle_type = kind.get("candle_type", CandleType.SPOT)
    clean = _copy_if_clean(dataframe, timeframe, fill_missing, drop_incomplete, candle_type)
    if clean is not None:
        return clean
    cleaned: pd.DataFrame = _original_clean(
        dataframe,
        timeframe,
        pair,
        fill_missing=fill_missing,
        drop_incomplete=drop_incomplete,
        **kind,
    )
    return cleaned


def _copy_if_clean(
    dataframe: pd.DataFrame,
    timeframe: str,
    fill_missing: bool,
    drop_incomplete: bool,
    candle_type: CandleType,
) -> pd.DataFrame | None:
    """What cleaning gives if every step of it leaves the values alone, or else None."""
    if not candle_type_is_ohlcv(candle_type) or not _is_plain(dataframe):
        return None
    columns = get_candle_columns(candle_type)
    if not dataframe.columns.is_unique or any(name not in dataframe for name in columns):
        return None
    length = len(dataframe) - (1 if drop_incomplete else 0)
    if length < 1:
        return None
    dates = utc_dates(dataframe["date"])
    if dates is None or not (dates[1:] > dates[:-1]).all():
        return None
    if fill_missing and not _on_grid(dates[:length], timeframe):
        return None
    values = {}
    for name in columns[1:]:
        column = dataframe[name]
        if column.dtype != np.float64:
            return None
        values[name] = column.to_numpy()[:length].copy()
        # Missing values would be filled in, and infinite ones summed.
        if not np.isfinite(values[name]).all():
            return None
    # The sum of a single -0.0 is a matter of pandas' version.
    if np.signbit(values["volume"]).any():
        return None
    if drop_incomplete:
        _logger.debug("Dropping last candle")
    stamps = dataframe["date"].array[:length].copy()
    return pd.DataFrame({"date": stamps, **values}, copy=False)


def _is_plain(frame: pd.DataFrame) -> bool:
    """Whether it has nothing that pandas passes on beside values."""
    return (
        type(frame) is pd.DataFrame
        and not frame.attrs
        and frame.flags.allows_duplicate_labels
        and frame.columns.name is None
    )


def _on_grid(dates: Dates, timeframe: str) -> bool:
    """Whether resampling to the timeframe finds one candle in each bin, at its start.

    Bins are counted from the first day's midnight.
    """
    seconds = timeframe_to_seconds(timeframe)
    if timeframe_to_resample_freq(timeframe) != f"{seconds}s":
        return False
    second = 10**9 // NANOSECONDS[unit_of(dates)]
    stamps = dates.view(np.int64)
    first = int(stamps[0])
    step = seconds * second
    if seconds < 1 or first % (DAY * second) % step:
        return False
    return bool((stamps[1:] - stamps[:-1] == step).all())


@functools.wraps(_original_trim)
def trim_dataframe(
    df: pd.DataFrame,
    timerange: TimeRange,
    *,
    df_date_col: str = "date",
    startup_candles: int = 0,
) -> pd.DataFrame:
    """A slice where the dates are in order, which has the rows that freqtrade's mask selects."""
    trimmed = _slice_if_sorted(df, timerange, df_date_col, startup_candles)
    if trimmed is not None:
        return trimmed
    original: pd.DataFrame = _original_trim(
        df, timerange, df_date_col=df_date_col, startup_candles=startup_candles
    )
    return original


def _slice_if_sorted(
    df: pd.DataFrame, timerange: TimeRange, df_date_col: str, startup_candles: int
) -> pd.DataFrame | None:
    since = timerange.startdt if timerange.starttype == "date" and not startup_candles else None
    until = timerange.stopdt if timerange.stoptype == "date" else None
    if (
        not COPY_ON_WRITE
        or (since is None and until is None)
        or (since is None and timerange.starttype == "date" and not startup_candles)
        or (until is None and timerange.stoptype == "date")
        or type(startup_candles) is not int
        or startup_candles < 0
        or type(df) is not pd.DataFrame
        or type(df.index) is not pd.RangeIndex
    ):
        return None
    dates = utc_dates(df.get(df_date_col))
    if dates is None or not are_in_order(dates):
        return None
    start, stop = rows_between(dates, since, until)
    start = max(start, startup_candles)
    # pandas gives an empty frame another index.
    return df.iloc[start:stop, :] if start < stop else None


@functools.wraps(_original_check)
def _check_empty_df(
    self: Any,
    pairdf: pd.DataFrame,
    pair: str,
    timeframe: str,
    candle_type: CandleType,
    warn_no_data: bool,
    warn_price: bool = False,
) -> bool:
    """freqtrade's own if there may be something to say about the frame."""
    if warn_price and _has_no_price_jump(pairdf):
        return False
    empty: bool = _original_check(
        self, pairdf, pair, timeframe, candle_type, warn_no_data, warn_price
    )
    return empty


def _has_no_price_jump(candles: pd.DataFrame) -> bool:
    """Whether no candle opens more than 10 % away from the close before it."""
    opens: Any = candles.get("open")
    closes: Any = candles.get("close")
    if (
        len(candles) < 2
        or getattr(opens, "dtype", None) != np.float64
        or getattr(closes, "dtype", None) != np.float64
    ):
        return False
    before = closes.to_numpy()[:-1]
    with np.errstate(all="ignore"):
        gaps = np.abs((opens.to_numpy()[1:] - before) / before)
        # A comparison with NaN is False, and so is left to the original.
        return bool((gaps <= 0.1).all())


REPLACEMENTS = (
    Replacement(
        "freqtrade.data.converter.converter:clean_ohlcv_dataframe",
        clean_ohlcv_dataframe,
        "loading",
        (
            "freqtrade.data.converter.converter:ohlcv_fill_up_missing_data",
            "freqtrade.data.converter.converter:add_candle_aliases",
            "freqtrade.candle_columns:get_candle_agg_dict",
            "freqtrade.exchange.exchange_utils_timeframe:timeframe_to_resample_freq",
        ),
    ),
    Replacement("freqtrade.data.converter.converter:trim_dataframe", trim_dataframe, "loading"),
    Replacement(
        "freqtrade.data.history.datahandlers.idatahandler:IDataHandler._check_empty_df",
        _check_empty_df,
        "loading",
    ),
)
