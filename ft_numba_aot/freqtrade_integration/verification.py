"""Two runs of a user's backtest, stock and accelerated, and whether they gave the same.

Imports pandas when it compares; freqtrade only in the two processes that it starts.
"""

from __future__ import annotations

import math
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from . import BacktestError
from .backtest_process import OURS, STOCK
from .verify_process import PHASES, Run

if TYPE_CHECKING:
    from .identity import Check, Difference

_TRACEBACK = "Traceback (most recent call last):"
_LAST_LINES = 30


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of it. Pairs of values are stock's and ours.

    ``seconds`` has those of each phase and, as ``whole``, of the process.
    """

    checks: list[Check]
    seconds: dict[str, tuple[float, float]]
    memory: tuple[int | None, int | None]
    visited: int | None
    skipped: int | None
    trades: int
    active: tuple[str, ...]
    status: str

    @property
    def identical(self) -> bool:
        """Whether both runs gave the same, bit for bit."""
        return all(check.difference is None for check in self.checks)


def verify(
    arguments: Sequence[str],
    *,
    exchange: str = "",
    progress: Callable[[str], None] = lambda text: None,
) -> Verification:
    """Run ``freqtrade backtesting ARGUMENTS`` twice and compare; nothing is exported.

    ``exchange`` is ``module:function`` of what makes the exchange from freqtrade's configuration;
    without it freqtrade does. ``BacktestError`` where stock freqtrade can't run it.
    """
    progress("backtesting with stock freqtrade")
    stock, stock_seconds, output = _run(STOCK, arguments, exchange)
    if stock.error or not stock.strategies:
        raise BacktestError(_reason(stock, output))
    progress("backtesting accelerated")
    ours, our_seconds, output = _run(OURS, arguments, exchange)
    progress("comparing every field")
    return Verification(
        checks=list(_checks(stock, ours, output)),
        seconds={
            **{
                phase: (stock.seconds.get(phase, 0.0), ours.seconds.get(phase, math.nan))
                for phase in PHASES
            },
            "whole": (stock_seconds, our_seconds),
        },
        memory=(stock.memory, ours.memory),
        visited=ours.counters.get("visited"),
        skipped=ours.counters.get("skipped"),
        trades=sum(len(results["trades"]) for results in stock.strategies.values()),
        active=ours.active,
        status=ours.status,
    )


def run_process(
    module: str, before: Sequence[str], arguments: Sequence[str]
) -> tuple[Any, float, str]:
    """What ``module BEFORE RESULT ARGUMENT…`` pickles, the seconds that takes, and its messages.

    In place of the result, what is wrong where there is none.
    """
    with tempfile.TemporaryDirectory(prefix="ft-numba-aot-", ignore_cleanup_errors=True) as name:
        result, messages = Path(name, "run"), Path(name, "messages")
        command = [sys.executable, "-P", "-m", f"{__package__}.{module}"]
        with messages.open("wb") as output:
            start = perf_counter()
            subprocess.run(
                [*command, *before, str(result), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=output,
                # In an activated environment, too, each does as it is told.
                env={**os.environ, "PYTHONIOENCODING": "utf-8", "FT_NUMBA_AOT_STARTUP": "0"},
                check=False,
            )
            seconds = perf_counter() - start
        text = messages.read_text(encoding="utf-8", errors="replace")
        if not result.is_file():
            return f"the process ended without a result; its messages:\n{text}", 0, ""
        return pickle.loads(result.read_bytes()), seconds, text


def _run(which: str, arguments: Sequence[str], exchange: str) -> tuple[Run, float, str]:
    """A run in a fresh process, the seconds that took, and its messages."""
    found, seconds, text = run_process("verify_process", [which], [exchange, *arguments])
    return (Run(error=found) if isinstance(found, str) else found), seconds, text


def _reason(run: Run, output: str) -> str:
    error = run.error or "freqtrade gave no results"
    return f"stock freqtrade can't run this backtest: {error}\n{details(run.log, output)}".rstrip()


def details(log: Sequence[tuple[str, str, str]], output: str) -> str:
    """What of a failed run's messages tells why: the traceback, or else the warnings."""
    _, found, traceback = output.rpartition(_TRACEBACK)
    if found:
        return "\n".join([_TRACEBACK, *traceback.strip("\n").splitlines()[-_LAST_LINES:]])
    if not log:
        # Not begun: the command line's parser has the last word.
        return "\n".join(output.strip().splitlines()[-1:])
    return "\n".join(
        dict.fromkeys(text for _, level, text in log if level not in ("INFO", "DEBUG"))
    )


def _checks(stock: Run, ours: Run, output: str) -> Iterator[Check]:
    from .identity import Check, Difference, count_values, first_difference

    if ours.error:
        text = f"{ours.error}\n{details(ours.log, output)}".rstrip()
        error = Difference("the accelerated run", {"error": ("none", text)})
        yield Check("end of the run", "", error)
        return
    several = len(stock.strategies) > 1
    for name, theirs in stock.strategies.items():
        mine = ours.strategies.get(name, {})
        for what, difference in _result_differences(theirs, mine):
            yield Check(f"{what}, {name}" if several else what, _amount(what, theirs), difference)
    yield Check(
        "stats",
        f"{count_values(stock.stats):,} values",
        first_difference("stats", stock.stats, ours.stats),
    )
    yield Check("log", f"{len(stock.log):,} lines", _log_difference(stock.log, ours.log))


def _result_differences(
    stock: dict[str, Any], ours: dict[str, Any]
) -> Iterator[tuple[str, Difference | None]]:
    from .identity import Difference, first_difference, frame_difference

    for what, theirs in stock.items():
        mine = ours.get(what)
        if mine is None:
            yield what, Difference(what, {what: (f"{len(stock)} results", "missing")})
        elif what == "trades":

            def trade(row: int, trades: Any = theirs) -> str:
                entry = trades.iloc[row]
                return f"trade {row + 1}, {entry['pair']} opened {entry['open_date']}"

            yield what, frame_difference(theirs, mine, trade)
        elif what == "wallets":
            yield what, frame_difference(theirs, mine, lambda row: f"wallets, row {row}")
        else:
            yield what, first_difference(what, theirs, mine)


def _log_difference(
    stock: list[tuple[str, str, str]], ours: list[tuple[str, str, str]]
) -> Difference | None:
    from .identity import Difference

    for number, (theirs, mine) in enumerate(zip(stock, ours, strict=False), 1):
        if theirs != mine:
            return Difference(f"line {number} of the log", {"line": (theirs, mine)})
    if len(stock) != len(ours):
        longer = max(stock, ours, key=len)[min(len(stock), len(ours))]
        lengths = (len(stock), len(ours))
        return Difference(
            "length of the log", {"lines": lengths, "first line of one alone": (longer, longer)}
        )
    return None


def _amount(what: str, results: dict[str, Any]) -> str:
    value = results[what]
    if what == "trades":
        orders = sum(map(len, value["orders"])) if len(value) else 0
        return f"{len(value):,} × {len(value.columns)} fields, with {orders:,} orders"
    if what == "wallets":
        return f"{len(value):,} rows × {len(value.columns)} columns"
    if what == "frames":
        return f"{sum(map(len, value.values())):,} columns of {len(value):,} pairs"
    if what == "final_balance":
        return repr(value)
    return f"{len(value):,}"
