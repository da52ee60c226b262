"""``talib``'s plain functions give the same with ours installed, and are the same objects."""

from __future__ import annotations

import inspect
import logging
import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars
import pytest
from candles import any_candles, candles, frame
from definitions import REPRESENTATIVES, arguments_of, parameters_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from integration.indicators.stand_ins import assert_same
from outcomes import ONE_OF_EACH_SHAPE, assert_same_call, columns, original, outcome

from ft_numba_aot.runtime import talib_install, talib_probes
from ft_numba_aot.runtime.manager import NumbaManager
from ft_numba_aot.ta._table import DEFINITIONS

MADE = columns(150)


def plain(name: str) -> Any:
    original()
    import talib

    return getattr(talib, name)


def compare(manager: NumbaManager, name: str, *args: Any, **kwargs: Any) -> Any:
    """A call comes to the same as it does in TA-Lib; returns what."""
    own = manager.registration("indicators", f"talib.{name}").original
    expected = outcome(own, *args, **kwargs)
    assert_same(outcome(plain(name), *args, **kwargs), expected, (name, kwargs))
    return expected


@pytest.mark.parametrize("name", REPRESENTATIVES)
@settings(suppress_health_check=[*HealthCheck], deadline=None)
@given(data=st.data())
def test_identical_on_any_candles(installed: NumbaManager, name: str, data: st.DataObject) -> None:
    made = data.draw(any_candles())
    definition = DEFINITIONS[name]
    parameters = parameters_of(data.draw, definition, len(made["close"]))
    arguments = arguments_of(definition, made, data.draw(st.sampled_from(["series", "arrays"])))
    if data.draw(st.booleans()):
        compare(installed, name, *arguments, *parameters.values())
    else:
        compare(installed, name, *arguments, **parameters)


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_identical_on_probes(installed: NumbaManager, name: str) -> None:
    for args, kwargs in talib_probes.plain_calls(name):
        compare(installed, name, *args, **kwargs)
    assert installed.fallback.fallbacks() == 0


@pytest.mark.parametrize("name", [*ONE_OF_EACH_SHAPE, "HT_SINE"])
@pytest.mark.parametrize(
    "change",
    [
        np.ndarray.tolist,
        lambda array: array.astype("float32"),
        lambda array: array.astype(">f8"),
        lambda array: array.reshape(1, -1),
        lambda array: array[::-2],
        lambda array: array[:0],
        lambda array: array[:5],
        lambda array: array.view(type("Array", (np.ndarray,), {})),
        np.ma.masked_invalid,
        pd.Series,
        lambda array: pd.Series(array).astype("float32"),
        lambda array: pd.Series(array).astype(">f8"),
        lambda array: pd.Series(array, dtype="Float64"),
        lambda array: pd.Series(np.arange(len(array))),
        lambda array: pd.Series(["text"] * len(array)),
        lambda array: pd.Series(array, index=range(7, 7 + len(array)), name="price"),
        lambda array: pd.Series(array)[::-1],
        type("Series", (pd.Series,), {}),
        polars.Series,
        lambda array: pd.DataFrame({"close": array}),
        lambda array: None,
        lambda array: 1.0,
    ],
)
def test_arrays_of_every_sort(installed: NumbaManager, name: str, change: Any) -> None:
    arguments = arguments_of(DEFINITIONS[name], MADE, "arrays")
    for position in range(len(arguments)):
        changed = [*arguments]
        changed[position] = change(changed[position])
        compare(installed, name, *changed)
    compare(installed, name, *map(change, arguments))
    compare(installed, name, *map(change, arguments), 5)
    compare(installed, name, *map(change, arguments), timeperiod=change(arguments[0]))
    compare(installed, name, *arguments, change(arguments[0]))
    compare(installed, name, change(arguments[0]))
    assert installed.fallback.fallbacks() == 0


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((), {"timeperiod": None}),
        ((), {"timeperiod": True}),
        ((), {"timeperiod": 0}),
        ((), {"timeperiod": 2**31}),
        ((), {"timeperiod": 20.0}),
        ((), {"timeperiod": np.int64(20)}),
        ((), {"timeperiod": "20"}),
        ((), {"unknown": 20}),
        ((5,), {"timeperiod": 7}),
        ((5, 6), {}),
        (("5",), {}),
    ],
)
def test_parameters_of_every_sort(
    installed: NumbaManager, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    for given_ in (MADE["close"], pd.Series(MADE["close"])):
        compare(installed, "SMA", given_, *args, **kwargs)
        compare(installed, "HT_SINE", given_, *args, **kwargs)
    compare(installed, "SMA", real=MADE["close"], **kwargs)
    compare(installed, "HT_SINE", real=pd.Series(MADE["close"]))
    compare(installed, "SMA")
    assert installed.fallback.fallbacks() == 0


def test_settings_hold(installed: NumbaManager) -> None:
    import talib

    before = talib.RSI(pd.Series(MADE["close"]))
    talib.set_unstable_period("RSI", 5)
    try:
        assert not compare(installed, "RSI", pd.Series(MADE["close"])).result.equals(before)
    finally:
        talib.set_unstable_period("RSI", 0)


def test_described_as_before(manager: NumbaManager) -> None:
    sma = plain("SMA")

    def described() -> list[Any]:
        names = ("__name__", "__doc__", "__module__", "__qualname__", "__wrapped__", "__dict__")
        return [getattr(sma, name) for name in names] + [inspect.signature(sma)]

    before, code, pickled = described(), sma.__code__, pickle.dumps(sma)
    talib_install.install(manager)
    assert sma is plain("SMA")
    assert described() == before
    assert pickle.dumps(sma) == pickled
    assert pickle.loads(pickled) is sma
    talib_install.uninstall()
    assert sma.__code__ is code
    assert sma.__closure__[0].cell_contents is sma.__wrapped__
    assert described() == before


def test_functions_that_are_held_already_run_ours(manager: NumbaManager) -> None:
    original()
    from talib import SMA

    talib_install.install(manager)
    SMA(MADE["close"])
    assert manager.statistics()["indicators.talib.SMA"]["calls"] == 1
    talib_install.uninstall()
    assert_same_call("SMA", MADE["close"])


def test_code_that_was_changed_is_left(
    manager: NumbaManager, caplog: pytest.LogCaptureFixture
) -> None:
    sma = plain("SMA")
    code = sma.__code__
    talib_install.install(manager)
    func = None

    def other(*args: Any, **kwds: Any) -> Any:
        return "theirs", func

    sma.__code__ = other.__code__
    try:
        with caplog.at_level(logging.WARNING, "ft_numba_aot"):
            talib_install.uninstall()
        assert "talib.SMA was changed by other code" in caplog.text
        assert sma(MADE["close"])[0] == "theirs"
        talib_install.install(manager)
        assert "talib.SMA" in talib_install.reasons()
    finally:
        talib_install.uninstall()
        sma.__code__ = code
        sma.__closure__[0].cell_contents = sma.__wrapped__


def test_abstract_functions_call_them(installed: NumbaManager) -> None:
    """What TA-Lib's abstract functions do by themselves runs through them, and is the same."""
    made = frame(candles(np.random.default_rng(4), 100))
    function = original().Function("SMA")
    function.set_input_arrays(made)
    assert function.outputs.equals(function(made))
    assert installed.statistics()["indicators.talib.SMA"]["calls"] == 1
