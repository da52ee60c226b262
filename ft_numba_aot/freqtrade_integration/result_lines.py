"""The rows of freqtrade's report tables: of each pair, of each tag, and of all trades.

Stock code selects a frame for each row and sorts and reduces it some twenty times over; here the
columns are taken out once. Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Literal

import numpy as np
import pandas as pd
from freqtrade.data import metrics as _metrics
from freqtrade.data.metrics import calculate_cagr
from freqtrade.optimize.optimize_reports import optimize_reports as _reports

from ..metrics import trades as ratios
from ..metrics.columns import ARITHMETIC_IS_KNOWN, is_usual_balance
from .replacement import Replacement
from .trade_columns import TradeColumns, trade_columns

# From 2026.6 on.
HAS_P_VALUE = hasattr(_metrics, "calculate_p_value")

__all__ = ["REPLACEMENTS", "pair_lines", "result_line", "tag_lines"]

_original_line = _reports._generate_result_line
_original_pair_metrics = _reports.generate_pair_metrics
_original_tag_metrics = _reports.generate_tag_metrics

Line = dict[str, Any]
TagType = Literal["enter_tag", "exit_reason"]


def result_line(
    trades: TradeColumns, min_date: datetime, max_date: datetime, balance: float, key: Any
) -> Line:
    """One row of a table, of any number of trades."""
    profit = trades.profit
    count = len(profit)
    total = np.add.reduce(profit)
    profit_total = total / balance
    days = (max_date - min_date).days or 1
    line: Line = {
        "key": key,
        "trades": count,
        "profit_mean": 0.0,
        "profit_mean_pct": 0.0,
        "profit_total_abs": total,
        "profit_total": profit_total,
        "profit_total_pct": round(profit_total * 100.0, 2),
        "duration_avg": "0:00",
        "wins": 0,
        "draws": 0,
        "losses": 0,
        "winrate": 0.0,
        "cagr": calculate_cagr(days, balance, balance + total),
        "expectancy": 0.0,
        "expectancy_ratio": 100.0,
        "sortino": 0,
        "sharpe": 0,
        "calmar": 0.0,
        "sqn": 0.0,
        **({"p_value": 1.0} if HAS_P_VALUE else {}),
        "profit_factor": 0.0,
        "max_drawdown_account": 0.0,
        "max_drawdown_abs": 0.0,
    }
    if count == 0:
        return line
    mean = np.add.reduce(trades.ratio) / count
    line["profit_mean"] = mean
    line["profit_mean_pct"] = round(mean * 100.0, 2)
    line["duration_avg"] = str(timedelta(minutes=round(float(trades.minutes.sum()) / count)))
    found = ratios.expectancy(profit)
    line["wins"] = found.wins
    line["draws"] = count - found.wins - found.losses
    line["losses"] = found.losses
    line["winrate"] = found.wins / count
    line["expectancy"] = found.expectancy
    line["expectancy_ratio"] = found.ratio
    line["profit_factor"] = found.profit_factor
    returns = profit / balance
    deepest = ratios.drawdown(profit, trades.closed, balance)
    if min_date != max_date:
        period = ratios.days_between(min_date, max_date)
        line["sortino"] = ratios.sortino(returns, period)
        line["sharpe"] = ratios.sharpe(returns, period)
        line["calmar"] = ratios.calmar(profit, balance, period, deepest.relative_account_drawdown)
    line["sqn"] = ratios.sqn(returns)
    if HAS_P_VALUE:
        line["p_value"] = ratios.p_value(returns)
    line["max_drawdown_account"] = np.float64(deepest.relative_account_drawdown)
    line["max_drawdown_abs"] = np.float64(deepest.drawdown_abs)
    return line


def sorted_lines(lines: Iterable[Line], total: Line) -> list[Line]:
    """Most profitable first, then the total."""
    return [*sorted(lines, key=lambda line: line["profit_total_abs"], reverse=True), total]


def pair_lines(
    pairlist: list[str],
    rows_of: dict[Any, list[int]],
    trades: TradeColumns,
    min_date: datetime,
    max_date: datetime,
    balance: float,
    *,
    skip_empty: bool = False,
) -> list[Line]:
    """A row for each pair in the list; ``rows_of`` has its trades' positions."""
    return [
        result_line(trades.take(rows_of.get(pair, [])), min_date, max_date, balance, pair)
        for pair in pairlist
        if not skip_empty or pair in rows_of
    ]


def tag_lines(
    rows_of: dict[Any, list[int]],
    trades: TradeColumns,
    min_date: datetime,
    max_date: datetime,
    balance: float,
) -> list[Line]:
    """A row for each tag, or each combination of tags, in order."""
    return [
        result_line(trades.take(rows_of[tag]), min_date, max_date, balance, tag)
        for tag in sorted(rows_of)
    ]


def texts(trades: pd.DataFrame, name: str) -> list[str | None] | None:
    """A column of texts, None where one is missing; None for a column with anything else."""
    if name not in trades:
        return None
    column: Any = trades[name]
    values: list[Any] = column.to_numpy(dtype=object, na_value=None).tolist()
    kinds = set(map(type, values))
    return values if kinds <= {str, type(None)} else None


def rows_by(values: Iterable[Any]) -> dict[Any, list[int]]:
    """The positions of each value that isn't missing, in order."""
    rows: dict[Any, list[int]] = {}
    for position, value in enumerate(values):
        if value is not None:
            rows.setdefault(value, []).append(position)
    return rows


def rows_by_both(first: Iterable[str | None], second: Iterable[str | None]) -> dict[Any, list[int]]:
    """The positions of each combination of which neither is missing."""
    return rows_by(
        None if one is None or other is None else (one, other)
        for one, other in zip(first, second, strict=True)
    )


def known_columns(results: Any, starting_balance: Any, *dates: Any) -> TradeColumns | None:
    """The columns, if everything that a row is made of is certain."""
    if (
        not is_usual_balance(starting_balance)
        or not all(isinstance(date, datetime) for date in dates)
        or not ARITHMETIC_IS_KNOWN
    ):
        return None
    return trade_columns(results)


@functools.wraps(_original_line)
def _generate_result_line(
    result: pd.DataFrame,
    min_date: datetime,
    max_date: datetime,
    starting_balance: float,
    first_column: str | list[str],
) -> Line:
    trades = known_columns(result, starting_balance, min_date, max_date)
    if trades is None:
        original: Line = _original_line(result, min_date, max_date, starting_balance, first_column)
        return original
    return result_line(trades, min_date, max_date, starting_balance, first_column)


@functools.wraps(_original_pair_metrics)
def generate_pair_metrics(
    pairlist: list[str],
    stake_currency: str,
    starting_balance: float,
    results: pd.DataFrame,
    min_date: datetime,
    max_date: datetime,
    skip_nan: bool = False,
) -> list[Line]:
    trades = known_columns(results, starting_balance, min_date, max_date)
    pairs = None if trades is None else texts(results, "pair")
    if trades is None or pairs is None or not _are_texts(pairlist):
        original: list[Line] = _original_pair_metrics(
            pairlist, stake_currency, starting_balance, results, min_date, max_date, skip_nan
        )
        return original
    lines = pair_lines(
        pairlist,
        rows_by(pairs),
        trades,
        min_date,
        max_date,
        starting_balance,
        skip_empty=bool(skip_nan),
    )
    return sorted_lines(lines, result_line(trades, min_date, max_date, starting_balance, "TOTAL"))


@functools.wraps(_original_tag_metrics)
def generate_tag_metrics(
    tag_type: TagType | list[TagType],
    starting_balance: float,
    results: pd.DataFrame,
    min_date: datetime,
    max_date: datetime,
    skip_nan: bool = False,
) -> list[Line]:
    trades = known_columns(results, starting_balance, min_date, max_date)
    rows = None if trades is None else _rows_of_tags(results, tag_type)
    if trades is None or rows is None:
        original: list[Line] = _original_tag_metrics(
            tag_type, starting_balance, results, min_date, max_date, skip_nan
        )
        return original
    lines = tag_lines(rows, trades, min_date, max_date, starting_balance)
    return sorted_lines(lines, result_line(trades, min_date, max_date, starting_balance, "TOTAL"))


def _rows_of_tags(results: pd.DataFrame, tag_type: Any) -> dict[Any, list[int]] | None:
    """For one tag or for two; None if there is anything but texts."""
    names = [tag_type] if isinstance(tag_type, str) else tag_type
    tags = [texts(results, name) for name in names]
    if isinstance(tag_type, str) and tags[0] is not None:
        return rows_by(tags[0])
    if len(tags) == 2 and tags[0] is not None and tags[1] is not None:
        return rows_by_both(tags[0], tags[1])
    return None


def _are_texts(pairlist: Any) -> bool:
    return type(pairlist) is list and all(type(pair) is str for pair in pairlist)


def _replacement(name: str, ours: Any, *relies_on: str) -> Replacement:
    reports = "freqtrade.optimize.optimize_reports.optimize_reports:"
    metrics = tuple(
        f"freqtrade.data.metrics:calculate_{metric}"
        for metric in (
            "cagr",
            "calmar",
            "expectancy",
            "max_drawdown",
            "p_value",
            "sharpe",
            "sortino",
            "sqn",
        )
    )
    return Replacement(
        reports + name, ours, "statistics", (*metrics, *(reports + other for other in relies_on))
    )


REPLACEMENTS = (
    _replacement("_generate_result_line", _generate_result_line),
    _replacement("generate_pair_metrics", generate_pair_metrics, "_generate_result_line"),
    _replacement("generate_tag_metrics", generate_tag_metrics, "_generate_result_line"),
)
