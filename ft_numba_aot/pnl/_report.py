"""A page about a set of trades: one HTML file with its plots, which needs no network.

Imports pandas and ``ft_numba_aot.metrics``.
"""

from __future__ import annotations

import importlib.util
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..cli.html_page import Section, page
from . import _plots
from ._curves import column, drawdown_curve, equity_curve, excursions, exposure
from ._scores import SCORES, Scored

_NAMES = {
    "trades": ("Trades", "{:,.0f}"),
    "profit_abs": ("Profit", "{:,.2f}"),
    "profit_ratio": ("Profit, of the starting balance", "{:.2%}"),
    "cagr": ("Profit a year", "{:.2%}"),
    "profit_mean": ("Profit of a trade, mean", "{:.3%}"),
    "win_rate": ("Winners", "{:.1%}"),
    "profit_factor": ("Profit factor", "{:.3f}"),
    "expectancy": ("Expectancy", "{:,.4f}"),
    "expectancy_ratio": ("Expectancy ratio", "{:.3f}"),
    "sharpe": ("Sharpe", "{:.3f}"),
    "sortino": ("Sortino", "{:.3f}"),
    "calmar": ("Calmar", "{:.3f}"),
    "sqn": ("SQN", "{:.3f}"),
    "max_drawdown_abs": ("Drawdown", "{:,.2f}"),
    "max_drawdown": ("Drawdown of the account", "{:.2%}"),
}
_P_VALUE = ("p-value of the mean being above 0", "{:.4g}")


def write_report(
    trades: Any,
    path: str | os.PathLike[str],
    *,
    starting_balance: float = 1000.0,
    title: str = "Trades",
) -> Path:
    """Write a page about trades; returns where.

    ``trades`` are ``Trades`` or a frame with the columns of freqtrade's backtest results, such as
    ``load_backtest_data`` gives. ``starting_balance`` in stake currency is what ratios are of.
    """
    target = Path(path)
    text = report_html(trades, starting_balance=starting_balance, title=title)
    target.write_text(text, encoding="utf-8")
    return target


def report_html(trades: Any, *, starting_balance: float = 1000.0, title: str = "Trades") -> str:
    """The page of ``write_report``."""
    profit = column(trades, "profit_ratio").astype(np.float64)
    if not len(profit):
        return page(title, ["No trades."], [])
    opened, closed = column(trades, "open_timestamp"), column(trades, "close_timestamp")
    start, end = (
        pd.Timestamp(int(time), unit="ms", tz="UTC") for time in (opened.min(), closed.max())
    )
    equity = equity_curve(trades, starting_balance=starting_balance)
    drawdown = drawdown_curve(trades, starting_balance=starting_balance)
    times = np.sort(closed, kind="stable")
    moves = excursions(trades)
    scored = Scored(_by_exit(trades), start, end, starting_balance)
    sections = [
        Section("Summary", "", "", ("", "value"), _summary(scored, trades)),
        Section(
            "Equity",
            "The balance after each exit, and how far it is below its highest value.",
            _plots.line(times, equity.to_numpy())
            + _plots.line(times, drawdown.to_numpy(), unit="%", filled=True),
            ("month", "trades", "winners", "profit", "balance"),
            _months(equity, scored.frame),
        ),
        Section(
            "Exits",
            "Profit ratios of the trades, fees included.",
            _plots.histogram(profit),
            _GROUP_HEADINGS,
            _groups(trades, "exit_reason"),
        ),
        Section("Pairs", "", "", _GROUP_HEADINGS, _groups(trades, "pair")),
        Section(
            "Excursions",
            "Across: the worst move from the entry while a trade was open (MAE). Up: its profit.",
            _plots.scatter(moves["mae"].to_numpy(), profit),
            ("", "5 %", "median", "95 %"),
            [
                (name, *(f"{value:.3%}" for value in np.quantile(moves[key], [0.05, 0.5, 0.95])))
                for key, name in (("mae", "Worst move (MAE)"), ("mfe", "Best move (MFE)"))
            ],
        ),
    ]
    lines = [f"{start:%Y-%m-%d} to {end:%Y-%m-%d}, starting with {starting_balance:,.2f}."]
    return page(title, lines, sections)


def _by_exit(trades: Any) -> pd.DataFrame:
    closed = column(trades, "close_timestamp")
    order = np.argsort(closed, kind="stable")
    return pd.DataFrame(
        {
            "profit_abs": column(trades, "profit_abs")[order],
            "profit_ratio": column(trades, "profit_ratio")[order],
            "close_date": pd.to_datetime(closed[order], unit="ms", utc=True),
        }
    )


def _summary(scored: Scored, trades: Any) -> list[tuple[str, str]]:
    rows = [(text, _written(form, SCORES[name](scored))) for name, (text, form) in _NAMES.items()]
    if importlib.util.find_spec("scipy") is not None:
        text, form = _P_VALUE
        rows.append((text, _written(form, SCORES["p_value"](scored))))
    held = exposure(trades)
    minutes = (column(trades, "close_timestamp") - column(trades, "open_timestamp")) / 60_000
    rows += [
        ("Time with a trade open", f"{held.share:.1%}"),
        ("Trades open, on average", f"{held.mean:.2f}"),
        ("Trades open, at most", f"{held.most:,}"),
        ("Minutes of a trade, median", f"{np.median(minutes):,.0f}"),
    ]
    return rows


def _written(form: str, value: Any) -> str:
    return form.format(value) if value is not None and not math.isnan(value) else "-"


def _months(equity: pd.Series[float], frame: pd.DataFrame) -> list[tuple[str, ...]]:
    months = frame["close_date"].dt.strftime("%Y-%m")
    profit = frame["profit_abs"].groupby(months)
    balances = pd.Series(equity.to_numpy()).groupby(months).last()
    return [
        (
            str(month),
            f"{len(part):,}",
            f"{(part > 0).mean():.1%}",
            f"{part.sum():,.2f}",
            f"{balances[month]:,.2f}",
        )
        for month, part in profit
    ]


_GROUP_HEADINGS = ("", "trades", "winners", "profit", "mean", "worst", "best")


def _groups(trades: Any, name: str) -> list[tuple[str, ...]]:
    frame = pd.DataFrame(
        {
            "key": column(trades, name),
            "profit": column(trades, "profit_abs"),
            "ratio": column(trades, "profit_ratio"),
        }
    )
    groups = sorted(frame.groupby("key"), key=lambda group: -len(group[1]))
    return [
        (
            str(key),
            f"{len(part):,}",
            f"{(part['profit'] > 0).mean():.1%}",
            f"{part['profit'].sum():,.2f}",
            f"{part['ratio'].mean():.3%}",
            f"{part['ratio'].min():.3%}",
            f"{part['ratio'].max():.3%}",
        )
        for key, part in groups
    ]
