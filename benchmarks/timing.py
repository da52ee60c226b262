"""Timing that survives a busy machine: the least of many runs, taken in turn."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

# A sample is as many calls as take about this long, so that reading the clock costs nothing.
SAMPLE = 1e-4


def _sample(function: Callable[[], Any], calls: int) -> float:
    start = perf_counter()
    for _ in range(calls):
        function()
    return (perf_counter() - start) / calls


def interleaved(
    *functions: Callable[[], Any], runs: int, seconds: float = float("inf")
) -> list[float]:
    """The least seconds of a call of each function.

    The functions take turns, and turns at being first: what slows the machine slows them alike.
    After ``seconds`` a second run is the last.
    """
    calls = [max(1, int(SAMPLE / _sample(function, 1))) for function in functions]
    best = [float("inf")] * len(functions)
    order = list(range(len(functions)))
    collecting = gc.isenabled()
    gc.disable()
    try:
        deadline = perf_counter() + seconds
        for run in range(runs):
            for i in order:
                best[i] = min(best[i], _sample(functions[i], calls[i]))
            order.reverse()
            if run > 0 and perf_counter() > deadline:
                break
    finally:
        if collecting:
            gc.enable()
    return best


def in_two_threads(function: Callable[[], Any], *, runs: int) -> float:
    """The time of two calls at once, as a share of one after another: 0.5 is full overlap."""
    with ThreadPoolExecutor(2) as threads:

        def at_once() -> None:
            for future in [threads.submit(function) for _ in range(2)]:
                future.result()

        def one_after_another() -> None:
            function()
            function()

        parallel, serial = interleaved(at_once, one_after_another, runs=runs)
    return parallel / serial


def in_fresh_interpreters(setup: str, statement: str, *, runs: int) -> list[float]:
    """Seconds that ``statement`` takes in each of ``runs`` new processes, after ``setup``."""
    code = (
        f"{setup}\nfrom time import perf_counter\nstart = perf_counter()\n"
        f"{statement}\nprint(perf_counter() - start)"
    )
    return [
        float(
            subprocess.run(
                [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
            ).stdout
        )
        for _ in range(runs)
    ]
