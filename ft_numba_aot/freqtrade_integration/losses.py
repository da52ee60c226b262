"""The hyperopt losses that resample trades by day, and the underwater curve of another.

freqtrade's resolver runs a loss's file anew, so its class isn't the one of the package: ours is
given to the object that the resolver returns, if its file is freqtrade's own. Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
import math
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from freqtrade.data import metrics as _metrics
from freqtrade.optimize.hyperopt_loss import (
    hyperopt_loss_sharpe_daily,
    hyperopt_loss_sortino_daily,
)
from freqtrade.resolvers.hyperopt_resolver import HyperOptLossResolver

from ..metrics import drawdown_series
from .period_statistics import daily_sums
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

__all__ = ["REPLACEMENTS", "calculate_underwater", "sharpe_daily", "sortino_daily"]

_original_underwater = _metrics.calculate_underwater
_original_load = HyperOptLossResolver.__dict__["load_hyperoptloss"]
_original_sharpe_daily = hyperopt_loss_sharpe_daily.SharpeHyperOptLossDaily.hyperopt_loss_function
_original_sortino_daily = (
    hyperopt_loss_sortino_daily.SortinoHyperOptLossDaily.hyperopt_loss_function
)

SLIPPAGE = 0.0005
DAYS_IN_YEAR = 365
AFTER_SLIPPAGE = "profit_ratio_after_slippage"
NO_SPREAD = -20.0


def sharpe_daily(
    results: pd.DataFrame,
    trade_count: int,
    min_date: datetime,
    max_date: datetime,
    *args: Any,
    **kwargs: Any,
) -> float:
    """``SharpeHyperOptLossDaily``: minus the Sharpe ratio of daily profits."""
    daily = _daily_profit(results, min_date, max_date)
    if daily is None:
        original: float = _original_sharpe_daily(
            results, trade_count, min_date, max_date, *args, **kwargs
        )
        return original
    mean = np.add.reduce(daily) / len(daily)
    spread = deviation(daily, 1)
    return -(mean / spread * math.sqrt(DAYS_IN_YEAR) if spread != 0 else NO_SPREAD)


def sortino_daily(
    results: pd.DataFrame,
    trade_count: int,
    min_date: datetime,
    max_date: datetime,
    *args: Any,
    **kwargs: Any,
) -> float:
    """``SortinoHyperOptLossDaily``: minus the Sortino ratio of daily profits."""
    daily = _daily_profit(results, min_date, max_date)
    if daily is None:
        original: float = _original_sortino_daily(
            results, trade_count, min_date, max_date, *args, **kwargs
        )
        return original
    mean = np.add.reduce(daily) / len(daily)
    downside = np.where(daily < 0, daily, 0.0)
    spread = math.sqrt(np.add.reduce(downside**2) / len(downside))
    return -(mean / spread * math.sqrt(DAYS_IN_YEAR) if spread != 0 else NO_SPREAD)


def _daily_profit(results: Any, min_date: Any, max_date: Any) -> Floats | None:
    """The sum of profit ratios after slippage on each day from the first date to the last.

    Adds the column of ratios after slippage to ``results``, as the losses do. None, and nothing
    added, where one of them may do otherwise.
    """
    if not (is_plain_frame(results) and arithmetic_is_known() and _is_utc(min_date, max_date)):
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


@functools.wraps(_original_underwater)
def calculate_underwater(
    trades: pd.DataFrame,
    *,
    date_col: str = "close_date",
    value_col: str = "profit_ratio",
    starting_balance: float = 0.0,
) -> pd.DataFrame:
    curve = _underwater(trades, date_col, value_col, starting_balance)
    if curve is not None:
        return curve
    original: pd.DataFrame = _original_underwater(
        trades, date_col=date_col, value_col=value_col, starting_balance=starting_balance
    )
    return original


def _underwater(
    trades: Any, date_col: str, value_col: str, starting_balance: Any
) -> pd.DataFrame | None:
    """The curve with its row of zeros on top; None where the columns aren't plain."""
    without_balance = type(starting_balance) in (int, float) and starting_balance == 0
    if not is_plain_frame(trades) or not (without_balance or is_usual_balance(starting_balance)):
        return None
    values = finite_floats(trades, value_col)
    dates = dates_of(trades, date_col)
    if values is None or dates is None or len(values) == 0:
        return None
    order = date_order(dates)
    series = drawdown_series(values[order], starting_balance)
    stamps = trades[date_col].array
    return pd.DataFrame(
        {
            "cumulative": series.cumulative,
            "high_value": series.high_value,
            "drawdown": series.drawdown,
            "drawdown_relative": series.drawdown_relative,
            "date": stamps.take(np.concatenate((order[:1], order))),
        },
        copy=False,
    )


# A worker process imports them from here: they keep their own names.
OURS: dict[str, tuple[Any, Any]] = {
    "SharpeHyperOptLossDaily": (sharpe_daily, hyperopt_loss_sharpe_daily),
    "SortinoHyperOptLossDaily": (sortino_daily, hyperopt_loss_sortino_daily),
}


@functools.wraps(_original_load.__func__)
def load_hyperoptloss(config: Any) -> Any:
    loss = _original_load.__func__(config)
    ours, module = OURS.get(type(loss).__name__, (None, None))
    file = getattr(type(loss), "__file__", None)
    if ours is not None and file and Path(file).resolve() == Path(module.__file__).resolve():
        loss.hyperopt_loss_function = ours
    return loss


_LOSSES = "freqtrade.optimize.hyperopt_loss.hyperopt_loss_"

REPLACEMENTS = (
    Replacement(
        "freqtrade.data.metrics:calculate_underwater",
        calculate_underwater,
        "losses",
        ("freqtrade.data.metrics:_calc_drawdown_series",),
    ),
    Replacement(
        "freqtrade.resolvers.hyperopt_resolver:HyperOptLossResolver.load_hyperoptloss",
        staticmethod(load_hyperoptloss),
        "losses",
        (
            _LOSSES + "sharpe_daily:SharpeHyperOptLossDaily.hyperopt_loss_function",
            _LOSSES + "sortino_daily:SortinoHyperOptLossDaily.hyperopt_loss_function",
        ),
    ),
)
