"""``ft-numba-aot bench``: its options, its messages and its exit status.

Imports the standard library until it runs.
"""

from __future__ import annotations

import argparse
import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from . import options as declared
from .command import Command

IDENTICAL, DIFFERENT, UNUSABLE = 0, 1, 2

CANDLES = 1000
ROUNDS, QUICK_ROUNDS = 31, 7


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare bench's options."""
    parser.epilog = (
        "Before a function is timed, its results are compared with its original's on calls of all "
        "kinds, bit for bit. Both take turns; times are medians. The exit status is 0 if "
        "everything is identical, 1 if something differs, 2 if nothing can be measured."
    )
    parser.add_argument(
        "--candles",
        type=declared.at_least(1),
        default=CANDLES,
        metavar="N",
        help="in the DataFrames and Series of the indicators (default: %(default)s)",
    )
    parser.add_argument(
        "--only",
        type=declared.expression,
        metavar="REGEX",
        help="functions whose name it is found in, such as 'talib.abstract.*MA$' or metrics",
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds, less exact")
    declared.add_html(parser)
    declared.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Compare, time and print; returns the exit status."""
    from . import bench_report, bench_run

    # What would be logged is in the result.
    logging.getLogger("ft_numba_aot").addHandler(logging.NullHandler())
    rounds = QUICK_ROUNDS if options.quick else ROUNDS
    try:
        # Some originals warn of what they do themselves.
        with progress_bar() as progress, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = bench_run.run(options.candles, options.only, rounds, progress)
    except bench_run.NothingToMeasure as error:
        return _unusable(str(error))
    if options.html is not None:
        try:
            options.html.write_text(bench_report.as_html(result), encoding="utf-8")
        except OSError as error:
            return _unusable(f"--html {options.html}: {error.strerror or error}")
    if options.json:
        print(bench_report.as_json(result))
    else:
        bench_report.show(result)
        if options.html is not None:
            print(f"Wrote {options.html}")
    return IDENTICAL if result.identical else DIFFERENT


def _unusable(reason: str) -> int:
    print(f"ft-numba-aot bench: {reason}", file=sys.stderr)
    return UNUSABLE


Progress = Callable[[str, int, int], None]


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """What is being done, and how much of it is left, on the terminal for as long as it takes."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda *_: None
        return
    columns = (TextColumn("{task.description:<34.34}"), BarColumn(None), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def update(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total or None)

        yield update


COMMAND = Command(
    "bench",
    "compare every function with its original on this machine, and time both",
    add_options,
    run,
)
