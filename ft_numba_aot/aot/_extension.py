"""The extension beside a file of kernels: its name, whether it is current, and why it isn't used.

Imports the standard library and numpy.
"""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Callable
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .. import _backend
from .._backend import BackendInfo
from . import _bound

if TYPE_CHECKING:
    from ._declared import Kernel

# Of what the extension holds and how it is called: another number means that it isn't used.
FORMAT = 1
# The extension's function of numbers: 0 gives its FORMAT, 1 that of its ISA, 2 the version of
# numba, and from 3 on the fingerprints of its kernels, in the order of their names.
ABOUT = "_about"
ISAS = {"generic": 0, "x86-64": 1, "x86-64-v3": 3}
_SUFFIX = EXTENSION_SUFFIXES[0]


class Extension(NamedTuple):
    """One that loads on this machine; its kernels may be of another state of the file."""

    module: ModuleType
    path: Path
    isa: str
    numba: str

    def function(self, kernel: Kernel) -> Callable[..., Any] | None:
        """The compiled kernel; None where it was compiled from something else."""
        function: Callable[..., Any] | None = getattr(self.module, kernel.name, None)
        if function is None:
            return None
        names = sorted(name for name in vars(self.module) if not name.startswith("_"))
        built = getattr(self.module, ABOUT)(3 + names.index(kernel.name))
        return function if built == fingerprint(kernel) else None


class Unusable(Exception):
    """Why there is no extension; ``built`` is whether someone built one."""

    def __init__(self, why: str, *, built: bool = True) -> None:
        super().__init__(why)
        self.built = built


def module_name(file: Path) -> str:
    """The extension's name as a module."""
    return f"_{file.stem}_native"


def path_of(file: Path) -> Path:
    """Where the extension of ``file`` is looked for, by this Python on this platform."""
    return file.with_name(module_name(file) + _SUFFIX)


def _of_others(path: Path) -> list[str]:
    """Extensions beside ``path`` of the same file, for other Pythons or platforms."""
    beginning = path.name.partition(".")[0] + "."
    try:
        names = os.listdir(path.parent)
    except OSError:
        return []
    return sorted(n for n in names if n.startswith(beginning) and n.endswith((".so", ".pyd")))


def load(file: Path, path: Path) -> Extension:
    """The extension of ``file`` at ``path``; raises ``Unusable``."""
    if not path.is_file():
        others = _of_others(path)
        if not others:
            raise Unusable(f"{path} doesn't exist: {file.name} was never built", built=False)
        raise Unusable(f"{', '.join(others)} is for another Python or platform than {path.name}")
    try:
        if _backend._truncated(str(path)):
            raise Unusable(f"{path} is damaged or for another platform")
        folder = hashlib.sha256(bytes(path)).hexdigest()[:12]
        name = f"_ft_numba_aot_{folder}.{module_name(file)}"
        loader = ExtensionFileLoader(name, str(path))
        module = module_from_spec(ModuleSpec(name, loader, origin=str(path)))
        loader.exec_module(module)
    except (ImportError, OSError, SystemError) as error:
        raise Unusable(f"{path} does not load: {error}") from error
    about = getattr(module, ABOUT, None)
    if about is None or about(0) != FORMAT:
        raise Unusable(f"{path} was built by another version of ft-numba-aot")
    isa = next(name for name, number in ISAS.items() if number == about(1))
    if isa == "x86-64-v3" and not _backend._cpu_has_v3():
        raise Unusable(f"{path} is for {isa}, and this CPU lacks some of its instructions")
    version = about(2)
    numba = f"{version // 10**6}.{version // 1000 % 1000}.{version % 1000}"
    return Extension(module, path, isa, numba)


def fingerprint(kernel: Kernel) -> int:
    """A number that changes with the source of all that the kernel is made of, and its constants.

    Raises ``OSError`` where a source can't be read.
    """
    digest = hashlib.sha256()
    files = dict.fromkeys([kernel.function.__code__.co_filename])
    constants: dict[str, str] = {}
    for function in reached(kernel.function):
        files.setdefault(function.__code__.co_filename)
        for name, value in _bound.used(function).items():
            if isinstance(value, int | float | tuple | np.generic):
                constants[f"{function.__qualname__} {name}"] = repr(value)
    for file in files:
        digest.update(Path(file).read_bytes().replace(b"\r\n", b"\n"))
    digest.update(repr(sorted(constants.items())).encode())
    return int.from_bytes(digest.digest()[:7], "big")


def reached(function: FunctionType) -> list[FunctionType]:
    """The function, and the kernels and helpers that it calls, directly or not; none of ours."""
    from ._declared import bare

    found = {function: None}
    waiting = [function]
    while waiting:
        for value in _bound.used(waiting.pop()).values():
            called = bare(value)
            if called is not None and called not in found and not is_ours(called):
                found[called] = None
                waiting.append(called)
    return list(found)


def is_ours(function: FunctionType) -> bool:
    """Whether it is of this package."""
    return function.__module__.startswith(f"{__package__.partition('.')[0]}.")


class Unit:
    """The kernels of one file, and their extension, which is loaded once."""

    def __init__(self, file: str) -> None:
        self.file = Path(file)
        self.kernels: list[Kernel] = []
        self._extension: Extension | Unusable | None = None
        self._warned = False

    def extension(self) -> Extension:
        """Raises ``Unusable``."""
        if self._extension is None:
            try:
                self._extension = load(self.file, path_of(self.file))
            except Unusable as error:
                self._extension = error
        if isinstance(self._extension, Unusable):
            raise self._extension
        return self._extension

    def resolve(self, kernel: Kernel) -> tuple[Callable[..., Any] | None, BackendInfo]:
        """The compiled kernel, or None; and what runs it, and why. Warns once a file."""
        wanted = _backend._choice("FT_NUMBA_AOT_BACKEND", _backend.BACKENDS)
        if wanted == "pure":
            return None, BackendInfo("pure", None, None, None, "FT_NUMBA_AOT_BACKEND=pure")
        try:
            extension = self.extension()
            function = self._current(extension, kernel)
        except Unusable as error:
            if wanted == "native":
                raise ImportError(f"FT_NUMBA_AOT_BACKEND=native, but {error}") from error
            if error.built and not self._warned:
                self._warned = True
                warnings.warn(
                    f"kernels of {self.file.name} run in pure Python, much slower: {error}. "
                    f"`ft-numba-aot build {self.file}` builds it anew, where numba is.",
                    RuntimeWarning,
                    stacklevel=4,
                )
            return None, BackendInfo("pure", None, None, None, str(error))
        native = BackendInfo("native", str(extension.path), extension.isa, extension.numba, None)
        return function, native

    def _current(self, extension: Extension, kernel: Kernel) -> Callable[..., Any]:
        try:
            function = extension.function(kernel)
        except OSError as error:
            raise Unusable(f"{error.filename} can't be read: {error.strerror}") from error
        if function is None:
            raise Unusable(f"{self.file.name} has changed since {extension.path} was built")
        return function


def backend_info(kernel: Kernel) -> BackendInfo:
    """What runs the kernel in this process: which file, instruction set and numba; why not native.

    >>> backend_info(momentum).backend
    'native'
    """
    return kernel.resolved()[1]
