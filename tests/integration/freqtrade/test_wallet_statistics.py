"""Statistics of the wallet's history, the column left on it, and the market's change."""

from __future__ import annotations

from datetime import datetime, timedelta
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from freqtrade.data import metrics
from hypothesis import given
from hypothesis import strategies as st
from integration.freqtrade.frames import START, assert_same, broken_candles, candles, outcome

from ft_numba_aot.freqtrade_integration import ratios, wallet_statistics
from ft_numba_aot.metrics.certain import CERTAIN

MARKET_CHANGE = ratios.standing_in(
    metrics.calculate_market_change, CERTAIN["calculate_market_change"]
)


def refuse(*arguments, **options):
    raise AssertionError("left to freqtrade")


def wallet(
    dates: int, seed: int, *, coins: int = 4, minutes: int = 5, flat: bool = False
) -> pd.DataFrame:
    """A row a date of the stake currency, and up to ``coins`` more."""
    rng = np.random.default_rng(seed)
    rows = []
    balance = 10000.0
    for number in range(dates):
        date = START + timedelta(minutes=minutes * number)
        rows.append((date, "USDT", 1.0, balance))
        for coin in range(0 if flat else int(rng.integers(0, coins + 1))):
            rows.append((date, f"C{coin}", rng.lognormal(coin, 0.1), rng.lognormal(0, 1)))
        if not flat and rng.random() < 0.3:
            balance = round(balance * float(np.exp(rng.normal(0, 0.02))), 8)
    return pd.DataFrame(rows, columns=["date", "currency", "rate", "balance"])


def check(frame: pd.DataFrame | None, *, certain: bool = False) -> None:
    theirs, mine = (None, None) if frame is None else (frame.copy(), frame.copy())
    stock = outcome(wallet_statistics._original_wallet_stats, theirs, "USDT")
    if certain:
        with patch.object(wallet_statistics, "_original_wallet_stats", refuse):
            ours = outcome(wallet_statistics.generate_wallet_stats, mine, "USDT")
    else:
        ours = outcome(wallet_statistics.generate_wallet_stats, mine, "USDT")
    assert_same(stock, ours)
    if frame is not None:
        assert_same(theirs, mine)


@given(
    dates=st.integers(2, 60),
    seed=st.integers(0, 2**32),
    minutes=st.sampled_from([5, 60, 600, 5000]),
    flat=st.booleans(),
    coins=st.sampled_from([1, 4, 20]),
)
def test_any_history(dates, seed, minutes, flat, coins):
    check(wallet(dates, seed, coins=coins, minutes=minutes, flat=flat), certain=True)


DEFECTS = {
    "empty": lambda frame: pd.DataFrame(),
    "one date": lambda frame: frame.iloc[:1],
    "unsorted": lambda frame: frame.iloc[::-1],
    "nan": lambda frame: frame.assign(rate=[np.nan, *frame["rate"][1:]]),
    "infinite": lambda frame: frame.assign(rate=[np.inf, *frame["rate"][1:]]),
    "nothing left": lambda frame: frame.assign(balance=0.0),
    "debt": lambda frame: frame.assign(balance=-frame["balance"]),
    "negative at last": lambda frame: frame.assign(balance=[*frame["balance"][:-1], -1e6]),
    "integer rates": lambda frame: frame.assign(rate=1),
    "integers": lambda frame: frame.assign(rate=1, balance=1000),
    "objects": lambda frame: frame.assign(balance=frame["balance"].astype(object)),
    "no zone": lambda frame: frame.assign(date=frame["date"].dt.tz_localize(None)),
    "other zone": lambda frame: frame.assign(date=frame["date"].dt.tz_convert("Asia/Tokyo")),
    "no date": lambda frame: frame.assign(date=[*frame["date"][:-1], pd.NaT]),
    "old column": lambda frame: frame.assign(total_quote=1.0),
}


@pytest.mark.parametrize("defect", sorted(DEFECTS))
@pytest.mark.filterwarnings("ignore")
def test_each_defect(defect):
    check(DEFECTS[defect](wallet(30, 3, minutes=300)))


def test_no_history():
    check(None)


def market_both(data: dict[str, pd.DataFrame], min_date: datetime | None) -> None:
    assert_same(
        outcome(metrics.calculate_market_change, data, "close", min_date),
        outcome(MARKET_CHANGE, data, "close", min_date),
    )


since = st.one_of(st.none(), st.integers(-10, 250).map(lambda n: START + timedelta(minutes=n)))


@given(frames=st.lists(broken_candles(), max_size=3), min_date=since)
@pytest.mark.filterwarnings("ignore")
def test_market_change(frames, min_date):
    market_both({f"P{number}/USDT": frame for number, frame in enumerate(frames)}, min_date)


priced = candles().filter(lambda frame: frame["close"].min() > 0)


@given(st.lists(priced, min_size=1, max_size=3))
def test_market_change_of_whole_candles_is_ours(frames):
    data = {f"P{number}/USDT": frame for number, frame in enumerate(frames)}
    market_both(data, START)
    assert CERTAIN["calculate_market_change"](data, "close", START) is not None


def test_naive_dates_raise_alike():
    dates = pd.date_range("2024-01-01", periods=9, freq="5min", tz="UTC")
    market_both({"A/B": pd.DataFrame({"date": dates, "close": 1.0})}, datetime(2024, 1, 1))
