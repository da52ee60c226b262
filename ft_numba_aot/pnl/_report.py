"""A page about a set of trades: one HTML file with its plots, which needs no network.

Imports pandas and ``ft_numba_aot.metrics``.
"""

from __future__ import annotations

import importlib.util
import math
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..cli.html_page import Section, page
from . import _plots
from ._curves import column, drawdown_curve, equity_curve, excursions, exposure, milliseconds
from ._scores import SCORES, Scored

# Amounts of stake currency are written with as many decimals as the starting balance needs.
_AMOUNT = "amount"
_MOST_DECIMALS = 8
_NAMES = {
    "trades": ("Trades", "{:,.0f}"),
    "profit_abs": ("Profit", _AMOUNT),
    "profit_ratio": ("Profit, of the starting balance", "{:.2%}"),
    "cagr": ("Profit a year", "{:.2%}"),
    "profit_mean": ("Profit of a trade, mean", "{:.3%}"),
    "win_rate": ("Winners", "{:.1%}"),
    "profit_factor": ("Profit factor", "{:.3f}"),
    "expectancy": ("Expectancy", _AMOUNT),
    "expectancy_ratio": ("Expectancy ratio", "{:.3f}"),
    "sharpe": ("Sharpe", "{:.3f}"),
    "sortino": ("Sortino", "{:.3f}"),
    "calmar": ("Calmar", "{:.3f}"),
    "sqn": ("SQN", "{:.3f}"),
    "max_drawdown_abs": ("Drawdown", _AMOUNT),
    "max_drawdown": ("Drawdown of the account", "{:.2%}"),
    "p_value": ("p-value of the mean being above 0", "{:.4g}"),
}


def write_report(
    trades: Any,
    path: str | os.PathLike[str],
    *,
    starting_balance: float = 1000.0,
    title: str = "Trades",
    start: Any = None,
    end: Any = None,
    notes: Iterable[str] = (),
) -> Path:
    """Write a page about trades; returns where.

    ``trades`` are ``Trades`` or a frame with the columns of freqtrade's backtest results, such as
    ``load_backtest_data`` gives. ``starting_balance`` in stake currency is what ratios are of,
    ``start`` and ``end`` the dates that they are of: by default, the first entry and the last exit.
    ``notes`` are lines below the title.
    """
    target = Path(path)
    text = report_html(
        trades, starting_balance=starting_balance, title=title, start=start, end=end, notes=notes
    )
    target.write_text(text, encoding="utf-8")
    return target


def report_html(
    trades: Any,
    *,
    starting_balance: float = 1000.0,
    title: str = "Trades",
    start: Any = None,
    end: Any = None,
    notes: Iterable[str] = (),
) -> str:
    """The page of ``write_report``."""
    profit = column(trades, "profit_ratio").astype(np.float64)
    if not len(profit):
        return page(title, ["No trades.", *notes], [])
    scored = _scored(trades, starting_balance, start, end)
    amount = _amount(starting_balance)
    equity = equity_curve(trades, starting_balance=starting_balance)
    drawdown = drawdown_curve(trades, starting_balance=starting_balance)
    times = np.sort(column(trades, "close_timestamp"), kind="stable")
    sections = [
        Section("Summary", "", "", ("", "value"), _summary(scored, trades, amount)),
        Section(
            "Equity",
            "The balance after each exit, and how far it is below its highest value.",
            _plots.line(times, equity.to_numpy())
            + _plots.line(times, drawdown.to_numpy(), unit="%", filled=True),
            ("month", "trades", "winners", "profit", "balance"),
            _months(equity, scored.frame, amount),
        ),
        Section(
            "Exits",
            "Profit ratios of the trades, fees included.",
            _plots.histogram(profit),
            _GROUP_HEADINGS,
            _groups(trades, "exit_reason", amount),
        ),
        Section("Pairs", "", "", _GROUP_HEADINGS, _groups(trades, "pair", amount)),
        _excursions(trades, profit),
    ]
    lines = [
        f"{scored.start:%Y-%m-%d} to {scored.end:%Y-%m-%d}, starting with "
        f"{amount.format(starting_balance)}.",
        *notes,
    ]
    return page(title, lines, sections)


def figures(
    trades: Any, *, starting_balance: float = 1000.0, start: Any = None, end: Any = None
) -> dict[str, float]:
    """The scores that the page has, by their names in ``SCORES``; of at least one trade."""
    scored = _scored(trades, starting_balance, start, end)
    scores = {name: SCORES[name](scored) for name in _shown()}
    return {name: math.nan if value is None else float(value) for name, value in scores.items()}


def _shown() -> list[str]:
    without_scipy = importlib.util.find_spec("scipy") is None
    return [name for name in _NAMES if not (name == "p_value" and without_scipy)]


def _scored(trades: Any, balance: float, start: Any, end: Any) -> Scored:
    first = column(trades, "open_timestamp").min() if start is None else milliseconds(start)
    last = column(trades, "close_timestamp").max() if end is None else milliseconds(end)
    begin, until = (pd.Timestamp(int(time), unit="ms", tz="UTC") for time in (first, last))
    return Scored(_by_exit(trades), begin, until, balance)


def _amount(balance: float) -> str:
    """A format that shows a hundred-thousandth of the balance."""
    decimals = 5 - math.floor(math.log10(balance)) if balance > 0 else 2
    return f"{{:,.{min(max(decimals, 2), _MOST_DECIMALS)}f}}"


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


def _summary(scored: Scored, trades: Any, amount: str) -> list[tuple[str, str]]:
    rows = []
    for name in _shown():
        text, form = _NAMES[name]
        rows.append((text, _written(amount if form == _AMOUNT else form, SCORES[name](scored))))
    held = exposure(trades, start=scored.start, end=scored.end)
    minutes = (column(trades, "close_timestamp") - column(trades, "open_timestamp")) / 60_000
    rows += [
        ("Time with a trade open", f"{held.share:.1%}"),
        ("Trades open, on average", f"{held.mean:.2f}"),
        ("Trades open, at most", f"{held.most:,}"),
        ("Minutes of a trade, median", f"{np.median(minutes):,.0f}"),
    ]
    return rows


def _written(form: str, value: Any) -> str:
    return form.format(value) if value is not None and math.isfinite(value) else "-"


def _excursions(trades: Any, profit: npt.NDArray[np.float64]) -> Section:
    # A bot's database lacks the extreme rates of trades from before it noted them.
    moves = excursions(trades)
    known = np.isfinite(moves.to_numpy()).all(axis=1)
    shares = (0.05, 0.5, 0.95)
    return Section(
        "Excursions",
        "Across: the worst move from the entry while a trade was open (MAE). Up: its profit.",
        _plots.scatter(moves["mae"].to_numpy()[known], profit[known]),
        ("", "5 %", "median", "95 %"),
        [
            (name, *(f"{value:.3%}" for value in np.quantile(moves[key][known], shares)))
            for key, name in (("mae", "Worst move (MAE)"), ("mfe", "Best move (MFE)"))
            if known.any()
        ],
    )


def _months(equity: pd.Series[float], frame: pd.DataFrame, amount: str) -> list[tuple[str, ...]]:
    months = frame["close_date"].dt.strftime("%Y-%m")
    profit = frame["profit_abs"].groupby(months)
    balances = pd.Series(equity.to_numpy()).groupby(months).last()
    return [
        (
            str(month),
            f"{len(part):,}",
            f"{(part > 0).mean():.1%}",
            amount.format(part.sum()),
            amount.format(balances[month]),
        )
        for month, part in profit
    ]


_GROUP_HEADINGS = ("", "trades", "winners", "profit", "mean", "worst", "best")


def _groups(trades: Any, name: str, amount: str) -> list[tuple[str, ...]]:
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
            amount.format(part["profit"].sum()),
            f"{part['ratio'].mean():.3%}",
            f"{part['ratio'].min():.3%}",
            f"{part['ratio'].max():.3%}",
        )
        for key, part in groups
    ]
