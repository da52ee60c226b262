"""Candlestick patterns: 100 where a bullish one ends, -100 for a bearish one, 0 for none.

Each kernel is TA-Lib's pattern with its default candle settings: the first candle it can end on,
the totals of the averages it compares with, and the pattern itself.
"""

from __future__ import annotations

from ._candles import (
    BODY_DOJI,
    BODY_LONG,
    BODY_SHORT,
    NEAR,
    SHADOW_LONG,
    SHADOW_VERY_SHORT,
    Candles,
    average,
    body_gaps_down,
    first_candle,
    is_white,
    lower,
    lower_shadow,
    next_total,
    range_total,
    real_body,
    upper_shadow,
)
from ._numeric import fma
from ._spec import F64In, I32Out, kernel


@kernel()
def cdldoji(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Doji: close and open are about equal. Neither bullish nor bearish."""
    candles = Candles(open, high, low, close)
    first = first_candle(candles, BODY_DOJI.period, out)
    doji = range_total(candles, BODY_DOJI, first)
    for i in range(first, len(out)):
        found = real_body(candles, i) <= average(candles, BODY_DOJI, doji, i)
        out[i] = 100 if found else 0
        doji = next_total(candles, BODY_DOJI, doji, i)


@kernel()
def cdlengulfing(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Engulfing: a real body around one of the other colour; 80 if they share one end."""
    candles = Candles(open, high, low, close)
    first = first_candle(candles, 2, out)
    for i in range(first, len(out)):
        value = 0
        if is_white(candles, i):
            if not is_white(candles, i - 1) and (
                (close[i] >= open[i - 1] and open[i] < close[i - 1])
                or (close[i] > open[i - 1] and open[i] <= close[i - 1])
            ):
                value = 1
        elif is_white(candles, i - 1) and (
            (open[i] >= close[i - 1] and close[i] < open[i - 1])
            or (open[i] > close[i - 1] and close[i] <= open[i - 1])
        ):
            value = -1
        shared = open[i] == close[i - 1] or close[i] == open[i - 1]
        out[i] = value * (80 if shared else 100)


@kernel()
def cdlhammer(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Hammer: a short real body near the low before, a long lower shadow, next to no upper one."""
    candles = Candles(open, high, low, close)
    first = first_candle(candles, BODY_SHORT.period + 1, out)
    body = range_total(candles, BODY_SHORT, first)
    shadow = range_total(candles, SHADOW_VERY_SHORT, first)
    near = range_total(candles, NEAR, first - 1)
    for i in range(first, len(out)):
        found = (
            real_body(candles, i) < average(candles, BODY_SHORT, body, i)
            and lower_shadow(candles, i) > average(candles, SHADOW_LONG, 0.0, i)
            and upper_shadow(candles, i) < average(candles, SHADOW_VERY_SHORT, shadow, i)
            and lower(close[i], open[i]) <= low[i - 1] + average(candles, NEAR, near, i - 1)
        )
        out[i] = 100 if found else 0
        body = next_total(candles, BODY_SHORT, body, i)
        shadow = next_total(candles, SHADOW_VERY_SHORT, shadow, i)
        near = next_total(candles, NEAR, near, i - 1)


@kernel()
def cdlmorningstar(
    open: F64In, high: F64In, low: F64In, close: F64In, penetration: float, out: I32Out
) -> None:
    """Morning star: long black, then a short body below it, then white well into the first body."""
    candles = Candles(open, high, low, close)
    first = first_candle(candles, BODY_LONG.period + 2, out)
    long1 = range_total(candles, BODY_LONG, first - 2)
    short2 = range_total(candles, BODY_SHORT, first - 1)
    short3 = range_total(candles, BODY_SHORT, first)
    for i in range(first, len(out)):
        found = (
            not is_white(candles, i - 2)
            and is_white(candles, i)
            and body_gaps_down(candles, i - 1, i - 2)
            and close[i] > fma(real_body(candles, i - 2), penetration, close[i - 2])
            and real_body(candles, i - 2) > average(candles, BODY_LONG, long1, i - 2)
            and real_body(candles, i - 1) <= average(candles, BODY_SHORT, short2, i - 1)
            and real_body(candles, i) > average(candles, BODY_SHORT, short3, i)
        )
        out[i] = 100 if found else 0
        long1 = next_total(candles, BODY_LONG, long1, i - 2)
        short2 = next_total(candles, BODY_SHORT, short2, i - 1)
        short3 = next_total(candles, BODY_SHORT, short3, i)
