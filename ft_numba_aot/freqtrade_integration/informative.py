"""Informative candles merged into a strategy's, without a join of frames.

Dates that ascend are found in each other by bisection, and the informative columns are taken at the
rows found: pandas' own ``take``, and its own pieces of the frame, since how many pieces there are
is to be seen in its warnings. The first rows, which freqtrade fills column by column with the last
informative candle before them, are written at once. Imports freqtrade and pandas' internals.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, wraps
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from freqtrade.exchange import timeframe_to_minutes
from freqtrade.strategy import strategy_helper as _helper
from pandas._libs.internals import BlockPlacement
from pandas.core.internals.managers import BlockManager

from ..runtime.registration import Call
from .frame_pieces import carried_on, in_both, in_one, is_in_runs
from .indicators.plain import appended, is_plain
from .replacement import Replacement

_original = _helper.merge_informative_pair
# Since 2026.9, whose decorator keeps what it has prepared.
_original_prepared = getattr(_helper, "_merge_prepared_informative_pair", None)

_DATE = "date"
_DATE_MERGE = "date_merge"

_TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
# In seconds; so far from 1970, dates of any unit are numbers of nanoseconds, too.
_FARTHEST = 9 * 10**9
# Beyond, a float64 is not every integer.
_EXACT = 2**53
# A copy of more pieces than 100, in which no columns are put together, makes pandas warn.
_MOST_PIECES = 90

Integers = npt.NDArray[np.int64]
Positions = npt.NDArray[np.intp]


class _NotPlainError(Exception):
    """It takes the original to tell the result."""


class _Right(NamedTuple):
    """What is merged: pandas' manager of columns, their names, and the dates of their rows.

    ``kind`` is the type of the names, None for pandas' own. The original has another column with
    the dates, called ``date_merge``, and drops it again.
    """

    columns: Any
    names: list[str]
    kind: Any
    date_merge: str
    dates: Integers
    ticks: int


@wraps(_original)
def merge_informative_pair(
    dataframe: pd.DataFrame,
    informative: pd.DataFrame,
    timeframe: str,
    timeframe_inf: str,
    ffill: bool = True,
    append_timeframe: bool = True,
    date_column: str = "date",
    suffix: str | None = None,
) -> pd.DataFrame:
    """``merge_informative_pair`` of frames whose dates ascend, none of them twice."""
    try:
        own, names = _names(dataframe), _names(informative)
        texts = (timeframe, timeframe_inf, date_column, suffix or "")
        if any(type(text) is not str for text in texts) or (suffix and append_timeframe):
            raise _NotPlainError
        if _DATE_MERGE in names or date_column not in names:
            raise _NotPlainError
        column = informative._mgr.iget_values(names.index(date_column))
        dates, ticks = _shifted(column, timeframe, timeframe_inf)
        ending = f"_{timeframe_inf}" if append_timeframe else f"_{suffix}" if suffix else ""
        kind = None if ending else informative.columns.dtype
        names = [name + ending for name in names]
        columns = in_one(informative._mgr)
        right = _Right(columns, names, kind, _DATE_MERGE + ending, dates, ticks)
        return _merged(dataframe, own, right, ffill)
    except _NotPlainError:
        return _original(  # type: ignore[no-any-return]
            dataframe,
            informative,
            timeframe,
            timeframe_inf,
            ffill,
            append_timeframe,
            date_column,
            suffix,
        )


def merge_prepared(dataframe: pd.DataFrame, prepared: Any, *, ffill: bool = True) -> pd.DataFrame:
    """``_merge_prepared_informative_pair`` of frames whose dates ascend, none of them twice."""
    try:
        informative, date_merge = prepared.dataframe, prepared.date_merge
        own, names = _names(dataframe), _names(informative)
        if date_merge not in names or date_merge == _DATE:
            raise _NotPlainError
        place = names.index(date_merge)
        dates, ticks = _instants(informative._mgr.iget_values(place))
        names.remove(date_merge)
        columns = _without(informative._mgr, place)
        right = _Right(columns, names, informative.columns.dtype, date_merge, dates, ticks)
        return _merged(dataframe, own, right, ffill)
    except _NotPlainError:
        assert _original_prepared is not None
        return _original_prepared(dataframe, prepared, ffill=ffill)  # type: ignore[no-any-return]


if _original_prepared is not None:
    merge_prepared = wraps(_original_prepared)(merge_prepared)


def _names(frame: Any) -> list[str]:
    """The columns of a plain frame with rows."""
    if (
        not is_plain(frame)
        or not len(frame)
        or not frame.flags.allows_duplicate_labels
        or frame.columns.name is not None
        or frame.index.nlevels != 1
        or frame.index.name is not None
    ):
        raise _NotPlainError
    names: list[str] = frame.columns.tolist()
    if not all(type(name) is str for name in names):
        raise _NotPlainError
    return names


def _shifted(column: Any, timeframe: str, timeframe_inf: str) -> tuple[Integers, int]:
    """When candles of one timeframe are known to those of another, which begin then."""
    minutes, minutes_inf = timeframe_to_minutes(timeframe), timeframe_to_minutes(timeframe_inf)
    if minutes > minutes_inf:
        raise _NotPlainError
    if minutes < minutes_inf and timeframe_inf == "1M":
        _instants(column)
        column = column + pd.offsets.MonthBegin(1)
        minutes_inf = 0
    dates, ticks = _instants(column)
    return dates + (minutes_inf - minutes) * 60 * ticks, ticks


def _instants(column: Any) -> tuple[Integers, int]:
    """Dates in UTC as numbers that ascend, and how many of them are a second."""
    dtype = column.dtype
    if not isinstance(dtype, pd.DatetimeTZDtype) or str(dtype.tz) != "UTC":
        raise _NotPlainError
    dates: Integers = column.asi8
    ticks = _TICKS[dtype.unit]
    if abs(int(dates[0])) > _FARTHEST * ticks or abs(int(dates[-1])) > _FARTHEST * ticks:
        raise _NotPlainError
    if not (dates[1:] > dates[:-1]).all():
        raise _NotPlainError
    return dates, ticks


def _merged(dataframe: pd.DataFrame, own: list[str], right: _Right, ffill: bool) -> pd.DataFrame:
    theirs = {*right.names, right.date_merge}
    if _DATE not in own or not theirs.isdisjoint(own):
        raise _NotPlainError
    _check_blocks(right.columns)
    dates = dataframe._mgr.iget_values(own.index(_DATE))
    found, places = _common(dates, right.dates, right.ticks)
    length = len(dataframe)
    # Candles before the first informative one of the same time get that of before.
    head = int(places[0]) if ffill and len(found) and found[0] else 0
    index = pd.RangeIndex(length)
    if ffill:
        taken = carried_on(right.columns, index, found, places)
    else:
        rows = np.full(length, -1, np.intp)
        rows[places] = found
        taken = right.columns.reindex_indexer(index, rows, axis=1, allow_dups=True)
    if head:
        _fill_head(taken, right.columns, head, int(found[0]) - 1)
        _check_blocks(dataframe._mgr)
        left = _in_pieces(dataframe)
    else:
        left = _as_dropped(dataframe._mgr)
    columns = _together(dataframe.columns, own, right)
    blocks = BlockManager.concat_horizontal([left, _as_dropped(taken)], [columns, index])
    return pd.DataFrame._from_mgr(blocks, axes=blocks.axes)  # type: ignore[attr-defined,no-any-return]


def _together(columns: pd.Index[Any], own: list[str], right: _Right) -> pd.Index[Any]:
    """The names of all columns, an index of its own."""
    if columns.dtype == "O" or right.kind == "O":
        return columns.append(pd.Index(right.names, dtype=right.kind))
    names = tuple(own), tuple(right.names)
    both: pd.Index[Any] = appended(*names, columns.dtype, right.kind)
    return both


def _common(column: Any, dates: Integers, ticks: int) -> tuple[Positions, Positions]:
    """Where the dates that both have are: in ``dates``, and in the column."""
    return in_both(_instants(column), (dates, ticks))


def _check_blocks(manager: Any) -> None:
    """Refuse what pandas may take, or put into pieces, in another way."""
    pieces = 0
    for block in manager.blocks:
        dtype = block.dtype
        if isinstance(dtype, np.dtype):
            if dtype.kind not in "iufbO" or dtype.itemsize > 8 or not dtype.isnative:
                raise _NotPlainError
            if dtype == np.float16:
                raise _NotPlainError
        elif isinstance(dtype, pd.DatetimeTZDtype | pd.StringDtype):
            pieces += 1
            if block.mgr_locs.as_array.size != 1:
                raise _NotPlainError
        else:
            raise _NotPlainError
    if pieces > _MOST_PIECES:
        raise _NotPlainError


def _fill_head(taken: Any, source: Any, head: int, row: int) -> None:
    """Put the row of ``source`` into the first rows of what was taken of it."""
    kinds = {block.dtype.kind for block in source.blocks}
    if "O" in kinds or not kinds & {"f", "i", "u", "b"}:
        raise _NotPlainError
    for into, block in zip(taken.blocks, source.blocks, strict=True):
        if block.dtype.kind in "iu":
            values = block.values[:, row]
            if (values > _EXACT).any() or (values < -_EXACT).any():
                raise _NotPlainError
        if block.values.ndim == 1:
            into.values[:head] = block.values[row]
        else:
            into.values[:, :head] = block.values[:, [row]]


def _as_dropped(manager: Any) -> Any:
    """The columns as views, in the pieces that pandas leaves when it has dropped another."""
    if is_in_runs(manager):
        return manager
    return _pieces(manager, np.arange(len(manager.items)))


def _without(manager: Any, place: int) -> Any:
    """The columns but one, in the pieces in which they were."""
    if manager.items.size - 1 == place:
        blocks = [one for one in manager.blocks if one.mgr_locs.as_array.tolist() != [place]]
        if len(blocks) < len(manager.blocks):
            # Their names come later.
            axes = [pd.RangeIndex(place), manager.axes[1]]
            return BlockManager(tuple(blocks), axes, verify_integrity=False)
    return _pieces(manager, np.delete(np.arange(len(manager.items)), place))


def _pieces(manager: Any, places: Positions) -> Any:
    return manager.reindex_indexer(
        manager.items[places], places, axis=0, allow_dups=True, only_slice=_drops_into_runs()
    )


@cache
def _drops_into_runs() -> bool:
    """Whether pandas, since 3.1, leaves a piece for each run of columns that have one."""
    frame = pd.DataFrame({"one": [1.0], "flag": [True], "other": [1.0], "whole": [1]})
    return int(frame.drop("whole", axis=1)._mgr.nblocks) > 2


def _in_pieces(dataframe: pd.DataFrame) -> Any:
    """A copy of each column by itself, as pandas leaves them when it has written to each."""
    manager = dataframe._mgr
    blocks = []
    places = zip(manager.blknos.tolist(), manager.blklocs.tolist(), strict=True)
    for column, (number, at) in enumerate(places):
        block = manager.blocks[number]
        values = block.values.copy() if block.values.ndim == 1 else block.values[[at]]
        where = BlockPlacement(slice(column, column + 1))
        blocks.append(type(block)(values, placement=where, ndim=2))
    return BlockManager(tuple(blocks), manager.axes, verify_integrity=False)


def _frames() -> Iterator[Call]:
    dates = pd.date_range("2024-01-01 02:15", periods=30, freq="5min", tz="UTC", unit="ms")
    close = np.linspace(1.0, 2.0, 30)
    frame = pd.DataFrame({"date": dates, "open": close, "close": close + 1.0})
    frame = frame.assign(buy=close > 1.5, volume=close).copy()
    hours = pd.date_range("2024-01-01", periods=5, freq="h", tz="UTC", unit="ms")
    hourly = pd.DataFrame({"date": hours, "rsi": [1.0, 2.0, np.nan, -0.0, 5.0]})
    hourly["above"] = [True, False, True, False, True]
    hourly["ema"] = hourly["rsi"] + 1.0
    hourly["count"] = range(5)
    yield (frame, hourly, "5m", "1h"), {}
    yield (frame.iloc[8:], hourly, "5m", "1h"), {"ffill": False}
    yield (
        (frame.iloc[8:], hourly.iloc[2:], "5m", "1h"),
        {"append_timeframe": False, "suffix": "btc"},
    )


@cache
def _unfit() -> str | None:
    """Why a frame's pieces aren't those that this pandas leaves."""
    for arguments, options in _frames():
        theirs, ours = (
            merge(*arguments, **options) for merge in (_original, merge_informative_pair)
        )
        pieces = [frame._mgr.nblocks for frame in (theirs, ours)]
        if pieces[0] != pieces[1]:
            return f"pandas {pd.__version__} leaves a merged frame in {pieces[0]} pieces"
    return None


_HELPER = "freqtrade.strategy.strategy_helper:"
_PREPARE = f"{_HELPER}_prepare_informative_pair"
_MERGE = f"{_HELPER}_merge_prepared_informative_pair"

REPLACEMENTS = (
    Replacement(
        f"{_HELPER}merge_informative_pair",
        merge_informative_pair,
        "informative pairs",
        relies_on=(_PREPARE, _MERGE),
        unfit=_unfit,
        probes=_frames,
    ),
    Replacement(_MERGE, merge_prepared, "prepared informative pairs", unfit=_unfit),
)
