"""Statistics of a moving window: variance, and the line of least squares."""

from __future__ import annotations

import math

from ._numeric import atan, fma, sqrt
from ._spec import F64In, F64Out, helper, kernel
from ._window import fill_head, first_valid

DEGREES = 180.0 / math.pi

# Running sums are rebuilt from the window after so many periods: rounding doesn't pile up.
REBUILD_PERIODS = 32

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
