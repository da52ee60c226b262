"""Calls on which rounding and qtpylib's functions are compared with the originals.

Imports pandas, not freqtrade. As ``metrics_probes`` has it, the first call is an ordinary one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
import pandas as pd

from .metrics_probes import Call

PRICES = (27123.4567, 0.00001234, 1.005, 2.5, 0.1 + 0.2, 99999.99999999, 1e-8, 0.0, 3.0, 7)

# As ccxt numbers them: decimal places, significant digits, ticks; then rounding, up and down.
PRECISIONS = ((0.01, 4), (1e-8, 4), (0.5, 4), (0.00025, 4), (2, 2), (8, 2), (5, 3), (None, 4))
ROUNDINGS = (1, 2, 3)
SIZES = (0.001, 10.0, 1.0, None, 1000)


def _contracts() -> Iterator[Call]:
    for price, size in product(PRICES, SIZES):
        yield (price, size), {}


def _amounts() -> Iterator[Call]:
    for price, (precision, mode) in product(PRICES, PRECISIONS):
        yield (price, precision, mode), {}


def _amounts_of_contracts() -> Iterator[Call]:
    for price, (precision, mode), size in product(PRICES[:5], PRECISIONS[:5], SIZES[:4]):
        yield (price, precision, mode, size), {}


def _prices() -> Iterator[Call]:
    for price, (precision, mode), rounding in product(PRICES, PRECISIONS, ROUNDINGS):
        yield (price, precision, mode), {"rounding_mode": rounding}


def _crossings() -> Iterator[Call]:
    one = pd.Series([1.0, 2.0, np.nan, 3.0, 2.0, -0.0, 0.0, np.inf, 1.0], name="rsi")
    other = pd.Series([2.0, 1.0, 1.0, 3.0, 2.5, 0.0, -0.0, np.inf, 2.0], name="signal")
    others = (2.0, other, other.rename("rsi"), 0, np.nan, other.to_numpy(), other.iloc[1:], "2")
    for against, direction in product(others, ("above", "below", None)):
        yield (one, against, direction), {}
        yield (one.iloc[:1], against, direction), {}


def _heikin_ashi() -> Iterator[Call]:
    close = np.array([1.0, 1.1, 1.05, np.nan, 1.2, 1.3, 0.7, 1e8, 1.0])
    bars = pd.DataFrame({"open": close[::-1], "high": close + 0.1, "low": close - 0.1})
    bars["close"] = close
    # The zero's sign, the missing price, the other labels and the empty frame are the original's.
    zero = bars.assign(low=-0.0)
    for frame in (bars, bars.iloc[4:].reset_index(drop=True), zero, bars.iloc[1:], bars.iloc[:0]):
        yield (frame,), {}


_QTPYLIB = "technical.vendor.qtpylib.indicators:"
_UTILS = "freqtrade.exchange.exchange_utils:"

PROBES: dict[str, Callable[[], Iterator[Call]]] = {
    _UTILS + "amount_to_contracts": _contracts,
    _UTILS + "contracts_to_amount": _contracts,
    _UTILS + "amount_to_precision": _amounts,
    _UTILS + "amount_to_contract_precision": _amounts_of_contracts,
    _UTILS + "price_to_precision": _prices,
    _QTPYLIB + "crossed": _crossings,
    _QTPYLIB + "heikinashi": _heikin_ashi,
}
