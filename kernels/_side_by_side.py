"""Kernels for many periods at once: what they take, and how their recurrences run side by side.

All take the same: up to three series; the periods in rising order; for each the row of ``out``
that its first output goes to, the others into those that follow; the index that the series begin
at (``first_candle``); two factors. The recurrences of several periods run in step, in blocks of
candles: what they give stays in cache until a loop for each period makes results of it.
"""

from __future__ import annotations

from collections.abc import Callable

from ._lanes import LANES
from ._spec import F64In, F64Out, I64In, helper, kernel

# Candles of a block; of few recurrences more.
BLOCK = 64
LONG_BLOCK = 2 * BLOCK

# Most recurrences that run side by side.
MOST = 64

# Their state, MOST values of each kind. DUE: the candle at which a recurrence is renewed.
DUE, PERIOD, FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH, SEVENTH = range(0, 9 * MOST, MOST)
STATE = 9 * MOST
# Blocks of what the recurrences give.
ONE, TWO, THREE = range(0, 3 * MOST * BLOCK, MOST * BLOCK)
WORK = STATE + 3 * MOST * BLOCK

# From so many recurrences on, side by side is faster.
WORTH = 4


@helper
def alike(periods: I64In, start: int, most: int) -> int:
    """Up to ``most`` periods from ``start`` on whose recurrences begin at about the same candle."""
    stop = start + 1
    latest = 4 * periods[start] + MOST
    while stop < len(periods) and stop < start + most and periods[stop] < latest:
        stop += 1
    return stop - start


@helper
def never(first: F64In, i: int, timeperiod: int, state: F64Out, k: int) -> None:
    """Renews nothing."""


def declare(
    name: str,
    reach: int,
    until: Callable[..., None],
    advance: Callable[..., None],
    finish: Callable[..., None],
    renew: Callable[..., None] = never,
    *,
    most: int = MOST,
    least: int = 0,
    length: int = BLOCK,
) -> None:
    """Declare the kernel ``name``.

    ``until`` computes a period's results before a candle, which is at least ``reach`` periods and
    one from ``begin``, or the end, and leaves its state; ``advance`` has all of up to ``most``
    run over a block of ``length`` candles, and ``least`` at least, the last one again if need be;
    ``finish`` makes results of what that has left. Neither passes the candle at which a state
    says that ``renew`` is due.
    """

    @kernel(name=name, work=lambda n, begin, up, down: WORK)
    def many(
        first: F64In,
        second: F64In,
        third: F64In,
        periods: I64In,
        rows: I64In,
        begin: int,
        up: float,
        down: float,
        out: F64Out,
        work: F64Out,
    ) -> None:
        n = len(first)
        state = work[:STATE]
        block = work[STATE:]
        group = 0
        while group < len(periods):
            width = alike(periods, group, most)
            last = group + width - 1
            start = begin + reach * periods[last] + 1
            start = start if start < n and width >= WORTH else n
            states = max(width, least) if start < n else width
            for k in range(states):
                timeperiod = periods[min(group + k, last)]
                at = rows[min(group + k, last)] * n
                state[DUE + k] = float(n)
                state[PERIOD + k] = float(timeperiod)
                until(first, second, third, begin, timeperiod, start, up, down, state, k, out, at)
            i = start
            while i < n:
                stop = min(n, i + length)
                for k in range(states):
                    if state[DUE + k] == i:
                        renew(first, i, periods[min(group + k, last)], state, k)
                    stop = min(stop, int(state[DUE + k]))
                advance(first, second, third, i, stop, width, state, block)
                for k in range(width):
                    at = rows[group + k] * n
                    timeperiod = periods[group + k]
                    finish(
                        first,
                        second,
                        i,
                        stop,
                        timeperiod,
                        up,
                        down,
                        state,
                        k,
                        width,
                        block,
                        out,
                        at,
                    )
                i = stop
            group += width


def declare_in_lanes(
    name: str,
    until: Callable[..., None],
    advance: Callable[..., None],
    finish: Callable[..., None],
    renew: Callable[..., None] = never,
) -> None:
    """Declare the kernel ``name``, whose recurrences run in lanes: always as many."""
    declare(*(name, 1, until, advance, finish, renew), most=LANES, least=LANES, length=LONG_BLOCK)
