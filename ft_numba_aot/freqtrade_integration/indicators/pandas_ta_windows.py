"""pandas-ta's weighted averages and deviations, a Python call for each window in the original.

Imports pandas-ta. ``numpy.vecdot`` calls for each window what ``numpy.dot`` calls for two
vectors; before it is relied on, both are compared on this machine.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ... import _rolling
from ...runtime.registration import Call
from .pandas_ta_shared import (
    UTILS,
    Floats,
    candles,
    finished,
    framed,
    instead_of,
    kernel,
    non_zero_range,
    replacement,
    walk,
    with_ours,
)

_asked = importlib.import_module("pandas_ta.utils._core")
_math = importlib.import_module("pandas_ta.utils._math")
_imports = importlib.import_module("pandas_ta").Imports
_fwma = importlib.import_module("pandas_ta.overlap.fwma").fwma
_pwma = importlib.import_module("pandas_ta.overlap.pwma").pwma
_swma = importlib.import_module("pandas_ta.overlap.swma").swma
_sinwma = importlib.import_module("pandas_ta.overlap.sinwma").sinwma
_wma = importlib.import_module("pandas_ta.overlap.wma").wma
_cg = importlib.import_module("pandas_ta.momentum.cg").cg
_rvgi = importlib.import_module("pandas_ta.momentum.rvgi").rvgi
_mad = importlib.import_module("pandas_ta.statistics.mad").mad
_cci = importlib.import_module("pandas_ta.momentum.cci").cci

_mad_of = kernel("pandas_ta_mad")

Weights = Callable[[int], Any]


def dots(weights: Any, values: Floats) -> Floats:
    """``numpy.dot(weights, window)`` of each whole window; NaN before.

    Of two values at least: of a single one, ``numpy.dot`` is the product, sign of zero and all.
    """
    window, length = len(weights), len(values)
    out = np.empty(length)
    out[: window - 1] = np.nan
    # sliding_window_view, in a fraction of its time.
    windows: Floats = np.ndarray((length - window + 1, window), np.float64, values, 0, (8, 8))
    with np.errstate(all="ignore"):
        np.vecdot(weights, windows, out=out[window - 1 :])
    return out


@cache
def _not_the_same() -> str | None:
    """Why ``dots`` isn't what the original gets of ``numpy.dot``, if it isn't."""
    if not hasattr(np, "vecdot"):
        return f"numpy {np.__version__} has no vecdot"
    values = np.exp(np.sin(np.arange(300.0) ** 2))
    for window in (2, 3, 4, 7, 10, 14, 21, 32, 33, 64, 100, 200):
        weights = np.cos(np.arange(float(window)))
        one = [np.dot(weights, part) for part in sliding_window_view(values, window)]
        if dots(weights, values)[window - 1 :].tolist() != one:
            return "numpy.vecdot isn't numpy.dot on this machine"
    return None


@cache
def _fibonacci(window: int) -> Floats:
    return np.asarray(_math.fibonacci(n=window, weighted=True), dtype=np.float64)


@cache
def _pascal(window: int) -> Floats:
    return np.asarray(_math.pascals_triangle(n=window - 1, weighted=True), dtype=np.float64)


@cache
def _triangle(window: int) -> Floats:
    return np.asarray(_math.symmetric_triangle(window, weighted=True), dtype=np.float64)


@cache
def _sines(window: int) -> Floats:
    import pandas as pd

    sines = pd.Series([np.sin((i + 1) * np.pi / (window + 1)) for i in range(window)])
    return (sines / sines.sum()).to_numpy()


def _weighted(original: Any, weights: Weights, default: int, most: int) -> Any:
    """Ours for ``original``, an average by ``weights``, of windows up to ``most``."""
    name = original.__name__.upper()

    def average(close: Any, length: Any, offset: Any, kwargs: Any) -> Any:
        window = int(length) if length and length > 0 else default
        found = candles(close, least=window) if 2 < window <= most else None
        if found is None:
            return None
        out = dots(weights(window), found[0])
        shift = _asked.get_offset(offset)
        return finished(out, close.index, shift, kwargs, f"{name}_{window}", "overlap")

    @instead_of(original)
    def with_order(
        close: Any, length: Any = None, asc: Any = None, offset: Any = None, **kwargs: Any
    ) -> Any:
        return average(close, length, offset, kwargs)

    @instead_of(original)
    def without(close: Any, length: Any = None, offset: Any = None, **kwargs: Any) -> Any:
        return average(close, length, offset, kwargs)

    return with_order if "asc" in original.__code__.co_varnames else without


# Up to windows whose weights are exact integers before they are divided.
fwma = _weighted(_fwma, _fibonacci, 10, 70)
pwma = _weighted(_pwma, _pascal, 10, 50)
swma = _weighted(_swma, _triangle, 10, 1000)
sinwma = _weighted(_sinwma, _sines, 14, 1000)


@instead_of(_wma)
def wma(
    close: Any,
    length: Any = None,
    asc: Any = None,
    talib: Any = None,
    offset: Any = None,
    **kwargs: Any,
) -> Any:
    """``wma`` of a Series of float64 without TA-Lib; with it, there is nothing to gain."""
    window = int(length) if length and length > 0 else 10
    plain = talib is False or not _imports["talib"]
    found = candles(close, least=window) if plain and window > 1 else None
    if found is None:
        return None
    total = 0.5 * window * (window + 1)
    out = dots(np.arange(1.0, window + 1), found[0])
    out /= total
    shift = _asked.get_offset(offset)
    return finished(out, close.index, shift, kwargs, f"WMA_{window}", "overlap")


@instead_of(_cg)
def cg(close: Any, length: Any = None, offset: Any = None, **kwargs: Any) -> Any:
    """``cg`` of a Series of float64."""
    window = int(length) if length and length > 0 else 10
    found = candles(close, least=window) if window > 1 else None
    if found is None:
        return None
    out = -dots(np.arange(float(window), 0.0, -1.0), found[0])
    with np.errstate(all="ignore"):
        out /= _rolling.sum(found[0], window)
    shift = _asked.get_offset(offset)
    return finished(out, close.index, shift, kwargs, f"CG_{window}", "momentum")


@instead_of(_rvgi)
def rvgi(
    open_: Any,
    high: Any,
    low: Any,
    close: Any,
    length: Any = None,
    swma_length: Any = None,
    offset: Any = None,
    **kwargs: Any,
) -> Any:
    """``rvgi`` of Series of float64."""
    window = int(length) if length and length > 0 else 14
    smoothing = int(swma_length) if swma_length and swma_length > 0 else 4
    found = candles(open_, high, low, close, least=max(window, smoothing))
    if found is None or not 2 < smoothing <= 1000:
        return None
    opens, highs, lows, closes = found
    weights = _triangle(smoothing)
    with np.errstate(all="ignore"):
        above = _rolling.sum(dots(weights, non_zero_range(closes, opens)), window)
        below = _rolling.sum(dots(weights, non_zero_range(highs, lows)), window)
        line = above / below
    # Taken for missing, as by pandas' windows.
    signal = dots(weights, np.where(np.isinf(line), np.nan, line))
    name = f"RVGI_{window}_{smoothing}"
    columns = {name: line, f"RVGIs_{window}_{smoothing}": signal}
    shift = _asked.get_offset(offset)
    return framed(columns, close.index, shift, kwargs, name, "momentum")


@instead_of(_mad)
def mad(close: Any, length: Any = None, offset: Any = None, **kwargs: Any) -> Any:
    """``mad`` of a Series of float64, of whole windows."""
    window = int(length) if length and length > 0 else 30
    found = candles(close, least=window) if kwargs.get("min_periods") is None else None
    if found is None:
        return None
    (values,) = found
    out = np.empty(len(values))
    _mad_of((len(values), window), values, window, out)
    shift = _asked.get_offset(offset)
    return finished(out, close.index, shift, kwargs, f"MAD_{window}", "statistics")


cci = with_ours(_cci, mad=mad)


def _probes_of(*names: str, **keywords: Any) -> Any:
    def probes() -> Iterator[Call]:
        frame = walk()
        whole, short = ([part[name] for name in names] for part in (frame, frame.iloc[:4]))
        yield tuple(whole), keywords
        yield tuple(whole), {**keywords, "length": 17}
        yield tuple(short), keywords

    return probes


def _unfit() -> str | None:
    return _rolling.certified() or _not_the_same()


_MATH = UTILS.replace("_core", "_math")
_WEIGHTS, _TRIANGLE = _MATH + "weights", _MATH + "symmetric_triangle"
_OF_CLOSES = _probes_of("close")
_DOTS = (
    (fwma, _OF_CLOSES, (_MATH + "fibonacci",)),
    (pwma, _OF_CLOSES, (_MATH + "pascals_triangle", _MATH + "combination")),
    (swma, _OF_CLOSES, (_TRIANGLE,)),
    (sinwma, _OF_CLOSES, ()),
    (wma, _probes_of("close", talib=False), ()),
    (cg, _OF_CLOSES, ()),
    (rvgi, _probes_of("open", "high", "low", "close"), (_TRIANGLE,)),
)

REPLACEMENTS = (
    *(
        replacement(ours, probes, UTILS + "non_zero_range", _WEIGHTS, *more, unfit=_unfit)
        for ours, probes, more in _DOTS
    ),
    replacement(mad, _OF_CLOSES),
    replacement(
        cci, _probes_of("high", "low", "close", talib=False), "pandas_ta.statistics.mad:mad"
    ),
)
