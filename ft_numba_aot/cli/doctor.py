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
    from rich.console import Console

    from .health import Finding
    from .indicator_checks import Report

HEALTHY, FAILED, NOTHING = 0, 1, 2


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare doctor's options."""
    parser.epilog = (
        "A warning is about speed: results are freqtrade's own. The exit status is 0 if no check "
        "failed, 1 if one did; a failed one is an alert, too. With --indicators it is 0 if every "
        "function gives the same bits as the installed TA-Lib's, 1 if one doesn't, 2 if there is "
        "no TA-Lib."
    )
    parser.add_argument(
        "--indicators",
        action="store_true",
        help="compare each of TA-Lib's functions as it is installed with ours, and nothing else",
    )
    declared.add_config(parser)
    declared.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Make the checks and print what they found; returns the exit status."""
    if options.indicators:
        return _indicators(as_json=options.json)
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


def _indicators(*, as_json: bool) -> int:
    import numpy as np

    from . import indicator_checks, screen
    from .demo import progress_line

    logging.getLogger("ft_numba_aot").addHandler(logging.NullHandler())
    with progress_line("comparing") as progress, np.errstate(all="ignore"):
        report = indicator_checks.run(progress)
    if as_json:
        print(json.dumps(report.to_dict(), indent=2))
    else:
        _show_indicators(screen.console(), report)
    if report.absent:
        return NOTHING
    return FAILED if report.counts[indicator_checks.DIFFERENT] else HEALTHY


def _show_indicators(console: Console, report: Report) -> None:
    from ..runtime.talib_reference import C_LIBRARY, REFERENCE
    from . import indicator_checks, screen
    from .tables import new_table

    if report.absent:
        console.print(f"There is no TA-Lib to compare with: {report.absent}", markup=False)
        console.print("ft_numba_aot.ta and talib_func work without it.")
        return
    told = f"TA-Lib {report.version}, C library {report.library}, {report.machine}"
    other = (report.version, report.library) != (REFERENCE, C_LIBRARY)
    note = f"; ours are those of {REFERENCE}, C library {C_LIBRARY}" if other else ""
    console.print(f"{told}{note}", markup=False)
    states = (indicator_checks.SAME, indicator_checks.DIFFERENT, indicator_checks.MISSING)
    counts = report.counts
    table = new_table(
        "Each function on all probes, bit for bit",
        ("group", "same", "different", "not in this TA-Lib"),
        totals=("", *(f"{counts[state]:,}" for state in states)),
    )
    for group, found in indicator_checks.by_group(report.verdicts.values()).items():
        table.add_row(group, *(f"{found[state]:,}" if found[state] else "" for state in states))
    console.print(table)
    different = {name: one.what for name, one in report.verdicts.items() if one.what}
    screen.print_items(console, "Different", different.items())
    missing = [name for name, one in report.verdicts.items() if one.state == states[2]]
    if missing:
        screen.print_items(console, "Not in this TA-Lib", [(", ".join(missing), "")])
    stock: dict[str, list[str]] = {}
    for name, one in report.verdicts.items():
        if one.why_not:
            stock.setdefault(one.why_not, []).append(name)
    reasons = {_listed(names, len(report.verdicts)): reason for reason, names in stock.items()}
    screen.print_items(console, "Not replaced where talib is imported", reasons.items())
    stand_in = sum(one.stands_in for one in report.verdicts.values())
    verdict = f"{counts[states[0]]:,} of {len(report.verdicts):,} functions give the same bits"
    style = "bold red" if counts[states[1]] else "bold green"
    console.print(f"[{style}]{verdict}[/]; {stand_in:,} are replaced where talib is imported.")


def _listed(names: list[str], of: int) -> str:
    return f"all {of}" if len(names) == of else ", ".join(names)


COMMAND = Command(
    "doctor",
    "check binary, versions, identity, activation, permissions; each with a remedy",
    add_options,
    run,
)
