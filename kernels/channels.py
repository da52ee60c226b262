"""Channels around the price: Acceleration bands, Donchian's and Keltner's."""

from __future__ import annotations

from ._extremes import extremes_from
from ._moving import ema_from
from ._spec import F64In, F64Out, helper, kernel
from ._window import fill_head, first_valid2, first_valid3
from .volatility import average_true_range_from

# TA-Lib's TA_EPSILON: a sum smaller than this share of its operands counts as none.
EPSILON = 1e-14


@helper
def accelerated(high: float, low: float) -> tuple[float, float]:
    """Headley's band of one candle: it is wider by four times the range's share in the price."""
    total = high + low
    if abs(total) <= EPSILON * (abs(high) + abs(low)):
        return high, low
    share = 4.0 * (high - low) / total
    return high * (1.0 + share), low * (1.0 - share)


@kernel()
def accbands(
    high: F64In,
    low: F64In,
    close: F64In,
    timeperiod: int,
    upperband: F64Out,
    middleband: F64Out,
    lowerband: F64Out,
) -> None:
    """Headley's acceleration bands, TA-Lib's ACCBANDS: simple moving averages of three lines."""
    n = len(high)
    begin = first_valid3(high, low, close)
    first = begin + timeperiod - 1
    fill_head(upperband, first)
    fill_head(middleband, first)
    fill_head(lowerband, first)
    if first >= n:
        return
    total_upper = total_middle = total_lower = 0.0
    for i in range(begin, first):
        upper, lower = accelerated(high[i], low[i])
        total_upper += upper
        total_middle += close[i]
        total_lower += lower
    for i in range(first, n):
        upper, lower = accelerated(high[i], low[i])
        total_upper += upper
        total_middle += close[i]
        total_lower += lower
        upperband[i] = total_upper / timeperiod
        middleband[i] = total_middle / timeperiod
        lowerband[i] = total_lower / timeperiod
        oldest = i - timeperiod + 1
        upper, lower = accelerated(high[oldest], low[oldest])
        total_upper -= upper
        total_middle -= close[oldest]
        total_lower -= lower


@kernel()
def donchian(
    high: F64In,
    low: F64In,
    timeperiod: int,
    upperband: F64Out,
    middleband: F64Out,
    lowerband: F64Out,
) -> None:
    """Donchian's channel, TA-Lib's DONCHIAN: highest high, lowest low and the middle of them."""
    begin = first_valid2(high, low)
    first = begin + timeperiod - 1
    extremes_from(high, low, begin, timeperiod, upperband, lowerband)
    fill_head(upperband, first)
    fill_head(middleband, first)
    fill_head(lowerband, first)
    for i in range(first, len(high)):
        middleband[i] = (upperband[i] + lowerband[i]) / 2.0


@kernel()
def kc(
    high: F64In,
    low: F64In,
    close: F64In,
    timeperiod: int,
    atrperiod: int,
    nbdev: float,
    upperband: F64Out,
    middleband: F64Out,
    lowerband: F64Out,
) -> None:
    """Keltner's channel, TA-Lib's KC: average true ranges around the typical price's EMA.

    Each of both averages starts as late as it can.
    """
    n = len(high)
    begin = first_valid3(high, low, close)
    first = begin + max(timeperiod - 1, atrperiod)
    average_true_range_from(high, low, close, first - atrperiod, atrperiod, upperband)
    for i in range(first - timeperiod + 1, n):
        lowerband[i] = (high[i] + low[i] + close[i]) / 3.0
    ema_from(lowerband, first - timeperiod + 1, timeperiod, middleband)
    fill_head(upperband, first)
    fill_head(middleband, first)
    fill_head(lowerband, first)
    for i in range(first, n):
        width = upperband[i] * nbdev
        upperband[i] = middleband[i] + width
        lowerband[i] = middleband[i] - width
