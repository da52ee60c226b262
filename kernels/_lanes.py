"""Eight independent recurrences in step: their values as a tuple, so that none waits for another.

A recurrence is bound by the latency of its few operations. Eight of them, interleaved by the
compiler, take hardly longer than one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ._spec import F64In, F64Out, helper

LANES = 8

Lanes: TypeAlias = tuple[float, float, float, float, float, float, float, float]
Places: TypeAlias = tuple[int, int, int, int, int, int, int, int]


@helper
def lanes_at(values: F64In, at: int) -> Lanes:
    """Eight values from ``at`` on."""
    return (
        values[at],
        values[at + 1],
        values[at + 2],
        values[at + 3],
        values[at + 4],
        values[at + 5],
        values[at + 6],
        values[at + 7],
    )


@helper
def put_lanes(values: F64Out, at: int, step: int, lanes: Lanes) -> None:
    """The lanes into ``values``: the first one ``at``, the others ``step`` apart."""
    values[at] = lanes[0]
    values[at + step] = lanes[1]
    values[at + 2 * step] = lanes[2]
    values[at + 3 * step] = lanes[3]
    values[at + 4 * step] = lanes[4]
    values[at + 5 * step] = lanes[5]
    values[at + 6 * step] = lanes[6]
    values[at + 7 * step] = lanes[7]


@helper
def whole(lanes: Lanes) -> Places:
    """The lanes, which are whole numbers, as integers."""
    return (
        int(lanes[0]),
        int(lanes[1]),
        int(lanes[2]),
        int(lanes[3]),
        int(lanes[4]),
        int(lanes[5]),
        int(lanes[6]),
        int(lanes[7]),
    )


@helper
def oldest_of(real: F64In, i: int, periods: Places) -> Lanes:
    """The oldest value of each lane's window that ends at ``i``."""
    return (
        real[i - periods[0] + 1],
        real[i - periods[1] + 1],
        real[i - periods[2] + 1],
        real[i - periods[3] + 1],
        real[i - periods[4] + 1],
        real[i - periods[5] + 1],
        real[i - periods[6] + 1],
        real[i - periods[7] + 1],
    )


@helper
def every(value: float) -> Lanes:
    """The same value in all lanes."""
    return value, value, value, value, value, value, value, value


@helper
def each2(step: Callable[[float, float], float], a: Lanes, b: Lanes) -> Lanes:
    """``step`` of each lane of two."""
    return (
        step(a[0], b[0]),
        step(a[1], b[1]),
        step(a[2], b[2]),
        step(a[3], b[3]),
        step(a[4], b[4]),
        step(a[5], b[5]),
        step(a[6], b[6]),
        step(a[7], b[7]),
    )


@helper
def each3(step: Callable[[float, float, float], float], a: Lanes, b: Lanes, c: Lanes) -> Lanes:
    """``step`` of each lane of three."""
    return (
        step(a[0], b[0], c[0]),
        step(a[1], b[1], c[1]),
        step(a[2], b[2], c[2]),
        step(a[3], b[3], c[3]),
        step(a[4], b[4], c[4]),
        step(a[5], b[5], c[5]),
        step(a[6], b[6], c[6]),
        step(a[7], b[7], c[7]),
    )
