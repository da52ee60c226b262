"""Prices and amounts on an exchange's grid: equal to the bit to freqtrade's own rounding."""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
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
from hypothesis import example, given
from hypothesis import strategies as st

from ft_numba_aot.freqtrade_integration import rounding
from ft_numba_aot.freqtrade_integration.identity import identical

MODES = (TICK_SIZE, DECIMAL_PLACES, SIGNIFICANT_DIGITS)
ROUNDINGS = (ROUND, TRUNCATE, ROUND_UP, ROUND_DOWN)
NAMES = (
    "amount_to_contracts",
    "contracts_to_amount",
    "amount_to_precision",
    "amount_to_contract_precision",
    "price_to_precision",
)
ORIGINALS = {name: getattr(exchange_utils, name) for name in NAMES}

ticks = st.one_of(
    st.integers(0, 14).map(lambda places: 1 / 10**places),
    st.integers(0, 14).map(lambda places: np.float64(1 / 10**places)),
    st.sampled_from([0.25, 0.5, 5e-05, 2.5e-07, 0.3, 10.0, 100, 1, 1e-20, 1e-23, 1e17, 7e-3]),
    st.floats(1e-9, 1e3),
)
places = st.one_of(st.integers(-2, 24), st.floats(-1, 20), st.integers(0, 20).map(np.float64))


@st.composite
def near_multiples(draw: st.DrawFn) -> float:
    """A multiple of a tick or a half, and its neighbours among floats."""
    tick = 10.0 ** -draw(st.integers(0, 9))
    number = draw(st.integers(0, 10**9)) * tick + draw(st.sampled_from([0.0, tick / 2]))
    for _ in range(draw(st.integers(0, 2))):
        number = math.nextafter(number, draw(st.sampled_from([0.0, math.inf])))
    return number


numbers = st.one_of(
    near_multiples(),
    st.builds(lambda units, scale: units / 10**scale, st.integers(0, 10**12), st.integers(0, 12)),
    st.floats(-10, 22).map(lambda exponent: float(10.0**exponent)),
    st.floats(),
    st.integers(-10, 10**6),
    st.floats(0, 1e5).map(np.float64),
)


def outcome(function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
    """What a call returns or raises, and the decimal context that it leaves."""
    with decimal.localcontext() as context:
        try:
            result = function(*arguments, **keywords)
        except Exception as error:
            result = type(error), str(error)
        left = (context.prec, context.rounding, dict(context.traps))
    return result, left


def agree(name: str, *arguments: Any, **keywords: Any) -> None:
    theirs = outcome(ORIGINALS[name], *arguments, **keywords)
    ours = outcome(getattr(rounding, name), *arguments, **keywords)
    assert identical(theirs, ours), (arguments, theirs, ours)


@pytest.fixture(autouse=True)
def ccxt_was_called() -> Any:
    """The decimal context as it is once ccxt was called in a thread."""
    with decimal.localcontext():
        ORIGINALS["amount_to_precision"](1.5, 0.1, TICK_SIZE)
        yield


def no_original(*_: Any, **__: Any) -> None:
    raise AssertionError("deferred")


def without_originals() -> Any:
    return patch.multiple(rounding, **{f"_{name}": no_original for name in NAMES})


@given(numbers, st.data(), st.sampled_from(MODES), st.sampled_from(ROUNDINGS))
def test_prices(price: float, data: st.DataObject, mode: int, rounding_mode: int) -> None:
    precision = data.draw(ticks if mode == TICK_SIZE else places)
    agree("price_to_precision", price, precision, mode, rounding_mode=rounding_mode)


@given(numbers, st.data(), st.sampled_from(MODES))
def test_amounts(amount: float, data: st.DataObject, mode: int) -> None:
    precision = data.draw(ticks if mode == TICK_SIZE else places)
    agree("amount_to_precision", amount, precision, mode)


sizes = st.one_of(
    st.none(), st.sampled_from([1, 1.0, 0, 10, 0.001, 100.0, True]), st.floats(1e-8, 1e8)
)


@given(numbers, st.data(), st.sampled_from(MODES), sizes)
def test_contracts(amount: float, data: st.DataObject, mode: int, size: float | None) -> None:
    precision = data.draw(ticks if mode == TICK_SIZE else places)
    agree("amount_to_contracts", amount, size)
    agree("contracts_to_amount", amount, size)
    agree("amount_to_contract_precision", amount, precision, mode, size)


@given(near_multiples(), st.integers(0, 9), st.sampled_from(ROUNDINGS))
@example(40.23, 1, ROUND)
@example(36.207, 2, ROUND_UP)
@example(90.00000000000001, 2, ROUND_UP)
@example(0.15, 1, ROUND)
@example(1e-9, 2, ROUND_UP)
def test_prices_beside_a_tick(price: float, digits: int, rounding_mode: int) -> None:
    for tick in (1 / 10**digits, np.float64(1 / 10**digits), 5 / 10**digits):
        agree("price_to_precision", price, tick, TICK_SIZE, rounding_mode=rounding_mode)
        agree("amount_to_precision", price, tick, TICK_SIZE)


@pytest.mark.parametrize("rounding_mode", ROUNDINGS)
def test_ticks_and_numbers_at_the_limits(rounding_mode: int) -> None:
    for price, tick in (
        (0.12345678901234567, 1e-15),
        (1.2345678901234567e-05, 1e-18),
        (33333333333333333333.0, 1e-14),
        (3.3e19, 1e-09),
        (1.1e-20, 1.0),
        (40.23, 1e-22),
    ):
        agree("price_to_precision", price, tick, TICK_SIZE, rounding_mode=rounding_mode)
        agree("amount_to_precision", price, tick, TICK_SIZE)
        agree("price_to_precision", price, 22, DECIMAL_PLACES, rounding_mode=rounding_mode)


@pytest.mark.parametrize("mode", [*MODES, None, 7, "tick"])
@pytest.mark.parametrize(
    "precision", [None, 0, 0.0, -1, 2, math.nan, math.inf, "0.01", True, np.float32(0.1), [1]]
)
@pytest.mark.parametrize("number", [40.23, 0.0, -0.0, -1.5, math.nan, math.inf, None, "1.5", 3])
def test_unusual_arguments(number: Any, precision: Any, mode: Any) -> None:
    agree("amount_to_precision", number, precision, mode)
    agree("amount_to_contract_precision", number, precision, mode, 10.0)
    for rounding_mode in (*ROUNDINGS, None, 9):
        agree("price_to_precision", number, precision, mode, rounding_mode=rounding_mode)


@pytest.mark.parametrize("changed", [{"prec": 4}, {"rounding": decimal.ROUND_FLOOR}, {"Emax": 2}])
def test_another_decimal_context_decides(changed: dict[str, Any]) -> None:
    with decimal.localcontext() as context:
        for name, value in changed.items():
            setattr(context, name, value)
        agree("price_to_precision", 40.2345678, 0.001, TICK_SIZE)
        agree("price_to_precision", 40.2345678, 3, DECIMAL_PLACES)
        agree("amount_to_precision", 4123.2345678, 0.001, TICK_SIZE)


def test_the_first_call_of_a_thread_sets_the_context() -> None:
    with decimal.localcontext(decimal.Context()):
        agree("price_to_precision", 40.2345678, 0.001, TICK_SIZE)
        agree("amount_to_precision", 40.2345678, 0.001, TICK_SIZE)
        agree("price_to_precision", 40.2345678, 0.001, TICK_SIZE, rounding_mode=ROUND_UP)
        agree("amount_to_precision", 0.0, 0.001, TICK_SIZE)
        agree("price_to_precision", 0.0, 0.001, TICK_SIZE)


@given(
    st.floats(0, 5).map(lambda exponent: float(10.0**exponent)),
    st.integers(1, 9).map(lambda digits: np.float64(1 / 10**digits)),
)
def test_usual_numbers_are_rounded_here(number: float, tick: float) -> None:
    with without_originals():
        for rounding_mode in ROUNDINGS:
            price = rounding.price_to_precision(
                number, tick, TICK_SIZE, rounding_mode=rounding_mode
            )
            rounding.price_to_precision(price, tick, TICK_SIZE)
        assert rounding.price_to_precision(0.0, tick, TICK_SIZE) == 0.0
        assert rounding.amount_to_precision(0.0, tick, TICK_SIZE) == 0.0
        amount = rounding.amount_to_contract_precision(number, float(tick), TICK_SIZE, 1)
        rounding.amount_to_contract_precision(amount, 8, DECIMAL_PLACES, 10.0)
        rounding.amount_to_precision(number, 7, SIGNIFICANT_DIGITS)
        rounding.price_to_precision(number, 7, SIGNIFICANT_DIGITS)
