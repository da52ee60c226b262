"""Candles from feather files, only those of the time range.

freqtrade filters the file's rows by their dates. Where these are in order, the rows are found by
bisection. Imports freqtrade, from 2026.7 on, and pyarrow.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
from freqtrade.data.history.datahandlers.arrowdatahandler import ArrowDataHandler
from freqtrade.data.history.datahandlers.featherdatahandler import FeatherDataHandler
from freqtrade.enums import CandleType
from freqtrade.exchange import timeframe_to_seconds

from .loading import get_candle_columns
from .replacement import Replacement
from .sorted_dates import are_in_order, rows_between

if TYPE_CHECKING:
    from freqtrade.configuration import TimeRange

__all__ = ["REPLACEMENTS"]

_original_load = ArrowDataHandler._ohlcv_load


@functools.wraps(_original_load)
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
    # In another zone than that of the bounds, freqtrade warns that Arrow can't compare them.
    if dates.null_count or not pa.types.is_timestamp(kind) or (kind.unit, kind.tz) != ("ms", "UTC"):
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
        "freqtrade.data.history.datahandlers.arrowdatahandler:ArrowDataHandler._ohlcv_load",
        _ohlcv_load,
        "reading",
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
