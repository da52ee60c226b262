"""Compile the declared kernels ahead of time, through numba's pycc.

    python build_aot.py                          every extension of this platform, in place
    python build_aot.py NAME FOLDER              one extension into FOLDER (what setup.py runs)
    python build_aot.py --boundscheck            in place, every array access checked (for tests)

What stock pycc gets wrong is put right in ``ft_numba_aot/aot/_pycc.py``, which users' own kernels
are compiled with, too.
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
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).resolve().parent

# Extension name -> the LLVM CPU that it is built for.
# The streams' kernels have one variant: a candle is too little for CPUs to differ in.
STREAM = "_native_stream"
EXTENSIONS = (
    {"_native_x86_64": "x86-64", "_native_x86_64_v3": "x86-64-v3", STREAM: "x86-64"}
    if platform.machine().lower() in {"x86_64", "amd64"}
    else {"_native": "generic", STREAM: "generic"}
)


def _imported(name: str, path: Path, **options: Any) -> ModuleType:
    """The module at ``path``, under a name of its own."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path, **options)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


# By its path: the package may not be installed, and its __init__ would look for what is built here.
pycc = _imported("_aot_pycc", HERE / "ft_numba_aot" / "aot" / "_pycc.py")


def lanes() -> ModuleType:
    """How kernels of several periods at once are spelt. Imports numba."""
    return _imported("_aot_lanes", HERE / "build_lanes.py")


def load_kernels(name: str = "_aot_kernels") -> ModuleType:
    """Import ``kernels/`` under a name of its own, so that what is done to it stays here."""
    folder = HERE / "kernels"
    kernels = _imported(name, folder / "__init__.py", submodule_search_locations=[str(folder)])
    kernels.load()
    return kernels


def fingerprint() -> int:
    """A number that changes with any kernel's source, kept in the extension."""
    digest = hashlib.sha256()
    for path in [HERE / "build_lanes.py", *sorted((HERE / "kernels").glob("*.py"))]:
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
    primitives = pycc.primitives() | lanes().PRIMITIVES
    native: dict[Any, Any] = {
        function: primitives[name] for name, function in spec.PRIMITIVES.items()
    }
    kernels = [kernel.function for kernel in spec.KERNELS.values()]
    for function in [*spec.HELPERS, *kernels]:
        native[function] = pycc.njit(function)
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


def signature(kernel: Any) -> Any:
    """The numba signature of a declared kernel."""
    arguments = [pycc.type_of(code) for code in kernel.arguments.values()]
    return pycc.type_of(kernel.returns)(*arguments)


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


def export_kernels(compiler: Any) -> None:
    """The kernels of whole series, and the length of their work space."""
    load_kernels()
    make_native("_aot_kernels")
    spec = sys.modules["_aot_kernels._spec"]
    for kernel in spec.KERNELS.values():
        compiler.export(kernel.name, signature(kernel))(kernel.function)
        if kernel.work is not None:
            size = _work(kernel, pycc.njit(kernel.work))
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
    pycc.export_table(compiler, "_slots", table)
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
            size = _work(kernel, pycc.njit(kernel.work))
            compiler.export(f"{name}__work", _work_signature(kernel))(size)


def build(name: str, folder: Path, *, boundscheck: bool = False) -> Path:
    """Compile every kernel into the extension ``name`` in ``folder``; returns its path."""
    pycc.set_target(EXTENSIONS[name], boundscheck=boundscheck)
    # A candle's kernel takes less time than the GIL does, which also keeps threads apart.
    pycc.patch_numba(release_gil=name != STREAM and not boundscheck)
    if name == STREAM:
        pycc.take_floats_as_c()
    # Not in its place at once: a process that has the last one mapped would crash.
    unfinished = folder / f".{name}"
    compiler = pycc.new_compiler(name, unfinished, EXTENSIONS[name])
    (export_streams if name == STREAM else export_kernels)(compiler)
    constants = {"_numba_version": pycc.numba_version(), "_fingerprint": fingerprint()}
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
