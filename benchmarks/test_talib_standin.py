"""TA-Lib's functions as a strategy calls them: with ours installed, and as TA-Lib ships them.

``pytest benchmarks/test_talib_standin.py --benchmark-only`` times each function by itself;
``python -m benchmarks.test_talib_standin`` times both sides in turn, and prints ratios.
"""

from __future__ import annotations

import functools
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from ft_numba_aot.runtime import NumbaManager, talib_install
from ft_numba_aot.ta import FUNCTIONS
from ft_numba_aot.ta._table import DEFINITIONS

ROWS = 1000
CALLS = (
    ("talib.abstract", "DataFrame"),
    ("talib.abstract", "Series"),
    ("talib.abstract", "ndarray"),
    ("talib", "Series"),
    ("talib", "ndarray"),
)
SIDES = ("ours", "TA-Lib")


def frame() -> pd.DataFrame:
    """Candles as freqtrade hands them to a strategy."""
    rng = np.random.default_rng(1)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, ROWS)))
    opened = np.concatenate([close[:1], close[:-1]])
    return pd.DataFrame(
        {
            "date": pd.date_range("2024-01-01", periods=ROWS, freq="5min", tz="UTC"),
            "open": opened,
            "high": np.maximum(opened, close) * 1.002,
            "low": np.minimum(opened, close) * 0.998,
            "close": close,
            "volume": np.round(rng.lognormal(4, 1, ROWS), 3),
        }
    )


def arguments(name: str, form: str, candles: pd.DataFrame) -> list[Any]:
    """What the function reads, in that form."""
    if form == "DataFrame":
        return [candles]
    names: list[str] = []
    for series in DEFINITIONS[name].inputs.values():
        names += series if isinstance(series, list) else [series]
    return [candles[column] if form == "Series" else candles[column].to_numpy() for column in names]


@contextmanager
def installed(manager: NumbaManager) -> Iterator[None]:
    """TA-Lib runs ours, registered with this manager."""
    if not talib_install.install(manager):
        pytest.skip(str(talib_install.reasons()))
    try:
        yield
    finally:
        talib_install.uninstall()


@pytest.mark.benchmark(max_time=0.05, min_rounds=50, warmup=True)
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_frame(benchmark: BenchmarkFixture, name: str, side: str) -> None:
    abstract = pytest.importorskip("talib.abstract")
    benchmark.group = f"talib.abstract, {ROWS} candles: {name}"
    function, candles = getattr(abstract, name), frame()
    if side == "TA-Lib":
        benchmark(function, candles)
        return
    with installed(NumbaManager()):
        benchmark(function, candles)


def ratios(module: str, form: str, *, runs: int = 400) -> dict[str, tuple[float, float]]:
    """Seconds of a call with ours installed and of TA-Lib's, by function; taken in turn."""
    import talib
    from talib import abstract

    from .timing import interleaved

    candles = frame()
    own = vars(type(abstract.SMA))["__call__"]
    found = {}
    for name in FUNCTIONS:
        args = arguments(name, form, candles)
        manager = NumbaManager()
        with installed(manager):
            if module == "talib":
                ours = getattr(talib, name)
                theirs = manager.registration("indicators", f"talib.{name}").original
            else:
                ours = getattr(abstract, name)
                plain = manager.registration("indicators", f"talib.{name}").original
                theirs = functools.partial(own, type(ours)(name, plain))
            one, other = interleaved(
                functools.partial(ours, *args),
                functools.partial(theirs, *args),
                runs=runs,
                seconds=2,
            )
        found[name] = (one, other)
    return found


def main() -> None:
    for module, form in CALLS:
        found = ratios(module, form)
        gains = {name: other / one for name, (one, other) in found.items()}
        what = f"{module}, {form}"
        for name, (one, other) in found.items():
            print(f"{what:26} {name:20} {one * 1e6:8.2f} {other * 1e6:8.2f} µs {gains[name]:6.2f}")
        least = min(gains, key=gains.__getitem__)
        print(
            f"{what:26} median {statistics.median(gains.values()):.2f}, "
            f"least {gains[least]:.2f} ({least}), most {max(gains.values()):.2f}, "
            f"{sum(gain < 1 for gain in gains.values())} slower\n"
        )


if __name__ == "__main__":
    main()
