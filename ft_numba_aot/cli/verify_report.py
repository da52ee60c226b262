"""What verify found, as tables for a terminal and as JSON.

Imports rich when it shows tables.
"""

from __future__ import annotations

import json
import math
from itertools import zip_longest
from typing import TYPE_CHECKING

from ..freqtrade_integration.verification import Verification
from . import screen
from .tables import (
    SIDES,
    check_as_json,
    checks_table,
    new_table,
    print_differences,
    print_verdict,
    ratio,
    seconds_row,
)

if TYPE_CHECKING:
    from rich.table import Table

_PHASES = {"whole": "whole process"}


def as_json(result: Verification) -> str:
    """The whole result; times are seconds, memory is bytes."""
    return json.dumps(
        {
            "identical": result.identical,
            "trades": result.trades,
            "checks": [check_as_json(check) for check in result.checks],
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

    console = Console(highlight=False, emoji=False)
    for line in _status(result):
        console.print(line, markup=False, soft_wrap=True)
    console.print()
    for table in (checks_table(result.checks), _times(result)):
        console.print(table)
    print_differences(console, result.checks)
    stock, ours = result.seconds["whole"]
    print_verdict(
        console,
        identical=result.identical,
        trades=result.trades,
        times_as_fast=f"the whole {stock / ours:.1f}" if result.active and ours > 0 else "",
        more="another timerange",
    )


def _status(result: Verification) -> list[str]:
    """What isn't as usual, part by part; of the rest, how many are active."""
    headline, *rows = result.status.splitlines() or [""]
    # Below a part, indented further, is how often it went to freqtrade's own code.
    kept = [
        row
        for row, below in zip_longest(rows, rows[1:], fillvalue="")
        if not row.endswith("  active") or below.startswith("    ")
    ]
    if not result.active:
        return [headline, *kept]
    count = screen.plural(len(result.active), "part")
    return [headline, *kept, f"{count} are active." if kept else f"All {count} are active."]


def _times(result: Verification) -> Table:
    times = new_table("Seconds, memory and visits", ("", *SIDES, "ratio"))
    for phase, (stock, ours) in result.seconds.items():
        times.add_row(*seconds_row(_PHASES.get(phase, phase), stock, ours))
    stock_memory, our_memory = result.memory
    times.add_row(
        "peak memory, MB",
        _megabytes(stock_memory),
        _megabytes(our_memory),
        ratio(stock_memory or 0, our_memory or math.nan),
    )
    for name, count in (("visits made", result.visited), ("visits skipped", result.skipped)):
        # Without either, freqtrade's own loop ran.
        times.add_row(name, "-", f"{count:,}" if result.visited or result.skipped else "-", "-")
    return times


def _megabytes(size: int | None) -> str:
    return "-" if size is None else f"{size / 1e6:,.1f}"
