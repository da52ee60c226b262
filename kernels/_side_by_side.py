"""Kernels for many periods at once: what they take, and how their recurrences run side by side.

All take the same: up to three series; the periods in rising order, and for each where in ``out``
its first output begins, the others following it; the index that the series begin at
(``first_candle``); two factors. There is a multiple of ``LANES`` of periods: the last one is
repeated. Blocks of candles are computed, all lanes of a candle together, and turned into rows.
"""

from __future__ import annotations

from collections.abc import Callable

from ._lanes import LANES, TILE, is_tame, turn_in, turn_out, where
from ._numeric import fma
from ._spec import F64In, F64Out, I64In, helper, kernel

BLOCK = 64

# The state of the recurrences, LANES values of each kind. DUE: the candle at which one is renewed,
# and WAS_DUE at the block's start. COUNT, RECIPROCAL and REST: what ``share`` divides by.
KINDS = 10
DUE, WAS_DUE, PERIOD, COUNT, RECIPROCAL, REST = range(0, 6 * LANES, LANES)
FIRST, SECOND, THIRD, FOURTH = range(6 * LANES, KINDS * LANES, LANES)
# Blocks: the windows' oldest values; results; the candle, where a lane is renewed in it, and its
# new state.
ROOM = BLOCK * LANES
BLOCKS = range(KINDS * LANES, KINDS * LANES + 8 * ROOM, ROOM)
OLDEST, ONE, TWO, THREE, RENEWED, NEW_FIRST, NEW_SECOND, NEW_THIRD = BLOCKS
WORK = BLOCKS.stop


@helper
def set_divisor(state: F64Out, k: int, count: float) -> None:
    """Have lane ``k`` divide by the whole number ``count``."""
    reciprocal = 1.0 / count
    state[COUNT + k] = count
    state[RECIPROCAL + k] = reciprocal
    state[REST + k] = fma(-count, reciprocal, 1.0) / count


@helper
def never(first: F64In, i: int, timeperiod: int, work: F64Out, at: int) -> int:
    """Renews nothing."""
    return len(first)


@helper
def renewed_or(due: float, candle: float, new: float, old: float) -> float:
    """A lane's state; the new one where that is due."""
    return where(due == candle, new, old)


def declare(
    name: str,
    until: Callable[..., None],
    advance: Callable[..., None],
    renew: Callable[..., int] = never,
    *,
    reach: int = 1,
    outputs: int = 1,
    windows: bool = False,
    divides: int = 0,
) -> None:
    """Declare the kernel ``name``.

    ``until`` computes one period's results before a candle, which is at least ``reach`` periods and
    one from ``begin``, or the end, and leaves its state; ``advance`` has all lanes run over a
    block. It gets the windows' oldest values with ``windows``, and is told whether the first
    ``divides`` series are tame. ``renew`` writes a lane's new state from the candle on at which it
    is due, into the blocks for that, and returns when it is due next.
    """

    renews = renew is not never

    @kernel(name=name, work=lambda n, begin, up, down: WORK)
    def many(
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
        n = len(first)
        tame = divides < 1 or is_tame(first, begin)
        tame = tame and (divides < 2 or (is_tame(second, begin) and is_tame(third, begin)))
        for group in range(0, len(periods), LANES):
            start = begin + reach * periods[group + LANES - 1] + 1
            # From there to the end there are whole tiles.
            start = start + (n - start) % TILE if start < n else n
            for k in range(LANES):
                at = starts[group + k]
                if k > 0 and at == starts[group + k - 1]:
                    for kind in range(KINDS):
                        work[kind * LANES + k] = work[kind * LANES + k - 1]
                    continue
                work[DUE + k] = float(n)
                work[PERIOD + k] = float(periods[group + k])
                timeperiod = periods[group + k]
                until(first, second, third, begin, timeperiod, start, up, down, work, k, out, at)
            if renews:
                for at in range(RENEWED, RENEWED + ROOM):
                    work[at] = -1.0
            for i in range(start, n, BLOCK):
                stop = min(n, i + BLOCK)
                if windows:
                    for j in range(0, stop - i, TILE):
                        turn_in(first, i + j + 1, periods, group, work, OLDEST + j * LANES)
                if renews:
                    for k in range(LANES):
                        due = int(work[DUE + k])
                        work[WAS_DUE + k] = work[DUE + k]
                        while due < stop:
                            at = (due - i) * LANES + k
                            work[RENEWED + at] = float(due)
                            due = renew(first, due, periods[group + k], work, at)
                        work[DUE + k] = float(due)
                advance(first, second, third, i, stop, up, down, tame, work)
                for output in range(outputs):
                    block = ONE + output * ROOM
                    for j in range(0, stop - i, TILE):
                        at = output * n + i + j
                        turn_out(work, block + j * LANES, out, starts, group, at)
