"""technical's consensus: each of its methods writes its columns into the frame all at once.

The methods' own code runs, over arrays, on a stand-in for the frame; what it can't do, the
original does, on the frame as it was. Imports technical.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import builtins
import inspect
import re
from contextvars import ContextVar
from functools import cache, wraps
from types import FunctionType, MethodType
from typing import Any

import numpy as np
import pandas as pd
from technical.consensus import consensus as _module

from ... import _rolling
from ...ta import _frames
from ..replacement import Replacement
from . import direct
from .pandas_ta_lines import Line, Unsupported
from .technical_columns import put_columns
from .technical_frames import Floats, has_plain_labels, is_number, prices

_Consensus = _module.Consensus

# ``evaluate_osc`` calls what writes into the frame itself.
NAMES = (
    *("rsi", "stoch", "stoch_rsi", "macd_cross_over", "macd", "hull", "vwma", "tema", "ema", "sma"),
    *("laguerre", "cmf", "cci", "consensus", "cmo", "ichimoku", "ultimate_oscilator", "williams"),
    *("momentum", "adx", "ao", "bbp"),
)
# Sums of as many whole numbers up to this are exact in any order.
_LARGEST = 2.0**40


class _Frame:
    """A consensus' frame, and the columns that a method adds."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame, self.index, self.new = frame, frame.index, dict[str, Any]()

    def __getitem__(self, name: Any) -> Line:
        found = [self.new[name]] if name in self.new else prices(self.frame, name)
        if found is None:
            raise Unsupported("a column that isn't of float64")
        line = Line(found[0], self.index)
        line.name = name
        return line

    def __setitem__(self, name: Any, values: Any) -> None:
        if type(name) is not str:
            raise Unsupported("a column without a name")
        self.new[name] = np.array(self.array(values, np.float64))

    def array(self, values: Any, dtype: Any) -> Any:
        """The array of a line, or of a Series of the same rows."""
        if isinstance(values, pd.Series):
            if values.index is not self.index and not values.index.equals(self.index):
                raise Unsupported("other rows")
            values = values.to_numpy()
        elif isinstance(values, Line):
            values = values.array
        if (
            type(values) is not np.ndarray
            or values.dtype != dtype
            or len(values) != len(self.index)
        ):
            raise Unsupported("other values")
        return values

    @property
    def loc(self) -> _Cells:
        """Where columns are added."""
        return _Cells(self)

    def filter(self, *, regex: str) -> _Scores:
        """The columns of these names."""
        names = [name for name in self.frame.columns if re.search(regex, name)]
        return _Scores(self.index, {name: self[name].array for name in names})


class _Cells:
    """``DataFrame.loc[rows, name] = value``, of a new column."""

    def __init__(self, frame: _Frame) -> None:
        self._frame = frame

    def __setitem__(self, place: Any, value: Any) -> None:
        rows, name = place
        frame = self._frame
        if type(name) is not str or name in frame.new or name in frame.frame.columns:
            raise Unsupported("a column that is there")
        if type(rows) is slice:
            if rows != slice(None):
                raise Unsupported("some rows")
            frame[name] = value
        elif is_number(value):
            chosen = frame.array(rows, np.bool_).view(np.uint8)
            # Quicker than ``where``.
            frame.new[name] = np.array([np.nan, float(value)]).take(chosen)
        else:
            raise Unsupported("other values")


class _Scores:
    """The columns of signals, which are whole numbers."""

    def __init__(self, index: Any, columns: dict[str, Floats]) -> None:
        if not columns:
            raise Unsupported("no columns")
        self._index, self._columns = index, columns
        self._sum: Floats | None = None
        self._filtered: dict[str, _Scores] = {}

    def fillna(self, value: int) -> _Scores:
        """Without what is missing, to be summed."""
        return self

    def filter(self, *, regex: str) -> _Scores:
        """The columns of these names."""
        if regex not in self._filtered:
            columns = {name: one for name, one in self._columns.items() if re.search(regex, name)}
            self._filtered[regex] = _Scores(self._index, columns)
        return self._filtered[regex]

    def sum(self, *, axis: int) -> Line:
        """Of each row."""
        if self._sum is None:
            self._sum = _sum_of_whole(list(self._columns.values()))
        return Line(self._sum, self._index)

    def count(self, *, axis: int) -> int:
        """The same in each row: nothing is missing."""
        return len(self._columns)


def _sum_of_whole(columns: list[Floats]) -> Floats:
    """Of whole numbers, what is missing being 0: the same in any order."""
    length = len(columns[0])
    total = np.zeros(length)
    # How many columns have a number that is the only one in them, as signals are.
    counts: dict[float, Any] = {}
    for column in columns:
        least, most = float(np.fmin.reduce(column)), float(np.fmax.reduce(column))
        if least != least:
            continue
        if least < -_LARGEST or most > _LARGEST:
            raise Unsupported("sums that depend on their order")
        if least == most and most.is_integer():
            if most not in counts:
                counts[most] = np.zeros(length, np.int8 if len(columns) < 128 else np.int64)
            counts[most] += (column == most).view(np.int8)
            continue
        numbers = np.fmax(column, 0.0)
        numbers += np.fmin(column, 0.0)
        if not (np.rint(numbers) == numbers).all():
            raise Unsupported("sums that depend on their order")
        total += numbers
    for number, count in counts.items():
        total += count * number
    return total


class _Library:
    """A module's functions, of the frame itself and of Series."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return _on_pandas(getattr(self._module, name))


# What numpy warns of where a method is called: of what it calls, too.
_warns_of: ContextVar[Any] = ContextVar("warns of")


def _on_pandas(function: Any) -> Any:
    def call(*arguments: Any, **keywords: Any) -> Any:
        with np.errstate(**_warns_of.get()):
            return _fast(function)(*map(_own, arguments), **keywords)

    return call


@cache
def _fast(function: Any) -> Any:
    """Ours, of one that is technical's or qtpylib's own."""
    ours = direct.instead_of(function)
    return ours if inspect.unwrap(ours) is function else function


def _own(argument: Any) -> Any:
    if isinstance(argument, _Frame):
        return argument.frame
    return _series(argument) if isinstance(argument, Line) else argument


def _series(line: Line) -> Any:
    return _frames.series(line.array.copy(), line.index)


def _import(name: str, *arguments: Any) -> Any:
    return _Library(__import__(name, *arguments))


_SCOPE = {
    **vars(_module),
    "__builtins__": {**vars(builtins), "__import__": _import},
    "ta": _Library(_module.ta),
    "crossed_above": _on_pandas(_module.crossed_above),
}


class _Self:
    """A consensus, while one of its methods runs."""

    def __init__(self, consensus: Any) -> None:
        self.dataframe = _Frame(consensus.dataframe)
        self.buy_weights, self.sell_weights = consensus.buy_weights, consensus.sell_weights
        self.added: list[tuple[Any, Any]] = []

    def _weights(self, *impacts: Any) -> None:
        self.added.append(impacts)


def _is_ordinary(consensus: Any, *others: Any) -> bool:
    frame: Any = getattr(consensus, "dataframe", None)
    if prices(frame) is None or not has_plain_labels(frame):
        return False
    if not all(type(name) is str for name in frame.columns):
        return False
    # Another consensus, which counts its own score once.
    given = [one for one in others if isinstance(one, _Consensus)]
    return all(
        _is_ordinary(one) and one.dataframe.index.equals(frame.index) for one in given
    ) and all(is_number(weight) for weight in (consensus.buy_weights, consensus.sell_weights))


def _accelerated(name: str) -> Any:
    original = vars(_Consensus)[name]
    code, defaults = original.__code__, original.__defaults__
    twin = FunctionType(code, _SCOPE, name, defaults, original.__closure__)

    @wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not _is_ordinary(self, *args, *kwargs.values()):
            return original(self, *args, **kwargs)
        own = _Self(self)
        _warns_of.set(np.geterr())
        try:
            with np.errstate(all="ignore"):
                result = MethodType(twin, own)(*args, **kwargs)
        except Exception:
            return original(self, *args, **kwargs)
        for impacts in own.added:
            self._weights(*impacts)
        put_columns(self.dataframe, own.dataframe.new)
        if isinstance(result, dict):
            return _returned(self.dataframe, own.dataframe.new, result)
        return self.dataframe if result is own.dataframe else result

    return method


def _returned(
    frame: pd.DataFrame, new: dict[str, Floats], lines: dict[str, Line]
) -> dict[str, Any]:
    """Series of the lines, none of which shares its values with another or the frame."""
    found: dict[str, Any] = {}
    given = set(map(id, new.values()))
    for key, line in lines.items():
        array = line.array
        if getattr(line, "name", None) is not None:
            found[key] = frame[line.name]
        elif array.base is None and id(array) not in given:
            given.add(id(array))
            found[key] = _frames.series(array, line.index)
        else:
            found[key] = _series(line)
    return found


_PART = "technical's consensus"

# They write into their frame: without probes.
REPLACEMENTS = tuple(
    Replacement(
        f"technical.consensus.consensus:Consensus.{name}",
        _accelerated(name),
        _PART,
        relies_on=("technical.consensus.consensus:Consensus._weights",),
        native=True,
        unfit=_rolling.certified,
    )
    for name in ("score", *(f"evaluate_{one}" for one in NAMES))
)
