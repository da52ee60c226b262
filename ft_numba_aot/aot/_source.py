"""What a kernel's or helper's source may hold, looked at before numba sees it.

Imports the standard library and numpy.
"""

from __future__ import annotations

import ast
import builtins
import dis
import math
import os
import tokenize
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from .._kernels import _spec
from . import _bound
from ._declared import bare


class Refused(Exception):
    """Why this file has no extension, to be shown to whoever wrote it.

    ``unusable`` is whether that is the environment's fault, and not the file's.
    """

    def __init__(self, what: str, *, unusable: bool = False) -> None:
        super().__init__(what)
        self.unusable = unusable


def at(function: Any, line: int | None = None) -> str:
    """Where something is, in words: file, line, function."""
    code = function.__code__
    file = os.path.basename(code.co_filename)
    return f"{file}, line {line or code.co_firstlineno}: {function.__name__}"


_MEMORY = "only numbers, tuples of them and the arrays that it gets"
_STATEMENTS: dict[type[ast.AST], str] = {
    ast.Try: "try",
    ast.With: "with",
    ast.Global: "global",
    ast.Nonlocal: "nonlocal",
    ast.Delete: "del",
    ast.Import: "import",
    ast.ImportFrom: "import",
    ast.FunctionDef: "function within the function",
    ast.ClassDef: "class",
    ast.Lambda: "lambda",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
    ast.Await: "await",
    ast.Starred: "starred names",
    ast.JoinedStr: "text that is put together",
    ast.List: f"list: {_MEMORY}",
    ast.ListComp: f"list: {_MEMORY}",
    ast.GeneratorExp: f"generator: {_MEMORY}",
    ast.Set: f"set: {_MEMORY}",
    ast.SetComp: f"set: {_MEMORY}",
    ast.Dict: f"dict: {_MEMORY}",
    ast.DictComp: f"dict: {_MEMORY}",
}


def check_syntax(function: FunctionType) -> None:
    """Raise ``Refused`` for what isn't compiled, or not to the same."""
    code = function.__code__
    with tokenize.open(code.co_filename) as source:
        tree = ast.parse(source.read())
    for found in ast.walk(tree):
        if isinstance(found, ast.FunctionDef) and code.co_firstlineno == min(
            [found.lineno, *(above.lineno for above in found.decorator_list)]
        ):
            for node in (node for statement in found.body for node in ast.walk(statement)):
                if (what := _STATEMENTS.get(type(node))) is not None:
                    assert isinstance(node, ast.stmt | ast.expr)
                    raise Refused(f"{at(function, node.lineno)}: compiled code has no {what}")


def check_names(function: FunctionType) -> None:
    """Raise ``Refused`` for what it looks up and numba takes for something else, or not at all."""
    for name, value, line in _looked_up(function):
        if (what := _why_not(name, value)) is not None:
            raise Refused(f"{at(function, line)}: {what}")


_ABSENT = object()


def _looked_up(function: FunctionType) -> Iterator[tuple[str, Any, int]]:
    """Names that the function looks up outside, what they are, and in which line."""
    there = vars(builtins) | _bound.used(function)
    line = function.__code__.co_firstlineno
    for instruction in dis.get_instructions(function):
        if instruction.positions is not None:
            line = instruction.positions.lineno or line
        local = instruction.argval in function.__code__.co_cellvars
        if instruction.opname in {"LOAD_GLOBAL", "LOAD_DEREF"} and not local:
            yield instruction.argval, there.get(instruction.argval, _ABSENT), line


def _is_constant(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(map(_is_constant, value))
    return isinstance(value, int | float | np.number | np.bool_)


def _why_not(name: str, value: Any) -> str | None:
    if value is _ABSENT:
        return f"{name} isn't defined"
    if _is_constant(value) or bare(value) is not None or any(value is p for p in _PRIMITIVES):
        return None
    if isinstance(value, FunctionType):
        return f"calls {name}, which has no @helper above it"
    if isinstance(value, ModuleType):
        if value is math or value is np:
            return None
        return f"uses the module {name}: import what it uses of it, by name"
    if isinstance(value, type) or getattr(builtins, name, None) is value:
        return None
    of = getattr(value, "__name__", "")
    if of in _spec.PRIMITIVES and getattr(math, of, None) is value:
        return f"math.{of}: import {of} from ft_numba_aot.aot instead"
    if getattr(math, of, None) is value:
        return None
    return f"reads {name}, of type {type(value).__name__}: {_MEMORY}"


_PRIMITIVES = tuple(_spec.PRIMITIVES.values())
