"""Everything that can be compared with its original in this process, and the comparison.

Imports the standard library until it compares.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ..runtime import talib_install
from ..runtime.manager import get_numba_manager
from ..runtime.registration import Registration

if TYPE_CHECKING:
    from ..runtime.validation import Finding

# What ``ft_numba_aot.ta``'s functions are called beside the registered ones.
TA = "ft_numba_aot"


def registrations() -> list[Registration]:
    """What is registered and has calls to compare it on; ``ft_numba_aot.ta``, if TA-Lib is here."""
    manager = get_numba_manager()
    if not talib_install.installed():
        talib_install.install(manager)
    registered = [one for one in manager.registrations() if one.probes is not None]
    return [*registered, *_of_ta(registered)]


def _of_ta(registered: Iterable[Registration]) -> Iterable[Registration]:
    """``ft_numba_aot.ta``'s functions, with TA-Lib's own as originals."""
    prefix = "talib.abstract."
    theirs = {one.name: one for one in registered if one.name.startswith(prefix)}
    if not theirs:
        return
    ta = importlib.import_module("ft_numba_aot.ta")
    for name in ta.FUNCTIONS:
        one = theirs.get(prefix + name)
        if one is not None:
            yield Registration(
                TA,
                f"ta.{name}",
                original=one.original,
                optimized=_fresh(functools.partial(ta.Function, name)),
                probes=one.probes,
            )


def _fresh(make: Callable[[], Callable[..., Any]]) -> Callable[..., Any]:
    """A function that remembers nothing of earlier calls, as the original that is compared."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return make()(*args, **kwargs)

    return call


def validate(compared: Iterable[Registration]) -> list[Finding]:
    """What isn't as its original, now; a registered function runs that from now on."""
    from ..runtime import validation

    findings = validation.validate(compared, cache=False)
    fallback = get_numba_manager().fallback
    for found in findings:
        if found.registration.module != TA:
            fallback.mismatch(found.registration, found.call, found.ours, found.theirs, found.what)
    return findings
