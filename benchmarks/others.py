"""``python -m benchmarks.others``: indicators of other packages, beside ours, in one run.

Compared is what is installed of tulipy, ta-numba, pandas-ta-classic, polars-talib and talib-rs,
best in an environment of its own: ``pip install . TA-Lib==0.8.2 hypothesis tulipy ta-numba
pandas-ta-classic polars-talib``. Each is called with the kind of data that it takes, ours
(``talib_func``) with the same: 100,000 candles, TA-Lib's default parameters. What was found is kept
in docs/talib.json, and docs/talib.md is written anew.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from inspect import signature
from typing import Any

import numpy as np
import pandas as pd
import talib

from ft_numba_aot import talib_func
from ft_numba_aot.ta._table import DEFINITIONS

from . import talib_results
from .comparisons import ARRAY_LENGTH, market_with_periods
from .timing import interleaved

RUNS, SECONDS = 25, 1.5
TAIL = 1_000  # values at the end that are compared: there seeds hardly matter
CLOSE = 1e-9

Call = Callable[[], Any]

# tulipy's names, where they aren't ours in lower case; its options are our parameters.
TULIPY = {
    **{
        name: name.lower()
        for name in "SMA EMA WMA DEMA TEMA TRIMA KAMA HMA ZLEMA VWMA BBANDS RSI MACD STOCH ADX ADXR"
        " DX ATR NATR CCI CMO MFI MOM WILLR AROON AROONOSC ULTOSC OBV AD ADOSC AO APO PPO"
        " STDDEV VAR TSF MIN MAX SUM TRIX VHF FOSC QSTICK MARKETFI NVI PVI WAD DPO BOP AVGPRICE"
        " MEDPRICE TYPPRICE ADD SUB DIV ACOS ASIN ATAN CEIL COS COSH EXP FLOOR LN LOG10 SIN SINH"
        " SQRT TAN TANH".split()
    },
    "RMA": "wilders",
    "SAR": "psar",
    "ROC": "roc",
    "ROCR": "rocr",
    "LINEARREG": "linreg",
    "LINEARREG_SLOPE": "linregslope",
    "LINEARREG_INTERCEPT": "linregintercept",
    "TRANGE": "tr",
    "WCLPRICE": "wcprice",
    "MULT": "mul",
    "MASSI": "mass",
    "PLUS_DI": "di",
    "PLUS_DM": "dm",
}

# ta-numba's modules and names; they take what ours read, then the parameters.
TA_NUMBA = {
    "RSI": "momentum.rsi",
    "ROC": "momentum.roc",
    "STOCHF": "momentum.stoch",
    "TSI": "momentum.tsi",
    "ULTOSC": "momentum.ultimate_oscillator",
    "WILLR": "momentum.williams_r",
    "ATR": "volatility.average_true_range",
    "BBANDS": "volatility.bollinger_bands",
    "DONCHIAN": "volatility.donchian_channel",
    "KC": "volatility.keltner_channel",
    "AD": "volume.acc_dist_index",
    "CMF": "volume.chaikin_money_flow",
    "EFI": "volume.force_index",
    "MFI": "volume.money_flow_index",
    "NVI": "volume.negative_volume_index",
    "OBV": "volume.on_balance_volume",
    "PVT": "volume.volume_price_trend",
    "LINEARREG_SLOPE": "others.linear_regression_slope",
    "SMA": "trend.sma",
    "EMA": "trend.ema",
    "WMA": "trend.weighted_moving_average",
    "MACD": "trend.macd",
    "ADX": "trend.adx",
    "CCI": "trend.cci",
    "DPO": "trend.dpo",
    "TRIX": "trend.trix",
    "AROON": "trend.aroon",
    "SAR": "trend.parabolic_sar",  # of 0.4.0, it doesn't compile
    "VORTEX": "trend.vortex_indicator",
    "KAMA": "momentum.kama",
    "PPO": "momentum.ppo",
}

# pandas-ta-classic's names; they take what ours read, as Series, and a period as ``length``.
PANDAS_TA = {
    **{
        name: name.lower()
        for name in "SMA EMA WMA DEMA TEMA TRIMA KAMA HMA RMA T3 VWMA RSI MACD STOCH ADX ATR NATR"
        " CCI CMO MFI MOM ROC WILLR AROON BOP OBV AD ADOSC AO APO PPO TRIX TSI MIDPOINT MIDPRICE"
        " SUPERTREND DONCHIAN KC BBANDS CMF EFI NVI PVI PVT QSTICK DPO MASSI VORTEX ER".split()
    },
    "LINEARREG": "linreg",
    "STDDEV": "stdev",
    "VAR": "variance",
    "TRANGE": "true_range",
    "ZLEMA": "zlma",
    "ULTOSC": "uo",
    "SAR": "psar",
}


def _columns(name: str) -> list[np.ndarray[Any, Any]]:
    candles = market_with_periods(ARRAY_LENGTH)
    names: list[str] = []
    for series in DEFINITIONS[name].inputs.values():
        names += series if isinstance(series, list) else [series]
    return [candles[one] for one in names]


def _periods(name: str) -> list[int | float]:
    """The parameters but for the types of moving averages."""
    return [p.default for p in DEFINITIONS[name].parameters if not p.name.endswith("matype")]


def of_talib(name: str) -> tuple[Call, Call]:
    """Theirs and ours, as in each of these functions."""
    arrays = _columns(name)
    return lambda: getattr(talib, name)(*arrays), _ours(name, arrays)


def of_tulipy(name: str) -> tuple[Call, Call]:
    tulipy = importlib.import_module("tulipy")
    function = getattr(tulipy, TULIPY[name])
    arrays, options = _columns(name), _periods(name)[: len(function.options)]
    if name == "MASSI":
        options = options[-1:]
    given = arrays[: len(function.inputs)]
    return lambda: function(*given, *options), _ours(name, arrays)


def of_ta_numba(name: str) -> tuple[Call, Call]:
    module, _, called = TA_NUMBA[name].partition(".")
    function = getattr(importlib.import_module(f"ta_numba.{module}"), called)
    arrays = _columns(name)
    periods = _periods(name)[: len(signature(function).parameters) - len(arrays)]
    return lambda: function(*arrays, *periods), _ours(name, arrays)


def of_pandas_ta(name: str) -> tuple[Call, Call]:
    function = getattr(importlib.import_module("pandas_ta_classic"), PANDAS_TA[name])
    index = pd.date_range("2020", periods=ARRAY_LENGTH, freq="5min")
    series = [pd.Series(array, index) for array in _columns(name)]
    periods = _periods(name)
    length = {"length": periods[0]} if len(periods) == 1 else {}
    return lambda: function(*series, talib=False, **length), _ours(name, series)


def of_polars_talib(name: str) -> tuple[Call, Call]:
    polars = importlib.import_module("polars")
    function = getattr(importlib.import_module("polars_talib"), name.lower())
    arrays = _columns(name)
    frame = polars.DataFrame({f"c{at}": array for at, array in enumerate(arrays)})
    expression = function(*(polars.col(one) for one in frame.columns))
    return lambda: frame.select(expression), _ours(name, list(frame.get_columns()))


def of_talib_rs(name: str) -> tuple[Call, Call]:
    function = getattr(importlib.import_module("talib_rs"), name)
    arrays = _columns(name)
    return lambda: function(*arrays), _ours(name, arrays)


def _ours(name: str, given: list[Any]) -> Call:
    function = getattr(talib_func, name)
    return lambda: function(*given)


PACKAGES: Mapping[str, tuple[Callable[[str], tuple[Call, Call]], Any]] = {
    "TA-Lib": (of_talib, DEFINITIONS),
    "talib-rs": (of_talib_rs, DEFINITIONS),
    "tulipy": (of_tulipy, TULIPY),
    "ta-numba": (of_ta_numba, TA_NUMBA),
    "pandas-ta-classic": (of_pandas_ta, PANDAS_TA),
    "polars-talib": (of_polars_talib, DEFINITIONS),
}


def _first(result: Any) -> np.ndarray[Any, Any] | None:
    """The last values of the first output, whatever holds it."""
    if hasattr(result, "to_series"):  # a frame of polars, with a struct of several outputs
        result = result.to_series()
        if hasattr(result.dtype, "fields"):
            result = result.struct.field(result.dtype.fields[0].name)
    if isinstance(result, tuple | list):
        result = result[0]
    if isinstance(result, pd.DataFrame):
        result = result.iloc[:, 0]
    array = np.asarray(result, dtype=float)
    return array[-TAIL:] if len(array) >= TAIL else None


def likeness(theirs: Any, ours: Any) -> str:
    """Whether the last values are the same: to the bit, nearly, or not."""
    one, other = _first(theirs), _first(ours)
    if one is None or other is None:
        return "≠"
    if np.array_equal(one, other, equal_nan=True):
        return "="
    return "≈" if np.allclose(one, other, rtol=CLOSE, atol=0.0, equal_nan=True) else "≠"


def measured() -> Iterator[tuple[str, str, list[Any]]]:
    """Package, function, and seconds of theirs and ours with what their results are to ours."""
    for package, (calls, names) in PACKAGES.items():
        try:
            version(package)
        except PackageNotFoundError:
            continue
        for name in DEFINITIONS:
            if name not in names:
                continue
            try:
                theirs, ours = calls(name)
                like = likeness(theirs(), ours())
            except Exception as error:
                print(f"{package} {name}: {type(error).__name__}: {error}", file=sys.stderr)
                continue
            times = interleaved(theirs, ours, runs=RUNS, seconds=SECONDS)
            yield package, name, [*times, like]


def main() -> None:
    """Measure, keep and write."""
    versions: dict[str, str] = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = ""
    found: dict[str, dict[str, list[Any]]] = {package: {} for package in PACKAGES}
    for package, name, times in measured():
        found[package][name] = times
        print(f"{package} {name}: {times[0] / times[1]:.2f} {times[2]}", flush=True)
    talib_results.keep("others", {"versions": versions, "times": found})


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
