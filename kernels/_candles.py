"""Candles, as the candlestick patterns see them: parts, gaps, and what is long, short or near.

A size is long or short by comparison with a running average over the candles before. A pattern
carries the average's total from candle to candle: ``range_total`` begins it, ``next_total``
moves it on by one candle, ``average`` reads it. ``scan1`` to ``scan3`` do so for patterns of that
many totals.

A total belongs to the candle that is measured: one candle back, it began one candle earlier and
may differ in the last bit. Settings of the same kind and period share it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ._spec import F64In, I32Out, helper
from ._window import first_valid4, zero_head


class Candles(NamedTuple):
    """The four inputs of every pattern."""

    open: F64In
    high: F64In
    low: F64In
    close: F64In


class Setting(NamedTuple):
    """A measure: ``factor`` times the average of ``kind`` over ``period`` candles before.

    With ``period`` 0 it is measured on the candle itself.
    """

    kind: int
    period: int
    factor: float


REAL_BODY, HIGH_LOW, SHADOWS = range(3)

# TA-Lib's defaults.
BODY_LONG = Setting(REAL_BODY, 10, 1.0)
BODY_VERY_LONG = Setting(REAL_BODY, 10, 3.0)
BODY_SHORT = Setting(REAL_BODY, 10, 1.0)
BODY_DOJI = Setting(HIGH_LOW, 10, 0.1)
SHADOW_LONG = Setting(REAL_BODY, 0, 1.0)
SHADOW_VERY_LONG = Setting(REAL_BODY, 0, 2.0)
SHADOW_SHORT = Setting(SHADOWS, 10, 1.0)
SHADOW_VERY_SHORT = Setting(HIGH_LOW, 10, 0.1)
NEAR = Setting(HIGH_LOW, 5, 0.2)
FAR = Setting(HIGH_LOW, 5, 0.6)
EQUAL = Setting(HIGH_LOW, 5, 0.05)

# For a pattern that compares with no average: its total is never read.
UNUSED = Setting(REAL_BODY, 0, 0.0)


@helper
def first_candle(candles: Candles, lookback: int, out: I32Out) -> int:
    """Index of the first candle that a pattern can end on; 0 for those before."""
    first = lookback + first_valid4(candles.open, candles.high, candles.low, candles.close)
    zero_head(out, first)
    return first


@helper
def lower(a: float, b: float) -> float:
    """The lower one; ``b`` if one is nan, unlike Python's ``min``."""
    return a if a < b else b


@helper
def higher(a: float, b: float) -> float:
    """The higher one; ``b`` if one is nan, unlike Python's ``max``."""
    return a if a > b else b


@helper
def between(value: float, low: float, high: float) -> bool:
    """Whether it is above the one and below the other."""
    return (value > low) & (value < high)


@helper
def is_white(candles: Candles, i: int) -> bool:
    """Whether the candle closes at its open or above. One that isn't white is black."""
    return candles.close[i] >= candles.open[i]


@helper
def color(candles: Candles, i: int) -> int:
    """1 of a white candle, -1 of a black one."""
    return 1 if is_white(candles, i) else -1


@helper
def real_body(candles: Candles, i: int) -> float:
    """Distance between open and close."""
    return abs(candles.close[i] - candles.open[i])


@helper
def upper_shadow(candles: Candles, i: int) -> float:
    """What is above the real body."""
    top = candles.close[i] if is_white(candles, i) else candles.open[i]
    return candles.high[i] - top


@helper
def lower_shadow(candles: Candles, i: int) -> float:
    """What is below the real body."""
    bottom = candles.open[i] if is_white(candles, i) else candles.close[i]
    return bottom - candles.low[i]


@helper
def body_gaps_up(candles: Candles, i: int, j: int) -> bool:
    """Whether the real body of ``i`` is above that of the earlier candle ``j``."""
    bottom = lower(candles.open[i], candles.close[i])
    return bottom > higher(candles.open[j], candles.close[j])


@helper
def body_gaps_down(candles: Candles, i: int, j: int) -> bool:
    """Whether the real body of ``i`` is below that of the earlier candle ``j``."""
    top = higher(candles.open[i], candles.close[i])
    return top < lower(candles.open[j], candles.close[j])


@helper
def body_gaps_on(candles: Candles, i: int) -> bool:
    """Whether the real body is above a white one before, or below a black one."""
    up = body_gaps_up(candles, i, i - 1)
    down = body_gaps_down(candles, i, i - 1)
    return up if is_white(candles, i - 1) else down


@helper
def candle_gaps_up(candles: Candles, i: int, j: int) -> bool:
    """Whether the whole of ``i``, with its shadows, is above the earlier candle ``j``."""
    return candles.low[i] > candles.high[j]


@helper
def candle_gaps_down(candles: Candles, i: int, j: int) -> bool:
    """Whether the whole of ``i``, with its shadows, is below the earlier candle ``j``."""
    return candles.high[i] < candles.low[j]


@helper
def size(candles: Candles, kind: int, i: int) -> float:
    """Real body, high-low range or both shadows of one candle."""
    if kind == REAL_BODY:
        return real_body(candles, i)
    if kind == HIGH_LOW:
        return candles.high[i] - candles.low[i]
    return upper_shadow(candles, i) + lower_shadow(candles, i)


@helper
def range_total(candles: Candles, setting: Setting, stop: int) -> float:
    """Total over the setting's period before ``stop``."""
    n = len(candles.close)
    total = 0.0
    for i in range(stop - setting.period, stop if stop < n else n):
        total += size(candles, setting.kind, i)
    return total


@helper
def next_total(candles: Candles, setting: Setting, total: float, i: int) -> float:
    """The total for ``i + 1``, from the one for ``i``."""
    leaving = size(candles, setting.kind, i - setting.period)
    return total + (size(candles, setting.kind, i) - leaving)


@helper
def average(candles: Candles, setting: Setting, total: float, i: int) -> float:
    """The measure for candle ``i``, from the total for ``i``."""
    mean = total / setting.period if setting.period > 0 else size(candles, setting.kind, i)
    measure = mean * setting.factor
    return measure * 0.5 if setting.kind == SHADOWS else measure


@helper
def is_long(candles: Candles, total: float, i: int) -> bool:
    """Whether the real body is long."""
    return real_body(candles, i) > average(candles, BODY_LONG, total, i)


@helper
def is_short(candles: Candles, total: float, i: int) -> bool:
    """Whether the real body is short."""
    return real_body(candles, i) < average(candles, BODY_SHORT, total, i)


@helper
def is_at_most_short(candles: Candles, total: float, i: int) -> bool:
    """Whether the real body is short, or just not."""
    return real_body(candles, i) <= average(candles, BODY_SHORT, total, i)


@helper
def is_over_short(candles: Candles, total: float, i: int) -> bool:
    """Whether the real body is longer than a short one."""
    return real_body(candles, i) > average(candles, BODY_SHORT, total, i)


@helper
def is_doji(candles: Candles, total: float, i: int) -> bool:
    """Whether open and close are about equal."""
    return real_body(candles, i) <= average(candles, BODY_DOJI, total, i)


@helper
def no_upper_shadow(candles: Candles, total: float, i: int) -> bool:
    """Whether the upper shadow is very short, if there is one."""
    return upper_shadow(candles, i) < average(candles, SHADOW_VERY_SHORT, total, i)


@helper
def no_lower_shadow(candles: Candles, total: float, i: int) -> bool:
    """Whether the lower shadow is very short, if there is one."""
    return lower_shadow(candles, i) < average(candles, SHADOW_VERY_SHORT, total, i)


@helper
def no_shadows(candles: Candles, total: float, i: int) -> bool:
    """Whether both shadows are very short."""
    return no_upper_shadow(candles, total, i) & no_lower_shadow(candles, total, i)


@helper
def has_upper_shadow(candles: Candles, total: float, i: int) -> bool:
    """Whether the upper shadow is longer than a very short one."""
    return upper_shadow(candles, i) > average(candles, SHADOW_VERY_SHORT, total, i)


@helper
def has_lower_shadow(candles: Candles, total: float, i: int) -> bool:
    """Whether the lower shadow is longer than a very short one."""
    return lower_shadow(candles, i) > average(candles, SHADOW_VERY_SHORT, total, i)


@helper
def long_upper_shadow(candles: Candles, i: int) -> bool:
    """Whether the upper shadow is longer than the real body."""
    return upper_shadow(candles, i) > average(candles, SHADOW_LONG, 0.0, i)


@helper
def long_lower_shadow(candles: Candles, i: int) -> bool:
    """Whether the lower shadow is longer than the real body."""
    return lower_shadow(candles, i) > average(candles, SHADOW_LONG, 0.0, i)


@helper
def belt_hold(candles: Candles, bodies: float, ranges: float, i: int) -> bool:
    """Whether the candle is long, and has no shadow where it opens."""
    white = is_white(candles, i)
    shadow = lower_shadow(candles, i) if white else upper_shadow(candles, i)
    return (shadow < average(candles, SHADOW_VERY_SHORT, ranges, i)) & is_long(candles, bodies, i)


@helper
def about_equal(candles: Candles, total: float, i: int, value: float, level: float) -> bool:
    """Whether a price equals another as nearly as candle ``i`` measures it."""
    equal = average(candles, EQUAL, total, i)
    return (value <= level + equal) & (value >= level - equal)


Pattern1 = Callable[[Candles, float, int], int]
Pattern2 = Callable[[Candles, float, float, int], int]
Pattern3 = Callable[[Candles, float, float, float, int], int]


@helper
def scan1(
    candles: Candles, lookback: int, a: Setting, a_back: int, pattern: Pattern1, out: I32Out
) -> None:
    """What ``pattern`` gives at each candle, told the total of ``a``, ``a_back`` candles back."""
    first = first_candle(candles, lookback, out)
    total = range_total(candles, a, first - a_back)
    for i in range(first, len(out)):
        out[i] = pattern(candles, total, i)
        total = next_total(candles, a, total, i - a_back)


@helper
def scan2(
    candles: Candles,
    lookback: int,
    a: Setting,
    a_back: int,
    b: Setting,
    b_back: int,
    pattern: Pattern2,
    out: I32Out,
) -> None:
    """``scan1`` of a pattern with two totals."""
    first = first_candle(candles, lookback, out)
    total = range_total(candles, a, first - a_back)
    second = range_total(candles, b, first - b_back)
    for i in range(first, len(out)):
        out[i] = pattern(candles, total, second, i)
        total = next_total(candles, a, total, i - a_back)
        second = next_total(candles, b, second, i - b_back)


@helper
def scan3(
    candles: Candles,
    lookback: int,
    a: Setting,
    a_back: int,
    b: Setting,
    b_back: int,
    c: Setting,
    c_back: int,
    pattern: Pattern3,
    out: I32Out,
) -> None:
    """``scan1`` of a pattern with three totals."""
    first = first_candle(candles, lookback, out)
    total = range_total(candles, a, first - a_back)
    second = range_total(candles, b, first - b_back)
    third = range_total(candles, c, first - c_back)
    for i in range(first, len(out)):
        out[i] = pattern(candles, total, second, third, i)
        total = next_total(candles, a, total, i - a_back)
        second = next_total(candles, b, second, i - b_back)
        third = next_total(candles, c, third, i - c_back)
