"""technical's pivot points, from three rolling means.

Imports technical.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from functools import wraps
from typing import Any

import numpy as np

from ...runtime.registration import Call
from ...ta import _frames
from .. import fingerprints
from ..replacement import Replacement
from . import qtpylib_arrays as arrays
from .qtpylib_averages import rolling_mean, unfit
from .qtpylib_prices import typical_price
from .technical_frames import Floats, is_whole, prices, walk

_pivots_points = importlib.import_module("technical.pivots_points").pivots_points


@wraps(_pivots_points)
def pivots_points(dataframe: Any, timeperiod: Any = 30, levels: Any = 3) -> Any:
    """``pivots_points`` of prices of float64."""
    columns = prices(dataframe, "high", "low", "close")
    lines = None
    if columns is not None and is_whole(timeperiod) and is_whole(levels):
        lines = _lines(columns, timeperiod, levels)
    if lines is None:
        return _pivots_points(dataframe, timeperiod, levels)
    return _frames.frame(np.array(list(lines.values())), dataframe.index.view(), list(lines))


def _lines(columns: list[Floats], window: int, levels: int) -> dict[str, Floats] | None:
    """The columns by name: the pivot, then resistance and support of each level."""
    found = [
        arrays.mean(one, window, None) for one in (columns[0], columns[1], arrays.typical(columns))
    ]
    high, low, pivot = (None if one is None else one[0] for one in found)
    if high is None or low is None or pivot is None:
        return None
    with np.errstate(all="ignore"):
        resistance, support = 2 * pivot - low, 2 * pivot - high
        lines = {"pivot": pivot, "r1": resistance, "s1": support}
        for level in range(2, levels + 1):
            last = resistance, support
            resistance = (pivot - last[1]) + last[0]
            support = pivot - (last[0] - last[1])
            lines |= {f"r{level}": resistance, f"s{level}": support}
    return lines


def _probes() -> Iterator[Call]:
    yield (walk(),), {}
    yield (walk(), 7, 4), {}


def _unfit() -> str | None:
    """Why means would come out otherwise; of what may itself be replaced, the original counts."""
    for ours in (rolling_mean, typical_price):
        original = inspect.unwrap(ours)
        found = fingerprints.check(arrays.MODULE + original.__name__, original)
        if not found.supported:
            return found.reason
    return unfit()


_QTPYLIB = ("numpy_rolling_window", "numpy_rolling_series")

REPLACEMENTS = (
    Replacement(
        "technical.pivots_points:pivots_points",
        pivots_points,
        "technical's pivots",
        relies_on=tuple(arrays.MODULE + name for name in _QTPYLIB),
        native=True,
        unfit=_unfit,
        probes=_probes,
    ),
)
