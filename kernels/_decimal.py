"""Decimal arithmetic on doubles: a result is certain, or said to be uncertain.

A price means the decimal that ``repr`` prints for it. That decimal is kept as the double and a
``tail``, the small difference between the two, which together are right to more than 90 bits:
enough to know how an exact calculation rounds, but for about one in 2**35. What is certain is 0 or
from LEAST_DECIMAL to BOUND_DECIMAL: no product of three is near what a double can't hold, and so
its error is the same bits with a fused multiply-add and without.

What is random in a decimal is selected: a branch on it would be mispredicted, which costs more than
both of its sides.
"""

from __future__ import annotations

import math

from ._numeric import exponent, fma, fuses
from ._spec import helper

# 10**k as the nearest double and the exact remainder: together exact for every k here.
POW10 = tuple(float(10**k) for k in range(41))
POW10_TAIL = tuple(float(10**k - int(float(10**k))) for k in range(41))
INVERSE_POW10 = tuple(1 / 10**k for k in range(41))

SPLITTER = 134217729.0  # 2**27 + 1: Veltkamp's, cuts a double into two halves
TO_INTEGER = 6755399441055744.0  # 1.5 * 2**52: adding and subtracting it rounds to an integer
WIDER = 1.0 + 2.0**-30
NARROWER = 1.0 - 2.0**-30
HALF_WIDER, HALF_NARROWER = 0.5 * WIDER, 0.5 * NARROWER
NEARLY_HALF = 0.5 - 2.0**-40
NEARLY_FIVE = 10.0 * NEARLY_HALF
# From 2**26 on, neighbouring doubles are farther apart than 8 decimals.
WITHOUT_DECIMALS = 67108864.0
# x + x * TO_NEXT, rounded, is the next double, and x - x * TO_NEXT the one before (Rump).
TO_NEXT = 2.0**-53 * (1.0 + 2.0**-52)

# The values whose 17 digits are an integer times a power of ten in the table.
LEAST_DECIMAL = 1e-23
BOUND_DECIMAL = 1e17
# Of the least number with each exponent that those have: the places that give it 17 digits before
# the point; from the next power of ten on, there is one less.
LEAST_EXPONENT = -77
DECADES = tuple(math.floor(k * math.log10(2.0)) for k in range(LEAST_EXPONENT, 57))
MOST_PLACES = tuple(16 - decade for decade in DECADES)
NEXT_DECADE = tuple(float(f"1e{decade + 1}") for decade in DECADES)

# What is known of a decimal: it is the shortest that reads back, or too short, or neither.
SHORTEST = 1
TOO_SHORT = 0
UNCERTAIN = -1


@helper
def two_product(a: float, b: float) -> tuple[float, float]:
    """``a * b`` and its rounding error: exact, short of overflow and underflow."""
    product = a * b
    return product, fma(a, b, -product) if fuses() else product_error(a, b, product)


@helper
def product_error(a: float, b: float, product: float) -> float:
    """What rounding has taken from ``a * b``: exact (Dekker), short of overflow and underflow."""
    scaled = a * SPLITTER
    a_high = scaled - (scaled - a)
    a_low = a - a_high
    scaled = b * SPLITTER
    b_high = scaled - (scaled - b)
    b_low = b - b_high
    return ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


@helper
def two_sum(a: float, b: float) -> tuple[float, float]:
    """``a + b`` and its rounding error: exact (Knuth)."""
    total = a + b
    b_part = total - a
    return total, (a - (total - b_part)) + (b - b_part)


@helper
def shift(value: float, places: int) -> tuple[float, float]:
    """``value * 10**places`` as a sum of two: exact to 22 places, then within 2**-104 of it."""
    high, low = two_product(value, POW10[places])
    return high, low + value * POW10_TAIL[places]


@helper
def places_for(magnitude: float, least: float, places: int) -> int:
    """The ``places`` for which ``magnitude * 10**places`` is in [least, 10 * least).

    The search starts from the argument: neighbours in a series share it.
    """
    while magnitude * POW10[places] >= 10.0 * least:
        places -= 1
    while magnitude * POW10[places] < least:
        places += 1
    return places


@helper
def nearest_tail(magnitude: float, above: float, unit: float, scale: float) -> tuple[float, int]:
    """The nearest of the decimals that lie ``unit * scale`` apart, as the tail of ``magnitude``.

    ``above * scale``, from 0 to one unit, is how far ``magnitude`` lies above one of them.
    """
    if above > 0.5 * unit:
        above -= unit
    tail = -above * scale
    if magnitude + tail * WIDER == magnitude:
        # Halfway between two decimals, the nearer one is a matter of the last bits.
        return tail, SHORTEST if abs(above) < NEARLY_HALF * unit else UNCERTAIN
    other = (unit if above > 0.0 else -unit) * scale + tail
    # At a power of two the farther neighbour may read back where the nearer one doesn't.
    if magnitude + tail * NARROWER == magnitude or magnitude + other * NARROWER == magnitude:
        return tail, UNCERTAIN
    return tail, TOO_SHORT


@helper
def repr_tail(value: float, places: int) -> tuple[float, int, bool]:
    """``(tail, places, certain)``: ``value + tail`` is the decimal that ``repr(value)`` prints.

    ``places`` only speeds the next call up, in a series whose neighbours are of one size.
    """
    magnitude = abs(value)
    if not LEAST_DECIMAL <= magnitude < BOUND_DECIMAL:
        return 0.0, places, value == 0.0
    if not 1e16 <= magnitude * POW10[places] < 1e17:
        places = places_of_17(magnitude)
    tail, certain = tail_of_17(value, places)
    return tail, places, certain


@helper
def decimal_tail(value: float) -> tuple[float, bool]:
    """``(tail, certain)``: as ``repr_tail``, for numbers of any size in turn."""
    magnitude = abs(value)
    if not LEAST_DECIMAL <= magnitude < BOUND_DECIMAL:
        return 0.0, value == 0.0
    return tail_of_17(value, places_of_17(magnitude))


@helper
def tail_of_17(value: float, places: int) -> tuple[float, bool]:
    """``(tail, certain)`` where ``abs(value) * 10**places`` has 17 digits before the point.

    Shortest digits: the nearest decimal of 15 digits if it reads back as ``value`` (then no other
    can), or else of 16, or else of 17.
    """
    magnitude = abs(value)
    power = POW10[places]
    # 17 digits are above 2**53, so that ``high`` is an integer. The decimal of 15 digits that this
    # is above is the nearest, or else none is near enough to read back.
    high, low = shift(magnitude, places)
    above = above_hundreds(high) + low
    # What reads back lies within half of the way to the next double, and to the one before, which
    # is nearer at a power of two. Halfway, the last bits decide.
    step = magnitude * TO_NEXT
    within = (magnitude - (magnitude - step)) * power * HALF_NARROWER
    certain = True
    if not abs(above) < within:
        outside = ((magnitude + step) - magnitude) * power * HALF_WIDER
        ten = above - 10.0 * nearest_integer(0.1 * above)
        one = above - nearest_integer(above)
        # Halfway between two decimals, the nearer one is a matter of the last bits, too.
        tens = abs(ten) < least(within, NEARLY_FIVE)
        ones = abs(one) < least(within, NEARLY_HALF)
        certain = (abs(above) > outside) & (tens | ((abs(ten) > outside) & ones))
        above = first_within(within, ten, one)
    return above * math.copysign(INVERSE_POW10[places], -value), certain


@helper
def places_of_17(magnitude: float) -> int:
    """The ``places`` for which ``magnitude * 10**places`` has 17 digits before the point."""
    k = exponent(magnitude) - LEAST_EXPONENT
    return MOST_PLACES[k] - (magnitude >= NEXT_DECADE[k])


@helper
def above_hundreds(number: float) -> float:
    """How far an integer of 17 digits is above the nearest multiple of 100, or of two such."""
    hundreds = nearest_integer(0.01 * number)
    if fuses():
        return fma(-100.0, hundreds, number)
    return float(int(number) - 100 * int(hundreds))


@helper
def nearest_integer(x: float) -> float:
    """``x`` rounded, if it is below 2**51."""
    return (x + TO_INTEGER) - TO_INTEGER


@helper
def first_within(bound: float, a: float, b: float) -> float:
    """``a`` if it is nearer to 0 than ``bound``, or else ``b``."""
    return a if abs(a) < bound else b


@helper
def least(a: float, b: float) -> float:
    """The smaller number."""
    return a if a < b else b


@helper
def round_to_8(x: float) -> float:
    """Python's ``round(x, 8)``."""
    magnitude = abs(x)
    high, low = two_product(least(magnitude, WITHOUT_DECIMALS), 1e8)
    whole = float(int(high))
    above_half = (high - whole) - 0.5
    rounded = whole + (above_half > -low)
    if above_half == -low:
        rounded += int(high) % 2
    rounded = math.copysign(rounded / 1e8, x)
    return rounded if magnitude < WITHOUT_DECIMALS else x
