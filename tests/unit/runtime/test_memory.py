"""What hangs on to memory is found, whatever keeps it; what fills up or forgets isn't."""

from __future__ import annotations

import ctypes
import functools
import gc
import sys
import threading
import tracemalloc
from collections import deque
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ft_numba_aot import ta
from ft_numba_aot.runtime import memory, probes

ARRAY = np.linspace(1.0, 2.0, 300)
CALL: Any = ((ARRAY,), {})
FRAME = pd.DataFrame({"close": ARRAY, "tag": ["x"] * 300, "orders": [[{"cost": 1.0}]] * 300})


def keeping_results() -> Any:
    kept: list[Any] = []

    def function(array: Any) -> Any:
        kept.append(array + 1)
        return kept[-1]

    return function


def keeping_arguments() -> Any:
    kept: list[Any] = []
    return kept.append


def keeping_cycles() -> Any:
    kept: list[Any] = []

    def function(array: Any) -> None:
        cycle: list[Any] = [array + 1]
        cycle.append(cycle)
        kept.append(cycle)

    return function


def keeping_when_it_raises() -> Any:
    kept: list[Any] = []

    def function(array: Any) -> None:
        kept.append(array + 1)
        raise ValueError

    return function


@pytest.mark.parametrize(
    "make", [keeping_results, keeping_arguments, keeping_cycles, keeping_when_it_raises]
)
def test_what_keeps_is_found(make):
    assert memory.kept(make(), CALL) >= ARRAY.nbytes


def test_a_kept_frame_is_found():
    kept: list[Any] = []
    assert memory.kept(kept.append, ((FRAME,), {})) >= ARRAY.nbytes


def test_the_one_that_keeps_is_named():
    calls = {"good": (np.sqrt, CALL), "bad": (keeping_results(), CALL)}
    assert list(memory.growing(calls)) == ["bad"]


def test_memory_of_c_is_found():
    if memory._native_memory() is None:
        pytest.skip("this C library keeps no account")
    malloc = ctypes.CDLL(None).malloc
    malloc.restype = ctypes.c_void_p
    assert memory.kept(lambda array: malloc(2000), CALL) >= 2000


def garbage(array: Any) -> None:
    cycle: list[Any] = [array + 1]
    cycle.append(cycle)


def last() -> Any:
    state: dict[str, Any] = {}

    def function(array: Any) -> None:
        state["last"] = array + 1

    return function


def full() -> Any:
    kept: deque[Any] = deque(maxlen=100)
    return lambda array: kept.append(array + 1)


def cached() -> Any:
    made = functools.lru_cache(maxsize=128)(lambda number: ARRAY + number)
    numbers = iter(range(10**9))
    return lambda array: made(next(numbers))


@pytest.mark.parametrize(
    "function",
    [np.sqrt, garbage, last(), full(), cached(), lambda array: pd.Series(array).sum()],
    ids=["result", "cycles", "the last", "a deque", "a cache", "pandas"],
)
def test_what_does_not_keep_is_sound(function):
    assert memory.kept(function, CALL) == 0


@pytest.mark.parametrize(
    "function",
    [
        lambda frame: frame["close"] * 2,
        lambda frame: frame.assign(more=1.0).sort_values("close").reset_index(drop=True),
        lambda frame: frame.groupby("tag")["close"].sum(),
        lambda frame: frame["missing"],
    ],
)
def test_pandas_own_accounts_are_left_out(function):
    assert memory.kept(function, ((FRAME,), {})) == 0


def test_indicators_are_sound():
    calls = {name: (ta.FUNCTIONS[name], next(probes.calls(name))) for name in ta.FUNCTIONS}
    for _ in range(2):
        assert memory.growing(calls) == {}


def test_other_threads_do_not_matter(monkeypatch):
    monkeypatch.setattr(memory, "_MANY", 12)
    kept: list[Any] = []
    stop = threading.Event()

    def fill() -> None:
        while not stop.wait(0.002):
            kept.append(bytes(20_000))

    threads = [threading.Thread(target=fill) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        assert memory.kept(np.sqrt, CALL) == 0
        assert memory.kept(lambda array: stop.wait(0.001), CALL) == 0
        assert memory.kept(keeping_results(), CALL) >= ARRAY.nbytes
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_nothing_is_left_switched():
    memory.kept(keeping_results(), CALL)
    assert not tracemalloc.is_tracing()
    assert gc.get_freeze_count() == 0
    assert gc.isenabled()


def test_who_traces_goes_on_tracing():
    tracemalloc.start(2)
    try:
        assert memory.kept(keeping_results(), CALL) >= ARRAY.nbytes
        assert tracemalloc.get_traceback_limit() == 2
    finally:
        tracemalloc.stop()


def test_who_froze_stays_frozen():
    gc.freeze()
    try:
        before = gc.get_freeze_count()
        assert memory.kept(np.sqrt, CALL) == 0
        assert gc.get_freeze_count() >= before - sys.getrecursionlimit()
    finally:
        gc.unfreeze()
