"""pandas-ta's moving averages and filters that loop over the candles in Python.

Imports pandas-ta. Constants are computed as the original does, with numpy's own functions.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from ... import _rolling
from ...runtime.registration import Call
from .pandas_ta_shared import (
    UTILS,
    candles,
    finished,
    framed,
    instead_of,
    kernel,
    moderate,
    non_zero_range,
    replacement,
    shifted,
    walk,
)
from .technical_frames import is_mapped

_kama = importlib.import_module("pandas_ta.overlap.kama").kama
_alma = importlib.import_module("pandas_ta.overlap.alma").alma
_ssf = importlib.import_module("pandas_ta.overlap.ssf").ssf
_hwma = importlib.import_module("pandas_ta.overlap.hwma").hwma
_hwc = importlib.import_module("pandas_ta.volatility.hwc").hwc
_ebsw = importlib.import_module("pandas_ta.cycles.ebsw").ebsw
_rsx = importlib.import_module("pandas_ta.momentum.rsx").rsx
_asked = importlib.import_module("pandas_ta.utils._core")

_kama_of = kernel("pandas_ta_kama")
_alma_of = kernel("pandas_ta_alma")
_ssf_of = kernel("pandas_ta_ssf")
_hwma_of = kernel("pandas_ta_hwma")
_hwc_of = kernel("pandas_ta_hwc")
_ebsw_of = kernel("pandas_ta_ebsw")
_rsx_of = kernel("pandas_ta_rsx")


@instead_of(_kama)
def kama(
    close: Any,
    length: Any = None,
    fast: Any = None,
    slow: Any = None,
    drift: Any = None,
    offset: Any = None,
    **kwargs: Any,
) -> Any:
    """``kama`` of a Series of float64, in windows of at least two."""
    window = int(length) if length and length > 0 else 10
    quick = int(fast) if fast and fast > 0 else 2
    calm = int(slow) if slow and slow > 0 else 30
    found = candles(close, least=max(quick, calm, window))
    if found is None or window < 2:
        return None
    (values,) = found
    fastest, slowest = 2 / (quick + 1), 2 / (calm + 1)
    step = _asked.get_drift(drift)
    with np.errstate(all="ignore"):
        change = np.abs(non_zero_range(values, shifted(values, window)))
        way = np.abs(non_zero_range(values, shifted(values, step)))
        ratio = change / _rolling.sum(way, window)
        smoothing = ratio * (fastest - slowest) + slowest
        smoothing *= smoothing
    out = np.empty(len(values))
    _kama_of(values, smoothing, window, out)
    if not moderate(smoothing, out):
        return None
    name = f"KAMA_{window}_{quick}_{calm}"
    return finished(out, close.index, _asked.get_offset(offset), kwargs, name, "overlap")


@instead_of(_alma)
def alma(
    close: Any,
    length: Any = None,
    sigma: Any = None,
    distribution_offset: Any = None,
    offset: Any = None,
    **kwargs: Any,
) -> Any:
    """``alma`` of a Series of float64, in windows of at least two."""
    window = int(length) if length and length > 0 else 10
    spread = float(sigma) if sigma and sigma > 0 else 6.0
    centre = float(distribution_offset) if distribution_offset and distribution_offset > 0 else 0.85
    found = candles(close, least=window)
    if found is None or window < 2:
        return None
    (values,) = found
    m = centre * (window - 1)
    s = window / spread
    weights = [np.exp(-1 * ((i - m) * (i - m)) / (2 * s * s)) for i in range(window)]
    total = 0
    for weight in weights:
        total = total + weight
    # Close to none, the original warns of what it divides by.
    if not total > 1e-100:
        return None
    out = np.empty(len(values))
    _alma_of(values, np.array(weights), float(total), out)
    name = f"ALMA_{window}_{spread}_{centre}"
    return finished(out, close.index, _asked.get_offset(offset), kwargs, name, "overlap")


@instead_of(_ssf)
def ssf(
    close: Any, length: Any = None, poles: Any = None, offset: Any = None, **kwargs: Any
) -> Any:
    """``ssf`` of a Series of float64, of four values or more."""
    window = int(length) if length and length > 0 else 10
    order = int(poles) if poles in [2, 3] else 2
    found = candles(close, least=max(window, 4))
    if found is None or is_mapped(close._values):
        return None
    (values,) = found
    if order == 3:
        x = np.pi / window
        a0 = np.exp(-x)
        b0 = 2 * a0 * np.cos(np.sqrt(3) * x)
        c0 = a0 * a0
        c4 = c0 * c0
        c3 = -c0 * (1 + b0)
        c2 = c0 + b0
        c1 = 1 - c2 - c3 - c4
    else:
        x = np.pi * np.sqrt(2) / window
        a0 = np.exp(-x)
        c4, c3 = 0.0, -a0 * a0
        c2 = 2 * a0 * np.cos(x)
        c1 = 1 - c3 - c2
    out = np.empty(len(values))
    _ssf_of(values, order, float(c1), float(c2), float(c3), float(c4), out)
    name = f"SSF_{window}_{order}"
    return finished(out, close.index, _asked.get_offset(offset), kwargs, name, "overlap")


@instead_of(_hwma)
def hwma(
    close: Any, na: Any = None, nb: Any = None, nc: Any = None, offset: Any = None, **kwargs: Any
) -> Any:
    """``hwma`` of a Series of float64 with a value."""
    a, b, c = (
        float(given) if given and given > 0 and given < 1 else default
        for given, default in ((na, 0.2), (nb, 0.1), (nc, 0.1))
    )
    found = candles(close, least=1)
    if found is None:
        return None
    (values,) = found
    out = np.empty(len(values))
    _hwma_of(values, a, b, c, out)
    if not moderate(out):
        return None
    name = f"HWMA_{a}_{b}_{c}"
    return finished(out, close.index, _asked.get_offset(offset), kwargs, name, "overlap")


@instead_of(_hwc)
def hwc(
    close: Any,
    na: Any = None,
    nb: Any = None,
    nc: Any = None,
    nd: Any = None,
    scalar: Any = None,
    channel_eval: Any = None,
    offset: Any = None,
    **kwargs: Any,
) -> Any:
    """``hwc`` of a Series of float64 with the index 0 … n-1, without evaluation of the channel."""
    found = candles(close, least=1, counted=True)
    rates = [
        float(given) if given and given > 0 else default
        for given, default in ((na, 0.2), (nb, 0.1), (nc, 0.1), (nd, 0.1), (scalar, 1.0))
    ]
    if found is None or channel_eval or max(rates) > 1e50:
        return None
    (values,) = found
    average, upper, lower = (np.empty(len(values)) for _ in range(3))
    _hwma_of(values, *rates[:3], average)
    if _hwc_of(average, values, *rates[3:], upper, lower) or not moderate(average, upper, lower):
        return None
    columns = {"HWM": average, "HWU": upper, "HWL": lower}
    shift = _asked.get_offset(offset)
    return framed(columns, close.index, shift, kwargs, "HWC", "volatility")


@instead_of(_ebsw)
def ebsw(
    close: Any, length: Any = None, bars: Any = None, offset: Any = None, **kwargs: Any
) -> Any:
    """``ebsw`` of a Series of float64 with the index 0 … n-1."""
    window = int(length) if length and length > 38 else 40
    span = int(bars) if bars and bars > 0 else 10
    found = candles(close, least=window, counted=True)
    if found is None:
        return None
    (values,) = found
    alpha = (1 - np.sin(360 / window)) / np.cos(360 / window)
    a1 = np.exp(-np.sqrt(2) * np.pi / span)
    c2 = 2 * a1 * np.cos(np.sqrt(2) * 180 / span)
    c3 = -1 * a1 * a1
    c1 = 1 - c2 - c3
    out = np.empty(len(values))
    constants = (float(alpha), float(c1), float(c2), float(c3))
    if _ebsw_of(values, window, *constants, out):
        return None
    name = f"EBSW_{window}_{span}"
    return finished(out, close.index, _asked.get_offset(offset), kwargs, name, "cycles")


@instead_of(_rsx)
def rsx(
    close: Any, length: Any = None, drift: Any = None, offset: Any = None, **kwargs: Any
) -> Any:
    """``rsx`` of a Series of float64, in windows of at least two, without signals."""
    window = int(length) if length and length > 0 else 14
    found = candles(close, least=window)
    if found is None or window < 2 or kwargs.get("signal_indicators", False):
        return None
    (values,) = found
    out = np.empty(len(values))
    _rsx_of(values, window, out)
    shift = _asked.get_offset(offset)
    return finished(out, close.index, shift, kwargs, f"RSX_{window}", "momentum")


def _probes() -> Iterator[Call]:
    close = walk(60)["close"]
    yield (close,), {}
    yield (close.iloc[:3],), {"length": 4}
    yield (close.iloc[4:],), {"offset": 2, "fillna": 0.0}


_OF_KAMA = (UTILS + "get_drift", UTILS + "non_zero_range")

REPLACEMENTS = (
    replacement(kama, _probes, *_OF_KAMA, unfit=_rolling.certified),
    *(replacement(ours, _probes) for ours in (alma, ssf, hwma, hwc, ebsw, rsx)),
)
