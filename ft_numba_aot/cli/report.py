"""``ft-numba-aot report``: its options, its messages and its exit status.

Imports the standard library until it runs.
"""

from __future__ import annotations

import argparse
import sys

from . import options as declared
from .command import Command

SHOWN, NOTHING, UNUSABLE = 0, 1, 2


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare report's options."""
    parser.epilog = (
        "Calls and times are collected with performance_benchmarking in the configuration, or "
        "FT_NUMBA_AOT_PERFORMANCE_BENCHMARKING=1 in the environment. A run is a process and all "
        "that it starts. The exit status is 0 if there is something to show, 1 if not, 2 if the "
        "page can't be written."
    )
    parser.add_argument(
        "--runs",
        type=declared.at_least(1),
        default=1,
        metavar="N",
        help="the last N runs together (default: %(default)s)",
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help="every function; else, of each group, those that took longest",
    )
    declared.add_html(parser)
    declared.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print what was collected; returns the exit status."""
    from ..runtime import snapshot_files
    from . import report_tables

    report = report_tables.Report(snapshot_files.merged(options.runs))
    if options.html is not None and report.functions:
        try:
            options.html.write_text(report_tables.as_html(report), encoding="utf-8")
        except OSError as error:
            reason = f"--html {options.html}: {error.strerror or error}"
            print(f"ft-numba-aot report: {reason}", file=sys.stderr)
            return UNUSABLE
    if options.json:
        print(report_tables.as_json(report))
    elif report.functions:
        report_tables.show(report, everything=options.all)
        if options.html is not None:
            print(f"Wrote {options.html}")
    else:
        report_tables.show_nothing(report)
    return SHOWN if report.functions else NOTHING


COMMAND = Command(
    "report",
    "show what was collected: calls, times, what was saved, fallbacks, by function",
    add_options,
    run,
)
