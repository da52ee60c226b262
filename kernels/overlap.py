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
    copy_from,
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
from ._numeric import div, fma, sqrt
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
def limited(period: float, minperiod: int, maxperiod: int) -> int:
    """The period as an integer within the limits; the lower limit for NaN."""
    if period > maxperiod:
        return maxperiod
    return int(period) if period >= minperiod else minperiod


@kernel(
    work=lambda n, minperiod, maxperiod, matype: (
        2 * n + max(0, maxperiod - minperiod + 1) + ma_work(n, maxperiod, matype)
    )
)
def mavp(
    real: F64In,
    periods: F64In,
    minperiod: int,
    maxperiod: int,
    matype: int,
    out: F64Out,
    work: F64Out,
) -> bool:
    """Moving average whose period is each candle's own, cut to the limits; whether they contradict.

    One pass over ``real`` for each period that occurs. ``work`` has its averages, then the
    candles in the order of their periods, then where in that order each period begins.
    """
    if minperiod > maxperiod:
        return True
    n = len(real)
    first = first_valid2(real, periods) + ma_lookback(maxperiod, matype)
    fill_head(out, first)
    if first >= n:
        return False
    count = maxperiod - minperiod + 1
    averages = work[:n]
    ordered = work[n : 2 * n]
    starts = work[2 * n : 2 * n + count]
    spare = work[2 * n + count :]
    for k in range(count):
        starts[k] = 0.0
    for i in range(first, n):
        starts[limited(periods[i], minperiod, maxperiod) - minperiod] += 1.0
    total = 0.0
    for k in range(count):
        occurs = starts[k]
        starts[k] = total
        total += occurs
    for i in range(first, n):
        k = limited(periods[i], minperiod, maxperiod) - minperiod
        ordered[int(starts[k])] = float(i)
        starts[k] += 1.0
    start = 0
    for k in range(count):
        stop = int(starts[k])  # where the next period begins, now
        if stop > start:
            period = minperiod + k
            begin = first - ma_lookback(period, matype)
            last = int(ordered[stop - 1])
            ma_from(real[: last + 1], begin, period, matype, averages, spare)
            for at in range(start, stop):
                i = int(ordered[at])
                out[i] = averages[i]
        start = stop
    return False


@kernel()
def vwma(real: F64In, volume: F64In, timeperiod: int, out: F64Out) -> None:
    """Volume weighted moving average; NaN or infinite where there is no volume."""
    n = len(real)
    begin = first_valid2(real, volume)
    first = begin + timeperiod - 1
    fill_head(out, first)
    if first >= n:
        return
    if timeperiod == 1:
        copy_from(real, begin, out)
        return
    turnover = 0.0
    traded = 0.0
    for i in range(begin, first):
        turnover += real[i] * volume[i]
        traded += volume[i]
    for i in range(first, n):
        turnover += real[i] * volume[i]
        traded += volume[i]
        out[i] = div(turnover / timeperiod, traded / timeperiod)
        oldest = i - timeperiod + 1
        turnover -= real[oldest] * volume[oldest]
        traded -= volume[oldest]


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
