"""Which pandas and Python the replacements were tried with.

Imports the standard library.
"""

from __future__ import annotations

import functools
import sys
from importlib import metadata

from .fingerprints import SUPPORTED, Support

PANDAS = (3,)

# The first and the last. Builtin sum() is compensated from 3.12 on: ours adds up what stock does.
PYTHON = ((3, 11), (3, 13))


def environment() -> Support:
    """Whether this process' Python and pandas are among those that were tried."""
    version = _version("pandas")
    if int(version.partition(".")[0]) not in PANDAS:
        tried = " and ".join(f"{major}.x" for major in PANDAS)
        return Support(False, f"pandas {version} was not tried, only {tried}")
    if not PYTHON[0] <= sys.version_info[:2] <= PYTHON[1]:
        return Support(False, f"Python {sys.version_info[0]}.{sys.version_info[1]} was not tried")
    return SUPPORTED


@functools.cache
def _version(package: str) -> str:
    return metadata.version(package)
