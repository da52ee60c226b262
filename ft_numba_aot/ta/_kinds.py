"""Which kind of object an argument is: a frame, a Series, an array. And results of the same kind.

Imports numpy. pandas and polars are known once they are imported.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import numpy as np

# What a type is, decided once per type: OTHER until the library it belongs to is imported.
OTHER, DICT, ARRAY, FRAME, SERIES, POLARS_FRAME, POLARS_SERIES = range(7)
SETS_OF_ARRAYS = (DICT, FRAME, POLARS_FRAME)

_kinds: dict[type, int] = {dict: DICT, np.ndarray: ARRAY}
_kinds.update(dict.fromkeys((int, float, bool, str, type(None)), OTHER))

# The module of that name, from the first pandas type on.
frames: Any = None


def kind_of(value: Any) -> int:
    """One of the constants above."""
    kind = _kinds.get(type(value))
    return _classify(type(value)) if kind is None else kind


def _classify(given: type) -> int:
    global frames  # noqa: PLW0603
    pandas, polars = sys.modules.get("pandas"), sys.modules.get("polars")
    for module, name, kind in (
        (pandas, "DataFrame", FRAME),
        (pandas, "Series", SERIES),
        (polars, "DataFrame", POLARS_FRAME),
        (polars, "Series", POLARS_SERIES),
    ):
        # A library that is half imported has no such name yet, and no such values either.
        if module is not None and issubclass(given, getattr(module, name, ())):
            if module is pandas and frames is None:
                frames = importlib.import_module("._frames", __package__)
            _kinds[given] = kind
            return kind
    if issubclass(given, dict):
        return DICT
    return ARRAY if issubclass(given, np.ndarray) else OTHER


if "pandas" in sys.modules:  # so that no call has to wait for it
    for _given in (sys.modules["pandas"].DataFrame, sys.modules["pandas"].Series):
        _classify(_given)


def floats(value: Any) -> Any:
    """The values of a Series as float64; whatever else it is, as it is."""
    kind = kind_of(value)
    if kind == SERIES:
        return frames.values(value)
    return value.to_numpy().astype(float) if kind == POLARS_SERIES else value


def series_like(series: Any, array: Any) -> Any:
    """A Series over ``array``, of the library of ``series`` and with its index."""
    if kind_of(series) == SERIES:
        return frames.series(array, series.index)
    return sys.modules["polars"].Series(array)
