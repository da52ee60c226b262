"""What freqtrade computes on the history of a wallet: the ``_from_balance`` form of its ratios.

Names, arguments, results and errors of ``freqtrade.data.metrics``. Imports pandas.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._dates import Dates, ascend, ticks_of_a_day
from . import stock
from .arrays import MaxDrawdown, max_drawdown
from .certain import or_else
from .columns import (
    ARITHMETIC_IS_KNOWN,
    SMALLEST_BALANCE,
    Floats,
    column,
    date_order,
    dates_of,
    deviation,
    finite_floats,
)
from .results import DrawDownResult
from .trades import annualized, drawdown_result


class History(NamedTuple):
    """Balances above zero, one a date, in order; ``order`` has their rows in the frame."""

    balances: Floats
    dates: Dates
    order: npt.NDArray[np.intp]


def history_of(frame: Any, date_col: Any, balance_col: Any) -> History | None:
    """At least one balance; None where anything about them isn't certain."""
    # A column of that name would be overwritten.
    if not ARITHMETIC_IS_KNOWN or date_col == "total_balance":
        return None
    balances, dates = finite_floats(frame, balance_col), dates_of(frame, date_col)
    if balances is None or dates is None or not len(balances):
        return None
    if balances.min() < SMALLEST_BALANCE:
        return None
    order = np.arange(len(dates))
    if not ascend(dates):
        order = date_order(dates)
        balances, dates = balances[order], dates[order]
        if not ascend(dates):
            # Which of two at one date is the last, each sort decides anew.
            return None
    return History(balances, dates, order)


def daily_returns(balances: Floats, dates: Dates) -> Floats:
    """From each day's last balance to the next one's; days without any are left out."""
    # Towards the past: a cast to days.
    days = dates.astype("M8[D]")
    last = np.flatnonzero(np.concatenate((days[1:] != days[:-1], [True])))
    daily = balances[last]
    returns: Floats = daily[1:] / daily[:-1] - 1
    return returns


def sharpe_of(returns: Floats) -> float:
    """Of daily returns."""
    if len(returns) == 0:
        return 0.0
    return annualized(np.add.reduce(returns) / len(returns), deviation(returns, 0))


def sortino_of(returns: Floats) -> float:
    """Of daily returns."""
    if len(returns) == 0:
        return 0.0
    downside = deviation(returns[returns < 0], 0)
    return annualized(np.add.reduce(returns) / len(returns), downside)


def calmar_of(balances: Floats, dates: Dates, deepest: MaxDrawdown) -> float:
    """Of at least two balances, and the deepest drawdown from ``drawdown_of``."""
    start, final = float(balances[0]), float(balances[-1])
    stamps = dates.view(np.int64)
    days = max(1, int(stamps[-1] - stamps[0]) // ticks_of_a_day(dates))
    return annualized((final - start) / start / days * 100, deepest.relative_account_drawdown)


def drawdown_of(balances: Floats, *, relative: bool = False) -> MaxDrawdown:
    """Of balances in order."""
    profit = np.zeros(len(balances))
    np.subtract(balances[1:], balances[:-1], out=profit[1:])
    return max_drawdown(profit, float(balances[0]), relative=relative)


@or_else(stock.calculate_sharpe_from_balance)
def calculate_sharpe_from_balance(
    balance_history: pd.DataFrame, date_col: str = "date", balance_col: str = "total_quote"
) -> float | None:
    """Sharpe's ratio of a wallet's daily returns; 0.0 without any."""
    history = history_of(balance_history, date_col, balance_col)
    return None if history is None else sharpe_of(daily_returns(history.balances, history.dates))


@or_else(stock.calculate_sortino_from_balance)
def calculate_sortino_from_balance(
    balance_history: pd.DataFrame, date_col: str = "date", balance_col: str = "total_quote"
) -> float | None:
    """Sortino's ratio of a wallet's daily returns; 0.0 without any."""
    history = history_of(balance_history, date_col, balance_col)
    return None if history is None else sortino_of(daily_returns(history.balances, history.dates))


@or_else(stock.calculate_calmar_from_balance)
def calculate_calmar_from_balance(
    balance_history: pd.DataFrame, date_col: str = "date", balance_col: str = "total_quote"
) -> float | None:
    """Calmar's ratio of a wallet's balances; 0.0 for fewer than two."""
    history = history_of(balance_history, date_col, balance_col)
    if history is None or len(history.balances) < 2:
        return None
    return calmar_of(history.balances, history.dates, drawdown_of(history.balances))


@or_else(stock.calculate_max_drawdown_from_balance)
def calculate_max_drawdown_from_balance(
    balance_history: pd.DataFrame,
    date_col: str = "date",
    balance_col: str = "total_quote",
    relative: bool = False,
) -> DrawDownResult | None:
    """The deepest drawdown of a wallet's balances and the current one.

    ``relative`` picks the deepest by its ratio. ``ValueError`` for fewer than two balances.
    """
    history = history_of(balance_history, date_col, balance_col)
    if history is None or len(history.balances) < 2:
        return None
    deepest = drawdown_of(history.balances, relative=bool(relative))
    return drawdown_result(deepest, history.order, column(balance_history, date_col))
