"""A pair's candles as the backtest reads them: rows that are made when they are looked at.

Stands in for ``Backtesting._get_ohlcv_as_lists``, which makes a list of objects of every candle.
Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt
import pandas as pd
from freqtrade.data.converter import trim_dataframe
from freqtrade.enums import BacktestState
from freqtrade.optimize.backtesting import HEADERS, Backtesting
from numpy import nan

from . import progress
from .indicators.plain import is_plain
from .rules import runs_user_code

CANDLE = HEADERS[:5]
SIGNALS = HEADERS[5:]
TAGS = ("enter_tag", "exit_tag")


class Texts:
    """A column of text without its last value; None where one is missing.

    ``array`` keeps its text in Arrow's memory, which nothing ever writes to.
    """

    __slots__ = ("_texts",)

    def __init__(self, array: Any) -> None:
        texts = array.__arrow_array__()[:-1]
        # A value of a single piece is found faster.
        self._texts = texts.chunk(0) if texts.num_chunks == 1 else texts

    def item(self, index: int) -> Any:
        """One value."""
        return self._texts[index].as_py()

    def tolist(self) -> list[Any]:
        """All values."""
        texts: list[Any] = self._texts.to_pylist()
        return texts


class Flags:
    """A column of ones and zeros without its last value, as floats."""

    __slots__ = ("ones",)

    def __init__(self, ones: npt.NDArray[np.bool_]) -> None:
        self.ones = ones

    def item(self, index: int) -> float:
        """One value."""
        return float(self.ones.item(index))

    def tolist(self) -> list[float]:
        """All values."""
        return [float(one) for one in self.ones.tolist()]


class Store:
    """Memory of the rows of all pairs: one piece, which takes far fewer page faults than many.

    Without ``copies``, prices stay in the memory of their frames.
    """

    def __init__(self, candles: int, *, copies: bool = True) -> None:
        self._copies = copies
        self._free = np.empty(4 * candles if copies else 0)
        self._dates: Any = None
        self._constants: dict[tuple[int, Any], npt.NDArray[Any]] = {}

    def prices(self, array: Any) -> npt.NDArray[Any] | None:
        """The values after the first of a column of plain floats or integers; else None."""
        values = _numbers(array)
        if values is None:
            return None
        values = values[1:]
        if not self._copies:
            return values
        size = len(values)
        if values.dtype != np.float64 or size > len(self._free):
            return values.copy()
        kept, self._free = self._free[:size], self._free[size:]
        kept[:] = values
        return kept

    def dates(self, array: Any) -> Any:
        """A copy, the same one for pairs with the same dates."""
        known = self._dates
        if (
            known is None
            or known.dtype != array.dtype
            or not np.array_equal(known._ndarray, array._ndarray)
        ):
            self._dates = array.copy()
        return self._dates

    def constant(self, length: int, value: int | None) -> npt.NDArray[Any]:
        """A column of 0 or None, the same one for all pairs."""
        column = self._constants.get((length, value))
        if column is None:
            column = np.full(length, value, dtype=object if value is None else np.int64)
            self._constants[length, value] = column
        return column


class Rows(Sequence[list[Any]]):
    """The rows of ``frame[HEADERS].values.tolist()``, each made when it is asked for.

    ``columns`` maps each header to an array, ``Flags`` or ``Texts``, that nothing writes to;
    ``dates`` is the column of dates, whose items are Timestamps. ``owner`` is a frame whose
    memory some columns share: as long as it is held, pandas copies it before it writes.
    """

    __slots__ = ("_get_date", "_getters", "_owner", "columns", "dates")

    def __init__(self, dates: Any, columns: dict[str, Any], owner: Any = None) -> None:
        self.dates = dates
        self.columns = columns
        self._owner = owner
        self._get_date = _date_getter(dates)
        self._getters = tuple(
            column.__getitem__
            if isinstance(column, np.ndarray) and column.dtype == object
            else column.item
            for column in columns.values()
        )

    def __len__(self) -> int:
        return len(self.dates)

    @overload
    def __getitem__(self, index: int) -> list[Any]: ...

    @overload
    def __getitem__(self, index: slice) -> list[list[Any]]: ...

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self.dates)))]
        row = [self._get_date(index)]
        row += [get(index) for get in self._getters]
        return row

    def __iter__(self) -> Iterator[list[Any]]:
        columns = [array.tolist() for array in self.columns.values()]
        return map(list, zip(self.dates, *columns, strict=True))


def make_rows(frame: pd.DataFrame) -> Rows | None:
    """Rows of a frame with the columns ``HEADERS``; None where its types need pandas' own way."""
    dates = frame["date"].array
    if not isinstance(frame["date"].dtype, pd.DatetimeTZDtype):
        return None
    columns = {}
    for header in HEADERS[1:]:
        array = frame[header].array
        if isinstance(array, pd.arrays.NumpyExtensionArray):
            values = array.to_numpy()
            if values.dtype.kind not in "fiubO":
                return None
        elif isinstance(array.dtype, pd.StringDtype):
            values = array.to_numpy(dtype=object)
        else:
            return None
        columns[header] = values
    return Rows(dates, columns)


def _date_getter(dates: Any) -> Callable[[int], Any]:
    """``dates.__getitem__``, or what it ends with where that can be seen to be the same."""
    plain: Callable[[int], Any] = dates.__getitem__
    if not len(dates):
        return plain
    expected = plain(0)
    try:
        stamps, unit, zone = dates.asi8, dates._creso, dates.tz
        make: Callable[..., Any] = pd.Timestamp._from_value_and_reso  # type: ignore[attr-defined]
        found = make(stamps.item(0), reso=unit, tz=zone)
    except (AttributeError, TypeError, ValueError):
        return plain
    same = type(found) is type(expected) and found == expected and found.unit == expected.unit
    if not same or found.tzinfo is not expected.tzinfo or dates._hasna:
        return plain
    return lambda index: make(stamps.item(index), reso=unit, tz=zone)


class DetailRows(Sequence[list[Any]]):
    """Detail rows, each with the signals of the row that owns it.

    Row ``i`` is the candle ``at[i]`` of ``detail``, or the owner itself where that is -1.
    """

    __slots__ = ("_at", "_detail", "_main", "_owners")

    def __init__(
        self,
        main: Rows,
        detail: Rows,
        owners: npt.NDArray[np.int64],
        at: npt.NDArray[np.int64],
    ) -> None:
        self._main = main
        self._detail = detail
        self._owners = owners
        self._at = at

    def __len__(self) -> int:
        return len(self._at)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self._at)))]
        row = self._main[int(self._owners[index])]
        at = int(self._at[index])
        return row if at < 0 else self._detail[at] + row[len(CANDLE) :]


def make_detail_rows(frame: pd.DataFrame) -> Rows | None:
    """The rows ``frame.iloc[:, :5].values.tolist()``; None where they aren't plain floats."""
    if list(frame.columns[:5]) != CANDLE or not frame.columns.is_unique:
        return None
    if not isinstance(frame["date"].dtype, pd.DatetimeTZDtype):
        return None
    if not all(frame[name].dtype == np.float64 for name in CANDLE[1:]):
        return None
    return Rows(frame["date"].array, {name: frame[name].to_numpy() for name in CANDLE[1:]})


@functools.wraps(Backtesting._get_ohlcv_as_lists)
def get_ohlcv_as_lists(self: Any, processed: dict[str, pd.DataFrame]) -> dict[str, Any]:
    """``Backtesting._get_ohlcv_as_lists`` with ``Rows`` for the lists it makes."""
    data: dict[str, Any] = {}
    store = Store(sum(map(len, processed.values())), copies=runs_user_code(self.strategy))
    progress.begin(self, BacktestState.CONVERT, len(processed))

    for pair, pair_data in processed.items():
        self.check_abort()
        progress.advance(self)

        if not (is_plain(pair_data) or pair_data.empty):
            # Its result goes unused, as in the original: what it may raise is kept.
            pair_data.drop([*SIGNALS, "buy", "sell"], axis=1, errors="ignore")
        df_analyzed = self.strategy.ft_advise_signals(pair_data, {"pair": pair})
        self.dataprovider._set_cached_df(
            pair, self.timeframe, df_analyzed, self.config["candle_type_def"]
        )
        df_analyzed = processed[pair] = trim_dataframe(
            df_analyzed, self.timerange, startup_candles=self.required_startup
        )
        data[pair] = _shifted_rows(df_analyzed, store)
    return data


def _shifted_rows(df_analyzed: pd.DataFrame, store: Store) -> Sequence[list[Any]]:
    """The candles after the first, each with the signals of the one before it."""
    rows = _rows_by_column(df_analyzed, store)
    return _rows_by_frame(df_analyzed) if rows is None else rows


def _rows_by_column(frame: pd.DataFrame, store: Store) -> Rows | None:
    """The rows, from the columns themselves; None where it takes pandas' rules to tell them."""
    length = len(frame) - 1
    if length < 1 or type(frame.index) is not pd.RangeIndex or not is_plain(frame):
        return None
    dates: Any = None
    columns: dict[str, Any] = {}
    owner = frame.copy(deep=False)
    names, value_of = frame.columns, owner._mgr.iget_values
    for header in HEADERS:
        if header in names:
            array = value_of(names.get_loc(header))
        elif header in SIGNALS:
            array = None
        else:
            return None
        values: npt.NDArray[Any] | Flags | Texts | None
        if header == "date":
            if not isinstance(array.dtype, pd.DatetimeTZDtype):
                return None
            dates = store.dates(array[1:])
            continue
        if header in TAGS:
            values = store.constant(length, None) if array is None else _tags_before(array)
        elif header in SIGNALS:
            values = store.constant(length, 0) if array is None else _signals_before(array)
        else:
            values = store.prices(array)
        if values is None:
            return None
        columns[header] = values
    return Rows(dates, columns, owner)


def _numbers(array: Any) -> npt.NDArray[Any] | None:
    """The values of a column of plain floats or integers."""
    known = isinstance(array, np.ndarray) and array.dtype in (np.float64, np.int64)
    return array if known else None


def _signals_before(array: Any) -> npt.NDArray[Any] | Flags | None:
    """``replace([nan], [0]).shift(1)`` without the first: floats."""
    values = _numbers(array)
    if values is None:
        return None
    values = values[:-1]
    ones, missing = values == 1, np.isnan(values)
    if np.count_nonzero(ones) + np.count_nonzero(missing) == len(values):
        return Flags(ones)
    if (ones | missing | ((values == 0) & ~np.signbit(values))).all():
        return Flags(ones)
    signals = values.astype(np.float64)
    signals[missing] = 0.0
    return signals


def _tags_before(array: Any) -> npt.NDArray[Any] | Texts | None:
    """``replace([nan], [None]).shift(1)`` without the first: objects."""
    tags: npt.NDArray[Any]
    if isinstance(array, np.ndarray):
        if array.dtype != object:
            return None
        tags = array[:-1].copy()
    else:
        # The text of pandas itself, whose missing values are NaN; that of "string" are pd.NA.
        if array.dtype != "str":
            return None
        if type(array) is pd.arrays.ArrowStringArray:
            return Texts(array)
        tags = array.to_numpy(dtype=object, copy=True)[:-1]
    missing = pd.isna(array)[:-1]
    if missing.any():
        tags[missing] = None
    return tags


def _rows_by_frame(df_analyzed: pd.DataFrame) -> Sequence[list[Any]]:
    if df_analyzed.columns.is_unique:
        present = [header for header in HEADERS if header in df_analyzed.columns]
        frame = df_analyzed[present].copy()
    else:
        frame = df_analyzed.copy()

    for col in SIGNALS:
        tag_col = col in TAGS
        if col in frame.columns:
            frame[col] = frame.loc[:, col].replace([nan], [0 if not tag_col else None]).shift(1)
        elif not frame.empty:
            frame[col] = 0 if not tag_col else None
    # By label: a duplicated first label drops every row that has it.
    if isinstance(frame.index, pd.RangeIndex):
        frame = frame.iloc[1:]
    else:
        frame = frame.drop(frame.head(1).index)
    if frame.empty:
        return []
    frame = frame[HEADERS]
    flat = type(frame.columns) is pd.Index and frame.columns.is_unique
    rows = make_rows(frame) if flat else None
    return frame.values.tolist() if rows is None else rows
