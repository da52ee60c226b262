"""What the collector saw, as tables for a terminal, as JSON and as a page.

Imports the standard library, and rich when it shows tables.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..runtime import folders
from . import html_page, screen

if TYPE_CHECKING:
    from rich.table import Table

# Functions of a group that are shown on a terminal without --all.
SHOWN = 20

_ABSTRACT, _PLAIN = "talib.abstract", "talib"
_VARIABLE = "FT_NUMBA_AOT_PERFORMANCE_BENCHMARKING"
_HEADINGS = ("", "calls", "time", "p50", "p90", "p99", "ratio", "saved")
_ESTIMATE = (
    "Saved time is an estimate: one call in 64 of a function that changes nothing is timed beside "
    "its original."
)


@dataclass(frozen=True, slots=True)
class Report:
    """What all processes of the runs saw together; ``merged`` is of ``snapshot_files``."""

    merged: Mapping[str, Any]

    @property
    def functions(self) -> dict[str, dict[str, Any]]:
        """By key, those that took longest first."""
        found: dict[str, dict[str, Any]] = self.merged["functions"]
        by_time = sorted(found.items(), key=lambda item: -item[1]["optimized"]["seconds"])
        return dict(by_time)

    def groups(self) -> dict[str, dict[str, dict[str, Any]]]:
        """The functions by group and name."""
        found: dict[str, dict[str, dict[str, Any]]] = {}
        for key, function in self.functions.items():
            group, name = _split(key)
            found.setdefault(group, {})[name] = function
        return found

    @property
    def trouble(self) -> dict[str, dict[str, Any]]:
        """The functions whose originals had to run, or that gave something else."""
        return {
            key: function
            for key, function in self.functions.items()
            if function["fallbacks"] or function["mismatches"]
        }


def _split(key: str) -> tuple[str, str]:
    module, _, name = key.partition(".")
    for prefix in (_ABSTRACT, _PLAIN):
        if name.startswith(f"{prefix}."):
            return prefix, name.removeprefix(f"{prefix}.")
    return module, name


def as_json(report: Report) -> str:
    """The whole of what was merged; times are seconds."""
    return json.dumps({**report.merged, "folder": str(folders.logs())}, indent=2)


def show_nothing(report: Report) -> None:
    """Print how to have something collected."""
    console = screen.console()
    console.print(f"Nothing was collected yet in {folders.logs()}.", markup=False)
    _print_unreadable(report)
    console.print("\nHave calls and their times collected by a run:")
    console.print(f"  {_VARIABLE}=1 freqtrade-aot backtesting …", markup=False)
    console.print("or by all, in freqtrade's configuration:")
    console.print(
        '  "performance_optimization": { "performance_benchmarking": true }', markup=False
    )
    console.print("What a run saw is there every 10 seconds, and when it is over.")


def show(report: Report, *, everything: bool = False) -> None:
    """Print the report; of each group the first functions, or ``everything``."""
    console = screen.console()
    console.print(screen.labelled(_about(report)))
    console.print()
    for group, functions in report.groups().items():
        shown = len(functions) if everything or len(functions) <= SHOWN + 1 else SHOWN
        console.print(_table(group, functions, shown))
    if report.trouble:
        console.print(_trouble(report))
    _print_unreadable(report)
    console.print(_verdict(report))
    if report.merged["saved_seconds"] is not None:
        console.print(_ESTIMATE)


def _about(report: Report) -> dict[str, str]:
    merged = report.merged
    processes = merged["processes"]
    runs = screen.plural(len(merged["runs"]), "run")
    started = _time(min((one["started"] for one in processes), default=None))
    written = _time(max((one["written"] for one in processes), default=None))
    return {
        "collected": f"{runs}, {screen.plural(len(processes), 'process', 'processes')}, from "
        f"{started} to {written}",
        "calls": f"{merged['calls']:,}",
        "saved": screen.duration(merged["saved_seconds"]),
        "files": str(folders.logs()),
    }


def _time(epoch: Any) -> str:
    if not isinstance(epoch, (int, float)):
        return "?"
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(epoch))


def _cells(name: str, function: Mapping[str, Any], gap: str = " ") -> list[str]:
    ours = function["optimized"]
    percentiles = [screen.duration(ours[name], gap) for name in ("p50", "p90", "p99")]
    return [
        name,
        f"{function['calls']:,}",
        screen.duration(ours["seconds"], gap),
        *percentiles,
        screen.times(function["speedup"]),
        screen.duration(function["saved_seconds"], gap),
    ]


def _rest(functions: Sequence[Mapping[str, Any]]) -> list[str]:
    """The cells of those that aren't shown, together."""
    calls = sum(function["calls"] for function in functions)
    seconds = sum(function["optimized"]["seconds"] for function in functions)
    saved = [one["saved_seconds"] for one in functions if one["saved_seconds"] is not None]
    time, saved_time = screen.duration(seconds, ""), screen.duration(sum(saved), "")
    return [f"{len(functions)} more, see --all", f"{calls:,}", time, "", "", "", "", saved_time]


def _table(title: str, functions: Mapping[str, Mapping[str, Any]], shown: int) -> Table:
    from rich.text import Text

    from .tables import narrow_table

    table = narrow_table(title, _HEADINGS)
    for name, function in list(functions.items())[:shown]:
        table.add_row(*map(Text, _cells(name, function, "")))
    if rest := list(functions.values())[shown:]:
        table.add_row(*map(Text, _rest(rest)), style="dim")
    return table


def _trouble(report: Report) -> Table:
    from rich.text import Text

    from .tables import new_table

    table = new_table("What fell back", ("function", "fallbacks", "mismatches"))
    for key, function in report.trouble.items():
        table.add_row(Text(key), f"{function['fallbacks']:,}", f"{function['mismatches']:,}")
    return table


def _print_unreadable(report: Report) -> None:
    names = report.merged["unreadable"]
    screen.print_items(screen.console(), "Files that can't be read", ((name, "") for name in names))


def _verdict(report: Report) -> str:
    merged = report.merged
    if not report.trouble:
        return "[bold green]No fallbacks, no mismatches.[/]"
    fallbacks = screen.plural(merged["fallbacks"], "fallback")
    mismatches = screen.plural(merged["mismatches"], "mismatch", "mismatches")
    return f"[bold red]{fallbacks}, {mismatches}.[/] The log has the reasons."


def as_html(report: Report) -> str:
    """A page with a plot and a table for each group."""
    lines = [f"{name}: {text}" for name, text in _about(report).items()]
    if not report.trouble:
        lines.append("No fallbacks, no mismatches.")
    lines.append(_ESTIMATE)
    headings = ["function", *_HEADINGS[1:], "fallbacks", "mismatches"]
    sections = []
    for group, functions in report.groups().items():
        bars = [
            html_page.Bar(name, function["saved_seconds"], cells[-1])
            for name, function in functions.items()
            if function["saved_seconds"] is not None and (cells := _cells(name, function))
        ]
        bars.sort(key=lambda bar: bar.value, reverse=True)
        rows = [
            [
                *_cells(name, function),
                f"{function['fallbacks']:,}",
                f"{function['mismatches']:,}",
            ]
            for name, function in functions.items()
        ]
        note = "Time saved by each function, as an estimate." if bars else ""
        sections.append(html_page.Section(group, note, html_page.amounts(bars), headings, rows))
    bad = "" if not report.trouble else "Functions fell back to their originals, see the tables."
    return html_page.page("ft-numba-aot report", lines, sections, bad=bad)
