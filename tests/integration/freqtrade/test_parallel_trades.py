"""parallel_trades against freqtrade's own backtest of one pair: equal in each field, to the bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("freqtrade")

from hypothesis import given, settings
from hypothesis import strategies as st

from ft_numba_aot.freqtrade_integration.identity import frame_difference
from ft_numba_aot.pnl import Job, Market, Rules, parallel_trades

from .cases import add_signals, make_candles, make_funding
from .differential import Case, observe

TICK_SIZE, DECIMAL_PLACES = 4, 2


def freqtrade_trades(
    candles: pd.DataFrame, rules: dict[str, Any], market: dict[str, Any], config: dict[str, Any]
) -> pd.DataFrame:
    """The trades of freqtrade's backtest, of a futures pair where shorts are allowed."""
    futures = rules.get("can_short", False)
    pair = "A/USDT:USDT" if futures else "A/USDT"
    limits = {
        kind: {bound: market.get(f"{bound}_{kind}") for bound in ("min", "max")}
        for kind in ("amount", "cost")
    }

    def set_market(backtesting: Any, data: Any, run: int) -> None:
        described = backtesting.exchange._markets[pair]
        described["limits"] = {**described["limits"], **limits}
        described["precision"] = {
            "price": market.get("price_precision"),
            "amount": market.get("amount_precision"),
        }

    mode = DECIMAL_PLACES if market.get("decimal_places") else TICK_SIZE
    no_funding = make_funding(candles, np.random.default_rng(0)).assign(open_fund=0.0)
    seen = observe(
        Case(
            candles={pair: candles},
            settings=rules,
            config={"max_open_trades": 1, **config},
            precision=(mode, 1, 1),
            futures=futures,
            funding={pair: no_funding},
            from_candles=market.get("from_candles", False),
            watched=False,
            with_stats=False,
            before_run=set_market,
        ),
        accelerated=False,
    )
    assert not seen.error, seen.error
    return seen.frames["0 Case trades"].drop(columns="pair")


def our_trades(
    candles: pd.DataFrame, rules: dict[str, Any], market: dict[str, Any], config: dict[str, Any]
) -> pd.DataFrame:
    if market.get("from_candles"):
        from freqtrade.data.btanalysis import get_tick_size_over_time

        ticks = get_tick_size_over_time(candles.copy())
        market = {**market, "price_precision": [ticks.asof(date) for date in candles["date"]]}
    trades = parallel_trades(
        candles,
        Job("", Rules(**rules)),
        stake_amount=config["stake_amount"],
        fee=config["fee"],
        markets=Market(**{name: value for name, value in market.items() if name != "from_candles"}),
        timeframe="5m",
        balance=config["dry_run_wallet"],
        exit_timeout=config["unfilledtimeout"]["exit"],
    )
    return trades.to_dataframe().drop(columns="pair")


def any_case(rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, Any], dict[str, Any], Any]:
    """Candles, rules, a market and a configuration."""

    def one_in(n: int) -> bool:
        return bool(rng.integers(n) == 0)

    price = float(10.0 ** rng.uniform(-7, 6)) if one_in(2) else 100.0
    digits = int(rng.integers(2, 7))
    decimals = max(0, digits - 1 - int(np.floor(np.log10(price)))) if not one_in(5) else None
    candles = make_candles(
        int(rng.integers(3, 300)),
        rng,
        price=price,
        volatility=float(rng.choice([0.001, 0.004, 0.02])),
        decimals=decimals,
    )
    candles = candles[candles["low"] > 0].reset_index(drop=True)
    if one_in(4):
        kept = rng.random(len(candles)) < 0.8
        kept[:2] = True
        candles = candles[kept].reset_index(drop=True)
    if one_in(4):
        rows = rng.random(len(candles)) < 0.4
        for name in ("high", "low", "close"):
            candles.loc[rows, name] = candles.loc[rows, "open"]
    shorts = one_in(2)
    add_signals(
        candles,
        rng,
        entries=float(rng.choice([0.05, 0.3])),
        exits=float(rng.choice([0.0, 0.03, 0.2])),
        shorts=shorts or one_in(4),
        tags=one_in(3),
    )
    rules: dict[str, Any] = {
        "stoploss": -float(rng.choice([0.002, 0.01, 0.05, 0.3, round(rng.uniform(0.001, 0.2), 4)])),
        "can_short": shorts,
    }
    if one_in(2):
        minutes = np.unique(rng.choice([0, 0, 5, 7, 20, 30, 60, 120], 4)).tolist()
        values = [
            float(v) for v in rng.choice([-1, 0.0, 0.002, 0.01, 0.03, 0.004567], len(minutes))
        ]
        rules["minimal_roi"] = dict(zip(map(str, minutes), values, strict=True))
        rules["ignore_roi_if_entry_signal"] = one_in(3)
    else:
        rules["minimal_roi"] = {}
    if one_in(2):
        rules["trailing_stop"] = True
        if not one_in(3):
            rules["trailing_stop_positive"] = float(rng.choice([0.001, 0.003, 0.01]))
            if one_in(2):
                more = float(rng.choice([0.001, 0.004, 0.02]))
                rules["trailing_stop_positive_offset"] = rules["trailing_stop_positive"] + more
            rules["trailing_only_offset_is_reached"] = one_in(2)
        elif one_in(2):
            rules["trailing_stop_positive_offset"] = float(rng.choice([0.003, 0.01]))
    if one_in(4):
        rules["use_exit_signal"] = False
    if one_in(3):
        rules["exit_profit_only"] = True
        rules["exit_profit_offset"] = float(rng.choice([0.0, 0.003, -0.01]))
    market: dict[str, Any] = {"decimal_places": False}
    # A tick size that freqtrade finds in prices with many more digits may be 0, an error.
    kind = int(rng.integers(1 if decimals is None else 0, 5))
    level = int(np.floor(np.log10(price)))
    if kind == 0:
        market["from_candles"] = True
    elif kind == 1:
        tick = float(rng.choice([1e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2]))
        market["price_precision"] = float(f"{tick * 10.0**level:.6g}")
    elif kind == 2:
        market["decimal_places"] = True
        market["price_precision"] = int(min(max(0, 3 - level), 12))
    if market["decimal_places"]:
        market["amount_precision"] = int(rng.integers(0, 9))
    elif not one_in(3):
        market["amount_precision"] = float(rng.choice([1e-8, 1e-3, 0.005, 0.1, 1.0]))
    stake = float(rng.choice([100.0, 333.33, 1000.0]))
    if one_in(4):
        market["min_cost"] = float(
            rng.choice([5.0, stake * 0.91, stake, stake * 1.2, stake * 1.29])
        )
    if one_in(4):
        market["max_cost"] = float(rng.choice([stake * 0.5, stake, stake * 10]))
    if one_in(4):
        market["min_amount"] = float(stake / price * rng.choice([1e-3, 0.9, 0.96, 1.1]))
    if one_in(4):
        market["max_amount"] = float(stake / price * rng.choice([0.4, 1.0, 100]))
    config = {
        "stake_amount": stake,
        "fee": float(rng.choice([0.0, 0.001, 0.00075, 0.004])),
        "dry_run_wallet": float(rng.choice([stake * 1.01, stake * 1.05, 10_000.0])),
        "unfilledtimeout": {
            "entry": 10,
            "exit": int(rng.choice([1, 5, 10, 40])),
            "unit": "minutes",
        },
    }
    return candles, rules, market, config


@settings(max_examples=max(3, settings().max_examples // 5))
@given(st.integers(0, 2**32 - 1))
def test_trades_are_those_of_freqtrades_backtest(seed: int) -> None:
    case = any_case(np.random.default_rng(seed))
    difference = frame_difference(freqtrade_trades(*case), our_trades(*case), str)
    assert difference is None, (difference, case[1:])
