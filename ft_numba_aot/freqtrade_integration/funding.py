"""Funding fees of a futures trade, without pandas' public way to two columns at each call.

Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from datetime import datetime
from functools import wraps
from math import isnan
from typing import Any

import numpy as np
import numpy.typing as npt
from freqtrade.exchange import Exchange
from pandas import DataFrame, Timestamp

from .replacement import Replacement

_original = Exchange.calculate_funding_fees


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
    dates = _column(df, "_ff_date_ns", np.int64)
    fee_per_unit = _column(df, "_ff_fee_per_unit", np.float64)
    if dates is None or fee_per_unit is None:
        return _original(  # type: ignore[no-any-return]
            self, df, amount, is_short, open_date, close_date
        )
    first = dates.searchsorted(Timestamp(open_date).value, "left")
    last = dates.searchsorted(Timestamp(close_date).value, "right")
    # A sum of Python's floats: from 3.12 on it is a compensated one.
    fees: float = sum((fee_per_unit[first:last] * amount).tolist())
    if isnan(fees):
        fees = 0.0
    return fees if is_short else -fees


def _column(frame: Any, name: str, kind: type[np.generic]) -> npt.NDArray[Any] | None:
    """The values of a column of that type, if the frame has a single one and rows."""
    if type(frame) is not DataFrame:
        return None
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
