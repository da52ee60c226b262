"""Many calls, good ones and failing ones, keep nothing: no array, no candles, no memory."""

from __future__ import annotations

import gc
import sys
import tracemalloc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from definitions import ONE_OF_EACH_SIGNATURE, REPRESENTATIVES
from outcomes import ONE_OF_EACH_SHAPE, arrays, columns, outcome

from ft_numba_aot import _backend, ta
from ft_numba_aot.ta._table import DEFINITIONS

KERNELS = _backend._pure_kernels()
CALLS, LENGTH, A_FEW = 20, 2000, 40
WITNESSES = [*ONE_OF_EACH_SHAPE, "BBANDS", "MINMAXINDEX"]
FAILURES: dict[str, Callable[[str], tuple[list[Any], dict[str, Any]]]] = {
    "float32": lambda name: ([array.astype("f4") for array in arrays(name)], {}),
    "one row": lambda name: ([array[None] for array in arrays(name)], {}),
    "byte order": lambda name: ([array.astype(">f8") for array in arrays(name)], {}),
    "lists": lambda name: ([{key: list(array) for key, array in columns().items()}], {}),
    "no columns": lambda name: ([pd.DataFrame(columns())[[]]], {}),
    "words": lambda name: ([pd.DataFrame(columns()).astype(object).fillna("word")], {}),
    "names": lambda name: ([columns()], dict.fromkeys(DEFINITIONS[name].inputs, "missing")),
    "type": lambda name: ([columns()], dict.fromkeys(ta.FUNCTIONS[name].parameters, "5")),
    "range": lambda name: ([columns()], {p.name: p.high * 2 for p in DEFINITIONS[name].parameters}),
    "size": lambda name: ([columns()], {p.name: 10**30 for p in DEFINITIONS[name].parameters}),
    "nothing": lambda name: ([], {}),
}

only_native = pytest.mark.skipif(
    _backend.backend() == "pure", reason="slow, and nothing native to leak"
)


def grows(call: Callable[[], Any], by: int) -> bool:
    """Whether memory grows over every few calls, by that many bytes a call or more."""
    growth = []
    tracemalloc.start()
    for _ in range(4):
        for _ in range(CALLS):
            call()
        gc.collect(1)
        growth.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    return bool((np.diff(growth) >= CALLS * by).all())


@only_native
@pytest.mark.parametrize("name", WITNESSES)
def test_calls_keep_nothing(name: str) -> None:
    function, made = ta.Function(name), columns(LENGTH)
    given = arrays(name, made)
    assert not grows(lambda: function(*given), A_FEW)
    assert not grows(lambda: function(made), A_FEW)
    strided = [np.repeat(array, 2)[::2] for array in given]
    assert not grows(lambda: function(*strided), A_FEW)
    # pandas keeps account of views for a while.
    candles, series = pd.DataFrame(made), [pd.Series(array) for array in given]
    assert not grows(lambda: function(candles), LENGTH)
    assert not grows(lambda: function(*series), LENGTH)


@only_native
@pytest.mark.parametrize("failure", FAILURES)
def test_failing_calls_keep_nothing(failure: str) -> None:
    for name in WITNESSES:
        given, keywords = FAILURES[failure](name)
        function = ta.Function(name)
        by = LENGTH if given and isinstance(given[0], pd.DataFrame) else A_FEW
        assert not grows(lambda f=function, g=given, k=keywords: outcome(f, *g, **k), by), name


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_references_to_arrays_are_given_back(name: str) -> None:
    function, given = ta.Function(name), arrays(name)
    before = [sys.getrefcount(array) for array in given]
    for _ in range(10):
        function(*given)
        outcome(function, *given, given[0])
        outcome(function, *given[:-1], given[-1].astype("f4"))
        outcome(function, *given[:-1], given[-1][:-1])
    function(*[array.copy() for array in given])
    assert [sys.getrefcount(array) for array in given] == before


@pytest.mark.parametrize("name", ONE_OF_EACH_SIGNATURE)
def test_kernel_gives_back_its_arguments(name: str) -> None:
    """The arguments that were unboxed before one is refused, and those of a good call."""
    codes = KERNELS[name].arguments.values()
    kernel = _backend.call(name)
    scalars = {"int": 5_000, "float": 1.5e5, "bool": True}
    arguments = [
        scalars[code] if code in scalars else np.zeros(0, _backend._DTYPES[code.lower()])
        for code in codes
    ]
    bad = [None, *arguments[1:]], [*arguments[:-1], np.zeros(0, "f2")]
    before = [sys.getrefcount(argument) for argument in arguments]
    for _ in range(20):
        for given in bad:
            outcome(kernel, *given)
    assert [sys.getrefcount(argument) for argument in arguments] == before


def test_candles_are_let_go() -> None:
    function = ta.Function("SMA")
    first, second = pd.DataFrame(columns()), pd.DataFrame(columns(seed=2))
    function(first)
    gone = weakref.ref(first)
    del first
    function(second)
    gc.collect()
    assert gone() is None


def test_functions_are_let_go() -> None:
    function = ta.Function("BBANDS", columns())
    assert function.outputs is not None
    gone = weakref.ref(function)
    del function
    gc.collect()
    assert gone() is None


def test_results_are_let_go() -> None:
    function, given = ta.Function("SMA"), arrays("SMA")
    gone = weakref.ref(function(*given))
    function(*given)
    gc.collect()
    assert gone() is None


@only_native
def test_process_does_not_grow() -> None:
    """Outside Python's allocators too, where a native leak would be."""
    psutil = pytest.importorskip("psutil")
    process = psutil.Process()
    close = np.random.default_rng(1).normal(size=20_000)
    bad = close.astype("f4")

    def call() -> None:
        for _ in range(50):
            for name in ("SMA", "EMA", "RSI", "MACD", "STDDEV"):
                ta.FUNCTIONS[name](close)
                outcome(ta.FUNCTIONS[name], bad)

    call()
    gc.collect()
    before = process.memory_info().rss
    for _ in range(4):
        call()
    gc.collect()
    leaked_outputs = 4 * 50 * 5 * close.nbytes
    assert process.memory_info().rss - before < leaked_outputs / 8
