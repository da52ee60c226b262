"""Profit of trades: freqtrade's exact decimal arithmetic, many trades in one call."""

from __future__ import annotations

from ._decimal import repr_tail, round_to_8, two_product, two_sum
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
    factor, factor_low = two_sum(1.0, fee)
    factor_low += fee_tail
    if not LEAST_FACTOR * (1.0 + abs(fee)) < abs(factor):
        return 0.0, False
    stake, stake_low = two_product(amount, rate)
    if stake == 0.0:
        return 0.0, True
    stake_low += amount * rate_tail + amount_tail * rate
    value, value_low = two_product(stake, factor)
    value_low += stake * factor_low + stake_low * factor
    error = abs(value) * VALUE_ERROR
    rounded = value + (value_low + error)
    return rounded, rounded == value + (value_low - error)


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
    arithmetic. ``is_short`` is 0 or 1. ``deferred`` is 1 for a trade that this can't be certain of;
    returns how many those are.
    """
    undecided = 0
    amount_places = open_places = fee_open_places = fee_close_places = 16
    open_fee = close_fee = NAN
    open_fee_tail = close_fee_tail = 0.0
    open_fee_certain = close_fee_certain = False
    for i in range(len(profit_abs)):
        # Trades of an exchange share their fees.
        if fee_open[i] != open_fee:
            open_fee = fee_open[i]
            open_fee_tail, fee_open_places, open_fee_certain = repr_tail(open_fee, fee_open_places)
        if fee_close[i] != close_fee:
            close_fee = fee_close[i]
            close_fee_tail, fee_close_places, close_fee_certain = repr_tail(
                close_fee, fee_close_places
            )
        size = amount[i]
        opened = open_rate[i]
        closed = close_rate[i]
        size_tail, amount_places, size_certain = repr_tail(size, amount_places)
        opened_tail, open_places, opened_certain = repr_tail(opened, open_places)
        # A trade's rates are of one size, which those of two trades needn't be.
        closed_tail, _, closed_certain = repr_tail(closed, open_places)
        # A short sells to open and buys to close.
        side = -1.0 if is_short[i] else 1.0
        open_value, open_value_certain = trade_value(
            size, size_tail, opened, opened_tail, side * open_fee, side * open_fee_tail
        )
        close_value, close_value_certain = trade_value(
            size, size_tail, closed, closed_tail, -side * close_fee, -side * close_fee_tail
        )
        if not (
            size_certain
            and opened_certain
            and closed_certain
            and open_fee_certain
            and close_fee_certain
            and open_value_certain
            and close_value_certain
        ):
            deferred[i] = 1
            undecided += 1
            profit_abs[i] = NAN
            profit_ratio[i] = NAN
            continue
        deferred[i] = 0
        if is_short[i]:
            close_value -= funding_fees[i]
            profit_abs[i] = round_to_8(open_value - close_value)
        else:
            close_value += funding_fees[i]
            profit_abs[i] = round_to_8(close_value - open_value)
        if open_value == 0.0:
            profit_ratio[i] = 0.0
        elif is_short[i]:
            profit_ratio[i] = round_to_8((1.0 - close_value / open_value) * leverage[i])
        else:
            profit_ratio[i] = round_to_8((close_value / open_value - 1.0) * leverage[i])
    return undecided
