"""pandas-ta's ``jma``, whose powers are numpy's, in a loop in which each depends on the last.

Imports pandas-ta. A kernel goes on with C's powers, and goes back to where numpy's aren't the same.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from ...runtime.registration import Call
from .pandas_ta_shared import (
    Floats,
    candles,
    finished,
    instead_of,
    kernel,
    moderate,
    replacement,
    walk,
)

_asked = importlib.import_module("pandas_ta.utils._core")
_jma = importlib.import_module("pandas_ta.overlap.jma").jma
_volatility = kernel("pandas_ta_jma_volatility")
_jma_of = kernel("pandas_ta_jma")

# As far as the kernel goes before its powers are compared.
_STRIDE = 32


@instead_of(_jma)
def jma(
    close: Any, length: Any = None, phase: Any = None, offset: Any = None, **kwargs: Any
) -> Any:
    """``jma`` of a Series of float64 with the index 0 … n-1, of a length from 2."""
    window = int(length) if length and length > 0 else 7
    lead = float(phase) if phase and phase != 0 else 0
    found = candles(close, least=window, counted=True)
    if found is None or window < 2:
        return None
    (values,) = found
    half = 0.5 * (window - 1)
    reach = max((np.log(np.sqrt(half)) / np.log(2.0)) + 2.0, 0)
    power = max(reach - 2.0, 0.5)
    base = reach * np.sqrt(half)
    base = base / (base + 1)
    beta = 0.45 * (window - 1) / (0.45 * (window - 1) + 2.0)
    swing = 0.5 if lead < -100 else 2.5 if lead > 100 else 1.5 + lead * 0.01
    ratio = _ratio(values, float(np.power(reach, 1 / power)), float(power), float(base))
    out = np.empty(len(values))
    if ratio is not None:
        _jma_of(values, np.power(beta, np.power(ratio, power)), beta, swing, out)
    if ratio is None or not moderate(out):
        return None
    out[: window - 1] = np.nan
    name = f"JMA_{window}_{lead}"
    return finished(out, close.index, _asked.get_offset(offset), kwargs, name, "overlap")


def _ratio(values: Floats, most: float, power: float, base: float) -> Floats | None:
    """The relative volatility of each value, 1 at least; None if one is infinite."""
    length = len(values)
    ratio, factor, upper, lower, spread, total = np.zeros((6, length))
    ratio[0] = 1.0
    upper[0] = lower[0] = values[0]
    start, given = 1, False
    while start < length:
        stop = min(start + _STRIDE, length)
        constants = (start, stop, given, most, power, base)
        if _volatility(values, *constants, ratio, factor, upper, lower, spread, total):
            return None
        exact = np.power(base, np.sqrt(np.power(ratio[start:stop], power)))
        wrong = exact != factor[start:stop]
        first = int(wrong.argmax())
        given = bool(wrong[first])
        if given:
            factor[start + first] = exact[first]
            start += first
        else:
            start = stop
    return ratio


@cache
def _unfit() -> str | None:
    """Why powers of many numbers aren't those of each, if they aren't."""
    ratios = 1.0 + np.sin(np.arange(300.0)) ** 2
    for power in (0.5, 0.7924812503605781, 1.3):
        # As an array and a number, and the other way round; in pieces of any length.
        each = [(np.power(one, power), np.power(power, one)) for one in ratios]
        for size in (1, 3, 32, 300):
            found = [
                pair
                for at in range(0, 300, size)
                for pair in zip(
                    np.power(ratios[at : at + size], power),
                    np.power(power, ratios[at : at + size]),
                    strict=True,
                )
            ]
            if found != each:
                return "numpy's powers of many numbers aren't those of each on this machine"
    return None


def _probes() -> Iterator[Call]:
    close = walk(60)["close"]
    yield (close,), {}
    yield (close, 3), {"phase": 120}
    yield (close.iloc[:3],), {"length": 4}


REPLACEMENTS = (replacement(jma, _probes, unfit=_unfit),)
