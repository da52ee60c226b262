"""The arithmetic that kernels share is C's: exact, and the same in plain Python."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ft_numba_aot._kernels import _numeric as numeric

INF, NAN = math.inf, math.nan
floats = st.floats()
finite = st.floats(allow_nan=False, allow_infinity=False)


def same(ours: float, theirs: float) -> bool:
    if math.isnan(theirs):
        return math.isnan(ours)
    return ours == theirs and math.copysign(1, ours) == math.copysign(1, theirs)


@given(finite, finite, finite)
def test_fma_rounds_once(a: float, b: float, c: float) -> None:
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    for fma in (numeric.fma, numeric._fma_exact):
        if exact == 0:
            assert same(fma(a, b, c), a * b + c)
            continue
        try:
            expected = exact.numerator / exact.denominator
        except OverflowError:
            expected = INF if exact > 0 else -INF
        assert same(fma(a, b, c), expected)


@pytest.mark.parametrize(
    ("a", "b", "c", "expected"),
    [
        (INF, 0.0, 1.0, NAN),
        (INF, 2.0, -INF, NAN),
        (INF, 2.0, 5.0, INF),
        (1e308, 10.0, -INF, -INF),
        (1e308, 10.0, 0.0, INF),
        (1e308, 10.0, -1e308, INF),
        (NAN, 1.0, 1.0, NAN),
        (0.0, -1.0, 0.0, 0.0),
        (0.0, -1.0, -0.0, -0.0),
        (5e-324, 0.25, 0.0, 0.0),
        (5e-324, -0.25, 0.0, -0.0),
        (1.0 + 2**-52, 1.0 - 2**-52, -1.0, -(2.0**-104)),
    ],
)
def test_fma_at_the_edges(a: float, b: float, c: float, expected: float) -> None:
    assert same(numeric.fma(a, b, c), expected)
    assert same(numeric._fma_exact(a, b, c), expected)


@given(floats, floats)
def test_div_is_ieee_division(a: float, b: float) -> None:
    if b != 0:
        expected = a / b
    elif a == 0 or math.isnan(a):
        expected = NAN
    else:
        expected = math.copysign(INF, a) * math.copysign(1, b)
    assert same(numeric.div(a, b), expected)


@given(floats)
def test_functions_never_raise(x: float) -> None:
    for name in ("sqrt", "sin", "cos", "tan", "atan", "floor"):
        value = getattr(numeric, name)(x)
        assert isinstance(value, float)
        if math.isfinite(x) and not (name == "sqrt" and x < 0):
            # Python's floor is an integer, which has no -0.
            expected = x if name == "floor" and x == 0 else float(getattr(math, name)(x))
            assert same(value, expected)


@pytest.mark.parametrize(("x", "expected"), [(-1.0, NAN), (-0.0, -0.0), (INF, INF), (NAN, NAN)])
def test_sqrt_at_the_edges(x: float, expected: float) -> None:
    assert same(numeric.sqrt(x), expected)


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (1.9, 1),
        (-1.9, -1),
        (2147483647.9, 2147483647),
        (-2147483648.9, -2147483648),
        (2147483648.0, -2147483648),
        (NAN, -2147483648),
        (-INF, -2147483648),
    ],
)
def test_casts_are_those_of_x86(x: float, expected: int) -> None:
    assert numeric.to_int(x) == expected


@given(st.floats(min_value=2.0**-1022, max_value=1.7e308), st.sampled_from([1.0, -1.0]))
def test_exponents_are_of_the_power_of_two_below(x: float, sign: float) -> None:
    power = numeric.exponent(sign * x)
    assert Fraction(2) ** power <= Fraction(x) < Fraction(2) ** (power + 1)
