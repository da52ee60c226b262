"""``python -m benchmarks.strategies.advice``: what the guide advises, tried, and its table.

Each row is what a strategy writes and what to write instead. Where both give the same, that is
checked bit for bit; elsewhere they agree to 1e-9.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import talib.abstract as ta
from candles import frame
from freqtrade.strategy import merge_informative_pair

import ft_numba_aot.ta as fast_ta
from ft_numba_aot import rolling

from .. import comparisons
from ..tables import table
from ..timing import interleaved
from . import report

BEGIN, END = "<!-- advice -->", "<!-- end of advice -->"
LENGTHS = report.LENGTHS
PERIODS = range(5, 95)
PARTS = 3


class Tried(NamedTuple):
    """What is written, what to write instead, and calls of both; ``same`` if to the bit."""

    written: str
    instead: str
    before: Callable[[], Any]
    after: Callable[[], Any]
    same: bool = True


def _loops(df: pd.DataFrame) -> Iterator[Tried]:
    def walk(rows: Any) -> pd.Series[float]:
        last, found = 0.0, []
        for opened, close in rows:
            last = last * 0.9 + close * 0.1 if close > opened else last
            found.append(last)
        return pd.Series(found)

    def by_rows() -> pd.Series[float]:
        return walk((row["open"], row["close"]) for _, row in df.iterrows())

    def by_lists() -> pd.Series[float]:
        return walk(zip(df["open"].tolist(), df["close"].tolist(), strict=True))

    def by_tuples() -> pd.Series[float]:
        return walk((row.open, row.close) for row in df.itertuples())

    def by_place() -> pd.Series[float]:
        close = df["close"]
        return pd.Series([np.nan, *(close.iloc[i] - close.iloc[i - 1] for i in range(1, len(df)))])

    yield Tried("a loop with `iterrows()`", "the same loop over `tolist()`", by_rows, by_lists)
    yield Tried("a loop with `iterrows()`", "the same with `itertuples()`", by_rows, by_tuples)
    yield Tried(
        "a loop with `.iloc[i - 1]`",
        "`close - close.shift(1)`",
        by_place,
        lambda: (df["close"] - df["close"].shift(1)).rename(None),
    )
    yield Tried(
        '`apply(lambda row: row["high"] - row["low"], axis=1)`',
        '`df["high"] - df["low"]`',
        lambda: df.apply(lambda row: row["high"] - row["low"], axis=1),
        lambda: df["high"] - df["low"],
    )
    yield Tried(
        "`apply(axis=1)` with an `if`",
        "`numpy.where()`",
        lambda: df.apply(lambda r: r["high"] if r["close"] > r["open"] else r["low"], axis=1),
        lambda: pd.Series(np.where(df["close"] > df["open"], df["high"], df["low"])),
    )
    yield Tried(
        "`Series.apply()` with an `if`",
        "`numpy.where()`",
        lambda: df["close"].apply(lambda value: 1.0 if value > 100 else 0.0).rename(None),
        lambda: pd.Series(np.where(df["close"] > 100, 1.0, 0.0)),
    )


def _windows(df: pd.DataFrame) -> Iterator[Tried]:
    close = df["close"]

    def above(window: Any) -> Any:
        return (window > window.mean()).mean()

    def at_once() -> pd.Series[float]:
        windows = np.lib.stride_tricks.sliding_window_view(close.to_numpy(), 20)
        found = np.full(len(close), np.nan)
        found[19:] = (windows > windows.mean(axis=1, keepdims=True)).mean(axis=1)
        return pd.Series(found, name="close")

    own = "`rolling(20).apply()` of a function"
    yield Tried(
        own,
        "the same with `raw=True`",
        lambda: close.rolling(20).apply(above),
        lambda: close.rolling(20).apply(above, raw=True),
        same=False,
    )
    yield Tried(
        own,
        "`sliding_window_view()`",
        lambda: close.rolling(20).apply(above),
        at_once,
        same=False,
    )
    yield Tried(
        "`rolling(20).apply()` of a rank",
        "`rolling.rank(close, 20, pct=True)`",
        lambda: close.rolling(20).apply(lambda w: w.rank(pct=True).iloc[-1]),
        lambda: rolling.rank(close, 20, pct=True),
    )
    yield Tried(
        "`rolling(20).apply()` of `polyfit()`",
        "`ta.LINEARREG_SLOPE(close, 20)`",
        lambda: close.rolling(20).apply(lambda w: np.polyfit(range(20), w, 1)[0]),
        lambda: pd.Series(ta.LINEARREG_SLOPE(close, 20), name="close"),
        same=False,
    )
    for name in ("mean", "std", "max", "median"):
        yield Tried(
            f"`close.rolling(20).{name}()`",
            f"`rolling.{name}(close, 20)`",
            lambda name=name: getattr(close.rolling(20), name)(),
            lambda name=name: getattr(rolling, name)(close, 20),
        )
    yield Tried(
        "`close.rolling(96).rank()`",
        "`rolling.rank(close, 96)`",
        lambda: close.rolling(96).rank(),
        lambda: rolling.rank(close, 96),
    )
    yield Tried(
        "`close.rolling(96).corr(volume)`",
        "`rolling.corr(close, 96, volume)`",
        lambda: close.rolling(96).corr(df["volume"]),
        lambda: rolling.corr(close, 96, df["volume"]),
    )
    yield Tried(
        "`close.ewm(span=20).mean()`",
        "`rolling.ewm_mean(close, span=20)`",
        lambda: close.ewm(span=20).mean(),
        lambda: rolling.ewm_mean(close, span=20),
    )


def _columns(df: pd.DataFrame) -> Iterator[Tried]:
    def one_by_one() -> pd.DataFrame:
        found = df.copy()
        for length in PERIODS:
            found[f"sma_{length}"] = ta.SMA(found, timeperiod=length)
        return found

    def added(function: Any, source: Any) -> pd.DataFrame:
        columns = {f"sma_{length}": function(source, timeperiod=length) for length in PERIODS}
        return pd.concat([df, pd.DataFrame(columns, index=df.index)], axis=1)

    loop = f"{len(PERIODS)} columns of `ta.SMA(df, n)` in a loop"
    yield Tried(loop, "one `pandas.concat()`", one_by_one, lambda: added(ta.SMA, df))
    yield Tried(
        loop,
        "and `ft_numba_aot.ta` of an array",
        one_by_one,
        lambda: added(fast_ta.SMA, df["close"].to_numpy()),
    )


def _merges(df: pd.DataFrame) -> Iterator[Tried]:
    how = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    hourly = df.resample("1h", on="date").agg(how).reset_index()
    names = [f"x{number}" for number in range(4 * PARTS)]
    for name in names:
        hourly[name] = hourly["close"] * 1.5

    def merged(frame: pd.DataFrame, wanted: list[str], suffix: str) -> pd.DataFrame:
        options = {"append_timeframe": False, "suffix": suffix}
        return merge_informative_pair(frame, hourly[["date", *wanted]], "5m", "1h", **options)

    def in_parts() -> pd.DataFrame:
        found = df
        for part in range(PARTS):
            found = merged(found, names[part::PARTS], str(part))
        return found[[f"{name}_{number % PARTS}" for number, name in enumerate(names)]]

    def at_once() -> pd.DataFrame:
        found = merged(df, names, "h")[[f"{name}_h" for name in names]]
        return found.set_axis([f"{name}_{i % PARTS}" for i, name in enumerate(names)], axis=1)

    yield Tried(f"{PARTS} merges of 4 columns", "one of 12", in_parts, at_once)


def tried(length: int) -> Iterator[Tried]:
    """Every row, on a market of that length."""
    candles = frame(comparisons.market(length))
    for rows in (_loops, _windows, _columns, _merges):
        yield from rows(candles)


def check(one: Tried) -> None:
    """Raise unless both give the same."""
    before, after = one.before(), one.after()
    exact = {"check_exact": True} if one.same else {"rtol": 1e-9, "atol": 1e-9}
    compare = pd.testing.assert_series_equal
    (pd.testing.assert_frame_equal if isinstance(before, pd.DataFrame) else compare)(
        before, after, check_names=isinstance(before, pd.Series), **exact
    )


def main() -> None:
    """Check, time and write."""
    gains: dict[tuple[str, str], list[str]] = {}
    for length in LENGTHS:
        for one in tried(length):
            check(one)
            before, after = interleaved(one.before, one.after, runs=15, seconds=1.0)
            gain = before / after
            note = "" if one.same else ", not to the last bit"
            key = one.written, one.instead + note
            gains.setdefault(key, []).append(f"{gain:,.0f}" if gain >= 10 else f"{gain:.1f}")
            print(*key, length, f"{gain:.1f}", flush=True)
    rows = [[f"{written}: {instead}", *values] for (written, instead), values in gains.items()]
    found = table(["", *(f"{length:,} rows" for length in LENGTHS)], rows)
    now = report.here()
    said = f"""\
Written by `python -m benchmarks.strategies.advice`, on {now["date"]}. {now["where"]}; load \
average {now["load"]:.1f}. How many times as fast; both take turns, and the least of the times \
counts."""
    text = report.DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    written = f"{before}{BEGIN}\n{said}\n\n{found}\n{END}{after}"
    report.DOCUMENT.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    np.seterr(all="ignore")
    warnings.simplefilter("ignore")
    main()
