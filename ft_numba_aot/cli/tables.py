"""What reports share: tables for a terminal, the first differences in full, and checks as JSON.

Imports rich when it shows tables.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from ..freqtrade_integration.identity import Check

# What the two values of a pair are of, wherever two backtests are compared.
SIDES = ("stock", "accelerated")


def check_as_json(check: Check) -> dict[str, Any]:
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
                field: dict(zip(SIDES, map(repr, values), strict=True))
                for field, values in difference.fields.items()
            },
        },
    }


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


def checks_table(checks: Iterable[Check]) -> Table:
    """What was compared, and whether it was the same."""
    table = new_table("Both backtests, bit for bit", ("", "compared", "result"), text_columns=2)
    for check in checks:
        same = check.difference is None
        table.add_row(
            check.what.replace("_", " "),
            check.amount,
            "[green]identical[/]" if same else "[bold red]DIFFERENT[/]",
        )
    return table


def seconds_row(name: str, stock: float, ours: float) -> tuple[str, ...]:
    """A row of ``new_table``: both times and their ratio."""
    return name, f"{stock:.3f}", "-" if math.isnan(ours) else f"{ours:.3f}", ratio(stock, ours)


def ratio(stock: float, ours: float) -> str:
    """How many times ours fits in stock's."""
    return f"{stock / ours:.2f}×" if ours > 0 and stock else "-"


def print_differences(console: Console, checks: Iterable[Check]) -> None:
    """Print the first difference of each check that found one; of nested values, the first."""
    from ..freqtrade_integration.identity import first_difference

    for check in checks:
        if check.difference is None:
            continue
        console.print(f"First difference of {check.what}: {check.difference.where}", markup=False)
        for field, values in check.difference.fields.items():
            nested = first_difference(field, *values)
            if nested is not None and nested.where != field:
                field, (values,) = nested.where, nested.fields.values()
            for side, value in zip(SIDES, values, strict=True):
                # Messages of several lines are for reading; all else shows its type and bits.
                text = value if isinstance(value, str) and "\n" in value else repr(value)
                console.print(f"  {field}  {side}: {text}", markup=False, soft_wrap=True)
        console.print()


def print_verdict(
    console: Console, *, identical: bool, trades: int, times_as_fast: str, more: str
) -> None:
    """Print the result in a line; ``more`` is what could show more where there is no trade."""
    if not identical:
        console.print("[bold red]Different.[/] Please report it, with the output of --json.")
    elif trades:
        console.print(
            f"[bold green]Identical[/] in every field of {trades:,} trades"
            f"{times_as_fast and f'; {times_as_fast} times as fast'}."
        )
    else:
        console.print(f"Identical, but without a trade: {more} would show more.")


def narrow_table(title: str, headings: Iterable[str]) -> Table:
    """A table of many columns of numbers; one without a heading has names, and all room left."""
    from rich import box
    from rich.table import Table

    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        expand=True,
    )
    for heading in headings:
        if heading:
            table.add_column(heading, justify="right", no_wrap=True)
        else:
            table.add_column(heading, no_wrap=True, overflow="ellipsis", ratio=1, min_width=12)
    return table
