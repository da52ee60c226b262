"""Custom data that is looked up in an index is that which freqtrade finds by looking at all."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest
from freqtrade.persistence import CustomDataWrapper, LocalTrade
from freqtrade.persistence.custom_data import _CustomData
from freqtrade.persistence.usedb_context import disable_database_use, enable_database_use
from hypothesis import given
from hypothesis import strategies as st

from ft_numba_aot.freqtrade_integration import custom_data
from ft_numba_aot.freqtrade_integration.identity import identical

TRADES = (0, 1, 2)
KEYS = ("key", "KEY", "Straße", "STRASSE", "other", "")
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=3),
    st.lists(st.integers(), max_size=2),
    st.just(object),
)


@pytest.fixture(autouse=True)
def without_database() -> Iterator[None]:
    disable_database_use("5m")
    CustomDataWrapper.reset_custom_data()
    yield
    CustomDataWrapper.reset_custom_data()
    custom_data.forget()
    enable_database_use()


def make_entry(
    trade: Any = 1, key: Any = "key", value: str = "1", kind: str = "int"
) -> _CustomData:
    return _CustomData(
        ft_trade_id=trade,
        cd_key=key,
        cd_type=kind,
        cd_value=value,
        created_at=datetime(2024, 1, 1, tzinfo=UTC),
    )


def outcome(function: Any, *arguments: Any, **named: Any) -> Any:
    try:
        found = function(*arguments, **named)
    except Exception as error:
        return type(error), str(error)
    if isinstance(found, list) and found and isinstance(found[0], _CustomData):
        return [(id(entry), entry.value) for entry in found]
    return found


def assert_same_answers() -> None:
    for trade in (*TRADES, 7, None, True, 1.0, "1"):
        for key in (*KEYS, "strasse", "missing", None, 5):
            stock = outcome(custom_data._original_get, trade_id=trade, key=key)
            ours = outcome(custom_data.get_custom_data, trade_id=trade, key=key)
            assert identical(stock, ours)


ACTIONS = st.one_of(
    st.tuples(st.just("set"), st.sampled_from(TRADES), st.sampled_from(KEYS), VALUES),
    st.tuples(st.just("delete"), st.sampled_from(TRADES), st.none() | st.sampled_from(KEYS)),
    st.tuples(st.just("append"), st.sampled_from(TRADES), st.sampled_from(KEYS)),
    st.tuples(st.just("odd"), st.sampled_from([None, 1.0]), st.sampled_from([None, 3, "key"])),
    st.tuples(st.just("trade"), st.integers(0, 9), st.sampled_from((*TRADES, None))),
    st.tuples(st.just("key"), st.integers(0, 9), st.sampled_from((*KEYS, None))),
    st.tuples(st.just("value"), st.integers(0, 9), st.sampled_from(["2", "x", "[1]"])),
    st.tuples(st.just("remove"), st.integers(0, 9)),
    st.tuples(st.just("put"), st.integers(0, 9), st.sampled_from(TRADES)),
    st.tuples(st.just("twice"), st.integers(0, 9)),
    st.tuples(st.just("reverse")),
    st.tuples(st.just("replace")),
    st.tuples(st.just("reset")),
)


def act(action: str, *arguments: Any) -> Any:
    listed = CustomDataWrapper.custom_data
    index = arguments[0] % len(listed) if arguments and listed and arguments[0] else 0
    match action:
        case "set":
            number, key, value = arguments
            trade = LocalTrade(id=number, open_rate=1.0, amount=1.0, fee_open=0.0)
            trade.set_custom_data(key, value)
            return trade.get_custom_data(key, "nothing"), len(trade.get_all_custom_data())
        case "delete":
            CustomDataWrapper.delete_custom_data(*arguments)
            return CustomDataWrapper.custom_data is listed
        case "append" | "odd":
            listed.append(make_entry(*arguments))
        case "trade" if listed:
            listed[index].ft_trade_id = arguments[1]
        case "key" if listed:
            listed[index].cd_key = arguments[1]
        case "value" if listed:
            listed[index].cd_value = arguments[1]
        case "remove" if listed:
            del listed[index]
        case "put" if listed:
            listed[index] = make_entry(arguments[1])
        case "twice" if listed:
            listed.append(listed[index])
        case "reverse":
            listed.reverse()
        case "replace":
            CustomDataWrapper.custom_data = listed.copy()
        case "reset":
            CustomDataWrapper.reset_custom_data()
    return None


@given(st.lists(ACTIONS, max_size=10))
def test_answers_after_anything_was_done_to_the_data(actions: list[Any]) -> None:
    CustomDataWrapper.reset_custom_data()
    for action in actions:
        outcome(act, *action)
        assert_same_answers()


def described() -> list[Any]:
    return [
        (entry.ft_trade_id, entry.cd_key, entry.cd_type, entry.cd_value, repr(entry.value))
        for entry in CustomDataWrapper.custom_data
    ]


@pytest.mark.skipif(
    "key" not in inspect.signature(custom_data._original_delete).parameters,
    reason="this freqtrade deletes custom data from its database alone",
)
@given(st.lists(ACTIONS, max_size=15))
def test_sets_and_deletes_leave_the_same_data(actions: list[Any]) -> None:
    left = []
    for accelerated in (False, True):
        CustomDataWrapper.reset_custom_data()
        get = custom_data.get_custom_data if accelerated else custom_data._original_get
        delete = custom_data.delete_custom_data if accelerated else custom_data._original_delete
        with (
            patch.object(CustomDataWrapper, "get_custom_data", get),
            patch.object(CustomDataWrapper, "delete_custom_data", delete),
        ):
            left.append([(repr(outcome(act, *action)), described()) for action in actions])
    assert left[0] == left[1]


def test_the_index_answers() -> None:
    for trade in TRADES:
        CustomDataWrapper.custom_data += [make_entry(trade, key, "5") for key in KEYS]
    expected = custom_data._original_get(trade_id=2, key="STRASSE")
    with (
        patch.object(custom_data, "_original_get", side_effect=AssertionError),
        patch.object(custom_data, "_original_delete", side_effect=AssertionError),
    ):
        assert custom_data.get_custom_data(trade_id=2, key="straSSe") == expected
        with patch.object(custom_data._entries, "_rebuild", side_effect=AssertionError):
            assert [entry.value for entry in expected] == [5, 5]
            assert len(custom_data.get_custom_data(trade_id=1)) == len(KEYS)
            custom_data.delete_custom_data(1, "KEY")
            assert len(custom_data.get_custom_data(trade_id=1)) == len(KEYS) - 2
            custom_data.delete_custom_data(1)
            assert custom_data.get_custom_data(trade_id=1) == []
    assert len(CustomDataWrapper.custom_data) == 2 * len(KEYS)


def test_a_value_is_parsed_at_each_get() -> None:
    CustomDataWrapper.custom_data.append(make_entry(value="[1]", kind="list"))
    first, second = (custom_data.get_custom_data(trade_id=1)[0].value for _ in range(2))
    assert first == second == json.loads("[1]")
    assert first is not second


def test_with_a_database_freqtrade_is_asked() -> None:
    CustomDataWrapper.use_db = True
    with (
        patch.object(custom_data, "_original_get", return_value=["from the database"]),
        patch.object(custom_data, "_original_delete") as delete,
    ):
        assert custom_data.get_custom_data(trade_id=1) == ["from the database"]
        custom_data.delete_custom_data(1, "key")
    delete.assert_called_once_with(1, "key")


def test_nothing_is_heard_or_held_after_forgetting() -> None:
    CustomDataWrapper.custom_data.append(make_entry())
    custom_data.get_custom_data(trade_id=1)
    assert _CustomData.cd_key.dispatch.set
    custom_data.forget()
    assert not _CustomData.cd_key.dispatch.set
    assert not _CustomData.ft_trade_id.dispatch.remove
    assert not custom_data._entries.seen
