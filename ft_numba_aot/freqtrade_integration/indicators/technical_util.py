"""technical's candles of another timeframe, and their merge into the original's.

Dates that ascend are put into their interval, and found in each other, without pandas' grouping and
joins. Imports technical and pandas' manager of a frame's pieces.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from technical import util as _util

from ... import _rolling
from ...runtime.registration import Call
from ..frame_pieces import carried_on, in_both, in_runs, of_columns
from ..replacement import Replacement
from .plain import appended, names_of
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


def _instants(frame: Any) -> tuple[Integers, int] | None:
    """The UTC dates of an ordinary frame, which ascend, as numbers, and how many are a second.

    None of any other frame, and of fewer than two.
    """
    if prices(frame) is None or len(frame) < 2 or "date" not in frame.columns:
        return None
    if frame.columns.name is not None:
        return None
    dates = _dates(frame)
    dtype = dates.dtype
    if not isinstance(dtype, pd.DatetimeTZDtype) or str(dtype.tz) != "UTC":
        return None
    numbers: Integers = dates.asi8
    ticks = _TICKS[dtype.unit]
    if max(abs(int(numbers[0])), abs(int(numbers[-1]))) > _FARTHEST * ticks:
        return None
    return (numbers, ticks) if (numbers[1:] > numbers[:-1]).all() else None


def _dates(frame: Any) -> Any:
    """The array of the column ``date``."""
    return frame._mgr.iget_values(frame.columns.get_loc("date"))


def _dates_like(dates: Any, numbers: Integers) -> Any:
    """Numbers, which it takes over, as dates of the same type."""
    return dates._from_backing_data(numbers.view(f"M8[{dates.dtype.unit}]"))


def _minutes(numbers: Integers, ticks: int) -> int:
    """The least interval, in whole minutes."""
    return int((numbers[1:] - numbers[:-1]).min()) // (60 * ticks)


@wraps(_compute_interval)
def compute_interval(dataframe: Any, exchange_interval: Any = False) -> Any:
    """``compute_interval`` of dates that ascend, in minutes."""
    found = _instants(dataframe) if exchange_interval is False else None
    if found is None:
        return _compute_interval(dataframe, exchange_interval)
    return _minutes(*found)


@wraps(_resample_to_interval)
def resample_to_interval(dataframe: Any, interval: Any) -> Any:
    """``resample_to_interval`` of candles of float64 whose dates ascend."""
    minutes = _util.TICKER_INTERVAL_MINUTES.get(interval) if type(interval) is str else interval
    columns = prices(dataframe, *_COLUMNS)
    found = _instants(dataframe) if columns is not None else None
    if columns is None or found is None or type(minutes) is not int or not 0 < minutes < 10**6:
        return _resample_to_interval(dataframe, interval)
    # Of missing values pandas takes other sums, and infinities make some.
    if not all(np.isfinite(column).all() for column in columns):
        return _resample_to_interval(dataframe, interval)
    dates, ticks = found
    minute = 60 * ticks
    begin = int(dates[0]) // (_DAY * minute) * (_DAY * minute)
    intervals = (dates - begin) // (minutes * minute)
    starts = np.flatnonzero(intervals[1:] != intervals[:-1]) + 1
    starts = np.concatenate(([0], starts))
    ends = np.append(starts[1:], len(dates)) - 1
    opened, high, low, close, volume = columns
    with np.errstate(all="ignore"):
        sums = np.add.reduceat(volume, starts)
    if not np.isfinite(sums).all():
        return _resample_to_interval(dataframe, interval)
    candles = (
        _dates_like(_dates(dataframe), intervals[starts] * (minutes * minute) + begin),
        opened[starts],
        np.maximum.reduceat(high, starts),
        np.minimum.reduceat(low, starts),
        close[ends],
        sums,
    )
    return of_columns(names_of("date", *_COLUMNS), candles)


@wraps(_resampled_merge)
def resampled_merge(original: Any, resampled: Any, fill_na: Any = True) -> Any:
    """``resampled_merge`` of frames whose dates ascend, none of them twice."""
    merge = _prepared(original, resampled, fill_na)
    if merge is None:
        return _resampled_merge(original, resampled, fill_na)
    columns = resampled._mgr
    # As the original, which writes into it.
    added = of_columns(names_of("date_merge"), [merge.dates])._mgr
    axes = [names_of(*merge.names, merge.date_merge), columns.axes[1]]
    resampled._mgr = type(columns).concat_horizontal([columns, added], axes)
    return _merged(original, in_runs(columns), merge, fill_na)


class _Merge(NamedTuple):
    """The names of the frame that is merged, and the dates its rows are merged at.

    Of the latter, ``date_merge`` is the name; ``own`` are the dates of the other frame.
    """

    names: tuple[str, ...]
    date_merge: str
    dates: Any
    own: tuple[Integers, int]


def _prepared(original: Any, resampled: Any, fill_na: Any) -> _Merge | None:
    """What it takes, where nothing speaks against the short way; else None."""
    if type(fill_na) is not bool or original is resampled:
        return None
    found, own = _instants(resampled), _instants(original)
    if found is None or own is None:
        return None
    interval, minutes = _minutes(*found), _minutes(*own)
    if minutes >= interval:
        return None
    given, others = _names(resampled), _names(original)
    if given is None or others is None or "date_merge" in given:
        return None
    if type(resampled.columns.dtype) is not type(original.columns.dtype):
        return None
    names = tuple(f"resample_{interval}_{name}" for name in given)
    date_merge = f"resample_{interval}_date_merge"
    if not {*names, date_merge}.isdisjoint(others):
        return None
    # Of a unit that pandas tells.
    dates = _dates(resampled) + pd.to_timedelta(interval - minutes, "m")
    return _Merge(names, date_merge, dates, own)


def _names(frame: Any) -> list[str] | None:
    """The columns of a frame of texts for names and of columns whose pieces are known."""
    columns, index = frame.columns, frame.index
    if columns.name is not None or index.name is not None or index.nlevels != 1:
        return None
    names: list[str] = columns.tolist()
    if not all(type(name) is str for name in names) or len(frame._mgr.blocks) > _MOST_PIECES:
        return None
    for block in frame._mgr.blocks:
        dtype = block.dtype
        if isinstance(dtype, np.dtype):
            if dtype not in _KNOWN:
                return None
        elif not isinstance(dtype, pd.DatetimeTZDtype | pd.StringDtype) or len(block.mgr_locs) > 1:
            return None
    return names


def _merged(original: pd.DataFrame, columns: Any, merge: _Merge, fill_na: bool) -> pd.DataFrame:
    """A left join, its missing values filled with the last ones of their column."""
    length = len(original)
    index = pd.RangeIndex(length)
    dates = merge.dates.asi8, _TICKS[merge.dates.dtype.unit]
    found, places = in_both(merge.own, dates)
    # Numbers that a join leaves some missing of become others.
    short = fill_na and all(block.dtype.kind in "fM" for block in columns.blocks)
    if short and len(found):
        taken = carried_on(columns, index, found, places)
    else:
        rows = np.full(length, -1, np.intp)
        rows[places] = found
        taken = columns.reindex_indexer(index, rows, axis=1, allow_dups=True)
    own: Any = original._mgr
    kind = original.columns.dtype
    names = appended(tuple(original.columns.tolist()), merge.names, kind, kind)
    blocks = type(own).concat_horizontal([in_runs(own), in_runs(taken)], [names, index])
    whole: Any = pd.DataFrame
    frame: pd.DataFrame = whole._from_mgr(blocks, axes=blocks.axes)
    if fill_na and not (short and _is_filled(own) and _is_filled(columns)):
        return frame.ffill()
    return frame


def _is_filled(manager: Any) -> bool:
    """Whether no value is missing after one that isn't."""
    for block in manager.blocks:
        kind, values = block.dtype.kind, block.values
        if type(values) is np.memmap:
            # What pandas fills is in memory.
            return False
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
