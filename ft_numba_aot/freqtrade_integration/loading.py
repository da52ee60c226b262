"""Candles from disk to the backtester, without regrouping what is in order already.

freqtrade cleans every frame by grouping it by date, then resampling it onto its timeframe. Where
the dates are strictly increasing and one candle apart, each group has one row, and both steps
only copy. Imports freqtrade and pyarrow.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
from freqtrade.candle_columns import candle_type_is_ohlcv, get_candle_columns
from freqtrade.data.converter import converter as _converter
from freqtrade.data.history.datahandlers.arrowdatahandler import ArrowDataHandler
from freqtrade.data.history.datahandlers.featherdatahandler import FeatherDataHandler
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

__all__ = ["REPLACEMENTS", "clean_ohlcv_dataframe", "trim_dataframe"]

_original_clean = _converter.clean_ohlcv_dataframe
_original_trim = _converter.trim_dataframe
_original_check = IDataHandler._check_empty_df
_original_load = ArrowDataHandler._ohlcv_load

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
    candle_type: CandleType = CandleType.SPOT,
) -> pd.DataFrame:
    """A copy of the candles; freqtrade's grouping and filling where that isn't all they do."""
    clean = _copy_if_clean(dataframe, timeframe, fill_missing, drop_incomplete, candle_type)
    if clean is not None:
        return clean
    cleaned: pd.DataFrame = _original_clean(
        dataframe,
        timeframe,
        pair,
        fill_missing=fill_missing,
        drop_incomplete=drop_incomplete,
        candle_type=candle_type,
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


def _ohlcv_load(
    self: Any, pair: str, timeframe: str, timerange: TimeRange | None, candle_type: CandleType
) -> pd.DataFrame:
    """One feather file in freqtrade's present layout; any other is freqtrade's to read."""
    candles = None
    if type(self) is FeatherDataHandler:
        filename = self._pair_data_filename(self._datadir, pair, timeframe, candle_type=candle_type)
        if filename.exists():
            candles = _read_feather(filename, timeframe, timerange, candle_type)
    if candles is not None:
        return candles
    original: pd.DataFrame = _original_load(self, pair, timeframe, timerange, candle_type)
    return original


def _read_feather(
    filename: Any, timeframe: str, timerange: TimeRange | None, candle_type: CandleType
) -> pd.DataFrame | None:
    """The file's candles from one before the time range to one after it.

    None if the file needs more than reading: other columns or types, rows out of order, none in
    the range, or an error that freqtrade reports.
    """
    columns = get_candle_columns(candle_type)
    try:
        with pa.OSFile(str(filename)) as source:
            table = pa.ipc.open_file(source).read_all()
        if table.column_names != columns or table.num_rows == 0:
            return None
        if timerange:
            bounds = _rows_in_range(table["date"], timeframe, timerange)
            if bounds is None:
                return None
            table = table.slice(*bounds)
        candles: pd.DataFrame = table.to_pandas()
    except (OSError, ValueError, pa.ArrowException):
        return None
    dtypes = candles.dtypes.to_list()
    if (
        candles.columns.to_list() != columns
        or any(dtype != np.float64 for dtype in dtypes[1:])
        or not isinstance(dtypes[0], pd.DatetimeTZDtype)
        or dtypes[0].unit != "ms"
    ):
        return None
    return candles


def _rows_in_range(
    dates: pa.ChunkedArray, timeframe: str, timerange: TimeRange
) -> tuple[int, int] | None:
    """First row and number of rows in the time range, a candle wider on both sides."""
    wider = timedelta(seconds=timeframe_to_seconds(timeframe))
    since = timerange.startdt if timerange.starttype == "date" else None
    until = timerange.stopdt if timerange.stoptype == "date" else None
    if since is None and until is None:
        return 0, len(dates)
    kind = dates.type
    if dates.null_count or not pa.types.is_timestamp(kind) or kind.unit != "ms" or kind.tz is None:
        return None
    stamps = dates.to_numpy()
    if not are_in_order(stamps):
        return None
    start, stop = rows_between(
        stamps,
        None if since is None else since - wider,
        None if until is None else until + wider,
    )
    return (start, stop - start) if start < stop else None


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
    Replacement(
        "freqtrade.data.history.datahandlers.arrowdatahandler:ArrowDataHandler._ohlcv_load",
        _ohlcv_load,
        "loading",
        (
            "freqtrade.data.history.datahandlers.arrowdatahandler:"
            "ArrowDataHandler._load_ohlcv_dataframe",
            "freqtrade.data.history.datahandlers.arrowdatahandler:"
            "ArrowDataHandler._build_arrow_ohlcv_filter",
            "freqtrade.data.history.datahandlers.idatahandler:IDataHandler._normalize_columns",
            "freqtrade.candle_columns:get_candle_dtypes",
        ),
    ),
)
