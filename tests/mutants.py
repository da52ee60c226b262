"""Kernels with one thing changed: a fused multiply-add made plain, or a constant nudged.

A mutant is the whole package of kernels, imported anew with one module's syntax tree changed.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from ft_numba_aot import _kernels

FOLDER = Path(_kernels.__file__).parent
NAME = "_mutated_kernels"

# Fused or not, these are the same bits: products with a power of two are exact (short of
# overflow), and 3 * vfactor + 1 loses nothing that matters for factors of 0 to 1.
EXACT = ("fma(0.5, ", "fma(2.0, ", "fma(4.0, ", "fma(3.0, vfactor, 1.0)")

# A constant's share that is added to it; to 0.0, this is.
NUDGE = 2.0**-30


class Mutation(ast.NodeTransformer):
    """Changes the place number ``site`` of a module; ``seen`` counts them, ``code`` is the line."""

    def __init__(self, site: int = -1) -> None:
        self.site, self.seen, self.line = site, 0, 0

    def changes(self, node: ast.expr) -> bool:
        """Whether it is the place; counts it."""
        self.seen += 1
        if self.seen - 1 != self.site:
            return False
        self.line = node.lineno
        return True


class PlainProduct(Mutation):
    """Turns a fused multiply-add into a plain one."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if not (isinstance(node.func, ast.Name) and node.func.id == "fma"):
            return node
        if ast.unparse(node).startswith(EXACT) or not self.changes(node):
            return node
        a, b, c = node.args
        return ast.BinOp(ast.BinOp(a, ast.Mult(), b), ast.Add(), c)


class NudgedConstant(Mutation):
    """Adds a little to a float, one to an integer; what decorators say is left out."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        value = node.value
        if type(value) not in (int, float) or not self.changes(node):
            return node
        if isinstance(value, float):
            return ast.Constant(value + (value or 1.0) * NUDGE)
        return ast.Constant(value + 1)


def sites(kind: type[Mutation], module: str) -> int:
    """How many places of a module there are."""
    mutation = kind()
    mutation.visit(tree(module))
    return mutation.seen


def tree(module: str) -> ast.Module:
    """A module's syntax tree."""
    return ast.parse((FOLDER / f"{module}.py").read_text("utf-8"))


def modules() -> Iterator[str]:
    """The names of the kernels' modules."""
    return (path.stem for path in sorted(FOLDER.glob("*.py")))


def mutant(kind: type[Mutation], module: str, site: int) -> tuple[ModuleType, int]:
    """The package with one place of a module changed, and the line of that."""
    for loaded in [m for m in sys.modules if m.partition(".")[0] == NAME]:
        del sys.modules[loaded]
    mutation = kind(site)
    mutated = mutation.visit(tree(module))
    code = compile(ast.fix_missing_locations(mutated), f"{module} (mutated)", "exec")

    class Loader(importlib.machinery.SourceFileLoader):
        def get_code(self, fullname: str) -> Any:
            return code if fullname == f"{NAME}.{module}" else super().get_code(fullname)

    class Finder(importlib.machinery.PathFinder):
        @classmethod
        def find_spec(cls, fullname: str, path: Any = None, target: Any = None) -> Any:
            if not fullname.startswith(f"{NAME}."):
                return None
            file = FOLDER / f"{fullname.rpartition('.')[2]}.py"
            loader = Loader(fullname, str(file))
            return importlib.util.spec_from_file_location(fullname, file, loader=loader)

    finder = Finder()
    sys.meta_path.insert(0, finder)
    try:
        spec = importlib.util.spec_from_file_location(
            NAME, FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)]
        )
        assert spec is not None
        assert spec.loader is not None
        package = sys.modules[NAME] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(package)
        package.load()
    finally:
        sys.meta_path.remove(finder)
    return package, mutation.line


def kernels() -> dict[str, Any]:
    """The last mutant's kernels, by name."""
    found: dict[str, Any] = sys.modules[f"{NAME}._spec"].KERNELS
    return found
