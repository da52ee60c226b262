"""pandas-ta's stops, trends and counts that loop over the candles in Python.

Imports pandas-ta. What a loop goes over is made by the functions that the original calls.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from ...runtime.registration import Call
from .pandas_ta_shared import UTILS, candles, framed, instead_of, kernel, replacement, walk

_supertrend_module = importlib.import_module("pandas_ta.overlap.supertrend")
_hilo_module = importlib.import_module("pandas_ta.overlap.hilo")
_psar_module = importlib.import_module("pandas_ta.trend.psar")
_qqe_module = importlib.import_module("pandas_ta.momentum.qqe")
_sequential_module = importlib.import_module("pandas_ta.momentum.td_seq")
_supertrend = _supertrend_module.supertrend
_hilo = _hilo_module.hilo
_psar = _psar_module.psar
_qqe = _qqe_module.qqe
_td_seq = _sequential_module.td_seq

_supertrend_of = kernel("pandas_ta_supertrend")
_hilo_of = kernel("pandas_ta_hilo")
_psar_of = kernel("pandas_ta_psar")
_qqe_of = kernel("pandas_ta_qqe")
_sequential_of = kernel("pandas_ta_sequential")


@instead_of(_supertrend)
def supertrend(
    high: Any,
    low: Any,
    close: Any,
    length: Any = None,
    multiplier: Any = None,
    offset: Any = None,
    **kwargs: Any,
) -> Any:
    """``supertrend`` of Series of float64, of two candles or more."""
    window = int(length) if length and length > 0 else 7
    factor = float(multiplier) if multiplier and multiplier > 0 else 3.0
    found = candles(high, low, close, least=max(window, 2))
    shift = _supertrend_module.get_offset(offset)
    if found is None or shift != 0 or "fillna" in kwargs or "fill_method" in kwargs:
        return None
    highs, lows, closes = found
    reach = _supertrend_module.atr(high, low, close, window).to_numpy()
    with np.errstate(all="ignore"):
        middle = 0.5 * (highs + lows)
        reach = factor * reach
        upper, lower = middle + reach, middle - reach
    trend, long, short = (np.empty(len(closes)) for _ in range(3))
    direction = np.empty(len(closes), np.int64)
    _supertrend_of(closes, upper, lower, trend, direction, long, short)
    name = f"SUPERT_{window}_{factor}"
    columns = {
        name: trend,
        f"SUPERTd_{window}_{factor}": direction,
        f"SUPERTl_{window}_{factor}": long,
        f"SUPERTs_{window}_{factor}": short,
    }
    return framed(columns, close.index, 0, {}, name, "overlap")


@instead_of(_hilo)
def hilo(
    high: Any,
    low: Any,
    close: Any,
    high_length: Any = None,
    low_length: Any = None,
    mamode: Any = None,
    offset: Any = None,
    **kwargs: Any,
) -> Any:
    """``hilo`` of Series of float64."""
    highest = int(high_length) if high_length and high_length > 0 else 13
    lowest = int(low_length) if low_length and low_length > 0 else 21
    mode = mamode.lower() if isinstance(mamode, str) else "sma"
    found = candles(high, low, close, least=max(highest, lowest))
    averages = None
    if found is not None:
        upper = _hilo_module.ma(mode, high, length=highest)
        averages = candles(upper, _hilo_module.ma(mode, low, length=lowest), close)
    if averages is None:
        return None
    above, below, closes = averages
    out, long, short = (np.empty(len(closes)) for _ in range(3))
    _hilo_of(closes, above, below, out, long, short)
    suffix = f"_{highest}_{lowest}"
    columns = {f"HILO{suffix}": out, f"HILOl{suffix}": long, f"HILOs{suffix}": short}
    shift = _hilo_module.get_offset(offset)
    return framed(columns, close.index, shift, kwargs, f"HILO{suffix}", "overlap")


@instead_of(_psar)
def psar(
    high: Any,
    low: Any,
    close: Any = None,
    af0: Any = None,
    af: Any = None,
    max_af: Any = None,
    offset: Any = None,
    **kwargs: Any,
) -> Any:
    """``psar`` of Series of float64, of two candles or more."""
    prices = (high, low) if close is None else (high, low, close)
    found = candles(*prices, least=2)
    first = float(af) if af and af > 0 else 0.02
    step = float(af0) if af0 and af0 > 0 else first
    most = float(max_af) if max_af and max_af > 0 else 0.2
    if found is None or max(first, step, most) > 1.0:
        return None
    highs, lows = found[:2]
    up, down = highs[1] - highs[0], lows[0] - lows[1]
    falling = bool(down > up and down >= np.finfo(np.float64).eps)
    stop = (highs if falling else lows)[0] if close is None else found[2][0]
    long, short, factors = (np.empty(len(highs)) for _ in range(3))
    reversals = np.empty(len(highs), np.int64)
    state = (falling, float(stop), first, step, most)
    _psar_of(highs, lows, *state, long, short, factors, reversals)
    suffix = f"_{step}_{most}"
    columns = {
        f"PSARl{suffix}": long,
        f"PSARs{suffix}": short,
        f"PSARaf{suffix}": factors,
        f"PSARr{suffix}": reversals,
    }
    shift = _psar_module.get_offset(offset)
    return framed(columns, high.index, shift, kwargs, f"PSAR{suffix}", "trend")


@instead_of(_qqe)
def qqe(
    close: Any,
    length: Any = None,
    smooth: Any = None,
    factor: Any = None,
    mamode: Any = None,
    drift: Any = None,
    offset: Any = None,
    **kwargs: Any,
) -> Any:
    """``qqe`` of a Series of float64, of three values or more."""
    window = int(length) if length and length > 0 else 14
    smoothing = int(smooth) if smooth and smooth > 0 else 5
    reach = float(factor) if factor else 4.236
    mode = mamode if isinstance(mamode, str) else "ema"
    wilders = 2 * window - 1
    found = candles(close, least=max(window, smoothing, wilders, 3))
    shift = _qqe_module.get_offset(offset)
    lines = None
    if found is not None and not shift and "fillna" not in kwargs and "fill_method" not in kwargs:
        lines = _qqe_lines(close, window, smoothing, reach, mode, drift)
    if lines is None:
        return None
    letter = mode.lower()[0] if mode != "ema" else ""
    suffix = f"{letter}_{window}_{smoothing}_{reach}"
    names = (f"QQE{suffix}", f"QQE{suffix}_RSI{letter.upper()}MA", f"QQEl{suffix}", f"QQEs{suffix}")
    columns = dict(zip(names, lines, strict=True))
    return framed(columns, close.index, 0, {}, f"QQE{suffix}", "momentum")


def _qqe_lines(
    close: pd.Series[float], window: int, smoothing: int, reach: float, mode: str, drift: Any
) -> tuple[Any, ...] | None:
    """QQE, the average that it follows, and its long and short line; None if they are open."""
    ma, wilders = _qqe_module.ma, 2 * window - 1
    average = ma(mode, _qqe_module.rsi(close, window), length=smoothing)
    smoothed = ma("ema", average.diff(_qqe_module.get_drift(drift)).abs(), length=wilders)
    twice = None if smoothed is None else ma("ema", smoothed, length=wilders)
    if twice is None:
        return None
    band = reach * twice
    found = candles(average, average + band, average - band)
    # The lines begin as integers, which only a NaN turns into floats.
    if found is None or not np.isnan(found[1][1]) or not np.isnan(found[2][1]):
        return None
    values, upper, lower = found
    out, long, short = (np.empty(len(values)) for _ in range(3))
    if _qqe_of((len(values),), values, upper, lower, out, long, short):
        return None
    return out, values, long, short


@instead_of(_td_seq)
def td_seq(close: Any, asint: Any = None, offset: Any = None, **kwargs: Any) -> Any:
    """``td_seq`` of a Series of float64 whose labels rise."""
    found = candles(close, least=1)
    whole = asint if isinstance(asint, bool) else False
    show_all = kwargs.get("show_all", True)
    shift = _sequential_module.get_offset(offset)
    filling = shift != 0 or "fillna" in kwargs or "fill_method" in kwargs
    if (
        found is None
        or filling
        or type(show_all) is not bool
        or not (close.index.is_unique and close.index.is_monotonic_increasing)
    ):
        return None
    (values,) = found
    up, down = np.empty(len(values)), np.empty(len(values))
    _sequential_of(values, up, down)
    for counts in (up, down):
        counts[counts == 0.0 if show_all else (counts < 6.0) | (counts > 9.0)] = np.nan
    suffix = "a" if show_all else ""
    columns = {f"TD_SEQ_UP{suffix}": up, f"TD_SEQ_DN{suffix}": down}
    if whole:
        lacking = [np.isnan(counts) for counts in (up, down)]
        if not (lacking[0].any() and lacking[1].any()):
            return None
        for counts, gaps in zip((up, down), lacking, strict=True):
            counts[gaps] = 0.0
        columns = {name: counts.astype(np.int64) for name, counts in columns.items()}
    return framed(columns, pd.RangeIndex(len(values)), 0, {}, "TD_SEQ", "momentum")


def _probes_of(length: int, *names: str) -> Any:
    def probes() -> Iterator[Call]:
        frame = walk(length)
        whole, short = ([part[name] for name in names] for part in (frame, frame.iloc[:4]))
        yield tuple(whole), {}
        yield tuple(short), {}

    return probes


_RANGE = ("high", "low", "close")
_OVERLAP, _ATR = "pandas_ta.overlap.", "pandas_ta.volatility.atr:atr"

REPLACEMENTS = (
    replacement(supertrend, _probes_of(60, *_RANGE), _ATR, _OVERLAP + "hl2:hl2"),
    replacement(hilo, _probes_of(60, *_RANGE), _OVERLAP + "ma:ma"),
    replacement(psar, _probes_of(60, "high", "low"), UTILS.replace("_core", "_math") + "zero"),
    replacement(qqe, _probes_of(60, "close"), _OVERLAP + "ma:ma", UTILS + "get_drift"),
    replacement(td_seq, _probes_of(24, "close")),
)
