"""pandas-ta's functions of whole candles that loop in pandas: ``adx``, ``aroon``, ``vwap``, ``ha``.

Imports pandas-ta.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from ... import _rolling
from ...runtime.registration import Call
from .pandas_ta_shared import (
    UTILS,
    Floats,
    candles,
    filled,
    finished,
    framed,
    instead_of,
    kernel,
    moderate,
    replacement,
    shifted,
    walk,
)

_adx_module = importlib.import_module("pandas_ta.trend.adx")
_vwap_module = importlib.import_module("pandas_ta.overlap.vwap")
_aroon = importlib.import_module("pandas_ta.trend.aroon").aroon
_ha = importlib.import_module("pandas_ta.candles.ha").ha
_adx, _vwap = _adx_module.adx, _vwap_module.vwap
_asked = importlib.import_module("pandas_ta.utils._core")
_imports = importlib.import_module("pandas_ta").Imports

_since_extreme = kernel("pandas_ta_since_extreme")
_vwap_of = kernel("pandas_ta_vwap")

_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}


@instead_of(_adx)
def adx(
    high: Any,
    low: Any,
    close: Any,
    length: Any = None,
    lensig: Any = None,
    scalar: Any = None,
    mamode: Any = None,
    drift: Any = None,
    offset: Any = None,
    **kwargs: Any,
) -> Any:
    """``adx`` of Series of float64, with Wilder's averages."""
    window = length if length and length > 0 else 14
    signal = lensig if lensig and lensig > 0 else window
    factor = float(scalar) if scalar else 100
    mode = mamode if isinstance(mamode, str) else "rma"
    whole = type(window) is int and type(signal) is int
    found = candles(high, low, close, least=max(window, signal)) if whole else None
    if found is None or mode.lower() != "rma":
        return None
    highs, lows, _ = found
    ranges = _adx_module.atr(high=high, low=low, close=close, length=window)
    step = _asked.get_drift(drift)
    with np.errstate(all="ignore"):
        up, down = highs - shifted(highs, step), shifted(lows, step) - lows
        k = factor / ranges.to_numpy()
        plus = k * _wilder(_directed(up, down), window)
        minus = k * _wilder(_directed(down, up), window)
        index = factor * np.abs(plus - minus) / (plus + minus)
    if not moderate(index):
        return None
    columns = {
        f"ADX_{signal}": _wilder(index, signal),
        f"DMP_{window}": plus,
        f"DMN_{window}": minus,
    }
    shift = _asked.get_offset(offset)
    return framed(columns, high.index, shift, kwargs, f"ADX_{signal}", "trend")


def _directed(one: Floats, other: Floats) -> Floats:
    """A movement where it is the larger one and positive; NaN where it is; else 0."""
    moved = ((one > other) & (one > 0.0)) * one
    moved[np.abs(moved) < np.finfo(np.float64).eps] = 0.0
    return moved


def _wilder(values: Floats, window: int) -> Floats:
    return _rolling.ewm_mean(values, alpha=1.0 / window, min_periods=window)


@instead_of(_aroon)
def aroon(
    high: Any,
    low: Any,
    length: Any = None,
    scalar: Any = None,
    talib: Any = None,
    offset: Any = None,
    **kwargs: Any,
) -> Any:
    """``aroon`` of Series of float64 without TA-Lib; with it, there is little to gain."""
    window = length if length and length > 0 else 14
    factor = float(scalar) if scalar else 100
    plain = talib is False or not _imports["talib"]
    found = candles(high, low, least=window) if plain and type(window) is int else None
    # Filled before they are shifted, here.
    if found is None or "fillna" in kwargs or "fill_method" in kwargs:
        return None
    lines = []
    for values, sign in zip(found, (1.0, -1.0), strict=True):
        since = np.empty(len(values))
        _since_extreme(values, window + 1, sign, since)
        lines.append(factor * (1 - (since / window)))
    up, down = lines
    columns = {
        f"AROOND_{window}": down,
        f"AROONU_{window}": up,
        f"AROONOSC_{window}": up - down,
    }
    shift = _asked.get_offset(offset)
    return framed(columns, high.index, shift, {}, f"AROON_{window}", "trend")


@instead_of(_vwap)
def vwap(
    high: Any,
    low: Any,
    close: Any,
    volume: Any,
    anchor: Any = None,
    offset: Any = None,
    **kwargs: Any,
) -> Any:
    """``vwap`` since midnight of Series of float64, by moments of UTC or no zone that rise."""
    daily = not anchor or (type(anchor) is str and anchor.upper() == "D")
    found = candles(high, low, close, volume, least=2) if daily else None
    if found is None or not _is_of_days(close.index):
        return None
    price = candles(_vwap_module.hlc3(high=high, low=low, close=close), close)
    if price is None:
        return None
    moments = close.index
    if moments.tz is not None:
        # pandas warns of a zone, once for the prices and once for the volumes.
        for _ in range(2):
            moments[:1].to_period("D")
    out = np.empty(len(moments))
    _vwap_of(price[0], found[3], moments.asi8, _DAY[moments.unit], out)
    return finished(out, moments, _asked.get_offset(offset), kwargs, "VWAP_D", "overlap")


def _is_of_days(index: Any) -> bool:
    """Whether an index tells the days of candles in order."""
    if type(index) is not pd.DatetimeIndex or str(index.tz) not in ("None", "UTC"):
        return False
    return bool(index.is_monotonic_increasing and index[0] < index[-1])


@instead_of(_ha)
def ha(open_: Any, high: Any, low: Any, close: Any, offset: Any = None, **kwargs: Any) -> Any:
    """``ha`` of Series of float64 with the index 0 … n-1, without the loop, which changes nothing.

    It writes into copies: pandas 3 warns of that, and so do these two candles.
    """
    found = candles(open_, high, low, close, least=2, counted=True)
    if found is None:
        return None
    opens, highs, lows, closes = found
    opened, closed = 0.5 * (opens[0] + closes[0]), 0.25 * (opens + highs + lows + closes)
    with np.errstate(all="ignore"):
        top, bottom = (
            extreme(extreme(opened, values), closed)
            for extreme, values in ((np.fmax, highs), (np.fmin, lows))
        )
    # The sign of a zero is open.
    if not (top.all() and bottom.all()):
        return None
    _ha(*(one.iloc[:2] for one in (open_, high, low, close)))
    frame = pd.DataFrame({"HA_open": opened, "HA_high": high, "HA_low": low, "HA_close": closed})
    frame["HA_high"] = top
    frame["HA_low"] = bottom
    frame = filled(frame, _asked.get_offset(offset), kwargs)
    object.__setattr__(frame, "name", "Heikin-Ashi")
    object.__setattr__(frame, "category", "candles")
    return frame


def _older() -> str | None:
    """Why the loop of ``ha`` may change something."""
    major = int(pd.__version__.partition(".")[0])
    return None if major >= 3 else f"pandas {pd.__version__} lets a chained assignment through"


def _probes_of(*names: str, dated: bool = False, **keywords: Any) -> Any:
    def probes() -> Iterator[Call]:
        frame = walk(60)
        if dated:
            frame.index = pd.date_range("2024-01-01", periods=60, freq="90min")
        whole, short = ([part[name] for name in names] for part in (frame, frame.iloc[:4]))
        yield tuple(whole), keywords
        yield tuple(short), keywords

    return probes


def _probes_of_ha() -> Iterator[Call]:
    frame = walk(12)
    yield tuple(frame[name] for name in ("open", "high", "low", "close")), {}


_RECENT = (UTILS + "recent_maximum_index", UTILS + "recent_minimum_index")
_ADX = ("pandas_ta.overlap.ma:ma", "pandas_ta.overlap.rma:rma", UTILS + "get_drift")
_ZERO = UTILS.replace("_core", "_math") + "zero"
_RANGE = ("high", "low", "close")

REPLACEMENTS = (
    replacement(adx, _probes_of(*_RANGE), *_ADX, _ZERO, unfit=_rolling.certified),
    replacement(aroon, _probes_of("high", "low", talib=False), *_RECENT),
    replacement(
        vwap,
        _probes_of(*_RANGE, "volume", dated=True),
        UTILS + "is_datetime_ordered",
        unfit=_rolling.certified,
    ),
    replacement(ha, _probes_of_ha, unfit=_older),
)
