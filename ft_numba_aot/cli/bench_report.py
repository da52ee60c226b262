"""What bench found, as tables for a terminal, as JSON and as a page.

Imports rich when it shows tables.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from . import here, html_page, screen
from .bench_run import ABSTRACT, Result, Row, middle

if TYPE_CHECKING:
    from rich.table import Table

# Of fewer functions a median says nothing.
FEW = 3

_SAME = "Before it was timed, each function gave what its original gives, bit for bit."


def as_json(result: Result) -> str:
    """The whole result; times are seconds of a call."""
    return json.dumps(
        {
            "identical": result.identical,
            "candles": result.candles,
            "rounds": result.rounds,
            "versions": here.versions(),
            "kernels": here.kernels(),
            "processor": here.processor(),
            "functions": [_row_as_json(row) for row in result.rows],
            "not_measured": result.missing,
        },
        indent=2,
    )


def _row_as_json(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = {
        "group": row.group,
        "function": row.name,
        "identical": not row.difference,
        "difference": row.difference or None,
        "original": row.original,
        "accelerated": row.ours,
        "ratio": row.ratio,
    }
    if row.group == ABSTRACT:
        found |= {"ft_numba_aot.ta": row.ta, "ratio_of_ta": row.ta_ratio}
    return found


def show(result: Result) -> None:
    """Print the result."""
    from rich.text import Text

    console = screen.console()
    console.print(screen.labelled(_about(result)))
    console.print()
    for group, rows in result.groups().items():
        console.print(_table(result, group, rows))
    different = [
        (f"{row.group}.{row.name}", row.difference) for row in result.rows if row.difference
    ]
    screen.print_items(console, "Different from their originals", different)
    screen.print_items(console, "Not measured", result.missing.items())
    if different:
        console.print(Text(_verdict(result), style="bold red"))
    else:
        console.print(Text(_verdict(result), style="bold green"))
        console.print(Text(_summary(result)))


def _about(result: Result) -> dict[str, str]:
    return {
        "versions": here.versions_line(),
        "kernels": here.kernels_line(),
        "processor": here.processor(),
        "times": f"medians of {result.rounds} rounds in turn, of a call",
    }


def _headings(group: str) -> list[str]:
    if group == ABSTRACT:
        return ["", "TA-Lib", "accelerated", "ratio", "ta", "ratio"]
    return ["", "original", "accelerated", "ratio"]


def _cells(row: Row) -> list[str]:
    if row.difference:
        cells = [row.name, "-", "-", "DIFFERENT"]
    else:
        cells = [
            row.name,
            screen.duration(row.original),
            screen.duration(row.ours),
            screen.times(row.ratio),
        ]
    if row.group == ABSTRACT:
        cells += [screen.duration(row.ta), screen.times(row.ta_ratio)]
    return cells


def _table(result: Result, group: str, rows: Sequence[Row]) -> Table:
    from rich.text import Text

    from .tables import new_table

    headings = _headings(group)
    totals = ["median", "", "", screen.times(middle(row.ratio for row in rows))]
    if len(rows) < FEW:
        totals = []
    elif group == ABSTRACT:
        totals += ["", screen.times(middle(row.ta_ratio for row in rows))]
    table = new_table(result.title(group), headings, totals=totals)
    table.columns[0].no_wrap = True
    table.columns[0].overflow = "ellipsis"
    for row in rows:
        cells = [Text(cell) for cell in _cells(row)]
        if row.difference:
            cells[3].stylize("bold red")
        elif row.ratio is not None and row.ratio < 1:
            cells[3].stylize("yellow")
        table.add_row(*cells)
    return table


def _verdict(result: Result) -> str:
    if result.identical:
        return f"{screen.plural(len(result.rows), 'function')}, all identical. {_SAME}"
    count = sum(bool(row.difference) for row in result.rows)
    return f"{count} of {len(result.rows)} functions differ: please report it, with --json."


def _summary(result: Result) -> str:
    slower = [row for row in result.rows if row.ratio is not None and row.ratio < 1]
    if not slower:
        return "None is slower than its original."
    names = [f"{row.group}.{row.name} ({screen.times(row.ratio)})" for row in slower[:5]]
    more = f" and {len(slower) - 5} more" if len(slower) > 5 else ""
    return f"Slower than the original here: {', '.join(names)}{more}."


def as_html(result: Result) -> str:
    """A page with a plot and a table for each group."""
    about = _about(result)
    lines = [f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", *about.values()]
    if result.identical:
        lines += [_SAME, _summary(result)]
    sections = []
    for group, rows in result.groups().items():
        bars = [
            html_page.Bar(row.name, row.ratio, screen.times(row.ratio))
            for row in sorted(rows, key=lambda row: row.ratio or 0, reverse=True)
            if row.ratio is not None
        ]
        middling = screen.times(middle(row.ratio for row in rows))
        note = f"How many times as fast as the original; the median is {middling}."
        sections.append(
            html_page.Section(
                result.title(group),
                note,
                html_page.ratios(bars),
                ["function", *_headings(group)[1:]],
                [_cells(row) for row in rows],
            )
        )
    if result.missing:
        sections.append(
            html_page.Section(
                "Not measured", "", "", ["what", "why"], [list(i) for i in result.missing.items()]
            )
        )
    bad = "" if result.identical else _verdict(result)
    return html_page.page("ft-numba-aot bench", lines, sections, bad=bad)
