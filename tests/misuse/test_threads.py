"""State is each thread's own, and threads that compute at once don't disturb each other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pytest
from outcomes import assert_identical, both, columns, original

import ft_numba_aot
from ft_numba_aot import ta
from ft_numba_aot.ta._table import DEFINITIONS

THREADS = 8


def elsewhere(call: Callable[[], Any]) -> Any:
    """What a call gives in a new thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


@pytest.mark.parametrize("name", ["SMA", "BBANDS", "ATR", "MAMA", "ADOSC"])
def test_state_is_each_threads_own(name: str) -> None:
    for function in both(name):
        defaults, names = function.parameters, function.input_names
        function.set_input_arrays(columns())
        function.set_parameters({key: type(value)(7) for key, value in defaults.items()})
        function.set_input_names({key: "open" for key, value in names.items() if value == "close"})
        assert elsewhere(lambda f=function: f.parameters) == defaults
        assert elsewhere(lambda f=function: f.input_names) == names
        assert elsewhere(lambda f=function: f.input_arrays) == {}
        assert function.parameters != defaults
        assert len(function.input_arrays) > 0


def test_state_set_in_another_thread_stays_there() -> None:
    for function in both("SMA"):
        elsewhere(lambda f=function: f.set_parameters(timeperiod=3))
        elsewhere(lambda f=function: f(columns(), timeperiod=4))
        assert function.parameters == {"timeperiod": 30}
        assert function.input_arrays == {}


def test_threads_that_compute_at_once() -> None:
    """Each thread computes every indicator on candles of its own, all starting together."""
    candles = [columns(400, seed=seed) for seed in range(THREADS)]
    frames = [pd.DataFrame(made) for made in candles]
    names = list(DEFINITIONS) if ft_numba_aot.backend() == "native" else ["SMA", "BBANDS", "MAMA"]
    expected = [{name: original().Function(name)(frame) for name in names} for frame in frames]
    start = threading.Barrier(THREADS)

    def compute(i: int) -> list[dict[str, Any]]:
        start.wait()
        order = np.random.default_rng(i).permutation(names)
        return [{name: ta.FUNCTIONS[name](frames[i]) for name in order} for _ in range(3)]

    with ThreadPoolExecutor(THREADS) as pool:
        for made, wanted in zip(pool.map(compute, range(THREADS)), expected, strict=True):
            for results in made:
                for name, result in results.items():
                    assert_identical(result, wanted[name], name)


def test_threads_that_fail_at_once() -> None:
    start = threading.Barrier(THREADS)
    close = columns()["close"]
    expected = ta.SMA(close, timeperiod=2)

    def fail(i: int) -> int:
        start.wait()
        failures = 0
        for _ in range(200):
            for bad in (close.astype("f4"), close[None], close.astype(">f8")):
                try:
                    ta.SMA(bad, timeperiod=i + 2)
                except Exception:
                    failures += 1
            assert_identical(ta.SMA(close, timeperiod=2), expected)
        return failures

    with ThreadPoolExecutor(THREADS) as pool:
        assert set(pool.map(fail, range(THREADS))) == {600}


def test_interface_in_a_thread_is_complete() -> None:
    """A thread that never saw the function has all of its defaults."""
    for name in DEFINITIONS:
        ours, theirs = both(name)
        assert elsewhere(lambda f=ours: f.info) == elsewhere(lambda f=theirs: f.info), name
