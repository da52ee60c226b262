"""The decimal that a number's shortest text prints, as exact integers.

freqtrade's ``FtPrecise`` and ccxt's ``decimal_to_precision`` both calculate with that decimal.
Imports the standard library.
"""

from __future__ import annotations

from functools import lru_cache

# A float times such a scale, rounded, is all of the decimal of most prices, amounts and fees.
PLACES = 8
SMALL_PLACES = 14
# Below these, a scaled number has at most 15 digits.
BOUND = 1e7
SMALL_BOUND = 1.0

POWERS: tuple[int, ...] = tuple(10**places for places in range(129))


# 2**60 and float(2**60) are equal and print different decimals.
@lru_cache(maxsize=8192, typed=True)
def _parsed(number: float) -> tuple[int, int]:
    mantissa, _, exponent = repr(number).partition("e")
    whole, _, fraction = mantissa.partition(".")
    return int(whole + fraction), len(fraction) - int(exponent or 0)


def shortest(number: float) -> tuple[int, int]:
    """``(digits, places)``: ``digits / 10**places`` is the decimal that ``repr(number)`` prints.

    ``number`` is a float or an int; ``places`` may be negative. ValueError for NaN and infinity.
    """
    # No two decimals of up to 15 digits read as the same float, so that one which reads as this
    # number is its shortest; the division rounds once, as reading does.
    if 0.0 <= number < SMALL_BOUND:
        digits = int(number * 1e14 + 0.5)
        if digits / 1e14 == number:
            return digits, SMALL_PLACES
    elif SMALL_BOUND <= number < BOUND:
        digits = int(number * 1e8 + 0.5)
        if digits / 1e8 == number:
            return digits, PLACES
    return _parsed(number)


def power(places: int) -> int:
    """``10**places``, from the table where it has it."""
    if places < len(POWERS):
        return POWERS[places]
    ten: int = 10**places
    return ten
