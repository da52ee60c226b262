"""Volatility: Wilder's true range and its averages."""

from __future__ import annotations

from ._numeric import fma
from ._spec import F64In, F64Out, helper, kernel
from ._window import fill_head, first_valid3


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
def average_true_range_from(
    high: F64In, low: F64In, close: F64In, begin: int, timeperiod: int, out: F64Out
) -> None:
    """Wilder's average of the true range, seeded with the mean of the first period."""
    n = len(high)
    first = begin + timeperiod
    if first >= n:
        return
    average = 0.0
    for i in range(begin + 1, first + 1):
        average += true_range(high[i], low[i], close[i - 1])
    average /= timeperiod
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


@kernel()
def natr(high: F64In, low: F64In, close: F64In, timeperiod: int, out: F64Out) -> None:
    """Average true range in percent of the close, TA-Lib's NATR; 0 where the close is 0.

    With a period of 1 it is the plain true range, as in TA-Lib.
    """
    begin = first_valid3(high, low, close)
    first = begin + timeperiod
    fill_head(out, first)
    average_true_range_from(high, low, close, begin, timeperiod, out)
    if timeperiod > 1:
        for i in range(first, len(high)):
            price = close[i]
            average = out[i]
            out[i] = average / price * 100.0 if price != 0.0 else 0.0
