"""The columns of a frame of trades that reports are made of, as arrays that are safe to add up.

Reports reduce the same few columns again and again: of all trades, of each pair, of each tag.
Once the columns are known to be plain and finite, numpy's own reductions, in pandas' order, give
what pandas gives. Imports pandas and bottleneck, not freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import bottleneck
import numpy as np
import numpy.typing as npt
import pandas as pd

from .sorted_dates import Dates, utc_dates

Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]

# Beyond these, squares and quotients overflow, which pandas and numpy treat differently.
LARGEST = 1e50
SMALLEST_BALANCE = 1e-20

PANDAS_MAJOR = int(pd.__version__.partition(".")[0])


@dataclass(frozen=True, slots=True, eq=False)
class TradeColumns:
    """One row a trade: profit in stake currency and as a ratio, minutes held, closing date.

    ``closed`` is datetime64 in the frame's unit, in UTC.
    """

    profit: Floats
    ratio: Floats
    minutes: Integers
    closed: Dates

    def __len__(self) -> int:
        return len(self.profit)

    def take(self, rows: Any) -> TradeColumns:
        """The trades at ``rows``: positions or a mask."""
        return TradeColumns(
            self.profit[rows], self.ratio[rows], self.minutes[rows], self.closed[rows]
        )


def trade_columns(trades: Any) -> TradeColumns | None:
    """The columns of ``trades``; None if one of them is missing, of another type or not finite."""
    if not is_plain_frame(trades):
        return None
    profit = finite_floats(trades, "profit_abs")
    ratio = finite_floats(trades, "profit_ratio")
    closed = dates_of(trades, "close_date")
    if profit is None or ratio is None or closed is None or "trade_duration" not in trades:
        return None
    minutes = trades["trade_duration"]
    if minutes.dtype != np.int64:
        return None
    return TradeColumns(profit, ratio, minutes.to_numpy(), closed)


def is_plain_frame(frame: Any) -> bool:
    """Whether it is a frame of pandas 3 whose columns have one name each."""
    return PANDAS_MAJOR == 3 and type(frame) is pd.DataFrame and frame.columns.is_unique


def finite_floats(frame: pd.DataFrame, name: str) -> Floats | None:
    """A float64 column, if no value is missing or so large that its square may overflow."""
    if name not in frame:
        return None
    column = frame[name]
    if column.dtype != np.float64:
        return None
    values: Floats = column.to_numpy()
    return values if bounded(values) else None


def bounded(values: Floats) -> bool:
    """Whether no value is NaN, infinite or huge."""
    # A comparison with NaN is False.
    return bool((np.abs(values) <= LARGEST).all())


def dates_of(frame: pd.DataFrame, name: str) -> Dates | None:
    """A column of dates in UTC, if none is missing and the index doesn't share its name."""
    if name not in frame or name in frame.index.names:
        return None
    return utc_dates(frame[name])


def is_usual_balance(balance: Any) -> bool:
    """Whether it is a plain number that profits can be divided by without surprises."""
    return type(balance) in (int, float) and SMALLEST_BALANCE <= balance <= LARGEST


def date_order(dates: Dates) -> npt.NDArray[np.intp]:
    """The order of ``DataFrame.sort_values``: numpy's quicksort, whose ties aren't in order."""
    return dates.argsort(kind="quicksort")


def deviation(values: Floats, ddof: int) -> float:
    """``Series.std`` of finite values where pandas uses bottleneck; NaN without enough of them."""
    if len(values) == 0:
        return float("nan")
    return float(bottleneck.nanstd(values, ddof=ddof))


def group_sums(values: Floats, starts: npt.NDArray[np.intp]) -> Floats:
    """The sums that pandas gives for groups in order, one from each of ``starts`` to the next.

    No group is empty.
    """
    sums: Floats = np.add.reduceat(values, starts)
    return sums


def arithmetic_is_known() -> bool:
    """Whether pandas adds up and measures spread as ``group_sums`` and ``deviation`` do.

    By version it sums groups with compensation or without; by option and installation its
    deviations are bottleneck's or numpy's.
    """
    return _SUMS_GROUPS and _HAS_BOTTLENECK and bool(pd.get_option("compute.use_bottleneck"))


# Different orders of summation, compensated or not, give these different sums.
_PROBE: Floats = np.arange(1.0, 400.0) * 0.618033988749895 % 1.0 - 0.3


def _pandas_sums_groups_plainly() -> bool:
    starts = np.array([0, 2, 13])
    days = np.repeat(np.array([0, 1, 2], dtype="M8[D]"), [2, 11, 386]).astype("M8[us]")
    series = pd.Series(_PROBE, pd.DatetimeIndex(days))
    expected = group_sums(_PROBE, starts)
    return bool(
        (series.resample("1D").sum().to_numpy() == expected).all()
        and (series.groupby(level=0).sum().to_numpy() == expected).all()
    )


def _pandas_uses_bottleneck() -> bool:
    with pd.option_context("compute.use_bottleneck", True):
        return bool(pd.Series(_PROBE).std(ddof=0) == bottleneck.nanstd(_PROBE) != np.std(_PROBE))


_SUMS_GROUPS = _pandas_sums_groups_plainly()
_HAS_BOTTLENECK = _pandas_uses_bottleneck()
