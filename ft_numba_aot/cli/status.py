"""``ft-numba-aot status``: its options, its messages and its exit status.

Imports the standard library until it runs.
"""

from __future__ import annotations

import argparse
import sys

from .. import freqtrade_integration
from ..runtime.configuration import PHASES, SWITCH
from . import options as declared
from .command import Command

ACTIVE, NOT_ACTIVE, UNUSABLE = 0, 1, 2


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare status' options."""
    parser.epilog = (
        "It enables in its own process what freqtrade would be given here, and shows that. Without "
        "a phase in the configuration that is aggressive, as when backtesting; trading, "
        "progressive. The exit status is 0 if everything that is enabled is active, 1 if something "
        "isn't, 2 if it can't be told."
    )
    declared.add_config(parser)
    parser.add_argument(
        "--phase",
        choices=tuple(PHASES),
        metavar="PHASE",
        help=f"as if the configuration named this phase: {', '.join(PHASES)}",
    )
    declared.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Enable, and print what is active; returns the exit status."""
    if not freqtrade_integration.installed():
        return _unusable(f"it needs freqtrade: {freqtrade_integration.INSTALL}")
    from ..freqtrade_integration.inspection import UnreadableConfiguration
    from ..runtime.configuration import ConfigurationError
    from . import status_report
    from .demo import progress_line

    try:
        with progress_line("starting freqtrade"):
            report = status_report.inspect(options.config, options.phase)
    except ConfigurationError as error:
        of_file = options.config and not error.key.startswith(SWITCH)
        return _unusable(f"{', '.join(options.config)}: {error}" if of_file else str(error))
    except UnreadableConfiguration as error:
        return _unusable(f"{', '.join(options.config)}: {error}")
    except ImportError as error:
        return _unusable(f"freqtrade can't be imported: {error}")
    if options.json:
        print(status_report.as_json(report))
    else:
        status_report.show(report)
    return ACTIVE if report.complete else NOT_ACTIVE


def _unusable(reason: str) -> int:
    print(f"ft-numba-aot status: {reason}", file=sys.stderr)
    return UNUSABLE


COMMAND = Command(
    "status",
    "show what is accelerated in this Python environment, and why what isn't isn't",
    add_options,
    run,
)
