"""``python -m benchmarks.talib_speed``: only TA-Lib's functions' tables in docs/benchmarks.md.

DataFrames against ``talib.abstract`` and ndarrays against ``talib``, of every instruction set of
this machine, in a process each; what else the document says is left as it is. Times are the CPU's:
what takes longer than a turn of the scheduler would be measured with what others take meanwhile.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from time import thread_time

import numpy as np

from ft_numba_aot import backend_info

from . import ROOT, machine, report
from .comparisons import of_kernels, on_arrays, on_frames
from .measure import Measurement, Times, installed_isas
from .timing import interleaved

DOCUMENT = ROOT / "docs" / "benchmarks.md"
# Rounds over all functions, so that a busy minute spoils no row; in each, this many runs.
ROUNDS, RUNS, SECONDS = 5, 6, 0.5
LIBRARIES = ("numpy", "pandas", "TA-Lib")


def measure() -> Measurement:
    """All functions, with the backend of this process; AssertionError where results differ."""
    info = backend_info()
    if info.isa is None or info.numba is None:
        raise SystemExit(f"nothing to measure, the backend is pure: {info.reason}")
    compared = [*on_arrays(), *on_frames(), *of_kernels()]
    for comparison in compared:
        comparison.verify()
    times: Times = {}
    for _ in range(ROUNDS):
        for group, name, ours, original, _values in compared:
            found = interleaved(ours, original, runs=RUNS, seconds=SECONDS, clock=thread_time)
            best = times.setdefault(group, {}).setdefault(name, found)
            best[:] = map(min, best, found)
    return Measurement(isa=info.isa, runs=ROUNDS * RUNS, numba=info.numba, times=times, threads={})


def _in_a_process(isa: str) -> Measurement:
    environment = {**os.environ, "FT_NUMBA_AOT_ISA": isa, "FT_NUMBA_AOT_BACKEND": "native"}
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.talib_speed", "--json"]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    found: Measurement = json.loads(done.stdout)
    return found


def sections(measurements: list[Measurement]) -> list[str]:
    """Both sections, each saying when and where it was measured."""
    note = (
        f"Written by `python -m benchmarks.talib_speed`, on {datetime.now(UTC):%Y-%m-%d}; the "
        f"least of {measurements[0]['runs']} times, in turn, of the CPU. "
        f"{machine.versions(LIBRARIES)}. {machine.machine()}; load average {machine.load():.1f}."
    )
    found = [report.on_frames(measurements), report.on_arrays(measurements)]
    return [section.replace("\n\n", f"\n\n{note}\n\n", 1) for section in found]


def written(text: str, section: str) -> str:
    """The document with this section instead of the one with its heading."""
    heading, _, _ = section.partition("\n")
    before, _, rest = text.partition(f"{heading}\n")
    _, _, after = rest.partition("\n## ")
    return f"{before}{section}\n## {after}" if after else f"{before}{section}"


def main() -> None:
    """Measure and write."""
    if "--json" in sys.argv[1:]:
        print(json.dumps(measure()))
        return
    text = DOCUMENT.read_text(encoding="utf-8")
    for section in sections([_in_a_process(isa) for isa in reversed(installed_isas())]):
        text = written(text, section)
    DOCUMENT.write_text(text, encoding="utf-8")
    print(DOCUMENT)


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
