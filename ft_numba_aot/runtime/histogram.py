"""Durations in buckets of a constant ratio: small, mergeable, percentiles within 1 %.

Imports the standard library.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from math import ceil, log10
from typing import Any

# Bucket i holds (RATIO ** (i - 1), RATIO ** i] seconds; powers of ten, and their roots up to the
# fourth, are edges.
PER_DECADE = 116
RATIO = 10.0 ** (1 / PER_DECADE)

# What a percentile of values from LEAST to MOST may be off by, relative to the true one: half a
# bucket, (RATIO - 1) / (RATIO + 1) = 0.993 %.
ERROR = 0.01

# Seconds. What lies beyond counts as these, NaN as the least; no clock gives such durations.
LEAST, MOST = 1e-9, 1e9
_FIRST = -9 * PER_DECADE


class Histogram:
    """How many durations fell into each bucket, with their sum, least and greatest.

    Not locked: one thread at a time adds. ``counts`` maps a bucket's number to its count.
    """

    __slots__ = ("counts", "maximum", "minimum", "total")

    def __init__(self, values: Iterable[float] = ()) -> None:
        self.counts: dict[int, int] = {}
        self.total = 0.0
        self.minimum = MOST
        self.maximum = 0.0
        self.add(values)

    def add(self, values: Iterable[float]) -> None:
        """Count each of ``values``, in seconds."""
        values = list(values)
        if not values:
            return
        # NaN makes the sum NaN, which no comparison holds for.
        if not (min(values) >= LEAST and max(values) <= MOST and sum(values) <= math.inf):
            values = [_counted(value) for value in values]
        self.total += sum(values)
        self.minimum = min(self.minimum, *values)
        self.maximum = max(self.maximum, *values)
        for bucket, count in Counter([ceil(log10(value) * PER_DECADE) for value in values]).items():
            self.counts[bucket] = self.counts.get(bucket, 0) + count

    def merge(self, other: Histogram) -> None:
        """Count what ``other`` counted, too."""
        for bucket, count in other.counts.items():
            self.counts[bucket] = self.counts.get(bucket, 0) + count
        self.total += other.total
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)

    def since(self, earlier: Histogram) -> Histogram:
        """What came after this one was as ``earlier``; least and greatest are its buckets'."""
        later = Histogram()
        for bucket, count in self.counts.items():
            if (more := count - earlier.counts.get(bucket, 0)) > 0:
                later.counts[bucket] = more
        if later.counts:
            later.total = max(self.total - earlier.total, 0.0)
            later.minimum = max(RATIO ** (min(later.counts) - 1), self.minimum)
            later.maximum = min(RATIO ** max(later.counts), self.maximum)
        return later

    @property
    def count(self) -> int:
        """How many were counted."""
        return sum(self.counts.values())

    @property
    def mean(self) -> float | None:
        """The mean, exact but for rounding; None of nothing."""
        return self.total / count if (count := self.count) else None

    def percentile(self, percent: float) -> float | None:
        """The smallest value that ``percent`` of all don't exceed, within ``ERROR``."""
        return self.percentiles((percent,))[0]

    def percentiles(self, percents: Iterable[float]) -> list[float | None]:
        """Several percentiles for one look through the buckets; None of nothing."""
        count = self.count
        ranks = [min(max(ceil(percent / 100 * count), 1), count) for percent in percents]
        if not count:
            return [None] * len(ranks)
        found: dict[int, float] = {}
        wanted = sorted(set(ranks), reverse=True)
        below = 0
        for bucket in sorted(self.counts):
            below += self.counts[bucket]
            while wanted and wanted[-1] <= below:
                found[wanted.pop()] = self._value(bucket)
        return [found[rank] for rank in ranks]

    def trimmed_mean(self, percent: float) -> float | None:
        """The mean of the fastest ``percent``, within ``ERROR``: without a few interruptions."""
        left = ceil(self.count * percent / 100)
        if not left:
            return None
        number, total = left, 0.0
        for bucket in sorted(self.counts):
            taken = min(left, self.counts[bucket])
            total += taken * self._value(bucket)
            left -= taken
        return total / number

    def up_to(self, decades: float) -> int:
        """How many were at most ``10 ** decades`` seconds: exact where that is a bucket's edge."""
        last = round(decades * PER_DECADE)
        return sum(count for bucket, count in self.counts.items() if bucket <= last)

    def _value(self, bucket: int) -> float:
        value: float = 2 * RATIO**bucket / (RATIO + 1)
        return min(max(value, self.minimum), self.maximum)

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "seconds": self.total,
            "minimum": self.minimum if self.counts else None,
            "maximum": self.maximum if self.counts else None,
            "buckets": {str(bucket): self.counts[bucket] for bucket in sorted(self.counts)},
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Histogram:
        """From what ``to_dict`` gave; ValueError, KeyError, TypeError if it is something else."""
        made = cls()
        made.counts = {int(bucket): int(count) for bucket, count in stored["buckets"].items()}
        if any(count <= 0 for count in made.counts.values()):
            raise ValueError("a bucket's count is not positive")
        if any(not _FIRST <= bucket <= -_FIRST for bucket in made.counts):
            raise ValueError("there is no such bucket")
        if made.counts:
            made.total = float(stored["seconds"])
            made.minimum, made.maximum = float(stored["minimum"]), float(stored["maximum"])
            if not LEAST <= made.minimum <= made.maximum <= made.total < math.inf:
                raise ValueError("sum, least and greatest are not those of durations")
        return made


def _counted(value: float) -> float:
    if LEAST <= value <= MOST:
        return value
    return MOST if value > MOST else LEAST
