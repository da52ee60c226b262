"""Overlap studies: moving averages, bands and whatever is drawn over the price."""

from __future__ import annotations

from ._moving import (
    DEFAULT,
    DEMA,
    HMA,
    KAMA,
    MAMA,
    MAMA_LOOKBACK,
    SMA,
    T3,
    TEMA,
    ZLEMA,
    dema_from,
    ema_from,
    hma_from,
    kama_from,
    ma_from,
    ma_lookback,
    ma_work,
    mama_from,
    rma_from,
    sma_from,
    t3_from,
    tema_from,
    trima_from,
    wma_from,
    zlema_from,
)
from ._numeric import fma, sqrt
from ._spec import F64In, F64Out, helper, kernel
from ._window import fill_head, first_valid, first_valid2
from .oscillators import higher, lower
from .statistic import REBUILD_PERIODS, variance_from


@kernel()
def sma(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Simple moving average."""
    begin = first_valid(real)
    fill_head(out, begin + timeperiod - 1)
    sma_from(real, begin, timeperiod, out)


@kernel()
def ema(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Exponential moving average."""
    begin = first_valid(real)
    fill_head(out, begin + timeperiod - 1)
    ema_from(real, begin, timeperiod, out)


@kernel()
def wma(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Weighted moving average."""
    begin = first_valid(real)
    fill_head(out, begin + timeperiod - 1)
    wma_from(real, begin, timeperiod, out)


@kernel()
def dema(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Mulloy's double exponential moving average."""
    begin = first_valid(real)
    fill_head(out, begin + ma_lookback(timeperiod, DEMA))
    dema_from(real, begin, timeperiod, out)


@kernel()
def tema(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Mulloy's triple exponential moving average."""
    begin = first_valid(real)
    fill_head(out, begin + ma_lookback(timeperiod, TEMA))
    tema_from(real, begin, timeperiod, out)


@kernel()
def trima(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Triangular moving average."""
    begin = first_valid(real)
    fill_head(out, begin + timeperiod - 1)
    trima_from(real, begin, timeperiod, out)


@kernel()
def kama(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Kaufman's adaptive moving average."""
    begin = first_valid(real)
    fill_head(out, begin + ma_lookback(timeperiod, KAMA))
    kama_from(real, begin, timeperiod, out)


@kernel()
def t3(real: F64In, timeperiod: int, vfactor: float, out: F64Out) -> None:
    """Tillson's T3."""
    begin = first_valid(real)
    fill_head(out, begin + ma_lookback(timeperiod, T3))
    t3_from(real, begin, timeperiod, vfactor, out)


@kernel()
def zlema(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Zero-lag exponential moving average."""
    begin = first_valid(real)
    fill_head(out, begin + ma_lookback(timeperiod, ZLEMA))
    zlema_from(real, begin, timeperiod, out)


@kernel()
def rma(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Wilder's moving average."""
    begin = first_valid(real)
    fill_head(out, begin + timeperiod - 1)
    rma_from(real, begin, timeperiod, out)


@kernel(work=lambda n, timeperiod: ma_work(n, timeperiod, HMA))
def hma(real: F64In, timeperiod: int, out: F64Out, work: F64Out) -> None:
    """Hull moving average."""
    begin = first_valid(real)
    fill_head(out, begin + ma_lookback(timeperiod, HMA))
    hma_from(real, begin, timeperiod, out, work)


@kernel(work=lambda n, fastlimit, slowlimit: ma_work(n, 0, MAMA))
def mama(
    real: F64In,
    fastlimit: float,
    slowlimit: float,
    mama: F64Out,
    fama: F64Out,
    work: F64Out,
) -> None:
    """Ehlers' MESA adaptive moving average and the following adaptive moving average."""
    begin = first_valid(real)
    fill_head(mama, begin + MAMA_LOOKBACK)
    fill_head(fama, begin + MAMA_LOOKBACK)
    mama_from(real, begin, fastlimit, slowlimit, mama, fama, work)


@kernel(work=ma_work)
def ma(real: F64In, timeperiod: int, matype: int, out: F64Out, work: F64Out) -> None:
    """Moving average of any of TA-Lib's types."""
    begin = first_valid(real)
    fill_head(out, begin + ma_lookback(timeperiod, matype))
    ma_from(real, begin, timeperiod, matype, out, work)


@helper
def deviations(real: F64In, start: int, stop: int, center: float) -> tuple[float, float]:
    """Sums over ``real[start:stop]`` of the deviation from ``center`` and of its square."""
    total = 0.0
    squares = 0.0
    for i in range(start, stop):
        deviation = real[i] - center
        total += deviation
        squares += deviation * deviation
    return total, squares


@helper
def mean_and_variance_from(
    real: F64In, begin: int, timeperiod: int, means: F64Out, variances: F64Out
) -> None:
    """``sma_from`` and ``variance_from`` in one pass."""
    n = len(real)
    first = begin + timeperiod - 1
    if first >= n:
        return
    weight = 1.0 / timeperiod
    running = 0.0
    for i in range(begin, first):
        running += real[i]
    center = real[begin]
    total, squares = deviations(real, begin, first, center)
    rebuild = first + REBUILD_PERIODS * timeperiod - 1
    for i in range(first, n):
        oldest = i - timeperiod + 1
        window = running + real[i]
        running = window - real[oldest]
        means[i] = window / timeperiod

        deviation = real[i] - center
        total += deviation
        squares += deviation * deviation
        mean = weight * total
        variance = weight * squares - mean * mean
        leaving = real[oldest] - center
        squares -= leaving * leaving
        if variance < weight * squares * 1e-6 or leaving * leaving > squares * 1e6 or i == rebuild:
            rebuild = i + REBUILD_PERIODS * timeperiod
            center = 0.0
            for j in range(oldest, i + 1):
                center += real[j]
            center *= weight
            total, squares = deviations(real, oldest, i + 1, center)
            mean = weight * total
            variance = weight * squares - mean * mean
            if variance < weight * squares * 1e-12:
                variance = 0.0
            leaving = real[oldest] - center
            squares -= leaving * leaving
        total -= leaving
        variances[i] = variance


@kernel(work=lambda n, timeperiod, nbdevup, nbdevdn, matype: ma_work(n, timeperiod, matype))
def bbands(
    real: F64In,
    timeperiod: int,
    nbdevup: float,
    nbdevdn: float,
    matype: int,
    upperband: F64Out,
    middleband: F64Out,
    lowerband: F64Out,
    work: F64Out,
) -> None:
    """Bollinger bands: standard deviations around a moving average."""
    n = len(real)
    begin = first_valid(real)
    first = begin + max(timeperiod - 1, ma_lookback(timeperiod, matype))
    if matype in (SMA, DEFAULT):
        mean_and_variance_from(real, begin, timeperiod, middleband, upperband)
    else:
        ma_from(real, begin, timeperiod, matype, middleband, work)
        variance_from(real, first - timeperiod + 1, timeperiod, upperband)
    fill_head(upperband, first)
    fill_head(middleband, first)
    fill_head(lowerband, first)
    if nbdevup == nbdevdn:
        for i in range(first, n):
            width = sqrt(upperband[i]) * nbdevup
            upperband[i] = middleband[i] + width
            lowerband[i] = middleband[i] - width
    else:
        for i in range(first, n):
            deviation = sqrt(upperband[i])
            upperband[i] = fma(deviation, nbdevup, middleband[i])
            lowerband[i] = middleband[i] - deviation * nbdevdn


@helper
def midrange_from(
    high: F64In, low: F64In, begin: int, timeperiod: int, out: F64Out, work: F64Out
) -> None:
    """Middle between the highest high and the lowest low of each window, by van Herk's blocks.

    A window is the end of one block and the start of the next: ``work`` has the extremes from
    each value of a block to its end, in pairs.
    """
    n = len(high)
    for last in range(begin + timeperiod - 1, n, timeperiod):
        highest = high[last]
        lowest = low[last]
        for j in range(timeperiod - 1, 0, -1):
            work[2 * j] = highest
            work[2 * j + 1] = lowest
            highest = higher(high[last - timeperiod + j], highest)
            lowest = lower(low[last - timeperiod + j], lowest)
        out[last] = (highest + lowest) / 2.0
        if last + 1 == n:
            return
        highest = high[last + 1]
        lowest = low[last + 1]
        stop = last + timeperiod
        for i in range(last + 1, stop if stop < n else n):
            j = 2 * (i - last)
            highest = higher(high[i], highest)
            lowest = lower(low[i], lowest)
            out[i] = (higher(highest, work[j]) + lower(lowest, work[j + 1])) / 2.0


@kernel(work=lambda n, timeperiod: 2 * min(n, timeperiod))
def midpoint(real: F64In, timeperiod: int, out: F64Out, work: F64Out) -> None:
    """Middle between the highest and the lowest value."""
    begin = first_valid(real)
    fill_head(out, begin + timeperiod - 1)
    midrange_from(real, real, begin, timeperiod, out, work)


@kernel(work=lambda n, timeperiod: 2 * min(n, timeperiod))
def midprice(high: F64In, low: F64In, timeperiod: int, out: F64Out, work: F64Out) -> None:
    """Middle between the highest high and the lowest low."""
    begin = first_valid2(high, low)
    fill_head(out, begin + timeperiod - 1)
    midrange_from(high, low, begin, timeperiod, out, work)


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
    down = low[begin] - low[begin + 1]
    long = not (down > 0.0 and high[begin + 1] - high[begin] < down)
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
