"""docs/talib.md, from what its commands found: kept in docs/talib.json, a part each.

Standard library only, and this package's table of functions.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from fcntl import LOCK_EX, flock
from statistics import median
from typing import Any, TypedDict

from ft_numba_aot.ta._table import DEFINITIONS

from . import ROOT, machine
from .tables import bold, table
from .talib_unnoticed import reason as reason_for

RESULTS = ROOT / "docs" / "talib.json"
DOCUMENT = ROOT / "docs" / "talib.md"
LIBRARIES = ("numpy", "TA-Lib")
# Modules of kernels that TA-Lib's functions run.
FAMILIES = (
    "_candles _extremes _hilbert _moving _numeric _window channels cycle directional efficiency"
    " momentum operators oscillators overlap pattern_more pattern_one pattern_three pattern_two"
    " price statistic stochastic stops transform volatility volume williams"
).split()
# Packages that have every function; a row for each that another has, too, is enough.
OF_ALL = ("TA-Lib", "talib-rs", "polars-talib")
SLOWER = 1.1
# Why functions of a package are faster than ours.
REASONS = {
    "TA-Lib": "Functions of C's math library: the compiler unrolls their loop, and a call takes "
    "longer from eight places than from one, which is most of the time for prices, whose tanh is 1 "
    "and whose arc sine is NaN. When this was measured, NATR took two passes, TASUKIGAP looked for "
    "the gap last, and ULTOSC had branches between its divisions. Of the rest the reason was not "
    "found.",
    "polars-talib": "It runs TA-Lib's C, and what is true of TA-Lib is true of it; whatever else "
    "shows here is of the machine, which others used meanwhile.",
    "tulipy": "APO, PPO and AO run both averages in one loop, as ours could. VWMA, VAR, STDDEV, "
    "BBANDS, LINEARREG and its kin keep plain sums, where TA-Lib's have more terms or are rebuilt "
    "near means, and so have other bits. Of the math library's functions, see TA-Lib.",
    "ta-numba": "It is compiled with fastmath, which has operations in whatever order is fastest, "
    "and its EMA is pandas' adjusted one. Of OBV the reason was not found.",
}


class Cases(TypedDict):
    """A function's random cases; numbers are those compared, of all outputs and without NaN."""

    cases: int
    numbers: int
    differing: int
    first: str


class Mutants(TypedDict):
    """A module's mutants of one kind; ``alive`` are those that no case notices, by their code.

    ``doubled`` are those that are noticed when the number is doubled, not sooner; ``probes_miss``
    those that the probes of start-up validation don't notice.
    """

    mutants: int
    alive: list[str]
    doubled: list[str]
    probes_miss: int


class Suite(TypedDict):
    """Tests of TA-Lib's own suite by outcome, and those that didn't pass with why not."""

    outcomes: dict[str, int]
    without: dict[str, list[str]]


def read() -> dict[str, dict[str, Any]]:
    """What was found, by part: entries by name, and ``where`` with the machine and versions."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    kept: dict[str, dict[str, Any]] = json.loads(text) if text else {}
    return kept


def keep(part: str, entries: Mapping[str, Any]) -> None:
    """Keep these entries of a part beside its others, and write the document anew."""
    with RESULTS.open("a", encoding="utf-8") as file:
        flock(file, LOCK_EX)  # commands may run side by side
        _keep(part, entries)


def _keep(part: str, entries: Mapping[str, Any]) -> None:
    kept = read()
    found = kept.setdefault(part, {"entries": {}})
    found["date"] = f"{datetime.now(UTC):%Y-%m-%d}"
    found["where"] = f"{machine.versions(LIBRARIES)}; {machine.machine()}"
    found["entries"] |= entries
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    DOCUMENT.write_text(document(kept), encoding="utf-8")


def document(kept: Mapping[str, Mapping[str, Any]]) -> str:
    """The page, with a section for each part that there is."""
    sections = {"cases": _cases, "mutants": _mutants, "suite": _suite, "others": _others}
    parts = [write(kept[name]) for name, write in sections.items() if name in kept]
    return "\n".join([_INTRODUCTION, *parts])


_INTRODUCTION = """\
# TA-Lib, function by function

What was tried to show that `ft_numba_aot.ta`, `talib_func` and `stream` give TA-Lib's bits, and \
what falls short. On your machine, `ft-numba-aot doctor --indicators` compares each function with \
the TA-Lib that is installed. This page is written by the commands that it names.
"""


def _written_by(command: str, found: Mapping[str, Any]) -> str:
    return f"Written by `python -m benchmarks.{command}`, on {found['date']}. {found['where']}."


def _cases(found: Mapping[str, Any]) -> str:
    entries: dict[str, Cases] = found["entries"]
    identical = sum(not one["differing"] for one in entries.values())
    missing = [name for name in DEFINITIONS if name not in entries]
    lines = [
        f"- {name}: {one['differing']:,} of {one['cases']:,} cases, the first: {one['first']}"
        for name, one in entries.items()
        if one["differing"]
    ]
    lines += [f"- not tried: {', '.join(missing)}"] if missing else []
    short = "\n".join(lines) or "Nothing falls short."
    groups: dict[str, list[list[str]]] = {}
    for name, definition in sorted(DEFINITIONS.items(), key=lambda item: (item[1].group, item[0])):
        if name in entries:
            one = entries[name]
            row = [name, f"{one['cases']:,}", f"{one['numbers']:,}", f"{one['differing']:,}"]
            groups.setdefault(definition.group, []).append(row)
    header = ["function", "cases", "numbers compared", "cases that differ"]
    tables = "\n\n".join(f"### {group}\n\n{table(header, rows)}" for group, rows in groups.items())
    least = min(one["cases"] for one in entries.values())
    total = sum(one["numbers"] for one in entries.values())
    return f"""\
## {identical} of {len(DEFINITIONS)} functions: bit-identical

{_written_by("talib_identity", found)}

At least {least:,} random cases of each function, {total:,} numbers in all. Candles are log-normal \
over twelve decades, walks, ticks, constants, repeated, of both signs or few levels, with volume \
that is zero now and then or throughout, NaN at their heads, and NaN, infinities, denormals, huge \
numbers and both zeros inside; lengths are 0 to 5,000; parameters are their limits, 1, 2, as many \
as there are candles, one more and one less, and any others. Candlestick patterns also get candles \
in which they occur; of integers, those that aren't 0 are counted. Two results are the same where \
each number has the same bits, and NaN is where NaN is.

{short}

{tables}
"""


def _mutants(found: Mapping[str, Any]) -> str:
    entries: dict[str, Mutants] = found["entries"]
    rows = []
    doubled: list[str] = []
    alive: dict[str | None, list[str]] = {}
    for name, one in entries.items():
        module, _, kind = name.partition(": ")
        if one["mutants"]:
            left = len(one["alive"]), len(one["doubled"])
            counts = one["mutants"], one["mutants"] - sum(left), *left[::-1]
            probes = one["mutants"] - one["probes_miss"]
            rows.append([f"`{module}`", kind, *(f"{n:,}" for n in (*counts, probes))])
        doubled += [_code(module, entry) for entry in one["doubled"]]
        for entry in one["alive"]:
            why = reason_for(module, entry.partition(": ")[2])
            alive.setdefault(why, []).append(_code(module, entry))
    missing = [one for one in FAMILIES if f"{one}: constant nudged" not in entries]
    left_out = f" The numbers of these weren't tried: {', '.join(missing)}." if missing else ""
    header = ["module", "change", "made", "noticed", "when doubled", "not", "by start-up's probes"]
    unexplained = _listed(alive.pop(None, []))
    explained = "\n\n".join(
        f"{why[0].upper()}{why[1:]}:\n\n{_listed(codes)}" for why, codes in alive.items() if why
    )
    return f"""\
## A changed kernel is noticed

{_written_by("talib_mutations", found)}

Of each module of kernels, every fused multiply-add was made a plain one, and every number \
nudged: an integer by one, another by a billionth of it, and doubled where no case noticed that. \
What random cases, and `tests/edges.py`'s, notice is counted, and what the probes do that \
`doctor --indicators` and start-up validation make.{left_out}

{table(header, rows)}

These are thresholds, mostly, that a billionth of themselves lies between no two cases of; doubled \
they are noticed:

{_listed(doubled)}

No case notices these, and why none can:

{explained or "None."}

These aren't explained:

{unexplained}
"""


def _code(module: str, entry: str) -> str:
    """A line of a module, from its number and its code."""
    return f"`{module}` {entry.replace(': ', ': `', 1)}`"


def _listed(codes: list[str]) -> str:
    """A list; several changes of one line are one of it."""
    return (
        "\n".join(
            f"- {code}{f', {count} times' if count > 1 else ''}"
            for code, count in Counter(codes).items()
        )
        or "None."
    )


def _others(found: Mapping[str, Any]) -> str:
    times: dict[str, dict[str, tuple[float, float, str]]] = found["entries"]["times"]
    versions: dict[str, str] = found["entries"]["versions"]
    packages = [name for name in times if times[name]]
    absent = [name for name in times if not times[name]]
    rows, faster = [], []
    for name in DEFINITIONS:
        if not any(name in times[one] for one in packages if one not in OF_ALL):
            continue
        cells = []
        for one in packages:
            theirs, ours, like = times[one].get(name, (0.0, 0.0, ""))
            ratio = theirs / ours if ours else 0.0
            cells.append(bold(f"{ratio:.2f} {like}", ratio < 1.0) if ours else "")
        rows.append([name, *cells])
    summary = []
    for one in packages:
        ratios = {name: theirs / ours for name, (theirs, ours, _) in times[one].items()}
        same = sum(like == "=" for *_, like in times[one].values())
        under = sorted(name for name in ratios if ratios[name] < 1 / SLOWER)
        summary.append(
            [
                f"{one} {versions[one]}",
                f"{len(ratios)}",
                f"{same}",
                f"{median(ratios.values()):.2f}",
                f"{sum(ratio < 1.0 for ratio in ratios.values())}",
                f"{len(under)}",
            ]
        )
        if under:
            named = ", ".join(f"{name} ({ratios[name]:.2f})" for name in under)
            reason = REASONS.get(one, "")
            faster.append(f"- {one}: {named}.{f' {reason}' if reason else ''}")
    header = ["package", "functions", "the same", "median", "faster than ours", "by a tenth"]
    gone = f"\n\nNot installable here: {', '.join(absent)}." if absent else ""
    beaten = "\n".join(faster) or "None."
    return f"""\
## Beside other packages

{_written_by("others", found)}

100,000 candles, TA-Lib's default parameters: the time of theirs as a multiple of ours, which is \
called with the same kind of data (`talib_func` with ndarrays for TA-Lib, tulipy and ta-numba, \
with Series of pandas for pandas-ta-classic, of polars for polars-talib). Bold is faster than \
ours. `=` has our bits in the last 1,000 values, `≈` differs by less than a billionth, `≠` is \
defined otherwise, or by other parameters. ta-numba is timed after it has compiled.{gone}

{table(header, summary)}

What is faster than ours by more than a tenth, and why:

{beaten}

{table(["function", *packages], rows)}
"""


def _suite(found: Mapping[str, Any]) -> str:
    entries: dict[str, Suite] = found["entries"]
    release, suite = max(entries.items())
    counts = ", ".join(f"{count:,} {outcome}" for outcome, count in suite["outcomes"].items())
    lines = []
    for reason, tests in suite["without"].items():
        by_name = Counter(test.partition("[")[0] for test in tests)
        named = [
            f"`{one}`{f' ({many} times)' if many > 1 else ''}" for one, many in by_name.items()
        ]
        lines.append(f"- {reason}: {', '.join(named)}")
    without = "\n".join(lines) or "None is left out."
    return f"""\
## TA-Lib's own tests

{_written_by("talib_suite", found)}

The tests in the source distribution of TA-Lib {release}, where `import talib` finds \
`ft_numba_aot.talib_func`, `talib.abstract` is `ft_numba_aot.ta` and `talib.stream` is \
`ft_numba_aot.stream`: {counts}. Those that don't pass, and why:

{without}
"""
