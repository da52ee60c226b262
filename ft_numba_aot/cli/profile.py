"""``ft-numba-aot profile``: its options, its messages and its exit status.

Imports the standard library until it runs.
"""

from __future__ import annotations

import argparse
import sys

from .. import freqtrade_integration
from ..freqtrade_integration import BacktestError
from . import options as declared
from .command import Command
from .demo import progress_line

SHOWN, RAISED, UNUSABLE = 0, 1, 2


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare profile's own options; every other one is freqtrade's."""
    parser.usage = (
        "%(prog)s [-h] [--accelerated] [--all] [--json]\n"
        "                            [any option of freqtrade backtesting]"
    )
    parser.epilog = (
        "Such as -c config.json -s MyStrategy --timerange 20250101- --pairs BTC/USDT. It runs what "
        "populates the strategy's indicators and signals on all its pairs, once, and no backtest. "
        "The exit status is 0 if there is something to show, 1 if the strategy raises, 2 if "
        "freqtrade can't run it."
    )
    parser.add_argument(
        "--accelerated",
        action="store_true",
        help="with everything replaced that ft-numba-aot replaces: what is left",
    )
    parser.add_argument(
        "--all", action="store_true", help="every call; else those that take longest"
    )
    declared.add_json(parser)
    parser.add_argument("--exchange-factory", default="", help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    """Watch the strategy and print what its time goes to; returns the exit status."""
    if not freqtrade_integration.installed():
        print(
            f"ft-numba-aot profile: it needs freqtrade: {freqtrade_integration.INSTALL}",
            file=sys.stderr,
        )
        return UNUSABLE
    from ..freqtrade_integration import profile_run
    from . import profile_report

    try:
        with progress_line("starting freqtrade") as progress:
            found = profile_run.profile(
                options.rest,
                accelerated=options.accelerated,
                exchange=options.exchange_factory,
                progress=progress,
            )
    except BacktestError as error:
        print(f"ft-numba-aot profile: {error}", file=sys.stderr)
        return RAISED if isinstance(error, profile_run.StrategyRaised) else UNUSABLE
    if options.json:
        print(profile_report.as_json(found))
    else:
        profile_report.show(found, everything=options.all)
    return SHOWN


COMMAND = Command(
    "profile",
    "show what the time of your strategy's indicators goes to, by call, and what to write instead",
    add_options,
    run,
    passes_on=True,
)
