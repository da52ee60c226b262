"""Indicators and signals of the strategies, stock or accelerated, in a process of its own.

``python -m benchmarks.strategies.process stock|ours FOLDER`` reads lines from its standard input
and answers each with one: ``NAME`` with the seconds that indicators take of the strategy in that
module, ``NAME FILE`` the same, and the frames with signals are pickled to FILE. FOLDER has candles
as ``store`` writes them.
"""

from __future__ import annotations

import gc
import sys
import warnings
from pathlib import Path
from time import perf_counter
from typing import Any

from . import STRATEGIES

PAIRS = ["BTC/USDT", "ETH/USDT"]
TIMEFRAMES = {"15m": "15min", "1h": "1h", "4h": "4h"}


def store(folder: Path, candles: int, pairs: list[str] = PAIRS) -> None:
    """Generated candles of 5 minutes, and those of the longer timeframes that they make."""
    from ft_numba_aot.cli.candles import generate_candles
    from ft_numba_aot.freqtrade_integration.offline import store_candles

    how = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    for pair, frame in generate_candles(pairs, candles, 5, seed=11).items():
        store_candles(folder, pair, "5m", frame)
        for timeframe, rule in TIMEFRAMES.items():
            longer = frame.resample(rule, on="date").agg(how).reset_index()
            store_candles(folder, pair, timeframe, longer)


def prepared(name: str, folder: Path, pairs: list[str]) -> tuple[Any, dict[str, Any]]:
    """The strategy as a backtest has it, and its candles."""
    from freqtrade.optimize import backtesting as module

    from ft_numba_aot.freqtrade_integration.offline import backtest_config, offline_exchange

    config = backtest_config(
        datadir=folder,
        user_data=folder,
        strategy=STRATEGIES[name][0],
        strategy_path=Path(__file__).parent,
        pairs=pairs,
        timeframe="5m",
    )
    backtesting = module.Backtesting(config, offline_exchange(config))
    data, _ = backtesting.load_bt_data()
    backtesting._set_strategy(backtesting.strategylist[0])
    return backtesting.strategy, data


def main(which: str, folder: Path) -> None:
    """Answer lines until there are no more."""
    import pandas as pd

    from ft_numba_aot.freqtrade_integration import switch

    warnings.simplefilter("ignore")
    if which == "ours":
        switch.enable_on_import()
    pairs = [path.name.partition("-")[0].replace("_", "/") for path in folder.glob("*-5m.feather")]
    known: dict[str, tuple[Any, dict[str, Any]]] = {}
    for line in sys.stdin:
        name, _, file = line.strip().partition(" ")
        if name not in known:
            known[name] = prepared(name, folder, sorted(pairs))
        strategy, data = known[name]
        gc.collect()
        start = perf_counter()
        frames = strategy.advise_all_indicators(data)
        seconds = perf_counter() - start
        if file:
            found = {
                pair: strategy.ft_advise_signals(frame, {"pair": pair})
                for pair, frame in frames.items()
            }
            pd.to_pickle((switch.enabled(), switch.status().fallen, found), file)
        print(seconds, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
