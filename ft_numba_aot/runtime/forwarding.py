"""Functions that take what another one takes and forward it: a shape of parameters, compiled once.

Imports the standard library. ``*args, **kwargs`` would do the same, but costs several times as
much at each call, most of all with keywords, and isn't the original's signature.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any, NamedTuple

from .registration import Registration

Slow = Callable[..., Any]


class Shape(NamedTuple):
    """The names of a function's parameters, by kind."""

    positional_only: tuple[str, ...] = ()
    positional: tuple[str, ...] = ()
    more: str | None = None
    keyword_only: tuple[str, ...] = ()
    more_keywords: str | None = None


ANY = Shape(more="args", more_keywords="kwargs")


def shape(function: Any) -> Shape:
    """The shape of a Python function; of anything else, one that takes everything."""
    if type(function) is not FunctionType:
        return ANY
    code = function.__code__
    names = iter(code.co_varnames)
    only = code.co_posonlyargcount

    def following(count: int) -> tuple[str, ...]:
        return tuple(next(names) for _ in range(count))

    positional_only, positional = following(only), following(code.co_argcount - only)
    keyword_only = following(code.co_kwonlyargcount)
    more = next(names) if code.co_flags & inspect.CO_VARARGS else None
    more_keywords = next(names) if code.co_flags & inspect.CO_VARKEYWORDS else None
    return Shape(positional_only, positional, more, keyword_only, more_keywords)


def forwarding(registration: Registration, watched: Slow, instead: Slow | None) -> FunctionType:
    """A function that counts a call and runs the optimized function.

    Where the registration is watched or collected from, it runs ``watched`` with the registration,
    the call's number, its arguments and keywords instead. Where the optimized function raises,
    ``instead`` gets the registration, the exception, the arguments and the keywords; the
    exception propagates if there is no ``instead``.
    """
    original = registration.original
    make = _factory(shape(original), instead is not None)
    forward: FunctionType = make(registration, registration.optimized, watched, instead)
    if type(original) is FunctionType:
        forward.__defaults__ = original.__defaults__
        forward.__kwdefaults__ = original.__kwdefaults__
    functools.update_wrapper(forward, original)
    return forward


_GUARDED = """\
        try:
            return _ft_optimized({arguments})
        except _ft_exception as _ft_error:
            _ft_failure = _ft_error
        # Outside of the handler, so that the original's exceptions have no context of ours.
        try:
            return _ft_instead(_ft_registration, _ft_failure, {args}, {kwargs})
        finally:
            del _ft_failure  # its traceback refers to this frame
"""

_UNGUARDED = """\
        return _ft_optimized({arguments})
"""

_SOURCE = """\
def _ft_make(_ft_registration, _ft_optimized, _ft_watched, _ft_instead):
    _ft_next, _ft_exception = next, Exception
    def forward({parameters}):
        _ft_number = _ft_next(_ft_registration.calls)
        if _ft_registration.watched or _ft_registration.collector.enabled:
            return _ft_watched(_ft_registration, _ft_number, {args}, {kwargs})
"""


@functools.cache
def _factory(taken: Shape, guarded: bool) -> Callable[..., Any]:
    positional = [*taken.positional_only, *taken.positional]
    parameters = list(positional)
    if taken.positional_only:
        parameters.insert(len(taken.positional_only), "/")
    if taken.more or taken.keyword_only:
        parameters.append(f"*{taken.more or ''}")
    parameters += taken.keyword_only
    given = positional + ([f"*{taken.more}"] if taken.more else [])
    keywords = [f"{name}={name}" for name in taken.keyword_only]
    items = [f"{name!r}: {name}" for name in taken.keyword_only]
    if taken.more_keywords:
        parameters.append(f"**{taken.more_keywords}")
        keywords.append(f"**{taken.more_keywords}")
        items.append(f"**{taken.more_keywords}")
    source = _SOURCE + (_GUARDED if guarded else _UNGUARDED) + "    return forward\n"
    code = source.format(
        parameters=", ".join(parameters),
        arguments=", ".join(given + keywords),
        args=f"({''.join(f'{name}, ' for name in given)})",
        kwargs="{" + ", ".join(items) + "}",
    )
    namespace: dict[str, Any] = {"__name__": __name__}
    exec(compile(code, "<forwarding>", "exec"), namespace)
    make: Callable[..., Any] = namespace["_ft_make"]
    return make
