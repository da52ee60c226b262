"""TA-Lib's global settings: which a function's results depend on, and whether they are in use.

Imports the standard library. Ours compute with TA-Lib's defaults.

``set_unstable_period`` is asked at each call of a function that depends on it, so that it doesn't
matter who set it, when, and through which name. ``set_compatibility`` changes nothing in the
reference. Candle settings can't be asked: functions that depend on them compute in TA-Lib's C.
"""

from __future__ import annotations

from ..ta._table import CANDLESTICK, DEFINITIONS, Definition

# Functions by the unstable periods that they depend on, whatever their parameters are.
_FUNCTIONS = {
    "ADX": "ADX ADXR",
    "ATR": "ATR KC SUPERTREND",
    "EMA": "EMA DEMA TEMA ZLEMA MACD MACDFIX TRIX ADOSC EFI CVI MASSI KC ERI SMI TSI",
    "RSI": "RSI STOCHRSI",
    **{
        name: name
        for name in (
            "CMO DX HA HT_DCPERIOD HT_DCPHASE HT_PHASOR HT_SINE HT_TRENDLINE HT_TRENDMODE KAMA"
            " MAMA MINUS_DI MINUS_DM NATR PLUS_DI PLUS_DM RMA RVI T3"
        ).split()
    },
}

# Unstable periods by the moving averages that depend on them, as ``matype`` numbers those. What
# type 11 is, a function's own, is the function's to say.
UNSTABLE_AVERAGES = {
    1: ("EMA",), 3: ("EMA",), 4: ("EMA",), 6: ("KAMA",), 7: ("MAMA",), 8: ("T3",),
    11: ("EMA", "RMA"), 12: ("EMA",), 13: ("RMA",),
}  # fmt: skip

# Functions that depend on candle settings: patterns, but those that compare with no average.
CANDLE_SETTINGS = frozenset(
    name for name, definition in DEFINITIONS.items() if definition.flags & CANDLESTICK
) - {"CDL3OUTSIDE", "CDLENGULFING", "CDLHIKKAKE", "CDLXSIDEGAP3METHODS"}


def averages(definition: Definition) -> tuple[int, ...]:
    """Where among the parameters the types of moving averages are."""
    return tuple(
        position
        for position, parameter in enumerate(definition.parameters)
        if parameter.name.endswith("matype")
    )


def unstable_periods(name: str) -> tuple[str, ...]:
    """The unstable periods that a function depends on, whatever its parameters are."""
    return tuple(period for period, names in _FUNCTIONS.items() if name in names.split())
