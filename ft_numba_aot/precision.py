"""How precisely an exchange quotes its prices: the thin layer over ``kernels/precision.py``.

Imports numpy and the backend.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ._backend import call

__all__ = ["decimals"]

_decimals = call("decimals")


def decimals(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Decimals of each price when it is written with 14 significant digits, NaN where it has none.

    As freqtrade's ``get_tick_size_over_time`` counts them, whose formatting also decides here
    where a kernel can't.
    """
    prices = np.ascontiguousarray(values, dtype=np.float64)
    counts = np.empty(prices.shape)
    if _decimals(prices.reshape(-1), counts.reshape(-1)):
        for index in np.argwhere(counts == -1.0):
            at = tuple(index)
            counts[at] = _formatted_decimals(float(prices[at]))
    return counts


def _formatted_decimals(price: float) -> float:
    text = np.format_float_positional(price, precision=14, unique=False, fractional=False, trim="-")
    return float(len(text.partition(".")[2].rstrip("0"))) or np.nan
