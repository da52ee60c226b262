"""Extremes of a moving window, searched for as TA-Lib does: only when the last one has left.

A scan keeps the first of equals, an update the last, and a NaN hides what it is compared with.
"""

from __future__ import annotations

from ._spec import F64In, helper


@helper
def lowest_of(low: F64In, at: int, value: float, oldest: int, newest: int) -> tuple[int, float]:
    """Where the window's lowest value is, and the value; ``at`` and ``value`` are the last ones."""
    if at < oldest:
        at = oldest
        value = low[oldest]
        for j in range(oldest + 1, newest + 1):
            if low[j] < value:
                at = j
                value = low[j]
    elif low[newest] <= value:
        at = newest
        value = low[newest]
    return at, value


@helper
def highest_of(high: F64In, at: int, value: float, oldest: int, newest: int) -> tuple[int, float]:
    """Where the window's highest value is, and the value, as ``lowest_of``."""
    if at < oldest:
        at = oldest
        value = high[oldest]
        for j in range(oldest + 1, newest + 1):
            if high[j] > value:
                at = j
                value = high[j]
    elif high[newest] >= value:
        at = newest
        value = high[newest]
    return at, value
