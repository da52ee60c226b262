"""What freqtrade computes on trades: drawdowns, expectancy, Sharpe, Sortino, Calmar and others.

Functions of a frame have the names, arguments, results and errors of ``freqtrade.data.metrics``,
whose formulas and order of operations they follow; functions of arrays, at their top, are what
reports are made of. Imports pandas, and scipy for p-values.
"""

from __future__ import annotations

import functools
import math
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._dates import Dates
from . import stock
from .arrays import MaxDrawdown, drawdown_series, max_drawdown
from .certain import or_else
from .columns import (
    ARITHMETIC_IS_KNOWN,
    Floats,
    column,
    date_order,
    dates_of,
    deviation,
    finite_floats,
    is_balance_or_none,
    is_usual_balance,
    uses_bottleneck,
)
from .results import DrawDownResult

_ROOT_OF_DAYS = np.sqrt(365)

# The versions whose t-test is the one below.
SCIPY_VERSIONS = ("1.16", "1.17", "1.18")


class Expectancy(NamedTuple):
    """What winners and losers make of the trades; each as freqtrade calculates it."""

    expectancy: float
    ratio: float
    profit_factor: float
    wins: int
    losses: int
    gained: float
    lost: float


def expectancy(profit: Floats) -> Expectancy:
    """Expectancy, its ratio and the profit factor of trades, at least one."""
    winners, losers = profit[profit > 0], profit[profit < 0]
    wins, losses = len(winners), len(losers)
    gained, lost = np.add.reduce(winners), np.add.reduce(losers)
    average_win = (gained / wins) if wins > 0 else 0
    average_loss = (abs(lost) / losses) if losses > 0 else 0
    winrate = wins / len(profit)
    loserate = losses / len(profit)
    expected = (winrate * average_win) - (loserate * average_loss)
    ratio = 100.0
    if average_loss > 0:
        risk_reward_ratio = average_win / average_loss
        ratio = ((1 + risk_reward_ratio) * winrate) - 1
    profit_factor = gained / abs(lost) if lost else 0.0
    return Expectancy(expected, ratio, profit_factor, wins, losses, gained, lost)


def annualized(expected: float, spread: float) -> float:
    """A ratio to a spread, by the root of the year's days; -100 without any spread."""
    if spread != 0 and not math.isnan(spread):
        return float(expected / spread * _ROOT_OF_DAYS)
    return -100.0


def sharpe(returns: Floats, days: int) -> float:
    """Annualised, from the returns of trades over so many days."""
    return annualized(np.add.reduce(returns) / days, deviation(returns, 0))


def sortino(returns: Floats, days: int) -> float:
    """As ``sharpe``, by the spread of the losses."""
    return annualized(np.add.reduce(returns) / days, deviation(returns[returns < 0], 0))


def calmar(profit: Floats, balance: float, days: int, relative_drawdown: float) -> float:
    """Annualised, from the total profit and the deepest drawdown."""
    return annualized(np.add.reduce(profit) / balance / days * 100, relative_drawdown)


def sqn(returns: Floats) -> float:
    """Van Tharp's system quality number."""
    spread = deviation(returns, 1)
    if spread != 0 and not math.isnan(spread):
        mean = np.add.reduce(returns) / len(returns)
        number: float = round(math.sqrt(len(returns)) * (mean / spread), 4)
        return number
    return -100.0


def p_value(returns: Floats) -> float:
    """Of the two-sided t-test for a mean of zero."""
    if len(returns) < 2 or deviation(returns, 1) == 0:
        return 1.0
    if _t_test_is_known():
        probability = _t_test(returns)
        if probability is not None:
            return probability
    return _scipys_p_value(returns)


def _scipys_p_value(values: Floats) -> float:
    from scipy import stats  # type: ignore[import-untyped, unused-ignore]

    return float(stats.ttest_1samp(values, popmean=0)[1])


def _t_test(values: Floats) -> float | None:
    """``ttest_1samp``'s p-value; None for nearly equal values, of which scipy warns."""
    from scipy.special import stdtr  # type: ignore[import-untyped, unused-ignore]

    n = len(values)
    mean = np.add.reduce(values) / n
    deviations = values - mean
    if not np.abs(deviations).max() > 1e-12 * abs(mean):
        return None
    deviations *= deviations
    variance = np.add.reduce(deviations) / n * (n / (n - 1))
    statistic = mean / np.sqrt(variance / n)
    return float(2 * stdtr(float(n - 1), -abs(statistic)))


@functools.cache
def _t_test_is_known() -> bool:
    import scipy

    if ".".join(scipy.__version__.split(".")[:2]) not in SCIPY_VERSIONS:
        return False
    series: Floats = np.arange(1.0, 400.0) * 0.618033988749895 % 1.0 - 0.4
    return all(
        _t_test(series[:n] * 1e-3) == _scipys_p_value(series[:n] * 1e-3)
        for n in (2, 3, 10, 129, 399)
    )


def lowest_and_highest(profit: Floats, starting_balance: float) -> tuple[float, float]:
    """Of the balance, as the trades are listed."""
    cumulative = np.add.accumulate(profit)
    lowest, highest = cumulative.min(), cumulative.max()
    if uses_bottleneck():
        # Whose minimum is Python's float.
        lowest, highest = float(lowest), float(highest)
    return lowest + starting_balance, highest + starting_balance


def drawdown(
    profit: Floats, closed: Dates, balance: float, *, relative: bool = False
) -> MaxDrawdown:
    """The deepest drawdown of trades as they were closed; positions are of the sorted trades."""
    return max_drawdown(profit[date_order(closed)], balance, relative=relative)


def drawdown_result(
    deepest: MaxDrawdown, order: npt.NDArray[np.intp], dates: Any
) -> DrawDownResult:
    """With the dates, which are the trades' as they are listed; ``order`` sorts them."""
    return DrawDownResult(
        drawdown_abs=np.float64(deepest.drawdown_abs),
        high_date=dates[order[deepest.high_index]],
        low_date=dates[order[deepest.low_index]],
        high_value=np.float64(deepest.high_value),
        low_value=np.float64(deepest.low_value),
        relative_account_drawdown=np.float64(deepest.relative_account_drawdown),
        current_high_date=dates[order[deepest.current_high_index]],
        current_high_value=np.float64(deepest.current_high_value),
        current_drawdown_abs=np.float64(deepest.current_drawdown_abs),
        current_relative_account_drawdown=np.float64(deepest.current_relative_account_drawdown),
    )


def days_between(first: datetime, last: datetime) -> int:
    """At least one."""
    return max(1, (last - first).days)


def profits(trades: Any) -> Floats | None:
    """The column ``profit_abs``, if there are trades and all of it is certain."""
    profit = finite_floats(trades, "profit_abs") if ARITHMETIC_IS_KNOWN else None
    return profit if profit is not None and len(profit) else None


def returns_of(trades: Any, starting_balance: Any) -> Floats | None:
    """What freqtrade divides: profit by balance."""
    profit = profits(trades) if is_usual_balance(starting_balance) else None
    return None if profit is None else profit / starting_balance


def has_period(min_date: Any, max_date: Any) -> bool:
    """Whether there are two dates, and not the same one twice."""
    return min_date is not None and max_date is not None and bool(min_date != max_date)


@or_else(stock.calculate_expectancy)
def calculate_expectancy(trades: pd.DataFrame) -> tuple[float, float] | None:
    """Expectancy of a trade in stake currency, and its ratio to the average loss.

    ``trades`` need ``profit_abs``. (0.0, 100.0) without trades.
    """
    profit = profits(trades)
    return None if profit is None else expectancy(profit)[:2]


@or_else(stock.calculate_sharpe)
def calculate_sharpe(
    trades: pd.DataFrame,
    min_date: datetime | None,
    max_date: datetime | None,
    starting_balance: float,
) -> float | None:
    """Sharpe's ratio of the trades' ``profit_abs`` over the period; 0 without trades or period."""
    if not has_period(min_date, max_date):
        return None
    returns = returns_of(trades, starting_balance)
    return None if returns is None else sharpe(returns, days_between(min_date, max_date))  # type: ignore[arg-type]


@or_else(stock.calculate_sortino)
def calculate_sortino(
    trades: pd.DataFrame,
    min_date: datetime | None,
    max_date: datetime | None,
    starting_balance: float,
) -> float | None:
    """Sortino's ratio of the trades' ``profit_abs`` over the period; 0 without trades or period."""
    if not has_period(min_date, max_date):
        return None
    returns = returns_of(trades, starting_balance)
    return None if returns is None else sortino(returns, days_between(min_date, max_date))  # type: ignore[arg-type]


@or_else(stock.calculate_calmar)
def calculate_calmar(
    trades: pd.DataFrame,
    min_date: datetime | None,
    max_date: datetime | None,
    starting_balance: float,
) -> float | None:
    """Calmar's ratio of the trades' ``profit_abs`` over the period; 0.0 without trades or period.

    By the deepest drawdown of the account; trades are sorted by ``close_date``.
    """
    if not (has_period(min_date, max_date) and is_usual_balance(starting_balance)):
        return None
    profit, closed = profits(trades), dates_of(trades, "close_date")
    if profit is None or closed is None:
        return None
    deepest = drawdown(profit, closed, starting_balance).relative_account_drawdown
    return calmar(profit, starting_balance, days_between(min_date, max_date), deepest)  # type: ignore[arg-type]


@or_else(stock.calculate_sqn)
def calculate_sqn(trades: pd.DataFrame, starting_balance: float) -> float | None:
    """Van Tharp's system quality number of the trades' ``profit_abs``; 0.0 without trades."""
    returns = returns_of(trades, starting_balance)
    return None if returns is None else sqn(returns)


@or_else(stock.calculate_p_value)
def calculate_p_value(trades: pd.DataFrame, starting_balance: float) -> float | None:
    """How likely a mean profit so far from zero is if the true one is zero, by a t-test.

    1.0 for fewer than two trades, or the same profit in all. Needs scipy.
    """
    returns = returns_of(trades, starting_balance)
    return None if returns is None else p_value(returns)


@or_else(stock.calculate_csum)
def calculate_csum(trades: pd.DataFrame, starting_balance: float = 0) -> tuple[float, float] | None:
    """The lowest and the highest balance after a trade, as they are listed.

    ``ValueError`` without trades.
    """
    profit = profits(trades)
    return None if profit is None else lowest_and_highest(profit, starting_balance)


@or_else(stock.calculate_max_drawdown)
def calculate_max_drawdown(
    trades: pd.DataFrame,
    *,
    date_col: str = "close_date",
    value_col: str = "profit_abs",
    starting_balance: float = 0,
    relative: bool = False,
) -> DrawDownResult | None:
    """The deepest drawdown of the sum of ``value_col``, sorted by date, and the current one.

    ``starting_balance`` makes relative drawdowns those of the account; ``relative`` picks the
    deepest by its ratio. ``ValueError`` without trades.
    """
    if not is_balance_or_none(starting_balance):
        return None
    values, dates = finite_floats(trades, value_col), dates_of(trades, date_col)
    if values is None or dates is None or not len(values):
        return None
    order = date_order(dates)
    deepest = max_drawdown(values[order], starting_balance, relative=bool(relative))
    return drawdown_result(deepest, order, column(trades, date_col))


@or_else(stock.calculate_underwater)
def calculate_underwater(
    trades: pd.DataFrame,
    *,
    date_col: str = "close_date",
    value_col: str = "profit_ratio",
    starting_balance: float = 0.0,
) -> pd.DataFrame | None:
    """The sum of ``value_col``, sorted by date, its highest value so far and the drawdown from it.

    A row of zeros, then a row a trade. ``ValueError`` without trades.
    """
    if not is_balance_or_none(starting_balance):
        return None
    values, dates = finite_floats(trades, value_col), dates_of(trades, date_col)
    if values is None or dates is None or not len(values):
        return None
    order = date_order(dates)
    series = drawdown_series(values[order], starting_balance)
    return pd.DataFrame(
        {
            "cumulative": series.cumulative,
            "high_value": series.high_value,
            "drawdown": series.drawdown,
            "drawdown_relative": series.drawdown_relative,
            "date": column(trades, date_col).take(np.concatenate((order[:1], order))),
        },
        copy=False,
    )
