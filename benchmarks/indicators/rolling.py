"""``ft_numba_aot.rolling`` against pandas; ``python -m benchmarks.indicators.rolling`` for others.

That prints bottleneck's and numbagg's times beside ours, where they are installed: their results
are close to pandas', not the same.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from candles import frame

from ft_numba_aot import rolling

from ..comparisons import Comparison, market
from ..timing import interleaved

WINDOW = 20
WIDE = 200

# Function, window and what else it takes.
ROWS: tuple[tuple[str, int, dict[str, Any]], ...] = (
    ("mean", WINDOW, {}),
    ("sum", WINDOW, {}),
    ("std", WINDOW, {}),
    ("var", WINDOW, {}),
    ("sem", WINDOW, {}),
    ("min", WINDOW, {}),
    ("max", WINDOW, {}),
    ("max", WIDE, {}),
    ("count", WINDOW, {}),
    ("median", WINDOW, {}),
    ("median", WIDE, {}),
    ("quantile", WINDOW, {"q": 0.25}),
    ("rank", WINDOW, {}),
    ("rank", WIDE, {"pct": True}),
    ("skew", WINDOW, {}),
    ("kurt", WINDOW, {}),
    ("cov", WINDOW, {}),
    ("corr", WINDOW, {}),
)


def comparisons(length: int) -> Iterator[Comparison]:
    """A row a function, of the closes of ordinary candles."""
    candles = frame(market(length))
    close, volume = candles["close"], candles["volume"]
    for name, window, options in ROWS:
        own = {**options, "other": volume} if name in ("cov", "corr") else options
        written = "".join(f", {key}={value}" for key, value in options.items())
        yield Comparison(
            "rolling",
            f"{name}, {window}{written}",
            partial(getattr(rolling, name), close, window, **own),
            partial(_of_pandas, close, window, name, own),
            np.asarray,
        )
    for adjust in (True, False):
        yield Comparison(
            "rolling",
            f"ewm_mean, span={WINDOW}, adjust={adjust}",
            partial(rolling.ewm_mean, close, span=WINDOW, adjust=adjust),
            partial(_weighted_of_pandas, close, adjust),
            np.asarray,
        )


def _of_pandas(series: pd.Series[Any], window: int, name: str, own: dict[str, Any]) -> Any:
    return getattr(series.rolling(window), name)(**own)


def _weighted_of_pandas(series: pd.Series[Any], adjust: bool) -> Any:
    return series.ewm(span=WINDOW, adjust=adjust).mean()


def others(length: int) -> Iterator[tuple[str, str, Callable[[], Any], Callable[[], Any]]]:
    """Function, library, ours and its own on the same array."""
    candles = market(length)
    close, volume = candles["close"], candles["volume"]
    for library, names in LIBRARIES.items():
        try:
            module = importlib.import_module(library)
        except ImportError:
            continue
        for name, theirs in names.items():
            function = getattr(module, theirs)
            if name == "ewm_mean":
                alpha = 2.0 / (WINDOW + 1.0)
                ours = partial(rolling.ewm_mean, close, alpha=alpha)
                yield name, library, ours, partial(function, close, alpha=alpha)
                continue
            pair = (volume,) if name in ("cov", "corr") else ()
            own = {"other": volume} if pair else {}
            kwargs: dict[str, Any] = {"window": WINDOW}
            if name in ("std", "var") and library == "bottleneck":
                kwargs["ddof"] = 1
            ours = partial(getattr(rolling, name), close, WINDOW, **own)
            yield name, library, ours, partial(function, close, *pair, **kwargs)


_SHARED = ("mean", "sum", "std", "var")
LIBRARIES = {
    "bottleneck": {name: f"move_{name}" for name in (*_SHARED, "min", "max", "median", "rank")},
    "numbagg": {
        **{name: f"move_{name}" for name in (*_SHARED, "cov", "corr")},
        "ewm_mean": "move_exp_nanmean",
    },
}


def main() -> None:
    """Print how many times as fast ours are; numbagg's threads, one."""
    with suppress(ImportError):
        importlib.import_module("numba").set_num_threads(1)
    for length in (1_000, 50_000):
        for name, library, ours, theirs in others(length):
            theirs()
            one, other = interleaved(ours, theirs, runs=40, seconds=1.0)
            print(f"{length:,}, {name}, {library}: {other / one:.2f}")


if __name__ == "__main__":
    main()
