"""Which versions, kernels and processor this environment has, in words and for JSON.

Imports the standard library.
"""

from __future__ import annotations

import platform
import sys
from importlib import metadata
from typing import Any

from .. import _backend
from .._version import __version__

PACKAGES = ("freqtrade", "TA-Lib", "technical", "pandas", "numpy")


def version(package: str) -> str | None:
    """Of an installed package; None where it isn't installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def versions() -> dict[str, str | None]:
    """Of all that takes part."""
    found: dict[str, str | None] = {"ft-numba-aot": __version__}
    found |= {package: version(package) for package in PACKAGES}
    talib = sys.modules.get("talib")
    if talib is not None:
        library = getattr(talib, "__ta_version__", b"").decode("ascii", "replace")
        found["TA-Lib C"] = library.partition(" ")[0] or None
    return found | {"Python": platform.python_version()}


def versions_line(names: tuple[str, ...] = PACKAGES) -> str:
    """The versions of ``names`` and Python in a line."""
    found = versions()
    shown = [f"{name} {found[name] or 'not installed'}" for name in names]
    return ", ".join([*shown, f"Python {found['Python']}"])


def kernels() -> dict[str, Any]:
    """What runs the kernels, as JSON can hold it."""
    return _backend.backend_info()._asdict()


def kernels_line() -> str:
    """What runs the kernels, and why that isn't native code, if so."""
    info = _backend.backend_info()
    if info.backend == "native":
        return f"native, {info.isa}, compiled by numba {info.numba}"
    return f"pure Python, much slower: {info.reason}"


def processor() -> str:
    """The processor's name, as far as it can be told."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            for line in file:
                name, _, value = line.partition(":")
                if name.strip() == "model name":
                    return value.strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
