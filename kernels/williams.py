"""Bill Williams' indicators: Awesome Oscillator, its acceleration, and fractals."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TypeAlias

from ._moving import sma_from
from ._spec import F64In, F64Out, I32Out, helper, kernel
from ._window import fill_head, first_valid2, zero_head

# ``operator.gt`` for a high, ``operator.lt`` for a low.
Beats: TypeAlias = Callable[[float, float], bool]

# Candles for which neighbours are compared at once: as many as stay in the nearest cache.
BLOCK = 1024


@helper
def median_price(high: F64In, low: F64In, i: int) -> float:
    """Middle of candle ``i``."""
    return (high[i] + low[i]) / 2.0


@helper
def awesome_from(
    high: F64In, low: F64In, first: int, fastperiod: int, slowperiod: int, out: F64Out
) -> None:
    """The Awesome Oscillator from ``first`` on: both averages begin as late as they can."""
    n = len(high)
    if first >= n:
        return
    fast = 0.0
    slow = 0.0
    for i in range(first - fastperiod + 1, first):
        fast += median_price(high, low, i)
    for i in range(first - slowperiod + 1, first):
        slow += median_price(high, low, i)
    for i in range(first, n):
        price = median_price(high, low, i)
        fast += price
        slow += price
        out[i] = fast / fastperiod - slow / slowperiod
        fast -= median_price(high, low, i - fastperiod + 1)
        slow -= median_price(high, low, i - slowperiod + 1)


@kernel()
def ao(high: F64In, low: F64In, fastperiod: int, slowperiod: int, out: F64Out) -> None:
    """Awesome Oscillator: a fast moving average of the median price less a slow one."""
    first = first_valid2(high, low) + max(fastperiod, slowperiod) - 1
    fill_head(out, first)
    awesome_from(high, low, first, fastperiod, slowperiod, out)


@kernel(work=lambda n, fastperiod, slowperiod, signalperiod: n)
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

    ``work`` is the Awesome Oscillator.
    """
    begin = first_valid2(high, low) + max(fastperiod, slowperiod) - 1
    awesome_from(high, low, begin, fastperiod, slowperiod, work)
    sma_from(work, begin, signalperiod, out)
    first = begin + signalperiod - 1
    fill_head(out, first)
    for i in range(first, len(out)):
        out[i] = work[i] - out[i]


@helper
def swings_from(
    real: F64In,
    first: int,
    leftbars: int,
    rightbars: int,
    beats: Beats,
    out: I32Out,
    work: F64Out,
) -> None:
    """100 into ``out`` where the value ``rightbars`` ago beats all of its neighbours, else 0.

    ``work`` has the best neighbour of each value of a block. A NaN among them doesn't count, but
    for the oldest.
    """
    n = len(real)
    oldest = leftbars + rightbars
    for start in range(first, n, BLOCK):
        stop = min(start + BLOCK, n)
        for i in range(start, stop):
            work[i - start] = real[i - oldest]
        for back in range(oldest - 1, -1, -1):
            if back != rightbars:
                for i in range(start, stop):
                    value = real[i - back]
                    best = work[i - start]
                    work[i - start] = value if beats(value, best) else best
        for i in range(start, stop):
            out[i] = 100 if beats(real[i - rightbars], work[i - start]) else 0


@kernel(work=lambda n, leftbars, rightbars: min(n, BLOCK))
def fractal(
    high: F64In,
    low: F64In,
    leftbars: int,
    rightbars: int,
    swinghigh: I32Out,
    swinglow: I32Out,
    work: F64Out,
) -> None:
    """Fractals, TA-Lib's FRACTAL: 100 where the candle ``rightbars`` ago is a swing, else 0."""
    first = first_valid2(high, low) + leftbars + rightbars
    zero_head(swinghigh, first)
    zero_head(swinglow, first)
    swings_from(high, first, leftbars, rightbars, operator.gt, swinghigh, work)
    swings_from(low, first, leftbars, rightbars, operator.lt, swinglow, work)
