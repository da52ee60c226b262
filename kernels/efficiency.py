"""Efficiency: how much of its way a price went in one direction."""

from __future__ import annotations

import operator

from ._spec import F64In, F64Out, kernel
from ._window import fill_head, first_valid
from .operators import extreme
from .oscillators import lower

# Windows whose sums are added up in step: as many as stay in the nearest cache.
BLOCK = 1024


@kernel()
def er(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Kaufman's efficiency ratio, TA-Lib's ER: the net change over the sum of the single changes.

    1 where nothing moved, and where rounding would put it above 1.
    """
    n = len(real)
    begin = first_valid(real)
    first = begin + timeperiod
    fill_head(out, first)
    if first >= n:
        return
    path = 0.0
    flat = 0
    for i in range(begin + 1, first):
        change = abs(real[i] - real[i - 1])
        path += change
        flat = flat + 1 if change == 0.0 else 0
    previous = real[first - 1]
    oldest = real[begin]
    oldest_change = 0.0
    for i in range(first, n):
        price = real[i]
        change = abs(price - previous)
        previous = price
        flat = flat + 1 if change == 0.0 else 0
        path = path - oldest_change + change
        if flat >= timeperiod:
            path = 0.0  # sheds what rounding has left of it
        net = price - oldest
        out[i] = 1.0 if path <= 0.0 or path <= net else lower(1.0, abs(net / path))
        next_oldest = real[i - timeperiod + 1]
        oldest_change = abs(oldest - next_oldest)
        oldest = next_oldest


@kernel()
def cmou(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Chande's momentum oscillator, unsmoothed: rises less falls in percent of both, 0 for none."""
    n = len(real)
    begin = first_valid(real)
    first = begin + timeperiod
    fill_head(out, first)
    if first >= n:
        return
    gain = 0.0
    loss = 0.0
    flat = 0
    for i in range(begin + 1, first):
        change = real[i] - real[i - 1]
        gain += change if change > 0.0 else 0.0
        loss -= change if change < 0.0 else 0.0
        flat = flat + 1 if change == 0.0 else 0
    oldest_change = 0.0
    for i in range(first, n):
        gain -= oldest_change if oldest_change > 0.0 else 0.0
        loss += oldest_change if oldest_change < 0.0 else 0.0
        change = real[i] - real[i - 1]
        gain += change if change > 0.0 else 0.0
        loss -= change if change < 0.0 else 0.0
        flat = flat + 1 if change == 0.0 else 0
        if flat >= timeperiod:  # the sums are 0 but for rounding
            gain = 0.0
            loss = 0.0
        oldest = i - timeperiod
        oldest_change = real[oldest + 1] - real[oldest]
        total = gain + loss
        out[i] = 100.0 * (gain - loss) / total if total > 0.0 else 0.0


@kernel(work=lambda n, timeperiod: n + min(n, BLOCK))
def vhf(real: F64In, timeperiod: int, out: F64Out, work: F64Out) -> None:
    """White's vertical horizontal filter, TA-Lib's VHF: the range over the sum of the changes.

    0 where nothing moved, or a NaN did. Each sum is added up anew, from the oldest change on, but
    those of many windows in step. ``work`` has the lowest values, then the sums of a block.
    """
    n = len(real)
    first = first_valid(real) + timeperiod
    extreme(real, timeperiod, operator.gt, out)
    lowest = work[:n]
    extreme(real, timeperiod, operator.lt, lowest)
    path = work[n:]
    for start in range(first, n, BLOCK):
        stop = min(start + BLOCK, n)
        for i in range(start, stop):
            path[i - start] = 0.0
        for back in range(timeperiod - 1, -1, -1):
            for i in range(start, stop):
                path[i - start] += abs(real[i - back] - real[i - back - 1])
        for i in range(start, stop):
            spread = out[i] - lowest[i]
            out[i] = spread / path[i - start] if path[i - start] > 0.0 else 0.0
    fill_head(out, first)
