"""Calls back once a module has been imported; at once if it already is.

Imports the standard library. As long as something is awaited, a finder stands first in
``sys.meta_path``; it finds nothing itself.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
import threading
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

Callback = Callable[..., object]

_lock = threading.RLock()
_awaited: dict[str, list[tuple[Callback, tuple[Any, ...]]]] = {}
_executed: set[str] = set()


def call(module: str, callback: Callback, *arguments: Any) -> None:
    """Call ``callback(*arguments)`` after the import of ``module``.

    If it is already imported, the next ``flush`` does.
    """
    with _lock:
        _awaited.setdefault(module, []).append((callback, arguments))
        if _finder not in sys.meta_path:
            sys.meta_path.insert(0, _finder)


def cancel(callback: Callback) -> None:
    """Await nothing any more for ``callback``."""
    with _lock:
        for module, waiting in list(_awaited.items()):
            _awaited[module] = [entry for entry in waiting if entry[0] is not callback]
        _tidy()


def flush() -> None:
    """Call back for every awaited module that is already imported."""
    for module in list(_awaited):
        loaded = sys.modules.get(module)
        unfinished = getattr(getattr(loaded, "__spec__", None), "_initializing", False)
        if loaded is not None and (not unfinished or module in _executed):
            _call_back(module)


def _call_back(module: str) -> None:
    with _lock:
        waiting = _awaited.pop(module, [])
        _tidy()
    for callback, arguments in waiting:
        callback(*arguments)


def _tidy() -> None:
    for module in [module for module, waiting in _awaited.items() if not waiting]:
        del _awaited[module]
    if not _awaited and _finder in sys.meta_path:
        sys.meta_path.remove(_finder)


class _Finder(importlib.abc.MetaPathFinder):
    """Lets the other finders find an awaited module, and has its loader call back."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in _awaited:
            return None
        for finder in sys.meta_path:
            if finder is self:
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader)
                return spec
        return None


class _Loader(importlib.abc.Loader):
    """Loads as ``loader`` does, leaves that one in the module, and calls back."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        _executed.add(module.__name__)
        _call_back(module.__name__)


_finder = _Finder()
