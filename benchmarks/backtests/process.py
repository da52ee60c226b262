"""One command of freqtrade's in a process of its own: its times, and digests of what came of it.

    python -m benchmarks.backtests.process stock|ours RESULT STARTED ARGUMENT…

STARTED is ``time.monotonic()`` of when the process was started. Digests are made after the clock
has stopped. Imports the standard library; freqtrade when it runs, as ``freqtrade`` would.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic, perf_counter, process_time
from typing import Any

from ft_numba_aot.freqtrade_integration import switch, verify_process

from .cases import COMMAND, EPOCHS, PHASES, WHOLE

STOCK, OURS = "stock", "ours"

# Counters of Backtesting that are in no result.
_INTERNAL = (
    "trade_id_counter",
    "order_id_counter",
    "rejected_trades",
    "rejected_dict",
    "canceled_exit_orders",
    "replaced_exit_orders",
)

Digests = dict[str, str]
# By the clock, and of the CPU in this process, which what else the machine does counts for less.
Seconds = dict[str, tuple[float, float]]


def main(argv: Sequence[str]) -> None:
    """Run, and write seconds, peak memory in bytes, amounts and digests as JSON."""
    which, result, started, *arguments = argv
    if which == OURS:
        switch.enable_on_import()
    seconds: Seconds = {}
    digest = prepare(arguments, seconds)()
    seconds[COMMAND] = monotonic() - float(started), process_time()
    memory = verify_process._peak_memory()
    amounts, digests = digest()
    found: dict[str, Any] = {
        "seconds": seconds,
        "memory": memory,
        "amounts": amounts,
        "digests": digests,
    }
    if which == OURS:
        found |= {"status": str(switch.status()), "counters": switch.visits()}
    Path(result).write_text(json.dumps(found), encoding="utf-8")


Digest = Callable[[], tuple[dict[str, int], Digests]]


def prepare(arguments: Sequence[str], seconds: Seconds) -> Callable[[], Digest]:
    """Import what freqtrade needs for a command and read the configuration.

    In the order of freqtrade.main. What is returned runs the command, times its phases and
    returns what makes the digests.
    """
    importlib.import_module("freqtrade.main")
    from freqtrade.commands import Arguments
    from freqtrade.enums import RunMode
    from freqtrade.loggers import setup_logging_pre
    from freqtrade.system import asyncio_setup, gc_set_threshold, set_mp_start_method

    setup_logging_pre()
    asyncio_setup()
    parsed = Arguments(list(arguments)).get_parsed_arg()
    gc_set_threshold()
    set_mp_start_method()
    from freqtrade.commands.optimize_commands import setup_optimize_configuration

    from .offline import stay_offline

    stay_offline()
    if arguments[0] == "hyperopt":
        config = setup_optimize_configuration(parsed, RunMode.HYPEROPT)
        return lambda: _hyperopt(config, seconds)
    config = setup_optimize_configuration(parsed, RunMode.BACKTEST)
    return lambda: _backtest(config, seconds)


def _backtest(config: dict[str, Any], seconds: Seconds) -> Digest:
    from freqtrade.optimize import backtesting as module

    backtesting = module.Backtesting(config)
    (strategy,) = backtesting.strategylist
    kept: dict[str, Any] = {}

    def keep_results(keywords: dict[str, Any], results: dict[str, Any]) -> None:
        # The report adds columns of its own to these.
        kept.update(verify_process._content(results), processed=keywords["processed"])

    _time(backtesting, "load_bt_data", seconds, "load")
    _time(strategy, "advise_all_indicators", seconds, "indicators")
    _time(backtesting, "backtest", seconds, "backtest", keep_results)
    _time(module, "generate_backtest_stats", seconds, "stats")
    backtesting.start()
    clock, cpu = zip(*(seconds[phase] for phase in PHASES), strict=True)
    seconds[WHOLE] = sum(clock), sum(cpu)
    return lambda: _digest_backtest(backtesting, kept)


def _time(
    owner: Any,
    name: str,
    seconds: Seconds,
    phase: str,
    then: Callable[[dict[str, Any], Any], None] = lambda keywords, result: None,
) -> None:
    """Time the only call of ``owner.name``."""
    original = getattr(owner, name)

    def timed(*args: Any, **kwargs: Any) -> Any:
        start, cpu = perf_counter(), process_time()
        result = original(*args, **kwargs)
        seconds[phase] = perf_counter() - start, process_time() - cpu
        then(kwargs, result)
        return result

    setattr(owner, name, timed)


def _digest_backtest(backtesting: Any, kept: dict[str, Any]) -> tuple[dict[str, int], Digests]:
    from freqtrade.persistence import LocalTrade

    order = [
        (trade.id, trade.pair, [(o.order_id, o.status) for o in trade.orders])
        for trade in LocalTrade.bt_trades
    ]
    internal = {name: getattr(backtesting, name) for name in _INTERNAL}
    digests = {
        "trades": _of_frame(kept["trades"]),
        "order of trades": _of(order),
        "wallet history": _of_frame(kept["wallets"]),
        "final balance": _of(kept["final_balance"]),
        "locks": _of(kept["locks"]),
        "counters": _of(kept["counters"]),
        "internal counters": _of(internal),
        "candles": _of({pair: _of_frame(frame) for pair, frame in kept["processed"].items()}),
        "stats": _of(verify_process._repeatable(backtesting.results)),
    }
    amounts = {
        "trades": len(kept["trades"]),
        "locks": len(kept["locks"]),
        "orders": sum(map(len, kept["trades"]["orders"])) if len(kept["trades"]) else 0,
    }
    return amounts, digests


def _of_frame(frame: Any) -> str:
    return _of(verify_process._digests(frame))


def _of(value: Any) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]


def _hyperopt(config: dict[str, Any], seconds: Seconds) -> Digest:
    from freqtrade.optimize.hyperopt import Hyperopt
    from joblib.externals.loky import get_reusable_executor

    hyperopt = Hyperopt(config)
    start, cpu = perf_counter(), process_time()
    hyperopt.start()
    clock = perf_counter() - start

    def digest() -> tuple[dict[str, int], Digests]:
        # Only of processes that have ended is the CPU time known.
        get_reusable_executor().shutdown()
        spent = os.times()
        workers = spent.children_user + spent.children_system
        seconds[EPOCHS] = clock, process_time() - cpu + workers
        seconds[COMMAND] = seconds[COMMAND][0], seconds[COMMAND][1] + workers
        return _digest_hyperopt(hyperopt.results_file)

    return digest


def _digest_hyperopt(file: Path) -> tuple[dict[str, int], Digests]:
    epochs = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    epochs = verify_process._repeatable(epochs)
    digests = {
        "losses": _of([epoch["loss"] for epoch in epochs]),
        "epochs": _of(epochs),
    }
    return {"epochs": len(epochs), "trades": sum(e["total_profit"] != 0 for e in epochs)}, digests


if __name__ == "__main__":
    main(sys.argv[1:])
