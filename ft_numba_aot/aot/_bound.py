"""A function whose names mean something else: kernels and helpers as they call each other.

Python runs a kernel with its helpers and the other kernels bare, without the checks that callers
get; the build compiles it with their compiled forms. Both are made here, the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import CellType, CodeType, FunctionType
from typing import Any

import numpy as np


def names(code: CodeType) -> Iterator[str]:
    """What the code may look up outside of itself; attributes are among it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names(constant)


def used(function: FunctionType) -> dict[str, Any]:
    """What the function reads of its module and of the function around it, by name."""
    scope = function.__globals__
    found = {name: scope[name] for name in names(function.__code__) if name in scope}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    return found


class Binding:
    """Functions in one form: ``binding(function)`` calls what ``special`` and itself made.

    ``bare(value)`` is the function behind a value that gets bound, too; None for all others.
    ``form`` makes of a bound function what its callers call. All arguments can be given by
    position: compiled functions know no others.
    """

    def __init__(
        self,
        bare: Callable[[Any], FunctionType | None],
        special: Mapping[FunctionType, Any],
        form: Callable[[FunctionType], Any] = lambda function: function,
    ) -> None:
        self._bare, self._form = bare, form
        self._made: dict[FunctionType, Any] = dict(special)
        self.bound: dict[FunctionType, FunctionType] = {}

    def __call__(self, function: FunctionType) -> Any:
        """What stands for ``function``."""
        if function in self._made:
            return self._made[function]
        scope: dict[str, Any] = {
            "__builtins__": function.__globals__["__builtins__"],
            "__name__": function.__module__,
        }
        cells = tuple(CellType() for _ in function.__code__.co_freevars)
        code, defaults = _by_position(function)
        bound = FunctionType(code, scope, function.__name__, defaults, cells)
        bound.__module__, bound.__qualname__ = function.__module__, function.__qualname__
        self.bound[function] = bound
        made = self._made[function] = self._form(bound)
        values = {name: self._resolved(value) for name, value in used(function).items()}
        for name, cell in zip(code.co_freevars, cells, strict=True):
            if name in values:
                cell.cell_contents = values.pop(name)
        scope.update(values)
        return made

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, np.generic):  # whose arithmetic isn't Python's
            return value.item()
        if type(value) is tuple:
            return tuple(map(self._resolved, value))
        if isinstance(value, FunctionType) and value in self._made:
            return self._made[value]
        function = self._bare(value)
        return value if function is None else self(function)


def _by_position(function: FunctionType) -> tuple[CodeType, tuple[Any, ...] | None]:
    """The same code and defaults for a function whose arguments all have a position."""
    code = function.__code__
    count = code.co_argcount + code.co_kwonlyargcount
    arguments = code.co_varnames[:count]
    given = function.__defaults__ or ()
    defaults = dict(
        zip(arguments[code.co_argcount - len(given) : code.co_argcount], given, strict=True)
    )
    defaults |= function.__kwdefaults__ or {}
    first = min((arguments.index(name) for name in defaults), default=count)
    return (
        code.replace(co_argcount=count, co_kwonlyargcount=0),
        tuple(defaults.get(name) for name in arguments[first:]) or None,
    )
