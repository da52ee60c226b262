"""What freqtrade's metrics are made of, on arrays: the thin layer over ``kernels/metrics.py``.

Imports numpy and the backend. Plain names (``total``, ``std``) treat NaN as numpy does, ``nan_``
names as pandas does.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from .._backend import call, work

__all__ = [
    "DrawdownSeries",
    "MaxDrawdown",
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
    "valid_ends",
    "variance",
]

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


pairwise_sum = _reduction("pairwise_sum")
_pairwise_variance = _reduction("pairwise_variance")


def total(values: npt.ArrayLike) -> float:
    """``numpy.sum``."""
    vector = _vector(values)
    result = pairwise_sum(vector)
    # numpy warns where a sum overflows.
    return result if math.isfinite(result) else float(np.sum(vector))


def mean(values: npt.ArrayLike) -> float:
    """``numpy.mean``."""
    vector = _vector(values)
    if len(vector) and math.isfinite(result := pairwise_sum(vector)):
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
    result = pairwise_sum(vector)
    return result if math.isfinite(result) else float(np.sum(_without_nan(vector)[0]))


def nan_mean(values: npt.ArrayLike) -> float:
    """The mean of a pandas Series; NaN without values."""
    vector = _vector(values)
    result = pairwise_sum(vector)
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


def valid_ends(values: npt.ArrayLike) -> tuple[int, int] | None:
    """Where the first and the last value is that isn't NaN; None without any."""
    ends = np.empty(2, dtype=np.int64)
    _valid_ends(_vector(values), ends)
    first, last = ends.tolist()
    return None if first < 0 else (first, last)
