"""Compares what has been replaced with its originals before it is relied on, once a process.

Imports the standard library; what it needs to compare, when there is something to.
"""

from __future__ import annotations

from ..runtime.manager import NumbaManager

_done: set[str] = set()


def validate(manager: NumbaManager) -> None:
    """Compare what hasn't been; a function that isn't its original runs as that from now on."""
    if manager.settings.validation == "off":
        return
    pending = [
        registration
        for registration in manager.registrations()
        if registration.probes is not None
        and not registration.off
        and registration.key not in _done
    ]
    if not pending:
        return
    from ..runtime import validation

    _done.update(registration.key for registration in pending)
    for finding in validation.validate(pending):
        manager.fallback.mismatch(
            finding.registration, finding.call, finding.ours, finding.theirs, finding.what
        )
