"""Every stream's ``update`` against TA-Lib's: ``python -m benchmarks.streaming``.

Writes the tables of docs/streaming.md. Both take turns in one process, and the least of many
times counts, of a hundred calls each; every value is compared first.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import talib.stream

import ft_numba_aot
from ft_numba_aot import stream, ta
from ft_numba_aot.ta._table import DEFINITIONS

from . import ROOT, machine
from .tables import bold, table

PAGE = ROOT / "docs" / "streaming.md"
BEGIN = "<!-- begin of the tables: python -m benchmarks.streaming -->\n"
END = "<!-- end of the tables -->"
CALLS, ROUNDS, TARGET = 100, 60, 1.5
CANDLES, PAIRS, NEW = 1000, 10, 20

# What a bot may compute each candle.
FUNCTIONS: list[Any] = [
    *[("SMA", {"timeperiod": period}) for period in (10, 20, 50, 200)],
    *[("EMA", {"timeperiod": period}) for period in (9, 21, 55)],
    *["RSI", "MACD", "BBANDS", "ADX", "ATR", "CCI", "MFI", "STOCH", "OBV", "CDLHAMMER"],
]


class Times(NamedTuple):
    """Nanoseconds of an ``update``."""

    name: str
    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs


def market(rows: int, seed: int = 1) -> pd.DataFrame:
    """Candles as freqtrade has them."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, rows)))
    opened = np.concatenate([close[:1], close[:-1]])
    spread = np.abs(rng.normal(0, 0.005, (2, rows)))
    return pd.DataFrame(
        {
            "date": pd.date_range("2024-01-01", periods=rows, freq="5min", tz="UTC"),
            "open": opened,
            "high": np.maximum(opened, close) * (1 + spread[0]),
            "low": np.minimum(opened, close) * (1 - spread[1]),
            "close": close,
            "volume": np.round(rng.lognormal(4, 1, rows), 2) + 1,
        }
    )


def inputs_of(name: str, candles: pd.DataFrame) -> list[Any]:
    """The function's inputs."""
    columns = {name: column.to_numpy() for name, column in candles.items()}
    columns |= {"real": columns["close"], "real0": columns["high"], "real1": columns["low"]}
    columns["periods"] = np.resize(np.arange(2.0, 31.0), len(candles))
    return [columns[argument] for argument in DEFINITIONS[name].arguments]


def calls_of(count: int) -> Callable[..., None]:
    """``run(function, *candle)``: that many calls without a loop around them."""
    names = ", ".join("abcdefgh"[:count])
    body = f"    function({names})\n" * CALLS
    scope: dict[str, Any] = {}
    exec(f"def run(function, {names}):\n{body}", scope)
    return scope["run"]  # type: ignore[no-any-return]


def times_of(name: str) -> Times:
    """Ours and TA-Lib's, in turns."""
    inputs = inputs_of(name, market(CANDLES + NEW))
    ours, theirs = (
        getattr(module, name)(*[column[:CANDLES] for column in inputs])
        for module in (stream, talib.stream)
    )
    for row in range(CANDLES, CANDLES + NEW):
        candle = [float(column[row]) for column in inputs]
        if repr(ours.update(*candle)) != repr(theirs.update(*candle)):  # NaN is NaN
            raise SystemExit(f"{name} differs")
    run = calls_of(len(candle))
    least = [float("inf"), float("inf")]
    for _ in range(ROUNDS):
        for which, function in enumerate((ours.update, theirs.update)):
            begin = perf_counter()
            run(function, *candle)
            least[which] = min(least[which], perf_counter() - begin)
    return Times(name, *[seconds / CALLS * 1e9 for seconds in least])


def columns_of(candles: pd.DataFrame) -> Iterator[tuple[str, Any]]:
    """The columns of ``FUNCTIONS``, all rows anew by ``ft_numba_aot.ta``."""
    for entry in FUNCTIONS:
        name, parameters = entry if isinstance(entry, tuple) else (entry, {})
        found = ta.FUNCTIONS[name](candles, **parameters)
        suffix = "".join(f"_{value}" for value in parameters.values())
        if isinstance(found, pd.Series):
            yield name.lower() + suffix, found
        else:
            yield from ((column + suffix, found[column]) for column in found)


def written(candles: pd.DataFrame) -> pd.DataFrame:
    """As strategies have them: a column at a time."""
    for name, column in columns_of(candles):
        candles[name] = column
    return candles


def joined(candles: pd.DataFrame) -> pd.DataFrame:
    """All columns at once."""
    return pd.concat([candles, pd.DataFrame(dict(columns_of(candles)))], axis=1)


def frame_times() -> list[tuple[str, float]]:
    """Microseconds a pair and candle: ``Frame``, its values alone, and computing all rows anew."""
    whole = {pair: market(CANDLES + NEW, pair) for pair in range(PAIRS)}
    frame, alone = stream.Frame(FUNCTIONS), stream.Frame(FUNCTIONS)
    for pair, candles in whole.items():
        frame.update(pair, candles[:CANDLES].copy())
        alone.update(pair, candles[:CANDLES].copy())

    def last(pair: int, candles: pd.DataFrame) -> None:
        alone.add(pair, candles)
        alone.last(pair)

    ways: dict[str, Callable[[int, pd.DataFrame], Any]] = {
        "`frame.update(pair, dataframe)`": frame.update,
        "`frame.add(pair, dataframe)`, `frame.last(pair)`": last,
        "`ta`, all rows of all functions, joined at once": lambda pair, candles: joined(candles),
        "`ta`, all rows of all functions, a column at a time": lambda pair, candles: written(
            candles
        ),
    }
    took: dict[str, list[float]] = {way: [] for way in ways}
    for rows in range(CANDLES + 1, CANDLES + NEW + 1):
        for pair, candles in whole.items():
            for way, function in ways.items():
                given = candles[rows - CANDLES : rows].reset_index(drop=True)
                begin = perf_counter()
                function(pair, given)
                took[way].append(perf_counter() - begin)
    return [(way, statistics.median(times) * 1e6) for way, times in took.items()]


def lines(times: Sequence[Times], frames: Sequence[tuple[str, float]]) -> str:
    """The tables, in Markdown."""
    ratios = [one.ratio for one in times]
    over = [one.name for one in times if one.ratio > TARGET]
    return f"""
Written on {datetime.now(UTC):%Y-%m-%d} by `python -m benchmarks.streaming`: ft-numba-aot \
{ft_numba_aot.__version__}, {machine.versions(["numpy", "pandas", "TA-Lib"])}; \
{machine.machine()}; load average {machine.load():.1f}. Of {len(times)} functions the median is \
{statistics.median(ratios):.2f} of TA-Lib's time, the largest {max(ratios):.2f}; the target is \
{TARGET}{f", missed by {', '.join(over)}" if over else ""}.

{len(FUNCTIONS)} functions over {CANDLES:,} rows of each of {PAIRS} pairs, a pair and candle:

{table(["", "µs"], [[label, f"{took:.0f}"] for label, took in frames])}

`update`, nanoseconds:

{
        table(
            ["function", "ours", "TA-Lib's", "ours / TA-Lib's"],
            [
                [
                    one.name,
                    f"{one.ours:.0f}",
                    f"{one.theirs:.0f}",
                    bold(f"{one.ratio:.2f}", one.ratio > TARGET),
                ]
                for one in times
            ],
        )
    }

"""


def main() -> None:
    """Measure, and write the tables."""
    if ft_numba_aot.backend() != "native":
        raise SystemExit("what is to be measured is native code")
    times = [times_of(name) for name in DEFINITIONS]
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    text = f"{before}{BEGIN}{lines(times, frame_times())}{END}{rest.partition(END)[2]}"
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
