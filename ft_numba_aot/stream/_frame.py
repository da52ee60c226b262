"""A set of functions kept up to date over the candles of many pairs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from ..ta._table import DEFINITIONS, INTEGER_OUTPUTS, Definition
from ._arguments import InsufficientHistory
from ._handle import Stream, made_class

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, np.dtype[Any]]
Entry: TypeAlias = (
    str | tuple[str] | tuple[str, dict[str, Any]] | tuple[str, dict[str, Any], str | Sequence[str]]
)


class _Function(NamedTuple):
    """A function of a ``Frame``: what it reads, its parameters, and its outputs' columns."""

    definition: Definition
    inputs: list[str]
    parameters: dict[str, Any]
    columns: list[str]


class Frame:
    """``functions`` over the candles of any number of pairs: one call for each new candle.

    A function is a name, or ``(name, parameters)``, or ``(name, parameters, columns)`` with the
    names of its outputs' columns, one or a sequence. Without them the column of ``("SMA",
    {"timeperiod": 20})`` is ``sma_20``, and those of ``"MACD"`` are ``macd``, ``macdsignal`` and
    ``macdhist``. ``price``, ``price0``, ``price1`` and ``prices`` among the parameters say which
    columns are read, as in ``talib.abstract``.

    Raises ``ValueError`` for a function that isn't TA-Lib's, and for a column that is named twice.
    Can be pickled, with all that it knows.
    """

    def __init__(self, functions: Iterable[Entry]) -> None:
        self._functions = [_function(entry) for entry in functions]
        self._read = sorted({name for function in self._functions for name in function.inputs})
        self._pairs: dict[Any, _Pair] = {}
        names = self.columns
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two columns are named {name!r}: name them")

    @property
    def columns(self) -> list[str]:
        """Names of the columns that ``update`` adds."""
        return [name for function in self._functions for name in function.columns]

    @property
    def pairs(self) -> list[Any]:
        """The pairs that were updated, and not forgotten."""
        return list(self._pairs)

    def update(self, pair: Any, dataframe: pd.DataFrame) -> pd.DataFrame:
        """The pair's candles with the functions' columns, as a new frame.

        Into one that is there, pandas would take a hundred times longer to write them.

        The column ``date``, or the index, says which rows are new. Only those are computed where
        the others are the last call's, from any of them on; all are where one of them changed.
        The values are those of each function over all candles since the pair's first one, also
        where ``dataframe`` no longer has the first ones.

        Raises what the functions raise, but where there aren't enough candles yet: then a column
        is NaN, or 0 if its values are int32.
        """
        self.add(pair, dataframe)
        return _joined(dataframe, dict(self._pairs[pair].results(len(dataframe))))

    def add(self, pair: Any, dataframe: pd.DataFrame) -> None:
        """``update`` without a frame: for those who want ``last`` alone, which is faster."""
        inputs = {name: _values(dataframe[name]) for name in self._read}
        dates = _dates(dataframe)
        known = self._pairs.get(pair)
        try:
            if known is not None and known.add(dates, inputs):
                return
        except Exception:
            pass  # a candle that isn't finite, which no stream takes
        self._pairs.pop(pair, None)
        self._pairs[pair] = _Pair(self._functions, dates, inputs)

    def last(self, pair: Any) -> dict[str, float | int]:
        """The values at the pair's last candle, by column. ``KeyError`` if it wasn't updated."""
        return {name: values[0].item() for name, values in self._pairs[pair].results(1)}

    def forget(self, pair: Any) -> None:
        """Forget a pair's candles: the next call begins anew."""
        self._pairs.pop(pair, None)


def _function(entry: Entry) -> _Function:
    name, *rest = [entry] if isinstance(entry, str) else entry
    definition = DEFINITIONS.get(name.upper()) if isinstance(name, str) else None
    if definition is None:
        raise ValueError(f"TA-Lib has no function {name!r}")
    given: dict[str, Any] = dict(rest[0]) if rest else {}  # type: ignore[arg-type]
    reads = dict(definition.inputs)
    reads.update({key: given.pop(key) for key in list(given) if key in reads})
    inputs = [
        column
        for series in reads.values()
        for column in ([series] if isinstance(series, str) else series)
    ]
    known = {parameter.name for parameter in definition.parameters}
    if unknown := given.keys() - known:
        raise ValueError(f"{definition.name} has no parameter {min(unknown)!r}")
    named: Any = rest[1] if len(rest) > 1 else None
    if named is None:
        suffix = "".join(f"_{value}" for value in given.values())
        outputs = list(definition.outputs)
        stems = [definition.name.lower()] if len(outputs) == 1 else outputs
        named = [stem + suffix for stem in stems]
    columns = [named] if isinstance(named, str) else list(named)
    if len(columns) != len(definition.outputs):
        outputs = list(definition.outputs)
        raise ValueError(f"{definition.name} has {len(outputs)} outputs: {', '.join(outputs)}")
    return _Function(definition, inputs, given, columns)


def _joined(dataframe: pd.DataFrame, columns: dict[str, Array]) -> pd.DataFrame:
    """The frame with these columns, at its end, or in the place of those of their names."""
    import pandas as pd

    new = {name: values for name, values in columns.items() if name not in dataframe}
    added: Any = new
    if all(values.dtype == np.float64 for values in new.values()):
        added = np.array([*new.values()]).reshape(len(new), len(dataframe)).T
    more = pd.DataFrame(added, index=dataframe.index, columns=list(new))
    joined = pd.concat([dataframe, more], axis=1)
    for name in columns.keys() - new.keys():
        joined[name] = columns[name]
    return joined


def _values(column: Any) -> Array:
    array: Array = column.to_numpy()
    return array if array.dtype == np.float64 else array.astype(np.float64)


def _dates(dataframe: pd.DataFrame) -> Array:
    column: Any = dataframe.get("date", dataframe.index)
    if column.dtype.kind == "M":
        import pandas as pd

        return pd.DatetimeIndex(column).asi8
    return np.asarray(column)


def _room(rows: int) -> int:
    """Rows to make room for, so that new ones are moved seldom."""
    return rows + rows // 4 + 16


class _Pair:
    """A pair's candles and the functions over them.

    Rows are kept in arrays with room for more: those of the last frame, and new ones behind them.
    """

    def __init__(self, functions: list[_Function], dates: Array, inputs: dict[str, Array]) -> None:
        rows = len(dates)
        room = _room(rows)
        self._functions = functions
        self._start, self._stop = 0, rows
        self._in_order = bool((dates[1:] > dates[:-1]).all())
        self._dates = np.zeros(room, dates.dtype)
        self._dates[:rows] = dates
        self._inputs = {name: np.zeros(room) for name in inputs}
        for name, values in inputs.items():
            self._inputs[name][:rows] = values
        self._outputs = [
            [
                np.zeros(room, np.int32) if output in INTEGER_OUTPUTS else np.full(room, np.nan)
                for output in function.definition.outputs
            ]
            for function in functions
        ]
        self._streams: list[Any] = [self._opened(at) for at in range(len(functions))]

    def _opened(self, at: int) -> Stream | None:
        """The function's stream over all rows, after their outputs; None if they are too few."""
        function = self._functions[at]
        rows = slice(self._start, self._stop)
        histories = [self._inputs[name][rows] for name in function.inputs]
        try:
            stream, results = made_class(function.definition.name).open_and_fill(  # type: ignore[attr-defined]
                *histories, **function.parameters
            )
        except InsufficientHistory:
            return None
        for kept, result in zip(
            self._outputs[at], results if isinstance(results, tuple) else (results,), strict=True
        ):
            kept[rows] = result
        return stream  # type: ignore[no-any-return]

    def add(self, dates: Array, inputs: dict[str, Array]) -> bool:
        """Compute what is new among these rows; False where they don't continue the last ones."""
        if not self._in_order or not len(dates) or dates.dtype != self._dates.dtype:
            return False
        kept = self._dates[self._start : self._stop]
        at = int(kept.searchsorted(dates[0]))
        same = len(kept) - at
        if not 0 < same <= len(dates) or not np.array_equal(kept[at:], dates[:same]):
            return False
        for name, values in inputs.items():
            ours = self._inputs[name][self._start + at : self._stop]
            if ours.tobytes() != values[:same].tobytes():
                return False
        if not (dates[same:] > dates[same - 1 : -1]).all():
            return False
        self._start += at
        self._make_room(len(dates) - same)
        for row in range(same, len(dates)):
            self._append(dates[row], {name: values[row] for name, values in inputs.items()})
        return True

    def _make_room(self, more: int) -> None:
        """Move the rows to the front, of larger arrays if need be, where there isn't room."""
        if self._stop + more <= len(self._dates):
            return
        rows = slice(self._start, self._stop)
        count = self._stop - self._start
        room = max(len(self._dates), _room(count + more))

        def moved(array: Array) -> Array:
            larger = np.zeros(room, array.dtype)
            larger[:count] = array[rows]
            return larger

        self._dates = moved(self._dates)
        self._inputs = {name: moved(values) for name, values in self._inputs.items()}
        self._outputs = [[moved(values) for values in outputs] for outputs in self._outputs]
        self._start, self._stop = 0, count

    def _append(self, date: Any, candle: dict[str, Any]) -> None:
        row = self._stop
        self._stop += 1
        self._dates[row] = date
        for name, value in candle.items():
            self._inputs[name][row] = value
        for at, function in enumerate(self._functions):
            outputs, stream = self._outputs[at], self._streams[at]
            if stream is None:
                for output in outputs:
                    output[row] = 0 if output.dtype == np.int32 else np.nan
                self._streams[at] = self._opened(at)
                continue
            values = stream.update(*[candle[name] for name in function.inputs])
            if len(outputs) == 1:
                outputs[0][row] = values
            else:
                for output, value in zip(outputs, values, strict=True):
                    output[row] = value

    def results(self, rows: int) -> list[tuple[str, Array]]:
        """Each column's name, and its values at the last rows."""
        return [
            (name, values[self._stop - rows : self._stop].copy())
            for function, outputs in zip(self._functions, self._outputs, strict=True)
            for name, values in zip(function.columns, outputs, strict=True)
        ]
