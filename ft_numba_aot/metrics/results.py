"""What drawdowns are told as. Imports the standard library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass
class DrawDownResult:
    """The deepest drawdown and the current one: freqtrade's class of this name.

    Values are in stake currency, relative ones shares of the highest balance; dates are pandas'.
    """

    drawdown_abs: float = 0.0
    high_date: Any = None
    low_date: Any = None
    high_value: float = 0.0
    low_value: float = 0.0
    relative_account_drawdown: float = 0.0
    current_high_date: Any = None
    current_high_value: float = 0.0
    current_drawdown_abs: float = 0.0
    current_relative_account_drawdown: float = 0.0
