"""Small cases by hand: flat candles with a few signals, run in stock freqtrade and accelerated."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pandas as pd

from .differential import START, Case, Seen, Trace, difference, observe

MINUTE = timedelta(minutes=1)


class Both(NamedTuple):
    """The same case in stock freqtrade and accelerated."""

    stock: Seen
    ours: Seen

    def trades(self, name: str = "0 Case") -> pd.DataFrame:
        """The trades of a run in stock freqtrade."""
        return self.stock.frames[f"{name} trades"]

    def wallets(self, name: str = "0 Case") -> pd.DataFrame:
        """The wallet history of a run in stock freqtrade."""
        return self.stock.frames[f"{name} wallets"]

    def content(self, name: str = "0 Case") -> dict[str, Any]:
        """What else a run in stock freqtrade gives."""
        content: dict[str, Any] = self.stock.values[f"{name} content"]
        return content

    def counters(self) -> dict[str, Any]:
        """Stock freqtrade's counters."""
        counters: dict[str, Any] = self.stock.values["counters"]
        return counters


def both(case: Case, *, stock_because: str = "", skips: bool = True) -> Both:
    """Run the case both ways and compare everything; the accelerated run must leave out visits.

    ``stock_because``: it must be left to freqtrade's own code, for this reason. ``skips`` False
    where there is nothing to leave out, or the run doesn't get to its end.
    """
    stock = observe(case, accelerated=False)
    ours = observe(case, accelerated=True)
    found = difference(stock, ours)
    assert not found, found
    assert not stock.error or not skips, stock.error
    if stock_because:
        assert ours.reasons == (f"whole run stock: {stock_because}",)
        assert ours.visits == ours.skipped == 0
    else:
        assert not ours.reasons, ours.reasons
        assert ours.skipped > 0 or not skips
    return Both(stock, ours)


def candles(
    length: int = 60,
    *,
    price: float = 100.0,
    spread: float = 0.5,
    start: datetime = START,
    minutes: int = 5,
    at: dict[int, dict[str, Any]] | None = None,
    **signals: Iterable[int],
) -> pd.DataFrame:
    """Candles that stay at a price, and reach ``spread`` above and below it.

    ``at`` has other values by row and column; each of ``signals`` the rows where it is 1. What
    is a signal in one candle is acted upon in the next.
    """
    frame = pd.DataFrame(
        {
            "date": pd.date_range(start, periods=length, freq=f"{minutes}min", unit="ms"),
            "open": price,
            "high": price + spread,
            "low": price - spread,
            "close": price,
            "volume": 1.0,
        }
    )
    for name in ("enter_long", "exit_long"):
        frame[name] = 0
    for name, rows in signals.items():
        frame[name] = 0
        frame.loc[list(rows), name] = 1
    for row, values in (at or {}).items():
        for name, value in values.items():
            frame.loc[row, name] = value
    return frame


def at(row: int, start: datetime = START, minutes: int = 5) -> pd.Timestamp:
    """The date of a row."""
    return pd.Timestamp(start) + row * timedelta(minutes=minutes)


def minutes(
    length: int, changes: dict[int, dict[str, float]] | None = None, **more: float
) -> pd.DataFrame:
    """Candles of a minute for ``length`` candles of five, without signals."""
    frame = candles(5 * length, minutes=1, at=changes, **more)
    return frame[["date", "open", "high", "low", "close", "volume"]]


def funding(length: int = 60) -> pd.DataFrame:
    """Funding rates of each hour, which longs pay."""
    dates = pd.date_range(START, periods=length // 12 + 1, freq="h", unit="ms")
    return pd.DataFrame({"date": dates, "open_mark": 100.0, "open_fund": 0.0001})


def bar(open_: float, high: float, low: float, close: float, **signals: Any) -> dict[str, Any]:
    """What to put into a row of candles."""
    return {"open": open_, "high": high, "low": low, "close": close, **signals}


def noted(notes: Trace, what: str) -> list[tuple[Any, ...]]:
    """The notes that begin with a word, without it."""
    return [note[1:] for note in notes if note[0] == what]


def hourly_funding(hours: int = 24, rate: float = 0.001) -> pd.DataFrame:
    """The same funding rate and mark price each hour."""
    dates = pd.date_range(START, periods=hours, freq="h", unit="ms").floor("h")
    return pd.DataFrame({"date": dates, "open_mark": 100.0, "open_fund": rate})
