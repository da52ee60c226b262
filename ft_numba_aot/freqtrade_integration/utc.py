"""Whether a date's zone is UTC: Python's own, or the zone of candles that pyarrow has read.

Dates of both compare with each other as moments do. Imports the standard library.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ZONE: tzinfo
try:
    # ZoneInfo gives the same object to all who ask while somebody holds it.
    ZONE = ZoneInfo("UTC")
except ZoneInfoNotFoundError:  # no tzdata
    ZONE = UTC


def is_utc(date: datetime) -> bool:
    """Whether a date is one of UTC."""
    zone = date.tzinfo
    return zone is UTC or zone is ZONE
