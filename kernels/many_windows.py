"""Running sums of many periods' windows in one pass; the same bits as one after the other."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from ._lanes import (
    LANES,
    TILE,
    Lanes,
    any_of,
    divided,
    each,
    every,
    put_lanes,
    put_rows,
    share,
    where,
)
from ._moving import weighted_sums
from ._numeric import fma, sqrt
from ._side_by_side import (
    DUE,
    FIRST,
    FOURTH,
    NEW_FIRST,
    NEW_SECOND,
    NEW_THIRD,
    PERIOD,
    RENEWED,
    SECOND,
    THIRD,
    WAS_DUE,
    Advance,
    Block,
    Four,
    Quotient,
    Renewal,
    declare,
    fixed_of,
    four,
    is_renewed,
    kept,
    oldest_of,
    renewal_of,
    renewed_or,
    set_divisor,
    state_of,
    stepping,
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
def mean_step(
    quotient: Quotient, total: Lanes, fixed: Four, block: Block, i: int
) -> tuple[Lanes, Lanes]:
    """The sums without the windows' oldest values, and the windows' means."""
    _, count, reciprocal, rest = fixed
    window = each(operator.add, total, every(block.first[i]))
    mean = each(quotient, window, count, reciprocal, rest)
    return each(operator.sub, window, oldest_of(block, i)), mean


@helper
def sma_step(
    quotient: Quotient, renewed: Renewal, state: Four, fixed: Four, block: Block, i: int
) -> tuple[Four, Lanes]:
    """The windows' means."""
    total, a, b, c = state
    total, mean = mean_step(quotient, total, fixed, block, i)
    return (total, a, b, c), mean


declare("sma_many", sma_until, stepping(sma_step, divides=True), windows=True, divides=1)


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
def wma_step(
    quotient: Quotient, renewed: Renewal, state: Four, fixed: Four, block: Block, i: int
) -> tuple[Four, Lanes]:
    """The windows' weighted means; ``oldest`` is what left the window before."""
    total, weighted, oldest, unused = state
    weights, count, reciprocal, rest = fixed
    due, candle = renewal_of(block, RENEWED, i), every(float(i))
    total = each(renewed, due, candle, renewal_of(block, NEW_FIRST, i), total)
    weighted = each(renewed, due, candle, renewal_of(block, NEW_SECOND, i), weighted)
    oldest = each(renewed, due, candle, every(0.0), oldest)
    value = every(block.first[i])
    total = each(replaced, total, value, oldest)
    weighted = each(added, weighted, value, weights)
    mean = each(quotient, weighted, count, reciprocal, rest)
    weighted = each(operator.sub, weighted, total)
    return (total, weighted, oldest_of(block, i), unused), mean


wma_advance = stepping(wma_step, divides=True, renews=True)
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
) -> None:
    """``variance_from`` of the windows that end at ``i`` to ``stop``, from and into lane ``k``."""
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
        out[at + last] = variance
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
    variance_run(real, start, stop, timeperiod, state, k, out, at)


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


def deviating(
    put: Callable[[Block, int, Any, Any, Any, Any], None],
    finish: Callable[[F64Out, int, int, int, int, float, float], None],
    mean: Callable[[Quotient, Lanes, Four, Block, int], tuple[Lanes, Lanes]],
) -> Advance:
    """Advance all lanes' variances, and means, and ``put`` what four candles make of them.

    Where a variance starts anew, each window is computed by itself; ``finish`` makes the rest.
    """

    @helper
    def step(
        quotient: Quotient, renewed: Renewal, state: Any, fixed: Four, block: Block, i: int
    ) -> Any:
        center, total, squares, rebuilt, window = state
        weight = fixed[2]
        due, candle = renewal_of(block, RENEWED, i), every(float(i))
        center = each(renewed, due, candle, renewal_of(block, NEW_FIRST, i), center)
        total = each(renewed, due, candle, renewal_of(block, NEW_SECOND, i), total)
        squares = each(renewed, due, candle, renewal_of(block, NEW_THIRD, i), squares)
        deviation = each(operator.sub, every(block.first[i]), center)
        total = each(operator.add, total, deviation)
        squares = each(plus_square, squares, deviation)
        variance = each(variance_of, total, squares, weight)
        leaving = each(operator.sub, oldest_of(block, i), center)
        squares = each(less_square, squares, leaving)
        total = each(operator.sub, total, leaving)
        rebuilt = each(operator.add, rebuilt, each(may_rebuild, variance, squares, leaving, weight))
        window, middle = mean(quotient, window, fixed, block, i)
        return (center, total, squares, rebuilt, window), (variance, middle)

    @helper
    def run(quotient: Quotient, block: Block) -> None:
        work = block.work
        fixed = fixed_of(work)
        center, total, squares, window = state_of(work)
        state = center, total, squares, every(0.0), window
        for i in range(block.i, block.stop, TILE):
            if is_renewed(block, i):
                state, tile = four(step, quotient, renewed_or, state, fixed, block, i)
            else:
                state, tile = four(step, quotient, kept, state, fixed, block, i)
            put(block, i, *tile)
        center, total, squares, rebuilt, window = state
        put_lanes(work, FOURTH, window)
        if any_of(each(operator.gt, rebuilt, every(0.0))):
            for k in range(LANES):
                at = block.starts[block.group + k]
                timeperiod = int(work[PERIOD + k])
                variance_run(block.first, block.i, block.stop, timeperiod, work, k, block.out, at)
                n = len(block.first)
                finish(block.out, at, block.i, block.stop, n, block.up, block.down)
            return
        put_lanes(work, CENTER, center)
        put_lanes(work, TOTAL, total)
        put_lanes(work, SQUARES, squares)

    @helper
    def advance(block: Block) -> None:
        if block.tame:
            run(share, block)
        else:
            run(divided, block)

    return advance


@helper
def no_mean(
    quotient: Quotient, total: Lanes, fixed: Four, block: Block, i: int
) -> tuple[Lanes, Lanes]:
    """``mean_step`` where none is asked for."""
    return total, total


@helper
def deviations_of(
    out: F64Out, at: int, begin: int, stop: int, n: int, up: float, down: float
) -> None:
    """Standard deviations of the variances at ``at``, ``up`` times."""
    for i in range(at + begin, at + stop):
        out[i] = sqrt(out[i]) * up


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
    n = len(first)
    start = begin + timeperiod - 1
    fill_head(out[at : at + n], start)
    set_divisor(state, k, float(timeperiod))
    variance_until(first, begin, timeperiod, stop, state, k, out, at)
    deviations_of(out, at, start, stop, n, up, down)


@helper
def put_deviations(block: Block, i: int, a: Any, b: Any, c: Any, d: Any) -> None:
    """Four candles' standard deviations."""
    factor = every(block.up)
    put_rows(
        block.out,
        block.starts,
        block.group,
        i,
        each(operator.mul, each(sqrt, a[0]), factor),
        each(operator.mul, each(sqrt, b[0]), factor),
        each(operator.mul, each(sqrt, c[0]), factor),
        each(operator.mul, each(sqrt, d[0]), factor),
    )


stddev_advance = deviating(put_deviations, deviations_of, no_mean)
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
def bands_of(out: F64Out, at: int, begin: int, stop: int, n: int, up: float, down: float) -> None:
    """Bands of the variances at ``at`` and the means after those."""
    for i in range(at + begin, at + stop):
        variance = out[i]
        middle = out[i + n]
        out[i] = band_above(middle, variance, up, down)
        out[i + 2 * n] = band_below(middle, variance, down)


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
    bands_of(out, at, start, stop, n, up, down)


@helper
def put_bands(block: Block, i: int, a: Any, b: Any, c: Any, d: Any) -> None:
    """Four candles' bands around their means."""
    n = len(block.first)
    up, down = every(block.up), every(block.down)
    put_rows(block.out, block.starts, block.group, i + n, a[1], b[1], c[1], d[1])
    put_rows(
        block.out,
        block.starts,
        block.group,
        i,
        each(band_above, a[1], a[0], up, down),
        each(band_above, b[1], b[0], up, down),
        each(band_above, c[1], c[0], up, down),
        each(band_above, d[1], d[0], up, down),
    )
    put_rows(
        block.out,
        block.starts,
        block.group,
        i + 2 * n,
        each(band_below, a[1], a[0], down),
        each(band_below, b[1], b[0], down),
        each(band_below, c[1], c[0], down),
        each(band_below, d[1], d[0], down),
    )


bbands_advance = deviating(put_bands, bands_of, mean_step)
declare("bbands_many", bbands_until, bbands_advance, variance_renew, windows=True, divides=1)
