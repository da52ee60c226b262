"""qtpylib's indicators, ours against its own, on the same frame or its close."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from candles import frame

from benchmarks.comparisons import Comparison, market
from ft_numba_aot.freqtrade_integration import table

# What strategies call them with, where it isn't the defaults, and what the defaults don't show.
OPTIONS: dict[str, tuple[dict[str, Any], ...]] = {
    "rolling_mean": ({"window": 20}, {"window": 200}, {"window": 20, "min_periods": 1}),
    "rolling_std": ({"window": 20}, {"window": 200}, {"window": 20, "min_periods": 1}),
    "sma": ({"window": 20},),
    "wma": ({"window": 20},),
    "hma": ({"window": 20},),
    "zlema": ({"window": 20},),
    "zlsma": ({"window": 20, "min_periods": 5},),
    "zlhma": ({"window": 20},),
    "awesome_oscillator": ({}, {"weighted": True}),
    "atr": ({}, {"exp": True}),
}
OF_A_FRAME = frozenset(
    (
        *("typical_price", "mid_price", "ibs", "true_range", "pvt", "heikinashi"),
        *("awesome_oscillator", "rolling_vwap", "atr", "keltner_channel", "cci", "stoch"),
        *("chopiness", "zscore"),
    )
)
MODULES = ("indicators.crossings", "indicators.heikin_ashi", "indicators.qtpylib_")


def columns(result: Any) -> list[Any]:
    """The arrays in a Series or frame."""
    if isinstance(result, pd.DataFrame):
        return [result[name].to_numpy() for name in result.columns]
    return [np.asarray(result)]


def comparisons(length: int) -> Iterator[Comparison]:
    """One row a function, more where options make another computation of it."""
    candles = frame(market(length))
    close = candles["close"]
    average = close.rolling(20).mean()
    for name in table.LATE:
        if not name.startswith(MODULES):
            continue
        module = importlib.import_module(f"ft_numba_aot.freqtrade_integration.{name}")
        for replacement in module.REPLACEMENTS:
            function = replacement.original.partition(":")[2]
            arguments = (candles,) if function in OF_A_FRAME else (close,)
            if function.startswith("crossed"):
                arguments += (average, "above") if function == "crossed" else (average,)
            for options in OPTIONS.get(function, ({},)):
                shown = ", ".join(f"{option}={value!r}" for option, value in options.items())
                ours, original = replacement.ours, replacement.ours.__wrapped__
                yield Comparison(
                    "qtpylib",
                    f"{function}({shown})" if shown else function,
                    partial(ours, *arguments, **options),
                    partial(original, *arguments, **options),
                    columns,
                )
