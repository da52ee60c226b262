"""Times of functions that take turns, so that a busy machine slows all alike.

Imports the standard library.
"""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

# A sample is as many calls as take about this long, so that reading the clock costs nothing.
SAMPLE = 2e-4


def medians(functions: Sequence[Callable[[], Any]], rounds: int) -> list[float]:
    """The median seconds of a call of each function, of ``rounds`` samples."""
    for function in functions:
        function()
    calls = [max(1, int(SAMPLE / _sample(function, 1))) for function in functions]
    samples: list[list[float]] = [[] for _ in functions]
    order = list(range(len(functions)))
    collecting = gc.isenabled()
    gc.disable()
    try:
        for _ in range(rounds):
            for number in order:
                samples[number].append(_sample(functions[number], calls[number]))
            # Turns at being first, too.
            order.reverse()
    finally:
        if collecting:
            gc.enable()
    return [statistics.median(taken) for taken in samples]


def _sample(function: Callable[[], Any], calls: int) -> float:
    start = perf_counter()
    for _ in range(calls):
        function()
    return max((perf_counter() - start) / calls, 1e-9)
