"""Every function of ``talib.abstract`` gives the same with ours installed, and remembers it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars
import pytest
from candles import any_candles, candles, frame
from definitions import REPRESENTATIVES, arguments_of, parameters_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from integration.indicators.stand_ins import Twins, own_call
from outcomes import ONE_OF_EACH_SHAPE, columns, original

from ft_numba_aot.runtime import talib_functions, talib_probes
from ft_numba_aot.runtime.manager import NumbaManager
from ft_numba_aot.ta._table import DEFINITIONS

FORMS = ("frame", "series", "arrays", "dict")
pytestmark = pytest.mark.usefixtures("shared")
own_call()

once = settings(suppress_health_check=[*HealthCheck], deadline=None)


@pytest.mark.parametrize("name", REPRESENTATIVES)
@once
@given(data=st.data())
def test_identical_on_any_candles(name: str, data: st.DataObject) -> None:
    made = data.draw(any_candles())
    definition = DEFINITIONS[name]
    parameters = parameters_of(data.draw, definition, len(made["close"]))
    arguments = arguments_of(definition, made, data.draw(st.sampled_from(FORMS)))
    if data.draw(st.booleans()):
        Twins.of(name).call(*arguments, *parameters.values(), note=parameters)
    else:
        Twins.of(name).call(*arguments, note=parameters, **parameters)


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_identical_on_probes(name: str) -> None:
    twins = Twins.of(name)
    for args, kwargs in talib_probes.calls(name):
        twins.call(*args, note=(len(args[0]), kwargs), **kwargs)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_ordinary_calls_run_ours(name: str, form: str) -> None:
    """TA-Lib's own call isn't reached."""

    def never(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("TA-Lib's own call runs")

    function = original().Function(name)
    plain = function.func_object
    talib = talib_functions.Talib(type(function), never, lambda name: 0)
    optimized = talib_functions.pair(name, plain, talib).optimized
    definition = DEFINITIONS[name]
    arguments = arguments_of(definition, columns(), form)
    defaults = {parameter.name: parameter.default for parameter in definition.parameters}
    for calls in ({}, defaults):
        assert optimized(function, *arguments, **calls) is not None
    assert optimized(function, *arguments, *defaults.values()) is not None


@pytest.mark.parametrize("name", ONE_OF_EACH_SHAPE)
@pytest.mark.parametrize(
    "change",
    [
        lambda made: made.assign(
            volume=np.arange(len(made)), close=made["close"].fillna(7).astype("int64")
        ),
        lambda made: made.assign(close=made["close"].astype("float32")),
        lambda made: made.assign(close=made["close"].astype("Float64")),
        lambda made: made.assign(close=made["close"].astype(object)),
        lambda made: made.assign(close="text"),
        lambda made: made.drop(columns="close"),
        lambda made: made.drop(columns=["high", "low", "close", "volume"]),
        lambda made: pd.concat([made, made[["close"]]], axis=1),
        lambda made: made.set_index("date"),
        lambda made: made[::-1],
        lambda made: made[::3],
        lambda made: made[:0],
        lambda made: made[:1],
        lambda made: made.rename(columns=str.upper),
        lambda made: made[["open", "high", "low", "close", "volume"]].T.T,
        type("Frame", (pd.DataFrame,), {}),
        polars.from_pandas,
        dict,
        lambda made: dict(made.drop(columns="date").astype("float32")),
        lambda made: {name: made[name].to_list() for name in made},
    ],
)
def test_candles_of_every_sort(name: str, change: Any) -> None:
    made = change(frame(columns(120)))
    twins = Twins.of(name)
    twins.call(made)
    twins.call(made)


@pytest.mark.parametrize("name", ONE_OF_EACH_SHAPE)
@pytest.mark.parametrize(
    "change",
    [
        np.ndarray.tolist,
        lambda array: array.astype("float32"),
        lambda array: np.nan_to_num(array).astype("int64"),
        lambda array: array.reshape(1, -1),
        lambda array: np.float64(1),
        lambda array: np.array(1.0),
        lambda array: array[::-2],
        lambda array: array[:0],
        lambda array: array[:5],
        np.ma.masked_invalid,
        lambda array: pd.Series(array, dtype="Float64"),
        lambda array: pd.Series(["text"] * len(array)),
        lambda array: pd.Series(array, index=range(7, 7 + len(array)), name="price"),
        polars.Series,
        lambda array: None,
    ],
)
def test_arrays_of_every_sort(name: str, change: Any) -> None:
    made = columns(120)
    definition = DEFINITIONS[name]
    arguments = arguments_of(definition, made, "arrays")
    twins = Twins.of(name)
    for position in range(len(arguments)):
        changed = [*arguments]
        changed[position] = change(changed[position])
        twins.call(*changed)
    twins.call(*map(change, arguments))
    twins.call(*arguments, arguments[0])
    twins.call(*arguments[1:])
    twins.call(*arguments, frame(made))
    twins.call(frame(made), *arguments)


@pytest.mark.parametrize(
    ("name", "args", "kwargs"),
    [
        ("SMA", (), {"timeperiod": None}),
        ("SMA", (), {"timeperiod": True}),
        ("SMA", (), {"timeperiod": 0}),
        ("SMA", (), {"timeperiod": -(2**31)}),
        ("SMA", (), {"timeperiod": 2**31}),
        ("SMA", (), {"timeperiod": 10**30}),
        ("SMA", (), {"timeperiod": 20.0}),
        ("SMA", (), {"timeperiod": np.int64(20)}),
        ("SMA", (), {"timeperiod": "20"}),
        ("SMA", (), {"unknown": 7, "timeperiod": 5}),
        ("SMA", (), {"price": "open"}),
        ("SMA", (), {"price": "missing"}),
        ("SMA", (), {"price": ["open"]}),
        ("SMA", (), {"price": None}),
        ("SMA", (), {"price": 3}),
        ("SMA", (5,), {"timeperiod": 7}),
        ("SMA", (5, 6, 7), {}),
        ("SMA", (None,), {}),
        ("SMA", ("5",), {}),
        ("BBANDS", (5, 2.0, 2, 1), {}),
        ("BBANDS", (5, float("nan"), 2.0, 1), {}),
        ("BBANDS", (), {"nbdevup": 1e300}),
        ("BBANDS", (), {"matype": 14}),
        ("ATR", (), {"prices": ["open", "high", "low"]}),
        ("ATR", (), {"prices": "open"}),
        ("OBV", (), {"price": "open"}),
        ("OBV", (3,), {}),
        ("CDLMORNINGSTAR", (), {"penetration": 0.5}),
        ("CDLMORNINGSTAR", (), {"penetration": -1.0}),
    ],
)
@pytest.mark.parametrize("form", FORMS)
def test_parameters_of_every_sort(
    name: str, args: tuple[Any, ...], kwargs: dict[str, Any], form: str
) -> None:
    arguments = arguments_of(DEFINITIONS[name], columns(), form)
    twins = Twins.of(name)
    for _ in range(2):
        twins.call(*arguments, *args, **kwargs)
        twins.call(*arguments)
        twins.do(lambda function: function.outputs)


def test_a_failed_call_leaves_what_talibs_does(shared: NumbaManager) -> None:
    """Here our own functions differ from TA-Lib's; installed, they don't."""
    twins = Twins.of("SMA")
    made = frame(columns())
    assert twins.call(made, timeperiod=0).error is not None
    assert twins.ours.parameters == {"timeperiod": 0}
    assert shared.fallback.fallbacks() == 0


def test_results_are_the_callers_to_change() -> None:
    made = frame(candles(np.random.default_rng(3), 60))
    for name in ("SMA", "MACD", "MINMAXINDEX", "AROON"):
        twins = Twins.of(name)
        ours, theirs = twins.ours(made), own_call()(twins.theirs, made)
        for result in (ours, theirs):
            result.iloc[40:] = 7
        twins.do(lambda function: function.outputs)
        for function in twins:
            state = function._Function__local.outputs
            assert all(array.flags.writeable for array in state.values())


def test_arrays_that_are_returned_are_those_that_are_kept() -> None:
    made = columns()
    twins = Twins.of("MACD")
    for function in twins:
        results = function(made["close"])
        assert all(one is other for one, other in zip(results, function.outputs, strict=True))


def test_big_endian_arrays_raise() -> None:
    made = {name: array.astype(">f8") for name, array in columns().items()}
    for arguments in ([made["close"]], [made]):
        with pytest.raises(Exception, match="native byte order"):
            original().Function("SMA")(*arguments)


def test_big_endian_columns_are_converted() -> None:
    Twins.of("SMA").call(frame(columns()).astype({"close": ">f8"}))
