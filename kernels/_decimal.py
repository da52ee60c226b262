"""Decimal arithmetic on doubles: a result is certain, or said to be uncertain.

A price means the decimal that ``repr`` prints for it. That decimal is kept as the double and a
``tail``, the small difference between the two, which together are right to more than 90 bits:
enough to know how an exact calculation rounds, but for about one in 2**35. Plain float operations
only, so that compiled code and Python agree without a fused multiply-add.
"""

from __future__ import annotations

from ._spec import helper

# 10**k as the nearest double and the exact remainder: together exact for every k here.
POW10 = tuple(float(10**k) for k in range(41))
POW10_TAIL = tuple(float(10**k - int(float(10**k))) for k in range(41))
INVERSE_POW10 = tuple(1 / 10**k for k in range(41))

SPLITTER = 134217729.0  # 2**27 + 1: Veltkamp's, cuts a double into two halves
TO_INTEGER = 6755399441055744.0  # 1.5 * 2**52: adding and subtracting it rounds to an integer
WIDER = 1.0 + 2.0**-30
NARROWER = 1.0 - 2.0**-30
NEARLY_HALF = 0.5 - 2.0**-40

# The values whose 17 digits are an integer times a power of ten in the table.
LEAST_DECIMAL = 1e-23
BOUND_DECIMAL = 1e17

# What is known of a decimal: it is the shortest that reads back, or too short, or neither.
SHORTEST = 1
TOO_SHORT = 0
UNCERTAIN = -1


@helper
def two_product(a: float, b: float) -> tuple[float, float]:
    """``a * b`` and its rounding error: exact (Dekker), short of overflow and underflow."""
    product = a * b
    scaled = a * SPLITTER
    a_high = scaled - (scaled - a)
    a_low = a - a_high
    scaled = b * SPLITTER
    b_high = scaled - (scaled - b)
    b_low = b - b_high
    error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, error


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

    ``places`` only speeds the next call up. Shortest digits: the nearest decimal of 15 digits if
    it reads back as ``value`` (then no other can), or else of 16, or else of 17.
    """
    magnitude = abs(value)
    if not LEAST_DECIMAL <= magnitude < BOUND_DECIMAL:
        return 0.0, places, value == 0.0
    places = places_for(magnitude, 1e16, places)
    scale = INVERSE_POW10[places]
    # 17 digits are above 2**53, so that ``high`` is an integer.
    high, low = shift(magnitude, places)
    rounded_low = (low + TO_INTEGER) - TO_INTEGER
    digits = int(high) + int(rounded_low)
    beyond = low - rounded_low
    tail, verdict = nearest_tail(magnitude, digits % 100 + beyond, 100.0, scale)
    if verdict == TOO_SHORT:
        tail, verdict = nearest_tail(magnitude, digits % 10 + beyond, 10.0, scale)
    if verdict == TOO_SHORT:
        tail, verdict = nearest_tail(magnitude, beyond, 1.0, scale)
    return (tail if value > 0.0 else -tail), places, verdict == SHORTEST


@helper
def round_to_8(x: float) -> float:
    """Python's ``round(x, 8)``."""
    magnitude = abs(x)
    # From 2**26 on, neighbouring doubles are farther apart than 8 decimals.
    if not 0.0 < magnitude < 67108864.0:
        return x
    high, low = two_product(magnitude, 1e8)
    whole = int(high)
    above_half = (high - whole) - 0.5
    if above_half > -low or (above_half == -low and whole % 2 == 1):
        whole += 1
    rounded = whole / 1e8
    return rounded if x > 0.0 else -rounded
