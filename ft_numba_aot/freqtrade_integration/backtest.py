"""One run of freqtrade's backtester, phase by phase, and what came of it.

Imports freqtrade. Looks its functions up where freqtrade's backtester does, since they may be
replaced between two runs.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import pandas as pd
from freqtrade.exceptions import FreqtradeException
from freqtrade.optimize import backtesting as module

from . import BacktestError
from .offline import offline_exchange

PHASES = ("load", "indicators", "backtest", "stats")

COUNTERS = (
    "rejected_signals",
    "timedout_entry_orders",
    "timedout_exit_orders",
    "canceled_trade_entries",
    "canceled_entry_orders",
    "replaced_entry_orders",
)


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What a backtest gives, and the seconds of each of ``PHASES``.

    ``candles`` are the frames that freqtrade loaded, ``analysed`` the same with the indicators
    of ``strategy``, ``stats`` what the report is made of.
    """

    trades: pd.DataFrame
    wallet_history: pd.DataFrame
    final_balance: float
    counters: dict[str, int]
    candles: dict[str, pd.DataFrame]
    analysed: dict[str, pd.DataFrame]
    strategy: Any
    stats: dict[str, Any]
    seconds: dict[str, float]


def run_backtest(config: dict[str, Any]) -> Outcome:
    """Run what ``freqtrade backtesting`` would, offline; ``BacktestError`` if it refuses."""
    try:
        exchange = offline_exchange(config)
        try:
            return _run(module.Backtesting(config, exchange))
        finally:
            module.Backtesting.cleanup()
            exchange.close()
    except FreqtradeException as error:
        raise BacktestError(str(error)) from error


def _run(backtesting: Any) -> Outcome:
    seconds: dict[str, float] = {}

    @contextmanager
    def timed(phase: str) -> Iterator[None]:
        start = perf_counter()
        yield
        seconds[phase] = perf_counter() - start

    with timed("load"):
        data, timerange = backtesting.load_bt_data()
    strategy = backtesting.strategylist[0]
    backtesting._set_strategy(strategy)
    with timed("indicators"):
        processed = strategy.advise_all_indicators(data)
    # The backtester trims these frames and adds its own columns.
    analysed = {pair: frame.copy() for pair, frame in processed.items()}

    trimmed = module.trim_dataframes(processed, timerange, backtesting.required_startup)
    if not trimmed:
        needed = backtesting.required_startup
        raise BacktestError(f"too few candles: the strategy needs {needed} before it can start")
    start_date, end_date = module.history.get_timerange(trimmed)
    with timed("backtest"):
        results = backtesting.backtest(
            processed=processed, start_date=start_date, end_date=end_date
        )
    # The report adds columns of its own to these.
    trades, wallet_history = results["results"].copy(), results["wallet_summary"].copy()
    name = strategy.get_strategy_name()
    content = {**results, "run_id": "", "backtest_start_time": 0, "backtest_end_time": 0}
    with timed("stats"):
        stats = module.generate_backtest_stats(
            data, {name: content}, min_date=start_date, max_date=end_date
        )

    return Outcome(
        trades=trades,
        wallet_history=wallet_history,
        final_balance=results["final_balance"],
        counters={counter: results[counter] for counter in COUNTERS if counter in results},
        candles=data,
        analysed=analysed,
        strategy=strategy,
        stats=stats,
        seconds=seconds,
    )
