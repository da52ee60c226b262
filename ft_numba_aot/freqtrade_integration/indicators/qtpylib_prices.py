"""qtpylib's functions of each candle and the one before, its rsi, and what wraps its crossings.

Imports technical, which freqtrade takes qtpylib's indicators from.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from typing import Any

import numpy as np
from technical.vendor.qtpylib import indicators as _indicators

from ...runtime.registration import Call
from ..replacement import Replacement
from . import crossings
from .qtpylib_arrays import MODULE, Floats, kernel, shared, true_range, typical, values
from .technical_frames import prices, series, walk

_typical_price = _indicators.typical_price
_mid_price = _indicators.mid_price
_ibs = _indicators.ibs
_true_range = _indicators.true_range
_crossed_above = _indicators.crossed_above
_crossed_below = _indicators.crossed_below
_returns = _indicators.returns
_log_returns = _indicators.log_returns
_roc = _indicators.roc
_pvt = _indicators.pvt
_rsi = _indicators.rsi

_kernel_mid, _kernel_ibs, _kernel_returns, _kernel_ratio, _kernel_roc, _kernel_pvt, _kernel_rsi = (
    map(kernel, ("mid", "ibs", "returns", "ratio", "roc", "pvt", "rsi"))
)


@wraps(_typical_price)
def typical_price(bars: Any) -> Any:
    """``typical_price`` of prices of float64."""
    columns = prices(bars, "high", "low", "close")
    return _typical_price(bars) if columns is None else shared(typical(columns), bars.index)


@wraps(_mid_price)
def mid_price(bars: Any) -> Any:
    """``mid_price`` of prices of float64."""
    columns = prices(bars, "high", "low")
    return _mid_price(bars) if columns is None else shared(_kernel_mid(*columns), bars.index)


@wraps(_ibs)
def ibs(bars: Any) -> Any:
    """``ibs`` of prices of float64."""
    columns = prices(bars, "high", "low", "close")
    parts = None if columns is None else _kernel_ibs(*columns)
    return _ibs(bars) if parts is None else shared(np.round(parts, 2, out=parts), bars.index)


@wraps(_true_range)
def ranges(bars: Any) -> Any:
    """``true_range`` of finite prices of float64."""
    columns = prices(bars, "high", "low", "close")
    found = None if columns is None else true_range(columns)
    return _true_range(bars) if found is None else series(found, bars.index)


@wraps(_crossed_above)
def crossed_above(series1: Any, series2: Any) -> Any:
    """``crossed`` from below."""
    return crossings.crossed(series1, series2, "above")


@wraps(_crossed_below)
def crossed_below(series1: Any, series2: Any) -> Any:
    """``crossed`` from above."""
    return crossings.crossed(series1, series2, "below")


@wraps(_returns)
def returns(series: Any) -> Any:
    """``returns`` of a Series of float64."""
    array = values(series)
    return _returns(series) if array is None else _like(series, _kernel_returns(array))


@wraps(_log_returns)
def log_returns(series: Any) -> Any:
    """``log_returns`` of a Series of float64."""
    array = values(series)
    return _log_returns(series) if array is None else _like(series, logarithms(array))


def logarithms(array: Floats) -> Floats:
    """What ``log_returns`` holds: numpy's logarithms, with numpy's warnings; none infinite."""
    found: Floats = np.log(_kernel_ratio(array))
    found[np.isinf(found)] = np.nan
    return found


@wraps(_roc)
def roc(series: Any, window: Any = 14) -> Any:
    """``roc`` of a Series of float64, over a whole number of rows."""
    array = values(series)
    if array is None or type(window) is not int or not 0 <= window < 2**31:
        return _roc(series, window)
    return _like(series, _kernel_roc(array, window))


@wraps(_pvt)
def pvt(bars: Any) -> Any:
    """``pvt`` of columns of float64, with a total that is finite."""
    columns = prices(bars, "close", "volume")
    found = None if columns is None else _kernel_pvt(*columns)
    return _pvt(bars) if found is None else series(found, bars.index)


@wraps(_rsi)
def rsi(series: Any, window: Any = 14) -> Any:
    """``rsi`` of a Series of float64 that loses something from its start on."""
    array = values(series)
    found = None if array is None else strength(array, window)
    return _rsi(series, window) if found is None else _like(series, found, named=False)


def strength(array: Floats, window: Any) -> Floats | None:
    """What ``rsi`` holds; None where it takes the original to tell."""
    if type(window) is not int or not 1 <= window < 2**31 or len(array) < 2:
        return None
    return _kernel_rsi(array, window)  # type: ignore[no-any-return]


def _like(given: Any, array: Floats, named: bool = True) -> Any:
    return shared(array, given.index, given.name if named else None)


def _frames() -> Iterator[Call]:
    bars = walk()
    yield (bars,), {}
    yield (bars.set_index("date"),), {}
    yield (bars.assign(low=bars["high"], close=bars["close"].where(bars.index % 5 != 2)),), {}
    yield (bars.iloc[:1],), {}
    yield (bars.astype({"close": "float32"}),), {}


def _columns(*windows: int) -> Iterator[Call]:
    close = walk()["close"]
    with_zero = close.where(close.index % 7 != 3, 0.0)
    for given in (close, with_zero, close.rename(None).iloc[3:], close.iloc[:1]):
        yield (given,), {}
        for window in windows:
            yield (given, window), {}


def _crossed() -> Iterator[Call]:
    bars = walk()
    yield (bars["close"], bars["open"]), {}
    yield (bars["close"], 101.0), {}


_PART = "qtpylib's candles"
REPLACEMENTS = (
    Replacement(MODULE + "typical_price", typical_price, _PART, native=True, probes=_frames),
    Replacement(MODULE + "mid_price", mid_price, _PART, native=True, probes=_frames),
    Replacement(MODULE + "ibs", ibs, _PART, native=True, probes=_frames),
    Replacement(MODULE + "true_range", ranges, _PART, native=True, probes=_frames),
    Replacement(MODULE + "returns", returns, _PART, native=True, probes=_columns),
    Replacement(MODULE + "log_returns", log_returns, _PART, native=True, probes=_columns),
    Replacement(MODULE + "roc", roc, _PART, native=True, probes=lambda: _columns(1, 100)),
    Replacement(MODULE + "pvt", pvt, _PART, native=True, probes=_frames),
    Replacement(MODULE + "rsi", rsi, _PART, native=True, probes=lambda: _columns(2, 100)),
    Replacement(
        MODULE + "crossed_above",
        crossed_above,
        "qtpylib's crossings",
        relies_on=(MODULE + "crossed",),
        probes=_crossed,
    ),
    Replacement(
        MODULE + "crossed_below",
        crossed_below,
        "qtpylib's crossings",
        relies_on=(MODULE + "crossed",),
        probes=_crossed,
    ),
)
