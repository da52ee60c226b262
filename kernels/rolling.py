"""Rolling windows and weighted means as pandas computes them: ``pandas/_libs/window``.

The order of operations, the compensated sums and what is done about cancellation are those of
``aggregations.pyx``. Infinities count as missing, as pandas has them. A window ends at its row and
holds ``window`` rows, fewer at the start; ``min_periods`` of them must not be missing.
"""

from __future__ import annotations

import math

from ._numeric import INF, NAN, sqrt
from ._spec import F64In, F64Out, helper, kernel

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
    least = min_periods if min_periods > 1 else 1
    count = 0
    for block in range(0, n, window):
        stop = block + window if block + window < n else n
        greatest = -INF
        for i in range(block, stop):
            value = values[i]
            if _is_finite(value):
                count += 1
                value = sign * value
                greatest = greatest if greatest > value else value
            suffix = -INF
            if block > 0:
                if _is_finite(values[i - window]):
                    count -= 1
                if i + 1 < block + window:
                    suffix = work[i + 1 - block]
            if count >= least:
                out[i] = sign * (suffix if suffix > greatest else greatest)
            else:
                out[i] = NAN
        if stop < n:
            greatest = -INF
            for i in range(stop - 1, block, -1):
                value = values[i]
                if _is_finite(value):
                    value = sign * value
                    greatest = value if value > greatest else greatest
                work[i - block] = greatest


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
