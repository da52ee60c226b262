"""Functions that look TA-Lib's up as they run, and so have whatever other code put there.

technical's functions say ``ta.SMA``, or import it, at each call. Ours compute the same themselves,
as long as these attributes of ``talib`` and ``talib.abstract`` are TA-Lib's own. Imports the
standard library.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

from ..runtime import talib_reference

# Whose functions do so.
PACKAGES = ("technical", "pandas_ta")
_TALIB = ("talib", "talib.abstract")

# What was found to be TA-Lib's own: plain, and of ``talib.abstract``.
_own: dict[str, tuple[Any, Any]] = {}


def asking(ours: Any) -> Any:
    """``ours``, a function, which leaves a call to the original where TA-Lib isn't its own.

    ``ours`` itself where the original, ``ours.__wrapped__``, looks up nothing of TA-Lib.
    """
    theirs = getattr(ours, "__wrapped__", None)
    if not isinstance(ours, FunctionType) or not isinstance(theirs, FunctionType):
        return ours
    names = frozenset(name for name in looked_up(theirs) if name.isupper())
    return _asking(ours, theirs, names) if names else ours


def _asking(ours: Any, theirs: Any, names: frozenset[str]) -> Any:
    @functools.wraps(theirs)
    def asked(*arguments: Any, **keywords: Any) -> Any:
        if _are_own(names):
            return ours(*arguments, **keywords)
        return theirs(*arguments, **keywords)

    return asked


def _are_own(names: frozenset[str]) -> bool:
    modules = sys.modules
    plain, abstract = modules.get("talib"), modules.get("talib.abstract")
    if plain is None or abstract is None:
        # Nothing can have been put there before the first call.
        plain, abstract = map(importlib.import_module, _TALIB)
    functions, objects, owned = plain.__dict__, abstract.__dict__, _own
    for name in names:
        own = owned.get(name) or _find_own(plain, abstract, name)
        if own is None or functions.get(name) is not own[0] or objects.get(name) is not own[1]:
            return False
    return True


def _find_own(plain: Any, abstract: Any, name: str) -> tuple[Any, Any] | None:
    """TA-Lib's functions of this name; None where other code replaced one."""
    if name not in vars(plain)["__TA_FUNCTION_NAMES__"]:
        # Another constant: as it is there, it isn't TA-Lib's.
        return _own.setdefault(name, (vars(plain).get(name), vars(abstract).get(name)))
    if talib_reference.unfit_function(plain, abstract, name):
        return None
    return _own.setdefault(name, (vars(plain)[name], vars(abstract)[name]))


def looked_up(function: FunctionType) -> Iterator[str]:
    """The names that a function of these packages, and those of them that it calls, ask TA-Lib for.

    Some may be of other objects.
    """
    done: set[FunctionType] = set()
    waiting = [function]
    while waiting:
        one = waiting.pop()
        if one not in done:
            done.add(one)
            names, called = _of_one(one)
            yield from names
            waiting += called


@functools.cache
def _of_one(function: FunctionType) -> tuple[tuple[str, ...], tuple[FunctionType, ...]]:
    """The names that a function asks TA-Lib for itself, and the functions that it calls."""
    if function.__module__.partition(".")[0] not in PACKAGES:
        return (), ()
    names = {name for code in _codes(function.__code__) for name in code.co_names}
    # What a function imports itself is an attribute of one of these.
    imported = [vars(sys.modules[name]) for name in names if name in sys.modules]
    scope = function.__globals__
    found = [space[name] for space in (scope, *imported) for name in names if name in space]
    called = [getattr(one, "__wrapped__", one) for one in found if callable(one)]
    asks = any(
        name in _TALIB or getattr(scope.get(name), "__name__", None) in _TALIB for name in names
    )
    functions = tuple(one for one in called if isinstance(one, FunctionType))
    return tuple(names) if asks else (), functions


def _codes(code: CodeType) -> Iterator[CodeType]:
    """A function's code, and that of what is defined within it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)
