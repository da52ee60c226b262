"""Patterns of three candles. ``pattern_one`` says how patterns are written."""

from __future__ import annotations

from collections.abc import Callable

from ._candles import (
    BODY_DOJI,
    BODY_LONG,
    BODY_SHORT,
    EQUAL,
    FAR,
    NEAR,
    SHADOW_SHORT,
    SHADOW_VERY_SHORT,
    Candles,
    Setting,
    about_equal,
    average,
    between,
    body_gaps_down,
    body_gaps_up,
    candle_gaps_down,
    candle_gaps_up,
    color,
    first_candle,
    has_lower_shadow,
    higher,
    is_at_most_short,
    is_long,
    is_over_short,
    is_short,
    is_white,
    long_lower_shadow,
    long_upper_shadow,
    lower,
    next_total,
    no_lower_shadow,
    no_shadows,
    no_upper_shadow,
    range_total,
    real_body,
    scan1,
    scan2,
    upper_shadow,
)
from ._numeric import fma
from ._spec import F64In, I32Out, helper, kernel


@helper
def evening(candles: Candles, penetration: float, i: int) -> bool:
    """White, then a body above, then black well into the first body."""
    return (
        body_gaps_up(candles, i - 1, i - 2)
        and is_white(candles, i - 2)
        and falls_into_body(candles, penetration, i)
    )


@helper
def morning(candles: Candles, penetration: float, i: int) -> bool:
    """Black, then a body below, then white well into the first body."""
    return (
        body_gaps_down(candles, i - 1, i - 2)
        and not is_white(candles, i - 2)
        and rises_into_body(candles, penetration, i)
    )


@helper
def abandons(candles: Candles, penetration: float, i: int) -> bool:
    """A middle candle that touches neither other one; the third well into the first body."""
    if is_white(candles, i - 2):
        return (
            candle_gaps_up(candles, i - 1, i - 2)
            and candle_gaps_down(candles, i, i - 1)
            and falls_into_body(candles, penetration, i)
        )
    return (
        candle_gaps_down(candles, i - 1, i - 2)
        and candle_gaps_up(candles, i, i - 1)
        and rises_into_body(candles, penetration, i)
    )


@helper
def falls_into_body(candles: Candles, penetration: float, i: int) -> bool:
    """Whether the candle is black and closes that share of the first body below its close."""
    limit = candles.close[i - 2] - real_body(candles, i - 2) * penetration
    return (not is_white(candles, i)) & (candles.close[i] < limit)


@helper
def rises_into_body(candles: Candles, penetration: float, i: int) -> bool:
    """Whether the candle is white and closes that share of the first body above its close."""
    limit = fma(real_body(candles, i - 2), penetration, candles.close[i - 2])
    return is_white(candles, i) & (candles.close[i] > limit)


@helper
def stars(
    candles: Candles,
    middle: Setting,
    places: Callable[[Candles, float, int], bool],
    penetration: float,
    out: I32Out,
) -> None:
    """A long body, a body of at most ``middle``, one that isn't short, placed as ``places`` says.

    The third candle's colour says which way.
    """
    first = first_candle(candles, BODY_LONG.period + 2, out)
    long1 = range_total(candles, BODY_LONG, first - 2)
    middle2 = range_total(candles, middle, first - 1)
    short3 = range_total(candles, BODY_SHORT, first)
    for i in range(first, len(out)):
        sized = (
            is_long(candles, long1, i - 2)
            + (real_body(candles, i - 1) <= average(candles, middle, middle2, i - 1))
            + is_over_short(candles, short3, i)
        )
        found = sized == 3 and places(candles, penetration, i)
        out[i] = 100 * color(candles, i) if found else 0
        long1 = next_total(candles, BODY_LONG, long1, i - 2)
        middle2 = next_total(candles, middle, middle2, i - 1)
        short3 = next_total(candles, BODY_SHORT, short3, i)


@kernel()
def cdlmorningstar(
    open: F64In, high: F64In, low: F64In, close: F64In, penetration: float, out: I32Out
) -> None:
    """Morning star: long black, then a short body below it, then white well into the first body."""
    stars(Candles(open, high, low, close), BODY_SHORT, morning, penetration, out)


@kernel()
def cdlmorningdojistar(
    open: F64In, high: F64In, low: F64In, close: F64In, penetration: float, out: I32Out
) -> None:
    """Morning doji star: a morning star whose second candle is a doji."""
    stars(Candles(open, high, low, close), BODY_DOJI, morning, penetration, out)


@kernel()
def cdleveningstar(
    open: F64In, high: F64In, low: F64In, close: F64In, penetration: float, out: I32Out
) -> None:
    """Evening star: long white, then a short body above it, then black well into the first body."""
    stars(Candles(open, high, low, close), BODY_SHORT, evening, penetration, out)


@kernel()
def cdleveningdojistar(
    open: F64In, high: F64In, low: F64In, close: F64In, penetration: float, out: I32Out
) -> None:
    """Evening doji star: an evening star whose second candle is a doji."""
    stars(Candles(open, high, low, close), BODY_DOJI, evening, penetration, out)


@kernel()
def cdlabandonedbaby(
    open: F64In, high: F64In, low: F64In, close: F64In, penetration: float, out: I32Out
) -> None:
    """Abandoned baby: a doji star that neither neighbour touches, shadows included."""
    stars(Candles(open, high, low, close), BODY_DOJI, abandons, penetration, out)


@helper
def tristar(candles: Candles, ranges: float, i: int) -> int:
    open, close = candles.open, candles.close
    doji = average(candles, BODY_DOJI, ranges, i - 2)
    dojis = (
        (real_body(candles, i - 2) <= doji)
        & (real_body(candles, i - 1) <= doji)
        & (real_body(candles, i) <= doji)
    )
    if dojis:
        if body_gaps_up(candles, i - 1, i - 2):
            return -100 if higher(open[i], close[i]) < higher(open[i - 1], close[i - 1]) else 0
        if body_gaps_down(candles, i - 1, i - 2):
            return 100 if lower(open[i], close[i]) > lower(open[i - 1], close[i - 1]) else 0
    return 0


@kernel()
def cdltristar(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Tristar: three dojis, the second beyond both others."""
    scan1(Candles(open, high, low, close), 12, BODY_DOJI, 2, tristar, out)


@helper
def two_crows(candles: Candles, longs: float, i: int) -> int:
    open, close = candles.open, candles.close
    found = (
        body_gaps_up(candles, i - 1, i - 2)
        and is_white(candles, i - 2)
        and not is_white(candles, i - 1)
        and not is_white(candles, i)
        and between(open[i], close[i - 1], open[i - 1])
        and between(close[i], open[i - 2], close[i - 2])
        and is_long(candles, longs, i - 2)
    )
    return -100 if found else 0


@kernel()
def cdl2crows(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Two crows: long white, black above it, black from the second body into the first."""
    scan1(Candles(open, high, low, close), 12, BODY_LONG, 2, two_crows, out)


@helper
def upside_gap_two_crows(candles: Candles, longs: float, shorts: float, i: int) -> int:
    open, close = candles.open, candles.close
    found = (
        body_gaps_up(candles, i - 1, i - 2)
        and is_white(candles, i - 2)
        and not is_white(candles, i - 1)
        and not is_white(candles, i)
        and open[i] > open[i - 1]
        and between(close[i], close[i - 2], close[i - 1])
        and is_long(candles, longs, i - 2)
        and is_at_most_short(candles, shorts, i - 1)
    )
    return -100 if found else 0


@kernel()
def cdlupsidegap2crows(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Upside gap two crows: long white, short black above it, black around the second body."""
    candles = Candles(open, high, low, close)
    scan2(candles, 12, BODY_LONG, 2, BODY_SHORT, 1, upside_gap_two_crows, out)


@helper
def three_inside(candles: Candles, longs: float, shorts: float, i: int) -> int:
    open, close = candles.open, candles.close
    first, third = is_white(candles, i - 2), is_white(candles, i)
    down = first & (not third) & (close[i] < open[i - 2])
    up = (not first) & third & (close[i] > open[i - 2])
    found = (
        (down | up)
        & (higher(close[i - 1], open[i - 1]) < higher(close[i - 2], open[i - 2]))
        & (lower(close[i - 1], open[i - 1]) > lower(close[i - 2], open[i - 2]))
        & is_long(candles, longs, i - 2)
        & is_at_most_short(candles, shorts, i - 1)
    )
    return -100 * color(candles, i - 2) if found else 0


@kernel()
def cdl3inside(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Three inside: a harami, then a candle of the other colour that closes beyond its first."""
    scan2(Candles(open, high, low, close), 12, BODY_LONG, 2, BODY_SHORT, 1, three_inside, out)


@kernel()
def cdl3outside(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Three outside: an engulfing, then a close further on."""
    candles = Candles(open, high, low, close)
    first = first_candle(candles, 3, out)
    for i in range(first, len(out)):
        up = (
            is_white(candles, i - 1)
            & (not is_white(candles, i - 2))
            & (close[i - 1] > open[i - 2])
            & (open[i - 1] < close[i - 2])
            & (close[i] > close[i - 1])
        )
        down = (
            (not is_white(candles, i - 1))
            & is_white(candles, i - 2)
            & (open[i - 1] > close[i - 2])
            & (close[i - 1] < open[i - 2])
            & (close[i] < close[i - 1])
        )
        out[i] = 100 if up else -100 if down else 0


@kernel()
def cdlxsidegap3methods(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Gap three methods: two of one colour with a gap, the third from the second to the first."""
    candles = Candles(open, high, low, close)
    first = first_candle(candles, 2, out)
    for i in range(first, len(out)):
        white = is_white(candles, i - 2)
        up = white & body_gaps_up(candles, i - 1, i - 2)
        down = (not white) & body_gaps_down(candles, i - 1, i - 2)
        found = (
            (up | down)
            & (is_white(candles, i - 1) == white)
            & (is_white(candles, i) != white)
            & (open[i] < higher(close[i - 1], open[i - 1]))
            & (open[i] > lower(close[i - 1], open[i - 1]))
            & (close[i] < higher(close[i - 2], open[i - 2]))
            & (close[i] > lower(close[i - 2], open[i - 2]))
        )
        out[i] = 100 * color(candles, i - 2) if found else 0


@helper
def tasuki_gap(candles: Candles, nears: float, i: int) -> int:
    open, close = candles.open, candles.close
    second = is_white(candles, i - 1)
    up = body_gaps_up(candles, i - 1, i - 2)
    down = body_gaps_down(candles, i - 1, i - 2)
    if up + down == 0:  # nearly always: a candle opens where the one before closed
        return 0
    above = between(close[i], higher(close[i - 2], open[i - 2]), open[i - 1])
    below = between(close[i], open[i - 1], lower(close[i - 2], open[i - 2]))
    gap, in_gap = up if second else down, above if second else below
    if (is_white(candles, i) != second) + gap + in_gap != 3:
        return 0
    low = open[i - 1] if second else close[i - 1]
    high = close[i - 1] if second else open[i - 1]
    apart = abs(real_body(candles, i - 1) - real_body(candles, i))
    found = between(open[i], low, high) and apart < average(candles, NEAR, nears, i - 1)
    return 100 * color(candles, i - 1) if found else 0


@kernel()
def cdltasukigap(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Tasuki gap: a gap, then from within the second body a candle as large back into the gap."""
    scan1(Candles(open, high, low, close), 7, NEAR, 1, tasuki_gap, out)


@helper
def side_by_side_white(candles: Candles, nears: float, i: int) -> int:
    up = body_gaps_up(candles, i - 1, i - 2) and body_gaps_up(candles, i, i - 2)
    down = body_gaps_down(candles, i - 1, i - 2) and body_gaps_down(candles, i, i - 2)
    if not ((up or down) and is_white(candles, i - 1) and is_white(candles, i)):
        return 0
    near = average(candles, NEAR, nears, i - 1)
    body, before = real_body(candles, i), real_body(candles, i - 1)
    found = (
        body >= before - near
        and body <= before + near
        and about_equal(candles, nears, i - 1, candles.open[i], candles.open[i - 1])
    )
    return (100 if up else -100) if found else 0


@kernel()
def cdlgapsidesidewhite(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Side-by-side white lines: beyond a gap, two white of about the same open and size."""
    scan1(Candles(open, high, low, close), 7, NEAR, 1, side_by_side_white, out)


@helper
def stick_sandwich(candles: Candles, equals: float, i: int) -> int:
    found = (
        candles.low[i - 1] > candles.close[i - 2]
        and not is_white(candles, i - 2)
        and is_white(candles, i - 1)
        and not is_white(candles, i)
        and about_equal(candles, equals, i - 2, candles.close[i], candles.close[i - 2])
    )
    return 100 if found else 0


@kernel()
def cdlsticksandwich(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Stick sandwich: two black of about the same close, a white above that close between them."""
    scan1(Candles(open, high, low, close), 7, EQUAL, 2, stick_sandwich, out)


@helper
def unique_three_river(candles: Candles, longs: float, shorts: float, i: int) -> int:
    open, low, close = candles.open, candles.low, candles.close
    found = (
        (close[i - 1] > close[i - 2])
        & (open[i - 1] <= open[i - 2])
        & (low[i - 1] < low[i - 2])
        & (open[i] > low[i - 1])
        & (not is_white(candles, i - 2))
        & (not is_white(candles, i - 1))
        & is_white(candles, i)
        & is_long(candles, longs, i - 2)
        & is_short(candles, shorts, i)
    )
    return 100 if found else 0


@kernel()
def cdlunique3river(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Unique three river: long black, a black harami with a lower low, short white above that."""
    candles = Candles(open, high, low, close)
    scan2(candles, 12, BODY_LONG, 2, BODY_SHORT, 0, unique_three_river, out)


@helper
def three_white(candles: Candles, i: int) -> bool:
    """Whether three candles are white, each of which closes higher."""
    close = candles.close
    return (
        (close[i] > close[i - 1])
        & (close[i - 1] > close[i - 2])
        & is_white(candles, i - 2)
        & is_white(candles, i - 1)
        & is_white(candles, i)
    )


@helper
def opens_within_or_near(candles: Candles, nears: float, i: int) -> bool:
    """Whether a candle opens in the white body before, or near its upper end."""
    open = candles.open
    near = average(candles, NEAR, nears, i - 1)
    return open[i] > open[i - 1] and open[i] <= candles.close[i - 1] + near


@helper
def grows(candles: Candles, fars: float, i: int) -> bool:
    """Whether the real body isn't far shorter than the one before."""
    return real_body(candles, i) > real_body(candles, i - 1) - average(candles, FAR, fars, i - 1)


@helper
def shrinks(candles: Candles, fars: float, i: int) -> bool:
    """Whether the real body is far shorter than the one before."""
    return real_body(candles, i) < real_body(candles, i - 1) - average(candles, FAR, fars, i - 1)


@kernel()
def cdl3whitesoldiers(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Three white soldiers: each from about the body before, no upper shadows, none far shorter."""
    candles = Candles(open, high, low, close)
    first = first_candle(candles, 12, out)
    ranges1 = range_total(candles, SHADOW_VERY_SHORT, first - 2)
    ranges2 = range_total(candles, SHADOW_VERY_SHORT, first - 1)
    ranges3 = range_total(candles, SHADOW_VERY_SHORT, first)
    nears1 = range_total(candles, NEAR, first - 2)
    nears2 = range_total(candles, NEAR, first - 1)
    bodies3 = range_total(candles, BODY_SHORT, first)
    for i in range(first, len(out)):
        found = (
            three_white(candles, i)
            and opens_within_or_near(candles, nears1, i - 1)
            and opens_within_or_near(candles, nears2, i)
            and no_upper_shadow(candles, ranges1, i - 2)
            and no_upper_shadow(candles, ranges2, i - 1)
            and no_upper_shadow(candles, ranges3, i)
            and grows(candles, nears1, i - 1)
            and grows(candles, nears2, i)
            and is_over_short(candles, bodies3, i)
        )
        out[i] = 100 if found else 0
        ranges1 = next_total(candles, SHADOW_VERY_SHORT, ranges1, i - 2)
        ranges2 = next_total(candles, SHADOW_VERY_SHORT, ranges2, i - 1)
        ranges3 = next_total(candles, SHADOW_VERY_SHORT, ranges3, i)
        nears1 = next_total(candles, NEAR, nears1, i - 2)
        nears2 = next_total(candles, NEAR, nears2, i - 1)
        bodies3 = next_total(candles, BODY_SHORT, bodies3, i)


@kernel()
def cdladvanceblock(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Advance block: three white that rise, but shrink or meet upper shadows."""
    candles = Candles(open, high, low, close)
    first = first_candle(candles, 12, out)
    shadows1 = range_total(candles, SHADOW_SHORT, first - 2)
    shadows2 = range_total(candles, SHADOW_SHORT, first - 1)
    shadows3 = range_total(candles, SHADOW_SHORT, first)
    nears1 = range_total(candles, NEAR, first - 2)
    nears2 = range_total(candles, NEAR, first - 1)
    bodies1 = range_total(candles, BODY_LONG, first - 2)
    for i in range(first, len(out)):
        found = (
            three_white(candles, i)
            and opens_within_or_near(candles, nears1, i - 1)
            and opens_within_or_near(candles, nears2, i)
            and is_long(candles, bodies1, i - 2)
            and upper_shadow(candles, i - 2) < average(candles, SHADOW_SHORT, shadows1, i - 2)
        )
        if found:
            body1, body2 = real_body(candles, i - 2), real_body(candles, i - 1)
            body3 = real_body(candles, i)
            shadow2 = upper_shadow(candles, i - 1) > average(candles, SHADOW_SHORT, shadows2, i - 1)
            shadow3 = upper_shadow(candles, i) > average(candles, SHADOW_SHORT, shadows3, i)
            found = (
                (
                    shrinks(candles, nears1, i - 1)
                    and body3 < body2 + average(candles, NEAR, nears2, i - 1)
                )
                or shrinks(candles, nears2, i)
                or (body3 < body2 and body2 < body1 and (shadow3 or shadow2))
                or (body3 < body2 and long_upper_shadow(candles, i))
            )
        out[i] = -100 if found else 0
        shadows1 = next_total(candles, SHADOW_SHORT, shadows1, i - 2)
        shadows2 = next_total(candles, SHADOW_SHORT, shadows2, i - 1)
        shadows3 = next_total(candles, SHADOW_SHORT, shadows3, i)
        nears1 = next_total(candles, NEAR, nears1, i - 2)
        nears2 = next_total(candles, NEAR, nears2, i - 1)
        bodies1 = next_total(candles, BODY_LONG, bodies1, i - 2)


@kernel()
def cdlstalledpattern(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Stalled pattern: two long white, then a short one that starts from the second's top."""
    candles = Candles(open, high, low, close)
    first = first_candle(candles, 12, out)
    bodies1 = range_total(candles, BODY_LONG, first - 2)
    bodies2 = range_total(candles, BODY_LONG, first - 1)
    bodies3 = range_total(candles, BODY_SHORT, first)
    ranges2 = range_total(candles, SHADOW_VERY_SHORT, first - 1)
    nears1 = range_total(candles, NEAR, first - 2)
    nears2 = range_total(candles, NEAR, first - 1)
    for i in range(first, len(out)):
        found = (
            three_white(candles, i)
            and opens_within_or_near(candles, nears1, i - 1)
            and is_long(candles, bodies1, i - 2)
            and is_long(candles, bodies2, i - 1)
            and no_upper_shadow(candles, ranges2, i - 1)
            and is_short(candles, bodies3, i)
            and open[i]
            >= close[i - 1] - real_body(candles, i) - average(candles, NEAR, nears2, i - 1)
        )
        out[i] = -100 if found else 0
        bodies1 = next_total(candles, BODY_LONG, bodies1, i - 2)
        bodies2 = next_total(candles, BODY_LONG, bodies2, i - 1)
        bodies3 = next_total(candles, BODY_SHORT, bodies3, i)
        ranges2 = next_total(candles, SHADOW_VERY_SHORT, ranges2, i - 1)
        nears1 = next_total(candles, NEAR, nears1, i - 2)
        nears2 = next_total(candles, NEAR, nears2, i - 1)


@helper
def three_black(candles: Candles, i: int) -> bool:
    """Whether three candles are black, each of which closes lower."""
    close = candles.close
    return (
        (close[i] < close[i - 1])
        & (close[i - 1] < close[i - 2])
        & (not is_white(candles, i - 2))
        & (not is_white(candles, i - 1))
        & (not is_white(candles, i))
    )


@kernel()
def cdlidentical3crows(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Identical three crows: black without lower shadows, each from about the close before."""
    candles = Candles(open, high, low, close)
    first = first_candle(candles, 12, out)
    ranges1 = range_total(candles, SHADOW_VERY_SHORT, first - 2)
    ranges2 = range_total(candles, SHADOW_VERY_SHORT, first - 1)
    ranges3 = range_total(candles, SHADOW_VERY_SHORT, first)
    equals1 = range_total(candles, EQUAL, first - 2)
    equals2 = range_total(candles, EQUAL, first - 1)
    for i in range(first, len(out)):
        found = (
            three_black(candles, i)
            and no_lower_shadow(candles, ranges1, i - 2)
            and no_lower_shadow(candles, ranges2, i - 1)
            and no_lower_shadow(candles, ranges3, i)
            and about_equal(candles, equals1, i - 2, open[i - 1], close[i - 2])
            and about_equal(candles, equals2, i - 1, open[i], close[i - 1])
        )
        out[i] = -100 if found else 0
        ranges1 = next_total(candles, SHADOW_VERY_SHORT, ranges1, i - 2)
        ranges2 = next_total(candles, SHADOW_VERY_SHORT, ranges2, i - 1)
        ranges3 = next_total(candles, SHADOW_VERY_SHORT, ranges3, i)
        equals1 = next_total(candles, EQUAL, equals1, i - 2)
        equals2 = next_total(candles, EQUAL, equals2, i - 1)


@kernel()
def cdl3starsinsouth(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Three stars in the south: black that shrink, each within the range before; no last shadow."""
    candles = Candles(open, high, low, close)
    first = first_candle(candles, 12, out)
    bodies1 = range_total(candles, BODY_LONG, first - 2)
    bodies3 = range_total(candles, BODY_SHORT, first)
    ranges2 = range_total(candles, SHADOW_VERY_SHORT, first - 1)
    ranges3 = range_total(candles, SHADOW_VERY_SHORT, first)
    for i in range(first, len(out)):
        found = (
            (low[i] > low[i - 1])
            & (high[i] < high[i - 1])
            & (low[i - 1] >= low[i - 2])
            & (low[i - 1] < close[i - 2])
            & (open[i - 1] > close[i - 2])
            & (open[i - 1] <= high[i - 2])
        )
        found = (
            found
            and not is_white(candles, i - 2)
            and not is_white(candles, i - 1)
            and not is_white(candles, i)
            and is_long(candles, bodies1, i - 2)
            and long_lower_shadow(candles, i - 2)
            and real_body(candles, i - 1) < real_body(candles, i - 2)
            and has_lower_shadow(candles, ranges2, i - 1)
            and is_short(candles, bodies3, i)
            and no_shadows(candles, ranges3, i)
        )
        out[i] = 100 if found else 0
        bodies1 = next_total(candles, BODY_LONG, bodies1, i - 2)
        bodies3 = next_total(candles, BODY_SHORT, bodies3, i)
        ranges2 = next_total(candles, SHADOW_VERY_SHORT, ranges2, i - 1)
        ranges3 = next_total(candles, SHADOW_VERY_SHORT, ranges3, i)
