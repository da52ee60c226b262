"""``batch``: a list of indicators for many pairs, each pair in a thread of a pool."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from . import _many
from ._compute import Array
from ._function import Function
from ._kinds import FRAME, POLARS_FRAME, kind_of
from ._many_kernels import Columns, Shared, compute_many, dtypes_of

Pair = TypeVar("Pair", bound=Hashable)

# What is computed: a name or a Function, or one of these with the keywords of ``many``.
Task = str | Function | tuple[str | Function, Mapping[str, Any]]

# Values of a pair from which on a thread gains more than it waits for the GIL.
_WORTH_A_THREAD = 200_000


def batch(
    frames: Mapping[Pair, Any],
    functions: Iterable[Task],
    *,
    threads: int | None = None,
    named: Callable[[str], Function],
) -> dict[Pair, Any]:
    """``ta.batch``; ``named`` gives the Function of a name."""
    tasks = [_understood(task, named) for task in functions]
    for pair, frame in frames.items():
        if kind_of(frame) not in (FRAME, POLARS_FRAME):
            raise TypeError(f"{pair!r} has no DataFrame, but a {type(frame).__name__}")
    if threads is not None and threads < 1:
        raise ValueError(f"threads={threads!r}: at least 1")
    if not frames:
        return {}
    # Once: an iterator has its values once. And not in the threads: a Function's state is theirs.
    example = next(iter(frames.values()))
    calls = [
        _many.understood(function, (example,), keywords, name, combinations)
        for function, keywords, name, combinations in tasks
    ]
    if threads is None:
        values = sum(map(len, frames.values())) * sum(len(call.names) for call in calls)
        threads = _cpus() if values >= _WORTH_A_THREAD * len(frames) else 1

    def of_pair(frame: Any) -> Any:
        return _of_pair(frame, [call._replace(candles=frame) for call in calls])

    if threads == 1 or len(frames) < 2:
        return {pair: of_pair(frame) for pair, frame in frames.items()}
    with ThreadPoolExecutor(min(threads, len(frames)), "ft-numba-aot-batch") as pool:
        return dict(zip(frames, pool.map(of_pair, frames.values()), strict=True))


def _cpus() -> int:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
    return usable or os.cpu_count() or 1


def _understood(
    task: Task, named: Callable[[str], Function]
) -> tuple[Function, dict[str, Any], str | None, Any]:
    function, given = task if isinstance(task, tuple) else (task, {})
    keywords = dict(given)
    name, combinations = keywords.pop("name", None), keywords.pop("combinations", None)
    if isinstance(function, str):
        function = named(function)
    if not isinstance(function, Function):
        raise TypeError(f"{task!r} is no indicator: a name, a Function, or (either, parameters)")
    return function, keywords, name, combinations


def _of_pair(frame: Any, calls: Sequence[_many.Call]) -> Any:
    """All indicators of one frame: what several have in common is computed once."""
    shared: Shared = {}
    columns_of: dict[Any, Array] = {}
    asked = []
    for call in calls:
        arrays, values = _many.checked(call)
        # One array for a column, so that what is made of it is known again.
        kept = [
            columns_of.setdefault(one, array)
            for one, array in zip(call.series, arrays, strict=True)
        ]
        asked.append((call, kept, values))
    names = [name for call in calls for name in call.names]
    _many.refuse_twice(names, "batch")
    dtypes = []
    for call, _, values in asked:
        dtypes += dtypes_of(call.function.func_object, joined=True) * len(values)
    columns = Columns(dtypes, len(frame))
    together: dict[Any, tuple[_many.Call, list[Array], list[Any], list[int]]] = {}
    start = 0
    for call, arrays, values in asked:
        definition = call.function._definition
        key = (definition.name, *call.series)
        _, _, combinations, starts = together.setdefault(key, (call, arrays, [], []))
        for each in values:
            combinations.append(each)
            starts.append(start)
            start += len(definition.outputs)
    for call, arrays, combinations, starts in together.values():
        function = call.function
        compute_many(
            function._definition,
            function.func_object,
            arrays,
            combinations,
            columns,
            starts,
            shared,
        )
    return _many.framed(columns, names, frame)
