"""Calls on which a function of ``ft_numba_aot.ta`` is compared with TA-Lib's, and copies of calls.

Imports numpy; pandas where a call has a frame. A probe is ``(args, kwargs)``; the first of a
function's is an ordinary one. Arrays are made once a process: whoever calls with them copies.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from ..ta._table import DEFINITIONS, Definition
from .registration import Call

Array = np.ndarray[Any, Any]
Candles = dict[str, Array]

# More than any function takes to start with its defaults.
ROWS = 256
SHORT = (0, 1, 2, 40)

# A period that leaves one value.
LONG = ROWS - 1


@cache
def candles() -> dict[str, Candles]:
    """Candles by what they bring out: columns of float64 that a frame of freqtrade has."""
    rng = np.random.default_rng(20_240_101)
    walk = np.exp(np.cumsum(rng.normal(0, 0.02, ROWS))) * 100
    levels = rng.choice([0.0, -0.0, 0.1, 0.2, 0.3, 1.0, -1.0], ROWS)
    found = {
        "ordinary": _candles(walk, rng),
        "ticks": _candles(np.round(walk, 1), rng, volume=False),
        "constant": _candles(np.full(ROWS, 0.3), rng),
        "signs": _candles(np.cumsum(rng.normal(size=ROWS)), rng),
        "zeros": _candles(levels, rng),
        "decades": _candles(np.exp(rng.normal(0, 6, ROWS)), rng),
        "small": _candles(walk * 1e-12, rng),
        "denormal": _candles(walk * 1e-312, rng),
        "huge": _candles(walk * 1e290, rng),
        "NaN at the start": _candles(walk, rng),
        "NaN inside": _candles(walk, rng),
        "infinite": _candles(walk, rng),
        "all NaN": _candles(np.full(ROWS, np.nan), rng),
    }
    for number, column in enumerate(found["NaN at the start"].values()):
        column[: 7 + number % 2] = np.nan
    for column in found["NaN inside"].values():
        column[70:72] = np.nan
    for number, column in enumerate(found["infinite"].values()):
        column[100 + number] = (np.inf, -np.inf)[number % 2]
    for length in SHORT:
        found[f"{length} rows"] = _candles(walk[:length], rng)
    return found


def calls(definition: Definition | str) -> Iterator[Call]:
    """Calls of a function as ``talib.abstract`` has it: candles, parameters, arrays, a frame."""
    definition = _definition(definition)
    for columns in candles().values():
        yield (columns,), {}
    ordinary = candles()["ordinary"]
    for parameters in _parameters(definition):
        yield (ordinary,), parameters
    yield tuple(_arrays(definition, ordinary)), {}
    yield (), {}
    if "pandas" in sys.modules:
        from pandas import DataFrame

        yield (DataFrame(ordinary),), {}


def array_calls(definition: Definition | str) -> Iterator[Call]:
    """Calls of a function that takes arrays and then its parameters, as ``talib`` has it."""
    definition = _definition(definition)
    for columns in candles().values():
        yield tuple(_arrays(definition, columns)), {}
    arrays = tuple(_arrays(definition, candles()["ordinary"]))
    for parameters in _parameters(definition):
        yield arrays, parameters
    yield arrays[:-1], {}


def copied(call: Call) -> Call:
    """A call with arrays, frames and containers of its own; other objects are shared."""
    args, kwargs = call
    return tuple(map(_copied, args)), {name: _copied(value) for name, value in kwargs.items()}


def _copied(value: Any) -> Any:
    kind = type(value)
    if kind is dict:
        return {key: _copied(item) for key, item in value.items()}
    if kind in (list, tuple):
        return kind(map(_copied, value))
    if isinstance(value, np.ndarray):
        return value.copy(order="K")
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(value, (pandas.DataFrame, pandas.Series)):
        return value.copy()
    return value


def _definition(definition: Definition | str) -> Definition:
    return DEFINITIONS[definition] if isinstance(definition, str) else definition


def _arrays(definition: Definition, columns: Candles) -> list[Array]:
    arrays: list[Array] = []
    for series in definition.inputs.values():
        arrays += [columns[name] for name in (series if isinstance(series, list) else [series])]
    return arrays


def _parameters(definition: Definition) -> Iterator[dict[str, int | float]]:
    """Each parameter at its limits, beside its default and out of range; each moving average."""
    for name, default, low, high in definition.parameters:
        if name.endswith("matype"):
            for average in range(int(low), int(high) + 1):
                yield {name: average}
        elif isinstance(default, int):
            for value in (low, default + 3, min(LONG, high), high):
                yield {name: value}
        else:
            for value in (max(low, 0.0), default * 1.25, max(low, -default), high):
                yield {name: min(value, high)}
        yield {name: type(default)(low - 1 if isinstance(default, int) else 2 * high)}


def _candles(close: Array, rng: np.random.Generator, *, volume: bool = True) -> Candles:
    length = len(close)
    opened = np.concatenate([close[:1], close[:-1]])
    spread = abs(close) * rng.choice([0.0, 0.002, 0.01], length)
    traded = np.round(rng.lognormal(4, 1.5, length), 2) * (1.0 if volume else 0.0)
    return {
        "open": opened,
        "high": np.maximum(opened, close) + spread * rng.random(length),
        "low": np.minimum(opened, close) - spread * rng.random(length),
        "close": close.copy(),
        "volume": traded,
        "periods": rng.integers(2, 30, length).astype(np.float64),
    }
