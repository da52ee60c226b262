"""qtpylib's windows of one series: means, deviations, extremes, weighted means and what uses them.

Imports technical, which freqtrade takes qtpylib's indicators from.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import numpy as np
from technical.vendor.qtpylib import indicators as _indicators

from ... import _rolling
from ...runtime.registration import Call
from ..replacement import Replacement
from . import qtpylib_arrays as arrays
from .qtpylib_arrays import MODULE, Floats
from .qtpylib_prices import logarithms
from .technical_frames import is_number, prices, series, walk

_rolling_mean = _indicators.rolling_mean
_rolling_std = _indicators.rolling_std
_rolling_min = _indicators.rolling_min
_rolling_max = _indicators.rolling_max
_rolling_weighted_mean = _indicators.rolling_weighted_mean
_hull_moving_average = _indicators.hull_moving_average
_sma = _indicators.sma
_wma = _indicators.wma
_hma = _indicators.hma
_zlma = _indicators.zlma
_zlema = _indicators.zlema
_zlsma = _indicators.zlsma
_zlhma = _indicators.zlhma
_macd = _indicators.macd
_awesome_oscillator = _indicators.awesome_oscillator
_zscore = _indicators.zscore
_implied_volatility = _indicators.implied_volatility

_lagged, _kernel_mid = map(arrays.kernel, ("lagged", "mid"))


def _summed(
    given: Any,
    window: Any,
    min_periods: Any,
    steps: Callable[..., tuple[Floats, bool] | None],
    of_array: Callable[..., Floats | None],
) -> Any:
    """The Series of a mean or deviation, or an array's array; None where it is the original's."""
    array = arrays.plain_array(given)
    if array is not None:
        whole = min_periods is None or min_periods == window
        if not whole or type(window) is not int or len(array) <= window:
            return None
        return of_array(array, window)
    array = arrays.values(given)
    found = None if array is None else steps(array, window, min_periods)
    if found is None:
        return None
    return arrays.shared(found[0], given.index, given.name if found[1] else None)


@wraps(_rolling_mean)
def rolling_mean(series: Any, window: Any = 200, min_periods: Any = None) -> Any:
    """``rolling_mean`` of a Series or array of float64."""
    found = _summed(series, window, min_periods, arrays.mean, arrays.numpy_mean)
    return _rolling_mean(series, window, min_periods) if found is None else found


@wraps(_rolling_std)
def rolling_std(series: Any, window: Any = 200, min_periods: Any = None) -> Any:
    """``rolling_std`` of a Series or array of float64."""
    found = _summed(series, window, min_periods, arrays.std, arrays.numpy_std)
    return _rolling_std(series, window, min_periods) if found is None else found


@wraps(_rolling_min)
def rolling_min(series: Any, window: Any = 14, min_periods: Any = None) -> Any:
    """``rolling_min`` of a Series of float64."""
    found = _extreme(series, window, min_periods, _rolling.min)
    return _rolling_min(series, window, min_periods) if found is None else found


@wraps(_rolling_max)
def rolling_max(series: Any, window: Any = 14, min_periods: Any = None) -> Any:
    """``rolling_max`` of a Series of float64."""
    found = _extreme(series, window, min_periods, _rolling.max)
    return _rolling_max(series, window, min_periods) if found is None else found


def _extreme(given: Any, window: Any, min_periods: Any, extreme: Any) -> Any:
    if min_periods is None:
        min_periods = window
    array = arrays.values(given)
    if array is None or not arrays.is_window(window, min_periods):
        return None
    return arrays.shared(extreme(array, window, min_periods), given.index, given.name)


def _averaged(given: Any, window: Any, min_periods: Any, steps: Any) -> Any:
    """The Series of a weighted mean; None where it is the original's."""
    if min_periods is None:
        min_periods = window
    array = arrays.values(given)
    found = None if array is None else steps(array, window, min_periods)
    return None if found is None else arrays.shared(found, given.index, given.name)


@wraps(_rolling_weighted_mean)
def rolling_weighted_mean(series: Any, window: Any = 200, min_periods: Any = None) -> Any:
    """``rolling_weighted_mean`` of a Series of float64."""
    found = _averaged(series, window, min_periods, arrays.weighted)
    return _rolling_weighted_mean(series, window, min_periods) if found is None else found


@wraps(_hull_moving_average)
def hull_moving_average(series: Any, window: Any = 200, min_periods: Any = None) -> Any:
    """``hull_moving_average`` of a Series of float64."""
    found = _averaged(series, window, min_periods, arrays.hull)
    return _hull_moving_average(series, window, min_periods) if found is None else found


@wraps(_sma)
def sma(series: Any, window: Any = 200, min_periods: Any = None) -> Any:
    """``rolling_mean``."""
    return rolling_mean(series, window, min_periods)


@wraps(_wma)
def wma(series: Any, window: Any = 200, min_periods: Any = None) -> Any:
    """``rolling_weighted_mean``."""
    return rolling_weighted_mean(series, window, min_periods)


@wraps(_hma)
def hma(series: Any, window: Any = 200, min_periods: Any = None) -> Any:
    """``hull_moving_average``."""
    return hull_moving_average(series, window, min_periods)


@wraps(_zlma)
def zlma(series: Any, window: Any = 20, min_periods: Any = None, kind: Any = "ema") -> Any:
    """``zlma`` of a Series of float64."""
    found = _without_lag(series, window, min_periods, kind)
    return _zlma(series, window, min_periods, kind) if found is None else found


@wraps(_zlema)
def zlema(series: Any, window: Any, min_periods: Any = None) -> Any:
    """``zlma`` of a weighted mean."""
    return zlma(series, window, min_periods, "ema")


@wraps(_zlsma)
def zlsma(series: Any, window: Any, min_periods: Any = None) -> Any:
    """``zlma`` of a mean."""
    return zlma(series, window, min_periods, "sma")


@wraps(_zlhma)
def zlhma(series: Any, window: Any, min_periods: Any = None) -> Any:
    """``zlma`` of Hull's mean."""
    return zlma(series, window, min_periods, "hma")


def _without_lag(given: Any, window: Any, min_periods: Any, kind: Any) -> Any:
    if min_periods is None:
        min_periods = window
    array = arrays.values(given)
    if array is None or type(window) is not int or not 3 <= window < 2**31:
        return None
    if type(kind) is not str:
        return None
    lag = (window - 1) // 2
    lagged = _lagged(array, lag)
    if kind in ("ewm", "ema", "hma"):
        steps = arrays.hull if kind == "hma" else arrays.weighted
        found = steps(lagged, lag, min_periods)
        return None if found is None else arrays.shared(found, given.index, given.name)
    mean = arrays.mean(lagged, lag, min_periods)
    return (
        None
        if mean is None
        else arrays.shared(mean[0], given.index, given.name if mean[1] else None)
    )


@wraps(_macd)
def macd(series: Any, fast: Any = 3, slow: Any = 10, smooth: Any = 16) -> Any:
    """``macd`` of a Series of float64."""
    array = arrays.values(series)
    if array is None or not all(
        type(one) is int and 1 <= one < 2**31 for one in (fast, slow, smooth)
    ):
        return _macd(series, fast, slow, smooth)
    rows = np.empty((3, len(array)))
    with np.errstate(all="ignore"):
        quick = _rolling.ewm_mean(array, span=fast, min_periods=fast)
        np.subtract(quick, _rolling.ewm_mean(array, span=slow, min_periods=slow), out=rows[0])
        rows[1] = _rolling.ewm_mean(rows[0], span=smooth, min_periods=smooth)
        np.subtract(rows[0], rows[1], out=rows[2])
    return arrays.frame_of(rows, series.index, ("macd", "signal", "histogram"))


@wraps(_awesome_oscillator)
def awesome_oscillator(df: Any, weighted: Any = False, fast: Any = 5, slow: Any = 34) -> Any:
    """``awesome_oscillator`` of prices of float64."""
    found = _oscillation(df, weighted, fast, slow)
    if found is None:
        return _awesome_oscillator(df, weighted, fast, slow)
    return arrays.shared(found, df.index)


def _oscillation(bars: Any, weighted: Any, fast: Any, slow: Any) -> Floats | None:
    columns = prices(bars, "high", "low")
    if columns is None or type(weighted) is not bool:
        return None
    middle = _kernel_mid(*columns)
    means: list[Floats | None]
    if weighted:
        if not all(type(one) is int and one >= 0 for one in (fast, slow)):
            return None
        means = [_rolling.ewm_mean(middle, com=one) for one in (fast, slow)]
    else:
        means = [arrays.numpy_mean(middle, one) for one in (fast, slow)]
    quick, slower = means
    if quick is None or slower is None:
        return None
    with np.errstate(all="ignore"):
        return np.subtract(quick, slower, out=quick)


@wraps(_zscore)
def zscore(bars: Any, window: Any = 20, stds: Any = 1, col: Any = "close") -> Any:
    """``zscore`` of a column of float64."""
    columns = prices(bars, col)
    if columns is None or not is_number(stds):
        return _zscore(bars, window, stds, col)
    std, mean = (one(columns[0], window) for one in (arrays.numpy_std, arrays.numpy_mean))
    # What numpy multiplies outside of pandas, it warns of.
    if std is None or mean is None or abs(stds) > 1e100:
        return _zscore(bars, window, stds, col)
    std *= stds
    with np.errstate(all="ignore"):
        np.subtract(columns[0], mean, out=mean)
        mean /= std
    return series(mean, bars.index, col)


@wraps(_implied_volatility)
def implied_volatility(series: Any, window: Any = 252) -> Any:
    """``implied_volatility`` of a Series of float64."""
    array = arrays.values(series)
    if array is None or type(window) is not int or not 2 <= window <= len(array):
        return _implied_volatility(series, window)
    found = arrays.numpy_std(logarithms(array), window)
    if found is None:
        return _implied_volatility(series, window)
    found *= np.sqrt(window)
    return arrays.shared(found, series.index)


def _windows() -> Iterator[Call]:
    close = walk()["close"]
    yield (close, 20), {}
    yield (close, 13, 1), {}
    with_gaps = close.where(close.index % 9 != 4).rename(None)
    for window in (2, 5, 8, 40, 41):
        yield (with_gaps, window), {}
        yield (close.iloc[3:], window, 2), {}
    yield (close, 17.0), {}


def _lags() -> Iterator[Call]:
    close = walk()["close"]
    for window, least in ((20, 5), (9, 4), (5, 1), (12, None), (3, 1)):
        yield (close, window, least), {}


def _periods() -> Iterator[Call]:
    close = walk()["close"]
    yield (close,), {}
    yield (close.where(close.index % 9 != 4), 2, 5, 3), {}
    yield (close.iloc[:1],), {}


def _candles() -> Iterator[Call]:
    bars = walk()
    yield (bars,), {}
    yield (bars, True), {}
    yield (bars.iloc[:30], False, 2, 17), {}


def _scores() -> Iterator[Call]:
    bars = walk()
    yield (bars,), {}
    yield (bars, 9, 2, "volume"), {}
    yield (bars.set_index("date"), 40), {}


def _volatilities() -> Iterator[Call]:
    close = walk()["close"]
    for window in (20, 252, 2):
        yield (close, window), {}


# Decorated functions hide their own code in another's: these are known by their last line.
_DECORATED = {
    "numpy_rolling_mean": "return np.mean(numpy_rolling_window(data, window), axis=-1)",
    "numpy_rolling_std": "return np.std(numpy_rolling_window(data, window), axis=-1, ddof=1)",
}


def unfit() -> str | None:
    """Why windows would come out otherwise in this process; None where they don't."""
    for name, line in _DECORATED.items():
        cells: Any = getattr(getattr(_indicators, name), "__closure__", None)
        try:
            known = inspect.getsource(cells[0].cell_contents).rstrip().endswith(line)
        except (OSError, TypeError, IndexError):
            known = False
        if not known:
            return f"{MODULE}{name} is another function"
    return _rolling.certified()


def _of(name: str, ours: Any, probes: Any, *relies_on: str) -> Replacement:
    return Replacement(
        MODULE + name,
        ours,
        "qtpylib's averages",
        relies_on=tuple(MODULE + one for one in relies_on),
        native=True,
        unfit=unfit,
        probes=probes,
    )


_OF_NUMPY = ("numpy_rolling_window", "numpy_rolling_series")
_MEAN = ("rolling_mean", *_OF_NUMPY)
_STD = ("rolling_std", *_OF_NUMPY)
_HULL = ("hull_moving_average", "rolling_weighted_mean")
_LAG = ("zlma", "sma", "wma", "hma", *_MEAN, *_HULL)

REPLACEMENTS = (
    _of("rolling_mean", rolling_mean, _windows, *_MEAN[1:]),
    _of("rolling_std", rolling_std, _windows, *_STD[1:]),
    _of("rolling_min", rolling_min, _windows),
    _of("rolling_max", rolling_max, _windows),
    _of("rolling_weighted_mean", rolling_weighted_mean, _windows),
    _of("hull_moving_average", hull_moving_average, _windows, *_HULL[1:]),
    _of("sma", sma, _windows, *_MEAN),
    _of("wma", wma, _windows, "rolling_weighted_mean"),
    _of("hma", hma, _windows, *_HULL),
    _of("zlma", zlma, _lags, *_LAG[1:]),
    _of("zlema", zlema, _lags, *_LAG),
    _of("zlsma", zlsma, _lags, *_LAG),
    _of("zlhma", zlhma, _lags, *_LAG),
    _of("macd", macd, _periods, "rolling_weighted_mean"),
    _of("awesome_oscillator", awesome_oscillator, _candles, *_OF_NUMPY),
    _of("zscore", zscore, _scores, *_OF_NUMPY),
    _of("implied_volatility", implied_volatility, _volatilities, *_OF_NUMPY),
)
