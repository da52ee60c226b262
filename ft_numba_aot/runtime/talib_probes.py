"""Calls on which each of TA-Lib's functions is compared with its stand-in.

Imports numpy and pandas.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from ..ta._table import DEFINITIONS, Definition

Array = np.ndarray[Any, Any]

ROWS = 160


def calls(name: str) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Calls of ``talib.abstract``'s function: candles of each kind, parameters, arrays."""
    definition = DEFINITIONS[name]
    for frame in _frames():
        yield (frame,), {}
    ordinary = _frames()[0]
    for parameters in _parameters(definition):
        yield (ordinary,), parameters
    columns = [ordinary[column] for column in _columns(definition)]
    yield (*columns,), {}
    yield tuple(column.to_numpy() for column in columns), {}


def plain_calls(name: str) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Calls of ``talib``'s plain function: Series and arrays."""
    definition = DEFINITIONS[name]
    for frame in _frames():
        columns = [frame[column] for column in _columns(definition)]
        yield (*columns,), {}
        yield tuple(column.to_numpy() for column in columns), {}
    for parameters in _parameters(definition):
        yield (*(_frames()[0][column] for column in _columns(definition)),), parameters


def _parameters(definition: Definition) -> Iterator[dict[str, int | float]]:
    """Each parameter at its lower limit and beside its default; each type of moving average."""
    for name, default, low, high in definition.parameters:
        if name.endswith("matype"):
            for average in range(int(low), int(high) + 1):
                yield {name: average}
        elif isinstance(default, int):
            yield {name: low}
            yield {name: default + 3}
        else:
            yield {name: max(low, 0.0)}
            yield {name: min(default * 1.25, high)}


def _columns(definition: Definition) -> list[str]:
    names: list[str] = []
    for series in definition.inputs.values():
        names += series if isinstance(series, list) else [series]
    return names


@functools.cache
def _frames() -> tuple[pd.DataFrame, ...]:
    """The first is ordinary. Each other has what brings out differences."""
    rng = np.random.default_rng(20_240_101)
    walk = np.exp(np.cumsum(rng.normal(0, 0.02, ROWS))) * 100
    decades = np.exp(rng.normal(0, 6, ROWS))
    levels = rng.choice([0.0, -0.0, 0.1, 0.2, 0.3, 1.0, -1.0], ROWS)
    closes = [
        walk,
        decades,
        np.round(walk, 1),
        np.full(ROWS, 0.3),
        np.cumsum(rng.normal(size=ROWS)),
    ]
    closes += [levels, walk * 1e-9, walk * 1e290]
    frames = [_candles(close, rng) for close in closes]
    head, gaps, extremes = (_candles(walk, rng) for _ in range(3))
    head.iloc[:7] = np.nan
    head.iloc[:9, 3] = np.nan
    gaps.iloc[rng.integers(20, ROWS, 4)] = np.nan
    for value in (np.inf, -np.inf, 1e308, 5e-324):
        extremes.iloc[int(rng.integers(ROWS)), int(rng.integers(4))] = value
    whole = _candles(np.round(walk), rng)
    whole["volume"] = whole["volume"].astype("int64")
    short = [_candles(walk[:length], rng) for length in (0, 1, 2, 30)]
    return (*frames, head, gaps, extremes, whole, *short)


def _candles(close: Array, rng: np.random.Generator) -> pd.DataFrame:
    length = len(close)
    opened = np.concatenate([close[:1], close[:-1]])
    spread = abs(close) * 0.003
    columns = {
        "open": opened,
        "high": np.maximum(opened, close) + spread * rng.random(length),
        "low": np.minimum(opened, close) - spread * rng.random(length),
        "close": close.copy(),
        "volume": np.round(rng.lognormal(4, 1.5, length), 2),
    }
    return pd.DataFrame(columns)
