"""What freqtrade does for strategies: informative pairs, and its copies of analysed candles."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.comparisons import Comparison, market

COLUMNS = 36
INDICATORS = 40


def comparisons(length: int) -> Iterator[Comparison]:
    """Candles of five minutes, and of hours that began a day before, in 36 columns."""
    from freqtrade.strategy import strategy_helper as original
    from freqtrade.strategy.interface import IStrategy

    from ft_numba_aot.freqtrade_integration import advising, informative

    compare = partial(Comparison, "freqtrade.strategy", values=_arrays)
    hourly = _candles("2025-12-31", "h", length // 12 + 25)
    for number in range(COLUMNS - len(hourly.columns)):
        hourly[f"indicator{number}"] = hourly["close"] * number
    for start, name in (("12:30", ""), ("12:55", ", from an hour's last candle on")):
        candles = _candles(f"2026-01-01 {start}", "5min", length)
        arguments = candles, hourly, "5m", "1h"
        yield compare(
            f"merge_informative_pair, {COLUMNS} columns{name}",
            partial(informative.merge_informative_pair, *arguments),
            partial(original.merge_informative_pair, *arguments),
        )
    named = hourly.add_suffix("_1h")
    prepared = original._prepare_informative_pair(
        named, "5m", "1h", append_timeframe=False, date_column="date_1h"
    )
    yield compare(
        f"@informative, {COLUMNS} columns that a bot has kept",
        partial(informative.merge_prepared, candles, prepared),
        partial(original._merge_prepared_informative_pair, candles, prepared),
    )
    # What is left of it once the strategy's own work is done: each column is a piece of the frame.
    analysed = candles.copy()
    for number in range(INDICATORS):
        analysed[f"indicator{number}"] = candles["close"] * number
    strategy = SimpleNamespace(
        disable_dataframe_checks=False, advise_indicators=lambda frame, metadata: analysed
    )
    data = {"COIN/USDT": candles}
    yield Comparison(
        "freqtrade.strategy",
        f"advise_all_indicators, a frame with {INDICATORS} indicators",
        partial(advising.advise_all_indicators, strategy, data),
        partial(IStrategy.advise_all_indicators, strategy, data),
        lambda result: _arrays(result["COIN/USDT"]),
    )


def _candles(start: str, freq: str, length: int) -> pd.DataFrame:
    dates = pd.date_range(start, periods=length, freq=freq, tz="UTC", unit="ms")
    return pd.DataFrame({"date": dates, **market(length)})


def _arrays(frame: pd.DataFrame) -> list[Any]:
    """The columns, dates as numbers, after their names and types."""
    heads = [np.array(frame.columns), np.array([str(dtype) for dtype in frame.dtypes])]
    columns = (frame[name].array for name in frame.columns)
    return heads + [getattr(column, "asi8", np.asarray(column)) for column in columns]
