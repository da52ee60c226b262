"""The demo's generated candles: reproducible, consistent, and shaped like a market's."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from ft_numba_aot.cli.candles import generate_candles

PAIRS = ["BTC/USDT", "ETH/USDT", "SOL/USDT"]
COLUMNS = ["date", "open", "high", "low", "close", "volume"]


@pytest.fixture(scope="module")
def candles() -> dict[str, pd.DataFrame]:
    return generate_candles(PAIRS, 20_000, 5, seed=7)


def test_same_seed_gives_same_candles(candles):
    again = generate_candles(PAIRS, 20_000, 5, seed=7)
    for pair in PAIRS:
        assert_frame_equal(candles[pair], again[pair], check_exact=True)


def test_another_seed_gives_other_candles(candles):
    other = generate_candles(PAIRS, 20_000, 5, seed=8)
    assert all((candles[pair]["close"] != other[pair]["close"]).mean() > 0.99 for pair in PAIRS)


def test_pair_depends_on_its_name_and_not_on_other_pairs(candles):
    alone = generate_candles(["SOL/USDT"], 20_000, 5, seed=7)
    assert_frame_equal(alone["SOL/USDT"], candles["SOL/USDT"], check_exact=True)
    assert not candles["SOL/USDT"].equals(candles["ETH/USDT"])


@pytest.mark.parametrize("minutes", [1, 5, 60, 1440])
@pytest.mark.parametrize("seed", range(5))
def test_candles_are_consistent(minutes, seed):
    (frame,) = generate_candles(["ANY/USDT"], 3000, minutes, seed).values()
    assert list(frame.columns) == COLUMNS
    assert len(frame) == 3000
    assert not frame.isna().any().any()
    assert (frame["date"].diff().iloc[1:] == pd.Timedelta(minutes=minutes)).all()
    assert (frame["high"] >= frame[["open", "close"]].max(axis=1)).all()
    assert (frame["low"] <= frame[["open", "close"]].min(axis=1)).all()
    assert (frame["low"] > 0).all()
    assert (frame["volume"] > 0).all()
    assert (frame["open"].iloc[1:].to_numpy() == frame["close"].iloc[:-1].to_numpy()).all()
    assert frame["close"].max() / frame["close"].min() < 100


def test_prices_lie_on_a_tick(candles):
    for frame in candles.values():
        prices = frame[["open", "high", "low", "close"]].to_numpy()
        decimals = max(len(repr(price).partition(".")[2]) for price in prices[:, 3].tolist())
        assert 2 <= decimals <= 5
        assert (np.round(prices, decimals) == prices).all()


def test_returns_have_fat_tails_and_clustered_volatility(candles):
    for frame in candles.values():
        returns = np.log(frame["close"]).diff().iloc[1:]
        assert returns.kurt() > 1
        assert returns.abs().autocorr(1) > 0.1
        assert abs(returns.autocorr(1)) < 0.05
        assert 0.02 < returns.std() * np.sqrt(288) < 0.1


def test_pairs_move_together(candles):
    returns = pd.DataFrame({pair: np.log(frame["close"]).diff() for pair, frame in candles.items()})
    correlations = returns.corr().to_numpy()[np.triu_indices(len(PAIRS), 1)]
    assert ((correlations > 0.1) & (correlations < 0.9)).all()


def test_volume_rises_with_movement(candles):
    for frame in candles.values():
        moved = np.log(frame["close"] / frame["open"]).abs()
        assert moved.corr(frame["volume"], method="spearman") > 0.1
