"""Every function of ``ft_numba_aot.ta`` gives TA-Lib's bits, over its whole parameter range."""

from __future__ import annotations

import platform
from typing import Any

import numpy as np
import pytest
from candles import any_candles, assert_identical, candles, frame, real_candles
from definitions import arguments_of, in_order, parameters_of
from edges import EDGES, edges
from hypothesis import given
from hypothesis import strategies as st

from ft_numba_aot import ta, talib_func
from ft_numba_aot.ta._table import DEFINITIONS

talib = pytest.importorskip("talib", reason="TA-Lib is the original")
abstract = pytest.importorskip("talib.abstract", reason="TA-Lib is the original")
pytestmark = [
    pytest.mark.skipif(talib.__version__ != "0.8.2", reason="the reference is TA-Lib 0.8.2"),
    pytest.mark.skipif(
        platform.machine().lower() not in {"x86_64", "amd64"},
        reason="TA-Lib's own wheels differ between architectures",
    ),
]

LIMITS = ("minperiod", "maxperiod")  # MAVP's: neither alone may pass the other
FORMS = ("frame", "series", "arrays", "dict")


def both(name: str, arguments: list[Any], parameters: dict[str, Any]) -> tuple[Any, Any]:
    ours = ta.Function(name)(*arguments, **parameters)
    return ours, abstract.Function(name)(*arguments, **parameters)


@pytest.mark.parametrize("name", DEFINITIONS)
@given(data=st.data())
def test_identical_on_any_candles(name: str, data: st.DataObject) -> None:
    columns = data.draw(any_candles())
    definition = DEFINITIONS[name]
    parameters = parameters_of(data.draw, definition, len(columns["close"]))
    arguments = arguments_of(definition, columns, data.draw(st.sampled_from(FORMS)))
    ours, theirs = both(name, arguments, parameters)
    assert_identical(ours, theirs, f"{name} {parameters}")


@pytest.mark.skipif(not real_candles(), reason="no folder of real candles on this machine")
@pytest.mark.parametrize("name", DEFINITIONS)
def test_identical_on_real_candles(name: str) -> None:
    definition = DEFINITIONS[name]
    for seed, columns in enumerate(real_candles().values()):
        rng = np.random.default_rng(seed)
        candle_frame = frame(columns)
        drawn = {
            p.name: int(rng.integers(p.low, min(p.high, 60) + 1))
            if isinstance(p.default, int)
            else float(np.clip(rng.lognormal(0, 1), p.low, p.high))
            for p in definition.parameters
        }
        for parameters in ({}, in_order(drawn)):
            ours, theirs = both(name, [candle_frame], parameters)
            assert_identical(ours, theirs, f"{name} {parameters}")


@pytest.mark.parametrize("name", DEFINITIONS)
def test_identical_at_every_short_length(name: str) -> None:
    definition = DEFINITIONS[name]
    rng = np.random.default_rng(7)
    columns = candles(rng, 80, "decades")
    for length in range(80):
        arguments = arguments_of(
            definition, {k: v[:length].copy() for k, v in columns.items()}, "arrays"
        )
        assert_identical(*both(name, arguments, {}), f"{name} of {length}")


@pytest.mark.parametrize("name", EDGES)
def test_identical_at_its_edges(name: str) -> None:
    ours, theirs = getattr(talib_func, name), getattr(talib, name)
    for arrays, parameters in edges(name):
        found, expected = ours(*arrays, *parameters), theirs(*arrays, *parameters)
        assert_identical(found, expected, (name, parameters, arrays))


@pytest.mark.parametrize("name", DEFINITIONS)
def test_described_as_in_talib(name: str) -> None:
    ours, theirs = ta.Function(name), abstract.Function(name)
    assert ours.info == theirs.info
    assert str(ours) == str(theirs)


@pytest.mark.parametrize("name", [n for n, d in DEFINITIONS.items() if d.parameters])
def test_parameter_ranges_are_talibs(name: str) -> None:
    definition = DEFINITIONS[name]
    rng = np.random.default_rng(3)
    arguments = arguments_of(definition, candles(rng, 60), "arrays")
    plain = getattr(talib, name)
    for parameter in definition.parameters:
        low, high = parameter.low, parameter.high
        if isinstance(parameter.default, int):
            outside: list[Any] = [low - 1, high + 1]
        else:
            outside = [np.nextafter(low, -np.inf), np.nextafter(high, np.inf)]
        for value in (low, high):
            both_limits = dict.fromkeys(LIMITS, value) if parameter.name in LIMITS else {}
            plain(*arguments, **{parameter.name: value} | both_limits)
        for value in outside:
            with pytest.raises(Exception, match="TA_BAD_PARAM"):
                plain(*arguments, **{parameter.name: value})
            with pytest.raises(Exception, match="TA_BAD_PARAM"):
                ta.Function(name)(*arguments, **{parameter.name: type(parameter.default)(value)})
