"""``ft-numba-aot verify``: its options, its messages and its exit status.

Imports the standard library until it runs.
"""

from __future__ import annotations

import argparse
import sys

from .. import freqtrade_integration
from ..freqtrade_integration import BacktestError
from . import options as declared
from .command import Command
from .demo import DIFFERENT, IDENTICAL, UNUSABLE, progress_line


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare verify's own options; every other one is freqtrade's."""
    parser.usage = "%(prog)s [-h] [--json] [any option of freqtrade backtesting]"
    parser.epilog = (
        "Such as -c config.json -s MyStrategy --timerange 20250101-. Results aren't exported and "
        "earlier ones not reused, so that nothing of yours changes. The exit status is 0 if both "
        "runs are identical, 1 if they differ, 2 if stock freqtrade can't run them."
    )
    declared.add_json(parser)
    parser.add_argument("--exchange-factory", default="", help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    """Run both backtests and print what they gave; returns the exit status."""
    if not freqtrade_integration.installed():
        return _unusable(f"it needs freqtrade: {freqtrade_integration.INSTALL}")
    from ..freqtrade_integration import verification
    from . import verify_report

    try:
        with progress_line("starting freqtrade") as progress:
            result = verification.verify(
                options.rest, exchange=options.exchange_factory, progress=progress
            )
    except BacktestError as error:
        return _unusable(str(error))
    if options.json:
        print(verify_report.as_json(result))
    else:
        verify_report.show(result)
    return IDENTICAL if result.identical else DIFFERENT


def _unusable(reason: str) -> int:
    print(f"ft-numba-aot verify: {reason}", file=sys.stderr)
    return UNUSABLE


COMMAND = Command(
    "verify",
    "backtest your strategy with stock and with accelerated freqtrade: the same, and how fast",
    add_options,
    run,
    passes_on=True,
)
