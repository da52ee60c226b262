"""One backtest in the real freqtrade, stock or accelerated, and all that can be seen of it.

A ``Case`` is data: settings, signals and candles, from which the strategy's class is made. Its
callbacks answer by a hash of what they are asked, and write down every call with its arguments
and what the strategy could have looked at.
"""

from __future__ import annotations

import copy
import hashlib
import inspect
import logging
import re
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
from freqtrade.configuration import TimeRange
from freqtrade.enums import CandleType, MarginMode, RunMode, TradingMode
from freqtrade.exchange import timeframe_to_seconds
from freqtrade.exchange.exchange import Exchange
from freqtrade.optimize import backtesting as backtesting_module
from freqtrade.optimize.backtesting import Backtesting
from freqtrade.optimize.optimize_reports import generate_backtest_stats
from freqtrade.persistence import LocalTrade, PairLocks, Trade
from freqtrade.persistence.custom_data import CustomDataWrapper
from freqtrade.resolvers import StrategyResolver
from freqtrade.strategy import IStrategy, stoploss_from_open

from ft_numba_aot.freqtrade_integration import event_backtest, switch
from ft_numba_aot.freqtrade_integration.identity import frame_difference, identical
from ft_numba_aot.freqtrade_integration.offline import backtest_config, market, offline_exchange

SIGNALS = ("enter_long", "exit_long", "enter_short", "exit_short", "enter_tag", "exit_tag")
START = datetime(2024, 1, 30, 21, 0, tzinfo=UTC)

Frames = dict[str, pd.DataFrame]
Trace = list[tuple[Any, ...]]


@dataclass(frozen=True, eq=False)
class Case:
    """What to backtest. The frames of ``candles`` have the columns of ``SIGNALS`` that exist.

    ``settings`` are attributes of the strategy; ``callbacks`` maps the methods that it overrides
    to how they behave (a key of ``BEHAVIOURS``). ``precision`` is that of the exchange (mode,
    price, amount); ``from_candles``: the tick size comes from the candles, as freqtrade has it.
    ``watched``: each call notes what the strategy could have looked at.

    ``members`` are methods written by hand, and whatever else the strategy's class should have;
    they write into ``self.notes`` what is to be compared. ``own`` has the members of single
    strategies by their name, where there are several. ``before_run`` is called before each run
    with the Backtesting object, the candles and the run's number, and may change them.
    """

    candles: Frames
    settings: dict[str, Any] = field(default_factory=dict)
    callbacks: dict[str, str] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    detail: Frames = field(default_factory=dict)
    funding: Frames = field(default_factory=dict)
    protections: list[dict[str, Any]] = field(default_factory=list)
    futures: bool = False
    cross: bool = False
    precision: tuple[int, float, float] = (4, 1e-8, 1e-8)
    contract_size: float = 1.0
    from_candles: bool = True
    runmode: RunMode = RunMode.BACKTEST
    runs: int = 1
    salt: int = 0
    watched: bool = True
    with_stats: bool = True
    members: dict[str, Any] = field(default_factory=dict)
    own: dict[str, dict[str, Any]] = field(default_factory=dict)
    before_run: Callable[[Any, Frames, int], None] | None = None


# The strategy.


def _number(*parts: Any) -> int:
    """The same for the same arguments, in every process."""
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=6).digest(), "big")


def _custom_exit(h: int, **_: Any) -> Any:
    return {0: "custom", 1: True, 2: "x" * 300}.get(h % 61, False if h % 2 else None)


def _custom_stoploss(h: int, trade: Any, current_profit: float, **_: Any) -> Any:
    if h % 4 == 0:
        return None
    if h % 4 == 1:
        return stoploss_from_open(
            0.002, current_profit, is_short=trade.is_short, leverage=trade.leverage
        )
    return -0.004 - (h % 7) * 0.003


def _custom_roi(h: int, **_: Any) -> Any:
    return (None, 0.003, 0.01, 0.05)[h % 4]


def _rate(h: int, proposed_rate: float, **_: Any) -> Any:
    if h % 11 == 0:
        return np.float64(proposed_rate)
    return proposed_rate * (1.0 + (h % 5 - 2) * 0.0007) if h % 3 else proposed_rate


def _stake(h: int, proposed_stake: float, max_stake: float, **_: Any) -> Any:
    return (proposed_stake, proposed_stake * 0.37, np.float64(proposed_stake / 3), 0)[h % 4]


def _leverage(h: int, max_leverage: float, **_: Any) -> Any:
    return min((1.0, 2.0, 3.5, np.float64(4.0))[h % 4], max_leverage)


def _adjust_position(h: int, trade: Any, max_stake: float, **_: Any) -> Any:
    if h % 23 == 0:
        return min(max_stake, trade.stake_amount * 0.5)
    if h % 29 == 0:
        return -trade.stake_amount * 0.3, "less"
    if h % 97 == 0:
        return -trade.stake_amount
    return None


def _order_price(h: int, proposed_rate: float, current_order_rate: float, **_: Any) -> Any:
    if h % 13 == 0:
        return None
    return proposed_rate if h % 3 == 0 else current_order_rate


DECISIONS: dict[str, Callable[..., Any]] = {
    "custom_exit": _custom_exit,
    "custom_sell": _custom_exit,
    "custom_stoploss": _custom_stoploss,
    "custom_roi": _custom_roi,
    "confirm_trade_entry": lambda h, **_: h % 5 != 0,
    "confirm_trade_exit": lambda h, **_: h % 4 != 0,
    "adjust_trade_position": _adjust_position,
    "adjust_order_price": _order_price,
    "adjust_entry_price": _order_price,
    "adjust_exit_price": _order_price,
    "bot_loop_start": lambda h, **_: None,
    "leverage": _leverage,
    "custom_stake_amount": _stake,
    "custom_entry_price": _rate,
    "custom_exit_price": _rate,
    "order_filled": lambda h, **_: None,
    "check_entry_timeout": lambda h, **_: h % 9 == 0,
    "check_exit_timeout": lambda h, **_: h % 9 == 0,
    "check_buy_timeout": lambda h, **_: h % 7 == 0,
    "check_sell_timeout": lambda h, **_: h % 7 == 0,
}


def _nonsense(strategy: Any, name: str, h: int, arguments: dict[str, Any]) -> Any:
    if h % 17 == 0:
        return {1: "nonsense", 2: float("nan"), 3: -1e9, 4: [], 5: 1e300, 0: None}[h // 17 % 6]
    return DECISIONS[name](h, **arguments)


def _raises(strategy: Any, name: str, h: int, arguments: dict[str, Any]) -> Any:
    if h % 41 == 0:
        raise (ValueError, KeyError, ZeroDivisionError)[h // 41 % 3](f"{name} says no")
    return DECISIONS[name](h, **arguments)


def _writes(strategy: Any, name: str, h: int, arguments: dict[str, Any]) -> Any:
    """Does what a strategy should not: changes what it is given or can get hold of."""
    trade = arguments.get("trade")
    kind = h % 151
    if kind == 0:
        strategy.stoploss = -0.01 - (h // 151 % 5) * 0.01
    elif kind == 1:
        strategy.minimal_roi["0"] = strategy.minimal_roi[0] = 0.004 + (h // 151 % 3) * 0.01
    elif kind == 2 and trade is not None:
        trade.stop_loss = trade.open_rate * 0.97
    elif kind == 3:
        strategy.trailing_stop = not strategy.trailing_stop
    elif kind == 4:
        for other in Trade.get_trades_proxy(is_open=True)[:1]:
            other.fee_close = 0.002
            other.stop_loss = other.open_rate * 0.98
    elif kind == 5 and "pair" in arguments:
        strategy.lock_pair(
            arguments["pair"], arguments["current_time"] + timedelta(hours=1), "mine"
        )
    elif kind == 6 and PairLocks.locks:
        PairLocks.locks[-1].active = False
    elif kind == 7:
        strategy.max_open_trades = 1 + h // 151 % 3
    elif kind == 8 and "pair" in arguments:
        frame, _ = strategy.dp.get_analyzed_dataframe(arguments["pair"], strategy.timeframe)
        frame.loc[frame.index[-1:], "close"] = 1.0
    elif kind == 9 and trade is not None:
        trade.set_custom_data("seen", h)
    elif kind == 10:
        strategy.use_exit_signal = not strategy.use_exit_signal
    elif kind == 11:
        strategy.order_types = {**strategy.order_types, "entry": ("limit", "market")[h // 151 % 2]}
    elif kind == 12:
        strategy.exit_profit_only = not strategy.exit_profit_only
    return DECISIONS[name](h, **arguments)


def _decides(strategy: Any, name: str, h: int, arguments: dict[str, Any]) -> Any:
    return DECISIONS[name](h, **arguments)


def _asks(strategy: Any, name: str, h: int, arguments: dict[str, Any]) -> Any:
    return None if name in ("custom_exit", "custom_sell") else DECISIONS[name](h, **arguments)


BEHAVIOURS = {
    "decides": _decides,
    "asks": _asks,
    "nonsense": _nonsense,
    "raises": _raises,
    "writes": _writes,
}


def _plain(value: Any) -> Any:
    """An argument as text that tells types and bits apart."""
    if isinstance(value, LocalTrade):
        fields = {name: _plain(item) for name, item in vars(value).items() if name != "orders"}
        return "trade", type(value).__name__, fields, [_plain(order) for order in value.orders]
    if hasattr(value, "ft_order_side"):
        fields = dict(vars(value))
        fields.pop("_sa_instance_state", None)
        trade = fields.pop("_trade_bt", None)
        return "order", trade is not None and trade.id, {k: _plain(v) for k, v in fields.items()}
    if isinstance(value, pd.DataFrame):
        return len(value), str(value["date"].iloc[-1]) if len(value) else ""
    return repr(value)


def _visible(strategy: Any) -> tuple[Any, ...]:
    """What a callback can look at."""
    dp, wallets = strategy.dp, strategy.wallets
    frames = []
    for pair in dp.current_whitelist():
        frame, _ = dp.get_analyzed_dataframe(pair, strategy.timeframe)
        frames.append((pair, _plain(frame)))
    return (
        tuple(frames),
        [_plain(trade) for trade in Trade.get_trades_proxy(is_open=True)],
        len(Trade.get_trades_proxy(is_open=False)),
        repr({name: tuple(wallet) for name, wallet in wallets.get_all_balances().items()}),
        repr(wallets.get_total_stake_amount()),
        [(lock.pair, repr(lock.lock_end_time), lock.active) for lock in PairLocks.locks],
        repr(LocalTrade.bt_total_profit),
        LocalTrade.bt_open_open_trade_count,
    )


def _callback(name: str, behaviour: str, case: Case, trace: Trace) -> Any:
    behave = BEHAVIOURS[behaviour]

    def method(self: Any, **arguments: Any) -> Any:
        seen = {key: _plain(value) for key, value in arguments.items()}
        key = (case.salt, name, arguments.get("pair"), str(arguments.get("current_time")))
        trace.append((name, seen, _visible(self) if case.watched else ()))
        answer = behave(self, name, _number(*key), arguments)
        trace.append(("->", repr(answer)))
        return answer

    if name == "custom_sell":
        method = _positional(method)
    method.__name__ = method.__qualname__ = name
    return method


def _positional(method: Any) -> Any:
    """The old ``custom_sell``, which ``custom_exit`` calls by position."""

    def custom_sell(
        self: Any,
        pair: str,
        trade: Any,
        current_time: datetime,
        current_rate: float,
        current_profit: float,
        **arguments: Any,
    ) -> Any:
        return method(
            self,
            pair=pair,
            trade=trade,
            current_time=current_time,
            current_rate=current_rate,
            current_profit=current_profit,
            **arguments,
        )

    return custom_sell


def _after_fill(method: Any) -> Any:
    """The method with the parameter that freqtrade looks for in its signature."""

    def custom_stoploss(self: Any, after_fill: bool, **arguments: Any) -> Any:
        return method(self, after_fill=after_fill, **arguments)

    return custom_stoploss


def make_strategy(case: Case, name: str, trace: Trace) -> type[IStrategy]:
    """A strategy's class, whose signals are the columns of the case's candles."""

    def advise(columns: tuple[str, ...]) -> Any:
        def populate(self: Any, dataframe: pd.DataFrame, metadata: dict[str, Any]) -> pd.DataFrame:
            source = case.candles[metadata["pair"]]
            for column in columns:
                if column in source:
                    dataframe[column] = source[column].array.copy()
            return dataframe

        return populate

    members: dict[str, Any] = {
        "INTERFACE_VERSION": 3,
        "timeframe": "5m",
        "minimal_roi": {"0": 10},
        "stoploss": -0.99,
        "startup_candle_count": 0,
        # freqtrade writes into these, which all strategies would share.
        "order_types": dict(IStrategy.order_types),
        "order_time_in_force": dict(IStrategy.order_time_in_force),
        "populate_indicators": lambda self, dataframe, metadata: dataframe,
        "populate_entry_trend": advise(SIGNALS[:1] + SIGNALS[2:3] + SIGNALS[4:5]),
        "populate_exit_trend": advise(SIGNALS[1:2] + SIGNALS[3:4] + SIGNALS[5:]),
        **copy.deepcopy(case.settings),
    }
    if case.protections:
        members["protections"] = copy.deepcopy(case.protections)
    for callback, behaviour in case.callbacks.items():
        plain, _, variant = callback.partition(":")
        method = _callback(plain, behaviour, case, trace)
        members[plain] = _after_fill(method) if variant == "after_fill" else method
    members |= {"notes": trace, **case.members, **case.own.get(name, {})}
    return type(name, (IStrategy,), members)


def _load(kind: type[IStrategy], config: dict[str, Any]) -> IStrategy:
    """A strategy with what freqtrade finds out when it loads one."""
    strategy = kind(config=config)
    named = inspect.getfullargspec(strategy.custom_stoploss).args
    if "after_fill" in named and kind.custom_stoploss is not IStrategy.custom_stoploss:
        strategy._ft_stop_uses_after_fill = True
    return strategy


# The exchange and the run.

_API = {"enabled": False, "listen_ip_address": "127.0.0.1", "listen_port": 8080}


@cache
def _exchange(futures: bool, cross: bool) -> Any:
    pair = "A/USDT:USDT" if futures else "A/USDT"
    with tempfile.TemporaryDirectory() as folder:
        config = _config([pair], Path(folder), futures, cross)
        # It is a spot market until its markets are replaced below.
        with patch.object(Exchange, "reload_markets", lambda self, *_, **__: None):
            return offline_exchange(config)


def _config(pairs: list[str], folder: Path, futures: bool, cross: bool) -> dict[str, Any]:
    config = backtest_config(
        datadir=folder,
        user_data=folder,
        strategy="Case",
        strategy_path=folder,
        pairs=[pair.partition(":")[0] for pair in pairs],
        timeframe="5m",
    )
    config["exchange"]["pair_whitelist"] = list(pairs)
    config["candle_type_def"] = CandleType.FUTURES if futures else CandleType.SPOT
    # freqtrade's defaults, which its configuration loader puts in.
    config["amend_last_stake_amount"] = False
    config["last_stake_amount_min_ratio"] = 0.5
    config["api_server"] = dict(_API, username="", password="")
    # What market orders need.
    for pricing in ("entry_pricing", "exit_pricing"):
        config[pricing] = {**config[pricing], "price_side": "other"}
    if futures:
        config["trading_mode"] = TradingMode.FUTURES
        config["margin_mode"] = MarginMode.CROSS if cross else MarginMode.ISOLATED
    return config


def _set_markets(exchange: Any, case: Case) -> None:
    mode, price, amount = case.precision
    markets = {}
    for pair in case.candles:
        spot, _, settle = pair.partition(":")
        markets[pair] = {**market(spot), "symbol": pair}
        markets[pair]["precision"] = {"price": price, "amount": amount}
        if settle:
            markets[pair] |= {
                "settle": settle,
                "type": "swap",
                "spot": False,
                "swap": True,
                "contract": True,
                "linear": True,
                "contractSize": case.contract_size,
            }
    exchange._markets = exchange._api.markets = exchange._api_async.markets = markets
    exchange._api.precisionMode = mode
    exchange._leverage_tiers = {
        pair: [
            {
                "minNotional": 0.0,
                "maxNotional": 9e9,
                "maintenanceMarginRate": 0.01,
                "maxLeverage": 20.0,
                "maintAmt": 0.0,
            }
        ]
        for pair in markets
    }


def _funding(frame: pd.DataFrame) -> pd.DataFrame:
    """What freqtrade keeps of funding rates: with columns for each unit from 2026.9 on."""
    add_columns = getattr(Exchange, "_add_funding_columns", None)
    return frame.copy() if add_columns is None else add_columns(frame.copy())


_ADDRESS = re.compile(r"at 0x[0-9a-f]+")


class _Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.found: list[tuple[str, str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.INFO:
            text = _ADDRESS.sub("at", record.getMessage())
            self.found.append((record.name, record.levelname, text))


@dataclass
class Seen:
    """All that can be seen of a backtest; ``error`` where it raised."""

    values: dict[str, Any] = field(default_factory=dict)
    frames: Frames = field(default_factory=dict)
    trace: Trace = field(default_factory=list)
    log: list[tuple[str, str, str]] = field(default_factory=list)
    error: str = ""
    visits: int = 0
    skipped: int = 0
    reasons: tuple[str, ...] = ()


_COUNTERS = (
    "trade_id_counter",
    "order_id_counter",
    "rejected_trades",
    "timedout_entry_orders",
    "timedout_exit_orders",
    "canceled_trade_entries",
    "canceled_entry_orders",
    "replaced_entry_orders",
    "canceled_exit_orders",
    "replaced_exit_orders",
)


def observe(case: Case, *, accelerated: bool) -> Seen:
    """Run the case."""
    seen = Seen()
    exchange = _exchange(case.futures, case.cross)
    logger = logging.getLogger("freqtrade")
    records = _Records()
    level = logger.level
    logger.addHandler(records)
    logger.setLevel(logging.INFO)
    before = dict(event_backtest.counters())
    if accelerated:
        status = switch.enable()
        assert status.enabled, status
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                _run(case, exchange, seen)
            except Exception as error:
                seen.error = f"{type(error).__module__}.{type(error).__qualname__}: {error}"
    finally:
        if accelerated:
            seen.reasons = tuple(
                reason for part in switch.status().parts for reason in part.deferred
            )
            switch.disable()
        logger.removeHandler(records)
        logger.setLevel(level)
        Backtesting.cleanup()
    after = event_backtest.counters()
    seen.log = records.found
    seen.visits = after["visited"] - before["visited"]
    seen.skipped = after["skipped"] - before["skipped"]
    return seen


def _run(case: Case, exchange: Any, seen: Seen) -> None:
    _set_markets(exchange, case)
    folder = Path(tempfile.gettempdir())
    config = _config(list(case.candles), folder, case.futures, case.cross)
    config["runmode"] = case.runmode
    config.update(copy.deepcopy(case.config))
    if case.protections:
        config["enable_protections"] = True
    make = lambda name, config, **_: _load(make_strategy(case, name, seen.trace), config)  # noqa: E731
    with (
        patch.object(StrategyResolver, "_load_strategy", staticmethod(make)),
        patch.object(backtesting_module, "migrate_data", lambda *_: None),
        patch.object(PairLocks, "locks", []),
    ):
        backtesting = Backtesting(config, exchange)
        # Python's own: it numbers across runs in one process.
        data = {pair: _candles_alone(frame) for pair, frame in case.candles.items()}
        backtesting.timerange = backtesting.timerange or TimeRange()
        backtesting.timerange.adjust_start_if_necessary(
            timeframe_to_seconds(backtesting.timeframe),
            backtesting.required_startup,
            min(frame["date"].iloc[0] for frame in data.values()),
        )
        backtesting.detail_data = {pair: frame.copy() for pair, frame in case.detail.items()}
        if case.futures:
            backtesting.funding_fee_timeframe_secs = 3600
            backtesting.futures_data = {
                pair: _funding(frame) for pair, frame in case.funding.items()
            }
        if case.from_candles:
            for pair, frame in data.items():
                backtesting.price_pair_prec[pair] = backtesting_module.get_tick_size_over_time(
                    frame
                )
        failed = True
        try:
            for run in range(case.runs):
                if case.before_run is not None:
                    case.before_run(backtesting, data, run)
                for strategy in backtesting.strategylist:
                    dates = backtesting.backtest_one_strategy(strategy, data, backtesting.timerange)
                    _look(f"{run} {strategy.get_strategy_name()}", backtesting, seen)
                    if not case.with_stats:
                        continue
                    name = strategy.get_strategy_name()
                    content = {name: backtesting.all_bt_content[name]}
                    content[name] |= {"backtest_start_time": 0, "backtest_end_time": 0}
                    stats = generate_backtest_stats(data, content, *dates)
                    for times in ("backtest_run_start_ts", "backtest_run_end_ts"):
                        for each in stats["strategy"].values():
                            each.pop(times, None)
                    for each in stats["strategy"].values():
                        # A strategy's own locks are stamped with the time on the wall.
                        for lock in each["locks"]:
                            if "mine" in str(lock["reason"]):
                                del lock["lock_time"], lock["lock_timestamp"]
                    seen.values[f"{run} {name} stats"] = stats
            failed = False
        finally:
            _look_at_state(backtesting, seen, failed=failed)


def _candles_alone(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns=[name for name in SIGNALS if name in frame]).copy()


def _look(name: str, backtesting: Any, seen: Seen) -> None:
    """Keep what a run gives, before the statistics change it."""
    (content,) = [list(backtesting.all_bt_content.values())[-1]]
    left_out = ("results", "wallet_summary", "config", "locks")
    seen.frames[f"{name} trades"] = content["results"].copy()
    seen.frames[f"{name} wallets"] = content["wallet_summary"].copy()
    seen.values[f"{name} content"] = {
        key: value
        for key, value in content.items()
        if key not in (*left_out, "backtest_start_time", "backtest_end_time")
    }
    for kind, found in backtesting.analysis_results.items():
        for strategy, pairs in found.items():
            for pair, frame in pairs.items():
                seen.frames[f"{name} {kind} {strategy} {pair}"] = frame.copy()


def _look_at_state(backtesting: Any, seen: Seen, *, failed: bool) -> None:
    """What is left in the objects and classes that outlive a run.

    An error leaves a run in the middle: of what its open trades and frames were like nothing is
    to be seen any more.
    """
    dp = backtesting.dataprovider
    seen.values["counters"] = {name: getattr(backtesting, name, None) for name in _COUNTERS}
    seen.values["closed"] = [_plain(trade) for trade in LocalTrade.bt_trades]
    seen.values["locks"] = [
        {
            name: str(getattr(lock, name))
            for name in type(lock).__table__.columns.keys()  # noqa: SIM118
            if name != "lock_time" or "mine" not in str(lock.reason)
        }
        for lock in PairLocks.locks
    ]
    seen.values["custom data"] = [
        (entry.ft_trade_id, entry.cd_key, entry.cd_value) for entry in CustomDataWrapper.custom_data
    ]
    seen.values["rejected"] = {
        pair: [list(map(repr, row)) for row in rows]
        for pair, rows in backtesting.rejected_dict.items()
    }
    seen.values["wallets"] = {
        name: [tuple(w), [type(v).__name__ for v in w]]
        for name, w in backtesting.wallets._wallets.items()
    }
    if failed:
        return
    seen.values["open"] = [_plain(trade) for trade in LocalTrade.bt_trades_open]
    seen.values["open by pair"] = {
        pair: [trade.id for trade in trades]
        for pair, trades in LocalTrade.bt_trades_open_pp.items()
    }
    seen.values["totals"] = (LocalTrade.bt_total_profit, LocalTrade.bt_open_open_trade_count)
    seen.values["dataprovider"] = (
        repr(dict(dp._DataProvider__slice_index)),
        repr(dp._DataProvider__slice_date),
        [repr(key) for key in dp._DataProvider__cached_pairs],
    )
    for key, (frame, _) in dp._DataProvider__cached_pairs.items():
        seen.frames[f"cached {key}"] = frame.copy()
    progress = backtesting.progress
    if progress is not None:
        # Up to 2026.5 it is a single bar.
        seen.values["progress"] = [
            (task.description, task.completed, task.total)
            for task in getattr(progress, "tasks", ())
        ] or vars(progress)


def difference(stock: Seen, ours: Seen) -> str:
    """The first difference in full; empty where there is none."""
    if stock.error != ours.error:
        return f"error\n stock {stock.error!r}\n ours  {ours.error!r}"
    for number, (theirs, mine) in enumerate(zip(stock.trace, ours.trace, strict=False)):
        if theirs != mine:
            return f"call {number}\n{_first(theirs, mine)}"
    if len(stock.trace) != len(ours.trace):
        longer = max(stock.trace, ours.trace, key=len)[min(len(stock.trace), len(ours.trace))]
        return f"calls: stock {len(stock.trace)}, ours {len(ours.trace)}, first {longer}"
    if list(stock.frames) != list(ours.frames):
        return f"frames\n stock {list(stock.frames)}\n ours  {list(ours.frames)}"
    for name, frame in stock.frames.items():
        found = frame_difference(frame, ours.frames[name], lambda row: f"row {row}")
        if found is not None:
            return f"{name}, {found.where}: {found.fields}"
    if list(stock.values) != list(ours.values):
        return f"values\n stock {list(stock.values)}\n ours  {list(ours.values)}"
    for name, value in stock.values.items():
        if not identical(value, ours.values[name]):
            return f"{name}\n{_first(value, ours.values[name])}"
    if stock.log != ours.log:
        return f"log\n{_first(stock.log, ours.log)}"
    return ""


def _first(stock: Any, ours: Any, where: str = "") -> str:
    if type(stock) is type(ours):
        if isinstance(stock, dict) and list(stock) == list(ours):
            pairs = [(f"{where}.{key}", stock[key], ours[key]) for key in stock]
        elif isinstance(stock, (list, tuple)) and len(stock) == len(ours):
            pairs = [(f"{where}[{i}]", *both) for i, both in enumerate(zip(stock, ours))]  # noqa: B905
        else:
            pairs = []
        for name, theirs, mine in pairs:
            if not identical(theirs, mine):
                return _first(theirs, mine, name)
    return f" {where}\n stock {stock!r}\n ours  {ours!r}"


def check(case: Case) -> Seen:
    """Run the case both ways; AssertionError with the first difference. Returns our run."""
    stock = observe(case, accelerated=False)
    ours = observe(case, accelerated=True)
    found = difference(stock, ours)
    assert not found, found
    return ours
