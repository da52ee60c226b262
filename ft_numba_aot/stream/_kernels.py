"""Where the kernels of streams come from: the extension ``_native_stream``, or their Python.

Loaded when the first stream is opened, and not with the package.
"""

from __future__ import annotations

import hashlib
import importlib
import math
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from .. import _backend
from ..ta._table import DEFINITIONS

EXTENSION = "_native_stream"


class Kernel(NamedTuple):
    """``run(memory, *candle)`` gives the outputs after one more candle.

    ``slots`` of the memory are what it carries from candle to candle, and ``each`` more for each
    round of its last loop. ``work(length, *parameters)`` is how long its work space is.
    """

    run: Callable[..., Any]
    slots: int
    each: int
    work: Callable[..., int]


def kernel(name: str) -> Kernel:
    """The kernel of a function's stream."""
    native = _native()
    return _python(name) if native is None else _compiled(native, name)


@cache
def fingerprint() -> int:
    """A number that changes with the kernels, and with them what a memory means."""
    native = _native()
    if native is not None:
        return int(native._fingerprint())
    folder = Path(str(_backend.pure_kernels().__file__)).parent
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return int.from_bytes(digest.digest()[:7], "big")


def _none(length: int, *parameters: float) -> int:
    return 0


@cache
def _native() -> ModuleType | None:
    return _backend.extension(EXTENSION)


def _compiled(native: ModuleType, name: str) -> Kernel:
    slots = native._slots(_places()[name])
    work = getattr(native, f"{name}__work", _none)
    return Kernel(getattr(native, name), slots & 0xFFFFFFFF, slots >> 32, work)


@cache
def _places() -> dict[str, int]:
    return {name.lower(): at for at, name in enumerate(sorted(DEFINITIONS, key=str.lower))}


@cache
def _package() -> Any:
    kernels = _backend.pure_kernels()
    resume = importlib.import_module(f"{kernels.__name__}._resume")
    return resume.Package(kernels, f"{__name__}.resumable")


def _python(name: str) -> Kernel:
    package = _package()
    declared = package.kernels[name]
    scope: dict[str, Any] = {"kernel": declared.function, "INF": math.inf}
    exec(package.entry(name), scope)
    function = scope[name]

    def run(memory: Any, *candle: Any) -> Any:
        # As C takes a number, and its error for anything else; items are Python's own.
        return function(memoryview(memory), *[math.ldexp(value, 0) for value in candle])

    slots, each = package.slots(name)
    return Kernel(run, slots, each, declared.work or _none)
