"""Which functions were found to be as their originals, kept until something they depend on changes.

Imports the standard library. One JSON file an environment: the versions of everything
that takes part, this package's own files, the native extension and the CPU. A cache that can't
be read is empty, one that can't be written stays as it is; neither raises.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import logging
import os
import platform
import sys
import tempfile
import zlib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType
from typing import Any

from .. import _backend, _version
from . import folders

# Of other environments; the least recently written are removed.
KEPT = 8

FORM = 1

# How far a function is looked into: what it wraps, and what that wraps.
DEEPEST = 3

_NAMED = (FunctionType, BuiltinFunctionType, type)

# Those of which a function's result may depend; one that isn't imported has no part in it.
LIBRARIES = ("numpy", "pandas", "bottleneck", "scipy", "polars", "talib", "freqtrade")

_logger = logging.getLogger("ft_numba_aot")
_said: set[str] = set()
_troubles: list[str] = []


def read() -> dict[str, str]:
    """The fingerprint that each function had when it was found to be as its original, by key."""
    path = _file()
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        _say(f"{path} can't be read and is left out of account: {error}")
        return {}
    if not isinstance(content, dict) or content.get("environment") != environment():
        return {}
    verdicts = content.get("identical")
    if not isinstance(verdicts, dict):
        return {}
    return {key: value for key, value in verdicts.items() if isinstance(value, str)}


def add(identical: Mapping[str, str], removed: Iterable[str] = ()) -> bool:
    """Keep the fingerprints of ``identical``, forget those ``removed``; whether that could be."""
    path = _file()
    verdicts = {**read(), **identical}
    for key in removed:
        verdicts.pop(key, None)
    content = {"form": FORM, "environment": environment(), "identical": verdicts}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, json.dumps(content, indent=1).encode())
        _remove_old(path)
    except (OSError, ValueError) as error:
        _troubles[:] = [f"{path} can't be written, so that the next start compares anew: {error}"]
        _say(trouble())
        return False
    _troubles.clear()
    return True


def trouble() -> str:
    """Why the last verdicts weren't kept; empty if they were."""
    return "".join(_troubles)


def fingerprint(*functions: Any) -> str:
    """Of functions as they are in this process: another one of the same name has another."""
    return "".join(f"{zlib.crc32(_described(function).encode()):08x}" for function in functions)


@cache
def environment() -> str:
    """A hash of all that results may depend on besides the functions' own code."""
    info = _backend.backend_info()
    parts = [
        FORM,
        _version.__version__,
        _own_files(),
        sys.version,
        *((name, _version_of(name)) for name in LIBRARIES),
        (info.backend, info.isa, info.numba, info.file and _stamp(info.file)),
        _cpu(),
        _libc(),
    ]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _file() -> Path:
    return folders.cache() / f"verdicts-{environment()[:16]}.json"


def _write(path: Path, content: bytes) -> None:
    """All of it or nothing, whoever else reads or writes."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _remove_old(path: Path) -> None:
    others = [other for other in path.parent.glob("verdicts-*.json") if other != path]
    others.sort(key=lambda other: other.stat().st_mtime, reverse=True)
    for other in others[KEPT:]:
        other.unlink(missing_ok=True)


def _say(what: str) -> None:
    if what not in _said:
        _said.add(what)
        _logger.info("%s", what)


def _version_of(name: str) -> str | None:
    module = sys.modules.get(name)
    return None if module is None else str(getattr(module, "__version__", "unknown"))


def _own_files() -> tuple[int, int]:
    """How many bytes of Python this package has, and when it changed last."""
    size = changed = 0
    stack = [os.path.dirname(_version.__file__)]
    while stack:
        try:
            with os.scandir(stack.pop()) as entries:
                for entry in entries:
                    if entry.name.endswith(".py"):
                        found = entry.stat()
                        size += found.st_size
                        changed = max(changed, found.st_mtime_ns)
                    elif entry.name != "__pycache__" and entry.is_dir():
                        stack.append(entry.path)
        except OSError:
            continue
    return size, changed


def _stamp(file: str) -> tuple[str, int, int]:
    try:
        found = os.stat(file)
    except OSError:
        return file, 0, 0
    return file, found.st_size, found.st_mtime_ns


def _cpu() -> list[str]:
    """Its model, and the features that numpy chooses its loops by."""
    parts = [platform.machine(), os.environ.get("PROCESSOR_IDENTIFIER", "")]
    try:
        with open("/proc/cpuinfo", "rb") as file:
            first = file.read(4096).partition(b"\n\n")[0].decode("ascii", "replace")
    except OSError:
        first = ""
    wanted = ("vendor_id", "cpu family", "model", "stepping", "CPU ")
    parts += [line for line in first.splitlines() if line.startswith(wanted)]
    core = sys.modules.get("numpy._core._multiarray_umath")
    core = core or sys.modules.get("numpy.core._multiarray_umath")
    features: Mapping[str, bool] = getattr(core, "__cpu_features__", {})
    parts += sorted(name for name, present in features.items() if present)
    return parts


def _libc() -> str | None:
    try:
        return os.confstr("CS_GNU_LIBC_VERSION")
    except (AttributeError, ValueError, OSError):
        return None


def _described(function: Any, depth: int = 0) -> str:
    """What tells a function from another one; no address, which differs between processes."""
    own = function.__func__ if isinstance(function, MethodType) else function
    # An object's own attributes may be slow to ask for, or made up.
    named = own if isinstance(own, _NAMED) else type(own)
    parts = [str(named.__module__), named.__qualname__]
    if depth < DEEPEST:
        if isinstance(own, functools.partial):
            values = (own.func, own.args, *own.keywords.items())
        elif isinstance(own, FunctionType):
            parts.append(_of_code(own.__code__))
            cells = own.__closure__ or ()
            values = (*(own.__defaults__ or ()), *(_content(cell) for cell in cells))
        else:
            values = ()
        parts += [_of_value(value, depth) for value in values]
    return "\n".join(parts)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None


def _of_value(value: Any, depth: int) -> str:
    if isinstance(value, (str, bytes, int, float, complex, type(None))):
        return repr(value)
    if isinstance(value, tuple):
        return ",".join(_of_value(item, depth) for item in value)
    if isinstance(value, frozenset):
        return ",".join(sorted(_of_value(item, depth) for item in value))
    if isinstance(value, CodeType):
        return _of_code(value)
    return _described(value, depth + 1)


@cache
def _of_code(code: CodeType) -> str:
    return f"{zlib.crc32(code.co_code)} {code.co_names} {_of_value(code.co_consts, 0)}"
