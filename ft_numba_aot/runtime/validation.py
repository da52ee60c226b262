"""Compares registered functions with their originals on their probes, before they are relied on.

Imports the standard library and numpy. Each call is made on arguments of its own. The results have
to be the same bit for bit, the exceptions of one type with the original's words in ours, and the
arguments the same afterwards; and repeating a call must not hang on to memory. All is done in a
thread of its own, since TA-Lib's functions remember their last call for each thread, and whatever
the calls log or warn of is not shown.
"""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from . import memory, reproducer, verdict_cache
from .identity import difference
from .probes import copied
from .registration import Call, Equal, Registration

MISMATCH, MEMORY = "mismatch", "memory"

# Seconds that comparing may take, of a process that waits for it.
LIMIT = 120.0

_logger = logging.getLogger("ft_numba_aot")
# Threads that compare.
_silent: set[int] = set()


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """A function that isn't as its original: on which call, how, and the file that shows it.

    ``ours`` and ``theirs`` are results or exceptions; ``kind`` is ``"mismatch"`` or ``"memory"``.
    """

    registration: Registration
    kind: str
    what: str
    call: Call
    ours: Any
    theirs: Any
    reproducer: Path | None

    @property
    def key(self) -> str:
        """The function's."""
        return self.registration.key


class Outcome(NamedTuple):
    """What a call came to: one of the two, the other is None."""

    result: Any
    error: Exception | None

    @property
    def value(self) -> Any:
        return self.result if self.error is None else self.error


class Comparison(NamedTuple):
    """What a call came to with both functions, and how that differs; empty if it doesn't."""

    what: str
    ours: Outcome
    theirs: Outcome


def validate(registrations: Iterable[Registration], *, cache: bool = True) -> list[Finding]:
    """What is wrong with functions that have probes; one finding a function at most.

    With ``cache``, those that were found to be as their originals before, in an environment like
    this one, are not compared again.
    """
    probed = [registration for registration in registrations if registration.probes is not None]
    prints = {registration.key: _fingerprint(registration) for registration in probed}
    known = verdict_cache.read() if cache else {}
    pending = [one for one in probed if known.get(one.key) != prints[one.key]]
    if not pending:
        return []
    findings, unknown = _in_a_thread(pending)
    # Its imports would wait for one that this thread may be in the middle of.
    findings = [_with_reproducer(finding) for finding in findings]
    if cache:
        found = {finding.key for finding in findings}
        identical = {one.key: prints[one.key] for one in pending if one.key not in found | unknown}
        verdict_cache.add(identical, removed=found)
    return findings


def compare(
    original: Callable[..., Any],
    optimized: Callable[..., Any],
    call: Call,
    equal: Equal | None = None,
) -> Comparison:
    """Make a call of both functions, each with arguments of its own."""
    our_call, their_call = copied(call), copied(call)
    theirs, ours = _outcome(original, their_call), _outcome(optimized, our_call)
    what = _difference(ours, theirs, equal) or _of_arguments(our_call, their_call)
    return Comparison(what, ours, theirs)


def _outcome(function: Callable[..., Any], call: Call) -> Outcome:
    args, kwargs = call
    try:
        return Outcome(function(*args, **kwargs), None)
    except Exception as error:
        # Its frames hold the arguments.
        return Outcome(None, error.with_traceback(None))


def _difference(ours: Outcome, theirs: Outcome, equal: Equal | None) -> str:
    if ours.error is None and theirs.error is None:
        if equal is not None and equal(ours.result, theirs.result):
            return ""
        found = difference(ours.result, theirs.result)
        return found or ("" if equal is None else "the results aren't equal")
    if type(ours.error) is type(theirs.error) and str(theirs.error) in str(ours.error):
        return ""
    return f"{_told(ours)}, the original {_told(theirs)}"


def _told(outcome: Outcome) -> str:
    if outcome.error is None:
        return f"gives a result ({type(outcome.result).__name__})"
    return f"raises {type(outcome.error).__name__}: {outcome.error}"


def _of_arguments(ours: Call, theirs: Call) -> str:
    """What the calls left of their arguments."""
    for number, (one, other) in enumerate(zip(ours[0], theirs[0], strict=True)):
        if found := difference(one, other):
            return f"argument {number} afterwards: {found}"
    for name, other in theirs[1].items():
        if found := difference(ours[1][name], other):
            return f"argument {name} afterwards: {found}"
    return ""


def _fingerprint(registration: Registration) -> str:
    return verdict_cache.fingerprint(
        registration.original, registration.optimized, registration.probes, registration.equal
    )


def _in_a_thread(registrations: list[Registration]) -> tuple[list[Finding], set[str]]:
    """Findings, and the keys of functions whose probes couldn't be made."""
    worker = _Worker(registrations)
    worker.start()
    try:
        worker.join(LIMIT)
        if worker.is_alive():
            raise TimeoutError(f"it took more than {LIMIT:.0f} seconds")
    except BaseException:
        worker.stopped = True
        raise
    if worker.failure is not None:
        raise worker.failure
    return worker.findings, worker.unknown


class _Worker(threading.Thread):
    def __init__(self, registrations: list[Registration]) -> None:
        super().__init__(name="ft-numba-aot validation", daemon=True)
        self.registrations = registrations
        self.findings: list[Finding] = []
        self.unknown: set[str] = set()
        self.failure: BaseException | None = None
        self.stopped = False

    def run(self) -> None:
        try:
            with _quietly():
                self._validate()
        except BaseException as error:
            self.failure = error

    def _validate(self) -> None:
        repeated: dict[str, tuple[Registration, Call]] = {}
        for registration in self.registrations:
            if self.stopped:
                return
            try:
                calls = list(registration.probes()) if registration.probes is not None else []
            except Exception:
                _logger.exception("%s is not compared: its probes failed", registration.key)
                self.unknown.add(registration.key)
                continue
            finding = next(filter(None, (_compared(registration, call) for call in calls)), None)
            if finding is not None:
                self.findings.append(finding)
            elif calls:
                repeated[registration.key] = registration, calls[0]
        growing = memory.growing(
            {key: (registration.optimized, call) for key, (registration, call) in repeated.items()}
        )
        for key, size in growing.items():
            registration, call = repeated[key]
            what = f"each call hangs on to {size:,} bytes"
            ours = _outcome(registration.optimized, copied(call)).value
            self.findings.append(Finding(registration, MEMORY, what, call, ours, ours, None))


def _compared(registration: Registration, call: Call) -> Finding | None:
    what, ours, theirs = compare(
        registration.original, registration.optimized, call, registration.equal
    )
    if not what:
        return None
    return Finding(registration, MISMATCH, what, call, ours.value, theirs.value, None)


def _with_reproducer(finding: Finding) -> Finding:
    if finding.kind != MISMATCH:
        return finding
    path = reproducer.write(
        finding.registration, *finding.call, finding.ours, finding.theirs, what=finding.what
    )
    return replace(finding, reproducer=path)


@contextmanager
def _quietly() -> Iterator[None]:
    """Show nothing of what this thread logs or warns of, except this package's own lines."""
    thread = threading.get_ident()

    def is_ours(record: logging.LogRecord) -> bool:
        return record.thread != thread or record.name == _logger.name

    handlers = _handlers()
    for handler in handlers:
        handler.addFilter(is_ours)
    _silent.add(thread)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        _silent.discard(thread)
        for handler in handlers:
            handler.removeFilter(is_ours)


def is_silent() -> bool:
    """Whether this thread compares, and nothing of what it logs is shown."""
    return threading.get_ident() in _silent


def _handlers() -> list[logging.Handler]:
    """Every handler that a record may reach."""
    loggers = [logging.getLogger(), *logging.Logger.manager.loggerDict.values()]
    found = [
        handler
        for logger in list(loggers)
        if isinstance(logger, logging.Logger)
        for handler in logger.handlers
    ]
    if logging.lastResort is not None:
        found.append(logging.lastResort)
    return list(dict.fromkeys(found))
