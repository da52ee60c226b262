"""Profit of trades: freqtrade's exact decimal arithmetic, many trades in one call."""

from __future__ import annotations

from ._decimal import decimal_tail, round_to_8, two_product, two_sum
from ._numeric import NAN
from ._spec import F64In, F64Out, I32Out, I64In, helper, kernel

# The error of a trade's value is below 2**-90 of it: see repr_tail, and LEAST_FACTOR.
VALUE_ERROR = 2.0**-88
LEAST_FACTOR = 2.0**-8  # below it, subtracting the fee from 1 cancels too many bits


@helper
def trade_value(
    amount: float,
    amount_tail: float,
    rate: float,
    rate_tail: float,
    fee: float,
    fee_tail: float,
) -> tuple[float, bool]:
    """``amount * rate * (1 + fee)`` rounded once, and whether that is certain."""
    if not keeps_bits(fee):
        return 0.0, False
    return value_with_fee(amount, amount_tail, rate, rate_tail, fee, fee_tail)


@helper
def keeps_bits(fee: float) -> bool:
    """Whether ``1 + fee`` is known as well as the fee is."""
    return LEAST_FACTOR * (1.0 + abs(fee)) < abs(1.0 + fee)


@helper
def value_with_fee(
    amount: float,
    amount_tail: float,
    rate: float,
    rate_tail: float,
    fee: float,
    fee_tail: float,
) -> tuple[float, bool]:
    """``trade_value`` with a fee that keeps bits."""
    factor, factor_low = two_sum(1.0, fee)
    factor_low += fee_tail
    stake, stake_low = two_product(amount, rate)
    stake_low += amount * rate_tail + amount_tail * rate
    value, value_low = two_product(stake, factor)
    value_low += stake * factor_low + stake_low * factor
    error = abs(value) * VALUE_ERROR
    rounded = value + (value_low + error)
    return rounded, rounded == value + (value_low - error)


@helper
def fee_tail(fee: float) -> tuple[float, bool]:
    """A fee's tail, and whether it is certain, paid or taken off."""
    tail, certain = decimal_tail(fee)
    return tail, certain & keeps_bits(fee) & keeps_bits(-fee)


@kernel()
def vectorized_pnl(
    open_rate: F64In,
    close_rate: F64In,
    amount: F64In,
    fee_open: F64In,
    fee_close: F64In,
    is_short: I64In,
    leverage: F64In,
    funding_fees: F64In,
    profit_abs: F64Out,
    profit_ratio: F64Out,
    deferred: I32Out,
) -> int:
    """Profit and profit ratio of each trade, as freqtrade's ``LocalTrade`` calculates them.

    Values are exact products of the decimals that ``repr`` prints, rounded once; the rest is float
    arithmetic. ``deferred`` is 1 for a trade that this can't be certain of; returns how many those
    are.
    """
    undecided = 0
    open_fee = close_fee = NAN
    open_fee_tail = close_fee_tail = 0.0
    open_fee_certain = close_fee_certain = False
    for i in range(len(profit_abs)):
        # Trades of an exchange share their fees.
        if fee_open[i] != open_fee:
            open_fee = fee_open[i]
            open_fee_tail, open_fee_certain = fee_tail(open_fee)
        if fee_close[i] != close_fee:
            close_fee = fee_close[i]
            close_fee_tail, close_fee_certain = fee_tail(close_fee)
        size = amount[i]
        opened = open_rate[i]
        closed = close_rate[i]
        size_tail, size_certain = decimal_tail(size)
        opened_tail, opened_certain = decimal_tail(opened)
        closed_tail, closed_certain = decimal_tail(closed)
        # A short sells to open and buys to close. What is random takes no branch.
        side = 1.0 - 2.0 * is_short[i]
        open_value, open_value_certain = value_with_fee(
            size, size_tail, opened, opened_tail, side * open_fee, side * open_fee_tail
        )
        close_value, close_value_certain = value_with_fee(
            size, size_tail, closed, closed_tail, -side * close_fee, -side * close_fee_tail
        )
        if not (
            size_certain
            & opened_certain
            & closed_certain
            & open_fee_certain
            & close_fee_certain
            & open_value_certain
            & close_value_certain
        ):
            deferred[i] = 1
            undecided += 1
            profit_abs[i] = NAN
            profit_ratio[i] = NAN
            continue
        deferred[i] = 0
        close_value += side * funding_fees[i]
        profit_abs[i] = round_to_8(side * close_value - side * open_value)
        if open_value == 0.0:
            profit_ratio[i] = 0.0
        else:
            growth = close_value / open_value
            profit_ratio[i] = round_to_8((side * growth - side) * leverage[i])
    return undecided
