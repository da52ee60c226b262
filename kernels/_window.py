"""Helpers that kernels of every family begin with: where valid input starts, NaN in the head."""

from __future__ import annotations

from ._numeric import NAN
from ._spec import F64In, F64Out, I32Out, helper


@helper
def first_valid(real: F64In) -> int:
    """Index of the first value that isn't NaN; the last index when all are; 0 when empty."""
    n = len(real)
    for i in range(n):
        if real[i] == real[i]:
            return i
    return n - 1 if n > 0 else 0


@helper
def first_valid2(a: F64In, b: F64In) -> int:
    """First index at which neither input is NaN, as ``first_valid``."""
    n = len(a)
    for i in range(n):
        if a[i] == a[i] and b[i] == b[i]:
            return i
    return n - 1 if n > 0 else 0


@helper
def first_valid3(a: F64In, b: F64In, c: F64In) -> int:
    """First index at which none of the inputs is NaN, as ``first_valid``."""
    n = len(a)
    for i in range(n):
        if a[i] == a[i] and b[i] == b[i] and c[i] == c[i]:
            return i
    return n - 1 if n > 0 else 0


@helper
def first_valid4(a: F64In, b: F64In, c: F64In, d: F64In) -> int:
    """First index at which none of the inputs is NaN, as ``first_valid``."""
    n = len(a)
    for i in range(n):
        if a[i] == a[i] and b[i] == b[i] and c[i] == c[i] and d[i] == d[i]:
            return i
    return n - 1 if n > 0 else 0


@helper
def fill_head(out: F64Out, stop: int) -> None:
    """NaN into ``out[:stop]``."""
    n = len(out)
    for i in range(stop if stop < n else n):
        out[i] = NAN


@helper
def zero_head(out: I32Out, stop: int) -> None:
    """0 into ``out[:stop]``: integer outputs have no NaN."""
    n = len(out)
    for i in range(stop if stop < n else n):
        out[i] = 0
