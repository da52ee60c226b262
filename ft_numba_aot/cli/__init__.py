"""The console command ``ft-numba-aot``: one table of subcommands, and nothing heavy.

Imports the standard library. A subcommand's module is as light: it declares its options, and
imports what it needs when it runs.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from .._version import __version__
from .demo import COMMAND as DEMO
from .verify import COMMAND as VERIFY

__all__ = ["main"]

COMMANDS = (DEMO, VERIFY)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="ft-numba-aot",
        description="freqtrade's backtests and hyperopts, faster and with nothing changed.",
        epilog="freqtrade-aot is freqtrade's own command, accelerated: freqtrade-aot backtesting …",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        subparser = subparsers.add_parser(
            command.name,
            help=command.summary,
            description=command.summary,
            allow_abbrev=not command.passes_on,
        )
        command.add_options(subparser)
        subparser.set_defaults(run=command.run, passes_on=command.passes_on)
    options, rest = parser.parse_known_args(argv)
    if rest and not options.passes_on:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    options.rest = rest
    try:
        status: int = options.run(options)
    except KeyboardInterrupt:
        return 130
    return status
