"""freqtrade's timeframes in pandas, and dates of candles. Imports the standard library."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

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


def date_of(timestamp: float) -> datetime:
    """freqtrade's ``dt_from_ts``: of seconds, or of milliseconds, in UTC."""
    return datetime.fromtimestamp(timestamp / 1000 if timestamp > 1e10 else timestamp, tz=UTC)


def previous_date(timeframe: str, date: datetime) -> datetime:
    """When the candle of a date began: freqtrade's ``timeframe_to_prev_date``."""
    return date_of(_rounded_down(timeframe, int(date.timestamp() * 1000)) // 1000)


def _rounded_down(timeframe: str, milliseconds: int) -> int:
    """ccxt's ``round_timeframe``: weeks from Mondays, months and years by the calendar."""
    amount, unit = timeframe[:-1], timeframe[-1:]
    if unit not in ("w", "M", "y") or not amount.isdigit() or int(amount) < 1:
        length = timeframe_seconds(timeframe) * 1000
        return milliseconds - milliseconds % length
    date, many = date_of(milliseconds / 1000), int(amount)
    if unit == "w":
        monday = datetime(1970, 1, 5, tzinfo=UTC)
        rounded = monday + timedelta(weeks=(date - monday).days // 7 // many * many)
    elif unit == "M":
        months = (date.year * 12 + date.month - 1) // many * many
        rounded = datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)
    else:
        rounded = datetime(date.year // many * many, 1, 1, tzinfo=UTC)
    return int(rounded.timestamp() * 1000)
