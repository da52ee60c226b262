"""An indicator with many periods in one pass; the same bits as one after the other.

Recurrences over the candles themselves, rings and extremes; ``many_windows`` has the running sums.
"""

from __future__ import annotations

import operator

from ._moving import mean_of
from ._numeric import div, fma
from ._side_by_side import (
    FIRST,
    FOURTH,
    ONE,
    PERIOD,
    SECOND,
    THIRD,
    declare,
)
from ._spec import F64In, F64Out, I64In, helper, kernel
from ._window import fill_head, first_valid3
from .directional import EPSILON, directional_move
from .operators import Beats, extreme
from .oscillators import EPSILON as NEGLIGIBLE
from .volatility import true_range


@kernel()
def first_candle(a: F64In, b: F64In, c: F64In) -> int:
    """First index at which none of the inputs is NaN."""
    return first_valid3(a, b, c)


@kernel()
def true_ranges(high: F64In, low: F64In, close: F64In, out: F64Out) -> None:
    """True range of each candle but the first one, whatever is NaN."""
    if len(out) > 0:
        out[0] = 0.0
    for i in range(1, len(out)):
        out[i] = true_range(high[i], low[i], close[i - 1])


@kernel()
def directional_moves(high: F64In, low: F64In, plus: F64Out, minus: F64Out) -> None:
    """Wilder's directional movements of each candle but the first one, whatever is NaN."""
    if len(plus) > 0:
        plus[0] = 0.0
        minus[0] = 0.0
    for i in range(1, len(plus)):
        plus[i] = directional_move(high, low, i, False)
        minus[i] = directional_move(high, low, i, True)


@helper
def copy_block(
    first: F64In,
    second: F64In,
    i: int,
    stop: int,
    timeperiod: int,
    up: float,
    down: float,
    state: F64Out,
    k: int,
    width: int,
    block: F64Out,
    out: F64Out,
    at: int,
) -> None:
    """Results are what the recurrence gives."""
    given = block[ONE + k :]
    row = out[at + i : at + stop]
    for j in range(stop - i):
        row[j] = given[j * width]


@helper
def ema_step(ema: float, value: float, k: float) -> float:
    """An exponential moving average with one more value."""
    return fma(value - ema, k, ema)


@helper
def ema_until(
    first: F64In,
    second: F64In,
    third: F64In,
    begin: int,
    timeperiod: int,
    stop: int,
    up: float,
    down: float,
    state: F64Out,
    k: int,
    out: F64Out,
    at: int,
) -> None:
    """Exponential moving average of two values or more, seeded with the first period's mean."""
    row = out[at : at + len(first)]
    start = begin + timeperiod - 1
    fill_head(row, start)
    if start >= stop:
        return
    factor = 2.0 / (timeperiod + 1)
    ema = mean_of(first, begin, timeperiod)
    row[start] = ema
    for i in range(start + 1, stop):
        ema = ema_step(ema, first[i], factor)
        row[i] = ema
    state[FIRST + k] = ema
    state[SECOND + k] = factor


@helper
def ema_advance(
    first: F64In,
    second: F64In,
    third: F64In,
    i: int,
    stop: int,
    width: int,
    state: F64Out,
    block: F64Out,
) -> None:
    """The averages themselves."""
    for j in range(stop - i):
        value = first[i + j]
        row = block[ONE + j * width : ONE + (j + 1) * width]
        for k in range(width):
            ema = ema_step(state[FIRST + k], value, state[SECOND + k])
            state[FIRST + k] = ema
            row[k] = ema


declare("ema_many", 1, ema_until, ema_advance, copy_block)


@helper
def wilder(average: float, value: float, others: float, reciprocal: float) -> float:
    """RSI's average of gains, or of losses, with one more."""
    return (average * others + value) * reciprocal


@helper
def gain_share(gain: float, loss: float) -> float:
    """Gains in percent of gains and losses; 0 where there are none, or a NaN."""
    total = gain + loss
    share = 100.0 * div(gain, total)
    return share if total > 0.0 else 0.0


@helper
def rsi_until(
    first: F64In,
    second: F64In,
    third: F64In,
    begin: int,
    timeperiod: int,
    stop: int,
    up: float,
    down: float,
    state: F64Out,
    k: int,
    out: F64Out,
    at: int,
) -> None:
    """Wilder's relative strength index."""
    row = out[at : at + len(first)]
    start = begin + timeperiod
    fill_head(row, start)
    if start >= stop:
        return
    gain = 0.0
    loss = 0.0
    for i in range(begin + 1, start + 1):
        change = first[i] - first[i - 1]
        rise = change if change > 0.0 else 0.0
        gain += rise
        loss += rise - change
    reciprocal = 1.0 / timeperiod
    others = timeperiod - 1.0
    gain *= reciprocal
    loss *= reciprocal
    row[start] = gain_share(gain, loss)
    for i in range(start + 1, stop):
        change = first[i] - first[i - 1]
        rise = change if change > 0.0 else 0.0
        gain = wilder(gain, rise, others, reciprocal)
        loss = wilder(loss, rise - change, others, reciprocal)
        row[i] = gain_share(gain, loss)
    state[FIRST + k] = gain
    state[SECOND + k] = loss
    state[THIRD + k] = others
    state[FOURTH + k] = reciprocal


@helper
def rsi_advance(
    first: F64In,
    second: F64In,
    third: F64In,
    i: int,
    stop: int,
    width: int,
    state: F64Out,
    block: F64Out,
) -> None:
    """The averages of gains and of losses."""
    for j in range(stop - i):
        change = first[i + j] - first[i + j - 1]
        rise = change if change > 0.0 else 0.0
        fall = rise - change
        row = block[ONE + j * width : ONE + (j + 1) * width]
        for k in range(width):
            others = state[THIRD + k]
            reciprocal = state[FOURTH + k]
            gain = wilder(state[FIRST + k], rise, others, reciprocal)
            loss = wilder(state[SECOND + k], fall, others, reciprocal)
            state[FIRST + k] = gain
            state[SECOND + k] = loss
            row[k] = gain_share(gain, loss)


declare("rsi_many", 1, rsi_until, rsi_advance, copy_block)


@helper
def atr_step(average: float, width: float, decay: float, gain: float) -> float:
    """Wilder's average of the true range with one more."""
    return fma(average, decay, gain * width)


@helper
def atr_until(
    first: F64In,
    second: F64In,
    third: F64In,
    begin: int,
    timeperiod: int,
    stop: int,
    up: float,
    down: float,
    state: F64Out,
    k: int,
    out: F64Out,
    at: int,
) -> None:
    """Wilder's average of ``first``, true ranges, seeded with the mean of the first period."""
    row = out[at : at + len(first)]
    start = begin + timeperiod
    fill_head(row, start)
    if start >= stop:
        return
    average = 0.0
    for i in range(begin + 1, start + 1):
        average += first[i]
    average /= timeperiod
    row[start] = average
    decay = (timeperiod - 1) / timeperiod
    gain = 1.0 - decay
    for i in range(start + 1, stop):
        average = atr_step(average, first[i], decay, gain)
        row[i] = average
    state[FIRST + k] = average
    state[SECOND + k] = decay
    state[THIRD + k] = gain


@helper
def atr_advance(
    first: F64In,
    second: F64In,
    third: F64In,
    i: int,
    stop: int,
    width: int,
    state: F64Out,
    block: F64Out,
) -> None:
    """The averages themselves."""
    for j in range(stop - i):
        value = first[i + j]
        row = block[ONE + j * width : ONE + (j + 1) * width]
        for k in range(width):
            average = atr_step(state[FIRST + k], value, state[SECOND + k], state[THIRD + k])
            state[FIRST + k] = average
            row[k] = average


declare("atr_many", 1, atr_until, atr_advance, copy_block)


@helper
def natr_until(
    first: F64In,
    second: F64In,
    third: F64In,
    begin: int,
    timeperiod: int,
    stop: int,
    up: float,
    down: float,
    state: F64Out,
    k: int,
    out: F64Out,
    at: int,
) -> None:
    """``atr_until`` in percent of the close, ``second``; with a period of 1 the true range."""
    atr_until(first, second, third, begin, timeperiod, stop, up, down, state, k, out, at)
    if timeperiod > 1:
        for i in range(begin + timeperiod, stop):
            share = div(out[at + i], second[i]) * 100.0
            out[at + i] = share if second[i] != 0.0 else 0.0


@helper
def natr_advance(
    first: F64In,
    second: F64In,
    third: F64In,
    i: int,
    stop: int,
    width: int,
    state: F64Out,
    block: F64Out,
) -> None:
    """The averages in percent of the close."""
    for j in range(stop - i):
        value = first[i + j]
        price = second[i + j]
        row = block[ONE + j * width : ONE + (j + 1) * width]
        for k in range(width):
            average = atr_step(state[FIRST + k], value, state[SECOND + k], state[THIRD + k])
            state[FIRST + k] = average
            share = div(average, price) * 100.0
            share = share if price != 0.0 else 0.0
            row[k] = average if state[PERIOD + k] == 1.0 else share


declare("natr_many", 1, natr_until, natr_advance, copy_block)


@helper
def imbalance(plus: float, minus: float, ranges: float) -> float:
    """``directional_index`` without a branch."""
    plus_indicator = 100.0 * div(plus, ranges)
    minus_indicator = 100.0 * div(minus, ranges)
    both = minus_indicator + plus_indicator
    index = 100.0 * div(abs(minus_indicator - plus_indicator), both)
    index = -1.0 if abs(both) < EPSILON else index
    return index if ranges > 0.0 else -1.0


@helper
def smoothed(total: float, value: float, timeperiod: float) -> float:
    """Wilder's running sum of ``timeperiod`` values, with one more."""
    return total - total / timeperiod + value


@helper
def averaged(average: float, index: float, timeperiod: float) -> float:
    """Wilder's average of DX with one more, unless it is undefined."""
    following = (average * (timeperiod - 1.0) + index) / timeperiod
    return average if index == -1.0 else following


@helper
def adx_until(
    first: F64In,
    second: F64In,
    third: F64In,
    begin: int,
    timeperiod: int,
    stop: int,
    up: float,
    down: float,
    state: F64Out,
    k: int,
    out: F64Out,
    at: int,
) -> None:
    """Wilder's ADX of directional movements, ``first`` and ``second``, and true ranges."""
    row = out[at : at + len(first)]
    start = begin + 2 * timeperiod - 1
    fill_head(row, start)
    if start >= stop:
        return
    plus = minus = ranges = average = 0.0
    for i in range(begin + 1, begin + timeperiod):
        plus += first[i]
        minus += second[i]
        ranges += third[i]
    for i in range(begin + timeperiod, stop):
        plus = smoothed(plus, first[i], float(timeperiod))
        minus = smoothed(minus, second[i], float(timeperiod))
        ranges = smoothed(ranges, third[i], float(timeperiod))
        index = imbalance(plus, minus, ranges)
        if i > start:
            average = averaged(average, index, float(timeperiod))
            row[i] = average
        else:
            if index != -1.0:
                average += index
            if i == start:
                average /= timeperiod
                row[i] = average
    state[FIRST + k] = plus
    state[SECOND + k] = minus
    state[THIRD + k] = ranges
    state[FOURTH + k] = average


@helper
def adx_advance(
    first: F64In,
    second: F64In,
    third: F64In,
    i: int,
    stop: int,
    width: int,
    state: F64Out,
    block: F64Out,
) -> None:
    """The smoothed movements and ranges; the indices that they make; those indices' averages."""
    for j in range(stop - i):
        rise = first[i + j]
        fall = second[i + j]
        ranged = third[i + j]
        row = block[ONE + j * width : ONE + (j + 1) * width]
        for k in range(width):
            timeperiod = state[PERIOD + k]
            plus = smoothed(state[FIRST + k], rise, timeperiod)
            minus = smoothed(state[SECOND + k], fall, timeperiod)
            ranges = smoothed(state[THIRD + k], ranged, timeperiod)
            average = averaged(state[FOURTH + k], imbalance(plus, minus, ranges), timeperiod)
            state[FIRST + k] = plus
            state[SECOND + k] = minus
            state[THIRD + k] = ranges
            state[FOURTH + k] = average
            row[k] = average


declare("adx_many", 2, adx_until, adx_advance, copy_block)


def declare_extreme(name: str, beats: Beats) -> None:
    """Declare the kernel ``name``: the value of each window that beats the others.

    The extremes of windows of 2, 4, 8... values are made of each other, and any period's of two
    such windows that overlap. Where a NaN or a zero's sign shows in which order values are
    compared, each period is searched by itself, as TA-Lib does.
    """

    @kernel(name=name, work=lambda n, begin, up, down: 2 * n)
    def many(
        first: F64In,
        second: F64In,
        third: F64In,
        periods: I64In,
        rows: I64In,
        begin: int,
        up: float,
        down: float,
        out: F64Out,
        work: F64Out,
    ) -> None:
        n = len(first)
        odd = 0
        for i in range(begin, n):
            odd += (first[i] != first[i]) | (first[i] == 0.0)
        if odd > 0:
            for lane in range(len(periods)):
                at = rows[lane] * n
                extreme(first, periods[lane], beats, out[at : at + n])
            return
        known = work[:n]
        for i in range(begin, n):
            known[i] = first[i]
        width = 1
        filled = 0
        for lane in range(len(periods)):
            timeperiod = periods[lane]
            at = rows[lane] * n
            start = begin + timeperiod - 1
            fill_head(out[at : at + n], start)
            if start >= n:
                continue
            while 2 * width <= timeperiod:
                filled = n - filled
                wider = work[filled : filled + n]
                combined_extremes(known, begin + 2 * width - 1, width, beats, wider, 0)
                known = wider
                width *= 2
            combined_extremes(known, start, timeperiod - width, beats, out, at)


@helper
def combined_extremes(
    known: F64In, start: int, back: int, beats: Beats, out: F64Out, at: int
) -> None:
    """Extreme of each known one and of that ``back`` before, from ``start`` on."""
    count = len(known) - start
    one = known[start : start + count]
    other = known[start - back : start - back + count]
    row = out[at + start : at + start + count]
    for j in range(count):
        row[j] = one[j] if beats(one[j], other[j]) else other[j]


declare_extreme("max_many", operator.gt)
declare_extreme("min_many", operator.lt)


# Cycles of a ring that CCI computes at a time.
CYCLES = 64


@helper
def summed_rows(values: F64In, at: int, step: int, count: int, sums: F64Out) -> None:
    """Add ``count`` rows of ``values``, ``step`` apart from ``at`` on, one after the other."""
    length = len(sums)
    row = 0
    while row + 4 <= count:
        a = values[at + row * step : at + row * step + length]
        b = values[at + (row + 1) * step : at + (row + 1) * step + length]
        c = values[at + (row + 2) * step : at + (row + 2) * step + length]
        d = values[at + (row + 3) * step : at + (row + 3) * step + length]
        for k in range(length):
            sums[k] = sums[k] + a[k] + b[k] + c[k] + d[k]
        row += 4
    for rest in range(row, count):
        a = values[at + rest * step : at + rest * step + length]
        for k in range(length):
            sums[k] += a[k]


@helper
def summed_deviations(
    values: F64In, at: int, step: int, count: int, means: F64In, sums: F64Out
) -> None:
    """``summed_rows`` of what the rows are away from ``means``."""
    length = len(sums)
    row = 0
    while row + 4 <= count:
        a = values[at + row * step : at + row * step + length]
        b = values[at + (row + 1) * step : at + (row + 1) * step + length]
        c = values[at + (row + 2) * step : at + (row + 2) * step + length]
        d = values[at + (row + 3) * step : at + (row + 3) * step + length]
        for k in range(length):
            mean = means[k]
            sums[k] = (
                sums[k] + abs(a[k] - mean) + abs(b[k] - mean) + abs(c[k] - mean) + abs(d[k] - mean)
            )
        row += 4
    for rest in range(row, count):
        a = values[at + rest * step : at + rest * step + length]
        for k in range(length):
            sums[k] += abs(a[k] - means[k])


@helper
def channel_index(price: float, average: float, deviation: float) -> float:
    """CCI of a typical price, its window's average and the mean deviation from that."""
    difference = price - average
    negligible = abs(average) * NEGLIGIBLE
    divisor = 0.015 * deviation
    index = div(difference, divisor)
    index = index if divisor != 0.0 else 0.0
    flat = (abs(difference) <= negligible) | (abs(deviation) <= negligible)
    return 0.0 if flat else index


@helper
def cci_cycles(
    prices: F64In, begin: int, timeperiod: int, cycle: int, count: int, out: F64Out, work: F64Out
) -> None:
    """CCI in ``count`` cycles of the ring of ``timeperiod`` prices, from that number on.

    A row of ``work`` has one slot's prices, first that of the cycle before: the same slot of all
    cycles sums its ring in the same order.
    """
    n = len(prices)
    width = count + 1
    newer = work[:count]
    averages = work[CYCLES : CYCLES + count]
    deviations = work[2 * CYCLES : 2 * CYCLES + count]
    ring = work[3 * CYCLES :]
    for slot in range(timeperiod):
        row = ring[slot * width : (slot + 1) * width]
        for k in range(width):
            i = begin + (cycle + k - 1) * timeperiod + slot
            row[k] = prices[i] if begin <= i < n else 0.0
    for k in range(count):
        newer[k] = 0.0
    for slot in range(timeperiod):
        current = ring[slot * width + 1 : (slot + 1) * width]
        for k in range(count):
            newer[k] += current[k]
            averages[k] = newer[k]
            deviations[k] = 0.0
        older = (slot + 1) * width
        left = timeperiod - slot - 1
        summed_rows(ring, older, width, left, averages)
        for k in range(count):
            averages[k] /= timeperiod
        summed_deviations(ring, 1, width, slot + 1, averages, deviations)
        summed_deviations(ring, older, width, left, averages, deviations)
        for k in range(count):
            averages[k] = channel_index(current[k], averages[k], deviations[k] / timeperiod)
        for k in range(count):
            i = begin + (cycle + k) * timeperiod + slot
            if begin + timeperiod - 1 <= i < n:
                out[i] = averages[k]


@kernel(work=lambda n, begin, up, down: 4 * n + 5 * CYCLES)
def cci_many(
    first: F64In,
    second: F64In,
    third: F64In,
    periods: I64In,
    rows: I64In,
    begin: int,
    up: float,
    down: float,
    out: F64Out,
    work: F64Out,
) -> None:
    """Lambert's commodity channel index of high, low and close, TA-Lib's CCI."""
    n = len(first)
    prices = work[:n]
    for i in range(begin, n):
        prices[i] = (first[i] + second[i] + third[i]) / 3.0
    for lane in range(len(periods)):
        timeperiod = periods[lane]
        row = out[rows[lane] * n : (rows[lane] + 1) * n]
        fill_head(row, begin + timeperiod - 1)
        if begin + timeperiod - 1 >= n:
            continue
        cycles = (n - begin + timeperiod - 1) // timeperiod
        for cycle in range(0, cycles, CYCLES):
            count = min(CYCLES, cycles - cycle)
            cci_cycles(prices, begin, timeperiod, cycle, count, row, work[n:])
