"""Kernels of your own: functions of arrays and numbers, compiled ahead of time.

    from ft_numba_aot.aot import F64In, F64Out, kernel

    @kernel
    def momentum(close: F64In, timeperiod: int = 10, *, out: F64Out) -> None:
        for i in range(timeperiod, len(close)):
            out[i] = close[i] - close[i - timeperiod]

``momentum(dataframe["close"], 20)`` returns what was written to ``out``. It runs as Python, and
compiled where ``ft-numba-aot build`` has put an extension beside the file, with the same results
and errors.

Imports the standard library and numpy.
"""

from __future__ import annotations

from .._kernels._numeric import (
    INF,
    NAN,
    acos,
    asin,
    atan,
    ceil,
    cos,
    cosh,
    div,
    exp,
    floor,
    fma,
    log,
    log10,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
    to_int,
)
from .._kernels._spec import BoolIn, F64In, F64Out, I64In, I64Out
from ._declared import Kernel, helper, kernel
from ._extension import backend_info

__all__ = [
    "INF",
    "NAN",
    "BoolIn",
    "F64In",
    "F64Out",
    "I64In",
    "I64Out",
    "Kernel",
    "acos",
    "asin",
    "atan",
    "backend_info",
    "ceil",
    "cos",
    "cosh",
    "div",
    "exp",
    "floor",
    "fma",
    "helper",
    "kernel",
    "log",
    "log10",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
    "to_int",
]
