"""Locks that are looked up in an index are those that freqtrade finds by looking at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from freqtrade.persistence import PairLocks
from freqtrade.persistence.pairlock import PairLock
from freqtrade.persistence.usedb_context import disable_database_use, enable_database_use
from hypothesis import given
from hypothesis import strategies as st

from ft_numba_aot.freqtrade_integration import locks
from ft_numba_aot.freqtrade_integration.clock import Clock
from ft_numba_aot.freqtrade_integration.listed import ListIndex
from ft_numba_aot.freqtrade_integration.protections import ONLY_FREQTRADE
from ft_numba_aot.freqtrade_integration.signals import Signals

REAL_COVERS = ListIndex.covers
START = datetime(2024, 1, 1, tzinfo=UTC)
FEATHER_ZONE = ZoneInfo("UTC")
PAIRS = ("A/USDT", "B/USDT", "*")
SIDES = ("*", "long", "short")


@pytest.fixture(autouse=True)
def without_database() -> Iterator[None]:
    disable_database_use("5m")
    PairLocks.reset_locks()
    yield
    PairLocks.reset_locks()
    locks.forget()
    enable_database_use()


def at(minutes: float, zone: tzinfo = UTC) -> datetime:
    return START.replace(tzinfo=zone) + timedelta(minutes=minutes)


def make_lock(
    pair: Any = "A/USDT", minutes: float = 5, side: Any = "*", reason: str | None = None
) -> PairLock:
    return PairLock(
        pair=pair,
        lock_time=START,
        lock_end_time=at(minutes),
        reason=reason,
        side=side,
        active=True,
    )


def outcome(function: Any, *arguments: Any) -> Any:
    try:
        found = function(*arguments)
    except Exception as error:
        return type(error), str(error)
    return [id(lock) for lock in found] if isinstance(found, list) else found


def assert_same_answers(moments: list[Any]) -> None:
    for now in moments:
        for pair in (*PAIRS, "C/USDT", None):
            for side in (*SIDES, None, "sideways"):
                stock = outcome(locks._original_get, pair, now, side)
                assert stock == outcome(locks.get_pair_locks, pair, now, side)
                if pair is None:
                    continue
                stock = outcome(locks._original_is_locked, pair, now, side)
                assert stock == outcome(locks.is_pair_locked, pair, now, side)
                if isinstance(stock, bool) and now is not None:
                    latest = locks.latest_end(pair, side)
                    assert stock == (latest is not None and latest > now)


MINUTES = st.integers(-30, 300)
DATES = st.builds(at, MINUTES, st.sampled_from([UTC, FEATHER_ZONE]))
FIELDS = st.one_of(
    st.tuples(st.just("pair"), st.sampled_from(PAIRS)),
    st.tuples(st.just("side"), st.sampled_from(SIDES)),
    st.tuples(st.just("active"), st.sampled_from([True, False, 1, None])),
    st.tuples(st.just("lock_end_time"), DATES),
    st.tuples(st.just("reason"), st.none() | st.text(max_size=2)),
)
ODD_FIELDS = st.one_of(
    st.tuples(st.just("pair"), st.sampled_from([None, 5])),
    st.tuples(
        st.just("lock_end_time"),
        st.sampled_from([None, at(30).replace(tzinfo=None), pd.Timestamp(at(40))]),
    ),
)
ACTIONS = st.one_of(
    st.tuples(
        st.just("lock"),
        st.sampled_from(PAIRS),
        MINUTES,
        st.sampled_from(SIDES),
        st.sampled_from([None, "reason"]),
    ),
    st.tuples(st.just("append"), st.sampled_from(PAIRS), MINUTES, st.sampled_from(SIDES)),
    st.tuples(st.just("insert"), st.integers(0, 9), MINUTES),
    st.tuples(st.just("edit"), st.integers(0, 9), FIELDS),
    st.tuples(st.just("edit"), st.integers(0, 9), ODD_FIELDS),
    st.tuples(st.just("delete field"), st.integers(0, 9), st.sampled_from(["pair", "side"])),
    st.tuples(st.just("remove"), st.integers(0, 9)),
    st.tuples(st.just("put"), st.integers(0, 9), MINUTES),
    st.tuples(st.just("twice"), st.integers(0, 9)),
    st.tuples(st.just("reverse")),
    st.tuples(st.just("replace")),
    st.tuples(st.just("reset")),
    st.tuples(st.just("unlock"), st.sampled_from(PAIRS), MINUTES, st.sampled_from(SIDES)),
    st.tuples(st.just("unlock reason"), st.just("reason")),
)


def act(action: str, *arguments: Any) -> None:
    listed = PairLocks.locks
    numbered = arguments and type(arguments[0]) is int and listed
    index = arguments[0] % len(listed) if numbered else None
    match action:
        case "lock":
            pair, minutes, side, reason = arguments
            PairLocks.lock_pair(pair, at(minutes), reason, now=START, side=side)
        case "append":
            listed.append(make_lock(*arguments))
        case "insert":
            listed.insert(arguments[0], make_lock(minutes=arguments[1]))
        case "edit" if index is not None:
            setattr(listed[index], *arguments[1])
        case "delete field" if index is not None and arguments[1] in vars(listed[index]):
            delattr(listed[index], arguments[1])
        case "remove" if index is not None:
            del listed[index]
        case "put" if index is not None:
            listed[index] = make_lock(minutes=arguments[1])
        case "twice" if index is not None:
            listed.append(listed[index])
        case "reverse":
            listed.reverse()
        case "replace":
            PairLocks.locks = listed.copy()
        case "reset":
            PairLocks.reset_locks()
        case "unlock":
            pair, minutes, side = arguments
            PairLocks.unlock_pair(pair, at(minutes), side)
        case "unlock reason":
            PairLocks.unlock_reason(*arguments)


@given(st.lists(ACTIONS, max_size=12), st.lists(DATES, min_size=1, max_size=3))
def test_answers_after_anything_was_done_to_the_locks(
    actions: list[Any], moments: list[datetime]
) -> None:
    PairLocks.reset_locks()
    for action in actions:
        outcome(act, *action)
        assert_same_answers(moments)


def described() -> list[Any]:
    return [
        [getattr(lock, column.key) for column in PairLock.__table__.columns if column.key != "id"]
        for lock in PairLocks.locks
    ]


@given(st.lists(ACTIONS, max_size=15))
def test_locking_and_unlocking_leave_the_same_locks(actions: list[Any]) -> None:
    left = []
    for accelerated in (False, True):
        PairLocks.reset_locks()
        results = []
        with (
            patch.object(PairLocks, "get_pair_locks", locks.get_pair_locks)
            if accelerated
            else patch.object(PairLocks, "timeframe", "5m")
        ):
            for action in actions:
                results.append(outcome(act, *action))
                longest = outcome(PairLocks.get_pair_longest_lock, "A/USDT", at(10), "long")
                results.append(repr(longest))
        left.append([results, described()])
    assert left[0] == left[1]


@pytest.mark.parametrize(
    "now",
    [
        at(10),
        pd.Timestamp(at(10)),
        pd.Timestamp(at(10)) + pd.Timedelta(1, "ns"),
        pd.Timestamp(at(10)) - pd.Timedelta(1, "ns"),
        pd.Timestamp(at(10)).tz_convert("Europe/Berlin"),
        at(10, FEATHER_ZONE),
        pd.Timestamp(at(10, FEATHER_ZONE)),
        at(10).replace(tzinfo=None),
        pd.NaT,
        None,
        "now",
    ],
    ids=repr,
)
def test_every_kind_of_now(now: Any) -> None:
    for minutes in (5, 10, 15, 10**9):
        PairLocks.locks.append(make_lock(minutes=minutes))
    assert_same_answers([now])


@pytest.mark.parametrize("listed", [(), None, [None], [1, 2], ["lock"]], ids=repr)
def test_what_is_no_list_of_locks_is_left_to_freqtrade(listed: Any) -> None:
    PairLocks.locks = listed
    assert outcome(locks._original_get, "A/USDT", at(1)) == outcome(
        locks.get_pair_locks, "A/USDT", at(1)
    )


@pytest.mark.parametrize("zone", [UTC, FEATHER_ZONE], ids=repr)
def test_the_index_answers(zone: tzinfo) -> None:
    PairLocks.locks += [make_lock(pair, minutes) for minutes in range(9) for pair in PAIRS]
    for lock in PairLocks.locks:
        lock.lock_end_time = lock.lock_end_time.replace(tzinfo=zone)
    expected = locks._original_get("A/USDT", at(4, zone), "long")
    with (
        patch.object(locks, "_original_get", side_effect=AssertionError),
        patch.object(locks, "_original_is_locked", side_effect=AssertionError),
    ):
        assert locks.get_pair_locks("A/USDT", at(4, zone), "long") == expected
        assert locks.is_pair_locked("A/USDT", pd.Timestamp(at(7, zone)), "long")
        assert not locks.is_pair_locked("A/USDT", at(8, zone))
    assert locks.latest_end("C/USDT", "long") == at(8, zone)
    assert len(expected) == 4


def test_locks_come_in_order_of_the_list_and_only_if_active_is_true() -> None:
    ends = (40, 10, 30, 20, 30)
    PairLocks.locks += [make_lock(minutes=minutes) for minutes in ends]
    assert locks.get_pair_locks("A/USDT", at(15)) == [
        PairLocks.locks[number] for number in (0, 2, 3, 4)
    ]
    PairLocks.locks[0].active = 1
    PairLocks.locks[2].active = False
    assert_same_answers([at(15), at(25), at(35)])
    assert locks.latest_end("A/USDT", "long") == at(30)
    PairLocks.locks[2].active = True
    assert_same_answers([at(15), at(25), at(35)])


def test_an_end_that_is_no_utc_date() -> None:
    PairLocks.locks.append(make_lock())
    PairLocks.locks[0].lock_end_time = None
    with pytest.raises(TypeError):
        locks.latest_end("A/USDT", "long")
    assert locks.latest_end("B/USDT", "long") is None
    PairLocks.locks[0].lock_end_time = pd.Timestamp(at(5))
    assert locks.latest_end("A/USDT", "long") == at(5)


def test_with_a_database_freqtrade_is_asked() -> None:
    PairLocks.use_db = True
    with (
        patch.object(locks, "_original_get", return_value=["from the database"]),
        patch.object(locks, "_original_is_locked", return_value="locked"),
    ):
        assert locks.get_pair_locks("A/USDT", at(1), "*") == ["from the database"]
        assert locks.is_pair_locked("A/USDT", at(1), "*") == "locked"


def test_nothing_is_heard_or_held_after_forgetting() -> None:
    PairLocks.locks.append(make_lock())
    locks.get_pair_locks("A/USDT", at(1))
    assert PairLock.pair.dispatch.set
    locks.forget()
    assert not PairLock.pair.dispatch.set
    assert not PairLock.lock_end_time.dispatch.remove
    assert not locks._locks.seen


def test_a_long_list_that_keeps_changing_is_not_indexed_anew_each_time() -> None:
    PairLocks.locks += [make_lock(minutes=minutes) for minutes in range(100)]
    locks.get_pair_locks("A/USDT", at(1))
    with patch.object(locks, "_original_get", wraps=locks._original_get) as looks:
        for minutes in range(50):
            PairLocks.locks[50].lock_end_time = at(minutes)
            assert_same_answers([at(minutes)])
            looks.reset_mock()
        locks.get_pair_locks("A/USDT", at(1))
    looks.assert_not_called()
    PairLocks.locks[50].lock_end_time = at(7)
    with patch.object(locks._locks, "_rebuild", side_effect=AssertionError):
        locks.get_pair_locks("A/USDT", at(1))


def test_a_list_is_compared_once_in_a_time_of_freqtrades_own_code() -> None:
    PairLocks.locks += [make_lock(minutes=minutes) for minutes in (10, 20, 30)]
    moments = [at(5), at(25), at(45)]
    with ONLY_FREQTRADE, patch.object(ListIndex, "covers", autospec=True) as compare:
        compare.side_effect = REAL_COVERS
        for pair in ("A/USDT", "*", "B/USDT"):
            assert_same_answers(moments)
            PairLocks.lock_pair(pair, at(40), now=at(5))
        PairLocks.locks[1].lock_end_time = at(50)
        assert compare.call_count == 1
        assert_same_answers(moments)
        assert compare.call_count == 2
        PairLocks.reset_locks()
        assert_same_answers(moments)
        PairLocks.locks.append(make_lock("B/USDT", 30))
        assert_same_answers(moments)


def test_a_list_is_compared_again_in_the_next_time() -> None:
    PairLocks.locks += [make_lock(minutes=minutes) for minutes in (10, 20, 30)]
    for index, minutes in enumerate((15, 35, 25)):
        with ONLY_FREQTRADE:
            assert_same_answers([at(12), at(32)])
        PairLocks.locks[index] = make_lock("B/USDT", minutes)
    with ONLY_FREQTRADE:
        assert_same_answers([at(12), at(32)])


def signals_of(names: list[str]) -> Signals:
    """Signals both ways of pairs whose rows begin a candle apart, but for the last two."""
    clock = Clock(START, at(200), timedelta(minutes=5), timedelta(0))
    pairs: list[Any] = []
    dates = np.empty(0, np.int64)
    for index, name in enumerate(names):
        if index < len(names) - 1:
            moments = np.arange(index, 30, dtype=np.int64)
            dates = clock.microseconds(moments)
        both = {"signals": np.array([0, 1]), "signal_is_short": np.array([False, True])}
        rows = {"dates": dates, "moments": moments, "signal_delays": np.zeros(2)}
        pairs.append(SimpleNamespace(name=name, index=index, **rows, **both))
    return Signals(pairs, clock)


LOCKS = st.tuples(
    st.sampled_from(["A/USDT", "B/USDT", "C/USDT", "X/USDT", "*"]),
    st.integers(-30, 300),
    st.sampled_from([*SIDES, "sideways"]),
    st.sampled_from([True, True, False]),
)


@given(st.lists(st.lists(LOCKS, min_size=1, max_size=4), min_size=1, max_size=6))
def test_locks_that_are_added_block_what_all_of_them_do(steps: list[list[Any]]) -> None:
    PairLocks.reset_locks()
    names = ["A/USDT", "B/USDT", "C/USDT"]
    adding = signals_of(names)
    for step in steps:
        for pair, minutes, side, active in step:
            PairLocks.locks.append(make_lock(pair, minutes, side))
            PairLocks.locks[-1].active = active
        adding.block([], [], 0, refresh_locks=False)
        reading = signals_of(names)
        reading.block([], [], 0, refresh_locks=True)
        assert adding._locked.tolist() == reading._locked.tolist()
