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

from ..ta._lookback import lookback
from ..ta._table import DEFINITIONS, Definition
from .registration import Call

Array = np.ndarray[Any, Any]
Candles = dict[str, Array]

# More than any function takes to start with its defaults.
ROWS = 256
SHORT = (0, 1, 2, 40)

_ATOMS = frozenset((type(None), bool, int, float, str))

# A period that leaves one value.
LONG = ROWS - 1


@cache
def candles() -> dict[str, Candles]:
    """Candles by what they bring out: columns of float64 that a frame of freqtrade has."""
    rng = np.random.default_rng(20_240_101)
    walk = np.exp(np.cumsum(rng.normal(0, 0.02, ROWS))) * 100
    part = ROWS // 4
    levels = rng.choice([0.0, -0.0, 0.1, 0.2, 0.3, 1.0, -1.0], part)
    shapes = [
        np.round(walk[:part], 1),
        np.full(part, 0.3),
        levels,
        np.cumsum(rng.normal(size=part)),
    ]
    scales = [walk[:part] * scale for scale in (1e-12, 1e-312, 1.0, 1e290)]
    found = {
        "ordinary": _candles(walk, rng),
        "ticks, constant, zeros, signs": _candles(np.concatenate(shapes), rng, volume=False),
        "decades": _candles(np.exp(rng.normal(0, 6, ROWS)), rng),
        "scales": _candles(np.concatenate(scales), rng),
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
    names = _columns(definition)
    frames = {kind: {name: columns[name] for name in names} for kind, columns in candles().items()}
    for columns in frames.values():
        yield (columns,), {}
    ordinary = frames["ordinary"]
    for parameters in _parameters(definition):
        yield (ordinary,), parameters
    yield tuple(_arrays(definition, ordinary)), {}
    if "pandas" in sys.modules:
        from pandas import DataFrame

        yield (DataFrame(ordinary),), {}
    yield ({},), {}
    # The last: TA-Lib's object remembers a parameter that it refused.
    for parameters in _out_of_range(definition):
        yield (ordinary,), parameters


def array_calls(definition: Definition | str) -> Iterator[Call]:
    """Calls of a function that takes arrays and then its parameters, as ``talib`` has it."""
    definition = _definition(definition)
    for columns in candles().values():
        yield tuple(_arrays(definition, columns)), {}
    arrays = tuple(_arrays(definition, candles()["ordinary"]))
    for parameters in _parameters(definition):
        yield arrays, parameters
    yield arrays[:-1], {}
    for parameters in _out_of_range(definition):
        yield arrays, parameters


def copied(call: Call) -> Call:
    """A call with arrays, frames and containers of its own; other objects are shared."""
    args, kwargs = call
    return tuple(map(_copied, args)), {name: _copied(value) for name, value in kwargs.items()}


def _copied(value: Any) -> Any:
    kind = type(value)
    if kind in _ATOMS:
        return value
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


def _columns(definition: Definition) -> list[str]:
    """The columns that a function reads, in its order."""
    names: list[str] = []
    for series in definition.inputs.values():
        names += series if isinstance(series, list) else [series]
    return names


def _arrays(definition: Definition, columns: Candles) -> list[Array]:
    return [columns[name] for name in _columns(definition)]


def _parameters(definition: Definition) -> Iterator[dict[str, int | float]]:
    """Each parameter at its limits and beside its default, but where the others forbid it."""
    defaults = {parameter.name: parameter.default for parameter in definition.parameters}
    for parameters in _single_parameters(definition):
        if lookback(definition, (defaults | parameters).values()) >= 0:
            yield parameters


def _single_parameters(definition: Definition) -> Iterator[dict[str, int | float]]:
    """Each parameter at its limits and beside its default; each type of moving average."""
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


def _out_of_range(definition: Definition) -> Iterator[dict[str, int | float]]:
    for name, default, low, high in definition.parameters:
        yield {name: low - 1 if isinstance(default, int) else 2 * high}


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
