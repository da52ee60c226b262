"""Bill Williams' indicators: Awesome Oscillator, its acceleration, and fractals."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TypeAlias

from ._spec import F64In, F64Out, I32Out, helper, kernel
from ._window import fill_head, first_valid2, zero_head

# ``operator.gt`` for a high, ``operator.lt`` for a low.
Beats: TypeAlias = Callable[[float, float], bool]


@helper
def median_price(high: F64In, low: F64In, i: int) -> float:
    """Middle of candle ``i``."""
    return (high[i] + low[i]) / 2.0


@helper
def first_median_sums(
    high: F64In, low: F64In, first: int, fastperiod: int, slowperiod: int
) -> tuple[float, float]:
    """Sums of the median prices before ``first`` that count in either period's average."""
    fast = 0.0
    slow = 0.0
    for i in range(first - fastperiod + 1, first):
        fast += median_price(high, low, i)
    for i in range(first - slowperiod + 1, first):
        slow += median_price(high, low, i)
    return fast, slow


@kernel()
def ao(high: F64In, low: F64In, fastperiod: int, slowperiod: int, out: F64Out) -> None:
    """Awesome Oscillator: a fast moving average of the median price less a slow one."""
    n = len(high)
    first = first_valid2(high, low) + max(fastperiod, slowperiod) - 1
    fill_head(out, first)
    if first >= n:
        return
    fast, slow = first_median_sums(high, low, first, fastperiod, slowperiod)
    for i in range(first, n):
        price = median_price(high, low, i)
        fast += price
        slow += price
        out[i] = fast / fastperiod - slow / slowperiod
        fast -= median_price(high, low, i - fastperiod + 1)
        slow -= median_price(high, low, i - slowperiod + 1)


@kernel(work=lambda n, fastperiod, slowperiod, signalperiod: min(n, signalperiod))
def ac(
    high: F64In,
    low: F64In,
    fastperiod: int,
    slowperiod: int,
    signalperiod: int,
    out: F64Out,
    work: F64Out,
) -> None:
    """Accelerator/decelerator oscillator: the Awesome Oscillator less its own moving average.

    ``work`` is a ring of the oscillator's last values.
    """
    n = len(high)
    begin = first_valid2(high, low) + max(fastperiod, slowperiod) - 1
    first = begin + signalperiod - 1
    fill_head(out, first)
    if first >= n:
        return
    fast, slow = first_median_sums(high, low, begin, fastperiod, slowperiod)
    total = 0.0
    slot = 0
    for i in range(begin, n):
        price = median_price(high, low, i)
        fast += price
        slow += price
        oscillator = fast / fastperiod - slow / slowperiod
        fast -= median_price(high, low, i - fastperiod + 1)
        slow -= median_price(high, low, i - slowperiod + 1)
        work[slot] = oscillator
        total += oscillator
        slot += 1
        if slot == signalperiod:
            slot = 0
        if i >= first:
            out[i] = oscillator - total / signalperiod
            total -= work[slot]


@helper
def stands_out(real: F64In, pivot: int, leftbars: int, rightbars: int, beats: Beats) -> bool:
    """Whether the value at ``pivot`` beats all of its neighbours.

    A NaN among them doesn't count, but for the oldest.
    """
    value = real[pivot]
    if not beats(value, real[pivot - leftbars]):
        return False
    for j in range(pivot + 1, pivot + rightbars + 1):
        if not beats(value, real[j]) and real[j] == real[j]:
            return False
    for j in range(pivot - leftbars + 1, pivot):
        if not beats(value, real[j]) and real[j] == real[j]:
            return False
    return True


@kernel()
def fractal(
    high: F64In, low: F64In, leftbars: int, rightbars: int, swinghigh: I32Out, swinglow: I32Out
) -> None:
    """Fractals, TA-Lib's FRACTAL: 100 where the candle ``rightbars`` ago is a swing, else 0."""
    first = first_valid2(high, low) + leftbars + rightbars
    zero_head(swinghigh, first)
    zero_head(swinglow, first)
    for i in range(first, len(high)):
        pivot = i - rightbars
        swinghigh[i] = 100 if stands_out(high, pivot, leftbars, rightbars, operator.gt) else 0
        swinglow[i] = 100 if stands_out(low, pivot, leftbars, rightbars, operator.lt) else 0
