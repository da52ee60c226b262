"""``talib_func`` has the interface of ``talib``'s plain functions, results and errors."""

from __future__ import annotations

import inspect
import pickle
import re
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from candles import any_candles, frame
from definitions import parameters_of
from hypothesis import given
from hypothesis import strategies as st
from outcomes import ONE_OF_EACH_SHAPE, arrays, assert_same, columns, original, outcome

from ft_numba_aot import ta, talib_func
from ft_numba_aot.ta._table import DEFINITIONS


def plain(name: str) -> tuple[Any, Any]:
    original()
    return getattr(talib_func, name), getattr(sys.modules["talib"], name)


def assert_same_call(name: str, *arguments: Any, **keywords: Any) -> None:
    ours, theirs = plain(name)
    expected = outcome(theirs, *arguments, **keywords)
    assert_same(outcome(ours, *arguments, **keywords), expected, f"{name} {keywords}")


@pytest.mark.parametrize("name", DEFINITIONS)
def test_any_call(name: str) -> None:
    given = arrays(name)
    assert_same_call(name, *given)
    values = [parameter.default for parameter in DEFINITIONS[name].parameters]
    assert_same_call(name, *map(pd.Series, given), *values)
    named = inspect.signature(plain(name)[1]).parameters
    assert_same_call(name, **dict(zip(named, given, strict=False)))


@given(data=st.data())
def test_any_parameters(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(DEFINITIONS)))
    candles = data.draw(any_candles(60))
    parameters = parameters_of(data.draw, DEFINITIONS[name], len(candles["close"]))
    made = arrays(name, candles)
    assert_same_call(name, *made, **parameters)
    index = pd.Index(np.arange(len(made[0])) * 3, name="three")
    assert_same_call(name, *[pd.Series(array, index) for array in made], *parameters.values())


@pytest.mark.parametrize("name", ONE_OF_EACH_SHAPE)
def test_arguments_that_do_not_fit(name: str) -> None:
    given = arrays(name)
    assert_same_call(name)
    assert_same_call(name, *given[:-1])
    assert_same_call(name, *given, *range(20))
    assert_same_call(name, *given, unknown=1)
    first = DEFINITIONS[name].arguments[0]
    assert_same_call(name, *given, **{first: given[0]})
    for value in ([1.0], None, given[0].tolist(), given[0].astype("f4"), given[0][:, None]):
        assert_same_call(name, *given[:-1], value)
    assert_same_call(name, *given[:-1], pd.Series(["a"] * len(given[0])))
    assert_same_call(name, *given[:-1], given[-1][:-1])


@pytest.mark.parametrize(
    "value",
    [5.7, np.float64(5), np.int64(5), True, None, "5", np.array(5), 2**31, 2**70, -(2**31), 0, [5]],
)
def test_what_an_int_may_be(value: Any) -> None:
    assert_same_call("SMA", *arrays("SMA"), value)
    assert_same_call("SMA", *arrays("SMA"), timeperiod=value)


@pytest.mark.parametrize("value", [2, 0, True, np.float32(0.5), None, "2", np.nan, -4e37, 1e300])
def test_what_a_float_may_be(value: Any) -> None:
    assert_same_call("T3", *arrays("T3"), 3, value)


def test_polars() -> None:
    polars = pytest.importorskip("polars")
    high, low, close = (polars.Series(array) for array in arrays("ATR"))
    assert_same_call("ATR", high, low, close)
    assert_same_call("BBANDS", close)
    assert_same_call("ATR", high, low, pd.Series(arrays("ATR")[2]))


def test_a_series_gives_its_index() -> None:
    close = frame(columns())["close"].set_axis(pd.date_range("2024", periods=90))
    upper, *_ = talib_func.BBANDS(close)
    assert upper.index is close.index
    assert type(talib_func.SMA(close.to_numpy())) is np.ndarray


def test_functions_are_described_and_pickled() -> None:
    ours, theirs = plain("STOCH")
    assert list(inspect.signature(ours).parameters) == list(inspect.signature(theirs).parameters)
    assert ours.__doc__.startswith("STOCH(ndarray high, ndarray low, ndarray close, int fastk_peri")
    assert pickle.loads(pickle.dumps(ours)) is ours
    assert (ours.__name__, ours.__module__) == ("STOCH", "ft_numba_aot.talib_func")


@pytest.mark.parametrize("name", DEFINITIONS)
def test_documentation_is_talibs(name: str) -> None:
    ours, theirs = plain(name)
    (our_line, _, below), (their_line, _, others) = (
        one.__doc__.partition("\n\n") for one in (ours, theirs)
    )
    assert below.strip() == others.strip()
    assert re.sub("=[^,)]*", "", our_line) == re.sub("=[^,)]*", "", their_line)


def test_what_there_is() -> None:
    original()
    talib = sys.modules["talib"]
    known = set(DEFINITIONS)
    assert ta.get_functions() == [name for name in talib.get_functions() if name in known]
    groups = talib.get_function_groups().items()
    theirs = {group: [name for name in names if name in known] for group, names in groups}
    assert ta.get_function_groups() == {group: names for group, names in theirs.items() if names}
    for number in range(14):
        assert ta.MA_Type[number] == talib.MA_Type[number]
    short = [name for name in dir(talib.MA_Type) if not name.startswith("_")]
    assert {name: getattr(ta.MA_Type, name) for name in short} == {
        name: getattr(talib.MA_Type, name) for name in short
    }
    with pytest.raises(KeyError):
        ta.MA_Type[-1]
