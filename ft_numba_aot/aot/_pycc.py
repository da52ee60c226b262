"""numba's ahead-of-time compiler, with what stock pycc gets wrong put right.

Stands alone, so that ``build_aot.py`` can load it by its path where the package isn't installed.
numba is imported when something is called, after ``set_target``: it fixes its CPU at import.
"""

from __future__ import annotations

import math
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

NUMBA = "0.68.1"

# Functions of C's math library.
LIBM = "sin cos tan asin acos atan sinh cosh tanh exp log log10".split()

# The CPUs that multiply and add in one instruction; "generic" is what isn't x86.
FUSING = ("x86-64-v3", "generic")


def set_target(cpu: str, *, boundscheck: bool) -> None:
    """Tell numba what to compile for, in this process. Before anything imports it."""
    # Shared helpers are compiled by numba's JIT, which would take the building CPU.
    os.environ["NUMBA_CPU_NAME"] = cpu
    os.environ["NUMBA_CPU_FEATURES"] = ""
    os.environ["NUMBA_DISABLE_INTEL_SVML"] = "1"
    os.environ["NUMBA_BOUNDSCHECK"] = str(int(boundscheck))
    os.environ.setdefault("CFLAGS", "-g0" if os.name == "posix" else "")
    if sys.platform.startswith("linux"):
        os.environ.setdefault("LDFLAGS", "-Wl,-s")


def new_compiler(name: str, folder: Path, cpu: str) -> Any:
    """What the kernels of the extension ``name`` are exported to; ``compile()`` writes its file.

    Raises ``SystemExit`` for a numba other than ``NUMBA``.
    """
    import numba
    from numba.core.errors import NumbaPendingDeprecationWarning

    warnings.simplefilter("ignore", NumbaPendingDeprecationWarning)
    from numba.pycc import CC

    if numba.__version__ != NUMBA:
        raise SystemExit(f"the build is written for numba {NUMBA}, found {numba.__version__}")
    compiler = CC(name)
    compiler.output_dir = str(folder)
    compiler.target_cpu = cpu
    compiler.use_nrt = False
    return compiler


def numba_version() -> int:
    """The version that compiles, as a number: 1.23.4 is 1023004."""
    major, minor, patch = (int(part) for part in NUMBA.split("."))
    return major * 10**6 + minor * 10**3 + patch


def export_table(compiler: Any, name: str, values: tuple[int, ...]) -> None:
    """A function of a position in ``values``, 64-bit whole numbers, that returns the one there."""
    compiler.export(name, "i8(i8)")(lambda position: values[position])


def njit(function: Callable[..., Any], error_model: Literal["numpy", "python"] = "numpy") -> Any:
    """Compiled as needed into what calls it. "numpy" is as C computes: x / 0 is inf.

    No bookkeeping of references: kernels allocate nothing.
    """
    import numba

    options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}  # never called from Python
    return numba.njit(error_model=error_model, _nrt=False, **options)(function)


def primitives() -> dict[str, Any]:
    """The native spelling of each primitive in ``kernels/_numeric.py``."""
    import numpy

    fuses = os.environ.get("NUMBA_CPU_NAME") in FUSING
    return {
        "fma": _fma(),
        "fuses": njit(lambda: fuses),
        "exponent": _exponent(),
        "div": njit(lambda a, b: a / b),
        "sqrt": math.sqrt,
        # Numba's own are LLVM's, which takes loops around them apart and gains nothing.
        **{name: _libm(name) for name in LIBM},
        "floor": numpy.floor,
        "ceil": numpy.ceil,
    }


def _libm(name: str) -> Any:
    """A function of C's math library, called from one place of a loop: from eight takes longer."""
    from llvmlite import ir
    from numba import types
    from numba.core import cgutils
    from numba.extending import intrinsic

    double = ir.DoubleType()

    @intrinsic  # type: ignore[untyped-decorator]
    def call(typing_context: Any, x: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            value = context.cast(builder, arguments[0], signature.args[0], types.float64)
            kind = ir.FunctionType(double, [double])
            function = cgutils.get_or_insert_function(builder.module, kind, name)
            function.attributes.add("noduplicate")
            return builder.call(function, [value])

        return types.float64(x), generate

    return call


def _fma() -> Any:
    from numba import types
    from numba.extending import intrinsic

    @intrinsic  # type: ignore[untyped-decorator]
    def fma(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            values = [
                context.cast(builder, value, source, types.float64)
                for value, source in zip(arguments, signature.args, strict=True)
            ]
            return builder.fma(*values)

        return types.float64(a, b, c), generate

    return fma


def _exponent() -> Any:
    from llvmlite import ir
    from numba import types
    from numba.extending import intrinsic

    @intrinsic  # type: ignore[untyped-decorator]
    def exponent(typing_context: Any, x: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            word = ir.IntType(64)
            value = context.cast(builder, arguments[0], signature.args[0], types.float64)
            bits = builder.lshr(builder.bitcast(value, word), word(52))
            return builder.sub(builder.and_(bits, word(0x7FF)), word(1023))

        return types.int64(x), generate

    return exponent


def type_of(code: str | None) -> Any:
    """numba's type of an argument or result, by its code in ``kernels/_spec.py``."""
    from numba import types

    dtypes = {"d": types.float64, "q": types.int64, "i": types.int32, "?": types.boolean}
    scalars = {"int": types.int64, "float": types.float64, "bool": types.boolean, None: types.void}
    if code is None or code in scalars:
        return scalars[code]
    return types.Array(dtypes[code.lower()], 1, "C", readonly=code.islower() or code == "?")


def patch_numba(
    *, release_gil: bool, error_model: Literal["numpy", "python"] = "numpy", wrap: bool = False
) -> None:
    """Put right what makes stock pycc unsafe, or slower than it needs to be.

    - Exceptions: pycc passes the address of ``PyExc_TypeError`` instead of its value, so any
      wrong argument crashes.
    - Arrays: only the item size is checked, so a wrong dtype, order or stride is misread.
    - Unless they ``wrap``, indices never count from the end: without the test for it, loops
      vectorise.
    - The options of ``njit`` are lost on what is exported.
    - What kernels share would get wrappers and machine code of its own, which nothing calls.
    """
    from llvmlite import ir
    from numba import _dynfunc
    from numba.core import boxing, cgutils, codegen, config, cpu, types
    from numba.core.pythonapi import NativeValue, PythonAPI
    from numba.np import arrayobj
    from numba.pycc import compiler

    get_c_object = PythonAPI.get_c_object

    def load_exception(self: Any, name: str) -> Any:
        value = get_c_object(self, name)
        if name.startswith("PyExc_"):
            pointer = self.builder.bitcast(value, ir.PointerType(self.pyobj))
            return self.builder.load(pointer)
        return value

    PythonAPI.get_c_object = load_exception

    def index_from_start(context: Any, builder: Any, index_type: Any, index: Any, size: Any) -> Any:
        return context.cast(builder, index, index_type, types.intp)

    if not wrap:
        arrayobj.fix_integer_index = index_from_start

    def never_called(self: Any, library: Any, descriptor: Any, environment: Any) -> Any:
        return _dynfunc.make_function(
            descriptor.lookup_module(), descriptor.qualname, "", 1, environment, (library,)
        )

    def flags() -> Any:
        made = stock_flags()
        made.error_model, made.release_gil = error_model, release_gil
        made.boundscheck, made.no_cfunc_wrapper = bool(config.BOUNDSCHECK), True
        return made

    stock_flags, compiler.Flags = compiler.Flags, flags
    cpu.CPUContext.get_executable = never_called
    codegen.JITCodeLibrary._finalize_specific = lambda self: None

    # PyArrayObject and PyArray_Descr, as laid out by numpy 1 and 2 on 64-bit platforms.
    descr_at, flags_at, kind_at, byteorder_at = 56, 64, 24, 26
    c_contiguous, aligned, writeable = 0x1, 0x100, 0x400
    most_dimensions = 64
    kinds = {types.float64: "f", types.int64: "i", types.int32: "i", types.boolean: "b"}

    def unbox_array(array_type: Any, obj: Any, c: Any) -> Any:
        builder = c.builder
        # The adaptor writes as many shapes and strides as the argument has, before any check.
        room = cgutils.alloca_once(builder, ir.ArrayType(ir.IntType(64), 5 + 2 * most_dimensions))
        layout = c.context.get_value_type(array_type)
        pointer = builder.bitcast(room, layout.as_pointer())
        array = c.context.make_array(array_type)(c.context, builder, ref=pointer)
        failed = cgutils.alloca_once_value(builder, cgutils.true_bit)
        adapted = c.pyapi.numba_array_adaptor(obj, builder.bitcast(pointer, c.pyapi.voidptr))
        with builder.if_then(cgutils.is_null(builder, adapted), likely=True):

            def field(base: Any, offset: int, bits: int) -> Any:
                address = builder.gep(base, [ir.Constant(ir.IntType(64), offset)])
                return builder.load(builder.bitcast(address, ir.IntType(bits).as_pointer()))

            base = builder.bitcast(obj, ir.IntType(8).as_pointer())
            descr = builder.inttoptr(field(base, descr_at, 64), ir.IntType(8).as_pointer())
            needed = c_contiguous | aligned | (writeable if array_type.mutable else 0)
            mask = ir.Constant(ir.IntType(32), needed)
            byteorder = field(descr, byteorder_at, 8)
            good = [
                builder.icmp_unsigned("==", builder.and_(field(base, flags_at, 32), mask), mask),
                builder.icmp_unsigned(
                    "==",
                    field(descr, kind_at, 8),
                    ir.Constant(ir.IntType(8), ord(kinds[array_type.dtype])),
                ),
                builder.or_(
                    builder.icmp_unsigned("==", byteorder, ir.Constant(ir.IntType(8), ord("="))),
                    builder.icmp_unsigned("==", byteorder, ir.Constant(ir.IntType(8), ord("|"))),
                ),
                builder.icmp_unsigned(
                    "==",
                    array.itemsize,
                    array.itemsize.type(getattr(array_type.dtype, "bitwidth", 8) // 8),
                ),
                # One dimension: a 2-D array's ndim is beside its data pointer.
                builder.icmp_unsigned("==", field(base, 24, 32), ir.Constant(ir.IntType(32), 1)),
            ]
            everything = good[0]
            for condition in good[1:]:
                everything = builder.and_(everything, condition)
            builder.store(builder.not_(everything), failed)
        is_error = builder.load(failed)
        with builder.if_then(is_error, likely=False):
            c.pyapi.err_set_string("PyExc_TypeError", f"not a {_describe(array_type)}")
        return NativeValue(builder.load(pointer), is_error=is_error)

    boxing.unbox.__self__.functions[types.Array] = unbox_array


def take_floats_as_c() -> None:
    """Have a float argument be what C takes for one: stock numba also takes text."""
    from numba.core import boxing, cgutils, types
    from numba.core.pythonapi import NativeValue

    def unbox_float(kind: Any, obj: Any, c: Any) -> Any:
        value = c.pyapi.float_as_double(obj)
        failed = cgutils.alloca_once_value(c.builder, cgutils.false_bit)
        suspicious = c.builder.fcmp_ordered("==", value, value.type(-1.0))
        with c.builder.if_then(suspicious, likely=False):
            raised = cgutils.is_not_null(c.builder, c.pyapi.err_occurred())
            c.builder.store(raised, failed)
        return NativeValue(value, is_error=c.builder.load(failed))

    boxing.unbox.__self__.functions[types.Float] = unbox_float


def _describe(array_type: Any) -> str:
    access = "writeable " if array_type.mutable else ""
    return f"{access}C-contiguous, aligned, one-dimensional array of native {array_type.dtype}"
