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
from .pandas_ta_shared import candles, finished, framed, instead_of, shifted

Array = npt.NDArray[Any]

_FLOAT64, _INT64, _BOOL = map(np.dtype, (np.float64, np.int64, np.bool_))
# What is taken for a number; an integer of numpy's would not be one to pandas' windows.
_NUMBERS = frozenset((int, float, np.float64))
_PLAIN = frozenset((*_NUMBERS, bool, str, type(None)))


class Unsupported(TypeError):
    """Asked for what isn't known to be what pandas does."""


def _binary(operation: Callable[[Any, Any], Any]) -> Any:
    def method(self: Line, other: Any) -> Line:
        return self._of(operation(self.floats, self._beside(other)))

    return method


def _reflected(operation: Callable[[Any, Any], Any]) -> Any:
    def method(self: Line, other: Any) -> Line:
        return self._of(operation(self._beside(other), self.floats))

    return method


def _in_place(operation: Callable[[Any, Any], Any]) -> Any:
    def method(self: Line, other: Any) -> Line:
        return self._become(operation(self.floats, self._beside(other)))

    return method


def _logical(operation: Callable[[Any, Any], Any]) -> Any:
    """Of truth values, or of integers."""

    def method(self: Line, other: Any) -> Line:
        dtype = self.array.dtype
        if dtype == _FLOAT64:
            raise Unsupported("bits of float64")
        return self._of(operation(self.array, self._of_rows(other)._typed(dtype)))

    return method


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

    def _beside(self, other: Any) -> Any:
        """The other operand: a line of float64 of the same rows, or a number."""
        return other if type(other) in _NUMBERS else self._of_rows(other).floats

    __add__ = _binary(operator.add)
    __sub__ = _binary(operator.sub)
    __mul__ = _binary(operator.mul)
    __truediv__ = _binary(operator.truediv)
    __radd__ = _reflected(operator.add)
    __rsub__ = _reflected(operator.sub)
    __rmul__ = _reflected(operator.mul)
    __rtruediv__ = _reflected(operator.truediv)
    __iadd__ = _in_place(operator.add)
    __isub__ = _in_place(operator.sub)
    __imul__ = _in_place(operator.mul)
    __itruediv__ = _in_place(operator.truediv)
    __lt__ = _binary(operator.lt)
    __le__ = _binary(operator.le)
    __gt__ = _binary(operator.gt)
    __ge__ = _binary(operator.ge)
    __eq__ = eq = _binary(operator.eq)
    __ne__ = _binary(operator.ne)
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
        return len(self.array)

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
        return self._of(shifted(self.floats, periods))

    def diff(self, periods: Any = 1) -> Line:
        """From what is so many rows before."""
        change: Line = self - self.shift(periods)
        return change

    def pct_change(self, periods: Any = 1) -> Line:
        """Against what is so many rows before."""
        change: Line = self / self.shift(periods) - 1
        return change

    def fillna(self, value: Any, *, inplace: bool = False) -> Line | None:
        """With a number."""
        if type(value) not in _NUMBERS or not inplace:
            raise Unsupported("filling")
        if self.array.dtype == _FLOAT64:
            self._become(np.where(np.isnan(self.array), value, self.array))
        return None

    def replace(self, old: Any, new: Any, *, inplace: bool = False) -> None:
        """An integer by another."""
        if type(old) is not int or type(new) is not int or not inplace:
            raise Unsupported("replacing")
        values = self._typed(_INT64)
        self._become(np.where(values == old, new, values))

    def where(self, condition: Line, other: Any) -> Line:
        """Its own values where the condition is true."""
        chosen = self._of_rows(condition)._typed(_BOOL)
        return self._of(np.where(chosen, self.floats, self._beside(other)))

    def __getitem__(self, rows: Any) -> Any:
        raise Unsupported("some of the values")

    def __setitem__(self, rows: Any, value: Any) -> None:
        if type(value) not in _NUMBERS:
            raise Unsupported("other values")
        self._become(np.where(self._of_rows(rows)._typed(_BOOL), value, self.floats))

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
    arrays = candles(*series, least=least, counted=counted)
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
        lines = {id(one): line for one, line in zip(given, found, strict=True)}
        arguments = [lines.get(id(one), one) for one in args]
        keywords = {key: lines.get(id(one), one) for key, one in kwargs.items()}
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
    if type(result) is not Line:
        raise Unsupported(f"{type(result).__name__} for a result")
    array = result.array if result.array.base is None else result.array.copy()
    index = result.index[result.start :] if result.start else result.index
    return finished(array, index, 0, {}, result.name, result.category)
