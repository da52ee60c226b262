"""technical's indicators that write columns into the caller's frame or a copy, and those of volume.

Imports technical and TA-Lib.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator
from functools import wraps
from typing import Any

import numpy as np
import pandas as pd
import talib
from technical.indicators import indicators as _indicators
from technical.vendor.qtpylib.indicators import rolling_mean as _patched_mean

from ... import _rolling
from ...runtime.registration import Call
from ..replacement import Replacement
from .qtpylib_arrays import MODULE as QTPYLIB
from .qtpylib_arrays import mean
from .qtpylib_averages import unfit as _unfit_means
from .technical_columns import put_beside, put_columns, with_columns
from .technical_frames import (
    INDICATORS,
    OVERLAP,
    Floats,
    chosen,
    is_number,
    is_whole,
    prices,
    series,
    shifted,
    walk,
)

_rolling_mean = inspect.unwrap(_patched_mean)
_vfi = _indicators.vfi
_stc = _indicators.stc
_vpci = _indicators.vpci
_vpcii = _indicators.vpcii
_madr = _indicators.MADR
_vwmacd = _indicators.vwmacd
_osc = _indicators.osc
_return_on_investment = _indicators.return_on_investment

_TEMPORARY = frozenset(
    ("hlc", "inter", "vinter", "cutoff", "vave", "vmax", "vc", "mf", "vcp"),
)
# With more columns, pandas might warn of the frame's many parts.
_MANY = 80


@wraps(_vfi)
def vfi(
    dataframe: Any,
    length: Any = 130,
    coef: Any = 0.2,
    vcoef: Any = 2.5,
    signalLength: Any = 5,  # noqa: N803
    smoothVFI: Any = False,  # noqa: N803
) -> Any:
    """``vfi`` of candles of float64 with prices above 0, in a frame without its own columns."""
    columns = prices(dataframe, "high", "low", "close", "volume")
    arguments = length, coef, vcoef, signalLength, smoothVFI
    if (
        columns is None
        or not is_whole(length, 2)
        or not is_whole(signalLength, 2)
        or not (is_number(coef) and is_number(vcoef))
        or type(smoothVFI) is not bool
        or len(dataframe.columns) > _MANY
        or not _TEMPORARY.isdisjoint(dataframe.columns)
    ):
        return _vfi(dataframe, *arguments)
    found = _volume_flow(columns, length, coef, vcoef)
    if found is None:
        return _vfi(dataframe, *arguments)
    if smoothVFI:
        found = talib.SMA(found, 3)
    average = talib.EMA(found, signalLength)
    with np.errstate(all="ignore"):
        difference = found - average
    put_columns(dataframe, {"vfi": found, "vfima": average, "vfi_hist": difference})
    return dataframe["vfi"], dataframe["vfima"], dataframe["vfi_hist"]


def _volume_flow(columns: list[Floats], length: int, coef: Any, vcoef: Any) -> Floats | None:
    """The column ``vfi`` before it is smoothed; None where a price has no logarithm."""
    high, low, close, volume = columns
    with np.errstate(all="ignore"):
        typical = (high + low + close) / 3
        if not typical.min() > 0.0 and (typical <= 0.0).any():
            return None
        # The math module's, whose bits aren't numpy's.
        logarithms = np.array(list(map(math.log, typical.tolist())))
        deviation = _rolling.std(logarithms - shifted(logarithms, 1), 30, ddof=0)
        cutoff = coef * deviation * close
        average = talib.SMA(shifted(volume, 1), length)
        most = average * vcoef
        counted = np.where(volume < most, volume, most)
        moved = typical - shifted(typical, 1)
        falls = np.where(moved < -cutoff, -counted, 0.0)
        out: Floats = _rolling.sum(np.where(moved > cutoff, counted, falls), length) / average
    return out


@wraps(_stc)
def stc(dataframe: Any, fast: Any = 23, slow: Any = 50, length: Any = 10) -> Any:
    """``stc`` of closes of float64."""
    columns = prices(dataframe, "close")
    if columns is None or not (is_whole(fast, 2) and is_whole(slow, 2) and is_whole(length)):
        return _stc(dataframe, fast, slow, length)
    (close,) = columns
    with np.errstate(all="ignore"):
        macd = talib.EMA(close, fast) - talib.EMA(close, slow)
        lowest = _rolling.min(macd, length)
        k = ((macd - lowest) / (_rolling.max(macd, length) - lowest)) * 100
        d = _rolling.mean(k, length)
        out = 100 * (macd - (k * macd)) / ((d * macd) - (k * macd))
    put_columns(dataframe, {"stc": out})
    return dataframe["stc"]


def _confirmation(columns: Any, short: int, long: int) -> Floats:
    """The values of ``vpci``, of closes and volumes."""
    close, volume = columns
    with np.errstate(all="ignore"):
        weighted = [
            _rolling.sum(close * volume, window) / _rolling.sum(volume, window)
            for window in (long, short)
        ]
        of_price = weighted[0] - talib.SMA(close, long)
        ratio = weighted[1] / talib.SMA(close, short)
        of_volume = talib.SMA(volume, short) / talib.SMA(volume, long)
        out: Floats = of_price * ratio * of_volume
    return out


@wraps(_vpci)
def vpci(dataframe: Any, period_short: Any = 5, period_long: Any = 20) -> Any:
    """``vpci`` of closes and volumes of float64."""
    columns = prices(dataframe, "close", "volume")
    if columns is None or not (is_whole(period_short, 2) and is_whole(period_long, 2)):
        return _vpci(dataframe, period_short, period_long)
    return series(_confirmation(columns, period_short, period_long), dataframe.index)


@wraps(_vpcii)
def vpcii(
    dataframe: Any,
    period_short: Any = 5,
    period_long: Any = 20,
    hist: Any = 8,
    hist_long: Any = 30,
) -> Any:
    """``vpcii`` of closes and volumes of float64."""
    columns = prices(dataframe, "close", "volume")
    if (
        columns is None
        or not (is_whole(period_short, 2) and is_whole(period_long, 2))
        or not is_whole(hist)
    ):
        return _vpcii(dataframe, period_short, period_long, hist, hist_long)
    values = _confirmation(columns, period_short, period_long)
    with np.errstate(all="ignore"):
        above = values - _rolling.mean(values, hist)
        out = np.abs(above / shifted(above, 1) - 1)
    return series(out, dataframe.index, "vpci_hist")


@wraps(_madr)
def MADR(  # noqa: N802
    dataframe: Any, length: Any = 21, stds_dist: Any = 2, matype: Any = "sma"
) -> Any:
    """``MADR`` of closes of float64."""
    columns = prices(dataframe, "close")
    if (
        columns is None
        or not (is_whole(length, 2) and is_whole(stds_dist))
        or length * stds_dist > 100_000
        or type(matype) is not str
    ):
        return _madr(dataframe, length, stds_dist, matype)
    (close,) = columns
    average = talib.EMA if matype.lower() == "ema" else talib.SMA
    with np.errstate(all="ignore"):
        rate = (close / average(close, length)) * 100 - 100
        center = average(rate, length * stds_dist)
        width = talib.STDDEV(rate, length * stds_dist) * stds_dist
        bands = {"plusdev": center + width, "minusdev": center - width}
    return with_columns(dataframe, {"rate": rate, "stdcenter": center, **bands})


@wraps(_vwmacd)
def vwmacd(
    dataframe: Any, *, fastperiod: Any = 12, slowperiod: Any = 26, signalperiod: Any = 9
) -> Any:
    """``vwmacd`` of closes and volumes of float64."""
    columns = prices(dataframe, "close", "volume")
    periods = fastperiod, slowperiod, signalperiod
    if columns is None or not all(is_whole(period, 2) for period in periods):
        return _vwmacd(
            dataframe, fastperiod=fastperiod, slowperiod=slowperiod, signalperiod=signalperiod
        )
    close, volume = columns
    with np.errstate(all="ignore"):
        product = volume * close
    # The original divides arrays, of which numpy warns.
    fast, slow = (talib.EMA(product, period) / talib.EMA(volume, period) for period in periods[:2])
    with np.errstate(all="ignore"):
        macd = fast - slow
        signal = talib.EMA(macd, signalperiod)
        found = {"vwmacd": macd, "signal": signal, "hist": macd - signal}
    return put_beside(dataframe, {"fastMA": fast, "slowMA": slow}, found)


@wraps(_osc)
def osc(dataframe: Any, periods: Any = 14) -> Any:
    """``osc`` of prices of float64, its means those of qtpylib."""
    columns = prices(dataframe, "high", "low")
    if columns is None or not is_whole(periods):
        return _osc(dataframe, periods)
    high, low = columns
    with np.errstate(all="ignore"):
        up, down = high - shifted(high, 1), shifted(low, 1) - low
        # As max(x, 0) has it: what isn't below 0 is itself.
        moves = {"DM": chosen(up < 0, 0.0, up), "DMn": chosen(down < 0, 0.0, down)}
    means = _means(moves, periods)
    put_columns(dataframe, moves)
    up, down = means or (_mean(dataframe[name], periods) for name in moves)
    with np.errstate(all="ignore"):
        out = up / (up + down)
    return series(out, dataframe.index)


def _means(moves: dict[str, Floats], periods: int) -> list[Floats] | None:
    """What qtpylib's means are, where these are what is among the methods of a Series."""
    if inspect.unwrap(pd.Series.rolling_mean) is not _rolling_mean:  # type: ignore[attr-defined]
        return None
    found = [mean(one, periods) for one in moves.values()]
    return [one[0] for one in found if one is not None] if all(found) else None


def _mean(one: Any, periods: int) -> Floats:
    """Of what qtpylib put among the methods of a Series."""
    values: Floats = pd.Series.rolling_mean(one, periods).to_numpy()  # type: ignore[attr-defined]
    return values


@wraps(_return_on_investment)
def return_on_investment(dataframe: Any, decimals: Any = 2) -> Any:
    """``return_on_investment`` of closes of float64 and any column of signals."""
    columns = prices(dataframe, "close")
    if columns is None or type(decimals) is not int or "buy" not in dataframe.columns:
        return _return_on_investment(dataframe, decimals)
    signals = np.array(dataframe["buy"]) == 1
    if signals.dtype != np.bool_:
        return _return_on_investment(dataframe, decimals)
    (close,) = columns
    roi = np.zeros(len(close))
    first = int(signals.argmax())
    if signals[first]:
        buys = np.flatnonzero(signals)
        bought = np.repeat(close[buys], np.diff(buys, append=len(close)))
        try:
            with np.errstate(all="raise"):
                gain = close[first:] / bought
                gain -= 1.0
                gain *= 100.0
                np.round(gain, decimals, out=roi[first:])
        except FloatingPointError:
            # In which order numpy warns is the original's.
            return _return_on_investment(dataframe, decimals)
    put_columns(dataframe, {"roi": roi})
    return dataframe


def _probes_of_vpci() -> Iterator[Call]:
    for arguments in ((), (3, 9)):
        yield (walk(), *arguments), {}


def _probes_of_madr() -> Iterator[Call]:
    for arguments in ((), (5, 3, "ema")):
        yield (walk(), *arguments), {}


_WINDOWS = "technical's windows of volume"

# Without probes are those that write into their argument.
REPLACEMENTS = (
    Replacement(INDICATORS + "vfi", vfi, _WINDOWS, native=True, unfit=_rolling.certified),
    Replacement(INDICATORS + "stc", stc, _WINDOWS, native=True, unfit=_rolling.certified),
    *(
        Replacement(
            INDICATORS + ours.__name__,
            ours,
            _WINDOWS,
            relies_on=(OVERLAP + "vwma", OVERLAP + "sma", INDICATORS + "vpci"),
            native=True,
            unfit=_rolling.certified,
            probes=_probes_of_vpci,
        )
        for ours in (vpci, vpcii)
    ),
    Replacement(INDICATORS + "MADR", MADR, "technical's columns", probes=_probes_of_madr),
    Replacement(INDICATORS + "vwmacd", vwmacd, "technical's columns"),
    Replacement(
        INDICATORS + "osc",
        osc,
        "technical's columns",
        relies_on=tuple(
            QTPYLIB + name
            for name in ("rolling_mean", "numpy_rolling_window", "numpy_rolling_series")
        ),
        native=True,
        unfit=_unfit_means,
    ),
    Replacement(INDICATORS + "return_on_investment", return_on_investment, "technical's columns"),
)
