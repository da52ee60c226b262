"""Why a run, a pair or a trade went to freqtrade's own code: said once each, and kept.

Imports the standard library.
"""

from __future__ import annotations

import logging
import threading

_logger = logging.getLogger("ft_numba_aot")
_lock = threading.Lock()
_noted: dict[tuple[str, str], int] = {}


def note(part: str, reason: str) -> None:
    """Record that ``part`` deferred to freqtrade's own code because of ``reason``.

    A part's reason is logged the first time; each further time is only counted.
    """
    key = (part, reason)
    with _lock:
        count = _noted[key] = _noted.get(key, 0) + 1
    if count == 1:
        _logger.info("%s: freqtrade's own code runs: %s", part, reason)


def noted() -> dict[tuple[str, str], int]:
    """How often each (part, reason) was noted, in the order of the first times."""
    with _lock:
        return dict(_noted)


def forget() -> None:
    """Start anew: each reason will be logged again."""
    with _lock:
        _noted.clear()
