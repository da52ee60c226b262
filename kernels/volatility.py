"""Volatility: true range, the candle's range and its averages, volatility of rises and falls."""

from __future__ import annotations

from ._moving import mean_difference_from
from ._numeric import NAN, fma, sqrt
from ._spec import F64In, F64Out, helper, kernel
from ._window import fill_head, first_valid, first_valid2, first_valid3
from .statistic import variance_from


@helper
def true_range(high: float, low: float, previous_close: float) -> float:
    """Wilder's true range: the candle's range, widened by a gap from the previous close."""
    width = high - low
    above = abs(previous_close - high)
    below = abs(previous_close - low)
    width = above if above > width else width
    return below if below > width else width


@kernel()
def trange(high: F64In, low: F64In, close: F64In, out: F64Out) -> None:
    """True range, TA-Lib's TRANGE."""
    first = first_valid3(high, low, close) + 1
    fill_head(out, first)
    for i in range(first, len(high)):
        out[i] = true_range(high[i], low[i], close[i - 1])


@helper
def mean_true_range(high: F64In, low: F64In, close: F64In, begin: int, timeperiod: int) -> float:
    """Mean true range of the ``timeperiod`` candles after ``begin``, which seeds its averages."""
    total = 0.0
    for i in range(begin + 1, begin + timeperiod + 1):
        total += true_range(high[i], low[i], close[i - 1])
    return total / timeperiod


@helper
def average_true_range_from(
    high: F64In, low: F64In, close: F64In, begin: int, timeperiod: int, out: F64Out
) -> None:
    """Wilder's average of the true range, seeded with the mean of the first period."""
    n = len(high)
    first = begin + timeperiod
    if first >= n:
        return
    average = mean_true_range(high, low, close, begin, timeperiod)
    out[first] = average
    decay = (timeperiod - 1) / timeperiod
    gain = 1.0 - decay
    for i in range(first + 1, n):
        average = fma(average, decay, gain * true_range(high[i], low[i], close[i - 1]))
        out[i] = average


@kernel()
def atr(high: F64In, low: F64In, close: F64In, timeperiod: int, out: F64Out) -> None:
    """Wilder's average true range, TA-Lib's ATR."""
    begin = first_valid3(high, low, close)
    fill_head(out, begin + timeperiod)
    average_true_range_from(high, low, close, begin, timeperiod, out)


@helper
def percent_of(price: float, average: float) -> float:
    return average / price * 100.0 if price != 0.0 else 0.0


@kernel()
def natr(high: F64In, low: F64In, close: F64In, timeperiod: int, out: F64Out) -> None:
    """Average true range in percent of the close, TA-Lib's NATR; 0 where the close is 0.

    With a period of 1 it is the plain true range, as in TA-Lib.
    """
    n = len(high)
    begin = first_valid3(high, low, close)
    first = begin + timeperiod
    fill_head(out, first)
    if timeperiod == 1:
        average_true_range_from(high, low, close, begin, timeperiod, out)
        return
    if first >= n:
        return
    average = mean_true_range(high, low, close, begin, timeperiod)
    out[first] = percent_of(close[first], average)
    decay = (timeperiod - 1) / timeperiod
    gain = 1.0 - decay
    for i in range(first + 1, n):
        average = fma(average, decay, gain * true_range(high[i], low[i], close[i - 1]))
        out[i] = percent_of(close[i], average)


@kernel()
def adr(high: F64In, low: F64In, timeperiod: int, out: F64Out) -> None:
    """Average day range, TA-Lib's ADR: the candle's range, averaged by a running sum."""
    begin = first_valid2(high, low)
    fill_head(out, begin + timeperiod - 1)
    mean_difference_from(high, low, begin, timeperiod, out)


@helper
def mean_range(high: F64In, low: F64In, begin: int, timeperiod: int) -> float:
    """Mean range of ``timeperiod`` candles from ``begin``, which seeds its averages."""
    total = 0.0
    for i in range(begin, begin + timeperiod):
        total += high[i] - low[i]
    return total / timeperiod


@kernel(work=lambda n, timeperiod, rocperiod: min(n, rocperiod))
def cvi(
    high: F64In, low: F64In, timeperiod: int, rocperiod: int, out: F64Out, work: F64Out
) -> None:
    """Chaikin's volatility, TA-Lib's CVI: rate of change, in percent, of the range's EMA.

    0 where the earlier EMA is 0; ``work`` is a ring of the last ``rocperiod`` EMAs.
    """
    n = len(high)
    begin = first_valid2(high, low)
    seeded = begin + timeperiod - 1
    first = seeded + rocperiod
    fill_head(out, first)
    if first >= n:
        return
    k = 2.0 / (timeperiod + 1)
    ema = mean_range(high, low, begin, timeperiod)
    work[0] = ema
    for i in range(seeded + 1, first):
        ema = fma(high[i] - low[i] - ema, k, ema)
        work[i - seeded] = ema
    slot = 0
    for i in range(first, n):
        ema = fma(high[i] - low[i] - ema, k, ema)
        earlier = work[slot]
        work[slot] = ema
        slot = slot + 1 if slot + 1 < rocperiod else 0
        out[i] = (ema - earlier) / earlier * 100.0 if earlier != 0.0 else 0.0


@kernel(work=lambda n, fastperiod, slowperiod: min(n, slowperiod))
def massi(
    high: F64In, low: F64In, fastperiod: int, slowperiod: int, out: F64Out, work: F64Out
) -> None:
    """Dorsey's mass index, TA-Lib's MASSI: sum of the range's EMA over that EMA's own EMA.

    The ratio is 1 where the latter is 0. ``work`` is a ring of ratios.
    """
    n = len(high)
    begin = first_valid2(high, low)
    seeded = begin + fastperiod - 1
    smoothed = seeded + fastperiod - 1
    first = smoothed + slowperiod - 1
    fill_head(out, first)
    if first >= n:
        return
    k = 2.0 / (fastperiod + 1)
    ema = mean_range(high, low, begin, fastperiod)
    total = 0.0 + ema
    for i in range(seeded + 1, smoothed + 1):
        ema = fma(high[i] - low[i] - ema, k, ema)
        total += ema
    ema_of_ema = total / fastperiod
    ratio = 1.0 if ema_of_ema == 0.0 else ema / ema_of_ema
    work[0] = ratio
    total = 0.0 + ratio
    slot = 1
    for i in range(smoothed + 1, n):
        ema = fma(high[i] - low[i] - ema, k, ema)
        ema_of_ema = fma(ema - ema_of_ema, k, ema_of_ema)
        ratio = 1.0 if ema_of_ema == 0.0 else ema / ema_of_ema
        work[slot] = ratio
        total += ratio
        slot = slot + 1 if slot + 1 < slowperiod else 0
        if i >= first:
            out[i] = total
            total -= work[slot]


@kernel()
def rvi(real: F64In, timeperiod: int, stddevperiod: int, out: F64Out) -> None:
    """Dorsey's relative volatility index, TA-Lib's RVI.

    Wilder's average of the standard deviations at rises, in percent of those at rises and falls;
    50 where there are none.
    """
    n = len(real)
    begin = first_valid(real)
    start = begin + stddevperiod - 1
    first = start + timeperiod - 1
    fill_head(out, first)
    if first >= n:
        return
    variance_from(real, begin, stddevperiod, out)
    up = 0.0
    down = 0.0
    for i in range(start, first + 1):
        deviation = sqrt(out[i])
        out[i] = NAN
        change = real[i] - real[i - 1]
        if change > 0.0:
            up += deviation
        elif change < 0.0:
            down += deviation
    up /= timeperiod
    down /= timeperiod
    total = up + down
    out[first] = 50.0 if total == 0.0 else 100.0 * (up / total)
    keep = (timeperiod - 1) / timeperiod
    weight = 1.0 - keep
    for i in range(first + 1, n):
        deviation = sqrt(out[i])
        change = real[i] - real[i - 1]
        up = fma(keep, up, weight * (deviation if change > 0.0 else 0.0))
        down = fma(keep, down, weight * (deviation if change < 0.0 else 0.0))
        total = up + down
        out[i] = 50.0 if total == 0.0 else 100.0 * (up / total)
