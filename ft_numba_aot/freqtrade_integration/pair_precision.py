"""The price precision of a pair at a time, without pandas' ``asof`` for each entry.

Imports freqtrade and pandas.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import weakref
from bisect import bisect_right
from datetime import datetime
from functools import wraps
from math import isnan
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from freqtrade.exchange.exchange_utils import TICK_SIZE
from freqtrade.optimize.backtesting import Backtesting

from .replacement import Replacement

_original = Backtesting.get_pair_precision


class _Steps(NamedTuple):
    """A series of precisions: ``values[i]`` holds from ``dates[i]`` on, where it isn't NaN."""

    series: weakref.ref[Any]
    index: Any
    tz: Any
    dates: list[datetime]
    values: npt.NDArray[np.float64]


# By the series' id; a series that is gone takes its entry with it.
_known: dict[int, _Steps] = {}


def _steps(series: Any) -> _Steps | None:
    """The series as lists, None where ``asof`` may see more in it than they hold."""
    key = id(series)
    known = _known.get(key)
    if known is not None and known.series() is not None and known.index is series.index:
        return known
    index = series.index if type(series) is pd.Series else None
    if (
        not isinstance(index, pd.DatetimeIndex)
        or not len(index)
        or series.dtype != np.float64
        or index.tz is None
        or str(index.tz) != "UTC"
        or index.hasnans
        or not index.is_monotonic_increasing
        or (index.unit == "ns" and bool((index.asi8 % 1000).any()))
    ):
        return None
    reference = weakref.ref(series, lambda _: _known.pop(key, None))
    dates = index.to_pydatetime().tolist()
    steps = _known[key] = _Steps(reference, index, index.tz, dates, series.to_numpy())
    return steps


@wraps(_original)
def _get_pair_precision(
    self: Backtesting, pair: str, current_time: datetime
) -> tuple[float | None, int]:
    series = self.price_pair_prec.get(pair)
    if series is not None:
        steps = _steps(series)
        if (
            steps is None
            or type(current_time) is not datetime
            or current_time.tzinfo is not steps.tz
        ):
            return _original(self, pair, current_time)  # type: ignore[no-any-return]
        last = bisect_right(steps.dates, current_time) - 1
        while last >= 0:
            precision = steps.values[last]
            if not isnan(precision):
                return precision, TICK_SIZE
            last -= 1
    return self.exchange.get_precision_price(pair), self.precision_mode_price


REPLACEMENTS: tuple[Replacement, ...] = (
    Replacement(
        "freqtrade.optimize.backtesting:Backtesting.get_pair_precision",
        _get_pair_precision,
        "precision",
    ),
)
