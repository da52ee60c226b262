"""Compares what has been replaced with its originals before it is relied on, once a process.

Imports the standard library; what it needs to compare, when there is something to.
"""

from __future__ import annotations

import logging
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

from .. import _backend
from ..runtime.fallback import FallbackManager
from ..runtime.manager import NumbaManager
from ..runtime.registration import Registration, reached

if TYPE_CHECKING:
    from ..runtime.validation import Finding

_MENDED = "pip install --force-reinstall --no-deps ft-numba-aot repairs it"

# Functions that one alert names.
_NAMED = 5

_logger = logging.getLogger("ft_numba_aot")
_done: weakref.WeakKeyDictionary[FallbackManager, set[str]] = weakref.WeakKeyDictionary()


def validate(manager: NumbaManager) -> None:
    """Compare what hasn't been; a function that isn't its original runs as that from now on.

    Never raises an ``Exception``: what can't be compared runs as its original, too.
    """
    manager.fallback.recall()
    _look_at_kernels(manager)
    if manager.settings.validation == "off":
        return
    done = _done.setdefault(manager.fallback, set())
    pending = [
        registration
        for registration in manager.registrations()
        if registration.probes is not None and not registration.off and registration.key not in done
    ]
    if not pending:
        return
    done.update(registration.key for registration in pending)
    try:
        from ..runtime import validation, verdict_cache

        with _uncounted(manager):
            findings = validation.validate(pending)
    except Exception as error:
        _give_up(manager, pending, error)
    else:
        _act(manager, findings)
        if trouble := verdict_cache.trouble():
            manager.alerts.send("cache", trouble)


@contextmanager
def _uncounted(manager: NumbaManager) -> Iterator[None]:
    """Calls that originals make of other functions are no real ones; the first such is sampled."""
    before = [(each, reached(each.calls)) for each in manager.registrations()]
    collector = manager.collecting()
    if collector is not None:
        collector.enabled = False
    try:
        yield
    finally:
        if collector is not None:
            collector.enabled = True
        for registration, calls in before:
            registration.calls = count(calls)


def _look_at_kernels(manager: NumbaManager) -> None:
    """An extension that is damaged, or lacks something, is its user's to mend."""
    info, missing = _backend.backend_info(), _backend.missing()
    if info.reason is not None and not _backend.is_intended():
        manager.alerts.send(
            "kernels", f"what needs the native kernels runs as originals: {info.reason}. {_MENDED}"
        )
    if missing:
        names = ", ".join(missing)
        manager.alerts.send(
            "missing kernels",
            f"{info.file} lacks {names}: the same in pure Python is much slower. {_MENDED}",
        )


def _give_up(manager: NumbaManager, pending: Sequence[Registration], error: Exception) -> None:
    reason = f"they can't be compared: {type(error).__name__}: {error}"
    for registration in pending:
        manager.fallback.condemn(registration, "validation", reason)
    manager.alerts.send("validation", f"{_listed(pending)} as originals for good: {reason}")


def _act(manager: NumbaManager, findings: Sequence[Finding]) -> None:
    """Each function's original runs, and people are told of all at once."""
    if not findings:
        return
    for finding in findings:
        manager.fallback.condemn(finding.registration, finding.kind, finding.what)
        if len(findings) > 1:
            _logger.warning("%s", _described(finding))
    registrations = [finding.registration for finding in findings]
    manager.alerts.send(
        "validation: " + " ".join(registration.key for registration in registrations),
        f"{_listed(registrations)} as originals for good, found at the start: "
        f"{_described(findings[0])}",
    )


def _listed(registrations: Sequence[Registration]) -> str:
    names = ", ".join(registration.key for registration in registrations[:_NAMED])
    more = f" and {len(registrations) - _NAMED} more" if len(registrations) > _NAMED else ""
    return f"{names}{more} {'runs' if len(registrations) == 1 else 'run'}"


def _described(finding: Finding) -> str:
    shown = f" (to reproduce: {finding.reproducer})" if finding.reproducer else ""
    return f"{finding.key}: {finding.what}{shown}"
