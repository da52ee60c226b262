"""qtpylib's crossings of two series, compared in place instead of through copies shifted by one.

``crossed_above`` and ``crossed_below`` call ``crossed``. Imports technical, which freqtrade takes
qtpylib's indicators from.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from technical.vendor.qtpylib import indicators as _indicators

from ...runtime.registration import Call
from ..replacement import Replacement
from .plain import values_of
from .qtpylib_arrays import shared

_original = _indicators.crossed

# Beyond, a float64 is not every integer.
_EXACT = 2**53


@wraps(_original)
def crossed(series1: Any, series2: Any, direction: str | None = None) -> Any:
    """``crossed`` of a Series of float64, with another of the same index or a number."""
    ours = values_of(series1)
    if ours is None or direction not in ("above", "below"):
        return _original(series1, series2, direction)
    theirs = _other(series1, series2)
    if theirs is None:
        return _original(series1, series2, direction)
    name, other = theirs
    if direction == "above":
        after, before = ours > other, ours <= other
    else:
        after, before = ours < other, ours >= other
    # Before the first candle there is nothing to cross from.
    after[:1] = False
    after[1:] &= before[:-1]
    return shared(after, series1.index, name)


def _other(series: Any, other: Any) -> tuple[Any, Any] | None:
    """The result's name, and what to compare with: an array, or a number that is a float64."""
    kind = type(other)
    if kind is int:
        return (None, float(other)) if -_EXACT <= other <= _EXACT else None
    if kind in (float, np.float64):
        return None, other
    values = values_of(other)
    name = series.name
    if values is None or not (name is None or type(name) is str):
        return None
    if not (other.name is None or type(other.name) is str) or not series.index.equals(other.index):
        return None
    return (name if name == other.name else None), values


def _probes() -> Iterator[Call]:
    one = pd.Series([1.0, 2.0, np.nan, 3.0, 2.0, -0.0, 0.0, np.inf, 1.0], name="rsi")
    other = pd.Series([2.0, 1.0, 1.0, 3.0, 2.5, 0.0, -0.0, np.inf, 2.0], name="signal")
    others = (2.0, other, other.rename("rsi"), 0, np.nan, other.to_numpy(), other.iloc[1:], "2")
    for against, direction in product(others, ("above", "below", None)):
        yield (one, against, direction), {}
        yield (one.iloc[:1], against, direction), {}


REPLACEMENTS = (
    Replacement(
        "technical.vendor.qtpylib.indicators:crossed", crossed, "crossings", probes=_probes
    ),
)
