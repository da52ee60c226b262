"""The loops of the technical package's indicators, in the order in which its Python computes them.

Where Python or numpy would warn of an infinity on the way, a kernel says so with a status that
isn't 0, and its caller has the original run.
"""

from __future__ import annotations

import math

from ._numeric import NAN, div
from ._spec import F64In, F64Out, I64Out, helper, kernel

# Colours of moving averages, in the order of technical's conditions.
LIME, MAROON, RED, GREEN, GREY = range(5)
# Of the squeeze.
AQUA, FUCHSIA = range(2)
SQUEEZE_LIME, SQUEEZE_RED = range(2)
YELLOW, SQUEEZE_GREEN, SQUEEZE_MAROON = range(3)
DOWN, UP, NEITHER = range(3)


@kernel()
def technical_laguerre(close: F64In, gamma: float, out: F64Out) -> int:
    """Laguerre RSI of four filters; returns whether any candle moved them apart (or is NaN)."""
    first, second, third, fourth = 0.0, 0.0, 0.0, 0.0
    apart = 0
    for i in range(len(close)):
        first_before, second_before, third_before = first, second, third
        first = (1 - gamma) * close[i] + gamma * first_before
        second = -gamma * first + first_before + gamma * second_before
        third = -gamma * second + second_before + gamma * third_before
        fourth = -gamma * third + third_before + gamma * fourth
        up, down = 0.0, 0.0
        if first >= second:
            up = first - second
        else:
            down = second - first
        if second >= third:
            up = up + second - third
        else:
            down = down + third - second
        if third >= fourth:
            up = up + third - fourth
        else:
            down = down + fourth - third
        if up + down != 0.0:
            out[i] = up / (up + down)
            apart = 1
        else:
            out[i] = 0.0
    return apart


@kernel()
def technical_trend_moves(highest: F64In, lowest: F64In, out: F64Out) -> int:
    """How many of a new highest and a new lowest price each candle but the first has: n - 1 values.

    Status 1 where a price is infinite.
    """
    for i in range(len(highest)):
        if math.isinf(highest[i]) or math.isinf(lowest[i]):
            return 1
    for i in range(len(highest) - 1):
        moves = 0.0
        if highest[i + 1] - highest[i] > 0.0:
            moves += 1.0
        if lowest[i + 1] - lowest[i] < 0.0:
            moves += 1.0
        out[i] = moves
    return 0


@kernel()
def technical_trama(real: F64In, average: F64In, out: F64Out) -> int:
    """Follows ``real`` by the squared share of candles that moved: ``average`` of n - 1 values.

    A missing share is 0. Status 1 where a value becomes infinite.
    """
    n = len(real)
    if n > 0:
        out[0] = real[0]
        if math.isinf(real[0]):
            return 1
    for i in range(1, n):
        share = average[i - 1] * average[i - 1]
        if share != share:
            share = 0.0
        distance = real[i] - out[i - 1]
        out[i] = out[i - 1] + share * distance
        if math.isinf(distance) or math.isinf(out[i]):
            return 1
    return 0


@kernel()
def technical_vidya(close: F64In, k: F64In, length: int, alpha: float, out: F64Out) -> int:
    """An average whose smoothing is ``alpha`` times ``k``; 0 before ``length``.

    Status 1 where a value is or becomes infinite.
    """
    n = len(close)
    for i in range(min(length, n)):
        out[i] = 0.0
    for i in range(length, n):
        weight = alpha * k[i]
        added = weight * close[i]
        rest = (1 - weight) * out[i - 1]
        out[i] = added + rest
        if math.isinf(weight) or math.isinf(close[i]) or math.isinf(added) or math.isinf(rest):
            return 1
        if math.isinf(out[i]):
            return 1
    return 0


@helper
def next_band(basic: float, band: float, before: float, direction: float) -> float:
    """The final band from the basic one: kept unless it tightens or the price was beyond it."""
    if direction * basic < direction * band or direction * before > direction * band:
        return basic
    return band


@kernel()
def technical_pmax(average: F64In, upper: F64In, lower: F64In, period: int, out: F64Out) -> None:
    """The band of the trend, from the bands around a moving average; 0 before ``period``."""
    n = len(average)
    for i in range(min(period, n)):
        out[i] = 0.0
    high, low, value = 0.0, 0.0, 0.0
    for i in range(period, n):
        on_high, on_low = value == high, value == low
        high = next_band(upper[i], high, average[i - 1], 1.0)
        low = next_band(lower[i], low, average[i - 1], -1.0)
        if on_high and average[i] == average[i] and high == high:
            value = high if average[i] <= high else low
        elif on_low and average[i] == average[i] and low == low:
            value = low if average[i] >= low else high
        else:
            value = 0.0
        out[i] = value


@kernel()
def technical_supertrend(
    high: F64In,
    low: F64In,
    close: F64In,
    atr: F64In,
    period: int,
    multiplier: float,
    out: F64Out,
    direction: I64Out,
) -> int:
    """The band of the trend, and its direction: 0 down, 1 up, 2 neither.

    Status 1 where a band is infinite.
    """
    n = len(close)
    upper, lower, value = 0.0, 0.0, 0.0
    for i in range(n):
        middle = (high[i] + low[i]) / 2
        width = multiplier * atr[i]
        above, below = middle + width, middle - width
        if math.isinf(high[i]) or math.isinf(low[i]) or math.isinf(middle) or math.isinf(width):
            return 1
        if math.isinf(above) or math.isinf(below):
            return 1
        if i >= period:
            on_upper, on_lower = value == upper, value == lower
            upper = next_band(above, upper, close[i - 1], 1.0)
            lower = next_band(below, lower, close[i - 1], -1.0)
            if on_upper:
                value = upper if close[i] <= upper else lower
            elif on_lower:
                value = lower if close[i] >= lower else upper
            else:
                value = 0.0
        out[i] = value
        if value > 0.0:
            direction[i] = DOWN if close[i] < value else UP
        else:
            direction[i] = NEITHER
    return 0


@kernel()
def technical_td_sequential(close: F64In, volume: F64In, out: I64Out) -> None:
    """Tom DeMark's count of closes above (negative: below) that of four candles before.

    A candle without volume neither counts nor breaks a count, but is one between two hits.
    """
    up, down = -1, -1
    up_since, down_since, up_hits, down_hits = -1, -1, -1, -1
    for i in range(len(close)):
        traded = volume[i] > 0.0
        up_hit, down_hit = False, False
        if traded:
            up = 0 if i >= 4 and close[i] > close[i - 4] else up + 1
            down = 0 if i >= 4 and close[i] < close[i - 4] else down + 1
            up_hit, down_hit = up % 10 == 0, down % 10 == 0
        up_since = 0 if up_hit else up_since + 1
        down_since = 0 if down_hit else down_since + 1
        up_hits = up_hits + 1 if up_hit else 0
        down_hits = down_hits + 1 if down_hit else 0
        count = down_since - up_since
        if up_hits > 9:
            count = up_hits % 9
        if down_hits > 9:
            count = -(down_hits % 9)
        out[i] = count


@kernel()
def technical_smooth(real: F64In, c1: float, c2: float, c3: float, out: F64Out) -> int:
    """Ehlers' super smoother. Status 1 where a value becomes infinite."""
    n = len(real)
    for i in range(min(2, n)):
        out[i] = real[i]
        if math.isinf(real[i]):
            return 1
    for i in range(2, n):
        pair = real[i] + real[i - 1]
        if math.isinf(real[i]):
            return 1
        one, two, three = c1 * pair, c2 * out[i - 1], c3 * out[i - 2]
        out[i] = one + two + three
        if math.isinf(pair) or math.isinf(one) or math.isinf(two) or math.isinf(three):
            return 1
        if math.isinf(one + two) or math.isinf(out[i]):
            return 1
    return 0


@kernel()
def technical_colour(average: F64In, slow: F64In, out: I64Out) -> None:
    """The ribbon's colour: does the average rise, and is it above the slow one?"""
    before = NAN
    for i in range(len(average)):
        change = average[i] - before
        before = average[i]
        out[i] = GREY
        if change >= 0.0 and average[i] > slow[i]:
            out[i] = LIME
        elif change < 0.0 and average[i] > slow[i]:
            out[i] = MAROON
        elif change <= 0.0 and average[i] < slow[i]:
            out[i] = RED
        elif change >= 0.0 and average[i] < slow[i]:
            out[i] = GREEN


@kernel()
def technical_squeeze(
    close: F64In,
    reference: F64In,
    squeeze: F64In,
    close_colour: I64Out,
    squeeze_colour: I64Out,
    reference_colour: I64Out,
) -> None:
    """The colours of three distances from an average."""
    for i in range(len(close)):
        close_colour[i] = AQUA if close[i] >= 0.0 else FUCHSIA
        squeeze_colour[i] = SQUEEZE_LIME if squeeze[i] >= 0.0 else SQUEEZE_RED
        if reference[i] >= 0.0:
            reference_colour[i] = YELLOW if close[i] < reference[i] else SQUEEZE_GREEN
        elif reference[i] < 0.0 and close[i] > reference[i]:
            reference_colour[i] = YELLOW
        else:
            reference_colour[i] = SQUEEZE_MAROON


@kernel()
def technical_wma(real: F64In, length: int, out: F64Out) -> None:
    """TradingView's weighted average: of the ``length - 2`` values before, the last weighs most."""
    n = len(real)
    norm = 0
    for j in range(1, length - 1):
        norm += (length - j) * length
    for i in range(min(length - 2, n)):
        out[i] = NAN
    for i in range(length - 2, n):
        total = 0.0
        for j in range(1, length - 1):
            total += real[i - j] * ((length - j) * length)
        out[i] = total / norm


@kernel()
def technical_heikin_ashi(
    opened: F64In,
    high: F64In,
    low: F64In,
    close: F64In,
    ha_open: F64Out,
    ha_high: F64Out,
    ha_low: F64Out,
    ha_close: F64Out,
    lower_wick: F64Out,
    upper_wick: F64Out,
    flat_bottom: I64Out,
    flat_top: I64Out,
    small_body: I64Out,
    candle: I64Out,
    reversal: I64Out,
) -> int:
    """``technical.candles.heikinashi``: candles, wicks and what they look like.

    Status 1 where a price is missing, infinite or zero, whose sign and sum are pandas' to tell, or
    where a sum is.
    """
    for i in range(len(close)):
        o, h, low_, c = opened[i], high[i], low[i], close[i]
        total = o + h + low_ + c
        size = abs(o) + abs(h) + abs(low_) + abs(c)
        if not (size < 4e307) or o == 0.0 or h == 0.0 or low_ == 0.0 or c == 0.0 or total == 0.0:
            return 1
        c = total / 4.0
        o = (o + close[i]) / 2 if i == 0 else (ha_open[i - 1] + ha_close[i - 1]) / 2
        if o == 0.0 or c == 0.0:
            return 1
        h = max_of(max_of(h, o), c)
        low_ = min_of(min_of(low_, o), c)
        if c > o:
            top, bottom = h - c, o - low_
        else:
            top, bottom = h - o, c - low_
        ha_open[i], ha_high[i], ha_low[i], ha_close[i] = o, h, low_, c
        lower_wick[i], upper_wick[i] = bottom, top
        flat_bottom[i] = 1 if o == low_ else -1 if c == low_ else 0
        flat_top[i] = 1 if h == c else -1 if h == o else 0
        small_body[i] = 1 if top + bottom > abs(c - o) else 0
        candle[i] = 1 if o < c else -1
        reversal[i] = 0
        if i > 0 and candle[i] != candle[i - 1]:
            reversal[i] = candle[i]
    return 0


@helper
def max_of(a: float, b: float) -> float:
    """The greater of two that aren't NaN."""
    return b if b > a else a


@helper
def min_of(a: float, b: float) -> float:
    """The lesser of two that aren't NaN."""
    return b if b < a else a


@kernel()
def technical_ssl(close: F64In, ma_high: F64In, ma_low: F64In, down: F64Out, up: F64Out) -> None:
    """The channel of two averages, which flips where the close leaves it."""
    below = False
    for i in range(len(close)):
        if close[i] > ma_high[i]:
            below = False
        elif close[i] < ma_low[i]:
            below = True
        down[i], up[i] = (ma_high[i], ma_low[i]) if below else (ma_low[i], ma_high[i])


@kernel()
def technical_fibonacci(real: F64In, lowest: F64In, highest: F64In, out: F64Out) -> None:
    """The greatest of the common retracements that the value's place in its range isn't below."""
    for i in range(len(real)):
        place = div(real[i] - lowest[i], highest[i] - lowest[i])
        if place != place:
            out[i] = NAN
        elif place >= 1.0:
            out[i] = 1.0
        elif place >= 0.786:
            out[i] = 0.786
        elif place >= 0.618:
            out[i] = 0.618
        elif place >= 0.5:
            out[i] = 0.5
        elif place >= 0.382:
            out[i] = 0.382
        elif place >= 0.236:
            out[i] = 0.236
        else:
            out[i] = 0.0


@kernel()
def technical_mean_of_seven(
    a: F64In, b: F64In, c: F64In, d: F64In, e: F64In, f: F64In, g: F64In, out: F64Out
) -> int:
    """The mean of what isn't NaN of seven columns.

    Status 1 where a sum is infinite or zero, whose sign is pandas' to tell.
    """
    for i in range(len(a)):
        total = 0.0
        count = 0
        for value in (a[i], b[i], c[i], d[i], e[i], f[i], g[i]):
            if value == value:
                total += value
                count += 1
        if count == 0:
            out[i] = NAN
            continue
        if total == 0.0 or total - total != 0.0:
            return 1
        out[i] = total / count
    return 0


@kernel()
def technical_doji(opened: F64In, high: F64In, close: F64In, exact: bool, out: I64Out) -> None:
    """1 where the body is nothing, or a tenth of the upper shadow at most; else 0."""
    for i in range(len(close)):
        if exact:
            out[i] = 1 if opened[i] == close[i] else 0
        else:
            out[i] = 1 if abs(opened[i] - close[i]) <= (high[i] - close[i]) * 0.1 else 0


@kernel()
def technical_touches(
    opened: F64In, high: F64In, low: F64In, close: F64In, level: float, out: I64Out
) -> int:
    """1 where a rising candle is around the level, -1 where another is; else 0.

    Status 1 where a price is missing, of which numpy warns.
    """
    for i in range(len(close)):
        if not (opened[i] == opened[i] and high[i] == high[i]):
            return 1
        if not (low[i] == low[i] and close[i] == close[i]):
            return 1
        out[i] = 0
        if high[i] > level and low[i] < level:
            out[i] = -1 if opened[i] >= close[i] else 1
    return 0
