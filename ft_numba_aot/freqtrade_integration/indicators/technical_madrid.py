"""technical's Madrid indicators: colours of moving averages, which it asks pandas for row by row.

They write columns into the caller's frame. Imports technical and TA-Lib, which averages.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from functools import wraps
from typing import Any

import numpy as np
import pandas as pd
import talib
from technical.indicators import indicators as _indicators

from ..._backend import call
from ..replacement import Replacement
from .technical_frames import INDICATORS, has_object_rows, is_whole, prices, shifted, texts

_mmar = _indicators.mmar
_madrid_sqz = _indicators.madrid_sqz
_colour = call("technical_colour")
_squeeze = call("technical_squeeze")

_PERIODS = ("05", "10", "20", "30", "40", "50", "60", "70", "80", "90", "100")
_COLOURED = _PERIODS[1:-1]
_OF_MMAR = frozenset(
    ["leadMA", *(f"ma{p}{end}" for p in _PERIODS for end in ("", "l", "_c"))],
)
_OF_SQUEEZE = frozenset(
    ["sqz_ma", *(f"sqz_{one}ma{end}" for one in "crs" for end in ("", "_c"))],
)
# In the order of the kernels' numbers.
_RIBBON = ("lime", "maroon", "red", "green", "grey")
_CLOSE = ("aqua", "fuchsia")
_SQUEEZE = ("lime", "red")
_REFERENCE = ("yellow", "green", "maroon")


def _is_ordinary(dataframe: pd.DataFrame, own: frozenset[str]) -> bool:
    """Whether its new columns are new, and its rows are of Python's numbers, which don't warn."""
    return own.isdisjoint(dataframe.columns) and has_object_rows(dataframe)


@wraps(_mmar)
def mmar(dataframe: Any, matype: Any = "EMA", src: Any = "close", debug: Any = False) -> Any:
    """``mmar`` of a frame with dates, whose columns are new."""
    columns = prices(dataframe, src)
    if (
        columns is None
        or type(matype) is not str
        or debug is not False
        or not _is_ordinary(dataframe, _OF_MMAR)
    ):
        return _mmar(dataframe, matype, src, debug)
    average = talib.SMA if matype in ("SMA", "sma") else talib.EMA
    averages = {period: average(columns[0], int(period)) for period in _PERIODS}
    for period, values in averages.items():
        dataframe[f"ma{period}"] = values
        dataframe[f"ma{period}l"] = shifted(values, 1)
    named = ["leadMA", *(f"ma{period}_c" for period in _COLOURED)]
    codes = np.empty(len(dataframe), dtype=np.int64)
    for name, period in zip(named, ("05", *_COLOURED), strict=True):
        _colour(averages[period], averages["100"], codes)
        dataframe[name] = texts(_RIBBON, codes)
    return tuple([dataframe[name] for name in named])


@wraps(_madrid_sqz)
def madrid_sqz(
    datafame: Any,
    length: Any = 34,
    src: Any = "close",
    ref: Any = 13,
    sqzLen: Any = 5,  # noqa: N803
) -> Any:
    """``madrid_sqz`` of a frame with dates, whose columns are new."""
    columns = prices(datafame, "close", src)
    if (
        columns is None
        or not all(is_whole(one, 2) for one in (length, ref, sqzLen))
        or not _is_ordinary(datafame, _OF_SQUEEZE)
    ):
        return _madrid_sqz(datafame, length, src, ref, sqzLen)
    close, source = columns
    average = talib.EMA(source, length)
    with np.errstate(all="ignore"):
        distances = [
            close - average,
            talib.EMA(source, ref) - average,
            talib.EMA(source, sqzLen) - average,
        ]
    codes = np.empty((3, len(close)), dtype=np.int64)
    _squeeze(*distances, *codes)
    datafame["sqz_ma"] = average
    for name, values in zip(("sqz_cma", "sqz_rma", "sqz_sma"), distances, strict=True):
        datafame[name] = values
    datafame["sqz_cma_c"] = texts(_CLOSE, codes[0])
    datafame["sqz_sma_c"] = texts(_SQUEEZE, codes[1])
    datafame["sqz_rma_c"] = texts(_REFERENCE, codes[2])
    return datafame["sqz_cma_c"], datafame["sqz_rma_c"], datafame["sqz_sma_c"]


# They write into their arguments.
REPLACEMENTS = (
    Replacement(INDICATORS + "mmar", mmar, "technical's Madrid", native=True),
    Replacement(INDICATORS + "madrid_sqz", madrid_sqz, "technical's Madrid", native=True),
)
