"""technical's indicators, ours against its own, on the same frame.

Functions that write into their frame get a shallow copy in each call, ours and the original.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from candles import frame

from benchmarks.comparisons import Comparison, market
from ft_numba_aot.freqtrade_integration import table

# Keywords that aren't the defaults, by function.
OPTIONS: dict[str, dict[str, Any]] = {
    "vwma": {"window": 20},
    "rma": {"period": 20},
    "touches": {"level": 100.0},
    "resample_to_interval": {"interval": 60},
}
# What only some calls show: a row of its own.
VARIANTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("SSLChannels", {"mode": "ema"}),
    ("PMAX", {"MAtype": 5}),
)
# Originals that take minutes on long frames, and how many candles they get at most.
SLOW = {"mmar": 2_000, "madrid_sqz": 5_000, "PMAX": 10_000}
# They write into their argument.
WRITING = frozenset(
    (
        *("td_sequential", "mmar", "madrid_sqz", "vfi", "stc", "vwmacd", "osc"),
        *("return_on_investment", "resampled_merge"),
    )
)


def parts(result: Any) -> list[Any]:
    """Arrays of everything in a result: Series and frames by their columns, texts as they are."""
    if isinstance(result, dict):
        return [array for one in result.values() for array in parts(one)]
    if isinstance(result, tuple | list):
        return [array for one in result for array in parts(one)]
    if isinstance(result, pd.DataFrame):
        return [array for name in result.columns for array in parts(result[name])]
    array = np.asarray(result)
    return [array if array.dtype.kind in "fiubM" else array.astype(str)]


def comparisons(length: int) -> Iterator[Comparison]:
    """One row a function, and a row for each variant."""
    for name in table.LATE:
        if not name.startswith("indicators.technical_"):
            continue
        module = importlib.import_module(f"ft_numba_aot.freqtrade_integration.{name}")
        for replacement in module.REPLACEMENTS:
            function = replacement.original.partition(":")[2]
            if function.startswith("Consensus."):
                continue
            yield _compared(function, replacement.ours, length, OPTIONS.get(function, {}))
            for varied, options in VARIANTS:
                if varied == function:
                    yield _compared(function, replacement.ours, length, options)
    yield from _consensuses(length)


def _consensuses(length: int) -> Iterator[Comparison]:
    """A whole consensus: our methods in a class beside the original's."""
    from technical.consensus import MovingAverageConsensus, OscillatorConsensus

    from ft_numba_aot.freqtrade_integration.indicators import technical_consensus

    methods = {
        one.original.rpartition(".")[2]: one.ours for one in technical_consensus.REPLACEMENTS
    }
    candles = frame(market(length))

    def scored(kind: type) -> dict[str, Any]:
        return dict(kind(candles.copy(deep=False)).score())

    for kind in (MovingAverageConsensus, OscillatorConsensus):
        ours = type(kind.__name__, (kind,), methods)
        calls = (partial(scored, ours), partial(scored, kind))
        yield Comparison("technical", f"{kind.__name__}, with its score", *calls, parts)


def _compared(name: str, ours: Any, length: int, options: dict[str, Any]) -> Comparison:
    candles = frame(market(min(length, SLOW.get(name, length))))
    shown = name + (f"({', '.join(f'{k}={v!r}' for k, v in options.items())})" if options else "")
    if len(candles) < length:
        shown += f", {len(candles):,} candles"
    arguments = ARGUMENTS.get(name, lambda given: (given,))
    calls = [_on_copies(one, name, arguments(candles), options) for one in (ours, ours.__wrapped__)]
    return Comparison("technical", shown, *calls, parts)


def _on_copies(
    function: Any, name: str, arguments: tuple[Any, ...], options: dict[str, Any]
) -> Callable[[], Any]:
    if name not in WRITING:
        return partial(function, *arguments, **options)

    def run() -> Any:
        return function(*[argument.copy(deep=False) for argument in arguments], **options)

    return run


def _with_signals(candles: pd.DataFrame) -> tuple[Any, ...]:
    return (candles.assign(buy=(np.arange(len(candles)) % 17 == 3).astype(float)),)


def _with_hours(candles: pd.DataFrame) -> tuple[Any, ...]:
    from technical import util

    return candles, util.resample_to_interval(candles, 60)


ARGUMENTS: dict[str, Callable[[pd.DataFrame], tuple[Any, ...]]] = {
    "ehlers_super_smoother": lambda candles: (candles["close"],),
    "return_on_investment": _with_signals,
    "resampled_merge": _with_hours,
}
