"""pandas-ta's functions, ours against its own, with their defaults on the same candles."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
from candles import frame

from benchmarks.comparisons import Comparison, market
from ft_numba_aot.freqtrade_integration import placing, table

# Without TA-Lib, where the loop is only then in Python.
OPTIONS: dict[str, dict[str, Any]] = {name: {"talib": False} for name in ("aroon", "cci", "wma")}
# What else strategies ask for.
VARIANTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("linreg", {"r": True}),
    ("ssf", {"poles": 3}),
    ("cti", {"length": 20}),
)
# Originals that take a minute on long frames, and how many candles they get at most.
SLOW = {"td_seq": 5_000, "qqe": 10_000}
_COLUMNS = {"open_": "open", **{name: name for name in ("high", "low", "close", "volume")}}


def parts(result: Any) -> list[Any]:
    """The arrays of a Series or frame, or of several."""
    if isinstance(result, tuple):
        return [array for one in result for array in parts(one)]
    if isinstance(result, pd.DataFrame):
        return [np.asarray(result[name]) for name in result.columns]
    return [np.asarray(result)]


def comparisons(length: int) -> Iterator[Comparison]:
    """One row a function, and a row for each variant."""
    package = f"{table.__package__}.indicators"
    for module in table.LATE:
        if not module.startswith("indicators.pandas_ta_"):
            continue
        for one in import_module(f"{package}.{module.partition('.')[2]}").REPLACEMENTS:
            original = placing.get_static(*placing.resolve(one.original))
            name = original.__name__
            candles = frame(market(min(length, SLOW.get(name, length))))
            source = candles.set_index("date") if name == "vwap" else candles
            asked = inspect.signature(original).parameters
            columns = {key: source[_COLUMNS[key]] for key in asked if key in _COLUMNS}
            for given in [{}, *(options for variant, options in VARIANTS if variant == name)]:
                keywords = {**OPTIONS.get(name, {}), **given}
                shown = "".join(f", {key}={value}" for key, value in keywords.items())
                if len(candles) < length:
                    shown += f", {len(candles):,} candles"
                yield Comparison(
                    "pandas-ta",
                    name + shown,
                    partial(one.ours, **columns, **keywords),
                    partial(original, **columns, **keywords),
                    parts,
                )
