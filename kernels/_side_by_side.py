"""Kernels for many periods at once: what they take, and how their recurrences run side by side.

All take the same: up to three series; the periods in rising order, and for each where in ``out``
its first output begins, the others following it; the index that the series begin at
(``first_candle``); two factors. There is a multiple of ``LANES`` of periods: the last one is
repeated. All lanes of a candle are computed together, and a few candles turned into rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from ._lanes import (
    LANES,
    LEAST,
    TILE,
    Lanes,
    divided,
    is_tame,
    lanes_at,
    put_lanes,
    put_rows,
    share,
    turn_in,
    where,
)
from ._numeric import fma
from ._spec import F64In, F64Out, I64In, helper, kernel

BLOCK = 64

# The state of the recurrences, LANES values of each kind. DUE: the candle at which one is renewed,
# and WAS_DUE at the block's start. COUNT, RECIPROCAL and REST: what ``share`` divides by.
KINDS = 10
DUE, WAS_DUE, PERIOD, COUNT, RECIPROCAL, REST = range(0, 6 * LANES, LANES)
FIRST, SECOND, THIRD, FOURTH = range(6 * LANES, KINDS * LANES, LANES)
# Blocks: the windows' oldest values; the candle, where a lane is renewed in it, and its new state.
ROOM = BLOCK * LANES
BLOCKS = range(KINDS * LANES, KINDS * LANES + 5 * ROOM, ROOM)
OLDEST, RENEWED, NEW_FIRST, NEW_SECOND, NEW_THIRD = BLOCKS
# Per tile, its first candle where a lane is renewed in it.
RENEWALS = BLOCKS.stop
# The first series from its end: the oldest values of consecutive periods' windows, side by side.
BACKWARD = RENEWALS + BLOCK // TILE


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


@helper
def kept(due: float, candle: float, new: float, old: float) -> float:
    """``renewed_or`` where none is due."""
    return old


@helper
def has_faded(work: F64Out) -> bool:
    """Whether a lane's state has nearly died away, and can't be divided by ``share``."""
    faded = 0
    for at in range(FIRST, KINDS * LANES):
        faded += (work[at] != 0.0) & (work[at] < LEAST)
    return faded > 0


class Block(NamedTuple):
    """Candles from ``i`` to before ``stop``, what is known of them, and where results go."""

    first: F64In
    second: F64In
    third: F64In
    i: int
    stop: int
    up: float
    down: float
    tame: bool
    # Where in ``work`` the oldest values of the first candle's windows are; how far on the next's.
    oldest: int
    stride: int
    out: F64Out
    starts: I64In
    group: int
    work: F64Out


# The state, FIRST to FOURTH, and what stays: PERIOD, COUNT, RECIPROCAL and REST.
Four: TypeAlias = tuple[Lanes, Lanes, Lanes, Lanes]
# ``share`` or ``divided``; ``renewed_or`` or ``kept``.
Quotient: TypeAlias = Callable[[float, float, float, float], float]
Renewal: TypeAlias = Callable[[float, float, float, float], float]
Step: TypeAlias = Callable[[Quotient, Renewal, Any, Four, Block, int], Any]
Advance: TypeAlias = Callable[[Block], None]


@helper
def oldest_of(block: Block, i: int) -> Lanes:
    """The oldest values of the windows that end at ``i``."""
    return lanes_at(block.work, block.oldest + (i - block.i) * block.stride)


@helper
def renewal_of(block: Block, kind: int, i: int) -> Lanes:
    """The candle, or one of its ``kind``'s new values, where a lane is renewed at ``i``."""
    return lanes_at(block.work, kind + (i - block.i) * LANES)


@helper
def fixed_of(work: F64Out) -> Four:
    """What stays."""
    return (
        lanes_at(work, PERIOD),
        lanes_at(work, COUNT),
        lanes_at(work, RECIPROCAL),
        lanes_at(work, REST),
    )


@helper
def state_of(work: F64Out) -> Four:
    """The state."""
    return (
        lanes_at(work, FIRST),
        lanes_at(work, SECOND),
        lanes_at(work, THIRD),
        lanes_at(work, FOURTH),
    )


@helper
def put_state(work: F64Out, state: Four) -> None:
    """Keep the state."""
    put_lanes(work, FIRST, state[0])
    put_lanes(work, SECOND, state[1])
    put_lanes(work, THIRD, state[2])
    put_lanes(work, FOURTH, state[3])


@helper
def is_renewed(block: Block, i: int) -> bool:
    """Whether a lane is renewed in the tile at ``i``."""
    return block.work[RENEWALS + (i - block.i) // TILE] == i


@helper
def four(
    step: Step, quotient: Quotient, renewed: Renewal, state: Any, fixed: Four, block: Block, i: int
) -> Any:
    """The state after a tile's candles, and each one's results."""
    state, a = step(quotient, renewed, state, fixed, block, i)
    state, b = step(quotient, renewed, state, fixed, block, i + 1)
    state, c = step(quotient, renewed, state, fixed, block, i + 2)
    state, d = step(quotient, renewed, state, fixed, block, i + 3)
    return state, (a, b, c, d)


def stepping(
    step: Step, *, divides: bool = False, fades: bool = False, renews: bool = False
) -> Advance:
    """Advance all lanes by ``step``: from a state to the next one and a candle's results.

    It is told how to divide and to renew, if it ``divides`` and ``renews``. With ``fades``, what it
    divides may die away.
    """

    @helper
    def run(quotient: Quotient, block: Block) -> None:
        fixed = fixed_of(block.work)
        state = state_of(block.work)
        for i in range(block.i, block.stop, TILE):
            if renews and is_renewed(block, i):
                state, rows = four(step, quotient, renewed_or, state, fixed, block, i)
            else:
                state, rows = four(step, quotient, kept, state, fixed, block, i)
            put_rows(block.out, block.starts, block.group, i, *rows)
        put_state(block.work, state)

    @helper
    def advance(block: Block) -> None:
        if divides and not (block.tame and not (fades and has_faded(block.work))):
            run(divided, block)
        else:
            run(share, block)

    return advance


def declare(
    name: str,
    until: Callable[..., None],
    advance: Advance,
    renew: Callable[..., int] = never,
    *,
    reach: int = 1,
    windows: bool = False,
    divides: int = 0,
) -> None:
    """Declare the kernel ``name``.

    ``until`` computes one period's results before a candle, which is at least ``reach`` periods and
    one from ``begin``, or the end, and leaves its state; ``advance`` has all lanes run over a
    block. It is told whether the first ``divides`` series are tame, and the ``windows``' oldest
    values. ``renew`` writes a lane's new state from the candle on at which it is due, into the
    blocks for that, and returns when it is due next.
    """

    renews = renew is not never
    copies = 1 if windows else 0

    @kernel(name=name, work=lambda n, begin, up, down: BACKWARD + copies * n)
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
        if windows:
            for i in range(n):
                work[BACKWARD + i] = first[n - 1 - i]
        for group in range(0, len(periods), LANES):
            start = begin + reach * periods[group + LANES - 1] + 1
            # From there to the end there are whole tiles.
            start = start + (n - start) % TILE if start < n else n
            consecutive = True
            for k in range(LANES):
                at = starts[group + k]
                timeperiod = periods[group + k]
                consecutive &= timeperiod == periods[group] + k
                if k > 0 and at == starts[group + k - 1]:
                    for kind in range(KINDS):
                        work[kind * LANES + k] = work[kind * LANES + k - 1]
                    continue
                work[DUE + k] = float(n)
                work[PERIOD + k] = float(timeperiod)
                until(first, second, third, begin, timeperiod, start, up, down, work, k, out, at)
            if renews:
                for at in range(RENEWED, RENEWED + ROOM):
                    work[at] = -1.0
                for at in range(RENEWALS, BACKWARD):
                    work[at] = -1.0
            for i in range(start, n, BLOCK):
                stop = min(n, i + BLOCK)
                oldest, stride = OLDEST, LANES
                if windows and consecutive:
                    oldest, stride = BACKWARD + n - 2 - i + periods[group], -1
                elif windows:
                    for j in range(0, stop - i, TILE):
                        turn_in(first, i + j + 1, periods, group, work, OLDEST + j * LANES)
                if renews:
                    for k in range(LANES):
                        due = int(work[DUE + k])
                        work[WAS_DUE + k] = work[DUE + k]
                        while due < stop:
                            at = (due - i) * LANES + k
                            work[RENEWED + at] = float(due)
                            tile = (due - i) // TILE
                            work[RENEWALS + tile] = float(i + tile * TILE)
                            due = renew(first, due, periods[group + k], work, at)
                        work[DUE + k] = float(due)
                advance(
                    Block(
                        first,
                        second,
                        third,
                        i,
                        stop,
                        up,
                        down,
                        tame,
                        oldest,
                        stride,
                        out,
                        starts,
                        group,
                        work,
                    )
                )
