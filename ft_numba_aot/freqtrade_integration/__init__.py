"""Everything that touches freqtrade. No other folder imports it.

Importing this package itself doesn't; its modules do.
"""

from __future__ import annotations

import importlib.util

__all__ = ["INSTALL", "BacktestError", "installed"]

INSTALL = 'pip install "ft-numba-aot[freqtrade]"'


class BacktestError(Exception):
    """freqtrade can't run this backtest; the message is for its user."""


def installed() -> bool:
    """Whether there is a freqtrade to import."""
    return importlib.util.find_spec("freqtrade") is not None
