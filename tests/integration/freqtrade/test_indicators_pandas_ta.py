"""pandas-ta's functions, ours beside the originals: the same results, warnings and errors."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import os
import re
import sys
import warnings
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from candles import SHAPES, any_candles, candles
from candles import frame as framed
from hypothesis import given
from hypothesis import strategies as st

import ft_numba_aot
from ft_numba_aot import _backend
from ft_numba_aot import pandas_ta as face
from ft_numba_aot.freqtrade_integration import placing, sources, table
from ft_numba_aot.freqtrade_integration.indicators import pandas_ta_shared as shared
from ft_numba_aot.runtime.manager import get_numba_manager

from .frames import assert_same, outcome

MODULES = {
    name: importlib.import_module(f"ft_numba_aot.freqtrade_integration.{name}")
    for name in table.LATE
    if name.startswith("indicators.pandas_ta_")
}
REPLACED = {one.original: one for module in MODULES.values() for one in module.REPLACEMENTS}
ORIGINALS = {name: placing.get_static(*placing.resolve(name)) for name in REPLACED}
FOLDER = os.environ.get("FT_NUMBA_AOT_CANDLES")

_LENGTHS = st.none() | st.integers(1, 24)
_WINDOW = st.fixed_dictionaries({}, optional={"length": _LENGTHS})
_RATE = st.none() | st.sampled_from([0.02, 0.3, 0.5, 1.0, 1.5])


def _options(**given: Any) -> Any:
    return st.fixed_dictionaries({}, optional=given)


# By function: what else than a length there is to choose.
OPTIONS: dict[str, Any] = {
    "alma": _options(length=_LENGTHS, sigma=st.sampled_from([0.3, 4.0]), distribution_offset=_RATE),
    "cci": _options(length=_LENGTHS, talib=st.sampled_from([False, False, True])),
    "fisher": _options(length=_LENGTHS, signal=st.integers(1, 4)),
    "hilo": _options(
        high_length=_LENGTHS,
        low_length=_LENGTHS,
        mamode=st.sampled_from(["sma", "EMA", "hma", "linreg", ""]),
    ),
    "hwc": _options(na=_RATE, nb=_RATE, nc=_RATE, nd=_RATE, channel_eval=st.booleans()),
    "hwma": _options(na=_RATE, nb=_RATE, nc=_RATE),
    "inertia": _options(length=_LENGTHS, rvi_length=_LENGTHS),
    "jma": _options(length=_LENGTHS, phase=st.sampled_from([-150, -30.5, 0, 99, 120])),
    "kama": _options(
        length=_LENGTHS, fast=_LENGTHS, slow=_LENGTHS, drift=st.sampled_from([1, 2, -1, 0])
    ),
    "linreg": _options(
        length=st.integers(1, 24) | st.just(150),
        **dict.fromkeys(("angle", "intercept", "degrees", "r", "slope", "tsf"), st.booleans()),
    ),
    "psar": _options(af0=_RATE, af=_RATE, max_af=_RATE),
    "qqe": _options(
        length=st.integers(1, 9), smooth=_LENGTHS, mamode=st.sampled_from(["sma", "rma", "ema"])
    ),
    "rsx": _options(length=_LENGTHS, signal_indicators=st.just(False)),
    "rvgi": _options(length=_LENGTHS, swma_length=_LENGTHS),
    "ssf": _options(length=_LENGTHS, poles=st.sampled_from([2, 3, 4])),
    "stc": _options(tclength=_LENGTHS, fast=_LENGTHS, slow=_LENGTHS, factor=_RATE),
    "supertrend": _options(length=_LENGTHS, multiplier=st.sampled_from([0.5, 2, 3.5])),
    "td_seq": _options(asint=st.booleans(), show_all=st.booleans()),
    "vwap": _options(anchor=st.sampled_from(["D", "h", "W", None])),
    "wma": _options(length=_LENGTHS, talib=st.just(False)),
}
# What functions without a loop may be asked for, by parameter; the others are lengths.
_SWITCH, _FACTOR = st.booleans(), st.sampled_from([None, 0.5, 1, 2.5])
PARAMETERS: dict[str, Any] = {
    **dict.fromkeys(("asint", "strict", "cumulative", "include_chikou"), _SWITCH),
    **dict.fromkeys(("std", "scalar", "c", "q", "mult", "divisor", "percent"), _FACTOR),
    "ddof": st.integers(0, 2),
    "drift": st.sampled_from([1, 2, -1, 0]),
    "mamode": st.sampled_from(["sma", "EMA", "wma", "rma", "zlma", "linreg", ""]),
    "mode": st.sampled_from(["tv", "ema"]),
    "talib": st.none() | _SWITCH,
    "offset": st.none() | st.integers(-3, 5),
}
# What some of them take from among their keywords, and the others leave alone.
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("append", "asint", "asmode", "detailed", "everget", "lazybear"), _SWITCH),
    **dict.fromkeys(("lookahead", "signal_indicators", "sma", "tr"), _SWITCH),
    "fillna": st.sampled_from([0, -1.5, None]),
    "min_periods": _LENGTHS,
}
# What takes the function past TA-Lib.
LOOPS = {"aroon": {"talib": False}, "cci": {"talib": False}, "wma": {"talib": False}}
COMPOSED = {one.original for one in MODULES["indicators.pandas_ta_composed"].REPLACEMENTS}
NAMES = sorted(REPLACED)
# One entrance for all: what it takes shows in a few, of several ways to end.
_FEW = {"aobv", "donchian", "hma", "ichimoku", "stoch"}


def _function(name: str) -> str:
    return name.partition(":")[2]


def arguments(original: Any, frame: pd.DataFrame) -> dict[str, Any]:
    """The columns that a function asks for."""
    named = {"open_": "open", **{name: name for name in ("high", "low", "close", "volume")}}
    return {
        name: frame[named[name]] for name in inspect.signature(original).parameters if name in named
    }


def _beside(result: Any) -> dict[str, Any]:
    """What pandas-ta hangs on to a result."""
    return {
        key: value
        for key, value in getattr(result, "__dict__", {}).items()
        if key in ("name", "category")
    }


def check(name: str, values: dict[str, Any], **keywords: Any) -> Any:
    """Compare both, and that they leave their arguments alone; returns the original's result."""
    mine, before = (
        {key: one.copy() if hasattr(one, "copy") else one for key, one in values.items()}
        for _ in range(2)
    )
    theirs = outcome(ORIGINALS[name], **values, **keywords)
    ours = outcome(REPLACED[name].ours, **mine, **keywords)
    assert_same(theirs, ours)
    assert _beside(theirs[0]) == _beside(ours[0])
    for key, one in before.items():
        assert_same(
            *(
                pd.Series(each) if isinstance(each, np.ndarray) else each
                for each in (one, mine[key])
            )
        )
    return theirs[0]


def _most(name: str) -> int:
    return 30 if _function(name) == "td_seq" else 70


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", sorted(REPLACED.keys() - COMPOSED), ids=_function)
@given(data=st.data())
def test_any_candles(name, data):
    frame = _for(name, pd.DataFrame(data.draw(any_candles(max_size=_most(name)))))
    keywords = data.draw(OPTIONS.get(_function(name), _WINDOW))
    if data.draw(st.integers(0, 4)) == 0:
        keywords["offset"] = data.draw(st.integers(-3, 5))
    check(name, arguments(ORIGINALS[name], frame), **keywords)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("category", sorted({name.split(".")[1] for name in COMPOSED}))
@given(data=st.data())
def test_any_candles_without_a_loop(category, data):
    names = sorted(name for name in COMPOSED if name.split(".")[1] == category)
    name = data.draw(st.sampled_from(names))
    values = arguments(ORIGINALS[name], pd.DataFrame(data.draw(any_candles(max_size=120))))
    asked = [
        key
        for key, parameter in inspect.signature(ORIGINALS[name]).parameters.items()
        if key not in values and parameter.kind is not parameter.VAR_KEYWORD
    ]
    known = {key: PARAMETERS.get(key, _LENGTHS) for key in asked}
    more = {key: of for key, of in KEYWORDS.items() if key not in known}
    chosen = data.draw(st.lists(st.sampled_from(sorted(known)), unique=True, max_size=3))
    chosen += data.draw(st.lists(st.sampled_from(sorted(more)), unique=True, max_size=1))
    check(name, values, **{key: data.draw({**known, **more}[key], key) for key in chosen})


@cache
def _candles(length: int = 60, seed: int = 7) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return framed(candles(rng, length, "walk"))


def _for(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The candles by date for what takes it from the index."""
    if _function(name) != "vwap":
        return frame
    return frame.set_axis(pd.date_range("2024-01-01", periods=len(frame), freq="5h"))


class _Series(pd.Series):
    @property
    def _constructor(self):
        return _Series


def _attributes(series):
    series = series.copy()
    series.attrs["source"] = "somewhere"
    return series


def _huge(series):
    series = series.copy()
    series.iloc[20] = 1e200
    return series


KINDS = {
    "sliced": lambda series: series.iloc[7:],
    "reversed": lambda series: series.iloc[::-1],
    "every other": lambda series: series.iloc[::2],
    "by date": lambda series: series.set_axis(
        pd.date_range("2024-01-01", periods=len(series), freq="5h", tz="UTC", name="date")
    ),
    "by text": lambda series: series.set_axis(["category", "name", *map(str, range(58))]),
    "by two": lambda series: series.set_axis(
        pd.MultiIndex.from_product([range(6), range(10)], names=["a", "b"])
    ),
    "integers for labels": lambda series: series.set_axis(list(range(60))),
    "repeated labels": lambda series: series.set_axis([1, 1, 2] * 20),
    "falling labels": lambda series: series.set_axis(range(60, 0, -1)),
    "whole numbers": lambda series: series.round(0).astype(int),
    "single precision": lambda series: series.astype(np.float32),
    "nullable": lambda series: series.astype("Float64"),
    "objects": lambda series: series.astype(object),
    "a subclass": _Series,
    "attributes": _attributes,
    "strict labels": lambda series: series.set_flags(allows_duplicate_labels=False),
    "huge": _huge,
    "tiny": lambda series: series * 1e-160,
    "nothing": lambda series: None,
    "a list": lambda series: series.tolist(),
    "an array": lambda series: series.to_numpy(),
}
_SLOW = {"td_seq", "qqe", "psar", "hilo", "inertia"}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", KINDS)
def test_any_kind(kind):
    frame = _candles()
    for name in NAMES:
        if name in COMPOSED and _function(name) not in _FEW:
            continue
        if _function(name) in _SLOW and kind in ("single precision", "objects", "tiny"):
            continue
        values = arguments(ORIGINALS[name], frame)
        changed = {key: KINDS[kind](one) for key, one in values.items()}
        keywords = LOOPS.get(_function(name), {})
        check(name, changed, **keywords)
        if len(values) > 1:
            first = next(iter(values))
            check(name, {**values, first: changed[first]}, **keywords)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES, ids=_function)
def test_keywords(name):
    values = arguments(ORIGINALS[name], _for(name, _candles(50)))
    odd: tuple[dict[str, Any], ...] = (
        {"offset": 2, "fillna": -1.5},
        {"offset": -1},
        {"offset": 1.5, "fillna": 0},
        {"fill_method": "ffill"},
        {"length": "9"},
        {"length": 7.9},
        {"length": 51},
        {"length": -3, "unknown": 1},
        {"length": np.nan},
        {"length": 1},
    )
    for keywords in odd:
        check(name, values, **LOOPS.get(_function(name), {}), **keywords)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(not FOLDER, reason="FT_NUMBA_AOT_CANDLES names no folder")
@pytest.mark.parametrize("name", NAMES, ids=_function)
def test_real_candles(name):
    paths = sorted(Path(str(FOLDER)).glob("*-5m.feather"))
    for path in paths[::4]:
        frame = pd.read_feather(path).iloc[1000:1250].reset_index(drop=True)
        values = arguments(ORIGINALS[name], _for(name, frame))
        check(name, values, **LOOPS.get(_function(name), {}))


LINREG, CTI = "pandas_ta.overlap.linreg:linreg", "pandas_ta.momentum.cti:cti"


def test_standing_still_warns_as_the_original_does():
    # Of these, a sum of squares is more, less and equal to the square of the sum.
    for price in (0.1, 0.3, 1.1, 7.7, 1e-3):
        close = pd.Series(np.r_[np.arange(1.0, 20.0), np.full(30, price), np.arange(1.0, 20.0)])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            stock = ORIGINALS[CTI](close)
        assert outcome(ORIGINALS[CTI], close)[2] or not stock[12:].isna().any()
        check(CTI, {"close": close})
        check(LINREG, {"close": close}, r=True, length=20)


def test_products_and_sums_of_zeros_keep_their_sign():
    close = pd.Series(np.array([-0.0, 0.0, -0.0, -0.0, -0.0, 1.0, -1.0, 0.0, -0.0, -0.0] * 3))
    for function in ("overlap.wma:wma", "overlap.swma:swma", "momentum.cg:cg"):
        for length in range(1, 6):
            keywords = LOOPS.get(_function(function), {})
            check(f"pandas_ta.{function}", {"close": close}, length=length, **keywords)


def test_a_warning_that_is_an_error_is_one():
    close = pd.Series(np.full(30, 2.0))
    for function in (ORIGINALS[CTI], REPLACED[CTI].ours):
        with (
            warnings.catch_warnings(action="error"),
            pytest.raises(RuntimeWarning, match="invalid value encountered in scalar divide"),
        ):
            function(close)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Kathmandu"])
def test_days_of_vwap(zone, unit):
    frame = _candles()
    name = "pandas_ta.overlap.vwap:vwap"
    for start in ("1969-12-29 23:55", "2024-02-28"):
        dates = pd.date_range(start, periods=len(frame), freq="47min", tz=zone, unit=unit)
        for index in (dates, dates[::-1], dates[[*range(30), *range(30)]], dates.delete(3)):
            values = arguments(ORIGINALS[name], frame.iloc[: len(index)].set_axis(index))
            check(name, values)
            check(name, values, anchor="d", offset=1)


def test_the_result_is_the_callers():
    close = _candles()["close"]
    first = REPLACED[CTI].ours(close)
    first.iloc[20:] = 7.0
    check(CTI, {"close": close})


def test_the_sources_are_read_in_silence():
    """pandas-ta's have an escape sequence that isn't one."""
    sources.forget()
    with warnings.catch_warnings(action="error"):
        assert "int(x)" in sources.source("pandas_ta.utils._core:get_offset").text


# What is bound to a kernel in the modules, by name.
KERNELS = {
    kernel: (module, variable)
    for module in MODULES.values()
    for variable, kernel in re.findall(
        r'^(\w+) = kernel\("(\w+)"\)$', inspect.getsource(module), re.MULTILINE
    )
}


def _bind(monkeypatch, kernel, function):
    module, variable = KERNELS[kernel]
    with monkeypatch.context() as patch:
        patch.setattr(shared, "call", lambda name: function)
        bound = shared.kernel(kernel)
    for each in MODULES.values():
        if vars(each).get(variable) is vars(module)[variable]:
            monkeypatch.setattr(each, variable, bound)


def _results(frame: pd.DataFrame, module: Any = None, *, stock: bool = False) -> dict[str, Any]:
    """What ours, or the originals, give of the functions of a module, or of all with kernels."""
    results = {}
    for name, one in REPLACED.items():
        if name in COMPOSED or (module is not None and one not in module.REPLACEMENTS):
            continue
        function = ORIGINALS[name] if stock else one.ours
        values = arguments(ORIGINALS[name], _for(name, frame))
        with warnings.catch_warnings(action="ignore"):
            results[name] = function(**values, **LOOPS.get(_function(name), {}))
    return results


@pytest.mark.skipif(_backend.backend() == "pure", reason="nothing to compare with")
def test_native_equals_pure(monkeypatch):
    from parity.test_native_equals_pure import Both

    both = Both()
    for kernel in KERNELS:
        _bind(monkeypatch, kernel, both(kernel))
    for position, shape in enumerate(SHAPES):
        rng = np.random.default_rng(position)
        for head in ("none", "common"):
            _results(pd.DataFrame(candles(rng, 90, shape, head=head)))
    assert both.called == set(KERNELS)


# One change of each kernel's arithmetic.
MUTATIONS = {
    "pandas_ta_linreg": ("slope * (window - 1) + intercept", "slope * window + intercept - slope"),
    "pandas_ta_jma_volatility": (
        "total[i - 1] + (spread[i] -",
        "total[i - 1] + (1.01 * spread[i] -",
    ),
    "pandas_ta_jma": ("average + phase * det0", "average + det0 / phase"),
    "pandas_ta_mad": ("abs(real[start + j] - mean)", "abs(real[start + j] / mean - 1.0) * mean"),
    "pandas_ta_kama": (
        "smoothing[i] * close[i] + (1.0 - smoothing[i]) * out[i - 1]",
        "out[i - 1] + smoothing[i] * (close[i] - out[i - 1])",
    ),
    "pandas_ta_alma": ("weighted / total", "weighted * (1.0 / total)"),
    "pandas_ta_ssf": ("c2 * before1 + c3 * before2", "(c2 * before1 + c3 * before2)"),
    "pandas_ta_hwma": ("level + speed + 0.5 * gain", "level + (speed + 0.5 * gain)"),
    "pandas_ta_hwc": ("(1.0 - nd) * variance", "variance - nd * variance"),
    "pandas_ta_rsx": ("(v14 / v20 + 1.0) * 50.0", "v14 / v20 * 50.0 + 50.0"),
    "pandas_ta_ebsw": ("c1 * (high_pass + last_pass) / 2.0", "c1 / 2.1 * (high_pass + last_pass)"),
    "pandas_ta_fisher_position": ("0.67 * value", "(1.0 - 0.33) * value"),
    "pandas_ta_fisher": ("0.5 * (logarithm[i] + out[i - 1])", "0.5 * logarithm[i]"),
    "pandas_ta_schaff": ("copysign(whole, scaled) / 1e8", "copysign(whole, scaled) * 1e-8"),
    "pandas_ta_supertrend": ("lower[i] < lower[i - 1]", "lower[i] > lower[i - 1]"),
    "pandas_ta_hilo": ("out[i] = long[i] = low_average[i]", "out[i] = low_average[i]"),
    "pandas_ta_psar": (
        "stop + factor * (extreme - stop)",
        "(1.0 - factor) * stop + factor * extreme",
    ),
    "pandas_ta_qqe": ("if new_short > short", "if new_short < short"),
    "pandas_ta_sequential": ("real[i] - real[i - 4]", "real[i] - real[i - 3]"),
    "pandas_ta_since_extreme": ("sign * real[i] >= sign", "sign * real[i] > sign"),
    "pandas_ta_vwap": ("weighted_lost = new - weighted - addend", "weighted_lost = 0.0"),
}


def _mutant(kernel: str, before: str, after: str) -> Any:
    """The kernel, in Python, of sources in which something else stands."""
    declared = _backend._pure_kernels()[kernel]
    source = inspect.getsource(sys.modules[declared.function.__module__])
    assert source.count(before) > 0, (kernel, before)
    source = source.replace(before, after).replace("@helper", "")
    source = re.sub(r"@kernel\(", "@(lambda **_: lambda function: function)(", source)
    scope = {"__name__": "mutant", "__package__": declared.function.__module__.rpartition(".")[0]}
    exec(compile(source, "mutant", "exec", dont_inherit=True), scope)
    return _backend._pure(dataclasses.replace(declared, function=scope[kernel]))


def test_each_kernel_has_a_mutation():
    assert set(MUTATIONS) == set(KERNELS)


@cache
def _stock_results(module: Any) -> dict[str, Any]:
    return _results(_candles(250, 11), module, stock=True)


@pytest.mark.parametrize("kernel", sorted(KERNELS))
def test_another_arithmetic_would_show(kernel, monkeypatch):
    frame, (module, _) = _candles(250, 11), KERNELS[kernel]
    stock = _stock_results(module)
    assert_same(stock, _results(frame, module))
    _bind(monkeypatch, kernel, _mutant(kernel, *MUTATIONS[kernel]))
    with pytest.raises(AssertionError):
        assert_same(stock, _results(frame, module))


@pytest.mark.skipif(_backend.backend() == "pure", reason="needs the native kernels")
def test_they_are_used_wherever_they_are_held_and_put_back():
    import pandas_ta

    close = _candles()["close"]
    holders = [sys.modules[f"pandas_ta{part}"] for part in ("", ".core", ".momentum")]
    holders.append(sys.modules["pandas_ta.momentum.cti"])
    ft_numba_aot.enable()
    try:
        active = ft_numba_aot.status().active
        assert {one.part for one in REPLACED.values()} <= set(active)
        proxy = get_numba_manager().get_optimized_function("indicators", "pandas_ta.cti")
        assert all(vars(module)["cti"] is proxy for module in holders)
        assert vars(sys.modules["pandas_ta.overlap.zlma"])["linreg"] is not ORIGINALS[LINREG]
        assert_same(pandas_ta.cti(close), REPLACED[CTI].ours(close))
        frame = pd.DataFrame({"close": close})
        assert_same(frame.ta.cti(), ORIGINALS[CTI](close))
        frame.ta.supertrend(append=True, high="close", low="close")
        assert "SUPERT_7_3.0" in frame
    finally:
        ft_numba_aot.disable()
    for name, original in ORIGINALS.items():
        assert placing.get_static(*placing.resolve(name)) is original
    assert all(vars(module)["cti"] is ORIGINALS[CTI] for module in holders)


@pytest.mark.skipif(_backend.backend() == "pure", reason="needs the native kernels")
def test_they_can_be_imported_from_here():
    for name, one in REPLACED.items():
        assert getattr(face, _function(name)) is one.ours
    assert face.sma is importlib.import_module("pandas_ta").sma


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES, ids=_function)
def test_ordinary_candles_do_without_the_original(name, monkeypatch):
    """Of the loops at least: what ours has taken from the original is never called."""
    one, original = REPLACED[name], ORIGINALS[name]
    values = partial(arguments, original)
    frame = _for(name, _candles(80))
    expected = check(name, values(frame), **LOOPS.get(_function(name), {}))
    if one.ours.__code__ is original.__code__:
        return  # the original's own code, that calls ours

    def refuse(first: Any, *args: Any, **kwargs: Any) -> None:
        # Of two candles, for what it warns of.
        assert len(first) <= 2, "the original was called"

    for variable, value in list(one.ours.__globals__.items()):
        if value is original:
            monkeypatch.setitem(one.ours.__globals__, variable, refuse)
    for cell in one.ours.__closure__ or ():
        if cell.cell_contents is original:
            monkeypatch.setattr(cell, "cell_contents", refuse)
    found = one.ours(**values(frame), **LOOPS.get(_function(name), {}))
    assert_same(found, expected)
