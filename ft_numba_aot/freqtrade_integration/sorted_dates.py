"""Columns of dates as integers that can be compared and searched: those of ``ft_numba_aot._dates``.

Imports pandas, not freqtrade.
"""

from __future__ import annotations

from .._dates import (
    NANOSECONDS,
    Dates,
    Stamps,
    are_in_order,
    rows_between,
    unit_of,
    utc_dates,
)

__all__ = [
    "NANOSECONDS",
    "Dates",
    "Stamps",
    "are_in_order",
    "rows_between",
    "unit_of",
    "utc_dates",
]
