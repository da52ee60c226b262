"""The console command ``ft-numba-aot``: one table of subcommands, and nothing heavy.

Imports the standard library. A subcommand's module is as light: it declares its options, and
imports what it needs when it runs.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from .._version import __version__
from .bench import COMMAND as BENCH
from .build import COMMAND as BUILD
from .demo import COMMAND as DEMO
from .disable import COMMAND as DISABLE
from .doctor import COMMAND as DOCTOR
from .enable import COMMAND as ENABLE
from .profile import COMMAND as PROFILE
from .report import COMMAND as REPORT
from .rollback import COMMAND as ROLLBACK
from .status import COMMAND as STATUS
from .trades_report import COMMAND as TRADES_REPORT
from .verify import COMMAND as VERIFY

__all__ = ["main"]

COMMANDS = (
    *(DEMO, VERIFY, PROFILE, STATUS, DOCTOR, BENCH, BUILD, REPORT, TRADES_REPORT),
    *(ENABLE, DISABLE, ROLLBACK),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="ft-numba-aot",
        description="freqtrade's backtests and hyperopts, faster and with nothing changed.",
        epilog="freqtrade-aot is freqtrade's own command, accelerated: freqtrade-aot backtesting …",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND")
    for command in COMMANDS:
        subparser = subparsers.add_parser(
            command.name,
            help=command.summary,
            description=command.summary,
            allow_abbrev=not command.passes_on,
        )
        command.add_options(subparser)
        subparser.set_defaults(run=command.run, passes_on=command.passes_on)
    parser.set_defaults(run=None, passes_on=False)
    options, rest = parser.parse_known_args(argv)
    if rest and not options.passes_on:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if options.run is None:
        parser.print_help(sys.stderr)
        return 2
    options.rest = rest
    try:
        with _not_activated():
            status: int = options.run(options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Who reads it has seen enough; what is left to be written at exit has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return status


@contextmanager
def _not_activated() -> Iterator[None]:
    """Leave it to a command what is accelerated, in the processes that it starts, too."""
    startup = sys.modules.get("_ft_numba_aot_startup")
    if startup is not None:
        startup.cancel()
    variable = "FT_NUMBA_AOT_STARTUP"
    before = os.environ.get(variable)
    os.environ[variable] = "0"
    try:
        yield
    finally:
        if before is None:
            del os.environ[variable]
        else:
            os.environ[variable] = before
