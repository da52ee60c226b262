"""``python -m benchmarks [FILE]``: measure all but the backtests and write the document."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from ft_numba_aot import __version__

from . import ROOT, budget, machine, metrics, report
from .backtests import report as backtests
from .indicators import report as indicators
from .measure import Measurement, installed_isas, measure_isa
from .timing import in_fresh_interpreters

LIBRARIES = ("numpy", "pandas", "TA-Lib", "freqtrade", "bottleneck")

START_UP = {
    "`import numpy`": ("", "import numpy"),
    "`import ft_numba_aot`, after numpy": ("import numpy", "import ft_numba_aot"),
    "`import ft_numba_aot.ta`, after numpy": ("import numpy", "import ft_numba_aot.ta"),
    "`import talib.abstract`, after numpy": ("import numpy", "import talib.abstract"),
    "first call, with an ndarray": (budget.CANDLES, budget.CALL),
    "second call, with an ndarray": (f"{budget.CANDLES}\n{budget.CALL}", budget.CALL),
    "first call, with a DataFrame": (budget.FRAME, budget.CALL),
    "second call, with a DataFrame": (f"{budget.FRAME}\n{budget.CALL}", budget.CALL),
}


def heading(measurements: list[Measurement]) -> str:
    """What was measured, where, when and with which versions."""
    return f"""\
# Benchmarks

Written by `python -m benchmarks`, on {datetime.now(UTC):%Y-%m-%d}. ft-numba-aot {__version__}, \
compiled by numba {measurements[0]["numba"]}; {machine.versions(LIBRARIES)}. \
{machine.machine()}; load average {machine.load():.1f}.

Before it is timed, each result is compared with the original's: they are identical to the bit. \
Both take turns in one process, and the least of {measurements[0]["runs"]} times counts. On \
x86-64 there are two builds of the kernels, measured in a process each; the CPU decides which one \
runs. The one called x86-64 is for CPUs without AVX2 and FMA; measured on a CPU that has them, it \
meets code of TA-Lib's that only such a CPU runs.
"""


def main() -> None:
    """Measure and write."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "benchmarks.md"
    measurements = [measure_isa(isa) for isa in reversed(installed_isas())]
    times = {
        name: in_fresh_interpreters(*statements, runs=budget.RUNS)
        for name, statements in START_UP.items()
    }
    found: list[report.Found] = [(b.name, b.measure(), b.unit, b.limit) for b in budget.BUDGETS]
    found.append(("installed files", budget.installed_size(), "MB", None))
    sections = [
        heading(measurements),
        *backtests.sections(),
        report.on_frames(measurements),
        report.on_arrays(measurements),
        *indicators.sections(),
        report.on_freqtrade(measurements),
        *metrics.sections(),
        report.in_threads(measurements),
        report.start_up(times, found),
    ]
    target.write_text("\n".join(sections), encoding="utf-8")
    print(target)


if __name__ == "__main__":
    main()
