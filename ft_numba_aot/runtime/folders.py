"""Where the runtime keeps its files. Naming a folder makes nothing: whoever writes makes it.

Imports the standard library.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_NAME = "ft-numba-aot"


def cache() -> Path:
    """The folder of what can be made again: ``FT_NUMBA_AOT_CACHE``, or the user's own cache."""
    return _named("FT_NUMBA_AOT_CACHE") or _users_cache() / _NAME


def logs() -> Path:
    """The folder of performance logs and snapshots: ``FT_NUMBA_AOT_LOGS``, or in the cache."""
    return _named("FT_NUMBA_AOT_LOGS") or cache() / "logs"


def reproducers() -> Path:
    """The folder of the files that show a mismatch when they are run."""
    return cache() / "reproducers"


def why_not_writable(folder: Path) -> str | None:
    """Why ``folder``, which may not exist yet, can't be written to; None if it can. Makes nothing.

    Permissions alone: a full disk shows when something is written.
    """
    for existing in (folder, *folder.parents):
        try:
            if not existing.exists():
                continue
            if not existing.is_dir():
                return f"{existing} is not a folder"
            if not os.access(existing, os.W_OK | os.X_OK):
                return f"{existing} may not be written to"
        except OSError as error:
            return f"{existing}: {error.strerror or error}"
        return None
    return f"{folder} has no parent that exists"


def _named(variable: str) -> Path | None:
    value = os.environ.get(variable, "").strip()
    return _expanded(value) if value else None


def _expanded(path: str) -> Path:
    # expanduser leaves what it can't expand, a user without a home, as it is.
    return Path(os.path.expanduser(path)).absolute()


def _users_cache() -> Path:
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA", "").strip()
        return Path(local) if local else _expanded("~/AppData/Local")
    home = os.path.expanduser("~")
    if not os.path.isabs(home):
        # A user that the system doesn't know, as in many containers.
        return Path(os.environ.get("TMPDIR") or "/tmp") / f"{_NAME}-{os.getuid()}"
    if sys.platform == "darwin":
        return Path(home) / "Library" / "Caches"
    # The XDG specification: a relative path is to be ignored.
    named = os.environ.get("XDG_CACHE_HOME", "")
    return Path(named) if os.path.isabs(named) else Path(home) / ".cache"
