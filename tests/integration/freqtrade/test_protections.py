"""Protections decide as freqtrade's do, whatever was done to the closed trades."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from freqtrade.enums import ExitType
from freqtrade.optimize.backtesting import Backtesting
from freqtrade.persistence import LocalTrade, PairLocks, Trade
from freqtrade.persistence.usedb_context import disable_database_use, enable_database_use
from freqtrade.plugins.protectionmanager import ProtectionManager
from freqtrade.strategy import IStrategy
from hypothesis import given
from hypothesis import strategies as st

from ft_numba_aot.freqtrade_integration import protections
from ft_numba_aot.freqtrade_integration.identity import identical

START = datetime(2024, 1, 1, tzinfo=UTC)
FEATHER_ZONE = ZoneInfo("UTC")
PAIRS = ("A/USDT", "B/USDT", "C/USDT")


class Plain(IStrategy):
    def populate_indicators(self, dataframe: Any, metadata: Any) -> Any:
        return dataframe


class WithCallback(Plain):
    def order_filled(self, **kwargs: Any) -> None:
        pass


@pytest.fixture(autouse=True)
def without_database() -> Iterator[None]:
    disable_database_use("5m")
    reset()
    yield
    reset()
    enable_database_use()


def reset() -> None:
    LocalTrade.reset_trades()
    PairLocks.reset_locks()
    protections.ONLY_FREQTRADE.lasting = False


def at(candles: float) -> datetime:
    return START + timedelta(minutes=5 * candles)


def close_trade(
    pair: str, candle: int, profit: Any, reason: str = "roi", short: bool = False
) -> LocalTrade:
    trade = LocalTrade(
        id=len(LocalTrade.bt_trades) + 1,
        pair=pair,
        is_open=False,
        open_rate=1.0,
        amount=1.0,
        fee_open=0.0,
        open_date=at(candle - 3),
        close_date=at(candle),
        close_profit=profit,
        close_profit_abs=None if profit is None else profit * 100.0,
        exit_reason=reason,
        is_short=short,
    )
    LocalTrade.add_bt_trade(trade)
    return trade


PROFITS = st.one_of(
    st.floats(-0.3, 0.3),
    st.sampled_from([0.0, -0.0, 0.01, -0.01, -0.05, 1e-12]),
    st.floats(-0.3, 0.3).map(np.float64),
)
ODD_PROFITS = st.sampled_from([None, float("nan"), float("inf"), -1, np.float32(0.5)])
REASONS = st.sampled_from([reason.value for reason in ExitType])


@st.composite
def closed(draw: st.DrawFn, most: int = 60, odd: bool = True) -> list[tuple[Any, ...]]:
    """Arguments of ``close_trade`` in order of time, several at a time."""
    profits = PROFITS
    if odd and draw(st.integers(0, 4)) == 0:
        profits |= ODD_PROFITS
    steps = st.sampled_from([0, 0, 0, 1, 2]) if draw(st.booleans()) else st.integers(0, 9)
    candle, found = 0, []
    for step, pair, profit, reason, short in draw(
        st.lists(
            st.tuples(steps, st.sampled_from(PAIRS), profits, REASONS, st.booleans()),
            max_size=most,
        )
    ):
        candle += step
        found.append((pair, candle, profit, reason, short))
    return found


def outcome(function: Any, *arguments: Any, **named: Any) -> Any:
    try:
        found = function(*arguments, **named)
    except Exception as error:
        return type(error), str(error)
    return [id(trade) for trade in found] if isinstance(found, list) else found


def assert_same_queries() -> None:
    last = LocalTrade.bt_trades[-1].close_date if LocalTrade.bt_trades else None
    for date in (
        START,
        at(3),
        at(10),
        last,
        pd.Timestamp(at(3)),
        at(3).replace(tzinfo=None),
        None,
    ):
        for pair in (*PAIRS, None, ""):
            for is_open in (False, True, None):
                named = {"pair": pair, "is_open": is_open, "close_date": date}
                stock = outcome(protections._original_query, **named)
                assert stock == outcome(protections.get_trades_proxy, **named)
                with protections.ONLY_FREQTRADE:
                    assert stock == outcome(protections.get_trades_proxy, **named)


EDITS = st.one_of(
    st.tuples(
        st.just("date"),
        st.integers(0, 99),
        st.sampled_from([None, at(2), at(2).replace(tzinfo=None), pd.Timestamp(at(5)), at(99)]),
    ),
    st.tuples(st.just("pair"), st.integers(0, 99), st.sampled_from(PAIRS)),
    st.tuples(st.just("remove"), st.integers(0, 99)),
    st.tuples(st.just("close"), st.integers(0, 30)),
    st.tuples(st.just("reverse")),
    st.tuples(st.just("replace")),
    st.tuples(st.just("reset")),
)


def edit(action: str, *arguments: Any) -> None:
    trades = LocalTrade.bt_trades
    index = arguments[0] % len(trades) if arguments and trades else 0
    match action:
        case "date" if trades:
            trades[index].close_date = arguments[1]
        case "pair" if trades:
            trades[index].pair = arguments[1]
        case "remove" if trades:
            del trades[index]
        case "close":
            close_trade("A/USDT", arguments[0], 0.1)
        case "reverse":
            trades.reverse()
        case "replace":
            LocalTrade.bt_trades = trades.copy()
        case "reset":
            LocalTrade.reset_trades()


@given(closed(most=15), st.lists(EDITS, max_size=6))
def test_queries_after_anything_was_done_to_the_trades(trades: list[Any], edits: list[Any]) -> None:
    reset()
    for trade in trades:
        close_trade(*trade)
    assert_same_queries()
    for arguments in edits:
        edit(*arguments)
        assert_same_queries()


METHODS = (
    {"method": "CooldownPeriod", "stop_duration_candles": 2},
    {"method": "LowProfitPairs", "trade_limit": 2, "required_profit": 0.01, "only_per_side": True},
    {"method": "LowProfitPairs", "trade_limit": 1, "unlock_at": "13:00"},
    {"method": "StoplossGuard", "trade_limit": 2},
    {"method": "StoplossGuard", "trade_limit": 1, "only_per_pair": True, "only_per_side": True},
    {"method": "MaxDrawdown", "trade_limit": 1, "max_allowed_drawdown": 0.05},
    {"method": "MaxDrawdown", "trade_limit": 0, "max_allowed_drawdown": -1},
    {"method": "MaxDrawdown", "calculation_mode": "equity", "max_allowed_drawdown": 0.001},
    {"method": "MaxDrawdown", "calculation_mode": "equity", "trade_limit": 20},
)


def run(
    trades: list[Any],
    configured: list[Any],
    balance: float,
    accelerated: bool,
    during: Any = nullcontext(),  # noqa: B008
    strategy: type[IStrategy] = Plain,
) -> tuple[list[Any], list[Any]]:
    """Close trades one by one and ask the protections after each; their locks and messages."""
    reset()
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[method-assign]
    loggers = [
        logging.getLogger(name)
        for name in (
            "cooldown_period",
            "low_profit_pairs",
            "stoploss_guard",
            "max_drawdown_protection",
            "freqtrade.plugins.protections.iprotection",
        )
    ]
    backtesting = Backtesting.__new__(Backtesting)
    backtesting.enable_protections = True
    backtesting.strategy = strategy.__new__(strategy)
    backtesting.starting_balance = balance
    backtesting.protections = ProtectionManager({"timeframe": "5m"}, configured)
    query, ask, stop = (
        (protections.get_trades_proxy, protections.run_protections, protections.global_stop)
        if accelerated
        else (
            protections._original_query,
            protections._original_run,
            protections._original_global_stop,
        )
    )
    with (
        patch.object(LocalTrade, "get_trades_proxy", staticmethod(query)),
        patch.object(Backtesting, "run_protections", ask),
        patch.object(ProtectionManager, "global_stop", stop),
        during,
    ):
        for logger in loggers:
            logger.addHandler(handler)
            logger.setLevel(logging.DEBUG)
        try:
            for arguments in trades:
                trade = close_trade(*arguments)
                backtesting.run_protections(trade.pair, trade.close_date, trade.trade_direction)
        finally:
            for logger in loggers:
                logger.removeHandler(handler)
                logger.setLevel(logging.NOTSET)
    locks = [
        [lock.pair, lock.side, lock.reason, lock.lock_time, lock.lock_end_time, lock.active]
        for lock in PairLocks.locks
    ]
    messages = [
        (record.name, record.levelname, record.getMessage(), record.pathname, record.lineno)
        for record in records
    ]
    return locks, messages


@given(
    closed(),
    st.lists(st.tuples(st.sampled_from(METHODS), st.integers(1, 40)), min_size=1, max_size=4),
    st.sampled_from([1000.0, 1000, 0.0, -50.0, 1e-9]),
    st.sampled_from([UTC, FEATHER_ZONE]),
)
def test_protections_lock_and_log_the_same(
    trades: list[Any], methods: list[Any], balance: float, zone: tzinfo
) -> None:
    configured = [{**method, "lookback_period_candles": candles} for method, candles in methods]
    with patch(f"{__name__}.START", START.replace(tzinfo=zone)):
        stock = run(trades, configured, balance, False)
        assert identical(stock, run(trades, configured, balance, True))
        assert identical(stock, run(trades, configured, balance, True, strategy=WithCallback))
        assert identical(stock, run(trades, configured, balance, True, protections.ONLY_FREQTRADE))


def same_date(count: int) -> list[Any]:
    """Many trades that close together: the order in which pandas sorts them counts."""
    random = np.random.default_rng(5)
    return [
        (PAIRS[number % 3], number // 7, float(profit))
        for number, profit in enumerate(random.normal(0, 0.02, count))
    ]


@pytest.mark.parametrize("zone", [UTC, FEATHER_ZONE], ids=repr)
@pytest.mark.parametrize("mode", ["ratios", "equity"])
def test_drawdowns_of_trades_that_close_together(mode: str, zone: tzinfo) -> None:
    configured = [
        {
            "method": "MaxDrawdown",
            "lookback_period_candles": 20,
            "max_allowed_drawdown": 1e-6,
            "calculation_mode": mode,
            "stop_duration": 1,
        }
    ]
    trades = same_date(150)
    with patch(f"{__name__}.START", START.replace(tzinfo=zone)):
        stock = run(trades, configured, 1000.0, False)
        assert len({lock[2] for lock in stock[0]}) > 10
        with patch("freqtrade.data.metrics.calculate_max_drawdown", side_effect=AssertionError):
            ours = run(trades, configured, 1000.0, True)
    assert identical(stock, ours)


@pytest.mark.parametrize("strategy", [Plain, WithCallback])
def test_trades_are_looked_at_once_where_no_callback_changes_them(
    strategy: type[IStrategy],
) -> None:
    configured = [{"method": "CooldownPeriod", "stop_duration_candles": 2}]
    trades = [(PAIRS[number % 3], number, 0.01) for number in range(20)]
    with patch.object(protections, "_close_date", wraps=protections._close_date) as looked:
        run(trades, configured, 1000.0, True, strategy=strategy)
    # Only those that are new to it are looked at one by one.
    assert looked.call_count == (1 if strategy is Plain else sum(range(1, 21)))


def test_dates_are_looked_at_once_while_only_freqtrade_runs() -> None:
    trades = [close_trade(*arguments) for arguments in same_date(50)]
    with (
        patch.object(protections, "_original_query", side_effect=AssertionError),
        patch.object(protections, "_close_date", wraps=protections._close_date) as looked,
    ):
        for _ in range(2):
            looked.reset_mock()
            with protections.ONLY_FREQTRADE:
                for _ in range(3):
                    found = protections.get_trades_proxy(is_open=False, close_date=at(3))
                    assert found == [trade for trade in trades if trade.close_date > at(3)]
                    with protections.ONLY_FREQTRADE:
                        trades.append(close_trade("A/USDT", 99, 0.1))
                assert looked.call_count == len(trades) - 3
    with patch.object(protections, "_original_query", return_value=["theirs"]):
        assert protections.get_trades_proxy(is_open=False, close_date=at(3)) == ["theirs"]


def test_a_class_of_somebody_else_runs_as_it_is() -> None:
    manager = ProtectionManager({"timeframe": "5m"}, [dict(METHODS[5])])
    handler = manager._protection_handlers[0]
    assert protections._is_max_drawdown(handler)
    close_trade("A/USDT", 1, -0.5)

    class Own(type(handler)):  # type: ignore[misc]
        def _max_drawdown(self, date_now: datetime, starting_balance: float) -> None:
            return None

    handler.__class__ = Own
    assert not protections._is_max_drawdown(handler)
    assert protections.global_stop(manager, at(2)) is None
    handler.__class__ = Own.__bases__[0]
    handler._max_drawdown = lambda date_now, starting_balance: None
    assert protections.global_stop(manager, at(2)) is None
    del handler._max_drawdown
    assert protections.global_stop(manager, at(2)) is not None


def test_with_a_database_freqtrade_is_asked() -> None:
    manager = ProtectionManager({"timeframe": "5m"}, [dict(METHODS[5])])
    with (
        patch.object(Trade, "use_db", True),
        patch.object(protections, "_original_global_stop", return_value="theirs"),
    ):
        assert protections.global_stop(manager, at(2)) == "theirs"
