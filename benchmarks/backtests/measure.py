"""Runs each case in turn, stock and accelerated, and takes the medians of runs that agree."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from shutil import copyfile, rmtree
from statistics import median
from time import monotonic
from typing import Any, TypedDict

from ft_numba_aot import __version__

from .. import ROOT, machine
from .cases import Case
from .process import OURS, STOCK

LIBRARIES = ("numpy", "pandas", "TA-Lib", "freqtrade")
RUNS = 3
SIDES = (STOCK, OURS)
STRATEGIES = Path(__file__).parent / "strategies"
_LAST_LINES = 30


class Different(Exception):
    """Accelerated freqtrade gave something else than stock freqtrade."""


class Measured(TypedDict):
    """Medians of a case: stock's and ours, seconds by phase and peak memory in bytes.

    ``cpu`` has CPU time instead of what the clock says.
    """

    where: str
    date: str
    runs: int
    load: float
    seconds: dict[str, list[float]]
    cpu: dict[str, list[float]]
    memory: list[float]
    amounts: dict[str, int]
    counters: dict[str, int]


@contextmanager
def prepared(case: Case) -> Iterator[Path]:
    """A folder with the candles, configuration and strategies of a case."""
    from .offline import write_folder

    with tempfile.TemporaryDirectory(prefix="ft-numba-aot-") as name:
        folder = Path(name)
        write_folder(folder, case)
        strategies = folder / "strategies"
        strategies.mkdir()
        for file in [*STRATEGIES.glob("*.py"), _sample_strategy()]:
            copyfile(file, strategies / file.name)
        yield folder


def _sample_strategy() -> Path:
    """The strategy that ``freqtrade create-userdir`` gives its users."""
    spec = find_spec("freqtrade")
    if spec is None or spec.origin is None:
        raise SystemExit("freqtrade is not installed")
    return Path(spec.origin).parent / "templates" / "sample_strategy.py"


def arguments(case: Case, folder: Path, user_data: Path) -> list[str]:
    """The whole command line after ``freqtrade``."""
    return [
        *case.command,
        *("-c", str(folder / "config.json")),
        *("--datadir", str(folder / "data")),
        *("--userdir", str(user_data)),
        *("--strategy-path", str(folder / "strategies")),
    ]


def empty_user_data(folder: Path) -> Path:
    """A user folder without results, always in the same place: stats have a hash of where."""
    user_data = folder / "user_data"
    if user_data.exists():
        rmtree(user_data)
    for part in ("backtest_results", "hyperopt_results"):
        (user_data / part).mkdir(parents=True)
    return user_data


def run(case: Case, side: str, folder: Path) -> dict[str, Any]:
    """One run in a fresh process."""
    result, messages = folder / "result", folder / "messages"
    result.unlink(missing_ok=True)
    user_data = empty_user_data(folder)
    command = [sys.executable, "-m", f"{__package__}.process", side, str(result)]
    command += [str(monotonic()), *arguments(case, folder, user_data)]
    with messages.open("wb") as output:
        done = subprocess.run(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
        )
    if done.returncode or not result.is_file():
        lines = messages.read_text(encoding="utf-8", errors="replace").splitlines()
        raise SystemExit("\n".join([f"{case.name}, {side}:", *lines[-_LAST_LINES:]]))
    found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return found


def measure(case: Case, runs: int, progress: Callable[[str], None]) -> Measured:
    """Medians of as many runs of each side; ``Different`` at the first run that differs."""
    found: dict[str, list[dict[str, Any]]] = {STOCK: [], OURS: []}
    with prepared(case) as folder:
        for number in range(1, runs + 1):
            for side in SIDES:
                one = run(case, side, folder)
                found[side].append(one)
                progress(f"{case.name}, {side} {number} of {runs}: {_shown(one)}")
                _compare(case, found[STOCK][0], one)
    first = found[OURS][0]
    return Measured(
        where=f"ft-numba-aot {__version__}; {machine.versions(LIBRARIES)}. {machine.machine()}.",
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        runs=runs,
        load=round(machine.load(), 1),
        seconds=_medians(found, 0),
        cpu=_medians(found, 1),
        memory=[median(one["memory"] or 0 for one in found[side]) for side in SIDES],
        amounts=first["amounts"],
        counters=first["counters"],
    )


def _medians(found: dict[str, list[dict[str, Any]]], clock: int) -> dict[str, list[float]]:
    return {
        phase: [median(one["seconds"][phase][clock] for one in found[side]) for side in SIDES]
        for phase in found[OURS][0]["seconds"]
    }


def _shown(one: dict[str, Any]) -> str:
    seconds = ", ".join(f"{phase} {clock:.3f}" for phase, (clock, _) in one["seconds"].items())
    amounts = ", ".join(f"{value} {name}" for name, value in one["amounts"].items())
    return f"{seconds} s; {(one['memory'] or 0) / 1e6:.0f} MB; {amounts}"


def _compare(case: Case, stock: dict[str, Any], other: dict[str, Any]) -> None:
    theirs = {**stock["digests"], **stock["amounts"]}
    mine = {**other["digests"], **other["amounts"]}
    if differing := [name for name in theirs if theirs[name] != mine.get(name)]:
        raise Different(f"{case.name}: two runs differ in {', '.join(differing)}")
