"""A ``Function`` has the interface of ``talib.abstract``'s, call by call and thread by thread."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
import pandas as pd
import pytest
from candles import frame
from outcomes import (
    ONE_OF_EACH_SHAPE,
    WITH_PARAMETERS,
    arrays,
    assert_identical,
    assert_same,
    both,
    columns,
    columns_of,
    original,
    outcome,
)

import ft_numba_aot.ta as ta
from ft_numba_aot.ta._table import DEFINITIONS


def small(name: str) -> dict[str, Any]:
    """Parameters other than the default ones."""
    return {
        p.name: 0 if p.name.endswith("matype") else type(p.default)(max(p.low, min(p.high, 4)))
        for p in DEFINITIONS[name].parameters
    }


def same_after(name: str, *steps: Any) -> None:
    """The same steps on both functions, each giving the same; then the same state."""
    functions = both(name)
    for step in steps:
        assert_same(*[outcome(step, function) for function in functions], (name, step))
    ours, theirs = functions
    assert ours.parameters == theirs.parameters
    assert ours.input_names == theirs.input_names


@pytest.mark.parametrize("name", DEFINITIONS)
def test_attributes_are_there(name: str) -> None:
    ours, theirs = both(name)
    public = {attribute for attribute in dir(theirs) if not attribute.startswith("_")}
    assert public <= set(dir(ours))


@pytest.mark.parametrize("name", DEFINITIONS)
def test_described_alike(name: str) -> None:
    ours, theirs = both(name)
    assert ours.info == theirs.info
    assert list(ours.info) == list(theirs.info)
    assert str(ours) == str(theirs)
    assert repr(ours) == repr(theirs)
    for attribute in ("function_flags", "output_flags", "output_names"):
        assert getattr(ours, attribute) == getattr(theirs, attribute)
        assert type(getattr(ours, attribute)) is type(getattr(theirs, attribute))
    for attribute in ("input_names", "parameters", "output_flags"):
        one, other = getattr(ours, attribute), getattr(theirs, attribute)
        assert list(one.items()) == list(other.items())
        assert [type(value) for value in one.values()] == [type(v) for v in other.values()]


@pytest.mark.parametrize("name", DEFINITIONS)
def test_what_it_hands_out_is_a_copy(name: str) -> None:
    ours = ta.Function(name)
    described = str(ours)
    ours.info.clear()
    ours.output_flags.clear()
    ours.output_names.clear()
    ours.parameters.clear()
    ours.input_names.clear()
    ours.input_arrays["close"] = None
    assert str(ours) == described
    assert ours.input_arrays == {}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_any_case_and_arguments_when_made(name: str) -> None:
    made = columns()
    for spelling in (name.lower(), name.title()):
        ours = ta.Function(spelling, made, **small(name))
        theirs = original().Function(spelling, made, **small(name))
        assert ours.parameters == theirs.parameters
        assert_identical(ours.outputs, theirs.outputs, name)


@pytest.mark.parametrize("name", ["", "SMA2", "NOTHING", "sma "])
def test_unknown_name(name: str) -> None:
    assert_same(outcome(ta.Function, name), outcome(original().Function, name))


@pytest.mark.parametrize("name", [None, 5, b"SMA", ["SMA"]])
def test_name_that_is_no_text(name: Any) -> None:
    ours, theirs = outcome(ta.Function, name), outcome(original().Function, name)
    assert isinstance(ours.error, type(theirs.error))


@pytest.mark.parametrize("name", DEFINITIONS)
def test_call_forms(name: str) -> None:
    made = columns()
    candles = frame(made)
    given = [candles[column] for column in columns_of(name)]
    forms: dict[str, list[Any]] = {
        "dict": [made],
        "dict of Series": [{column: candles[column] for column in made}],
        "dict with more": [{**made, "other": "anything"}],
        "DataFrame": [candles],
        "Series": given,
        "arrays": arrays(name, made),
        "arrays and Series": [given[0], *arrays(name, made)[1:]],
    }
    for form, arguments in forms.items():
        same_after(name, lambda f, a=arguments: f(*a))
        same_after(name, lambda f, a=arguments: f(*a, **small(name)))
        same_after(name, lambda f, a=arguments: f(*a, *small(name).values()))
        assert form


@pytest.mark.parametrize("name", DEFINITIONS)
def test_kind_of_result(name: str) -> None:
    made = columns()
    candles = frame(made)
    several = len(DEFINITIONS[name].outputs) > 1
    assert type(ta.Function(name)(made)) is (list if several else np.ndarray)
    assert type(ta.Function(name)(candles)) is (pd.DataFrame if several else pd.Series)
    assert ta.Function(name)(candles).index is candles.index


@pytest.mark.parametrize("name", DEFINITIONS)
def test_call_changes_no_parameters_or_names(name: str) -> None:
    renamed = {key: "open" for key, value in DEFINITIONS[name].inputs.items() if value == "close"}
    same_after(
        name,
        lambda f: f(columns(), **small(name), **renamed),
        lambda f: f.outputs,
        lambda f: f.run(),
        lambda f: f(),
    )


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_set_parameters(name: str) -> None:
    changes = small(name)
    first = next(iter(changes))
    for form in (columns(), frame(columns())):
        same_after(
            name,
            lambda f, form=form: f.set_input_arrays(form) and None,
            lambda f: f.set_parameters(changes),
            lambda f: f.outputs,
            lambda f: f(),
            lambda f, form=form: f(form, **{first: None}),
            lambda f: f.set_parameters(**{first: changes[first]}),
            lambda f: f.outputs,
            lambda f: setattr(f, "parameters", ta.FUNCTIONS[name].parameters),
            lambda f: f.outputs,
            lambda f: f.set_parameters(),
            lambda f: f.set_parameters(None),
            lambda f: f.set_parameters({first: None}),
            lambda f: f.set_parameters(unknown=5),
            lambda f: f.outputs,
        )


def test_set_parameters_leaves_the_given_dict_alone() -> None:
    given = {"timeperiod": 5}
    ta.Function("SMA").set_parameters(given, timeperiod=6)
    assert given == {"timeperiod": 5}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_set_function_args(name: str) -> None:
    made = columns()
    candles = frame(made)
    keyword = next(iter(DEFINITIONS[name].inputs))
    others = ["volume"] * len(columns_of(name))
    series = others if isinstance(DEFINITIONS[name].inputs[keyword], list) else "volume"
    same_after(
        name,
        lambda f: f.set_function_args(),
        lambda f: f.set_function_args(made, **small(name)),
        lambda f: f.outputs,
        lambda f: f.set_function_args(*small(name).values()),
        lambda f: f.outputs,
        lambda f: f.set_function_args(**{keyword: series}),
        lambda f: f.outputs,
        lambda f: f.set_function_args(candles, unknown=5),
        lambda f: f.run(made),
    )


def test_set_function_args_that_fails_changes_nothing() -> None:
    ours, theirs = both("SMA")
    for bad in ({"open": columns()["open"]}, {}, frame(columns())[["open"]]):
        arguments, keywords = (bad, 5), {"price": "volume"}
        assert_same(
            outcome(ours.set_function_args, *arguments, **keywords),
            outcome(theirs.set_function_args, *arguments, **keywords),
        )
        assert ours.parameters == {"timeperiod": 30}
        assert ours.input_names == {"price": "close"}
        assert ours.input_arrays == {}


@pytest.mark.parametrize("name", ONE_OF_EACH_SHAPE)
def test_set_input_names(name: str) -> None:
    made = columns()
    candles = frame(made)
    count = len(columns_of(name))
    several = isinstance(next(iter(DEFINITIONS[name].inputs.values())), list)
    keyword = next(iter(DEFINITIONS[name].inputs))
    series = ["open"] * count if several else "open"
    same_after(
        name,
        lambda f: f.set_input_arrays(made) and None,
        lambda f: f.set_input_names({keyword: series}),
        lambda f: f.outputs,
        lambda f: f(*arrays(name)),
        lambda f: f(candles),
        lambda f: setattr(f, "input_names", OrderedDict([(keyword, series)])),
        lambda f: f.run(),
        lambda f: f.set_input_names({}),
        lambda f: f.set_input_names({"unknown": "open"}),
        lambda f: f.set_input_names({keyword: "missing"}),
        lambda f: f.outputs,
        lambda f: f(made),
        lambda f: f.set_input_names(None),
    )


@pytest.mark.parametrize("name", ["ATR", "AVGPRICE"])
def test_input_names_changed_in_place(name: str) -> None:
    def change(function: Any) -> None:
        function.input_names["prices"][-1] = "volume"

    made = columns()
    candles = frame(made)
    same_after(name, lambda f: f(made), change, lambda f: f(made), lambda f: f(candles))
    assert ta.Function(name).input_names == original().Function(name).input_names


@pytest.mark.parametrize("name", ONE_OF_EACH_SHAPE)
def test_set_input_arrays(name: str) -> None:
    made = columns()
    for function in both(name):
        assert function.set_input_arrays(made) is True
        assert function.set_input_arrays(frame(made)) is True
        for other in (None, 5, "text", [1.0], made["close"], pd.Series(made["close"]), object()):
            assert function.set_input_arrays(other) is False
        with pytest.raises(Exception, match="input_arrays parameter missing required data key"):
            function.set_input_arrays({})
        assert type(function.input_arrays) is pd.DataFrame
        function.input_arrays = made
        assert function.input_arrays == made
        assert function.input_arrays is not made


@pytest.mark.parametrize("name", DEFINITIONS)
def test_run(name: str) -> None:
    made = columns()
    candles = frame(made)
    same_after(
        name,
        lambda f: f.run(),
        lambda f: f.run(made),
        lambda f: f.run(),
        lambda f: f.run({}),
        lambda f: f.run([1.0]),
        lambda f: f.run(candles),
        lambda f: f.run(made["close"]),
        lambda f: f.run({"volume": made["volume"]}),
    )


@pytest.mark.parametrize("name", DEFINITIONS)
def test_outputs_are_kept(name: str) -> None:
    ours, theirs = both(name)
    made = columns()
    for function in (ours, theirs):
        result = function(made, **small(name))
        again = function.outputs
        if isinstance(result, list):
            assert all(one is other for one, other in zip(result, again, strict=True))
        else:
            assert result is again
    candles = frame(made)
    assert_identical(ours(candles, **small(name)), theirs(candles, **small(name)))
    assert_identical(ours.outputs, theirs.outputs)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_outputs_of_a_frame_are_the_callers_own(name: str) -> None:
    function, candles = ta.Function(name), frame(columns())
    first = function(candles, **small(name))
    kept = first.copy()
    first.iloc[:] = 7
    second = function.outputs
    assert second.equals(kept)
    second.iloc[:] = 8
    assert function.outputs.equals(kept)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_candles_in_use_are_used_again(name: str) -> None:
    candles = frame(columns())
    for given in ([columns()], [candles], arrays(name)):
        same_after(
            name,
            lambda f, given=given: f(*given),
            lambda f: f(),
            lambda f: f(**small(name)),
            lambda f: f(*small(name).values()),
            lambda f: f.outputs,
        )


def test_frame_after_arrays_is_taken_instead() -> None:
    made = columns()
    candles = frame(made)
    same_after("SMA", lambda f: f(made["open"], candles, 5), lambda f: f(timeperiod=3))
    same_after("SMA", lambda f: f(made["open"], made), lambda f: f(made["open"], {}))


def test_output_that_talib_cannot_name() -> None:
    for value in (99, -1):
        functions = both("MA")
        for function in functions:
            function.set_parameters(matype=value)
        assert_same(*[outcome(str, function) for function in functions])


def test_all_lists_every_function() -> None:
    assert set(ta.__all__) == {
        *("Function", "MA_Type", "batch", "get_functions", "get_function_groups"),
        *DEFINITIONS,
    }
    assert all(getattr(ta, name) is ta.FUNCTIONS[name] for name in DEFINITIONS)
    assert set(DEFINITIONS) <= set(original().__all__)
