"""``BenchmarkCollector``: calls, times, fallbacks and mismatches by function; off by default.

Imports the standard library.

A recorded time is only put in a queue, which loses nothing between threads and needs no lock;
a full queue is counted as a whole. Each process writes what it saw into files of its own, see
``snapshot_files``: every ``INTERVAL`` seconds in which something is recorded, and at its exit.
A forked process starts at zero.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import sys
import threading
import weakref
from collections.abc import Callable, Mapping
from time import monotonic, time
from typing import Any

from . import snapshot_files, snapshots
from .performance_log import PerformanceLog
from .snapshots import Tally

# Seconds between two writes.
INTERVAL = 10.0

# Times that a queue holds before they are counted.
_BATCH = 512

_logger = logging.getLogger("ft_numba_aot")

# Held while files are written, and across a fork: a child inherits no half-written ones.
_writing = threading.RLock()


class BenchmarkCollector:
    """Collects while ``enabled``; all methods are safe to call from any thread, and never raise.

    ``detailed`` adds the performance log: a line a function and interval. ``alert`` is told, with
    a cause and a message, if files can't be written; collecting goes on without them.
    ``after_interval`` is called after each write, outside of every lock.
    """

    __slots__ = (
        "__weakref__",
        "_counting",
        "_due",
        "_failed",
        "_interval",
        "_lock",
        "_log",
        "_optimized",
        "_original",
        "_run",
        "_started",
        "_total",
        "_unwritten",
        "after_interval",
        "alert",
        "detailed",
        "enabled",
    )

    def __init__(self, alert: Callable[[str, str], object] | None = None) -> None:
        self.alert = alert
        self.after_interval: Callable[[], object] | None = None
        self.detailed = False
        self.enabled = False
        self._failed = False
        self._begin_anew()
        _all.add(self)

    def __setattr__(self, name: str, value: Any) -> None:
        # Not a property: every call of every function reads it.
        super().__setattr__(name, value)
        if name == "enabled" and value:
            # The processes that this one starts are of its run, even before it records anything.
            snapshot_files.this_run()

    def record(self, key: str, seconds: float) -> None:
        """Count a call of the optimized function."""
        if not self.enabled:
            return
        try:
            waiting = self._optimized[key]
        except KeyError:
            waiting = self._queue(self._optimized, key)
        waiting.append(seconds)
        if len(waiting) >= _BATCH:
            self._count_waiting(blocking=False)
        if monotonic() >= self._due:
            self._end_interval()

    def record_original(self, key: str, seconds: float) -> None:
        """Count a sampled run of the original."""
        if not self.enabled:
            return
        waiting = self._original.get(key)
        if waiting is None:
            waiting = self._queue(self._original, key)
        waiting.append(seconds)
        if len(waiting) >= _BATCH:
            self._count_waiting(blocking=False)
        if monotonic() >= self._due:
            self._end_interval()

    def count_fallback(self, key: str) -> None:
        """Count a call in which the optimized function failed and the original ran."""
        if self.enabled:
            with self._lock:
                self._tally(key).fallbacks += 1

    def count_mismatch(self, key: str) -> None:
        """Count a result that wasn't the original's."""
        if self.enabled:
            with self._lock:
                self._tally(key).mismatches += 1

    def snapshot(self) -> dict[str, Any]:
        """What this process saw so far, in terms that JSON has."""
        with self._lock:
            self._count_waiting()
            tallies = self._interval | self._total
            for key in self._interval.keys() & self._total.keys():
                tallies[key] = Tally()
                tallies[key].merge(self._total[key])
                tallies[key].merge(self._interval[key])
            return snapshots.snapshot(tallies, self._process())

    def to_json(self) -> str:
        """``snapshot`` as JSON."""
        return json.dumps(self.snapshot(), indent=2)

    def prometheus(self) -> str:
        """``snapshot`` in Prometheus' text format; ImportError without prometheus-client."""
        from .prometheus_text import exposition

        return exposition(self.snapshot())

    def merged(self, runs: int = 1) -> dict[str, Any]:
        """What all processes of the last ``runs`` runs saw, this one up to now."""
        own = None
        if (started := self._started) is not None:
            own = (snapshot_files.snapshot_path(self._run, started), self.snapshot())
        return snapshot_files.merged(runs, own)

    def flush(self) -> None:
        """Write what came since the last write. Never raises: what fails is told once."""
        trouble = ""
        with _writing:
            self._due = monotonic() + INTERVAL
            interval = self._close_interval()
            if interval or self._unwritten:
                trouble = self._write(interval)
        if trouble and not self._failed:
            self._failed = True
            self._tell(trouble)

    def reset(self) -> None:
        """Forget what was seen, as a new process; files that were written stay."""
        with _writing, self._lock:
            self._begin_anew()

    def _begin_anew(self) -> None:
        self._lock = threading.RLock()
        self._counting = False
        self._optimized: dict[str, list[float]] = {}
        self._original: dict[str, list[float]] = {}
        self._total: dict[str, Tally] = {}
        self._interval: dict[str, Tally] = {}
        self._started: float | None = None
        self._run = ""
        self._log: PerformanceLog | None = None
        self._unwritten = False
        self._due = monotonic() + INTERVAL

    def _queue(self, queues: dict[str, list[float]], key: str) -> list[float]:
        self._start()
        return queues.setdefault(key, [])

    def _tally(self, key: str) -> Tally:
        self._start()
        tally = self._interval.get(key)
        if tally is None:
            tally = self._interval[key] = Tally()
        return tally

    def _start(self) -> None:
        """Settle, with the first record of a process, whose files they will be."""
        if self._started is not None:
            return
        with self._lock:
            if self._started is not None:
                return
            self._run = snapshot_files.this_run()
            self._due = monotonic() + INTERVAL
            self._started = time()
        # Processes of multiprocessing end without atexit.
        if (util := sys.modules.get("multiprocessing.util")) is not None:
            util.Finalize(None, _at_exit, exitpriority=0)

    def _process(self) -> list[dict[str, Any]]:
        if self._started is None:
            return []
        return [{"pid": os.getpid(), "run": self._run, "started": self._started, "written": time()}]

    def _count_waiting(self, blocking: bool = True) -> None:
        """Empty the queues; not now, if another thread is at it and ``blocking`` is false."""
        if not self._lock.acquire(blocking):
            return
        try:
            # Set where a finalizer or signal handler came in between, in this thread.
            if not self._counting:
                self._counting = True
                try:
                    self._count_all()
                finally:
                    self._counting = False
        finally:
            self._lock.release()

    def _count_all(self) -> None:
        for key, waiting in list(self._optimized.items()):
            if taken := _taken(waiting):
                self._tally(key).optimized.add(taken)
        for key, waiting in list(self._original.items()):
            if taken := _taken(waiting):
                self._tally(key).original.add(taken)

    def _close_interval(self) -> Mapping[str, Tally]:
        with self._lock:
            self._count_waiting()
            interval, self._interval = self._interval, {}
            for key, tally in interval.items():
                self._total.setdefault(key, Tally()).merge(tally)
        return interval

    def _end_interval(self) -> None:
        # One thread writes; the others go on.
        if not _writing.acquire(blocking=False):
            return
        try:
            if monotonic() < self._due:
                return
            self._due = monotonic() + INTERVAL
        finally:
            _writing.release()
        self.flush()
        if self.after_interval is not None:
            try:
                self.after_interval()
            except Exception:
                _logger.exception("what follows an interval of the collector failed")

    def _write(self, interval: Mapping[str, Tally]) -> str:
        """Write snapshot and log; what went wrong, or nothing."""
        if self._started is None:
            return ""
        trouble = ""
        try:
            path = snapshot_files.snapshot_path(self._run, self._started)
            if self._run.endswith(f"-{os.getpid()}") and not path.exists():
                snapshot_files.prune()
            snapshot_files.write(path, self.snapshot())
            self._unwritten = False
        except Exception as error:
            self._unwritten = True
            trouble = _described(error)
        if self.detailed:
            try:
                if self._log is None:
                    self._log = PerformanceLog(snapshot_files.log_path(self._run, self._started))
                self._log.write(_line(key, tally) for key, tally in sorted(interval.items()))
            except Exception as error:
                trouble = trouble or _described(error)
        return trouble

    def _tell(self, trouble: str) -> None:
        message = f"performance data can't be written, and is only kept in memory: {trouble}"
        try:
            if self.alert is None:
                _logger.warning("%s", message)
            else:
                self.alert("performance files", message)
        except Exception:
            _logger.exception("%s", message)


def _taken(waiting: list[float]) -> list[float]:
    """What waits, and not what comes meanwhile: threads only append."""
    taken = waiting[:]
    del waiting[: len(taken)]
    return taken


def _line(key: str, tally: Tally) -> dict[str, Any]:
    """A function's interval in the performance log."""
    return {
        "time": round(time(), 3),
        "pid": os.getpid(),
        "function": key,
        "seconds": tally.optimized.total,
        **snapshots.times(tally.optimized),
        "original_calls": tally.original.count,
        "original_seconds": tally.original.total,
        "fallbacks": tally.fallbacks,
        "mismatches": tally.mismatches,
    }


def _described(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return f"{type(error).__name__}: {error}"


_all: weakref.WeakSet[BenchmarkCollector] = weakref.WeakSet()


@atexit.register
def _at_exit() -> None:
    for collector in list(_all):
        collector.flush()


def _before_fork() -> None:
    _writing.acquire()


def _after_fork_in_parent() -> None:
    _writing.release()


def _after_fork_in_child() -> None:
    global _writing  # noqa: PLW0603
    _writing = threading.RLock()
    for collector in _all:
        collector._begin_anew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_after_fork_in_parent,
        after_in_child=_after_fork_in_child,
    )
