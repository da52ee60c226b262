"""The cheaper copy of a trade is a deep copy, and the wrapper of callbacks is freqtrade's."""

from __future__ import annotations

import copy
import copyreg
import functools
import logging
import pickle
import re
import traceback
import types
import weakref
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import MagicMock, patch

import numpy as np
import pandas as pd
import pytest
from freqtrade.enums import TradingMode
from freqtrade.exceptions import StrategyError
from freqtrade.persistence import LocalTrade, Order, Trade
from freqtrade.strategy import IStrategy, strategy_wrapper
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, inspect
from sqlalchemy.orm.state import InstanceState

from ft_numba_aot.freqtrade_integration import callbacks
from ft_numba_aot.freqtrade_integration.identity import identical

START = datetime(2024, 1, 1, tzinfo=UTC)
ATOMS = (type(None), bool, int, float, str, datetime, TradingMode, np.float64, type)


def make_trade(orders: int = 1, short: bool = False, tag: str | None = None) -> LocalTrade:
    """A trade as ``Backtesting._enter_trade`` makes one, all orders but the last filled."""
    trade = LocalTrade(
        id=7,
        pair="A/USDT",
        base_currency="A",
        stake_currency="USDT",
        open_rate=100.0,
        open_rate_requested=100.0,
        open_date=START,
        stake_amount=50.0,
        amount=0,
        amount_requested=0.5,
        fee_open=0.001,
        fee_close=0.001,
        is_open=True,
        enter_tag=tag,
        timeframe=5,
        exchange="binance",
        is_short=short,
        trading_mode=TradingMode.FUTURES if short else TradingMode.SPOT,
        leverage=np.float64(2.0) if short else 1.0,
        amount_precision=1e-8,
        price_precision=np.float64(0.01),
        precision_mode=4,
        precision_mode_price=4,
        contract_size=1,
        orders=[],
    )
    trade.adjust_stop_loss(trade.open_rate, -0.1, initial=True)
    for number in range(orders):
        add_order(trade, number, filled=number < orders - 1 or orders == 1)
    return trade


def add_order(trade: LocalTrade, number: int, filled: bool) -> None:
    date = START + timedelta(minutes=5 * number)
    order = Order(
        id=number,
        ft_trade_id=trade.id,
        ft_is_open=True,
        ft_pair=trade.pair,
        order_id=str(number),
        symbol=trade.pair,
        ft_order_side=trade.entry_side,
        side=trade.entry_side,
        order_type="limit",
        status="open",
        order_date=date,
        order_filled_date=date,
        order_update_date=date,
        ft_price=100.0 + number,
        price=100.0 + number,
        average=100.0 + number,
        amount=0.5,
        filled=0,
        remaining=0.5,
        cost=50.05,
        ft_order_tag=trade.enter_tag,
    )
    order._trade_bt = trade
    trade.orders.append(order)
    if filled:
        order.close_bt_order(date, trade)
        trade.recalc_trade_from_orders()


def assert_same_graph(stock: Any, ours: Any, seen: dict[int, Any] | None = None) -> None:
    """Same types, keys in the same order, values, and the same objects in the same places."""
    seen = {} if seen is None else seen
    assert type(stock) is type(ours)
    if isinstance(stock, ATOMS) or callable(stock):
        assert identical(stock, ours)
        return
    if id(stock) in seen:
        assert seen[id(stock)] is ours
        return
    seen[id(stock)] = ours
    if isinstance(stock, dict):
        assert list(stock) == list(ours)
        for key in stock:
            assert_same_graph(stock[key], ours[key], seen)
    elif isinstance(stock, (list, tuple)):
        assert len(stock) == len(ours)
        for theirs, mine in zip(stock, ours, strict=True):
            assert_same_graph(theirs, mine, seen)
    elif isinstance(stock, set):
        assert stock == ours
    elif isinstance(stock, InstanceState):
        for slot in set(InstanceState.__slots__) - {"__dict__", "__weakref__", "obj", "manager"}:
            assert_same_graph(getattr(stock, slot), getattr(ours, slot), seen)
        assert stock.manager is ours.manager
        assert type(ours.obj) is weakref.ref
        assert_same_graph(stock.obj(), ours.obj(), seen)
        for state in (stock, ours):
            assert state.obj.__callback__.__self__ is state
            assert state.obj.__callback__.__func__ is InstanceState._cleanup
        assert_same_graph(stock.__dict__, ours.__dict__, seen)
    elif isinstance(stock, (LocalTrade, Order)):
        assert_same_graph(stock.__dict__, ours.__dict__, seen)
    else:
        assert re.sub("0x[0-9a-f]+", "", repr(stock)) == re.sub("0x[0-9a-f]+", "", repr(ours))


def mutable_ids(root: Any) -> dict[int, Any]:
    """Every object below ``root`` that can be changed, by its id."""
    found: dict[int, Any] = {}
    pending = [root]
    while pending:
        value = pending.pop()
        if isinstance(value, ATOMS) or id(value) in found or not hasattr(value, "__class__"):
            continue
        if isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, (list, set)):
            pending += value
        elif isinstance(value, InstanceState):
            pending += [value.committed_state, value.expired_attributes, value.__dict__]
        elif isinstance(value, (LocalTrade, Order)):
            pending.append(value.__dict__)
        else:
            continue
        found[id(value)] = value
    return found


PRICES = st.floats(1e-8, 1e8) | st.integers(1, 1000) | st.floats(1e-4, 1e4).map(np.float64)
FIELDS = {
    "open_rate": PRICES,
    "max_rate": PRICES | st.none(),
    "min_rate": PRICES | st.none(),
    "stop_loss": st.floats(allow_nan=True),
    "enter_tag": st.none() | st.text(max_size=5) | st.integers(),
    "close_date": st.none() | st.datetimes(timezones=st.just(UTC)) | st.datetimes(),
    "funding_fees": st.none() | st.floats(),
    "is_short": st.booleans(),
    "exit_reason": st.none() | st.text(max_size=5),
    "a_field_of_their_own": st.text(max_size=3) | st.complex_numbers() | st.binary(max_size=3),
}


@st.composite
def trades(draw: st.DrawFn) -> LocalTrade:
    trade = make_trade(draw(st.integers(0, 6)), draw(st.booleans()), draw(st.none() | st.text()))
    for name, value in draw(st.fixed_dictionaries({}, optional=FIELDS)).items():
        setattr(trade, name, value)
    for order in trade.orders:
        for name, value in draw(
            st.fixed_dictionaries(
                {},
                optional={"filled": PRICES, "funding_fee": PRICES | st.none(), "status": st.text()},
            )
        ).items():
            setattr(order, name, value)
    return trade


@given(trades())
def test_the_copy_is_a_deep_copy(trade: LocalTrade) -> None:
    before = copy.deepcopy(trade)
    ours = callbacks.copy_of_trade(trade)
    assert ours is not None
    assert_same_graph(copy.deepcopy(trade), ours)
    assert_same_graph(before, copy.deepcopy(trade))
    assert not mutable_ids(trade).keys() & mutable_ids(ours).keys()
    assert all(order._trade_bt is ours and order.trade is ours for order in ours.orders)


def use_everything(trade: LocalTrade) -> list[Any]:
    """What a strategy can see of a trade, and can do to it; the results in order."""
    seen: list[Any] = []
    for owner in (trade, *trade.orders):
        for name in sorted(dir(type(owner))):
            if isinstance(getattr(type(owner), name, None), property):
                try:
                    seen.append((name, repr(getattr(owner, name))))
                except Exception as error:
                    seen.append((name, repr(error)))
    seen += [repr(trade), trade.to_json(), trade.to_json(minified=True)]
    seen += [trade.calc_profit_ratio(101.0), trade.calculate_profit(99.0).total_profit]
    seen.append([order.to_ccxt_object() for order in trade.orders])
    trade.adjust_min_max_rates(120.0, 80.0)
    trade.adjust_stop_loss(120.0, -0.05)
    trade.set_funding_fees(0.25)
    add_order(trade, 9, filled=True)
    trade.orders[0].ft_order_tag = "changed"
    del trade.orders[0].cost
    trade.recalc_trade_from_orders()
    trade.note = ["theirs"]
    for order in trade.orders:
        state = inspect(order)
        seen += [
            state.transient,
            state.modified,
            state.dict is order.__dict__,
            state.object is order,
        ]
        seen.append([(item.key, repr(item.history)) for item in state.attrs if item.key[0] != "_"])
    return [*seen, trade.to_json()]


@pytest.mark.parametrize("orders", range(1, 7))
@pytest.mark.parametrize("short", [False, True])
def test_a_strategy_cannot_tell(orders: int, short: bool) -> None:
    trade = make_trade(orders, short)
    before = copy.deepcopy(trade)
    stock, ours = copy.deepcopy(trade), callbacks.copy_of_trade(trade)
    assert identical(use_everything(stock), use_everything(ours))
    assert_same_graph(stock, ours)
    assert_same_graph(copy.deepcopy(stock), copy.deepcopy(ours))
    assert_same_graph(pickle.loads(pickle.dumps(stock)), pickle.loads(pickle.dumps(ours)))
    assert_same_graph(before, copy.deepcopy(trade))


def test_a_copy_goes_with_its_last_reference() -> None:
    ours = callbacks.copy_of_trade(make_trade(2))
    order = weakref.ref(ours.orders[0])
    state = ours.orders[0]._sa_instance_state
    ours.orders[0]._trade_bt = None
    ours.orders.clear()
    assert order() is None
    assert state.obj() is None


def other_trade_class() -> LocalTrade:
    class Own(LocalTrade):
        pass

    trade = make_trade()
    trade.__class__ = Own
    return trade


def with_value(name: str, value: Any) -> LocalTrade:
    trade = make_trade()
    setattr(trade, name, value)
    return trade


def with_order(change: Any) -> LocalTrade:
    trade = make_trade(2)
    change(trade.orders[0])
    return trade


def same_order_twice() -> LocalTrade:
    trade = make_trade()
    trade.orders.append(trade.orders[0])
    return trade


def no_orders() -> LocalTrade:
    trade = make_trade()
    del trade.orders
    return trade


UNEXPECTED = {
    "a list": lambda: with_value("note", [1]),
    "a Timestamp": lambda: with_value("open_date", pd.Timestamp(START)),
    "a tuple of orders": lambda: with_value("orders", ()),
    "another trade": lambda: with_value("other", make_trade()),
    "a subclass": other_trade_class,
    "no orders": no_orders,
    "one order twice": same_order_twice,
    "not an order": lambda: with_value("orders", ["order"]),
    "an inspected order": lambda: with_order(lambda order: inspect(order).attrs),
    "a dict on an order": lambda: with_order(lambda order: setattr(order, "note", {})),
    "an order's other trade": lambda: with_order(
        lambda order: setattr(order, "_trade_bt", make_trade())
    ),
    "an order without trade": lambda: with_order(lambda order: vars(order).pop("_trade_bt")),
    "a copied order": lambda: copy.deepcopy(make_trade()),
    "a mapped trade": lambda: Trade(
        pair="A/B", open_date=START, fee_open=0.0, open_rate=1.0, amount=1.0
    ),
}


@pytest.mark.parametrize("name", UNEXPECTED)
def test_anything_unexpected_is_left_to_deepcopy(name: str) -> None:
    trade = UNEXPECTED[name]()
    assert callbacks.copy_of_trade(trade) is None
    if type(trade) is not Trade:
        assert_same_graph(copy.deepcopy(trade), callbacks._deepcopy(trade))


def test_a_way_of_copying_of_somebody_else_is_theirs() -> None:
    trade = make_trade()
    with patch.object(LocalTrade, "__deepcopy__", lambda self, memo: self, create=True):
        assert callbacks._deepcopy(trade) is trade
    with patch.object(strategy_wrapper, "deepcopy", lambda trade: trade):
        assert callbacks._deepcopy(trade) is trade
    with patch.dict(copyreg.dispatch_table, {Order: lambda order: (str, ("order",))}):
        assert callbacks._deepcopy(trade).orders == ["order"]
    heard: list[Any] = []

    def listen(state: Any, values: dict[str, Any]) -> None:
        heard.append(state)

    event.listen(Order, "unpickle", listen)
    try:
        callbacks._deepcopy(trade)
    finally:
        event.remove(Order, "unpickle", listen)
    assert len(heard) == 1


class Strategy:
    """Callbacks of every kind of behaviour."""

    def returns(self, pair: str, trade: Any = None, **kwargs: Any) -> Any:
        """Changes the trade that it was given."""
        if trade is not None:
            trade.stop_loss = -1.0
            trade.orders[0].price = -1.0
        return pair, trade

    def nothing(self, **kwargs: Any) -> None:
        return None

    def value_error(self, **kwargs: Any) -> None:
        raise ValueError("no such value")

    def deep_value_error(self, **kwargs: Any) -> Any:
        return [float(text) for text in ("1", "x")]

    def value_error_of_c(self, **kwargs: Any) -> None:
        int("x")

    def key_error(self, **kwargs: Any) -> Any:
        return {}["key"]

    def chained(self, **kwargs: Any) -> None:
        try:
            self.key_error()
        except KeyError as error:
            raise RuntimeError("chained") from error

    def strategy_error(self, **kwargs: Any) -> None:
        raise StrategyError("theirs")

    def interrupted(self, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    def one_argument(self, trade: Any) -> Any:
        return trade

    def __call__(self, **kwargs: Any) -> Any:
        return kwargs.get("trade")


def functions() -> dict[str, Any]:
    strategy = Strategy()
    found = {
        name: getattr(strategy, name)
        for name, value in vars(Strategy).items()
        if isinstance(value, types.FunctionType)
    }
    return {
        **found,
        "a lambda": lambda pair=None, trade=None, **kwargs: trade,
        "a plain function": Strategy.returns,
        "a partial": functools.partial(strategy.returns, "A/B"),
        "a failing partial": functools.partial(strategy.value_error, pair="A/B"),
        "a callable object": strategy,
        "a builtin": int,
        "a bound builtin": [].append,
        "a mock": MagicMock(return_value=3),
        "a failing mock": MagicMock(side_effect=ValueError),
        "of IStrategy": types.MethodType(IStrategy.custom_exit, strategy),
        "a static method of IStrategy": IStrategy.order_filled,
        "a method of a mock": types.MethodType(MagicMock(return_value=1), strategy),
    }


SETTINGS = (
    {},
    {"message": "While testing: "},
    {"default_retval": False},
    {"supress_error": True},
    {"default_retval": 5, "message": "x", "supress_error": True},
)


def outcome(wrap: Any, function: Any, settings: dict[str, Any], arguments: Any) -> list[Any]:
    """What a call gives, raises and logs."""
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[method-assign]
    logger = logging.getLogger("freqtrade.strategy.strategy_wrapper")
    logger.addHandler(handler)
    result: Any = None
    try:
        result = wrap(function, **settings)(*arguments[0], **arguments[1])
    except BaseException as error:
        result = (
            type(error),
            error.args,
            type(error.__cause__),
            type(error.__context__),
            error.__suppress_context__,
            "".join(traceback.format_exception(error)).replace(__file__, ""),
        )
    finally:
        logger.removeHandler(handler)
    logged = [
        (
            record.name,
            record.levelname,
            record.getMessage(),
            record.pathname,
            record.lineno,
            record.funcName,
            record.exc_info and "".join(traceback.format_exception(*record.exc_info)),
        )
        for record in records
    ]
    return [result, logged]


@pytest.mark.parametrize("settings", SETTINGS, ids=repr)
@pytest.mark.parametrize("name", functions())
def test_calls_end_as_freqtrades_do(name: str, settings: dict[str, Any]) -> None:
    function = functions()[name]
    trade = make_trade(2)
    pristine = copy.deepcopy(trade)
    calls = (
        ((), {}),
        ((), {"pair": "A/B"}),
        ((), {"pair": "A/B", "trade": trade, "current_time": START}),
        (("A/B",), {"trade": trade}),
        (("A/B", trade), {}),
        (("A/B", None), {}),
        ((trade,), {}),
    )
    for arguments in calls:
        results = []
        for wrap in (strategy_wrapper.strategy_safe_wrapper, callbacks.strategy_safe_wrapper):
            vars(trade).update(vars(copy.deepcopy(pristine)))
            for order in trade.orders:
                order._trade_bt = trade
            results.append([*outcome(wrap, function, settings, arguments), copy.deepcopy(trade)])
        (stock, stock_log, stock_trade), (ours, our_log, our_trade) = results
        assert stock_log == our_log
        assert_same_graph(stock_trade, our_trade)
        if stock is trade or ours is trade:
            assert stock is ours
        else:
            assert_same_graph(stock, ours)


def test_the_location_skips_the_frames_of_the_wrapper() -> None:
    class Uncopyable:
        def __deepcopy__(self, memo: Any) -> Any:
            raise ValueError("not this one")

    trade = with_value("note", Uncopyable())
    results = [
        outcome(wrap, Strategy().returns, {}, ((), {"pair": "A/B", "trade": trade}))[1]
        for wrap in (strategy_wrapper.strategy_safe_wrapper, callbacks.strategy_safe_wrapper)
    ]
    assert results[0] == results[1]
    assert " in deepcopy:" in results[0][0][2]


def test_a_nested_call_is_located_as_freqtrades() -> None:
    texts, strategy = [], Strategy()
    for wrap in (strategy_wrapper.strategy_safe_wrapper, callbacks.strategy_safe_wrapper):

        def indirect(wrap: Any = wrap, **kwargs: Any) -> Any:
            return wrap(strategy.value_error)(**kwargs)

        texts.append(re.sub("0x[0-9a-f]+", "", repr(outcome(wrap, indirect, {}, ((), {})))))
    assert texts[0] == texts[1]


@pytest.mark.parametrize("name", functions())
def test_wrappers_look_like_freqtrades(name: str) -> None:
    function = functions()[name]
    stock = strategy_wrapper.strategy_safe_wrapper(function)
    ours = callbacks.strategy_safe_wrapper(function)
    assert type(stock) is type(ours) is types.FunctionType
    for attribute in (*functools.WRAPPER_ASSIGNMENTS, "__defaults__", "__kwdefaults__", "__code__"):
        theirs, mine = getattr(stock, attribute, None), getattr(ours, attribute, None)
        assert theirs == mine or isinstance(function, MagicMock)
    assert ours.__wrapped__ is stock.__wrapped__ is function
    assert list(vars(stock)) == list(vars(ours))


def test_a_wrapper_keeps_no_strategy_alive() -> None:
    strategy = Strategy()
    gone = weakref.ref(strategy)
    callbacks.strategy_safe_wrapper(strategy.returns)(pair="A/B", trade=make_trade())
    del strategy
    assert gone() is None


def test_a_callback_gets_the_cheap_copy() -> None:
    trade = make_trade(3)
    assert callbacks.copy_of_trade(trade) is not None
    with (
        patch.object(copy, "deepcopy", side_effect=AssertionError) as deepcopy,
        patch.object(strategy_wrapper, "deepcopy", deepcopy),
    ):
        _, given = callbacks.strategy_safe_wrapper(Strategy().returns)(pair="A/B", trade=trade)
    assert given is not trade
    assert given.stop_loss == -1.0
    assert trade.stop_loss > 0
    assert trade.orders[0].price == 100.0


def test_the_function_has_the_originals_name_and_place() -> None:
    ours, stock = callbacks.strategy_safe_wrapper, strategy_wrapper.strategy_safe_wrapper
    assert callbacks._make_wrapper.__code__ is stock.__code__
    for attribute in ("__name__", "__qualname__", "__module__", "__doc__", "__defaults__"):
        assert getattr(ours, attribute) == getattr(stock, attribute)
