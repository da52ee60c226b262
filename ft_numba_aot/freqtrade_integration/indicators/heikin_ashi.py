"""qtpylib's Heikin-Ashi candles, in one pass instead of pandas' row by row.

Imports technical, which freqtrade takes qtpylib's indicators from.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from typing import Any

import numpy as np
import pandas as pd
from technical.vendor.qtpylib import indicators as _indicators

from ..._backend import call
from ...runtime.registration import Call
from ..replacement import Replacement
from .plain import names_of
from .technical_frames import Floats, prices

_original = _indicators.heikinashi
_heikin_ashi = call("heikin_ashi")

_PRICES = ("open", "high", "low", "close")
# Columns that the original would go on from.
_OWN = ("ha_open", "ha_high", "ha_low", "ha_close")


@wraps(_original)
def heikinashi(bars: pd.DataFrame) -> pd.DataFrame:
    """``heikinashi`` of a frame with the index 0 … n-1 and prices of float64."""
    columns = _prices(bars)
    if columns is None:
        return _original(bars)  # type: ignore[no-any-return]
    candles = np.empty((4, len(bars)))
    if _heikin_ashi(*columns, *candles):
        return _original(bars)  # type: ignore[no-any-return]
    # In one block, as pandas makes of the original's four Series.
    return pd.DataFrame(candles.T, index=bars.index, columns=names_of(*_PRICES), copy=False)


def _prices(bars: Any) -> list[Floats] | None:
    """The prices of an ordinary frame; None where it takes the original to tell the result."""
    columns = prices(bars, *_PRICES)
    if columns is None or any(name in bars.columns for name in _OWN):
        return None
    index = bars.index
    counted = type(index) is pd.RangeIndex and index.start == 0 and index.step == 1
    return columns if counted else None


def _probes() -> Iterator[Call]:
    close = np.array([1.0, 1.1, 1.05, np.nan, 1.2, 1.3, 0.7, 1e8, 1.0])
    bars = pd.DataFrame({"open": close[::-1], "high": close + 0.1, "low": close - 0.1})
    bars["close"] = close
    # The zero's sign, the missing price, the other labels and the empty frame are the original's.
    zero = bars.assign(low=-0.0)
    for frame in (bars, bars.iloc[4:].reset_index(drop=True), zero, bars.iloc[1:], bars.iloc[:0]):
        yield (frame,), {}


REPLACEMENTS = (
    Replacement(
        "technical.vendor.qtpylib.indicators:heikinashi",
        heikinashi,
        "Heikin-Ashi",
        native=True,
        probes=_probes,
    ),
)
