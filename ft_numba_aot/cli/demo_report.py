"""What the demo found, as tables for a terminal of 80 columns and as JSON.

Imports rich when it shows tables.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .demo_comparison import Demo
from .first_call import FirstCall
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
    from rich.console import Console
    from rich.table import Table

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
            "checks": [check_as_json(check) for check in demo.checks],
            "phases": {
                phase: dict(zip(SIDES, seconds, strict=True))
                for phase, seconds in demo.phases.items()
            },
            "visited": demo.visits.get("visited"),
            "skipped": demo.visits.get("skipped"),
            "active": list(demo.status.active),
            "status": str(demo.status).splitlines(),
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


def show(demo: Demo) -> None:
    """Print the result."""
    from rich.console import Console

    console = Console(highlight=False, emoji=False)
    console.width = min(console.width, WIDTH)
    _print_header(console, demo)
    console.print(checks_table(demo.checks))
    console.print(_phases(demo))
    _print_acceleration(console, demo)
    for table in (_indicators(demo), _first_calls(demo)):
        console.print(table)
    print_differences(console, demo.checks)
    print_verdict(
        console,
        identical=demo.identical,
        trades=demo.trades,
        times_as_fast=_times_as_fast(demo),
        more="more candles or pairs",
    )


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
        f"{demo.candles:,} candles of {request.timeframe} ({source}): {', '.join(request.pairs)}",
        markup=False,
    )
    stock, ours = demo.modules
    console.print(f"stock: freqtrade as it is, {stock}", markup=False)
    console.print(f"accelerated: after ft_numba_aot.enable(), {ours}\n", markup=False)


def _phases(demo: Demo) -> Table:
    table = new_table(
        "Time of each phase, in seconds",
        ("", *SIDES, "ratio"),
        totals=seconds_row("total", *_totals(demo)),
    )
    for phase, seconds in demo.phases.items():
        table.add_row(*seconds_row(phase, *seconds))
    return table


def _totals(demo: Demo) -> tuple[float, float]:
    stock, ours = zip(*demo.phases.values(), strict=True)
    return sum(stock), sum(ours)


def _times_as_fast(demo: Demo) -> str:
    stock, ours = _totals(demo)
    return f"{stock / ours:.1f}" if demo.status.active else ""


def _print_acceleration(console: Console, demo: Demo) -> None:
    """Print how often freqtrade looked at a candle, and what of it wasn't accelerated."""
    if any(demo.visits.values()):
        console.print(
            f"{demo.visits['visited']:,} candles of a pair were visited,"
            f" {demo.visits['skipped']:,} skipped as nothing could happen."
        )
    if demo.status.complete:
        console.print(f"All {len(demo.status.parts)} parts were active.")
    else:
        console.print(str(demo.status), markup=False)
    console.print()


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
    times = f"{stock * 1e3:.3f}", f"{ours * 1e3:.3f}"
    return function, str(calls), *times, ratio(stock, ours)


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
