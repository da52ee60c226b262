"""pandas-ta's ``fisher`` and ``stc``, which loop over the candles in Python.

Imports pandas-ta. Logarithms are numpy's own, of all candles at once.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from ... import _rolling
from ...runtime.registration import Call
from .pandas_ta_shared import (
    UTILS,
    candles,
    framed,
    instead_of,
    kernel,
    moderate,
    non_zero_range,
    replacement,
    shifted,
    walk,
    with_ours,
)

_asked = importlib.import_module("pandas_ta.utils._core")
_stc_module = importlib.import_module("pandas_ta.momentum.stc")
_fisher = importlib.import_module("pandas_ta.momentum.fisher").fisher
_schaff_tc = _stc_module.schaff_tc

_position = kernel("pandas_ta_fisher_position")
_fisher_of = kernel("pandas_ta_fisher")
_schaff = kernel("pandas_ta_schaff")


@instead_of(_fisher)
def fisher(
    high: Any,
    low: Any,
    length: Any = None,
    signal: Any = None,
    offset: Any = None,
    **kwargs: Any,
) -> Any:
    """``fisher`` of Series of float64, in windows of at least two."""
    window = int(length) if length and length > 0 else 9
    later = int(signal) if signal and signal > 0 else 1
    found = candles(high, low, least=max(window, later))
    if found is None or window < 2:
        return None
    middle = 0.5 * (found[0] + found[1])
    lowest = _rolling.min(middle, window)
    extent = non_zero_range(_rolling.max(middle, window), lowest)
    extent[extent < 0.001] = 0.001
    place = ((middle - lowest) / extent) - 0.5
    ratio, out = np.empty(len(middle)), np.empty(len(middle))
    _position(place, window, ratio)
    _fisher_of(np.log(ratio), window, out)
    suffix = f"_{window}_{later}"
    columns = {f"FISHERT{suffix}": out, f"FISHERTs{suffix}": shifted(out, later)}
    shift = _asked.get_offset(offset)
    return framed(columns, high.index, shift, kwargs, f"FISHERT{suffix}", "momentum")


@cache
def _unfit() -> str | None:
    """Why logarithms of many numbers aren't those of each, if they aren't, or pandas' windows."""
    ratios = np.exp(np.sin(np.arange(2000.0)) * 7.5)
    if np.log(ratios).tolist() != [np.log(ratio) for ratio in ratios]:
        return "numpy's logarithm of many numbers isn't that of each on this machine"
    return _rolling.certified()


def schaff_tc(close: Any, xmacd: Any, tclength: int, factor: float) -> list[Any]:
    """``schaff_tc`` of Series of float64 with the index 0 … n-1: two arrays of values."""
    found = candles(xmacd, close, least=1, counted=True)
    if found is None or not factor <= 1.0:
        return _schaff_tc(close, xmacd, tclength, factor)  # type: ignore[no-any-return]
    values = found[0]
    first, second = np.empty(len(values)), np.empty(len(values))
    odd = False
    for source, out in ((values, first), (first, second)):
        lowest = _rolling.min(source, tclength)
        extent = non_zero_range(_rolling.max(source, tclength), lowest)
        positive = lowest if source is values else extent
        odd = odd or _schaff(source, lowest, extent, positive, factor, out)
    if odd or not moderate(first, second):
        return _schaff_tc(close, xmacd, tclength, factor)  # type: ignore[no-any-return]
    return [second, pd.Series(first, index=close.index, copy=False)]


stc = with_ours(_stc_module.stc, schaff_tc=schaff_tc)


def _probes() -> Iterator[Call]:
    frame = walk(60)
    yield (frame["high"], frame["low"]), {}
    yield (frame["high"], frame["low"], 5, 2), {}
    yield (frame["high"].iloc[:3], frame["low"].iloc[:3]), {}


def _closes() -> Iterator[Call]:
    close = walk(60)["close"]
    yield (close,), {}
    yield (close, 5, 9, 7, 0.3), {}
    yield (close.iloc[:3],), {}


_RANGES = (UTILS + "non_zero_range", "pandas_ta.utils._candles:high_low_range")

REPLACEMENTS = (
    replacement(fisher, _probes, *_RANGES, "pandas_ta.overlap.hl2:hl2", unfit=_unfit),
    replacement(
        stc, _closes, _RANGES[0], "pandas_ta.momentum.stc:schaff_tc", unfit=_rolling.certified
    ),
)
