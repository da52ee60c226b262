"""Patterns of one candle, some of which look at where the candle before it was.

Values and settings are TA-Lib's, as in all ``pattern`` modules: 100 where a bullish pattern
ends, -100 for a bearish one, 0 for none; TA-Lib's default candle settings. A helper says what
the pattern is, told the totals of the averages that it compares with; the kernel of its name
says which these are, and scans.

Of conditions that are a coin's toss each, the branches cost more than the conditions: joined by
``&``, or counted, they are all evaluated, and one branch skips the rest.
"""

from __future__ import annotations

from ._candles import (
    BODY_DOJI,
    BODY_LONG,
    BODY_SHORT,
    NEAR,
    SHADOW_SHORT,
    SHADOW_VERY_LONG,
    SHADOW_VERY_SHORT,
    Candles,
    average,
    belt_hold,
    body_gaps_down,
    body_gaps_up,
    color,
    has_lower_shadow,
    has_upper_shadow,
    higher,
    is_doji,
    is_long,
    is_short,
    is_white,
    long_lower_shadow,
    long_upper_shadow,
    lower,
    lower_shadow,
    no_lower_shadow,
    no_shadows,
    no_upper_shadow,
    scan1,
    scan2,
    scan3,
    upper_shadow,
)
from ._spec import F64In, I32Out, helper, kernel


@helper
def doji(candles: Candles, ranges: float, i: int) -> int:
    return 100 if is_doji(candles, ranges, i) else 0


@kernel()
def cdldoji(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Doji: close and open are about equal. Neither bullish nor bearish."""
    scan1(Candles(open, high, low, close), 10, BODY_DOJI, 0, doji, out)


@helper
def dragonfly_doji(candles: Candles, ranges: float, i: int) -> int:
    found = (
        is_doji(candles, ranges, i)
        & no_upper_shadow(candles, ranges, i)
        & has_lower_shadow(candles, ranges, i)
    )
    return 100 if found else 0


@kernel()
def cdldragonflydoji(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Dragonfly doji: a doji with a lower shadow and no upper one."""
    scan1(Candles(open, high, low, close), 10, BODY_DOJI, 0, dragonfly_doji, out)


@helper
def gravestone_doji(candles: Candles, ranges: float, i: int) -> int:
    found = (
        is_doji(candles, ranges, i)
        & no_lower_shadow(candles, ranges, i)
        & has_upper_shadow(candles, ranges, i)
    )
    return 100 if found else 0


@kernel()
def cdlgravestonedoji(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Gravestone doji: a doji with an upper shadow and no lower one."""
    scan1(Candles(open, high, low, close), 10, BODY_DOJI, 0, gravestone_doji, out)


@helper
def long_legged_doji(candles: Candles, ranges: float, i: int) -> int:
    shadow = long_lower_shadow(candles, i) | long_upper_shadow(candles, i)
    return 100 if is_doji(candles, ranges, i) & shadow else 0


@kernel()
def cdllongleggeddoji(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Long-legged doji: a doji with a long shadow, or two."""
    scan1(Candles(open, high, low, close), 10, BODY_DOJI, 0, long_legged_doji, out)


@helper
def rickshaw_man(candles: Candles, ranges: float, nears: float, i: int) -> int:
    open, close = candles.open[i], candles.close[i]
    middle = candles.low[i] + (candles.high[i] - candles.low[i]) / 2
    near = average(candles, NEAR, nears, i)
    found = (
        is_doji(candles, ranges, i)
        & long_lower_shadow(candles, i)
        & long_upper_shadow(candles, i)
        & (lower(open, close) <= middle + near)
        & (higher(open, close) >= middle - near)
    )
    return 100 if found else 0


@kernel()
def cdlrickshawman(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Rickshaw man: a doji with two long shadows, near the middle of its range."""
    scan2(Candles(open, high, low, close), 10, BODY_DOJI, 0, NEAR, 0, rickshaw_man, out)


@helper
def takuri(candles: Candles, ranges: float, i: int) -> int:
    found = (
        is_doji(candles, ranges, i)
        & no_upper_shadow(candles, ranges, i)
        & (lower_shadow(candles, i) > average(candles, SHADOW_VERY_LONG, 0.0, i))
    )
    return 100 if found else 0


@kernel()
def cdltakuri(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Takuri: a dragonfly doji with a very long lower shadow."""
    scan1(Candles(open, high, low, close), 10, BODY_DOJI, 0, takuri, out)


@helper
def belt_hold_value(candles: Candles, bodies: float, ranges: float, i: int) -> int:
    return 100 * color(candles, i) if belt_hold(candles, bodies, ranges, i) else 0


@kernel()
def cdlbelthold(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Belt-hold: a long candle without a shadow where it opens."""
    candles = Candles(open, high, low, close)
    scan2(candles, 10, BODY_LONG, 0, SHADOW_VERY_SHORT, 0, belt_hold_value, out)


@helper
def closing_marubozu(candles: Candles, bodies: float, ranges: float, i: int) -> int:
    white = is_white(candles, i)
    shadow = upper_shadow(candles, i) if white else lower_shadow(candles, i)
    close_end = shadow < average(candles, SHADOW_VERY_SHORT, ranges, i)
    return 100 * color(candles, i) if close_end & is_long(candles, bodies, i) else 0


@kernel()
def cdlclosingmarubozu(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Closing marubozu: a long candle without a shadow where it closes."""
    candles = Candles(open, high, low, close)
    scan2(candles, 10, BODY_LONG, 0, SHADOW_VERY_SHORT, 0, closing_marubozu, out)


@helper
def marubozu(candles: Candles, bodies: float, ranges: float, i: int) -> int:
    found = is_long(candles, bodies, i) & no_shadows(candles, ranges, i)
    return 100 * color(candles, i) if found else 0


@kernel()
def cdlmarubozu(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Marubozu: a long candle without shadows."""
    candles = Candles(open, high, low, close)
    scan2(candles, 10, BODY_LONG, 0, SHADOW_VERY_SHORT, 0, marubozu, out)


@helper
def short_shadows(candles: Candles, shadows: float, i: int) -> bool:
    """Whether both shadows are short."""
    short = average(candles, SHADOW_SHORT, shadows, i)
    return (upper_shadow(candles, i) < short) & (lower_shadow(candles, i) < short)


@helper
def long_line(candles: Candles, bodies: float, shadows: float, i: int) -> int:
    found = is_long(candles, bodies, i) & short_shadows(candles, shadows, i)
    return 100 * color(candles, i) if found else 0


@kernel()
def cdllongline(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Long line: a long candle with short shadows."""
    candles = Candles(open, high, low, close)
    scan2(candles, 10, BODY_LONG, 0, SHADOW_SHORT, 0, long_line, out)


@helper
def short_line(candles: Candles, bodies: float, shadows: float, i: int) -> int:
    found = is_short(candles, bodies, i) & short_shadows(candles, shadows, i)
    return 100 * color(candles, i) if found else 0


@kernel()
def cdlshortline(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Short line: a short candle with short shadows."""
    candles = Candles(open, high, low, close)
    scan2(candles, 10, BODY_SHORT, 0, SHADOW_SHORT, 0, short_line, out)


@helper
def spinning_top(candles: Candles, bodies: float, i: int) -> int:
    found = (
        is_short(candles, bodies, i) & long_upper_shadow(candles, i) & long_lower_shadow(candles, i)
    )
    return 100 * color(candles, i) if found else 0


@kernel()
def cdlspinningtop(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Spinning top: a short candle with shadows that are longer than its body."""
    scan1(Candles(open, high, low, close), 10, BODY_SHORT, 0, spinning_top, out)


@helper
def high_wave(candles: Candles, bodies: float, i: int) -> int:
    very_long = average(candles, SHADOW_VERY_LONG, 0.0, i)
    found = (
        is_short(candles, bodies, i)
        & (upper_shadow(candles, i) > very_long)
        & (lower_shadow(candles, i) > very_long)
    )
    return 100 * color(candles, i) if found else 0


@kernel()
def cdlhighwave(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """High wave: a short candle with very long shadows."""
    scan1(Candles(open, high, low, close), 10, BODY_SHORT, 0, high_wave, out)


@helper
def hammer_shape(candles: Candles, bodies: float, ranges: float, i: int) -> bool:
    """A short real body, a long lower shadow, next to no upper one."""
    return (
        is_short(candles, bodies, i)
        & long_lower_shadow(candles, i)
        & no_upper_shadow(candles, ranges, i)
    )


@helper
def hammer(candles: Candles, bodies: float, ranges: float, nears: float, i: int) -> int:
    bottom = lower(candles.close[i], candles.open[i])
    near_low = bottom <= candles.low[i - 1] + average(candles, NEAR, nears, i - 1)
    return 100 if hammer_shape(candles, bodies, ranges, i) & near_low else 0


@kernel()
def cdlhammer(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Hammer: a short real body near the low before, a long lower shadow, next to no upper one."""
    candles = Candles(open, high, low, close)
    scan3(candles, 11, BODY_SHORT, 0, SHADOW_VERY_SHORT, 0, NEAR, 1, hammer, out)


@helper
def hanging_man(candles: Candles, bodies: float, ranges: float, nears: float, i: int) -> int:
    bottom = lower(candles.close[i], candles.open[i])
    near_high = bottom >= candles.high[i - 1] - average(candles, NEAR, nears, i - 1)
    return -100 if hammer_shape(candles, bodies, ranges, i) & near_high else 0


@kernel()
def cdlhangingman(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Hanging man: a hammer whose real body is near the high before, or above it."""
    candles = Candles(open, high, low, close)
    scan3(candles, 11, BODY_SHORT, 0, SHADOW_VERY_SHORT, 0, NEAR, 1, hanging_man, out)


@helper
def inverted_hammer_shape(candles: Candles, bodies: float, ranges: float, i: int) -> bool:
    """A short real body, a long upper shadow, next to no lower one."""
    return (
        is_short(candles, bodies, i)
        & long_upper_shadow(candles, i)
        & no_lower_shadow(candles, ranges, i)
    )


@helper
def inverted_hammer(candles: Candles, bodies: float, ranges: float, i: int) -> int:
    gap = body_gaps_down(candles, i, i - 1)
    return 100 if gap and inverted_hammer_shape(candles, bodies, ranges, i) else 0


@kernel()
def cdlinvertedhammer(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Inverted hammer: below the body before, a short one, a long upper shadow, no lower one."""
    candles = Candles(open, high, low, close)
    scan2(candles, 11, BODY_SHORT, 0, SHADOW_VERY_SHORT, 0, inverted_hammer, out)


@helper
def shooting_star(candles: Candles, bodies: float, ranges: float, i: int) -> int:
    gap = body_gaps_up(candles, i, i - 1)
    return -100 if gap and inverted_hammer_shape(candles, bodies, ranges, i) else 0


@kernel()
def cdlshootingstar(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Shooting star: an inverted hammer above the body before."""
    candles = Candles(open, high, low, close)
    scan2(candles, 11, BODY_SHORT, 0, SHADOW_VERY_SHORT, 0, shooting_star, out)
