"""Every kernel is declared as the tables that use it say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ft_numba_aot import _backend
from ft_numba_aot._kernels import _spec
from ft_numba_aot.ta import FUNCTIONS, _function
from ft_numba_aot.ta._table import DEFINITIONS, INTEGER_OUTPUTS

KERNELS = _backend._pure_kernels()


@pytest.mark.parametrize("name", DEFINITIONS)
def test_kernel_takes_what_the_table_says(name: str) -> None:
    definition, kernel = DEFINITIONS[name], KERNELS[name.lower()]
    expected = ["d"] * len(definition.arguments)
    expected += [type(p.default).__name__ for p in definition.parameters]
    expected += ["I" if output in INTEGER_OUTPUTS else "D" for output in definition.outputs]
    expected += ["D"] if kernel.work else []
    assert list(kernel.arguments.values()) == expected


def test_every_listed_function_is_there() -> None:
    listed = """
        SMA EMA WMA DEMA TEMA TRIMA KAMA BBANDS SAR RSI MACD MACDFIX STOCH STOCHF STOCHRSI ADX
        PLUS_DI MINUS_DI PLUS_DM MINUS_DM DX AROON AROONOSC CCI CMO MFI MOM ROC ROCP ROCR WILLR
        ULTOSC TRIX APO PPO ATR NATR TRANGE OBV AD ADOSC STDDEV VAR MIN MAX SUM MIDPOINT MIDPRICE
        TYPPRICE MEDPRICE AVGPRICE WCLPRICE LINEARREG LINEARREG_SLOPE LINEARREG_INTERCEPT
        LINEARREG_ANGLE TSF HT_SINE HT_TRENDLINE HT_DCPERIOD HT_DCPHASE HT_PHASOR HT_TRENDMODE
        CDLHAMMER CDLDOJI CDLENGULFING CDLMORNINGSTAR
    """.split()
    assert set(listed) <= set(FUNCTIONS)
    assert list(FUNCTIONS) == list(DEFINITIONS)


def test_declaring_twice_is_an_error() -> None:
    def sma(real: _spec.F64In, out: _spec.F64Out) -> None: ...

    with pytest.raises(ValueError, match="'sma' is declared twice"):
        _spec.kernel()(sma)


def test_native_and_pure_have_the_same_kernels() -> None:
    if _backend._native is None:
        pytest.skip("the backend is pure")
    native = {n for n in dir(_backend._native) if not n.startswith("_") and "__" not in n}
    assert native == set(KERNELS)


def test_stub_names_every_function() -> None:
    stub = Path(_function.__file__).with_name("__init__.pyi").read_text("utf-8")
    assert re.findall(r"^(\w+): _Function$", stub, re.MULTILINE) == list(FUNCTIONS)
