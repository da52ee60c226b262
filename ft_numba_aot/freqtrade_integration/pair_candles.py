"""A pair's rows as arrays: at which moment freqtrade visits each, and what it finds there.

Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from freqtrade.optimize.backtesting import OPEN_IDX

from .clock import Clock, Integers
from .rows import CANDLE, DetailRows, Flags, Rows, make_detail_rows

Booleans = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

_SIGNALS = ("enter_long", "exit_long", "enter_short", "exit_short")


class UnpredictableError(Exception):
    """Why a backtest can't be predicted."""


class Side(NamedTuple):
    """The signals that one side's trades look at, by row: truthiness, as ``should_exit`` does."""

    exits: Booleans
    enters: Booleans


class Marks(NamedTuple):
    """Where a column of signals equals one, and where it is true."""

    ones: Booleans
    true: Booleans


class Timeline(NamedTuple):
    """When rows are (microseconds and seconds since 1970), and the candle each is visited at.

    ``whole``: all are at whole seconds.
    """

    dates: Integers
    seconds: Integers
    candles: Integers
    whole: bool


class Timelines:
    """The timelines of a run's pairs, most of which are the same one."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._last: tuple[npt.NDArray[np.datetime64], Timeline] | None = None
        # By identity; what is held on to keeps it.
        self._marks: dict[tuple[int, int], tuple[Any, Marks]] = {}

    def of(self, name: str, rows: Sequence[list[Any]]) -> Timeline:
        """The timeline of those of a pair's rows that are visited at all."""
        dates = _datetimes(rows)
        if self._last is not None:
            known, timeline = self._last
            if known is dates or (known.dtype == dates.dtype and np.array_equal(known, dates)):
                return timeline
        timeline = self._read(name, _exact(dates))
        self._last = dates, timeline
        return timeline

    def _read(self, name: str, microseconds: Integers) -> Timeline:
        clock = self.clock
        step = clock.step_microseconds
        first = clock.raw_candle_of(microseconds[:1]).tolist()
        if first and first[0] >= 0 and (microseconds[1:] - microseconds[:-1] == step).all():
            # A candle each, without a gap.
            count = min(max(clock.candles - first[0], 0), len(microseconds))
            candles = np.arange(first[0], first[0] + count)
        else:
            # freqtrade takes a pair's next row at each candle, once it is due: never two at once.
            steps = np.arange(len(microseconds))
            candles = np.maximum.accumulate(clock.candle_of(microseconds) - steps) + steps
            count = int(np.searchsorted(candles, clock.candles))
            candles = np.ascontiguousarray(candles[:count])
        microseconds = np.ascontiguousarray(microseconds[:count])
        if (microseconds[1:] < microseconds[:-1]).any():
            raise UnpredictableError(f"{name} has candles out of order")
        seconds = microseconds // 1_000_000
        whole = np.array_equal(seconds * 1_000_000, microseconds)
        return Timeline(microseconds, seconds, candles, whole)

    def marks_of(self, column: npt.NDArray[Any] | Flags, count: int) -> Marks:
        """Its first marks; those of a column that pairs share are the same ones."""
        known = self._marks.get((id(column), count))
        if known is None:
            values = _values(column)[:count]
            known = column, Marks(_equals_one(values), _truthy(values))
            self._marks[id(column), count] = known
        return known[1]


class PairCandles:
    """One pair's rows: its candles, or its detail candles where it has some.

    ``candles`` has the candle at which each row of ``main`` is visited, ``moments`` the moment of
    each of ``rows`` (the same where there is no detail); both strictly ascending, for the rows
    that are visited at all. ``signals`` are the rows with an entry signal, ``signal_is_short``
    their direction, ``signal_delays`` how many seconds into a candle they are. ``certified``: the
    prices are float64, so that trades can be predicted from ``open``, ``high``, ``low``,
    ``seconds`` (of ``dates``, which are in microseconds since 1970) and ``odd`` (a price that
    isn't a positive number). ``zone`` is the ``tzinfo`` of all rows' dates where that is UTC.
    """

    __slots__ = (
        "_first",
        "_regular",
        "candles",
        "certified",
        "clock",
        "dates",
        "high",
        "index",
        "long",
        "low",
        "main",
        "moments",
        "name",
        "odd",
        "open",
        "rows",
        "seconds",
        "short",
        "signal_delays",
        "signal_is_short",
        "signals",
        "zone",
    )

    def __init__(
        self,
        name: str,
        index: int,
        main: Sequence[list[Any]],
        timelines: Timelines,
        backtesting: Any,
    ) -> None:
        self.name = name
        self.index = index
        self.main = self.rows = main
        self.clock = clock = timelines.clock
        self.dates, self.seconds, self.candles, whole = timelines.of(name, main)
        count = len(self.dates)
        self.certified = (
            isinstance(main, Rows)
            and all(main.columns[c].dtype == np.float64 for c in ("open", "high", "low", "close"))
            and whole
        )
        self.zone = _utc(main)
        self._read_signals(count, timelines, backtesting)
        self.moments = self.candles
        if self.certified:
            assert isinstance(main, Rows)
            self._read_prices({name: main.columns[name][:count] for name in CANDLE[1:]})
        if clock.per_candle > 1:
            self._read_detail(backtesting)
        self._first = int(self.moments[0]) if len(self.moments) else clock.end
        self._regular = (
            len(self.moments) > 0 and int(self.moments[-1]) - self._first == len(self.moments) - 1
        )

    def _read_prices(self, columns: dict[str, npt.NDArray[Any]]) -> None:
        self.open, self.high, self.low, close = (
            np.ascontiguousarray(columns[name]) for name in ("open", "high", "low", "close")
        )
        self.odd = np.zeros(len(close), np.bool_)
        for prices in (self.open, self.high, self.low, close):
            # NaN compares to nothing, nor does the least of prices with one.
            if len(prices) and not (prices.min() > 0.0 and prices.max() < np.inf):
                self.odd |= ~((prices > 0.0) & (prices < np.inf))

    def _read_signals(self, count: int, timelines: Timelines, backtesting: Any) -> None:
        try:
            if isinstance(self.main, Rows):
                columns = self.main.columns
                marks = [timelines.marks_of(columns[name], count) for name in _SIGNALS]
                enter_long, exit_long, enter_short, exit_short = (one.ones for one in marks)
                if not backtesting._can_short:
                    enter_short = np.zeros(count, np.bool_)
                long = enter_long & ~exit_long & ~enter_short
                short = enter_short & ~exit_short & ~enter_long
                self.long = Side(marks[1].true, marks[0].true)
                self.short = Side(marks[3].true, marks[2].true)
            else:
                found = [backtesting.check_for_trade_entry(row) for row in self.main[:count]]
                long = np.array([direction == "long" for direction in found], np.bool_)
                short = np.array([direction == "short" for direction in found], np.bool_)
        except Exception as error:
            raise UnpredictableError(f"{self.name} has signals that don't compare") from error
        self.signals: Integers = np.flatnonzero(long | short)
        self.signal_is_short = short[self.signals]
        self.signal_delays: Floats = np.zeros(len(self.signals))

    def _read_detail(self, backtesting: Any) -> None:
        """Spread the rows into detail rows, as ``Backtesting.get_detail_data`` does."""
        per_candle = self.clock.per_candle
        frame = backtesting.detail_data.get(self.name)
        detail = None if frame is None else make_detail_rows(frame)
        if frame is not None and (detail is None or not self.certified):
            raise UnpredictableError(f"{self.name} has candles that are not plain numbers")
        if detail is None:
            self.moments = self.candles * per_candle
            return
        if _utc(detail) is not self.zone:
            self.zone = None
        dates = _exact(detail.dates._ndarray)
        if (np.diff(dates) < 0).any() or (dates % 1_000_000).any():
            raise UnpredictableError(f"{self.name} has detail candles out of order")
        starts = np.searchsorted(dates, self.dates)
        ends = np.searchsorted(dates, self.dates + self.clock.step_microseconds)
        # Without any detail candle, the candle itself; more than fit are never reached.
        sizes = np.clip(ends - starts, 1, per_candle)
        owners = np.repeat(np.arange(len(sizes)), sizes)
        parts = np.arange(len(owners)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        at = np.where((ends > starts)[owners], starts[owners] + parts, -1)
        self.moments = self.candles[owners] * per_candle + parts

        spread = {}
        assert isinstance(self.main, Rows)
        for name in ("open", "high", "low", "close"):
            spread[name] = np.where(
                at < 0, self.main.columns[name][owners], detail.columns[name][at]
            )
        self._read_prices(spread)
        self.dates = np.where(at < 0, self.dates[owners], dates[at])
        self.seconds = self.dates // 1_000_000
        self.long = Side(*(flags[owners] for flags in self.long))
        self.short = Side(*(flags[owners] for flags in self.short))
        is_signal = np.zeros(len(self.candles), np.bool_)
        is_signal[self.signals] = True
        is_short = np.zeros(len(self.candles), np.bool_)
        is_short[self.signals] = self.signal_is_short
        self.signals = np.flatnonzero(is_signal[owners])
        self.signal_is_short = is_short[owners[self.signals]]
        self.signal_delays = parts[self.signals] * self.clock.detail_step.total_seconds()
        self.rows = DetailRows(self.main, detail, owners, at)

    def open_at(self, row: int) -> Any:
        """The open rate of a candle, of whatever type it is."""
        if isinstance(self.main, Rows):
            return self.main.columns["open"].item(row)
        return self.main[row][OPEN_IDX]

    def opens(self, first: int, last: int) -> Any:
        """The open rates of candles."""
        if isinstance(self.main, Rows) and self.main.columns["open"].dtype == np.float64:
            return self.main.columns["open"][first:last]
        return [self.open_at(row) for row in range(first, last)]

    def row_at(self, moment: int) -> int:
        """The row that is visited at a moment, -1 if there is none."""
        row = self.rows_before(moment)
        return row if row < len(self.moments) and self.moments[row] == moment else -1

    def rows_before(self, moment: int) -> int:
        """How many rows are visited before a moment."""
        if self._regular:
            return min(max(moment - self._first, 0), len(self.moments))
        return int(np.searchsorted(self.moments, moment))

    def has_signal(self, moment: int) -> bool:
        """Whether the row at a moment has an entry signal."""
        row = self.row_at(moment)
        at = int(np.searchsorted(self.signals, row))
        return row >= 0 and at < len(self.signals) and self.signals[at] == row

    def candles_before(self, candle: int) -> int:
        """How many candles of the pair's own are before a candle."""
        if self._regular and self.moments is self.candles:
            return self.rows_before(candle)
        return int(np.searchsorted(self.candles, candle))


def _utc(rows: Sequence[list[Any]]) -> tzinfo | None:
    zone: tzinfo | None = rows[0][0].tzinfo if isinstance(rows, Rows) and len(rows) else None
    return zone if str(zone) == "UTC" else None


def _datetimes(rows: Sequence[list[Any]]) -> npt.NDArray[np.datetime64]:
    if isinstance(rows, Rows):
        dates: npt.NDArray[np.datetime64] = rows.dates._ndarray
        return dates
    try:
        nanoseconds = [row[0].as_unit("ns").value for row in rows]
    except Exception as error:
        raise UnpredictableError("a candle's date is not a Timestamp") from error
    return np.array(nanoseconds, np.int64).view("datetime64[ns]")


def _exact(dates: npt.NDArray[np.datetime64]) -> Integers:
    """Dates in microseconds since 1970."""
    microseconds = dates.astype("datetime64[us]", copy=False)
    same = microseconds is dates
    if np.isnat(dates).any() or not (same or (microseconds == dates).all()):
        raise UnpredictableError("a candle has no date, or one with nanoseconds")
    exact: Integers = microseconds.view(np.int64)
    return exact


def _values(column: npt.NDArray[Any] | Flags) -> npt.NDArray[Any]:
    return column.ones if isinstance(column, Flags) else column


def _equals_one(array: npt.NDArray[Any]) -> Booleans:
    if array.dtype == np.bool_:
        return array
    if array.dtype != object:
        equal: Booleans = array == 1
        return equal
    return np.array([bool(value == 1) for value in array], np.bool_)


def _truthy(array: npt.NDArray[Any]) -> Booleans:
    if array.dtype == np.bool_:
        return array
    if array.dtype != object:
        true: Booleans = array != 0
        return true
    return np.array([bool(value) for value in array], np.bool_)
