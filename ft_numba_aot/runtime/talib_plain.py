"""What a call of one of ``talib``'s plain functions runs, such as ``talib.SMA``.

Imports numpy and, with the first function, pandas. ``talib``'s objects are passed in.

On arrays our kernels are hardly faster than TA-Lib's C, but for those of ``OURS``. What is slow is
what TA-Lib's Python does around it, so that is what is replaced: ordinary Series and arrays go to
the C function, and its results become Series, the short way. Anything else is TA-Lib's own.
Whatever TA-Lib's settings are, they hold; and an abstract function that runs TA-Lib's own code runs
TA-Lib's kernel, unless it is one of ``OURS``.
"""

from __future__ import annotations

import functools
import importlib
from types import CellType, FunctionType
from typing import Any

import numpy as np

from ..ta import FUNCTIONS
from .talib_functions import Pair, findable

_FLOAT64 = np.dtype(np.float64)
_ORDINARY = frozenset((np.ndarray, int, float))

# Functions of one array and no parameter whose kernels are ours: several times as fast as C.
OURS = frozenset({"HT_DCPHASE", "HT_SINE", "HT_TRENDMODE"})


def pair(name: str, plain: Any) -> Pair:
    """The pair of ``name``, whose plain function is passed; it may be changed afterwards."""
    import pandas as pd

    from ..ta import _frames

    series_type, make_series = pd.Series, _frames.series
    compiled = plain.__wrapped__
    compute = _ours(name, compiled) if name in OURS else compiled
    original = FunctionType(
        plain.__code__, plain.__globals__, name, plain.__defaults__, (CellType(compiled),)
    )
    functools.update_wrapper(original, plain)

    @functools.wraps(plain)
    def optimized(*args: Any, **kwargs: Any) -> Any:
        index = None
        arrays: Any = args
        for position, argument in enumerate(args):
            given = type(argument)
            if given is series_type:
                values = argument.values
                if type(values) is not np.ndarray or values.dtype != _FLOAT64:
                    return original(*args, **kwargs)
                if index is None:
                    index, arrays = argument.index, [*args]
                arrays[position] = values
            elif given not in _ORDINARY:
                return original(*args, **kwargs)
        for argument in kwargs.values():
            if type(argument) not in _ORDINARY:
                return original(*args, **kwargs)
        result = compute(*arrays, **kwargs)
        if index is None:
            return result
        if type(result) is tuple:
            return tuple([make_series(array, index) for array in result])
        return make_series(result, index)

    return Pair(
        findable(original, "original", name, __name__),
        findable(optimized, "optimized", name, __name__),
    )


def _ours(name: str, compiled: Any) -> Any:
    """Our kernel where it computes what TA-Lib's would, which else runs."""
    kernel = FUNCTIONS[name].func_object
    period_set = importlib.import_module("talib")._ta_lib._ta_get_unstable_period

    def compute(*arrays: Any, **kwargs: Any) -> Any:
        if kwargs or len(arrays) != 1 or period_set(name):
            return compiled(*arrays, **kwargs)
        array = arrays[0]
        if type(array) is not np.ndarray or array.dtype != _FLOAT64 or array.ndim != 1:
            return compiled(*arrays)
        results = kernel(arrays, ())
        return results[0] if len(results) == 1 else tuple(results)

    return compute


def __getattr__(name: str) -> Any:
    kind, _, function = name.partition("_")
    if kind not in Pair._fields or function not in FUNCTIONS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    talib = importlib.import_module("talib")
    return getattr(pair(function, vars(talib)[function]), kind)


def _forward(func: Any) -> Any:
    def wrapper(*args: Any, **kwds: Any) -> Any:
        return func(*args, **kwds)

    return wrapper


# What a plain function runs instead of its own code: whatever its variable ``func`` holds.
FORWARD = _forward(None).__code__
