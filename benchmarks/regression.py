"""``python -m benchmarks.regression``: has a function become slower, beside its original?

Compares the ratios of ours to the original's time with the stored baseline. Exit status 1 where
one is worse by more than 20 %, 2 where there is nothing to compare with.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import NoReturn

from rich.console import Console

from ft_numba_aot.cli.tables import new_table

from . import ROOT, baseline, machine
from .measure import installed_isas
from .ratios import TOLERANCE, Ratios, Verdict, judged, settled

# How many processes a baseline is the median of.
PROCESSES = 3


def measure(isa: str, *names: str) -> Ratios:
    """Ratios of an instruction set, from a new process; of all comparisons unless named."""
    environment = {**os.environ, "FT_NUMBA_AOT_ISA": isa, "FT_NUMBA_AOT_BACKEND": "native"}
    done = subprocess.run(
        [sys.executable, "-m", f"{__package__}.regression_process", *names],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    ratios: Ratios = json.loads(done.stdout)
    return ratios


def _number(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.3g}"


def show(console: Console, isa: str, verdicts: Sequence[Verdict], *, every: bool = False) -> None:
    """Print a summary by group, and what is worse, or every ratio."""
    summary = new_table(
        f"{isa}: our time as a share of the original's, median",
        ("group", "functions", "baseline", "now", "worse", "better"),
    )
    for group in dict.fromkeys(verdict.group for verdict in verdicts):
        known = [v for v in verdicts if v.group == group]
        medians = [
            median(ratios) if (ratios := [r for r in column if r is not None]) else None
            for column in ([v.baseline for v in known], [v.ratio for v in known])
        ]
        counts = sum(v.worse for v in known), sum(v.better for v in known)
        summary.add_row(group, str(len(known)), *map(_number, medians), *map(str, counts))
    console.print(summary)
    shown = [verdict for verdict in verdicts if every or verdict.worse]
    if shown:
        title = "Every ratio" if every else f"Worse by more than {TOLERANCE - 1:.0%}"
        table = new_table(title, ("function", "baseline", "now", "change"))
        for verdict in sorted(shown, key=lambda verdict: -verdict.change):
            compared = verdict.ratio is not None and verdict.baseline is not None
            change = f"{verdict.change - 1:+.0%}" if compared else "-"
            style = "bold red" if verdict.worse else "green" if verdict.better else None
            numbers = map(_number, (verdict.baseline, verdict.ratio))
            table.add_row(verdict.name, *numbers, change, style=style)
        console.print(table)
    for what, names in {
        "Better": [v.name for v in verdicts if v.better],
        "Not in the baseline": [v.name for v in verdicts if v.baseline is None],
        "Only in the baseline": [v.name for v in verdicts if v.ratio is None],
    }.items():
        if names:
            console.print(f"{what}, --write stores it: {'; '.join(names)}.", markup=False)


def check(path: Path, isas: Sequence[str], *, every: bool, found_in: Path | None) -> int:
    """Compare with the baseline; the exit status."""
    try:
        known = baseline.read(path)
    except ValueError as error:
        _fail(f"{path} isn't JSON: {error}")
    if missing := [isa for isa in isas if isa not in known]:
        _fail(f"{path} has no ratios of {', '.join(missing)}: --write measures and stores them")
    console = Console()
    worse: dict[str, list[str]] = {}
    for isa in isas:
        verdicts = judged(known[isa]["ratios"], partial(measure, isa))
        if found_in is not None:
            now = {v.name: v.ratio for v in verdicts if v.ratio is not None}
            baseline.write({isa: baseline.stored(now)}, found_in)
        show(console, isa, verdicts, every=every)
        if (processor := known[isa]["processor"]) != machine.processor():
            console.print(f"The baseline is of another processor: {processor}.", markup=False)
        if names := [verdict.name for verdict in verdicts if verdict.worse]:
            worse[isa] = names
    for isa, names in worse.items():
        console.print(f"[bold red]Worse[/], {isa}: {'; '.join(names)}.")
    if not worse:
        console.print(f"[bold green]No ratio is worse[/] by more than {TOLERANCE - 1:.0%}.")
    return int(bool(worse))


def store(path: Path, isas: Sequence[str]) -> None:
    """Measure and write the baseline of each instruction set."""
    for isa in isas:
        ratios = settled(partial(measure, isa), times=PROCESSES)
        baseline.write({isa: baseline.stored(ratios)}, path)
        print(f"{path}: {len(ratios)} ratios of {isa}; load average {machine.load():.1f}")


def _fail(message: str) -> NoReturn:
    print(f"error: {message}", file=sys.stderr)
    raise SystemExit(2)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.regression", description=(__doc__ or "").partition(": ")[2]
    )
    parser.add_argument("--write", action="store_true", help="measure and store the baseline")
    parser.add_argument("--baseline", type=Path, default=baseline.FILE, metavar="FILE")
    parser.add_argument("--isa", action="append", help="only this one; may be repeated")
    parser.add_argument("--all", action="store_true", help="show every ratio")
    parser.add_argument(
        "--found", type=Path, metavar="FILE", help="store what was found there, as a baseline"
    )
    given = parser.parse_args(argv)
    installed = installed_isas()
    isas = given.isa or installed
    if not isas or set(isas) - set(installed):
        _fail(f"native kernels that run here: {', '.join(installed) or 'none'}")
    if given.write:
        store(given.baseline, isas)
        return 0
    return check(given.baseline, isas, every=given.all, found_in=given.found)


if __name__ == "__main__":
    raise SystemExit(main())
