"""technical's trend lines, their extremes found by numpy instead of value by value.

Imports technical. The originals' own code runs.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from technical import trendline as _trendline

from ...runtime.registration import Call
from ..replacement import Replacement
from .pandas_ta_shared import with_ours
from .technical_frames import walk


def _extreme(builtin: Callable[[Any], Any], name: str) -> Callable[[Any], Any]:
    """``max`` or ``min``; of an array of float64, numpy's where that is the same value."""

    def extreme(values: Any) -> Any:
        if type(values) is np.ndarray and values.dtype == np.float64 and values.size:
            found = getattr(values, name)()
            # NaN, or a zero, of either sign: which, their order tells.
            if found == found and found != 0.0:
                return found
        return builtin(values)

    return extreme


_EXTREMES = {name: _extreme(getattr(builtins, name), name) for name in ("max", "min")}


gentrends = with_ours(_trendline.gentrends, **_EXTREMES)
segtrends = with_ours(_trendline.segtrends, **_EXTREMES)


def _probes() -> Iterator[Call]:
    yield (walk(),), {}
    yield (walk(), "high", 3), {}


REPLACEMENTS = tuple(
    Replacement(
        f"technical.trendline:{ours.__name__}", ours, "technical's trend lines", probes=_probes
    )
    for ours in (gentrends, segtrends)
)
