"""Hyperopt's losses: those of freqtrade, on the columns of the trades.

freqtrade's resolver runs a loss's file anew, so its class isn't the one of the package: ours is
given to the object that the resolver returns, if its file is freqtrade's own. Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from freqtrade.optimize.hyperopt_loss import (
    hyperopt_loss_calmar,
    hyperopt_loss_max_drawdown,
    hyperopt_loss_max_drawdown_relative,
    hyperopt_loss_multi_metric,
    hyperopt_loss_onlyprofit,
    hyperopt_loss_profit_drawdown,
    hyperopt_loss_sharpe,
    hyperopt_loss_sharpe_daily,
    hyperopt_loss_short_trade_dur,
    hyperopt_loss_sortino,
    hyperopt_loss_sortino_daily,
)
from freqtrade.resolvers.hyperopt_resolver import HyperOptLossResolver

from ..metrics import drawdown_series
from ..metrics.certain import CERTAIN
from ..metrics.columns import (
    ARITHMETIC_IS_KNOWN,
    Floats,
    column,
    date_order,
    dates_of,
    deviation,
    finite_floats,
    finite_sum,
    is_usual_balance,
)
from ..metrics.trades import drawdown, expectancy, profits
from .period_statistics import daily_sums
from .replacement import Replacement

__all__ = ["OURS", "REPLACEMENTS"]

Results = pd.DataFrame
Loss = TypeVar("Loss", bound=Callable[..., Any])

_original_load = HyperOptLossResolver.__dict__["load_hyperoptloss"]

SLIPPAGE = 0.0005
DAYS_IN_YEAR = 365
AFTER_SLIPPAGE = "profit_ratio_after_slippage"
NO_SPREAD = -20.0

# By the class of freqtrade's: ours, and the module that has the class. A worker process imports
# them from here: they keep their own names.
OURS: dict[str, tuple[Any, Any]] = {}


def _instead_of(module: Any, name: str) -> Callable[[Loss], Loss]:
    """What stands in for the loss of a class; the class's own runs where ours gives None."""
    original = getattr(module, name).hyperopt_loss_function

    def decorate(certain: Loss) -> Loss:
        @functools.wraps(certain)
        def loss(*args: Any, **kwargs: Any) -> Any:
            found = certain(*args, **kwargs)
            return original(*args, **kwargs) if found is None else found

        OURS[name] = loss, module
        return loss  # type: ignore[return-value]

    return decorate


@_instead_of(hyperopt_loss_onlyprofit, "OnlyProfitHyperOptLoss")
def only_profit(results: Results, trade_count: int, *args: Any, **kwargs: Any) -> Any:
    """Minus the profit."""
    total = finite_sum(results, "profit_abs")
    return None if total is None else -1 * total


@_instead_of(hyperopt_loss_short_trade_dur, "ShortTradeDurHyperOptLoss")
def short_trades(results: Results, trade_count: int, *args: Any, **kwargs: Any) -> Any:
    """Few trades, little profit and long trades, weighted."""
    total, minutes = finite_sum(results, "profit_ratio"), column(results, "trade_duration")
    if total is None or minutes is None or minutes.dtype != np.int64:
        return None
    of = hyperopt_loss_short_trade_dur
    held = np.float64(minutes.sum()) / len(minutes)
    trade_loss = 1 - 0.25 * math.exp(-((trade_count - of.TARGET_TRADES) ** 2) / 10**5.8)
    profit_loss = max(0, 1 - total / of.EXPECTED_MAX_PROFIT)
    duration_loss = 0.4 * min(held / of.MAX_ACCEPTED_TRADE_DURATION, 1)
    return trade_loss + profit_loss + duration_loss


def _minus_ratio(name: str, *arguments: Any) -> Any:
    ratio = CERTAIN[name](*arguments)
    return None if ratio is None else -ratio


@_instead_of(hyperopt_loss_sharpe, "SharpeHyperOptLoss")
def sharpe(
    results: Results,
    min_date: datetime,
    max_date: datetime,
    starting_balance: float,
    *args: Any,
    **kwargs: Any,
) -> Any:
    """Minus Sharpe's ratio."""
    return _minus_ratio("calculate_sharpe", results, min_date, max_date, starting_balance)


@_instead_of(hyperopt_loss_sortino, "SortinoHyperOptLoss")
def sortino(
    results: Results,
    min_date: datetime,
    max_date: datetime,
    starting_balance: float,
    *args: Any,
    **kwargs: Any,
) -> Any:
    """Minus Sortino's ratio."""
    return _minus_ratio("calculate_sortino", results, min_date, max_date, starting_balance)


@_instead_of(hyperopt_loss_calmar, "CalmarHyperOptLoss")
def calmar(
    results: Results,
    min_date: datetime,
    max_date: datetime,
    starting_balance: float,
    *args: Any,
    **kwargs: Any,
) -> Any:
    """Minus Calmar's ratio."""
    return _minus_ratio("calculate_calmar", results, min_date, max_date, starting_balance)


@_instead_of(hyperopt_loss_max_drawdown, "MaxDrawDownHyperOptLoss")
def max_drawdown(
    results: Results,
    trade_count: int,
    min_date: datetime,
    max_date: datetime,
    *args: Any,
    **kwargs: Any,
) -> Any:
    """Minus the profit as a multiple of the deepest drawdown."""
    profit, closed = profits(results), dates_of(results, "close_date")
    if profit is None or closed is None:
        return None
    deepest = drawdown(profit, closed, 0).drawdown_abs
    # A division by zero warns.
    return -np.add.reduce(profit) / deepest if deepest else None


@_instead_of(hyperopt_loss_max_drawdown_relative, "MaxDrawDownRelativeHyperOptLoss")
def max_drawdown_relative(
    results: Results, starting_balance: float, *args: Any, **kwargs: Any
) -> Any:
    """Minus the profit as a multiple of the deepest drawdown and of the deepest relative one."""
    profit, closed = profits(results), dates_of(results, "close_date")
    if profit is None or closed is None or not is_usual_balance(starting_balance):
        return None
    series = drawdown_series(profit[date_order(closed)], starting_balance)
    deepest, relative = -series.drawdown.min(), series.drawdown_relative.max()
    total = np.add.reduce(profit)
    if deepest == 0:
        return -total
    return -total / deepest / relative if relative else None


@_instead_of(hyperopt_loss_profit_drawdown, "ProfitDrawDownHyperOptLoss")
def profit_drawdown(results: Results, starting_balance: float, *args: Any, **kwargs: Any) -> Any:
    """Minus the profit, less of it where the account's drawdown is deep."""
    found = _profit_and_drawdown(results, starting_balance)
    if found is None:
        return None
    profit, relative = found
    total = np.add.reduce(profit)
    mult = hyperopt_loss_profit_drawdown.DRAWDOWN_MULT
    return -1 * (total - (relative * total) * (1 - mult))


def _profit_and_drawdown(results: Results, starting_balance: float) -> tuple[Floats, float] | None:
    """Each trade's profit, and the account's deepest drawdown as a ratio."""
    profit, closed = profits(results), dates_of(results, "close_date")
    if profit is None or closed is None or not is_usual_balance(starting_balance):
        return None
    return profit, drawdown(profit, closed, starting_balance).relative_account_drawdown


@_instead_of(hyperopt_loss_multi_metric, "MultiMetricHyperOptLoss")
def multi_metric(results: Results, trade_count: int, starting_balance: float, **kwargs: Any) -> Any:
    """Minus the product of what profit, drawdown, winners and the number of trades are worth."""
    drawn = _profit_and_drawdown(results, starting_balance)
    if drawn is None:
        return None
    profit, relative = drawn
    of = hyperopt_loss_multi_metric
    total = np.add.reduce(profit)
    found = expectancy(profit)
    profit_factor = found.gained / (abs(found.lost) + 1e-6)
    log_profit_factor = np.log(profit_factor + of.PF_CONST)
    log_expectancy_ratio = np.log(min(10, found.ratio) + of.EXPECTANCY_CONST)
    log_winrate_coef = np.log(of.WINRATE_CONST + found.wins / len(profit))
    penalty = 1.0
    if trade_count < of.TARGET_TRADE_AMOUNT:
        penalty = 1 - (abs(trade_count - of.TARGET_TRADE_AMOUNT) / of.TARGET_TRADE_AMOUNT)
        penalty = max(penalty, 0.1)
    kept = total - (relative * total) * (1 - of.DRAWDOWN_MULT)
    return -1 * (kept * log_profit_factor * log_expectancy_ratio * log_winrate_coef * penalty)


@_instead_of(hyperopt_loss_sharpe_daily, "SharpeHyperOptLossDaily")
def sharpe_daily(
    results: Results,
    trade_count: int,
    min_date: datetime,
    max_date: datetime,
    *args: Any,
    **kwargs: Any,
) -> Any:
    """Minus the Sharpe ratio of daily profits."""
    daily = _daily_profit(results, min_date, max_date)
    if daily is None:
        return None
    mean = np.add.reduce(daily) / len(daily)
    spread = deviation(daily, 1)
    return -(mean / spread * math.sqrt(DAYS_IN_YEAR) if spread != 0 else NO_SPREAD)


@_instead_of(hyperopt_loss_sortino_daily, "SortinoHyperOptLossDaily")
def sortino_daily(
    results: Results,
    trade_count: int,
    min_date: datetime,
    max_date: datetime,
    *args: Any,
    **kwargs: Any,
) -> Any:
    """Minus the Sortino ratio of daily profits."""
    daily = _daily_profit(results, min_date, max_date)
    if daily is None:
        return None
    mean = np.add.reduce(daily) / len(daily)
    downside = np.where(daily < 0, daily, 0.0)
    spread = math.sqrt(np.add.reduce(downside**2) / len(downside))
    return -(mean / spread * math.sqrt(DAYS_IN_YEAR) if spread != 0 else NO_SPREAD)


def _daily_profit(results: Any, min_date: Any, max_date: Any) -> Floats | None:
    """The sum of profit ratios after slippage on each day from the first date to the last.

    Adds the column of ratios after slippage to ``results``, as the losses do. None, and nothing
    added, where one of them may do otherwise.
    """
    if not (ARITHMETIC_IS_KNOWN and _is_utc(min_date, max_date)):
        return None
    ratio = finite_floats(results, "profit_ratio")
    closed = dates_of(results, "close_date")
    if ratio is None or closed is None or len(ratio) == 0 or max_date < min_date:
        return None
    after = results["profit_ratio"] - SLIPPAGE
    results.loc[:, AFTER_SLIPPAGE] = after
    first, last = (np.datetime64(date.replace(tzinfo=None), "D") for date in (min_date, max_date))
    daily = np.zeros(len(np.arange(first, last)) + 1)
    calendar, (sums,) = daily_sums(closed, after.to_numpy())
    inside = (calendar >= first) & (calendar <= last)
    daily[(calendar[inside] - first).astype(int)] = sums[inside]
    return daily


def _is_utc(*dates: Any) -> bool:
    return all(
        isinstance(date, datetime) and date.tzinfo is not None and date.utcoffset() == timedelta(0)
        for date in dates
    )


@functools.wraps(_original_load.__func__)
def load_hyperoptloss(config: Any) -> Any:
    loss = _original_load.__func__(config)
    ours, module = OURS.get(type(loss).__name__, (None, None))
    file = getattr(type(loss), "__file__", None)
    if ours is not None and file and Path(file).resolve() == Path(module.__file__).resolve():
        loss.hyperopt_loss_function = ours
    return loss


REPLACEMENTS = (
    Replacement(
        "freqtrade.resolvers.hyperopt_resolver:HyperOptLossResolver.load_hyperoptloss",
        staticmethod(load_hyperoptloss),
        "losses",
        (
            *(
                f"{module.__name__}:{name}.hyperopt_loss_function"
                for name, (_, module) in OURS.items()
            ),
            *(
                f"freqtrade.data.metrics:{name}"
                for name in (
                    "_calc_drawdown_series",
                    "_calculate_annualized_ratio",
                    "calculate_calmar",
                    "calculate_expectancy",
                    "calculate_max_drawdown",
                    "calculate_sharpe",
                    "calculate_sortino",
                    "calculate_underwater",
                )
            ),
        ),
    ),
)
