"""technical's Heikin-Ashi candles and what they look like, dojis, and touches of a level.

Imports technical.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from typing import Any

import numpy as np
import pandas as pd
from technical import bouncyhouse as _bouncyhouse
from technical import candles as _candles

from ..._backend import call
from ...runtime.registration import Call
from ...ta import _frames
from ..replacement import Replacement
from .technical_columns import put_columns
from .technical_frames import is_number, prices, series, walk

_MODULE = "technical.candles:"
_heikinashi = _candles.heikinashi
_doji = _candles.doji
_touches = _bouncyhouse.touches
_kernel = call("technical_heikin_ashi")
_kernel_doji = call("technical_doji")
_kernel_touches = call("technical_touches")

_PRICES = ("open", "high", "low", "close")
# Which of them are whole numbers, in the kernel's order, and the columns' order.
_WHOLE = ("flat_bottom", "flat_top", "small_body", "candle", "reversal")
_WICKS = ("lower_wick", "upper_wick")
# Columns that the original would go on from.
_OWN = frozenset(("ha_open", "ha_high", "ha_low", "ha_close"))


@wraps(_heikinashi)
def heikinashi(bars: Any) -> Any:
    """``heikinashi`` of prices of float64, none missing or 0, with the index 0 … n-1."""
    columns = prices(bars, *_PRICES)
    if columns is None or not _is_counted(bars.index) or not _OWN.isdisjoint(bars.columns):
        return _heikinashi(bars)
    candles, wicks = np.empty((4, len(bars))), np.empty((2, len(bars)))
    whole = np.empty((5, len(bars)), dtype=np.int64)
    if _kernel(*columns, *candles, *wicks, *whole):
        return _heikinashi(bars)
    result = _frames.frame(candles, bars.index.view(), list(_PRICES))
    put_columns(result, dict(zip((*_WHOLE, *_WICKS), (*whole, *wicks), strict=True)))
    return result


def _is_counted(index: Any) -> bool:
    return type(index) is pd.RangeIndex and index.start == 0 and index.step == 1


@wraps(_doji)
def doji(dataframe: Any, exact: Any = False) -> Any:
    """``doji`` of prices of float64."""
    columns = prices(dataframe, "open", "high", "close")
    if columns is None or type(exact) is not bool:
        return _doji(dataframe, exact)
    found = np.empty(len(columns[0]), dtype=np.int64)
    _kernel_doji(*columns, exact, found)
    return series(found, dataframe.index)


@wraps(_touches)
def touches(dataframe: Any, level: Any) -> Any:
    """``touches`` of a number by prices of float64; numpy warns of those that are missing."""
    columns = prices(dataframe, *_PRICES)
    if columns is None or not is_number(level):
        return _touches(dataframe, level)
    found = np.empty(len(columns[0]), dtype=np.int64)
    if _kernel_touches(*columns, level, found):
        return _touches(dataframe, level)
    return found


def _probes() -> Iterator[Call]:
    yield (walk(),), {}
    yield (walk().assign(high=np.nan),), {}


def _probes_of_doji() -> Iterator[Call]:
    for exact in (False, True):
        yield (walk(), exact), {}


def _probes_of_touches() -> Iterator[Call]:
    for level in (100.0, 101):
        yield (walk(), level), {}


REPLACEMENTS = (
    Replacement(
        _MODULE + "heikinashi",
        heikinashi,
        "technical's candles",
        relies_on=tuple(
            _MODULE + name
            for name in (
                *("_flat_bottom", "_flat_top", "_small_body", "_candle_type", "_reversal"),
                "_wick_length",
            )
        ),
        native=True,
        probes=_probes,
    ),
    Replacement(_MODULE + "doji", doji, "technical's candles", native=True, probes=_probes_of_doji),
    Replacement(
        "technical.bouncyhouse:touches",
        touches,
        "technical's touches",
        relies_on=("technical.bouncyhouse:_touch",),
        native=True,
        probes=_probes_of_touches,
    ),
)
