"""``PerformanceProxy``: what stands in for an original, and picks who runs at each call.

Imports the standard library.

Most calls count themselves, see that nothing else is asked of them, and run the optimized
function. What more there may be to a call is in ``_watched``.
"""

from __future__ import annotations

import functools
from time import perf_counter
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from .forwarding import forwarding
from .registration import Registration

if TYPE_CHECKING:
    from .manager import NumbaManager

# With validation "sample", one call in that many runs the original as well.
SAMPLED = 256

# With the collector on, one call in that many is timed beside the original.
TIMED = 64

_CYTHON = frozenset(("cython_function_or_method", "fused_cython_function"))


class PerformanceProxy:
    """Stands in for the original of a registration.

    For a function, ``PerformanceProxy(registration, manager)`` is a function, with the original's
    name, documentation, signature and attributes, which binds as a method and is pickled by
    reference. For any other callable it is an object that has the attributes of the original.
    """

    __slots__ = ("_call", "_original")

    def __new__(cls, registration: Registration, manager: NumbaManager) -> Any:
        original = registration.original
        call = forwarding(
            registration,
            functools.partial(_watched, manager),
            functools.partial(_instead, manager) if registration.pure else None,
        )
        if isinstance(original, (FunctionType, BuiltinFunctionType)):
            return call
        if type(original).__name__ in _CYTHON:
            return call
        self = super().__new__(cls)
        object.__setattr__(self, "_call", call)
        object.__setattr__(self, "_original", original)
        return self

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        return self._call(*args, **kwargs)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None or not hasattr(type(self._original), "__get__"):
            return self
        return MethodType(self, instance)

    @property
    def __wrapped__(self) -> Any:
        return self._original

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return type(self._original)

    @property
    def __doc__(self) -> Any:  # type: ignore[override]
        return self._original.__doc__

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._original, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._original, name)

    def __dir__(self) -> list[str]:
        return dir(self._original)

    def __repr__(self) -> str:
        return repr(self._original)

    def __str__(self) -> str:
        return str(self._original)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self._original.__reduce_ex__(protocol)


def _instead(
    manager: NumbaManager,
    registration: Registration,
    error: Exception,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """What the original does where the optimized function raised ``error``.

    Where that is the same, it is the caller's error and nobody's failure.
    """
    try:
        result = registration.original(*args, **kwargs)
    except Exception as theirs:
        if type(theirs) is not type(error):
            manager.fallback.failure(registration, error)
        raise
    manager.fallback.failure(registration, error)
    return result


def _watched(
    manager: NumbaManager,
    registration: Registration,
    number: int,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """A call of which more is asked than to run the optimized function."""
    settings = manager.settings
    if registration.off:
        return registration.original(*args, **kwargs)
    if registration.open:
        if manager.fallback.take_trial(registration):
            return _trial(manager, registration, args, kwargs)
        next(registration.deferred)
        return registration.original(*args, **kwargs)
    compared = registration.pure and settings.validation == "sample" and number % SAMPLED == 0
    collector = registration.collector
    timed = collector.enabled
    beside = compared or (timed and registration.pure and number % TIMED == 0)

    start = perf_counter()
    try:
        ours = registration.optimized(*args, **kwargs)
    except Exception as error:
        if not registration.pure or not settings.fallback_on_numba_error:
            raise
        failure = error
    else:
        if timed:
            collector.record(registration.key, perf_counter() - start)
        if not beside:
            return ours
        return _beside(manager, registration, ours, args, kwargs, compared=compared, timed=timed)
    try:
        return _instead(manager, registration, failure, args, kwargs)
    finally:
        del failure


def _beside(
    manager: NumbaManager,
    registration: Registration,
    ours: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    *,
    compared: bool,
    timed: bool,
) -> Any:
    """Run the original as well, for its time, its result or both."""
    start = perf_counter()
    try:
        theirs = registration.original(*args, **kwargs)
    except Exception as error:
        if not compared:
            return ours
        manager.fallback.mismatch(registration, (args, kwargs), ours, error, _raised(error))
        raise
    if timed:
        registration.collector.record_original(registration.key, perf_counter() - start)
    if not compared:
        return ours
    what = _difference(registration, ours, theirs)
    if not what:
        return ours
    manager.fallback.mismatch(registration, (args, kwargs), ours, theirs, what)
    return theirs


def _trial(
    manager: NumbaManager,
    registration: Registration,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Try a function with an open breaker again, beside its original where that can be done."""
    failure = None
    ours: Any = None
    try:
        ours = registration.optimized(*args, **kwargs)
    except Exception as error:
        if not registration.pure:
            manager.fallback.failed(registration, error)
            raise
        failure = error
    if not registration.pure:
        manager.fallback.passed(registration)
        return ours
    next(registration.deferred)
    try:
        theirs = registration.original(*args, **kwargs)
    except Exception as error:
        if failure is None:
            manager.fallback.mismatch(registration, (args, kwargs), ours, error, _raised(error))
        elif type(failure) is not type(error):
            manager.fallback.failed(registration, failure)
        raise
    else:
        if failure is not None:
            manager.fallback.failed(registration, failure)
        elif what := _difference(registration, ours, theirs):
            manager.fallback.mismatch(registration, (args, kwargs), ours, theirs, what)
        else:
            manager.fallback.passed(registration)
        return theirs
    finally:
        del failure


def _difference(registration: Registration, ours: Any, theirs: Any) -> str:
    """How two results differ; empty where they don't. What can't be compared does."""
    try:
        if registration.equal is not None and registration.equal(ours, theirs):
            return ""
        from .identity import difference

        found = difference(ours, theirs)
        return found or ("not equal as it has to be" if registration.equal is not None else "")
    except Exception as error:
        return f"the results can't be compared ({type(error).__name__}: {error})"


def _raised(error: Exception) -> str:
    return f"the original raised {type(error).__name__}: {error}"
