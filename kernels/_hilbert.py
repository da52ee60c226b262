"""Ehlers' Hilbert transform and the cycle that he reads from it, a candle at a time.

What is remembered from candle to candle lives in ``work``: series in rings, and running values.
TA-Lib keeps odd and even candles apart to look back two at a time; lags are the same arithmetic.
"""

from __future__ import annotations

import math

from ._numeric import atan, cos, div, fma, sin, to_int
from ._spec import F64In, F64Out, helper

DEGREES = 45.0 / math.atan(1.0)
RADIANS = 1.0 / DEGREES
FULL_CIRCLE = math.atan(1.0) * 8.0
LONGEST_CYCLE = 50  # candles; the shortest is 6

# Candle i of a series in a ring is at ``ring + (i & LAST)``.
RING, LAST = 64, 63
PRICE, DETRENDED, QUADRATURE = 0, RING, 2 * RING
SUM, WEIGHTED_SUM, I2, Q2, RE, IM, PERIOD, SMOOTH_PERIOD = range(3 * RING, 3 * RING + 8)
STATE = 3 * RING + 8

# From here, for phases: sine and cosine of each step around cycles of 1 to 50 steps.
CIRCLES = STATE
PHASE_STATE = CIRCLES + LONGEST_CYCLE * (LONGEST_CYCLE + 1)


@helper
def start_cycle(real: F64In, begin: int, skip: int, work: F64Out) -> int:
    """Clear the state and smooth the first ``skip`` prices; returns the first candle to advance to.

    There must be more than ``skip`` prices, and ``skip`` is more than 3.
    """
    for k in range(STATE):
        work[k] = 0.0
    total = real[begin] + real[begin + 1] + real[begin + 2]
    weighted = real[begin] + real[begin + 1] * 2.0 + real[begin + 2] * 3.0
    for i in range(begin + 3, begin + skip):
        total += real[i]
        if i > begin + 3:
            total -= real[i - 4]
        weighted += real[i] * 4.0
        weighted -= total
    work[SUM] = total
    work[WEIGHTED_SUM] = weighted
    return begin + skip


@helper
def transform(work: F64Out, ring: int, i: int, scale: float) -> float:
    """Hilbert transform of the series in ``ring`` at candle ``i``."""
    return (
        0.0
        - 0.0962 * work[ring + ((i - 6) & LAST)]
        + 0.0962 * work[ring + (i & LAST)]
        - 0.5769 * work[ring + ((i - 4) & LAST)]
        + 0.5769 * work[ring + ((i - 2) & LAST)]
    ) * scale


@helper
def advance_cycle(real: F64In, i: int, work: F64Out) -> float:
    """Take in candle ``i``; returns the smoothed period of the dominant cycle.

    The in-phase component is the detrended price of three candles ago.
    """
    total = work[SUM] + real[i] - real[i - 4]
    weighted = work[WEIGHTED_SUM] + real[i] * 4.0
    work[PRICE + (i & LAST)] = weighted * 0.1
    work[SUM] = total
    work[WEIGHTED_SUM] = weighted - total

    previous_period = work[PERIOD]
    scale = fma(0.075, previous_period, 0.54)
    work[DETRENDED + (i & LAST)] = transform(work, PRICE, i, scale)
    q1 = transform(work, DETRENDED, i, scale)
    work[QUADRATURE + (i & LAST)] = q1
    i1 = work[DETRENDED + ((i - 3) & LAST)]

    previous_i2 = work[I2]
    previous_q2 = work[Q2]
    q2 = fma(0.2, q1 + transform(work, DETRENDED, i - 3, scale), 0.8 * previous_q2)
    i2 = fma(0.2, i1 - transform(work, QUADRATURE, i, scale), 0.8 * previous_i2)
    re = fma(0.8, work[RE], 0.2 * fma(i2, previous_i2, q2 * previous_q2))
    im = fma(0.8, work[IM], 0.2 * (i2 * previous_q2 - q2 * previous_i2))
    work[I2] = i2
    work[Q2] = q2
    work[RE] = re
    work[IM] = im

    period = previous_period
    if im != 0.0 and re != 0.0:
        period = div(360.0, atan(im / re) * DEGREES)
    if period > 1.5 * previous_period:
        period = 1.5 * previous_period
    if period < 0.67 * previous_period:
        period = 0.67 * previous_period
    if period < 6.0:
        period = 6.0
    elif period > LONGEST_CYCLE:
        period = float(LONGEST_CYCLE)
    period = fma(0.2, period, 0.8 * previous_period)
    smooth_period = fma(0.67, work[SMOOTH_PERIOD], 0.33 * period)
    work[PERIOD] = period
    work[SMOOTH_PERIOD] = smooth_period
    return smooth_period


@helper
def clear_circles(work: F64Out) -> None:
    """Mark all of ``CIRCLES`` as not computed yet."""
    for steps in range(1, LONGEST_CYCLE + 1):
        work[CIRCLES + steps * (steps - 1) + 1] = 0.0


@helper
def circle(steps: int, work: F64Out) -> int:
    """Where the sines and cosines of a cycle of ``steps`` are, computed the first time."""
    start = CIRCLES + steps * (steps - 1)
    if work[start + 1] == 0.0:
        for k in range(steps):
            angle = k * FULL_CIRCLE / steps
            work[start + 2 * k] = sin(angle)
            work[start + 2 * k + 1] = cos(angle)
    return start


@helper
def cycle_phase(i: int, smooth_period: float, previous: float, work: F64Out) -> float:
    """Phase of the dominant cycle in degrees, by a Fourier transform over its last period."""
    steps = to_int(smooth_period + 0.5)
    real_part = 0.0
    imaginary_part = 0.0
    if steps > 0:
        at = circle(steps, work)
        for k in range(steps):
            price = work[PRICE + ((i - k) & LAST)]
            real_part += work[at + 2 * k] * price
            imaginary_part += work[at + 2 * k + 1] * price
    phase = previous
    if abs(imaginary_part) > 0.0:
        phase = atan(real_part / imaginary_part) * DEGREES
    elif abs(imaginary_part) <= 0.01:
        if real_part < 0.0:
            phase -= 90.0
        elif real_part > 0.0:
            phase += 90.0
    phase += 90.0
    phase += 360.0 / smooth_period  # the smoother lags by one candle
    if imaginary_part < 0.0:
        phase += 180.0
    if phase > 315.0:
        phase -= 360.0
    return phase


@helper
def cycle_mean(real: F64In, i: int, smooth_period: float) -> float:
    """Mean price of the dominant cycle's last period."""
    steps = to_int(smooth_period + 0.5)
    if steps <= 0:
        return 0.0
    total = 0.0
    for k in range(steps):
        total += real[i - k]
    return total / steps


@helper
def trendline(mean: float, mean1: float, mean2: float, mean3: float) -> float:
    """Weighted mean of the last four ``cycle_mean``."""
    return (fma(2.0, mean2, fma(4.0, mean, 3.0 * mean1)) + mean3) / 10.0
