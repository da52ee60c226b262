"""What a case's accelerated run spends its time on, by function.

python -m benchmarks.backtests.profile [--stock] [--cumulative] [--lines N] [--save FILE] CASE

A profiler slows small functions most: what it tells is where to look, not how long it takes.
Hyperopt runs its epochs in this process instead of workers.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import sys
from dataclasses import replace
from time import process_time

from ft_numba_aot.freqtrade_integration import switch

from . import measure, process
from .cases import CASES


def main() -> None:
    """Run a case in this process and print its profile."""
    cases = {case.name: case for case in CASES}
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backtests.profile")
    parser.add_argument("case", choices=cases)
    parser.add_argument("--stock", action="store_true")
    parser.add_argument("--cumulative", action="store_true")
    parser.add_argument("--lines", type=int, default=40)
    parser.add_argument("--save", metavar="FILE", help="for pstats, which knows who calls whom")
    given = parser.parse_args()
    case = replace(cases[given.case], jobs=1)
    if not given.stock:
        switch.enable_on_import()
    seconds: process.Seconds = {}
    profile = cProfile.Profile(process_time)
    with measure.prepared(case) as folder:
        user_data = measure.empty_user_data(folder)
        command = process.prepare(measure.arguments(case, folder, user_data), seconds)
        profile.runcall(command)
    print(switch.status())
    print(seconds)
    order = "cumulative" if given.cumulative else "tottime"
    stats = pstats.Stats(profile, stream=sys.stdout).sort_stats(order)
    stats.print_stats(given.lines)
    if given.save:
        stats.dump_stats(given.save)


if __name__ == "__main__":
    main()
