"""Directional movement: Wilder's system, the vortex, and Aroon."""

from __future__ import annotations

from ._spec import F64In, F64Out, helper, kernel
from ._window import fill_head, first_valid2, first_valid3
from .volatility import true_range

# TA-Lib's TA_EPSILON: what is closer to zero counts as zero.
EPSILON = 1e-14


@helper
def directional_move(high: F64In, low: F64In, i: int, down: bool) -> float:
    """Wilder's directional movement of candle ``i``: how far it reaches beyond the one before.

    0 where it reaches further the other way, or equally far.
    """
    rise = high[i] - high[i - 1]
    fall = low[i - 1] - low[i]
    move = fall if down else rise
    opposite = rise if down else fall
    outward = move if move > 0.0 else 0.0  # in two steps: no branch to mispredict
    return outward if outward > opposite else 0.0


@helper
def smoothed(total: float, value: float, timeperiod: int) -> float:
    """Wilder's running sum of ``timeperiod`` values, with one more."""
    return total - total / timeperiod + value


@helper
def directional_movement_from(
    high: F64In, low: F64In, begin: int, timeperiod: int, down: bool, out: F64Out
) -> None:
    """Wilder's running sum of the directional movement; a period of 1 gives it unsmoothed."""
    n = len(high)
    if timeperiod == 1:
        for i in range(begin + 1, n):
            out[i] = directional_move(high, low, i, down)
        return
    first = begin + timeperiod - 1
    if first >= n:
        return
    total = 0.0
    for i in range(begin + 1, first + 1):
        total += directional_move(high, low, i, down)
    out[first] = total
    for i in range(first + 1, n):
        total = smoothed(total, directional_move(high, low, i, down), timeperiod)
        out[i] = total


@kernel()
def plus_dm(high: F64In, low: F64In, timeperiod: int, out: F64Out) -> None:
    """Wilder's plus directional movement, TA-Lib's PLUS_DM."""
    begin = first_valid2(high, low)
    fill_head(out, begin + (timeperiod - 1 if timeperiod > 1 else 1))
    directional_movement_from(high, low, begin, timeperiod, False, out)


@kernel()
def minus_dm(high: F64In, low: F64In, timeperiod: int, out: F64Out) -> None:
    """Wilder's minus directional movement, TA-Lib's MINUS_DM."""
    begin = first_valid2(high, low)
    fill_head(out, begin + (timeperiod - 1 if timeperiod > 1 else 1))
    directional_movement_from(high, low, begin, timeperiod, True, out)


@helper
def directional_indicator_from(
    high: F64In,
    low: F64In,
    close: F64In,
    begin: int,
    timeperiod: int,
    down: bool,
    out: F64Out,
) -> None:
    """Directional movement in percent of the true range; a period of 1 gives the plain ratio."""
    n = len(high)
    if timeperiod == 1:
        for i in range(begin + 1, n):
            move = directional_move(high, low, i, down)
            width = true_range(high[i], low[i], close[i - 1])
            out[i] = 0.0 if move == 0.0 or width <= 0.0 else move / width
        return
    first = begin + timeperiod
    if first >= n:
        return
    movement = 0.0
    ranges = 0.0
    for i in range(begin + 1, first):
        movement += directional_move(high, low, i, down)
        ranges += true_range(high[i], low[i], close[i - 1])
    for i in range(first, n):
        movement = smoothed(movement, directional_move(high, low, i, down), timeperiod)
        ranges = smoothed(ranges, true_range(high[i], low[i], close[i - 1]), timeperiod)
        out[i] = 100.0 * (movement / ranges) if ranges > 0.0 else 0.0


@kernel()
def plus_di(high: F64In, low: F64In, close: F64In, timeperiod: int, out: F64Out) -> None:
    """Wilder's plus directional indicator, TA-Lib's PLUS_DI."""
    begin = first_valid3(high, low, close)
    fill_head(out, begin + timeperiod)
    directional_indicator_from(high, low, close, begin, timeperiod, False, out)


@kernel()
def minus_di(high: F64In, low: F64In, close: F64In, timeperiod: int, out: F64Out) -> None:
    """Wilder's minus directional indicator, TA-Lib's MINUS_DI."""
    begin = first_valid3(high, low, close)
    fill_head(out, begin + timeperiod)
    directional_indicator_from(high, low, close, begin, timeperiod, True, out)


@helper
def first_sums(
    high: F64In, low: F64In, close: F64In, begin: int, timeperiod: int
) -> tuple[float, float, float]:
    """Plus and minus movement and true range of the first ``timeperiod - 1`` candles, summed."""
    plus = 0.0
    minus = 0.0
    ranges = 0.0
    for i in range(begin + 1, begin + timeperiod):
        plus += directional_move(high, low, i, False)
        minus += directional_move(high, low, i, True)
        ranges += true_range(high[i], low[i], close[i - 1])
    return plus, minus, ranges


@helper
def directional_index(plus: float, minus: float, ranges: float) -> float:
    """Wilder's DX, the imbalance of the two indicators in percent; -1 where there is none."""
    if ranges > 0.0:
        plus_indicator = 100.0 * (plus / ranges)
        minus_indicator = 100.0 * (minus / ranges)
        both = minus_indicator + plus_indicator
        if not -EPSILON < both < EPSILON:
            return 100.0 * (abs(minus_indicator - plus_indicator) / both)
    return -1.0


@kernel()
def dx(high: F64In, low: F64In, close: F64In, timeperiod: int, out: F64Out) -> None:
    """Wilder's directional movement index, TA-Lib's DX; undefined values repeat the last one."""
    n = len(high)
    begin = first_valid3(high, low, close)
    first = begin + timeperiod
    fill_head(out, first)
    if first >= n:
        return
    plus, minus, ranges = first_sums(high, low, close, begin, timeperiod)
    last = 0.0
    for i in range(first, n):
        plus = smoothed(plus, directional_move(high, low, i, False), timeperiod)
        minus = smoothed(minus, directional_move(high, low, i, True), timeperiod)
        ranges = smoothed(ranges, true_range(high[i], low[i], close[i - 1]), timeperiod)
        index = directional_index(plus, minus, ranges)
        if index != -1.0:
            last = index
        out[i] = last


@helper
def average_directional_index_from(
    high: F64In, low: F64In, close: F64In, begin: int, timeperiod: int, out: F64Out
) -> None:
    """Wilder's average of DX, seeded with the mean of the first period; skips undefined values."""
    n = len(high)
    first = begin + 2 * timeperiod - 1
    if first >= n:
        return
    plus, minus, ranges = first_sums(high, low, close, begin, timeperiod)
    average = 0.0
    for i in range(begin + timeperiod, n):
        plus = smoothed(plus, directional_move(high, low, i, False), timeperiod)
        minus = smoothed(minus, directional_move(high, low, i, True), timeperiod)
        ranges = smoothed(ranges, true_range(high[i], low[i], close[i - 1]), timeperiod)
        index = directional_index(plus, minus, ranges)
        if i > first:
            if index != -1.0:
                average = (average * (timeperiod - 1) + index) / timeperiod
            out[i] = average
        else:
            if index != -1.0:
                average += index
            if i == first:
                average /= timeperiod
                out[i] = average


@kernel()
def adx(high: F64In, low: F64In, close: F64In, timeperiod: int, out: F64Out) -> None:
    """Wilder's average directional movement index, TA-Lib's ADX."""
    begin = first_valid3(high, low, close)
    fill_head(out, begin + 2 * timeperiod - 1)
    average_directional_index_from(high, low, close, begin, timeperiod, out)


@kernel()
def adxr(high: F64In, low: F64In, close: F64In, timeperiod: int, out: F64Out) -> None:
    """Wilder's ADX rating, TA-Lib's ADXR: the mean of ADX and ADX a period ago."""
    begin = first_valid3(high, low, close)
    first = begin + 3 * timeperiod - 2
    average_directional_index_from(high, low, close, begin, timeperiod, out)
    for i in range(len(high) - 1, first - 1, -1):  # backwards: reads what it hasn't replaced
        out[i] = (out[i] + out[i - (timeperiod - 1)]) * 0.5
    fill_head(out, first)


@kernel()
def vortex(
    high: F64In, low: F64In, close: F64In, timeperiod: int, plusvi: F64Out, minusvi: F64Out
) -> None:
    """Botes and Siepman's vortex, TA-Lib's VORTEX: upward and downward movement by true range.

    They are measured from the last candle's low and from its high; 0 where there is no range.
    """
    n = len(high)
    begin = first_valid3(high, low, close)
    first = begin + timeperiod
    fill_head(plusvi, first)
    fill_head(minusvi, first)
    if first >= n:
        return
    plus = 0.0
    minus = 0.0
    ranges = 0.0
    flat = 0
    for i in range(begin + 1, first):
        width = true_range(high[i], low[i], close[i - 1])
        ranges += width
        plus += abs(high[i] - low[i - 1])
        minus += abs(low[i] - high[i - 1])
        flat = flat + 1 if width == 0.0 else 0
    for i in range(first, n):
        width = true_range(high[i], low[i], close[i - 1])
        ranges += width
        plus += abs(high[i] - low[i - 1])
        minus += abs(low[i] - high[i - 1])
        flat = flat + 1 if width == 0.0 else 0
        if flat >= timeperiod:
            ranges = 0.0  # sheds what rounding has left of it
        plusvi[i] = plus / ranges if ranges > 0.0 else 0.0
        minusvi[i] = minus / ranges if ranges > 0.0 else 0.0
        oldest = i - timeperiod + 1
        ranges -= true_range(high[oldest], low[oldest], close[oldest - 1])
        plus -= abs(high[oldest] - low[oldest - 1])
        minus -= abs(low[oldest] - high[oldest - 1])


@helper
def last_highest(real: F64In, known: int, start: int, stop: int) -> int:
    """Index of the last highest value of ``real[start : stop + 1]``.

    ``known`` is that of the window a candle earlier: only when it has dropped out is the window
    searched.
    """
    if known >= start:
        return stop if real[stop] >= real[known] else known
    index = start
    highest = real[start]
    for i in range(start + 1, stop + 1):
        value = real[i]
        index = i if value >= highest else index
        highest = value if value > highest else highest
    return index


@helper
def last_lowest(real: F64In, known: int, start: int, stop: int) -> int:
    """Index of the last lowest value of ``real[start : stop + 1]``, as ``last_highest``."""
    if known >= start:
        return stop if real[stop] <= real[known] else known
    index = start
    lowest = real[start]
    for i in range(start + 1, stop + 1):
        value = real[i]
        index = i if value <= lowest else index
        lowest = value if value < lowest else lowest
    return index


@kernel()
def aroon(high: F64In, low: F64In, timeperiod: int, aroondown: F64Out, aroonup: F64Out) -> None:
    """Chande's Aroon, TA-Lib's AROON: how recent the period's low and high are, in percent."""
    begin = first_valid2(high, low)
    first = begin + timeperiod
    fill_head(aroondown, first)
    fill_head(aroonup, first)
    factor = 100.0 / timeperiod
    lowest = -1
    highest = -1
    for i in range(first, len(high)):
        lowest = last_lowest(low, lowest, i - timeperiod, i)
        highest = last_highest(high, highest, i - timeperiod, i)
        aroondown[i] = factor * (timeperiod - (i - lowest))
        aroonup[i] = factor * (timeperiod - (i - highest))


@kernel()
def aroonosc(high: F64In, low: F64In, timeperiod: int, out: F64Out) -> None:
    """Aroon oscillator, TA-Lib's AROONOSC: Aroon up minus Aroon down."""
    begin = first_valid2(high, low)
    first = begin + timeperiod
    fill_head(out, first)
    factor = 100.0 / timeperiod
    lowest = -1
    highest = -1
    for i in range(first, len(high)):
        lowest = last_lowest(low, lowest, i - timeperiod, i)
        highest = last_highest(high, highest, i - timeperiod, i)
        out[i] = factor * (highest - lowest)
