"""Kernels that go on where they stopped, made from the kernels' own source.

A stream adds one candle to a series and wants the last value of each output. Its kernel is the
batch kernel, rewritten so that it can be called again for one more candle:

- Every array that has a value a candle is a ring: index ``i`` becomes ``i & mask``, with a power of
  two of values, at least lookback + 1 of them. Indexes stay those of the whole series, so nothing
  has to be shifted. The first run is over the whole history, with a mask of -1.
- A loop over the candles to the end of the series begins at the first new candle, from the second
  run on. What it carries from candle to candle is kept in slots, which are part of the memory.
- What stands between such loops (seeds, constants) runs once. What is read later is kept in slots.
  Conditions are evaluated again; calls of functions with such loops are treated like loops.

Loops in another form can't be resumed: the function then has a form that can, in
``_resume_forms``. This imports the standard library only; what it makes is compiled by the build,
and is what runs where there is no native extension.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

# Families of kernels that a stream has; other kernels of them are left out by name.
FAMILIES = (
    "overlap",
    "channels",
    "stops",
    "momentum",
    "efficiency",
    "stochastic",
    "williams",
    "directional",
    "oscillators",
    "volatility",
    "volume",
    "cycle",
    "pattern_one",
    "pattern_two",
    "pattern_three",
    "pattern_more",
    "statistic",
    "operators",
    "transform",
    "price",
)
OTHERS = {"heikin_ashi"}

# Modules that are taken as they are: no loops over candles, no arrays.
AS_THEY_ARE = {"_spec", "_numeric"}
ARRAYS = {"F64In", "F64Out", "I32Out"}
# Arrays with a state and not with a value a candle.
STATES = {"work", "spare", "ordered"}
# Have loops to the end of the series, and are only needed in the first run.
ONCE = {"first_valid", "first_valid2", "first_valid3", "first_valid4"}
# Heads aren't read.
NOTHING = {"fill_head", "zero_head"}

MASK, COUNT, RESUMED, SLOTS, BASE = "ring_mask", "ring_count", "resumed_at", "slots", "slots_base"
STRIDE = "ring_length"

# The head of a memory: candles so far; the mask, -1 for the first run and 0 for none so far; where
# the rings begin. Then parameters, slots, rings of inputs, outputs and work, and state.
AT_COUNT, AT_MASK, AT_RINGS, AT_PARAMETERS = range(4)


class NotResumable(Exception):
    """A function has a loop that ``_resume`` can't resume, and no form in ``_resume_forms``."""


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _annotation(node: ast.expr | None) -> str:
    return "" if node is None else ast.unparse(node)


def _called(node: ast.AST) -> str:
    """The name of the function that is called, if that is a plain name."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id
    return ""


def _parse(text: str) -> list[ast.stmt]:
    return ast.parse(text).body


class Function:
    """A function of the kernels, and what it becomes."""

    def __init__(self, node: ast.FunctionDef, module: Module) -> None:
        self.node = node
        self.module = module
        self.arrays: set[str] = set()
        self.candles: set[str] = set()
        self.settings: set[str] = set()
        self.parameters: dict[str, str] = {}
        for argument in node.args.args:
            annotation = _annotation(argument.annotation)
            self.parameters[argument.arg] = annotation
            if annotation in ARRAYS:
                self.arrays.add(argument.arg)
            elif annotation == "Candles":
                self.candles.add(argument.arg)
        self.in_rings = bool(self.arrays - STATES)
        self._find_aliases()
        self.named = self.arrays | self.candles | self.settings
        self.body = [one for one in node.body if not self._is_nothing(one)]
        self.slots = 0
        self.each = 0  # slots of each round of its last loop, if that has resumable calls
        self.resumable = node.name not in ONCE and any(self.is_point(one) for one in self.body)

    def _find_aliases(self) -> None:
        """Local names of arrays (parts of a work space, a candle's columns) and of settings."""
        for one in ast.walk(self.node):
            if isinstance(one, ast.Assign):
                target = one.targets[0]
                if _called(one.value) == "Candles" and isinstance(target, ast.Name):
                    self.candles.add(target.id)
                elif isinstance(target, ast.Name) and self._is_setting(one.value):
                    self.settings.add(target.id)
                elif self.is_array(one.value) and isinstance(target, ast.Name):
                    self.arrays.add(target.id)
                elif isinstance(one.value, ast.Tuple) and isinstance(target, ast.Tuple):
                    for name, value in zip(target.elts, one.value.elts, strict=True):
                        if self.is_array(value) and isinstance(name, ast.Name):
                            self.arrays.add(name.id)

    def _is_setting(self, node: ast.AST) -> bool:
        if not isinstance(node, ast.Name):
            return False
        return isinstance(self.module.constants.get(node.id), tuple)

    def _is_nothing(self, one: ast.stmt) -> bool:
        if isinstance(one, ast.For):
            return all(self._is_nothing(inner) for inner in one.body)
        if not isinstance(one, ast.Expr):
            return False
        return isinstance(one.value, ast.Constant) or _called(one.value) in NOTHING

    def is_array(self, node: ast.AST) -> bool:
        """Whether it is an array, a part of one, or a column of the candles."""
        match node:
            case ast.Name(id=name):
                return name in self.arrays
            case ast.Attribute(value=ast.Name(id=name)):
                return name in self.candles
            case ast.Subscript(value=value, slice=ast.Slice()):
                return self.is_array(value)
        return False

    def is_ring(self, node: ast.AST) -> bool:
        """Whether it is an array with a value a candle."""
        return self.is_array(node) and not (isinstance(node, ast.Name) and node.id in STATES)

    def callee(self, node: ast.AST) -> Function | None:
        name = _called(node)
        return self.module.function(name) if name and name not in self.parameters else None

    def resumes(self, node: ast.AST) -> bool:
        """Whether it calls a function that is resumable."""
        callee = self.callee(node)
        return callee is not None and callee is not self and callee.resumable

    def to_the_end(self, loop: ast.For) -> bool:
        """Whether a loop is over the candles, to the end of the series."""
        if _called(loop.iter) != "range":
            return False
        assert isinstance(loop.iter, ast.Call)
        arguments = loop.iter.args
        stop = arguments[0] if len(arguments) == 1 else arguments[1]
        is_end = self.is_length(stop) or (isinstance(stop, ast.Name) and stop.id == "n")
        if len(arguments) == 3:
            if any(self.is_end_name(argument) for argument in arguments):
                raise NotResumable(f"{self.module.name}.{self.node.name}, line {loop.lineno}")
            return False
        return is_end

    def is_length(self, node: ast.AST) -> bool:
        return _called(node) == "len" and self.is_ring(node.args[0])  # type: ignore[attr-defined]

    def is_end_name(self, node: ast.AST) -> bool:
        return self.is_length(node) or "n" in _names(node)

    def is_point(self, one: ast.stmt) -> bool:
        """Whether a statement has to be reached again for each candle."""
        match one:
            case ast.For():
                return self.to_the_end(one) or any(self.is_point(inner) for inner in one.body)
            case ast.While():
                if self.node.name not in ONCE and "n" in _names(one.test):
                    raise NotResumable(f"{self.module.name}.{self.node.name}, line {one.lineno}")
            case ast.If():
                return any(self.is_point(inner) for inner in [*one.body, *one.orelse])
            case ast.Expr() | ast.Assign():
                return self.resumes(one.value)
        return False

    def rewritten(self) -> ast.FunctionDef:
        """The definition of the function that can be resumed."""
        node = self.node
        node.body = self.body or [ast.Pass()]
        if self.resumable:
            node.body = _Resumer(self).rewritten(node.body)
        _Rings(self).visit(node)
        extra = [MASK, COUNT] * self.in_rings
        extra += [RESUMED, SLOTS, BASE] * self.resumable
        for name in extra:
            kind = "F64Out" if name == SLOTS else "int"
            node.args.args.append(ast.arg(name, ast.Name(kind, ast.Load())))
        if any(isinstance(one, ast.Name) and one.id == STRIDE for one in ast.walk(node)):
            node.body[:0] = _parse(f"{STRIDE} = {COUNT} if {MASK} < 0 else {MASK} + 1")
        return node


class _Rings(ast.NodeTransformer):
    """Has indexes masked, and calls pass on what the functions take in addition."""

    def __init__(self, function: Function) -> None:
        self.function = function
        names = sorted(function.candles)
        self.prefix = f"{names[0]}." if names and not function.in_rings else ""

    def _name(self, name: str) -> ast.expr:
        return ast.parse(self.prefix + name, mode="eval").body

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        ring = self.function.is_ring(node.value)
        if isinstance(node.slice, ast.Slice):
            for bound in ("lower", "upper"):
                limit = getattr(node.slice, bound)
                if isinstance(limit, ast.Name) and limit.id == "n":
                    setattr(node.slice, bound, ast.Name(STRIDE, ast.Load()))
            return node
        self.generic_visit(node)
        if ring:
            node.slice = ast.BinOp(node.slice, ast.BitAnd(), self._name(MASK))
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if self.function.is_length(node):
            return self._name(COUNT)
        callee = self.function.callee(node)
        self.generic_visit(node)
        if _called(node) == "Candles" or (callee is not None and callee.in_rings):
            node.args += [self._name(MASK), self._name(COUNT)]
        if callee is not None and callee.resumable:
            at = node.args.pop(node.slots_at) if hasattr(node, "slots_at") else None
            assert at is not None, ast.unparse(node)
            node.args += [ast.Name(RESUMED, ast.Load()), ast.Name(SLOTS, ast.Load()), at]
        return node


class _Liveness:
    """Which local numbers are read, before they are written, from a statement on."""

    def __init__(self, scalars: set[str]) -> None:
        self.scalars = scalars
        self.before: dict[ast.stmt, set[str]] = {}

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
                    counted = _names(one.target) if isinstance(one, ast.For) else set()
                    head = live | (self.used(one.test) if isinstance(one, ast.While) else set())
                    while True:
                        inner = self.block(one.body, head, live, head) - counted
                        if inner <= head:
                            break
                        head |= inner
                    live = head | (self.used(one.iter) if isinstance(one, ast.For) else set())
                case ast.Break():
                    live = set(at_break or ())
                case ast.Continue():
                    live = set(at_continue or ())
                case _:
                    live |= self.used(one)
            self.before[one] = set(live)
        return live


class _Types:
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
        return [_annotation(one) for one in returns.slice.elts]

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
        name = _called(node)
        if name in {"len", "int", "to_int"}:
            return "int"
        if name == "float":
            return "float"
        if name in {"min", "max", "abs"}:
            return self._join(*(self.of(argument) for argument in node.args))
        callee = self.function.callee(node)
        if callee is not None:
            return _annotation(callee.node.returns)
        return "float"  # a primitive


class _Resumer:
    """Rewrites a function's body so that it can be run again for what is new."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.hoisted = 0
        self.slots = 0
        self.base = BASE
        self.guarded = True

    def function_scalars(self, body: list[ast.stmt]) -> set[str]:
        stored = {
            one.id
            for statement in body
            for one in ast.walk(statement)
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
        }
        return stored - self.function.named - {"n"}

    def rewritten(self, body: list[ast.stmt]) -> list[ast.stmt]:
        body = self._hoist(body)
        self.scalars = self.function_scalars(body)
        self.types = _Types(self.function, body)
        self.live = _Liveness(self.scalars)
        self.live.block(body, set())
        made = self._block(body, set())
        self.function.slots = self.slots
        return made

    def _hoist(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """The beginning of each loop over candles as a name, which is computed once."""
        found: list[ast.stmt] = []
        for one in body:
            if isinstance(one, ast.If) and self.function.is_point(one):
                one.body = self._hoist(one.body)
                one.orelse = self._hoist(one.orelse)
            elif isinstance(one, ast.For) and self.function.is_point(one):
                assert isinstance(one.iter, ast.Call)
                if not self.function.to_the_end(one):
                    one.body = self._hoist(one.body)
                else:
                    if len(one.iter.args) == 1:
                        one.iter.args.insert(0, ast.Constant(0))
                    start = one.iter.args[0]
                    if not isinstance(start, ast.Constant | ast.Name):
                        self.hoisted += 1
                        name = f"start{self.hoisted}"
                        found.append(ast.Assign([ast.Name(name, ast.Store())], start, lineno=0))
                        one.iter.args[0] = ast.Name(name, ast.Load())
            found.append(one)
        return found

    def _always(self, one: ast.stmt) -> bool:
        """Whether a statement names a part of the memory, or the length."""
        if not isinstance(one, ast.Assign):
            return False
        match one.targets[0]:
            case ast.Name(id=name):
                return name == "n" or name in self.function.named
            case ast.Tuple(elts=elements):
                names = {element.id for element in elements if isinstance(element, ast.Name)}
                return names <= self.function.arrays
        return False

    def _block(self, body: list[ast.stmt], after: set[str]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        once: list[ast.stmt] = []
        for one in body:
            if self._always(one):
                made.append(one)
            elif isinstance(one, ast.For) and self.function.to_the_end(one):
                made += self._loop(one, once)
                once = []
            elif isinstance(one, ast.Return) or self.function.is_point(one):
                made += self._guard(once, self.live.before[one])
                once = []
                made += self._point(one, after)
            else:
                once.append(one)
        return made + self._guard(once, after)

    def _places(self, names: Iterable[str]) -> dict[str, str]:
        """A slot for each of these numbers."""
        places = {}
        for name in sorted(names):
            places[name] = f"{SLOTS}[{self.base} + {self.slots}]"
            self.slots += 1
        return places

    def _saved(self, places: dict[str, str]) -> list[ast.stmt]:
        return _parse("\n".join(f"{place} = {name}" for name, place in places.items()))

    def _loaded(self, places: dict[str, str]) -> list[ast.stmt]:
        lines = []
        for name, place in places.items():
            kind = self.types.known.get(name)
            if kind is None:
                raise NotResumable(f"{self.function.node.name}: what is {name}?")
            read = {"float": place, "int": f"int({place})", "bool": f"{place} != 0.0"}[kind]
            lines.append(f"{name} = {read}")
        return _parse("\n".join(lines))

    def _guard(self, once: list[ast.stmt], live: set[str]) -> list[ast.stmt]:
        """Statements that run once; what is read later is kept."""
        if not once or not self.guarded:
            return once
        places = self._places(live)
        first = ast.parse(f"{RESUMED} == 0", mode="eval").body
        return [ast.If(first, [*once, *self._saved(places)], self._loaded(places))]

    def _point(self, one: ast.stmt, after: set[str]) -> list[ast.stmt]:
        match one:
            case ast.If():
                one.body = self._block(one.body, after) or [ast.Pass()]
                one.orelse = self._block(one.orelse, after)
                return [one]
            case ast.For():
                return self._rounds(one)
            case ast.Expr() | ast.Assign():
                self._allocate(one.value)
        return [one]

    def _allocate(self, call: ast.AST) -> None:
        """Slots for what a call keeps."""
        callee = self.function.callee(call)
        assert callee is not None
        assert isinstance(call, ast.Call)
        callee.module.rewrite(callee)
        assert not callee.each, "rounds within rounds"
        call.slots_at = len(call.args)  # type: ignore[attr-defined]
        call.args.append(ast.parse(f"{self.base} + {self.slots}", mode="eval").body)
        self.slots += callee.slots

    def _loop(self, loop: ast.For, once: list[ast.stmt]) -> list[ast.stmt]:
        """A loop over candles: from the first new one on, with what the last one left."""
        assert isinstance(loop.iter, ast.Call)
        start = ast.unparse(loop.iter.args[0])
        live = self.live.before[loop]
        carried = live & self.function_scalars(loop.body)
        loop.iter.args[0] = ast.parse(f"max({start}, {RESUMED})", mode="eval").body
        if not self.guarded or not (carried or once):
            return [*once, loop]
        places = self._places(live if once else carried)
        constant = {name: place for name, place in places.items() if name not in carried}
        left = {name: place for name, place in places.items() if name in carried}
        first = ast.parse(f"{RESUMED} == 0", mode="eval").body
        again = ast.parse(f"{RESUMED} > 0", mode="eval").body
        before = (
            ast.If(first, [*once, *self._saved(constant)], self._loaded(places))
            if once
            else ast.If(again, self._loaded(places), [])
        )
        return [before, loop, *self._saved(left)]

    def _rounds(self, loop: ast.For) -> list[ast.stmt]:
        """A loop whose rounds each go on where they stopped; the last one of the function."""
        assert isinstance(loop.target, ast.Name)
        before, self.slots, self.base, self.guarded = self.slots, 0, "round_base", False
        body = self._block(loop.body, set())
        self.function.each = self.slots
        place = f"round_base = {BASE} + {before} + {loop.target.id} * {self.slots}"
        loop.body = [*_parse(place), *body]
        self.slots, self.base, self.guarded = before, BASE, True
        return [loop]


class Module:
    """A module of the kernels, and the module that can be resumed."""

    def __init__(self, name: str, package: Package) -> None:
        self.name = name
        self.package = package
        path = package.folder / f"{name}.py"
        self.tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        self.made = ModuleType(f"{package.name}.{name}")
        self.made.__package__ = package.name
        self.made.__file__ = str(path)
        self.imported: dict[str, tuple[str, str]] = {}
        self.functions: dict[str, Function] = {}
        self.defined: dict[str, ast.FunctionDef] = {}
        self.done: dict[int, ast.FunctionDef] = {}

    @property
    def constants(self) -> dict[str, Any]:
        """Global names of the ordinary module."""
        return vars(self.package.ordinary(self.name))

    def prepare(self) -> None:
        """Put forms in their places, and see what is defined and imported."""
        forms = self.package.forms.get(self.name, {})
        for at, one in enumerate(self.tree.body):
            if isinstance(one, ast.FunctionDef) and one.name in forms:
                self.tree.body[at] = _with_form(one, forms[one.name])
        present = set(self.constants)
        needed = {name for node in forms.values() for name in _names(node)} - present
        for node in self.package.form_imports:
            names = [alias for alias in node.names if (alias.asname or alias.name) in needed]
            if names:
                at = next(
                    i for i, one in enumerate(self.tree.body) if isinstance(one, ast.ImportFrom)
                )
                self.tree.body.insert(at + 1, ast.ImportFrom(node.module, names, node.level))
        for found in ast.walk(self.tree):
            if isinstance(found, ast.ImportFrom) and found.level == 1 and found.module:
                for alias in found.names:
                    self.imported[alias.asname or alias.name] = (found.module, alias.name)
            elif isinstance(found, ast.FunctionDef):
                self.defined[found.name] = found

    def function(self, name: str) -> Function | None:
        """The helper or kernel of that name, seen from here."""
        if name in self.imported:
            module, original = self.imported[name]
            return self.package.module(module).function(original)
        if self.name in AS_THEY_ARE or name not in self.defined:
            return None
        if name not in self.functions:
            node = self.defined[name]
            if not node.decorator_list:
                return None
            self.functions[name] = Function(node, self)
        return self.functions[name]

    def rewrite(self, function: Function) -> ast.FunctionDef:
        if id(function) not in self.done:
            self.done[id(function)] = function.rewritten()
        return self.done[id(function)]

    def make(self) -> None:
        """Execute the module that can be resumed."""
        if self.name not in AS_THEY_ARE:
            self.made.__dict__.update(self.package.annotations())
            _Definitions(self).visit(self.tree)
            ast.fix_missing_locations(self.tree)
        sys.modules[self.made.__name__] = self.made
        exec(compile(self.tree, f"<resumable {self.name}>", "exec"), self.made.__dict__)

    @property
    def text(self) -> str:
        """Its source."""
        return ast.unparse(self.tree)


def _with_form(node: ast.FunctionDef, form: ast.FunctionDef) -> ast.FunctionDef:
    """The form, declared as what it stands for."""
    decorator = form.decorator_list[0]
    assert isinstance(decorator, ast.Call)
    form.decorator_list = node.decorator_list
    if decorator.keywords:
        declared = node.decorator_list[0]
        assert isinstance(declared, ast.Call)
        others = [one for one in declared.keywords if one.arg != "work"]
        declared.keywords = [*others, *decorator.keywords]
    return form


class _Definitions(ast.NodeTransformer):
    def __init__(self, module: Module) -> None:
        self.module = module

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        if node.name in NOTHING | OTHERS:
            return None
        function = self.module.function(node.name)
        if function is None:
            self.generic_visit(node)
            return node
        return self.module.rewrite(function)

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        if node.name == "Candles":
            node.body += _parse(f"{MASK}: int\n{COUNT}: int")
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> Any:
        node.names = [alias for alias in node.names if alias.name not in NOTHING]
        return node if node.names else None


class Package:
    """The kernels that can be resumed, as a package of the name ``name``."""

    def __init__(self, kernels: ModuleType, name: str) -> None:
        assert kernels.__file__ is not None
        self.folder = Path(kernels.__file__).parent
        self.package = kernels
        self.name = name
        self.modules: dict[str, Module] = {}
        tree = ast.parse((self.folder / "_resume_forms.py").read_text(encoding="utf-8"))
        self.form_imports = [
            one for one in tree.body if (isinstance(one, ast.ImportFrom) and one.level == 1)
        ]
        self.forms: dict[str, dict[str, ast.FunctionDef]] = {}
        for one in tree.body:
            if isinstance(one, ast.FunctionDef) and one.decorator_list:
                decorator = one.decorator_list[0]
                assert isinstance(decorator, ast.Call)
                of = ast.literal_eval(decorator.args[0])
                self.forms.setdefault(of, {})[one.name] = one
        made = ModuleType(name)
        made.__path__ = []
        sys.modules[name] = made
        for family in FAMILIES:
            self.module(family)
        for module in self.modules.values():
            module.make()
        added = {MASK, COUNT, RESUMED, SLOTS, BASE}
        self.kernels: dict[str, Any] = {
            name: replace(
                kernel,
                arguments={one: code for one, code in kernel.arguments.items() if one not in added},
            )
            for name, kernel in self.modules["_spec"].made.__dict__["KERNELS"].items()
        }

    def ordinary(self, name: str) -> ModuleType:
        return sys.modules[f"{self.package.__name__}.{name}"]

    def annotations(self) -> dict[str, Any]:
        spec = self.modules["_spec"].made
        return {name: getattr(spec, name) for name in ARRAYS if hasattr(spec, name)}

    def slots(self, name: str) -> tuple[int, int]:
        """How many slots a kernel has, and how many more for each round of its last loop."""
        kernel = self.kernels[name]
        function = self.modules[kernel.family].functions[kernel.function.__name__]
        return function.slots, function.each

    def entry(self, name: str) -> str:
        """The source of ``name(memory, *candle)``, which calls ``kernel``."""
        return _entry(name, self)

    def module(self, name: str) -> Module:
        if name not in self.modules:
            module = Module(name, self)
            module.prepare()
            for imported, _ in list(module.imported.values()):
                if imported not in self.modules:
                    self.module(imported)
            self.modules[name] = module
        return self.modules[name]


def _entry(name: str, package: Package) -> str:
    """The source of ``name(memory, *candle)``: the outputs after one more candle.

    In the first run the candle isn't read: the whole history is in the rings already. Raises what
    TA-Lib's does where the candle isn't finite, or where there is no history.
    """
    kernel = package.kernels[name]
    inputs: list[str] = []
    outputs: list[tuple[str, bool]] = []
    parameters: list[str] = []
    arguments: list[str] = []
    work = False
    for argument, code in kernel.arguments.items():
        if argument == "work":
            work = True
            arguments.append(argument)
        elif code == "d":
            arguments.append(f"in_{argument}")
            inputs.append(argument)
        elif code in {"D", "I"}:
            arguments.append(f"out_{argument}")
            outputs.append((f"out_{argument}", code == "I"))
        else:
            read = f"memory[{AT_PARAMETERS + len(parameters)}]"
            arguments.append(f"int({read})" if code == "int" else read)
            parameters.append(argument)
    rings = [f"in_{one}" for one in inputs] + [one for one, _ in outputs]
    finite = " and ".join(f"abs({one}) < INF" for one in inputs)
    at_slots = AT_PARAMETERS + len(parameters)
    lines = [
        f"def {name}(memory, {', '.join(inputs)}):",
        f"    count = int(memory[{AT_COUNT}])",
        f"    mask = int(memory[{AT_MASK}])",
        f"    at = int(memory[{AT_RINGS}])",
        "    resumed = 0",
        "    length = count",
        "    if mask >= 0:",
        f"        if mask == 0 or not ({finite}):",
        f"            raise Exception('TA_{name.upper()}_Update function failed with error code 2: "
        "Bad Parameter (TA_BAD_PARAM)')",
        "        length = mask + 1",
        "        resumed = count",
        "        count += 1",
        *(
            f"        memory[at + {f'{k} * length + ' if k else ''}(resumed & mask)] = {one}"
            for k, one in enumerate(inputs)
        ),
        f"    slots = memory[{at_slots}:at]",
        *(
            f"    {one} = memory[at + {k} * length : at + {k + 1} * length]"
            for k, one in enumerate(rings)
        ),
    ]
    if work:
        lines.append(f"    work = memory[at + {len(rings)} * length :]")
    results = [
        f"int({one}[(count - 1) & mask])" if whole else f"{one}[(count - 1) & mask]"
        for one, whole in outputs
    ]
    lines += [
        f"    kernel({', '.join(arguments)}, mask, count, resumed, slots, 0)",
        f"    memory[{AT_COUNT}] = count",
        f"    return {', '.join(results)}",
    ]
    return "\n".join(lines) + "\n"
