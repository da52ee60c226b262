"""CCI with many periods in one pass: TA-Lib sums its window in the order of a ring's slots.

The same slot of successive turns of the ring sums in the same order, so that turns are the lanes.
"""

from __future__ import annotations

import operator

from ._lanes import LANES, each, every, lanes_at, put_lanes, where
from ._numeric import div
from ._spec import F64In, F64Out, I64In, helper, kernel
from ._window import fill_head
from .oscillators import EPSILON

# Turns of a ring that are computed at a time: two vectors of lanes.
TURNS = 2 * LANES
# Of a row, one slot's prices: the turn before those, them, and room for reading a whole vector.
WIDTH = TURNS + LANES


@helper
def away(price: float, average: float) -> float:
    """How far a price is away from an average."""
    return abs(price - average)


@helper
def channel_index(price: float, average: float, deviations: float, timeperiod: float) -> float:
    """CCI of a typical price, its window's average and the sum of deviations from that."""
    deviation = deviations / timeperiod
    difference = price - average
    negligible = abs(average) * EPSILON
    divisor = 0.015 * deviation
    index = where(divisor != 0.0, div(difference, divisor), 0.0)
    flat = (abs(difference) <= negligible) | (abs(deviation) <= negligible)
    return where(flat, 0.0, index)


@helper
def cci_turns(
    prices: F64In, begin: int, timeperiod: int, turn: int, count: int, out: F64Out, work: F64Out
) -> None:
    """CCI in ``count`` turns of the ring of ``timeperiod`` prices, from that number on."""
    n = len(prices)
    for slot in range(timeperiod):
        for k in range(count + 1):
            i = begin + (turn + k - 1) * timeperiod + slot
            work[slot * WIDTH + k] = prices[i] if begin <= i < n else 0.0
        for k in range(count + 1, WIDTH):
            work[slot * WIDTH + k] = 0.0
    results = timeperiod * WIDTH
    size = every(float(timeperiod))
    newer_a = newer_b = every(0.0)
    for slot in range(timeperiod):
        price_a = lanes_at(work, slot * WIDTH + 1)
        price_b = lanes_at(work, slot * WIDTH + 1 + LANES)
        average_a = newer_a = each(operator.add, newer_a, price_a)
        average_b = newer_b = each(operator.add, newer_b, price_b)
        for row in range(slot + 1, timeperiod):
            average_a = each(operator.add, average_a, lanes_at(work, row * WIDTH))
            average_b = each(operator.add, average_b, lanes_at(work, row * WIDTH + LANES))
        average_a = each(operator.truediv, average_a, size)
        average_b = each(operator.truediv, average_b, size)
        sum_a = sum_b = every(0.0)
        for row in range(timeperiod):
            at = row * WIDTH + (1 if row <= slot else 0)
            sum_a = each(operator.add, sum_a, each(away, lanes_at(work, at), average_a))
            sum_b = each(operator.add, sum_b, each(away, lanes_at(work, at + LANES), average_b))
        at = results + slot * TURNS
        put_lanes(work, at, each(channel_index, price_a, average_a, sum_a, size))
        put_lanes(work, at + LANES, each(channel_index, price_b, average_b, sum_b, size))
    for k in range(count):
        start = begin + (turn + k) * timeperiod
        for i in range(max(start, begin + timeperiod - 1), min(start + timeperiod, n)):
            out[i] = work[results + (i - start) * TURNS + k]


@helper
def cci_work(n: int, longest: float) -> int:
    """Room for the prices, and for the longest period's rows and results."""
    return n + min(int(longest), n) * (WIDTH + TURNS)


@kernel(work=lambda n, begin, up, down: cci_work(n, up))
def cci_many(
    first: F64In,
    second: F64In,
    third: F64In,
    periods: I64In,
    starts: I64In,
    begin: int,
    up: float,
    down: float,
    out: F64Out,
    work: F64Out,
) -> None:
    """Lambert's commodity channel index of high, low and close; ``up`` is the longest period."""
    n = len(first)
    prices = work[:n]
    for i in range(begin, n):
        prices[i] = (first[i] + second[i] + third[i]) / 3.0
    for at in range(len(periods)):
        timeperiod = periods[at]
        row = out[starts[at] : starts[at] + n]
        fill_head(row, begin + timeperiod - 1)
        if begin + timeperiod - 1 >= n:
            continue
        turns = (n - begin + timeperiod - 1) // timeperiod
        for turn in range(0, turns, TURNS):
            count = min(TURNS, turns - turn)
            cci_turns(prices, begin, timeperiod, turn, count, row, work[n:])
