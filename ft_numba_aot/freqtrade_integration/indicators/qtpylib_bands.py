"""qtpylib's bands, ranges and prices by volume: windows of several columns.

Imports technical, which freqtrade takes qtpylib's indicators from.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from typing import Any

import numpy as np
import pandas as pd
from technical.vendor.qtpylib import indicators as _indicators

from ... import _rolling
from ...runtime.registration import Call
from ..replacement import Replacement
from . import qtpylib_arrays as arrays
from .qtpylib_arrays import MODULE, Floats
from .qtpylib_averages import unfit
from .qtpylib_prices import strength
from .technical_frames import is_number, prices, series, walk

_bollinger_bands = _indicators.bollinger_bands
_weighted_bollinger_bands = _indicators.weighted_bollinger_bands
_keltner_channel = _indicators.keltner_channel
_atr = _indicators.atr
_tdi = _indicators.tdi
_rolling_vwap = _indicators.rolling_vwap
_cci = _indicators.cci
_stoch = _indicators.stoch
_chopiness = _indicators.chopiness

_volume_price, _filled_ratio = map(arrays.kernel, ("volume_price", "filled_ratio"))


@wraps(_bollinger_bands)
def bollinger_bands(series: Any, window: Any = 20, stds: Any = 2) -> Any:
    """``bollinger_bands`` of a Series of float64."""
    array = arrays.values(series)
    if array is None or type(window) is not int or window < 1:
        return _bollinger_bands(series, window, stds)
    found = _bollinger(array, window, stds, series.index)
    return _bollinger_bands(series, window, stds) if found is None else found


def _bollinger(array: Floats, window: int, stds: Any, index: Any) -> pd.DataFrame | None:
    middle, width = (step(array, window, 1) for step in (arrays.mean, arrays.std))
    if middle is None or width is None:
        return None
    return arrays.bands(middle[0], width[0], stds, index)


@wraps(_weighted_bollinger_bands)
def weighted_bollinger_bands(series: Any, window: Any = 20, stds: Any = 2) -> Any:
    """``weighted_bollinger_bands`` of a Series of float64."""
    array, found = arrays.values(series), None
    if array is not None and type(window) is int:
        width = arrays.std(array, window)
        if width is not None:
            middle = arrays.weighted(array, window, window)
            found = arrays.bands(middle, width[0], stds, series.index)
    return _weighted_bollinger_bands(series, window, stds) if found is None else found


@wraps(_keltner_channel)
def keltner_channel(bars: Any, window: Any = 14, atrs: Any = 2) -> Any:
    """``keltner_channel`` of finite prices of float64."""
    columns, found = prices(bars, "high", "low", "close"), None
    if columns is not None:
        middle = arrays.mean(arrays.typical(columns), window)
        if middle is not None:
            width = arrays.atr(columns, window, False)
            found = arrays.bands(middle[0], width, atrs, bars.index)
    return _keltner_channel(bars, window, atrs) if found is None else found


@wraps(_atr)
def atr(bars: Any, window: Any = 14, exp: Any = False) -> Any:
    """``atr`` of finite prices of float64."""
    columns = prices(bars, "high", "low", "close")
    found = None if columns is None else arrays.atr(columns, window, exp)
    return _atr(bars, window, exp) if found is None else series(found, bars.index)


_TDI = ("rsi", "rsi_signal", "rsi_smooth", "rsi_bb_upper", "rsi_bb_lower", "rsi_bb_mid")


@wraps(_tdi)
def tdi(
    series: Any,
    rsi_lookback: Any = 13,
    rsi_smooth_len: Any = 2,
    rsi_signal_len: Any = 7,
    bb_lookback: Any = 34,
    bb_std: Any = 1.6185,
) -> Any:
    """``tdi`` of a Series of float64."""
    options = rsi_lookback, rsi_smooth_len, rsi_signal_len, bb_lookback, bb_std
    array = arrays.values(series)
    rows = None if array is None else _dynamic(array, *options)
    return _tdi(series, *options) if rows is None else arrays.frame_of(rows, series.index, _TDI)


def _dynamic(
    array: Floats, lookback: Any, smooth: Any, signal: Any, window: Any, stds: Any
) -> Floats | None:
    rsi = strength(array, lookback)
    if rsi is None or type(window) is not int or window < 1 or not is_number(stds):
        return None
    means = arrays.mean(rsi, signal), arrays.mean(rsi, smooth)
    middle, width = (step(rsi, window, 1) for step in (arrays.mean, arrays.std))
    if means[0] is None or means[1] is None or middle is None or width is None:
        return None
    with np.errstate(all="ignore"):
        distance = width[0] * float(stds)
        upper, lower = middle[0] + distance, middle[0] - distance
    return np.array((rsi, means[0][0], means[1][0], upper, lower, middle[0]))


@wraps(_rolling_vwap)
def rolling_vwap(bars: Any, window: Any = 200, min_periods: Any = None) -> Any:
    """``rolling_vwap`` of columns of float64."""
    columns = prices(bars, "high", "low", "close", "volume")
    least = window if min_periods is None else min_periods
    if columns is None or not arrays.is_window(window, least):
        return _rolling_vwap(bars, window, min_periods)
    traded = _rolling.sum(_volume_price(*columns), window, least)
    found = _filled_ratio(traded, _rolling.sum(columns[3], window, least))
    return series(found, bars.index)


@wraps(_cci)
def cci(series: Any, window: Any = 14) -> Any:
    """``cci`` of prices of float64."""
    found = _channel(series, window)
    return _cci(series, window) if found is None else found


def _channel(bars: Any, window: Any) -> Any:
    columns = prices(bars, "high", "low", "close")
    if columns is None:
        return None
    price = arrays.typical(columns)
    mean = arrays.mean(price, window)
    if mean is None:
        return None
    with np.errstate(all="ignore"):
        # pandas' deviation, which bottleneck may compute.
        price -= mean[0]
        price /= 0.015 * np.std(arrays.shared(mean[0], bars.index))
    return arrays.shared(price, bars.index)


@wraps(_stoch)
def stoch(df: Any, window: Any = 14, d: Any = 3, k: Any = 3, fast: Any = False) -> Any:
    """``stoch`` of prices of float64."""
    columns = prices(df, "high", "low", "close")
    windows = window, d, k
    if columns is None or type(fast) is not bool or not all(map(_is_window, windows)):
        return _stoch(df, window, d, k, fast)
    fast_k = arrays.fast_k(columns, window)
    if fast:
        return _two(("fast_k", "fast_d"), fast_k, _rolling.mean(fast_k, d), df.index)
    slow_k = _rolling.mean(fast_k, k)
    return _two(("slow_k", "slow_d"), slow_k, _rolling.mean(slow_k, d), df.index)


def _is_window(window: Any) -> bool:
    return arrays.is_window(window, window)


def _two(names: tuple[str, str], first: Floats, second: Floats, index: Any) -> pd.DataFrame:
    """A frame of two columns, each in a block of its own, as the original's."""
    columns = dict(zip(names, (first, second), strict=True))
    return pd.DataFrame(columns, index=index.view(), copy=False)


@wraps(_chopiness)
def chopiness(bars: Any, window: Any = 14) -> Any:
    """``chopiness`` of finite prices of float64."""
    columns = prices(bars, "high", "low", "close")
    ranges = None if columns is None or not _is_window(window) else arrays.true_range(columns)
    if columns is None or ranges is None:
        return _chopiness(bars, window)
    total = _rolling.sum(ranges, window)
    with np.errstate(all="ignore"):
        span = _rolling.max(columns[0], window)
        span -= _rolling.min(columns[1], window)
        total /= span
    # numpy's own logarithm, with numpy's warnings.
    found = np.log10(total)
    with np.errstate(all="ignore"):
        found *= 100.0
        found /= np.log10(window)
    return series(found, bars.index)


def _columns() -> Iterator[Call]:
    close = walk()["close"]
    yield (close,), {}
    yield (close, 20, 2.5), {}
    yield (close.where(close.index % 9 != 4).rename(None), 5, 1), {}
    yield (close.iloc[3:], 40), {}


def _walks() -> Iterator[Call]:
    bars = walk()
    yield (bars,), {}
    yield (bars.set_index("date"), 9), {}
    yield (bars.assign(close=bars["close"].where(bars.index % 9 != 4)), 5), {}
    yield (bars.assign(high=bars["low"], close=bars["low"]), 3), {}
    yield (bars.iloc[:5],), {}


def _averages() -> Iterator[Call]:
    yield from _walks()
    yield (walk(), 9, True), {}


def _volumes() -> Iterator[Call]:
    bars = walk()
    yield (bars, 20), {}
    yield (bars, 4, 1), {}
    yield (bars.assign(volume=0.0), 3), {}


def _stochastics() -> Iterator[Call]:
    yield from _walks()
    yield (walk(), 5, 2, 4, True), {}


def _periods() -> Iterator[Call]:
    close = walk()["close"]
    yield (close,), {}
    yield (close, 5, 3, 4, 9, 2), {}


def _of(name: str, ours: Any, probes: Any, *relies_on: str) -> Replacement:
    return Replacement(
        MODULE + name,
        ours,
        "qtpylib's bands",
        relies_on=tuple(MODULE + one for one in relies_on),
        native=True,
        unfit=unfit,
        probes=probes,
    )


_MEAN = ("rolling_mean", "numpy_rolling_series", "numpy_rolling_window")
_STD = ("rolling_std",)
_ATR = ("true_range", "rolling_weighted_mean")

REPLACEMENTS = (
    _of("bollinger_bands", bollinger_bands, _columns, *_MEAN, *_STD),
    _of(
        "weighted_bollinger_bands",
        weighted_bollinger_bands,
        _columns,
        *(*_MEAN[1:], *_STD, "rolling_weighted_mean"),
    ),
    _of("keltner_channel", keltner_channel, _walks, "typical_price", "atr", *_ATR, *_MEAN),
    _of("atr", atr, _averages, *_ATR, *_MEAN),
    _of("tdi", tdi, _periods, "rsi", "sma", "bollinger_bands", *_MEAN, *_STD),
    _of("rolling_vwap", rolling_vwap, _volumes),
    _of("cci", cci, _walks, "typical_price", *_MEAN),
    _of("stoch", stoch, _stochastics),
    _of("chopiness", chopiness, _walks, "true_range"),
)
