"""technical's indicators that go from candle to candle in Python, in one pass of a kernel each.

Imports technical and TA-Lib. What TA-Lib computes is TA-Lib's, or what stands in for it.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from importlib import import_module
from math import cos, exp, pi, sqrt
from typing import Any

import numpy as np
import pandas as pd
import talib
import talib.abstract as ta
from technical import indicator_helpers as _helpers
from technical.indicators import indicators as _indicators

from ... import _rolling
from ..._backend import call
from ...runtime.registration import Call
from ..replacement import Replacement
from .technical_frames import (
    INDICATORS,
    Floats,
    has_object_rows,
    has_plain_labels,
    in_memory,
    is_mapped,
    is_number,
    is_whole,
    prices,
    series,
    values,
    walk,
)

_HELPERS = "technical.indicator_helpers:"
_SUPERTREND = "technical.indicators.supertrend:supertrend"

# The package's attribute of that name is the function.
_supertrend = import_module("technical.indicators.supertrend").supertrend
_laguerre = _indicators.laguerre
_vidya = _indicators.VIDYA
_pmax = _indicators.PMAX
_td_sequential = _indicators.td_sequential
_tv_trama = _indicators.tv_trama
_smoother = _helpers.ehlers_super_smoother

_kernels = {
    name: call(f"technical_{name}")
    for name in (
        *("laguerre", "supertrend", "vidya", "pmax", "td_sequential"),
        *("trend_moves", "trama", "smooth"),
    )
}

_DIRECTIONS = np.array(["down", "up", None], dtype=object)
_DIRECTIONS.flags.writeable = False


@wraps(_laguerre)
def laguerre(dataframe: Any, gamma: Any = 0.75, smooth: Any = 1, debug: Any = False) -> Any:
    """``laguerre`` of closes of float64."""
    columns = prices(dataframe, "close")
    if columns is None or type(gamma) is not float or debug is not False:
        return _laguerre(dataframe, gamma, smooth, debug)
    out = np.empty(len(columns[0]))
    if not _kernels["laguerre"](columns[0], gamma, out):
        # The original's list is of the integer 0 alone.
        out = np.zeros(len(out), dtype=np.int64)
    return pd.Series(out, copy=False)


@wraps(_supertrend)
def supertrend(dataframe: Any, period: Any = 10, multiplier: Any = 3) -> Any:
    """``supertrend`` of prices of float64, without an infinity."""
    columns = prices(dataframe, "high", "low", "close")
    if columns is None or not is_whole(period) or not is_number(multiplier):
        return _supertrend(dataframe, period, multiplier)
    high, low, close = columns
    atr = _rolling.mean(talib.TRANGE(high, low, close), period)
    out, direction = np.empty(len(close)), np.empty(len(close), dtype=np.int64)
    if _kernels["supertrend"](high, low, close, atr, period, multiplier, out, direction):
        return _supertrend(dataframe, period, multiplier)
    return out, _DIRECTIONS[direction]


@wraps(_vidya)
def VIDYA(dataframe: Any, length: Any = 9, select: Any = True) -> Any:  # noqa: N802
    """``VIDYA`` of closes of float64, of rows with labels of their own."""
    columns = prices(dataframe, "close")
    if columns is None or not is_whole(length) or not has_plain_labels(dataframe):
        return _vidya(dataframe, length, select)
    (close,) = columns
    out = np.empty(len(close))
    volatility = _volatility(close, length, select)
    if _kernels["vidya"](close, volatility, length, 2 / (length + 1), out):
        return _vidya(dataframe, length, select)
    return series(out, dataframe.index, "VIDYA")


def _volatility(close: Floats, length: int, select: Any) -> Floats:
    """The column ``k``: of Chande's oscillator, or the deviation; 0 where it is missing."""
    if select:
        with np.errstate(all="ignore"):
            change = np.empty(len(close))
            change[0] = np.nan
            np.subtract(close[1:], close[:-1], out=change[1:])
            rises = change >= 0
            up = _rolling.sum(np.where(rises, change, 0.0), length)
            down = _rolling.sum(np.where(rises, 0.0, -change), length)
            k = np.abs(100 * (up - down) / (up + down)) / 100
    else:
        k = _rolling.std(close, length)
    k[np.isnan(k)] = 0.0
    return k


@wraps(_pmax)
def PMAX(  # noqa: N802
    dataframe: Any,
    period: Any = 10,
    multiplier: Any = 3,
    length: Any = 12,
    MAtype: Any = 1,  # noqa: N803
    src: Any = 1,
) -> Any:
    """``PMAX`` of candles of float64, of rows with labels of their own."""
    arguments = period, multiplier, length, MAtype, src
    if (
        not all(type(one) is int for one in (period, length, MAtype, src))
        or not is_whole(period)
        or not is_whole(length, 2)
        or not is_number(multiplier)
        or not 1 <= MAtype <= 9
        or not 1 <= src <= 3
        or prices(dataframe, "open", "high", "low", "close", "volume") is None
        or not has_plain_labels(dataframe)
        or any(is_mapped(one.values) and one.dtype != np.float64 for one in dataframe._mgr.blocks)
    ):
        return _pmax(dataframe, *arguments)
    average, band = f"MA_{MAtype}_{length}", f"{period}_{multiplier}_{length}_{MAtype}"
    if not _OF_PMAX.isdisjoint(dataframe.columns) or average in dataframe.columns:
        return _pmax(dataframe, *arguments)
    frame = in_memory(dataframe.copy())
    atr = ta.ATR(frame, timeperiod=period)
    frame[f"ATR_{period}"] = atr
    moving = _moving_average(frame, length, MAtype, src)
    upper, lower = moving + multiplier * atr, moving - multiplier * atr
    line = np.empty(len(frame))
    columns = [np.ascontiguousarray(one, dtype=np.float64) for one in (moving, upper, lower)]
    _kernels["pmax"](*columns, period, line)
    # A band that is missing is 0, but for which way it would have been.
    direction = np.where(line > 0.0, np.where(columns[0] < line, "down", "up"), "nan")
    frame[f"ATR_{period}"] = atr.fillna(0.0)
    frame[f"pm_{band}"] = np.where(np.isnan(line), 0.0, line)
    frame[f"pmX_{band}"] = direction
    return frame


_OF_PMAX = frozenset(("basic_ub", "basic_lb", "final_ub", "final_lb"))


def _moving_average(frame: pd.DataFrame, length: int, kind: int, src: int) -> Any:
    if kind == 5:
        return VIDYA(frame, length=length)
    if kind == 7:
        return ta.WMA(frame, timeperiod=length)
    if kind == 8:
        return _indicators.vwma(frame, length)
    if src == 1:
        source = frame["close"]
    elif src == 2:
        source = (frame["high"] + frame["low"]) / 2
    else:
        source = (frame["high"] + frame["low"] + frame["close"] + frame["open"]) / 4
    function: Any = {1: ta.EMA, 2: ta.DEMA, 9: ta.DEMA, 3: ta.T3, 4: ta.SMA, 6: ta.TEMA}[kind]
    return function(source, timeperiod=length)


@wraps(_td_sequential)
def td_sequential(dataframe: Any) -> Any:
    """``td_sequential`` of a frame with dates, whose column is new and whose labels are unique."""
    columns = prices(dataframe, "close", "volume")
    if (
        columns is None
        or "TD_count" in dataframe.columns
        or not has_plain_labels(dataframe)
        or not has_object_rows(dataframe)
    ):
        return _td_sequential(dataframe)
    count = np.empty(len(dataframe), dtype=np.int64)
    _kernels["td_sequential"](*columns, count)
    dataframe.loc[:, "TD_count"] = pd.Series(count, index=dataframe.index, copy=False)
    return dataframe


@wraps(_tv_trama)
def tv_trama(dataframe: Any, length: Any = 99, field: Any = "close") -> Any:
    """``tv_trama`` of two prices or more, of float64, without an infinity."""
    columns = prices(dataframe, "high", "low", field)
    if columns is None or len(dataframe) < 2 or not is_whole(length, 2):
        return _tv_trama(dataframe, length, field)
    high, low, real = columns
    moves, out = np.empty(len(real) - 1), np.empty(len(real))
    highest, lowest = talib.MAX(high, length), talib.MIN(low, length)
    if _kernels["trend_moves"](highest, lowest, moves):
        return _tv_trama(dataframe, length, field)
    if _kernels["trama"](real, talib.SMA(moves, length), out):
        return _tv_trama(dataframe, length, field)
    return pd.Series(out, copy=False)


# `series` is its argument's name, which a caller may give.
@wraps(_smoother)
def ehlers_super_smoother(series: Any, smoothing: Any = 6) -> Any:
    """``ehlers_super_smoother`` of a Series of float64, without an infinity."""
    real = values(series, None) if isinstance(series, pd.Series) else None
    if real is None or not is_number(smoothing) or not smoothing or is_mapped(series._values):
        return _smoother(series, smoothing)
    magic = pi * sqrt(2) / smoothing
    try:
        a1 = exp(-magic)
    except OverflowError:
        return _smoother(series, smoothing)
    second, third = 2 * a1 * cos(magic), -a1 * a1
    first = (1 - second - third) / 2
    out = np.empty(len(real))
    if not (first - first == second - second == third - third == 0.0):
        return _smoother(series, smoothing)
    if _kernels["smooth"](real, first, second, third, out):
        return _smoother(series, smoothing)
    return pd.Series(out, index=series.index.view(), name=series.name, copy=False)


def _calls(*calls: tuple[Any, ...]) -> Any:
    def probes() -> Iterator[Call]:
        for arguments in calls:
            yield (walk(), *arguments), {}

    return probes


def _probes_of_smoother() -> Iterator[Call]:
    for arguments in ((), (3,), (14.5,)):
        yield (walk()["close"], *arguments), {}


REPLACEMENTS = (
    Replacement(
        INDICATORS + "laguerre",
        laguerre,
        "technical's loops",
        native=True,
        probes=_calls((), (0.4,)),
    ),
    Replacement(
        _SUPERTREND,
        supertrend,
        "technical's supertrend",
        native=True,
        unfit=_rolling.certified,
        probes=_calls((), (5, 1.5)),
    ),
    Replacement(
        INDICATORS + "VIDYA",
        VIDYA,
        "technical's VIDYA and PMAX",
        native=True,
        unfit=_rolling.certified,
        probes=_calls((), (5, False)),
    ),
    Replacement(
        INDICATORS + "PMAX",
        PMAX,
        "technical's VIDYA and PMAX",
        relies_on=(INDICATORS + "VIDYA",),
        native=True,
        unfit=_rolling.certified,
        probes=_calls((), (5, 2, 6, 5, 2)),
    ),
    # Writes into its argument.
    Replacement(INDICATORS + "td_sequential", td_sequential, "technical's loops", native=True),
    Replacement(
        INDICATORS + "tv_trama",
        tv_trama,
        "technical's loops",
        native=True,
        probes=_calls((), (9, "open")),
    ),
    Replacement(
        _HELPERS + "ehlers_super_smoother",
        ehlers_super_smoother,
        "technical's loops",
        native=True,
        probes=_probes_of_smoother,
    ),
)
