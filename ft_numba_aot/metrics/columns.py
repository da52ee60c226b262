"""Columns of frames as arrays that are safe to add up, and sums and deviations in pandas' order.

Once a column is known to be plain and finite, numpy's reductions give what pandas gives. Imports
pandas.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.core import nanops  # type: ignore[attr-defined]

from .._dates import Dates, utc_dates
from .arrays import pairwise_sum, std

try:
    import bottleneck  # type: ignore[import-untyped, unused-ignore]
except ImportError:  # pragma: no cover - an installation without it
    bottleneck = None

Floats: TypeAlias = npt.NDArray[np.float64]

# Beyond these, squares and quotients overflow, which pandas and numpy treat differently.
LARGEST = 1e50
SMALLEST_BALANCE = 1e-20
_LARGEST_SQUARE = LARGEST**2

_FLOAT64 = np.dtype(np.float64)
PANDAS_MAJOR = int(pd.__version__.partition(".")[0])


def is_plain_frame(frame: Any) -> bool:
    """Whether it is a frame of pandas 3 whose columns have one name each."""
    return PANDAS_MAJOR == 3 and type(frame) is pd.DataFrame and frame.columns.is_unique


def _public_array(frame: pd.DataFrame, position: int) -> Any:
    column = frame.iloc[:, position]
    return column.to_numpy() if isinstance(column.dtype, np.dtype) else column.array


def _short_array(frame: pd.DataFrame, position: int) -> Any:
    return frame._get_column_array(position)  # type: ignore[operator]


def _short_way_is_the_same() -> bool:
    frame = pd.DataFrame({"number": [1.5, 2.5], "text": ["a", None], "more": [3.5, 4.5]})
    frame["date"] = pd.to_datetime([1, 2], unit="s", utc=True)
    try:
        return all(
            type(short := _short_array(frame, position)) is type(public)
            and short.dtype == public.dtype
            and short.tolist() == public.tolist()
            for position in (0, 2, 3)
            for public in [_public_array(frame, position)]
        )
    except Exception:
        return False


_array = _short_array if _short_way_is_the_same() else _public_array


def column(frame: Any, name: Any) -> Any:
    """The array of a column, numpy's or pandas' own; None without one in a plain frame."""
    if type(name) is not str or not is_plain_frame(frame):
        return None
    try:
        position = frame.columns.get_loc(name)
    except KeyError:
        return None
    return _array(frame, position) if type(position) is int else None


def floats(frame: Any, name: Any) -> Floats | None:
    """A float64 column."""
    values = column(frame, name)
    return values if type(values) is np.ndarray and values.dtype == _FLOAT64 else None


def finite_floats(frame: Any, name: Any) -> Floats | None:
    """A float64 column, if no value is missing or so large that its square may overflow."""
    values = floats(frame, name)
    return values if values is not None and bounded(values) else None


def finite_sum(frame: Any, name: Any) -> np.float64 | None:
    """The sum of a float64 column, if there are values and they and their sum are finite."""
    values = floats(frame, name)
    if values is None or not len(values) or not values.flags.c_contiguous:
        return None
    result = pairwise_sum(values)
    return np.float64(result) if math.isfinite(result) else None


def bounded(values: Floats) -> bool:
    """Whether no value is NaN, infinite or huge."""
    with np.errstate(all="ignore"):
        # A comparison with NaN is False.
        return bool(values.dot(values) <= _LARGEST_SQUARE)


def dates_of(frame: Any, name: Any, *, missing: bool = False) -> Dates | None:
    """A column of dates in UTC, if none is missing and the index doesn't share its name.

    With ``missing``, some may be.
    """
    values = column(frame, name)
    if values is None or name in frame.index.names:
        return None
    return utc_dates(values, missing=missing)


def is_usual_balance(balance: Any) -> bool:
    """Whether it is a plain number that profits can be divided by without surprises."""
    return type(balance) in (int, float) and SMALLEST_BALANCE <= balance <= LARGEST


def is_balance_or_none(balance: Any) -> bool:
    """Whether it is a usual balance, or zero: drawdowns relative to the highest profit."""
    return is_usual_balance(balance) or (type(balance) in (int, float) and balance == 0)


def date_order(dates: Dates) -> npt.NDArray[np.intp]:
    """The order of ``DataFrame.sort_values``: numpy's quicksort, whose ties aren't in order."""
    return dates.argsort(kind="quicksort")


def group_sums(values: Floats, starts: npt.NDArray[np.intp]) -> Floats:
    """The sums that pandas gives for groups in order, one from each of ``starts`` to the next.

    No group is empty.
    """
    sums: Floats = np.add.reduceat(values, starts)
    return sums


def deviation(values: Floats, ddof: int) -> float:
    """``Series.std`` of finite values; NaN without enough of them.

    bottleneck's two passes in order where pandas uses it, numpy's sums in pairs elsewhere.
    """
    if len(values) <= ddof:
        return float("nan")
    if uses_bottleneck():
        return float(bottleneck.nanstd(values, ddof=ddof))
    return std(values, ddof)


def _by_flag() -> bool:
    return nanops._USE_BOTTLENECK  # type: ignore[no-any-return]


def _by_option() -> bool:
    return bottleneck is not None and bool(pd.get_option("compute.use_bottleneck"))


def _flag_is_known() -> bool:
    states = []
    for wanted in (True, False):
        with pd.option_context("compute.use_bottleneck", wanted):
            states.append(getattr(nanops, "_USE_BOTTLENECK", None) is _by_option())
    return all(states)


# Whether pandas takes deviations, least and greatest values from bottleneck, as its option says.
uses_bottleneck = _by_flag if _flag_is_known() else _by_option

# Different orders of summation, compensated or not, give these different sums.
_PROBE: Floats = np.arange(1.0, 400.0) * 0.618033988749895 % 1.0 - 0.3


def _sums_groups_plainly() -> bool:
    starts = np.array([0, 2, 13])
    days = np.repeat(np.array([0, 1, 2], dtype="M8[D]"), [2, 11, 386]).astype("M8[us]")
    series = pd.Series(_PROBE, pd.DatetimeIndex(days))
    expected = group_sums(_PROBE, starts)
    return bool(
        (series.resample("1D").sum().to_numpy() == expected).all()
        and (series.groupby(level=0).sum().to_numpy() == expected).all()
    )


def _deviates_alike() -> bool:
    for wanted in (True, False):
        with pd.option_context("compute.use_bottleneck", wanted):
            if pd.Series(_PROBE).std(ddof=0) != deviation(_PROBE, 0):
                return False
    return True


# Whether pandas adds up and measures spread as ``group_sums`` and ``deviation`` do.
ARITHMETIC_IS_KNOWN = _sums_groups_plainly() and _deviates_alike()
