"""freqtrade's statistics of the wallet's history, from sorted columns.

Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from freqtrade.constants import DATETIME_PRINT_FORMAT
from freqtrade.optimize.optimize_reports import optimize_reports as _reports

from .._dates import Dates, are_in_order
from ..metrics import balances as of
from ..metrics.columns import (
    ARITHMETIC_IS_KNOWN,
    SMALLEST_BALANCE,
    Floats,
    bounded,
    dates_of,
    group_sums,
)
from .replacement import Replacement

__all__ = ["REPLACEMENTS", "generate_wallet_stats"]

_original_wallet_stats = _reports.generate_wallet_stats


@functools.wraps(_original_wallet_stats)
def generate_wallet_stats(wallet_df: pd.DataFrame, stake_currency: str) -> dict[str, Any]:
    found = _wallet_columns(wallet_df) if ARITHMETIC_IS_KNOWN else None
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
    dates = dates_of(wallet, "date")
    return dates if dates is not None and len(dates) and are_in_order(dates) else None


def _are_numbers(frame: pd.DataFrame, *names: str) -> bool:
    return all(name in frame and frame[name].dtype in (np.float64, np.int64) for name in names)


def _wallet_statistics(balances: Floats, dates: Dates, stamps: Any) -> dict[str, Any]:
    """Of at least two balances above zero, one a date; ``stamps`` are the dates with their zone."""
    low, high = int(balances.argmin()), int(balances.argmax())
    low_date, high_date = stamps[low], stamps[high]
    returns = of.daily_returns(balances, dates)
    deepest = of.drawdown_of(balances)
    relative = of.drawdown_of(balances, relative=True)
    drawdown_start, drawdown_end = stamps[deepest.high_index], stamps[deepest.low_index]
    duration = drawdown_end - drawdown_start
    return {
        "start_balance": balances[0],
        "end_balance": balances[-1],
        "high_balance": balances[high],
        "low_balance": balances[low],
        "sharpe": of.sharpe_of(returns),
        "sortino": of.sortino_of(returns),
        "calmar": of.calmar_of(balances, dates, deepest),
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


REPLACEMENTS = (
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
