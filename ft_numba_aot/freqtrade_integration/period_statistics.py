"""What freqtrade's reports say of days, weeks, months and years, of streaks and holding times.

Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from freqtrade.optimize.optimize_reports import optimize_reports as _reports
from freqtrade.util import format_duration

from .._dates import Dates, are_in_order
from ..metrics.columns import ARITHMETIC_IS_KNOWN, Floats, floats, group_sums
from .replacement import Replacement
from .trade_columns import TradeColumns, trade_columns

__all__ = ["REPLACEMENTS", "daily_statistics", "trading_statistics"]

_original_breakdown = _reports.generate_periodic_breakdown_stats
_original_daily = _reports.generate_daily_stats
_original_streak = _reports.calc_streak
_original_trading = _reports.generate_trading_stats
_resample_from_period = _reports._get_resample_from_period

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Statistics = dict[str, Any]


def daily_sums(closed: Dates, *columns: Floats) -> tuple[Dates, list[Floats]]:
    """Every day from the first to the last, and each column's sum on it; at least one trade."""
    if not are_in_order(closed):
        order = closed.argsort(kind="stable")
        closed = closed[order]
        columns = tuple(column[order] for column in columns)
    # Towards the past: a cast to days.
    days = closed.astype("M8[D]")
    starts = np.flatnonzero(np.concatenate(([True], days[1:] != days[:-1])))
    calendar = np.arange(days[0], days[-1] + np.timedelta64(1, "D"))
    at = (days[starts] - days[0]).astype(np.int64)
    sums = []
    for column in columns:
        spread = np.zeros(len(calendar))
        spread[at] = group_sums(column, starts)
        sums.append(spread)
    return calendar, sums


def daily_statistics(trades: TradeColumns) -> Statistics:
    """Of at least one trade."""
    calendar, (relative, absolute) = daily_sums(trades.closed, trades.ratio, trades.profit)
    ratios: list[float] = relative.tolist()
    rounded = absolute.round(10)
    profits: list[float] = rounded.tolist()
    return {
        "backtest_best_day": max(ratios),
        "backtest_worst_day": min(ratios),
        "backtest_best_day_abs": max(profits),
        "backtest_worst_day_abs": min(profits),
        "winning_days": int(np.count_nonzero(rounded > 0)),
        "draw_days": int(np.count_nonzero(rounded == 0)),
        "losing_days": int(np.count_nonzero(rounded < 0)),
        "daily_profit": list(zip(np.datetime_as_string(calendar).tolist(), profits, strict=True)),
    }


def longest_streaks(won: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """The most wins and the most other trades in a row; at least one trade."""
    starts = np.flatnonzero(np.concatenate(([True], won[1:] != won[:-1])))
    lengths = np.diff(starts, append=len(won))
    winning = won[starts]
    return (
        int(lengths[winning].max(initial=0)),
        int(lengths[~winning].max(initial=0)),
    )


def trading_statistics(trades: TradeColumns) -> Statistics:
    """Of at least one trade."""
    won, lost = trades.ratio > 0, trades.ratio < 0
    wins, losses = int(np.count_nonzero(won)), int(np.count_nonzero(lost))
    holding = _rounded_mean(trades.minutes)
    streaks = longest_streaks(won)
    statistics: Statistics = {
        "wins": wins,
        "losses": losses,
        "draws": len(trades) - wins - losses,
        "winrate": wins / len(trades),
        "holding_avg": holding,
        "holding_avg_s": holding.total_seconds(),
    }
    for who, minutes in (("winner", trades.minutes[won]), ("loser", trades.minutes[lost])):
        for what, duration in (
            ("min", timedelta(minutes=int(minutes.min())) if len(minutes) else timedelta()),
            ("max", timedelta(minutes=int(minutes.max())) if len(minutes) else timedelta()),
            ("avg", _rounded_mean(minutes) if len(minutes) else timedelta()),
        ):
            statistics[f"{who}_holding_{what}"] = format_duration(duration)
            statistics[f"{who}_holding_{what}_s"] = duration.total_seconds()
    statistics["max_consecutive_wins"], statistics["max_consecutive_losses"] = streaks
    return statistics


def _rounded_mean(minutes: npt.NDArray[np.int64]) -> timedelta:
    return timedelta(minutes=round(float(minutes.sum()) / len(minutes)))


def period_statistics(profit: Floats) -> Statistics:
    """Of the trades of one period."""
    winners, losers = profit[profit > 0], profit[profit < 0]
    wins, losses = len(winners), len(losers)
    gained, lost = np.add.reduce(winners), np.add.reduce(losers)
    factor = gained / abs(lost) if lost else 0.0
    return {
        "profit_abs": np.add.reduce(profit).round(10),
        "wins": wins,
        "draws": len(profit) - wins - losses,
        "losses": losses,
        "trades": len(profit),
        "profit_factor": round(factor, 8),
    }


def _weekdays(profit: Floats, weekdays: npt.NDArray[np.int32]) -> list[Statistics]:
    return [
        {"date": name, "date_ts": day, **period_statistics(profit[weekdays == day])}
        for day, name in enumerate(DAY_NAMES)
        if (weekdays == day).any()
    ]


def _periods(profit: Floats, closed: Dates, frequency: str) -> Iterator[Statistics]:
    """One after the other, without trades or not; pandas says where each begins."""
    if not are_in_order(closed):
        order = closed.argsort(kind="stable")
        closed, profit = closed[order], profit[order]
    index = pd.DatetimeIndex(closed).tz_localize("UTC")
    sizes = pd.Series(0, index).resample(frequency).size()
    stop = 0
    for name, size in zip(sizes.index, sizes.tolist(), strict=True):
        start, stop = stop, stop + size
        yield {
            "date": name.strftime("%d/%m/%Y"),
            "date_ts": int(name.to_pydatetime().timestamp() * 1000),
            **period_statistics(profit[start:stop]),
        }


@functools.wraps(_original_breakdown)
def generate_periodic_breakdown_stats(
    trade_list: list[Any] | pd.DataFrame, period: str
) -> list[Statistics]:
    trades = trade_columns(trade_list) if ARITHMETIC_IS_KNOWN else None
    if trades is None or len(trades) == 0 or not isinstance(trade_list, pd.DataFrame):
        original: list[Statistics] = _original_breakdown(trade_list, period)
        return original
    # freqtrade leaves both columns on the caller's frame.
    trade_list["close_date"] = pd.to_datetime(trade_list["close_date"], utc=True)
    if period == "weekday":
        trade_list["weekday"] = trade_list["close_date"].dt.dayofweek
        return _weekdays(trades.profit, trade_list["weekday"].to_numpy())
    return list(_periods(trades.profit, trades.closed, _resample_from_period(period)))


@functools.wraps(_original_daily)
def generate_daily_stats(results: pd.DataFrame) -> Statistics:
    trades = trade_columns(results) if ARITHMETIC_IS_KNOWN else None
    if trades is None or len(trades) == 0:
        original: Statistics = _original_daily(results)
        return original
    return daily_statistics(trades)


@functools.wraps(_original_trading)
def generate_trading_stats(results: pd.DataFrame) -> Statistics:
    trades = trade_columns(results)
    if trades is None or len(trades) == 0:
        original: Statistics = _original_trading(results)
        return original
    return trading_statistics(trades)


@functools.wraps(_original_streak)
def calc_streak(dataframe: pd.DataFrame) -> tuple[int, int]:
    ratio = floats(dataframe, "profit_ratio")
    if ratio is not None and len(ratio):
        return longest_streaks(ratio > 0)
    original: tuple[int, int] = _original_streak(dataframe)
    return original


def _replacement(name: str, ours: Any, *relies_on: str) -> Replacement:
    reports = "freqtrade.optimize.optimize_reports.optimize_reports:"
    return Replacement(
        reports + name, ours, "statistics", tuple(reports + other for other in relies_on)
    )


REPLACEMENTS = (
    _replacement(
        "generate_periodic_breakdown_stats",
        generate_periodic_breakdown_stats,
        "_calculate_stats_for_period",
        "_get_resample_from_period",
    ),
    _replacement("generate_daily_stats", generate_daily_stats),
    _replacement("generate_trading_stats", generate_trading_stats, "calc_streak"),
    _replacement("calc_streak", calc_streak),
)
