"""Many combinations of a function's parameters over the same arrays, several in one pass.

Which functions have a kernel for that, ``kernels/many.py``'s, is one table; the others' own kernel
runs once for each combination. What kernels share of their input is made once, in ``Shared``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np

from .. import _backend
from . import _unstable
from ._compute import _FLOAT64, Array, Compute, checked_int
from ._table import Definition

Values = Sequence[int | float]
# What is made of a frame's columns, by what it is and of which.
Shared = dict[Any, Any]
# Three series and the first candle that has no NaN.
Inputs = tuple[Array, Array, Array, int]

# How many periods a kernel takes, or a multiple.
_LANES = 8
# From so many periods on, it is faster than each by itself, where they have nothing to share.
_WORTH = 4
# The moving averages that are simple ones for BBANDS: SMA, and its default.
_SIMPLE = (0, 11)


def _begin(shared: Shared, first: Array, second: Array, third: Array) -> int:
    key = ("begin", id(first), id(second), id(third))
    if key not in shared:
        shared[key] = int(_backend.call("first_candle")(first, second, third))
    begin: int = shared[key]
    return begin


def _made(shared: Shared, kernel: str, arrays: Sequence[Array], outputs: int) -> list[Array]:
    key = (kernel, *map(id, arrays))
    if key not in shared:
        shared[key] = [np.empty(len(arrays[0])) for _ in range(outputs)]
        _backend.call(kernel)(*arrays, *shared[key])
    made: list[Array] = shared[key]
    return made


def _one(arrays: Sequence[Array], shared: Shared) -> Inputs:
    (real,) = arrays
    return real, real, real, _begin(shared, real, real, real)


def _candles(arrays: Sequence[Array], shared: Shared) -> Inputs:
    high, low, close = arrays
    return high, low, close, _begin(shared, high, low, close)


def _ranges(arrays: Sequence[Array], shared: Shared) -> Inputs:
    """True ranges and the close."""
    high, low, close = arrays
    (ranges,) = _made(shared, "true_ranges", arrays, 1)
    return ranges, close, close, _begin(shared, high, low, close)


def _movements(arrays: Sequence[Array], shared: Shared) -> Inputs:
    """Directional movements, and true ranges."""
    high, low, close = arrays
    plus, minus = _made(shared, "directional_moves", (high, low), 2)
    (ranges,) = _made(shared, "true_ranges", arrays, 1)
    return plus, minus, ranges, _begin(shared, high, low, close)


def _always(values: Values) -> bool:
    return True


def _above_one(values: Values) -> bool:
    """A period of 1 is the price itself."""
    return values[0] > 1


def _no_factors(values: Values) -> tuple[float, float]:
    return 1.0, 1.0


def _longest(values: Values) -> tuple[float, float]:
    return values[0], 0.0


class Kernel(NamedTuple):
    """A kernel for many periods: its name, what it reads, its two factors, what it is for.

    The factors are of the values with the longest period. With ``lanes``, it takes whole lanes.
    """

    name: str
    inputs: Callable[[Sequence[Array], Shared], Inputs]
    factors: Callable[[Values], tuple[float, float]] = _no_factors
    suits: Callable[[Values], bool] = _always
    lanes: bool = True


# The first parameter is the period of each.
KERNELS = {
    "SMA": Kernel("sma_many", _one),
    "EMA": Kernel("ema_many", _one, suits=_above_one),
    "WMA": Kernel("wma_many", _one, suits=_above_one),
    "RSI": Kernel("rsi_many", _one),
    "ATR": Kernel("atr_many", _ranges),
    "NATR": Kernel("natr_many", _ranges),
    "ADX": Kernel("adx_many", _movements),
    "CCI": Kernel("cci_many", _candles, _longest, lanes=False),
    "STDDEV": Kernel("stddev_many", _one, lambda values: (values[1], values[1])),
    "BBANDS": Kernel(
        "bbands_many",
        _one,
        lambda values: (values[1], values[2]),
        lambda values: values[3] in _SIMPLE,
    ),
    "MAX": Kernel("max_many", _one, lanes=False),
    "MIN": Kernel("min_many", _one, lanes=False),
}


class Columns:
    """Room for columns of ``length``: the float64 ones are rows of one array."""

    def __init__(self, dtypes: Sequence[np.dtype[Any]], length: int) -> None:
        is_float = [dtype is _FLOAT64 for dtype in dtypes]
        self.length = length
        self.rows = np.empty((sum(is_float), length))
        self.places = [*accumulate(is_float, initial=0)]
        # Whether all are rows of the one array.
        self.are_rows = all(is_float)
        self._dtypes = dtypes

    @cached_property
    def arrays(self) -> list[Array]:
        """Each column."""
        rows = iter(self.rows)
        return [
            next(rows) if dtype is _FLOAT64 else np.empty(self.length, dtype)
            for dtype in self._dtypes
        ]


def dtypes_of(compute: Compute, *, joined: bool) -> list[np.dtype[Any]]:
    """Of a function's outputs; of several kinds they become float64 in a frame."""
    dtypes = compute._dtypes
    return [_FLOAT64] * len(dtypes) if joined and len(set(dtypes)) > 1 else dtypes


def complete(
    compute: Compute, arrays: Sequence[Any], combinations: Sequence[Values]
) -> list[Values]:
    """The combinations with defaults for TA-Lib's marks of them, or its errors, as ``compute``."""
    options = zip(map(set, zip(*combinations, strict=True)), compute._limits, strict=False)
    if all(low <= value <= high for values, (low, high) in options for value in values):
        return [*combinations]
    if not len(arrays[0]):  # nothing is computed, and so nothing but what isn't an int refused
        named = [zip(each, compute._parameters, strict=True) for each in combinations]
        return [[checked_int(*one) for one in each] for each in named]
    return [compute._defaulted(arrays, each) for each in combinations]


def compute_many(
    definition: Definition,
    compute: Compute,
    arrays: Sequence[Array],
    combinations: Sequence[Values],
    columns: Columns,
    starts: Sequence[int],
    shared: Shared,
) -> None:
    """Compute a function for each combination into its columns, which start at ``starts``.

    The arrays are those that ``compute._checked`` gives, the values those of ``complete``.
    """
    if not columns.length:
        return
    outputs = len(compute._dtypes)
    alone: list[int] = []
    together: dict[tuple[int | float, ...], list[int]] = {}
    many = KERNELS.get(definition.name)
    if many is None or not _has(many.name):
        alone = [*range(len(combinations))]
    elif len(compute._parameters) == 1:
        together[()] = [*range(len(combinations))]
    else:
        for at, values in enumerate(combinations):
            together.setdefault((*values[1:],), []).append(at)
    for group in together.values():
        assert many is not None
        group.sort(key=lambda at: combinations[at][0])
        unsuited = 0
        while unsuited < len(group) and not many.suits(combinations[group[unsuited]]):
            unsuited += 1
        if len(group) - unsuited < _WORTH and many.inputs is _one:
            unsuited = len(group)
        alone += group[:unsuited]
        if not (group := group[unsuited:]):
            continue
        first, second, third, begin = many.inputs(arrays, shared)
        up, down = (float(factor) for factor in many.factors(combinations[group[-1]]))
        size = _backend.work(many.name)
        assert size is not None
        if many.lanes:  # the last one is repeated
            group += [group[-1]] * (-len(group) % _LANES)
        _backend.call(many.name)(
            *(first, second, third),
            np.array([combinations[at][0] for at in group], np.int64),
            np.array([columns.places[starts[at]] for at in group], np.int64) * columns.length,
            *(begin, up, down),
            columns.rows.reshape(-1),
            np.empty(int(size(columns.length, begin, up, down))),
        )
    for at in alone:
        targets = columns.arrays[starts[at] : starts[at] + outputs]
        _compute_one(compute, arrays, combinations[at], targets)
    if _unstable.periods:
        for start, values in zip(starts, combinations, strict=True):
            targets = columns.arrays[start : start + outputs]
            _unstable.hold_back(definition, values, arrays, targets)


def _has(kernel: str) -> bool:
    """Whether it runs as everything else does: natively, unless nothing does."""
    return _backend._native is None or hasattr(_backend._native, kernel)


def _compute_one(
    compute: Compute, arrays: Sequence[Array], values: Values, targets: Sequence[Array]
) -> None:
    outputs = [
        target if target.dtype == dtype else np.empty(len(target), dtype)
        for target, dtype in zip(targets, compute._dtypes, strict=True)
    ]
    spare = []
    if compute._work is not None:
        spare.append(np.empty(int(compute._work(len(arrays[0]), *values))))
    if compute._kernel(*arrays, *values, *outputs, *spare):
        compute(arrays, values)  # says which parameters contradict each other
    for target, output in zip(targets, outputs, strict=True):
        if target is not output:
            target[:] = output
