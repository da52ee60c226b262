"""freqtrade's timeframes as pandas' frequencies. Imports the standard library."""

from __future__ import annotations

SECONDS = {
    "y": 31_536_000,
    "M": 2_592_000,
    "w": 604_800,
    "d": 86_400,
    "h": 3_600,
    "m": 60,
    "s": 1,
}


def timeframe_seconds(timeframe: str) -> int:
    """Of ``"5m"`` and the like, as ccxt has them, with its errors if ccxt is installed."""
    amount, unit = int(timeframe[0:-1]), timeframe[-1]
    if unit not in SECONDS:
        message = f"timeframe unit {unit} is not supported"
        try:
            from ccxt import NotSupported  # type: ignore[import-untyped, unused-ignore]
        except ImportError:
            raise ValueError(message) from None
        raise NotSupported(message)
    return amount * SECONDS[unit]


def resample_frequency(timeframe: str) -> str:
    """freqtrade's ``timeframe_to_resample_freq``."""
    if timeframe == "1y":
        return "1YS"
    seconds = timeframe_seconds(timeframe)
    minutes = seconds // 60
    if 10_000 < minutes < 43_200:
        return "1W-MON"
    if 43_200 <= minutes < 525_600:
        return f"{timeframe}S"
    if minutes > 43_200:
        return timeframe
    return f"{seconds}s"
