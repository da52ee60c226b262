"""technical's kernels: native as pure, and another operation would show."""

from __future__ import annotations

import inspect
import re
import textwrap
from types import FunctionType
from typing import Any

import numpy as np
import pytest
from candles import any_candles, same_bits
from hypothesis import given
from hypothesis import strategies as st

from ft_numba_aot import _backend

from .test_indicators_technical import CALLS, FUNCTIONS, MODULES, _walk, check

KERNELS = {name: one for name, one in _backend._pure_kernels().items() if one.family == "technical"}

# By kernel: a function that runs it, and what is put in place of what.
MUTANTS = {
    "laguerre": ("laguerre", "up + second - third", "up + (second - third)"),
    "trend_moves": ("tv_trama", "lowest[i] < 0.0", "lowest[i] > 0.0"),
    "trama": ("tv_trama", "+ share * distance", "- share * distance"),
    "vidya": ("VIDYA", "(1 - weight) * out[i - 1]", "(out[i - 1] - weight * out[i - 1])"),
    "pmax": ("PMAX", "average[i - 1], 1.0", "average[i], 1.0"),
    "supertrend": ("supertrend", "close[i - 1], 1.0", "close[i], 1.0"),
    "td_sequential": ("td_sequential", "up % 10", "up % 9"),
    "smooth": ("ehlers_super_smoother", "one + two + three", "one + (two + three)"),
    "colour": ("mmar", "out[i] = MAROON", "out[i] = RED"),
    "squeeze": ("madrid_sqz", "squeeze[i] >= 0.0", "squeeze[i] < 0.0"),
    "wma": ("tv_wma", "total / norm", "total * (1 / norm)"),
    "ssl": ("SSLChannels", "below = True", "below = False"),
    "fibonacci": ("fibonacci_retracements", "place >= 0.618", "place >= 0.75"),
    "mean_of_seven": ("TKE", "total / count", "total * (1 / count)"),
    "heikin_ashi": ("heikinashi", "o + h + low_ + c", "(o + h) + (low_ + c)"),
    "doji": ("doji", "* 0.1", "* 0.01"),
    "touches": ("touches", "opened[i] >= close[i]", "opened[i] < close[i]"),
}


@pytest.mark.skipif(_backend.backend() == "pure", reason="nothing to compare it with")
@pytest.mark.parametrize("name", KERNELS)
@given(data=st.data())
def test_native_equals_pure(name, data):
    columns = list(data.draw(any_candles(max_size=60)).values())
    length = len(columns[0])
    arguments: list[Any] = []
    for position, code in enumerate(KERNELS[name].arguments.values()):
        if code == "d":
            arguments.append(columns[position % len(columns)])
        elif code in "DQ":
            arguments.append(np.zeros(length, np.float64 if code == "D" else np.int64))
        elif code == "int":
            arguments.append(data.draw(st.integers(3, 12)))
        else:
            arguments.append(data.draw(st.booleans() if code == "bool" else st.floats(0.1, 2.0)))
    pure = [one.copy() if isinstance(one, np.ndarray) else one for one in arguments]
    status = _backend._pure(KERNELS[name])(*pure)
    assert getattr(_backend._native, name)(*arguments) == status
    for one, other in zip(arguments, pure, strict=True):
        if isinstance(one, np.ndarray):
            assert same_bits(one, other)


def test_every_kernel_has_a_mutant():
    assert {f"technical_{name}" for name in MUTANTS} == KERNELS.keys()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", MUTANTS)
def test_another_operation_would_show(name, monkeypatch):
    function, old, new = MUTANTS[name]
    original = KERNELS[f"technical_{name}"].function
    source = textwrap.dedent(inspect.getsource(original)).partition("\n")[2]
    assert old in source
    scope = dict(original.__globals__)
    exec(re.sub(r"^@.*\n", "", source.replace(old, new)), scope)
    mutant = scope[original.__name__]
    assert isinstance(mutant, FunctionType)
    for module in MODULES:
        for variable, value in list(vars(module).items()):
            if isinstance(value, dict) and name in value and variable == "_kernels":
                monkeypatch.setitem(value, name, mutant)
            elif variable in (f"_{name}", f"_kernel_{name}") and callable(value):
                monkeypatch.setattr(module, variable, mutant)
    if name == "heikin_ashi":
        monkeypatch.setattr(
            "ft_numba_aot.freqtrade_integration.indicators.technical_candles._kernel", mutant
        )
    candles = _walk(160)
    if function == "ehlers_super_smoother":
        ours = FUNCTIONS[function]
        assert not ours(candles["close"]).equals(ours.__wrapped__(candles["close"]))
        return
    # The last call is of short windows, or of a price that is met.
    call = CALLS[function][-1 if function in ("tv_trama", "touches") else 0]
    with pytest.raises(AssertionError):
        check(function, candles, *call)
