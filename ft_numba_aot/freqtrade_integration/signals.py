"""The entry signals of all pairs, in the order in which freqtrade meets them.

Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
from freqtrade.persistence import PairLocks

from .._backend import call
from .clock import Clock
from .locks import latest_end
from .pair_candles import PairCandles
from .protections import ONLY_FREQTRADE
from .utc import is_utc

_SIDES = ((0, "long"), (1, "short"))

next_signal = call("next_signal")
count_signals = call("count_signals")


class Signals:
    """Entry signals by moment, then pair; a key is twice the pair's index, 1 more for a short.

    Those that ``expire`` are still found by ``pairs_at``.
    """

    __slots__ = (
        "_all",
        "_blocked",
        "_clock",
        "_delays",
        "_keys",
        "_locked",
        "_moments",
        "_pairs",
        "_read",
        "_sides",
    )

    def __init__(self, pairs: list[PairCandles], clock: Clock) -> None:
        self._pairs = pairs
        self._clock = clock
        moments = np.concatenate(
            [*(pair.moments[pair.signals] for pair in pairs), np.empty(0, np.int64)]
        )
        keys = np.concatenate(
            [*(2 * pair.index + pair.signal_is_short for pair in pairs), np.empty(0, np.int64)]
        ).astype(np.int64)
        # At the very end of the data no trade opens, and nothing is rejected.
        entering = clock.microseconds(moments) != clock.since_1970(clock.end_date)
        delays = np.concatenate([*(pair.signal_delays for pair in pairs), np.empty(0)])
        moments, keys, delays = moments[entering], keys[entering], delays[entering]
        order = np.lexsort((keys, moments))
        self._moments = np.ascontiguousarray(moments[order])
        self._keys = np.ascontiguousarray(keys[order])
        self._all = self._moments, self._keys
        self._delays = delays[order]
        self._locked = np.zeros(2 * len(pairs), np.int64)
        self._blocked = np.zeros(2 * len(pairs), np.int64)
        # The list of locks, and how many of them are taken into account.
        self._read: tuple[list[Any] | None, int] = (None, 0)
        self._sides = [side for side in _SIDES if np.any(self._keys % 2 == side[0])]

    def pairs_at(self, moment: int) -> set[int]:
        """The indexes of the pairs with a signal at a moment."""
        moments, keys = self._all
        at = int(moments.searchsorted(moment))
        found = set()
        while at < len(moments) and moments.item(at) == moment:
            found.add(keys.item(at) // 2)
            at += 1
        return found

    def expire(self, after: float) -> None:
        """Ignore signals more than ``after`` seconds into their candle; 0 ignores none."""
        moments, keys = self._all
        # As ``IStrategy.ignore_expired_candle`` has it, which isn't asked at a candle's beginning.
        kept = ~((self._delays > after) & (self._delays > 0.0)) if after else slice(None)
        self._moments = np.ascontiguousarray(moments[kept])
        self._keys = np.ascontiguousarray(keys[kept])

    def block(self, taken: list[int], done: list[int], until: int, *, refresh_locks: bool) -> None:
        """Ignore the signals of the pairs that have a trade, and of those that are locked.

        Those of the pairs ``done`` are ignored before the moment ``until``. Locks are only added,
        unless ``refresh_locks`` says that they may have changed.
        """
        locks: list[Any] = PairLocks.locks
        if locks:
            read, count = self._read
            if refresh_locks or read is not locks or count > len(locks):
                self._read_locks(self._pairs)
            elif count < len(locks) and not self._add_locks(locks[count:]):
                names = {lock.pair for lock in locks[count:]}
                every = "*" in names
                self._read_locks([pair for pair in self._pairs if every or pair.name in names])
            self._read = locks, len(locks)
            np.copyto(self._blocked, self._locked)
        else:
            self._blocked.fill(0)
        for index in done:
            sides = self._blocked[2 * index : 2 * index + 2]
            np.maximum(sides, until, out=sides)
        for index in taken:
            self._blocked[2 * index : 2 * index + 2] = self._clock.end

    def next(self, moment: int, end: int) -> int:
        """The moment of the first signal that isn't blocked, ``end`` if none is before it."""
        moments = self._moments
        first = int(moments.searchsorted(moment))
        found = next_signal(moments, self._keys, self._blocked, first, end)
        return moments.item(found) if found < len(moments) else end

    def count(self, moment: int, end: int) -> int:
        """How many signals from a moment to an end aren't blocked."""
        moments = self._moments
        first, last = int(moments.searchsorted(moment)), int(moments.searchsorted(end))
        return int(count_signals(moments, self._keys, self._blocked, first, last))

    def _add_locks(self, new: list[Any]) -> bool:
        """Take in locks beside those that are known; False if one has no usual pair or end."""
        for lock in new:
            name, end = lock.pair, lock.lock_end_time
            if type(name) is not str or type(end) is not datetime or not is_utc(end):
                return False
            if lock.active is not True:
                continue
            kind = lock.side
            keys = [short for short, side in self._sides if kind == "*" or kind == side]
            known: dict[tuple[int, int], int] = {}
            for pair in self._pairs:
                if name != "*" and pair.name != name:
                    continue
                # Most pairs have the same dates.
                dates = id(pair.dates), id(pair.moments)
                unlocked = known.get(dates)
                if unlocked is None:
                    unlocked = known[dates] = self._unlocked(pair, end)
                for short in keys:
                    at = 2 * pair.index + short
                    if unlocked > self._locked.item(at):
                        self._locked[at] = unlocked
        return True

    def _read_locks(self, pairs: list[PairCandles]) -> None:
        with ONLY_FREQTRADE:
            for pair in pairs:
                for short, side in self._sides:
                    end = latest_end(pair.name, side)
                    unlocked = 0 if end is None else self._unlocked(pair, end)
                    self._locked[2 * pair.index + short] = unlocked

    def _unlocked(self, pair: PairCandles, end: datetime) -> int:
        """The moment of a pair's first row that isn't dated before ``end``."""
        row = int(pair.dates.searchsorted(self._clock.since_1970(end)))
        return int(pair.moments[row]) if row < len(pair.moments) else self._clock.end
