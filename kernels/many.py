"""An indicator with many periods in one pass; the same bits as one after the other.

All kernels take the same: up to three series; the periods in rising order; for each the row of
``out`` that its first output goes to, the others into those that follow; the index that the series
begin at (``first_candle``); two factors. Recurrences run eight at a time, in blocks of candles:
what they give stays in cache until a loop without a recurrence makes results of it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

from ._lanes import (
    LANES,
    column_at,
    each2,
    each3,
    each4,
    every,
    lanes_at,
    oldest_of,
    put_lanes,
    whole,
)
from ._moving import mean_of, weighted_sums
from ._numeric import div, fma, sqrt
from ._spec import F64In, F64Out, I64In, helper, kernel
from ._window import fill_head, first_valid3
from .directional import EPSILON, directional_move
from .operators import Beats, extreme
from .oscillators import EPSILON as NEGLIGIBLE
from .overlap import deviations
from .statistic import REBUILD_PERIODS
from .volatility import true_range

# Candles of a block.
BLOCK = 128

# The lanes' state, LANES values of each kind. DUE: the candle at which a lane is renewed.
DUE, PERIOD, FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH, SEVENTH = range(0, 9 * LANES, LANES)
STATE = 9 * LANES
# The blocks of what the recurrences give; each has LANES rows of BLOCK values.
ONE, TWO, THREE = range(0, 3 * LANES * BLOCK, LANES * BLOCK)
WORK = STATE + 3 * LANES * BLOCK

# From so many periods on, lanes that have nothing to do are no loss.
WORTH = 4


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
def in_lanes(count: int) -> int:
    """How many of ``count`` periods are worth the lanes."""
    rest = count % LANES
    return count - rest if rest < WORTH else count


@helper
def never(first: F64In, i: int, timeperiod: int, state: F64Out, k: int) -> None:
    """Renews nothing."""


def declare(
    name: str,
    reach: int,
    until: Callable[..., None],
    advance: Callable[..., None],
    finish: Callable[..., None],
    renew: Callable[..., None] = never,
) -> None:
    """Declare the kernel ``name``.

    ``until`` computes a period's results before a candle, which is at least ``reach`` periods and
    one from ``begin``, or the end, and leaves its lane's state; ``advance`` has all lanes run over
    a block; ``finish`` makes results of what that has left. Neither passes the candle at which a
    lane's state says that ``renew`` is due.
    """

    @kernel(name=name, work=lambda n, begin, up, down: WORK)
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
        count = len(periods)
        state = work[:STATE]
        block = work[STATE:]
        for group in range(0, in_lanes(count), LANES):
            last = min(group + LANES, count) - 1
            start = min(n, begin + reach * periods[last] + 1)
            for k in range(LANES):
                timeperiod = periods[min(group + k, last)]
                at = rows[min(group + k, last)] * n
                state[DUE + k] = float(n)
                state[PERIOD + k] = float(timeperiod)
                until(first, second, third, begin, timeperiod, start, up, down, state, k, out, at)
            i = start
            while i < n:
                stop = min(n, i + BLOCK)
                for k in range(LANES):
                    if state[DUE + k] == i:
                        renew(first, i, periods[min(group + k, last)], state, k)
                    stop = min(stop, int(state[DUE + k]))
                advance(first, second, third, i, stop, state, block)
                for k in range(last - group + 1):
                    timeperiod = periods[group + k]
                    at = rows[group + k] * n
                    finish(first, second, i, stop, timeperiod, up, down, state, k, block, out, at)
                i = stop
        for lane in range(in_lanes(count), count):
            at = rows[lane] * n
            state[DUE] = float(n)
            until(first, second, third, begin, periods[lane], n, up, down, state, 0, out, at)


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
    block: F64Out,
    out: F64Out,
    at: int,
) -> None:
    """Results are what the recurrence gives."""
    given = block[ONE + k * BLOCK :]
    row = out[at + i : at + stop]
    for j in range(stop - i):
        row[j] = given[j]


@helper
def sma_until(
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
    """Simple moving average: a running sum."""
    row = out[at : at + len(first)]
    start = begin + timeperiod - 1
    fill_head(row, start)
    total = 0.0
    for i in range(begin, min(start, stop)):
        total += first[i]
    for i in range(start, stop):
        window = total + first[i]
        total = window - first[i - timeperiod + 1]
        row[i] = window / timeperiod
    state[FIRST + k] = total


@helper
def windows_advance(
    real: F64In, i: int, stop: int, state: F64Out, at: int, block: F64Out, place: int
) -> None:
    """Running sums of the lanes' windows, their state at ``at``, into the block at ``place``."""
    periods = whole(lanes_at(state, PERIOD))
    total = lanes_at(state, at)
    for j in range(i, stop):
        window = each2(operator.add, total, every(real[j]))
        total = each2(operator.sub, window, oldest_of(real, j, periods))
        put_lanes(block, place + j - i, BLOCK, window)
    put_lanes(state, at, 1, total)


@helper
def sma_advance(
    first: F64In,
    second: F64In,
    third: F64In,
    i: int,
    stop: int,
    state: F64Out,
    block: F64Out,
) -> None:
    """The windows' sums."""
    windows_advance(first, i, stop, state, FIRST, block, ONE)


@helper
def sma_finish(
    first: F64In,
    second: F64In,
    i: int,
    stop: int,
    timeperiod: int,
    up: float,
    down: float,
    state: F64Out,
    k: int,
    block: F64Out,
    out: F64Out,
    at: int,
) -> None:
    """The windows' means."""
    windows = block[ONE + k * BLOCK :]
    row = out[at + i : at + stop]
    for j in range(stop - i):
        row[j] = windows[j] / timeperiod


declare("sma_many", 1, sma_until, sma_advance, sma_finish)


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
    state: F64Out,
    block: F64Out,
) -> None:
    """The averages themselves."""
    ema = lanes_at(state, FIRST)
    factors = lanes_at(state, SECOND)
    for j in range(i, stop):
        ema = each3(ema_step, ema, every(first[j]), factors)
        put_lanes(block, ONE + j - i, BLOCK, ema)
    put_lanes(state, FIRST, 1, ema)


declare("ema_many", 1, ema_until, ema_advance, copy_block)


@helper
def wma_renew(first: F64In, i: int, timeperiod: int, state: F64Out, k: int) -> None:
    """New sums, every eight periods."""
    total, weighted = weighted_sums(first, i - timeperiod + 1, i)
    state[FIRST + k] = total
    state[SECOND + k] = weighted
    state[THIRD + k] = 0.0
    state[DUE + k] = float(min(len(first), i + 8 * timeperiod))


@helper
def added(a: float, b: float, c: float) -> float:
    """a + b * c, rounded twice."""
    return a + b * c


@helper
def replaced(total: float, value: float, oldest: float) -> float:
    """A sum with one value more and one less."""
    return total + value - oldest


@helper
def wma_until(
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
    """Weighted moving average of two values or more: two running sums."""
    row = out[at : at + len(first)]
    start = begin + timeperiod - 1
    fill_head(row, start)
    divisor = float(timeperiod) * (timeperiod + 1) / 2.0
    restart = start + 8 * timeperiod - 1
    while start < stop:
        wma_renew(first, start, timeperiod, state, k)
        state[DUE + k] = float(min(len(first), restart))
        total = state[FIRST + k]
        weighted = state[SECOND + k]
        oldest = 0.0
        for i in range(start, min(restart, stop)):
            total = replaced(total, first[i], oldest)
            weighted = added(weighted, first[i], float(timeperiod))
            oldest = first[i - timeperiod + 1]
            row[i] = weighted / divisor
            weighted -= total
        state[FIRST + k] = total
        state[SECOND + k] = weighted
        state[THIRD + k] = oldest
        start = restart
        restart += 8 * timeperiod


@helper
def wma_advance(
    first: F64In,
    second: F64In,
    third: F64In,
    i: int,
    stop: int,
    state: F64Out,
    block: F64Out,
) -> None:
    """The windows' weighted sums."""
    weights = lanes_at(state, PERIOD)
    periods = whole(weights)
    total = lanes_at(state, FIRST)
    weighted = lanes_at(state, SECOND)
    oldest = lanes_at(state, THIRD)
    for j in range(i, stop):
        value = every(first[j])
        total = each3(replaced, total, value, oldest)
        weighted = each3(added, weighted, value, weights)
        oldest = oldest_of(first, j, periods)
        put_lanes(block, ONE + j - i, BLOCK, weighted)
        weighted = each2(operator.sub, weighted, total)
    put_lanes(state, FIRST, 1, total)
    put_lanes(state, SECOND, 1, weighted)
    put_lanes(state, THIRD, 1, oldest)


@helper
def wma_finish(
    first: F64In,
    second: F64In,
    i: int,
    stop: int,
    timeperiod: int,
    up: float,
    down: float,
    state: F64Out,
    k: int,
    block: F64Out,
    out: F64Out,
    at: int,
) -> None:
    """The weighted means."""
    divisor = float(timeperiod) * (timeperiod + 1) / 2.0
    weighted = block[ONE + k * BLOCK :]
    row = out[at + i : at + stop]
    for j in range(stop - i):
        row[j] = weighted[j] / divisor


declare("wma_many", 1, wma_until, wma_advance, wma_finish, wma_renew)


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
    state: F64Out,
    block: F64Out,
) -> None:
    """The averages of gains and of losses."""
    gain = lanes_at(state, FIRST)
    loss = lanes_at(state, SECOND)
    others = lanes_at(state, THIRD)
    reciprocals = lanes_at(state, FOURTH)
    for j in range(i, stop):
        change = first[j] - first[j - 1]
        rise = change if change > 0.0 else 0.0
        gain = each4(wilder, gain, every(rise), others, reciprocals)
        loss = each4(wilder, loss, every(rise - change), others, reciprocals)
        put_lanes(block, ONE + j - i, BLOCK, gain)
        put_lanes(block, TWO + j - i, BLOCK, loss)
    put_lanes(state, FIRST, 1, gain)
    put_lanes(state, SECOND, 1, loss)


@helper
def rsi_finish(
    first: F64In,
    second: F64In,
    i: int,
    stop: int,
    timeperiod: int,
    up: float,
    down: float,
    state: F64Out,
    k: int,
    block: F64Out,
    out: F64Out,
    at: int,
) -> None:
    """The index."""
    gains = block[ONE + k * BLOCK :]
    losses = block[TWO + k * BLOCK :]
    row = out[at + i : at + stop]
    for j in range(stop - i):
        row[j] = gain_share(gains[j], losses[j])


declare("rsi_many", 1, rsi_until, rsi_advance, rsi_finish)


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
    state: F64Out,
    block: F64Out,
) -> None:
    """The averages themselves."""
    average = lanes_at(state, FIRST)
    decays = lanes_at(state, SECOND)
    gains = lanes_at(state, THIRD)
    for j in range(i, stop):
        average = each4(atr_step, average, every(first[j]), decays, gains)
        put_lanes(block, ONE + j - i, BLOCK, average)
    put_lanes(state, FIRST, 1, average)


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
def natr_finish(
    first: F64In,
    second: F64In,
    i: int,
    stop: int,
    timeperiod: int,
    up: float,
    down: float,
    state: F64Out,
    k: int,
    block: F64Out,
    out: F64Out,
    at: int,
) -> None:
    """The averages in percent of the close."""
    averages = block[ONE + k * BLOCK :]
    price = second[i:stop]
    row = out[at + i : at + stop]
    if timeperiod == 1:
        for j in range(stop - i):
            row[j] = averages[j]
        return
    for j in range(stop - i):
        share = div(averages[j], price[j]) * 100.0
        row[j] = share if price[j] != 0.0 else 0.0


declare("natr_many", 1, natr_until, atr_advance, natr_finish)


@helper
def variance_run(
    real: F64In, i: int, stop: int, timeperiod: int, state: F64Out, k: int, out: F64Out, at: int
) -> None:
    """``variance_from`` of the windows that end at ``i`` to ``stop``, from and into lane ``k``."""
    weight = 1.0 / timeperiod
    center = state[FIRST + k]
    total = state[SECOND + k]
    squares = state[THIRD + k]
    rebuild = int(state[FOURTH + k])
    for last in range(i, stop):
        oldest = last - timeperiod + 1
        deviation = real[last] - center
        total += deviation
        squares += deviation * deviation
        mean = weight * total
        variance = weight * squares - mean * mean
        leaving = real[oldest] - center
        squares -= leaving * leaving
        if (
            variance < weight * squares * 1e-6
            or leaving * leaving > squares * 1e6
            or last == rebuild
        ):
            rebuild = last + REBUILD_PERIODS * timeperiod
            center = 0.0
            for j in range(oldest, last + 1):
                center += real[j]
            center *= weight
            total, squares = deviations(real, oldest, last + 1, center)
            mean = weight * total
            variance = weight * squares - mean * mean
            if variance < weight * squares * 1e-12:
                variance = 0.0
            leaving = real[oldest] - center
            squares -= leaving * leaving
        total -= leaving
        out[at + last] = variance
    state[FIRST + k] = center
    state[SECOND + k] = total
    state[THIRD + k] = squares
    state[FOURTH + k] = float(rebuild)


@helper
def variance_until(
    real: F64In, begin: int, timeperiod: int, stop: int, state: F64Out, k: int, out: F64Out, at: int
) -> None:
    """Variance of each window, from the first one on."""
    start = begin + timeperiod - 1
    if start >= stop:
        return
    center = real[begin]
    total, squares = deviations(real, begin, start, center)
    state[FIRST + k] = center
    state[SECOND + k] = total
    state[THIRD + k] = squares
    state[FOURTH + k] = float(start + REBUILD_PERIODS * timeperiod - 1)
    variance_run(real, start, stop, timeperiod, state, k, out, at)


@helper
def added_square(squares: float, deviation: float) -> float:
    """A sum of squares with one more."""
    return squares + deviation * deviation


@helper
def less_square(squares: float, deviation: float) -> float:
    """A sum of squares with one less."""
    return squares - deviation * deviation


@helper
def variance_advance(real: F64In, i: int, stop: int, state: F64Out, block: F64Out) -> None:
    """Sums of deviations and of their squares, as they are where nothing is rebuilt."""
    periods = whole(lanes_at(state, PERIOD))
    centers = lanes_at(state, FIRST)
    total = lanes_at(state, SECOND)
    squares = lanes_at(state, THIRD)
    put_lanes(state, FIFTH, 1, total)
    put_lanes(state, SIXTH, 1, squares)
    for j in range(i, stop):
        deviation = each2(operator.sub, every(real[j]), centers)
        total = each2(operator.add, total, deviation)
        squares = each2(added_square, squares, deviation)
        put_lanes(block, ONE + j - i, BLOCK, total)
        put_lanes(block, TWO + j - i, BLOCK, squares)
        leaving = each2(operator.sub, oldest_of(real, j, periods), centers)
        squares = each2(less_square, squares, leaving)
        total = each2(operator.sub, total, leaving)
    put_lanes(state, SECOND, 1, total)
    put_lanes(state, THIRD, 1, squares)


@helper
def variance_finish(
    real: F64In,
    i: int,
    stop: int,
    timeperiod: int,
    state: F64Out,
    k: int,
    block: F64Out,
    out: F64Out,
    at: int,
) -> None:
    """The variances; where anything is rebuilt, the block anew, one window after the other."""
    weight = 1.0 / timeperiod
    center = state[FIRST + k]
    rebuild = state[FOURTH + k]
    totals = block[ONE + k * BLOCK :]
    squares = block[TWO + k * BLOCK :]
    oldest = real[i - timeperiod + 1 : stop - timeperiod + 1]
    row = out[at + i : at + stop]
    rebuilt = 1 if i <= rebuild < stop else 0
    for j in range(stop - i):
        mean = weight * totals[j]
        variance = weight * squares[j] - mean * mean
        leaving = oldest[j] - center
        square = leaving * leaving
        left = squares[j] - square
        rebuilt += (variance < weight * left * 1e-6) | (square > left * 1e6)
        row[j] = variance
    if rebuilt > 0:
        state[SECOND + k] = state[FIFTH + k]
        state[THIRD + k] = state[SIXTH + k]
        variance_run(real, i, stop, timeperiod, state, k, out, at)


@helper
def stddev_until(
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
    """Standard deviation, ``up`` times."""
    start = begin + timeperiod - 1
    fill_head(out[at : at + len(first)], start)
    variance_until(first, begin, timeperiod, stop, state, k, out, at)
    for i in range(start, stop):
        out[at + i] = sqrt(out[at + i]) * up


@helper
def stddev_advance(
    first: F64In,
    second: F64In,
    third: F64In,
    i: int,
    stop: int,
    state: F64Out,
    block: F64Out,
) -> None:
    """The sums of deviations and squares."""
    variance_advance(first, i, stop, state, block)


@helper
def stddev_finish(
    first: F64In,
    second: F64In,
    i: int,
    stop: int,
    timeperiod: int,
    up: float,
    down: float,
    state: F64Out,
    k: int,
    block: F64Out,
    out: F64Out,
    at: int,
) -> None:
    """The deviations."""
    variance_finish(first, i, stop, timeperiod, state, k, block, out, at)
    row = out[at + i : at + stop]
    for j in range(stop - i):
        row[j] = sqrt(row[j]) * up


declare("stddev_many", 1, stddev_until, stddev_advance, stddev_finish)


@helper
def bands(n: int, i: int, stop: int, up: float, down: float, out: F64Out, at: int) -> None:
    """Bands of ``i`` to ``stop``, of variances in the upper one's row and means in the middle's."""
    upper = out[at + i : at + stop]
    middle = out[at + n + i : at + n + stop]
    lower = out[at + 2 * n + i : at + 2 * n + stop]
    if up == down:
        for j in range(stop - i):
            width = sqrt(upper[j]) * up
            upper[j] = middle[j] + width
            lower[j] = middle[j] - width
    else:
        for j in range(stop - i):
            deviation = sqrt(upper[j])
            upper[j] = fma(deviation, up, middle[j])
            lower[j] = middle[j] - deviation * down


@helper
def bbands_until(
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
    """Bollinger bands around a simple moving average."""
    n = len(first)
    start = begin + timeperiod - 1
    sma_until(first, second, third, begin, timeperiod, stop, up, down, state, k, out, at + n)
    state[SEVENTH + k] = state[FIRST + k]
    variance_until(first, begin, timeperiod, stop, state, k, out, at)
    fill_head(out[at : at + n], start)
    fill_head(out[at + 2 * n : at + 3 * n], start)
    if start < stop:
        bands(n, start, stop, up, down, out, at)


@helper
def bbands_advance(
    first: F64In,
    second: F64In,
    third: F64In,
    i: int,
    stop: int,
    state: F64Out,
    block: F64Out,
) -> None:
    """The sums of deviations and squares, and those of the windows."""
    variance_advance(first, i, stop, state, block)
    windows_advance(first, i, stop, state, SEVENTH, block, THREE)


@helper
def bbands_finish(
    first: F64In,
    second: F64In,
    i: int,
    stop: int,
    timeperiod: int,
    up: float,
    down: float,
    state: F64Out,
    k: int,
    block: F64Out,
    out: F64Out,
    at: int,
) -> None:
    """The bands."""
    n = len(first)
    variance_finish(first, i, stop, timeperiod, state, k, block, out, at)
    windows = block[THREE + k * BLOCK :]
    middle = out[at + n + i : at + n + stop]
    for j in range(stop - i):
        middle[j] = windows[j] / timeperiod
    bands(n, i, stop, up, down, out, at)


declare("bbands_many", 1, bbands_until, bbands_advance, bbands_finish)


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
    return average if index == -1.0 else (average * (timeperiod - 1.0) + index) / timeperiod


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
    state: F64Out,
    block: F64Out,
) -> None:
    """The smoothed movements and ranges; the indices that they make; those indices' averages."""
    periods = lanes_at(state, PERIOD)
    plus = lanes_at(state, FIRST)
    minus = lanes_at(state, SECOND)
    ranges = lanes_at(state, THIRD)
    for j in range(i, stop):
        plus = each3(smoothed, plus, every(first[j]), periods)
        minus = each3(smoothed, minus, every(second[j]), periods)
        ranges = each3(smoothed, ranges, every(third[j]), periods)
        put_lanes(block, ONE + j - i, BLOCK, plus)
        put_lanes(block, TWO + j - i, BLOCK, minus)
        put_lanes(block, THREE + j - i, BLOCK, ranges)
    put_lanes(state, FIRST, 1, plus)
    put_lanes(state, SECOND, 1, minus)
    put_lanes(state, THIRD, 1, ranges)
    for k in range(LANES):
        indices = block[ONE + k * BLOCK : ONE + (k + 1) * BLOCK]
        falls = block[TWO + k * BLOCK : TWO + (k + 1) * BLOCK]
        widths = block[THREE + k * BLOCK : THREE + (k + 1) * BLOCK]
        for j in range(stop - i):
            indices[j] = imbalance(indices[j], falls[j], widths[j])
    average = lanes_at(state, FOURTH)
    for j in range(stop - i):
        average = each3(averaged, average, column_at(block, ONE + j, BLOCK), periods)
        put_lanes(block, ONE + j, BLOCK, average)
    put_lanes(state, FOURTH, 1, average)


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
