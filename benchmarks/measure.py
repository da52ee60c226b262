"""Verifies and times every comparison with the backend of this process; prints JSON.

A process each for the two instruction sets of x86-64: ``FT_NUMBA_AOT_ISA`` chooses.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TypedDict

import numpy as np

from ft_numba_aot import _backend, backend_info

from . import ROOT
from .comparisons import bare_kernel, comparisons
from .timing import in_two_threads, interleaved

# Rounds over all comparisons, so that a busy minute spoils no row; in each, this many runs.
ROUNDS = 10
RUNS = 5
SECONDS = 0.5
# Two cores must be free at once for a while: short calls, many times.
LONG = 200_000
THREAD_RUNS = 300
THREADED = ("SMA", "RSI", "ADX", "STOCH", "BBANDS")

Times = dict[str, dict[str, list[float]]]


class Measurement(TypedDict):
    """Seconds of ours and of the original, by group and name; shares of two threads by name."""

    isa: str
    runs: int
    numba: str
    times: Times
    threads: dict[str, float]


def installed_isas() -> list[str]:
    """The instruction sets of this installation that this machine has."""
    found = []
    for isa in _backend.ISAS:
        try:
            _backend._load_native(isa)
        except _backend._Unavailable:
            continue
        found.append(isa)
    return found


def measure() -> Measurement:
    """Everything, with the backend of this process; AssertionError where results differ."""
    info = backend_info()
    if info.isa is None or info.numba is None:
        raise SystemExit(f"nothing to measure, the backend is pure: {info.reason}")
    table = comparisons()
    for comparison in table:
        comparison.verify()
    times: Times = {}
    for _ in range(ROUNDS):
        for group, name, ours, original, _values in table:
            found = interleaved(ours, original, runs=RUNS, seconds=SECONDS)
            best = times.setdefault(group, {}).setdefault(name, found)
            best[:] = map(min, best, found)
    return Measurement(
        isa=info.isa,
        runs=ROUNDS * RUNS,
        numba=info.numba,
        times=times,
        threads=_threads(),
    )


def _threads() -> dict[str, float]:
    return {
        name: in_two_threads(bare_kernel(name, LONG), bare_kernel(name, LONG), runs=THREAD_RUNS)
        for name in THREADED
    }


def measure_isa(isa: str) -> Measurement:
    """``measure`` in a process of that instruction set."""
    environment = {**os.environ, "FT_NUMBA_AOT_ISA": isa, "FT_NUMBA_AOT_BACKEND": "native"}
    done = subprocess.run(
        [sys.executable, "-m", __name__],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    found: Measurement = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    np.seterr(all="ignore")
    print(json.dumps(measure()))
