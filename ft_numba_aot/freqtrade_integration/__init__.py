"""Everything that touches freqtrade. No other folder imports it.

Importing this package itself doesn't; its modules do.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence

__all__ = ["INSTALL", "BacktestError", "installed", "run_freqtrade"]

INSTALL = 'pip install "ft-numba-aot[freqtrade]"'


class BacktestError(Exception):
    """freqtrade can't run this backtest; the message is for its user."""


def installed() -> bool:
    """Whether there is a freqtrade to import."""
    return importlib.util.find_spec("freqtrade") is not None


def run_freqtrade(argv: Sequence[str] | None = None) -> None:
    """freqtrade's command line; exits with its status."""
    importlib.import_module("freqtrade.main").main(None if argv is None else list(argv))
