"""technical's indicators of rolling windows that change nothing of their frame.

Ichimoku's clouds, channels, averages weighted by volume or place, retracements, ranges. Imports
technical and TA-Lib.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from math import floor
from math import sqrt as root
from typing import Any

import numpy as np
import pandas as pd
import talib
from technical.indicators import indicators as _indicators
from technical.indicators import momentum as _momentum
from technical.indicators import overlap_studies as _overlap
from technical.indicators import volatility as _volatility
from technical.indicators import volume_indicators as _volume

from ... import _rolling
from ..._backend import call
from ...runtime.registration import Call
from ..replacement import Replacement
from .technical_columns import with_columns
from .technical_frames import (
    INDICATORS,
    OVERLAP,
    Floats,
    is_mapped,
    is_number,
    is_whole,
    named,
    prices,
    series,
    shifted,
    values,
    walk,
)

_ichimoku = _indicators.ichimoku
_ssl_channels = _indicators.SSLChannels
_rmi = _indicators.RMI
_fibonacci_retracements = _indicators.fibonacci_retracements
_tv_wma = _indicators.tv_wma
_tv_hma = _indicators.tv_hma
_tke = _indicators.TKE
_vwma = _overlap.vwma
_rma = _overlap.rma
_bollinger_bands = _overlap.bollinger_bands
_williams_percent = _momentum.williams_percent
_chopiness = _volatility.chopiness
_chaikin_money_flow = _volume.chaikin_money_flow

_kernels = {
    name: call(f"technical_{name}") for name in ("ssl", "fibonacci", "wma", "mean_of_seven")
}


def _middle(high: Floats, low: Floats, window: int) -> Floats:
    middle: Floats = (_rolling.max(high, window) + _rolling.min(low, window)) / 2
    return middle


@wraps(_ichimoku)
def ichimoku(
    dataframe: Any,
    conversion_line_period: Any = 9,
    base_line_periods: Any = 26,
    laggin_span: Any = 52,
    displacement: Any = 26,
) -> Any:
    """``ichimoku`` of prices of float64."""
    columns = prices(dataframe, "high", "low", "close")
    windows = conversion_line_period, base_line_periods, laggin_span
    if (
        columns is None
        or not all(is_whole(one) for one in (*windows, displacement))
        or is_mapped(dataframe["close"]._values)
    ):
        return _ichimoku(dataframe, *windows, displacement)
    high, low, close = columns
    with np.errstate(all="ignore"):
        tenkan, kijun, leading_b = [_middle(high, low, window) for window in windows]
        leading_a = (tenkan + kijun) / 2
    a, b = (shifted(one, displacement - 1) for one in (leading_a, leading_b))
    index = dataframe.index
    return {
        "tenkan_sen": series(tenkan, index),
        "kijun_sen": series(kijun, index),
        "senkou_span_a": series(a, index),
        "senkou_span_b": series(b, index),
        "leading_senkou_span_a": series(leading_a, index),
        "leading_senkou_span_b": series(leading_b, index),
        "chikou_span": series(shifted(close, 1 - displacement), index, "close"),
        "cloud_green": series(a > b, index),
        "cloud_red": series(b > a, index),
    }


@wraps(_ssl_channels)
def SSLChannels(dataframe: Any, length: Any = 10, mode: Any = "sma") -> Any:  # noqa: N802
    """``SSLChannels`` of prices of float64."""
    columns = prices(dataframe, "high", "low", "close")
    simple = mode == "sma" if type(mode) is str else False
    if columns is None or not is_whole(length, 2) or not (simple or mode == "ema"):
        return _ssl_channels(dataframe, length, mode)
    high, low, close = columns
    average = _rolling.mean if simple else talib.EMA
    down, up = np.empty((2, len(close)))
    _kernels["ssl"](close, average(high, length), average(low, length), down, up)
    return series(down, dataframe.index, "sslDown"), series(up, dataframe.index, "sslUp")


@wraps(_rmi)
def RMI(dataframe: Any, *, length: Any = 20, mom: Any = 5) -> Any:  # noqa: N802
    """``RMI`` of closes of float64."""
    columns = prices(dataframe, "close")
    if columns is None or not is_whole(length, 2) or not is_whole(mom):
        return _rmi(dataframe, length=length, mom=mom)
    (close,) = columns
    before = shifted(close, mom)
    with np.errstate(all="ignore"):
        up, down = close - before, before - close
        rises = talib.EMA(np.where(up >= 0, up, 0.0), length)
        falls = talib.EMA(np.where(down >= 0, down, 0.0), length)
        out = np.where(falls == 0, 0, 100 - 100 / (1 + rises / falls))
    return series(out, dataframe.index, "RMI")


@wraps(_fibonacci_retracements)
def fibonacci_retracements(df: Any, field: Any = "close", window: Any = 120) -> Any:
    """``fibonacci_retracements`` of a column of float64 over a window."""
    columns = prices(df, field)
    if columns is None or not is_whole(window):
        return _fibonacci_retracements(df, field, window)
    (real,) = columns
    out = np.empty(len(real))
    _kernels["fibonacci"](real, _rolling.min(real, window), _rolling.max(real, window), out)
    return series(out, df.index, field)


def _weighted(real: Floats, length: int) -> Floats:
    out = np.empty(len(real))
    _kernels["wma"](real, length, out)
    return out


@wraps(_tv_wma)
def tv_wma(dataframe: Any, length: Any = 9, field: Any = "close") -> Any:
    """``tv_wma`` of a Series or column of float64."""
    real = values(dataframe, field)
    # Of fewer there is nothing to average.
    if real is None or not is_whole(length, 3):
        return _tv_wma(dataframe, length, field)
    return series(_weighted(real, length), dataframe.index, named(dataframe, field))


@wraps(_tv_hma)
def tv_hma(dataframe: Any, length: Any = 9, field: Any = "close") -> Any:
    """``tv_hma`` of a Series or column of float64."""
    real = values(dataframe, field)
    if real is None or not is_whole(length, 9):
        return _tv_hma(dataframe, length, field)
    with np.errstate(all="ignore"):
        hull = 2 * _weighted(real, length // 2) - _weighted(real, length)
    out = _weighted(hull, floor(root(length)))
    return series(out, dataframe.index, named(dataframe, field))


@wraps(_vwma)
def vwma(df: Any, window: Any, price: Any = "close") -> Any:
    """``vwma`` of columns of float64."""
    out = _vwma_of(df, window, price)
    return _vwma(df, window, price) if out is None else series(out, df.index)


def _vwma_of(frame: Any, window: Any, price: Any = "close") -> Floats | None:
    columns = prices(frame, price, "volume")
    # Of volume, the result would have the name.
    if columns is None or not is_whole(window) or price == "volume":
        return None
    return _by_volume(columns, window)


def _by_volume(columns: list[Floats], window: int) -> Floats:
    real, volume = columns
    with np.errstate(all="ignore"):
        out: Floats = _rolling.sum(real * volume, window) / _rolling.sum(volume, window)
    return out


@wraps(_rma)
def rma(dataframe: Any, period: Any, field: Any = "close") -> Any:
    """``rma`` of a column of float64."""
    columns = prices(dataframe, field)
    if columns is None or not is_whole(period):
        return _rma(dataframe, period, field)
    (real,) = columns
    if len(real) < period:
        return series(np.full(len(real), np.nan), dataframe.index, field)
    seeded = real.copy()
    seeded[: period - 1] = np.nan
    seeded[period - 1] = pd.Series(real[:period], copy=False).mean()
    out = _rolling.ewm_mean(seeded, alpha=1.0 / period, adjust=False)
    return series(out, dataframe.index, field)


@wraps(_bollinger_bands)
def bollinger_bands(
    dataframe: Any,
    period: Any = 21,
    stdv: Any = 2,
    field: Any = "close",
    colum_prefix: Any = "bb",
    ma_type: Any = "sma",
) -> Any:
    """``bollinger_bands`` of a column of float64."""
    columns = prices(dataframe, field)
    if (
        columns is None
        or not is_whole(period, 2)
        or not is_number(stdv)
        or type(colum_prefix) is not str
        or type(ma_type) is not str
    ):
        return _bollinger_bands(dataframe, period, stdv, field, colum_prefix, ma_type)
    (real,) = columns
    middle = _AVERAGES.get(ma_type.lower(), talib.SMA)(real, period)
    with np.errstate(all="ignore"):
        width = _rolling.std(real, period) * stdv
        bands = {"lower": middle - width, "middle": middle, "upper": middle + width}
    return with_columns(dataframe, {f"{colum_prefix}_{name}": one for name, one in bands.items()})


_AVERAGES: dict[str, Callable[..., Floats]] = {
    "ema": talib.EMA,
    "dema": talib.DEMA,
    "tema": talib.TEMA,
}


@wraps(_williams_percent)
def williams_percent(dataframe: Any, period: Any = 14) -> Any:
    """``williams_percent`` of prices of float64."""
    columns = prices(dataframe, "high", "low", "close")
    if columns is None or not is_whole(period):
        return _williams_percent(dataframe, period)
    high, low, close = columns
    highest, lowest = _rolling.max(high, period), _rolling.min(low, period)
    with np.errstate(all="ignore"):
        out = (highest - close) / (highest - lowest) * -100
    return series(out, dataframe.index)


@wraps(_chaikin_money_flow)
def chaikin_money_flow(dataframe: Any, period: Any = 21) -> Any:
    """``chaikin_money_flow`` of candles of float64."""
    columns = prices(dataframe, "high", "low", "close", "volume")
    if columns is None or not is_whole(period):
        return _chaikin_money_flow(dataframe, period)
    high, low, close, volume = columns
    with np.errstate(all="ignore"):
        flow = ((close - low) - (high - close)) / (high - low) * volume
        out = _rolling.sum(flow, period) / _rolling.sum(volume, period)
    return series(out, dataframe.index)


@wraps(_chopiness)
def chopiness(dataframe: Any, period: Any = 14) -> Any:
    """``chopiness`` of prices of float64 with the index 0 … n-1."""
    columns = prices(dataframe, "high", "low", "close")
    if columns is None or not is_whole(period) or not _is_counted(dataframe.index):
        return _chopiness(dataframe, period)
    high, low, close = columns
    before = shifted(close, 1)
    with np.errstate(all="ignore"):
        ranges = np.maximum(np.maximum(high - low, np.abs(high - before)), np.abs(low - before))
    known = np.flatnonzero(~np.isnan(ranges))
    # Where rows between others are missing, pandas makes another kind of index.
    if not len(known) or known[-1] - known[0] >= len(known):
        return _chopiness(dataframe, period)
    with np.errstate(all="ignore"):
        summed = np.full(len(close), np.nan)
        summed[known] = _rolling.sum(_rolling.mean(ranges[known], 1), period)
        ratio = summed / (_rolling.max(high, period) - _rolling.min(low, period))
    # numpy warns of what it can't take the logarithm of.
    logarithm = np.log10(ratio)
    with np.errstate(all="ignore"):
        out = 100 * logarithm / np.log10(period)
    return series(out, dataframe.index)


def _is_counted(index: Any) -> bool:
    return type(index) is pd.RangeIndex and index.start == 0 and index.step == 1


@wraps(_tke)
def TKE(dataframe: Any, *, length: Any = 14, emaperiod: Any = 5) -> Any:  # noqa: N802
    """``TKE`` of candles of float64."""
    columns = prices(dataframe, "high", "low", "close", "volume")
    if columns is None or not is_whole(length, 2) or not is_whole(emaperiod, 2):
        return _tke(dataframe, length=length, emaperiod=emaperiod)
    high, low, close, volume = columns
    with np.errstate(all="ignore"):
        lowest = _rolling.min(low, length)
        stochastic = 100 * (close - lowest) / (_rolling.max(high, length) - lowest)
    oscillators = (
        talib.RSI(close, length),
        stochastic,
        talib.ULTOSC(high, low, close, 7, 14, 28),
        talib.MFI(high, low, close, volume, length),
        talib.WILLR(high, low, close, length),
        talib.ROCR100(close, length),
        talib.CCI(high, low, close, length),
    )
    mean = np.empty(len(close))
    if _kernels["mean_of_seven"](*oscillators, mean):
        return _tke(dataframe, length=length, emaperiod=emaperiod)
    smooth = talib.EMA(mean, emaperiod)
    return series(mean, dataframe.index, "TKE"), series(smooth, dataframe.index, "TKEema")


def _calls(*calls: tuple[tuple[Any, ...], dict[str, Any]]) -> Callable[[], Iterator[Call]]:
    def probes() -> Iterator[Call]:
        for arguments, keywords in calls:
            yield (walk(), *arguments), keywords

    return probes


# By original: ours, and calls to compare it on.
_TABLE: dict[str, tuple[Any, Callable[[], Iterator[Call]]]] = {
    INDICATORS + "ichimoku": (ichimoku, _calls(((3, 7, 12, 5), {}), ((), {}))),
    INDICATORS + "SSLChannels": (SSLChannels, _calls(((), {}), ((4, "ema"), {}))),
    INDICATORS + "RMI": (RMI, _calls(((), {}), ((), {"length": 4, "mom": 2}))),
    INDICATORS + "fibonacci_retracements": (
        fibonacci_retracements,
        _calls((("close", 9), {}), (("low", 20), {})),
    ),
    INDICATORS + "tv_wma": (tv_wma, _calls(((), {}), ((4, "open"), {}))),
    INDICATORS + "tv_hma": (tv_hma, _calls(((), {}), ((16,), {}))),
    INDICATORS + "TKE": (TKE, _calls(((), {}), ((), {"length": 5, "emaperiod": 3}))),
    OVERLAP + "vwma": (vwma, _calls(((9,), {}), ((4, "open"), {}))),
    OVERLAP + "rma": (rma, _calls(((9,), {}), ((50,), {}))),
    OVERLAP + "bollinger_bands": (
        bollinger_bands,
        _calls(((), {}), ((5, 1.5, "low", "b", "ema"), {})),
    ),
    "technical.indicators.momentum:williams_percent": (
        williams_percent,
        _calls(((), {}), ((5,), {})),
    ),
    "technical.indicators.volatility:chopiness": (chopiness, _calls(((), {}), ((5,), {}))),
    "technical.indicators.volume_indicators:chaikin_money_flow": (
        chaikin_money_flow,
        _calls(((), {}), ((5,), {})),
    ),
}

REPLACEMENTS = tuple(
    Replacement(
        original,
        ours,
        "technical's windows",
        relies_on=(INDICATORS + "tv_wma",) if ours is tv_hma else (),
        native=True,
        unfit=_rolling.certified,
        probes=probes,
    )
    for original, (ours, probes) in _TABLE.items()
)
