"""Modules with the names of another one's: ours where it is the same, the other's own elsewhere.

Imports the standard library; the rest when a name is asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any


def face(original: str, name: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` of the module ``name``, which stands for ``original``.

    ``ImportError`` where the original isn't installed, as of the original itself.
    """

    def get(attribute: str) -> Any:
        module = importlib.import_module(original)
        try:
            theirs = getattr(module, attribute)
        except AttributeError:
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}") from None
        if attribute.startswith("_") or not callable(theirs):
            return theirs
        from .freqtrade_integration.indicators import direct

        return direct.instead_of(theirs)

    def names() -> list[str]:
        return dir(importlib.import_module(original))

    return get, names
