"""What a kernel is: a plain function, declared once, that numba compiles and Python runs.

Importing this imports the standard library and nothing else. The build (``build_aot.py``)
reads the three tables at the end; the thin layer reads ``KERNELS`` for the pure fallback.

A kernel takes contiguous arrays and scalars, in the order inputs, parameters, outputs, work
space. Its annotations are its signature. It allocates nothing, raises nothing and never
indexes from the end; it accepts empty arrays, and trusts its caller for everything else
(equal lengths, parameters in range).
"""

from __future__ import annotations

from collections.abc import Callable, MutableSequence, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeAlias, TypeVar, get_type_hints

F64In: TypeAlias = Annotated[Sequence[float], "float64[::1], read only"]
I64In: TypeAlias = Annotated[Sequence[int], "int64[::1], read only"]
BoolIn: TypeAlias = Annotated[Sequence[bool], "bool[::1], read only"]
F64Out: TypeAlias = Annotated[MutableSequence[float], "float64[::1]"]
I64Out: TypeAlias = Annotated[MutableSequence[int], "int64[::1]"]
I32Out: TypeAlias = Annotated[MutableSequence[int], "int32[::1]"]

# Annotation -> code used by the build and by tests: array codes are numpy dtype letters,
# upper case where the kernel writes.
CODES: dict[Any, str] = {
    F64In: "d",
    I64In: "q",
    BoolIn: "?",
    F64Out: "D",
    I64Out: "Q",
    I32Out: "I",
    int: "int",
    float: "float",
    bool: "bool",
}

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Kernel:
    """One declared kernel. ``work`` gives the length of its float64 work space, if it has one."""

    name: str
    family: str
    function: Callable[..., Any] = field(repr=False)
    arguments: dict[str, str]
    returns: str | None
    work: Callable[..., int] | None = field(default=None, repr=False)


KERNELS: dict[str, Kernel] = {}
HELPERS: list[Callable[..., Any]] = []
PRIMITIVES: dict[str, Callable[..., Any]] = {}


def kernel(*, name: str | None = None, work: Callable[..., int] | None = None) -> Callable[[F], F]:
    """Declare an exported kernel, under the function's name unless another is given.

    ``work(length, *parameters)`` is how many float64 the last argument, its work space, needs;
    it is compiled too: integer arithmetic and helpers.
    """

    def declare(function: F) -> F:
        exported = name or function.__name__
        if exported in KERNELS:
            raise ValueError(f"kernel {exported!r} is declared twice")
        hints = get_type_hints(function, include_extras=True)
        returns = hints.pop("return")
        KERNELS[exported] = Kernel(
            name=exported,
            family=function.__module__.rpartition(".")[2],
            function=function,
            arguments={argument: CODES[hint] for argument, hint in hints.items()},
            returns=None if returns is type(None) else CODES[returns],
            work=work,
        )
        return function

    return declare


def helper(function: F) -> F:
    """Declare a function that kernels share: compiled into them, not exported."""
    HELPERS.append(function)
    return function


def primitive(function: F) -> F:
    """Declare an operation that Python and machine code spell differently.

    The function itself is the pure implementation; ``build_aot.py`` has the native one.
    """
    PRIMITIVES[function.__name__] = function
    return function
