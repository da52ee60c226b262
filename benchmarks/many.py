"""``python -m benchmarks.many [FILE]``: many periods at once, against a loop; writes the document.

Every result is compared with TA-Lib's to the bit before anything is timed. The least of RUNS times,
taken in turn; of what runs in one thread it is that thread's CPU time, which other processes don't
lengthen by taking turns with it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import thread_time
from typing import Any

import numpy as np
import pandas as pd
import talib
import talib.abstract

from ft_numba_aot import ta
from ft_numba_aot.ta._table import DEFINITIONS

from . import ROOT, machine
from .tables import table
from .timing import interleaved

RUNS = 40
LENGTHS = (20_000, 100_000)
PERIODS = range(5, 53)
FUNCTIONS = "SMA EMA WMA RSI ATR NATR BBANDS STDDEV MIN MAX CCI ADX".split()

PAIRS = 10
TASKS: list[Any] = [
    *("ADX", "ATR", "NATR", "RSI", "CCI"),
    ("SMA", {"timeperiod": range(5, 53)}),
    ("EMA", {"timeperiod": range(5, 53)}),
    ("BBANDS", {"timeperiod": [20, 40]}),
]

BEGIN, END = "<!-- written by python -m benchmarks.many -->", "<!-- until here -->"


def candles(length: int, seed: int) -> dict[str, Any]:
    """A random walk of five minute candles."""
    rng = np.random.default_rng(seed)
    close = np.exp(np.cumsum(rng.normal(0, 0.002, length))) * 1_000
    high, low = (close * (1 + sign * abs(rng.normal(0, 0.001, length))) for sign in (1, -1))
    return {"high": high, "low": low, "close": close}


def arrays_of(name: str, columns: dict[str, Any]) -> list[Any]:
    """What a function reads."""
    several = len(DEFINITIONS[name].arguments) > 1
    return [columns[one] for one in (("high", "low", "close") if several else ("close",))]


def kept(function: Callable[..., Any], arrays: list[Any]) -> list[Any]:
    """A loop that keeps its results, as one that makes columns of them does."""
    return [function(*arrays, period) for period in PERIODS]


def dropped(function: Callable[..., Any], arrays: list[Any]) -> None:
    """A loop that keeps none: the memory of one result serves them all."""
    for period in PERIODS:
        function(*arrays, period)


def written(count: int, length: int) -> Any:
    """Columns of one value: what memory alone takes."""
    return np.full((count, length), 1.0)


def assert_identical(name: str, arrays: list[Any], found: pd.DataFrame) -> None:
    """Assert that the columns are TA-Lib's results, to the bit."""
    expected: list[Any] = []
    for one in kept(getattr(talib, name), arrays):
        expected += one if isinstance(one, tuple) else [one]
    for column, other in zip(found.columns, expected, strict=True):
        ours = found[column].to_numpy()
        same = (ours.view("u8") == other.view("u8")) | (np.isnan(ours) & np.isnan(other))
        if not same.all():
            raise AssertionError(f"{column} isn't TA-Lib's")


def rows(length: int) -> Iterator[list[str]]:
    """A row a function, of arrays: times in ms, and how many times as fast."""
    columns = candles(length, 1)
    for name in FUNCTIONS:
        arrays, theirs = arrays_of(name, columns), getattr(talib, name)
        many, outputs = ta.FUNCTIONS[name].many, len(DEFINITIONS[name].outputs)
        assert_identical(name, arrays, many(*arrays, timeperiod=PERIODS))
        times = interleaved(
            partial(many, *arrays, timeperiod=PERIODS),
            partial(kept, theirs, arrays),
            partial(dropped, theirs, arrays),
            partial(written, len(PERIODS) * outputs, length),
            runs=RUNS,
            clock=thread_time,
        )
        yield [name, *in_ms(times), *(f"{one / times[0]:.1f}" for one in times[1:3])]


def in_ms(times: list[float]) -> list[str]:
    """Seconds as milliseconds."""
    return [f"{1e3 * seconds:.2f}" for seconds in times]


def as_columns(function: Callable[..., Any], frame: pd.DataFrame) -> pd.DataFrame:
    """A loop over ``talib.abstract``, its results as the columns of one DataFrame."""
    found: dict[str, Any] = {}
    for period in PERIODS:
        made = function(frame, timeperiod=period)
        several = made.items() if isinstance(made, pd.DataFrame) else [("", made)]
        found |= {f"{period}_{output}": one for output, one in several}
    return pd.DataFrame(found)


def frame_rows(length: int) -> Iterator[list[str]]:
    """A row a function, of a DataFrame."""
    frame = pd.DataFrame(candles(length, 1))
    for name in FUNCTIONS:
        many, theirs = ta.FUNCTIONS[name].many, talib.abstract.Function(name)
        times = interleaved(
            partial(many, frame, timeperiod=PERIODS),
            partial(as_columns, theirs, frame),
            runs=RUNS,
            clock=thread_time,
        )
        yield [name, *in_ms(times), f"{times[1] / times[0]:.1f}"]


def one_by_one(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """``TASKS`` as a strategy has them: calls of ``talib.abstract``, a column each."""
    results = {}
    for pair, frame in frames.items():
        found: dict[str, Any] = {}
        for task in TASKS:
            name, parameters = task if isinstance(task, tuple) else (task, {"timeperiod": 14})
            given = parameters["timeperiod"]
            for period in [given] if isinstance(given, int) else given:
                made = getattr(talib.abstract, name)(frame, timeperiod=period)
                several = made.items() if isinstance(made, pd.DataFrame) else [("", made)]
                found |= {f"{name}_{period}_{output}": one for output, one in several}
        results[pair] = pd.DataFrame(found)
    return results


def batch_row(length: int) -> list[str]:
    """``ta.batch`` in one thread and in two, against calls of ``talib.abstract``."""
    frames = {f"pair {seed}": pd.DataFrame(candles(length, seed)) for seed in range(PAIRS)}
    times = interleaved(
        lambda: ta.batch(frames, TASKS, threads=1),
        lambda: ta.batch(frames, TASKS, threads=2),
        lambda: one_by_one(frames),
        runs=RUNS,
    )
    return [
        f"{length:,}",
        *(f"{1e3 * seconds:.1f}" for seconds in times),
        *(f"{times[2] / seconds:.1f}" for seconds in times[:2]),
    ]


def text() -> str:
    """The measured part of the document."""
    header = ["", "`many`", "loop over `talib`", "none kept", "only written"]
    ratios = ["× loop", "× none kept"]
    arrays = "\n\n".join(
        f"{len(PERIODS)} periods of arrays of {length:,} candles:\n\n"
        + table([*header, *ratios], rows(length))
        for length in LENGTHS
    )
    frames = table(["", "`many`", "loop over `talib.abstract`", "×"], frame_rows(1_000))
    batches = table(
        ["candles", "1 thread", "2 threads", "`talib.abstract`", "× in 1", "× in 2"],
        [batch_row(length) for length in (20_000, 1_000)],
    )
    return f"""\
Measured on {datetime.now(UTC):%Y-%m-%d}: {machine.versions(("numpy", "pandas", "TA-Lib"))}; \
{machine.machine()}; load average {machine.load():.1f}. Milliseconds, the least of {RUNS} \
times taken in turn; CPU time of the one thread where there is one.

{arrays}

The loop keeps its results, as a strategy does. "None kept" is TA-Lib's loop that throws each \
result away: it writes to the same memory again and again, where the others need memory for \
{len(PERIODS)} columns. "Only written" is such columns filled with one number, which no way to \
compute them can do without.

{len(PERIODS)} periods of a DataFrame of 1,000 candles, into the columns of one DataFrame:

{frames}

`ta.batch` of {PAIRS} pairs: ADX, ATR, NATR, RSI, CCI, 48 SMAs, 48 EMAs and two Bollinger bands, \
against calls of `talib.abstract` whose results become one DataFrame a pair:

{batches}
"""


def main() -> None:
    """Measure and write."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "many-at-once.md"
    document = target.read_text("utf-8")
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    target.write_text(f"{before}{BEGIN}\n\n{text()}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
