"""Eight independent recurrences in step: their values as one, a vector where it is compiled.

A recurrence is bound by the latency of its few operations; eight take hardly longer than one. What
is done to the values are functions of numbers that take eight at a time just as well: they choose
by ``where``, and know no branches.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from ._numeric import fma, fuses
from ._spec import F64In, F64Out, I64In, helper, primitive

LANES = 8
# Candles that are turned from and into rows at a time.
TILE = 4

Lanes: TypeAlias = tuple[float, ...]

# Numbers beyond these are divided as they are.
LEAST, MOST = 1e-150, 1e150


@primitive
def lanes_at(values: F64In, at: int) -> Lanes:
    """Eight values from ``at`` on."""
    return tuple(values[at : at + LANES])


@primitive
def put_lanes(values: F64Out, at: int, lanes: Lanes) -> None:
    """Write eight values from ``at`` on."""
    for k in range(LANES):
        values[at + k] = lanes[k]


@primitive
def every(value: float) -> Lanes:
    """The same value in all lanes."""
    return (value,) * LANES


@primitive
def each(step: Callable[..., Any], *lanes: Lanes) -> Any:
    """``step`` of each lane's values."""
    return tuple(map(step, *lanes))


@primitive
def where(condition: bool, a: float, b: float) -> float:
    """``a`` where the condition is true, or else ``b``; both are calculated."""
    return a if condition else b


@primitive
def any_of(conditions: tuple[bool, ...]) -> bool:
    """Whether any lane's condition is true."""
    return any(conditions)


@primitive
def turn_in(values: F64In, at: int, back: I64In, first: int, block: F64Out, to: int) -> None:
    """Write four candles' lanes from ``to`` on: k's are ``back[first + k]`` before ``at``..."""
    for c in range(TILE):
        for k in range(LANES):
            block[to + c * LANES + k] = values[at + c - back[first + k]]


@primitive
def put_rows(
    out: F64Out, starts: I64In, first: int, to: int, a: Lanes, b: Lanes, c: Lanes, d: Lanes
) -> None:
    """Write four candles' lanes at ``to`` of the rows that start at ``starts[first + k]``."""
    for at, candle in enumerate((a, b, c, d), to):
        for k in range(LANES):
            out[starts[first + k] + at] = candle[k]


@helper
def share(total: float, count: float, reciprocal: float, rest: float) -> float:
    """``total / count``, of a whole ``count`` and a ``total`` that is tame and not -0.

    Where multiply-adds are fused, by two multiplications: ``reciprocal + rest`` is 1 / count
    to 105 bits (``set_divisor``), and no quotient by a number below 2**50 lies as close to where
    rounding changes as that is wrong.
    """
    return fma(total, reciprocal, total * rest) if fuses() else total / count


@helper
def divided(total: float, count: float, reciprocal: float, rest: float) -> float:
    """``share`` of any numbers."""
    return total / count


@helper
def is_tame(values: F64In, begin: int) -> bool:
    """Whether all from ``begin`` on are zero or of a size that neither overflows nor underflows."""
    wild = 0
    for i in range(begin, len(values)):
        size = abs(values[i])
        wild += (size != 0.0) & ((size < LEAST) | (size > MOST) | (size != size))
    return wild == 0
