"""Each of TA-Lib's functions as it is installed, beside ours: the same bits on all probes?

Imports numpy, pandas and TA-Lib once it compares.
"""

from __future__ import annotations

import importlib
import platform
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from ..runtime import talib_install, talib_reference
from ..runtime.manager import get_numba_manager
from ..ta._table import DEFINITIONS

SAME, DIFFERENT, MISSING = "same", "different", "missing"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a function's calls came to; ``stands_in`` is whether ours run where TA-Lib's is called.

    ``what`` is the first difference, ``why_not`` why ours don't stand in; or they are empty.
    """

    group: str
    state: str
    calls: int = 0
    what: str = ""
    stands_in: bool = False
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """TA-Lib as it is here, and a verdict a function; none where it is absent, for ``absent``."""

    version: str
    library: str
    machine: str
    absent: str
    verdicts: dict[str, Verdict]

    @property
    def counts(self) -> Counter[str]:
        """How many functions are of which state."""
        return Counter(one.state for one in self.verdicts.values())

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "talib": self.version or None,
            "c_library": self.library or None,
            "absent": self.absent or None,
            "compared_with": talib_reference.REFERENCE,
            "machine": self.machine,
            **{state: self.counts[state] for state in (SAME, DIFFERENT, MISSING)},
            "stand_in": sum(one.stands_in for one in self.verdicts.values()),
            "functions": {name: asdict(one) for name, one in self.verdicts.items()},
        }


def run(progress: Callable[[str], object] = lambda _: None) -> Report:
    """Compare every function of this package that the installed TA-Lib has."""
    machine = platform.machine()
    try:
        talib = importlib.import_module("talib")
        abstract = importlib.import_module("talib.abstract")
    except Exception as error:
        return Report("", "", machine, f"{type(error).__name__}: {error}", {})
    version = getattr(talib, "__version__", "unknown")
    known = version == talib_reference.REFERENCE
    whole = "" if talib_install.installed() else talib_reference.unfit(talib)
    verdicts: dict[str, Verdict] = {}
    for name, definition in DEFINITIONS.items():
        progress(f"comparing: {name}")
        original = _original(talib, name)
        if original is None:
            verdicts[name] = Verdict(definition.group, MISSING)
            continue
        calls, what = _compared(original, name, empty=known)
        why_not = whole or _why_not(talib, abstract, name)
        state = DIFFERENT if what else SAME
        stands_in = state == SAME and not why_not
        verdicts[name] = Verdict(definition.group, state, calls, what, stands_in, why_not)
    library = getattr(talib, "__ta_version__", b"").decode("ascii", "replace").partition(" ")[0]
    return Report(version, library, machine, "", verdicts)


def _original(talib: Any, name: str) -> Callable[..., Any] | None:
    """TA-Lib's plain function, also where ours stands in for it in this process."""
    registered = get_numba_manager().find(f"{talib_install.MODULE}.talib.{name}")
    return getattr(talib, name, None) if registered is None else registered.original


def _why_not(talib: Any, abstract: Any, name: str) -> str:
    if not talib_install.installed():
        return talib_reference.unfit_function(talib, abstract, name)
    return talib_install.reasons().get(f"talib.abstract.{name}", "")


def _compared(original: Callable[..., Any], name: str, *, empty: bool) -> tuple[int, str]:
    """How many calls were made of both, and the first difference.

    Without ``empty``, none with arrays of no length, by which older TA-Libs corrupt memory.
    """
    from .. import talib_func
    from ..runtime import talib_probes, validation

    ours = talib_func.FUNCTIONS[name]
    count = 0
    for call in talib_probes.plain_calls(name):
        if not empty and any(len(array) == 0 for array in call[0]):
            continue
        count += 1
        if what := validation.compare(original, ours, call).what:
            return count, what
    return count, ""


def by_group(verdicts: Iterable[Verdict]) -> dict[str, Counter[str]]:
    """Counts of states by group."""
    found: dict[str, Counter[str]] = {}
    for one in verdicts:
        found.setdefault(one.group, Counter())[one.state] += 1
    return found
