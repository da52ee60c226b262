"""Whether compiled code does what Python does: each operation and type of it is on a list here.

numba compiles more than that, such as ``**``, ``round`` and numpy's functions, whose results have
other bits, and other errors, than Python's. What isn't on the list is refused. Imports numba.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from numba import types
from numba.core import ir
from numba.core.dispatcher import Dispatcher


class Differs(Exception):
    """What is refused, of which function (as it was bound), and in which line."""

    def __init__(self, what: str, function: Callable[..., Any], line: int) -> None:
        super().__init__(what)
        self.function, self.line = function, line


_OTHER = "isn't compiled to exactly what Python does"
_ARITHMETIC = {operator.add, operator.sub, operator.mul, operator.truediv}
_ARITHMETIC |= {operator.floordiv, operator.mod}
_BITS = {operator.and_, operator.or_, operator.xor}
_COMPARISONS = {operator.lt, operator.le, operator.eq, operator.ne, operator.ge, operator.gt}
_IN_PLACE = {
    operator.iadd: operator.add,
    operator.isub: operator.sub,
    operator.imul: operator.mul,
    operator.itruediv: operator.truediv,
    operator.ifloordiv: operator.floordiv,
    operator.imod: operator.mod,
    operator.iand: operator.and_,
    operator.ior: operator.or_,
    operator.ixor: operator.xor,
}
_CALLED = {range, len, abs, min, max, float, bool, int, enumerate, zip, slice}
_EXCEPTIONS = {ArithmeticError, IndexError, OverflowError, RuntimeError, TypeError, ValueError}
_EXCEPTIONS |= {AssertionError, ZeroDivisionError}
_CALLED_OF_MATH = {math.isnan, math.isinf, math.isfinite, math.copysign, math.fabs}
_HINTS: dict[Any, str] = {
    operator.pow: f"** {_OTHER}: write x * x, or exp and log of ft_numba_aot.aot",
    operator.ipow: f"** {_OTHER}: write x * x, or exp and log of ft_numba_aot.aot",
    pow: f"pow() {_OTHER}: write x * x, or exp and log of ft_numba_aot.aot",
    round: f"round() {_OTHER}: write floor(x + 0.5), of ft_numba_aot.aot",
    sum: f"sum() {_OTHER}: add in a loop",
}
_PLAIN = {"build_tuple", "exhaust_iter", "getiter", "iternext", "pair_first", "pair_second"}
_PLAIN |= {"phi"}


def check(
    dispatcher: Dispatcher,
    arguments: tuple[Any, ...],
    primitives: Sequence[Any],
    is_ours: Callable[[Any], bool],
) -> None:
    """Raise ``Differs`` for what the compiled function, or one that it calls, does otherwise.

    ``primitives`` do the same by construction; a function of which ``is_ours`` needs no check.
    """
    done: set[Any] = set()
    waiting = [(dispatcher, arguments)]
    while waiting:
        called, given = waiting.pop()
        given = tuple(types.unliteral(argument) for argument in given)
        if (called, given) in done or is_ours(called.py_func):
            continue
        done.add((called, given))
        result = next(
            found
            for signature, found in called.overloads.items()
            if tuple(types.unliteral(argument) for argument in signature) == given
        )
        waiting += _Function(called.py_func, result.type_annotation, primitives).check()


def _is_float(kind: Any) -> bool:
    return isinstance(kind, types.Float)


def _is_integer(kind: Any) -> bool:
    return isinstance(kind, types.Integer | types.Boolean)


def _is_number(kind: Any) -> bool:
    return _is_float(kind) or _is_integer(kind)


class _Function:
    """A function, and what numba made of it."""

    def __init__(self, function: Any, annotation: Any, primitives: Sequence[Any]) -> None:
        self._function, self._primitives = function, primitives
        self._types, self._calls = annotation.typemap, annotation.calltypes
        self._blocks = annotation.blocks
        self._from: dict[str, Any] = {}

    def check(self) -> Iterator[tuple[Dispatcher, tuple[Any, ...]]]:
        """What it calls, with the types of the arguments."""
        statements = [s for block in self._blocks.values() for s in block.body]
        for statement in statements:
            if isinstance(statement, ir.Assign):
                self._from[statement.target.name] = statement.value
        for statement in statements:
            match statement:
                case ir.Assign():
                    yield from self._assigned(statement)
                case ir.SetItem() | ir.StaticSetItem():
                    self._written(statement)
                case ir.Del() | ir.Jump() | ir.Branch() | ir.Return() | ir.StaticRaise():
                    pass
                case _:
                    self._refuse(_SHOWN.get(type(statement), f"this statement {_OTHER}"), statement)

    def _refuse(self, what: str, where: Any) -> None:
        raise Differs(what, self._function, where.loc.line)

    def _type(self, variable: Any) -> Any:
        return types.unliteral(self._types[variable.name])

    def _assigned(self, statement: Any) -> Iterator[tuple[Dispatcher, tuple[Any, ...]]]:
        value, target = statement.value, self._type(statement.target)
        if isinstance(target, types.Complex):
            self._refuse("makes complex numbers", statement)
        if isinstance(target, types.Integer) and target not in {types.int64, types.intp}:
            self._refuse(f"makes whole numbers of type {target}", statement)
        source = value
        if isinstance(value, ir.Expr) and value.op == "cast":
            source = value.value
        if isinstance(source, ir.Var) and _is_float(target) and _is_integer(self._type(source)):
            name = statement.target.unversioned_name
            named = "what it returns" if name.startswith("$") else name
            self._refuse(
                f"{named} is a whole number here and a float elsewhere: write 0.0 instead of 0",
                statement,
            )
        if isinstance(value, ir.Expr):
            yield from self._computed(value, statement)

    def _computed(self, value: Any, where: Any) -> Iterator[tuple[Dispatcher, tuple[Any, ...]]]:
        match value.op:
            case "binop" | "inplace_binop":
                self._operated(value, where)
            case "unary":
                operand = self._type(value.value)
                if not _is_number(operand) or (value.fn is operator.invert and _is_float(operand)):
                    self._refuse(
                        f"has an operator on {_shown(operand)}: only numbers have any", where
                    )
            case "call":
                yield from self._called(value, where)
            case "getattr":
                self._attribute(value, where)
            case "getitem" | "static_getitem" | "typed_getitem":
                self._item(value, where)
            case "cast":
                pass
            case "null" | "undef":
                name = where.target.unversioned_name
                self._refuse(f"{name} may have no value: give it one before", where)
            case op if op not in _PLAIN:
                self._refuse(_SHOWN.get(op, f"this ({op}) {_OTHER}"), where)

    def _operated(self, value: Any, where: Any) -> None:
        function = _IN_PLACE.get(value.fn, value.fn)
        if function in _HINTS:
            self._refuse(_HINTS[function], where)
        left, right = self._type(value.lhs), self._type(value.rhs)
        for kind in (left, right):
            if not _is_number(kind):
                self._refuse(_no_operator(kind), where)
        if function in _BITS and not (_is_integer(left) and _is_integer(right)):
            self._refuse("has & | ^ on floats", where)
        if function not in _ARITHMETIC | _BITS | _COMPARISONS:
            self._refuse(f"the operator {function.__name__} {_OTHER}", where)

    def _called(self, value: Any, where: Any) -> Iterator[tuple[Dispatcher, tuple[Any, ...]]]:
        kind = self._types[value.func.name]
        if isinstance(kind, types.Dispatcher):
            yield kind.dispatcher, self._calls[value].args
            return
        called = self._value(value.func)
        if any(called is primitive for primitive in self._primitives):
            return
        if called in _EXCEPTIONS:
            return
        if called in _HINTS:
            self._refuse(_HINTS[called], where)
        if called not in _CALLED | _CALLED_OF_MATH:
            if isinstance(kind, types.RecursiveCall):
                self._refuse("calls itself: write a loop", where)
            if isinstance(called, type) and issubclass(called, BaseException):
                self._refuse(f"raises {called.__name__}: only Python's own, as ValueError", where)
            name = getattr(called, "__name__", "this")
            self._refuse(f"{name}() {_OTHER}", where)
        kinds = [self._type(argument) for argument in value.args]
        if called is int and not all(map(_is_integer, kinds)):
            self._refuse(f"int() of a float {_OTHER}: write to_int(x), of ft_numba_aot.aot", where)
        if called in {min, max}:
            if not all(map(_is_number, kinds)):
                self._refuse(f"{called.__name__}() of {_shown(kinds[0])}: only of numbers", where)
            if len({_is_float(kind) for kind in kinds}) > 1:
                self._refuse(
                    f"{called.__name__}() of a whole number and a float: write 0.0 instead of 0",
                    where,
                )

    def _value(self, variable: Any) -> Any:
        """What a name of the module, or of one that it imports, stands for; None for others."""
        match self._from.get(variable.name):
            case ir.Global(value=value) | ir.FreeVar(value=value):
                return value
            case ir.Var() as other:
                return self._value(other)
            case ir.Expr(op="getattr") as read if isinstance(self._type(read.value), types.Module):
                return getattr(self._type(read.value).pymod, read.attr)
        return None

    def _attribute(self, value: Any, where: Any) -> None:
        owner = self._type(value.value)
        if not isinstance(owner, types.Module):
            self._refuse(f"reads .{value.attr}: all that an array has is items and len()", where)
        found = getattr(owner.pymod, value.attr)
        if not isinstance(found, int | float) and found not in _CALLED_OF_MATH:
            name = f"{owner.pymod.__name__}.{value.attr}"
            if value.attr in _PRIMITIVES:
                self._refuse(f"{name}: import {value.attr} from ft_numba_aot.aot instead", where)
            self._refuse(f"{name} {_OTHER}", where)

    def _item(self, value: Any, where: Any) -> None:
        owner = self._type(value.value)
        if isinstance(owner, types.BaseTuple):
            return
        index = self._index(value)
        if not isinstance(owner, types.Array) or not isinstance(
            index, types.Integer | types.SliceType
        ):
            self._refuse(f"takes an item of {_shown(owner)} by {_shown(index)}", where)

    def _written(self, statement: Any) -> None:
        owner, value = self._type(statement.target), self._type(statement.value)
        if not isinstance(self._index(statement), types.Integer):
            self._refuse(
                "writes to a part of an array at once: write item by item, in a loop", statement
            )
        if not _is_number(value):
            self._refuse(f"writes {_shown(value)} to an array", statement)
        if _is_float(value) and not _is_float(owner.dtype):
            self._refuse(
                "writes a float to an array of whole numbers: write to_int(x), of ft_numba_aot.aot",
                statement,
            )

    def _index(self, access: Any) -> Any:
        if isinstance(access.index, int):
            return types.int64
        constant = (
            isinstance(access, ir.StaticSetItem) or getattr(access, "op", "") == "static_getitem"
        )
        return self._type(access.index_var if constant else access.index)


_PRIMITIVES = frozenset(
    "sqrt sin cos tan asin acos atan sinh cosh tanh exp log log10 floor ceil fma".split()
)
_SHOWN: dict[Any, str] = {
    "arrayexpr": "makes an array: compute item by item, in a loop",
    ir.Print: f"print() {_OTHER}",
    ir.DynamicRaise: "raises with a value that is computed: only with constants",
}


def _no_operator(kind: Any) -> str:
    return f"has an operator on {_shown(kind)}: only numbers have any"


def _shown(kind: Any) -> str:
    if isinstance(kind, types.Array):
        return "an array"
    if isinstance(kind, types.BaseTuple):
        return "a tuple"
    if isinstance(kind, types.UnicodeType):
        return "text"
    if isinstance(kind, types.Optional):
        return "something that may be None"
    return str(kind)
