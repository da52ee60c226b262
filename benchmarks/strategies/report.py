"""The table of docs/slow-indicators.md, from what was measured before.

Measurements are kept in docs/strategies.json.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from .. import ROOT, machine
from ..tables import bold, table
from . import STRATEGIES

RESULTS = ROOT / "docs" / "strategies.json"
DOCUMENT = ROOT / "docs" / "slow-indicators.md"
BEGIN, END = "<!-- strategies -->", "<!-- end of strategies -->"
LENGTHS = (1_000, 50_000)
LIBRARIES = ("pandas", "TA-Lib", "technical", "ft-pandas-ta", "freqtrade")


def here() -> dict[str, Any]:
    """Of measurements of now."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "where": f"{machine.versions(LIBRARIES)}. {machine.machine()}",
        "load": machine.load(),
    }


def read() -> dict[str, Any]:
    """What was measured."""
    if not RESULTS.exists():
        return {}
    kept: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return kept


def write(results: dict[str, Any]) -> None:
    """Keep the measurements, and write the table."""
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{section(results)}\n{END}{after}", encoding="utf-8")


def section(results: dict[str, Any]) -> str:
    """The table, with where it was measured."""
    rows = []
    for name, (_, what) in STRATEGIES.items():
        row = [f"{what}, `{name}`"]
        for length in LENGTHS:
            stock, ours = results["times"][name][str(length)]
            gain = stock / ours
            row += [f"{stock * 1e3:,.0f}", bold(f"{gain:,.1f}", gain < 1)]
        rows.append(row)
    header = [cell for length in LENGTHS for cell in (f"stock, {length:,}, ms", "times as fast")]
    return f"""\
Written by `python -m benchmarks.strategies`, on {results["date"]}. {results["where"]}; load \
average {results["load"]:.1f}.

{table(["", *header], rows)}"""
