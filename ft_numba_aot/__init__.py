"""freqtrade's numbers, compiled ahead of time: indicators, metrics and PnL kernels.

``import ft_numba_aot.ta as ta`` stands in for ``talib.abstract``; ``ft_numba_aot.enable()``
makes the freqtrade of this process use everything that applies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ._backend import BackendInfo, backend, backend_info
from ._version import __version__

if TYPE_CHECKING:
    from .freqtrade_integration.status import Status

__all__ = [
    "BackendInfo",
    "__version__",
    "backend",
    "backend_info",
    "disable",
    "enable",
    "status",
]


def enable(config: Mapping[str, Any] | None = None) -> Status:
    """Make the freqtrade of this process use everything that applies; returns the status.

    Nothing that it computes changes, only how fast. ``config`` is freqtrade's, and is only read:
    with ``{"performance_optimization": {"enable_numba_optimization": False}}`` nothing is
    replaced. Raises ``ImportError`` where freqtrade isn't installed.
    """
    from .freqtrade_integration import switch

    return switch.enable(config)


def disable() -> Status:
    """Put every replaced object of freqtrade back; returns the status."""
    from .freqtrade_integration import switch

    return switch.disable()


def status() -> Status:
    """What is replaced in this process, and why what isn't isn't; prints readably."""
    from .freqtrade_integration import switch

    return switch.status()
