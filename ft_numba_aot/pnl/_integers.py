"""A trade's values in Python's integers: the exact decimals that freqtrade calculates with.

Imports nothing.
"""

from __future__ import annotations


def exact_pnl(
    *,
    open_rate: float,
    close_rate: float,
    amount: float,
    fee_open: float,
    fee_close: float,
    is_short: bool,
    leverage: float,
    funding_fees: float,
) -> tuple[float, float]:
    """One trade in Python's integers."""
    size = decimal_of(amount)
    open_value = exact_value(
        size, decimal_of(open_rate), decimal_of(fee_open), -1 if is_short else 1
    )
    close_value = exact_value(
        size, decimal_of(close_rate), decimal_of(fee_close), 1 if is_short else -1
    )
    if is_short:
        close_value -= funding_fees
        profit = open_value - close_value
    else:
        close_value += funding_fees
        profit = close_value - open_value
    if open_value == 0.0:
        return round(profit, 8), 0.0
    growth = close_value / open_value
    return round(profit, 8), round((1 - growth if is_short else growth - 1) * leverage, 8)


def decimal_of(number: float) -> tuple[int, int]:
    """``(digits, exponent)`` of the decimal that ``repr`` prints; ValueError for nan and inf."""
    mantissa, _, exponent = repr(number).partition("e")
    whole, _, fraction = mantissa.partition(".")
    return int(whole + fraction), int(exponent or 0) - len(fraction)


def exact_value(
    amount: tuple[int, int], rate: tuple[int, int], fee: tuple[int, int], sign: int
) -> float:
    """``amount * rate * (1 + sign * fee)``, rounded once."""
    fee_digits, fee_exponent = fee
    exponent = min(fee_exponent, 0)
    factor = 10**-exponent + sign * fee_digits * 10 ** (fee_exponent - exponent)
    # Reading a text rounds to nearest, and to inf where dividing integers would raise.
    return float(f"{amount[0] * rate[0] * factor}e{amount[1] + rate[1] + exponent}")
