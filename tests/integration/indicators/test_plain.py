"""``talib``'s plain functions give the same with ours installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars
import pytest
from candles import any_candles
from definitions import REPRESENTATIVES, arguments_of, parameters_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from integration.indicators.stand_ins import assert_same
from outcomes import ONE_OF_EACH_SHAPE, columns, original, outcome

from ft_numba_aot.runtime import talib_probes
from ft_numba_aot.runtime.manager import NumbaManager
from ft_numba_aot.runtime.talib_plain import OURS
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
def test_identical_on_any_candles(shared: NumbaManager, name: str, data: st.DataObject) -> None:
    made = data.draw(any_candles())
    definition = DEFINITIONS[name]
    parameters = parameters_of(data.draw, definition, len(made["close"]))
    arguments = arguments_of(definition, made, data.draw(st.sampled_from(["series", "arrays"])))
    if data.draw(st.booleans()):
        compare(shared, name, *arguments, *parameters.values())
    else:
        compare(shared, name, *arguments, **parameters)


@pytest.mark.parametrize("name", dict.fromkeys([*REPRESENTATIVES, *sorted(OURS)]))
def test_identical_on_probes(shared: NumbaManager, name: str) -> None:
    for args, kwargs in talib_probes.plain_calls(name):
        compare(shared, name, *args, **kwargs)
    assert shared.fallback.fallbacks() == 0


@pytest.mark.parametrize("name", sorted(OURS))
def test_unstable_periods_hold(shared: NumbaManager, name: str) -> None:
    plain(name)
    import talib

    close = pd.Series(MADE["close"])
    talib.set_unstable_period(name, 20)
    try:
        compare(shared, name, close)
    finally:
        talib.set_unstable_period(name, 0)
    compare(shared, name, real=close)


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
def test_arrays_of_every_sort(shared: NumbaManager, name: str, change: Any) -> None:
    arguments = arguments_of(DEFINITIONS[name], MADE, "arrays")
    for position in range(len(arguments)):
        changed = [*arguments]
        changed[position] = change(changed[position])
        compare(shared, name, *changed)
    compare(shared, name, *map(change, arguments))
    compare(shared, name, *map(change, arguments), 5)
    compare(shared, name, *map(change, arguments), timeperiod=change(arguments[0]))
    compare(shared, name, *arguments, change(arguments[0]))
    compare(shared, name, change(arguments[0]))
    assert shared.fallback.fallbacks() == 0


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
    shared: NumbaManager, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    for given_ in (MADE["close"], pd.Series(MADE["close"])):
        compare(shared, "SMA", given_, *args, **kwargs)
        compare(shared, "HT_SINE", given_, *args, **kwargs)
    compare(shared, "SMA", real=MADE["close"], **kwargs)
    compare(shared, "HT_SINE", real=pd.Series(MADE["close"]))
    compare(shared, "SMA")
    assert shared.fallback.fallbacks() == 0


def test_settings_hold(shared: NumbaManager) -> None:
    import talib

    before = talib.RSI(pd.Series(MADE["close"]))
    talib.set_unstable_period("RSI", 5)
    try:
        assert not compare(shared, "RSI", pd.Series(MADE["close"])).result.equals(before)
    finally:
        talib.set_unstable_period("RSI", 0)
