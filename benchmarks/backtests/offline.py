"""freqtrade's own exchange class without a network, and files for it.

Imports freqtrade, and changes nothing in it but where its exchange comes from.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ft_numba_aot.cli.candles import generate_candles

from .cases import Case

SEED = 2026


def pair_names(case: Case) -> list[str]:
    """As many pairs as the case has."""
    settled = ":USDT" if case.futures else ""
    return [f"C{number:03}/USDT{settled}" for number in range(case.pairs)]


def write_folder(folder: Path, case: Case) -> None:
    """Candles and ``config.json``."""
    _write_candles(folder / "data", case)
    pricing = {"price_side": "same", "use_order_book": False, "order_book_top": 1}
    config = {
        "max_open_trades": 5,
        "stake_currency": "USDT",
        "stake_amount": "unlimited",
        "tradable_balance_ratio": 0.99,
        "dry_run": True,
        "dry_run_wallet": 10_000,
        "fee": 0.001,
        "dataformat_ohlcv": "feather",
        "entry_pricing": {**pricing, "price_last_balance": 0.0},
        "exit_pricing": pricing,
        "exchange": {"name": "binance", "pair_whitelist": pair_names(case), "pair_blacklist": []},
        "pairlists": [{"method": "StaticPairList"}],
        **case.config,
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")


def _write_candles(folder: Path, case: Case) -> None:
    folder = folder / "futures" if case.futures else folder
    folder.mkdir(parents=True)
    minutes, count = (1, 5 * case.candles) if case.detail else (5, case.candles)
    kind = "-futures" if case.futures else ""
    for pair, candles in generate_candles(pair_names(case), count, minutes, SEED).items():
        name = pair.replace("/", "_").replace(":", "_")
        if case.detail:
            candles.to_feather(folder / f"{name}-1m{kind}.feather")
            candles = _resampled(candles, "5min")
        candles.to_feather(folder / f"{name}-5m{kind}.feather")
        if case.futures:
            mark = _resampled(candles, "1h")
            mark.to_feather(folder / f"{name}-1h-mark.feather")
            _funding(mark).to_feather(folder / f"{name}-1h-funding_rate.feather")


def _resampled(candles: pd.DataFrame, length: str) -> pd.DataFrame:
    how = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    longer = candles.resample(length, on="date").agg(how).reset_index()
    longer["date"] = longer["date"].dt.as_unit("ms")
    return longer


def _funding(mark: pd.DataFrame) -> pd.DataFrame:
    """Rates of every eighth hour, as Binance has them."""
    funding = mark.iloc[::8].copy()
    rates = np.random.default_rng(SEED).normal(0.0001, 0.0002, len(funding))
    funding["open"] = np.round(rates, 6)
    funding[["high", "low", "close", "volume"]] = 0.0
    return funding.reset_index(drop=True)


def stay_offline() -> None:
    """Give freqtrade exchanges whose markets come from here."""
    from freqtrade.resolvers import ExchangeResolver

    load = ExchangeResolver.load_exchange

    def load_exchange(config: dict[str, Any], **_options: Any) -> Any:
        exchange = load(config, validate=False)
        markets = {pair: _market(pair) for pair in config["exchange"]["pair_whitelist"]}
        exchange._markets = exchange._api.markets = exchange._api_async.markets = markets
        exchange._leverage_tiers = {pair: [_TIER] for pair in markets}
        return exchange

    ExchangeResolver.load_exchange = staticmethod(load_exchange)


_TIER = {
    "minNotional": 0.0,
    "maxNotional": 9e7,
    "maintenanceMarginRate": 0.01,
    "maxLeverage": 20.0,
    "maintAmt": 0.0,
}


def _market(pair: str) -> dict[str, Any]:
    """A market as ccxt describes one."""
    symbol, _, settle = pair.partition(":")
    base, quote = symbol.split("/")
    swap = bool(settle)
    return {
        "id": base + quote,
        "symbol": pair,
        "base": base,
        "quote": quote,
        "settle": settle or None,
        "type": "swap" if swap else "spot",
        "spot": not swap,
        "margin": False,
        "swap": swap,
        "future": False,
        "option": False,
        "contract": swap,
        "contractSize": 1.0 if swap else None,
        "linear": True if swap else None,
        "inverse": False if swap else None,
        "active": True,
        "taker": 0.001,
        "maker": 0.001,
        "precision": {"price": 0.0001, "amount": 0.00001},
        "limits": {
            "amount": {"min": 0.00001, "max": 9e6},
            "price": {"min": 0.0001, "max": 1e7},
            "cost": {"min": 5.0, "max": 9e7},
            "leverage": {"min": 1, "max": 20},
        },
        "info": {},
    }
