"""Orders without SQLAlchemy's work for each attribute: the same orders in the end."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from freqtrade.persistence import LocalTrade, Order
from hypothesis import given
from hypothesis import strategies as st
from integration.freqtrade.trades import START, make_order, make_trade, order_state, replaced
from sqlalchemy import event, inspect

from ft_numba_aot.freqtrade_integration import orders
from ft_numba_aot.freqtrade_integration.identity import identical

FIELDS: dict[str, Any] = {
    "id": 3,
    "ft_order_side": "buy",
    "ft_is_open": True,
    "amount": 2.5,
    "filled": 0,
    "price": 40.23,
    "order_date": START,
}


def deferred(*_: Any, **__: Any) -> None:
    raise AssertionError("deferred")


def without_originals() -> Any:
    assert orders.sqlalchemy_is_known()
    names = [name for name in vars(orders) if name.startswith("_original_")]
    return patch.multiple(orders, **dict.fromkeys(names, deferred))


def outcome(make: Any) -> Any:
    try:
        return make()
    except Exception as error:
        return type(error), str(error)


def described(order: Order) -> Any:
    state = order_state(order)
    history = {
        name: tuple(getattr(inspect(order).attrs, name).history)
        for name in Order.__table__.columns.keys()  # noqa: SIM118
        if name in order.__dict__
    }
    copied = copy.deepcopy(order)
    loaded = pickle.loads(pickle.dumps(order))
    return (
        state,
        repr(order),
        history,
        *[{k: v for k, v in vars(o).items() if k[0] != "_"} for o in (copied, loaded)],
        inspect(copied).committed_state == inspect(order).committed_state,
        getattr(order, "ft_fee_base", "missing"),
        order.safe_amount_after_fee,
        order.to_json("buy"),
    )


def test_sqlalchemy_is_as_it_is_taken_to_be() -> None:
    orders.sqlalchemy_is_known.cache_clear()
    assert orders.sqlalchemy_is_known()


def test_another_sqlalchemy_makes_the_orders_itself() -> None:
    orders.sqlalchemy_is_known.cache_clear()
    try:
        with patch.object(orders, "NO_VALUE", object()):
            assert not orders.sqlalchemy_is_known()
            with replaced("orders"):
                order = Order(**FIELDS)
                order.close_bt_order(START, make_trade(amount=2.5))
        assert inspect(order).attrs.status.history.added == ["closed"]
    finally:
        orders.sqlalchemy_is_known.cache_clear()


@given(st.sets(st.sampled_from(sorted(Order.__table__.columns.keys()))))
def test_a_new_order_is_sqlalchemys(names: set[str]) -> None:
    values = {**dict.fromkeys(sorted(names)), **FIELDS}
    stock = Order(**values)
    with replaced("orders"), without_originals():
        ours = Order(**values)
    assert identical(described(stock), described(ours))


@pytest.mark.parametrize("values", [{}, {"no_column": 1}, {"trade": 1}, {"_trade_bt": None}])
def test_unusual_arguments(values: dict[str, Any]) -> None:
    def made() -> Any:
        made = outcome(lambda: Order(**values))
        return order_state(made) if isinstance(made, Order) else made

    theirs = made()
    with replaced("orders"):
        assert identical(theirs, made())


@pytest.mark.parametrize("known", [True, False])
def test_initialisation_events_are_fired(known: bool) -> None:
    seen = []
    orders.sqlalchemy_is_known.cache_clear()
    if known:
        orders.sqlalchemy_is_known()

    def listener(order: Order, _: Any, values: dict[str, Any]) -> None:
        seen.append((order, values))

    event.listen(Order, "init", listener)
    try:
        with replaced("orders"):
            order = Order(**FIELDS)
    finally:
        event.remove(Order, "init", listener)
        orders.sqlalchemy_is_known.cache_clear()
    assert seen == [(order, FIELDS)]


@given(
    st.sampled_from(["buy", "sell"]),
    st.booleans(),
    st.sampled_from([None, 0.0, 2.5, 7]),
    st.sampled_from([None, 0.0, 40.23]),
    st.sampled_from([None, 0.25]),
)
def test_a_closed_order_is_freqtrades(
    side: str, short: bool, amount: Any, price: Any, funding: Any
) -> None:
    def closed() -> Any:
        trade = make_trade(is_short=short, funding_fee_running=funding)
        trade.adjust_stop_loss(40.0, -0.1, initial=True)
        order = make_order(trade, side, amount, 40.23, price=price)
        # As if it had been read from somewhere, not set.
        inspect(order).committed_state.pop("remaining")
        error = outcome(lambda: order.close_bt_order(START + timedelta(hours=1), trade))
        fields = {name: value for name, value in vars(trade).items() if name != "orders"}
        return error, list(fields.items()), order_state(order)

    theirs = closed()
    with replaced("orders"):
        assert identical(theirs, closed())


def test_usual_orders_are_closed_and_read_here() -> None:
    with replaced("orders"), without_originals():
        trade = make_trade()
        order = make_order(trade, "buy", 2.5, 40.23)
        assert trade.has_open_orders
        assert trade.open_orders == [order]
        order.close_bt_order(START, trade)
        assert not trade.has_open_orders
        assert trade.open_orders == []
        assert trade.select_order("buy", False) is order
        assert trade.select_filled_orders("buy") == [order]
        assert trade.date_last_filled_utc == START
        assert order.safe_amount_after_fee == 2.5


fields = st.fixed_dictionaries(
    {},
    optional={
        "ft_order_side": st.sampled_from(["buy", "sell", "stoploss", None]),
        "ft_is_open": st.sampled_from([True, False, None]),
        "filled": st.sampled_from([None, 0, 0.0, 2.5]),
        "status": st.sampled_from(["open", "closed", "canceled", "expired", None]),
        "order_filled_date": st.sampled_from(
            [None, START, START + timedelta(hours=1), datetime(2024, 1, 1, tzinfo=None)]
        ),
        "ft_fee_base": st.sampled_from([None, 0.125]),
        "amount": st.just(2.5),
    },
)


@given(st.lists(fields, max_size=4), st.booleans(), st.booleans())
def test_orders_are_found_as_in_freqtrade(
    described: list[dict[str, Any]], short: bool, other: bool
) -> None:
    trade = make_trade(is_short=short)
    trade.orders = [Order(**values) for values in described]
    if other:
        trade.orders.append(SimpleNamespace(ft_order_side="buy", ft_is_open=True, filled=None))

    def found() -> Any:
        return [
            outcome(make)
            for make in (
                lambda: trade.has_open_orders,
                lambda: trade.open_orders,
                lambda: trade.nr_of_successful_entries,
                lambda: trade.date_last_filled_utc,
                lambda: [order.safe_amount_after_fee for order in trade.orders],
                *[
                    lambda side=side: trade.select_filled_orders(side)
                    for side in ("buy", "sell", "stoploss", None, "")
                ],
                *[
                    lambda arguments=(side, is_open, filled): trade.select_order(*arguments)
                    for side in ("buy", "sell", None, "")
                    for is_open in (True, False, None)
                    for filled in (True, False)
                ],
            )
        ]

    theirs = found()
    with replaced("orders"):
        assert identical(theirs, found())


def test_an_order_of_a_session_is_sqlalchemys() -> None:
    order = Order(**FIELDS)
    order_state(order)
    inspect(order).session_id = 1
    with replaced("orders"), patch.object(orders, "_assign", deferred):
        assert orders.transient_fields(order) is None
        assert order.safe_amount_after_fee == 0
    inspect(order).session_id = None


def test_orders_are_made_by_the_class_itself_afterwards() -> None:
    before = vars(Order)["__init__"], vars(LocalTrade)["open_orders"]
    with replaced("orders"):
        assert vars(Order)["__init__"] is not before[0]
    assert (vars(Order)["__init__"], vars(LocalTrade)["open_orders"]) == before
    assert Order(**FIELDS).order_date.tzinfo is UTC
