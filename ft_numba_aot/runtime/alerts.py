"""Tells people that something is off: a warning in the log, and the channels, once a cause.

Imports the standard library. A channel is any callable that takes the message, such as one that
hands it to freqtrade's RPC.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from .histogram import Histogram

Channel = Callable[[str], object]

# A function is slower than its original if its mean is more than SLOWER times as long in CHECKS
# consecutive checks, each with its share of SAMPLES timed runs of the original. Means leave out
# the slowest hundredth: a busy machine interrupts calls, and few are of the original.
SLOWER = 1.1
CHECKS = 3
SAMPLES = 200
_SAMPLES_A_CHECK = -(-SAMPLES // CHECKS)
_KEPT_PERCENT = 99

# More fallbacks a call than RATE are told of, from that many calls or fallbacks on.
RATE = 0.001
RATE_CALLS = 1000
RATE_FALLBACKS = 3

_logger = logging.getLogger("ft_numba_aot")


class HasKey(Protocol):
    """A reason for a fallback, as far as the watch rules read it."""

    @property
    def key(self) -> str: ...


class Fallbacks(Protocol):
    """What the watch rules ask of the fallback manager."""

    def reasons(self) -> Iterable[HasKey]: ...
    def fallbacks(self, key: str) -> int: ...
    def rate(self, key: str) -> float: ...


class Times(Protocol):
    """What the watch rules ask of the collector."""

    @property
    def enabled(self) -> bool: ...
    def snapshot(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Alert:
    """One that was sent; ``count`` is how often its cause came up, ``first`` is an epoch."""

    cause: str
    message: str
    count: int
    first: float


@dataclass(slots=True)
class _Watch:
    """What a function's times were when they were last judged, and how often it was slower."""

    optimized: Histogram
    original: Histogram
    slower: int = 0


class Alerts:
    """One alert a cause, for the lifetime of the process.

    With ``enabled`` false the channels are left alone; the log has the warning all the same.
    """

    def __init__(self) -> None:
        self.enabled = True
        self._lock = threading.RLock()
        self._sent: dict[str, Alert] = {}
        self._channels: list[Channel] = []
        self._watches: dict[str, _Watch] = {}
        _all.add(self)

    def send(self, cause: str, message: str) -> bool:
        """Tell ``message`` unless its cause was told before; whether it was told now."""
        with self._lock:
            before = self._sent.get(cause)
            if before is not None:
                self._sent[cause] = replace(before, count=before.count + 1)
                return False
            self._sent[cause] = Alert(cause, message, 1, time.time())
            channels = tuple(self._channels) if self.enabled else ()
        _logger.warning("%s", message)
        for channel in channels:
            self._tell(channel, message)
        return True

    def sent(self) -> tuple[Alert, ...]:
        """What was told in this process, the first first."""
        with self._lock:
            return tuple(self._sent.values())

    def add_channel(self, channel: Channel) -> None:
        """Tell ``channel``, too, from now on, and at once what came before there was any."""
        with self._lock:
            if channel in self._channels:
                return
            self._channels.append(channel)
            earlier = tuple(self._sent.values()) if self.enabled else ()
        for alert in earlier:
            if not self._tell(channel, alert.message):
                return

    def remove_channel(self, channel: Channel) -> None:
        """Leave ``channel`` alone; nothing happens if it was never added."""
        with self._lock:
            if channel in self._channels:
                self._channels.remove(channel)

    def check(self, collector: Times | None, fallback: Fallbacks | None) -> None:
        """Look for functions slower than their originals, and for too many fallbacks."""
        if fallback is not None:
            self._check_rates(fallback)
        if collector is not None and collector.enabled:
            self._check_times(collector.snapshot()["functions"])

    def _tell(self, channel: Channel, message: str) -> bool:
        try:
            channel(message)
        except Exception as error:
            self.remove_channel(channel)
            _logger.warning(
                "a channel for alerts failed and is no longer used: %s: %s",
                type(error).__name__,
                error,
            )
            return False
        return True

    def _check_rates(self, fallback: Fallbacks) -> None:
        for key in dict.fromkeys(reason.key for reason in fallback.reasons()):
            rate, fallbacks = fallback.rate(key), fallback.fallbacks(key)
            enough = fallbacks >= RATE_FALLBACKS or fallbacks >= RATE_CALLS * rate
            if rate > RATE and enough:
                self.send(
                    f"fallback rate: {key}",
                    f"{key}: the original served {rate:.2%} of the calls ({fallbacks:,}), more "
                    f"than {RATE:.1%}",
                )

    def _check_times(self, functions: dict[str, dict[str, Any]]) -> None:
        for key, function in functions.items():
            optimized = Histogram.from_dict(function["optimized"])
            original = Histogram.from_dict(function["original"])
            with self._lock:
                ratio = self._judged(key, optimized, original)
            if ratio is not None:
                self.send(
                    f"slower: {key}",
                    f"{key} takes {ratio:.2f} times as long as its original on this machine, in "
                    f"{CHECKS} checks one after the other",
                )

    def _judged(self, key: str, optimized: Histogram, original: Histogram) -> float | None:
        """By how much it is slower, where it has been for long enough."""
        watch = self._watches.get(key)
        if watch is None or watch.original.count > original.count:
            # None yet, or one of the process that this one was forked from.
            watch = self._watches[key] = _Watch(Histogram(), Histogram())
        theirs = original.since(watch.original)
        if theirs.count < _SAMPLES_A_CHECK:
            return None
        ratio = _ratio(optimized.since(watch.optimized), theirs)
        watch.optimized, watch.original = optimized, original
        if ratio is None or ratio <= SLOWER:
            watch.slower = 0
            return None
        watch.slower += 1
        return ratio if watch.slower >= CHECKS else None

    def _after_fork(self) -> None:
        self._lock = threading.RLock()
        self._watches.clear()


def _ratio(ours: Histogram, theirs: Histogram) -> float | None:
    mean, original = ours.trimmed_mean(_KEPT_PERCENT), theirs.trimmed_mean(_KEPT_PERCENT)
    return mean / original if mean and original else None


_all: weakref.WeakSet[Alerts] = weakref.WeakSet()


def _after_fork() -> None:
    for alerts in _all:
        alerts._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
