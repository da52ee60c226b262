"""freqtrade's statistics of a strategy's trades, which every hyperopt epoch waits for.

Replaces ``generate_strategy_stats``. The columns of the trades are taken out once for all tables.
Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from freqtrade.constants import DATETIME_PRINT_FORMAT
from freqtrade.data.metrics import calculate_cagr
from freqtrade.optimize.optimize_reports import optimize_reports as _reports
from freqtrade.util import decimals_per_coin, get_dry_run_wallet

from ..metrics import max_drawdown
from ..metrics.columns import date_order, finite_floats
from ..metrics.trades import drawdown_result, lowest_and_highest
from .period_statistics import daily_statistics, trading_statistics
from .replacement import Replacement
from .result_lines import (
    known_columns,
    pair_lines,
    result_line,
    rows_by,
    rows_by_both,
    sorted_lines,
    tag_lines,
    texts,
)
from .trade_columns import TradeColumns
from .wallet_statistics import generate_wallet_stats

__all__ = ["REPLACEMENTS", "generate_strategy_stats", "records"]

_original_strategy_stats = _reports.generate_strategy_stats

FORCED = "force_exit"


@functools.wraps(_original_strategy_stats)
def generate_strategy_stats(
    pairlist: list[str],
    strategy: str,
    content: Any,
    min_date: datetime,
    max_date: datetime,
    market_change: float,
    is_hyperopt: bool = False,
) -> dict[str, Any]:
    trades = _columns(pairlist, content, min_date, max_date)
    if trades is None:
        original: dict[str, Any] = _original_strategy_stats(
            pairlist, strategy, content, min_date, max_date, market_change, is_hyperopt
        )
        return original
    results = content["results"]
    config = content["config"]
    balance = get_dry_run_wallet(config)
    tables = _tables(pairlist, results, trades, min_date, max_date, balance)
    daily = daily_statistics(trades)
    trading = trading_statistics(trades)
    breakdown = {}
    if not is_hyperopt:
        breakdown = {"periodic_breakdown": _reports.generate_all_periodic_breakdown_stats(results)}
    total = tables["results_per_pair"][-1]
    days = (max_date - min_date).days or 1
    trades_dict = records(results)
    statistics: dict[str, Any] = {
        "trades": trades_dict,
        "locks": [lock.to_json() for lock in content["locks"]],
        **_best_and_worst(tables["results_per_pair"]),
        **tables,
        "total_trades": len(trades),
        **_totals(results, trades, trades_dict, balance),
        "cagr": calculate_cagr(days, balance, content["final_balance"]),
        **{
            ratio: total[ratio]
            for ratio in (
                "expectancy",
                "expectancy_ratio",
                "sortino",
                "sharpe",
                "calmar",
                "sqn",
                "p_value",
            )
            if ratio in total
        },
        "wallet_stats": generate_wallet_stats(
            content.get("wallet_summary"), config["stake_currency"]
        ),
        "profit_factor": total["profit_factor"],
        "backtest_start": min_date.strftime(DATETIME_PRINT_FORMAT),
        "backtest_start_ts": int(min_date.timestamp() * 1000),
        "backtest_end": max_date.strftime(DATETIME_PRINT_FORMAT),
        "backtest_end_ts": int(max_date.timestamp() * 1000),
        "backtest_days": days,
        "backtest_run_start_ts": content["backtest_start_time"],
        "backtest_run_end_ts": content["backtest_end_time"],
        "trades_per_day": round(len(trades) / days, 2),
        "market_change": market_change,
        "pairlist": pairlist,
        "stake_amount": config["stake_amount"],
        "stake_currency": config["stake_currency"],
        "stake_currency_decimals": decimals_per_coin(config["stake_currency"]),
        "starting_balance": balance,
        "dry_run_wallet": balance,
        "final_balance": content["final_balance"],
        "rejected_signals": content["rejected_signals"],
        "timedout_entry_orders": content["timedout_entry_orders"],
        "timedout_exit_orders": content["timedout_exit_orders"],
        "canceled_trade_entries": content["canceled_trade_entries"],
        "canceled_entry_orders": content["canceled_entry_orders"],
        "replaced_entry_orders": content["replaced_entry_orders"],
        **_settings(config, strategy, pairlist),
        **breakdown,
        **daily,
        **trading,
    }
    statistics.update(_drawdowns(results, trades, balance))
    return statistics


def _columns(
    pairlist: Any, content: Any, min_date: datetime, max_date: datetime
) -> TradeColumns | None:
    """The trades' columns, if there are trades and everything about them is certain."""
    results = content["results"]
    if not isinstance(results, pd.DataFrame):
        return None
    trades = known_columns(results, get_dry_run_wallet(content["config"]), min_date, max_date)
    if (
        trades is None
        or len(trades) == 0
        or type(pairlist) is not list
        or not all(type(pair) is str for pair in pairlist)
        or any(texts(results, name) is None for name in ("pair", "enter_tag", "exit_reason"))
        or "is_short" not in results
        or results["is_short"].dtype != np.bool_
        or finite_floats(results, "stake_amount") is None
    ):
        return None
    return trades


def _tables(
    pairlist: list[str],
    results: pd.DataFrame,
    trades: TradeColumns,
    min_date: datetime,
    max_date: datetime,
    balance: float,
) -> dict[str, list[dict[str, Any]]]:
    period = (min_date, max_date, balance)
    pairs, entries, exits = (
        texts(results, name) or [] for name in ("pair", "enter_tag", "exit_reason")
    )
    total = result_line(trades, *period, "TOTAL")

    def table(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return sorted_lines(lines, dict(total))

    forced = [row for row, reason in enumerate(exits) if reason == FORCED]
    left_open = trades.take(forced)
    left_pairs = rows_by(pairs[row] for row in forced)
    return {
        "results_per_pair": table(pair_lines(pairlist, rows_by(pairs), trades, *period)),
        "results_per_enter_tag": table(tag_lines(rows_by(entries), trades, *period)),
        "exit_reason_summary": table(tag_lines(rows_by(exits), trades, *period)),
        "mix_tag_stats": table(tag_lines(rows_by_both(entries, exits), trades, *period)),
        "left_open_trades": sorted_lines(
            pair_lines(pairlist, left_pairs, left_open, *period, skip_empty=True),
            result_line(left_open, *period, "TOTAL"),
        ),
    }


def _best_and_worst(pair_results: list[dict[str, Any]]) -> dict[str, Any]:
    """The first most and the first least profitable pair."""
    pairs = [line for line in pair_results if line["key"] != "TOTAL"]
    if len(pair_results) < 2:
        return {"best_pair": None, "worst_pair": None}
    return {
        "best_pair": max(pairs, key=lambda line: line["profit_total_abs"]),
        "worst_pair": min(pairs, key=lambda line: line["profit_total_abs"]),
    }


def _totals(
    results: pd.DataFrame,
    trades: TradeColumns,
    trades_dict: list[dict[str, Any]],
    balance: float,
) -> dict[str, Any]:
    short = results["is_short"].to_numpy()
    stakes = results["stake_amount"].to_numpy()
    shorts = int(np.count_nonzero(short))
    profit = np.add.reduce(trades.profit)
    profit_long = np.add.reduce(trades.profit[~short])
    profit_short = np.add.reduce(trades.profit[short])
    return {
        "trade_count_long": len(trades) - shorts,
        "trade_count_short": shorts,
        "total_volume": _reports.calculate_trade_volume(trades_dict),
        "avg_stake_amount": np.add.reduce(stakes) / len(trades),
        "profit_mean": np.add.reduce(trades.ratio) / len(trades),
        "profit_median": results["profit_ratio"].median(),
        "profit_total": profit / balance,
        "profit_total_long": profit_long / balance,
        "profit_total_short": profit_short / balance,
        "profit_total_abs": profit,
        "profit_total_long_abs": profit_long,
        "profit_total_short_abs": profit_short,
    }


def _settings(config: Any, strategy: str, pairlist: list[str]) -> dict[str, Any]:
    return {
        "max_open_trades": min(config["max_open_trades"], len(pairlist)),
        "max_open_trades_setting": (
            config["max_open_trades"] if config["max_open_trades"] != float("inf") else -1
        ),
        "timeframe": config["timeframe"],
        "timeframe_detail": config.get("timeframe_detail", ""),
        "timerange": config.get("timerange", ""),
        "enable_protections": config.get("enable_protections", False),
        "strategy_name": strategy,
        "freqaimodel": config.get("freqaimodel", None),
        "freqai_identifier": config.get("freqai", {}).get("identifier", None),
        "stoploss": config["stoploss"],
        "trailing_stop": config.get("trailing_stop", False),
        "trailing_stop_positive": config.get("trailing_stop_positive"),
        "trailing_stop_positive_offset": config.get("trailing_stop_positive_offset", 0.0),
        "trailing_only_offset_is_reached": config.get("trailing_only_offset_is_reached", False),
        "use_custom_stoploss": config.get("use_custom_stoploss", False),
        "minimal_roi": config["minimal_roi"],
        "use_exit_signal": config["use_exit_signal"],
        "exit_profit_only": config["exit_profit_only"],
        "exit_profit_offset": config["exit_profit_offset"],
        "ignore_roi_if_entry_signal": config["ignore_roi_if_entry_signal"],
        "trading_mode": config["trading_mode"],
        "margin_mode": config["margin_mode"],
    }


def _drawdowns(results: pd.DataFrame, trades: TradeColumns, balance: float) -> dict[str, Any]:
    order = date_order(trades.closed)
    profit = trades.profit[order]
    deepest = drawdown_result(max_drawdown(profit, balance), order, results["close_date"].array)
    underwater = max_drawdown(profit, balance, relative=True)
    duration = deepest.low_date - deepest.high_date
    csum_min, csum_max = lowest_and_highest(trades.profit, balance)
    return {
        "max_drawdown_account": deepest.relative_account_drawdown,
        "max_relative_drawdown": np.float64(underwater.relative_account_drawdown),
        "max_drawdown_abs": deepest.drawdown_abs,
        "drawdown_start": deepest.high_date.strftime(DATETIME_PRINT_FORMAT),
        "drawdown_start_ts": deepest.high_date.timestamp() * 1000,
        "drawdown_end": deepest.low_date.strftime(DATETIME_PRINT_FORMAT),
        "drawdown_end_ts": deepest.low_date.timestamp() * 1000,
        "drawdown_duration": duration,
        "drawdown_duration_s": duration.total_seconds(),
        "max_drawdown_low": deepest.low_value,
        "max_drawdown_high": deepest.high_value,
        "csum_min": csum_min,
        "csum_max": csum_max,
    }


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """``frame.to_dict(orient="records")``, column by column."""
    columns = [_boxed(frame[name]) for name in frame.columns]
    if any(column is None for column in columns):
        boxed: list[dict[str, Any]] = frame.to_dict(orient="records")  # type: ignore[assignment]
        return boxed
    names = frame.columns.tolist()
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _boxed(column: pd.Series[Any]) -> list[Any] | None:
    """The values as pandas boxes them; None where it looks at each one."""
    dtype = column.dtype
    if isinstance(dtype, np.dtype):
        if dtype.kind in "bif":
            return column.to_numpy().tolist()
        if dtype.kind == "O":
            values = column.to_numpy().tolist()
            return values if set(map(type, values)) <= {str, list, type(None)} else None
        return None
    if isinstance(dtype, pd.DatetimeTZDtype):
        return list(column.array)
    if isinstance(dtype, pd.StringDtype):
        return column.to_numpy(dtype=object).tolist()
    return None


REPLACEMENTS = (
    Replacement(
        "freqtrade.optimize.optimize_reports.optimize_reports:generate_strategy_stats",
        generate_strategy_stats,
        "statistics",
        (
            *(
                f"freqtrade.optimize.optimize_reports.optimize_reports:{name}"
                for name in (
                    "_generate_result_line",
                    "calc_streak",
                    "calculate_trade_volume",
                    "generate_daily_stats",
                    "generate_pair_metrics",
                    "generate_tag_metrics",
                    "generate_trading_stats",
                    "generate_wallet_stats",
                )
            ),
            "freqtrade.data.metrics:calculate_csum",
            "freqtrade.data.metrics:calculate_max_drawdown",
        ),
    ),
)
