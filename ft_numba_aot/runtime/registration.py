"""A registered function: an original, what stands in for it, and how it has fared in this process.

Imports the standard library.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

Call = tuple[tuple[Any, ...], dict[str, Any]]
Probes = Callable[[], Iterable[Call]]
Equal = Callable[[Any, Any], bool]

# Guards everything that the runtime keeps. Nothing foreign is called and nothing imported under
# it, so that a fork may wait for it.
lock = threading.RLock()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release
    )


class NotCollecting:
    """Stands where a collector will, as long as nobody asked for one."""

    __slots__ = ()
    enabled = False


class Registration:
    """One function. ``pure``: it neither changes nor uses up its arguments, nor anything else.

    ``probes`` gives calls to compare it with its original on, ``equal`` decides where bit for
    bit isn't the question. The rest is the runtime's: ``open`` is the breaker, ``off`` says that
    the original runs because of what is set, ``watched`` that a call has to ask more than whether
    the collector is on.
    """

    __slots__ = (
        "calls",
        "collector",
        "deferred",
        "equal",
        "module",
        "name",
        "off",
        "open",
        "optimized",
        "original",
        "probes",
        "proxy",
        "pure",
        "watched",
    )

    def __init__(
        self,
        module: str,
        name: str,
        *,
        original: Callable[..., Any],
        optimized: Callable[..., Any],
        pure: bool = True,
        probes: Probes | None = None,
        equal: Equal | None = None,
    ) -> None:
        self.module = module
        self.name = name
        self.original = original
        self.optimized = optimized
        self.pure = pure
        self.probes = probes
        self.equal = equal
        self.proxy: Any = None
        self.calls = count()
        self.deferred = count()
        self.collector: Any = NotCollecting()
        self.open = False
        self.off = False
        self.watched = False

    @property
    def key(self) -> str:
        """What it is called, such as ``metrics.market_change``."""
        return f"{self.module}.{self.name}"

    def __repr__(self) -> str:
        return f"<Registration {self.key}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return registered, (self.module, self.name)


def registered(module: str, name: str) -> Registration:
    """This process' registration of that name; what another process' is pickled as."""
    from .manager import get_numba_manager

    return get_numba_manager().registration(module, name)


def reached(counter: count[int]) -> int:
    """How often ``next`` was called on a counter, without calling it."""
    return int(repr(counter)[len("count(") : -1])
