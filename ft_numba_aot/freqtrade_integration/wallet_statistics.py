"""freqtrade's statistics of the wallet's history and of the market, from sorted columns.

Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from freqtrade.constants import DATETIME_PRINT_FORMAT
from freqtrade.data import metrics as _metrics
from freqtrade.optimize.optimize_reports import optimize_reports as _reports

from ..metrics import MaxDrawdown, max_drawdown
from .replacement import Replacement
from .sorted_dates import Dates, are_in_order, rows_between
from .trade_columns import (
    SMALLEST_BALANCE,
    Floats,
    arithmetic_is_known,
    bounded,
    dates_of,
    deviation,
    group_sums,
    is_plain_frame,
)

__all__ = ["REPLACEMENTS", "calculate_market_change", "generate_wallet_stats"]

_original_market_change = _metrics.calculate_market_change
_original_wallet_stats = _reports.generate_wallet_stats
_annualized_ratio = _metrics._calculate_annualized_ratio


@functools.wraps(_original_wallet_stats)
def generate_wallet_stats(wallet_df: pd.DataFrame, stake_currency: str) -> dict[str, Any]:
    found = _wallet_columns(wallet_df) if arithmetic_is_known() else None
    if found is None:
        original: dict[str, Any] = _original_wallet_stats(wallet_df, stake_currency)
        return original
    balances, dates, rows, totals = found
    # freqtrade leaves the column on the caller's frame.
    wallet_df.loc[:, "total_quote"] = totals
    return _wallet_statistics(balances, dates, wallet_df["date"].array[rows])


def _wallet_columns(
    wallet: pd.DataFrame,
) -> tuple[Floats, Dates, npt.NDArray[np.intp], pd.Series[float]] | None:
    """The balance of each date, the dates, their first rows, and each row's balance.

    None unless the rows are in order of date and the balances above zero, so that they have
    ratios.
    """
    dates = _sorted_dates(wallet)
    if dates is None or not _are_numbers(wallet, "rate", "balance"):
        return None
    rows = np.flatnonzero(np.concatenate(([True], dates[1:] != dates[:-1])))
    totals = wallet["rate"] * wallet["balance"]
    values = totals.to_numpy()
    if totals.dtype != np.float64 or not bounded(values) or len(rows) < 2:
        return None
    balances = group_sums(values, rows)
    return (balances, dates[rows], rows, totals) if balances.min() >= SMALLEST_BALANCE else None


def _sorted_dates(wallet: Any) -> Dates | None:
    if not is_plain_frame(wallet) or len(wallet) == 0:
        return None
    dates = dates_of(wallet, "date")
    return dates if dates is not None and are_in_order(dates) else None


def _are_numbers(frame: pd.DataFrame, *names: str) -> bool:
    return all(name in frame and frame[name].dtype in (np.float64, np.int64) for name in names)


def _wallet_statistics(balances: Floats, dates: Dates, stamps: Any) -> dict[str, Any]:
    """Of at least two balances above zero, one a date; ``stamps`` are the dates with their zone."""
    low, high = int(balances.argmin()), int(balances.argmax())
    low_date, high_date = stamps[low], stamps[high]
    returns = _daily_returns(balances, dates)
    profit = np.concatenate(([0.0], balances[1:] - balances[:-1]))
    start = float(balances[0])
    deepest = max_drawdown(profit, start)
    relative = max_drawdown(profit, start, relative=True)
    drawdown_start, drawdown_end = stamps[deepest.high_index], stamps[deepest.low_index]
    duration = drawdown_end - drawdown_start
    return {
        "start_balance": balances[0],
        "end_balance": balances[-1],
        "high_balance": balances[high],
        "low_balance": balances[low],
        "sharpe": _sharpe(returns),
        "sortino": _sortino(returns),
        "calmar": _calmar(balances, (stamps[-1] - stamps[0]).days, deepest),
        "low_date": low_date.strftime(DATETIME_PRINT_FORMAT),
        "low_ts": int(low_date.timestamp() * 1000),
        "high_date": high_date.strftime(DATETIME_PRINT_FORMAT),
        "high_ts": int(high_date.timestamp() * 1000),
        "max_drawdown_account": np.float64(deepest.relative_account_drawdown),
        "max_relative_drawdown": np.float64(relative.relative_account_drawdown),
        "max_drawdown_abs": np.float64(deepest.drawdown_abs),
        "drawdown_start": drawdown_start.strftime(DATETIME_PRINT_FORMAT),
        "drawdown_start_ts": int(drawdown_start.timestamp() * 1000),
        "drawdown_end": drawdown_end.strftime(DATETIME_PRINT_FORMAT),
        "drawdown_end_ts": int(drawdown_end.timestamp() * 1000),
        "drawdown_duration": duration,
        "drawdown_duration_s": duration.total_seconds(),
        "max_drawdown_low": np.float64(deepest.low_value),
        "max_drawdown_high": np.float64(deepest.high_value),
    }


def _daily_returns(balances: Floats, dates: Dates) -> Floats:
    """From each day's last balance to the next one's; days without any are left out."""
    days = dates.astype("M8[D]")
    last = np.flatnonzero(np.concatenate((days[1:] != days[:-1], [True])))
    daily = balances[last]
    returns: Floats = daily[1:] / daily[:-1] - 1
    return returns


def _sharpe(returns: Floats) -> float:
    if len(returns) == 0:
        return 0.0
    ratio: float = _annualized_ratio(np.add.reduce(returns) / len(returns), deviation(returns, 0))
    return ratio


def _sortino(returns: Floats) -> float:
    if len(returns) == 0:
        return 0.0
    downside = deviation(returns[returns < 0], 0)
    ratio: float = _annualized_ratio(np.add.reduce(returns) / len(returns), downside)
    return ratio


def _calmar(balances: Floats, days: int, deepest: MaxDrawdown) -> float:
    start, final = float(balances[0]), float(balances[-1])
    expected = (final - start) / start / max(1, days) * 100
    ratio: float = _annualized_ratio(expected, deepest.relative_account_drawdown)
    return ratio


@functools.wraps(_original_market_change)
def calculate_market_change(
    data: dict[str, pd.DataFrame], column: str = "close", min_date: datetime | None = None
) -> float:
    ends = [_first_and_last(candles, column, min_date) for candles in data.values()]
    changes = [(end[1] - end[0]) / end[0] for end in ends if end is not None]
    if not changes or len(changes) < len(ends):
        original: float = _original_market_change(data, column, min_date)
        return original
    return float(np.mean(changes))


def _first_and_last(
    candles: Any, column: str, min_date: datetime | None
) -> tuple[np.float64, np.float64] | None:
    """The column's values at the first date not before ``min_date`` and at the last.

    None unless the dates are in order and both values are ordinary prices.
    """
    if not is_plain_frame(candles) or column not in candles or len(candles) == 0:
        return None
    series = candles[column]
    if series.dtype != np.float64:
        return None
    values = series.to_numpy()
    start = 0
    if min_date is not None:
        dates = dates_of(candles, "date")
        if dates is None or not are_in_order(dates) or min_date.tzinfo is None:
            return None
        start, _ = rows_between(dates, min_date)
    if start == len(values):
        return None
    first, last = values[start], values[-1]
    return (first, last) if first > SMALLEST_BALANCE and bounded(values[[start, -1]]) else None


REPLACEMENTS = (
    Replacement(
        "freqtrade.data.metrics:calculate_market_change", calculate_market_change, "statistics"
    ),
    Replacement(
        "freqtrade.optimize.optimize_reports.optimize_reports:generate_wallet_stats",
        generate_wallet_stats,
        "statistics",
        (
            "freqtrade.data.metrics:_calculate_annualized_ratio",
            "freqtrade.data.metrics:_calculate_daily_returns_from_balance",
            "freqtrade.data.metrics:_prepare_balance_history",
            "freqtrade.data.metrics:calculate_calmar_from_balance",
            "freqtrade.data.metrics:calculate_max_drawdown",
            "freqtrade.data.metrics:calculate_max_drawdown_from_balance",
            "freqtrade.data.metrics:calculate_sharpe_from_balance",
            "freqtrade.data.metrics:calculate_sortino_from_balance",
        ),
    ),
)
