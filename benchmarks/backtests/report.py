"""The section of docs/benchmarks.md on backtests, from what was measured before.

Measurements are kept in docs/backtests.json, so that a case can be measured anew without the others
and the rest of the document without any.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from .. import ROOT
from ..tables import bold, table
from .cases import CASES, COMMAND, EPOCHS, PHASES, SCALED, WHOLE, Case
from .measure import Measured
from .plot import plot

RESULTS = ROOT / "docs" / "backtests.json"
PLOT = ROOT / "docs" / "backtests.svg"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
TITLE = "## Backtests"

Results = Mapping[str, Measured]


def read() -> dict[str, Measured]:
    """What was measured, by case."""
    if not RESULTS.exists():
        return {}
    kept: dict[str, Measured] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return {case.name: kept[case.name] for case in CASES if case.name in kept}


def write(results: Results) -> None:
    """Keep the measurements, and write the plot and the document's section."""
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    if scaled := _scaled(results):
        PLOT.write_text(plot(scaled), encoding="utf-8")
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(replaced(text, section(results)), encoding="utf-8")


def sections() -> list[str]:
    """The section, if there is anything to tell."""
    results = read()
    return [section(results)] if results else []


def replaced(document: str, text: str) -> str:
    """The document with another section on backtests, which is its first."""
    before, *rest = re.split(r"^(?=## )", document, flags=re.MULTILINE)
    others = [part for part in rest if not part.startswith(f"{TITLE}\n")]
    return "".join([before, f"{text}\n", *others])


def section(results: Results) -> str:
    """Tables and the plot, of what there is."""
    parts = [
        TITLE,
        _preface(results),
        _sample(results),
        _others(results),
        _pairs(results),
        _hyperopt(results),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _preface(results: Results) -> str:
    cases = list(results.values())
    days = sorted(case["date"] for case in cases)
    dates = " to ".join(dict.fromkeys([days[0], days[-1]]))
    runs = " or ".join(map(str, sorted({case["runs"] for case in cases})))
    loads = sorted(case["load"] for case in cases)
    return f"""\
Written by `python -m benchmarks.backtests`, on {dates}. \
{" ".join(dict.fromkeys(case["where"] for case in cases))}

`freqtrade backtesting` and `freqtrade hyperopt`, stock and accelerated, each run in a process of \
its own and the two in turn; medians of {runs} runs. Every run's trades with \
their orders, wallet history, locks, counters, analysed candles and statistics are compared: \
where a bit differs, nothing is written. Candles are generated, of 5 minutes; the exchange is \
freqtrade's own class with markets that need no network. The load average was {loads[0]:.1f} to \
{loads[-1]:.1f}: what other processes take of the machine stretches seconds, and hardly the ratio \
of CPU time. Bold misses its target. What an accelerated run spends its time \
on: `python -m benchmarks.backtests.profile CASE`."""


def _seconds(value: float) -> str:
    return f"{value:,.1f}" if value >= 10 else f"{value:.3f}"


def _times(measured: Measured, case: Case, phase: str) -> list[str]:
    """Seconds of stock and ours, ratios by the clock and of CPU time, and the target."""
    stock, ours = measured["seconds"][phase]
    stock_cpu, our_cpu = measured["cpu"][phase]
    target = case.targets.get(phase)
    ratio = bold(f"{stock / ours:.1f}", target is not None and stock / ours < target)
    cells = [_seconds(stock), _seconds(ours), ratio, f"{stock_cpu / our_cpu:.1f}"]
    return [*cells, "" if target is None else f"{target:g}"]


_TIMES = ["stock, s", "ours, s", "times as fast", "of CPU time", "target"]


def _size(case: Case) -> str:
    return f"{case.pairs} pairs × {case.candles:,}"


def _sample(results: Results) -> str:
    case = CASES[0]
    if case.name not in results:
        return ""
    measured = results[case.name]
    rows = [[phase, *_times(measured, case, phase)] for phase in (*PHASES, WHOLE, COMMAND)]
    return f"""\
### freqtrade's sample strategy, {_size(case)} candles

The strategy of `freqtrade create-userdir` as it comes, {measured["amounts"]["trades"]:,} trades. \
`{WHOLE}` is the sum of the four; `{COMMAND}` is the process from its start to its last table, \
with freqtrade's imports and the export of the results.

{table(["", *_TIMES], rows)}"""


def _others(results: Results) -> str:
    rows = []
    for case in CASES[1:]:
        if case.name not in results or case in SCALED or case.epochs:
            continue
        measured = results[case.name]
        stock, ours = measured["seconds"][WHOLE]
        amounts = [f"{measured['amounts'][name]:,}" for name in ("trades", "locks")]
        whole = f"{stock / ours:.1f}"
        rows.append([case.title, _size(case), *amounts, *_times(measured, case, "backtest"), whole])
    if not rows:
        return ""
    header = ["", "candles", "trades", "locks", *_TIMES, "whole, times as fast"]
    return f"""\
### Other strategies

The backtest phase, and how many times as fast all four are. The strategies are in \
`benchmarks/backtests/strategies`.

{table(header, rows)}"""


def _scaled(results: Results) -> list[tuple[int, Measured]]:
    return [(case.pairs, results[case.name]) for case in SCALED if case.name in results]


def _pairs(results: Results) -> str:
    rows = []
    for case, (pairs, measured) in zip(SCALED, _scaled(results), strict=False):
        stock, ours = measured["memory"]
        memory = [f"{stock / 1e6:,.0f}", bold(f"{ours / 1e6:,.0f}", ours > stock)]
        rows.append([str(pairs), *_times(measured, case, WHOLE)[:-1], *memory])
    if not rows:
        return ""
    header = ["pairs", *_TIMES[:-1], "stock, MB", "ours, MB"]
    return f"""\
### More pairs

The sample strategy on {SCALED[0].candles:,} candles of each pair: all four phases, and the peak \
memory of the process. Bold takes more memory.

![Seconds and memory against pairs]({PLOT.name})

{table(header, rows)}"""


def _hyperopt(results: Results) -> str:
    (case,) = (case for case in CASES if case.epochs)
    if case.name not in results:
        return ""
    measured = results[case.name]
    stock, ours, *ratios = _times(measured, case, EPOCHS)
    speeds = [f"{case.epochs / seconds:.2f}" for seconds in measured["seconds"][EPOCHS]]
    header = ["", "stock", "ours", *_TIMES[2:]]
    rows = [
        ["epochs a second", *speeds, *ratios],
        [f"{case.epochs} epochs, s", stock, ours, "", "", ""],
        ["the command, s", *_times(measured, case, COMMAND)[:3], "", ""],
    ]
    return f"""\
### Hyperopt

The sample strategy, {_size(case)} candles, {case.epochs} epochs, {case.jobs} workers, spaces buy, \
roi, stoploss and trailing, the same seed: the same parameters, results and losses in each epoch. \
Starting the workers is part of it; CPU time is theirs and the main process's.

{table(header, rows)}"""
