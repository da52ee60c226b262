"""Prices and amounts on an exchange's grid, without decimal text.

Stands in for freqtrade's rounding functions, which leave most of the work to ccxt's
``decimal_to_precision``. Each answer is proven, or the original gives it. Of the current decimal
context, only the flags that say "inexact" or "rounded" are left alone where ccxt sets them.

Imports freqtrade and ccxt.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from decimal import (
    ROUND_HALF_UP,
    Context,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    Underflow,
    getcontext,
)
from functools import lru_cache, wraps
from typing import NamedTuple

import numpy as np
from ccxt import (
    DECIMAL_PLACES,
    ROUND,
    ROUND_DOWN,
    ROUND_UP,
    SIGNIFICANT_DIGITS,
    TICK_SIZE,
    TRUNCATE,
)
from freqtrade.exchange import exchange_utils

from .replacement import Replacement
from .shortest import power, shortest

_amount_to_contracts = exchange_utils.amount_to_contracts
_contracts_to_amount = exchange_utils.contracts_to_amount
_amount_to_precision = exchange_utils.amount_to_precision
_amount_to_contract_precision = exchange_utils.amount_to_contract_precision
_price_to_precision = exchange_utils.price_to_precision

# What ccxt makes of the default context when it is first called in a thread.
_CCXT_CONTEXT = Context(traps=[InvalidOperation, DivisionByZero, Overflow, Underflow])
_CCXT_TRAPS = _CCXT_CONTEXT.traps  # a view, valid as long as the context is there

_PRECISION_TYPES = frozenset((float, int, np.float64))
_SIZE_TYPES = frozenset((float, int))
_EXACT_POWERS = 22  # the powers of ten that a float holds exactly
_MANY_PLACES = 14  # freqtrade rounds to so many places after rounding up or down to a tick

# Three roundings to the nearest float, of the number, the step and their quotient.
_QUOTIENT_ERROR = 4.5e-16
_LEAST = 1e-20
_BOUND = 1e20
_BOUND_15_DIGITS = 10**15
# Decimal's 28 digits hold these, and the next multiple of any step above them.
_BOUND_27_DIGITS = 10**27


class _Grid(NamedTuple):
    """The multiples of ``digits / 10**places``, which ``step`` is the nearest float to."""

    step: float
    digits: int
    places: int
    scale: float


@lru_cache(maxsize=4096)
def _tick_grid(tick: float) -> _Grid | None:
    if not _LEAST < tick < _BOUND:
        return None
    digits, places = shortest(float(tick))
    while digits % 10 == 0 and places > 0:
        digits //= 10
        places -= 1
    if not 0 <= places <= _EXACT_POWERS or digits >= _BOUND_15_DIGITS:
        return None
    return _Grid(float(tick), digits, places, 10.0**places)


_PLACES_GRIDS = tuple(
    _Grid(1 / 10**places, 1, places, 10.0**places) for places in range(_EXACT_POWERS + 1)
)


def _magnitude(number: float) -> int:
    """The ``k`` for which the positive number's shortest decimal is in ``[10**k, 10**(k + 1))``."""
    digits, places = shortest(number)
    return len(str(digits)) - 1 - places


def _grid(number: float, precision: float, mode: int) -> _Grid | None:
    """The grid on which the number is to be, None where this can't say."""
    if type(precision) not in _PRECISION_TYPES:
        return None
    if mode == TICK_SIZE:
        return _tick_grid(precision)
    if mode == DECIMAL_PLACES:
        if 0 <= precision <= _EXACT_POWERS:
            return _PLACES_GRIDS[int(precision)]
    elif mode == SIGNIFICANT_DIGITS and 1 <= precision <= _EXACT_POWERS:
        places = int(precision) - 1 - _magnitude(number)
        # With fewer digits than the whole part has, ccxt cuts the text by other rules.
        if 0 <= places <= _EXACT_POWERS:
            return _PLACES_GRIDS[places]
    return None


def _ccxt_context() -> bool:
    """Whether the decimal context is as ccxt leaves the default one."""
    context = getcontext()
    return (
        context.prec == 28
        and context.rounding == ROUND_HALF_UP
        and context.traps == _CCXT_TRAPS
        and context.Emax == 999999
        and context.Emin == -999999
    )


def _on_grid(number: float, grid: _Grid, rounding: int) -> float | None:
    """The number rounded to the grid, None where that isn't certain.

    ``number`` is a float in ``(_LEAST, _BOUND)``; what is rounded is its shortest decimal, and
    halves are rounded up.
    """
    quotient = number / grid.step
    error = quotient * _QUOTIENT_ERROR
    multiple = int(quotient + 0.5)
    numerator = multiple * grid.digits
    if numerator < _BOUND_15_DIGITS:
        nearest = numerator / grid.scale
        if nearest == number:
            # A decimal of up to 15 digits that reads as the number is its shortest one.
            return number
        above = quotient - multiple
        if rounding == ROUND:
            if -0.5 + error < above < 0.5 - error:
                return nearest
        elif above > error:
            if rounding != ROUND_UP:
                return nearest
            return (numerator + grid.digits) / grid.scale
        elif above < -error:
            if rounding == ROUND_UP:
                return nearest
            return (numerator - grid.digits) / grid.scale
    digits, places = shortest(number)
    shift = grid.places - places
    step = grid.digits
    if shift >= 0:
        digits *= power(shift)
        scale = power(grid.places)
    else:
        step *= power(-shift)
        scale = power(places)
    if digits >= _BOUND_27_DIGITS:
        return None
    multiple, rest = divmod(digits, step)
    if rest == 0:
        return number
    if rounding == ROUND_UP or (rounding == ROUND and 2 * rest >= step):
        multiple += 1
    return multiple * step / scale


def _as_ccxt(number: float, precision: float, mode: int, rounding: int) -> float | None:
    """What ``decimal_to_precision`` makes of the number, None where this can't say."""
    if type(number) is not float or not _ccxt_context():
        return None
    if number == 0.0:
        # On every grid; ccxt drops its sign.
        known = mode == TICK_SIZE and type(precision) in _PRECISION_TYPES
        return 0.0 if known and _tick_grid(precision) is not None else None
    if _LEAST < number < _BOUND:
        grid = _grid(number, precision, mode)
        if grid is not None:
            return _on_grid(number, grid, rounding)
    return None


@wraps(_amount_to_contracts)
def amount_to_contracts(amount: float, contract_size: float | None) -> float:
    if _multiplies(amount, contract_size):
        digits, places = shortest(amount)
        size_digits, size_places = shortest(contract_size)  # type: ignore[arg-type]
        # Precise.div: cut off after 18 places.
        shift = 18 - places + size_places
        if shift >= 0:
            return digits * power(shift) // size_digits / power(18)
        return digits // power(-shift) // size_digits / power(18)
    return _amount_to_contracts(amount, contract_size)  # type: ignore[no-any-return]


@wraps(_contracts_to_amount)
def contracts_to_amount(num_contracts: float, contract_size: float | None) -> float:
    if _multiplies(num_contracts, contract_size):
        digits, places = shortest(num_contracts)
        size_digits, size_places = shortest(contract_size)  # type: ignore[arg-type]
        places += size_places
        if places >= 0:
            return digits * size_digits / power(places)
    return _contracts_to_amount(num_contracts, contract_size)  # type: ignore[no-any-return]


def _multiplies(amount: float, contract_size: float | None) -> bool:
    """Whether both are usual numbers, and a contract is more or less than a coin."""
    return (
        type(amount) is float
        and type(contract_size) in _SIZE_TYPES
        and contract_size != 1
        and 0.0 <= amount < _BOUND
        and _LEAST < contract_size < _BOUND  # type: ignore[operator]
    )


@wraps(_amount_to_precision)
def amount_to_precision(
    amount: float,
    amount_precision: float | None,
    precisionMode: int | None,  # noqa: N803
) -> float:
    if amount_precision is None or precisionMode is None:
        return amount
    rounded = _as_ccxt(amount, amount_precision, precisionMode, TRUNCATE)
    if rounded is not None:
        return rounded
    return _amount_to_precision(amount, amount_precision, precisionMode)  # type: ignore[no-any-return]


@wraps(_amount_to_contract_precision)
def amount_to_contract_precision(
    amount: float,
    amount_precision: float | None,
    precisionMode: int | None,  # noqa: N803
    contract_size: float | None,
) -> float:
    if amount_precision is None or precisionMode is None:
        return amount
    if not contract_size or contract_size == 1:
        return amount_to_precision(amount, amount_precision, precisionMode)
    contracts = amount_to_contracts(amount, contract_size)
    contracts = amount_to_precision(contracts, amount_precision, precisionMode)
    return contracts_to_amount(contracts, contract_size)


@wraps(_price_to_precision)
def price_to_precision(
    price: float,
    price_precision: float | None,
    precisionMode: int | None,  # noqa: N803
    *,
    rounding_mode: int = ROUND,
) -> float:
    if price_precision is not None and precisionMode is not None:
        rounded = None
        if rounding_mode in (ROUND, TRUNCATE):
            rounded = _as_ccxt(price, price_precision, precisionMode, rounding_mode)
        elif (
            rounding_mode in (ROUND_UP, ROUND_DOWN)
            and type(price) is float
            and _LEAST < price < _BOUND
            and precisionMode == TICK_SIZE
            and type(price_precision) in _PRECISION_TYPES
        ):
            grid = _tick_grid(price_precision)
            # The original rounds to 14 places as well, which changes nothing of fewer.
            if grid is not None and grid.places <= _MANY_PLACES:
                rounded = _on_grid(price, grid, rounding_mode)
        if rounded is not None:
            return rounded
    return _price_to_precision(  # type: ignore[no-any-return]
        price, price_precision, precisionMode, rounding_mode=rounding_mode
    )


_UTILS = "freqtrade.exchange.exchange_utils:"
_PRECISE = ("freqtrade.util.ft_precise:FtPrecise", "ccxt.base.precise:Precise")
_DECIMAL = ("ccxt.base.decimal_to_precision:decimal_to_precision",)

REPLACEMENTS: tuple[Replacement, ...] = (
    Replacement(_UTILS + "amount_to_contracts", amount_to_contracts, "rounding", _PRECISE),
    Replacement(_UTILS + "contracts_to_amount", contracts_to_amount, "rounding", _PRECISE),
    Replacement(_UTILS + "amount_to_precision", amount_to_precision, "rounding", _DECIMAL),
    Replacement(
        _UTILS + "amount_to_contract_precision",
        amount_to_contract_precision,
        "rounding",
        _PRECISE + _DECIMAL,
    ),
    Replacement(_UTILS + "price_to_precision", price_to_precision, "rounding", _PRECISE + _DECIMAL),
)
