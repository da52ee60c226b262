"""A function of the kernels, rewritten so that it can be resumed: ``_resume`` says how."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ._resume_flow import Liveness, Types, annotation_of, called, names_in, parsed

if TYPE_CHECKING:
    from ._resume import Module

ARRAYS = {"F64In", "F64Out", "I32Out"}
# Arrays with a state and not with a value a candle.
STATES = {"work", "spare", "ordered"}
# Have loops to the end of the series, and are only needed in the first run.
ONCE = {"first_valid", "first_valid2", "first_valid3", "first_valid4"}
# Heads aren't read.
NOTHING = {"fill_head", "zero_head"}

MASK, COUNT, RESUMED, SLOTS = "ring_mask", "ring_count", "resumed_at", "slots"
STRIDE = "ring_length"


class NotResumable(Exception):
    """A function has a loop that ``_resume`` can't resume, and no form in ``_resume_forms``."""


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
            annotation = annotation_of(argument.annotation)
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
                if called(one.value) == "Candles" and isinstance(target, ast.Name):
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
        return isinstance(one.value, ast.Constant) or called(one.value) in NOTHING

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
        name = called(node)
        return self.module.function(name) if name and name not in self.parameters else None

    def resumes(self, node: ast.AST) -> bool:
        """Whether it calls a function that is resumable."""
        callee = self.callee(node)
        return callee is not None and callee is not self and callee.resumable

    def to_the_end(self, loop: ast.For) -> bool:
        """Whether a loop is over the candles, to the end of the series."""
        if called(loop.iter) != "range":
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
        return called(node) == "len" and self.is_ring(node.args[0])  # type: ignore[attr-defined]

    def is_end_name(self, node: ast.AST) -> bool:
        return self.is_length(node) or "n" in names_in(node)

    def is_point(self, one: ast.stmt) -> bool:
        """Whether a statement has to be reached again for each candle."""
        match one:
            case ast.For():
                return self.to_the_end(one) or any(self.is_point(inner) for inner in one.body)
            case ast.While():
                if self.node.name not in ONCE and "n" in names_in(one.test):
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
        extra += [RESUMED, SLOTS] * self.resumable
        for name in extra:
            kind = "F64Out" if name == SLOTS else "int"
            node.args.args.append(ast.arg(name, ast.Name(kind, ast.Load())))
        if any(isinstance(one, ast.Name) and one.id == STRIDE for one in ast.walk(node)):
            node.body[:0] = parsed(f"{STRIDE} = {COUNT} if {MASK} < 0 else {MASK} + 1")
        return node


class _Rings(ast.NodeTransformer):
    """Has indexes masked, and calls pass on what the functions take in addition."""

    def __init__(self, function: Function) -> None:
        self.function = function
        names = sorted(function.candles)
        self.prefix = f"{names[0]}." if names and not function.in_rings else ""
        self.shared: set[str] = set()

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
        if ring and isinstance(node.slice, ast.Name) and node.slice.id in self.shared:
            node.slice.id += "_in_ring"
        elif ring:
            node.slice = ast.BinOp(node.slice, ast.BitAnd(), self._name(MASK))
        return node

    def visit_For(self, node: ast.For) -> ast.AST:
        if not isinstance(node.target, ast.Name):
            return self.generic_visit(node)
        name = node.target.id
        uses = [
            one
            for one in ast.walk(node)
            if isinstance(one, ast.Subscript)
            and isinstance(one.slice, ast.Name)
            and one.slice.id == name
            and self.function.is_ring(one.value)
        ]
        if len(uses) < 2 or name in self.shared:
            return self.generic_visit(node)
        self.shared.add(name)
        self.generic_visit(node)
        self.shared.remove(name)
        mask = ast.unparse(self._name(MASK))
        node.body[:0] = parsed(f"{name}_in_ring = {name} & {mask}")
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if self.function.is_length(node):
            return self._name(COUNT)
        callee = self.function.callee(node)
        self.generic_visit(node)
        if called(node) == "Candles" or (callee is not None and callee.in_rings):
            node.args += [self._name(MASK), self._name(COUNT)]
        if callee is not None and callee.resumable:
            at = node.args.pop(node.slots_at) if hasattr(node, "slots_at") else None
            assert at is not None, ast.unparse(node)
            node.args += [ast.Name(RESUMED, ast.Load()), at]
        return node


class _Resumer:
    """Rewrites a function's body so that it can be run again for what is new."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.hoisted = 0
        self.loops = 0
        self.slots = 0
        self.kept_in = SLOTS
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
        self.types = Types(self.function, body)
        self.live = Liveness(self.scalars)
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
            places[name] = f"{self.kept_in}[{self.slots}]"
            self.slots += 1
        return places

    def _saved(self, places: dict[str, str]) -> list[ast.stmt]:
        return parsed("\n".join(f"{place} = {name}" for name, place in places.items()))

    def _loaded(self, places: dict[str, str]) -> list[ast.stmt]:
        lines = []
        for name, place in places.items():
            kind = self.types.known.get(name)
            if kind is None:
                raise NotResumable(f"{self.function.node.name}: what is {name}?")
            read = {"float": place, "int": f"int({place})", "bool": f"{place} != 0.0"}[kind]
            lines.append(f"{name} = {read}")
        return parsed("\n".join(lines))

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
        place = f"{self.kept_in}[{self.slots}:]" if self.slots else self.kept_in
        call.args.append(ast.parse(place, mode="eval").body)
        self.slots += callee.slots

    def _loop(self, loop: ast.For, once: list[ast.stmt]) -> list[ast.stmt]:
        """A loop over candles: from the first new one on, with what the last one left.

        With a history that suffices, every loop has come to its beginning when it is resumed.
        """
        assert isinstance(loop.iter, ast.Call)
        self.loops += 1
        start = f"from{self.loops}"
        begin = parsed(f"{start} = {ast.unparse(loop.iter.args[0])}")
        go_on = parsed(f"{start} = {RESUMED}")
        loop.iter.args[0] = ast.Name(start, ast.Load())
        first = ast.parse(f"{RESUMED} == 0", mode="eval").body
        if not self.guarded:
            return [*once, ast.If(first, begin, go_on), loop]
        live = self.live.around[loop]
        carried = live & self.function_scalars(loop.body)
        places = self._places(live if once else carried)
        constant = {name: place for name, place in places.items() if name not in carried}
        left = {name: place for name, place in places.items() if name in carried}
        before = ast.If(
            first,
            [*once, *begin, *self._saved(constant)],
            [*go_on, *self._loaded(places)],
        )
        return [before, loop, *self._saved(left)]

    def _rounds(self, loop: ast.For) -> list[ast.stmt]:
        """A loop whose rounds each go on where they stopped; the last one of the function."""
        assert isinstance(loop.target, ast.Name)
        before, self.slots, self.kept_in, self.guarded = self.slots, 0, "round_slots", False
        body = self._block(loop.body, set())
        self.function.each = self.slots
        place = f"round_slots = {SLOTS}[{before} + {loop.target.id} * {self.slots}:]"
        loop.body = [*parsed(place), *body]
        self.slots, self.kept_in, self.guarded = before, SLOTS, True
        return [loop]
