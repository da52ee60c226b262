"""What verify found, as tables for a terminal and as JSON.

Imports rich when it shows tables.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from ..freqtrade_integration.verification import Verification
from .demo_report import check_as_json, new_table, print_differences

if TYPE_CHECKING:
    from rich.table import Table

SIDES = ("stock", "accelerated")


def as_json(result: Verification) -> str:
    """The whole result; times are seconds, memory is bytes."""
    return json.dumps(
        {
            "identical": result.identical,
            "trades": result.trades,
            "checks": [check_as_json(check, SIDES) for check in result.checks],
            "seconds": {
                phase: dict(zip(SIDES, map(_number, seconds), strict=True))
                for phase, seconds in result.seconds.items()
            },
            "peak_memory": dict(zip(SIDES, result.memory, strict=True)),
            "visited": result.visited,
            "skipped": result.skipped,
            "active": list(result.active),
            "status": result.status.splitlines(),
        },
        indent=2,
    )


def _number(seconds: float) -> float | None:
    return None if math.isnan(seconds) else seconds


def show(result: Verification) -> None:
    """Print the result."""
    from rich.console import Console

    console = Console(highlight=False)
    console.print(result.status, markup=False, soft_wrap=True)
    console.print()
    for part in (_checks(result), _times(result)):
        console.print(part)
    print_differences(console, result.checks, SIDES)
    if not result.identical:
        console.print("[bold red]Different.[/] Please report it, with the output of --json.")
    elif result.trades:
        console.print(f"[bold green]Identical[/] in every field of {result.trades:,} trades.")
    else:
        console.print("Identical, but without a trade: another timerange would show more.")


def _checks(result: Verification) -> Table:
    checks = new_table("Both backtests, bit for bit", ("", "compared", "result"), text_columns=2)
    for check in result.checks:
        same = check.difference is None
        checks.add_row(
            check.what.replace("_", " "),
            check.amount,
            "[green]identical[/]" if same else "[bold red]DIFFERENT[/]",
        )
    return checks


def _times(result: Verification) -> Table:
    times = new_table("Seconds, memory and visits", ("", *SIDES, "ratio"))
    for phase, (stock, ours) in result.seconds.items():
        times.add_row(phase, f"{stock:.3f}", f"{ours:.3f}", _ratio(stock, ours))
    stock_memory, our_memory = result.memory
    times.add_row(
        "peak memory, MB",
        _megabytes(stock_memory),
        _megabytes(our_memory),
        _ratio(stock_memory or 0, our_memory or math.nan),
    )
    for name, count in (("visits made", result.visited), ("visits skipped", result.skipped)):
        times.add_row(name, "-", "-" if count is None else f"{count:,}", "-")
    return times


def _ratio(stock: float, ours: float) -> str:
    return f"{stock / ours:.2f}×" if ours > 0 and stock else "-"


def _megabytes(size: int | None) -> str:
    return "-" if size is None else f"{size / 1e6:,.1f}"
