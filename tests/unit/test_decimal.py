"""Decimals as a double and a tail: right wherever they are certain, and exact products."""

from __future__ import annotations

import math
import sys
from fractions import Fraction
from typing import Any

import mutants
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ft_numba_aot._kernels import _decimal as decimal

LOW, HIGH = decimal.LEAST_DECIMAL, decimal.BOUND_DECIMAL
ERROR = Fraction(1, 2**90)


def beside(x: float, steps: int) -> float:
    """The double so many steps above."""
    for _ in range(abs(steps)):
        x = math.nextafter(x, math.copysign(math.inf, steps))
    return x


ticks = st.builds(
    lambda units, places: units / 10**places, st.integers(1, 10**15 - 1), st.integers(0, 22)
)
decades = st.floats(-23, 16.9).map(lambda power: float(10.0**power))
powers = st.one_of(
    st.integers(-76, 56).map(lambda power: 2.0**power),
    st.integers(-22, 16).map(lambda power: float(f"1e{power}")),
)
numbers = st.one_of(ticks, decades, st.builds(beside, powers, st.integers(-3, 3))).filter(
    lambda number: LOW <= number < HIGH
)
# Neither their products nor what those lack is near what a double can't hold.
factors = st.one_of(numbers, st.floats(1e-46, 1e34), st.floats(-1e34, -1e-46))


def is_exact(kernels: Any, a: float, b: float) -> bool:
    product, error = kernels.two_product(a, b)
    signed = error != 0.0 or math.copysign(1.0, error) == 1.0
    return signed and Fraction(product) + Fraction(error) == Fraction(a) * Fraction(b)


def has_17_digits(number: float, places: int) -> bool:
    """But for doubles next to a power of ten."""
    return 10**16 - 1 <= Fraction(number) * 10**places <= 10**17


@pytest.mark.parametrize("fused", [False, True])
@given(factors, factors)
def test_a_product_and_its_error_are_exact(fused: bool, a: float, b: float) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decimal, "fuses", lambda: fused)
        assert is_exact(decimal, a, b)


@pytest.mark.parametrize("fused", [False, True])
@given(st.integers(10**16, 10**17))
def test_what_an_integer_is_above_hundreds_is_exact(fused: bool, integer: int) -> None:
    number = float(integer)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decimal, "fuses", lambda: fused)
        above = decimal.above_hundreds(number)
    # What is farther from one multiple is too far from the other to read back as 17 digits do.
    assert (int(number) - int(above)) % 100 == 0
    assert abs(above) < 75


def test_a_plain_multiply_add_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    for site in range(-1, mutants.sites(mutants.PlainProduct, "_decimal")):
        mutants.mutant(mutants.PlainProduct, "_decimal", site)
        mutant: Any = sys.modules[f"{mutants.NAME}._decimal"]
        monkeypatch.setattr(mutant, "fuses", lambda: True)
        hundreds = mutant.above_hundreds(76543210987654321.0)
        assert (is_exact(mutant, 0.1, 0.3) and hundreds == 20.0) == (site == -1)


@given(numbers, st.integers(0, 40), st.sampled_from([1.0, -1.0]))
def test_what_is_certain_is_the_decimal_that_is_printed(
    magnitude: float, places: int, sign: float
) -> None:
    value = sign * magnitude
    tail, places, certain = decimal.repr_tail(value, places)
    assert has_17_digits(magnitude, places)
    printed = Fraction(repr(value))
    assert not certain or abs(Fraction(value) + Fraction(tail) - printed) <= ERROR * abs(printed)


@given(st.one_of(ticks, st.floats(-22, -1).map(lambda power: float(10.0**power))))
def test_prices_are_certain(price: float) -> None:
    assert decimal.repr_tail(price, 16)[2] == decimal.decimal_tail(price)[1] == (price >= LOW)


def test_what_no_price_is_is_uncertain() -> None:
    for value in (math.nan, math.inf, -math.inf, 1e-24, 1e17, 5e-324):
        assert decimal.repr_tail(value, 16) == (0.0, 16, False)
    for zero in (0.0, -0.0):
        assert decimal.repr_tail(zero, 16) == (0.0, 16, True)


def test_every_power_of_two_has_17_digits_before_the_point() -> None:
    for power in range(-76, 57):
        for number in (2.0**power, beside(2.0**power, -1), 1.9 * 2.0**power):
            if LOW <= number < HIGH:
                assert has_17_digits(number, decimal.places_of_17(number))


@given(st.one_of(st.floats(), factors, st.floats(-1e8, 1e8), st.integers(-(10**9), 10**9)))
def test_rounding_is_pythons(number: float) -> None:
    halves = [number, (number + 0.5) / 1e8] if math.isfinite(number) else [number]
    for value in map(float, halves):
        ours = decimal.round_to_8(value)
        expected = round(value, 8) if math.isfinite(value) else value
        assert str(ours) == str(expected)
