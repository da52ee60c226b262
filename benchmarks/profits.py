"""``vectorized_pnl`` beside freqtrade's own loop over trades.

    python -m benchmarks.profits

A million random trades on one thread, against ``LocalTrade.calc_profit`` and
``calc_profit_ratio`` of each, in time of the CPU; then both results of every trade are compared,
bit for bit.
"""

from __future__ import annotations

import argparse
import os
import statistics
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from time import process_time
from typing import Any

import numpy as np
import numpy.typing as npt

from ft_numba_aot.pnl import vectorized_pnl

TRADES, SAMPLE, ROUNDS = 1_000_000, 4_000, 9
Columns = dict[str, npt.NDArray[Any]]


def any_digits(rng: np.random.Generator, count: int) -> npt.NDArray[np.float64]:
    """Log-uniform from 1e-8 to 1e8."""
    found: npt.NDArray[np.float64] = 10.0 ** rng.uniform(-8.0, 8.0, count)
    return found


def few_digits(numbers: npt.NDArray[np.float64], digits: int) -> npt.NDArray[np.float64]:
    return np.array([float(f"{number:.{digits}g}") for number in numbers.tolist()])


def make_trades(kind: str, count: int, seed: int = 0) -> Columns:
    """Trades whose prices are random floats, or have few digits as those of an exchange."""
    rng = np.random.default_rng(seed)
    opened, amount = any_digits(rng, count), any_digits(rng, count)
    closed = any_digits(rng, count)
    if kind == "few digits":
        opened = few_digits(opened, 5)
        closed = few_digits(opened * np.exp(rng.normal(0.0, 0.05, count)), 5)
        amount = few_digits(100.0 / opened, 6)
    fees = np.array([0.001, 0.0005, 0.00075])
    return {
        "open_rate": opened,
        "close_rate": closed,
        "amount": amount,
        "fee_open": rng.choice(fees, count),
        "fee_close": rng.choice(fees, count),
        "is_short": rng.random(count) < 0.5,
        "leverage": rng.choice([1.0, 3.0, 10.0], count),
        "funding_fees": np.round(rng.normal(0.0, 1.0, count), 4),
    }


def loop(trades: Columns) -> Callable[[], list[tuple[float, float]]]:
    """freqtrade's profit and ratio of each; the trades themselves are made beforehand."""
    from freqtrade.enums import TradingMode
    from freqtrade.persistence import LocalTrade

    columns = {name: column.tolist() for name, column in trades.items() if name != "close_rate"}
    made = [
        LocalTrade(
            pair="ETH/USDT",
            exchange="binance",
            stake_amount=1.0,
            open_date=datetime(2024, 1, 1, tzinfo=UTC),
            trading_mode=TradingMode.FUTURES,
            **dict(zip(columns, row, strict=True)),
        )
        for row in zip(*columns.values(), strict=True)
    ]
    rates = trades["close_rate"].tolist()

    def run() -> list[tuple[float, float]]:
        return [
            (trade.calc_profit(rate), trade.calc_profit_ratio(rate))
            for trade, rate in zip(made, rates, strict=True)
        ]

    return run


def parts(trades: Columns, size: int) -> Iterator[Columns]:
    for start in range(0, len(trades["amount"]), size):
        yield {name: column[start : start + size] for name, column in trades.items()}


def seconds(function: Callable[[], Any]) -> float:
    start = process_time()
    function()
    return process_time() - start


def differing(trades: Columns) -> int:
    """Of how many trades a result has other bits than freqtrade's."""
    result = vectorized_pnl(**trades)
    ours = np.transpose([result.profit_abs, result.profit_ratio])
    theirs = np.concatenate([loop(part)() for part in parts(trades, SAMPLE)])
    return int((ours.view(np.int64) != theirs.view(np.int64)).any(axis=1).sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--trades", type=int, default=TRADES)
    options = parser.parse_args()
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    print(f"{options.trades:,} trades, one thread, medians of {ROUNDS} rounds")
    print("| prices | ns a trade | freqtrade, ns a trade | times | deferred | differing |")
    print("|---|---:|---:|---:|---:|---:|")
    for kind in ("any digits", "few digits"):
        trades = make_trades(kind, options.trades)
        ours, few = partial(vectorized_pnl, **trades), loop(next(parts(trades, SAMPLE)))
        times = np.array(
            [(seconds(ours) / options.trades, seconds(few) / SAMPLE) for _ in range(ROUNDS)]
        )
        ratio = statistics.median((times[:, 1] / times[:, 0]).tolist())
        own, theirs = np.median(times, axis=0) * 1e9
        print(
            f"| {kind} | {own:,.0f} | {theirs:,.0f} | {ratio:.0f} "
            f"| {ours().deferred} | {differing(trades)} |"
        )
    os.sched_setaffinity(0, cores)


if __name__ == "__main__":
    main()
