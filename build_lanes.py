"""numba's spelling of ``kernels/_lanes.py``: eight values in a vector, as LLVM has them.

Loaded by its path, after ``set_target``, by ``build_aot.py``.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numba
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

LANES = 8
TILE = 4  # candles that are turned at a time

_INT = ir.IntType(64)
_DOUBLE = ir.DoubleType()
_VECTOR = ir.VectorType(_DOUBLE, LANES)
_HALF = ir.VectorType(_DOUBLE, TILE)


class _Lanes(types.Type):
    def __init__(self) -> None:
        super().__init__("lanes")


class _Mask(types.Type):
    def __init__(self) -> None:
        super().__init__("mask_of_lanes")


lanes, mask = _Lanes(), _Mask()


def _modelled(kind: type, layout: Any) -> None:
    class Model(models.PrimitiveModel):  # type: ignore[misc]
        def __init__(self, manager: Any, type_: Any) -> None:
            super().__init__(manager, type_, layout)

    register_model(kind)(Model)


_modelled(_Lanes, _VECTOR)
_modelled(_Mask, ir.VectorType(ir.IntType(1), LANES))


def _spread(builder: Any, value: Any) -> Any:
    """A scalar in all lanes."""
    one = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), value, _INT(0))
    return builder.shuffle_vector(one, one, ir.VectorType(ir.IntType(32), LANES)([0] * LANES))


def _vector(context: Any, builder: Any, value: Any, type_: Any) -> Any:
    if type_ is lanes:
        return value
    return _spread(builder, context.cast(builder, value, type_, types.float64))


def _declare(operation: Callable[..., Any], arity: int, result: Any, emit: Any) -> None:
    """Have ``operation`` take lanes, and numbers beside them."""

    class Template(AbstractTemplate):  # type: ignore[misc]
        def generic(self, args: Any, kws: Any) -> Any:
            fits = len(args) == arity and lanes in args
            if fits and all(one is lanes or one in types.number_domain for one in args):
                return signature(result, *args)
            return None

    infer_global(operation)(Template)

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        vectors = [_vector(context, builder, *one) for one in zip(args, sig.args, strict=True)]
        return emit(builder, *vectors)

    kinds = (lanes, types.Number)
    for first in kinds:
        for second in kinds if arity == 2 else (None,):
            if lanes in (first, second):
                operands = (first,) if second is None else (first, second)
                lower_builtin(operation, *operands)(generate)


def _of_llvm(name: str) -> Callable[..., Any]:
    def emit(builder: Any, *vectors: Any) -> Any:
        kind = ir.FunctionType(_VECTOR, [_VECTOR] * len(vectors))
        function = cgutils.get_or_insert_function(builder.module, kind, f"{name}.v{LANES}f64")
        return builder.call(function, vectors)

    return emit


_fused = _of_llvm("llvm.fma")


def _compared(sign: str) -> Any:
    ordered = sign != "!="

    def emit(builder: Any, a: Any, b: Any) -> Any:
        return (builder.fcmp_ordered if ordered else builder.fcmp_unordered)(sign, a, b)

    return emit


_declare(operator.add, 2, lanes, lambda builder, a, b: builder.fadd(a, b))
_declare(operator.sub, 2, lanes, lambda builder, a, b: builder.fsub(a, b))
_declare(operator.mul, 2, lanes, lambda builder, a, b: builder.fmul(a, b))
_declare(operator.truediv, 2, lanes, lambda builder, a, b: builder.fdiv(a, b))
_declare(abs, 1, lanes, _of_llvm("llvm.fabs"))
_declare(math.sqrt, 1, lanes, _of_llvm("llvm.sqrt"))
for _operation, _sign in (
    (operator.lt, "<"),
    (operator.le, "<="),
    (operator.gt, ">"),
    (operator.ge, ">="),
    (operator.eq, "=="),
    (operator.ne, "!="),
):
    _declare(_operation, 2, mask, _compared(_sign))


class _Or(AbstractTemplate):  # type: ignore[misc]
    def generic(self, args: Any, kws: Any) -> Any:
        return signature(mask, mask, mask) if args == (mask, mask) else None


infer_global(operator.or_)(_Or)


@lower_builtin(operator.or_, _Mask, _Mask)  # type: ignore[untyped-decorator]
def _either(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return builder.or_(*args)


def _pointer(context: Any, builder: Any, type_: Any, array: Any, at: Any, layout: Any) -> Any:
    made = context.make_array(type_)(context, builder, array)
    return builder.bitcast(builder.gep(made.data, [at]), layout.as_pointer())


def _shuffled(builder: Any, a: Any, b: Any, places: Sequence[int]) -> Any:
    return builder.shuffle_vector(a, b, ir.VectorType(ir.IntType(32), len(places))([*places]))


def _turned(builder: Any, rows: list[Any]) -> list[Any]:
    """Four rows of four as four columns."""
    low, high = [0, 4, 2, 6], [1, 5, 3, 7]
    pairs = [
        _shuffled(builder, rows[k], rows[k + 1], order) for k in (0, 2) for order in (low, high)
    ]
    left, right = [0, 1, 4, 5], [2, 3, 6, 7]
    return [
        _shuffled(builder, pairs[c], pairs[c + 2], halves)
        for halves in (left, right)
        for c in (0, 1)
    ]


@intrinsic  # type: ignore[untyped-decorator]
def lanes_at(typing_context: Any, values: Any, at: Any) -> Any:
    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        values, at = args
        return builder.load(_pointer(context, builder, sig.args[0], values, at, _VECTOR), align=8)

    return lanes(values, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def put_lanes(typing_context: Any, values: Any, at: Any, given: Any) -> Any:
    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        array, place, vector = args
        address = _pointer(context, builder, sig.args[0], array, place, _VECTOR)
        builder.store(vector, address, align=8)
        return context.get_dummy_value()

    return types.void(values, types.int64, lanes), generate


@intrinsic  # type: ignore[untyped-decorator]
def every(typing_context: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _spread(builder, *args)

    return lanes(types.float64), generate


@intrinsic  # type: ignore[untyped-decorator]
def where(typing_context: Any, condition: Any, a: Any, b: Any) -> Any:
    if condition is not mask:
        scalars = types.boolean, types.float64, types.float64
        return types.float64(*scalars), lambda context, builder, sig, args: builder.select(*args)

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        condition, *values = args
        vectors = (
            _vector(context, builder, *one) for one in zip(values, sig.args[1:], strict=True)
        )
        return builder.select(condition, *vectors)

    return lanes(mask, a, b), generate


@intrinsic  # type: ignore[untyped-decorator]
def any_of(typing_context: Any, condition: Any) -> Any:
    if condition is not mask:
        return types.boolean(types.boolean), lambda context, builder, sig, args: args[0]

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        bits = builder.bitcast(args[0], ir.IntType(LANES))
        return builder.icmp_unsigned("!=", bits, bits.type(0))

    return types.boolean(mask), generate


@intrinsic  # type: ignore[untyped-decorator]
def fused(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
    """``fma`` of numbers, or of lanes and numbers."""
    kinds = [one if one is lanes else types.float64 for one in (a, b, c)]
    whole = lanes in kinds

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        if not whole:
            return builder.fma(*args)
        vectors = [_vector(context, builder, *one) for one in zip(args, sig.args, strict=True)]
        return _fused(builder, *vectors)

    return (lanes if whole else types.float64)(*kinds), generate


@intrinsic  # type: ignore[untyped-decorator]
def turn_in(
    typing_context: Any, values: Any, at: Any, back: Any, first: Any, block: Any, to: Any
) -> Any:
    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        values, at, back, first, block, to = args
        rows = []
        for k in range(LANES):
            place = builder.add(first, _INT(k))
            distance = builder.load(_pointer(context, builder, sig.args[2], back, place, _INT))
            start = builder.sub(at, distance)
            address = _pointer(context, builder, sig.args[0], values, start, _HALF)
            rows.append(builder.load(address, align=8))
        halves = [_turned(builder, rows[k : k + TILE]) for k in range(0, LANES, TILE)]
        for candle, (left, right) in enumerate(zip(*halves, strict=True)):
            place = builder.add(to, _INT(candle * LANES))
            address = _pointer(context, builder, sig.args[4], block, place, _VECTOR)
            builder.store(_shuffled(builder, left, right, range(LANES)), address, align=8)
        return context.get_dummy_value()

    scalar = types.int64
    return types.void(values, scalar, back, scalar, block, scalar), generate


@intrinsic  # type: ignore[untyped-decorator]
def put_rows(
    typing_context: Any, out: Any, starts: Any, first: Any, to: Any, a: Any, b: Any, c: Any, d: Any
) -> Any:
    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        out, starts, first, to, *candles = args
        for k in range(0, LANES, TILE):
            halves = [_shuffled(builder, one, one, range(k, k + TILE)) for one in candles]
            for lane, row in enumerate(_turned(builder, halves), k):
                place = builder.add(first, _INT(lane))
                start = builder.load(_pointer(context, builder, sig.args[1], starts, place, _INT))
                place = builder.add(start, to)
                address = _pointer(context, builder, sig.args[0], out, place, _HALF)
                builder.store(row, address, align=8)
        return context.get_dummy_value()

    scalar = types.int64
    return types.void(out, starts, scalar, scalar, lanes, lanes, lanes, lanes), generate


PRIMITIVES = {
    "lanes_at": lanes_at,
    "put_lanes": put_lanes,
    "every": every,
    "each": numba.njit(_nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)(
        lambda step, *lanes: step(*lanes)
    ),
    "where": where,
    "any_of": any_of,
    "turn_in": turn_in,
    "put_rows": put_rows,
    "fma": fused,
}
