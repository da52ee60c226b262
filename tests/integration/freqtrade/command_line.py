"""A user's folder with candles, configuration and strategy, and commands run in it offline."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

EXCHANGE = "ft_numba_aot.freqtrade_integration.offline:offline_exchange"
PAIRS = ["BTC/USDT", "ETH/USDT"]

STRATEGY = '''\
from freqtrade.strategy import IntParameter, IStrategy


class Dips(IStrategy):
    """Buys after falls, and after the first candle at every 40th."""

    INTERFACE_VERSION = 3
    timeframe = "5m"
    minimal_roi = {"0": 0.012, "60": 0.004}
    stoploss = -0.02
    trailing_stop = True
    startup_candle_count = 20
    length = IntParameter(2, 20, default=8, space="buy", optimize=True)

    def populate_indicators(self, dataframe, metadata):
        dataframe["mean"] = dataframe["close"].rolling(20).mean()
        dataframe["slow"] = dataframe["close"].ewm(span=30).mean()
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        fallen = dataframe["close"] < dataframe["close"].shift(self.length.value) * 0.997
        dataframe.loc[fallen, ["enter_long", "enter_tag"]] = (1, "fallen")
        dataframe.loc[dataframe.index % 40 == 0, "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe, metadata):
        dataframe.loc[dataframe["close"] > dataframe["mean"] * 1.01, "exit_long"] = 1
        return dataframe
'''


def make_folder(folder: Path, candles: int = 1200, strategy: str = STRATEGY) -> Path:
    """A folder with ``config.json``, ``user_data`` and ``strategies/dips.py``."""
    from ft_numba_aot.cli.candles import generate_candles
    from ft_numba_aot.freqtrade_integration.offline import store_candles

    datadir = folder / "user_data" / "data" / "binance"
    datadir.mkdir(parents=True)
    for pair, frame in generate_candles(PAIRS, candles, 5, seed=7).items():
        store_candles(datadir, pair, "5m", frame)
    strategies = folder / "strategies"
    strategies.mkdir()
    (strategies / "dips.py").write_text(strategy, encoding="utf-8")
    pricing = {"price_side": "same", "use_order_book": False, "order_book_top": 1}
    config = {
        "max_open_trades": 2,
        "stake_currency": "USDT",
        "stake_amount": "unlimited",
        "tradable_balance_ratio": 0.99,
        "dry_run": True,
        "dry_run_wallet": 1000,
        "fee": 0.001,
        "entry_pricing": {
            **pricing,
            "price_last_balance": 0.0,
            "check_depth_of_market": {"enabled": False, "bids_to_ask_delta": 1},
        },
        "exit_pricing": pricing,
        "exchange": {
            "name": "binance",
            "key": "",
            "secret": "",
            "pair_whitelist": PAIRS,
            "pair_blacklist": [],
        },
        "pairlists": [{"method": "StaticPairList"}],
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def options(folder: Path) -> list[str]:
    """What selects the folder's files."""
    return [
        *("-c", str(folder / "config.json")),
        *("--userdir", str(folder / "user_data")),
        *("--datadir", str(folder / "user_data" / "data" / "binance")),
        *("-s", "Dips", "--strategy-path", str(folder / "strategies")),
    ]


def run_python(
    code: str, *arguments: str, cwd: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run ``code`` in a fresh interpreter, as wide as freqtrade's tables need."""
    return subprocess.run(
        [sys.executable, "-P", "-c", code, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=cwd,
        env={**os.environ, "COLUMNS": "120", "HOME": str(cwd), **environment},
        timeout=300,
    )
