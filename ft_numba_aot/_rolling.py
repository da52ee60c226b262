"""Rolling windows of float64 arrays, as pandas computes them: over ``kernels/rolling.py``.

Each takes a vector, a window of at least one row that ends at its row, and ``min_periods``, from
0 to the window (None: the window), and returns a new array. Infinities count as missing. The bits
are those of one pandas, which ``certified`` tells. Imports numpy and the backend.
"""

from __future__ import annotations

import math
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


# glibc's pow is within 0.54 of the last digit: what a root was rounded by may be off by a twelfth.
_MARGIN = 1.2 if platform.libc_ver()[0] == "glibc" else math.inf

_ewm_mean = call("ewm_mean")

TIES = {"average": 0, "min": 1, "max": 2}
INTERPOLATIONS = {"linear": 0, "lower": 1, "higher": 2, "nearest": 3, "midpoint": 4}


def _run(name: str) -> Callable[..., Floats]:
    """The kernel ``name``, of vectors and parameters, with its output and any work space."""
    kernel, size = call(f"rolling_{name}"), work(f"rolling_{name}")

    def without(vector: Floats, *parameters: Any) -> Floats:
        out = np.empty(len(vector))
        kernel(vector, *parameters, out)
        return out

    if size is None:
        return without

    def within(vector: Floats, *parameters: Any) -> Floats:
        numbers = [one for one in parameters if type(one) is not bool]
        out = np.empty(len(vector))
        kernel(vector, *parameters, out, np.empty(size(len(vector), *numbers)))
        return out

    return within


(
    _sum,
    _mean,
    _var,
    _std,
    _min,
    _max,
    _count,
    _median,
    _quantile,
    _rank,
    _skew,
    _kurt,
    _cov,
    _corr,
) = map(
    _run,
    "sum mean var std min max count median quantile rank skew kurt cov corr".split(),
)


def sum(values: npt.ArrayLike, window: int, min_periods: int | None = None) -> Floats:
    """``Rolling.sum``."""
    return _sum(_vector(values), window, _least(window, min_periods))


def mean(values: npt.ArrayLike, window: int, min_periods: int | None = None) -> Floats:
    """``Rolling.mean``."""
    return _mean(_vector(values), window, _least(window, min_periods))


def var(
    values: npt.ArrayLike, window: int, min_periods: int | None = None, ddof: int = 1
) -> Floats:
    """``Rolling.var``."""
    return _var(_vector(values), window, _least(window, min_periods), ddof)


def std(
    values: npt.ArrayLike, window: int, min_periods: int | None = None, ddof: int = 1
) -> Floats:
    """``Rolling.std``."""
    return _std(_vector(values), window, _least(window, min_periods), ddof)


def sem(
    values: npt.ArrayLike, window: int, min_periods: int | None = None, ddof: int = 1
) -> Floats:
    """``Rolling.sem``."""
    vector, least = _vector(values), _least(window, min_periods)
    deviations = _std(vector, window, least, ddof)
    with np.errstate(all="ignore"):
        return np.divide(deviations, np.sqrt(_count(vector, window, least)), out=deviations)


def min(values: npt.ArrayLike, window: int, min_periods: int | None = None) -> Floats:
    """``Rolling.min``."""
    return _min(_vector(values), window, _least(window, min_periods))


def max(values: npt.ArrayLike, window: int, min_periods: int | None = None) -> Floats:
    """``Rolling.max``."""
    return _max(_vector(values), window, _least(window, min_periods))


def count(values: npt.ArrayLike, window: int, min_periods: int | None = None) -> Floats:
    """``Rolling.count``."""
    return _count(_vector(values), window, _least(window, min_periods))


def median(values: npt.ArrayLike, window: int, min_periods: int | None = None) -> Floats:
    """``Rolling.median``."""
    return _median(_vector(values), window, _least(window, min_periods))


def quantile(
    values: npt.ArrayLike,
    window: int,
    q: float,
    min_periods: int | None = None,
    interpolation: str = "linear",
) -> Floats:
    """``Rolling.quantile``, of 0 <= q <= 1."""
    vector, least = _vector(values), _least(window, min_periods)
    if q in (0.0, 1.0):
        return (_max if q else _min)(vector, window, least)
    return _quantile(vector, window, least, float(q), INTERPOLATIONS[interpolation])


def rank(
    values: npt.ArrayLike,
    window: int,
    min_periods: int | None = None,
    method: str = "average",
    ascending: bool = True,
    pct: bool = False,
) -> Floats:
    """``Rolling.rank``."""
    vector, least = _vector(values), _least(window, min_periods)
    return _rank(vector, window, least, TIES[method], bool(ascending), bool(pct))


def skew(values: npt.ArrayLike, window: int, min_periods: int | None = None) -> Floats:
    """``Rolling.skew``."""
    return _skew(_vector(values), window, _least(window, min_periods))


def kurt(values: npt.ArrayLike, window: int, min_periods: int | None = None) -> Floats:
    """``Rolling.kurt``."""
    return _kurt(_vector(values), window, _least(window, min_periods))


def cov(
    values: npt.ArrayLike,
    other: npt.ArrayLike,
    window: int,
    min_periods: int | None = None,
    ddof: int = 1,
) -> Floats:
    """``Rolling.cov`` with another vector of the same length."""
    return _cov(_vector(values), _vector(other), window, _least(window, min_periods), ddof)


def corr(
    values: npt.ArrayLike, other: npt.ArrayLike, window: int, min_periods: int | None = None
) -> Floats:
    """``Rolling.corr`` with another vector of the same length."""
    return _corr(_vector(values), _vector(other), window, _least(window, min_periods), 0.5, _MARGIN)


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
