"""Rolling windows and weighted means as pandas computes them: ``pandas/_libs/window``.

The order of operations, the compensated sums and what is done about cancellation are those of
``aggregations.pyx``. Infinities count as missing, as pandas has them. A window ends at its row and
holds ``window`` rows, fewer at the start; ``min_periods`` of them must not be missing.
"""

from __future__ import annotations

import math

from ._numeric import INF, NAN, div, fma, sqrt
from ._spec import F64In, F64Out, helper, kernel
from ._window import fill_head

# Below a thousandth of what is left of float64's digits, pandas sums a window anew.
CANCELLED = 2.220446049250313e-16 * 1e3


@helper
def _is_finite(value: float) -> bool:
    return value - value == 0.0


@kernel()
def rolling_sum(values: F64In, window: int, min_periods: int, out: F64Out) -> None:
    """Compensated sum; a window of one repeated value is its multiple. ``roll_sum``."""
    total = added = removed = last = 0.0
    count = same = 0
    for i in range(len(values)):
        if i == 0 or window == 1:
            last = values[i]
            total = added = removed = 0.0
            count = same = 0
        elif i >= window:
            value = values[i - window]
            if _is_finite(value):
                count -= 1
                y = -value - removed
                t = total + y
                removed = t - total - y
                total = t
        value = values[i]
        if _is_finite(value):
            count += 1
            y = value - added
            t = total + y
            added = t - total - y
            total = t
            same = same + 1 if value == last else 1
            last = value
        if count < min_periods:
            out[i] = NAN
        elif count == 0:
            out[i] = 0.0
        else:
            out[i] = last * count if same >= count else total


@helper
def _sign_bit(value: float) -> int:
    return 1 if math.copysign(1.0, value) < 0.0 else 0


@kernel()
def rolling_mean(values: F64In, window: int, min_periods: int, out: F64Out) -> None:
    """Compensated sum over the count; never of another sign than all values. ``roll_mean``."""
    total = added = removed = last = 0.0
    count = same = negative = 0
    for i in range(len(values)):
        if i == 0 or window == 1:
            last = values[i]
            total = added = removed = 0.0
            count = same = negative = 0
        elif i >= window:
            value = values[i - window]
            if _is_finite(value):
                count -= 1
                y = -value - removed
                t = total + y
                removed = t - total - y
                total = t
                negative -= _sign_bit(value)
        value = values[i]
        if _is_finite(value):
            count += 1
            y = value - added
            t = total + y
            added = t - total - y
            total = t
            negative += _sign_bit(value)
            same = same + 1 if value == last else 1
            last = value
        if count < min_periods or count == 0:
            out[i] = NAN
            continue
        mean = total / count
        if same >= count:
            mean = last
        elif (negative == 0 and mean < 0.0) or (negative == count and mean > 0.0):
            mean = 0.0
        out[i] = mean


@helper
def _variance(
    values: F64In, window: int, min_periods: int, ddof: int, root: bool, out: F64Out
) -> None:
    mean = squares = added = removed = 0.0
    count = 0
    least = min_periods if min_periods > 1 else 1
    for i in range(len(values)):
        start = i - window + 1 if i >= window else 0
        anew = i == 0 or window == 1
        if not anew:
            if start > 0 and _is_finite(values[start - 1]):
                value = values[start - 1]
                count -= 1
                if count:
                    before, previous = squares, mean - removed
                    y = value - removed
                    delta = y - mean
                    removed = delta + mean - y
                    mean = mean - delta / count
                    squares = squares - (value - previous) * (value - mean)
                    anew = before * CANCELLED > squares
                else:
                    mean = squares = 0.0
            value = values[i]
            if _is_finite(value):
                count += 1
                before, previous = squares, mean - added
                y = value - added
                delta = y - mean
                added = delta + mean - y
                mean = mean + delta / count
                squares = squares + (value - previous) * (value - mean)
                anew = anew or before * CANCELLED > squares
        if anew:
            mean = squares = added = removed = 0.0
            count = 0
            for j in range(start, i + 1):
                value = values[j]
                if _is_finite(value):
                    count += 1
                    previous = mean - added
                    y = value - added
                    delta = y - mean
                    added = delta + mean - y
                    mean = mean + delta / count
                    squares = squares + (value - previous) * (value - mean)
        if count >= least and count > ddof:
            variance = squares / (count - ddof)
            if root:
                out[i] = 0.0 if variance < 0.0 else sqrt(variance)
            else:
                out[i] = variance
        else:
            out[i] = NAN


@kernel()
def rolling_var(values: F64In, window: int, min_periods: int, ddof: int, out: F64Out) -> None:
    """Welford's variance, compensated, a window anew where it cancels. ``roll_var``."""
    _variance(values, window, min_periods, ddof, False, out)


@kernel()
def rolling_std(values: F64In, window: int, min_periods: int, ddof: int, out: F64Out) -> None:
    """The root of ``rolling_var``, 0 of a negative one."""
    _variance(values, window, min_periods, ddof, True, out)


@helper
def _extreme(
    values: F64In, window: int, min_periods: int, sign: float, out: F64Out, work: F64Out
) -> None:
    """The greatest ``sign * value``; of equals, such as zeros, the last.

    Blocks as long as the window: what of a window lies in the block before is a suffix of it,
    the rest a prefix of its own. ``work`` holds the greatest of each suffix.
    """
    n = len(values)
    present = 0
    for block in range(0, n, window):
        stop = block + window if block + window < n else n
        greatest = -INF
        for i in range(block, stop):
            value = values[i]
            finite = _is_finite(value)
            value = sign * value if finite else -INF
            present += 1 if finite else 0
            greatest = greatest if greatest > value else value
            out[i] = greatest
        if block > 0:
            last = stop if stop < block + window else stop - 1
            for i in range(block, last):
                suffix = work[i - block]
                value = out[i]
                out[i] = suffix if suffix > value else value
        if stop < n:
            greatest = -INF
            for i in range(stop - 1, block, -1):
                value = values[i]
                value = sign * value if _is_finite(value) else -INF
                greatest = value if value > greatest else greatest
                work[i - block - 1] = greatest
    if sign < 0.0:
        for i in range(n):
            out[i] = -out[i]
    least = min_periods if min_periods > 1 else 1
    if present == n:
        fill_head(out, least - 1)
    else:
        _blank(values, window, least, out)


@helper
def _blank(values: F64In, window: int, least: int, out: F64Out) -> None:
    """NaN where a window has fewer than ``least`` values."""
    count = 0
    for i in range(len(values)):
        if i >= window and _is_finite(values[i - window]):
            count -= 1
        if _is_finite(values[i]):
            count += 1
        if count < least:
            out[i] = NAN


def _one_block(length: int, window: int, min_periods: int) -> int:
    return window if window < length else 0


@kernel(work=_one_block)
def rolling_max(values: F64In, window: int, min_periods: int, out: F64Out, work: F64Out) -> None:
    """Greatest value; of equals the last. ``roll_max``."""
    _extreme(values, window, min_periods, 1.0, out, work)


@kernel(work=_one_block)
def rolling_min(values: F64In, window: int, min_periods: int, out: F64Out, work: F64Out) -> None:
    """Least value; of equals the last. ``roll_min``."""
    _extreme(values, window, min_periods, -1.0, out, work)


@kernel()
def ewm_mean(
    values: F64In, com: float, min_periods: int, adjust: bool, ignore_na: bool, out: F64Out
) -> None:
    """Exponentially weighted mean of the center of mass ``com``, 0 or more. ``ewm``."""
    if len(values) == 0:
        return
    alpha = 1.0 / (1.0 + com)
    factor = 1.0 - alpha
    new_weight = 1.0 if adjust else alpha
    old_weight = 1.0
    mean = values[0] if _is_finite(values[0]) else NAN
    count = 1 if mean == mean else 0
    out[0] = mean if count >= min_periods else NAN
    for i in range(1, len(values)):
        value = values[i]
        observed = _is_finite(value)
        if observed:
            count += 1
        if mean == mean:
            if observed or not ignore_na:
                old_weight *= factor
            if observed:
                if mean != value:
                    if not adjust and com == 1.0:
                        new_weight = 1.0 - old_weight
                    mean = old_weight * mean + new_weight * value
                    weights = old_weight + new_weight
                    # Nothing is divided by one, and often it is one.
                    if weights != 1.0:
                        mean /= weights
                if adjust:
                    old_weight += new_weight
                else:
                    old_weight = 1.0
        elif observed:
            mean = value
        out[i] = mean if count >= min_periods else NAN


@kernel()
def rolling_count(values: F64In, window: int, min_periods: int, out: F64Out) -> None:
    """How many values aren't NaN; ``min_periods`` is of rows. ``Rolling.count``."""
    count = 0
    for i in range(len(values)):
        if i >= window and values[i - window] == values[i - window]:
            count -= 1
        if values[i] == values[i]:
            count += 1
        rows = i + 1 if i < window else window
        out[i] = count if rows >= min_periods else NAN


# Up to so many values, counting all of them is faster than looking for the place.
COUNTED = 512


@helper
def _below(ordered: F64In, count: int, value: float) -> int:
    """How many of the first ``count`` ordered values are less than ``value``."""
    low, high = 0, count
    if count <= COUNTED:
        for i in range(count):
            low += 1 if ordered[i] < value else 0
        return low
    while low < high:
        middle = (low + high) >> 1
        if ordered[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@helper
def _not_above(ordered: F64In, count: int, value: float) -> int:
    """How many of the first ``count`` ordered values are at most ``value``."""
    low, high = 0, count
    if count <= COUNTED:
        for i in range(count):
            low += 1 if ordered[i] <= value else 0
        return low
    while low < high:
        middle = (low + high) >> 1
        if ordered[middle] <= value:
            low = middle + 1
        else:
            high = middle
    return low


@helper
def _slide(values: F64In, i: int, window: int, count: int, ordered: F64Out) -> tuple[int, int]:
    """Row ``i`` into the window's values in order, equals by age.

    Returns how many there are, and where the row's value is; -1 if it has none.
    """
    value = values[i]
    arrives = _is_finite(value)
    leaves = i >= window and _is_finite(values[i - window])
    hole = _below(ordered, count, values[i - window]) if leaves else count
    place = _not_above(ordered, count, value) if arrives else count
    if leaves and place > hole:
        place -= 1
        for j in range(hole, place):
            ordered[j] = ordered[j + 1]
    else:
        for j in range(hole, place, -1):
            ordered[j] = ordered[j - 1]
    if leaves:
        count -= 1
    if not arrives:
        return count, -1
    ordered[place] = value
    return count + 1, place


def _window_in_order(length: int, window: int, min_periods: int) -> int:
    return window if window < length else length


@kernel(work=_window_in_order)
def rolling_median(values: F64In, window: int, min_periods: int, out: F64Out, work: F64Out) -> None:
    """The middle one, or half of the sum of the two, kept in order. ``roll_median_c``."""
    count = 0
    for i in range(len(values)):
        count, _ = _slide(values, i, window, count, work)
        if count < min_periods or count == 0:
            out[i] = NAN
        elif count % 2:
            out[i] = work[count >> 1]
        else:
            middle = count >> 1
            out[i] = (work[middle - 1] + work[middle]) / 2.0


# What is done between two values, in the order of ``rolling_quantile``'s ``interpolation``.
LINEAR, LOWER, HIGHER, NEAREST, MIDPOINT = range(5)


@kernel(
    work=lambda length, window, min_periods, q, interpolation: window if window < length else length
)
def rolling_quantile(
    values: F64In,
    window: int,
    min_periods: int,
    q: float,
    interpolation: int,
    out: F64Out,
    work: F64Out,
) -> None:
    """The quantile ``q``, between 0 and 1, of values kept in order. ``roll_quantile``."""
    count = 0
    for i in range(len(values)):
        count, _ = _slide(values, i, window, count, work)
        if count < min_periods or count == 0:
            out[i] = NAN
            continue
        position = q * (count - 1)
        lower = int(position)
        share = position - lower
        if share == 0.0 or interpolation == LOWER:
            out[i] = work[lower]
        elif interpolation == LINEAR:
            out[i] = work[lower] + (work[lower + 1] - work[lower]) * share
        elif interpolation == HIGHER:
            out[i] = work[lower + 1]
        elif interpolation == MIDPOINT:
            out[i] = (work[lower] + work[lower + 1]) / 2.0
        elif share < 0.5 or (share == 0.5 and lower % 2 == 0):
            out[i] = work[lower]
        else:
            out[i] = work[lower + 1]


# How equals are ranked, in the order of ``rolling_rank``'s ``ties``.
AVERAGE, LEAST, MOST = range(3)


@kernel(work=lambda length, window, min_periods, ties: window if window < length else length)
def rolling_rank(
    values: F64In,
    window: int,
    min_periods: int,
    ties: int,
    ascending: bool,
    share: bool,
    out: F64Out,
    work: F64Out,
) -> None:
    """Rank of the last value in its window, from 1, or its share of the values. ``roll_rank``."""
    count = 0
    for i in range(len(values)):
        count, place = _slide(values, i, window, count, work)
        if count < min_periods or place < 0:
            out[i] = NAN
            continue
        below = _below(work, count, values[i])
        least, rank = below + 1, place + 1
        if not ascending:
            least, rank = count - rank + 1, count - below
        if ties == AVERAGE:
            total = rank * (rank + 1.0) / 2.0 - (least - 1.0) * least / 2.0
            found = total / (rank - least + 1.0)
        else:
            found = float(least if ties == LEAST else rank)
        out[i] = found / count if share else found


# Beyond, deviations of float64 have no square.
LARGEST_ORIGIN = 1.3407807929942596e154


@helper
def _origin(value: float) -> float:
    """What values are reckoned from: the window's first, so that a common offset cancels."""
    return value if -LARGEST_ORIGIN < value < LARGEST_ORIGIN else 0.0


@helper
def _add_moments(
    value: float, n: float, mean: float, m2: float, m3: float, m4: float, fourth: bool
) -> tuple[float, float, float, float]:
    """Mean and sums of powers of deviations from it, with ``value`` as the ``n``-th."""
    delta = value - mean
    part = delta / n
    term = delta * part * (n - 1.0)
    if fourth:
        m4 += part * (-4.0 * m3 + part * (6.0 * m2 + term * (n * n - 3.0 * n + 3.0)))
    m3 += part * (term * (n - 2.0) - 3.0 * m2)
    return mean + part, m2 + term, m3, m4


@helper
def _moments_cancel(mean: float, m2: float, m3: float, m4: float, peak: float) -> bool:
    """Whether too few digits may be left, or the origin is far off."""
    if m2 != m2 or m3 != m3 or m4 != m4:
        return True
    return mean * mean * 0.0625 > m2 or peak * peak * 0.001 > m2


@helper
def _moments(values: F64In, window: int, least: int, fourth: bool, out: F64Out) -> None:
    """Skewness or, with ``fourth``, kurtosis, by central moments; a window anew where it cancels.

    ``peak`` is the largest deviation that went into them.
    """
    origin = mean = m2 = m3 = m4 = peak = 0.0
    count = 0
    for i in range(len(values)):
        start = i - window + 1 if i >= window else 0
        anew = i == 0 or window == 1
        if not anew:
            if start > 0 and _is_finite(values[start - 1]):
                count -= 1
                if count == 0:
                    origin = mean = m2 = m3 = m4 = peak = 0.0
                else:
                    value = values[start - 1] - origin
                    n = float(count)
                    delta = value - mean
                    part = delta / n
                    term = part * delta * (n + 1.0)
                    if fourth:
                        m4 += part * (4.0 * m3 + part * (6.0 * m2 - term * (n * n + 3.0 * n + 3.0)))
                    m3 -= part * (term * (n + 2.0) - 3.0 * m2)
                    m2 -= term
                    mean -= part
                    deviation = abs(value - mean)
                    peak = deviation if deviation > peak else peak
                    anew = _moments_cancel(mean, m2, m3, m4, peak)
            value = values[i]
            if _is_finite(value):
                if count == 0:
                    origin = _origin(value)
                count += 1
                value -= origin
                mean, m2, m3, m4 = _add_moments(value, float(count), mean, m2, m3, m4, fourth)
                deviation = abs(value - mean)
                peak = deviation if deviation > peak else peak
                anew = anew or _moments_cancel(mean, m2, m3, m4, peak)
        if anew:
            origin = mean = m2 = m3 = m4 = peak = 0.0
            count = 0
            for j in range(start, i + 1):
                value = values[j]
                if _is_finite(value):
                    if count == 0:
                        origin = _origin(value)
                    count += 1
                    value -= origin
                    mean, m2, m3, m4 = _add_moments(value, float(count), mean, m2, m3, m4, fourth)
                    deviation = abs(value - mean)
                    peak = deviation if deviation > peak else peak
        if count < least:
            out[i] = NAN
            continue
        n = float(count)
        if fourth:
            inner = n * (n + 1.0) * div(m4, m2 * m2) - 3.0 * (n - 1.0)
            out[i] = (n - 1.0) / ((n - 2.0) * (n - 3.0)) * inner
        else:
            out[i] = div(m3, m2 * sqrt(m2)) * (n * sqrt(n - 1.0) / (n - 2.0))


@kernel()
def rolling_skew(values: F64In, window: int, min_periods: int, out: F64Out) -> None:
    """Unbiased skewness, of three values or more. ``roll_skew``."""
    _moments(values, window, min_periods if min_periods > 3 else 3, False, out)


@kernel()
def rolling_kurt(values: F64In, window: int, min_periods: int, out: F64Out) -> None:
    """Unbiased excess kurtosis, of four values or more. ``roll_kurt``."""
    _moments(values, window, min_periods if min_periods > 4 else 4, True, out)


@helper
def _add_pair(
    x: float, y: float, n: float, mean_x: float, mean_y: float, xy: float, xx: float, yy: float
) -> tuple[float, float, float, float, float]:
    """Means and sums of products of deviations from them, with ``x`` and ``y`` as the ``n``-th."""
    dx = x - mean_x
    dy = y - mean_y
    mean_x += dx / n
    mean_y += dy / n
    left_x = x - mean_x
    return mean_x, mean_y, xy + left_x * dy, xx + left_x * dx, yy + (y - mean_y) * dy


@helper
def _pair_cancels(xy: float, xx: float, yy: float, peak_x: float, peak_y: float) -> bool:
    """Whether too few digits may be left."""
    if xy != xy or xx != xx or yy != yy:
        return True
    return (
        peak_x * peak_y * CANCELLED > abs(xy)
        or peak_x * peak_x * CANCELLED > xx
        or peak_y * peak_y * CANCELLED > yy
    )


@helper
def _larger(deviation: float, peak: float) -> float:
    """``peak``, or the deviation's size if it is larger."""
    return abs(deviation) if abs(deviation) > peak else peak


@helper
def _pairs(
    x: F64In,
    y: F64In,
    window: int,
    min_periods: int,
    ddof: int,
    half: float,
    margin: float,
    out: F64Out,
) -> None:
    """Covariance or, where ``half`` isn't zero, correlation, of rows that lack neither value.

    A window anew where it cancels; the peaks are the largest deviations that went into it.
    """
    origin_x = origin_y = mean_x = mean_y = xy = xx = yy = peak_x = peak_y = 0.0
    count = 0
    least = min_periods if min_periods > 1 else 1
    for i in range(len(x)):
        start = i - window + 1 if i >= window else 0
        anew = i == 0 or window == 1
        if not anew and start > 0 and _is_finite(x[start - 1]) and _is_finite(y[start - 1]):
            count -= 1
            if count == 0:
                origin_x = origin_y = mean_x = mean_y = xy = xx = yy = peak_x = peak_y = 0.0
            else:
                left, right = x[start - 1] - origin_x, y[start - 1] - origin_y
                dx, dy = left - mean_x, right - mean_y
                mean_x -= dx / count
                mean_y -= dy / count
                xy -= (left - mean_x) * dy
                xx -= (left - mean_x) * dx
                yy -= (right - mean_y) * dy
                peak_x = _larger(left - mean_x, peak_x)
                peak_y = _larger(right - mean_y, peak_y)
                anew = _pair_cancels(xy, xx, yy, peak_x, peak_y)
        first, done = start if anew else i, False
        while not done:
            if anew:
                origin_x = origin_y = mean_x = mean_y = xy = xx = yy = peak_x = peak_y = 0.0
                count = 0
            for j in range(first, i + 1):
                if _is_finite(x[j]) and _is_finite(y[j]):
                    if count == 0:
                        origin_x, origin_y = _origin(x[j]), _origin(y[j])
                    count += 1
                    left, right = x[j] - origin_x, y[j] - origin_y
                    mean_x, mean_y, xy, xx, yy = _add_pair(
                        left, right, float(count), mean_x, mean_y, xy, xx, yy
                    )
                    peak_x = _larger(left - mean_x, peak_x)
                    peak_y = _larger(right - mean_y, peak_y)
            entered = _is_finite(x[i]) and _is_finite(y[i])
            done = anew or not entered or not _pair_cancels(xy, xx, yy, peak_x, peak_y)
            anew, first = True, start
        if count < least:
            out[i] = NAN
        elif half != 0.0:
            out[i] = _correlation(xy, xx, yy, half, margin)
        else:
            out[i] = xy / (count - ddof) if count > ddof else NAN


@helper
def _correlation(xy: float, xx: float, yy: float, half: float, margin: float) -> float:
    """Between -1 and 1."""
    if xx == 0.0 or yy == 0.0:
        return NAN
    value = div(xy, _power(xx * yy, half, margin))
    return 1.0 if value > 1.0 else -1.0 if value < -1.0 else value


@helper
def _power(x: float, half: float, margin: float) -> float:
    """C's ``pow`` of ``x`` and ``half``, 0.5: not the correctly rounded ``sqrt``, but near it.

    It is the root where ``margin`` times what that was rounded by is no more than half of the
    distance to the float64 below, as S. M. Rump's product with u + 2u^2 finds it.
    """
    if not x >= 0.0:
        return NAN
    if 1e-280 < x < 1e280:
        root = sqrt(x)
        gap = root - (root - root * 1.1102230246251568e-16)
        if abs(fma(-root, root, x)) * margin <= root * gap:
            return root
    power: float = x**half
    return power


@kernel()
def rolling_cov(x: F64In, y: F64In, window: int, min_periods: int, ddof: int, out: F64Out) -> None:
    """Covariance of the rows that lack neither value. ``roll_cov``."""
    _pairs(x, y, window, min_periods, ddof, 0.0, 0.0, out)


@kernel()
def rolling_corr(
    x: F64In, y: F64In, window: int, min_periods: int, half: float, margin: float, out: F64Out
) -> None:
    """Correlation of the rows that lack neither value. ``roll_corr``.

    ``half`` is 0.5: as a parameter, no compiler makes a root of the power. ``margin``: above 1 by
    as much as the platform's ``pow`` may be off; infinite where that isn't known.
    """
    _pairs(x, y, window, min_periods, 0, half, margin, out)
