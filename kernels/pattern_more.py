"""Patterns of four and five candles, and hikkake, which waits for a confirmation.

``pattern_one`` says how patterns are written.
"""

from __future__ import annotations

from ._candles import (
    BODY_LONG,
    BODY_SHORT,
    NEAR,
    SHADOW_VERY_SHORT,
    UNUSED,
    Candles,
    Pattern1,
    Setting,
    average,
    between,
    body_gaps_down,
    body_gaps_on,
    body_gaps_up,
    color,
    first_candle,
    has_upper_shadow,
    higher,
    is_long,
    is_short,
    is_white,
    lower,
    next_total,
    no_lower_shadow,
    no_shadows,
    range_total,
    real_body,
    scan1,
    scan2,
    scan3,
)
from ._spec import F64In, I32Out, helper, kernel
from .pattern_three import three_black


@helper
def three_whites(candles: Candles, i: int) -> int:
    """How many of three candles are white."""
    return is_white(candles, i - 2) + is_white(candles, i - 1) + is_white(candles, i)


@helper
def three_black_crows(candles: Candles, r1: float, r2: float, r3: float, i: int) -> int:
    open, close = candles.open, candles.close
    found = (
        three_whites(candles, i) - is_white(candles, i - 3) == -1
        and between(open[i - 1], close[i - 2], open[i - 2])
        and between(open[i], close[i - 1], open[i - 1])
        and candles.high[i - 3] > close[i - 2]
        and three_black(candles, i)
        and no_lower_shadow(candles, r1, i - 2)
        and no_lower_shadow(candles, r2, i - 1)
        and no_lower_shadow(candles, r3, i)
    )
    return -100 if found else 0


@kernel()
def cdl3blackcrows(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Three black crows: after a white one, black without lower shadows from body to body."""
    shadow = SHADOW_VERY_SHORT
    scan3(
        Candles(open, high, low, close), 13, shadow, 2, shadow, 1, shadow, 0, three_black_crows, out
    )


@helper
def opens_around_body(candles: Candles, nears: float, i: int) -> bool:
    """Whether a candle opens within the body before, or near it."""
    open, close = candles.open[i - 1], candles.close[i - 1]
    near = average(candles, NEAR, nears, i - 1)
    return (candles.open[i] >= lower(open, close) - near) & (
        candles.open[i] <= higher(open, close) + near
    )


@helper
def three_line_strike(candles: Candles, nears1: float, nears2: float, i: int) -> int:
    open, close = candles.open, candles.close
    if abs(three_whites(candles, i - 1) - 3 * is_white(candles, i)) != 3:
        return 0  # not three of one colour and one of the other
    if is_white(candles, i - 1):
        strikes = (
            close[i - 1] > close[i - 2]
            and close[i - 2] > close[i - 3]
            and open[i] > close[i - 1]
            and close[i] < open[i - 3]
        )
    else:
        strikes = (
            close[i - 1] < close[i - 2]
            and close[i - 2] < close[i - 3]
            and open[i] < close[i - 1]
            and close[i] > open[i - 3]
        )
    found = (
        strikes
        and opens_around_body(candles, nears1, i - 2)
        and opens_around_body(candles, nears2, i - 1)
    )
    return 100 * color(candles, i - 1) if found else 0


@kernel()
def cdl3linestrike(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Three-line strike: three of one colour going on, then one that takes them all back."""
    scan2(Candles(open, high, low, close), 8, NEAR, 3, NEAR, 2, three_line_strike, out)


@helper
def baby_swallow(candles: Candles, r1: float, r2: float, r3: float, i: int) -> int:
    found = (
        body_gaps_down(candles, i - 1, i - 2)
        and candles.high[i - 1] > candles.close[i - 2]
        and candles.high[i] > candles.high[i - 1]
        and candles.low[i] < candles.low[i - 1]
        and not is_white(candles, i - 3)
        and not is_white(candles, i - 2)
        and not is_white(candles, i - 1)
        and not is_white(candles, i)
        and no_shadows(candles, r1, i - 3)
        and no_shadows(candles, r2, i - 2)
        and has_upper_shadow(candles, r3, i - 1)
    )
    return 100 if found else 0


@kernel()
def cdlconcealbabyswall(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Concealing baby swallow: two black marubozu, black below with a shadow up, black around."""
    shadow = SHADOW_VERY_SHORT
    scan3(Candles(open, high, low, close), 13, shadow, 3, shadow, 2, shadow, 1, baby_swallow, out)


@helper
def breakaway(candles: Candles, longs: float, i: int) -> int:
    open, high, low, close = candles.open, candles.high, candles.low, candles.close
    if not body_gaps_on(candles, i - 3):
        return 0
    white = is_white(candles, i - 4)
    if white:
        goes_on = (
            high[i - 2] > high[i - 3]
            and low[i - 2] > low[i - 3]
            and high[i - 1] > high[i - 2]
            and low[i - 1] > low[i - 2]
            and between(close[i], close[i - 4], open[i - 3])
        )
    else:
        goes_on = (
            high[i - 2] < high[i - 3]
            and low[i - 2] < low[i - 3]
            and high[i - 1] < high[i - 2]
            and low[i - 1] < low[i - 2]
            and between(close[i], open[i - 3], close[i - 4])
        )
    found = (
        goes_on
        and is_white(candles, i - 3) == white
        and is_white(candles, i - 1) == white
        and is_white(candles, i) != white
        and is_long(candles, longs, i - 4)
    )
    return 100 * color(candles, i) if found else 0


@kernel()
def cdlbreakaway(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Breakaway: long, three on beyond a gap, the fifth back into the gap."""
    scan1(Candles(open, high, low, close), 14, BODY_LONG, 4, breakaway, out)


@helper
def ladder_bottom(candles: Candles, ranges: float, i: int) -> int:
    open, close = candles.open, candles.close
    found = (
        (open[i - 4] > open[i - 3])
        & (open[i - 3] > open[i - 2])
        & (open[i] > open[i - 1])
        & (close[i] > candles.high[i - 1])
    )
    found = (
        found
        and three_black(candles, i - 2)
        and not is_white(candles, i - 1)
        and is_white(candles, i)
        and has_upper_shadow(candles, ranges, i - 1)
    )
    return 100 if found else 0


@kernel()
def cdlladderbottom(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Ladder bottom: three black down, black with an upper shadow, white to above its high."""
    scan1(Candles(open, high, low, close), 14, SHADOW_VERY_SHORT, 1, ladder_bottom, out)


@kernel()
def cdlmathold(
    open: F64In, high: F64In, low: F64In, close: F64In, penetration: float, out: I32Out
) -> None:
    """Mat hold: long white, three short that fall into it no further than that, white above."""
    candles = Candles(open, high, low, close)
    first = first_candle(candles, 14, out)
    bodies1 = range_total(candles, BODY_LONG, first - 4)
    bodies2 = range_total(candles, BODY_SHORT, first - 3)
    bodies3 = range_total(candles, BODY_SHORT, first - 2)
    bodies4 = range_total(candles, BODY_SHORT, first - 1)
    for i in range(first, len(out)):
        found = (
            body_gaps_up(candles, i - 3, i - 4)
            and is_white(candles, i - 4)
            and not is_white(candles, i - 3)
            and is_white(candles, i)
            and higher(close[i - 2], open[i - 2]) < open[i - 3]
            and higher(close[i - 1], open[i - 1]) < higher(close[i - 2], open[i - 2])
            and open[i] > close[i - 1]
            and close[i] > higher(higher(high[i - 3], high[i - 2]), high[i - 1])
            and is_long(candles, bodies1, i - 4)
            and is_short(candles, bodies2, i - 3)
            and is_short(candles, bodies3, i - 2)
            and is_short(candles, bodies4, i - 1)
        )
        if found:
            limit = close[i - 4] - real_body(candles, i - 4) * penetration
            bottom3 = lower(open[i - 2], close[i - 2])
            bottom4 = lower(open[i - 1], close[i - 1])
            found = between(bottom3, limit, close[i - 4]) and between(bottom4, limit, close[i - 4])
        out[i] = 100 if found else 0
        bodies1 = next_total(candles, BODY_LONG, bodies1, i - 4)
        bodies2 = next_total(candles, BODY_SHORT, bodies2, i - 3)
        bodies3 = next_total(candles, BODY_SHORT, bodies3, i - 2)
        bodies4 = next_total(candles, BODY_SHORT, bodies4, i - 1)


@helper
def reaches_range(candles: Candles, i: int, j: int) -> bool:
    """Whether a part of the real body of ``i`` is within the range of the earlier ``j``."""
    open, close = candles.open[i], candles.close[i]
    return (lower(open, close) < candles.high[j]) & (higher(open, close) > candles.low[j])


@kernel()
def cdlrisefall3methods(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Rising or falling three methods: long, three short back within its range, long further on."""
    candles = Candles(open, high, low, close)
    first = first_candle(candles, 14, out)
    bodies1 = range_total(candles, BODY_LONG, first - 4)
    bodies2 = range_total(candles, BODY_SHORT, first - 3)
    bodies3 = range_total(candles, BODY_SHORT, first - 2)
    bodies4 = range_total(candles, BODY_SHORT, first - 1)
    bodies5 = range_total(candles, BODY_LONG, first)
    for i in range(first, len(out)):
        white = is_white(candles, i - 4)
        # Three of one colour between two of the other.
        found = abs(2 * three_whites(candles, i - 1) - 3 * (white + is_white(candles, i))) == 6
        if found and white:
            found = (
                close[i - 2] < close[i - 3]
                and close[i - 1] < close[i - 2]
                and open[i] > close[i - 1]
                and close[i] > close[i - 4]
            )
        elif found:
            found = (
                close[i - 2] > close[i - 3]
                and close[i - 1] > close[i - 2]
                and open[i] < close[i - 1]
                and close[i] < close[i - 4]
            )
        found = (
            found
            and reaches_range(candles, i - 3, i - 4)
            and reaches_range(candles, i - 2, i - 4)
            and reaches_range(candles, i - 1, i - 4)
            and is_long(candles, bodies1, i - 4)
            and is_short(candles, bodies2, i - 3)
            and is_short(candles, bodies3, i - 2)
            and is_short(candles, bodies4, i - 1)
            and is_long(candles, bodies5, i)
        )
        out[i] = 100 * color(candles, i - 4) if found else 0
        bodies1 = next_total(candles, BODY_LONG, bodies1, i - 4)
        bodies2 = next_total(candles, BODY_SHORT, bodies2, i - 3)
        bodies3 = next_total(candles, BODY_SHORT, bodies3, i - 2)
        bodies4 = next_total(candles, BODY_SHORT, bodies4, i - 1)
        bodies5 = next_total(candles, BODY_LONG, bodies5, i)


@helper
def inside_bar(candles: Candles, i: int) -> bool:
    """Whether the candle's range is inside that of the one before."""
    high, low = candles.high, candles.low
    return (high[i] < high[i - 1]) & (low[i] > low[i - 1])


@helper
def hikkake(candles: Candles, unused: float, i: int) -> int:
    high, low = candles.high, candles.low
    if inside_bar(candles, i - 1):
        if (high[i] < high[i - 1]) & (low[i] < low[i - 1]):
            return 100
        if (high[i] > high[i - 1]) & (low[i] > low[i - 1]):
            return -100
    return 0


@helper
def modified_hikkake(candles: Candles, nears: float, i: int) -> int:
    if not inside_bar(candles, i - 2):
        return 0
    value = hikkake(candles, 0.0, i)
    near = average(candles, NEAR, nears, i - 2)
    close = candles.close[i - 2]
    if value > 0:
        return value if close <= candles.low[i - 2] + near else 0
    return value if close >= candles.high[i - 2] - near else 0


@helper
def confirmed(
    candles: Candles, lookback: int, measure: Setting, pattern: Pattern1, out: I32Out
) -> None:
    """A pattern's values, and twice the value where one of the next three closes confirms it.

    It does so beyond the last candle but one of the pattern. The total is that of the third last.
    """
    close = candles.close
    first = first_candle(candles, lookback, out)
    total = range_total(candles, measure, first - 5)
    value, at = 0, -4
    for i in range(first - 3, len(out)):
        found = pattern(candles, total, i)
        if found != 0:
            value, at = found, i
        elif i <= at + 3 and (
            (value > 0 and close[i] > candles.high[at - 1])
            or (value < 0 and close[i] < candles.low[at - 1])
        ):
            found = 2 * value
            at = -4
        if i >= first:
            out[i] = found
        total = next_total(candles, measure, total, i - 2)


@kernel()
def cdlhikkake(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Hikkake: a break-out of an inside bar, and twice that where it is taken back."""
    confirmed(Candles(open, high, low, close), 5, UNUSED, hikkake, out)


@kernel()
def cdlhikkakemod(open: F64In, high: F64In, low: F64In, close: F64In, out: I32Out) -> None:
    """Modified hikkake: one of two inside bars, the first of which closes near its end."""
    confirmed(Candles(open, high, low, close), 10, NEAR, modified_hikkake, out)
