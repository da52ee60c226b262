"""qtpylib's indicators are those of its own functions, on whatever series and frame."""

from __future__ import annotations

import copy
import importlib
import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from candles import SHAPES as PRICE_SHAPES
from candles import any_candles, frame, prices, same_bits
from candles import candles as made
from hypothesis import given
from hypothesis import strategies as st
from pandas.core.base import PandasObject
from technical.vendor.qtpylib import indicators

import ft_numba_aot
from ft_numba_aot import _backend, qtpylib
from ft_numba_aot.freqtrade_integration.indicators import (
    qtpylib_arrays,
    qtpylib_averages,
    qtpylib_bands,
    qtpylib_prices,
)
from ft_numba_aot.runtime.manager import get_numba_manager

from .frames import assert_same, outcome

FOLDER = os.environ.get("FT_NUMBA_AOT_CANDLES")
MODULES = (qtpylib_prices, qtpylib_averages, qtpylib_bands)
REPLACEMENTS = {
    one.original.partition(":")[2]: one for module in MODULES for one in module.REPLACEMENTS
}
STOCK = {name: getattr(indicators, name) for name in REPLACEMENTS}

ONE_WINDOW = ("roc", "rsi", "implied_volatility")
LEAST = (
    *("rolling_mean", "rolling_std", "rolling_min", "rolling_max", "rolling_weighted_mean"),
    *("hull_moving_average", "sma", "wma", "hma", "zlma", "zlema", "zlsma", "zlhma"),
)
BANDS = ("bollinger_bands", "weighted_bollinger_bands")
SERIES = ("returns", "log_returns", "tdi", "macd", *ONE_WINDOW, *LEAST, *BANDS)
FRAME_WINDOW = ("atr", "keltner_channel", "cci", "stoch", "chopiness", "zscore")
FRAMES = (
    *("typical_price", "mid_price", "ibs", "true_range", "pvt"),
    *("awesome_oscillator", "rolling_vwap", *FRAME_WINDOW),
)


def _listed(data: Any) -> Any:
    """An array as what can be compared, an error without its message's addresses."""
    if isinstance(data, tuple) and data and isinstance(data[0], type):
        return data[0], re.sub("0x[0-9a-f]+", "", data[1])
    return (str(data.dtype), data.tolist()) if isinstance(data, np.ndarray) else data


def _check(name: str, bars: Any, *arguments: Any, **options: Any) -> None:
    """The same comes of it, and the same becomes of what it was given."""
    mine, theirs = copy.deepcopy(bars), copy.deepcopy(bars)
    ours = outcome(REPLACEMENTS[name].ours, mine, *arguments, **options)
    stock = outcome(STOCK[name], theirs, *arguments, **options)
    try:
        assert_same([*map(_listed, stock)], [*map(_listed, ours)])
        if not isinstance(bars, pd.DataFrame) or bars.columns.is_unique:
            assert_same(_listed(mine), _listed(theirs))
    except AssertionError as error:
        raise AssertionError(f"{name} {arguments} {options}: {error}") from error


def _windows(length: int) -> list[int]:
    return sorted({1, 2, 3, 7, 8, 9, 20, max(length - 1, 0), length, length + 1, length + 2, 130})


def _arguments(name: str, draw: Callable[..., Any], length: int) -> tuple[Any, ...]:
    def window() -> int:
        return int(draw(st.sampled_from(_windows(length))))

    times = draw(st.sampled_from([2, 1, 0, 2.0, 1.6185, -0.5]))
    if name in LEAST:
        arguments: tuple[Any, ...] = (window(), draw(st.sampled_from([None, 1, 2, window()])))
        return (
            (*arguments, draw(st.sampled_from(["ema", "sma", "hma"])))
            if name == "zlma"
            else (arguments)
        )
    if name in BANDS or name == "keltner_channel":
        return window(), times
    if name == "atr":
        return window(), draw(st.booleans())
    if name in ONE_WINDOW or name in FRAME_WINDOW:
        return (window(),)
    if name == "rolling_vwap":
        return window(), draw(st.sampled_from([None, 1, window()]))
    if name == "awesome_oscillator":
        return draw(st.booleans()), window(), window()
    if name == "tdi":
        return window(), window(), window(), window(), times
    return (window(), window(), window()) if name == "macd" else ()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [*SERIES, *FRAMES])
@given(st.data(), any_candles(max_size=170))
def test_any_candles(name: str, data: st.DataObject, columns: Any) -> None:
    bars = pd.DataFrame(columns)
    arguments = _arguments(name, data.draw, len(bars))
    if name in SERIES:
        column = data.draw(st.sampled_from(["close", "volume"]))
        _check(name, bars[column], *arguments)
    else:
        _check(name, bars, *arguments)


def _bars(length: int = 60) -> pd.DataFrame:
    return frame(made(np.random.default_rng(3), length, "walk"))


class _Frame(pd.DataFrame):
    @property
    def _constructor(self):
        return _Frame


class _Series(pd.Series):
    @property
    def _constructor(self):
        return _Series


def _attributes(data):
    data.attrs["source"] = "somewhere"
    return data


ANY: dict[str, Callable[[Any], Any]] = {
    "plain": lambda data: data,
    "sliced": lambda data: data.iloc[2:],
    "reversed": lambda data: data.iloc[::-1],
    "every other": lambda data: data.iloc[::2],
    "short": lambda data: data.iloc[:9],
    "one": lambda data: data.iloc[:1],
    "none": lambda data: data.iloc[:0],
    "labels": lambda data: data.set_axis([f"r{i}" for i in range(len(data))]),
    "repeated labels": lambda data: data.set_axis([0] * len(data)),
    "dates": lambda data: data.set_axis(
        pd.date_range("2024-01-01", periods=len(data), freq="5min", name="date")
    ),
    "two levels": lambda data: data.set_axis(
        pd.MultiIndex.from_product([["a", "b"], range(len(data) // 2)])
    ),
    "a named index": lambda data: data.rename_axis("row"),
    "strict labels": lambda data: data.set_flags(allows_duplicate_labels=False),
    "attributes": _attributes,
    "nothing": lambda data: None,
}
ANY_SERIES: dict[str, Callable[[Any], Any]] = {
    **ANY,
    "without a name": lambda series: series.rename(None),
    "a number for a name": lambda series: series.rename(1),
    "NaN for a name": lambda series: series.rename(np.nan),
    "integers": lambda series: series.astype(int),
    "single precision": lambda series: series.astype(np.float32),
    "nullable": lambda series: series.astype("Float64"),
    "objects": lambda series: series.astype(object),
    "a subclass": _Series,
    "an array": lambda series: series.to_numpy(),
    "every other of an array": lambda series: series.to_numpy()[::2],
    "a list": lambda series: series.tolist(),
    "constant": lambda series: series * 0.0 + 3.0,
    "huge": lambda series: series * 1e306,
    "infinite": lambda series: series.where(series.index != 20, np.inf),
}
ANY_FRAME: dict[str, Callable[[Any], Any]] = {
    **ANY,
    "whole prices": lambda bars: bars.assign(high=300, low=100),
    "single precision": lambda bars: bars.astype({"high": np.float32}),
    "nullable": lambda bars: bars.astype({"low": "Float64"}),
    "objects": lambda bars: bars.astype({"close": object}),
    "text": lambda bars: bars.assign(close="1"),
    "a column twice": lambda bars: pd.concat([bars, bars[["close"]]], axis=1),
    "no close": lambda bars: bars.drop(columns="close"),
    "a subclass": _Frame,
    "a view": lambda bars: bars[["close", "low", "high", "volume"]],
    "a dict": lambda bars: bars.to_dict("list"),
    "without volume": lambda bars: bars.assign(volume=0.0),
    "zeros of both signs": lambda bars: bars.assign(high=-0.0, low=0.0, close=0.0),
    "constant": lambda bars: bars.assign(high=3.0, low=3.0, close=3.0),
    "huge": lambda bars: bars.assign(high=1e308, low=-1e308),
    "infinite": lambda bars: bars.assign(close=bars["close"].where(bars.index != 20, -np.inf)),
    "named columns": lambda bars: bars.rename_axis(columns="column"),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("shape", ANY_SERIES)
def test_any_series(shape: str) -> None:
    given = ANY_SERIES[shape](_bars()["close"].copy())
    for name in SERIES:
        for arguments in ((), (5,)) if name not in ("zlema", "zlsma", "zlhma") else ((6, 2),):
            _check(name, given, *arguments)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("shape", ANY_FRAME)
def test_any_frame(shape: str) -> None:
    given = ANY_FRAME[shape](_bars())
    for name in FRAMES:
        _check(name, given)
        if name in FRAME_WINDOW:
            _check(name, given, 5)
    _check("rolling_vwap", given, 7, 1)


ODD = (
    0,
    -1,
    1,
    2,
    59,
    60,
    61,
    5.0,
    2.5,
    True,
    np.int64(5),
    np.float64(5),
    None,
    "5",
    2**40,
    np.nan,
)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("window", ODD, ids=repr)
def test_any_window(window: Any) -> None:
    bars = _bars()
    for name in (*ONE_WINDOW, *LEAST, *BANDS, *FRAME_WINDOW, "rolling_vwap"):
        if window == 2**40 and name in ("rsi", "implied_volatility"):
            continue  # the original allocates it, or warns of that
        given = bars["close"] if name in SERIES else bars
        _check(name, given, window)
        if name in LEAST:
            _check(name, given, 20, window)
        if name in BANDS or name == "keltner_channel":
            _check(name, given, 5, window)
    _check("zscore", bars, 5, window)
    _check("zscore", bars, 5, 1, "volume")
    _check("zscore", bars, 5, 1, window)
    _check("stoch", bars, 5, 3, window)
    _check("stoch", bars, 5, 3, 3, True)
    _check("atr", bars, 5, window)
    _check("awesome_oscillator", bars, False, 5, window)
    _check("awesome_oscillator", bars, True, 5, window)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("window", [127, 128, 129, 136, 255, 256, 264, 1000, 4999, 5000, 5001])
def test_long_windows(window: int) -> None:
    series = pd.Series(prices(np.random.default_rng(window), window + 140, "decades"))
    for name in ("rolling_mean", "rolling_std"):
        _check(name, series, window)


def test_an_array_gives_an_array() -> None:
    array = _bars()["close"].to_numpy().copy()
    for name in ("rolling_mean", "rolling_std"):
        for one in (array, array[::2], array[::-1]):
            _check(name, one, 5)
        assert type(REPLACEMENTS[name].ours(array, 5)) is np.ndarray


def _changed(function: Callable[..., Any], name: str) -> tuple[Any, ...]:
    """What was given, and what is given next, after the result was written to."""
    given = _bars(80)["close"] if name in SERIES else _bars(80)
    options = {"window": 6, "min_periods": 2} if name in LEAST else {}
    first = function(given, **options)
    first.iloc[:] = 7.0
    first.index.name = "changed"
    if isinstance(first, pd.DataFrame):
        first.columns.name = "changed"
    return given, function(given, **options)


@pytest.mark.parametrize("name", [*SERIES, *FRAMES])
def test_the_result_is_the_callers(name: str) -> None:
    assert_same(_changed(STOCK[name], name), _changed(REPLACEMENTS[name].ours, name))


@pytest.mark.skipif(not FOLDER, reason="FT_NUMBA_AOT_CANDLES names no folder")
@pytest.mark.filterwarnings("ignore")
def test_real_candles() -> None:
    for path in sorted(Path(str(FOLDER)).glob("*-5m.feather"))[:4]:
        bars = pd.read_feather(path).iloc[:3000]
        for name in (*SERIES, *FRAMES):
            given = bars["close"] if name in SERIES else bars
            _check(name, given, **({"window": 21, "min_periods": 3} if name in LEAST else {}))


@pytest.mark.filterwarnings("ignore")
def test_crossings_imported_from_here() -> None:
    bars = _bars()
    for name in ("crossed_above", "crossed_below"):
        for other in (bars["open"], 100.0, bars["open"].to_numpy(), bars["open"].iloc[1:], "1"):
            _check(name, bars["close"], other)
            _check(name, bars["close"].to_numpy(), other)
        assert getattr(qtpylib, name) is REPLACEMENTS[name].ours


@pytest.mark.skipif(ft_numba_aot.backend() == "pure", reason="needs the native kernels")
def test_they_are_used_as_functions_and_as_methods_and_put_back() -> None:
    aliases = {"ema": "wma", "zlwma": "zlema"}
    methods = {name for name in vars(PandasObject) if name in STOCK} | set(aliases)
    before = {name: vars(PandasObject)[name] for name in methods}
    assert len(methods) >= 30
    ft_numba_aot.enable()
    try:
        active = ft_numba_aot.status().active
        assert {one.part for one in REPLACEMENTS.values()} <= set(active)
        for name in STOCK:
            proxy = get_numba_manager().get_optimized_function("indicators", f"qtpylib.{name}")
            assert vars(indicators)[name] is proxy
        for name in methods:
            assert vars(PandasObject)[name] is vars(indicators)[aliases.get(name, name)]
        bars = _bars()
        assert_same(bars.typical_price(), STOCK["typical_price"](bars))
        assert_same(bars["close"].ema(9), STOCK["wma"](bars["close"], 9))
    finally:
        ft_numba_aot.disable()
    assert all(vars(indicators)[name] is STOCK[name] for name in STOCK)
    assert {name: vars(PandasObject)[name] for name in methods} == before


@pytest.mark.parametrize("name", ["numpy_rolling_mean", "numpy_rolling_std"])
def test_another_mean_of_windows_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert qtpylib_averages.unfit() is None
    other = indicators.numpy_rolling_series(lambda data, window: data)
    for function in (other, len, STOCK["rolling_mean"]):
        monkeypatch.setattr(indicators, name, function)
        assert f"{name} is another function" in str(qtpylib_averages.unfit())


KERNELS = sorted(one for one in _backend._pure_kernels() if one.startswith("qtpylib_"))


def _both_ways(called: set[str]) -> Callable[[str], Callable[..., Any]]:
    """Stands in for ``_backend.call``: kernels that run both ways and compare what they wrote."""

    def call(name: str) -> Callable[..., Any]:
        kernel = _backend._pure_kernels()[name]
        native, pure = getattr(_backend._native, name), _backend._pure(kernel)
        codes = list(kernel.arguments.items())

        def run(*arguments: Any) -> Any:
            copies = [one.copy() if isinstance(one, np.ndarray) else one for one in arguments]
            ours, theirs = native(*arguments), pure(*copies)
            called.add(name)
            assert ours == theirs, name
            for one, other, (argument, code) in zip(arguments, copies, codes, strict=True):
                if code.isupper() and argument != "work" and not ours:
                    assert same_bits(one, other), name
            return ours

        return run

    return call


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    called: set[str] = set()
    modules = (qtpylib_arrays, *MODULES)
    before = [dict(vars(module)) for module in modules]
    with monkeypatch.context() as patch:
        by_name = _both_ways(called)
        own = _backend.call
        patch.setattr(_backend, "call", lambda name: (by_name if name in KERNELS else own)(name))
        for module in modules:
            importlib.reload(module)
        yield called
    # The functions themselves, as they may be registered.
    for module, variables in zip(modules, before, strict=True):
        vars(module).clear()
        vars(module).update(variables)


@pytest.mark.skipif(ft_numba_aot.backend() == "pure", reason="nothing to compare it with")
@pytest.mark.filterwarnings("ignore")
def test_native_equals_pure(both: set[str]) -> None:
    fresh = {one.original.partition(":")[2]: one.ours for m in MODULES for one in m.REPLACEMENTS}
    rng = np.random.default_rng(11)
    for shape in PRICE_SHAPES:
        for head, extremes in (("none", 0), ("ragged", 3)):
            for length in (60, 300):
                bars = frame(made(rng, length, shape, head=head, extremes=extremes))
                for name in (*SERIES, *FRAMES):
                    given = bars["close"] if name in SERIES else bars
                    options = {"window": 6, "min_periods": 2} if name in LEAST else {}
                    fresh[name](given, **options)
                for window in (3, 20, 140, 270):
                    fresh["sma"](bars["close"], window)
                    fresh["rolling_std"](bars["close"], window)
    assert both == set(KERNELS)


def _sequential(array: np.ndarray[Any, Any], window: int) -> np.ndarray[Any, Any]:
    windows = np.lib.stride_tricks.sliding_window_view(array, window)
    return np.add.accumulate(windows, axis=1)[:, -1] / window


# Formulas that are the same but for their rounding.
OTHERWISE: dict[str, Callable[[pd.DataFrame], Any]] = {
    "typical_price": lambda bars: (bars["high"] + (bars["low"] + bars["close"])) / 3.0,
    "mid_price": lambda bars: (
        bars["high"] / 3 + bars["low"] / 3 + bars["high"] / 6 + bars["low"] / 6
    ),
    "returns": lambda bars: (bars["close"] - bars["close"].shift(1)) / bars["close"].shift(1),
    "roc": lambda bars: bars["close"] / bars["close"].shift(14) - 1.0,
    "log_returns": lambda bars: np.log(bars["close"]).diff(),
    "rolling_mean": lambda bars: pd.Series(
        [np.nan] * 199 + list(_sequential(bars["close"].to_numpy(), 200))
    ),
    "rolling_std": lambda bars: bars["close"].rolling(200).std(),
    "rolling_vwap": lambda bars: (
        (bars["volume"] * (bars["high"] + bars["low"] + bars["close"])).rolling(200).sum()
        / (3.0 * bars["volume"].rolling(200).sum())
    ),
    "pvt": lambda bars: (bars["close"].pct_change() * bars["volume"]).cumsum(),
    "ibs": lambda bars: (bars["close"] - bars["low"]) / (bars["high"] - bars["low"]),
    "true_range": lambda bars: bars["high"] - bars["low"],
    "chopiness": lambda bars: (
        100
        * np.log10(
            STOCK["true_range"](bars).rolling(14).sum()
            / (bars["high"].rolling(14).max() - bars["low"].rolling(14).min())
        )
        * (1 / np.log10(14))
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", OTHERWISE)
def test_another_rounding_would_show(name: str) -> None:
    bars = _bars(600)
    volume = np.random.default_rng(5).lognormal(3, 1, len(bars))
    bars = bars.assign(volume=volume, close=bars["close"] * 1.02)
    given = bars["close"] if name in SERIES else bars
    stock = STOCK[name](given)
    assert not OTHERWISE[name](bars).rename(stock.name).equals(stock)
    assert same_bits(REPLACEMENTS[name].ours(given).to_numpy(), stock.to_numpy())


@pytest.mark.parametrize("exchange", ["gain", "loss", "seed"])
def test_another_order_in_rsi_would_show(exchange: str) -> None:
    close = _bars(400)["close"]
    array, window = close.to_numpy(), 14
    deltas = np.diff(array)
    seed = deltas[: window + (1 if exchange != "seed" else 0)]
    ups, downs = seed[seed > 0].sum() / window, -seed[seed < 0].sum() / window
    found = np.zeros(len(array))
    found[:window] = 100.0 - 100.0 / (1.0 + ups / downs)
    for i in range(window, len(array)):
        delta = deltas[i - 1]
        up, down = max(delta, 0.0), max(-delta, 0.0)
        part = 1 / window
        ups = ups + (up - ups) * part if exchange == "gain" else (ups * (window - 1) + up) / window
        down_mean = (downs * (window - 1) + down) / window
        downs = downs + (down - downs) * part if exchange == "loss" else down_mean
        found[i] = 100.0 - 100.0 / (1.0 + ups / downs)
    assert not same_bits(found, STOCK["rsi"](close).to_numpy())
    assert same_bits(REPLACEMENTS["rsi"].ours(close).to_numpy(), STOCK["rsi"](close).to_numpy())


def test_probes_are_computed_here_first() -> None:
    """The first probe of each is an ordinary call, which the original isn't asked for."""
    for name, replacement in REPLACEMENTS.items():
        assert replacement.probes is not None
        arguments, keywords = next(iter(replacement.probes()))
        assert_same(
            outcome(partial(replacement.ours, *arguments, **keywords)),
            outcome(partial(STOCK[name], *arguments, **keywords)),
        )
