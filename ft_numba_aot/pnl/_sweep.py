"""Simulations over a grid or a list of parameter sets.

Imports pandas, and joblib and rich where they are used.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ._candles import PRICES, SIGNALS
from ._heat_map import HeatMap
from ._rules import Job, Rules
from ._scores import named, score
from ._simulate import Simulation

Parameters = dict[str, Any]
Row = tuple[int, list[float]]
_RULES = tuple(field.name for field in dataclasses.fields(Rules) if field.init)


class Sweep:
    """What a sweep found: ``table`` has a row for each parameter set, in their order.

    Its columns are the parameters, then the metrics.
    """

    def __init__(self, table: pd.DataFrame, parameters: Sequence[str], metrics: Sequence[str]):
        self.table = table
        self.parameters = tuple(parameters)
        self.metrics = tuple(metrics)

    def best(self, count: int = 10, metric: str | None = None) -> pd.DataFrame:
        """The rows with the highest values of a metric, by default the first."""
        by = metric or self.metrics[0]
        return self.table.sort_values(by, ascending=False, kind="stable").head(count)

    def heat_map(
        self, x: str, y: str, metric: str | None = None, aggregate: Any = "max"
    ) -> HeatMap:
        """A metric over two parameters; ``aggregate`` is what pandas makes of all others."""
        metric = metric or self.metrics[0]
        for name, value, known in (
            ("x", x, self.parameters),
            ("y", y, self.parameters),
            ("metric", metric, self.metrics),
        ):
            if value not in known:
                raise ValueError(f"{name}: {value!r} is none of {', '.join(known)}")
        values = self.table.pivot_table(index=y, columns=x, values=metric, aggfunc=aggregate)
        return HeatMap(values, metric)


class _Task(NamedTuple):
    """What a worker needs for any part of the sweep."""

    candles: Any
    terms: dict[str, Any]
    rules: Parameters
    signals: Callable[..., Any] | None
    metrics: tuple[Any, ...]
    starting_balance: float


def sweep(
    candles: Any,
    parameters: Mapping[str, Iterable[Any]] | Iterable[Mapping[str, Any]],
    *,
    stake_amount: float,
    fee: float,
    signals: Callable[..., Any] | None = None,
    rules: Mapping[str, Any] | None = None,
    metrics: str | Callable[..., float] | Sequence[Any] = ("profit_abs", "trades"),
    starting_balance: float = 1000.0,
    folder: str | os.PathLike[str] | None = None,
    part_size: int = 100,
    n_jobs: int | None = None,
    threads: int | None = None,
    progress: bool = True,
    **terms: Any,
) -> Sweep:
    """Simulate each parameter set on all pairs, and score its trades.

    - ``candles``: as for ``parallel_trades``, which ``stake_amount``, ``fee`` and other ``terms``
      are given to, too.
    - ``parameters``: a mapping of names to values, for all their combinations, or the sets
      themselves. Those named like a field of ``Rules`` are rules, whose others are in ``rules``.
    - ``signals(frame, parameters)`` gives the columns ``enter_long`` and so on for a pair's frame
      and the parameters that aren't rules; it is called once for sets that share them. Without it,
      the signals are the frame's.
    - ``metrics``: names of ``ft_numba_aot.pnl.SCORES``, or functions of a frame of trades that has
      the columns of freqtrade's backtest results; the first is what ``best`` sorts by.
      ``starting_balance`` is what ratios are of.
    - ``folder``: where results are kept as they come, ``part_size`` sets at a time; the same sweep
      continues from there. ValueError if the folder has those of another one.
    - ``n_jobs``: processes, or whatever joblib's backend has: within
      ``joblib.parallel_config(backend="dask")`` parts run on a Dask cluster. ``threads`` are those
      of a process, by default all cores if there is one, and 1 otherwise.
    """
    sets = list(_parameter_sets(parameters))
    if not sets:
        raise ValueError("parameters: there is no set")
    if part_size < 1:
        raise ValueError(f"part_size: {part_size!r} is not above 0")
    names = list(dict.fromkeys(name for one in sets for name in one))
    if signals is None and (unknown := [name for name in names if name not in _RULES]):
        raise ValueError(f"parameters: {unknown[0]!r} is no rule, and there are no signals for it")
    if isinstance(metrics, str) or callable(metrics):
        metrics = (metrics,)
    wanted = list(named(metrics))
    terms = {"stake_amount": stake_amount, "fee": fee, **terms}
    task = _Task(candles, terms, dict(rules or {}), signals, tuple(metrics), starting_balance)
    # Sets with the same signals side by side.
    order = sorted(range(len(sets)), key=lambda i: _signal_key(sets[i]))
    parts = [order[i : i + part_size] for i in range(0, len(order), part_size)]
    store = _Store(folder, task, sets, part_size) if folder is not None else None
    rows: dict[int, list[float]] = {}
    left = []
    for number, part in enumerate(parts):
        known = store.load(number) if store else None
        if known is None:
            left.append((number, [(i, sets[i]) for i in part]))
        else:
            rows.update(known)
    with _Progress(len(sets), len(rows), shown=progress) as advance:
        for number, found in _run(task, left, n_jobs, threads):
            if store:
                store.save(number, found)
            rows.update(found)
            advance(len(found))
    table = pd.DataFrame(sets, columns=names)
    for column, name in enumerate(wanted):
        table[name] = [rows[i][column] for i in range(len(sets))]
    return Sweep(table, names, wanted)


def _parameter_sets(parameters: Any) -> Iterator[Parameters]:
    if isinstance(parameters, Mapping):
        values = [list(values) for values in parameters.values()]
        for combination in itertools.product(*values):
            yield dict(zip(parameters, combination, strict=True))
        return
    for i, one in enumerate(parameters):
        if not isinstance(one, Mapping):
            raise TypeError(f"parameters[{i}]: expected a mapping, found {type(one).__name__}")
        yield dict(one)


def _signal_key(parameters: Parameters) -> str:
    return repr(sorted((name, v) for name, v in parameters.items() if name not in _RULES))


def _run(
    task: _Task,
    parts: list[tuple[int, list[tuple[int, Parameters]]]],
    n_jobs: int | None,
    threads: int | None,
) -> Iterator[tuple[int, list[Row]]]:
    """Parts as they are done."""
    parallel = _joblib(n_jobs)
    if parallel is None:
        yield from (_part(task, number, part, threads) for number, part in parts)
    else:
        work = parallel.delayed(_part)
        calls = (work(task, number, part, threads or 1) for number, part in parts)
        yield from parallel.Parallel(n_jobs=n_jobs, return_as="generator_unordered")(calls)


def _joblib(n_jobs: int | None) -> Any:
    """joblib, if it is to run the parts: for more than one job, by argument or by its backend."""
    if n_jobs is None and "joblib" not in sys.modules:
        return None
    try:
        import joblib  # type: ignore[import-untyped]
    except ImportError:
        raise ImportError("n_jobs needs joblib: pip install ft-numba-aot[distributed]") from None
    return joblib if joblib.effective_n_jobs(n_jobs) != 1 else None


def _part(
    task: _Task, number: int, part: list[tuple[int, Parameters]], threads: int | None
) -> tuple[int, list[Row]]:
    """The metrics of some of the sets."""
    simulation = Simulation(task.candles, **{**_DEFAULTS, **task.terms})
    wanted = named(task.metrics)
    pairs = list(simulation.frames)
    dates = [simulation.candles(pair).milliseconds(np.array([0, -1])) for pair in pairs]
    start, end = (
        pd.Timestamp(date, unit="ms", tz="UTC")
        for date in (min(first for first, _ in dates), max(last for _, last in dates))
    )
    rows: list[Row] = []
    for _, group in itertools.groupby(part, key=lambda one: _signal_key(one[1])):
        sets = list(group)
        signals = _signals_of(task, simulation, sets[0][1])
        jobs = []
        for _, parameters in sets:
            chosen = {name: value for name, value in parameters.items() if name in _RULES}
            rules = Rules(**{**task.rules, **chosen})
            jobs += [Job(pair, rules, signals[pair]) for pair in pairs]
        trades = simulation.trades(jobs, threads)
        for k, (i, _) in enumerate(sets):
            one = trades[k * len(pairs) : (k + 1) * len(pairs)]
            rows.append((i, score(one, wanted, start, end, task.starting_balance)))
    return number, rows


def _signals_of(task: _Task, simulation: Simulation, parameters: Parameters) -> dict[str, Any]:
    if task.signals is None:
        return dict.fromkeys(simulation.frames)
    others = {name: value for name, value in parameters.items() if name not in _RULES}
    return {pair: task.signals(frame, others) for pair, frame in simulation.frames.items()}


class _Progress:
    """A progress bar of parameter sets."""

    def __init__(self, total: int, done: int, *, shown: bool) -> None:
        self.bar = None
        if shown:
            from rich.progress import (
                BarColumn,
                MofNCompleteColumn,
                Progress,
                TextColumn,
                TimeRemainingColumn,
            )

            self.bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
            )
            self.task = self.bar.add_task("Parameter sets", total=total, completed=done)

    def __enter__(self) -> Callable[[int], None]:
        if self.bar is None:
            return lambda count: None
        bar = self.bar
        bar.start()
        return lambda count: bar.advance(self.task, count)

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()


class _Store:
    """Results on disk: a file for each part, and one that says which sweep they are of."""

    def __init__(
        self, folder: str | os.PathLike[str], task: _Task, sets: list[Parameters], part_size: int
    ) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        told = {"sweep": _fingerprint(task, sets, part_size), "sets": len(sets)}
        path = self.folder / "sweep.json"
        if not path.exists():
            self._write(path, told)
        elif json.loads(path.read_text(encoding="utf-8")) != told:
            raise ValueError(f"folder: {self.folder} has the results of another sweep")

    def load(self, number: int) -> list[Row] | None:
        path = self._path(number)
        if not path.exists():
            return None
        return [(i, values) for i, values in json.loads(path.read_text(encoding="utf-8"))]

    def save(self, number: int, rows: list[Row]) -> None:
        self._write(self._path(number), rows)

    def _path(self, number: int) -> Path:
        return self.folder / f"part-{number:06}.json"

    def _write(self, path: Path, content: Any) -> None:
        """Whole or not at all."""
        descriptor, name = tempfile.mkstemp(dir=self.folder, suffix=".tmp")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file)
        os.replace(name, path)


def _fingerprint(task: _Task, sets: list[Parameters], part_size: int) -> str:
    digest = hashlib.blake2b(digest_size=16)
    single = hasattr(task.candles, "columns") or "open" in task.candles
    for pair, frame in ({"": task.candles} if single else task.candles).items():
        digest.update(repr((pair, len(frame["open"]))).encode())
        for name in ("date", *PRICES, *SIGNALS):
            if name in frame:
                hashed = pd.util.hash_pandas_object(pd.Series(frame[name]), index=False)
                digest.update(name.encode() + hashed.to_numpy().tobytes())
    told = (
        sets,
        part_size,
        sorted(task.rules.items()),
        sorted(task.terms.items(), key=lambda item: item[0]),
        [_named(metric) for metric in task.metrics],
        _named(task.signals),
        task.starting_balance,
    )
    digest.update(repr(told).encode())
    return digest.hexdigest()


def _named(function: Any) -> Any:
    """A function by its name and code, which are the same in another process."""
    if not callable(function):
        return function
    code = getattr(function, "__code__", None)
    name = (getattr(function, "__module__", ""), getattr(function, "__qualname__", type(function)))
    return name if code is None else (*name, code.co_code, repr(code.co_names), _constants(code))


def _constants(code: Any) -> str:
    return repr(
        [(c.co_code, _constants(c)) if hasattr(c, "co_code") else c for c in code.co_consts]
    )


_DEFAULTS: dict[str, Any] = {
    "markets": None,
    "timeframe": None,
    "balance": float("inf"),
    "tradable_balance_ratio": 0.99,
    "exit_timeout": 10,
}
