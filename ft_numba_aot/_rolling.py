"""Rolling windows of float64 arrays, as pandas computes them: over ``kernels/rolling.py``.

Each takes a vector, a window of at least one row that ends at its row, and ``min_periods``, from
0 to the window (None: the window), and returns a new array. Infinities count as missing. The bits
are those of one pandas, which ``certified`` tells. Imports numpy and the backend.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ._backend import call, work

Floats: TypeAlias = npt.NDArray[np.float64]

# Whose sources these are, and whose wheels were compared.
PANDAS = ("3.1.1",)


@cache
def certified() -> str | None:
    """None where the installed pandas is one whose bits these are; else why it isn't known."""
    pandas = sys.modules.get("pandas")
    installed = str(pandas.__version__) if pandas is not None else version("pandas")
    if installed not in PANDAS:
        return f"pandas {installed}: rolling windows were compared with {', '.join(PANDAS)}"
    # Elsewhere, C compilers fuse multiply-adds.
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return f"{platform.machine()}: pandas' rolling windows were compared on x86-64"
    return None


def _vector(values: npt.ArrayLike) -> Floats:
    return np.ascontiguousarray(values, dtype=np.float64)


def _least(window: int, min_periods: int | None) -> int:
    return window if min_periods is None else min_periods


_sum = call("rolling_sum")
_mean = call("rolling_mean")
_var = call("rolling_var")
_std = call("rolling_std")
_ewm_mean = call("ewm_mean")


def _with_work(name: str) -> Callable[..., Floats]:
    """The kernel ``name``, of a vector and parameters, with its output and work space."""
    kernel, size = call(name), work(name)
    assert size is not None

    def run(vector: Floats, *parameters: Any) -> Floats:
        out = np.empty(len(vector))
        kernel(vector, *parameters, out, np.empty(size(len(vector), *parameters)))
        return out

    return run


_min = _with_work("rolling_min")
_max = _with_work("rolling_max")


def sum(values: npt.ArrayLike, window: int, min_periods: int | None = None) -> Floats:
    """``Rolling.sum``."""
    vector = _vector(values)
    out = np.empty(len(vector))
    _sum(vector, window, _least(window, min_periods), out)
    return out


def mean(values: npt.ArrayLike, window: int, min_periods: int | None = None) -> Floats:
    """``Rolling.mean``."""
    vector = _vector(values)
    out = np.empty(len(vector))
    _mean(vector, window, _least(window, min_periods), out)
    return out


def var(
    values: npt.ArrayLike, window: int, min_periods: int | None = None, ddof: int = 1
) -> Floats:
    """``Rolling.var``."""
    vector = _vector(values)
    out = np.empty(len(vector))
    _var(vector, window, _least(window, min_periods), ddof, out)
    return out


def std(
    values: npt.ArrayLike, window: int, min_periods: int | None = None, ddof: int = 1
) -> Floats:
    """``Rolling.std``."""
    vector = _vector(values)
    out = np.empty(len(vector))
    _std(vector, window, _least(window, min_periods), ddof, out)
    return out


def min(values: npt.ArrayLike, window: int, min_periods: int | None = None) -> Floats:
    """``Rolling.min``."""
    return _min(_vector(values), window, _least(window, min_periods))


def max(values: npt.ArrayLike, window: int, min_periods: int | None = None) -> Floats:
    """``Rolling.max``."""
    return _max(_vector(values), window, _least(window, min_periods))


def center_of_mass(
    com: float | None = None,
    span: float | None = None,
    halflife: float | None = None,
    alpha: float | None = None,
) -> float:
    """What exactly one of them, a number in its domain, says of the weights, as pandas has it."""
    if com is not None:
        return float(com)
    if span is not None:
        return float((span - 1) / 2)
    if halflife is not None:
        return float(1 / (1 - np.exp(np.log(0.5) / halflife)) - 1)
    assert alpha is not None
    return float((1 - alpha) / alpha)


def ewm_mean(
    values: npt.ArrayLike,
    com: float | None = None,
    span: float | None = None,
    halflife: float | None = None,
    alpha: float | None = None,
    min_periods: int | None = 0,
    adjust: bool = True,
    ignore_na: bool = False,
) -> Floats:
    """``ExponentialMovingWindow.mean``, the arguments those of ``ewm``."""
    vector = _vector(values)
    out = np.empty(len(vector))
    least = 1 if min_periods is None or min_periods < 1 else min_periods
    mass = center_of_mass(com, span, halflife, alpha)
    _ewm_mean(vector, mass, least, bool(adjust), bool(ignore_na), out)
    return out
