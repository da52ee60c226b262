"""Cycle indicators: Ehlers' Hilbert transform, read in six ways."""

from __future__ import annotations

from ._hilbert import (
    DETRENDED,
    LAST,
    PHASE_STATE,
    PRICE,
    QUADRATURE,
    RADIANS,
    STATE,
    advance_cycle,
    clear_circles,
    cycle_mean,
    cycle_phase,
    start_cycle,
    trendline,
)
from ._numeric import sin
from ._spec import F64In, F64Out, I32Out, kernel
from ._window import fill_head, first_valid, zero_head

# Prices that are only smoothed, and candles without a result: for the period, for the rest.
PERIOD_SKIP, PERIOD_LOOKBACK = 12, 32
SKIP, LOOKBACK = 37, 63


@kernel(work=lambda n: STATE)
def ht_dcperiod(real: F64In, out: F64Out, work: F64Out) -> None:
    """Hilbert transform: period of the dominant cycle."""
    n = len(real)
    begin = first_valid(real)
    first = begin + PERIOD_LOOKBACK
    if first < n:
        for i in range(start_cycle(real, begin, PERIOD_SKIP, work), n):
            out[i] = advance_cycle(real, i, work)
    fill_head(out, first)


@kernel(work=lambda n: STATE)
def ht_phasor(real: F64In, in_phase: F64Out, quadrature: F64Out, work: F64Out) -> None:
    """Hilbert transform: in-phase and quadrature components."""
    n = len(real)
    begin = first_valid(real)
    first = begin + PERIOD_LOOKBACK
    if first < n:
        for i in range(start_cycle(real, begin, PERIOD_SKIP, work), n):
            advance_cycle(real, i, work)
            in_phase[i] = work[DETRENDED + ((i - 3) & LAST)]
            quadrature[i] = work[QUADRATURE + (i & LAST)]
    fill_head(in_phase, first)
    fill_head(quadrature, first)


@kernel(work=lambda n: PHASE_STATE)
def ht_dcphase(real: F64In, out: F64Out, work: F64Out) -> None:
    """Hilbert transform: phase of the dominant cycle."""
    n = len(real)
    begin = first_valid(real)
    first = begin + LOOKBACK
    if first < n:
        clear_circles(work)
        phase = 0.0
        for i in range(start_cycle(real, begin, SKIP, work), n):
            phase = cycle_phase(i, advance_cycle(real, i, work), phase, work)
            out[i] = phase
    fill_head(out, first)


@kernel(work=lambda n: PHASE_STATE)
def ht_sine(real: F64In, sine: F64Out, leadsine: F64Out, work: F64Out) -> None:
    """Hilbert transform: sine of the dominant cycle's phase, and of 45 degrees more."""
    n = len(real)
    begin = first_valid(real)
    first = begin + LOOKBACK
    if first < n:
        clear_circles(work)
        phase = 0.0
        for i in range(start_cycle(real, begin, SKIP, work), n):
            phase = cycle_phase(i, advance_cycle(real, i, work), phase, work)
            sine[i] = sin(phase * RADIANS)
            leadsine[i] = sin((phase + 45.0) * RADIANS)
    fill_head(sine, first)
    fill_head(leadsine, first)


@kernel(work=lambda n: STATE)
def ht_trendline(real: F64In, out: F64Out, work: F64Out) -> None:
    """Hilbert transform: the price without its dominant cycle."""
    n = len(real)
    begin = first_valid(real)
    first = begin + LOOKBACK
    if first < n:
        start = start_cycle(real, begin, SKIP, work)
        for i in range(start, n):
            out[i] = advance_cycle(real, i, work)
        mean1 = mean2 = mean3 = 0.0
        for i in range(start, n):
            mean = cycle_mean(real, i, out[i])
            out[i] = trendline(mean, mean1, mean2, mean3)
            mean1, mean2, mean3 = mean, mean1, mean2
    fill_head(out, first)


@kernel(work=lambda n: PHASE_STATE)
def ht_trendmode(real: F64In, out: I32Out, work: F64Out) -> None:
    """Hilbert transform: 1 in a trend, 0 in a cycle."""
    n = len(real)
    begin = first_valid(real)
    first = begin + LOOKBACK
    if first < n:
        clear_circles(work)
        phase = sine = leadsine = 0.0
        mean1 = mean2 = mean3 = 0.0
        days = 0
        for i in range(start_cycle(real, begin, SKIP, work), n):
            period = advance_cycle(real, i, work)
            previous_phase, previous_sine, previous_leadsine = phase, sine, leadsine
            phase = cycle_phase(i, period, phase, work)
            sine = sin(phase * RADIANS)
            leadsine = sin((phase + 45.0) * RADIANS)
            mean = cycle_mean(real, i, period)
            line = trendline(mean, mean1, mean2, mean3)
            mean1, mean2, mean3 = mean, mean1, mean2

            trend = 1
            if (sine > leadsine and previous_sine <= previous_leadsine) or (
                sine < leadsine and previous_sine >= previous_leadsine
            ):
                days = 0
                trend = 0
            days += 1
            if days < 0.5 * period:
                trend = 0
            # The phase moves on at about the pace of the cycle.
            if 0.67 * 360.0 / period < phase - previous_phase < 1.5 * 360.0 / period:
                trend = 0
            if line != 0.0 and abs((work[PRICE + (i & LAST)] - line) / line) >= 0.015:
                trend = 1
            out[i] = trend
    zero_head(out, first)
