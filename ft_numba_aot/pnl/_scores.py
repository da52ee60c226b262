"""Numbers that tell how good the trades of a simulation are, by name.

Imports pandas and ``ft_numba_aot.metrics``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from .. import metrics
from ._trades import Trades


class Scored(NamedTuple):
    """The trades of a parameter set by the time of their exits, and the period that they are of."""

    frame: pd.DataFrame
    start: pd.Timestamp
    end: pd.Timestamp
    balance: float


Score = Callable[[Scored], Any]


def _drawdown(scored: Scored, name: str) -> float:
    if scored.frame.empty:
        return 0.0
    found = metrics.calculate_max_drawdown(scored.frame, starting_balance=scored.balance)
    return float(getattr(found, name))


def _profit_factor(scored: Scored) -> float:
    profit = scored.frame["profit_abs"].to_numpy()
    lost = abs(profit[profit < 0].sum())
    return float(profit[profit > 0].sum() / lost) if lost else math.nan


def _cagr(scored: Scored) -> float:
    final = scored.balance + scored.frame["profit_abs"].sum()
    days = max((scored.end - scored.start).days, 1)
    return metrics.calculate_cagr(days, scored.balance, final)


def _over_period(function: Callable[..., Any]) -> Score:
    return lambda scored: function(scored.frame, scored.start, scored.end, scored.balance)


SCORES: dict[str, Score] = {
    "trades": lambda scored: len(scored.frame),
    "profit_abs": lambda scored: scored.frame["profit_abs"].sum(),
    "profit_ratio": lambda scored: scored.frame["profit_abs"].sum() / scored.balance,
    "profit_mean": lambda scored: scored.frame["profit_ratio"].mean(),
    "win_rate": lambda scored: (scored.frame["profit_abs"] > 0).mean(),
    "profit_factor": _profit_factor,
    "expectancy": lambda scored: metrics.calculate_expectancy(scored.frame)[0],
    "expectancy_ratio": lambda scored: metrics.calculate_expectancy(scored.frame)[1],
    "sharpe": _over_period(metrics.calculate_sharpe),
    "sortino": _over_period(metrics.calculate_sortino),
    "calmar": _over_period(metrics.calculate_calmar),
    "sqn": lambda scored: metrics.calculate_sqn(scored.frame, scored.balance),
    "p_value": lambda scored: metrics.calculate_p_value(scored.frame, scored.balance),
    "cagr": _cagr,
    "max_drawdown_abs": lambda scored: _drawdown(scored, "drawdown_abs"),
    "max_drawdown": lambda scored: _drawdown(scored, "relative_account_drawdown"),
}


def named(metrics_wanted: Sequence[Any]) -> dict[str, Any]:
    """Each metric, a name or a function of a frame of trades, by the name of its column."""
    found: dict[str, Any] = {}
    for metric in metrics_wanted:
        if callable(metric):
            found[getattr(metric, "__name__", type(metric).__name__)] = metric
            continue
        name = metric.removeprefix("calculate_") if isinstance(metric, str) else metric
        if name not in SCORES:
            raise ValueError(f"metrics: {metric!r} is none of {', '.join(SCORES)}")
        found[name] = SCORES[name]
    if not found:
        raise ValueError("metrics: none")
    return found


def score(
    trades: Trades, wanted: dict[str, Any], start: pd.Timestamp, end: pd.Timestamp, balance: float
) -> list[float]:
    """The metrics of trades; functions of the user's own get a frame with freqtrade's columns."""
    order = np.argsort(trades.close_timestamp, kind="stable")
    frame = pd.DataFrame(
        {
            "profit_abs": trades.profit_abs[order],
            "profit_ratio": trades.profit_ratio[order],
            "close_date": pd.to_datetime(trades.close_timestamp[order], unit="ms", utc=True),
        }
    )
    scored = Scored(frame, start, end, balance)
    whole: pd.DataFrame | None = None
    values = []
    for name, metric in wanted.items():
        known = SCORES.get(name)
        if known is not None and known is metric:
            values.append(float(known(scored)))
        else:
            if whole is None:
                whole = trades.to_dataframe(with_orders=False)
                whole = whole.sort_values("close_timestamp", kind="stable", ignore_index=True)
            values.append(float(metric(whole)))
    return values
