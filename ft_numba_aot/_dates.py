"""Columns of dates as integers that can be compared and searched. Imports pandas."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Dates: TypeAlias = npt.NDArray[np.datetime64]
Stamps: TypeAlias = npt.NDArray[np.int64]

NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
DTYPES = {unit: np.dtype(f"M8[{unit}]") for unit in NANOSECONDS}
_NO_OFFSET = timedelta(0)
_NAT = pd.NaT.value


def utc_dates(column: Any, *, missing: bool = False) -> Dates | None:
    """The dates of a Series, an index or an array, in its own unit.

    None unless they are in UTC, and none is missing or some are allowed to be.
    """
    dtype = getattr(column, "dtype", None)
    # Only a fixed offset is known without a date.
    if not isinstance(dtype, pd.DatetimeTZDtype) or dtype.tz.utcoffset(None) != _NO_OFFSET:
        return None
    stamps: Stamps = getattr(column, "array", column).asi8
    # NaT is the least integer.
    if not missing and len(stamps) and stamps.min() == _NAT:
        return None
    return stamps.view(DTYPES[dtype.unit])


def are_in_order(dates: Dates) -> bool:
    """Whether none is before the one above it."""
    stamps = dates.view(np.int64)
    return bool((stamps[1:] >= stamps[:-1]).all())


def ascend(dates: Dates) -> bool:
    """Whether each is after the one above it."""
    stamps = dates.view(np.int64)
    return bool((stamps[1:] > stamps[:-1]).all())


def unit_of(dates: Dates) -> str:
    """Such as ``"ms"``."""
    return np.datetime_data(dates.dtype)[0]


def ticks_of_a_day(dates: Dates) -> int:
    """How many of their unit."""
    return 86_400 * 10**9 // NANOSECONDS[unit_of(dates)]


def first_stamp(date: datetime, unit: str) -> int:
    """The least integer of ``unit`` that isn't before an aware date."""
    return -(-_nanoseconds(date) // NANOSECONDS[unit])


def rows_between(
    dates: Dates, since: datetime | None = None, until: datetime | None = None
) -> tuple[int, int]:
    """First and last row (exclusive) of the dates, in order, from ``since`` to ``until``.

    Both are aware, and inclusive.
    """
    unit = unit_of(dates)
    stamps = dates.view(np.int64)
    start, stop = 0, len(stamps)
    if since is not None:
        start = int(np.searchsorted(stamps, first_stamp(since, unit)))
    if until is not None:
        last = _nanoseconds(until) // NANOSECONDS[unit]
        stop = int(np.searchsorted(stamps, last, side="right"))
    return start, stop


def _nanoseconds(date: datetime) -> int:
    return int(pd.Timestamp(date).as_unit("ns").value)
