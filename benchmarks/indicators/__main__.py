"""``python -m benchmarks.indicators [FAMILY…]``: measure and write the section."""

from __future__ import annotations

import argparse
import importlib
import warnings

import numpy as np

from ..timing import interleaved
from . import report

RUNS, SECONDS = 50, 1.0


def measure(family: str) -> report.Family:
    """Seconds of ours and the original by function and length, each verified identical first."""
    module = importlib.import_module(f"{__package__}.{family}")
    times: dict[str, dict[str, list[float]]] = {}
    for length in report.LENGTHS:
        for comparison in module.comparisons(length):
            comparison.verify()
            calls = comparison.ours, comparison.original
            best = interleaved(*calls, runs=RUNS, seconds=SECONDS)
            times.setdefault(comparison.name, {})[str(length)] = best
            print(f"{comparison.group}, {comparison.name}, {length:,}: {best[1] / best[0]:.1f}")
    return report.family(times)


def main() -> None:
    """Measure the named families, or all; what was measured before stays in the document."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.indicators")
    parser.add_argument("families", nargs="*", metavar="FAMILY", help=", ".join(report.FAMILIES))
    given = parser.parse_args()
    if unknown := [name for name in given.families if name not in report.FAMILIES]:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(report.FAMILIES)}")
    for name in given.families or report.FAMILIES:
        report.write({**report.read(), name: measure(name)})


if __name__ == "__main__":
    np.seterr(all="ignore")
    warnings.simplefilter("ignore")
    main()
