"""Candles, as the candlestick patterns see them: parts, gaps, and what is long, short or near.

A size is long or short by comparison with a running average over the candles before. A pattern
carries the average's total from candle to candle: ``range_total`` begins it, ``next_total``
moves it on by one candle, ``average`` reads it.
"""

from __future__ import annotations

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
def is_white(candles: Candles, i: int) -> bool:
    """Whether the candle closes at its open or above. One that isn't white is black."""
    return candles.close[i] >= candles.open[i]


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
