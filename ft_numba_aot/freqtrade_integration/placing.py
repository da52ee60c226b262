"""Puts objects into classes and modules in place of others, and takes them out again.

Imports the standard library.
"""

from __future__ import annotations

import importlib
import inspect
import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, NamedTuple

_logger = logging.getLogger("ft_numba_aot")
_missing = object()

# Of nine letters each. Whose modules may have taken over what is replaced.
_PACKAGES = ("freqtrade", "technical", "pandas_ta")


class Record(NamedTuple):
    """An attribute to replace, as it is, and what goes there."""

    owner: Any
    name: str
    original: Any
    had_own: bool
    ours: Any


def resolve(spelled: str) -> tuple[Any, str]:
    """The module or class that an object is looked up in, and its name there."""
    module, _, qualified = spelled.partition(":")
    *path, name = qualified.split(".")
    owner: Any = sys.modules.get(module) or importlib.import_module(module)
    for step in path:
        owner = getattr(owner, step)
    return owner, name


def get_static(owner: Any, name: str) -> Any:
    """``inspect.getattr_static`` of a module or class, which takes long to find its own."""
    own = vars(owner)
    return own[name] if name in own else inspect.getattr_static(owner, name)


def check(records: Sequence[Record]) -> None:
    """``RuntimeError`` where something is replaced twice."""
    places = set()
    for record in records:
        key = (id(record.owner), record.name)
        if key in places:
            raise RuntimeError(f"{record.owner.__name__}.{record.name} is replaced twice")
        places.add(key)


def put(records: Sequence[Record]) -> Iterator[Record]:
    """Replace each, wherever it is held; yields what is going to be replaced next."""
    by_name = {}
    for record in records:
        yield record
        _set(record.owner, record.name, record.ours)
        # Numbers, strings and the like are shared by whoever has an equal one.
        if isinstance(record.owner, ModuleType) and callable(record.original):
            by_name[id(record.original)] = record
    for owner, name, original in _holders(by_name):
        record = Record(owner, name, original, True, by_name[id(original)].ours)
        yield record
        _set(owner, name, record.ours)


def take_out(records: Sequence[Record]) -> None:
    """Put every original back, wherever there is ours."""
    for record in reversed(records):
        _restore(record)
    leftovers = {
        id(record.ours): record.original
        for record in records
        if isinstance(record.owner, ModuleType)
    }
    for owner, name, ours in _holders(leftovers):
        _set(owner, name, leftovers[id(ours)])


def _holders(wanted: Mapping[int, Any]) -> Iterator[tuple[Any, str, Any]]:
    """Where modules of the packages, or pandas for qtpylib, hold one of the wanted objects."""
    if not wanted:
        return
    pandas = sys.modules.get("pandas.core.base")
    if pandas is not None:
        for name, value in list(vars(pandas.PandasObject).items()):
            if id(value) in wanted:
                yield pandas.PandasObject, name, value
    modules = [entry for entry in list(sys.modules.items()) if entry[0][:9] in _PACKAGES]
    for module_name, module in modules:
        if module_name.partition(".")[0] not in _PACKAGES or not isinstance(module, ModuleType):
            continue
        # Most have none.
        if wanted.keys().isdisjoint(map(id, list(vars(module).values()))):
            continue
        for name, value in list(vars(module).items()):
            if id(value) in wanted:
                yield module, name, value


def _set(owner: Any, name: str, value: Any) -> None:
    # A mapped class of SQLAlchemy would do more than set it.
    (type.__setattr__ if isinstance(owner, type) else setattr)(owner, name, value)


def _restore(record: Record) -> None:
    owner, name = record.owner, record.name
    if vars(owner).get(name, _missing) is not record.ours:
        _logger.warning(
            "%s.%s was changed by other code while ft-numba-aot was on: left as it is",
            owner.__name__,
            name,
        )
    elif record.had_own:
        _set(owner, name, record.original)
    else:
        (type.__delattr__ if isinstance(owner, type) else delattr)(owner, name)
