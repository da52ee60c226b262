"""pandas-ta's own code, run over arrays instead of Series.

Where a function of pandas-ta does arithmetic with Series, the time goes to pandas' indexes, not to
the arithmetic. Here its code runs as it is, with ``Line`` for Series and ``Lines`` for DataFrame:
these do of pandas what pandas does with values of one index, and raise at everything else. What
has raised is left to the original.

Imports pandas and TA-Lib.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import builtins
import inspect
import operator
from collections.abc import Callable, Iterator, Mapping
from types import FunctionType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import talib

from ... import _rolling
from .pandas_ta_shared import candles, chosen, finished, framed, instead_of, shifted

Array = npt.NDArray[Any]

_FLOAT64, _INT64, _BOOL = map(np.dtype, (np.float64, np.int64, np.bool_))
# What is taken for a number; an integer of numpy's would not be one to pandas' windows.
_NUMBERS = frozenset((int, float, np.float64))
_PLAIN = frozenset((*_NUMBERS, bool, str, type(None)))


class Unsupported(TypeError):
    """Asked for what isn't known to be what pandas does."""


def _binary(operation: np.ufunc) -> Any:
    def method(self: Line, other: Any) -> Line:
        return self._of(self._made_of(operation, self, other))

    return method


def _reflected(operation: np.ufunc) -> Any:
    def method(self: Line, other: Any) -> Line:
        return self._of(self._made_of(operation, other, self))

    return method


def _in_place(operation: np.ufunc) -> Any:
    def method(self: Line, other: Any) -> Line:
        return self._become(self._made_of(operation, self, other))

    return method


def _compared(operation: Callable[[Any, Any], Any]) -> Any:
    def method(self: Line, other: Any) -> Line:
        return self._of(operation(self.floats, self._beside(other)))

    return method


def _logical(operation: Callable[[Any, Any], Any]) -> Any:
    """Of truth values, or of integers."""

    def method(self: Line, other: Any) -> Line:
        dtype = self.array.dtype
        if dtype == _FLOAT64:
            raise Unsupported("bits of float64")
        return self._of(operation(self.array, self._of_rows(other)._typed(dtype)))

    return method


def _is_exact(value: Any) -> bool:
    """Whether it is a number that is a float64."""
    return type(value) in _NUMBERS and (type(value) is not int or abs(value) <= 2**53)


class Line:
    """A Series of float64, integers or truth values, from ``start`` to the end of an index.

    Arrays are never written to: what changes a Series in place gives the line another.
    """

    __slots__ = ("array", "category", "index", "name", "start")
    __hash__ = None  # type: ignore[assignment]
    name: str
    category: str

    def __init__(self, array: Array, index: pd.Index[Any], start: int = 0) -> None:
        self.array, self.index, self.start = array, index, start

    def _of(self, array: Array) -> Line:
        return Line(array, self.index, self.start)

    def _made_of(self, operation: np.ufunc, one: Any, other: Any) -> Array:
        """What an operation makes of lines of float64 of the same rows, or of one and a number."""
        one, other = self._beside(one, True), self._beside(other, True)
        late = [each for each in (one, other) if type(each) is _Shifted]
        if not late or late[-1].periods != late[0].periods:
            return operation(_whole(one), _whole(other))  # type: ignore[no-any-return]
        # A shift by itself would write all of them once more.
        periods = late[0].periods
        out = np.empty(self.size)
        out[:periods] = np.nan
        operation(_from(one, periods), _from(other, periods), out=out[periods:])
        return out

    def _become(self, array: Array) -> Line:
        self.array = array
        return self

    def _typed(self, dtype: np.dtype[Any]) -> Array:
        if self.array.dtype != dtype:
            raise Unsupported(f"{self.array.dtype}, not {dtype}")
        return self.array

    @property
    def floats(self) -> Array:
        """The values, which are to be float64."""
        array = self.array
        if array.dtype != _FLOAT64:
            raise Unsupported(f"{array.dtype}, not float64")
        return array

    def _of_rows(self, other: Any) -> Line:
        if not isinstance(other, Line) or other.start != self.start:
            raise Unsupported("other rows")
        return other

    def _beside(self, other: Any, late: bool = False) -> Any:
        """An operand: the values of a line of float64 of the same rows, or a number.

        ``late`` leaves a line whose values are to be shifted as it is.
        """
        if type(other) in _NUMBERS:
            return other
        line = self._of_rows(other)
        return line if late and type(line) is _Shifted and line.made is None else line.floats

    __add__ = _binary(np.add)
    __sub__ = _binary(np.subtract)
    __mul__ = _binary(np.multiply)
    __truediv__ = _binary(np.true_divide)
    __radd__ = _reflected(np.add)
    __rsub__ = _reflected(np.subtract)
    __rmul__ = _reflected(np.multiply)
    __rtruediv__ = _reflected(np.true_divide)
    __iadd__ = _in_place(np.add)
    __isub__ = _in_place(np.subtract)
    __imul__ = _in_place(np.multiply)
    __itruediv__ = _in_place(np.true_divide)
    __lt__ = _compared(operator.lt)
    __le__ = _compared(operator.le)
    __gt__ = _compared(operator.gt)
    __ge__ = _compared(operator.ge)
    __eq__ = eq = _compared(operator.eq)
    __ne__ = _compared(operator.ne)
    __and__ = _logical(operator.and_)
    __or__ = _logical(operator.or_)

    def __invert__(self) -> Line:
        return self._of(~self._typed(_BOOL))

    def __abs__(self) -> Line:
        return self._of(np.abs(self.floats))

    abs = __abs__

    def __bool__(self) -> bool:
        raise Unsupported("the truth of a Series")

    def __iter__(self) -> Iterator[Any]:
        raise Unsupported("the values one by one")

    def __array__(self, *args: Any, **kwargs: Any) -> Array:
        raise Unsupported("an array")

    def __array_function__(self, function: Any, *args: Any) -> Any:
        raise Unsupported(function.__name__)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Line:
        """As of a Series, which numpy warns of: then the original is to."""
        if method != "__call__" or kwargs:
            raise Unsupported(f"{ufunc.__name__}.{method}")
        operands = [self._beside(one) for one in inputs]
        with np.errstate(divide="raise", over="raise", invalid="raise"):
            return self._of(ufunc(*operands))

    def apply(self, function: Any) -> Line:
        """Of numpy's functions only, which take all values at once, without a warning."""
        if not isinstance(function, np.ufunc):
            raise Unsupported("a call for each value")
        return self._of(function(self.floats))

    @property
    def size(self) -> int:
        """As many as there are rows."""
        return len(self.index) - self.start

    def any(self) -> np.bool_:
        """Whether one is true."""
        return self._typed(_BOOL).any()

    def copy(self) -> Line:
        """Another."""
        return self._of(self.array)

    def astype(self, kind: Any) -> Line:
        """Truth values as integers."""
        if kind is not int:
            raise Unsupported(f"as {kind}")
        return self._of(self._typed(_BOOL).astype(np.int64))

    def shift(self, periods: Any = 1) -> Line:
        """By whole rows."""
        if type(periods) is not int:
            raise Unsupported("a shift by a part of a row")
        values = self.floats
        if 0 < periods <= len(values):
            return _Shifted(values, self.index, self.start, periods)
        return self._of(shifted(values, periods))

    def diff(self, periods: Any = 1) -> Line:
        """From what is so many rows before."""
        before = self.shift(periods)
        return _Change(self, before) if type(before) is _Shifted else self - before

    def pct_change(self, periods: Any = 1) -> Line:
        """Against what is so many rows before."""
        ratio = self._made_of(np.true_divide, self, self.shift(periods))
        ratio -= 1
        return self._of(ratio)

    def fillna(self, value: Any, *, inplace: bool = False) -> Line | None:
        """With a number."""
        if not _is_exact(value) or not inplace:
            raise Unsupported("filling")
        if self.array.dtype == _FLOAT64:
            self._become(chosen(np.isnan(self.array), value, self.array))
        return None

    def replace(self, old: Any, new: Any, *, inplace: bool = False) -> None:
        """An integer by another."""
        if type(old) is not int or type(new) is not int or not inplace:
            raise Unsupported("replacing")
        values = self._typed(_INT64)
        if not -(2**63) <= new < 2**63:
            raise Unsupported("another type")
        other = (values == old).astype(np.int64)
        other *= new - old
        other += values
        self._become(other)

    def where(self, condition: Line, other: Any) -> Line:
        """Its own values where the condition is true."""
        rows = self._of_rows(condition)._typed(_BOOL)
        return self._of(chosen(rows, self.floats, self._beside(other)))

    def __getitem__(self, rows: Any) -> Any:
        raise Unsupported("some of the values")

    def __setitem__(self, rows: Any, value: Any) -> None:
        if not _is_exact(value):
            raise Unsupported("other values")
        self._become(chosen(self._of_rows(rows)._typed(_BOOL), value, self.floats))

    def first_valid_index(self) -> int | None:
        """The row, for the label."""
        there = ~np.isnan(self.floats)
        first = int(there.argmax())
        return self.start + first if there[first] else None

    @property
    def iloc(self) -> _First:
        """The first value, to be set."""
        return _First(self)

    @property
    def loc(self) -> _From:
        """The rest of the rows, of labels that ascend."""
        return _From(self)

    def rolling(self, window: Any, min_periods: Any = None) -> _Windows:
        """Windows of whole rows."""
        least = window if min_periods is None else min_periods
        if type(window) is not int or type(least) is not int or not 0 <= least <= window > 0:
            raise Unsupported("windows")
        return _Windows(self, window, least)

    def ewm(
        self, *, span: Any = None, alpha: Any = None, min_periods: Any = 0, adjust: Any = True
    ) -> _Weights:
        """Weights that fall exponentially."""
        given = [one for one in (span, alpha) if one is not None]
        if len(given) != 1 or type(given[0]) not in _NUMBERS:
            raise Unsupported("weights")
        domain = given[0] >= 1 if alpha is None else 0 < alpha <= 1
        if not domain or type(min_periods) is not int or type(adjust) is not bool:
            raise Unsupported("weights")
        options = {"span": span, "alpha": alpha, "min_periods": min_periods, "adjust": adjust}
        return _Weights(self, options)


class _Late(Line):
    """A line whose values wait for what is to be done with it."""

    __slots__ = ("made",)
    made: Array | None

    @property
    def array(self) -> Array:
        """The values."""
        if self.made is None:
            self.made = self._make()
        return self.made

    @array.setter
    def array(self, array: Array | None) -> None:
        self.made = array

    def _make(self) -> Array:
        raise NotImplementedError


class _Shifted(_Late):
    """``Series.shift``, by 1 or more rows."""

    __slots__ = ("periods", "source")

    def __init__(self, source: Array, index: pd.Index[Any], start: int, periods: int) -> None:
        super().__init__(None, index, start)  # type: ignore[arg-type]
        self.source, self.periods = source, periods

    def _make(self) -> Array:
        return shifted(self.source, self.periods)


class _Change(_Late):
    """``Series.diff``."""

    __slots__ = ("before", "now")

    def __init__(self, now: Line, before: _Shifted) -> None:
        super().__init__(None, now.index, now.start)  # type: ignore[arg-type]
        self.now, self.before = now, before

    def _make(self) -> Array:
        return self._made_of(np.subtract, self.now, self.before)

    def _beyond(self, operation: np.ufunc, other: Any) -> Line:
        """Which side of 0 it is on, told without it: only of equal numbers it is 0."""
        if type(other) is not int or other != 0:
            return self._of(operation(self.floats, self._beside(other)))
        periods, now = self.before.periods, self.now.floats
        out = np.zeros(len(now), np.bool_)
        operation(now[periods:], _from(self.before, periods), out=out[periods:])
        return self._of(out)

    def __gt__(self, other: Any) -> Line:
        return self._beyond(np.greater, other)

    def __lt__(self, other: Any) -> Line:
        return self._beyond(np.less, other)


def _whole(operand: Any) -> Any:
    return operand.array if type(operand) is _Shifted else operand


def _from(operand: Any, periods: int) -> Any:
    """The part of an operand that belongs to the rows from ``periods`` on."""
    if type(operand) is _Shifted:
        return operand.source[: len(operand.source) - periods]
    return operand[periods:] if type(operand) is np.ndarray else operand


class _Given(Line):
    """A Series of the caller's, which isn't to change."""

    __slots__ = ()

    def _become(self, array: Array) -> Line:
        raise Unsupported("a change of what the caller passed")


class _First:
    """``Series.iloc[0] = value``."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def __setitem__(self, row: Any, value: Any) -> None:
        if type(row) is not int or row != 0 or type(value) not in _NUMBERS:
            raise Unsupported("rows")
        values = self._line.floats.copy()
        values[0] = value
        self._line._become(values)


class _From:
    """``Series.loc[first:,]``."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def __getitem__(self, rows: Any) -> Line:
        line = self._line
        (wanted,) = rows
        if type(wanted) is not slice or wanted.stop is not None or wanted.step is not None:
            raise Unsupported("rows")
        if wanted.start is None:
            return line.copy()
        if not _ascends(line.index):
            raise Unsupported("labels that don't ascend")
        return Line(line.array[wanted.start - line.start :], line.index, wanted.start)


def _ascends(index: pd.Index[Any]) -> bool:
    if type(index) is pd.RangeIndex:
        return index.step > 0
    return index.is_unique and index.is_monotonic_increasing


def _windowed(name: str) -> Any:
    function = getattr(_rolling, name)

    def method(self: _Windows, *arguments: Any) -> Line:
        line = self._line
        # numpy's reductions aren't asked for: of what there is, ddof and q alone.
        if not all(type(one) in _NUMBERS for one in arguments) or len(arguments) > 1:
            raise Unsupported(f"windows' {name}")
        return line._of(_ROLLING[name](line.floats, self, function, *arguments))

    return method


def _simply(values: Array, windows: _Windows, function: Any) -> Array:
    return function(values, windows.window, windows.least)  # type: ignore[no-any-return]


def _with_ddof(values: Array, windows: _Windows, function: Any, ddof: int = 1) -> Array:
    return function(values, windows.window, windows.least, ddof)  # type: ignore[no-any-return]


def _with_q(values: Array, windows: _Windows, function: Any, q: float) -> Array:
    return function(values, windows.window, q, windows.least)  # type: ignore[no-any-return]


_ROLLING: dict[str, Callable[..., Array]] = {
    **dict.fromkeys(("min", "max", "mean", "sum", "median"), _simply),
    **dict.fromkeys(("std", "var"), _with_ddof),
    "quantile": _with_q,
}


class _Windows:
    """``Series.rolling``."""

    def __init__(self, line: Line, window: int, least: int) -> None:
        self._line, self.window, self.least = line, window, least

    min, max, mean, sum, median, std, var, quantile = map(_windowed, _ROLLING)


class _Weights:
    """``Series.ewm``."""

    def __init__(self, line: Line, options: Mapping[str, Any]) -> None:
        self._line, self._options = line, options

    def mean(self) -> Line:
        """The average."""
        return self._line._of(_rolling.ewm_mean(self._line.floats, **self._options))


class Names(list[str]):
    """A frame's columns: names, which can be made small."""

    @property
    def str(self) -> Names:
        """As ``Index.str``."""
        return self

    def lower(self) -> Names:
        """Each name small."""
        return Names(name.lower() for name in self)


class Lines:
    """A DataFrame of lines."""

    def __init__(self, data: dict[str, Line]) -> None:
        if not data or not all(isinstance(one, Line) for one in data.values()):
            raise Unsupported("a frame of anything else")
        # As the frame copies them.
        self._lines = {name: one.copy() for name, one in data.items()}

    def __getattr__(self, name: str) -> Any:
        if name in ("name", "category") or name not in self._lines:
            raise AttributeError(name)
        return self._lines[name].copy()

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in ("name", "category", "columns", "_lines"):
            raise Unsupported("a new column")
        object.__setattr__(self, name, value)

    @property
    def columns(self) -> Names:
        """The names."""
        return Names(self._lines)

    @columns.setter
    def columns(self, names: list[str]) -> None:
        self._lines = dict(zip(names, self._lines.values(), strict=True))

    @property
    def iloc(self) -> _Column:
        """Columns by number."""
        return _Column(self._lines)

    def framed(self) -> pd.DataFrame:
        """As pandas has it: rows that only some lines have are missing in the others."""
        lines = self._lines
        start = min(one.start for one in lines.values())
        columns = {}
        index = None
        for name, one in lines.items():
            index, array = one.index, one.array
            if one.start > start:
                array = np.concatenate((np.full(one.start - start, np.nan), one.floats))
            columns[name] = array
        rest = index[start:] if start else index  # type: ignore[index]
        return framed(columns, rest, 0, {}, self.name, self.category)


class _Column:
    """``DataFrame.iloc[:, number]``."""

    def __init__(self, lines: dict[str, Line]) -> None:
        self._lines = lines

    def __getitem__(self, place: Any) -> Line:
        rows, number = place
        if rows != slice(None) or type(number) is not int:
            raise Unsupported("rows")
        return list(self._lines.values())[number].copy()


class _Talib:
    """TA-Lib, of lines."""

    def __getattr__(self, name: str) -> Any:
        theirs = getattr(talib, name)
        if not callable(theirs):
            return theirs

        def call(first: Line, *others: Any) -> Any:
            arguments = [first._beside(one) if isinstance(one, Line) else one for one in others]
            found = theirs(first.floats, *arguments)
            if type(found) is tuple or type(found) is list:
                return tuple(first._of(one) for one in found)
            return first._of(found)

        return call


_TALIB = _Talib()


def _import(name: str, *arguments: Any) -> Any:
    return _TALIB if name == "talib" else __import__(name, *arguments)


_BUILTINS = {**vars(builtins), "__import__": _import}
_twins: dict[Any, Any] = {}


def over_lines(function: Any) -> Any:
    """pandas-ta's function and all that it calls, for lines."""
    function = inspect.unwrap(function)
    if function in _twins:
        return _twins[function]
    scope = {**function.__globals__, "__builtins__": _BUILTINS}
    code, name = function.__code__, function.__name__
    twin = _twins[function] = FunctionType(code, scope, name, function.__defaults__)
    for key, value in list(scope.items()):
        if value is pd.Series:
            scope[key] = Line
        elif value is pd.DataFrame:
            scope[key] = Lines
        elif key != name and _is_theirs(value) and key in code.co_names:
            scope[key] = over_lines(value)
    return twin


def _is_theirs(value: Any) -> bool:
    value = inspect.unwrap(value) if callable(value) else value
    return type(value) is FunctionType and str(value.__module__).startswith("pandas_ta.")


def lines_of(*series: Any, least: int = 1, counted: bool = False) -> list[Line] | None:
    """Lines of what ``candles`` takes; else None."""
    arrays = candles(*series, least=least, counted=counted, any_size=True)
    if arrays is None:
        return None
    index = series[0].index
    return [_Given(array, index) for array in arrays]


def accelerated(original: Any) -> Any:
    """``original``, over arrays where its arguments are ordinary Series and plain values."""
    twin = over_lines(original)

    @instead_of(original)
    def ours(*args: Any, **kwargs: Any) -> Any:
        given = [one for one in (*args, *kwargs.values()) if type(one) not in _PLAIN]
        found = lines_of(*given) if given else None
        if found is None:
            return None
        # In the order in which they were found.
        lines = iter(found)
        arguments = [one if type(one) in _PLAIN else next(lines) for one in args]
        keywords = {key: one if type(one) in _PLAIN else next(lines) for key, one in kwargs.items()}
        try:
            with np.errstate(all="ignore"):
                return _result(twin(*arguments, **keywords))
        except Exception:
            return None

    return ours


def _result(result: Any) -> Any:
    """What pandas-ta returns, of pandas' own types."""
    if type(result) is Lines:
        return result.framed()
    if not isinstance(result, Line):
        raise Unsupported(f"{type(result).__name__} for a result")
    array = result.array if result.array.base is None else result.array.copy()
    index = result.index[result.start :] if result.start else result.index
    return finished(array, index, 0, {}, result.name, result.category)
