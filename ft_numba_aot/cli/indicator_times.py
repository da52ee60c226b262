"""How long each function of an indicator module takes, against another module.

Imports the standard library. The calls are those that a strategy makes: recorded once, then
repeated with both modules in turn, so that a busy machine slows both alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import perf_counter
from types import ModuleType
from typing import Any, NamedTuple


class Call(NamedTuple):
    """One call of an indicator, as a strategy made it."""

    function: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class IndicatorTime(NamedTuple):
    """A function's calls, and the seconds they take together in each module."""

    function: str
    calls: int
    stock: float
    ours: float


class _Recorder:
    """Stands in for an indicator module and writes down the calls."""

    def __init__(self, module: ModuleType) -> None:
        self.calls: list[Call] = []
        self._module = module

    def __getattr__(self, name: str) -> Callable[..., Any]:
        function = getattr(self._module, name)

        def record(*args: Any, **kwargs: Any) -> Any:
            self.calls.append(Call(name, args, kwargs))
            return function(*args, **kwargs)

        return record


def record_calls(
    populate: Callable[[Any, dict[str, str]], Any], candles: dict[str, Any], module: ModuleType
) -> list[Call]:
    """The indicators that a strategy's ``populate_indicators`` calls as ``ta.X`` on ``candles``."""
    recorder = _Recorder(module)
    scope = populate.__globals__
    stock, scope["ta"] = scope["ta"], recorder
    try:
        for pair, frame in candles.items():
            populate(frame.copy(), {"pair": pair})
    finally:
        scope["ta"] = stock
    return recorder.calls


def time_calls(
    calls: Iterable[Call],
    stock: ModuleType,
    ours: ModuleType,
    *,
    passes: int = 7,
    seconds: float = 2.0,
) -> list[IndicatorTime]:
    """Each function's time in both modules, the best of ``passes`` for every call.

    After ``seconds`` no further pass begins.
    """
    calls = list(calls)
    best = [[float("inf")] * len(calls), [float("inf")] * len(calls)]
    deadline = perf_counter() + seconds
    for turn in range(passes):
        for position, call in enumerate(calls):
            # Neither module always gets the warm cache of the other.
            for side in (0, 1) if turn % 2 == 0 else (1, 0):
                function = getattr((stock, ours)[side], call.function)
                start = perf_counter()
                function(*call.args, **call.kwargs)
                elapsed = perf_counter() - start
                best[side][position] = min(best[side][position], elapsed)
        if perf_counter() > deadline:
            break
    total: dict[str, IndicatorTime] = {}
    for call, of_stock, of_ours in zip(calls, *best, strict=True):
        _, count, stock_so_far, ours_so_far = total.get(call.function, ("", 0, 0.0, 0.0))
        total[call.function] = IndicatorTime(
            call.function, count + 1, stock_so_far + of_stock, ours_so_far + of_ours
        )
    return list(total.values())
