"""Running sums of many periods' windows in one pass; the same bits as one after the other."""

from __future__ import annotations

import operator
from collections.abc import Callable

from ._lanes import LANES, Lanes, any_of, divided, each, every, lanes_at, put_lanes, share, where
from ._moving import weighted_sums
from ._numeric import fma, sqrt
from ._side_by_side import (
    COUNT,
    DUE,
    FIRST,
    FOURTH,
    NEW_FIRST,
    NEW_SECOND,
    NEW_THIRD,
    OLDEST,
    ONE,
    PERIOD,
    RECIPROCAL,
    RENEWED,
    REST,
    SECOND,
    THIRD,
    THREE,
    TWO,
    WAS_DUE,
    declare,
    renewed_or,
    set_divisor,
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
    set_divisor(state, k, float(timeperiod))


@helper
def sma_run(
    quotient: Callable[..., float],
    first: F64In,
    i: int,
    stop: int,
    kind: int,
    block: int,
    work: F64Out,
) -> None:
    """Means of the windows that the sums of ``kind`` run over, into ``block``."""
    count = lanes_at(work, COUNT)
    reciprocal = lanes_at(work, RECIPROCAL)
    rest = lanes_at(work, REST)
    total = lanes_at(work, kind)
    for j in range(i, stop):
        at = (j - i) * LANES
        window = each(operator.add, total, every(first[j]))
        total = each(operator.sub, window, lanes_at(work, OLDEST + at))
        put_lanes(work, block + at, each(quotient, window, count, reciprocal, rest))
    put_lanes(work, kind, total)


@helper
def means(first: F64In, i: int, stop: int, kind: int, block: int, tame: bool, work: F64Out) -> None:
    """``sma_run`` of any numbers."""
    if tame:
        sma_run(share, first, i, stop, kind, block, work)
    else:
        sma_run(divided, first, i, stop, kind, block, work)


@helper
def sma_advance(
    first: F64In,
    second: F64In,
    third: F64In,
    i: int,
    stop: int,
    up: float,
    down: float,
    tame: bool,
    work: F64Out,
) -> None:
    """The windows' means."""
    means(first, i, stop, FIRST, ONE, tame, work)


declare("sma_many", sma_until, sma_advance, windows=True, divides=1)


@helper
def wma_renew(first: F64In, i: int, timeperiod: int, work: F64Out, at: int) -> int:
    """New sums, every eight periods."""
    total, weighted = weighted_sums(first, i - timeperiod + 1, i)
    work[NEW_FIRST + at] = total
    work[NEW_SECOND + at] = weighted
    return i + 8 * timeperiod


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
    set_divisor(state, k, divisor)
    restart = start + 8 * timeperiod - 1
    while start < stop:
        total, weighted = weighted_sums(first, start - timeperiod + 1, start)
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
        state[DUE + k] = float(restart)
        start = restart
        restart += 8 * timeperiod


@helper
def wma_run(quotient: Callable[..., float], first: F64In, i: int, stop: int, work: F64Out) -> None:
    """The windows' weighted means."""
    weights = lanes_at(work, PERIOD)
    count = lanes_at(work, COUNT)
    reciprocal = lanes_at(work, RECIPROCAL)
    rest = lanes_at(work, REST)
    total = lanes_at(work, FIRST)
    weighted = lanes_at(work, SECOND)
    oldest = lanes_at(work, THIRD)
    for j in range(i, stop):
        at = (j - i) * LANES
        due = lanes_at(work, RENEWED + at)
        candle = every(float(j))
        total = each(renewed_or, due, candle, lanes_at(work, NEW_FIRST + at), total)
        weighted = each(renewed_or, due, candle, lanes_at(work, NEW_SECOND + at), weighted)
        oldest = each(renewed_or, due, candle, every(0.0), oldest)
        value = every(first[j])
        total = each(replaced, total, value, oldest)
        weighted = each(added, weighted, value, weights)
        oldest = lanes_at(work, OLDEST + at)
        put_lanes(work, ONE + at, each(quotient, weighted, count, reciprocal, rest))
        weighted = each(operator.sub, weighted, total)
    put_lanes(work, FIRST, total)
    put_lanes(work, SECOND, weighted)
    put_lanes(work, THIRD, oldest)


@helper
def wma_advance(
    first: F64In,
    second: F64In,
    third: F64In,
    i: int,
    stop: int,
    up: float,
    down: float,
    tame: bool,
    work: F64Out,
) -> None:
    """``wma_run`` of any numbers."""
    if tame:
        wma_run(share, first, i, stop, work)
    else:
        wma_run(divided, first, i, stop, work)


declare("wma_many", wma_until, wma_advance, wma_renew, windows=True, divides=1)


# A variance's state: what it is measured from, and the two sums.
CENTER, TOTAL, SQUARES = FIRST, SECOND, THIRD


@helper
def variance_run(
    real: F64In,
    i: int,
    stop: int,
    timeperiod: int,
    state: F64Out,
    k: int,
    out: F64Out,
    at: int,
    step: int,
) -> None:
    """``variance_from`` of the windows that end at ``i`` to ``stop``, from and into lane ``k``.

    They are written ``step`` apart from ``at`` on.
    """
    weight = 1.0 / timeperiod
    center = state[CENTER + k]
    total = state[TOTAL + k]
    squares = state[SQUARES + k]
    rebuild = int(state[WAS_DUE + k])
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
        out[at + (last - i) * step] = variance
    state[CENTER + k] = center
    state[TOTAL + k] = total
    state[SQUARES + k] = squares
    state[DUE + k] = float(rebuild)


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
    state[CENTER + k] = center
    state[TOTAL + k] = total
    state[SQUARES + k] = squares
    state[WAS_DUE + k] = float(start + REBUILD_PERIODS * timeperiod - 1)
    variance_run(real, start, stop, timeperiod, state, k, out, at + start, 1)


@helper
def variance_renew(real: F64In, i: int, timeperiod: int, work: F64Out, at: int) -> int:
    """Sums around the mean of the window that ends at ``i``, without its last value."""
    oldest = i - timeperiod + 1
    center = 0.0
    for j in range(oldest, i + 1):
        center += real[j]
    center *= 1.0 / timeperiod
    total, squares = deviations(real, oldest, i, center)
    work[NEW_FIRST + at] = center
    work[NEW_SECOND + at] = total
    work[NEW_THIRD + at] = squares
    return i + REBUILD_PERIODS * timeperiod


@helper
def plus_square(squares: float, deviation: float) -> float:
    """A sum of squares with one more."""
    return squares + deviation * deviation


@helper
def less_square(squares: float, deviation: float) -> float:
    """A sum of squares with one less."""
    return squares - deviation * deviation


@helper
def variance_of(total: float, squares: float, weight: float) -> float:
    """Variance of the sums' window."""
    mean = weight * total
    return weight * squares - mean * mean


@helper
def may_rebuild(variance: float, squares: float, leaving: float, weight: float) -> float:
    """1 where ``variance_run`` would start anew, or nearly would; or else 0."""
    lost = where(variance < weight * squares * 2e-6, 1.0, 0.0)
    return where(leaving * leaving > squares * 5e5, 1.0, lost)


@helper
def variance_advance(
    put: Callable[..., None],
    real: F64In,
    i: int,
    stop: int,
    up: float,
    down: float,
    work: F64Out,
) -> None:
    """``put`` each candle's variances; where one starts anew, all, one window after the other.

    A square root takes as long as all else: it is taken beside the sums, and not after them.
    """
    weight = each(operator.truediv, every(1.0), lanes_at(work, PERIOD))
    center = lanes_at(work, CENTER)
    total = lanes_at(work, TOTAL)
    squares = lanes_at(work, SQUARES)
    rebuilt = every(0.0)
    for j in range(i, stop):
        at = (j - i) * LANES
        due = lanes_at(work, RENEWED + at)
        candle = every(float(j))
        center = each(renewed_or, due, candle, lanes_at(work, NEW_FIRST + at), center)
        total = each(renewed_or, due, candle, lanes_at(work, NEW_SECOND + at), total)
        squares = each(renewed_or, due, candle, lanes_at(work, NEW_THIRD + at), squares)
        deviation = each(operator.sub, every(real[j]), center)
        total = each(operator.add, total, deviation)
        squares = each(plus_square, squares, deviation)
        variance = each(variance_of, total, squares, weight)
        leaving = each(operator.sub, lanes_at(work, OLDEST + at), center)
        squares = each(less_square, squares, leaving)
        total = each(operator.sub, total, leaving)
        rebuilt = each(operator.add, rebuilt, each(may_rebuild, variance, squares, leaving, weight))
        put(work, at, variance, up, down)
    if any_of(each(operator.gt, rebuilt, every(0.0))):
        for k in range(LANES):
            timeperiod = int(work[PERIOD + k])
            variance_run(real, i, stop, timeperiod, work, k, work, ONE + k, LANES)
        for j in range(stop - i):
            put(work, j * LANES, lanes_at(work, ONE + j * LANES), up, down)
        return
    put_lanes(work, CENTER, center)
    put_lanes(work, TOTAL, total)
    put_lanes(work, SQUARES, squares)


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
def put_deviations(work: F64Out, at: int, variance: Lanes, up: float, down: float) -> None:
    """One candle's standard deviations."""
    put_lanes(work, ONE + at, each(operator.mul, each(sqrt, variance), every(up)))


@helper
def stddev_advance(
    first: F64In,
    second: F64In,
    third: F64In,
    i: int,
    stop: int,
    up: float,
    down: float,
    tame: bool,
    work: F64Out,
) -> None:
    """The deviations."""
    variance_advance(put_deviations, first, i, stop, up, down, work)


declare("stddev_many", stddev_until, stddev_advance, variance_renew, windows=True)


@helper
def band_above(middle: float, variance: float, up: float, down: float) -> float:
    """The upper band; TA-Lib's of equal factors is rounded twice."""
    deviation = sqrt(variance)
    return where(up == down, middle + deviation * up, fma(deviation, up, middle))


@helper
def band_below(middle: float, variance: float, down: float) -> float:
    """The lower band."""
    return middle - sqrt(variance) * down


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
    state[FOURTH + k] = state[FIRST + k]
    variance_until(first, begin, timeperiod, stop, state, k, out, at)
    fill_head(out[at : at + n], start)
    fill_head(out[at + 2 * n : at + 3 * n], start)
    for i in range(start, stop):
        variance = out[at + i]
        middle = out[at + n + i]
        out[at + i] = band_above(middle, variance, up, down)
        out[at + 2 * n + i] = band_below(middle, variance, down)


@helper
def put_bands(work: F64Out, at: int, variance: Lanes, up: float, down: float) -> None:
    """One candle's bands around its means."""
    middle = lanes_at(work, TWO + at)
    put_lanes(work, ONE + at, each(band_above, middle, variance, every(up), every(down)))
    put_lanes(work, THREE + at, each(band_below, middle, variance, every(down)))


@helper
def bbands_advance(
    first: F64In,
    second: F64In,
    third: F64In,
    i: int,
    stop: int,
    up: float,
    down: float,
    tame: bool,
    work: F64Out,
) -> None:
    """The bands."""
    means(first, i, stop, FOURTH, TWO, tame, work)
    variance_advance(put_bands, first, i, stop, up, down, work)


declare(
    *("bbands_many", bbands_until, bbands_advance, variance_renew),
    outputs=3,
    windows=True,
    divides=1,
)
