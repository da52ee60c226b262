"""Timing that survives a busy machine: the least of many runs, taken in turn."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

# A sample is as many calls as take about this long, so that reading the clock costs nothing.
SAMPLE = 1e-4


def _sample(function: Callable[[], Any], calls: int, clock: Callable[[], float]) -> float:
    start = clock()
    for _ in range(calls):
        function()
    return (clock() - start) / calls


def interleaved(
    *functions: Callable[[], Any],
    runs: int,
    seconds: float = float("inf"),
    clock: Callable[[], float] = perf_counter,
) -> list[float]:
    """The least seconds of a call of each function.

    The functions take turns, and turns at being first: what slows the machine slows them alike.
    After ``seconds`` a second run is the last. ``clock`` may be the CPU's.
    """
    calls = [max(1, int(SAMPLE / _sample(function, 1, clock))) for function in functions]
    best = [float("inf")] * len(functions)
    order = list(range(len(functions)))
    collecting = gc.isenabled()
    gc.disable()
    try:
        deadline = clock() + seconds
        for run in range(runs):
            for i in order:
                best[i] = min(best[i], _sample(functions[i], calls[i], clock))
            order.reverse()
            if run > 0 and clock() > deadline:
                break
    finally:
        if collecting:
            gc.enable()
    return best


def _cpus() -> list[int]:
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def _stay_on(cpu: int | None) -> None:
    """Keep this thread on a CPU: on a busy machine two new threads may be given the same one."""
    if cpu is not None:
        os.sched_setaffinity(0, {cpu})


def in_two_threads(first: Callable[[], Any], second: Callable[[], Any], *, runs: int) -> float:
    """The time of two calls at once, as a share of one after the other: 0.5 is full overlap."""
    cpus = iter(_cpus())
    with ThreadPoolExecutor(2, initializer=lambda: _stay_on(next(cpus, None))) as threads:

        def at_once() -> None:
            for future in [threads.submit(first), threads.submit(second)]:
                future.result()

        def one_after_the_other() -> None:
            first()
            second()

        parallel, serial = interleaved(at_once, one_after_the_other, runs=runs)
    return parallel / serial


def in_fresh_interpreters(
    setup: str, statement: str, *, runs: int, clock: str = "perf_counter"
) -> list[float]:
    """Seconds that ``statement`` takes in each of ``runs`` new processes, after ``setup``.

    ``clock`` is a function of ``time``: "process_time" leaves out what other processes take.
    """
    code = (
        f"{setup}\nfrom time import {clock} as clock\nstart = clock()\n"
        f"{statement}\nprint(clock() - start)"
    )
    command = [sys.executable, "-P", "-c", code]
    return [
        float(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
        for _ in range(runs)
    ]
