"""pandas-ta's indicators that are made of arithmetic, windows and TA-Lib, without a loop.

Imports pandas-ta. Their own code runs, over arrays; of ``ichimoku``, its parts.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import talib

from ... import _rolling
from ...runtime.registration import Call
from .pandas_ta_lines import accelerated, lines_of, over_lines
from .pandas_ta_shared import (
    candles,
    finished,
    framed,
    instead_of,
    non_zero_range,
    replacement,
    shifted,
    walk,
)

# By category. What isn't here gains less than three times on 1,000 candles, and mostly is
# TA-Lib's function, or loops, and is replaced by a kernel.
NAMES: dict[str, tuple[str, ...]] = {
    "momentum": (
        *("ao", "bias", "brar", "coppock", "dm", "er", "eri", "kdj", "kst", "macd", "pgo", "ppo"),
        *("psl", "pvo", "smi", "squeeze", "squeeze_pro", "stoch", "stochrsi", "trix"),
        "tsi",
    ),
    "overlap": ("hma", "vwma", "zlma"),
    "performance": ("log_return", "percent_return"),
    "statistics": ("median", "quantile", "zscore"),
    "trend": (
        *("amat", "chop", "cksp", "decreasing", "dpo", "increasing", "ttm_trend", "vhf"),
        "vortex",
    ),
    "volatility": (
        *("aberration", "accbands", "bbands", "donchian", "kc", "massi", "thermo", "ui"),
    ),
    "volume": ("aobv", "cmf", "eom", "kvo"),
}

_asked = importlib.import_module("pandas_ta.utils._core")
_ohlc4 = importlib.import_module("pandas_ta.overlap.ohlc4").ohlc4
_pdist = importlib.import_module("pandas_ta.volatility.pdist").pdist
_efi = importlib.import_module("pandas_ta.volume.efi").efi
_ichimoku = importlib.import_module("pandas_ta.overlap.ichimoku").ichimoku
_midprice = over_lines(importlib.import_module("pandas_ta.overlap.midprice").midprice)
_MIDPRICE = "pandas_ta.overlap.midprice:midprice"


@instead_of(_ohlc4)
def ohlc4(open_: Any, high: Any, low: Any, close: Any, offset: Any = None, **kwargs: Any) -> Any:
    """``ohlc4`` of Series of float64, added up in one array."""
    found = candles(open_, high, low, close, any_size=True)
    if found is None:
        return None
    with np.errstate(all="ignore"):
        total = found[0] + found[1]
        total += found[2]
        total += found[3]
        total *= 0.25
    return finished(total, open_.index, _asked.get_offset(offset), {}, "OHLC4", "overlap")


@instead_of(_pdist)
def pdist(
    open_: Any,
    high: Any,
    low: Any,
    close: Any,
    drift: Any = None,
    offset: Any = None,
    **kwargs: Any,
) -> Any:
    """``pdist`` of Series of float64, added up in one array."""
    found = candles(open_, high, low, close, any_size=True)
    drift = _asked.get_drift(drift)
    if found is None or type(drift) is not int:
        return None
    opened, highest, lowest, closed = found
    with np.errstate(all="ignore"):
        total = non_zero_range(highest, lowest)
        total *= 2
        gap = non_zero_range(opened, shifted(closed, drift))
        total += np.abs(gap, out=gap)
        body = non_zero_range(closed, opened)
        total -= np.abs(body, out=body)
    offset = _asked.get_offset(offset)
    return finished(total, high.index, offset, kwargs, "PDIST", "volatility")


_efi_over_lines = accelerated(_efi)


@instead_of(_efi)
def efi(
    close: Any,
    volume: Any,
    length: Any = None,
    mamode: Any = None,
    drift: Any = None,
    offset: Any = None,
    **kwargs: Any,
) -> Any:
    """``efi`` of Series of float64: TA-Lib's EMA, unless another average is asked for."""
    if isinstance(mamode, str) and mamode.lower() != "ema":
        return _efi_over_lines(close, volume, length, mamode, drift, offset, **kwargs)
    window = int(length) if length and length > 0 else 13
    found = candles(close, volume, least=window, any_size=True)
    if found is None or not 2 <= window <= 100_000:
        return None
    closed, traded = found
    with np.errstate(all="ignore"):
        change = closed - shifted(closed, _asked.get_drift(drift))
        change *= traded
    offset = _asked.get_offset(offset)
    return finished(
        talib.EMA(change, window), close.index, offset, kwargs, f"EFI_{window}", "volume"
    )


@instead_of(_ichimoku)
def ichimoku(
    high: Any,
    low: Any,
    close: Any,
    tenkan: Any = None,
    kijun: Any = None,
    senkou: Any = None,
    include_chikou: Any = True,
    offset: Any = None,
    **kwargs: Any,
) -> Any:
    """``ichimoku`` of Series of float64 with the index 0 … n-1, not shifted."""
    short = int(tenkan) if tenkan and tenkan > 0 else 9
    middle = int(kijun) if kijun and kijun > 0 else 26
    long = int(senkou) if senkou and senkou > 0 else 52
    found = lines_of(high, low, close, least=max(short, middle, long), counted=True)
    filling = "fillna" in kwargs or "fill_method" in kwargs
    if found is None or filling or _asked.get_offset(offset) != 0 or short < 2 or middle < 2:
        return None
    conversion, base, b = (
        _midprice(high=found[0], low=found[1], length=length) for length in (short, middle, long)
    )
    a = 0.5 * (conversion + base)
    names = f"ISA_{short}", f"ISB_{middle}"
    columns = {
        names[0]: a.shift(middle).array,
        names[1]: b.shift(middle).array,
        f"ITS_{short}": conversion.array,
        f"IKS_{middle}": base.array,
    }
    if include_chikou and kwargs.get("lookahead", True):
        columns[f"ICS_{middle}"] = found[2].shift(-middle).array
    name = f"ICHIMOKU_{short}_{middle}_{long}"
    frame = framed(columns, close.index, 0, {}, name, "overlap")
    length = len(close)
    ahead = pd.DataFrame(
        {names[0]: a.array[-middle:]}, index=pd.RangeIndex(length, length + middle)
    )
    ahead[names[1]] = b.array[-middle:]
    object.__setattr__(ahead, "name", f"ICHISPAN_{short}_{middle}")
    object.__setattr__(ahead, "category", "overlap")
    return frame, ahead


def _probes(original: Any) -> Iterator[Call]:
    frame = walk(80).rename(columns={"open": "open_"})
    asked = [name for name in inspect.signature(original).parameters if name in frame]
    yield (), {name: frame[name] for name in asked}


def _composed(category: str, name: str) -> Any:
    original = getattr(importlib.import_module(f"pandas_ta.{category}.{name}"), name)
    return replacement(accelerated(original), partial(_probes, original), unfit=_rolling.certified)


REPLACEMENTS = (
    replacement(ichimoku, partial(_probes, _ichimoku), _MIDPRICE),
    replacement(ohlc4, partial(_probes, _ohlc4)),
    replacement(efi, partial(_probes, _efi)),
    replacement(pdist, partial(_probes, _pdist), _asked.__name__ + ":non_zero_range"),
    *(_composed(category, name) for category, names in NAMES.items() for name in names),
)
