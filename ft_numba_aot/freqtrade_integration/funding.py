"""Funding fees of a futures trade, from columns that a frame is asked for once.

Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from datetime import datetime
from functools import partial, wraps
from math import isnan
from typing import Any, NamedTuple
from weakref import ref

import numpy as np
import numpy.typing as npt
import pandas as pd
from freqtrade.exchange import Exchange
from pandas import DataFrame, Timestamp

from .replacement import Replacement

_original = Exchange.calculate_funding_fees

# Whether a frame copies the memory of a column that somebody holds, before it writes to it.
_COPIES_ON_WRITE = pd.__version__.partition(".")[0] == "3"


class _Columns(NamedTuple):
    """The columns of a frame as it was: its data, and where each column's is."""

    dates: npt.NDArray[np.int64]
    fee_per_unit: npt.NDArray[np.float64]
    data: Any
    blocks: Any
    names: Any
    frame: ref[DataFrame]
    # As long as these are held, whoever writes to the frame gives it other blocks.
    held: tuple[Any, ...]


# By the frame's id, for as long as there is the frame.
_known: dict[int, _Columns] = {}


@wraps(_original)
def calculate_funding_fees(
    self: Any,
    df: DataFrame,
    amount: float,
    is_short: bool,
    open_date: datetime,
    close_date: datetime,
) -> float:
    """``Exchange.calculate_funding_fees``; it runs itself on frames that it would have to fill."""
    columns = _columns(df)
    if columns is None:
        return _original(  # type: ignore[no-any-return]
            self, df, amount, is_short, open_date, close_date
        )
    dates, fee_per_unit = columns
    first = dates.searchsorted(Timestamp(open_date).value, "left")
    last = dates.searchsorted(Timestamp(close_date).value, "right")
    # A sum of Python's floats: from 3.12 on it is a compensated one.
    fees: float = sum((fee_per_unit[first:last] * amount).tolist())
    if isnan(fees):
        fees = 0.0
    return fees if is_short else -fees


def is_freqtrades(method: Any) -> bool:
    """Whether a bound method is ``Exchange.calculate_funding_fees``, replaced or not."""
    function = getattr(method, "__func__", None)
    return getattr(function, "__wrapped__", function) is _original


def fees_until(
    df: DataFrame,
    amount: float,
    is_short: bool,
    open_date: datetime,
    close_dates: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64] | None:
    """``calculate_funding_fees`` until each of some dates, up to the error of a sum of floats.

    The dates ascend, in nanoseconds since 1970. None of a frame that freqtrade would have to fill.
    """
    columns = _columns(df)
    if columns is None:
        return None
    dates, fee_per_unit = columns
    first = dates.searchsorted(Timestamp(open_date).value, "left")
    counts = np.maximum(dates.searchsorted(close_dates, "right") - first, 0)
    sums = np.zeros(counts[-1] + 1)
    np.cumsum(fee_per_unit[first : first + counts[-1]] * amount, out=sums[1:])
    fees: npt.NDArray[np.float64] = sums[counts]
    fees[np.isnan(fees)] = 0.0
    return fees if is_short else -fees


def _columns(frame: Any) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]] | None:
    """The dates and fees of a frame, if it has such columns and rows."""
    if type(frame) is not DataFrame:
        return None
    known = _known.get(id(frame))
    data = frame._mgr
    if (
        known is not None
        and known.data is data
        and known.blocks is data.blocks
        and known.names is data.axes[0]
    ):
        return known.dates, known.fee_per_unit
    dates = _column(frame, "_ff_date_ns", np.int64)
    fee_per_unit = _column(frame, "_ff_fee_per_unit", np.float64)
    if dates is None or fee_per_unit is None:
        return None
    if _COPIES_ON_WRITE:
        held = frame["_ff_date_ns"], frame["_ff_fee_per_unit"]
        blocks, names = data.blocks, data.axes[0]
        seen = ref(frame, partial(_forget, id(frame)))
        _known[id(frame)] = _Columns(dates, fee_per_unit, data, blocks, names, seen, held)
    return dates, fee_per_unit


def _forget(key: int, frame: ref[DataFrame]) -> None:
    known = _known.get(key)
    if known is not None and known.frame is frame:
        del _known[key]


def _column(frame: DataFrame, name: str, kind: type[np.generic]) -> npt.NDArray[Any] | None:
    """The values of a column of that type, if the frame has a single one and rows."""
    try:
        values = frame._get_column_array(frame.columns.get_loc(name))  # type: ignore[operator]
    except (KeyError, IndexError, TypeError, AttributeError):
        return None
    if type(values) is not np.ndarray or values.ndim != 1 or values.dtype != kind:
        return None
    return values if len(values) else None


REPLACEMENTS: tuple[Replacement, ...] = (
    Replacement(
        "freqtrade.exchange.exchange:Exchange.calculate_funding_fees",
        calculate_funding_fees,
        "funding fees",
        ("freqtrade.exchange.exchange:Exchange._add_funding_columns",),
    ),
)
