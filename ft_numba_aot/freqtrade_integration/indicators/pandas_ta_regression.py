"""pandas-ta's linear regression of each window, and what is made of it: ``cti`` and others.

Imports pandas-ta. The sums are numpy's own, in its order.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from ...runtime.registration import Call
from .pandas_ta_lines import Line, over_lines
from .pandas_ta_shared import (
    UTILS,
    Floats,
    candles,
    finished,
    instead_of,
    kernel,
    replacement,
    shifted,
    walk,
    with_ours,
)

_LINREG = "pandas_ta.overlap.linreg:linreg"
_module = importlib.import_module("pandas_ta.overlap.linreg")
_cfo_module = importlib.import_module("pandas_ta.momentum.cfo")
_rvi_module = importlib.import_module("pandas_ta.volatility.rvi")
_original = _module.linreg
_rvi = _rvi_module.rvi
_cfo = _cfo_module.cfo
_linreg = kernel("pandas_ta_linreg")

_LINE, _SLOPE, _INTERCEPT, _CORRELATION, _FORECAST = range(5)
_OPTIONS = ("angle", "intercept", "degrees", "r", "slope", "tsf")


@instead_of(_original)
def linreg(close: Any, length: Any = None, offset: Any = None, **kwargs: Any) -> Any:
    """``linreg`` of a Series of float64, in windows of at least two."""
    window = int(length) if length and length > 0 else 14
    found = candles(close, least=window)
    options = {name: kwargs.get(name, False) for name in _OPTIONS}
    if found is None or window < 2 or not all(type(one) is bool for one in options.values()):
        return None
    (values,) = found
    # In this order, as the original asks.
    kind = (
        _SLOPE
        if options["slope"]
        else _INTERCEPT
        if options["intercept"]
        else _SLOPE
        if options["angle"]
        else _CORRELATION
        if options["r"]
        else _FORECAST
        if options["tsf"]
        else _LINE
    )
    out = regression(close, values, window, kind)
    if options["angle"] and not options["slope"] and not options["intercept"]:
        out = np.arctan(out)
        if options["degrees"]:
            out *= 180 / np.pi
    suffix = "".join(
        letter
        for letter, name in zip("mbar", ("slope", "intercept", "angle", "r"), strict=True)
        if options[name]
    )
    shift = _module.get_offset(offset)
    return finished(out, close.index, shift, kwargs, f"LR{suffix}_{window}", "overlap")


def regression(close: pd.Series[float], values: Floats, window: int, kind: int) -> Floats:
    """What the regression of each window gives; warns of a window as the original does."""
    out, odd = np.empty(len(values)), np.empty(3, np.int64)
    _linreg((len(values), window, kind, 0.5), values, window, kind, 0.5, out, odd)
    for last in sorted(odd[odd >= 0].tolist()):
        _original(close.iloc[last + 1 - window : last + 1], window, r=True)
    return out


@instead_of(_cfo)
def cfo(
    close: Any,
    length: Any = None,
    scalar: Any = None,
    drift: Any = None,
    offset: Any = None,
    **kwargs: Any,
) -> Any:
    """``cfo`` of a Series of float64, in windows of at least two."""
    window = int(length) if length and length > 0 else 9
    factor = float(scalar) if scalar else 100
    found = candles(close, least=window)
    if found is None or window < 2:
        return None
    (values,) = found
    with np.errstate(all="ignore"):
        out = factor * (values - regression(close, values, window, _FORECAST))
        out /= values
    shift = _cfo_module.get_offset(offset)
    return finished(out, close.index, shift, kwargs, f"CFO_{window}", "momentum")


cti = with_ours(importlib.import_module("pandas_ta.momentum.cti").cti, linreg=linreg)


_stdev, _ma = map(over_lines, (_rvi_module.stdev, _rvi_module.ma))


@instead_of(_rvi)
def rvi(
    close: Any,
    high: Any = None,
    low: Any = None,
    length: Any = None,
    scalar: Any = None,
    refined: Any = None,
    thirds: Any = None,
    mamode: Any = None,
    drift: Any = None,
    offset: Any = None,
    **kwargs: Any,
) -> Any:
    """``rvi`` of a Series of float64, neither refined nor of thirds."""
    window = int(length) if length and length > 0 else 14
    factor = float(scalar) if scalar and scalar > 0 else 100
    mode = mamode if isinstance(mamode, str) else "ema"
    found = None if refined or thirds else candles(close, least=window)
    if found is None:
        return None
    (values,) = found
    change = values - shifted(values, _rvi_module.get_drift(drift))
    signs = change > 0.0, change < 0.0
    averages = _averages(values, close.index, signs, mode, window)
    if averages is None:
        return None
    with np.errstate(all="ignore"):
        out = factor * averages[0]
        out /= averages[0] + averages[1]
    shift = _rvi_module.get_offset(offset)
    return finished(out, close.index, shift, kwargs, f"RVI_{window}", "volatility")


def _averages(values: Floats, index: Any, signs: Any, mode: str, window: int) -> Any:
    """Of the deviations with either sign; None where their average isn't one over arrays."""
    try:
        with np.errstate(all="ignore"):
            spread = _stdev(Line(values, index), window).floats
            return [_ma(mode, Line(sign * spread, index), length=window).floats for sign in signs]
    except Exception:
        return None


inertia = with_ours(
    importlib.import_module("pandas_ta.momentum.inertia").inertia, linreg=linreg, rvi=rvi
)


def _probes() -> Iterator[Call]:
    close = walk()["close"]
    yield (close,), {}
    for option in _OPTIONS:
        yield (close, 9), {option: True, "angle": option == "degrees"}
    yield (close.iloc[:3],), {"length": 4}
    yield (close, 5, 2), {"fillna": 0.0}


def _simple() -> Iterator[Call]:
    close = walk()["close"]
    yield (close,), {}
    yield (close, 20), {}
    yield (close.iloc[:3],), {"length": 4}


_DRIFT, _RVI = UTILS + "get_drift", "pandas_ta.volatility.rvi:rvi"

REPLACEMENTS = (
    replacement(linreg, _probes),
    replacement(cti, _simple, _LINREG),
    replacement(cfo, _simple, _LINREG),
    replacement(rvi, _simple, _DRIFT, UTILS + "unsigned_differences"),
    replacement(inertia, _simple, _LINREG, _RVI, _DRIFT),
)
