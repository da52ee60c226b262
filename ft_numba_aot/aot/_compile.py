"""Compile the kernels of one file: in a process of its own, since numba fixes its CPU at import.

    python -m ft_numba_aot.aot._compile FOLDER, with a ``Request`` as JSON on standard input

writes a ``Result`` as JSON to ``result.json`` in FOLDER, which is also where it puts what it needs
on the way. Imports numba where it compiles.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple

from .._kernels import _spec
from . import _bound, _extension, _pycc, _source
from ._declared import _UNIT, Kernel, bare
from ._source import Refused, at

RESULT = "result.json"


class Request(NamedTuple):
    """What to do: compile ``file`` for the LLVM CPU ``isa`` into ``folder``, or look if that is so.

    Where ``unchecked``, indices aren't compared with the arrays' lengths.
    """

    file: str
    folder: str
    isa: str
    unchecked: bool = False
    only_check: bool = False


class Result(NamedTuple):
    """What came of it. ``error`` says why there is no extension, or why it isn't current.

    ``unusable`` is whether that is the environment's fault, and not the file's.
    """

    extension: str
    kernels: list[str]
    isa: str | None = None
    seconds: float = 0.0
    error: str | None = None
    details: str = ""
    unusable: bool = False


def kernels_of(file: Path) -> list[Kernel]:
    """The kernels that the file declares. Runs it as an import does; raises ``Refused``."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[file.stem] = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(file.parent))
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        name = Path(error.filename or file).name
        raise Refused(f"{name}, line {error.lineno}: {error.msg}") from error
    except (Exception, SystemExit) as error:
        lines = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(file)]
        where = f"{file.name}, line {lines[-1].lineno}" if lines else file.name
        said = str(error)
        if not (isinstance(error, TypeError) and said.startswith(f"{file.name}, line")):
            said = f"{where}: {type(error).__name__}: {said}"
        raise Refused(said) from error
    unit = vars(module).get(_UNIT)
    if unit is None:
        raise Refused(
            f"{file.name} declares no kernel: put @kernel, of ft_numba_aot.aot, above a function"
        )
    return _named_once(unit.kernels)


def _named_once(kernels: list[Kernel]) -> list[Kernel]:
    by_name: dict[str, Kernel] = {}
    for kernel in kernels:
        if (other := by_name.setdefault(kernel.name, kernel)) is not kernel:
            line = other.function.__code__.co_firstlineno
            raise Refused(f"{at(kernel.function)}: there is one of that name in line {line}")
    return kernels


def compile_kernels(kernels: list[Kernel], request: Request, scratch: Path) -> Path:
    """The extension, in ``scratch``. Raises ``Refused``."""
    for function in dict.fromkeys(f for k in kernels for f in _extension.reached(k.function)):
        _source.check_syntax(function)
        _source.check_names(function)
    import numba
    from numba.pycc.platform import external_compiler_works

    if numba.__version__ != _pycc.NUMBA:
        raise Refused(
            f"it takes numba {_pycc.NUMBA}, and {numba.__version__} is installed: "
            'pip install "ft-numba-aot[build]"',
            unusable=True,
        )
    if not external_compiler_works():
        raise Refused(f"there is no C compiler that works: {_COMPILER}", unusable=True)
    _pycc.patch_numba(release_gil=True, error_model="python", wrap=True)
    compiler = _pycc.new_compiler(_extension.module_name(Path(request.file)), scratch, request.isa)
    natives = {_spec.PRIMITIVES[name]: native for name, native in _pycc.primitives().items()}
    primitives = list(natives.values())
    binding = _bound.Binding(bare, natives, lambda function: _pycc.njit(function, "python"))
    for kernel in kernels:
        try:
            _export(kernel, compiler, binding, primitives)
        except _errors() as error:
            _explain(kernel, natives)
            raise Refused(f"{_place(error, kernel)}: {sentence(error)}") from error
    about = [_extension.FORMAT, _extension.ISAS[request.isa], _pycc.numba_version()]
    about += map(_extension.fingerprint, sorted(kernels, key=lambda kernel: kernel.name))
    _pycc.export_table(compiler, _extension.ABOUT, tuple(about))
    try:
        compiler.compile()
    except _errors() as error:
        raise Refused(f"{_place(error, kernels[0])}: {sentence(error)}") from error
    except Exception as error:
        raise Refused(f"the C compiler failed: {error}", unusable=True) from error
    return scratch / str(compiler.output_file)


def _export(kernel: Kernel, compiler: Any, binding: _bound.Binding, primitives: list[Any]) -> None:
    """Have the kernel compiled, once it was found to do the same as Python."""
    dispatcher = binding(kernel.function)
    arguments = tuple(_pycc.type_of(code) for code in kernel.arguments.values())
    returns = _pycc.type_of(kernel.returns)
    _check(dispatcher, arguments, primitives)
    found = dispatcher.overloads[arguments].signature.return_type
    if found != returns and not (kernel.returns == "float" and str(found) in {"int64", "bool"}):
        raise Refused(
            f"{at(kernel.function)}: returns {found}, and its annotation says {kernel.returns}"
        )
    compiler.export(kernel.name, returns(*arguments))(binding.bound[kernel.function])


def _check(dispatcher: Any, arguments: tuple[Any, ...], primitives: list[Any]) -> None:
    from . import _same

    dispatcher.compile(arguments)
    try:
        _same.check(dispatcher, arguments, primitives, _extension.is_ours)
    except _same.Differs as error:
        raise Refused(f"{at(error.function, error.line)}: {error}") from error


def _explain(kernel: Kernel, natives: dict[Any, Any]) -> None:
    """Raise ``Refused`` with the line if that is of something that would take memory."""
    import numba

    binding = _bound.Binding(bare, natives, numba.njit(no_cpython_wrapper=True))
    arguments = tuple(_pycc.type_of(code) for code in kernel.arguments.values())
    with contextlib.suppress(*_errors()):
        _check(binding(kernel.function), arguments, list(natives.values()))


def _errors() -> tuple[type[Exception], ...]:
    """What numba raises for code that it can't compile."""
    from numba.core.errors import NumbaError, UnsupportedBytecodeError

    return NumbaError, UnsupportedBytecodeError


_COMPILER = {
    "darwin": "xcode-select --install",
    "win32": "install the Build Tools for Visual Studio, with C++",
}.get(sys.platform, "install gcc, such as with apt install gcc")

_PLACE = re.compile(r'File "([^"\n]+)", line (\d+)')


def _place(error: Exception, kernel: Kernel) -> str:
    """The innermost line of the file's that numba names, and the function that it is of."""
    functions = _extension.reached(kernel.function)
    named = {os.path.basename(function.__code__.co_filename) for function in functions}
    for file, line in reversed(_PLACE.findall(_plain(error))):
        if (base := re.split(r"[/\\]", file)[-1]) in named:
            of = [f for f in functions if _covers(f, base, int(line))]
            return at(of[0] if of else kernel.function, int(line))
    return at(kernel.function)


def _covers(function: FunctionType, file: str, line: int) -> bool:
    code = function.__code__
    lines = [number for _, _, number in code.co_lines() if number]
    return os.path.basename(code.co_filename) == file and min(lines) <= line <= max(lines)


def _plain(error: Exception) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", str(error))


def sentence(error: Exception) -> str:
    """What numba said, without how it got there."""
    said = _plain(error)
    lines = [line.strip() for line in re.split(r"\(step: [^\n]*\)\n", said)[-1].splitlines()]
    lines = [line for line in lines if line and not _PLACE.match(line)]
    first = lines[0] if lines else type(error).__name__
    if match := re.match(r"Cannot bind .* due to \"TypeError: (.*)\"", first):
        return f"numba says, of a call: {match[1]}"
    if any(re.search(r"getitem\(.*array\(.*\), float64\)", line) for line in lines):
        return "an index is a float: write //, or to_int(x) of ft_numba_aot.aot"
    if any("setitem(readonly array" in line for line in lines):
        return "writes to an array that it reads: annotate F64Out or I64Out"
    if first.endswith("found for signature:") and len(lines) > 1:
        first = f"{first.removesuffix(' found for signature:')} for {lines[1].lstrip('> ')}"
    return f"numba says: {first}"


def answer(request: Request, scratch: Path) -> Result:
    """Do what is asked, and say what came of it."""
    file, started = Path(request.file), time.perf_counter()
    target = Path(request.folder) / _extension.path_of(file).name
    kernels: list[Kernel] = []
    try:
        kernels = kernels_of(file)
        if request.only_check:
            isa = _state(kernels, target)
        else:
            isa = request.isa
            _make_writable(target.parent)
            made = compile_kernels(kernels, request, scratch)
            _put(made, target)
    except Refused as error:
        details = "".join(traceback.format_exception(error))
        return Result(
            str(target),
            [kernel.name for kernel in kernels],
            error=str(error),
            details=details,
            unusable=error.unusable,
        )
    seconds = time.perf_counter() - started
    return Result(str(target), [kernel.name for kernel in kernels], isa, seconds)


def _make_writable(folder: Path) -> None:
    """Make the folder, if it isn't there, before anything takes time; raises ``Refused``."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        why = error.strerror or error
        raise Refused(f"can't write to {folder}: {why}", unusable=True) from error


def _put(made: Path, target: Path) -> None:
    """In place at once: what is being imported is the one or the other."""
    beside = target.with_name(f".{target.name}.new")
    try:
        shutil.copyfile(made, beside)
        shutil.copymode(made, beside)
        os.replace(beside, target)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        used = " (does a process use it?)" if isinstance(error, PermissionError) else ""
        raise Refused(f"{target}: {error.strerror or error}{used}", unusable=True) from error


def _state(kernels: list[Kernel], target: Path) -> str:
    """The instruction set of an extension that is current; raises ``Refused`` for any other."""
    try:
        extension = _extension.load(kernels[0].unit.file, target)
    except _extension.Unusable as error:
        raise Refused(str(error)) from error
    old = [kernel.name for kernel in kernels if extension.function(kernel) is None]
    if old:
        raise Refused(f"{target} was built from another state of {', '.join(old)}")
    return extension.isa


def main() -> None:
    """See the top of this file."""
    scratch = Path(sys.argv[1])
    tempfile.tempdir = str(scratch)
    request = Request(*json.load(sys.stdin))
    if not request.only_check:
        _pycc.set_target(request.isa, boundscheck=not request.unchecked)
    result = answer(request, scratch)
    (scratch / RESULT).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
