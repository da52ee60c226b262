"""Arithmetic that must give the same bits compiled and in plain Python.

Python raises where IEEE 754 gives inf or nan, and has no fused multiply-add before 3.13:
kernels use these instead, exactly where the original's C does the same operation.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from ._spec import helper, primitive

NAN = math.nan
INF = math.inf


@primitive
def div(a: float, b: float) -> float:
    """a / b; inf or nan where b is zero. A divisor that can't be zero needs no ``div``."""
    if b == 0.0:
        if a == 0.0 or a != a:
            return NAN
        return math.copysign(INF, a) * math.copysign(1.0, b)
    return a / b


def _fma_exact(a: float, b: float, c: float) -> float:
    if not (math.isfinite(a) and math.isfinite(b)):
        return a * b + c
    if not math.isfinite(c):
        return c  # a * b, of finite numbers, is finite before it is rounded
    a_num, a_den = a.as_integer_ratio()
    b_num, b_den = b.as_integer_ratio()
    c_num, c_den = c.as_integer_ratio()
    product_den = a_den * b_den
    numerator = a_num * b_num * c_den + c_num * product_den
    if numerator == 0:
        return a * b + c  # exact, and IEEE 754 gives the zero its sign
    try:
        return numerator / (product_den * c_den)
    except OverflowError:
        return INF if numerator > 0 else -INF


@primitive
def fma(a: float, b: float, c: float) -> float:
    """a * b + c with one rounding: C's ``fma``."""
    if _libm_fma is not None:
        try:
            return _libm_fma(a, b, c)
        except (ValueError, OverflowError):  # Python raises where C gives nan or inf
            pass
    return _fma_exact(a, b, c)


_libm_fma: Callable[[float, float, float], float] | None = getattr(math, "fma", None)


@primitive
def fuses() -> bool:
    """Whether ``fma`` is an instruction: where it isn't, exact products take less without it."""
    return False


@primitive
def exponent(x: float) -> int:
    """The ``k`` for which 2**k <= abs(x) < 2**(k + 1), of a normal number."""
    return math.frexp(x)[1] - 1


@primitive
def sqrt(x: float) -> float:
    """C's ``sqrt``: nan below zero."""
    return math.sqrt(x) if x >= 0.0 else NAN if x == x and x < 0.0 else x


@primitive
def sin(x: float) -> float:
    """C's ``sin``: nan for an infinity."""
    return NAN if math.isinf(x) else math.sin(x)


@primitive
def cos(x: float) -> float:
    """C's ``cos``: nan for an infinity."""
    return NAN if math.isinf(x) else math.cos(x)


@primitive
def tan(x: float) -> float:
    """C's ``tan``: nan for an infinity."""
    return NAN if math.isinf(x) else math.tan(x)


@primitive
def asin(x: float) -> float:
    """C's ``asin``: nan beyond -1 and 1."""
    return math.asin(x) if abs(x) <= 1.0 else NAN


@primitive
def acos(x: float) -> float:
    """C's ``acos``: nan beyond -1 and 1."""
    return math.acos(x) if abs(x) <= 1.0 else NAN


@primitive
def atan(x: float) -> float:
    """C's ``atan``."""
    return math.atan(x)


@primitive
def sinh(x: float) -> float:
    """C's ``sinh``: an infinity where the result is too large."""
    try:
        return math.sinh(x)
    except OverflowError:
        return math.copysign(INF, x)


@primitive
def cosh(x: float) -> float:
    """C's ``cosh``: inf where the result is too large."""
    try:
        return math.cosh(x)
    except OverflowError:
        return INF


@primitive
def tanh(x: float) -> float:
    """C's ``tanh``."""
    return math.tanh(x)


@primitive
def exp(x: float) -> float:
    """C's ``exp``: inf where the result is too large."""
    try:
        return math.exp(x)
    except OverflowError:
        return INF


@primitive
def log(x: float) -> float:
    """C's ``log``, of base e: -inf at zero, nan below."""
    return math.log(x) if x > 0.0 else -INF if x == 0.0 else NAN


@primitive
def log10(x: float) -> float:
    """C's ``log10``: -inf at zero, nan below."""
    return math.log10(x) if x > 0.0 else -INF if x == 0.0 else NAN


@primitive
def floor(x: float) -> float:
    """C's ``floor``, as a float that keeps the sign of its argument."""
    return math.copysign(float(math.floor(x)), x) if math.isfinite(x) else x


@primitive
def ceil(x: float) -> float:
    """C's ``ceil``, as a float that keeps the sign of its argument."""
    return math.copysign(float(math.ceil(x)), x) if math.isfinite(x) else x


@helper
def to_int(x: float) -> int:
    """C's ``(int) x`` on x86-64: towards zero; INT_MIN for nan and whatever doesn't fit."""
    if x != x or x >= 2147483648.0 or x <= -2147483649.0:
        return -2147483648
    return int(x)
