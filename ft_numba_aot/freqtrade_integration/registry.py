"""Registers replacements of functions with the runtime's manager.

Imports the standard library. Where something is to be asked at each call, what goes into freqtrade
is the registration's proxy: for functions that have probes, which may therefore run their original
instead, and for all of them while calls are collected.
"""

from __future__ import annotations

from types import FunctionType
from typing import Any

from ..runtime.manager import NumbaManager
from . import metrics_probes, price_probes
from .replacement import Replacement

PROBES = {**metrics_probes.PROBES, **price_probes.PROBES}


def function_name(spelled: str) -> str:
    """What a function of freqtrade's is registered as: ``market_change``, ``Wallets.update``."""
    return spelled.partition(":")[2].removeprefix("calculate_")


def place(manager: NumbaManager, module: str, replacement: Replacement, original: Any) -> Any:
    """Register what is behind an attribute, if it is a function; returns what goes there."""
    ours = replacement.ours
    theirs, function = _function(original), _function(ours)
    if theirs is None or function is None:
        return ours
    probes = PROBES.get(replacement.original)
    registration = manager.register(
        module,
        function_name(replacement.original),
        original=theirs,
        optimized=function,
        pure=probes is not None,
        probes=probes,
    )
    if probes is None and manager.collecting() is None:
        return ours
    if isinstance(ours, (staticmethod, classmethod)):
        return type(ours)(registration.proxy)
    if isinstance(ours, property):
        return property(registration.proxy, ours.fset, ours.fdel, ours.__doc__)
    return registration.proxy


def _function(raw: Any) -> Any:
    """The Python function in a class's or module's attribute."""
    if isinstance(raw, (staticmethod, classmethod)):
        raw = raw.__func__
    elif isinstance(raw, property):
        raw = raw.fget
    return raw if isinstance(raw, FunctionType) else None
