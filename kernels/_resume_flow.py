"""What a function's local numbers are, and where they are read: for ``_resume_function``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._resume_function import Function


def names_in(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def annotation_of(node: ast.expr | None) -> str:
    return "" if node is None else ast.unparse(node)


def called(node: ast.AST) -> str:
    """The name of the function that is called, if that is a plain name."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id
    return ""


def parsed(text: str) -> list[ast.stmt]:
    return ast.parse(text).body


class Liveness:
    """Which local numbers are read, before they are written, from a statement on."""

    def __init__(self, scalars: set[str]) -> None:
        self.scalars = scalars
        self.before: dict[ast.stmt, set[str]] = {}
        self.around: dict[ast.stmt, set[str]] = {}  # before a loop's first round, or any other

    def used(self, *nodes: ast.AST | None) -> set[str]:
        loads: set[str] = set()
        for node in nodes:
            if node is not None:
                loads |= {
                    one.id
                    for one in ast.walk(node)
                    if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)
                }
        return loads & self.scalars

    def block(
        self,
        statements: list[ast.stmt],
        after: set[str],
        at_break: set[str] | None = None,
        at_continue: set[str] | None = None,
    ) -> set[str]:
        live = set(after)
        for one in reversed(statements):
            match one:
                case ast.Assign():
                    for target in one.targets:
                        live -= {
                            name.id
                            for name in ast.walk(target)
                            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
                        }
                    live |= self.used(one.value, *one.targets)
                case ast.AugAssign(target=ast.Name(id=name)):
                    live |= ({name} & self.scalars) | self.used(one.value)
                case ast.AugAssign():
                    live |= self.used(one.target, one.value)
                case ast.Return():
                    live = self.used(one.value)
                case ast.If():
                    live = (
                        self.used(one.test)
                        | self.block(one.body, live, at_break, at_continue)
                        | self.block(one.orelse, live, at_break, at_continue)
                    )
                case ast.For() | ast.While():
                    counted = names_in(one.target) if isinstance(one, ast.For) else set()
                    head = live | (self.used(one.test) if isinstance(one, ast.While) else set())
                    while True:
                        inner = self.block(one.body, head, live, head) - counted
                        if inner <= head:
                            break
                        head |= inner
                    self.around[one] = head
                    live = head | (self.used(one.iter) if isinstance(one, ast.For) else set())
                case ast.Break():
                    live = set(at_break or ())
                case ast.Continue():
                    live = set(at_continue or ())
                case _:
                    live |= self.used(one)
            self.before[one] = set(live)
        return live


class Types:
    """Whether each local number is a float, an int or a bool."""

    ORDER = ("bool", "int", "float")

    def __init__(self, function: Function, body: list[ast.stmt]) -> None:
        self.function = function
        self.known = {
            name: kind for name, kind in function.parameters.items() if kind in self.ORDER
        }
        while True:
            before = dict(self.known)
            for statement in body:
                for one in ast.walk(statement):
                    self._learn(one)
            if self.known == before:
                break

    def _join(self, *kinds: str | None) -> str | None:
        found = [kind for kind in kinds if kind in self.ORDER]
        return max(found, key=self.ORDER.index) if found else None

    def _set(self, name: str, kind: str | None) -> None:
        joined = self._join(self.known.get(name), kind)
        if joined:
            self.known[name] = joined

    def _learn(self, node: ast.AST) -> None:
        match node:
            case ast.Assign():
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        self._set(target.id, self.of(node.value))
                    elif isinstance(target, ast.Tuple):
                        kinds = self._each(node.value, len(target.elts))
                        for name, kind in zip(target.elts, kinds, strict=True):
                            if isinstance(name, ast.Name):
                                self._set(name.id, kind)
            case ast.AugAssign(target=ast.Name(id=name)):
                kind = "float" if isinstance(node.op, ast.Div) else self.of(node.value)
                self._set(name, self._join(self.known.get(name), kind))
            case ast.For(target=ast.Name(id=name)):
                self._set(name, "int")

    def _each(self, node: ast.expr, count: int) -> list[str | None]:
        if isinstance(node, ast.Tuple):
            return [self.of(one) for one in node.elts]
        callee = self.function.callee(node)
        if callee is None or callee.node.returns is None:
            return [None] * count
        returns = callee.node.returns
        assert isinstance(returns, ast.Subscript), ast.unparse(node)
        assert isinstance(returns.slice, ast.Tuple)
        return [annotation_of(one) for one in returns.slice.elts]

    def of(self, node: ast.expr) -> str | None:
        match node:
            case ast.Constant(value=value):
                return type(value).__name__
            case ast.Name(id=name):
                if name in self.known:
                    return self.known[name]
                value = self.function.module.constants.get(name)
                return type(value).__name__ if type(value) in (bool, int, float) else None
            case ast.BinOp():
                if isinstance(node.op, ast.Div):
                    return "float"
                kind = self._join(self.of(node.left), self.of(node.right))
                logical = isinstance(node.op, ast.BitAnd | ast.BitOr | ast.BitXor)
                return "int" if kind == "bool" and not logical else kind
            case ast.UnaryOp():
                if isinstance(node.op, ast.Not):
                    return "bool"
                kind = self.of(node.operand)
                return "int" if kind == "bool" else kind
            case ast.Compare():
                return "bool"
            case ast.BoolOp():
                return self._join(*(self.of(one) for one in node.values))
            case ast.IfExp():
                return self._join(self.of(node.body), self.of(node.orelse))
            case ast.Subscript(value=ast.Name(id=name)):
                return "int" if self.function.parameters.get(name) == "I32Out" else "float"
            case ast.Subscript():
                return "float"
            case ast.Attribute(attr=name):  # of a candle setting
                return "int" if name in {"kind", "period"} else "float"
            case ast.Call():
                return self._of_call(node)
        return None

    def _of_call(self, node: ast.Call) -> str | None:
        name = called(node)
        if name in {"len", "int", "to_int"}:
            return "int"
        if name == "float":
            return "float"
        if name in {"min", "max", "abs"}:
            return self._join(*(self.of(argument) for argument in node.args))
        callee = self.function.callee(node)
        if callee is not None:
            return annotation_of(callee.node.returns)
        return "float"  # a primitive
