"""Parameters of other types, out of range, too many, or unknown."""

from __future__ import annotations

import decimal
import enum
import fractions
from typing import Any

import numpy as np
import pytest
from definitions import REPRESENTATIVES, WITH_PARAMETERS
from outcomes import (
    arrays,
    assert_raises_same,
    assert_same,
    assert_same_call,
    both,
    columns,
    columns_of,
    outcome,
    with_each,
)

from ft_numba_aot import ta
from ft_numba_aot.ta._table import DEFINITIONS


class Five(enum.IntEnum):
    FIVE = 5


class Real(float):
    pass


OTHER_TYPES: list[Any] = [
    *(5.0, 5, True, False, "5", b"5", 5j, [5], (5,), {5}, {"timeperiod": 5}, object(), int, len),
    *(np.int64(5), np.int32(5), np.uint8(5), np.float64(5), np.float32(5), np.bool_(True)),
    *(np.array(5), np.array(5.0), np.datetime64(5, "s"), decimal.Decimal(5), fractions.Fraction(5)),
    *(Five.FIVE, Real(5), None, Ellipsis, NotImplemented),
]
INTEGERS = [
    *(-1, 0, 1, 2, 13, 14, 99_999, 100_000, 100_001, -(10**30), 10**30),
    *(2**31 - 1, 2**31, 2**32 + 5, 2**63 - 1, 2**63, 2**64 + 5),
    *(-(2**31) + 1, -(2**31), -(2**31) - 1, -(2**63), -(2**63) - 1),
]
REALS = [
    *(-1.0, -0.0, 0.0, 0.5, 1.0, 3e37, -3e37, -4e37, 4e37, 1e308, -1e308, 5e-324),
    *(float("nan"), -float("nan"), float("inf"), -float("inf")),
]
MARKS_OF_THE_DEFAULT = {int: -(2**31), float: -4e37}


def values(parameter: Any) -> list[Any]:
    return [*OTHER_TYPES, *(INTEGERS if isinstance(parameter.default, int) else REALS)]


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_by_keyword(name: str) -> None:
    for parameter in DEFINITIONS[name].parameters:
        for value in values(parameter):
            assert_same_call(
                name, *arrays(name), **{parameter.name: value}, note=(parameter, value)
            )


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_by_position(name: str) -> None:
    for i, parameter in enumerate(DEFINITIONS[name].parameters):
        for value in (5.0, 5, True, None, "5", np.int64(5), np.float64(5), -1, 0, 1e300, 10**30):
            assert_same_call(name, *arrays(name), *[None] * i, value, note=(parameter, value))


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_set_beforehand(name: str) -> None:
    given = arrays(name)
    for parameter in DEFINITIONS[name].parameters:
        for value in (5.0, 5, True, None, "5", np.int64(5), np.float64(5), -1, 0, 1e300, 10**30):
            (ours, theirs), note = both(name), (parameter, value)
            change = {parameter.name: value}
            assert_same(
                outcome(ours.set_parameters, change), outcome(theirs.set_parameters, change), note
            )
            assert ours.parameters == theirs.parameters, note
            assert_same(outcome(ours, *given), outcome(theirs, *given), note)


@pytest.mark.parametrize("bad", [5, "text", [("timeperiod", 5)], {"timeperiod"}])
def test_set_to_what_is_no_dict(bad: Any) -> None:
    errors = [outcome(function.set_parameters, bad).error for function in both("SMA")]
    assert type(errors[0]) is type(errors[1])


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_mark_of_the_default(name: str) -> None:
    given = arrays(name)
    for parameter in DEFINITIONS[name].parameters:
        mark = MARKS_OF_THE_DEFAULT[type(parameter.default)]
        outcome = assert_same_call(name, *given, **{parameter.name: mark})
        assert outcome.error is None
        assert_same_call(name, *given)


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_out_of_range_is_named_with_its_range(name: str) -> None:
    for parameter in DEFINITIONS[name].parameters:
        value = parameter.high * 2
        with pytest.raises(Exception, match="TA_BAD_PARAM") as caught:
            ta.Function(name)(*arrays(name), **{parameter.name: value})
        assert str(caught.value).endswith(
            f"{parameter.name}={value!r} is not in {parameter.low} to {parameter.high}"
        )


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_too_many_are_ignored(name: str) -> None:
    given, count = arrays(name), len(DEFINITIONS[name].parameters)
    for excess in (5, None, "text", 1.5, [1], object()):
        assert assert_same_call(name, *given, *[None] * count, excess).error is None


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_unknown_keywords_are_ignored(name: str) -> None:
    given = arrays(name)
    for keyword in ("period", "Timeperiod", "real", "high", "args", "candles", "state"):
        for value in (5, "text", None, given[0]):
            assert assert_same_call(name, *given, **{keyword: value}).error is None


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_keyword_and_position_at_once(name: str) -> None:
    parameter = DEFINITIONS[name].parameters[0]
    low, high = (type(parameter.default)(value) for value in (3, 7))
    for position, keyword in ((low, high), (None, high), (low, None), (low, "7"), ("3", high)):
        assert_same_call(name, *arrays(name), position, **{parameter.name: keyword})


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_failed_call_leaves_nothing_behind(name: str) -> None:
    function, given = ta.Function(name), arrays(name)
    parameters = function.parameters
    for parameter in DEFINITIONS[name].parameters:
        for value in (parameter.high * 2, "text", 10**30, np.float32(5)):
            for call in (function, function.set_parameters, function.set_function_args):
                outcome(call, *given, **{parameter.name: value})
    with pytest.raises(TypeError):
        function.set_parameters({**parameters, parameter.name: "text"})
    assert function.parameters == parameters


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_wrong_arrays_and_wrong_parameters_at_once(name: str) -> None:
    parameter = DEFINITIONS[name].parameters[-1]
    given = {"float32": lambda x: x.astype("f4"), "list": list, "2-D": lambda x: np.stack([x, x])}
    for kind, convert in given.items():
        for bad in with_each(name, convert):
            made = {**columns(), **dict(zip(columns_of(name), bad, strict=True))}
            for value in (-7, 2**31, 10**30, -1e300, "text"):
                assert_raises_same(name, made, **{parameter.name: value}, note=(kind, value))
