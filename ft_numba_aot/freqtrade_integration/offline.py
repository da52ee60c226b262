"""freqtrade's own exchange class and a complete configuration, without a network.

Imports freqtrade, and changes nothing in it: an exchange gets its markets from here instead of
downloading them.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from freqtrade.data.history import get_datahandler
from freqtrade.enums import CandleType, RunMode, TradingMode
from freqtrade.exchange import timeframe_to_minutes, timeframe_to_seconds
from freqtrade.resolvers import ExchangeResolver

from . import BacktestError

DATA_FORMAT = "feather"


def minutes_of(timeframe: str) -> int:
    """Length of a timeframe such as "5m"; ``BacktestError`` if freqtrade has no such one."""
    try:
        minutes: int = timeframe_to_minutes(timeframe)
    except Exception as error:
        raise BacktestError(f"{timeframe!r} is no timeframe: {error}") from error
    return minutes


def stake_currency_of(pairs: Iterable[str]) -> str:
    """The quote currency that spot pairs share; ``BacktestError`` if they don't."""
    quotes = set()
    for pair in pairs:
        base, slash, quote = pair.partition("/")
        if not (base and slash and quote) or ":" in quote:
            raise BacktestError(f"{pair!r} is no spot pair such as BTC/USDT")
        quotes.add(quote)
    if len(quotes) != 1:
        raise BacktestError(
            f"pairs must share one quote currency, these have {', '.join(sorted(quotes))}"
        )
    return quotes.pop()


def candle_file(datadir: Path, pair: str, timeframe: str) -> Path:
    """Where freqtrade looks for a spot pair's candles."""
    handler = get_datahandler(datadir, DATA_FORMAT)
    path: Path = handler._pair_data_filename(datadir, pair, timeframe, CandleType.SPOT)
    return path


def store_candles(datadir: Path, pair: str, timeframe: str, candles: Any) -> None:
    """Write candles as ``freqtrade download-data`` would."""
    get_datahandler(datadir, DATA_FORMAT).ohlcv_store(pair, timeframe, candles, CandleType.SPOT)


def timerange_of_last(count: int, datadir: Path, pairs: list[str], timeframe: str) -> str:
    """freqtrade's timerange for the last ``count`` candles before the latest end of any pair."""
    handler = get_datahandler(datadir, DATA_FORMAT)
    ends = [handler.ohlcv_data_min_max(pair, timeframe, CandleType.SPOT)[1] for pair in pairs]
    return f"{int(max(ends).timestamp()) - (count - 1) * timeframe_to_seconds(timeframe)}-"


def market(pair: str) -> dict[str, Any]:
    """A spot market as ccxt describes one, without limits.

    Its price precision is a fallback: freqtrade takes the tick size from the candles.
    """
    base, quote = pair.split("/")
    unlimited = {"min": None, "max": None}
    return {
        "id": base + quote,
        "symbol": pair,
        "base": base,
        "quote": quote,
        "settle": None,
        "type": "spot",
        "spot": True,
        "margin": False,
        "swap": False,
        "future": False,
        "option": False,
        "contract": False,
        "contractSize": None,
        "linear": None,
        "inverse": None,
        "active": True,
        "taker": 0.001,
        "maker": 0.001,
        "precision": {"price": 1e-8, "amount": 1e-8},
        "limits": dict.fromkeys(("amount", "price", "cost", "leverage"), unlimited),
        "info": {},
    }


def backtest_config(
    *,
    datadir: Path,
    user_data: Path,
    strategy: str,
    strategy_path: Path,
    pairs: list[str],
    timeframe: str,
    timerange: str | None = None,
) -> dict[str, Any]:
    """What freqtrade's configuration loader would hand to its backtester."""
    pricing = {"price_side": "same", "use_order_book": False, "order_book_top": 1}
    no_depth_check = {"enabled": False, "bids_to_ask_delta": 1}
    return {
        "runmode": RunMode.BACKTEST,
        "trading_mode": TradingMode.SPOT,
        "margin_mode": "",
        "initial_state": "running",
        "verbosity": 0,
        "internals": {},
        "original_config": {},
        "user_data_dir": user_data,
        "datadir": datadir,
        "dataformat_ohlcv": DATA_FORMAT,
        "dataformat_trades": DATA_FORMAT,
        "strategy": strategy,
        "strategy_path": str(strategy_path),
        "disableparamexport": True,
        "timeframe": timeframe,
        "timerange": timerange,
        "exchange": {
            "name": "binance",
            "key": "",
            "secret": "",
            "pair_whitelist": pairs,
            "pair_blacklist": [],
        },
        "pairlists": [{"method": "StaticPairList"}],
        "entry_pricing": {
            **pricing,
            "price_last_balance": 0.0,
            "check_depth_of_market": no_depth_check,
        },
        "exit_pricing": pricing,
        "unfilledtimeout": {"entry": 10, "exit": 10, "exit_timeout_count": 0, "unit": "minutes"},
        "cancel_open_orders_on_exit": False,
        "dry_run": True,
        "dry_run_wallet": 10_000,
        "stake_currency": stake_currency_of(pairs),
        "stake_amount": "unlimited",
        "tradable_balance_ratio": 0.99,
        "max_open_trades": 3,
        "fiat_display_currency": "",
        "fee": 0.001,
        "enable_protections": False,
        "backtest_cache": "none",
        "export": "none",
        "exportfilename": user_data / "backtest_results",
    }


def offline_exchange(config: dict[str, Any]) -> Any:
    """The exchange class that freqtrade resolves for ``config``, with offline markets."""
    exchange = ExchangeResolver.load_exchange(config, validate=False)
    markets = {pair: market(pair) for pair in config["exchange"]["pair_whitelist"]}
    exchange._markets = exchange._api.markets = exchange._api_async.markets = markets
    return exchange
