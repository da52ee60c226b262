"""``FallbackManager``: a circuit breaker per function, and why it opened.

Imports the standard library.

A function that failed ``FAILURES`` times runs as its original. After ``RETRY_AFTER`` calls one is
tried again: where it does as the original does, the breaker closes, else it stays open for good,
and so it does where the function fails again later. One result that isn't the original's opens it
for good at once, as does memory that it doesn't give back. For good is for the rest of the process:
a function that is registered anew meanwhile stays condemned.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .registration import Call, Registration, lock, reached

if TYPE_CHECKING:
    from .manager import NumbaManager

FAILURES = 3
RETRY_AFTER = 1000

# Different reasons kept of one function; further ones are counted together.
KEPT = 20

_logger = logging.getLogger("ft_numba_aot")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a function's original ran; the times are epochs.

    ``kind`` is failure, mismatch, memory or validation.
    """

    key: str
    kind: str
    message: str
    count: int
    first: float
    last: float


class _Breaker:
    """One function's: closed, open until a trial, or open for good."""

    __slots__ = ("failures", "for_good", "last_chance", "retry_at")

    def __init__(self) -> None:
        self.failures = 0
        self.retry_at = 0
        self.last_chance = False
        self.for_good = False


class FallbackManager:
    """Decides which functions run as their originals, and keeps the reasons."""

    def __init__(self, manager: NumbaManager) -> None:
        self._manager = manager
        self._breakers: dict[str, _Breaker] = {}
        self._reasons: dict[tuple[str, str, str], Reason] = {}
        self._failed: dict[str, int] = {}
        self._condemned: dict[str, Reason] = {}
        # Told of each function that runs as its original for good, and why.
        self.when_condemned: Callable[[Registration, str], object] | None = None

    def failure(self, registration: Registration, error: BaseException) -> None:
        """Record that the optimized function raised what its original doesn't."""
        key = registration.key
        message = _described(error)
        with lock:
            first = self._note(key, "failure", message)
            breaker = self._breakers.setdefault(key, _Breaker())
            breaker.failures += 1
            opens = not registration.open and (breaker.last_chance or breaker.failures >= FAILURES)
            if opens:
                breaker.for_good = breaker.last_chance
                self._open(registration, breaker)
        self._count("count_fallback", key)
        if first:
            self._alert(f"failure: {key}", f"{key} failed, its original ran instead: {message}")
        if opens and not breaker.for_good:
            self._alert(
                f"open: {key}",
                f"{key} runs as its original for the next {RETRY_AFTER:,} calls: it failed "
                "repeatedly",
            )
        elif opens:
            self._alert_final(key)
        elif not registration.open:
            self._check()

    def mismatch(
        self, registration: Registration, call: Call, ours: Any, theirs: Any, what: str
    ) -> None:
        """Record a result that isn't the original's, which runs from now on.

        ``ours`` and ``theirs`` are results or exceptions, ``what`` says how they differ.
        """
        key = registration.key
        self.condemn(registration, "mismatch", what)
        path = _reproducer(registration, call, ours, theirs, what)
        shown = "" if path is None else f" (to reproduce: {path})"
        self._alert(
            f"mismatch: {key}",
            f"{key} runs as its original for good: its result was another: {what}{shown}",
        )

    def condemn(self, registration: Registration, kind: str, what: str) -> None:
        """Have the original run for the rest of the process; whoever asks for that tells people."""
        key = registration.key
        with lock:
            breaker = self._breakers.setdefault(key, _Breaker())
            breaker.for_good = True
            self._note(key, kind, what)
            self._open(registration, breaker)
        if kind == "mismatch":
            self._count("count_mismatch", key)
        if self.when_condemned is not None:
            self.when_condemned(registration, what)

    def recall(self) -> None:
        """Condemn what was before, and has been registered or replaced anew."""
        recalled = []
        with lock:
            for key, reason in self._condemned.items():
                registration = self._manager.find(key)
                if registration is None:
                    continue
                recalled.append((registration, reason.message))
                if not self.is_final(key):
                    self._breakers.setdefault(key, _Breaker()).for_good = True
                    self._reasons[key, reason.kind, reason.message] = reason
                    self._open(registration, self._breakers[key])
        if self.when_condemned is not None:
            for registration, why in recalled:
                self.when_condemned(registration, why)

    def is_open(self, key: str) -> bool:
        """Whether the function runs as its original."""
        registration = self._manager.find(key)
        return registration is not None and registration.open

    def is_final(self, key: str) -> bool:
        """Whether it does so for the rest of the process."""
        breaker = self._breakers.get(key)
        return breaker is not None and breaker.for_good and self.is_open(key)

    def reasons(self, key: str | None = None) -> list[Reason]:
        """Why originals ran, in the order of the first times."""
        with lock:
            kept = list(self._reasons.values())
        return [reason for reason in kept if key is None or reason.key == key]

    def fallbacks(self, key: str | None = None) -> int:
        """How many calls the originals had to serve: failed ones, and those of an open breaker."""
        return sum(
            self._failed.get(registration.key, 0) + reached(registration.deferred)
            for registration in self._of(key)
        )

    def rate(self, key: str | None = None) -> float:
        """The share of calls that the originals had to serve."""
        calls = sum(reached(registration.calls) for registration in self._of(key))
        return self.fallbacks(key) / calls if calls else 0.0

    def take_trial(self, registration: Registration) -> bool:
        """Whether this call of a function with an open breaker is the one to try it with."""
        breaker = self._breakers.get(registration.key)
        if breaker is None or breaker.for_good or reached(registration.deferred) < breaker.retry_at:
            return False
        with lock:
            if reached(registration.deferred) < breaker.retry_at or breaker.for_good:
                return False
            # Others go on with the original while the trial lasts.
            breaker.retry_at = reached(registration.deferred) + RETRY_AFTER
            return registration.open

    def passed(self, registration: Registration) -> None:
        """The trial did as the original does."""
        with lock:
            breaker = self._breakers.get(registration.key)
            if breaker is None or breaker.for_good:
                return
            breaker.last_chance = True
            registration.open = False
            self._manager.refresh(registration)
        _logger.info("%s: runs again, after a trial beside its original", registration.key)

    def failed(self, registration: Registration, error: BaseException) -> None:
        """The trial raised what its original doesn't."""
        with lock:
            self._breakers.setdefault(registration.key, _Breaker()).for_good = True
        self.failure(registration, error)
        with lock:
            self._condemned[registration.key] = self.reasons(registration.key)[-1]
        self._alert_final(registration.key)

    def forget(self, key: str) -> None:
        """Drop what is known of a function that is no longer registered."""
        with lock:
            self._breakers.pop(key, None)
            self._failed.pop(key, None)
            for entry in [entry for entry in self._reasons if entry[0] == key]:
                del self._reasons[entry]

    def _of(self, key: str | None) -> tuple[Registration, ...]:
        if key is None:
            return self._manager.registrations()
        found = self._manager.find(key)
        return () if found is None else (found,)

    def _open(self, registration: Registration, breaker: _Breaker) -> None:
        breaker.retry_at = reached(registration.deferred) + RETRY_AFTER
        registration.open = True
        self._manager.refresh(registration)
        if breaker.for_good:
            self._condemned[registration.key] = self.reasons(registration.key)[-1]

    def _note(self, key: str, kind: str, message: str) -> bool:
        """Count a reason; whether it is a function's first of that kind."""
        now = time.time()
        if kind == "failure":
            self._failed[key] = self._failed.get(key, 0) + 1
        same = [entry for entry in self._reasons if entry[:2] == (key, kind)]
        if (key, kind, message) not in self._reasons and len(same) >= KEPT:
            message = "others"
        before = self._reasons.get((key, kind, message))
        self._reasons[key, kind, message] = Reason(
            key,
            kind,
            message,
            1 if before is None else before.count + 1,
            now if before is None else before.first,
            now,
        )
        return not same

    def _count(self, what: str, key: str) -> None:
        collector = self._manager.collecting()
        if collector is not None:
            getattr(collector, what)(key)

    def _alert_final(self, key: str) -> None:
        self._alert(f"final: {key}", f"{key} runs as its original for good: it failed again")

    def _check(self) -> None:
        try:
            self._manager.alerts.check(None, self)
        except Exception:
            _logger.exception("the watch over fallbacks failed")

    def _alert(self, cause: str, message: str) -> None:
        try:
            self._manager.alerts.send(cause, message)
        except Exception:
            _logger.exception("%s", message)


def _described(error: BaseException) -> str:
    try:
        text = f"{type(error).__name__}: {error}"[:500]
    except Exception:
        text = type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    return f"{text} ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else text


def _reproducer(
    registration: Registration, call: Call, ours: Any, theirs: Any, what: str
) -> Path | None:
    try:
        from .reproducer import write

        return write(registration, *call, ours, theirs, what=what)
    except Exception as error:
        _logger.warning("%s: no reproducer could be written: %s", registration.key, error)
        return None
