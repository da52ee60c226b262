"""The ratios of freqtrade's reports, from arrays: expectancy, Sharpe, Calmar and others.

Replaces the functions of ``freqtrade.data.metrics`` that take a frame of trades, which spend their
time in selecting and sorting frames. The formulas are freqtrade's, in its order of operations.
Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
import math
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from freqtrade.data import metrics as _metrics
from freqtrade.data.metrics import DrawDownResult

from ..metrics import MaxDrawdown, max_drawdown
from .replacement import Replacement
from .trade_columns import (
    Floats,
    arithmetic_is_known,
    date_order,
    dates_of,
    deviation,
    finite_floats,
    is_plain_frame,
    is_usual_balance,
)

__all__ = ["REPLACEMENTS", "Expectancy"]

_original_calmar = _metrics.calculate_calmar
_original_csum = _metrics.calculate_csum
_original_expectancy = _metrics.calculate_expectancy
_original_max_drawdown = _metrics.calculate_max_drawdown
_original_sharpe = _metrics.calculate_sharpe
_original_sortino = _metrics.calculate_sortino
_original_sqn = _metrics.calculate_sqn
_annualized_ratio = _metrics._calculate_annualized_ratio


class Expectancy(NamedTuple):
    """What winners and losers make of the trades; each as freqtrade calculates it."""

    expectancy: float
    ratio: float
    profit_factor: float
    wins: int
    losses: int


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
    return Expectancy(expected, ratio, profit_factor, wins, losses)


def sharpe(returns: Floats, days: int) -> float:
    """Annualised, from the returns of trades over so many days."""
    ratio: float = _annualized_ratio(np.add.reduce(returns) / days, deviation(returns, 0))
    return ratio


def sortino(returns: Floats, days: int) -> float:
    """As ``sharpe``, by the spread of the losses."""
    downside = deviation(returns[returns < 0], 0)
    ratio: float = _annualized_ratio(np.add.reduce(returns) / days, downside)
    return ratio


def calmar(profit: Floats, balance: float, days: int, relative_drawdown: float) -> float:
    """Annualised, from the total profit and the deepest drawdown."""
    expected = np.add.reduce(profit) / balance / days * 100
    ratio: float = _annualized_ratio(expected, relative_drawdown)
    return ratio


def sqn(returns: Floats) -> float:
    """Van Tharp's system quality number."""
    spread = deviation(returns, 1)
    if spread != 0 and not math.isnan(spread):
        mean = np.add.reduce(returns) / len(returns)
        number: float = round(math.sqrt(len(returns)) * (mean / spread), 4)
        return number
    return -100.0


def drawdown(profit: Floats, closed: Any, balance: float, *, relative: bool = False) -> MaxDrawdown:
    """The deepest drawdown of trades as they were closed; positions are of the sorted trades."""
    return max_drawdown(profit[date_order(closed)], balance, relative=relative)


def days_between(first: datetime, last: datetime) -> int:
    """At least one."""
    return max(1, (last - first).days)


def _profit(trades: Any) -> Floats | None:
    if is_plain_frame(trades) and arithmetic_is_known():
        return finite_floats(trades, "profit_abs")
    return None


def returns_of(trades: Any, starting_balance: Any) -> Floats | None:
    """What freqtrade divides: profit by balance, at least one."""
    profit = _profit(trades) if is_usual_balance(starting_balance) else None
    return profit / starting_balance if profit is not None and len(profit) else None


@functools.wraps(_original_expectancy)
def calculate_expectancy(trades: pd.DataFrame) -> tuple[float, float]:
    profit = _profit(trades)
    if profit is None or len(profit) == 0:
        original: tuple[float, float] = _original_expectancy(trades)
        return original
    return expectancy(profit)[:2]


@functools.wraps(_original_sharpe)
def calculate_sharpe(
    trades: pd.DataFrame,
    min_date: datetime | None,
    max_date: datetime | None,
    starting_balance: float,
) -> float:
    returns = returns_of(trades, starting_balance)
    if returns is None or min_date is None or max_date is None or min_date == max_date:
        original: float = _original_sharpe(trades, min_date, max_date, starting_balance)
        return original
    return sharpe(returns, days_between(min_date, max_date))


@functools.wraps(_original_sortino)
def calculate_sortino(
    trades: pd.DataFrame,
    min_date: datetime | None,
    max_date: datetime | None,
    starting_balance: float,
) -> float:
    returns = returns_of(trades, starting_balance)
    if returns is None or min_date is None or max_date is None or min_date == max_date:
        original: float = _original_sortino(trades, min_date, max_date, starting_balance)
        return original
    return sortino(returns, days_between(min_date, max_date))


@functools.wraps(_original_calmar)
def calculate_calmar(
    trades: pd.DataFrame,
    min_date: datetime | None,
    max_date: datetime | None,
    starting_balance: float,
) -> float:
    profit = _profit(trades) if is_usual_balance(starting_balance) else None
    closed = None if profit is None or len(profit) == 0 else dates_of(trades, "close_date")
    if (
        profit is None
        or closed is None
        or min_date is None
        or max_date is None
        or min_date == max_date
    ):
        original: float = _original_calmar(trades, min_date, max_date, starting_balance)
        return original
    deepest = drawdown(profit, closed, starting_balance).relative_account_drawdown
    return calmar(profit, starting_balance, days_between(min_date, max_date), deepest)


@functools.wraps(_original_sqn)
def calculate_sqn(trades: pd.DataFrame, starting_balance: float) -> float:
    returns = returns_of(trades, starting_balance)
    if returns is None:
        original: float = _original_sqn(trades, starting_balance)
        return original
    return sqn(returns)


@functools.wraps(_original_csum)
def calculate_csum(trades: pd.DataFrame, starting_balance: float = 0) -> tuple[float, float]:
    profit = _profit(trades)
    if profit is None or len(profit) == 0:
        original: tuple[float, float] = _original_csum(trades, starting_balance)
        return original
    return lowest_and_highest(profit, starting_balance)


def lowest_and_highest(profit: Floats, starting_balance: float) -> tuple[float, float]:
    """Of the balance, as the trades are listed."""
    cumulative = np.add.accumulate(profit)
    # bottleneck's minimum is Python's float.
    return float(cumulative.min()) + starting_balance, float(cumulative.max()) + starting_balance


@functools.wraps(_original_max_drawdown)
def calculate_max_drawdown(
    trades: pd.DataFrame,
    *,
    date_col: str = "close_date",
    value_col: str = "profit_abs",
    starting_balance: float = 0,
    relative: bool = False,
) -> DrawDownResult:
    found = _drawdown_of_frame(trades, date_col, value_col, starting_balance, relative)
    if found is not None:
        return found
    return _original_max_drawdown(
        trades,
        date_col=date_col,
        value_col=value_col,
        starting_balance=starting_balance,
        relative=relative,
    )


def _drawdown_of_frame(
    trades: Any, date_col: str, value_col: str, starting_balance: float, relative: bool
) -> DrawDownResult | None:
    without_balance = type(starting_balance) in (int, float) and starting_balance == 0
    if not is_plain_frame(trades) or not (without_balance or is_usual_balance(starting_balance)):
        return None
    values = finite_floats(trades, value_col)
    dates = dates_of(trades, date_col)
    if values is None or dates is None or len(values) == 0:
        return None
    order = date_order(dates)
    deepest = max_drawdown(values[order], starting_balance, relative=bool(relative))
    return drawdown_result(deepest, order, trades[date_col].array)


def drawdown_result(deepest: MaxDrawdown, order: Any, dates: Any) -> DrawDownResult:
    """freqtrade's form of it; ``dates`` are the trades' as they are listed."""
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


def _replacement(name: str, *relies_on: str) -> Replacement:
    metrics = "freqtrade.data.metrics:"
    return Replacement(
        metrics + name, globals()[name], "statistics", tuple(metrics + other for other in relies_on)
    )


REPLACEMENTS = (
    _replacement("calculate_expectancy"),
    _replacement("calculate_sharpe", "_calculate_annualized_ratio"),
    _replacement("calculate_sortino", "_calculate_annualized_ratio"),
    _replacement("calculate_calmar", "_calculate_annualized_ratio", "calculate_max_drawdown"),
    _replacement("calculate_sqn"),
    _replacement("calculate_csum"),
    _replacement("calculate_max_drawdown", "_calc_drawdown_series", "DrawDownResult"),
)
