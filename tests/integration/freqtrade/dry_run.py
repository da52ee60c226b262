"""freqtrade's trade command in dry-run without a network, on a clock that moves candle by candle.

Everything is freqtrade's own but for what leaves the machine: the requests of ccxt and webhooks.
"""

from __future__ import annotations

import datetime
import itertools
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import freqtrade.exchange.exchange
import pandas as pd
from freqtrade.exchange import Exchange, timeframe_to_msecs
from freqtrade.persistence import Trade
from freqtrade.rpc.webhook import Webhook
from freqtrade.util import datetime_helpers
from freqtrade.worker import Worker
from sqlalchemy import inspect, text

from ft_numba_aot.freqtrade_integration import offline

from . import command_line

MINUTES = 5
# What of a webhook's messages is kept; freqtrade fills the braces in.
MESSAGES = {
    "warning": {"warning": "{status}"},
    "entry_fill": {"entry": "{pair} {open_rate} {amount}"},
    "exit_fill": {"exit": "{pair} {close_rate} {exit_reason}"},
}


class DryRun(NamedTuple):
    """What a bot did: the frames it analysed by candle and pair, the rows of its database by
    table, and the messages of its webhook."""

    frames: list[pd.DataFrame]
    rows: dict[str, list[tuple[Any, ...]]]
    messages: list[dict[str, str]]


def configure(folder: Path, **more: Any) -> Path:
    """Make one for a bot of the folder's configuration."""
    config = json.loads((folder / "config.json").read_text())
    config["exchange"]["enable_ws"] = False
    for pricing in ("entry_pricing", "exit_pricing"):
        config[pricing] |= {"use_order_book": True, "price_side": "other"}
    config |= {
        "initial_state": "running",
        "db_url": "sqlite://",
        "webhook": {"enabled": True, "url": "http://localhost/", **MESSAGES},
        "unfilledtimeout": {"entry": 10, "exit": 10, "exit_timeout_count": 0, "unit": "minutes"},
        **more,
    }
    path = folder / "trade.json"
    path.write_text(json.dumps(config))
    return path


def run(folder: Path, config: Path, candles: int) -> DryRun:
    """Let a bot see the last ``candles`` candles of the folder's data, one after the other."""
    market = _Market(folder, candles)
    frames: list[pd.DataFrame] = []
    messages: list[dict[str, str]] = []
    arguments = {
        "command": "trade",
        "config": [str(config)],
        "user_data_dir": str(folder / "user_data"),
        "strategy": "Dips",
        "strategy_path": str(folder / "strategies"),
    }
    with _clock(market), _without_network(market, messages):
        worker = Worker(arguments)

        def next_candle(seconds: float) -> None:
            data = worker.freqtrade.dataprovider
            frames.extend(data.get_analyzed_dataframe(pair, "5m")[0] for pair in market.candles)
            if not market.advance():
                raise KeyboardInterrupt

        try:
            with mock.patch.object(Worker, "_sleep", staticmethod(next_candle)):
                worker.run()
        except KeyboardInterrupt:
            pass
        rows = _rows()
        worker.exit()
    return DryRun(frames, rows, messages)


class _Market:
    """Candles up to a moment, and what an exchange makes of the last of them."""

    def __init__(self, folder: Path, candles: int) -> None:
        datadir = folder / "user_data" / "data" / "binance"
        self.candles: dict[str, list[list[Any]]] = {}
        for pair in command_line.PAIRS:
            frame = pd.read_feather(offline.candle_file(datadir, pair, f"{MINUTES}m"))
            frame["date"] = frame["date"].astype("int64") // (
                1 if frame["date"].dt.unit == "ms" else 1_000_000
            )
            self.candles[pair] = frame.values.tolist()
        self._length = min(map(len, self.candles.values()))
        self._seen = self._length - candles

    def advance(self) -> bool:
        """Go to the next candle; False where there is none."""
        self._seen += 1
        return self._seen <= self._length

    def seconds(self) -> float:
        """When the last candle that can be seen has been over for a while."""
        return next(iter(self.candles.values()))[self._seen - 1][0] / 1000 + MINUTES * 60 + 30

    def seen(self, pair: str, timeframe: str) -> list[list[Any]]:
        """What is over, as ccxt gives it; of a longer timeframe with what goes on."""
        length = timeframe_to_msecs(timeframe)
        rows: list[list[Any]] = []
        for date, first, high, low, last, volume in self.candles[pair][: self._seen]:
            start = int(date) // length * length
            if rows and rows[-1][0] == start:
                row = rows[-1]
                row[2:] = max(row[2], high), min(row[3], low), last, row[5] + volume
            else:
                rows.append([start, first, high, low, last, volume])
        return rows

    def order_book(self, pair: str) -> dict[str, list[list[float]]]:
        """Ten steps of 0.01 % to either side of the last close."""
        close = self.candles[pair][self._seen - 1][4]
        steps = [close * 0.0001 * step for step in range(1, 11)]
        return {
            "bids": [[close - step, 1000.0] for step in steps],
            "asks": [[close + step, 1000.0] for step in steps],
        }


@contextmanager
def _clock(market: _Market) -> Iterator[None]:
    """Have all of freqtrade see the market's time."""

    class OfDatetime(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, datetime.datetime)

    class Clock(datetime.datetime, metaclass=OfDatetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:  # type: ignore[override]
            return datetime.datetime.fromtimestamp(market.seconds(), tz)

    patched = [
        module
        for name, module in list(sys.modules.items())
        if name.startswith("freqtrade.") and vars(module).get("datetime") is datetime.datetime
    ]
    for module in patched:
        module.datetime = Clock  # type: ignore[attr-defined]
    try:
        with mock.patch.object(datetime_helpers, "time", market.seconds):
            yield
    finally:
        for module in patched:
            module.datetime = datetime.datetime  # type: ignore[attr-defined]


@contextmanager
def _without_network(market: _Market, messages: list[dict[str, str]]) -> Iterator[None]:
    """Have ccxt ask the market, webhooks tell ``messages``, and orders be numbered."""
    make = Exchange._init_ccxt

    def init_ccxt(self: Exchange, *arguments: Any) -> Any:
        api = make(self, *arguments)
        markets = [offline.market(pair) for pair in market.candles]

        async def load_markets(*_: Any, **__: Any) -> Any:
            return api.set_markets(markets)

        async def fetch_ohlcv(pair: str, *, timeframe: str, **_: Any) -> list[list[Any]]:
            return market.seen(pair, timeframe)

        api.load_markets = load_markets
        api.fetch_ohlcv = fetch_ohlcv
        api.fetch_l2_order_book = lambda pair, limit: market.order_book(pair)
        api.fetch_time = lambda: int(market.seconds() * 1000)
        api.fetch = _refuse
        return api

    numbers = itertools.count()
    with (
        mock.patch.object(Exchange, "_init_ccxt", init_ccxt),
        mock.patch.object(freqtrade.exchange.exchange, "uuid4", numbers.__next__),
        mock.patch.object(Webhook, "_send_msg", lambda _, payload: messages.append(payload)),
    ):
        yield


def _refuse(*arguments: Any, **_: Any) -> None:
    raise AssertionError(f"there is no network for {arguments}")


def _rows() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of the bot's database."""
    connection = Trade.session.connection()
    return {
        table: [tuple(row) for row in connection.execute(text(f'SELECT * FROM "{table}"'))]
        for table in inspect(connection).get_table_names()
    }
