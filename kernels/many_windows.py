"""Running sums of many periods' windows in one pass; the same bits as one after the other.

They read two places of the series each, and so run in lanes, which need no room for that.
"""

from __future__ import annotations

import operator

from ._lanes import (
    each2,
    each3,
    every,
    lanes_at,
    oldest_of,
    put_lanes,
    whole,
)
from ._moving import weighted_sums
from ._numeric import fma, sqrt
from ._side_by_side import (
    DUE,
    FIFTH,
    FIRST,
    FOURTH,
    LONG_BLOCK,
    ONE,
    PERIOD,
    SECOND,
    SEVENTH,
    SIXTH,
    THIRD,
    THREE,
    TWO,
    declare_in_lanes,
)
from ._spec import F64In, F64Out, helper
from ._window import fill_head
from .overlap import deviations
from .statistic import REBUILD_PERIODS


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
        put_lanes(block, place + j - i, LONG_BLOCK, window)
    put_lanes(state, at, 1, total)


@helper
def sma_advance(
    first: F64In,
    second: F64In,
    third: F64In,
    i: int,
    stop: int,
    width: int,
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
    width: int,
    block: F64Out,
    out: F64Out,
    at: int,
) -> None:
    """The windows' means."""
    windows = block[ONE + k * LONG_BLOCK :]
    row = out[at + i : at + stop]
    for j in range(stop - i):
        row[j] = windows[j] / timeperiod


declare_in_lanes("sma_many", sma_until, sma_advance, sma_finish)


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
    width: int,
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
        put_lanes(block, ONE + j - i, LONG_BLOCK, weighted)
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
    width: int,
    block: F64Out,
    out: F64Out,
    at: int,
) -> None:
    """The weighted means."""
    divisor = float(timeperiod) * (timeperiod + 1) / 2.0
    weighted = block[ONE + k * LONG_BLOCK :]
    row = out[at + i : at + stop]
    for j in range(stop - i):
        row[j] = weighted[j] / divisor


declare_in_lanes(
    "wma_many",
    wma_until,
    wma_advance,
    wma_finish,
    wma_renew,
)


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
        put_lanes(block, ONE + j - i, LONG_BLOCK, total)
        put_lanes(block, TWO + j - i, LONG_BLOCK, squares)
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
    width: int,
    block: F64Out,
    out: F64Out,
    at: int,
) -> None:
    """The variances; where anything is rebuilt, the block anew, one window after the other."""
    weight = 1.0 / timeperiod
    center = state[FIRST + k]
    rebuild = state[FOURTH + k]
    totals = block[ONE + k * LONG_BLOCK :]
    squares = block[TWO + k * LONG_BLOCK :]
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
    width: int,
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
    width: int,
    block: F64Out,
    out: F64Out,
    at: int,
) -> None:
    """The deviations."""
    variance_finish(first, i, stop, timeperiod, state, k, width, block, out, at)
    row = out[at + i : at + stop]
    for j in range(stop - i):
        row[j] = sqrt(row[j]) * up


declare_in_lanes(
    "stddev_many",
    stddev_until,
    stddev_advance,
    stddev_finish,
)


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
    width: int,
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
    width: int,
    block: F64Out,
    out: F64Out,
    at: int,
) -> None:
    """The bands."""
    n = len(first)
    variance_finish(first, i, stop, timeperiod, state, k, width, block, out, at)
    windows = block[THREE + k * LONG_BLOCK :]
    middle = out[at + n + i : at + n + stop]
    for j in range(stop - i):
        middle[j] = windows[j] / timeperiod
    bands(n, i, stop, up, down, out, at)


declare_in_lanes(
    "bbands_many",
    bbands_until,
    bbands_advance,
    bbands_finish,
)
