"""``ft-numba-aot doctor``: its options, its messages and its exit status.

Imports the standard library until it runs.
"""

from __future__ import annotations

import argparse
import json
import logging
from typing import TYPE_CHECKING

from . import options as declared
from .command import Command

if TYPE_CHECKING:
    from .health import Finding

HEALTHY, FAILED = 0, 1


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare doctor's options."""
    parser.epilog = (
        "A warning is about speed: results are freqtrade's own. The exit status is 0 if no check "
        "failed, 1 if one did; a failed one is an alert, too."
    )
    declared.add_config(parser)
    declared.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Make the checks and print what they found; returns the exit status."""
    from . import health, here
    from .demo import progress_line

    # What would be logged is in the table.
    logging.getLogger("ft_numba_aot").addHandler(logging.NullHandler())
    with progress_line("checking") as progress:
        found = health.run(health.Context(options.config), progress)
    failed = [finding for finding in found if finding.level == health.FAIL]
    if options.json:
        result = {
            "healthy": not failed,
            "versions": here.versions(),
            "kernels": here.kernels(),
            "checks": [finding.to_dict() for finding in found],
        }
        print(json.dumps(result, indent=2))
    else:
        _show(found)
    return FAILED if failed else HEALTHY


def _show(found: list[Finding]) -> None:
    from rich.text import Text

    from . import health, screen
    from .tables import new_table

    console = screen.console()
    styles = {health.OK: "green", health.WARN: "yellow", health.FAIL: "bold red"}
    table = new_table("", ("check", "", "what was found, and what to do"), text_columns=3)
    table.title, table.expand = None, False
    table.columns[0].no_wrap = table.columns[1].no_wrap = True
    table.columns[2].overflow = "fold"
    name = ""
    for finding in found:
        shown = "" if finding.name == name else finding.name
        name = finding.name
        level = Text(finding.level, style=styles[finding.level])
        table.add_row(shown, level, Text(finding.message))
        if finding.remedy:
            table.add_row("", "", Text(f"→ {finding.remedy}", style="bold"))
    console.print(table)
    counts = {level: sum(one.level == level for one in found) for level in styles}
    if counts[health.FAIL]:
        console.print(f"[bold red]{screen.plural(counts[health.FAIL], 'check')} failed.[/]")
    elif counts[health.WARN]:
        console.print(
            f"[bold yellow]{screen.plural(counts[health.WARN], 'warning')}[/], and nothing failed."
        )
    else:
        console.print("[bold green]All is well.[/]")


COMMAND = Command(
    "doctor",
    "check binary, versions, identity, activation, permissions; each with a remedy",
    add_options,
    run,
)
