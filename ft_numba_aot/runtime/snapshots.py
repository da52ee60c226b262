"""What the collector saw, as a dict that JSON can hold, of one process or of many.

Imports the standard library.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .histogram import Histogram

FORMAT = 1
PERCENTS = (50, 90, 99)


class Tally:
    """One function's: times of the optimized function and of its original, and what went wrong."""

    __slots__ = ("fallbacks", "mismatches", "optimized", "original")

    def __init__(self) -> None:
        self.optimized = Histogram()
        self.original = Histogram()
        self.fallbacks = 0
        self.mismatches = 0

    def merge(self, other: Tally) -> None:
        """Count what ``other`` counted, too."""
        self.optimized.merge(other.optimized)
        self.original.merge(other.original)
        self.fallbacks += other.fallbacks
        self.mismatches += other.mismatches

    @property
    def saved(self) -> float | None:
        """Seconds saved, as an estimate: what the calls would have taken at the original's mean.

        None where the original was never timed. What those samples took is not subtracted.
        """
        mean = self.original.mean
        if mean is None:
            return None
        return self.optimized.count * mean - self.optimized.total

    @property
    def speedup(self) -> float | None:
        """The original's mean over the optimized function's; None without both."""
        ours, theirs = self.optimized.mean, self.original.mean
        return theirs / ours if ours and theirs else None

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "calls": self.optimized.count,
            "fallbacks": self.fallbacks,
            "mismatches": self.mismatches,
            "speedup": self.speedup,
            "saved_seconds": self.saved,
            "optimized": times(self.optimized) | self.optimized.to_dict(),
            "original": times(self.original) | self.original.to_dict(),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Tally:
        """From what ``to_dict`` gave; ValueError, KeyError, TypeError if it is something else."""
        made = cls()
        made.optimized = Histogram.from_dict(stored["optimized"])
        made.original = Histogram.from_dict(stored["original"])
        made.fallbacks = int(stored["fallbacks"])
        made.mismatches = int(stored["mismatches"])
        return made


def times(histogram: Histogram) -> dict[str, Any]:
    """A histogram's calls, mean and percentiles, in seconds."""
    percentiles = zip(PERCENTS, histogram.percentiles(PERCENTS), strict=True)
    return {
        "calls": histogram.count,
        "mean": histogram.mean,
        **{f"p{percent}": value for percent, value in percentiles},
    }


def snapshot(tallies: Mapping[str, Tally], processes: list[dict[str, Any]]) -> dict[str, Any]:
    """The snapshot of ``tallies`` by key; ``processes`` says whose they are."""
    saved = [seconds for tally in tallies.values() if (seconds := tally.saved) is not None]
    return {
        "format": FORMAT,
        "processes": processes,
        "calls": sum(tally.optimized.count for tally in tallies.values()),
        "fallbacks": sum(tally.fallbacks for tally in tallies.values()),
        "mismatches": sum(tally.mismatches for tally in tallies.values()),
        "saved_seconds": sum(saved) if saved else None,
        "functions": {key: tallies[key].to_dict() for key in sorted(tallies)},
    }


def merge(snapshots: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """One snapshot of what all of ``snapshots`` counted; ValueError if one isn't a snapshot."""
    tallies: dict[str, Tally] = {}
    processes: list[dict[str, Any]] = []
    for each in snapshots:
        for key, tally in parsed(each).items():
            tallies.setdefault(key, Tally()).merge(tally)
        processes += each["processes"]
    return snapshot(tallies, processes)


def parsed(stored: Mapping[str, Any]) -> dict[str, Tally]:
    """The tallies of a snapshot by key; ValueError if it isn't one."""
    try:
        if stored["format"] != FORMAT:
            raise ValueError(f"format {stored['format']} is not known, only {FORMAT}")
        if not all(isinstance(process, dict) for process in stored["processes"]):
            raise ValueError("a process is no object")
        return {
            str(key): Tally.from_dict(function) for key, function in stored["functions"].items()
        }
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"no snapshot: {type(error).__name__}: {error}") from error
