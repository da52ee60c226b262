"""Math operators: arithmetic on two series; sums, extremes and where they are."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TypeAlias

from ._numeric import div
from ._spec import F64In, F64Out, I32Out, helper, kernel
from ._window import fill_head, first_valid, first_valid2, zero_head

# ``operator.lt`` for the lowest value, ``operator.gt`` for the highest.
Beats: TypeAlias = Callable[[float, float], bool]


def declare(name: str, combine: Callable[[float, float], float]) -> None:
    """Declare the kernel ``name``: ``combine`` of each pair of values, from where both begin."""

    @kernel(name=name)
    def pairwise(real0: F64In, real1: F64In, out: F64Out) -> None:
        begin = first_valid2(real0, real1)
        fill_head(out, begin)
        for i in range(begin, len(real0)):
            out[i] = combine(real0[i], real1[i])


PAIRWISE: dict[str, Callable[[float, float], float]] = {
    "add": operator.add,
    "div": div,
    "mult": operator.mul,
    "sub": operator.sub,
}

for _name, _combine in PAIRWISE.items():
    declare(_name, _combine)


@helper
def extreme(real: F64In, timeperiod: int, beats: Beats, out: F64Out) -> None:
    """Extreme of each window, by the blocks of van Herk and of Gil and Werman.

    A window that isn't a block is the end of one block and the start of the next. ``out`` holds
    the extremes of a block's ends until those of the next one's starts meet them.
    """
    n = len(real)
    begin = first_valid(real)
    fill_head(out, begin + timeperiod - 1)
    block = begin
    while block + timeperiod <= n:
        start = real[block]
        end = real[block + timeperiod - 1]
        # From both sides at once: neither chain of comparisons waits for the other.
        for k in range(timeperiod - 1):
            value = real[block + k]
            if beats(value, start):
                start = value
            best = out[block + k]
            if beats(start, best):
                best = start
            out[block + k] = best
            if block + 2 * timeperiod - 2 - k < n:
                out[block + 2 * timeperiod - 2 - k] = end
            value = real[block + timeperiod - 2 - k]
            if beats(value, end):
                end = value
        out[block + timeperiod - 1] = end
        block += timeperiod
    if block == begin or block >= n:
        return
    start = real[block]
    for i in range(block, n):
        value = real[i]
        if beats(value, start):
            start = value
        best = out[i]
        if beats(start, best):
            best = start
        out[i] = best


@helper
def extreme_index(real: F64In, timeperiod: int, beats: Beats, out: I32Out) -> None:
    """Index of each window's extreme, searched for only when the last one has left the window.

    The search finds the first of equal values; a new value that equals the extreme replaces it.
    """
    begin = first_valid(real)
    zero_head(out, begin + timeperiod - 1)
    best = 0.0
    best_at = -1
    for i in range(begin + timeperiod - 1, len(real)):
        oldest = i - timeperiod + 1
        if best_at < oldest:
            best = real[oldest]
            best_at = oldest
            for j in range(oldest + 1, i + 1):
                value = real[j]
                if beats(value, best):
                    best = value
                    best_at = j
        else:
            value = real[i]
            if beats(value, best) or value == best:
                best = value
                best_at = i
        out[i] = best_at


@kernel(name="min")
def moving_min(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Lowest value of the last ``timeperiod``."""
    extreme(real, timeperiod, operator.lt, out)


@kernel(name="max")
def moving_max(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Highest value of the last ``timeperiod``."""
    extreme(real, timeperiod, operator.gt, out)


@kernel()
def minmax(real: F64In, timeperiod: int, lowest: F64Out, highest: F64Out) -> None:
    """Lowest and highest value of the last ``timeperiod``."""
    extreme(real, timeperiod, operator.lt, lowest)
    extreme(real, timeperiod, operator.gt, highest)


@kernel()
def minindex(real: F64In, timeperiod: int, out: I32Out) -> None:
    """Index of the lowest value of the last ``timeperiod``."""
    extreme_index(real, timeperiod, operator.lt, out)


@kernel()
def maxindex(real: F64In, timeperiod: int, out: I32Out) -> None:
    """Index of the highest value of the last ``timeperiod``."""
    extreme_index(real, timeperiod, operator.gt, out)


@kernel()
def minmaxindex(real: F64In, timeperiod: int, lowest: I32Out, highest: I32Out) -> None:
    """Indices of the lowest and the highest value of the last ``timeperiod``."""
    extreme_index(real, timeperiod, operator.lt, lowest)
    extreme_index(real, timeperiod, operator.gt, highest)


@kernel(name="sum")
def moving_sum(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Sum of the last ``timeperiod`` values: a running total, one add and one subtract a value."""
    n = len(real)
    begin = first_valid(real)
    first = begin + timeperiod - 1
    fill_head(out, first)
    if first >= n:
        return
    total = 0.0
    for i in range(begin, first):
        total += real[i]
    for i in range(first, n):
        total += real[i]
        out[i] = total
        total -= real[i - timeperiod + 1]


@kernel()
def cumsum(real: F64In, out: F64Out) -> None:
    """Sum of all values so far."""
    begin = first_valid(real)
    fill_head(out, begin)
    total = 0.0
    for i in range(begin, len(real)):
        total += real[i]
        out[i] = total
