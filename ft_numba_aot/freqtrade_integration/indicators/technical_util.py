"""technical's candles of another timeframe, and their merge into the original's.

Dates that ascend are put into their interval, and found in each other, without pandas' grouping and
joins. Imports technical and pandas' manager of a frame's pieces.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.core.internals.managers import BlockManager
from technical import util as _util

from ... import _rolling
from ...runtime.registration import Call
from ..replacement import Replacement
from .technical_columns import put_columns
from .technical_frames import prices, walk

_MODULE = "technical.util:"
_compute_interval = _util.compute_interval
_resample_to_interval = _util.resample_to_interval
_resampled_merge = _util.resampled_merge

_COLUMNS = ("open", "high", "low", "close", "volume")
_DAY = 24 * 60
_TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_KNOWN = frozenset(map(np.dtype, ("f8", "f4", "i8", "?")))
# Copies of more make pandas warn.
_MOST_PIECES = 80
# In seconds; so far from 1970, dates of any unit are numbers of nanoseconds, too.
_FARTHEST = 9 * 10**9
Integers = npt.NDArray[np.int64]


def _instants(dates: Any) -> tuple[Integers, int] | None:
    """A column of UTC dates that ascend, as numbers, and how many are a second; else None."""
    dtype = dates.dtype
    if not isinstance(dtype, pd.DatetimeTZDtype) or str(dtype.tz) != "UTC":
        return None
    numbers: Integers = dates.array.asi8
    ticks = _TICKS[dtype.unit]
    if max(abs(int(numbers[0])), abs(int(numbers[-1]))) > _FARTHEST * ticks:
        return None
    return (numbers, ticks) if (numbers[1:] > numbers[:-1]).all() else None


def _minutes(numbers: Integers, ticks: int) -> int:
    """The least interval, in whole minutes."""
    return int(np.diff(numbers).min()) // (60 * ticks)


def _dates_of(frame: Any) -> tuple[Integers, int] | None:
    if prices(frame) is None or len(frame) < 2 or "date" not in frame.columns:
        return None
    if frame.columns.name is not None:
        return None
    return _instants(frame["date"])


@wraps(_compute_interval)
def compute_interval(dataframe: Any, exchange_interval: Any = False) -> Any:
    """``compute_interval`` of dates that ascend, in minutes."""
    found = _dates_of(dataframe) if exchange_interval is False else None
    if found is None:
        return _compute_interval(dataframe, exchange_interval)
    return _minutes(*found)


@wraps(_resample_to_interval)
def resample_to_interval(dataframe: Any, interval: Any) -> Any:
    """``resample_to_interval`` of candles of float64 whose dates ascend."""
    minutes = _util.TICKER_INTERVAL_MINUTES.get(interval) if type(interval) is str else interval
    columns = prices(dataframe, *_COLUMNS)
    found = _dates_of(dataframe) if columns is not None else None
    if columns is None or found is None or type(minutes) is not int or not 0 < minutes < 10**6:
        return _resample_to_interval(dataframe, interval)
    # Of missing values pandas takes other sums, and infinities make some.
    if not all(np.isfinite(column).all() for column in columns):
        return _resample_to_interval(dataframe, interval)
    dates, ticks = found
    minute = 60 * ticks
    begin = int(dates[0]) // (_DAY * minute) * (_DAY * minute)
    intervals = (dates - begin) // (minutes * minute)
    starts = np.flatnonzero(np.diff(intervals, prepend=-1))
    ends = np.append(starts[1:], len(dates)) - 1
    opened, high, low, close, volume = columns
    with np.errstate(all="ignore"):
        sums = np.add.reduceat(volume, starts)
    if not np.isfinite(sums).all():
        return _resample_to_interval(dataframe, interval)
    candles = {
        "open": opened[starts],
        "high": np.maximum.reduceat(high, starts),
        "low": np.minimum.reduceat(low, starts),
        "close": close[ends],
        "volume": sums,
    }
    dtype: Any = dataframe["date"].dtype
    times = (intervals[starts] * (minutes * minute) + begin).view(f"M8[{dtype.unit}]")
    column = pd.Series(times, copy=False).dt.tz_localize(dtype.tz)
    result = pd.DataFrame({"date": column}, copy=False)
    put_columns(result, candles)
    return result


@wraps(_resampled_merge)
def resampled_merge(original: Any, resampled: Any, fill_na: Any = True) -> Any:
    """``resampled_merge`` of frames whose dates ascend, none of them twice."""
    merge = _prepared(original, resampled, fill_na)
    if merge is None:
        return _resampled_merge(original, resampled, fill_na)
    interval, own = merge
    dates = resampled["date"] + pd.to_timedelta(interval - own, "m")
    resampled["date_merge"] = dates
    resampled.columns = [f"resample_{interval}_{name}" for name in resampled.columns]
    numbers = dates.array.asi8
    kept = np.arange(len(resampled.columns) - 1)
    names = resampled.columns[:-1]
    columns = resampled._mgr.reindex_indexer(names, kept, axis=0, only_slice=True)
    return _merged(original, columns, names, (numbers, _TICKS[dates.dtype.unit]), fill_na)


def _prepared(original: Any, resampled: Any, fill_na: Any) -> tuple[int, int] | None:
    """Both intervals in minutes, where nothing speaks against the short way; else None."""
    found, own = _dates_of(resampled), _dates_of(original)
    if found is None or own is None or type(fill_na) is not bool or original is resampled:
        return None
    interval, minutes = _minutes(*found), _minutes(*own)
    if minutes >= interval or "date_merge" in resampled.columns:
        return None
    names = {f"resample_{interval}_{name}" for name in (*resampled.columns, "date_merge")}
    if not names.isdisjoint(original.columns):
        return None
    if not (_is_joinable(original) and _is_joinable(resampled)):
        return None
    return interval, minutes


def _is_joinable(frame: Any) -> bool:
    """Whether it is of texts for names and of columns whose pieces are known."""
    names, index = frame.columns, frame.index
    if names.name is not None or index.name is not None or index.nlevels != 1:
        return False
    if not all(type(name) is str for name in names) or len(frame._mgr.blocks) > _MOST_PIECES:
        return False
    for block in frame._mgr.blocks:
        dtype = block.dtype
        if isinstance(dtype, np.dtype):
            if dtype not in _KNOWN:
                return False
        elif not isinstance(dtype, pd.DatetimeTZDtype | pd.StringDtype) or len(block.mgr_locs) > 1:
            return False
    return True


def _as_dropped(manager: Any) -> Any:
    """The columns as views, in the pieces that pandas leaves when it has dropped another."""
    if len(manager.blocks) == 1:
        return manager
    every = np.arange(len(manager.items))
    return manager.reindex_indexer(manager.items, every, axis=0, allow_dups=True, only_slice=True)


def _merged(
    original: pd.DataFrame, columns: Any, names: Any, dates: tuple[Integers, int], fill_na: bool
) -> pd.DataFrame:
    """A left join, its missing values filled with the last ones of their column."""
    length = len(original)
    found, places = _common(_instants(original["date"]), dates)
    if fill_na:
        ends = np.concatenate((places, [length]))
        rows = np.repeat(np.concatenate(([-1], found)), np.diff(ends, prepend=0))
    else:
        rows = np.full(length, -1, np.intp)
        rows[places] = found
    index = pd.RangeIndex(length)
    taken = columns.reindex_indexer(index, rows, axis=1, allow_dups=True)
    parts = [_as_dropped(original._mgr), _as_dropped(taken)]
    axes = [original.columns.append(names), index]
    blocks = BlockManager.concat_horizontal(parts, axes)
    whole: Any = pd.DataFrame
    frame: pd.DataFrame = whole._from_mgr(blocks, axes=blocks.axes)
    if fill_na and not (_is_filled(original._mgr) and _is_filled(columns)):
        return frame.ffill()
    return frame


def _common(own: Any, dates: tuple[Integers, int]) -> tuple[Any, Any]:
    """Where the dates that both have are: in ``dates``, and in the frame's own."""
    (ours, ticks), (theirs, others) = own, dates
    ours, theirs = (
        numbers * (max(ticks, others) // one) for numbers, one in ((ours, ticks), (theirs, others))
    )
    places = ours.searchsorted(theirs)
    same = places < len(ours)
    same[same] = ours[places[same]] == theirs[same]
    return np.flatnonzero(same), places[same]


def _is_filled(manager: Any) -> bool:
    """Whether no value is missing after one that isn't."""
    for block in manager.blocks:
        kind, values = block.dtype.kind, block.values
        if kind == "f":
            missing = np.isnan(values)
            if (missing[:, 1:] > missing[:, :-1]).any():
                return False
        elif kind == "M":
            if values.isna().any():
                return False
        elif kind not in "iub":
            return False
    return True


def _probes_of_interval() -> Iterator[Call]:
    yield (walk(),), {}
    yield (walk().iloc[::3],), {}


def _probes() -> Iterator[Call]:
    for interval in (60, "15m", 7):
        yield (walk(), interval), {}


REPLACEMENTS = (
    Replacement(
        _MODULE + "compute_interval", compute_interval, "timeframes", probes=_probes_of_interval
    ),
    Replacement(
        _MODULE + "resample_to_interval",
        resample_to_interval,
        "resampling",
        unfit=_rolling.certified,
        probes=_probes,
    ),
    # Writes into its argument.
    Replacement(
        _MODULE + "resampled_merge",
        resampled_merge,
        "timeframes",
        relies_on=(_MODULE + "compute_interval",),
        unfit=_rolling.certified,
    ),
)
