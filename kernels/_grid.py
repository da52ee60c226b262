"""Prices and amounts on an exchange's grid, the multiples of ``digits / 10**places``.

What is rounded is the decimal that ``repr`` prints for a number, as freqtrade and ccxt do; a result
is certain, or said to be uncertain.
"""

from __future__ import annotations

from ._decimal import (
    BOUND_DECIMAL,
    INVERSE_POW10,
    LEAST_DECIMAL,
    POW10,
    SHORTEST,
    TO_INTEGER,
    TOO_SHORT,
    nearest_tail,
    places_for,
    shift,
)
from ._numeric import ceil, floor
from ._spec import helper

NEAREST = 0
DOWN = 1
UP = 2

# Three roundings to the nearest double, of the number, the step and their quotient.
QUOTIENT_ERROR = 4.5e-16
BOUND_15_DIGITS = 1e15
BOUND_INT64 = 9e18
TEN = tuple(10**k for k in range(19))
MOST_PLACES = 22  # of the powers of ten that a double holds exactly
# freqtrade rounds to so many places after rounding up or down to a tick.
MANY_PLACES = 14


@helper
def shortest(value: float, places: int) -> tuple[int, int, bool]:
    """``(digits, places, certain)``: ``digits / 10**places`` is what ``repr(value)`` prints.

    ``digits`` has 17 digits, those at the end may be zeros. ``value`` is in [LEAST_DECIMAL,
    BOUND_DECIMAL); the ``places`` that come in only speed it up.
    """
    places = places_for(value, 1e16, places)
    scale = INVERSE_POW10[places]
    high, low = shift(value, places)
    rounded_low = (low + TO_INTEGER) - TO_INTEGER
    digits = int(high) + int(rounded_low)
    beyond = low - rounded_low
    unit = 100
    above = digits % 100 + beyond
    _, verdict = nearest_tail(value, above, 100.0, scale)
    if verdict == TOO_SHORT:
        unit = 10
        above = digits % 10 + beyond
        _, verdict = nearest_tail(value, above, 10.0, scale)
    if verdict == TOO_SHORT:
        unit = 1
        above = beyond
        _, verdict = nearest_tail(value, above, 1.0, scale)
    digits -= digits % unit
    if above > 0.5 * unit:
        digits += unit
    return digits, places, verdict == SHORTEST


@helper
def on_grid(
    number: float, step: float, digits: int, places: int, rounding: int
) -> tuple[float, bool]:
    """The number on the grid whose ``step`` is the double nearest to ``digits / 10**places``.

    ``rounding`` is NEAREST (halves up), DOWN or UP. No number is changed if ``places`` is negative.
    """
    if places < 0 or number == 0.0:
        return number, True
    if not LEAST_DECIMAL <= number < BOUND_DECIMAL or places > MOST_PLACES:
        return number, False
    quotient = number / step
    if (quotient + 1.0) * digits < BOUND_15_DIGITS:
        error = quotient * QUOTIENT_ERROR
        multiple = int(quotient + 0.5)
        numerator = multiple * digits
        nearest = numerator / POW10[places]
        if nearest == number:
            # A decimal of up to 15 digits that reads as the number is its shortest one.
            return number, True
        above = quotient - multiple
        if rounding == NEAREST:
            if -0.5 + error < above < 0.5 - error:
                return nearest, True
        elif above > error:
            return (nearest if rounding == DOWN else (numerator + digits) / POW10[places]), True
        elif above < -error:
            return (nearest if rounding == UP else (numerator - digits) / POW10[places]), True
    return exactly_on_grid(number, digits, places, rounding)


@helper
def exactly_on_grid(number: float, digits: int, places: int, rounding: int) -> tuple[float, bool]:
    """``on_grid`` in integers."""
    own, own_places, certain = shortest(number, 16)
    if not certain:
        return number, False
    while own_places > places and own % 10 == 0:
        own //= 10
        own_places -= 1
    interval = digits
    if own_places > places:
        more = own_places - places
        if more > 18 or digits * POW10[more] >= BOUND_INT64:
            return number, False
        interval = digits * TEN[more]
    elif own_places < places:
        more = places - own_places
        if more > 18 or own * POW10[more] >= BOUND_INT64:
            return number, False
        own *= TEN[more]
    multiple = own // interval
    rest = own - multiple * interval
    if rest == 0:
        return number, True
    if rounding == UP or (rounding == NEAREST and rest >= interval - rest):
        multiple += 1
    if float(multiple) * digits >= BOUND_15_DIGITS:
        return number, False
    return (multiple * digits) / POW10[places], True


@helper
def stop_on_grid(
    number: float, step: float, digits: int, places: int, decimal_places: bool, up: bool
) -> tuple[float, bool]:
    """A stop price, rounded up or down as freqtrade's ``price_to_precision`` does it.

    With ``decimal_places``, the exchange counts decimals, and freqtrade's arithmetic is another.
    """
    if places < 0:
        return number, True
    if decimal_places:
        ticks = number * POW10[places]
        return (ceil(ticks) if up else floor(ticks)) / POW10[places], True
    if places > MANY_PLACES:
        return number, False
    return on_grid(number, step, digits, places, UP if up else DOWN)


@helper
def truncated_quotient(rate: float) -> tuple[float, bool]:
    """``amount * rate / amount`` as ccxt's ``Precise`` has it: cut off after 18 decimals."""
    if rate >= 0.1:
        return rate, True
    if rate < LEAST_DECIMAL:
        return rate, False
    digits, places, certain = shortest(rate, 17)
    while places > 18 and digits % 10 == 0:
        digits //= 10
        places -= 1
    return rate, certain and places <= 18
