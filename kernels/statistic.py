"""Statistics of a moving window: variance, correlation, ranks, and the line of least squares."""

from __future__ import annotations

import math

from ._moving import mean_of
from ._numeric import atan, ceil, fma, sqrt
from ._spec import F64In, F64Out, helper, kernel
from ._window import fill_head, first_valid, first_valid2

DEGREES = 180.0 / math.pi

# Running sums are rebuilt from the window after so many periods: rounding doesn't pile up.
REBUILD_PERIODS = 32

# TA-Lib's TA_EPSILON: a smaller share of what it is the difference of is no spread at all.
EPSILON = 1e-14

# From so many values on, searching for a place by halves is faster than writing all anew.
HALVING = 128

# What ``regression`` writes.
SLOPE, INTERCEPT, VALUE = range(3)


@helper
def variance_from(real: F64In, begin: int, timeperiod: int, out: F64Out) -> None:
    """Population variance of each window of ``real[begin:]``, as TA-Lib's VAR.

    Sums of the deviations from a value near the window's mean, and of their squares, run along;
    they are rebuilt around the mean itself when they have lost their precision.
    """
    n = len(real)
    first = begin + timeperiod - 1
    if first >= n:
        return
    weight = 1.0 / timeperiod
    center = real[begin]
    total = 0.0
    squares = 0.0
    for i in range(begin, first):
        deviation = real[i] - center
        total += deviation
        squares += deviation * deviation
    until_rebuild = REBUILD_PERIODS * timeperiod
    for i in range(first, n):
        oldest = i - timeperiod + 1
        deviation = real[i] - center
        total += deviation
        squares += deviation * deviation
        mean = weight * total
        variance = weight * squares - mean * mean
        leaving = real[oldest] - center
        squares -= leaving * leaving
        until_rebuild -= 1
        if (
            variance < weight * squares * 1e-6
            or leaving * leaving > squares * 1e6
            or until_rebuild == 0
        ):
            center = 0.0
            for j in range(oldest, i + 1):
                center += real[j]
            center *= weight
            total = 0.0
            squares = 0.0
            for j in range(oldest, i + 1):
                deviation = real[j] - center
                total += deviation
                squares += deviation * deviation
            mean = weight * total
            variance = weight * squares - mean * mean
            if variance < weight * squares * 1e-12:
                variance = 0.0
            leaving = real[oldest] - center
            squares -= leaving * leaving
            until_rebuild = REBUILD_PERIODS * timeperiod
        total -= leaving
        out[i] = variance


@kernel()
def var(real: F64In, timeperiod: int, nbdev: float, out: F64Out) -> None:
    """Population variance; ``nbdev`` changes nothing, as in TA-Lib."""
    begin = first_valid(real)
    fill_head(out, begin + timeperiod - 1)
    variance_from(real, begin, timeperiod, out)


@kernel()
def stddev(real: F64In, timeperiod: int, nbdev: float, out: F64Out) -> None:
    """Population standard deviation, ``nbdev`` times."""
    begin = first_valid(real)
    first = begin + timeperiod - 1
    fill_head(out, first)
    variance_from(real, begin, timeperiod, out)
    for i in range(first, len(out)):
        out[i] = sqrt(out[i]) * nbdev


@helper
def with_pair(
    sum_x: float, sum_y: float, sum_xx: float, sum_yy: float, sum_xy: float, x: float, y: float
) -> tuple[float, float, float, float, float]:
    """``paired_sums`` and a pair more."""
    return sum_x + x, sum_y + y, sum_xx + x * x, sum_yy + y * y, sum_xy + x * y


@helper
def without_pair(
    sum_x: float, sum_y: float, sum_xx: float, sum_yy: float, sum_xy: float, x: float, y: float
) -> tuple[float, float, float, float, float]:
    """``paired_sums`` and a pair less."""
    return sum_x - x, sum_y - y, sum_xx - x * x, sum_yy - y * y, sum_xy - x * y


@helper
def paired_sums(
    a: F64In, b: F64In, start: int, stop: int, center_a: float, center_b: float
) -> tuple[float, float, float, float, float]:
    """Sums of the deviations x of ``a`` and y of ``b``, of x * x, y * y and x * y."""
    sum_x = sum_y = sum_xx = sum_yy = sum_xy = 0.0
    for i in range(start, stop):
        x = a[i] - center_a
        y = b[i] - center_b
        sum_x, sum_y, sum_xx, sum_yy, sum_xy = with_pair(sum_x, sum_y, sum_xx, sum_yy, sum_xy, x, y)
    return sum_x, sum_y, sum_xx, sum_yy, sum_xy


@kernel()
def correl(real0: F64In, real1: F64In, timeperiod: int, out: F64Out) -> None:
    """Pearson's correlation coefficient, TA-Lib's CORREL; 0 where one series doesn't vary.

    Sums of the deviations from values near the window's means run along, and are rebuilt, as in
    ``variance_from``.
    """
    n = len(real0)
    begin = first_valid2(real0, real1)
    first = begin + timeperiod - 1
    fill_head(out, first)
    if first >= n:
        return
    weight = 1.0 / timeperiod
    center_x = real0[begin]
    center_y = real1[begin]
    sum_x, sum_y, sum_xx, sum_yy, sum_xy = paired_sums(
        real0, real1, begin, first, center_x, center_y
    )
    leaving_xx = leaving_yy = 0.0
    until_rebuild = REBUILD_PERIODS * timeperiod
    for i in range(first, n):
        oldest = i - timeperiod + 1
        x = real0[i] - center_x
        y = real1[i] - center_y
        sum_x, sum_y, sum_xx, sum_yy, sum_xy = with_pair(sum_x, sum_y, sum_xx, sum_yy, sum_xy, x, y)
        spread_x = sum_xx - sum_x * sum_x * weight
        spread_y = sum_yy - sum_y * sum_y * weight
        shared = sum_xy - sum_x * sum_y * weight
        until_rebuild -= 1
        if (
            spread_x < 1e-6 * sum_xx
            or spread_y < 1e-6 * sum_yy
            or leaving_xx > 1e6 * sum_xx
            or leaving_yy > 1e6 * sum_yy
            or until_rebuild == 0
        ):
            until_rebuild = REBUILD_PERIODS * timeperiod
            center_x = center_y = 0.0
            for j in range(oldest, i + 1):
                center_x += real0[j]
                center_y += real1[j]
            center_x *= weight
            center_y *= weight
            sum_x, sum_y, sum_xx, sum_yy, sum_xy = paired_sums(
                real0, real1, oldest, i + 1, center_x, center_y
            )
            spread_x = sum_xx - sum_x * sum_x * weight
            spread_y = sum_yy - sum_y * sum_y * weight
            shared = sum_xy - sum_x * sum_y * weight
            spread_x = 0.0 if spread_x < 0.0 else spread_x
            spread_y = 0.0 if spread_y < 0.0 else spread_y
        coefficient = 0.0
        if spread_x > EPSILON * sum_xx and spread_y > EPSILON * sum_yy:
            product = spread_x * spread_y
            if product > 0.0:
                coefficient = shared / sqrt(product)
                if coefficient > 1.0:
                    coefficient = 1.0
                elif coefficient < -1.0:
                    coefficient = -1.0
        out[i] = coefficient
        x = real0[oldest] - center_x
        y = real1[oldest] - center_y
        leaving_xx = x * x
        leaving_yy = y * y
        sum_x, sum_y, sum_xx, sum_yy, sum_xy = without_pair(
            sum_x, sum_y, sum_xx, sum_yy, sum_xy, x, y
        )


@helper
def returns_of(real: F64In, begin: int, out: F64Out) -> None:
    """Relative changes from ``begin + 1`` on; 0 where the earlier value is 0."""
    for i in range(begin + 1, len(real)):
        earlier = real[i - 1]
        out[i] = (real[i] - earlier) / earlier if earlier != 0.0 else 0.0


@kernel(work=lambda n, timeperiod: 2 * n)
def beta(real0: F64In, real1: F64In, timeperiod: int, out: F64Out, work: F64Out) -> None:
    """Beta, TA-Lib's BETA: slope of the second series' returns on the first one's.

    0 where the first doesn't vary. The sums run along and are rebuilt as those of ``correl``, but
    sooner; ``work`` has both series' returns.
    """
    n = len(real0)
    begin = first_valid2(real0, real1)
    first = begin + timeperiod
    fill_head(out, first)
    if first >= n:
        return
    returns_x = work[:n]
    returns_y = work[n:]
    returns_of(real0, begin, returns_x)
    returns_of(real1, begin, returns_y)
    center_x = returns_x[begin + 1]
    center_y = returns_y[begin + 1]
    sum_x, sum_y, sum_xx, sum_yy, sum_xy = paired_sums(
        returns_x, returns_y, begin + 1, first, center_x, center_y
    )
    leaving_xx = leaving_yy = 0.0
    until_rebuild = REBUILD_PERIODS * timeperiod
    for i in range(first, n):
        oldest = i - timeperiod + 1
        x = returns_x[i] - center_x
        y = returns_y[i] - center_y
        sum_x, sum_y, sum_xx, sum_yy, sum_xy = with_pair(sum_x, sum_y, sum_xx, sum_yy, sum_xy, x, y)
        scale = timeperiod * sum_xx
        divisor = scale - sum_x * sum_x
        until_rebuild -= 1
        if (
            divisor < 1e-6 * scale
            or leaving_xx > 1e3 * sum_xx
            or leaving_yy > 1e3 * sum_yy
            or until_rebuild == 0
        ):
            until_rebuild = REBUILD_PERIODS * timeperiod
            center_x = mean_of(returns_x, oldest, timeperiod)
            center_y = mean_of(returns_y, oldest, timeperiod)
            sum_x, sum_y, sum_xx, sum_yy, sum_xy = paired_sums(
                returns_x, returns_y, oldest, i + 1, center_x, center_y
            )
            scale = timeperiod * sum_xx
            divisor = scale - sum_x * sum_x
            divisor = 0.0 if divisor < 0.0 else divisor
        slope = 0.0
        if divisor > EPSILON * scale:
            slope = (timeperiod * sum_xy - sum_x * sum_y) / divisor
        out[i] = slope
        x = returns_x[oldest] - center_x
        y = returns_y[oldest] - center_y
        leaving_xx = x * x
        leaving_yy = y * y
        sum_x, sum_y, sum_xx, sum_yy, sum_xy = without_pair(
            sum_x, sum_y, sum_xx, sum_yy, sum_xy, x, y
        )


@helper
def replace_ordered(ordered: F64Out, count: int, value: float, oldest: float) -> None:
    """Put ``value`` into ``ordered[:count]``, after its equals, for the first ``oldest`` there.

    Every value is written, without a branch; ``ordered[count]`` is spare.
    """
    ordered[count] = value
    current = ordered[0]
    before = value if value < current else current
    for k in range(count):
        following = ordered[k + 1]
        kept = current if current < oldest else following
        least = value if value < kept else kept
        ordered[k] = before if before > least else least
        before = kept
        current = following


@helper
def place_of(ordered: F64In, count: int, value: float, below: bool) -> int:
    """How many of ``ordered[:count]`` are less than ``value``, or not more unless ``below``."""
    start = 0
    stop = count
    while start < stop:
        middle = (start + stop) // 2
        if ordered[middle] < value or (ordered[middle] == value and not below):
            start = middle + 1
        else:
            stop = middle
    return start


@kernel(work=lambda n, timeperiod, percentile: min(n, timeperiod))
def percentile(real: F64In, timeperiod: int, percentile: float, out: F64Out, work: F64Out) -> None:
    """Percentile by nearest rank, TA-Lib's PERCENTILE.

    ``work`` has the window's values in order but for the newest, which takes its place once the
    oldest is out. A NaN spoils the order for good: from there on, values are put and looked for
    where TA-Lib's searches, which step from one value to the next, end.
    """
    n = len(real)
    begin = first_valid(real)
    kept = timeperiod - 1
    first = begin + kept
    fill_head(out, first)
    if first >= n:
        return
    rank = int(ceil(percentile * timeperiod / 100.0))
    rank = timeperiod if rank > timeperiod else 1 if rank < 1 else rank
    in_order = True
    for i in range(begin, first):
        value = real[i]
        in_order = in_order and value == value
        k = i - begin
        while k > 0 and work[k - 1] > value:
            work[k] = work[k - 1]
            k -= 1
        work[k] = value
    for i in range(first, n):
        value = real[i]
        oldest = real[i - kept]
        in_order = in_order and value == value
        if in_order and kept < HALVING:
            # The value itself, unless those of the ranks beside it leave no room for it.
            ranked = work[rank - 1] if rank <= kept and work[rank - 1] <= value else value
            out[i] = work[rank - 2] if rank > 1 and ranked < work[rank - 2] else ranked
            replace_ordered(work, kept, value, oldest)
            continue
        place = 0
        if in_order:
            place = place_of(work, kept, value, False)
        else:
            while place < kept and value >= work[place]:
                place += 1
        if rank <= place:
            out[i] = work[rank - 1]
        else:
            out[i] = value if rank == place + 1 else work[rank - 2]
        if in_order:
            gap = place_of(work, kept, oldest, True)
            if gap < place:
                for k in range(gap, place - 1):
                    work[k] = work[k + 1]
                work[place - 1] = value
            else:
                for k in range(gap - place):
                    work[gap - k] = work[gap - k - 1]
                work[place] = value
        else:
            for k in range(kept - place):
                work[kept - k] = work[kept - k - 1]
            work[place] = value
            gap = 0
            while gap < kept and oldest > work[gap]:
                gap += 1
            for k in range(gap, kept):
                work[k] = work[k + 1]


@kernel()
def percentrank(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Percent rank: the share of the ``timeperiod`` values before that are less, in percent."""
    first = first_valid(real) + timeperiod
    fill_head(out, first)
    for i in range(first, len(real)):
        value = real[i]
        less = 0
        for j in range(i - timeperiod, i):
            less += real[j] < value
        out[i] = less / timeperiod * 100.0


@helper
def regression(real: F64In, timeperiod: int, term: int, x: float, out: F64Out) -> None:
    """Each window's line of least squares: ``SLOPE``, ``INTERCEPT``, or ``VALUE`` at ``x``.

    x is 0 at the window's first value. The sums of y and of x * y (x counted from the last value
    back) run along; they are rebuilt at intervals, and when a value leaves that outweighs the rest.
    """
    n = len(real)
    begin = first_valid(real)
    first = begin + timeperiod - 1
    fill_head(out, first)
    sum_x = timeperiod * (timeperiod - 1) * 0.5
    sum_xx = timeperiod * (timeperiod - 1) * (2 * timeperiod - 1) / 6.0
    divisor = sum_x * sum_x - timeperiod * sum_xx
    sum_y = 0.0
    sum_xy = 0.0
    sum_abs = 0.0
    leaving = 0.0
    until_rebuild = 1
    for i in range(first, n):
        weighted = timeperiod * leaving
        sum_xy = sum_xy + sum_y - weighted
        sum_y = sum_y - leaving + real[i]
        sum_abs = sum_abs - abs(leaving) + abs(real[i])
        until_rebuild -= 1
        if until_rebuild == 0 or abs(weighted) > 100.0 * sum_abs:
            until_rebuild = REBUILD_PERIODS * timeperiod
            sum_y = 0.0
            sum_xy = 0.0
            sum_abs = 0.0
            for j in range(i - timeperiod + 1, i + 1):
                sum_y += real[j]
                sum_xy += (i - j) * real[j]
                sum_abs += abs(real[j])
        slope = (timeperiod * sum_xy - sum_x * sum_y) / divisor
        leaving = real[i - timeperiod + 1]
        if term == SLOPE:
            out[i] = slope
        else:
            intercept = (sum_y - slope * sum_x) / timeperiod
            out[i] = intercept if term == INTERCEPT else fma(slope, x, intercept)


@kernel()
def linearreg(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Linear regression: each window's line of least squares, at the window's last value."""
    regression(real, timeperiod, VALUE, timeperiod - 1.0, out)


@kernel()
def linearreg_angle(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Linear regression: the line's angle in degrees."""
    regression(real, timeperiod, SLOPE, 0.0, out)
    for i in range(len(out)):
        out[i] = atan(out[i]) * DEGREES


@kernel()
def linearreg_intercept(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Linear regression: the line at the window's first value."""
    regression(real, timeperiod, INTERCEPT, 0.0, out)


@kernel()
def linearreg_slope(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Linear regression: the line's slope."""
    regression(real, timeperiod, SLOPE, 0.0, out)


@kernel()
def tsf(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Time series forecast: the line of least squares, one step past the window."""
    regression(real, timeperiod, VALUE, float(timeperiod), out)
