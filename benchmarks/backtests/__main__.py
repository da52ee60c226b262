"""``python -m benchmarks.backtests [--runs N] [CASE…]``: measure and write the section."""

from __future__ import annotations

import argparse

from . import report
from .cases import CASES
from .measure import RUNS, measure


def main() -> None:
    """Measure the named cases, or all; what was measured before stays in the document."""
    known = {case.name: case for case in CASES}
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backtests")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(known))
    parser.add_argument("--runs", type=int, default=RUNS)
    given = parser.parse_args()
    if unknown := [name for name in given.cases if name not in known]:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(known)}")
    for name in given.cases or known:
        measured = measure(known[name], given.runs, lambda text: print(text, flush=True))
        report.write({**report.read(), name: measured})


if __name__ == "__main__":
    main()
