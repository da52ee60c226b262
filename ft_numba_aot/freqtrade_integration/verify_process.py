"""One run of ``freqtrade backtesting`` in a process of its own, with all that came of it.

Imports the standard library; freqtrade when it runs, as ``freqtrade`` would. ``python -m
ft_numba_aot.freqtrade_integration.verify_process stock|ours RESULT EXCHANGE ARGUMENT…`` writes a
pickled ``Run`` to RESULT. EXCHANGE is as in ``backtest_process``.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import hashlib
import importlib
import logging
import pickle
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from . import switch
from .backtest_process import OURS, backtesting, keep_log, keeping_error

PHASES = ("load", "indicators", "backtest", "stats")

# What a second stock run would not repeat either.
_TIMES = ("backtest_run_start_ts", "backtest_run_end_ts", "backtest_start_time")
_UNREPEATABLE = frozenset({*_TIMES, "backtest_end_time"})


@dataclass(slots=True)
class Run:
    """What a run gave; ``error`` is freqtrade's message where it stopped with one.

    ``strategies`` has the results of each by name, ``seconds`` those of each of ``PHASES``,
    ``memory`` the peak in bytes. ``status`` and ``counters`` are ours' own.
    """

    strategies: dict[str, dict[str, Any]] = field(default_factory=dict)
    stats: dict[str, Any] = field(default_factory=dict)
    log: list[tuple[str, str, str]] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    memory: int | None = None
    status: str = ""
    active: tuple[str, ...] = ()
    counters: dict[str, int] = field(default_factory=dict)
    error: str = ""


def main(argv: Sequence[str]) -> int:
    """Run, and write what came of it; returns the exit status."""
    which, result, exchange, *arguments = argv
    run = Run()

    def keep(record: logging.LogRecord) -> None:
        if record.levelno >= logging.INFO:
            run.log.append((record.name, record.levelname, record.getMessage()))

    keep_log(keep)
    if which == OURS:
        switch.enable_on_import()
    try:
        with keeping_error(run):
            _backtest(run, arguments, exchange)
    finally:
        run.memory = _peak_memory()
        status = switch.status()
        run.status, run.active = str(status), status.active
        run.counters = switch.visits()
        Path(result).write_bytes(pickle.dumps(run))
    return 0


def _backtest(run: Run, arguments: Sequence[str], exchange: str) -> None:
    with backtesting(arguments, exchange) as made:
        module = sys.modules[type(made).__module__]
        _time(run, made, "load_bt_data", "load")
        for strategy in made.strategylist:
            _time(run, strategy, "advise_all_indicators", "indicators")
        _time(run, made, "backtest", "backtest", lambda kept: _keep_frames(run, kept))
        _time(run, module, "generate_backtest_stats", "stats")
        _keep_before_stats(run, module)
        made.start()
    run.stats = _repeatable(made.results)


def _time(
    run: Run,
    owner: Any,
    name: str,
    phase: str,
    then: Callable[[dict[str, Any]], None] = lambda keywords: None,
) -> None:
    """Add the seconds of each call of ``owner.name`` to a phase."""
    original = getattr(owner, name)

    def timed(*args: Any, **kwargs: Any) -> Any:
        start = perf_counter()
        result = original(*args, **kwargs)
        run.seconds[phase] = run.seconds.get(phase, 0.0) + perf_counter() - start
        then(kwargs)
        return result

    setattr(owner, name, timed)


def _keep_frames(run: Run, arguments: dict[str, Any]) -> None:
    """Digests of the analysed candles, as the backtest leaves them to hyperopt's losses."""
    frames = {pair: _digests(frame) for pair, frame in arguments["processed"].items()}
    run.strategies[f"#{len(run.strategies)}"] = {"frames": frames}


def _digests(frame: Any) -> dict[str, str]:
    columns = {"index": frame.index.to_series(), **{str(name): frame[name] for name in frame}}
    return {name: f"{column.dtype} {_digest(column)}" for name, column in columns.items()}


def _digest(column: Any) -> str:
    values = column.to_numpy()
    if values.dtype == object:
        content = repr(values.tolist()).encode()
    else:
        # NaNs with different bits are the same to every reader.
        content = (values + 0 if values.dtype.kind == "f" else values).tobytes()
    return hashlib.sha256(content).hexdigest()[:16]


def _keep_before_stats(run: Run, module: Any) -> None:
    """Keep each strategy's results before the report adds columns of its own to them."""
    original = module.generate_backtest_stats

    def keep(data: Any, contents: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        frames = list(run.strategies.values())
        run.strategies.clear()
        for kept, (name, content) in zip(frames, contents.items(), strict=True):
            run.strategies[name] = {**_content(content), **kept}
        return original(data, contents, *args, **kwargs)

    module.generate_backtest_stats = keep


def _content(content: dict[str, Any]) -> dict[str, Any]:
    left_out = {"config", "locks", "results", "wallet_summary", *_UNREPEATABLE}
    counters = {name: value for name, value in content.items() if name not in left_out}
    return {
        "trades": content["results"].copy(),
        "wallets": content["wallet_summary"].copy(),
        "locks": [_fields(lock) for lock in content["locks"]],
        "final_balance": counters.pop("final_balance"),
        "counters": counters,
    }


def _fields(lock: Any) -> dict[str, Any]:
    columns = type(lock).__table__.columns.keys()
    return {name: getattr(lock, name) for name in columns}


def _repeatable(value: Any) -> Any:
    """The stats without the times of day of this run."""
    if isinstance(value, dict):
        return {key: _repeatable(item) for key, item in value.items() if key not in _UNREPEATABLE}
    if isinstance(value, list):
        return [_repeatable(item) for item in value]
    return value


def _peak_memory() -> int | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    # Under its own name, which the pickle refers to.
    process = importlib.import_module(f"{__package__}.verify_process")
    sys.exit(process.main(sys.argv[1:]))
