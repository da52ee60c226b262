"""Curves, excursions and exposure against loops, and the page that shows them."""

from __future__ import annotations

import importlib.util
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ft_numba_aot.pnl import (
    Exposure,
    Rules,
    drawdown_curve,
    equity_curve,
    excursions,
    exposure,
    parallel_trades,
    report_html,
    write_report,
)


@pytest.fixture(scope="module")
def trades() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.004, 2000)))
    opened = np.concatenate([[100.0], close[:-1]])
    candles = pd.DataFrame(
        {
            "date": pd.date_range("2024-01-01", periods=2000, freq="1h", tz="UTC"),
            "open": opened,
            "high": np.maximum(opened, close) * 1.001,
            "low": np.minimum(opened, close) * 0.999,
            "close": close,
            "enter_long": rng.random(2000) < 0.1,
            "enter_short": rng.random(2000) < 0.1,
        }
    )
    rules = Rules(-0.02, {0: 0.02}, can_short=True)
    frames = {"A/B<>": candles, "C/D": candles.iloc[500:]}
    return parallel_trades(frames, rules, stake_amount=100.0, fee=0.001).to_dataframe()


def test_equity_and_drawdown_follow_the_exits(trades: pd.DataFrame) -> None:
    equity = equity_curve(trades, starting_balance=500.0)
    by_exit = trades.sort_values("close_date", kind="stable")
    balance = 500.0 + by_exit["profit_abs"].cumsum()
    assert equity.tolist() == balance.tolist()
    assert (equity.index == pd.DatetimeIndex(by_exit["close_date"])).all()
    highest, drawdowns = 500.0, []
    for value in balance:
        highest = max(highest, value)
        drawdowns.append(value / highest - 1.0)
    assert drawdown_curve(trades, starting_balance=500.0).tolist() == drawdowns


def test_excursions_are_the_extremes_of_each_trade(trades: pd.DataFrame) -> None:
    found = excursions(trades)
    for trade, mae, mfe in zip(trades.itertuples(), found["mae"], found["mfe"], strict=True):
        moves = [rate / trade.open_rate - 1.0 for rate in (trade.min_rate, trade.max_rate)]
        worst, best = (-moves[1], -moves[0]) if trade.is_short else moves
        assert (mae, mfe) == (worst, best)
    assert (found["mae"] <= 0).all()
    assert (found["mfe"] >= 0).all()


intervals = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 15)).map(lambda p: (p[0], p[0] + p[1])),
    max_size=12,
)


@given(intervals)
def test_exposure_is_that_of_a_count_by_the_minute(periods: list[tuple[int, int]]) -> None:
    minutes = np.array(periods, dtype=np.int64).reshape(-1, 2) * 60_000
    frame = pd.DataFrame({"open_timestamp": minutes[:, 0], "close_timestamp": minutes[:, 1]})
    found = exposure(frame, start="1970-01-01 00:05", end="1970-01-01 00:35")
    running = [sum(a <= minute < b for a, b in periods) for minute in range(5, 35)]
    if not periods:
        assert found == Exposure(0.0, 0.0, 0)
        return
    assert found.share == pytest.approx(sum(count > 0 for count in running) / 30, abs=1e-12)
    assert found.mean == pytest.approx(sum(running) / 30, abs=1e-12)
    assert found.most >= max(running)


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.external: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.external += [value or "" for name, value in attrs if name in ("src", "href")]


def test_the_page_needs_nothing_else(
    trades: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Which takes seconds to import, for one number.
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    path = write_report(trades, tmp_path / "trades.html", title="Two <pairs>")
    text = path.read_text(encoding="utf-8")
    parser = Links()
    parser.feed(text)
    assert not parser.external
    assert "script" not in parser.tags
    assert parser.tags.count("svg") == 4
    assert "Two &lt;pairs&gt;" in text
    assert "A/B&lt;&gt;" in text
    assert "nan" not in re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
    assert f"{trades['profit_abs'].sum():,.2f}" in text


def test_a_page_of_one_trade_and_of_none(trades: pd.DataFrame) -> None:
    assert "stop_loss" in report_html(trades[trades["exit_reason"] == "stop_loss"].head(1))
    assert "No trades." in report_html(trades.head(0))
    with pytest.raises(ValueError, match="trades: no column profit_ratio"):
        report_html(pd.DataFrame())
