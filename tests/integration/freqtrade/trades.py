"""Trades as a backtest makes them, their whole state, and the replacements put in by hand."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from freqtrade.enums import TradingMode
from freqtrade.persistence import LocalTrade, Order

from ft_numba_aot.freqtrade_integration.replacement import Replacement

START = datetime(2024, 1, 1, tzinfo=UTC)


def make_trade(**changed: Any) -> LocalTrade:
    """A trade with the arguments of ``Backtesting._enter_trade``."""
    values: dict[str, Any] = {
        "id": 1,
        "pair": "ETH/USDT",
        "base_currency": "ETH",
        "stake_currency": "USDT",
        "open_rate": 40.23,
        "open_rate_requested": 40.23,
        "open_date": START,
        "stake_amount": 100.0,
        "amount": 0,
        "amount_requested": 2.4857,
        "fee_open": 0.001,
        "fee_close": 0.001,
        "is_open": True,
        "enter_tag": "",
        "timeframe": 5,
        "exchange": "binance",
        "is_short": False,
        "trading_mode": TradingMode.SPOT,
        "leverage": 1.0,
        "amount_precision": 1e-8,
        "price_precision": 0.01,
        "precision_mode": 4,
        "precision_mode_price": 4,
        "contract_size": 1,
        "orders": [],
    }
    return LocalTrade(**{**values, **changed})


def make_order(trade: LocalTrade, side: str, amount: Any, rate: Any, **changed: Any) -> Order:
    """An order with the arguments of ``Backtesting._enter_trade``, added to the trade."""
    number = len(trade.orders) + 1
    values: dict[str, Any] = {
        "id": number,
        "ft_trade_id": trade.id,
        "ft_is_open": True,
        "ft_pair": trade.pair,
        "ft_amount": 1.0,
        "order_id": str(number),
        "symbol": trade.pair,
        "ft_order_side": side,
        "side": side,
        "order_type": "limit",
        "status": "open",
        "order_date": START,
        "order_update_date": START,
        "ft_price": rate,
        "price": rate,
        "average": rate,
        "amount": amount,
        "filled": 0,
        "remaining": amount,
        "cost": 1.0,
        "ft_order_tag": "",
    }
    order = Order(**{**values, **changed})
    order._trade_bt = trade
    trade.orders.append(order)
    return order


def order_state(order: Order) -> tuple[Any, ...]:
    """All of an order, and what SQLAlchemy notes of it."""
    fields = dict(order.__dict__)
    state = fields.pop("_sa_instance_state")
    trade = fields.pop("_trade_bt", None)
    return (
        list(fields.items()),
        list(order.__dict__).index("_sa_instance_state"),
        trade is not None,
        dict(state.__dict__),
        [(name, repr(value)) for name, value in state.committed_state.items()],
        set(state.expired_attributes),
        state.class_,
        state.manager is Order._sa_class_manager,
        state.obj() is order,
        state.transient,
    )


def trade_state(trade: LocalTrade) -> tuple[Any, ...]:
    """All of a trade and its orders."""
    fields = dict(trade.__dict__)
    orders = fields.pop("orders")
    return list(fields.items()), [order_state(order) for order in orders]


def replacements(*modules: str) -> list[Replacement]:
    return [
        replacement
        for module in modules
        for replacement in importlib.import_module(
            f"ft_numba_aot.freqtrade_integration.{module}"
        ).REPLACEMENTS
    ]


@contextmanager
def replaced(*modules: str) -> Iterator[None]:
    """What the modules replace, replaced in freqtrade, wherever it was imported by name."""
    with ExitStack() as stack:
        for replacement in replacements(*modules):
            module, _, qualified = replacement.original.partition(":")
            *path, name = qualified.split(".")
            owner = importlib.import_module(module)
            for part in path:
                owner = getattr(owner, part)
            original = vars(owner)[name]
            stack.enter_context(patch.object(owner, name, replacement.ours))
            if not path:
                for other, value in list(sys.modules.items()):
                    if other.startswith("freqtrade") and getattr(value, name, None) is original:
                        stack.enter_context(patch.object(value, name, replacement.ours))
        yield
