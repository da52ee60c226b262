"""Price transforms: one representative price a candle."""

from __future__ import annotations

import math

from ._numeric import fma
from ._spec import F64In, F64Out, helper, kernel
from ._window import fill_head, first_valid, first_valid2, first_valid3, first_valid4


@kernel()
def avgprice(open: F64In, high: F64In, low: F64In, close: F64In, out: F64Out) -> None:
    """Average price: a quarter of high + low + close + open, added in this order."""
    begin = first_valid4(open, high, low, close)
    fill_head(out, begin)
    for i in range(begin, len(out)):
        out[i] = (high[i] + low[i] + close[i] + open[i]) * 0.25


@kernel()
def medprice(high: F64In, low: F64In, out: F64Out) -> None:
    """Median price: halfway between high and low."""
    begin = first_valid2(high, low)
    fill_head(out, begin)
    for i in range(begin, len(out)):
        out[i] = (high[i] + low[i]) * 0.5


@kernel()
def typprice(high: F64In, low: F64In, close: F64In, out: F64Out) -> None:
    """Typical price: a third of high + low + close."""
    begin = first_valid3(high, low, close)
    fill_head(out, begin)
    for i in range(begin, len(out)):
        out[i] = (high[i] + low[i] + close[i]) / 3.0


@kernel()
def wclprice(high: F64In, low: F64In, close: F64In, out: F64Out) -> None:
    """Weighted close price: the close counts twice."""
    begin = first_valid3(high, low, close)
    fill_head(out, begin)
    for i in range(begin, len(out)):
        out[i] = fma(2.0, close[i], high[i] + low[i]) * 0.25


@kernel()
def avgdev(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Average deviation: mean distance of a window's values from their mean."""
    first = first_valid(real) + timeperiod - 1
    fill_head(out, first)
    for i in range(first, len(real)):
        total = 0.0
        for k in range(timeperiod):
            total += real[i - k]
        mean = total / timeperiod
        distance = 0.0
        for k in range(timeperiod):
            distance += abs(real[i - k] - mean)
        out[i] = distance / timeperiod


@kernel()
def ha(
    open: F64In,
    high: F64In,
    low: F64In,
    close: F64In,
    haopen: F64Out,
    hahigh: F64Out,
    halow: F64Out,
    haclose: F64Out,
) -> None:
    """Heikin-Ashi candles, TA-Lib's HA.

    The close is a quarter of open + high + low + close, added in this order, the open half of
    the last candle's open and close; high and low are widened to hold both.
    """
    n = len(open)
    begin = first_valid4(open, high, low, close)
    for head in (haopen, hahigh, halow, haclose):
        fill_head(head, begin)
    if n == 0:
        return
    opened = (open[begin] + close[begin]) / 2.0
    for i in range(begin, n):
        closed = (open[i] + high[i] + low[i] + close[i]) / 4.0
        highest = high[i]
        highest = opened if opened > highest else highest
        hahigh[i] = closed if closed > highest else highest
        lowest = low[i]
        lowest = opened if opened < lowest else lowest
        halow[i] = closed if closed < lowest else lowest
        haopen[i] = opened
        haclose[i] = closed
        opened = (opened + closed) / 2.0


@helper
def higher(one: float, other: float) -> float:
    """The other number if it is the higher one, or the first is NaN."""
    return other if (other > one) | (one != one) else one


@helper
def lower(one: float, other: float) -> float:
    """The other number if it is the lower one, or the first is NaN."""
    return other if (other < one) | (one != one) else one


@kernel()
def heikin_ashi(
    open: F64In,
    high: F64In,
    low: F64In,
    close: F64In,
    ha_open: F64Out,
    ha_high: F64Out,
    ha_low: F64Out,
    ha_close: F64Out,
) -> bool:
    """Heikin-Ashi candles as qtpylib has them; whether a price is infinite, or a high or low 0.

    The sign of such a 0 is open, and qtpylib warns of infinite prices. The close is a quarter of
    open + high + low + close, the open half of the last candle's open and close, and the highest
    and lowest are those of what isn't NaN.
    """
    odd = False
    opened, closed = (open[0], close[0]) if len(open) else (0.0, 0.0)
    for i in range(len(open)):
        opened = (opened + closed) / 2.0
        closed = (open[i] + high[i] + low[i] + close[i]) / 4.0
        ha_open[i] = opened
        ha_close[i] = closed
    # Apart from what needs the candle before, and without a branch: several candles at once.
    for i in range(len(open)):
        opened, closed = ha_open[i], ha_close[i]
        highest = higher(higher(high[i], opened), closed)
        lowest = lower(lower(low[i], opened), closed)
        ha_high[i] = highest
        ha_low[i] = lowest
        infinite = (abs(opened) == math.inf) | (abs(closed) == math.inf)
        odd = odd | infinite | (highest == 0.0) | (lowest == 0.0)
    return odd
