"""What the demo found, as tables for a terminal of 80 columns and as JSON.

Imports rich when it shows tables.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from .demo_comparison import Demo
from .first_call import FirstCall

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from ..freqtrade_integration.identity import Check

WIDTH = 80
CONTESTANTS = {"ft_numba_aot": "ft_numba_aot.ta", "numba": "numba @njit(cache=False)"}


def as_json(demo: Demo) -> str:
    """The whole result; times are seconds."""
    stock, ours = demo.modules
    request = demo.request
    return json.dumps(
        {
            "identical": demo.identical,
            "trades": demo.trades,
            "versions": demo.versions,
            "backend": demo.backend._asdict(),
            "candles": {
                "pairs": request.pairs,
                "timeframe": request.timeframe,
                "count": demo.candles,
                "datadir": None if request.datadir is None else str(request.datadir),
                "seed": request.seed if request.datadir is None else None,
            },
            "checks": [check_as_json(check, demo.modules) for check in demo.checks],
            "phases": {
                phase: {stock: theirs, ours: mine} for phase, (theirs, mine) in demo.phases.items()
            },
            "indicators": [
                {"function": row.function, "calls": row.calls, stock: row.stock, ours: row.ours}
                for row in demo.indicators
            ],
            "first_call": {
                name: measured._asdict() if isinstance(measured, FirstCall) else {"error": measured}
                for name, measured in demo.first_calls.items()
            },
        },
        indent=2,
    )


def check_as_json(check: Check, modules: tuple[str, str]) -> dict[str, Any]:
    """A check with the values of its first difference, by what gave them."""
    difference = check.difference
    return {
        "what": check.what,
        "compared": check.amount,
        "identical": difference is None,
        "first_difference": difference
        and {
            "where": difference.where,
            "fields": {
                field: dict(zip(modules, map(repr, values), strict=True))
                for field, values in difference.fields.items()
            },
        },
    }


def show(demo: Demo) -> None:
    """Print the result."""
    from rich.console import Console

    console = Console(highlight=False)
    console.width = min(console.width, WIDTH)
    _print_header(console, demo)
    for table in (_checks(demo), _phases(demo), _indicators(demo), _first_calls(demo)):
        console.print(table)
    print_differences(console, demo.checks, demo.modules)
    _print_verdict(console, demo)


def _print_header(console: Console, demo: Demo) -> None:
    request, versions = demo.request, demo.versions
    source = f"generated, seed {request.seed}" if request.datadir is None else request.datadir
    console.print(
        f"ft-numba-aot {versions['ft-numba-aot']} ({demo.backend.isa or demo.backend.backend}),"
        f" TA-Lib {versions['TA-Lib']}, freqtrade {versions['freqtrade']},"
        f" Python {versions['python']}",
        markup=False,
    )
    console.print(
        f"{demo.candles:,} candles of {request.timeframe} ({source}): {', '.join(request.pairs)}\n",
        markup=False,
    )


def new_table(
    title: str, headings: Iterable[str], *, totals: Iterable[str] = (), text_columns: int = 1
) -> Table:
    """A table of numbers, but for its first columns; ``totals`` fill its last row."""
    from rich import box
    from rich.table import Table

    footers = list(totals)
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE,
        expand=True,
        show_footer=bool(footers),
    )
    for heading, footer in zip_longest(headings, footers, fillvalue=""):
        text = len(table.columns) < text_columns
        table.add_column(heading, footer, justify="left" if text else "right", no_wrap=not text)
    return table


def _checks(demo: Demo) -> Table:
    table = new_table("Both backtests, bit for bit", ("", "compared", "result"), text_columns=2)
    for check in demo.checks:
        same = check.difference is None
        table.add_row(
            check.what, check.amount, "[green]identical[/]" if same else "[bold red]DIFFERENT[/]"
        )
    return table


def _phases(demo: Demo) -> Table:
    totals = (f"{sum(seconds):.3f}" for seconds in zip(*demo.phases.values(), strict=True))
    table = new_table(
        "Time of each phase, in seconds", ("", *demo.modules), totals=("total", *totals)
    )
    for phase, seconds in demo.phases.items():
        table.add_row(phase, *(f"{value:.3f}" for value in seconds))
    return table


def _indicators(demo: Demo) -> Table:
    rows = sorted(demo.indicators, key=lambda row: row.stock, reverse=True)
    table = new_table(
        "Time of the indicators, in milliseconds: all calls, each at its best",
        ("function", "calls", *demo.modules, "ratio"),
        totals=_indicator_row(
            "total",
            sum(row.calls for row in rows),
            sum(row.stock for row in rows),
            sum(row.ours for row in rows),
        ),
    )
    for row in rows:
        table.add_row(*_indicator_row(*row))
    return table


def _indicator_row(function: str, calls: int, stock: float, ours: float) -> tuple[str, ...]:
    ratio = f"{stock / ours:.2f}×" if ours else "-"
    return function, str(calls), f"{stock * 1e3:.3f}", f"{ours * 1e3:.3f}", ratio


def _first_calls(demo: Demo) -> Table:
    from rich.markup import escape

    table = new_table(
        "SMA in a fresh interpreter, in milliseconds",
        ("", "import", "first call", "later calls"),
    )
    for name, measured in demo.first_calls.items():
        if isinstance(measured, FirstCall):
            table.add_row(CONTESTANTS[name], *(f"{seconds * 1e3:,.3f}" for seconds in measured))
        else:
            table.add_row(escape(f"{CONTESTANTS[name]}: {measured}"), "-", "-", "-")
    return table


def print_differences(console: Console, checks: Iterable[Check], modules: tuple[str, str]) -> None:
    """Print the first difference of each check that found one, in full."""
    for check in checks:
        if check.difference is None:
            continue
        console.print(f"First difference of {check.what}: {check.difference.where}", markup=False)
        for field, values in check.difference.fields.items():
            for module, value in zip(modules, values, strict=True):
                console.print(f"  {field}  {module}: {value!r}", markup=False)
        console.print()


def _print_verdict(console: Console, demo: Demo) -> None:
    if not demo.identical:
        console.print("[bold red]Different.[/] Please report it, with the output of --json.")
    elif demo.trades:
        console.print(f"[bold green]Identical[/] in every field of {demo.trades:,} trades.")
    else:
        console.print("Identical, but without a trade: more candles or pairs would show more.")
