"""Calls of a strategy's callbacks, with a cheaper copy of the trade than ``copy.deepcopy`` makes.

freqtrade's own wrapper runs, as it is written: its code is given other globals, in which
``deepcopy`` and ``wraps`` are the ones below. Messages, tracebacks and exceptions stay its own.
Imports freqtrade and SQLAlchemy.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import copy
import copyreg
import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from types import FunctionType, MethodType
from typing import Any
from weakref import ref

import numpy as np
from freqtrade.enums import ExitType, TradingMode
from freqtrade.persistence.trade_model import LocalTrade, Order
from freqtrade.strategy import IStrategy
from freqtrade.strategy import strategy_wrapper as _wrapper_module
from sqlalchemy.orm.base import NO_VALUE
from sqlalchemy.orm.state import InstanceState

from .replacement import Replacement

__all__ = ["REPLACEMENTS", "copy_of_trade", "strategy_safe_wrapper"]

_original = _wrapper_module.strategy_safe_wrapper

# What deepcopy gives back as it is, or as an equal object that nothing can change.
_IMMUTABLE = frozenset(
    {
        *(type(None), bool, int, float, complex, str, bytes, datetime),
        *(np.float64, np.int64, np.bool_, TradingMode, ExitType),
    }
)

# With any of these in the class, deepcopy would do something else.
_HOOKS = frozenset(("__deepcopy__", "__getstate__", "__reduce__", "__reduce_ex__", "__setstate__"))

# The state of an order that was made in this process and belongs to no session.
_TRANSIENT = {"modified": True}
_STATE_SLOTS = ("class_", "manager", "obj", "committed_state", "expired_attributes")

_events = Order._sa_class_manager.dispatch
_no_pickle_events, _no_unpickle_events = _events.pickle, _events.unpickle


def copy_of_trade(trade: Any) -> Any:
    """What ``copy.deepcopy`` makes of a backtest's trade; None where that has to be asked.

    The copy has copies of the orders, which refer to it as the originals do to ``trade``.
    """
    if (
        type(trade) is not LocalTrade
        or _wrapper_module.deepcopy is not copy.deepcopy
        or LocalTrade in copyreg.dispatch_table
        or Order in copyreg.dispatch_table
        or not _have_no_hooks(len(LocalTrade.__dict__), len(Order.__dict__))
        or not _is_silent(_events.pickle, _no_pickle_events)
        or not _is_silent(_events.unpickle, _no_unpickle_events)
        or not _is_understood()
    ):
        return None
    return _copy_of_trade(trade)


def _copy_of_trade(trade: Any) -> Any:
    values = trade.__dict__.copy()
    orders = values.get("orders")
    if type(orders) is not list:
        return None
    values["orders"] = None
    if not _IMMUTABLE.issuperset(map(type, values.values())):
        return None
    if len(orders) > 1 and len({*map(id, orders)}) != len(orders):
        return None
    copied = LocalTrade.__new__(LocalTrade)
    copies = []
    for order in orders:
        copied_order = _copy_of_order(order, trade, copied)
        if copied_order is None:
            return None
        copies.append(copied_order)
    values["orders"] = copies
    copied.__dict__ = values
    return copied


def _copy_of_order(order: Any, trade: Any, copied_trade: Any) -> Any:
    if type(order) is not Order:
        return None
    values = order.__dict__.copy()
    state = values.get("_sa_instance_state")
    if (
        type(state) is not InstanceState
        or state.__dict__ != _TRANSIENT
        or state.expired_attributes
        or values.get("_trade_bt") is not trade
        or next(iter(values)) != "_sa_instance_state"
    ):
        return None
    committed = state.committed_state
    values["_sa_instance_state"] = values["_trade_bt"] = None
    if [*committed.values()].count(NO_VALUE) != len(committed) or not _IMMUTABLE.issuperset(
        map(type, values.values())
    ):
        return None
    copied = object.__new__(Order)
    values["_sa_instance_state"] = copied_state = InstanceState.__new__(InstanceState)
    values["_trade_bt"] = copied_trade
    copied.__dict__ = values
    copied_state.class_ = Order
    copied_state.manager = state.manager
    copied_state.obj = ref(copied, copied_state._cleanup)
    copied_state.committed_state = committed.copy()
    copied_state.expired_attributes = set()
    # In the order of InstanceState.__setstate__.
    copied_state._pending_mutations = {}
    copied_state.parents = {}
    copied_state.modified = True
    copied_state.expired = False
    return copied


@functools.cache
def _have_no_hooks(*_: int) -> bool:
    """Asked again once a class has more or fewer attributes than it ever had."""
    return all(_HOOKS.isdisjoint(vars(owner)) for owner in (LocalTrade, Order))


def _is_silent(listeners: Any, empty: Any) -> bool:
    return not (listeners.parent_listeners if listeners is empty else listeners)


@functools.cache
def _is_understood() -> bool:
    """Whether SQLAlchemy keeps an order's state as ``_copy_of_order`` takes it to."""
    date = datetime(2020, 1, 1)
    trade = LocalTrade(id=1, pair="A/B", open_date=date, amount=1.0, open_rate=1.0, fee_open=0.0)
    order = Order(id=1, ft_pair="A/B", ft_is_open=True, order_date=date, filled=0.0)
    order._trade_bt = trade
    trade.orders.append(order)
    order.filled = 1.0
    ours = _copy_of_trade(trade)
    return ours is not None and _anatomy(ours) == _anatomy(copy.deepcopy(trade))


def _anatomy(trade: Any) -> list[Any]:
    """Everything that a copy of a trade and its one order consist of."""
    (order,) = trade.orders
    state = order._sa_instance_state
    return [
        [*state.__slots__],
        [*state.__dict__.items()],
        [getattr(state, slot) for slot in _STATE_SLOTS if slot != "obj"],
        [state.obj() is order, state.obj.__callback__ == state._cleanup],
        [*order.__dict__.keys()],
        [value for value in order.__dict__.values() if value is not state and value is not trade],
        order._trade_bt is trade,
        [*trade.__dict__.keys()],
        [value for value in trade.__dict__.values() if value is not trade.orders],
    ]


def _deepcopy(trade: Any) -> Any:
    copied = copy_of_trade(trade)
    return _wrapper_module.deepcopy(trade) if copied is None else copied


def _wraps(function: Any) -> Callable[[Any], Any]:
    """``functools.wraps``, which takes its time to look for what a bound method always has."""
    if type(function) is MethodType and type(function.__func__) is FunctionType:
        return functools.partial(_wrap_method, function)
    return functools.wraps(function)


def _wrap_method(method: MethodType, wrapper: Any) -> Any:
    function: Any = method.__func__
    for name in functools.WRAPPER_ASSIGNMENTS:
        setattr(wrapper, name, getattr(function, name))
    if function.__dict__:
        wrapper.__dict__.update(function.__dict__)
    wrapper.__wrapped__ = method
    return wrapper


def _format_traceback(error: Exception) -> str:
    """The wrapper's own, where the frame of ``_deepcopy`` is the wrapper's, too."""
    traceback = error.__traceback__
    skipped = (_wrapper_module.__file__, __file__)
    try:
        while traceback is not None:
            code = traceback.tb_frame.f_code
            if code.co_filename not in skipped:
                return f"{code.co_qualname}:{traceback.tb_lineno}"
            traceback = traceback.tb_next
    except Exception:
        return "<unavailable>"
    return ""


def _with_globals(function: Any, **replaced: Any) -> Any:
    """The same code, defaults and description, with some of its global names replaced."""
    made = FunctionType(
        function.__code__,
        {**function.__globals__, **replaced},
        function.__name__,
        function.__defaults__,
    )
    made.__kwdefaults__ = function.__kwdefaults__
    return functools.update_wrapper(made, function)


_make_wrapper = _with_globals(
    _original,
    wraps=_wraps,
    deepcopy=_deepcopy,
    __format_traceback=_format_traceback,
)

# While a backtest runs, the wrappers of its strategy's methods: by function, default and whether
# errors are suppressed.
_remembered: dict[tuple[Any, ...], Any] | None = None


@contextmanager
def remembered_wrappers() -> Iterator[None]:
    """Wrap each method of a strategy once, and not at each of its calls."""
    global _remembered  # noqa: PLW0603
    before, _remembered = _remembered, {}
    try:
        yield
    finally:
        _remembered = before


# What these do when no strategy overrides them: return a constant or an argument.
_DEFAULTS = (
    *("confirm_trade_entry", "confirm_trade_exit", "custom_entry_price", "custom_exit_price"),
    *("custom_stake_amount", "leverage", "order_filled", "adjust_trade_position"),
)
_UNEVENTFUL = frozenset(getattr(IStrategy, name) for name in _DEFAULTS)


@functools.wraps(_original)
def strategy_safe_wrapper(
    f: Any, message: str = "", default_retval: Any = None, supress_error: bool = False
) -> Any:
    if _remembered is None or type(f) is not MethodType:
        return _make_wrapper(f, message, default_retval, supress_error)
    if f.__func__ in _UNEVENTFUL:
        return f
    if message or not (default_retval is None or default_retval is False or default_retval is True):
        return _make_wrapper(f, message, default_retval, supress_error)
    key = (f.__func__, id(f.__self__), default_retval, supress_error)
    wrapper = _remembered.get(key)
    if wrapper is None:
        wrapper = _remembered[key] = _make_wrapper(f, message, default_retval, supress_error)
    return wrapper


REPLACEMENTS = (
    Replacement(
        "freqtrade.strategy.strategy_wrapper:strategy_safe_wrapper",
        strategy_safe_wrapper,
        "callbacks",
        (
            "freqtrade.strategy.strategy_wrapper:__format_traceback",
            *(f"freqtrade.strategy.interface:IStrategy.{name}" for name in _DEFAULTS),
        ),
    ),
)
