"""Whether two results are the same, bit for bit, and if not, where they first differ.

Imports the standard library and numpy; pandas and polars are known by the values they made.

The same means: equal types all the way down, every float with the same bits (-0.0 is not 0.0),
NaN exactly where the other has NaN, equal dtypes, shapes, names, index and columns, and keys in
the same order. What can't be compared is different, and the difference says why.
"""

from __future__ import annotations

import dataclasses
import math
import sys
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import numpy as np

LONGEST = 80

# Up to this many bytes, arrays are compared whole before they are value by value.
SMALL = 1 << 16

_NO_EQUALITY: Any = object.__eq__


@dataclasses.dataclass(frozen=True, slots=True)
class _Found:
    """The first difference: places from the outermost in, and what differs there."""

    what: str
    where: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what

    def inside(self, place: str) -> _Found:
        """The same, seen from what has it at ``place``."""
        return _Found(self.what, f"{place}, {self.where}" if self.where else place)


Finder = Callable[[Any, Any], "_Found | None"]


def same(ours: Any, theirs: Any) -> bool:
    """Whether two values are the same, bit for bit."""
    return not difference(ours, theirs)


def difference(ours: Any, theirs: Any) -> str:
    """The first difference, such as ``column 'close', row 17: 0.1 is not 0.2``; "" for none."""
    try:
        with np.errstate(all="ignore"):
            found = _find(ours, theirs)
            return "" if found is None else str(found)
    except RecursionError:
        return "nested too deeply to compare"


def _find(ours: Any, theirs: Any) -> _Found | None:
    if ours is theirs:
        return None
    kind = type(theirs)
    if type(ours) is not kind:
        one, other = (f"{_tell(value)} ({_name(value)})" for value in (ours, theirs))
        return _Found(f"{one} is not {other}")
    finder = _finders.get(kind)
    if finder is None:
        finder = _finders[kind] = _finder(kind)
    try:
        return finder(ours, theirs)
    except RecursionError:
        raise
    except Exception as error:
        return _Found(f"can't be compared, {type(error).__name__}: {error}")


def _finder(kind: type) -> Finder:
    """How values of a type are compared; types are few, and this is asked once of each."""
    for base, finder in (
        (float, _find_in_floats),
        (complex, _find_in_complex),
        (Decimal, _find_in_decimals),
        (np.ma.MaskedArray, _find_in_masked),
        (np.ndarray, _find_in_arrays),
        (np.generic, _find_in_scalars),
        (BaseException, _find_in_exceptions),
        (dict, _find_in_dicts),
        (list, _find_in_sequences),
        (tuple, _find_in_tuples),
        (deque, _find_in_sequences),
        ((set, frozenset), _find_in_sets),
        (datetime, _find_in_dates),
    ):
        if issubclass(kind, base):
            return finder
    if dataclasses.is_dataclass(kind):
        return _find_in_dataclasses
    pandas, polars = sys.modules.get("pandas"), sys.modules.get("polars")
    for module, name, finder in (
        (pandas, "DataFrame", _find_in_frames),
        (pandas, "Series", _find_in_series),
        (pandas, "Index", _find_in_indexes),
        (pandas, "Timedelta", _find_in_timedeltas),
        (polars, "DataFrame", _find_in_polars_frames),
        (polars, "Series", _find_in_polars_series),
    ):
        if module is not None and issubclass(kind, getattr(module, name, ())):
            return finder
    if pandas is not None and issubclass(kind, pandas.api.extensions.ExtensionArray):
        return _find_in_extensions
    return _find_in_others


def _find_in_floats(ours: float, theirs: float) -> _Found | None:
    if ours == theirs and (ours != 0.0 or math.copysign(1.0, ours) == math.copysign(1.0, theirs)):
        return None
    if ours != ours and theirs != theirs:
        return None
    return _differ(ours, theirs)


def _find_in_complex(ours: complex, theirs: complex) -> _Found | None:
    parts = ((ours.real, theirs.real), (ours.imag, theirs.imag))
    found = any(_find_in_floats(*pair) for pair in parts)
    return _differ(ours, theirs) if found else None


def _find_in_decimals(ours: Decimal, theirs: Decimal) -> _Found | None:
    if ours.as_tuple() == theirs.as_tuple():
        return None
    return _differ(ours, theirs)


def _find_in_dates(ours: datetime, theirs: datetime) -> _Found | None:
    """Dates and pandas' Timestamps; the same moment in another zone or unit is another."""
    if (
        ours == theirs
        and ours.fold == theirs.fold
        and _same_zone(ours.tzinfo, theirs.tzinfo)
        and getattr(ours, "unit", None) == getattr(theirs, "unit", None)
    ):
        return None
    return _differ(ours, theirs)


def _same_zone(ours: Any, theirs: Any) -> bool:
    return ours is theirs or (type(ours) is type(theirs) and repr(ours) == repr(theirs))


def _find_in_timedeltas(ours: Any, theirs: Any) -> _Found | None:
    return None if ours == theirs and ours.unit == theirs.unit else _differ(ours, theirs)


def _find_in_others(ours: Any, theirs: Any) -> _Found | None:
    """By ``==``, which for objects without one of their own is identity."""
    equal = ours == theirs
    if equal is True or (isinstance(equal, np.bool_) and equal):
        return None
    if not isinstance(equal, (bool, np.bool_)):
        return _Found(f"{_name(theirs)} can't be compared: == gives {_name(equal)}")
    if type(theirs).__eq__ is _NO_EQUALITY and not isinstance(theirs, (Enum, type)):
        return _Found(f"{_name(theirs)} can't be compared: it has no ==")
    return _differ(ours, theirs)


def _find_in_exceptions(ours: BaseException, theirs: BaseException) -> _Found | None:
    found = _find(ours.args, theirs.args)
    return found and found.inside(type(theirs).__name__)


def _find_in_dicts(ours: dict[Any, Any], theirs: dict[Any, Any]) -> _Found | None:
    keys, their_keys = list(ours), list(theirs)
    if len(keys) != len(their_keys) or any(map(_find, keys, their_keys)):
        return _Found(f"keys {_tell(keys)} are not {_tell(their_keys)}")
    for key, one, other in zip(keys, ours.values(), theirs.values(), strict=True):
        if one is not other and (found := _find(one, other)):
            return found.inside(f"key {_tell(key)}")
    return None


def _find_in_tuples(ours: Any, theirs: Any) -> _Found | None:
    fields = getattr(theirs, "_fields", None)
    if not isinstance(fields, tuple) or len(fields) != len(theirs):
        return _find_in_sequences(ours, theirs)
    for name, one, other in zip(fields, ours, theirs, strict=True):
        if found := _find(one, other):
            return found.inside(f"field {name!r}")
    return None


def _find_in_sequences(ours: Any, theirs: Any) -> _Found | None:
    if len(ours) != len(theirs):
        return _Found(f"{len(ours)} items are not {len(theirs)}")
    for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        if one is not other and (found := _find(one, other)):
            return found.inside(f"item {number}")
    return None


def _find_in_sets(ours: Any, theirs: Any) -> _Found | None:
    if len(ours) == len(theirs):
        left = list(theirs)
        for one in ours:
            match = next((n for n, other in enumerate(left) if not _find(one, other)), None)
            if match is None:
                return _differ(ours, theirs)
            del left[match]
        return None
    return _differ(ours, theirs)


def _find_in_dataclasses(ours: Any, theirs: Any) -> _Found | None:
    for field in dataclasses.fields(theirs):
        if found := _find(getattr(ours, field.name), getattr(theirs, field.name)):
            return found.inside(f"field {field.name!r}")
    return None


def _find_in_scalars(ours: Any, theirs: Any) -> _Found | None:
    if ours.dtype != theirs.dtype:
        return _Found(f"dtype {ours.dtype} is not {theirs.dtype}")
    found = _find_in_arrays(np.asarray(ours), np.asarray(theirs))
    return found and _differ(ours, theirs)


def _find_in_masked(ours: Any, theirs: Any) -> _Found | None:
    masks = np.ma.getmaskarray(ours), np.ma.getmaskarray(theirs)
    fills = ours.fill_value, theirs.fill_value
    if found := _find_in_arrays(*masks):
        return found.inside("mask")
    if found := _find(*fills):
        return found.inside("fill value")
    return _find_in_arrays(ours.filled(), theirs.filled())


def _find_in_arrays(ours: Any, theirs: Any) -> _Found | None:
    return _find_in_values(ours, theirs, "at")


def _find_in_values(ours: Any, theirs: Any, position: str) -> _Found | None:
    """Of two arrays; ``position`` is what stands before the place of a value."""
    if ours.dtype != theirs.dtype:
        return _Found(f"dtype {ours.dtype} is not {theirs.dtype}")
    if ours.shape != theirs.shape:
        return _Found(f"shape {ours.shape} is not {theirs.shape}")
    if ours.dtype == object:
        return _find_in_objects(ours, theirs, position)
    if ours.dtype.names:
        return _find(ours.tolist(), theirs.tolist())
    if ours.nbytes <= SMALL and ours.tobytes() == theirs.tobytes():
        return None
    equal = np.asarray(_equal(ours, theirs))
    if equal.all():
        return None
    place = _place(int(equal.argmin()), ours.shape)
    return _differ(ours[place], theirs[place]).inside(_number(place, position))


def _find_in_objects(ours: Any, theirs: Any, position: str) -> _Found | None:
    for number, (one, other) in enumerate(zip(ours.flat, theirs.flat, strict=True)):
        if one is not other and (found := _find(one, other)):
            return found.inside(_number(_place(number, ours.shape), position))
    return None


def _place(number: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(map(int, np.unravel_index(number, shape)))


def _number(place: tuple[int, ...], position: str) -> str:
    numbers = ", ".join(map(str, place))
    return f"{position} {numbers if len(place) == 1 else f'({numbers})'}" if place else position


def _equal(ours: Any, theirs: Any) -> Any:
    """Where two arrays of one dtype and shape have the same bits, or both NaN."""
    kind, size = ours.dtype.kind, ours.dtype.itemsize
    if kind == "f" and size <= 8:
        equal = ours.view(f"i{size}") == theirs.view(f"i{size}")
        return equal if equal.all() else equal | ((ours != ours) & (theirs != theirs))
    if kind == "f":  # padded to more bytes than it has
        equal = (ours == theirs) & (np.signbit(ours) == np.signbit(theirs))
        return equal | ((ours != ours) & (theirs != theirs))
    if kind == "c":
        return _equal(ours.real, theirs.real) & _equal(ours.imag, theirs.imag)
    if kind in "mM":  # NaT is no NaT's equal
        return (ours == theirs) | (np.isnat(ours) & np.isnat(theirs))
    if kind == "V":
        return np.full(ours.shape, ours.tobytes() == theirs.tobytes())
    return ours == theirs


def _find_in_frames(ours: Any, theirs: Any) -> _Found | None:
    if found := _find_in_indexes(ours.columns, theirs.columns):
        return found.inside("columns")
    if found := _find_beside(ours, theirs):
        return found
    for name, one, other in zip(theirs.columns, _columns(ours), _columns(theirs), strict=True):
        if one is not other and (found := _find_in_columns(one, other)):
            return found.inside(f"column {name!r}")
    return None


def _find_in_series(ours: Any, theirs: Any) -> _Found | None:
    if found := _find(ours.name, theirs.name):
        return found.inside("name")
    return _find_beside(ours, theirs) or _find_in_columns(_column(ours), _column(theirs))


def _find_beside(ours: Any, theirs: Any) -> _Found | None:
    """In what frames and series have beside their values."""
    if ours.index is not theirs.index:
        if len(ours) != len(theirs):
            return _Found(f"{len(ours)} rows are not {len(theirs)}")
        if found := _find_in_indexes(ours.index, theirs.index):
            return found.inside("index")
    if ours.flags.allows_duplicate_labels != theirs.flags.allows_duplicate_labels:
        return _Found("one allows duplicate labels, the other doesn't")
    found = _find(ours.attrs, theirs.attrs)
    return found and found.inside("attrs")


def _find_in_indexes(ours: Any, theirs: Any) -> _Found | None:
    if ours is theirs:
        return None
    if type(ours) is not type(theirs):
        return _Found(f"{type(ours).__name__} is not {type(theirs).__name__}")
    if len(ours) != len(theirs):
        return _Found(f"{_tell(list(ours))} is not {_tell(list(theirs))}")
    if found := _find(list(ours.names), list(theirs.names)):
        return found.inside("names")
    if ours.nlevels > 1:
        for level in range(theirs.nlevels):
            one, other = (index.get_level_values(level) for index in (ours, theirs))
            if found := _find_in_indexes(one, other):
                return found.inside(f"level {level}")
        return None
    if found := _find_in_columns(_column(ours), _column(theirs)):
        return found
    mine, freq = getattr(ours, "freq", None), getattr(theirs, "freq", None)
    return None if mine == freq else _Found(f"freq {mine} is not {freq}")


def _columns(frame: Any) -> Iterable[Any]:
    """The columns' values; pandas takes long to make a series of each."""
    arrays = getattr(frame, "_iter_column_arrays", None)
    return arrays() if arrays is not None else (_column(series) for _, series in frame.items())


def _column(values: Any) -> Any:
    """The array of a series or an index."""
    return values.to_numpy() if isinstance(values.dtype, np.dtype) else values.array


def _find_in_columns(ours: Any, theirs: Any) -> _Found | None:
    if isinstance(ours, np.ndarray) and isinstance(theirs, np.ndarray):
        return _find_in_values(ours, theirs, "row")
    if found := _find_in_dtypes(ours.dtype, theirs.dtype):
        return found
    return _find_in_extensions(ours, theirs)


def _find_in_extensions(ours: Any, theirs: Any) -> _Found | None:
    """Of two pandas arrays."""
    mine, dtype = ours.dtype, theirs.dtype
    if found := _find_in_dtypes(mine, dtype):
        return found
    if len(ours) != len(theirs):
        return _Found(f"{len(ours)} rows are not {len(theirs)}")
    if dtype.type is str and ours.equals(theirs):
        return None
    if hasattr(ours, "asi8"):
        equal = ours.asi8 == theirs.asi8
        if equal.all():
            return None
        row = int(equal.argmin())
        found = _find(ours[row], theirs[row])
        return found and found.inside(f"row {row}")
    categories = getattr(mine, "categories", None), getattr(dtype, "categories", None)
    if categories[0] is not None and (found := _find_in_indexes(*categories)):
        return found.inside("categories")
    one, other = (np.asarray(array.astype(object), dtype=object) for array in (ours, theirs))
    return _find_in_objects(one, other, "row")


def _find_in_dtypes(ours: Any, theirs: Any) -> _Found | None:
    # Equal dtypes may differ still: zones of other libraries, categories in another order.
    if ours is theirs:
        return None
    if type(ours) is type(theirs) and ours == theirs and repr(ours) == repr(theirs):
        return None
    return _Found(f"dtype {_dtype(ours)} is not {_dtype(theirs)}")


def _dtype(dtype: Any) -> str:
    """Its short name, or its whole one where that doesn't tell."""
    return str(dtype) if isinstance(dtype, np.dtype) else repr(dtype)


def _find_in_polars_frames(ours: Any, theirs: Any) -> _Found | None:
    if found := _find(ours.columns, theirs.columns):
        return found.inside("columns")
    for name in theirs.columns:
        if found := _find_in_polars_series(ours[name], theirs[name]):
            return found.inside(f"column {name!r}")
    return None


def _find_in_polars_series(ours: Any, theirs: Any) -> _Found | None:
    if ours.dtype != theirs.dtype:
        return _Found(f"dtype {ours.dtype} is not {theirs.dtype}")
    if found := _find(ours.name, theirs.name):
        return found.inside("name")
    if theirs.dtype.is_float() and not ours.null_count() and not theirs.null_count():
        return _find_in_values(ours.to_numpy(), theirs.to_numpy(), "row")
    return _find_in_sequences(ours.to_list(), theirs.to_list())


def _differ(ours: Any, theirs: Any) -> _Found:
    return _Found(f"{_tell(_plain(ours))} is not {_tell(_plain(theirs))}")


def _plain(value: Any) -> Any:
    """Python's own number for numpy's, where it prints as short."""
    shown = isinstance(value, np.generic) and value.dtype.char in "?bBhHiIlLqQd"
    return value.item() if shown else value


def _tell(value: Any) -> str:
    try:
        text = repr(value)
    except Exception as error:
        text = f"<{_name(value)}, whose repr raises {type(error).__name__}>"
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _name(value: Any) -> str:
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


_finders: dict[type, Finder] = {}
