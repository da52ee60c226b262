"""Calls on which rounding is compared with freqtrade's own.

Imports the standard library. As ``metrics_probes`` has it, the first call is an ordinary one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

from ..runtime.registration import Call

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


_UTILS = "freqtrade.exchange.exchange_utils:"

PROBES: dict[str, Callable[[], Iterator[Call]]] = {
    _UTILS + "amount_to_contracts": _contracts,
    _UTILS + "contracts_to_amount": _contracts,
    _UTILS + "amount_to_precision": _amounts,
    _UTILS + "amount_to_contract_precision": _amounts_of_contracts,
    _UTILS + "price_to_precision": _prices,
}
