"""Stops that follow the price and turn around with it: Wilder's SAR, and SuperTrend."""

from __future__ import annotations

from ._numeric import fma
from ._spec import F64In, F64Out, I32Out, helper, kernel
from ._window import fill_head, first_valid2, first_valid3, zero_head
from .oscillators import higher, lower
from .volatility import true_range


@helper
def starts_long(high: F64In, low: F64In, begin: int) -> bool:
    """Wilder's side for the second candle from ``begin``: short where it reaches further down."""
    down = low[begin] - low[begin + 1]
    return not (down > 0.0 and high[begin + 1] - high[begin] < down)


@kernel()
def sar(high: F64In, low: F64In, acceleration: float, maximum: float, out: F64Out) -> None:
    """Wilder's parabolic stop and reverse."""
    n = len(high)
    begin = first_valid2(high, low)
    fill_head(out, begin + 1)
    if begin + 1 >= n:
        return
    step = maximum if acceleration > maximum else acceleration
    factor = step
    long = starts_long(high, low, begin)
    extreme = high[begin + 1] if long else low[begin + 1]
    stop = low[begin] if long else high[begin]
    new_high = high[begin + 1]
    new_low = low[begin + 1]
    for i in range(begin + 1, n):
        old_high = new_high
        old_low = new_low
        new_high = high[i]
        new_low = low[i]
        if long and new_low <= stop:
            long = False
            stop = higher(new_high, higher(old_high, extreme))
            extreme = new_low
            factor = step
            out[i] = stop
        elif not long and new_high >= stop:
            long = True
            stop = lower(new_low, lower(old_low, extreme))
            extreme = new_high
            factor = step
            out[i] = stop
        else:
            out[i] = stop
            if long and new_high > extreme:
                extreme = new_high
                factor = lower(maximum, factor + step)
            elif not long and new_low < extreme:
                extreme = new_low
                factor = lower(maximum, factor + step)
        stop = fma(factor, extreme - stop, stop)
        if long:
            stop = lower(new_low, lower(old_low, stop))
        else:
            stop = higher(new_high, higher(old_high, stop))


@kernel()
def sarext(
    high: F64In,
    low: F64In,
    startvalue: float,
    offsetonreverse: float,
    accelerationinitlong: float,
    accelerationlong: float,
    accelerationmaxlong: float,
    accelerationinitshort: float,
    accelerationshort: float,
    accelerationmaxshort: float,
    out: F64Out,
) -> None:
    """Wilder's stop and reverse with factors of its own for each side; negative while short.

    A ``startvalue`` other than 0 is the first stop, negative for a start on the short side. On
    each reversal the stop is put off by the share ``offsetonreverse`` of it.
    """
    n = len(high)
    begin = first_valid2(high, low)
    fill_head(out, begin + 1)
    if begin + 1 >= n:
        return
    first_long = lower(accelerationmaxlong, accelerationinitlong)
    step_long = lower(accelerationmaxlong, accelerationlong)
    first_short = lower(accelerationmaxshort, accelerationinitshort)
    step_short = lower(accelerationmaxshort, accelerationshort)
    new_high = high[begin + 1]
    new_low = low[begin + 1]
    if startvalue == 0.0:
        long = starts_long(high, low, begin)
        stop = low[begin] if long else high[begin]
    else:
        long = startvalue > 0.0
        stop = abs(startvalue)
    extreme = new_high if long else new_low
    factor = first_long if long else first_short
    for i in range(begin + 1, n):
        old_high = new_high
        old_low = new_low
        new_high = high[i]
        new_low = low[i]
        if long and new_low <= stop:
            long = False
            stop = higher(new_high, higher(old_high, extreme))
            if offsetonreverse != 0.0:
                stop += stop * offsetonreverse
            extreme = new_low
            factor = first_short
            out[i] = 0.0 - stop
        elif not long and new_high >= stop:
            long = True
            stop = lower(new_low, lower(old_low, extreme))
            if offsetonreverse != 0.0:
                stop -= stop * offsetonreverse
            extreme = new_high
            factor = first_long
            out[i] = stop
        elif long:
            out[i] = stop
            if new_high > extreme:
                extreme = new_high
                factor = lower(accelerationmaxlong, factor + step_long)
        else:
            out[i] = 0.0 - stop
            if new_low < extreme:
                extreme = new_low
                factor = lower(accelerationmaxshort, factor + step_short)
        stop = fma(factor, extreme - stop, stop)
        if long:
            stop = lower(new_low, lower(old_low, stop))
        else:
            stop = higher(new_high, higher(old_high, stop))


@kernel()
def supertrend(
    high: F64In,
    low: F64In,
    close: F64In,
    timeperiod: int,
    multiplier: float,
    supertrend: F64Out,
    trend: I32Out,
) -> None:
    """Seban's SuperTrend, and the trend: 1 for up, -1 for down.

    Average true ranges around the median price. Each band moves towards the price only, until a
    close lies beyond it. The line is the lower band in an uptrend, which comes first, and the
    top one in a downtrend.
    """
    n = len(high)
    begin = first_valid3(high, low, close)
    first = begin + timeperiod
    fill_head(supertrend, first)
    zero_head(trend, first)
    if first >= n:
        return
    average = 0.0
    for i in range(begin + 1, first + 1):
        average += true_range(high[i], low[i], close[i - 1])
    average /= timeperiod
    decay = (timeperiod - 1) / timeperiod
    gain = 1.0 - decay
    median = (high[first] + low[first]) / 2.0
    width = multiplier * average
    top = median + width
    bottom = median - width
    rising = True
    supertrend[first] = bottom
    trend[first] = 1
    for i in range(first + 1, n):
        average = fma(average, decay, gain * true_range(high[i], low[i], close[i - 1]))
        median = (high[i] + low[i]) / 2.0
        width = multiplier * average
        new_top = median + width
        new_bottom = median - width
        # Written without branches: they would be mispredicted.
        top = new_top if (new_top < top) | (close[i - 1] > top) else top
        bottom = new_bottom if (new_bottom > bottom) | (close[i - 1] < bottom) else bottom
        holds = not close[i] < bottom
        turns = close[i] > top
        rising = (rising & holds) | (turns & (not rising))
        supertrend[i] = bottom if rising else top
        trend[i] = 1 if rising else -1
