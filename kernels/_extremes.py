"""The highest high and the lowest low of a moving window."""

from __future__ import annotations

import operator

from ._spec import F64In, F64Out, helper
from .operators import extreme


@helper
def lowest_of(low: F64In, at: int, value: float, oldest: int, newest: int) -> tuple[int, float]:
    """Where the window's lowest value is, and the value; ``at`` and ``value`` are the last ones.

    It is searched for only when the last one has left the window, as TA-Lib does: a scan keeps
    the first of equals, an update the last, and a NaN hides what it is compared with.
    """
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


@helper
def extremes_from(
    high: F64In, low: F64In, begin: int, timeperiod: int, highest: F64Out, lowest: F64Out
) -> None:
    """Highest high and lowest low of each window of ``[begin:]``.

    How they are searched for shows only where there are NaNs, or zeros, of which either sign may
    be the extreme.
    """
    n = len(high)
    odd = 0
    for i in range(begin, n):
        odd += (high[i] != high[i]) | (low[i] != low[i]) | (high[i] == 0.0) | (low[i] == 0.0)
    if odd == 0:
        extreme(high[begin:], timeperiod, operator.gt, highest[begin:])
        extreme(low[begin:], timeperiod, operator.lt, lowest[begin:])
        return
    bottom = top = 0.0
    bottom_at = top_at = -1
    for i in range(begin + timeperiod - 1, n):
        oldest = i - timeperiod + 1
        bottom_at, bottom = lowest_of(low, bottom_at, bottom, oldest, i)
        top_at, top = highest_of(high, top_at, top, oldest, i)
        lowest[i] = bottom
        highest[i] = top
