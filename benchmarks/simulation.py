"""``parallel_trades`` beside vectorbt's ``Portfolio.from_signals``.

    python -m benchmarks.simulation              (needs vectorbt[rust])

The same candles and signals, fee, stop and take-profit; vectorbt on its compiled engine and on
numba, both warm; medians of alternating calls in one process, one thread unless it says otherwise.
The rules differ where freqtrade's do, so the numbers of trades are shown, too.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from collections.abc import Callable
from time import perf_counter, process_time
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ft_numba_aot.pnl import Job, Rules, parallel_trades

CANDLES = 100_000
FEE, STOP, TARGET = 0.001, 0.02, 0.03
SHARE = 0.02  # of the candles that have an entry signal, and of those that have an exit signal


def make_candles(length: int, seed: int = 0) -> pd.DataFrame:
    """A random walk of five minutes' candles."""
    rng = np.random.default_rng(seed)
    close = np.round(100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.002, length))), 2)
    opened = np.concatenate([[100.0], close[:-1]])
    wick = np.round(np.abs(rng.normal(0.0, 0.1, (2, length))), 2)
    return pd.DataFrame(
        {
            "date": pd.date_range("2024-01-01", periods=length, freq="5min", tz="UTC"),
            "open": opened,
            "high": np.round(np.maximum(opened, close) + wick[0], 2),
            "low": np.maximum(np.round(np.minimum(opened, close) - wick[1], 2), 0.01),
            "close": close,
        }
    )


def make_signals(length: int, columns: int, seed: int = 1) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    entries, exits = (rng.random((2, length, columns)) < SHARE).astype(bool)
    return entries, exits


def ours(candles: pd.DataFrame, entries: Any, exits: Any, threads: int = 1) -> Callable[[], int]:
    """Trades of each column of signals; the columns are arrays of their own, as in a frame."""
    rules = Rules(-STOP, {0: TARGET})
    signals = [
        {"enter_long": np.ascontiguousarray(enter), "exit_long": np.ascontiguousarray(leave)}
        for enter, leave in zip(entries.T, exits.T, strict=True)
    ]

    def run() -> int:
        jobs = [Job("", rules, each) for each in signals]
        trades = parallel_trades(candles, jobs, stake_amount=100.0, fee=FEE, threads=threads)
        return len(trades.profit_abs)

    return run


def vectorbt(candles: pd.DataFrame, entries: Any, exits: Any, engine: str) -> Callable[[], int]:
    """Orders, which vectorbt records; a signal is filled at the next candle's open."""
    import vectorbt as vbt

    # vectorbt copies dates with a time zone one by one.
    indexed = candles.assign(date=candles["date"].dt.tz_localize(None)).set_index("date")
    shifted = [
        pd.DataFrame(np.vstack([np.zeros_like(each[:1]), each[:-1]]), index=indexed.index)
        for each in (entries, exits)
    ]
    if entries.shape[1] == 1:
        shifted = [each[0] for each in shifted]

    def run() -> int:
        portfolio = vbt.Portfolio.from_signals(
            indexed["close"],
            *shifted,
            price=indexed["open"],
            open=indexed["open"],
            high=indexed["high"],
            low=indexed["low"],
            fees=FEE,
            sl_stop=STOP,
            tp_stop=TARGET,
            size=1.0,
            init_cash=1e9,
            freq="5min",
            engine=engine,
        )
        return len(portfolio.order_records) // 2

    return run


class Measured(NamedTuple):
    """Median seconds of a call, on the wall and of the CPU, the least on the wall; its trades."""

    wall: float
    cpu: float
    least: float
    trades: int


def compare(runs: dict[str, Callable[[], int]], repeats: int) -> dict[str, Measured]:
    """Each, called in turns."""
    trades = {name: run() for name, run in runs.items()}
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            start, used = perf_counter(), process_time()
            run()
            seconds[name].append((perf_counter() - start, process_time() - used))
    measured = {}
    for name, times in seconds.items():
        wall, cpu = zip(*times, strict=True)
        medians = statistics.median(wall), statistics.median(cpu)
        measured[name] = Measured(*medians, min(wall), trades[name])
    return measured


FIRST_CALL = """
from time import process_time
from benchmarks.simulation import make_candles, make_signals, ours
run = ours(make_candles({candles}), *make_signals({candles}, 1))
for _ in range(5):
    start = process_time()
    run()
    print(process_time() - start)
"""


def first_calls(candles: int, processes: int) -> tuple[float, float]:
    """Median seconds of the CPU for the first and the second call in a fresh process."""
    times = []
    for _ in range(processes):
        done = subprocess.run(
            [sys.executable, "-c", FIRST_CALL.format(candles=candles)],
            capture_output=True,
            text=True,
            check=True,
        )
        times.append([float(line) for line in done.stdout.split()])
    return statistics.median(t[0] for t in times), statistics.median(t[1] for t in times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--candles", type=int, default=CANDLES)
    parser.add_argument("--columns", type=int, nargs="*", default=[1, 100])
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    candles = make_candles(options.candles)
    print(f"{options.candles:,} candles, {SHARE:.0%} entries and exits, medians")
    print("| columns | run | ms | ms of the CPU | trades | times ours |")
    print("|---:|---|---:|---:|---:|---:|")
    lines = []
    for columns in options.columns:
        signals = make_signals(options.candles, columns)
        runs = {
            "parallel_trades": ours(candles, *signals),
            "parallel_trades, 2 threads": ours(candles, *signals, threads=2),
            "vectorbt, rust": vectorbt(candles, *signals, "rust"),
            "vectorbt, numba": vectorbt(candles, *signals, "numba"),
        }
        repeats = options.repeats if columns > 1 else 5 * options.repeats
        found = compare(runs, repeats)
        for name, each in found.items():
            ratio = each.wall / found["parallel_trades"].wall
            print(
                f"| {columns} | {name} | {each.wall * 1e3:,.2f} | {each.cpu * 1e3:,.2f} "
                f"| {each.trades:,} | {ratio:.2f} |"
            )
        one, two = (each.least for each in list(found.values())[:2])
        if columns > 1:
            lines.append(f"{columns} columns on two threads: {one / two:.2f} times (least of all)")
    print(*lines, sep="\n")
    first, second = first_calls(options.candles, 5)
    print(f"First call in a process {first * 1e3:.2f} ms, second {second * 1e3:.2f} ms")


if __name__ == "__main__":
    main()
