"""A trade's orders, without SQLAlchemy's work for each attribute.

An ``Order`` keeps its attributes in its ``__dict__``, and SQLAlchemy notes in the instance's state
which of them were set. Of a transient order, the only kind that a backtest has, both are read and
written here directly, to the same end. Everything else goes through the originals.

Imports freqtrade and SQLAlchemy.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache, wraps
from typing import Any

from freqtrade.constants import NON_OPEN_EXCHANGE_STATES
from freqtrade.persistence.trade_model import LocalTrade, Order
from sqlalchemy.orm.base import NO_VALUE

from .replacement import Replacement

_MODEL = "freqtrade.persistence.trade_model:"
_STATE = "_sa_instance_state"

_original_init = Order.__init__
_original_close_bt_order = Order.close_bt_order
_original_safe_amount_after_fee = Order.safe_amount_after_fee.fget
_original_date_last_filled = LocalTrade._date_last_filled_utc.fget
_original_has_open_orders = LocalTrade.has_open_orders.fget
_original_open_orders = LocalTrade.open_orders.fget
_original_select_order = LocalTrade.select_order
_original_select_filled_orders = LocalTrade.select_filled_orders

_COLUMNS = frozenset(Order.__table__.columns.keys())
# All that is in the dictionary of the state of an order that was changed and has no session.
_TRANSIENT = {"modified": True}


def transient_fields(order: Any) -> dict[str, Any] | None:
    """The attributes that are set of an order that no session knows, None of any other.

    Those of its columns that aren't in it are None.
    """
    if type(order) is Order and sqlalchemy_is_known():
        fields: dict[str, Any] = order.__dict__
        state = fields.get(_STATE)
        if state is not None and state.__dict__ == _TRANSIENT and not state.expired_attributes:
            return fields
    return None


@cache
def sqlalchemy_is_known() -> bool:
    """Whether SQLAlchemy leaves an order as the functions below do. Makes a few orders to see."""
    if _is_listened_to():
        return False
    stock, ours, empty = Order.__new__(Order), Order.__new__(Order), Order.__new__(Order)
    values: dict[str, Any] = {name: object() for name in sorted(_COLUMNS) if name != "filled"}
    _original_init(stock, **values)
    _original_init(empty)
    try:
        _construct(ours, values)
        for name in ("filled", "status", "filled"):
            value = object()
            setattr(stock, name, value)
            _assign(ours.__dict__, name, value)
        return (
            _snapshot(stock) == _snapshot(ours)
            and stock.__dict__[_STATE].__dict__ == _TRANSIENT
            and all(getattr(empty, name) is None for name in _COLUMNS)
        )
    except (AttributeError, TypeError):
        return False


def _unfit() -> str | None:
    return None if sqlalchemy_is_known() else "SQLAlchemy keeps orders in a way that isn't known"


def _is_listened_to() -> bool:
    """Whether someone beside SQLAlchemy's mapper wants to know of new orders or changes."""
    columns = [getattr(Order, name).dispatch for name in _COLUMNS]
    return len(list(Order._sa_class_manager.dispatch.init)) > 1 or any(
        list(column.set) or list(column.init_scalar) for column in columns
    )


def _snapshot(order: Any) -> tuple[Any, ...]:
    fields = list(order.__dict__.items())
    state = order.__dict__[_STATE]
    return (
        [name for name, _ in fields],
        [value for name, value in fields if name != _STATE],
        state.__dict__,
        list(state.committed_state.items()),
        state.expired_attributes,
        state.class_,
        state.manager,
        state.obj() is order,
    )


def _construct(order: Any, values: dict[str, Any]) -> None:
    manager = Order._sa_class_manager
    state = manager._new_state_if_none(order)
    manager.dispatch.init(state, (), values)
    state.committed_state.update(dict.fromkeys(values, NO_VALUE))
    state.modified = True
    order.__dict__.update(values)


def _assign(fields: dict[str, Any], name: str, value: Any) -> None:
    """Set an attribute of a transient order."""
    committed = fields[_STATE].committed_state
    if name not in committed:
        committed[name] = fields.get(name, NO_VALUE)
    fields[name] = value


@wraps(_original_init)
def _init(self: Any, **kwargs: Any) -> None:
    if (
        type(self) is Order
        and kwargs
        and kwargs.keys() <= _COLUMNS
        and _STATE not in self.__dict__
        and sqlalchemy_is_known()
    ):
        _construct(self, kwargs)
    else:
        _original_init(self, **kwargs)


@wraps(_original_close_bt_order)
def _close_bt_order(self: Any, close_date: datetime, trade: LocalTrade) -> None:
    fields = transient_fields(self)
    if fields is None:
        _original_close_bt_order(self, close_date, trade)
        return
    _assign(fields, "order_filled_date", close_date)
    _assign(fields, "filled", fields.get("amount"))
    _assign(fields, "remaining", 0)
    _assign(fields, "status", "closed")
    _assign(fields, "ft_is_open", False)
    _assign(fields, "funding_fee", trade.funding_fee_running)
    trade.funding_fee_running = 0.0

    if fields.get("ft_order_side") == trade.entry_side and (price := fields.get("price")):
        trade.open_rate = price
        trade.recalc_trade_from_orders()
        if trade.nr_of_successful_entries == 1:
            trade.initial_stop_loss_pct = None
            trade.is_stop_loss_trailing = False
        trade.adjust_stop_loss(trade.open_rate, trade.stop_loss_pct)


@wraps(_original_safe_amount_after_fee)
def _safe_amount_after_fee(self: Any) -> float:
    fields = transient_fields(self)
    if fields is None:
        return _original_safe_amount_after_fee(self)  # type: ignore[no-any-return]
    filled = fields.get("filled")
    amount: float = (filled if filled is not None else 0.0) - (fields.get("ft_fee_base") or 0.0)
    return amount


# An attribute that is in an order's dictionary is what SQLAlchemy returns, whatever its state.


@wraps(_original_has_open_orders)
def _has_open_orders(self: LocalTrade) -> bool:
    try:
        for order in self.orders:
            if type(order) is not Order:
                return _original_has_open_orders(self)  # type: ignore[no-any-return]
            fields = order.__dict__
            if fields["ft_order_side"] != "stoploss" and fields["ft_is_open"]:
                return True
    except KeyError:
        return _original_has_open_orders(self)  # type: ignore[no-any-return]
    return False


@wraps(_original_open_orders)
def _open_orders(self: LocalTrade) -> list[Order]:
    found = []
    try:
        for order in self.orders:
            if type(order) is not Order:
                return _original_open_orders(self)  # type: ignore[no-any-return]
            fields = order.__dict__
            if fields["ft_is_open"] and fields["ft_order_side"] != "stoploss":
                found.append(order)
    except KeyError:
        return _original_open_orders(self)  # type: ignore[no-any-return]
    return found


@wraps(_original_select_order)
def _select_order(
    self: LocalTrade,
    order_side: str | None = None,
    is_open: bool | None = None,
    only_filled: bool = False,
) -> Order | None:
    if is_open is not False or not only_filled:
        try:
            for order in reversed(self.orders):
                if type(order) is not Order:
                    break
                fields = order.__dict__
                if order_side and fields["ft_order_side"] != order_side:
                    continue
                if is_open is not None and fields["ft_is_open"] != is_open:
                    continue
                return order
            else:
                return None
        except KeyError:
            pass
    return _original_select_order(self, order_side, is_open, only_filled)


@wraps(_original_select_filled_orders)
def _select_filled_orders(self: LocalTrade, order_side: str | None = None) -> list[Order]:
    found = []
    try:
        for order in self.orders:
            if type(order) is not Order:
                return _original_select_filled_orders(self, order_side)  # type: ignore[no-any-return]
            fields = order.__dict__
            if (
                (order_side is None or fields["ft_order_side"] == order_side)
                and fields["ft_is_open"] is False
                and fields["filled"]
                and fields["status"] in NON_OPEN_EXCHANGE_STATES
            ):
                found.append(order)
    except KeyError:
        return _original_select_filled_orders(self, order_side)  # type: ignore[no-any-return]
    return found


@wraps(_original_date_last_filled)
def _date_last_filled_utc(self: LocalTrade) -> datetime | None:
    if type(self) is not LocalTrade:
        return _original_date_last_filled(self)  # type: ignore[no-any-return]
    last: datetime | None = None
    try:
        for order in self.orders:
            if type(order) is not Order:
                return _original_date_last_filled(self)  # type: ignore[no-any-return]
            fields = order.__dict__
            if (
                fields["ft_is_open"] is False
                and fields["filled"]
                and fields["status"] in NON_OPEN_EXCHANGE_STATES
            ):
                date = fields["order_filled_date"]
                if type(date) is not datetime:
                    return _original_date_last_filled(self)  # type: ignore[no-any-return]
                date = date.replace(tzinfo=UTC)
                if last is None or date > last:
                    last = date
    except KeyError:
        return _original_date_last_filled(self)  # type: ignore[no-any-return]
    return last


REPLACEMENTS: tuple[Replacement, ...] = (
    Replacement(_MODEL + "Order.__init__", _init, "orders", unfit=_unfit),
    Replacement(_MODEL + "Order.close_bt_order", _close_bt_order, "orders"),
    Replacement(
        _MODEL + "Order.safe_amount_after_fee",
        property(_safe_amount_after_fee),
        "orders",
        (_MODEL + "Order.safe_filled", _MODEL + "Order.safe_fee_base"),
    ),
    Replacement(
        _MODEL + "LocalTrade._date_last_filled_utc",
        property(_date_last_filled_utc),
        "orders",
        (_MODEL + "Order.order_filled_utc", _MODEL + "LocalTrade.select_filled_orders"),
    ),
    Replacement(_MODEL + "LocalTrade.has_open_orders", property(_has_open_orders), "orders"),
    Replacement(_MODEL + "LocalTrade.open_orders", property(_open_orders), "orders"),
    Replacement(_MODEL + "LocalTrade.select_order", _select_order, "orders"),
    Replacement(_MODEL + "LocalTrade.select_filled_orders", _select_filled_orders, "orders"),
)
