"""What TA-Lib's functions remember and say of themselves is the same with ours installed."""

from __future__ import annotations

import copy
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from candles import assert_identical, candles, frame
from definitions import REPRESENTATIVES, arguments_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from integration.indicators.stand_ins import Twins, assert_same, own_call
from outcomes import columns, original, outcome

from ft_numba_aot.runtime import talib_install
from ft_numba_aot.runtime.manager import NumbaManager
from ft_numba_aot.ta._table import DEFINITIONS

pytestmark = pytest.mark.usefixtures("installed")
own_call()

ATTRIBUTES = (
    "info",
    "function_flags",
    "output_flags",
    "input_names",
    "parameters",
    "lookback",
    "output_names",
    "func_object",
)
FRAMES = [frame(candles(np.random.default_rng(seed), length)) for seed, length in ((1, 80), (2, 0))]
FRAMES.append(FRAMES[0].drop(columns="close"))
NAMES = ("SMA", "RSI", "MACD", "ATR", "BBANDS", "STOCHF", "OBV", "CDLDOJI", "MAMA", "BOP")


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_attributes(name: str) -> None:
    """Each is TA-Lib's own, whether or not ours is installed, and after a call."""
    function = getattr(original(), name)
    function(FRAMES[0])
    now = {each: getattr(function, each) for each in ATTRIBUTES}
    texts = (str(function), repr(function), type(function), function.__doc__, dir(function))
    class_ = type(function)
    described = (class_.__call__.__name__, class_.__call__.__doc__, class_.__call__.__qualname__)
    talib_install.uninstall()
    assert getattr(original(), name) is function
    assert now == {each: getattr(function, each) for each in ATTRIBUTES}
    assert texts == (str(function), repr(function), type(function), function.__doc__, dir(function))
    own = class_.__call__
    assert described == (own.__name__, own.__doc__, own.__qualname__)
    assert not hasattr(function, "__name__")


def test_is_a_function_of_talib() -> None:
    from talib._ta_lib import Function

    assert type(original().SMA) is Function
    assert original().SMA.func_object is __import__("talib").SMA


@pytest.mark.parametrize("how", [pickle.dumps, copy.copy, copy.deepcopy])
def test_copies_as_before(how: Any) -> None:
    with_ours = outcome(lambda: str(how(original().SMA)))
    talib_install.uninstall()
    assert_same(with_ours, outcome(lambda: str(how(original().SMA))))


operations = st.one_of(
    st.tuples(st.just("call"), st.sampled_from(["frame", "series", "arrays", "dict", "none"])),
    st.tuples(st.just("parameter"), st.sampled_from([2, 5, 20, 0, -1, 2.5, None, "x"])),
    st.tuples(st.just("positional"), st.sampled_from([2, 5, 20, 0, -1, 2.5, None, "x"])),
    st.tuples(st.just("set"), st.sampled_from([2, 5, 20, 0, 2.5, None, "x"])),
    st.tuples(st.just("price"), st.sampled_from(["open", "close", "missing"])),
    st.tuples(st.just("names"), st.sampled_from(["open", "close", "missing"])),
    st.tuples(st.just("arrays"), st.integers(0, len(FRAMES) - 1)),
    st.tuples(st.just("run"), st.integers(0, len(FRAMES) - 1)),
    st.tuples(st.just("ask"), st.sampled_from(["outputs", "lookback", "info", "input_names"])),
)


@settings(suppress_health_check=[*HealthCheck], deadline=None)
@given(name=st.sampled_from(NAMES), steps=st.lists(operations, max_size=12))
def test_any_sequence_of_uses(name: str, steps: list[tuple[str, Any]]) -> None:
    twins = Twins.of(name)
    definition = DEFINITIONS[name]
    parameter = definition.parameters[0].name if definition.parameters else "none"
    input_name = next(iter(definition.inputs))
    for step, value in steps:
        made = columns(80)
        match step:
            case "call":
                twins.call(*([] if value == "none" else arguments_of(definition, made, value)))
            case "parameter":
                twins.call(FRAMES[0], **{parameter: value})
            case "positional":
                twins.call(FRAMES[0], value)
            case "price":
                twins.call(FRAMES[0], **{input_name: value})
            case "set":
                twins.do(lambda each, value=value: each.set_parameters({parameter: value}))
            case "names":
                twins.do(lambda each, value=value: each.set_input_names({input_name: value}))
            case "arrays":
                twins.do(lambda each, value=value: each.set_input_arrays(FRAMES[value]))
            case "run":
                columns_of = dict(FRAMES[value])
                twins.do(lambda each, given=columns_of: each.run(given))
            case "ask":
                twins.do(lambda each, value=value: _plain(getattr(each, value)))


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, dict) else value


def test_changed_info_is_set_right() -> None:
    twins = Twins.of("SMA")
    for function in twins:
        function.info["parameters"]["timeperiod"] = 99
        function.info["input_names"]["price"] = "volume"
    twins.call(FRAMES[0])
    assert twins.ours.info["parameters"] == {"timeperiod": 30}
    assert twins.ours.info["input_names"] == {"price": "close"}


def test_state_is_each_threads_own() -> None:
    function = original().Function("SMA")
    function.set_parameters(timeperiod=3)
    barrier = threading.Barrier(4)

    def use(period: int) -> tuple[int, Any, Any]:
        barrier.wait()
        before = function.parameters["timeperiod"]
        function.set_parameters(timeperiod=period)
        return before, function(FRAMES[0]), function.outputs

    with ThreadPoolExecutor(4) as pool:
        found = [*pool.map(use, (4, 5, 6, 7))]
    for period, (before, result, outputs) in zip((4, 5, 6, 7), found, strict=True):
        expected = own_call()(original().Function("SMA"), FRAMES[0], timeperiod=period)
        assert before == 30
        assert_identical(result, expected)
        assert_identical(outputs, expected)
    assert function.parameters["timeperiod"] == 3


def test_threads_share_a_function(installed: NumbaManager) -> None:
    function = original().Function("RSI")
    frames = [frame(candles(np.random.default_rng(seed), 500)) for seed in range(8)]
    own = original().Function("RSI")
    expected = [own_call()(own, made) for made in frames]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(20):
            for result, wanted in zip(pool.map(function, frames), expected, strict=True):
                assert_identical(result, wanted)
    assert installed.fallback.fallbacks() == 0


def test_objects_that_other_code_changed_are_talibs() -> None:
    calls = []
    twins = Twins.of("SMA")
    for function in twins:
        plain = function.func_object
        function.func_object = lambda *args, plain=plain: calls.append(1) or plain(*args)
    twins.call(FRAMES[0])
    assert len(calls) == 2
    other = Twins.of("SMA")
    for function in other:
        function.set_input_arrays = lambda given: calls.append(2) or False
    other.call(FRAMES[0])
    assert calls.count(2) > 1


def test_subclasses_are_talibs() -> None:
    class Doubled(type(original().SMA)):  # type: ignore[misc]
        def set_input_arrays(self, given: Any) -> bool:
            return bool(super().set_input_arrays(given * 2 if hasattr(given, "iloc") else given))

    numbers = FRAMES[0].drop(columns="date")
    function = Doubled("SMA", original().SMA.func_object)
    assert_identical(function(numbers).to_numpy(), original().SMA(numbers * 2).to_numpy())
