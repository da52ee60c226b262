"""What screens share: a console, labelled lines, short numbers. Imports rich when it prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def console() -> Console:
    """As wide as the terminal; 80 columns where there is none, or what COLUMNS says."""
    from rich.console import Console

    return Console(highlight=False, emoji=False)


def labelled(lines: Mapping[str, str]) -> Table:
    """A label and a text in each row, which wraps beside it."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for label, text in lines.items():
        table.add_row(label, Text(text))
    return table


def print_items(console: Console, title: str, items: Iterable[tuple[str, str]]) -> None:
    """Print a title and, where there are any, a text below each name, indented."""
    from rich.padding import Padding
    from rich.text import Text

    items = list(items)
    if not items:
        return
    console.print(Text(title, style="bold"))
    for name, text in items:
        console.print(Padding(Text(name), (0, 0, 0, 2)))
        if text:
            console.print(Padding(Text(text, style="dim"), (0, 0, 0, 4)))
    console.print()


def duration(seconds: float | None, gap: str = " ") -> str:
    """Three digits and a unit, with ``gap`` between them."""
    if seconds is None:
        return "-"
    if seconds == 0:
        return f"0{gap}s"
    size = abs(seconds)
    if size >= 1000:
        return f"{seconds:,.0f}{gap}s"
    for unit, name in _UNITS:
        # 999.9 of a unit is 1.00 of the next one.
        if size >= unit * 0.9995 or name == "ns":
            value = seconds / unit
            decimals = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
            return f"{value:.{decimals}f}{gap}{name}"
    raise AssertionError


def times(ratio: float | None) -> str:
    """How many times as fast."""
    if ratio is None:
        return "-"
    return f"{ratio:,.0f}×" if ratio >= 100 else f"{ratio:.1f}×" if ratio >= 10 else f"{ratio:.2f}×"


def plural(count: int, one: str, many: str = "") -> str:
    """``1 part``, ``2 parts``."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
