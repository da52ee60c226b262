"""How precisely an exchange quotes its prices."""

from __future__ import annotations

from ._decimal import LEAST_DECIMAL, places_for, shift
from ._numeric import NAN
from ._spec import F64In, F64Out, kernel


@kernel()
def decimals(real: F64In, out: F64Out) -> int:
    """Decimals of each value when written with 14 significant digits; NaN where there are none.

    As freqtrade counts them to find a price's tick size. -1 where rounding the exact binary value
    to 14 digits is uncertain; returns how many those are.
    """
    undecided = 0
    places = 13
    for i in range(len(real)):
        magnitude = abs(real[i])
        # 14 digits before the point, inf, nan and 0 have no decimals.
        if not 0.0 < magnitude < 1e13:
            out[i] = NAN
            continue
        if magnitude < LEAST_DECIMAL:
            out[i] = -1.0
            undecided += 1
            continue
        places = places_for(magnitude, 1e13, places)
        high, low = shift(magnitude, places)
        digits = int(high)
        above_half = ((high - digits) - 0.5) + low
        if places > 22 and abs(above_half) < 1e-9:
            out[i] = -1.0
            undecided += 1
            continue
        # A tie rounds to 2 or 3, or to 7 or 8 (a power of two ends in 25 or 75): all one decimal.
        if above_half > 0.0:
            digits += 1
        count = places
        if digits % 100000000 == 0:
            digits //= 100000000
            count -= 8
        if digits % 10000 == 0:
            digits //= 10000
            count -= 4
        if digits % 100 == 0:
            digits //= 100
            count -= 2
        if digits % 10 == 0:
            count -= 1
        out[i] = float(count) if count > 0 else NAN
    return undecided
