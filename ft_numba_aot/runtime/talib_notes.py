"""Why TA-Lib's own functions run: said once each, and kept.

Imports the standard library.
"""

from __future__ import annotations

import logging

from .registration import lock

_logger = logging.getLogger("ft_numba_aot")
_noted: dict[tuple[str, str], int] = {}


def note(name: str, reason: str) -> None:
    """Record that ``name`` is TA-Lib's own because of ``reason``; it is logged the first time."""
    key = (name, reason)
    with lock:
        count = _noted[key] = _noted.get(key, 0) + 1
    if count == 1:
        _logger.info("%s: TA-Lib's own code runs: %s", name, reason)


def noted() -> dict[tuple[str, str], int]:
    """How often each (name, reason) was noted, in the order of the first times."""
    with lock:
        return dict(_noted)


def forget() -> None:
    """Start anew: each reason will be logged again."""
    with lock:
        _noted.clear()
