"""What of the functions that a strategy calls runs as this package's, or would, and why not.

Imports the standard library; TA-Lib's stand-ins and the modules of the table where they matter.
"""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType
from typing import Any

from . import switch, table

YES, PARTLY, NO, NONE = "yes", "partly", "no", ""

_PACKAGE = str(Path(__file__).parent.parent)
_TALIB = ("talib", "talib.abstract")


@dataclass(frozen=True, slots=True)
class Replaced:
    """Whether a function is replaced, or would be: ``yes``, ``partly`` where what it calls is,
    ``no`` with the reason, or nothing, where there is no replacement. ``imported`` if it was
    imported from this package."""

    state: str = NONE
    reason: str = ""
    imported: bool = False


@dataclass(slots=True)
class Replacements:
    """What there is in this process, by original; empty reasons where it runs.

    ``accelerated`` is whether the strategy ran with it.
    """

    accelerated: bool
    reasons: dict[str, str] = field(default_factory=dict)
    # What runs instead, as it stands in this package.
    _ours: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        status = switch.status() if self.accelerated else None
        for name in [*table.MODULES, *table.LATE]:
            # What isn't imported can't have been called, and is still waited for.
            if table.LATE.get(name, "freqtrade") not in sys.modules:
                continue
            try:
                replacements = importlib.import_module(f"{__package__}.{name}").REPLACEMENTS
            except (ImportError, AttributeError, KeyError) as error:
                if status is not None and status.enabled:
                    raise
                self.reasons.setdefault(name, f"{type(error).__name__}: {error}")
                continue
            for one in replacements:
                self._ours.append(one.ours)
                if status is None:
                    self.reasons[one.original] = switch.support(one).reason
                    continue
                part = next((part for part in status.parts if part.name == one.part), None)
                reason = status.reason if part is None else part.reason
                self.reasons[one.original] = reason or ("" if part else "its part isn't enabled")
        if "talib" in sys.modules:
            self._add_talib()

    def _add_talib(self) -> None:
        from ..runtime import talib_install, talib_reference
        from ..ta import FUNCTIONS

        if self.accelerated:
            reasons = talib_install.reasons()
            whole = reasons.get(talib_install.ALL, "" if switch.enabled() else "not enabled")
        else:
            reasons, whole = {}, talib_reference.unfit(sys.modules["talib"])
        for module in _TALIB:
            for name in FUNCTIONS:
                self.reasons[f"{module}:{name}"] = whole or reasons.get(f"{module}.{name}", "")

    def of(self, spelled: str, callee: Any) -> Replaced:
        """Of what is called; ``spelled`` is its name as ``profile_source`` has it."""
        if _is_ours(callee, spelled) or self._is_imported(callee):
            return Replaced(YES, imported=True)
        if spelled in self.reasons:
            reason = self.reasons[spelled]
            return Replaced(NO if reason else YES, reason)
        return Replaced(PARTLY) if self._calls_replaced(callee, 3) else Replaced()

    def _is_imported(self, callee: Any) -> bool:
        """Whether it is one of ours, whose code may be its original's, where none is put in."""
        return not switch.enabled() and any(callee is one for one in self._ours)

    def _calls_replaced(self, callee: Any, deep: int) -> bool:
        """Whether a function of a package calls one that is replaced."""
        code = getattr(callee, "__code__", None)
        if not isinstance(callee, FunctionType) or code is None or not deep:
            return False
        if callee.__module__.partition(".")[0] not in ("technical", "pandas_ta"):
            return False
        # What a function imports itself is an attribute of one of these.
        imported = [sys.modules[name] for name in code.co_names if name in sys.modules]
        for name in code.co_names:
            called: Any = callee.__globals__.get(name)
            for module in imported:
                called = called or getattr(module, name, None)
            if getattr(called, "__name__", "") in _TALIB and any(
                self.reasons.get(f"{called.__name__}:{one}", "none") == "" for one in code.co_names
            ):
                return True
            if not isinstance(called, FunctionType) or called is callee:
                continue
            if self.reasons.get(f"{called.__module__}:{called.__qualname__}", "none") == "":
                return True
            if self._calls_replaced(called, deep - 1):
                return True
        return False


def _is_ours(callee: Any, spelled: str) -> bool:
    """Whether it was imported from this package, rather than put into another one."""
    if spelled.partition(".")[0] == "ft_numba_aot" or type(callee).__module__.startswith(
        "ft_numba_aot.ta"
    ):
        return True
    code = getattr(callee, "__code__", None)
    return code is not None and code.co_filename.startswith(_PACKAGE) and not switch.enabled()
