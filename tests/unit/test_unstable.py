"""Unstable periods hold back the results that TA-Lib holds back, or nothing is computed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from candles import any_candles, candles, same_bits
from definitions import arguments_of, parameters_of
from hypothesis import given
from hypothesis import strategies as st
from outcomes import original

from ft_numba_aot import ta, talib_func
from ft_numba_aot.ta import _unstable
from ft_numba_aot.ta._table import DEFINITIONS

DEPENDENT = sorted(
    name
    for name, definition in DEFINITIONS.items()
    if _unstable.unstable_periods(name) or _unstable.averages(definition)
)


@contextmanager
def set_to(periods: dict[str, int]) -> Iterator[Any]:
    """TA-Lib, with these unstable periods set in it and in ours."""
    original()
    import talib

    try:
        for module in (talib, talib_func):
            for name, period in periods.items():
                module.set_unstable_period(name, period)
        yield talib
    finally:
        for module in (talib, talib_func):
            module.set_unstable_period("ALL", 0)


@given(data=st.data())
def test_held_back_as_in_talib_or_refused(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(DEPENDENT))
    definition = DEFINITIONS[name]
    columns = data.draw(any_candles(200))
    arrays = arguments_of(definition, columns, "arrays")
    parameters = parameters_of(data.draw, definition, len(arrays[0]))
    names = st.sampled_from(sorted(_unstable.FUNCTIONS))
    periods = data.draw(st.dictionaries(names, st.sampled_from([1, 3, 40]), max_size=3))
    own = _unstable.unstable_periods(name)
    periods |= dict.fromkeys(own, data.draw(st.sampled_from([0, 1, 3, 40])))
    with set_to(periods) as talib:
        theirs = getattr(talib, name)(*arrays, **parameters)
        try:
            results = [getattr(talib_func, name)(*arrays, **parameters)]
            results.append(ta.Function(name)(*arrays, **parameters))
        except Exception as error:
            assert "isn't computed with an unstable period" in str(error)  # noqa: PT017
            return
        expected = list(theirs) if isinstance(theirs, tuple) else [theirs]
        for ours in results:
            outputs = list(ours) if isinstance(ours, tuple | list) else [ours]
            for one, other in zip(outputs, expected, strict=True):
                assert same_bits(one, other), (name, parameters, periods)


@pytest.mark.parametrize("name", sorted(set(_unstable.FUNCTIONS) - {"DX"}))
def test_each_holds_back_as_many_more(name: str) -> None:
    columns = candles(np.random.default_rng(4), 200)
    arrays = arguments_of(DEFINITIONS[name], columns, "arrays")
    with set_to({name: 7}) as talib:
        theirs, ours = getattr(talib, name)(*arrays), getattr(talib_func, name)(*arrays)
        assert np.array_equal(np.asarray(ours), np.asarray(theirs), equal_nan=True)
        assert ta.Function(name).lookback == talib.abstract.Function(name).lookback
        assert talib_func.get_unstable_period(name) == talib.get_unstable_period(name) == 7
    assert not np.array_equal(np.asarray(getattr(talib_func, name)(*arrays)), np.asarray(ours))


def test_what_an_unstable_period_would_change_is_refused() -> None:
    columns = candles(np.random.default_rng(4), 200)
    with set_to({"EMA": 3}), pytest.raises(Exception, match="MACD isn't computed"):
        ta.Function("MACD")(columns)


@pytest.mark.parametrize("name", ["ema", "NONE_SUCH", "ADXR", "MFI", "STOCHRSI"])
@pytest.mark.filterwarnings("ignore:unstable period:DeprecationWarning")
def test_names_are_talibs(name: str) -> None:
    with set_to({}) as talib:
        for module in (talib, talib_func):
            if name.isupper() and "_" not in name:
                with pytest.deprecated_call():
                    module.set_unstable_period(name, 3)
                assert module.get_unstable_period(name) == 0
            else:
                with pytest.raises(KeyError):
                    module.set_unstable_period(name, 3)
                with pytest.raises(KeyError):
                    module.get_unstable_period(name)


@pytest.mark.parametrize("period", [-1, 2**32, 2**70, None, "3", 2.0, True, np.int64(3)])
def test_lengths_are_talibs(period: Any) -> None:
    with set_to({}) as talib:
        found = []
        for module in (talib, talib_func):
            try:
                module.set_unstable_period("EMA", period)
            except (OverflowError, TypeError) as error:
                found.append(type(error))
            else:
                found.append(module.get_unstable_period("EMA"))
        assert found[0] == found[1]


@pytest.mark.parametrize("value", [0, 1, 2.5, -(2**31), 2**31, None, "1", True, np.int64(1)])
@pytest.mark.parametrize("streaming", [False, True])
def test_compatibility_is_one(value: Any, streaming: bool) -> None:
    with set_to({}) as talib:
        found = []
        for module in (talib, talib_func):
            stream = module.stream.SMA(np.arange(9.0), 5) if streaming else None
            try:
                module.set_compatibility(value)
            except OverflowError:
                found.append(OverflowError)
            except (RuntimeError, TypeError) as error:
                found.append((type(error), str(error)))
            else:
                found.append(module.get_compatibility())
            del stream
    assert found[0] == found[1]


def test_modules_of_talib() -> None:
    assert talib_func.abstract is ta
    assert talib_func.func is talib_func
    assert list(DEFINITIONS) == talib_func.__TA_FUNCTION_NAMES__
    with pytest.raises(AttributeError):
        talib_func.SMB  # noqa: B018
