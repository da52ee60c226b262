"""What the package may weigh and what it may make a process wait.

    python -m benchmarks.budget [WHEEL]

Times are the CPU's, the least of many fresh interpreters: what other processes take doesn't count.
"""

from __future__ import annotations

import io
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import ft_numba_aot

from .timing import in_fresh_interpreters

RUNS = 15
# How often what is over is measured again: a busy host takes from all of a second's runs.
PATIENCE = 3
FOLDER = Path(ft_numba_aot.__file__).parent

CANDLES = """
import numpy
close = numpy.linspace(1.0, 2.0, 1000)
import ft_numba_aot.ta as ta
"""
CALL = "ta.SMA(close)"
FRAME = f"""
import pandas
{CANDLES}
close = pandas.DataFrame({{"close": close}})
"close" in close  # pandas' own first look-up in a frame
"""


class Budget(NamedTuple):
    """A quantity, its limit, and how to measure it."""

    name: str
    limit: float
    unit: str
    measure: Callable[[], float]


def installed_files() -> list[Path]:
    """What the wheel put into the package's folder."""
    return [
        path for path in FOLDER.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]


def installed_size() -> float:
    """The package's files, in MB."""
    return sum(path.stat().st_size for path in installed_files()) / 1e6


def wheel_size(wheel: Path | None = None) -> float:
    """A wheel's size in MB; without one, that of the installed files packed as one."""
    if wheel is not None:
        return wheel.stat().st_size / 1e6
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in installed_files():
            archive.write(path)
    return packed.tell() / 1e6


def least(setup: str, statement: str) -> float:
    """Milliseconds of CPU time."""
    return 1e3 * min(in_fresh_interpreters(setup, statement, runs=RUNS, clock="process_time"))


def import_time(module: str) -> float:
    """What importing ``module`` takes after its parents and numpy, in ms."""
    parent = module.rpartition(".")[0] or "numpy"
    return least(f"import numpy, {parent}", f"import {module}")


def first_call(setup: str) -> float:
    """By how much a process's first call is slower than its second, in ms."""
    return least(setup, CALL) - least(f"{setup}\n{CALL}", CALL)


BUDGETS = [
    Budget("import ft_numba_aot, after numpy", 5.0, "ms", lambda: import_time("ft_numba_aot")),
    Budget(
        "import ft_numba_aot.ta, after that", 25.0, "ms", lambda: import_time("ft_numba_aot.ta")
    ),
    Budget("first call beyond the second, ndarray", 0.1, "ms", lambda: first_call(CANDLES)),
    Budget("first call beyond the second, DataFrame", 0.1, "ms", lambda: first_call(FRAME)),
    Budget("wheel", 3.0, "MB", wheel_size),
]


def main() -> None:
    """Print each quantity and its limit; exit with 1 where one is over."""
    wheel = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    over = False
    for budget in BUDGETS:
        found = wheel_size(wheel) if budget.measure is wheel_size else budget.measure()
        for _ in range(PATIENCE):
            if found > budget.limit and budget.unit == "ms":
                time.sleep(5)
                found = min(found, budget.measure())
        over |= found > budget.limit
        verdict = "OVER" if found > budget.limit else "ok"
        print(f"{budget.name:40} {found:8.3f} of {budget.limit:g} {budget.unit}  {verdict}")
    raise SystemExit(int(over))


if __name__ == "__main__":
    main()
