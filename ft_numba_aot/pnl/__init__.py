"""Profit of trades, and simulations of them: the thin layer over ``kernels/pnl.py``.

Imports numpy and the backend; what simulations need when it is first asked for.
"""

from __future__ import annotations

import importlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .._backend import call
from ._integers import exact_pnl
from ._threads import in_turns, thread_count

if TYPE_CHECKING:
    from ._curves import Exposure, drawdown_curve, equity_curve, excursions, exposure
    from ._report import report_html, write_report
    from ._rules import Job, Market, Rules
    from ._scores import SCORES
    from ._simulate import parallel_trades
    from ._sweep import Sweep, sweep
    from ._trades import Trades

__all__ = [
    "SCORES",
    "Exposure",
    "Job",
    "Market",
    "Pnl",
    "Rules",
    "Sweep",
    "Trades",
    "drawdown_curve",
    "equity_curve",
    "excursions",
    "exposure",
    "parallel_trades",
    "report_html",
    "sweep",
    "vectorized_pnl",
    "write_report",
]

_LAZY = {
    "Exposure": "_curves",
    "Job": "_rules",
    "Market": "_rules",
    "Rules": "_rules",
    "SCORES": "_scores",
    "Sweep": "_sweep",
    "Trades": "_trades",
    "drawdown_curve": "_curves",
    "equity_curve": "_curves",
    "excursions": "_curves",
    "exposure": "_curves",
    "parallel_trades": "_simulate",
    "report_html": "_report",
    "write_report": "_report",
    "sweep": "_sweep",
}

_vectorized_pnl = call("vectorized_pnl")
# In the kernel's order.
_INPUTS = (
    "open_rate",
    "close_rate",
    "amount",
    "fee_open",
    "fee_close",
    "is_short",
    "leverage",
    "funding_fees",
)

# The kernel takes a millisecond for these, a thread much less.
_TRADES_A_TURN = 25_000


@dataclass(frozen=True, slots=True, eq=False)
class Pnl:
    """Profit of each trade in stake currency and as a ratio, both rounded to 8 decimals.

    ``deferred`` is how many trades needed Python's integers instead of the kernel.
    """

    profit_abs: npt.NDArray[np.float64]
    profit_ratio: npt.NDArray[np.float64]
    deferred: int


def vectorized_pnl(
    open_rate: npt.ArrayLike,
    close_rate: npt.ArrayLike,
    amount: npt.ArrayLike,
    *,
    fee_open: npt.ArrayLike,
    fee_close: npt.ArrayLike,
    is_short: npt.ArrayLike = False,
    leverage: npt.ArrayLike = 1.0,
    funding_fees: npt.ArrayLike = 0.0,
) -> Pnl:
    """Profit of trades, fees included, bit for bit as freqtrade's ``LocalTrade`` calculates it.

    ``profit_abs`` is ``calc_profit(close_rate)`` and ``profit_ratio`` is
    ``calc_profit_ratio(close_rate)`` of spot and futures trades; the interest of margin trades is
    not included. ``funding_fees`` is what a futures trade has gained from funding.

    Arrays and scalars broadcast; float64, or integers up to 2**53. A NaN or infinite rate, amount
    or fee raises ValueError.
    """
    numbers = [
        _float64(name, value)
        for name, value in (
            ("open_rate", open_rate),
            ("close_rate", close_rate),
            ("amount", amount),
            ("fee_open", fee_open),
            ("fee_close", fee_close),
            ("leverage", leverage),
            ("funding_fees", funding_fees),
        )
    ]
    shorts = np.asarray(is_short)
    if shorts.dtype != np.bool_:
        raise TypeError(f"is_short: expected bool, found {shorts.dtype}")
    shape = np.broadcast(*numbers, shorts).shape
    length = math.prod(shape)
    turns = max(length // _TRADES_A_TURN, 1)
    edges = [length * turn // turns for turn in range(turns + 1)]
    longest = -(-length // turns)
    *columns, short = [_column(array, shape, longest) for array in (*numbers, shorts)]
    opened, closed, size, open_fee, close_fee, lever, funding = columns
    inputs = opened, closed, size, open_fee, close_fee, short, lever, funding
    profit_abs = np.empty(length)
    profit_ratio = np.empty(length)
    deferred = np.empty(length, dtype=np.int32)
    outputs = profit_abs, profit_ratio, deferred
    counts = [0] * turns

    def work(turn: int) -> None:
        part = slice(edges[turn], edges[turn + 1])
        counts[turn] = _vectorized_pnl(
            *[_rows(column, part) for column in inputs], *[column[part] for column in outputs]
        )

    if turns == 1:
        work(0)
    else:
        in_turns(lambda: work, turns, thread_count(None, turns))
    if any(counts):
        for i in np.flatnonzero(deferred).tolist():
            values = (_rows(column, slice(i, i + 1)).item() for column in inputs)
            profit_abs[i], profit_ratio[i] = exact_pnl(**dict(zip(_INPUTS, values, strict=True)))
    return Pnl(profit_abs.reshape(shape), profit_ratio.reshape(shape), sum(counts))


def _column(array: npt.NDArray[Any], shape: tuple[int, ...], longest: int) -> npt.NDArray[Any]:
    """A value for each trade; of a scalar, ``longest`` values, for whichever trades."""
    if array.ndim == 0:
        column = np.empty(longest, dtype=array.dtype)
        column.fill(array)
        return column
    if array.shape != shape:
        array = np.broadcast_to(array, shape)
    return np.ascontiguousarray(array).reshape(-1)


def _rows(column: npt.NDArray[Any], part: slice) -> npt.NDArray[Any]:
    """The trades of a part, as the kernel takes them."""
    rows = column[part] if part.stop <= len(column) else column[: part.stop - part.start]
    return rows.astype(np.int64) if rows.dtype == np.bool_ else rows


def _float64(name: str, value: npt.ArrayLike) -> npt.NDArray[np.float64]:
    array = np.asarray(value)
    if array.dtype != np.float64 and array.dtype.kind not in "iu":
        # Another type's shortest text is another decimal: float32's 0.1 isn't float64's.
        raise TypeError(f"{name}: expected float64, found {array.dtype}")
    return array.astype(np.float64, copy=False)


def __getattr__(name: str) -> Any:
    module = _LAZY.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{module}", __name__), name)
