"""Pair locks of a backtest, found without looking at those that have ended or are of other pairs.

freqtrade's ``PairLocks`` looks at every lock that there ever was for each question. Imports
freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pandas as pd
from freqtrade.persistence.pairlock import PairLock
from freqtrade.persistence.pairlock_middleware import PairLocks

from .listed import ListIndex
from .protections import ONLY_FREQTRADE
from .replacement import Replacement
from .utc import is_utc

__all__ = ["REPLACEMENTS", "forget", "get_pair_locks", "is_pair_locked", "latest_end"]

_original_get = PairLocks.get_pair_locks
_original_is_locked = PairLocks.is_pair_locked


class _Ends(NamedTuple):
    """The ends of some locks in ascending order, and the locks' positions in the list."""

    ends: list[datetime]
    positions: list[int]


class _Locks(ListIndex[Any]):
    """All locks by pair, and under None all together; each by its end."""

    by_pair: dict[str | None, _Ends]
    # The time, of those in which only freqtrade's code runs, since when the list has only grown.
    _since = 0

    def covers(self, listed: Any) -> bool:
        """Whether the index is of ``listed``, of which the known part is looked at once a time."""
        present = ONLY_FREQTRADE.present
        seen = self._listed
        if present and present == self._since and seen is listed and not self._edited:
            assert seen is not None
            known = len(self.seen)
            if len(seen) == known:
                return self._usable
            if len(seen) > known:
                return self._extend(seen[known:])
        self._since = 0
        covered = super().covers(listed)
        if covered:
            self._since = present
        return covered

    def _clear(self) -> None:
        self.by_pair = {}

    def _add(self, item: Any) -> bool:
        pair, end = item.pair, item.lock_end_time
        if type(pair) is not str or type(end) is not datetime or not is_utc(end):
            return False
        for key in (pair, None):
            ends, positions = self.by_pair.setdefault(key, _Ends([], []))
            place = bisect_right(ends, end)
            ends.insert(place, end)
            positions.insert(place, len(self.seen))
        return True

    def after(self, pair: str | None, now: datetime) -> list[int]:
        """Positions of a pair's locks that end after ``now``, the first to end first."""
        found = self.by_pair.get(pair)
        return [] if found is None else found.positions[bisect_right(found.ends, now) :]

    def latest_first(self, pair: str | None) -> Iterator[Any]:
        """A pair's locks, the last to end first."""
        found = self.by_pair.get(pair)
        return map(self.seen.__getitem__, reversed(found.positions if found else ()))


_locks = _Locks(PairLock, ("pair", "lock_end_time"))
forget = _locks.forget


def _moment(now: Any) -> datetime | None:
    """A date that compares with UTC dates as ``now`` does; None where that isn't certain."""
    if now is None:
        return datetime.now(UTC)
    if type(now) is datetime and is_utc(now):
        return now
    if type(now) is pd.Timestamp and is_utc(now):
        # Whole microseconds end after a moment if they end after its whole microseconds.
        moment: datetime = now.to_pydatetime(warn=False)
        return moment
    return None


def _applies(lock: Any, side: str | None) -> bool:
    return lock.active is True and (side is None or lock.side == "*" or lock.side == side)


@functools.wraps(_original_get)
def get_pair_locks(
    pair: str | None, now: datetime | None = None, side: str | None = None
) -> Sequence[Any]:
    """The active locks of a pair (None: of all) that end after ``now``, in order of the list."""
    if not PairLocks.use_db and (pair is None or type(pair) is str):
        moment = _moment(now)
        if moment is not None and _locks.covers(PairLocks.locks):
            seen = _locks.seen
            found = [seen[position] for position in sorted(_locks.after(pair, moment))]
            return [lock for lock in found if _applies(lock, side)]
    locks: Sequence[Any] = _original_get(pair, now, side)
    return locks


@functools.wraps(_original_is_locked)
def is_pair_locked(pair: str, now: datetime | None = None, side: str = "*") -> bool:
    """Whether an active lock of the pair, or of all pairs, ends after ``now``."""
    if not PairLocks.use_db and type(pair) is str:
        moment = _moment(now)
        if moment is not None and _locks.covers(PairLocks.locks):
            return any(
                _applies(_locks.seen[position], side)
                for key in (pair, "*")
                for position in _locks.after(key, moment)
            )
    locked: bool = _original_is_locked(pair, now, side)
    return locked


def latest_end(pair: str, side: str) -> datetime | None:
    """When the last lock ends that stops a backtest from entering ``pair`` on ``side``.

    ``PairLocks.is_pair_locked(pair, now, side)`` is whether that is after ``now``; None says
    that it is False at all times. ``TypeError`` where the locks' ends don't compare.
    """
    if type(pair) is str and _locks.covers(PairLocks.locks):
        firsts = [
            next(
                (lock.lock_end_time for lock in _locks.latest_first(key) if _applies(lock, side)),
                None,
            )
            for key in (pair, "*")
        ]
        return max((end for end in firsts if end is not None), default=None)
    latest: datetime | None = None
    for lock in PairLocks.locks:
        if _applies(lock, side) and (lock.pair == pair or lock.pair == "*"):
            end = lock.lock_end_time
            if end is None:
                raise TypeError("a lock without an end")
            if latest is None or end > latest:
                latest = end
    return latest


_MIDDLEWARE = "freqtrade.persistence.pairlock_middleware:PairLocks"

REPLACEMENTS = (
    Replacement(f"{_MIDDLEWARE}.get_pair_locks", staticmethod(get_pair_locks), "locks"),
    Replacement(
        f"{_MIDDLEWARE}.is_pair_locked",
        staticmethod(is_pair_locked),
        "locks",
        (f"{_MIDDLEWARE}.get_pair_locks", f"{_MIDDLEWARE}.is_global_lock"),
    ),
)
