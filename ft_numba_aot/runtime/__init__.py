"""What everything accelerated is registered with: who runs, how often, how fast, and why not.

Imports the standard library; numpy and pandas where they are needed. Never freqtrade.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .collector import BenchmarkCollector
    from .configuration import ConfigurationError, Settings
    from .fallback import FallbackManager
    from .manager import NumbaManager, get_numba_manager
    from .proxy import PerformanceProxy

__all__ = [
    "BenchmarkCollector",
    "ConfigurationError",
    "FallbackManager",
    "NumbaManager",
    "PerformanceProxy",
    "Settings",
    "get_numba_manager",
]

_HOMES = {
    "BenchmarkCollector": "collector",
    "ConfigurationError": "configuration",
    "FallbackManager": "fallback",
    "NumbaManager": "manager",
    "PerformanceProxy": "proxy",
    "Settings": "configuration",
    "get_numba_manager": "manager",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
