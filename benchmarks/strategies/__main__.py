"""``python -m benchmarks.strategies [NAME…]``: measure, compare, and write the guide's table.

Two processes, stock and accelerated, compute the indicators of a pair in turn. Where a bit of a
frame differs, nothing is written.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import pandas as pd

from ft_numba_aot.freqtrade_integration.identity import frame_difference

from .. import ROOT
from . import STRATEGIES, process, report

ROUNDS = 9
SLOW = 3.0


class Process:
    """One of the two, which answers until it is closed."""

    def __init__(self, which: str, folder: Path) -> None:
        self.kept = folder / which
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.process", which, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
            env={**os.environ, "FT_NUMBA_AOT_STARTUP": "0"},
        )

    def ask(self, name: str, *, keep: bool = False) -> float:
        """The seconds of a strategy's indicators; ``keep`` leaves the frames in ``kept``."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(f"{name} {self.kept}" if keep else name, file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline())

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def compare(name: str, stock: Path, ours: Path) -> None:
    """Raise unless the frames are the same, and the second ones accelerated."""
    (enabled, _, theirs), (on, fallen, mine) = pd.read_pickle(stock), pd.read_pickle(ours)
    assert not enabled
    assert on, "nothing is accelerated"
    assert not fallen, fallen
    assert list(theirs) == list(mine)
    for pair, frame in theirs.items():
        difference = frame_difference(frame, mine[pair], str)
        assert difference is None, f"{name}, {pair}: {difference}"


def measure(name: str, stock: Process, ours: Process) -> tuple[float, float]:
    """Median seconds of both, and the median of their ratios is that of the table."""
    stock.ask(name, keep=True)
    ours.ask(name, keep=True)
    compare(name, stock.kept, ours.kept)
    slow = stock.ask(name) > SLOW
    times = [(stock.ask(name), ours.ask(name)) for _ in range(3 if slow else ROUNDS)]
    best = median(one / other for one, other in times)
    theirs = median(one for one, _ in times)
    return theirs, theirs / best


def main() -> None:
    """Measure the named strategies, or all; what was measured before stays."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.strategies")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(STRATEGIES))
    names = parser.parse_args().names or list(STRATEGIES)
    results = report.read()
    for length in report.LENGTHS:
        with tempfile.TemporaryDirectory() as text, ExitStack() as stack:
            folder = Path(text)
            process.store(folder, length, process.PAIRS[:1])
            stock, ours = (stack.enter_context(Process(one, folder)) for one in ("stock", "ours"))
            for name in names:
                times = measure(name, stock, ours)
                print(f"{name}, {length:,}: {times[0] / times[1]:.2f}", flush=True)
                results.setdefault("times", {}).setdefault(name, {})[str(length)] = list(times)
    report.write({**results, **report.here()})
    print(json.dumps(results["times"]))


if __name__ == "__main__":
    main()
