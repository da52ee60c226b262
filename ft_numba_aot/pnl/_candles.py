"""Candles and signals as the simulation's kernel takes them, checked.

Imports numpy and the backend.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from .._backend import call

PRICES = ("open", "high", "low", "close")
SIGNALS = ("enter_long", "exit_long", "enter_short", "exit_short")
TAGS = ("enter_tag", "exit_tag")
# How many of a unit of dates there are in a minute.
MINUTES = {"s": 60, "ms": 60_000, "us": 60_000_000, "ns": 60_000_000_000}
_MINUTE_IN_MILLISECONDS = 60_000

_odd_candle = call("odd_candle")


@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """Entries and exits by candle, and the tags that they have, if any."""

    arrays: tuple[npt.NDArray[np.bool_], ...]
    enter_tag: npt.NDArray[Any] | None
    exit_tag: npt.NDArray[Any] | None


@dataclass(frozen=True, slots=True, eq=False)
class Candles:
    """Dates as integers, of whose ``unit`` a minute has ``minute``, and the four prices.

    ``timeframe`` is in minutes.
    """

    dates: npt.NDArray[np.int64]
    unit: str
    minute: int
    prices: tuple[npt.NDArray[np.float64], ...]
    timeframe: int

    def milliseconds(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The dates of rows."""
        dates = self.dates[rows]
        if self.minute >= _MINUTE_IN_MILLISECONDS:
            return dates // (self.minute // _MINUTE_IN_MILLISECONDS)
        return dates * (_MINUTE_IN_MILLISECONDS // self.minute)


def read_candles(pair: str, frame: Any, minutes: int | None) -> Candles:
    """The candles of a pair, in a frame or a mapping with ``date`` and four prices.

    ValueError or TypeError names the pair, the column, the row and the value that is wrong.
    """
    missing = [name for name in ("date", *PRICES) if name not in frame]
    if missing:
        raise ValueError(f"candles[{pair!r}]: no column {', '.join(missing)}")
    dates, unit = _dates(pair, frame["date"])
    if not len(dates):
        raise ValueError(f"candles[{pair!r}]: no rows")
    minute = MINUTES[unit]
    prices = tuple(_prices(pair, name, frame[name], len(dates)) for name in PRICES)
    found = np.zeros(2, dtype=np.int64)
    row = _odd_candle(dates, *prices, 0 if minutes is None else minutes * minute, found)
    candles = Candles(dates, unit, minute, prices, minutes or max(int(found[1]) // minute, 1))
    if row >= 0:
        raise ValueError(_complaint(pair, candles, row, int(found[0])))
    return candles


def _complaint(pair: str, candles: Candles, row: int, kind: int) -> str:
    opened, high, low, _ = (column[row].item() for column in candles.prices)
    date = np.datetime_as_string(candles.dates[row].view(f"M8[{candles.unit}]"), unit="s")
    if kind <= len(PRICES):
        name = PRICES[kind - 1]
        value = candles.prices[kind - 1][row].item()
        return f"candles[{pair!r}]: {name} of row {row}, {value!r}, is not a positive number"
    text = {
        5: f"high of row {row}, {high!r}, is below low, {low!r}",
        6: f"open of row {row}, {opened!r}, is not from low, {low!r}, to high, {high!r}",
        7: f"date of row {row}, {date}, is that of the row before",
        8: f"date of row {row}, {date}, is before that of the row before",
        9: f"date of row {row}, {date}, is not on the grid of {candles.timeframe} minutes",
        10: f"date of row {row} is {date}",
    }[kind]
    return f"candles[{pair!r}]: {text}"


def _dates(pair: str, column: Any) -> tuple[npt.NDArray[np.int64], str]:
    """Integers, and the unit that they count."""
    if column.dtype.kind != "M":
        raise TypeError(f"candles[{pair!r}]: date: expected datetimes, found {column.dtype}")
    if isinstance(column, np.ndarray):
        unit = np.datetime_data(column.dtype)[0]
        if unit not in MINUTES:
            column, unit = column.astype("M8[s]"), "s"
        return np.ascontiguousarray(column).view(np.int64), unit
    import pandas as pd

    index = pd.DatetimeIndex(column)
    return np.ascontiguousarray(index.asi8), index.unit


def _prices(pair: str, name: str, column: Any, length: int) -> npt.NDArray[np.float64]:
    array = np.asarray(column)
    if array.dtype != np.float64 and array.dtype.kind not in "iu":
        raise TypeError(f"candles[{pair!r}]: {name}: expected float64, found {array.dtype}")
    _check_length(f"candles[{pair!r}]", name, array, length)
    return np.ascontiguousarray(array, dtype=np.float64)


def _check_length(owner: str, name: str, array: npt.NDArray[Any], length: int) -> None:
    if array.shape != (length,):
        shape = len(array) if array.ndim == 1 else array.shape
        raise ValueError(f"{owner}: {name} has length {shape}, the candles have {length}")


def read_signals(owner: str, frame: Any, length: int) -> Signals:
    """The signals in a frame or mapping; columns that it doesn't have are without any.

    A signal is True or 1; False, 0 and NaN are none.
    """
    columns = set(frame.columns if hasattr(frame, "columns") else frame)
    arrays = tuple(
        _signal(owner, name, frame[name], length) if name in columns else _no_signals(length)
        for name in SIGNALS
    )
    tags = [_tags(owner, name, frame, length) if name in columns else None for name in TAGS]
    return Signals(arrays, *tags)


@lru_cache(maxsize=16)
def _no_signals(length: int) -> npt.NDArray[np.bool_]:
    return np.zeros(length, dtype=np.bool_)


def check_columns(owner: str, signals: Any) -> None:
    """TypeError or ValueError where a job's own signals aren't any."""
    if not isinstance(signals, Mapping) and not hasattr(signals, "columns"):
        raise TypeError(f"{owner}: expected a frame or a mapping, found {type(signals).__name__}")
    names = list(signals.columns if hasattr(signals, "columns") else signals)
    if not set(names) & set(SIGNALS):
        raise ValueError(f"{owner}: none of its columns is one of {', '.join(SIGNALS)}")


def _signal(owner: str, name: str, column: Any, length: int) -> npt.NDArray[np.bool_]:
    array = np.asarray(column)
    _check_length(owner, name, array, length)
    if array.dtype == np.bool_:
        return np.ascontiguousarray(array)
    if array.dtype.kind not in "iuf":
        try:
            array = np.asarray(column, dtype=np.float64)
        except (TypeError, ValueError):
            raise TypeError(f"{owner}: {name}: expected 0 and 1, found {array.dtype}") from None
    set_: npt.NDArray[np.bool_] = array == 1
    odd = ~set_ & (array != 0) & (array == array)
    if odd.any():
        row = int(np.flatnonzero(odd)[0])
        raise ValueError(f"{owner}: {name} of row {row}, {array[row].item()!r}, is neither 0 nor 1")
    return set_


def _tags(owner: str, name: str, frame: Any, length: int) -> npt.NDArray[Any]:
    array = np.array(frame[name], dtype=object)
    _check_length(owner, name, array, length)
    array[np.array([tag != tag for tag in array.tolist()], dtype=np.bool_)] = None
    return array
