"""Which objects of freqtrade and its libraries are those that replacements were tried against.

Imports the standard library. An object is known by its source text: ``known_sources.py`` lists
the fingerprints of each with the versions that have them. ``python -m
ft_numba_aot.freqtrade_integration.fingerprints --write`` adds those of the installed versions.
"""

from __future__ import annotations

import functools
import os
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from .known_sources import FILES, KNOWN
from .sources import NotFound, Source, file_fingerprint, source

PACKAGES = ("freqtrade", "ccxt", "sqlalchemy", "technical", "pandas_ta", "pandas")

# In place of a fingerprint: some versions have no such object, and that was tried too.
ABSENT = "absent"

# Whose decorators freqtrade uses, beside its own.
_DECORATORS = (*PACKAGES, "joblib")
_STANDARD_LIBRARY = os.path.dirname(functools.__file__)


class Support(NamedTuple):
    """Whether something can be relied on; if not, ``reason`` says why."""

    supported: bool
    reason: str = ""


SUPPORTED = Support(True)


def check(name: str, raw: Any) -> Support:
    """Whether ``raw``, found under ``name`` in this process, is one that is known.

    Its source must be in the table, and it must be what that source makes: nothing that some
    other code has put there.
    """
    name, raw = behind(name, raw)
    if _is_of_known_file(raw):
        return SUPPORTED
    try:
        found = source(name)
    except NotFound as error:
        if raw is None and ABSENT in KNOWN.get(name, {}):
            return SUPPORTED
        return Support(False, f"no source of {error}")
    except (OSError, SyntaxError) as error:
        return Support(False, f"no source of {error}")
    if found.fingerprint not in KNOWN.get(found.name, {}):
        return Support(False, f"unknown fingerprint of {found.name} ({found.fingerprint})")
    if not _is_made_by(raw, found):
        return Support(False, f"{found.name} was replaced by other code")
    return SUPPORTED


def check_absence(name: str) -> Support:
    """Whether an object that isn't in this process isn't in the source either, and needn't be."""
    try:
        found = source(name)
    except (NotFound, OSError, SyntaxError):
        return check(name, None)
    return Support(False, f"{found.name} was removed by other code")


def behind(name: str, raw: Any) -> tuple[str, Any]:
    """What an object stands for where SQLAlchemy generated it: the constructor it wraps."""
    constructor = getattr(raw, "_sa_original_init", None)
    if constructor is None:
        return name, raw
    return f"{constructor.__module__}:{constructor.__qualname__}", constructor


def check_method(owner: type, name: str) -> Support:
    """``check`` of the method that a class has, wherever it inherits it from."""
    for base in owner.__mro__:
        if name in vars(base):
            return check(f"{base.__module__}:{base.__qualname__}.{name}", vars(base)[name])
    return Support(False, f"{owner.__qualname__} has no {name}")


def _is_of_known_file(raw: Any) -> bool:
    """Whether the whole file is known that ``raw`` comes from: nothing needs parsing then."""
    if raw is None:
        return False
    functions = _functions_of_class(raw) if isinstance(raw, type) else list(_functions(raw))
    modules = {raw.__module__} if isinstance(raw, type) else {f.__module__ for f in functions}
    if len(modules) != 1:
        return False
    (module,) = modules
    file = getattr(sys.modules.get(module), "__file__", None)
    if file is None or module not in FILES:
        return False
    codes = [_innermost(function) for function in functions]
    if any(code is None or not _is_same_file(code.co_filename, file) for code in codes):
        return False
    if isinstance(raw, type):
        names = {raw.__qualname__}
    else:
        names = {code.co_qualname for code in codes if code is not None}
    if not all(f"{module}:{name}" in KNOWN for name in names):
        return False
    return file_fingerprint(Path(file)) in FILES[module]


def _is_made_by(raw: Any, found: Source) -> bool:
    if isinstance(raw, type):
        codes = [_innermost(function) for function in _functions_of_class(raw)]
        return all(
            code is not None and _is_same_file(code.co_filename, found.path) for code in codes
        )
    codes = [_innermost(function) for function in _functions(raw)]
    return all(
        code is not None
        and _is_same_file(code.co_filename, found.path)
        and code.co_firstlineno in found.lines
        for code in codes
    )


def _functions_of_class(owner: type) -> list[Any]:
    """A class's own functions, but for those that namedtuple, dataclass and such put there."""
    return [
        function
        for value in vars(owner).values()
        for function in _functions(value)
        if (code := _innermost(function)) is None
        or not (code.co_filename[:1] == "<" or _is_standard_library(code.co_filename))
    ]


def _is_same_file(one: str | Path, other: str | Path) -> bool:
    return os.path.abspath(one) == os.path.abspath(other)


def _functions(raw: Any) -> Iterator[Any]:
    """The functions in a class's or module's attribute; none of what isn't callable."""
    if isinstance(raw, (staticmethod, classmethod)):
        yield from _functions(raw.__func__)
    elif isinstance(raw, property):
        yield from (accessor for accessor in (raw.fget, raw.fset, raw.fdel) if accessor)
    elif isinstance(raw, functools.cached_property):
        yield raw.func
    elif callable(raw) and hasattr(raw, "__qualname__") and not isinstance(raw, type):
        yield raw


def _innermost(function: Any) -> types.CodeType | None:
    """The code under the decorators that freqtrade uses; None under anybody else's."""
    while True:
        code = getattr(function, "__code__", None)
        if code is None and not isinstance(function, functools._lru_cache_wrapper):
            return None
        wrapped = getattr(function, "__wrapped__", None)
        if wrapped is None:
            return code
        if code is not None and not _is_theirs(code.co_filename):
            return None
        function = wrapped


@functools.cache
def _is_theirs(path: str) -> bool:
    return _is_standard_library(path) or any(
        path.startswith(os.path.dirname(module.__file__) + os.sep)
        for package in _DECORATORS
        if (module := sys.modules.get(package)) is not None and module.__file__
    )


def _is_standard_library(path: str) -> bool:
    inside = path.startswith(_STANDARD_LIBRARY + os.sep)
    return inside and "-packages" not in path.removeprefix(_STANDARD_LIBRARY)


if __name__ == "__main__":
    from .write_fingerprints import main

    sys.exit(main())
