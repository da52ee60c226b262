"""What freqtrade's metrics are made of: drawdowns, and sums in the order that others add."""

from __future__ import annotations

from ._numeric import INF, NAN, div
from ._spec import F64In, F64Out, I64Out, helper, kernel

# Deep enough for any length: 3 values for each of the halvings down to a block.
PAIRWISE_WORK = 3 * 60


@helper
def block_sum(real: F64In, start: int, n: int) -> float:
    """Sum of ``real[start : start + n]``, at most 128 values, in numpy's order: eight at a time."""
    stop = start + n
    if n < 8:
        total = -0.0
        for i in range(start, stop):
            total += real[i]
        return total
    sum0 = real[start]
    sum1 = real[start + 1]
    sum2 = real[start + 2]
    sum3 = real[start + 3]
    sum4 = real[start + 4]
    sum5 = real[start + 5]
    sum6 = real[start + 6]
    sum7 = real[start + 7]
    rest = stop - n % 8
    for i in range(start + 8, rest, 8):
        sum0 += real[i]
        sum1 += real[i + 1]
        sum2 += real[i + 2]
        sum3 += real[i + 3]
        sum4 += real[i + 4]
        sum5 += real[i + 5]
        sum6 += real[i + 6]
        sum7 += real[i + 7]
    total = ((sum0 + sum1) + (sum2 + sum3)) + ((sum4 + sum5) + (sum6 + sum7))
    for i in range(rest, stop):
        total += real[i]
    return total


@helper
def pairwise(real: F64In, n: int, work: F64Out, base: int) -> float:
    """Sum of ``real[:n]`` in numpy's order: blocks of at most 128 values, added in pairs.

    ``work[base:]`` holds, for each half that is still to be added: where its other half starts,
    how long that is (0 once it is being summed) and the first half's sum. A recursive function
    would be shorter, but numba can't compile one ahead of time.
    """
    start = 0
    top = base
    while True:
        while n > 128:
            half = n // 2
            half -= half % 8
            work[top] = float(start + half)
            work[top + 1] = float(n - half)
            top += 3
            n = half
        total = block_sum(real, start, n)
        while top > base and work[top - 2] == 0.0:
            total = work[top - 1] + total
            top -= 3
        if top == base:
            return 0.0 + total
        start = int(work[top - 3])
        n = int(work[top - 2])
        work[top - 2] = 0.0
        work[top - 1] = total


@kernel(work=lambda n: PAIRWISE_WORK)
def pairwise_sum(real: F64In, work: F64Out) -> float:
    """``numpy.sum`` of a contiguous array."""
    return pairwise(real, len(real), work, 0)


@kernel(work=lambda n, ddof: n + PAIRWISE_WORK)
def pairwise_variance(real: F64In, ddof: int, work: F64Out) -> float:
    """``numpy.var`` of a contiguous array of more than ``ddof`` values."""
    n = len(real)
    mean = pairwise(real, n, work, n) / n
    for i in range(n):
        deviation = real[i] - mean
        work[i] = deviation * deviation
    return pairwise(work, n, work, n) / (n - ddof)


@kernel()
def sequential_variance(real: F64In, ddof: int) -> float:
    """Variance without NaN values, summed in order as bottleneck does it."""
    count = 0
    total = 0.0
    for i in range(len(real)):
        if real[i] == real[i]:
            total += real[i]
            count += 1
    if count <= ddof:
        return NAN
    mean = total / count
    total = 0.0
    for i in range(len(real)):
        if real[i] == real[i]:
            deviation = real[i] - mean
            total += deviation * deviation
    return total / (count - ddof)


@kernel()
def valid_ends(real: F64In, ends: I64Out) -> None:
    """Index of the first and of the last value that isn't NaN into ``ends``; -1 without any."""
    n = len(real)
    first = 0
    while first < n and real[first] != real[first]:
        first += 1
    if first == n:
        ends[0] = -1
        ends[1] = -1
        return
    last = n - 1
    while real[last] != real[last]:
        last -= 1
    ends[0] = first
    ends[1] = last


@kernel()
def drawdown_series(
    profit: F64In,
    starting_balance: float,
    cumulative: F64Out,
    high_value: F64Out,
    drawdown: F64Out,
    drawdown_relative: F64Out,
) -> None:
    """Cumulative profit, its high-water mark and the drawdowns from it, after a row of zeros.

    A NaN profit gives a row of NaN and is skipped otherwise. Relative to the account if there is a
    ``starting_balance``, to the high-water mark if it is zero.
    """
    total = 0.0
    high = 0.0
    cumulative[0] = 0.0
    high_value[0] = 0.0
    drawdown[0] = 0.0
    drawdown_relative[0] = 0.0
    for i in range(len(profit)):
        row = i + 1
        if profit[i] == profit[i]:
            total += profit[i]
        if total > high:
            high = total
        if profit[i] != profit[i] or total != total:
            cumulative[row] = NAN
            high_value[row] = NAN
            drawdown[row] = NAN
            drawdown_relative[row] = NAN
            continue
        cumulative[row] = total
        high_value[row] = high
        drawdown[row] = total - high
        if starting_balance != 0.0:
            peak = starting_balance + high
            drawdown_relative[row] = div(peak - (starting_balance + total), peak)
        else:
            drawdown_relative[row] = div(high - total, high)


@helper
def first_highest(real: F64In, stop: int) -> int:
    """Index of the first of the highest values in ``real[:stop]``, NaN left out."""
    highest = -INF
    at = 0
    for i in range(stop):
        if real[i] > highest:
            highest = real[i]
            at = i
    return at


@kernel()
def drawdown_turns(
    high_value: F64In,
    drawdown: F64In,
    drawdown_relative: F64In,
    relative: bool,
    turns: I64Out,
) -> None:
    """Rows of the deepest point, of the high before it, and of the high before the last row.

    Into ``turns``, in this order. The deepest by the absolute drawdown, or by the relative one.
    """
    n = len(drawdown)
    if relative:
        low = first_highest(drawdown_relative, n)
    else:
        low = 0
        for i in range(n):
            if drawdown[i] < drawdown[low]:
                low = i
    turns[0] = low
    turns[1] = first_highest(high_value, low + 1)
    turns[2] = first_highest(high_value, n - 1)
