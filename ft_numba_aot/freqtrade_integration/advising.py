"""The frames that a strategy's indicators are added to, on their way from it, and their checks.

Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import dis
from functools import wraps
from typing import Any

import numpy as np
import pandas as pd
from freqtrade.strategy.interface import IStrategy
from freqtrade.strategy.strategy_validation import StrategyResultValidator

from .frame_pieces import copied
from .replacement import Replacement

_original = IStrategy.advise_all_indicators
_begin = StrategyResultValidator.__init__
_assert_df = StrategyResultValidator.assert_df

# Up to 2026.8, frames are only warned of where checks are on.
_INVERTED = any(step.opname == "UNARY_NOT" for step in dis.get_instructions(_original))

_FLOAT64 = np.dtype(np.float64)


@wraps(_original)
def advise_all_indicators(self: Any, data: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """``IStrategy.advise_all_indicators``, with each value of the result copied once."""
    res = {}
    for pair, pair_data in data.items():
        unchecked = self.disable_dataframe_checks
        warn_only = not unchecked if _INVERTED else unchecked
        validator = StrategyResultValidator.__new__(StrategyResultValidator)
        begin(validator, pair_data, warn_only=warn_only)
        found = self.advise_indicators(copied(pair_data), {"pair": pair})
        res[pair] = copied(found) if type(found) is pd.DataFrame else found.copy()
        # As the original, which doesn't hold on to it.
        del found
        assert_df(validator, res[pair])
    return res


@wraps(_begin)
def begin(self: Any, dataframe: Any, warn_only: bool = False) -> None:
    """``StrategyResultValidator.__init__``: a frame's length and last candle are kept."""
    last = _last_candle(dataframe)
    if last is None:
        _begin(self, dataframe, warn_only)
    else:
        self._warn_only = warn_only
        self._length = len(dataframe)
        self._close, self._date = last


@wraps(_assert_df)
def assert_df(self: Any, dataframe: Any) -> None:
    """``StrategyResultValidator.assert_df``: what isn't the same, the original tells."""
    last = _last_candle(dataframe)
    if (
        last is None
        or type(self._close) is not np.float64
        or type(self._date) is not pd.Timestamp
        or self._length != len(dataframe)
        or last != (self._close, self._date)
    ):
        _assert_df(self, dataframe)


def _last_candle(frame: Any) -> tuple[np.float64, Any] | None:
    """The last close, a float64, and date, as ``iloc`` has them; None of any other frame."""
    if type(frame) is not pd.DataFrame or type(frame.columns) is not pd.Index or not len(frame):
        return None
    columns: Any = frame.columns
    if "close" not in columns or "date" not in columns:
        return None
    places = columns.get_loc("close"), columns.get_loc("date")
    # A name twice has no place.
    if any(type(place) is not int for place in places):
        return None
    close, dates = map(frame._mgr.iget_values, places)
    if not isinstance(close, np.ndarray) or close.dtype != _FLOAT64:
        return None
    return (close[-1], dates[-1]) if type(dates) is pd.arrays.DatetimeArray else None


_VALIDATOR = "freqtrade.strategy.strategy_validation:StrategyResultValidator."

REPLACEMENTS = (
    Replacement(
        "freqtrade.strategy.interface:IStrategy.advise_all_indicators",
        advise_all_indicators,
        "indicators of all pairs",
        relies_on=(f"{_VALIDATOR}__init__", f"{_VALIDATOR}assert_df"),
    ),
    Replacement(f"{_VALIDATOR}__init__", begin, "indicators of all pairs"),
    Replacement(f"{_VALIDATOR}assert_df", assert_df, "indicators of all pairs"),
)
