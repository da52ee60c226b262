"""Has TA-Lib's functions run the ones of ``ft_numba_aot.ta``, and ends it.

Imports the standard library; TA-Lib, numpy and pandas once there is something to install.

``talib.abstract``'s functions are objects of one class, whose ``__call__`` is what is replaced: the
objects stay what they are, whoever holds them, and so does all that they remember and say of
themselves. Plain functions, such as ``talib.SMA``, are Python functions around compiled ones: their
code is replaced, and they stay the same objects, too. Each function is registered by itself, such
as ``indicators.talib.abstract.SMA`` and ``indicators.talib.SMA``.
"""

from __future__ import annotations

import functools
import importlib
import logging
import os
import threading
from typing import Any, NamedTuple

from . import talib_notes, talib_reference
from .manager import NumbaManager

MODULE = "indicators"
# What a reason for all functions is kept as.
ALL = "talib"

_logger = logging.getLogger("ft_numba_aot")
_lock = threading.RLock()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release
    )


class _Installed(NamedTuple):
    """What was replaced, by what, and for whom."""

    manager: NumbaManager
    function: Any
    original: Any
    ours: Any
    proxies: dict[str, Any]
    plain: list[tuple[Any, Any, Any]]


class _State:
    """What is installed in this process."""

    def __init__(self) -> None:
        self.installed: _Installed | None = None
        self.reasons: dict[str, str] = {}


_state = _State()
_said: set[tuple[str, str]] = set()


def install(manager: NumbaManager) -> tuple[str, ...]:
    """Register all that applies with ``manager``, and have TA-Lib run it.

    Returns the names that are registered, such as ``talib.abstract.SMA``; ``reasons`` says why
    others aren't. Does nothing where that is done already.
    """
    # Modules are imported outside the lock, which an import of another thread may wait for.
    try:
        talib = importlib.import_module("talib")
        abstract = importlib.import_module("talib.abstract")
        functions = importlib.import_module(f"{__package__}.talib_functions")
        plain = importlib.import_module(f"{__package__}.talib_plain")
        probes = importlib.import_module(f"{__package__}.talib_probes")
    except Exception as error:
        _state.reasons = {ALL: f"TA-Lib can't be imported: {type(error).__name__}: {error}"}
        return ()
    with _lock:
        if _state.installed is None:
            _state.reasons = {}
            if reason := talib_reference.unfit(talib):
                _refuse(ALL, reason)
                return ()
            _state.installed = _install(manager, talib, abstract, functions, plain, probes)
        return tuple(_state.installed.proxies)


def _install(
    manager: NumbaManager, talib: Any, abstract: Any, functions: Any, plain: Any, probes: Any
) -> _Installed:
    theirs = functions.found()
    function, call, _ = theirs
    proxies: dict[str, Any] = {}
    forwarded: list[tuple[Any, Any, Any]] = []

    def register(full: str, pair: Any, calls: Any) -> Any:
        name = full.rpartition(".")[2]
        proxies[full] = manager.register(
            MODULE,
            full,
            original=pair.original,
            optimized=pair.optimized,
            probes=functools.partial(calls, name),
        ).proxy
        return proxies[full]

    for name in functions.FUNCTIONS:
        if reason := talib_reference.unfit_function(talib, abstract, name):
            _refuse(f"talib.abstract.{name}", reason)
            continue
        own = vars(talib)[name]
        register(f"talib.abstract.{name}", functions.pair(name, own, theirs), probes.calls)
        if reason := talib_reference.unfit_plain(talib, own):
            _refuse(f"talib.{name}", reason)
            continue
        proxy = register(f"talib.{name}", plain.pair(name, own), probes.plain_calls)
        forwarded.append((own, own.__code__, plain.FORWARD))
        # In this order, as both kinds of code can do with either.
        own.__closure__[0].cell_contents = proxy
        own.__code__ = plain.FORWARD
    ours = _dispatching(function, call, functions.Bound, proxies)
    function.__call__ = ours
    return _Installed(manager, function, call, ours, proxies, forwarded)


def _dispatching(function: Any, call: Any, bound: Any, proxies: dict[str, Any]) -> Any:
    """What stands in for the ``__call__`` of all functions."""
    prefix = "talib.abstract."
    by_name = {
        full.removeprefix(prefix): proxy
        for full, proxy in proxies.items()
        if full.startswith(prefix)
    }

    @functools.wraps(call)
    def __call__(self: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
        if type(self) is function:
            proxy = by_name.get(self._Function__namestr)
            if proxy is not None:
                return proxy(bound(self), *args, **kwargs)
        return call(self, *args, **kwargs)

    return __call__


def _refuse(name: str, reason: str) -> None:
    _state.reasons[name] = reason
    if (name, reason) not in _said:
        _said.add((name, reason))
        _logger.info("%s: TA-Lib's own code runs: %s", name, reason)


def uninstall() -> None:
    """Put TA-Lib's own call back, and unregister; does nothing where nothing is installed."""
    with _lock:
        installed, _state.installed = _state.installed, None
        _state.reasons = {}
        talib_notes.forget()
        if installed is None:
            return
        if vars(installed.function).get("__call__") is installed.ours:
            installed.function.__call__ = installed.original
        else:
            _logger.warning(
                "talib.abstract's Function.__call__ was changed by other code while ft-numba-aot "
                "was on: left as it is"
            )
        for replaced in installed.plain:
            _restore_plain(*replaced)
        for name in installed.proxies:
            installed.manager.unregister(MODULE, name)


def _restore_plain(own: Any, code: Any, ours: Any) -> None:
    if own.__code__ is ours:
        own.__code__ = code
        own.__closure__[0].cell_contents = own.__wrapped__
    else:
        _logger.warning(
            "talib.%s was changed by other code while ft-numba-aot was on: left as it is",
            own.__name__,
        )


def installed() -> bool:
    """Whether TA-Lib's functions run ours in this process."""
    return _state.installed is not None


def reasons() -> dict[str, str]:
    """Why functions are TA-Lib's own, by name, ``talib`` being all of them."""
    with _lock:
        found = dict(_state.reasons)
    for name, reason in talib_notes.noted():
        found[name] = f"{found[name]}; {reason}" if name in found else reason
    return found
