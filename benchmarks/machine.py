"""Where something was measured: the machine and the versions. Imports the standard library."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path


def processor() -> str:
    """The CPU's name, as far as the system tells."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def versions(libraries: Iterable[str]) -> str:
    """Python's and those of some libraries."""
    found = (f"{library} {version(library)}" for library in libraries)
    return ", ".join([f"CPython {platform.python_version()}", *found])


def load() -> float:
    """How many processes ran or waited to run, over the last minute; 0.0 where nobody counts."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def machine() -> str:
    """Processor, cores and system."""
    return f"{processor()}, {os.cpu_count()} cores; {platform.system()} {platform.machine()}"
