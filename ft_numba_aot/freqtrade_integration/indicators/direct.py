"""What stands for a function of another package where it is imported from this one.

Imports the standard library, and the modules of the table that are asked for.
"""

from __future__ import annotations

import importlib
import inspect
from functools import cache
from typing import Any

from .. import switch, table
from ..replacement import Replacement


def instead_of(theirs: Any) -> Any:
    """Ours, where the installed original is one that it was tried against; else the original.

    Of a class, one derived from it that has ours for methods.
    """
    if isinstance(theirs, type):
        return _derived(theirs)
    module, name = getattr(theirs, "__module__", None), getattr(theirs, "__qualname__", None)
    replacement = _replacements(str(module)).get(f"{module}:{name}")
    if replacement is None or not switch.support(replacement).supported:
        return theirs
    return replacement.ours


@cache
def _derived(theirs: type) -> type:
    methods: dict[str, Any] = {}
    for base in theirs.__mro__:
        owner = f"{base.__module__}:{base.__qualname__}."
        for original, replacement in _replacements(base.__module__).items():
            name = original.removeprefix(owner)
            if name == original or not switch.support(replacement).supported:
                continue
            # Not what a class between them has of its own, nor what stands in for it already.
            if getattr(theirs, name) is inspect.unwrap(replacement.ours):
                methods[name] = replacement.ours
    # Where it is imported from, as pickle asks.
    package = ".".join(("ft_numba_aot", *theirs.__module__.split(".")[:2]))
    return (
        type(theirs.__name__, (theirs,), {"__module__": package, **methods}) if methods else theirs
    )


@cache
def _replacements(module: str) -> dict[str, Replacement]:
    """What there is for a module's functions, by original."""
    names = [
        name
        for name, awaited in table.LATE.items()
        if name.startswith("indicators.") and awaited.partition(".")[0] == module.partition(".")[0]
    ]
    # First what is awaited: it has its callback import ours, which must not have begun.
    for name in names:
        importlib.import_module(table.LATE[name])
    parts = [importlib.import_module(f"..{name}", __package__).REPLACEMENTS for name in names]
    return {one.original: one for part in parts for one in part}
