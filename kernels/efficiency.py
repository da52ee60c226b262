"""Efficiency: how much of its way a price went in one direction."""

from __future__ import annotations

from ._spec import F64In, F64Out, kernel
from ._window import fill_head, first_valid
from .oscillators import lower


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
    oldest_change = 0.0
    for i in range(first, n):
        change = abs(real[i] - real[i - 1])
        flat = flat + 1 if change == 0.0 else 0
        path = path - oldest_change + change
        if flat >= timeperiod:
            path = 0.0  # sheds what rounding has left of it
        oldest = i - timeperiod
        oldest_change = abs(real[oldest] - real[oldest + 1])
        net = real[i] - real[oldest]
        out[i] = 1.0 if path <= 0.0 or path <= net else lower(1.0, abs(net / path))


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


@kernel()
def vhf(real: F64In, timeperiod: int, out: F64Out) -> None:
    """White's vertical horizontal filter, TA-Lib's VHF: the range over the sum of the changes.

    0 where nothing moved, or a NaN did.
    """
    first = first_valid(real) + timeperiod
    fill_head(out, first)
    for i in range(first, len(real)):
        highest = real[i]
        lowest = highest
        path = 0.0
        for j in range(i - timeperiod + 1, i + 1):
            value = real[j]
            path += abs(value - real[j - 1])
            highest = value if value > highest else highest
            lowest = value if value < lowest else lowest
        out[i] = (highest - lowest) / path if path > 0.0 else 0.0
