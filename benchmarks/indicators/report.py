"""The section of docs/benchmarks.md on indicators, from what was measured before.

Measurements are kept in docs/indicators.json, so that a family can be measured anew without the
others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from statistics import median
from typing import TypedDict

from .. import ROOT, machine
from ..tables import bold, table
from . import bounds

RESULTS = ROOT / "docs" / "indicators.json"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
TITLE = "## qtpylib, technical, pandas-ta, rolling windows"
LENGTHS = (1_000, 50_000)
LIBRARIES = ("numpy", "pandas", "TA-Lib", "technical", "ft-pandas-ta", "freqtrade")

# By module, what its table is headed.
FAMILIES = {
    "qtpylib": "qtpylib",
    "technical": "technical",
    "pandas_ta": "pandas-ta",
    "strategy": "freqtrade's helpers of strategies",
    "rolling": "Rolling windows, against pandas",
}


class Family(TypedDict):
    """Seconds of ours and the original, by function and length; when and where."""

    date: str
    where: str
    load: float
    times: dict[str, dict[str, list[float]]]


def family(times: dict[str, dict[str, list[float]]]) -> Family:
    """Measurements of now and here."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "where": f"{machine.versions(LIBRARIES)}. {machine.machine()}.",
        "load": machine.load(),
        "times": times,
    }


def read() -> dict[str, Family]:
    """What was measured, by family."""
    if not RESULTS.exists():
        return {}
    kept: dict[str, Family] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return {name: kept[name] for name in FAMILIES if name in kept}


def write(results: Mapping[str, Family]) -> None:
    """Keep the measurements, and write the document's section."""
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(f"{TITLE}\n")
    after = rest[rest.index("\n## ") + 1 :] if "\n## " in rest else ""
    DOCUMENT.write_text(f"{before.rstrip()}\n\n{section(results)}\n{after}", encoding="utf-8")


def sections() -> list[str]:
    """The section, if there is anything to tell."""
    results = read()
    return [section(results)] if results else []


def section(results: Mapping[str, Family]) -> str:
    """A table for each family."""
    families = list(results.values())
    dates = sorted({one["date"] for one in families})
    loads = sorted(one["load"] for one in families)
    when = " to ".join(dict.fromkeys([dates[0], dates[-1]]))
    where = " ".join(dict.fromkeys(one["where"] for one in families))
    parts = [
        TITLE,
        f"""\
Written by `python -m benchmarks.indicators`, on {when}. {where} \
The load average was {loads[0]:.1f} to {loads[-1]:.1f}.

How many times as fast as the original, on an ordinary frame of 1,000 and of 50,000 candles, \
default parameters unless the row says otherwise; each result is compared with the original's \
first, bit for bit. Both take turns in one process, and the least of the times counts. Functions \
that aren't in a table run as they are.

The last column names what bounds a long frame:

{_meanings()}

Bold gains less than it should: {bounds.LEAST_GAIN:g}; {bounds.LEAST_OF_LOOPS:g} where the \
original loops in Python, qtpylib's heikinashi {bounds.HEIKINASHI[0]:g} and \
{bounds.HEIKINASHI[1]:,.0f}, its crossings {bounds.CROSSED[0]:g}; on {LENGTHS[1]:,} candles \
{bounds.LEAST_OF_MERGES:g} where informative pairs are merged, and 1 where {bounds.RECURRENCE} or \
{bounds.TALIB} bounds it.""",
        *(_table(name, results[name]) for name in FAMILIES if name in results),
    ]
    return "\n\n".join(parts) + "\n"


def _table(name: str, found: Family) -> str:
    rows = []
    gains: dict[int, list[float]] = {length: [] for length in LENGTHS}
    for function, times in found["times"].items():
        row = [function]
        for length in LENGTHS:
            if str(length) not in times:
                row += ["", ""]
                continue
            ours, original = times[str(length)]
            gain = original / ours
            gains[length].append(gain)
            least = bounds.least(name, function, long=length == LENGTHS[1])
            row += [
                f"{original * 1e6:,.0f}",
                bold(f"{gain:,.1f}" if gain < 100 else f"{gain:,.0f}", gain < least),
            ]
        rows.append([*row, bounds.bound(name, function)])
    medians = [
        cell
        for length in LENGTHS
        for cell in ("", f"{median(gains[length]):.1f}" if gains[length] else "")
    ]
    header = [cell for length in LENGTHS for cell in (f"original, {length:,}, µs", "times as fast")]
    return f"""\
### {FAMILIES[name]}

{table(["", *header, "bounded by"], [*rows, ["median", *medians, ""]])}"""


def _meanings() -> str:
    return "\n".join(f"- {name}: {meaning}." for name, meaning in bounds.MEANING.items())
