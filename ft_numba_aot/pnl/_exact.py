"""The simulation in Python's integers, for trades that the kernel isn't certain of.

Imports the pure kernels, and is imported only when such a trade comes up.
"""

from __future__ import annotations

import numpy as np

from .. import _backend
from ._integers import decimal_of, exact_value

_pure = _backend._pure_kernels()  # imports the package of the kernels
from .._kernels import _grid  # noqa: E402
from .._kernels.simulation import make_simulation  # noqa: E402

_DECIMALS = 18  # ccxt's Precise cuts quotients off


def _tail(value: float, places: int) -> tuple[float, int, bool]:
    return 0.0, places, True


def _exact_value(
    amount: float, _: float, rate: float, __: float, fee: float, ___: float
) -> tuple[float, bool]:
    return exact_value(decimal_of(amount), decimal_of(rate), decimal_of(fee), 1), True


def _quotient(rate: float) -> tuple[float, bool]:
    digits, exponent = decimal_of(rate)
    if exponent >= -_DECIMALS:
        return rate, True
    return digits // 10 ** (-exponent - _DECIMALS) / 10**_DECIMALS, True


def _on_grid(
    number: float, step: float, digits: int, places: int, rounding: int
) -> tuple[float, bool]:
    if places < 0:
        return number, True
    own, exponent = decimal_of(number)
    scale = max(places, -exponent)
    own *= 10 ** (scale + exponent)
    interval = digits * 10 ** (scale - places)
    multiple, rest = divmod(own, interval)
    if rest == 0:
        return number, True
    if rounding == _grid.UP or (rounding == _grid.NEAREST and 2 * rest >= interval):
        multiple += 1
    return multiple * interval / 10**scale, True


def _stop_on_grid(
    number: float, step: float, digits: int, places: int, decimal_places: bool, up: bool
) -> tuple[float, bool]:
    if decimal_places or places < 0:
        result: tuple[float, bool] = _grid.stop_on_grid(
            number, step, digits, places, decimal_places, up
        )
        return result
    rounded, _ = _on_grid(number, step, digits, places, _grid.UP if up else _grid.DOWN)
    return (rounded if rounded == number else round(rounded, _grid.MANY_PLACES)), True


_simulate = make_simulation(_tail, _exact_value, _quotient, _on_grid, _stop_on_grid)


def simulate(*arguments: object) -> int:
    """``simulate_trades``, never uncertain but of prices that are rounded to 0."""
    views = [memoryview(a) if isinstance(a, np.ndarray) else a for a in arguments]  # type: ignore[arg-type]
    status: int = _simulate(*views)
    return status
