"""Columns of dates as integers that can be compared and searched.

Imports pandas, not freqtrade.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Dates: TypeAlias = npt.NDArray[np.datetime64]
Stamps: TypeAlias = npt.NDArray[np.int64]

NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


def utc_dates(column: Any) -> Dates | None:
    """A column's dates, in its own unit, if they are in UTC and none is missing."""
    dtype = getattr(column, "dtype", None)
    # Only a fixed offset is known without a date.
    if not isinstance(dtype, pd.DatetimeTZDtype) or dtype.tz.utcoffset(None) != timedelta(0):
        return None
    stamps = pd.DatetimeIndex(column).asi8
    # NaT is the least integer.
    if len(stamps) and stamps.min() == pd.NaT.value:
        return None
    return stamps.view(f"M8[{dtype.unit}]")


def are_in_order(dates: Dates) -> bool:
    """Whether none is before the one above it."""
    stamps = dates.view(np.int64)
    return bool((stamps[1:] >= stamps[:-1]).all())


def unit_of(dates: Dates) -> str:
    """Such as ``"ms"``."""
    return np.datetime_data(dates.dtype)[0]


def rows_between(
    dates: Dates, since: datetime | None = None, until: datetime | None = None
) -> tuple[int, int]:
    """First and last row (exclusive) of the dates, in order, from ``since`` to ``until``.

    Both are aware, and inclusive.
    """
    scale = NANOSECONDS[unit_of(dates)]
    stamps = dates.view(np.int64)
    start, stop = 0, len(stamps)
    if since is not None:
        start = int(np.searchsorted(stamps, -(-_nanoseconds(since) // scale)))
    if until is not None:
        stop = int(np.searchsorted(stamps, _nanoseconds(until) // scale, side="right"))
    return start, stop


def _nanoseconds(date: datetime) -> int:
    return int(pd.Timestamp(date).as_unit("ns").value)
