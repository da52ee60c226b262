"""Candles to try things on: seeded, and shaped like those of a crypto exchange.

Imports numpy and pandas.
"""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

START = "2024-01-01"
MINUTES_A_DAY = 1440

# Moves within a candle: its high and low are those of a path from open to close.
_STEPS = 12
_VOLATILITY_A_DAY = 0.045
_VOLATILITY_SPREAD = 0.5
_VOLATILITY_HALF_LIFE_DAYS = 0.5
# Prices are drawn back to where they began, so that years of candles stay plausible.
_PRICE_HALF_LIFE_DAYS = 90.0
_SHARED_WITH_MARKET = 0.6


def generate_candles(
    pairs: list[str], count: int, minutes: int, seed: int
) -> dict[str, pd.DataFrame]:
    """``count`` candles of ``minutes`` for each pair, in the columns of freqtrade's files.

    Returns have clustered volatility, fat tails, a daily rhythm and a market that pairs share;
    volume rises with movement; prices lie on a tick. A pair's candles depend on the seed and its
    name alone, not on the other pairs.
    """
    market = _returns(np.random.default_rng(seed), count)
    return {
        pair: _candles(np.random.default_rng([seed, zlib.crc32(pair.encode())]), market, minutes)
        for pair in pairs
    }


def _returns(random: np.random.Generator, count: int) -> Floats:
    """Independent fat-tailed steps of unit variance."""
    steps = random.standard_t(5, (count, _STEPS))
    returns: Floats = steps / np.sqrt(5 / 3 * _STEPS)
    return returns


def _autoregressive(noise: Floats, half_life: float) -> Floats:
    """``y[t] = decay * y[t - 1] + noise[t]``, with ``half_life`` in steps."""
    decay = 0.5 ** (1 / half_life)
    mean = pd.Series(noise).ewm(alpha=1 - decay, adjust=False).mean().to_numpy() / (1 - decay)
    # ewm gives the first value full weight, where the recurrence gives it one step's.
    start = noise[0] * decay / (1 - decay)
    values: Floats = mean - start * decay ** np.arange(len(noise))
    return values


def _volatility(random: np.random.Generator, count: int, minutes: int) -> Floats:
    """Each candle's standard deviation: a slow random level times a daily rhythm."""
    half_life = _VOLATILITY_HALF_LIFE_DAYS * MINUTES_A_DAY / minutes
    level = _autoregressive(random.standard_normal(count), half_life)
    level *= _VOLATILITY_SPREAD * np.sqrt(1 - 0.25 ** (1 / half_life))
    day = np.arange(count) * minutes / MINUTES_A_DAY
    rhythm = 1 + 0.3 * np.sin(2 * np.pi * (day - 0.35))
    scale = _VOLATILITY_A_DAY * np.sqrt(minutes / MINUTES_A_DAY)
    volatility: Floats = scale * rhythm * np.exp(level - _VOLATILITY_SPREAD**2 / 2)
    return volatility


def _candles(random: np.random.Generator, market: Floats, minutes: int) -> pd.DataFrame:
    count = len(market)
    first_price = 10 ** random.uniform(-0.3, 4.7)
    decimals = max(2, 4 - int(np.floor(np.log10(first_price))))
    own = _returns(random, count)
    volatility = _volatility(random, count, minutes)
    mixed = _SHARED_WITH_MARKET * market + np.sqrt(1 - _SHARED_WITH_MARKET**2) * own
    returns = mixed * volatility[:, None]

    half_life = _PRICE_HALF_LIFE_DAYS * MINUTES_A_DAY / minutes * _STEPS
    path = _autoregressive(returns.ravel(), half_life).reshape(count, _STEPS)
    price = np.round(first_price * np.exp(path), decimals)
    close = price[:, -1]
    opened = np.concatenate([[np.round(first_price, decimals)], close[:-1]])
    movement = np.abs(returns.sum(axis=1)) / volatility
    turnover = 2e5 * np.exp(0.7 * random.standard_normal(count)) * (0.5 + movement)
    date = pd.date_range(START, periods=count, freq=f"{minutes}min", tz="UTC").as_unit("ms")
    return pd.DataFrame(
        {
            "date": date,
            "open": opened,
            "high": np.maximum(price.max(axis=1), opened),
            "low": np.minimum(price.min(axis=1), opened),
            "close": close,
            "volume": np.round(turnover / close, 3),
        }
    )
