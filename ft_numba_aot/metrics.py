"""The numbers in freqtrade's reports: the thin layer over ``kernels/metrics.py``.

Imports numpy and the backend; frames are used as they come, without importing pandas.
Plain names (``total``, ``std``) treat NaN as numpy does, ``nan_`` names as pandas does.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ._backend import call, work

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = [
    "DrawdownSeries",
    "MaxDrawdown",
    "calculate_market_change",
    "downside_deviation",
    "drawdown_series",
    "max_drawdown",
    "mean",
    "nan_mean",
    "nan_std",
    "nan_total",
    "nan_variance",
    "std",
    "total",
    "variance",
]

logger = logging.getLogger(__name__)

Floats: TypeAlias = npt.NDArray[np.float64]

_drawdown_series = call("drawdown_series")
_drawdown_turns = call("drawdown_turns")
_sequential_variance = call("sequential_variance")
_valid_ends = call("valid_ends")


def _vector(values: npt.ArrayLike) -> Floats:
    vector = np.ascontiguousarray(values, dtype=np.float64)
    if vector.ndim != 1:
        raise ValueError(f"expected one dimension, found {vector.ndim}")
    return vector


def _reduction(name: str) -> Callable[..., float]:
    """The kernel ``name`` with its work space."""
    kernel, size = call(name), work(name)
    assert size is not None

    def reduce(vector: Floats, *parameters: int) -> float:
        space = np.empty(size(len(vector), *parameters))
        result: float = kernel(vector, *parameters, space)
        return result

    return reduce


_pairwise_sum = _reduction("pairwise_sum")
_pairwise_variance = _reduction("pairwise_variance")


def total(values: npt.ArrayLike) -> float:
    """``numpy.sum``."""
    vector = _vector(values)
    result = _pairwise_sum(vector)
    # numpy warns where a sum overflows.
    return result if math.isfinite(result) else float(np.sum(vector))


def mean(values: npt.ArrayLike) -> float:
    """``numpy.mean``."""
    vector = _vector(values)
    if len(vector) and math.isfinite(result := _pairwise_sum(vector)):
        return float(result / len(vector))
    return float(np.mean(vector))


def variance(values: npt.ArrayLike, ddof: int = 0) -> float:
    """``numpy.var``."""
    vector = _vector(values)
    if len(vector) > ddof:
        result = _pairwise_variance(vector, ddof)
        if math.isfinite(result):
            return result
    return float(np.var(vector, ddof=ddof))


def std(values: npt.ArrayLike, ddof: int = 0) -> float:
    """``numpy.std``."""
    return math.sqrt(variance(values, ddof))


def _without_nan(vector: Floats) -> tuple[Floats, int]:
    """NaN replaced by zero, and how many values aren't NaN."""
    valid = ~np.isnan(vector)
    return np.where(valid, vector, 0.0), int(np.count_nonzero(valid))


def nan_total(values: npt.ArrayLike) -> float:
    """The sum of a pandas Series."""
    vector = _vector(values)
    result = _pairwise_sum(vector)
    return result if math.isfinite(result) else float(np.sum(_without_nan(vector)[0]))


def nan_mean(values: npt.ArrayLike) -> float:
    """The mean of a pandas Series; NaN without values."""
    vector = _vector(values)
    result = _pairwise_sum(vector)
    count = len(vector)
    if not math.isfinite(result):
        vector, count = _without_nan(vector)
        result = float(np.sum(vector))
    return result / count if count else math.nan


def nan_variance(values: npt.ArrayLike, ddof: int = 1) -> float:
    """The variance of a pandas Series, by bottleneck as freqtrade installs it."""
    vector = _vector(values)
    result: float = _sequential_variance(vector, ddof)
    if not math.isinf(result):
        return result
    # pandas repeats an infinite result in its own way, which may end in NaN.
    with np.errstate(all="ignore"):
        filled, count = _without_nan(vector)
        squares = (np.sum(filled) / count - filled) ** 2
        squares[np.isnan(vector)] = 0.0
        return float(np.sum(squares) / (count - ddof))


def nan_std(values: npt.ArrayLike, ddof: int = 1) -> float:
    """The standard deviation of a pandas Series, by bottleneck as freqtrade installs it."""
    return math.sqrt(nan_variance(values, ddof))


def downside_deviation(values: npt.ArrayLike, divisor: float = 1.0, ddof: int = 0) -> float:
    """Standard deviation of ``values / divisor`` for the values below zero, as in Sortino's ratio.

    By bottleneck, as ``nan_std``; NaN without losses.
    """
    vector = _vector(values)
    with np.errstate(all="ignore"):
        return nan_std(vector[vector < 0.0] / divisor, ddof)


@dataclass(frozen=True, slots=True, eq=False)
class DrawdownSeries:
    """The columns of freqtrade's ``calculate_underwater``: a row of zeros, then a row a trade."""

    cumulative: Floats
    high_value: Floats
    drawdown: Floats
    drawdown_relative: Floats


@dataclass(frozen=True, slots=True)
class MaxDrawdown:
    """freqtrade's ``DrawDownResult``, with the trades' positions in place of their dates."""

    drawdown_abs: float
    high_index: int
    low_index: int
    high_value: float
    low_value: float
    relative_account_drawdown: float
    current_high_index: int
    current_high_value: float
    current_drawdown_abs: float
    current_relative_account_drawdown: float


def drawdown_series(profits: npt.ArrayLike, starting_balance: float = 0.0) -> DrawdownSeries:
    """Cumulative profit, its high-water mark and the drawdowns, for trades in order of their date.

    ``starting_balance`` makes relative drawdowns those of the account.
    """
    profit = _vector(profits)
    if not len(profit):
        raise ValueError("Trade dataframe empty.")
    rows = np.empty((4, len(profit) + 1))
    balance = float(starting_balance)
    if profit[0] == 0.0 and np.signbit(profit[0]):
        # The only way to a -0.0, whose maximum with 0.0 numpy leaves to the CPU.
        _numpy_drawdown_series(profit, balance, rows)
    else:
        _drawdown_series(profit, balance, *rows)
    return DrawdownSeries(*rows)


def _numpy_drawdown_series(profit: Floats, starting_balance: float, rows: Floats) -> None:
    rows[:, 0] = 0.0
    cumulative, high_value, drawdown, relative = rows[:, 1:]
    with np.errstate(all="ignore"):
        missing = np.isnan(profit)
        np.cumsum(np.where(missing, 0.0, profit), out=cumulative)
        cumulative[missing] = np.nan
        missing = np.isnan(cumulative)
        highest = np.maximum.accumulate(np.where(missing, -np.inf, cumulative))
        highest[missing] = np.nan
        np.maximum(0, highest, out=high_value)
        np.subtract(cumulative, high_value, out=drawdown)
        if starting_balance:
            peak = starting_balance + high_value
            relative[:] = (peak - (starting_balance + cumulative)) / peak
        else:
            relative[:] = (high_value - cumulative) / high_value


def max_drawdown(
    profits: npt.ArrayLike, starting_balance: float = 0.0, *, relative: bool = False
) -> MaxDrawdown:
    """The deepest drawdown and the current one, as freqtrade's ``calculate_max_drawdown``.

    For trades in order of their date; ``relative`` picks the deepest by its ratio.
    """
    series = drawdown_series(profits, starting_balance)
    turns = np.empty(3, dtype=np.int64)
    _drawdown_turns(
        series.high_value, series.drawdown, series.drawdown_relative, bool(relative), turns
    )
    low, high, current_high = turns.tolist()
    current_high_value = float(series.high_value[-1])
    return MaxDrawdown(
        drawdown_abs=abs(float(series.drawdown[low])),
        high_index=max(high - 1, 0),
        low_index=max(low - 1, 0),
        high_value=float(series.cumulative[high]),
        low_value=float(series.cumulative[low]),
        relative_account_drawdown=float(series.drawdown_relative[low]),
        current_high_index=max(current_high - 1, 0),
        current_high_value=current_high_value,
        current_drawdown_abs=current_high_value - float(series.cumulative[-1]),
        current_relative_account_drawdown=float(series.drawdown_relative[-1]),
    )


def calculate_market_change(
    data: Mapping[str, DataFrame], column: str = "close", min_date: datetime | None = None
) -> float:
    """Mean over the pairs of ``column``'s change from its first value to its last.

    freqtrade's function of this name. Values before ``min_date`` are left out, and pairs that
    have none after it.
    """
    changes = []
    for pair, candles in data.items():
        kept = None if min_date is None else candles["date"] >= min_date
        if candles.empty or (kept is not None and not kept.any()):
            logger.warning("Pair %s has no data after %s.", pair, min_date)
            continue
        first, last = _ends(candles, column, kept)
        changes.append((last - first) / first)
    return float(np.mean(changes)) if changes else 0.0


def _ends(candles: DataFrame, column: str, kept: Any) -> tuple[Any, Any]:
    """The first and the last value that isn't NaN among the rows ``kept``."""
    series = candles[column]
    if getattr(series, "dtype", None) == np.float64 and (
        kept is None or getattr(kept, "dtype", None) == np.bool_
    ):
        values = series.to_numpy()
        if kept is not None:
            mask = kept.to_numpy()
            start = int(mask.argmax())
            values = values[start:] if mask[start:].all() else values[mask]
        if not (math.isnan(values[0]) or math.isnan(values[-1])):
            return values[0], values[-1]
        ends = np.empty(2, dtype=np.int64)
        _valid_ends(np.ascontiguousarray(values), ends)
        if ends[0] >= 0:
            return values[ends[0]], values[ends[1]]
    valid = (candles if kept is None else candles[kept])[column].dropna()
    return valid.iloc[0], valid.iloc[-1]
