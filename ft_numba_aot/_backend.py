"""Picks the native extension or the pure fallback, once, and says which and why.

Imports the standard library and numpy. Everything above it asks ``call`` for a kernel and
passes contiguous arrays that it has checked; this module is private.
"""

from __future__ import annotations

import importlib
import os
import struct
import sys
import warnings
from collections.abc import Callable
from importlib.machinery import EXTENSION_SUFFIXES
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

ISAS = {"x86-64-v3": "_native_x86_64_v3", "x86-64": "_native_x86_64", "baseline": "_native"}
BACKENDS = ("native", "pure")
_FORCED = "FT_NUMBA_AOT_BACKEND=pure"


class BackendInfo(NamedTuple):
    """What runs the kernels in this process.

    ``file``, ``isa`` and ``numba`` (the version that compiled it) describe the native extension;
    they are None where the backend is pure, and ``reason`` says why it is.
    """

    backend: str
    file: str | None
    isa: str | None
    numba: str | None
    reason: str | None


class _Unavailable(Exception):
    """Why there is no native extension to use."""


def _choice(variable: str, valid: tuple[str, ...]) -> str | None:
    value = os.environ.get(variable)
    if value and value not in valid:
        raise ImportError(f"{variable}={value!r}: expected one of {', '.join(valid)}")
    return value or None


def _cpu_has_v3() -> bool:
    try:
        umath = importlib.import_module("numpy._core._multiarray_umath")
    except ImportError:  # numpy 1
        umath = importlib.import_module("numpy.core._multiarray_umath")
    features = umath.__cpu_features__
    if "X86_V3" in features:
        return bool(features["X86_V3"])
    return all(features.get(name) for name in ("AVX2", "FMA3", "F16C"))


def _truncated(path: str) -> bool:
    """Whether an ELF file ends before its segments do: loading it would kill the process."""
    with open(path, "rb") as file:
        header = file.read(64)
        if header[:4] != b"\x7fELF":
            return sys.platform.startswith("linux")
        if len(header) < 64 or header[4:6] != b"\x02\x01":
            return True
        (offset,) = struct.unpack_from("<Q", header, 32)
        size, count = struct.unpack_from("<HH", header, 54)
        file.seek(offset)
        table = file.read(size * count)
        end = file.seek(0, os.SEEK_END)
    if len(table) < size * count:
        return True
    segments = (struct.unpack_from("<8xQ16xQ", table, i * size) for i in range(count))
    return any(start + length > end for start, length in segments)


def _path(module: str) -> str | None:
    """The extension's file, beside this one."""
    names = (module + suffix for suffix in EXTENSION_SUFFIXES)
    paths = (os.path.join(os.path.dirname(__file__), name) for name in names)
    return next((path for path in paths if os.path.isfile(path)), None)


def _load(module: str) -> ModuleType:
    path = _path(module)
    if path is None:
        raise _Unavailable(f"this installation has no extension {module}")
    try:
        if _truncated(path):
            raise _Unavailable(f"{path} is damaged or for another platform")
        return importlib.import_module(f"{__package__}.{module}")
    except (ImportError, OSError, SystemError) as error:
        raise _Unavailable(f"{path} does not load: {error}") from error


def _load_native(wanted: str | None) -> tuple[ModuleType, str]:
    if wanted == "x86-64-v3" and not _cpu_has_v3():
        raise _Unavailable("FT_NUMBA_AOT_ISA=x86-64-v3: this CPU lacks some of its instructions")
    if wanted:
        return _load(ISAS[wanted]), wanted
    installed = [isa for isa, module in ISAS.items() if _path(module)]
    if not installed:
        raise _Unavailable("this installation has no native extension (a pure-Python wheel)")
    for isa in installed:
        if isa != "x86-64-v3" or _cpu_has_v3():
            return _load(ISAS[isa]), isa
    raise _Unavailable("this CPU is older than every extension of this installation")


def _is_intended(reason: str) -> bool:
    return reason == _FORCED or "pure-Python wheel" in reason


def _select() -> tuple[ModuleType | None, BackendInfo]:
    wanted = _choice("FT_NUMBA_AOT_BACKEND", BACKENDS)
    isa = _choice("FT_NUMBA_AOT_ISA", tuple(ISAS))
    if wanted == "pure":
        return None, BackendInfo("pure", None, None, None, _FORCED)
    try:
        module, isa = _load_native(isa)
    except _Unavailable as error:
        reason = str(error)
        if wanted == "native":
            raise ImportError(f"FT_NUMBA_AOT_BACKEND=native, but {reason}") from error
        if not _is_intended(reason):
            warnings.warn(
                f"ft-numba-aot runs in pure Python, much slower: {reason}. "
                "`pip install --force-reinstall ft-numba-aot` repairs it; "
                "FT_NUMBA_AOT_BACKEND=pure accepts it silently.",
                RuntimeWarning,
                stacklevel=2,
            )
        return None, BackendInfo("pure", None, None, None, reason)
    version = module._numba_version()
    numba = f"{version // 10**6}.{version // 1000 % 1000}.{version % 1000}"
    return module, BackendInfo("native", module.__file__, isa, numba, None)


_native, _info = _select()
_missing: list[str] = []


def backend() -> str:
    """``"native"`` or ``"pure"``: what runs the kernels in this process."""
    return _info.backend


def backend_info() -> BackendInfo:
    """Which file, which instruction set, which numba built it; why not native, if so."""
    return _info


def is_intended() -> bool:
    """Whether the backend is the one that was asked for or installed, whatever it is."""
    return _info.reason is None or _is_intended(_info.reason)


def missing() -> tuple[str, ...]:
    """The kernels that were asked for and that the native extension lacks."""
    return tuple(dict.fromkeys(_missing))


def _pure_kernels() -> dict[str, Any]:
    try:
        package = importlib.import_module(f"{__package__}._kernels")
    except ModuleNotFoundError as error:
        raise ImportError(
            f"{os.path.dirname(__file__)} is the source, which isn't installed: `pip install .`, "
            "and start Python elsewhere or with -P"
        ) from error
    package.load()
    kernels: dict[str, Any] = package._spec.KERNELS
    return kernels


_DTYPES = {code: np.dtype(name) for code, name in zip("dqi?", ("f8", "i8", "i4", "?"), strict=True)}


_SCALARS: dict[str, Callable[[Any], Any]] = {"int": int, "float": float, "bool": bool}


def _view(array: Any, code: str) -> Any:
    """The array's memory, whose items are Python's own numbers; TypeError where native has one."""
    if isinstance(array, np.ndarray) and array.ndim == 1 and array.dtype == _DTYPES[code.lower()]:
        flags = array.flags
        if flags.c_contiguous and flags.aligned and (flags.writeable or not code.isupper()):
            return memoryview(array)  # type: ignore[arg-type]
    raise TypeError("not a C-contiguous, aligned, one-dimensional array of the declared dtype")


def _pure(kernel: Any) -> Callable[..., Any]:
    function, codes = kernel.function, list(kernel.arguments.values())

    def run(*arguments: Any) -> Any:
        return function(
            *[
                _view(argument, code) if len(code) == 1 else _SCALARS[code](argument)
                for argument, code in zip(arguments, codes, strict=True)
            ]
        )

    return run


def call(name: str) -> Callable[..., Any]:
    """The kernel ``name``: takes arrays and scalars in the order that ``kernels/`` declares.

    Raises ``TypeError`` for arrays that aren't one-dimensional, C-contiguous, aligned, native
    and of the declared dtype. Nothing checks their lengths, or that parameters are in range.
    """
    if _native is not None:
        if (function := getattr(_native, name, None)) is not None:
            return function  # type: ignore[no-any-return]
        _missing.append(name)
        warnings.warn(
            f"{_info.file} has no kernel {name!r}, which runs in pure Python: rebuild it",
            RuntimeWarning,
            stacklevel=2,
        )
    return _pure(_pure_kernels()[name])


def extension(module: str) -> ModuleType | None:
    """Another extension beside the one that runs the kernels; None where Python runs them.

    Where it is missing or damaged, too, after a warning.
    """
    if _native is None:
        return None
    try:
        return _load(module)
    except _Unavailable as error:
        warnings.warn(
            f"what {module} computes runs in pure Python, much slower: {error}",
            RuntimeWarning,
            stacklevel=2,
        )
        return None


def pure_kernels() -> ModuleType:
    """The package of the kernels' plain Python, loaded."""
    _pure_kernels()
    return sys.modules[f"{__package__}._kernels"]


def work(name: str) -> Callable[..., int] | None:
    """``work(length, *parameters)``: float64 values of work space that the kernel needs, if any."""
    if _native is not None and hasattr(_native, name):
        return getattr(_native, f"{name}__work", None)
    size: Callable[..., int] | None = _pure_kernels()[name].work
    return size
