"""Where a backtest shows how far it is, and keeps what it is: as freqtrade has it in each release.

Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from typing import Any

from freqtrade.enums import BacktestState, RunMode
from freqtrade.optimize.backtesting import Backtesting

# Since 2026.6 there are methods for it, and an attribute.
_HAS_METHODS = hasattr(Backtesting, "_set_progress_step")


def begin(backtesting: Any, step: BacktestState, total: float) -> None:
    """Start the progress bar of a step."""
    if _HAS_METHODS:
        backtesting._set_progress_step(step, total)
    else:
        backtesting.progress.init_step(step, total)


def advance(backtesting: Any, steps: int = 1) -> None:
    """Advance the progress bar."""
    if _HAS_METHODS:
        backtesting._increment_progress(steps)
    else:
        progress = backtesting.progress
        progress.set_new_value(progress._progress + steps)


def is_backtest(backtesting: Any) -> bool:
    """Whether it is neither a hyperopt nor anything else that keeps no history."""
    if _HAS_METHODS:
        return bool(backtesting._is_backtest_runmode)
    return bool(backtesting.dataprovider.runmode == RunMode.BACKTEST)
