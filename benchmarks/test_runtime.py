"""What standing in costs a call: a function by itself, and behind its proxy.

The budget is 0.3 µs with the collector off: compare ``proxy`` with ``direct``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from ft_numba_aot.runtime import NumbaManager, Settings

SETTINGS = {
    "proxy": Settings(),
    "proxy, sampling": Settings(validation="sample"),
    "proxy, collecting": Settings(performance_benchmarking=True),
    "proxy, off": Settings(enable_numba_optimization=False),
}

CALLS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "no argument": ((), {}),
    "positional": ((1, 2), {}),
    "keywords": ((), {"first": 1, "second": 2}),
}


def nothing(first: int = 0, second: int = 1, *, third: int = 2) -> int:
    return first


def anything(*args: int, **kwargs: int) -> int:
    return 0


@pytest.mark.benchmark(max_time=0.1, min_rounds=50, warmup=True)
@pytest.mark.parametrize("side", ["direct", *SETTINGS])
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("function", [nothing, anything], ids=lambda f: f.__name__)
def test_a_call(
    benchmark: BenchmarkFixture, function: Callable[..., int], call: str, side: str
) -> None:
    benchmark.group = f"runtime: {function.__name__}, {call}"
    called = function
    if side != "direct":
        manager = NumbaManager()
        manager.configure(SETTINGS[side])
        registration = manager.register("metrics", "f", original=function, optimized=function)
        called = registration.proxy
    args, kwargs = CALLS[call]
    benchmark(called, *args, **kwargs)


@pytest.mark.benchmark(max_time=0.1, min_rounds=20, warmup=True)
def test_registering(benchmark: BenchmarkFixture) -> None:
    manager = NumbaManager()

    def again() -> None:
        manager.register("metrics", "f", original=nothing, optimized=nothing)
        manager.unregister("metrics", "f")

    benchmark.group = "runtime: registering"
    benchmark(again)
