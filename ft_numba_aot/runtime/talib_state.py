"""TA-Lib's global settings: which a function's results depend on, and whether they are in use.

Imports the standard library. Ours compute with TA-Lib's defaults.

``set_unstable_period`` is asked at each call of a function that depends on it, so that it doesn't
matter who set it, when, and through which name. ``set_compatibility`` changes nothing in the
reference. Candle settings can't be asked: functions that depend on them compute in TA-Lib's C.
"""

from __future__ import annotations

from ..ta._table import CANDLESTICK, DEFINITIONS
from ..ta._unstable import AVERAGES as UNSTABLE_AVERAGES
from ..ta._unstable import averages, unstable_periods

__all__ = ["CANDLE_SETTINGS", "UNSTABLE_AVERAGES", "averages", "unstable_periods"]

# Functions that depend on candle settings: patterns, but those that compare with no average.
CANDLE_SETTINGS = frozenset(
    name for name, definition in DEFINITIONS.items() if definition.flags & CANDLESTICK
) - {"CDL3OUTSIDE", "CDLENGULFING", "CDLHIKKAKE", "CDLXSIDEGAP3METHODS"}
