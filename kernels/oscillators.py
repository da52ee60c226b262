"""Oscillators of the candle as a whole: its typical price, its range, its body."""

from __future__ import annotations

from ._moving import mean_difference_from
from ._spec import F64In, F64Out, helper, kernel
from ._window import fill_head, first_valid2, first_valid3, first_valid4
from .volatility import true_range

# TA-Lib's TA_EPSILON: a difference smaller than this share of its operands counts as none.
EPSILON = 1e-14


@kernel()
def bop(open: F64In, high: F64In, low: F64In, close: F64In, out: F64Out) -> None:
    """Livshin's balance of power, TA-Lib's BOP: the body in proportion to the range."""
    begin = first_valid4(open, high, low, close)
    fill_head(out, begin)
    for i in range(begin, len(open)):
        width = high[i] - low[i]
        body = close[i] - open[i]
        out[i] = 0.0 if width <= 0.0 else body / width


@kernel()
def qstick(open: F64In, close: F64In, timeperiod: int, out: F64Out) -> None:
    """Chande and Kroll's Qstick, TA-Lib's QSTICK: simple moving average of the body."""
    begin = first_valid2(open, close)
    fill_head(out, begin + timeperiod - 1)
    mean_difference_from(close, open, begin, timeperiod, out)


@kernel()
def imi(open: F64In, close: F64In, timeperiod: int, out: F64Out) -> None:
    """Chande's intraday momentum index, TA-Lib's IMI: rising bodies in percent of all.

    50 where there is no body.
    """
    first = first_valid2(open, close) + timeperiod - 1
    fill_head(out, first)
    for i in range(first, len(open)):
        gain = 0.0
        loss = 0.0
        for j in range(i - timeperiod + 1, i + 1):
            body = close[j] - open[j]
            gain += body if body > 0.0 else 0.0
            loss -= 0.0 if body > 0.0 else body
        total = gain + loss
        out[i] = 50.0 if total == 0.0 else 100.0 * (gain / total)


@kernel()
def wad(high: F64In, low: F64In, close: F64In, out: F64Out) -> None:
    """Williams' accumulation/distribution, TA-Lib's WAD, which takes no account of volume.

    Each rise counts from the true low, each fall from the true high.
    """
    n = len(high)
    if n == 0:
        return
    begin = first_valid3(high, low, close)
    fill_head(out, begin)
    out[begin] = 0.0
    for i in range(begin + 1, n):
        price = close[i]
        previous = close[i - 1]
        rise = price - lower(previous, low[i])
        fall = price - higher(previous, high[i])
        out[i] = rise if price > previous else fall if price < previous else 0.0
    line = 0.0
    for i in range(begin + 1, n):
        line += out[i]
        out[i] = line


@kernel(work=lambda n, timeperiod: timeperiod if timeperiod < n else n)
def cci(high: F64In, low: F64In, close: F64In, timeperiod: int, out: F64Out, work: F64Out) -> None:
    """Lambert's commodity channel index, TA-Lib's CCI.

    ``work`` is a ring of typical prices. Sums run over it from slot 0, not from the oldest
    price, as TA-Lib's do: so the part up to the newest price is a running sum.
    """
    n = len(high)
    begin = first_valid3(high, low, close)
    first = begin + timeperiod - 1
    fill_head(out, first)
    if first >= n:
        return
    slot = 0
    newer = 0.0
    for i in range(begin, n):
        price = (high[i] + low[i] + close[i]) / 3.0
        work[slot] = price
        newer += price
        if i >= first:
            total = newer
            for j in range(slot + 1, timeperiod):
                total += work[j]
            average = total / timeperiod
            deviation = 0.0
            for j in range(timeperiod):
                deviation += abs(work[j] - average)
            deviation /= timeperiod
            difference = price - average
            negligible = abs(average) * EPSILON
            index = 0.0
            if not (abs(difference) <= negligible or abs(deviation) <= negligible):
                divisor = 0.015 * deviation
                if divisor != 0.0:
                    index = difference / divisor
            out[i] = index
        slot += 1
        if slot == timeperiod:
            slot = 0
            newer = 0.0


@kernel(work=lambda n, timeperiod: 2 * min(n, timeperiod))
def mfi(
    high: F64In,
    low: F64In,
    close: F64In,
    volume: F64In,
    timeperiod: int,
    out: F64Out,
    work: F64Out,
) -> None:
    """Quong and Soudack's money flow index, TA-Lib's MFI.

    ``work`` is a ring of positive and negative money flow, in pairs.
    """
    n = len(high)
    begin = first_valid4(high, low, close, volume)
    first = begin + timeperiod
    fill_head(out, first)
    if first >= n:
        return
    ring = 2 * timeperiod
    for slot in range(ring):
        work[slot] = 0.0
    slot = 0
    positive = 0.0
    negative = 0.0
    idle = 0
    previous = (high[begin] + low[begin] + close[begin]) / 3.0
    for i in range(begin + 1, n):
        price = (high[i] + low[i] + close[i]) / 3.0
        change = price - previous
        negligible = EPSILON * (abs(price) + abs(previous))
        previous = price
        flow = price * volume[i]
        flow = 0.0 if abs(change) <= negligible else flow
        side = 1 if change < 0.0 else 0  # an offset, not a branch: it would be a coin flip
        positive -= work[slot]
        negative -= work[slot + 1]
        work[slot + side] = flow
        work[slot + 1 - side] = 0.0
        positive += work[slot]
        negative += work[slot + 1]
        slot += 2
        if slot == ring:
            slot = 0
        idle = idle + 1 if flow == 0.0 else 0
        if idle >= timeperiod:  # the sums are 0 but for rounding
            positive = 0.0
            negative = 0.0
        if i >= first:
            total = positive + negative
            share = total if positive > total else positive
            share = 0.0 if positive < 0.0 else share
            out[i] = 0.0 if total <= 0.0 else 100.0 * (share / total)


@helper
def higher(a: float, b: float) -> float:
    """``a`` if it is higher, else ``b``."""
    return a if a > b else b


@helper
def lower(a: float, b: float) -> float:
    """``a`` if it is lower, else ``b``."""
    return a if a < b else b


@helper
def percent_range(highest: float, lowest: float, close: float) -> float:
    """How far the close is below the highest high, in percent of the range, from 0 to -100."""
    width = highest - lowest
    if abs(width) <= EPSILON * (abs(highest) + abs(lowest)):
        return 0.0
    percent = (highest - close) / width * -100.0
    return 0.0 if percent > 0.0 else higher(-100.0, percent)


@kernel(work=lambda n, timeperiod: 2 * min(n, timeperiod))
def willr(
    high: F64In, low: F64In, close: F64In, timeperiod: int, out: F64Out, work: F64Out
) -> None:
    """Williams' %R, TA-Lib's WILLR.

    Extremes by van Herk's algorithm: a window is the end of one block and the start of the
    next. ``work`` has the extremes of a block from each of its candles to its end, in pairs.
    """
    n = len(high)
    first = first_valid3(high, low, close) + timeperiod - 1
    fill_head(out, first)
    for last in range(first, n, timeperiod):
        start = last - timeperiod + 1
        highest = high[last]
        lowest = low[last]
        for j in range(timeperiod - 1, 0, -1):
            work[2 * j] = highest
            work[2 * j + 1] = lowest
            highest = higher(high[start + j - 1], highest)
            lowest = lower(low[start + j - 1], lowest)
        out[last] = percent_range(highest, lowest, close[last])
        if last + 1 == n:
            return
        highest = high[last + 1]
        lowest = low[last + 1]
        stop = last + timeperiod
        for i in range(last + 1, stop if stop < n else n):
            j = i - last
            highest = higher(high[i], highest)
            lowest = lower(low[i], lowest)
            out[i] = percent_range(
                higher(highest, work[2 * j]), lower(lowest, work[2 * j + 1]), close[i]
            )


@kernel(
    work=lambda n, timeperiod1, timeperiod2, timeperiod3: (
        2 * min(n, max(timeperiod1, timeperiod2, timeperiod3))
    )
)
def ultosc(
    high: F64In,
    low: F64In,
    close: F64In,
    timeperiod1: int,
    timeperiod2: int,
    timeperiod3: int,
    out: F64Out,
    work: F64Out,
) -> None:
    """Williams' ultimate oscillator, TA-Lib's ULTOSC: buying pressure over three periods.

    ``work`` is a ring of buying pressure and true range, in pairs, for the longest period.
    """
    n = len(high)
    short = timeperiod1
    middle = timeperiod2
    long = timeperiod3
    if short > middle:
        short, middle = middle, short
    if middle > long:
        middle, long = long, middle
    if short > middle:
        short, middle = middle, short
    first = first_valid3(high, low, close) + long
    fill_head(out, first)
    if first >= n:
        return
    pressure_short = 0.0
    pressure_middle = 0.0
    pressure_long = 0.0
    range_short = 0.0
    range_middle = 0.0
    range_long = 0.0
    idle = 0
    ring = 2 * long
    slot = 0
    for i in range(first - long + 1, first):
        pressure = close[i] - lower(low[i], close[i - 1])
        width = true_range(high[i], low[i], close[i - 1])
        work[slot] = pressure
        work[slot + 1] = width
        slot += 2
        idle = idle + 1 if pressure == 0.0 and width == 0.0 else 0
        if i > first - short:
            pressure_short += pressure
            range_short += width
        if i > first - middle:
            pressure_middle += pressure
            range_middle += width
        pressure_long += pressure
        range_long += width
    slot_short = ring - 2 * short
    slot_middle = ring - 2 * middle
    for i in range(first, n):
        pressure = close[i] - lower(low[i], close[i - 1])
        width = true_range(high[i], low[i], close[i - 1])
        work[slot] = pressure
        work[slot + 1] = width
        pressure_short += pressure
        pressure_middle += pressure
        pressure_long += pressure
        range_short += width
        range_middle += width
        range_long += width
        if width == 0.0:
            idle = idle + 1 if pressure == 0.0 else 0
            if idle >= short:  # the sums are 0 but for rounding
                pressure_short = 0.0
                range_short = 0.0
                if idle >= middle:
                    pressure_middle = 0.0
                    range_middle = 0.0
                if idle >= long:
                    pressure_long = 0.0
                    range_long = 0.0
        else:
            idle = 0
        if range_short > 0.0 and range_middle > 0.0 and range_long > 0.0:
            # Nearly always: no branch keeps the divisions from overlapping.
            average = 0.0 + 4.0 * (pressure_short / range_short)
            average += 2.0 * (pressure_middle / range_middle)
            average += pressure_long / range_long
        else:
            average = 0.0
            if range_short > 0.0:
                average += 4.0 * (pressure_short / range_short)
            if range_middle > 0.0:
                average += 2.0 * (pressure_middle / range_middle)
            if range_long > 0.0:
                average += pressure_long / range_long
        out[i] = 100.0 * (average / 7.0)
        pressure_short -= work[slot_short]
        range_short -= work[slot_short + 1]
        slot_short += 2
        if slot_short == ring:
            slot_short = 0
        pressure_middle -= work[slot_middle]
        range_middle -= work[slot_middle + 1]
        slot_middle += 2
        if slot_middle == ring:
            slot_middle = 0
        slot += 2
        if slot == ring:
            slot = 0
        pressure_long -= work[slot]
        range_long -= work[slot + 1]
