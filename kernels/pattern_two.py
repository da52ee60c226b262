"""Patterns of two candles. ``pattern_one`` says how patterns are written."""

from __future__ import annotations

from ._candles import (
    BODY_DOJI,
    BODY_LONG,
    BODY_SHORT,
    EQUAL,
    SHADOW_VERY_SHORT,
    Candles,
    about_equal,
    average,
    belt_hold,
    body_gaps_on,
    candle_gaps_down,
    candle_gaps_up,
    color,
    first_candle,
    higher,
    is_at_most_short,
    is_doji,
    is_long,
    is_white,
    lower,
    next_total,
    no_shadows,
    range_total,
    real_body,
    scan1,
    scan2,
    scan3,
)
from ._numeric import fma
from ._spec import F64In, I32Out, helper, kernel


@kernel()
def cdlengulfing(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Engulfing: a real body around one of the other colour; 80 if they share one end."""
    candles = Candles(open, high, low, close)
    first = first_candle(candles, 2, out)
    for i in range(first, len(out)):
        white, before = is_white(candles, i), is_white(candles, i - 1)
        up = (
            white
            & (not before)
            & (close[i] >= open[i - 1])
            & (open[i] <= close[i - 1])
            & ((close[i] > open[i - 1]) | (open[i] < close[i - 1]))
        )
        down = (
            (not white)
            & before
            & (open[i] >= close[i - 1])
            & (close[i] <= open[i - 1])
            & ((open[i] > close[i - 1]) | (close[i] < open[i - 1]))
        )
        shared = (open[i] == close[i - 1]) | (close[i] == open[i - 1])
        value = 1 if up else -1 if down else 0
        out[i] = value * (80 if shared else 100)


@helper
def inside_body(candles: Candles, i: int) -> int:
    """100 for a real body inside the one before, 80 if they share an end, 0 otherwise."""
    top = higher(candles.close[i], candles.open[i])
    top_before = higher(candles.close[i - 1], candles.open[i - 1])
    bottom = lower(candles.close[i], candles.open[i])
    bottom_before = lower(candles.close[i - 1], candles.open[i - 1])
    inside = 100 if (top < top_before) & (bottom > bottom_before) else 80
    return inside if (top <= top_before) & (bottom >= bottom_before) else 0


@helper
def harami(candles: Candles, longs: float, shorts: float, i: int) -> int:
    found = is_long(candles, longs, i - 1) & is_at_most_short(candles, shorts, i)
    return -color(candles, i - 1) * inside_body(candles, i) if found else 0


@kernel()
def cdlharami(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Harami: a short real body inside the long one before; 80 if they share one end."""
    scan2(Candles(open, high, low, close), 11, BODY_LONG, 1, BODY_SHORT, 0, harami, out)


@helper
def harami_cross(candles: Candles, longs: float, ranges: float, i: int) -> int:
    found = is_long(candles, longs, i - 1) & is_doji(candles, ranges, i)
    return -color(candles, i - 1) * inside_body(candles, i) if found else 0


@kernel()
def cdlharamicross(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Harami cross: a doji inside the long real body before; 80 if they share one end."""
    scan2(Candles(open, high, low, close), 11, BODY_LONG, 1, BODY_DOJI, 0, harami_cross, out)


@helper
def doji_star(candles: Candles, longs: float, ranges: float, i: int) -> int:
    found = (
        body_gaps_on(candles, i) and is_doji(candles, ranges, i) and is_long(candles, longs, i - 1)
    )
    return -100 * color(candles, i - 1) if found else 0


@kernel()
def cdldojistar(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Doji star: a doji beyond the long real body before."""
    scan2(Candles(open, high, low, close), 11, BODY_LONG, 1, BODY_DOJI, 0, doji_star, out)


@helper
def homing_pigeon(candles: Candles, longs: float, shorts: float, i: int) -> int:
    found = (
        (not is_white(candles, i - 1))
        & (not is_white(candles, i))
        & (candles.open[i] < candles.open[i - 1])
        & (candles.close[i] > candles.close[i - 1])
        & is_long(candles, longs, i - 1)
        & is_at_most_short(candles, shorts, i)
    )
    return 100 if found else 0


@kernel()
def cdlhomingpigeon(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Homing pigeon: a short black real body inside the long black one before."""
    scan2(Candles(open, high, low, close), 11, BODY_LONG, 1, BODY_SHORT, 0, homing_pigeon, out)


@helper
def matching_low(candles: Candles, equals: float, i: int) -> int:
    close, before = candles.close[i], candles.close[i - 1]
    found = (
        (not is_white(candles, i - 1))
        & (not is_white(candles, i))
        & about_equal(candles, equals, i - 1, close, before)
    )
    return 100 if found else 0


@kernel()
def cdlmatchinglow(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Matching low: two black candles with about the same close."""
    scan1(Candles(open, high, low, close), 6, EQUAL, 1, matching_low, out)


@helper
def counterattack(candles: Candles, equals: float, before: float, now: float, i: int) -> int:
    found = (
        (is_white(candles, i - 1) != is_white(candles, i))
        & about_equal(candles, equals, i - 1, candles.close[i], candles.close[i - 1])
        & is_long(candles, before, i - 1)
        & is_long(candles, now, i)
    )
    return 100 * color(candles, i) if found else 0


@kernel()
def cdlcounterattack(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Counterattack: two long candles of opposite colours with about the same close."""
    candles = Candles(open, high, low, close)
    scan3(candles, 11, EQUAL, 1, BODY_LONG, 1, BODY_LONG, 0, counterattack, out)


@helper
def separating_lines(candles: Candles, ranges: float, bodies: float, equals: float, i: int) -> int:
    found = (
        (is_white(candles, i - 1) != is_white(candles, i))
        & about_equal(candles, equals, i - 1, candles.open[i], candles.open[i - 1])
        & belt_hold(candles, bodies, ranges, i)
    )
    return 100 * color(candles, i) if found else 0


@kernel()
def cdlseparatinglines(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Separating lines: a belt-hold of the other colour with about the same open as before."""
    candles = Candles(open, high, low, close)
    scan3(candles, 11, SHADOW_VERY_SHORT, 0, BODY_LONG, 0, EQUAL, 1, separating_lines, out)


@helper
def white_below_long_black(candles: Candles, longs: float, i: int) -> bool:
    """Whether a white candle opens below the low of the long black one before."""
    return (
        candles.open[i] < candles.low[i - 1]
        and is_white(candles, i)
        and not is_white(candles, i - 1)
        and is_long(candles, longs, i - 1)
    )


@helper
def half_body(candles: Candles, i: int) -> float:
    """The middle of a black real body."""
    return fma(0.5, real_body(candles, i), candles.close[i])


@helper
def in_neck(candles: Candles, equals: float, longs: float, i: int) -> int:
    close, before = candles.close[i], candles.close[i - 1]
    found = (
        white_below_long_black(candles, longs, i)
        and close <= before + average(candles, EQUAL, equals, i - 1)
        and close >= before
    )
    return -100 if found else 0


@kernel()
def cdlinneck(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """In-neck: white from below the low of a long black candle to its close, or slightly above."""
    scan2(Candles(open, high, low, close), 11, EQUAL, 1, BODY_LONG, 1, in_neck, out)


@helper
def on_neck(candles: Candles, equals: float, longs: float, i: int) -> int:
    found = white_below_long_black(candles, longs, i) and about_equal(
        candles, equals, i - 1, candles.close[i], candles.low[i - 1]
    )
    return -100 if found else 0


@kernel()
def cdlonneck(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """On-neck: white from below the low of a long black candle to about that low."""
    scan2(Candles(open, high, low, close), 11, EQUAL, 1, BODY_LONG, 1, on_neck, out)


@helper
def thrusting(candles: Candles, equals: float, longs: float, i: int) -> int:
    close, before = candles.close[i], candles.close[i - 1]
    found = (
        white_below_long_black(candles, longs, i)
        and close > before + average(candles, EQUAL, equals, i - 1)
        and close <= half_body(candles, i - 1)
    )
    return -100 if found else 0


@kernel()
def cdlthrusting(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Thrusting: white from below the low of a long black candle into its body's lower half."""
    scan2(Candles(open, high, low, close), 11, EQUAL, 1, BODY_LONG, 1, thrusting, out)


@helper
def piercing(candles: Candles, before: float, now: float, i: int) -> int:
    found = (
        white_below_long_black(candles, before, i)
        and is_long(candles, now, i)
        and candles.close[i] < candles.open[i - 1]
        and candles.close[i] > half_body(candles, i - 1)
    )
    return 100 if found else 0


@kernel()
def cdlpiercing(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Piercing: long white from below a long black candle's low into its body's upper half."""
    scan2(Candles(open, high, low, close), 11, BODY_LONG, 1, BODY_LONG, 0, piercing, out)


@kernel()
def cdldarkcloudcover(
    open: F64In, high: F64In, low: F64In, close: F64In, penetration: float, out: I32Out
) -> None:
    """Dark cloud cover: black from above the high of a long white candle well into its body."""
    candles = Candles(open, high, low, close)
    first = first_candle(candles, BODY_LONG.period + 1, out)
    longs = range_total(candles, BODY_LONG, first - 1)
    for i in range(first, len(out)):
        found = (
            open[i] > high[i - 1]
            and not is_white(candles, i)
            and is_white(candles, i - 1)
            and close[i] > open[i - 1]
            and close[i] < close[i - 1] - real_body(candles, i - 1) * penetration
            and is_long(candles, longs, i - 1)
        )
        out[i] = -100 if found else 0
        longs = next_total(candles, BODY_LONG, longs, i - 1)


@helper
def kicks(candles: Candles, i: int) -> bool:
    """Whether a candle of the other colour leaves the one before, shadows included."""
    if is_white(candles, i - 1):
        return candle_gaps_down(candles, i, i - 1) and not is_white(candles, i)
    return candle_gaps_up(candles, i, i - 1) and is_white(candles, i)


@helper
def kicking(candles: Candles, by_length: bool, out: I32Out) -> None:
    """Both kicking patterns: with the colour of the second candle, or of the longer one."""
    first = first_candle(candles, 11, out)
    longs_before = range_total(candles, BODY_LONG, first - 1)
    longs = range_total(candles, BODY_LONG, first)
    ranges_before = range_total(candles, SHADOW_VERY_SHORT, first - 1)
    ranges = range_total(candles, SHADOW_VERY_SHORT, first)
    for i in range(first, len(out)):
        found = (
            kicks(candles, i)
            and is_long(candles, longs_before, i - 1)
            and no_shadows(candles, ranges_before, i - 1)
            and is_long(candles, longs, i)
            and no_shadows(candles, ranges, i)
        )
        second = not by_length or real_body(candles, i) > real_body(candles, i - 1)
        out[i] = 100 * color(candles, i if second else i - 1) if found else 0
        longs_before = next_total(candles, BODY_LONG, longs_before, i - 1)
        longs = next_total(candles, BODY_LONG, longs, i)
        ranges_before = next_total(candles, SHADOW_VERY_SHORT, ranges_before, i - 1)
        ranges = next_total(candles, SHADOW_VERY_SHORT, ranges, i)


@kernel()
def cdlkicking(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Kicking: a marubozu that leaves one of the other colour behind; bullish if it is white."""
    kicking(Candles(open, high, low, close), False, out)


@kernel()
def cdlkickingbylength(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Kicking by length: kicking; bullish if the longer of the two is white."""
    kicking(Candles(open, high, low, close), True, out)
