"""An indicator with many periods in one pass; the same bits as one after the other.

Recurrences over the candles themselves, and extremes; ``many_windows`` has the running sums.
"""

from __future__ import annotations

import operator

from ._lanes import Lanes, each, every, where
from ._moving import mean_of
from ._numeric import div, fma
from ._side_by_side import (
    FIRST,
    FOURTH,
    SECOND,
    THIRD,
    Block,
    Four,
    Quotient,
    Renewal,
    declare,
    set_divisor,
    stepping,
)
from ._spec import F64In, F64Out, I64In, helper, kernel
from ._window import fill_head, first_valid3
from .directional import EPSILON, directional_move
from .operators import Beats, extreme
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
def next_ema(ema: float, value: float, k: float) -> float:
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
        ema = next_ema(ema, first[i], factor)
        row[i] = ema
    state[FIRST + k] = ema
    state[SECOND + k] = factor


@helper
def ema_step(
    quotient: Quotient, renewed: Renewal, state: Four, fixed: Four, block: Block, i: int
) -> tuple[Four, Lanes]:
    """The averages with one value more."""
    ema, factor, _, _ = state
    ema = each(next_ema, ema, every(block.first[i]), factor)
    return (ema, factor, factor, factor), ema


declare("ema_many", ema_until, stepping(ema_step))


@helper
def wilder(average: float, value: float, others: float, reciprocal: float) -> float:
    """RSI's average of gains, or of losses, with one more."""
    return (average * others + value) * reciprocal


@helper
def gain_share(gain: float, loss: float) -> float:
    """Gains in percent of gains and losses; 0 where there are none, or a NaN."""
    total = gain + loss
    return where(total > 0.0, 100.0 * div(gain, total), 0.0)


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
def rsi_step(
    quotient: Quotient, renewed: Renewal, state: Four, fixed: Four, block: Block, i: int
) -> tuple[Four, Lanes]:
    """The averages of gains and of losses, and their ratio."""
    gain, loss, others, reciprocal = state
    change = block.first[i] - block.first[i - 1]
    rise = change if change > 0.0 else 0.0
    gain = each(wilder, gain, every(rise), others, reciprocal)
    loss = each(wilder, loss, every(rise - change), others, reciprocal)
    return (gain, loss, others, reciprocal), each(gain_share, gain, loss)


declare("rsi_many", rsi_until, stepping(rsi_step))


@helper
def next_atr(average: float, width: float, decay: float, gain: float) -> float:
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
        average = next_atr(average, first[i], decay, gain)
        row[i] = average
    state[FIRST + k] = average
    state[SECOND + k] = decay
    state[THIRD + k] = gain


@helper
def atr_step(
    quotient: Quotient, renewed: Renewal, state: Four, fixed: Four, block: Block, i: int
) -> tuple[Four, Lanes]:
    """The averages with one true range more."""
    average, decay, gain, _ = state
    average = each(next_atr, average, every(block.first[i]), decay, gain)
    return (average, decay, gain, gain), average


declare("atr_many", atr_until, stepping(atr_step))


@helper
def in_percent(average: float, price: float) -> float:
    """An average in percent of the price; 0 where that is 0."""
    return where(price != 0.0, div(average, price) * 100.0, 0.0)


@helper
def unless_one(timeperiod: float, range_: float, average: float) -> float:
    """With a period of 1, the true range itself."""
    return where(timeperiod == 1.0, range_, average)


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
            out[at + i] = in_percent(out[at + i], second[i])


@helper
def natr_step(
    quotient: Quotient, renewed: Renewal, state: Four, fixed: Four, block: Block, i: int
) -> tuple[Four, Lanes]:
    """The averages in percent of the close."""
    average, decay, gain, _ = state
    average = each(next_atr, average, every(block.first[i]), decay, gain)
    share_ = each(in_percent, average, every(block.second[i]))
    return (average, decay, gain, gain), each(unless_one, fixed[0], average, share_)


declare("natr_many", natr_until, stepping(natr_step))


@helper
def imbalance(plus: float, minus: float, ranges: float) -> float:
    """``directional_index`` without a branch."""
    plus_indicator = 100.0 * div(plus, ranges)
    minus_indicator = 100.0 * div(minus, ranges)
    both = minus_indicator + plus_indicator
    index = 100.0 * div(abs(minus_indicator - plus_indicator), both)
    index = where(abs(both) < EPSILON, -1.0, index)
    return where(ranges > 0.0, index, -1.0)


@helper
def replaced(total: float, part: float, value: float) -> float:
    """A sum less a part of it, with one value more."""
    return total - part + value


@helper
def weighed(average: float, index: float, timeperiod: float) -> float:
    """Wilder's sum of an average's ``timeperiod - 1`` values and of a new one."""
    return average * (timeperiod - 1.0) + index


@helper
def unless_undefined(index: float, average: float, following: float) -> float:
    """The average that follows, but where DX is undefined."""
    return where(index == -1.0, average, following)


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
        plus = replaced(plus, plus / timeperiod, first[i])
        minus = replaced(minus, minus / timeperiod, second[i])
        ranges = replaced(ranges, ranges / timeperiod, third[i])
        index = imbalance(plus, minus, ranges)
        if i > start:
            following = weighed(average, index, float(timeperiod)) / timeperiod
            average = unless_undefined(index, average, following)
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
    set_divisor(state, k, float(timeperiod))


@helper
def adx_step(
    quotient: Quotient, renewed: Renewal, state: Four, fixed: Four, block: Block, i: int
) -> tuple[Four, Lanes]:
    """The smoothed movements and ranges; the indices that they make; those indices' averages."""
    plus, minus, ranges, average = state
    _, count, reciprocal, rest = fixed
    part = each(quotient, plus, count, reciprocal, rest)
    plus = each(replaced, plus, part, every(block.first[i]))
    part = each(quotient, minus, count, reciprocal, rest)
    minus = each(replaced, minus, part, every(block.second[i]))
    part = each(quotient, ranges, count, reciprocal, rest)
    ranges = each(replaced, ranges, part, every(block.third[i]))
    index = each(imbalance, plus, minus, ranges)
    following = each(weighed, average, index, count)
    following = each(quotient, following, count, reciprocal, rest)
    average = each(unless_undefined, index, average, following)
    return (plus, minus, ranges, average), average


adx_advance = stepping(adx_step, divides=True, fades=True)
declare("adx_many", adx_until, adx_advance, reach=2, divides=3)


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
        starts: I64In,
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
                at = starts[lane]
                extreme(first, periods[lane], beats, out[at : at + n])
            return
        known = work[:n]
        for i in range(begin, n):
            known[i] = first[i]
        width = 1
        filled = 0
        for lane in range(len(periods)):
            timeperiod = periods[lane]
            at = starts[lane]
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
