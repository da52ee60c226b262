"""Candles that bring out last-bit differences, and what "identical" means for results.

Plain random walks hide them: these series span decades, repeat, sit on ticks, change sign,
stand still, begin with NaN, and hold NaN, infinities, denormals and zeros of both signs.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

Columns = dict[str, np.ndarray[Any, Any]]

COLUMNS = ("open", "high", "low", "close", "volume")
SHAPES = ("walk", "decades", "ticks", "constant", "repeats", "signs", "levels")
EXTREMES = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1e300, -1e300, 1.7e308, 5e-324, -1e-310)
HEADS = ("none", "common", "ragged")
PERIODS = (5.0, 2.9, -3.0, 12.0, np.nan, 1e300, 7.5, -np.inf, 30.0, 41.0, 12.0)

# A folder of freqtrade candle files, for the tests that read real ones.
REAL = Path(
    os.environ.get("FT_NUMBA_AOT_CANDLES")
    or Path(__file__).resolve().parents[2] / "shared" / "data" / "real-5m"
)


def prices(rng: np.random.Generator, n: int, shape: str) -> np.ndarray[Any, Any]:
    """``n`` prices of that shape, at a scale drawn from twelve decades."""
    scale = 10 ** rng.uniform(-6, 6)
    if shape == "walk":
        return np.exp(np.cumsum(rng.normal(0, 0.02, n))) * scale
    if shape == "decades":
        return np.exp(rng.normal(0, rng.choice([0.01, 1, 6]), n)) * scale
    if shape == "ticks":
        walk = np.exp(np.cumsum(rng.normal(0, 0.01, n))) * 10 ** rng.uniform(0, 4)
        return np.round(walk, int(rng.integers(0, 4)))
    if shape == "constant":
        return np.full(n, np.round(rng.lognormal(2, 2), 3))
    if shape == "repeats":
        walk = np.exp(np.cumsum(rng.normal(0, 0.03, n))) * 100
        return np.repeat(walk, int(rng.integers(2, 9)))[:n]
    if shape == "signs":
        return np.cumsum(rng.normal(0, 1, n))
    return rng.choice([0.0, -0.0, 0.1, 0.2, 0.3, 1.0, -1.0], n)


def candles(
    rng: np.random.Generator, n: int, shape: str = "walk", *, head: str = "none", extremes: int = 0
) -> Columns:
    """``n`` candles whose high and low hold open and close, before the extremes are put in."""
    close = prices(rng, n, shape)
    open_ = np.concatenate([close[:1], close[:-1]])
    spread = rng.choice([0, 0.0005, 0.01])
    high = np.maximum(open_, close) + abs(close) * spread * abs(rng.normal(0, 1, n))
    low = np.minimum(open_, close) - abs(close) * spread * abs(rng.normal(0, 1, n))
    volume = np.round(rng.lognormal(4, 1.5, n), int(rng.integers(0, 4)))
    volume[rng.random(n) < rng.choice([0, 0.2, 1], p=[0.6, 0.3, 0.1])] = 0.0
    columns = dict(zip(COLUMNS, (open_, high, low, close, volume), strict=True))
    common = int(rng.integers(0, n + 1))
    for column in columns.values():
        if head != "none":
            column[: common if head == "common" else int(rng.integers(0, n + 1))] = np.nan
        if n and extremes:
            column[rng.integers(0, n, extremes)] = rng.choice(EXTREMES, extremes)
    columns["periods"] = columns["volume"] / 8  # MAVP's, of any size, most of them below 30
    return columns


@st.composite
def any_candles(draw: st.DrawFn, max_size: int = 300) -> Columns:
    """Candles of any shape and length, NaN heads and extremes included."""
    n = draw(st.integers(0, max_size))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return candles(
        rng,
        n,
        draw(st.sampled_from(SHAPES)),
        head=draw(st.sampled_from(HEADS)),
        extremes=draw(st.sampled_from([0, 0, 0, 1, 5])),
    )


@cache
def real_candles() -> dict[str, Columns]:
    """Real candles by pair; empty where there are none on this machine."""
    return {
        path.name.partition("-")[0]: {
            column: np.ascontiguousarray(frame[column], dtype=float) for column in COLUMNS
        }
        | {"periods": np.resize(PERIODS, len(frame))}
        for path in sorted(REAL.glob("*.feather"))
        for frame in [pd.read_feather(path)]
    }


def frame(columns: Columns) -> pd.DataFrame:
    """A DataFrame as freqtrade hands it to a strategy."""
    date = pd.date_range("2024-01-01", periods=len(columns["close"]), freq="5min", tz="UTC")
    return pd.DataFrame({"date": date, **columns})


def same_bits(ours: Any, theirs: Any) -> bool:
    """Equal dtype, shape and bits; any NaN equals any NaN."""
    if ours.dtype != theirs.dtype or ours.shape != theirs.shape:
        return False
    if ours.dtype.kind != "f":
        return bool((ours == theirs).all())
    ours_nan, theirs_nan = np.isnan(ours), np.isnan(theirs)
    bits = f"u{ours.dtype.itemsize}"
    equal = np.ascontiguousarray(ours).view(bits) == np.ascontiguousarray(theirs).view(bits)
    return bool(((ours_nan & theirs_nan) | (equal & ~ours_nan & ~theirs_nan)).all())


def assert_identical(ours: Any, theirs: Any, note: object = "") -> None:
    """Same types all the way down, same index object, names, dtypes and bits."""
    assert type(ours) is type(theirs), note
    if isinstance(theirs, list | tuple):
        assert len(ours) == len(theirs), note
        for one, other in zip(ours, theirs, strict=True):
            assert_identical(one, other, note)
    elif isinstance(theirs, pd.DataFrame):
        assert ours.index is theirs.index, note
        assert ours.columns.identical(theirs.columns), note
        for name in theirs.columns:
            assert same_bits(ours[name].to_numpy(), theirs[name].to_numpy()), _first(
                ours[name].to_numpy(), theirs[name].to_numpy(), f"{note} {name}"
            )
    elif isinstance(theirs, pd.Series):
        assert ours.index is theirs.index, note
        assert ours.name == theirs.name, note
        assert_identical(ours.to_numpy(), theirs.to_numpy(), note)
    else:
        assert same_bits(ours, theirs), _first(ours, theirs, note)


def _first(ours: Any, theirs: Any, note: object) -> str:
    if ours.dtype != theirs.dtype or ours.shape != theirs.shape:
        return f"{note}: {ours.dtype}{ours.shape} is not {theirs.dtype}{theirs.shape}"
    at = next(i for i in range(len(ours)) if not same_bits(ours[i : i + 1], theirs[i : i + 1]))
    return f"{note}: at {at} of {len(ours)}, {ours[at]!r} is not {theirs[at]!r}"
