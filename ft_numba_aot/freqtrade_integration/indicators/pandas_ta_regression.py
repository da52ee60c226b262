"""pandas-ta's linear regression of each window, and what is made of it: ``cti`` and others.

Imports pandas-ta. The sums are numpy's own, in its order.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import wraps
from typing import Any

import numpy as np
import pandas as pd

from ...runtime.registration import Call
from ..replacement import Replacement
from .pandas_ta_shared import ASKED, Floats, candles, finished, kernel, walk, with_ours

_LINREG = "pandas_ta.overlap.linreg:linreg"
_module = importlib.import_module("pandas_ta.overlap.linreg")
_cfo_module = importlib.import_module("pandas_ta.momentum.cfo")
_original = _module.linreg
_cfo = _cfo_module.cfo
_linreg = kernel("pandas_ta_linreg")

_LINE, _SLOPE, _INTERCEPT, _CORRELATION, _FORECAST = range(5)
_OPTIONS = ("angle", "intercept", "degrees", "r", "slope", "tsf")


@wraps(_original)
def linreg(close: Any, length: Any = None, offset: Any = None, **kwargs: Any) -> Any:
    """``linreg`` of a Series of float64, in windows of at least two."""
    window = int(length) if length and length > 0 else 14
    found = candles(close, least=window)
    options = {name: kwargs.get(name, False) for name in _OPTIONS}
    if found is None or window < 2 or not all(type(one) is bool for one in options.values()):
        return _original(close, length, offset, **kwargs)
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


@wraps(_cfo)
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
        return _cfo(close, length, scalar, drift, offset, **kwargs)
    (values,) = found
    with np.errstate(all="ignore"):
        out = factor * (values - regression(close, values, window, _FORECAST))
        out /= values
    shift = _cfo_module.get_offset(offset)
    return finished(out, close.index, shift, kwargs, f"CFO_{window}", "momentum")


cti = with_ours(importlib.import_module("pandas_ta.momentum.cti").cti, linreg=linreg)
inertia = with_ours(importlib.import_module("pandas_ta.momentum.inertia").inertia, linreg=linreg)


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


REPLACEMENTS = (
    Replacement(_LINREG, linreg, "pandas-ta's linreg", ASKED, native=True, probes=_probes),
    *(
        Replacement(
            f"pandas_ta.momentum.{ours.__name__}:{ours.__name__}",
            ours,
            f"pandas-ta's {ours.__name__}",
            (_LINREG, *ASKED),
            native=True,
            probes=_simple,
        )
        for ours in (cti, cfo, inertia)
    ),
)
