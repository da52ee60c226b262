"""Compile the declared kernels ahead of time, through numba's pycc.

    python build_aot.py                          every extension of this platform, in place
    python build_aot.py NAME FOLDER              one extension into FOLDER (what setup.py runs)
    python build_aot.py --boundscheck            in place, every array access checked (for tests)

This is the only file that imports numba, and everything it has to know of numba's insides is
here: what stock pycc gets wrong is put right in ``_patch_numba``.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import math
import os
import platform
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy

HERE = Path(__file__).resolve().parent
NUMBA = "0.68.1"

# Extension name -> the LLVM CPU that it is built for.
# The streams' kernels have one variant: a candle is too little for CPUs to differ in.
STREAM = "_native_stream"
EXTENSIONS = (
    {"_native_x86_64": "x86-64", "_native_x86_64_v3": "x86-64-v3", STREAM: "x86-64"}
    if platform.machine().lower() in {"x86_64", "amd64"}
    else {"_native": "generic", STREAM: "generic"}
)


def load_kernels(name: str = "_aot_kernels") -> ModuleType:
    """Import ``kernels/`` under a name of its own, so that what is done to it stays here."""
    folder = HERE / "kernels"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            name, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.load()
    return sys.modules[name]


def fingerprint() -> int:
    """A number that changes with any kernel's source, kept in the extension."""
    digest = hashlib.sha256()
    for path in sorted((HERE / "kernels").glob("*.py")):
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return int.from_bytes(digest.digest()[:7], "big")


def load_streams(name: str = "_aot_streams") -> Any:
    """The kernels that can be resumed, as a package of that name."""
    kernels = load_kernels()
    return importlib.import_module(f"{kernels.__name__}._resume").Package(kernels, name)


def make_native(package: str) -> dict[Any, Any]:
    """Have all kernels and helpers call each other as numba's dispatchers, compiled as needed.

    Returns the dispatcher of each.
    """
    spec = sys.modules[f"{package}._spec"]
    primitives = _primitives()
    native: dict[Any, Any] = {
        function: primitives[name] for name, function in spec.PRIMITIVES.items()
    }
    kernels = [kernel.function for kernel in spec.KERNELS.values()]
    for function in [*spec.HELPERS, *kernels]:
        native[function] = _njit(function)
    for function in [*spec.HELPERS, *kernels]:
        for cell in function.__closure__ or ():
            if callable(cell.cell_contents):
                cell.cell_contents = native.get(cell.cell_contents, cell.cell_contents)
    for name, module in list(sys.modules.items()):
        if name.startswith(f"{package}."):
            for variable, value in list(vars(module).items()):
                if callable(value) and value in native:
                    setattr(module, variable, native[value])
    return native


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


def _njit(function: Any) -> Any:
    """As C computes: x / 0 is inf, no bookkeeping of references; kernels allocate nothing."""
    import numba

    options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}  # never called from Python
    return numba.njit(error_model="numpy", _nrt=False, **options)(function)


# Functions that C's math library has, and that numba calls there.
_LIBM = "sqrt sin cos tan asin acos atan sinh cosh tanh exp log log10".split()


def _primitives() -> dict[str, Any]:
    """The native spelling of each primitive in ``kernels/_numeric.py``."""
    return {
        "fma": _fma(),
        "div": _njit(lambda a, b: a / b),
        **{name: getattr(math, name) for name in _LIBM},
        "floor": numpy.floor,
        "ceil": numpy.ceil,
    }


def signature(kernel: Any) -> Any:
    """The numba signature of a declared kernel."""
    from numba import types

    dtypes = {"d": types.float64, "q": types.int64, "i": types.int32, "?": types.boolean}
    scalars = {"int": types.int64, "float": types.float64, "bool": types.boolean, None: types.void}
    arguments = [
        scalars[code]
        if code in scalars
        else types.Array(dtypes[code.lower()], 1, "C", readonly=code.islower() or code == "?")
        for code in kernel.arguments.values()
    ]
    return scalars[kernel.returns](*arguments)


def _work_signature(kernel: Any) -> Any:
    from numba import types

    scalars = [argument for argument in signature(kernel).args if argument in types.number_domain]
    return types.int64(types.int64, *scalars)


def _work(kernel: Any, size: Any) -> Any:
    names = [name for name, code in kernel.arguments.items() if code in {"int", "float"}]
    arguments = ", ".join(["length", *names])
    scope = {"size": size}
    exec(f"def work({arguments}):\n    return size({arguments})\n", scope)
    return scope["work"]


def _patch_numba(*, release_gil: bool) -> None:
    """Put right what makes stock pycc unsafe, or slower than it needs to be.

    - Exceptions: pycc passes the address of ``PyExc_TypeError`` instead of its value, so any
      wrong argument crashes.
    - Arrays: only the item size is checked, so a wrong dtype, order or stride is misread.
    - Kernels never index from the end: without the test for it, loops vectorise.
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

    arrayobj.fix_integer_index = index_from_start

    def never_called(self: Any, library: Any, descriptor: Any, environment: Any) -> Any:
        return _dynfunc.make_function(
            descriptor.lookup_module(), descriptor.qualname, "", 1, environment, (library,)
        )

    def flags() -> Any:
        made = stock_flags()
        made.error_model, made.release_gil = "numpy", release_gil
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


def _take_floats_as_c() -> None:
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


def export_kernels(compiler: Any) -> None:
    """The kernels of whole series, and the length of their work space."""
    load_kernels()
    make_native("_aot_kernels")
    spec = sys.modules["_aot_kernels._spec"]
    for kernel in spec.KERNELS.values():
        compiler.export(kernel.name, signature(kernel))(kernel.function)
        if kernel.work is not None:
            size = _work(kernel, _njit(kernel.work))
            compiler.export(f"{kernel.name}__work", _work_signature(kernel))(size)


def export_streams(compiler: Any) -> None:
    """The kernels of one candle; ``_slots(k)`` of the k-th in the order of their names.

    It is the number of slots, and in the upper half how many each round has.
    """
    from numba import types

    package = load_streams()
    native = make_native(package.name)
    table = tuple(
        slots + (each << 32) for slots, each in map(package.slots, sorted(package.kernels))
    )
    compiler.export("_slots", "i8(i8)")(_table(table))
    memory = types.Array(types.float64, 1, "C")
    results = {"D": types.float64, "I": types.int64}
    for name, kernel in package.kernels.items():
        codes = [code for one, code in kernel.arguments.items() if one != "work"]
        scope: dict[str, Any] = {"kernel": native[kernel.function], "INF": math.inf}
        exec(package.entry(name), scope)
        outputs = [results[code] for code in codes if code in results]
        returned = outputs[0] if len(outputs) == 1 else types.Tuple(outputs)
        arguments = [memory, *[types.float64] * codes.count("d")]
        compiler.export(name, returned(*arguments))(scope[name])
        if kernel.work is not None:
            size = _work(kernel, _njit(kernel.work))
            compiler.export(f"{name}__work", _work_signature(kernel))(size)


def _table(values: tuple[int, ...]) -> Any:
    return lambda position: values[position]


def build(name: str, folder: Path, *, boundscheck: bool = False) -> Path:
    """Compile every kernel into the extension ``name`` in ``folder``; returns its path."""
    # Shared helpers are compiled by numba's JIT, which would take the building CPU.
    cpu = os.environ["NUMBA_CPU_NAME"] = EXTENSIONS[name]
    os.environ["NUMBA_CPU_FEATURES"] = ""
    os.environ["NUMBA_DISABLE_INTEL_SVML"] = "1"
    os.environ["NUMBA_BOUNDSCHECK"] = str(int(boundscheck))
    os.environ.setdefault("CFLAGS", "-g0" if os.name == "posix" else "")
    if sys.platform.startswith("linux"):
        os.environ.setdefault("LDFLAGS", "-Wl,-s")

    import numba
    from numba.core.errors import NumbaPendingDeprecationWarning

    warnings.simplefilter("ignore", NumbaPendingDeprecationWarning)
    from numba.pycc import CC

    if numba.__version__ != NUMBA:
        raise SystemExit(f"build_aot.py is written for numba {NUMBA}, found {numba.__version__}")
    # A candle's kernel takes less time than the GIL does, which also keeps threads apart.
    _patch_numba(release_gil=name != STREAM and not boundscheck)
    if name == STREAM:
        _take_floats_as_c()
    compiler = CC(name)
    # Not in its place at once: a process that has the last one mapped would crash.
    unfinished = folder / f".{name}"
    compiler.output_dir = str(unfinished)
    compiler.target_cpu = cpu
    compiler.use_nrt = False
    (export_streams if name == STREAM else export_kernels)(compiler)
    major, minor, patch = (int(part) for part in NUMBA.split("."))
    constants = {
        "_numba_version": major * 10**6 + minor * 10**3 + patch,
        "_fingerprint": fingerprint(),
    }
    for constant, value in constants.items():
        compiler.export(constant, "i8()")(eval(f"lambda: {value}"))
    unfinished.mkdir(parents=True, exist_ok=True)
    compiler.compile()
    path = folder / str(compiler.output_file)
    os.replace(unfinished / path.name, path)
    shutil.rmtree(unfinished)
    return path


def main() -> None:
    """The command line: see the top of this file."""
    parser = argparse.ArgumentParser(description="Compile the kernels ahead of time.")
    parser.add_argument("name", nargs="?", choices=sorted(EXTENSIONS))
    parser.add_argument("folder", nargs="?", type=Path, default=HERE / "ft_numba_aot")
    parser.add_argument("--boundscheck", action="store_true")
    options = parser.parse_args()
    if options.name:
        build(options.name, options.folder, boundscheck=options.boundscheck)
        return
    # A process each: numba fixes its target CPU when it is first imported.
    flags = ["--boundscheck"] if options.boundscheck else []
    running = [
        subprocess.Popen([sys.executable, __file__, name, str(options.folder), *flags])
        for name in EXTENSIONS
    ]
    statuses = [process.wait() for process in running]
    if any(statuses):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
