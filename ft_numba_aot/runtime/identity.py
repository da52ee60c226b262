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

_NO_EQUALITY: Any = object.__eq__

# A finder gives the first difference, with the place where it is in front, or None.
Finder = Callable[[Any, Any, str], "str | None"]


def same(ours: Any, theirs: Any) -> bool:
    """Whether two values are the same, bit for bit."""
    return not difference(ours, theirs)


def difference(ours: Any, theirs: Any) -> str:
    """The first difference, such as ``column 'close', row 17: 0.1 is not 0.2``; "" for none."""
    try:
        with np.errstate(all="ignore"):
            return _find(ours, theirs, "") or ""
    except RecursionError:
        return "nested too deeply to compare"


def _find(ours: Any, theirs: Any, where: str) -> str | None:
    if ours is theirs:
        return None
    kind = type(theirs)
    if type(ours) is not kind:
        one, other = (f"{_tell(value)} ({_name(value)})" for value in (ours, theirs))
        return _say(where, f"{one} is not {other}")
    finder = _finders.get(kind)
    if finder is None:
        finder = _finders[kind] = _finder(kind)
    try:
        return finder(ours, theirs, where)
    except RecursionError:
        raise
    except Exception as error:
        return _say(where, f"can't be compared, {type(error).__name__}: {error}")


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


def _find_in_floats(ours: float, theirs: float, where: str) -> str | None:
    if ours == theirs and (ours != 0.0 or math.copysign(1.0, ours) == math.copysign(1.0, theirs)):
        return None
    if ours != ours and theirs != theirs:
        return None
    return _differ(ours, theirs, where)


def _find_in_complex(ours: complex, theirs: complex, where: str) -> str | None:
    parts = ((ours.real, theirs.real), (ours.imag, theirs.imag))
    found = any(_find_in_floats(*pair, where) for pair in parts)
    return _differ(ours, theirs, where) if found else None


def _find_in_decimals(ours: Decimal, theirs: Decimal, where: str) -> str | None:
    if ours.as_tuple() == theirs.as_tuple():
        return None
    return _differ(ours, theirs, where)


def _find_in_dates(ours: datetime, theirs: datetime, where: str) -> str | None:
    """Dates and pandas' Timestamps; the same moment in another zone or unit is another."""
    if (
        ours == theirs
        and ours.fold == theirs.fold
        and _same_zone(ours.tzinfo, theirs.tzinfo)
        and getattr(ours, "unit", None) == getattr(theirs, "unit", None)
    ):
        return None
    return _differ(ours, theirs, where)


def _same_zone(ours: Any, theirs: Any) -> bool:
    return ours is theirs or (type(ours) is type(theirs) and repr(ours) == repr(theirs))


def _find_in_timedeltas(ours: Any, theirs: Any, where: str) -> str | None:
    return None if ours == theirs and ours.unit == theirs.unit else _differ(ours, theirs, where)


def _find_in_others(ours: Any, theirs: Any, where: str) -> str | None:
    """By ``==``, which for objects without one of their own is identity."""
    equal = ours == theirs
    if equal is True or (isinstance(equal, np.bool_) and equal):
        return None
    if not isinstance(equal, (bool, np.bool_)):
        return _say(where, f"{_name(theirs)} can't be compared: == gives {_name(equal)}")
    if type(theirs).__eq__ is _NO_EQUALITY and not isinstance(theirs, (Enum, type)):
        return _say(where, f"{_name(theirs)} can't be compared: it has no ==")
    return _differ(ours, theirs, where)


def _find_in_exceptions(ours: BaseException, theirs: BaseException, where: str) -> str | None:
    return _find(ours.args, theirs.args, _at(where, type(theirs).__name__))


def _find_in_dicts(ours: dict[Any, Any], theirs: dict[Any, Any], where: str) -> str | None:
    keys, their_keys = list(ours), list(theirs)
    if len(keys) != len(their_keys) or any(map(_find, keys, their_keys, [""] * len(keys))):
        return _say(where, f"keys {_tell(keys)} are not {_tell(their_keys)}")
    for key, one, other in zip(keys, ours.values(), theirs.values(), strict=True):
        if one is not other and (found := _find(one, other, _at(where, f"key {_tell(key)}"))):
            return found
    return None


def _find_in_tuples(ours: Any, theirs: Any, where: str) -> str | None:
    fields = getattr(theirs, "_fields", None)
    if not isinstance(fields, tuple) or len(fields) != len(theirs):
        return _find_in_sequences(ours, theirs, where)
    for name, one, other in zip(fields, ours, theirs, strict=True):
        if found := _find(one, other, _at(where, f"field {name!r}")):
            return found
    return None


def _find_in_sequences(ours: Any, theirs: Any, where: str) -> str | None:
    if len(ours) != len(theirs):
        return _say(where, f"{len(ours)} items are not {len(theirs)}")
    for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        if one is not other and (found := _find(one, other, _at(where, f"item {number}"))):
            return found
    return None


def _find_in_sets(ours: Any, theirs: Any, where: str) -> str | None:
    if len(ours) == len(theirs):
        left = list(theirs)
        for one in ours:
            match = next((n for n, other in enumerate(left) if not _find(one, other, "")), None)
            if match is None:
                return _differ(ours, theirs, where)
            del left[match]
        return None
    return _differ(ours, theirs, where)


def _find_in_dataclasses(ours: Any, theirs: Any, where: str) -> str | None:
    for field in dataclasses.fields(theirs):
        one, other = getattr(ours, field.name), getattr(theirs, field.name)
        if found := _find(one, other, _at(where, f"field {field.name!r}")):
            return found
    return None


def _find_in_scalars(ours: Any, theirs: Any, where: str) -> str | None:
    if ours.dtype != theirs.dtype:
        return _say(where, f"dtype {ours.dtype} is not {theirs.dtype}")
    found = _find_in_arrays(np.asarray(ours), np.asarray(theirs), where)
    return found and _differ(ours, theirs, where)


def _find_in_masked(ours: Any, theirs: Any, where: str) -> str | None:
    masks = np.ma.getmaskarray(ours), np.ma.getmaskarray(theirs)
    fills = ours.fill_value, theirs.fill_value
    return (
        _find_in_arrays(*masks, _at(where, "mask"))
        or _find_in_arrays(ours.filled(), theirs.filled(), where)
        or _find(*fills, _at(where, "fill value"))
    )


def _find_in_arrays(ours: Any, theirs: Any, where: str) -> str | None:
    return _find_in_values(ours, theirs, where, "at")


def _find_in_values(ours: Any, theirs: Any, where: str, position: str) -> str | None:
    """Of two arrays; ``position`` is what stands before the place of a value."""
    if ours.dtype != theirs.dtype:
        return _say(where, f"dtype {ours.dtype} is not {theirs.dtype}")
    if ours.shape != theirs.shape:
        return _say(where, f"shape {ours.shape} is not {theirs.shape}")
    if ours.dtype == object:
        return _find_in_objects(ours, theirs, where, position)
    if ours.dtype.names:
        return _find(ours.tolist(), theirs.tolist(), where)
    equal = np.asarray(_equal(ours, theirs))
    if equal.all():
        return None
    place = _place(int(equal.argmin()), ours.shape)
    return _differ(ours[place], theirs[place], _at(where, _number(place, position)))


def _find_in_objects(ours: Any, theirs: Any, where: str, position: str) -> str | None:
    for number, (one, other) in enumerate(zip(ours.flat, theirs.flat, strict=True)):
        if one is not other and _find(one, other, ""):
            place = _number(_place(number, ours.shape), position)
            return _find(one, other, _at(where, place))
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


def _find_in_frames(ours: Any, theirs: Any, where: str) -> str | None:
    if found := _find_in_indexes(ours.columns, theirs.columns, _at(where, "columns")):
        return found
    if found := _find_beside(ours, theirs, where):
        return found
    for name, one, other in zip(theirs.columns, _columns(ours), _columns(theirs), strict=True):
        if one is not other and (
            found := _find_in_columns(one, other, _at(where, f"column {name!r}"))
        ):
            return found
    return None


def _find_in_series(ours: Any, theirs: Any, where: str) -> str | None:
    return (
        _find(ours.name, theirs.name, _at(where, "name"))
        or _find_beside(ours, theirs, where)
        or _find_in_columns(_column(ours), _column(theirs), where)
    )


def _find_beside(ours: Any, theirs: Any, where: str) -> str | None:
    """In what frames and series have beside their values."""
    if ours.index is not theirs.index:
        if len(ours) != len(theirs):
            return _say(where, f"{len(ours)} rows are not {len(theirs)}")
        index = _at(where, "index")
        if found := _find_type(ours.index, theirs.index, index):
            return found
        if found := _find_in_indexes(ours.index, theirs.index, index):
            return found
    if ours.flags.allows_duplicate_labels != theirs.flags.allows_duplicate_labels:
        return _say(where, "one allows duplicate labels, the other doesn't")
    return _find(ours.attrs, theirs.attrs, _at(where, "attrs"))


def _find_type(ours: Any, theirs: Any, where: str) -> str | None:
    if type(ours) is type(theirs):
        return None
    return _say(where, f"{type(ours).__name__} is not {type(theirs).__name__}")


def _find_in_indexes(ours: Any, theirs: Any, where: str) -> str | None:
    if ours is theirs:
        return None
    if found := _find_type(ours, theirs, where):
        return found
    if len(ours) != len(theirs):
        return _say(where, f"{_tell(list(ours))} is not {_tell(list(theirs))}")
    if found := _find(list(ours.names), list(theirs.names), _at(where, "names")):
        return found
    if ours.nlevels > 1:
        for level in range(theirs.nlevels):
            one, other = (index.get_level_values(level) for index in (ours, theirs))
            if found := _find_in_indexes(one, other, _at(where, f"level {level}")):
                return found
        return None
    if found := _find_in_columns(_column(ours), _column(theirs), where):
        return found
    freq = getattr(ours, "freq", None), getattr(theirs, "freq", None)
    return None if freq[0] == freq[1] else _say(where, f"freq {freq[0]} is not {freq[1]}")


def _columns(frame: Any) -> Iterable[Any]:
    """The columns' values; pandas takes long to make a series of each."""
    arrays = getattr(frame, "_iter_column_arrays", None)
    return arrays() if arrays is not None else (_column(series) for _, series in frame.items())


def _column(values: Any) -> Any:
    """The array of a series or an index."""
    return values.to_numpy() if isinstance(values.dtype, np.dtype) else values.array


def _find_in_columns(ours: Any, theirs: Any, where: str) -> str | None:
    if isinstance(ours, np.ndarray) and isinstance(theirs, np.ndarray):
        return _find_in_values(ours, theirs, where, "row")
    if found := _find_in_dtypes(ours.dtype, theirs.dtype, where):
        return found
    return _find_in_extensions(ours, theirs, where)


def _find_in_extensions(ours: Any, theirs: Any, where: str) -> str | None:
    """Of two pandas arrays."""
    mine, dtype = ours.dtype, theirs.dtype
    if found := _find_in_dtypes(mine, dtype, where):
        return found
    if len(ours) != len(theirs):
        return _say(where, f"{len(ours)} rows are not {len(theirs)}")
    if dtype.type is str and ours.equals(theirs):
        return None
    if hasattr(ours, "asi8"):
        equal = ours.asi8 == theirs.asi8
        if equal.all():
            return None
        row = int(equal.argmin())
        return _find(ours[row], theirs[row], _at(where, f"row {row}"))
    if hasattr(dtype, "categories"):
        found = _find_in_indexes(mine.categories, dtype.categories, _at(where, "categories"))
        if found:
            return found
    one, other = (np.asarray(array.astype(object), dtype=object) for array in (ours, theirs))
    return _find_in_objects(one, other, where, "row")


def _find_in_dtypes(ours: Any, theirs: Any, where: str) -> str | None:
    # Equal dtypes may differ still: zones of other libraries, categories in another order.
    if ours is theirs:
        return None
    if type(ours) is type(theirs) and ours == theirs and repr(ours) == repr(theirs):
        return None
    return _say(where, f"dtype {_dtype(ours)} is not {_dtype(theirs)}")


def _dtype(dtype: Any) -> str:
    """Its short name, or its whole one where that doesn't tell."""
    return str(dtype) if isinstance(dtype, np.dtype) else repr(dtype)


def _find_in_polars_frames(ours: Any, theirs: Any, where: str) -> str | None:
    if found := _find(ours.columns, theirs.columns, _at(where, "columns")):
        return found
    for name in theirs.columns:
        column = _at(where, f"column {name!r}")
        if found := _find_in_polars_series(ours[name], theirs[name], column):
            return found
    return None


def _find_in_polars_series(ours: Any, theirs: Any, where: str) -> str | None:
    if ours.dtype != theirs.dtype:
        return _say(where, f"dtype {ours.dtype} is not {theirs.dtype}")
    if found := _find(ours.name, theirs.name, _at(where, "name")):
        return found
    if theirs.dtype.is_float() and not ours.null_count() and not theirs.null_count():
        return _find_in_values(ours.to_numpy(), theirs.to_numpy(), where, "row")
    return _find_in_sequences(ours.to_list(), theirs.to_list(), where)


def _at(where: str, place: str) -> str:
    return f"{where}, {place}" if where else place


def _say(where: str, what: str) -> str:
    return f"{where}: {what}" if where else what


def _differ(ours: Any, theirs: Any, where: str) -> str:
    return _say(where, f"{_tell(_plain(ours))} is not {_tell(_plain(theirs))}")


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
