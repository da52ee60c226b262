"""The decimal of a number's shortest text: the one that ``repr`` prints."""

from __future__ import annotations

from fractions import Fraction
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ft_numba_aot.freqtrade_integration import shortest as module
from ft_numba_aot.freqtrade_integration.shortest import shortest

ticks = st.builds(
    lambda units, places: units / 10**places, st.integers(0, 10**16), st.integers(0, 16)
)
powers = st.floats(-12, 18).map(lambda exponent: float(10.0**exponent))


def decimal_of(number: float) -> Fraction:
    digits, places = shortest(number)
    return Fraction(digits) / Fraction(10) ** places


wide = st.floats(allow_nan=False, allow_infinity=False)


@given(st.one_of(ticks, powers, wide, st.floats(1e5, 1e9), st.floats(0.01, 100), st.integers()))
@example(93333333.33333333)
@example(7.123456789012345)
@example(0.0)
@example(-0.0)
@example(1.0)
@example(0.1 + 0.2)
@example(9999999.999999998)
@example(0.9999999999999999)
@example(5e-324)
@example(1.7976931348623157e308)
@example(2.0**60)
def test_is_what_repr_prints(number: float) -> None:
    assert decimal_of(number) == Fraction(repr(number))


def test_equal_numbers_of_other_types_print_other_decimals() -> None:
    assert decimal_of(2.0**60) == Fraction("1.152921504606847e18")
    assert decimal_of(2**60) == 2**60


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_numbers_without_digits_raise(number: float) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        shortest(number)


def test_usual_prices_are_not_formatted() -> None:
    with patch.object(module, "_parsed", side_effect=AssertionError):
        for number in (0.0, 0.001, 1e-8, 0.00001234567, 40.23, 123456.78, 9999999.12345678):
            assert decimal_of(number) == Fraction(repr(number))
