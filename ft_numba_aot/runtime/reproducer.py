"""Writes a Python file that shows a mismatch when it is run, with the call's data beside it.

Imports the standard library and numpy. The data are pickled: exact, and to be loaded only from
people one trusts. The same mismatch is written once, and no more than ``MOST`` are kept.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import logging
import os
import pickle
import re
import sys
from pathlib import Path
from typing import Any

from .. import _version
from . import folders
from .identity import difference
from .registration import Registration

LARGEST = 32 << 20
MOST = 100

# Of the libraries that a result may depend on, those that are imported are named with versions.
_LIBRARIES = ("numpy", "pandas", "bottleneck", "scipy", "talib", "freqtrade")

_logger = logging.getLogger("ft_numba_aot")

_SCRIPT = '''\
"""{key}: {title}

Found with {versions}.
Run it where these are installed: it makes the call again, of the original and of what stands in
for it, and exits with 1 if they still differ. The call is in {data}, a pickle.
"""

import importlib
import pathlib
import pickle
import sys

KEY = {key!r}
ORIGINAL = {original!r}
OPTIMIZED = {optimized!r}
DATA = pathlib.Path(__file__).with_name({data!r})


def find(spelled):
    """What is spelled module:name; None where there is nothing to import."""
    if spelled is None:
        return None
    module, _, path = spelled.partition(":")
    found = importlib.import_module(module)
    for step in path.split("."):
        found = getattr(found, step)
    return found


def main():
    recorded = pickle.loads(DATA.read_bytes())
    args, kwargs = recorded["call"]
    print(KEY, "called with", len(args), "arguments and", sorted(kwargs))
    print("as it was found: ", recorded["what"])
    original, optimized = find(ORIGINAL), find(OPTIMIZED)
    if original is None or optimized is None:
        print("One of the functions has no name to import it by: nothing is called again.")
        return 2
    from ft_numba_aot.runtime.validation import compare

    what, ours, theirs = compare(original, optimized, (args, kwargs))
    print("the original:    ", repr(theirs.value))
    print("what stands in:  ", repr(ours.value))
    print("now:             ", what or "the same")
    return 1 if what else 0


if __name__ == "__main__":
    sys.exit(main())
'''


def write(
    registration: Registration,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    ours: Any,
    theirs: Any,
    *,
    what: str = "",
) -> Path | None:
    """Write the files; the script's path, or None where they can't be written.

    ``ours`` and ``theirs`` are results or exceptions, ``what`` says how they differ. Never raises
    an ``Exception``.
    """
    try:
        return _write(registration, args, kwargs, ours, theirs, what)
    except Exception as error:
        _logger.info("%s: no reproducer was written: %s", registration.key, error)
        return None


def _write(
    registration: Registration,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    ours: Any,
    theirs: Any,
    what: str,
) -> Path | None:
    what = what or difference(ours, theirs) or "the results are the same"
    call = _pickled((args, kwargs))
    stem = f"{_safe(registration.key)}-{hashlib.sha256(call).hexdigest()[:12]}"
    folder = folders.reproducers()
    script, data = folder / f"{stem}.py", folder / f"{stem}.pickle"
    if script.exists() and data.exists():
        return script
    folder.mkdir(parents=True, exist_ok=True)
    if sum(1 for _ in folder.glob("*.py")) >= MOST:
        _logger.info("%s: %s has %d reproducers: no more are kept", registration.key, folder, MOST)
        return None
    recorded = {"call": (args, kwargs), "what": what, "ours": ours, "theirs": theirs}
    try:
        content = _pickled(recorded)
    except Exception:  # a result that can't be pickled, or is too large
        content = _pickled({"call": (args, kwargs), "what": what})
    text = _SCRIPT.format(
        key=registration.key,
        title=_in_docstring(what),
        versions=_in_docstring(_versions()),
        original=_spelled(registration.original),
        optimized=_spelled(registration.optimized),
        data=data.name,
    )
    for path, raw in ((data, content), (script, text.encode())):
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_bytes(raw)
        os.replace(temporary, path)
    return script


class _Capped(io.BytesIO):
    def write(self, raw: Any) -> int:
        if self.tell() + len(raw) > LARGEST:
            raise ValueError(f"its data are larger than {LARGEST >> 20} MB")
        return super().write(raw)


def _pickled(value: Any) -> bytes:
    buffer = _Capped()
    pickle.dump(value, buffer, protocol=4)
    return buffer.getvalue()


def _safe(key: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.]+", "_", key)


def _in_docstring(text: str) -> str:
    return " ".join(text.split()).replace("\\", "/").replace('"""', "'''").rstrip('"')


def _versions() -> str:
    loaded = ((name, sys.modules.get(name)) for name in _LIBRARIES)
    named = [f"{name} {getattr(module, '__version__', '?')}" for name, module in loaded if module]
    python = sys.version.partition(" ")[0]
    return ", ".join([f"ft_numba_aot {_version.__version__}", f"Python {python}", *named])


def _spelled(function: Any) -> str | None:
    """``module:name`` of a function, None if there is nothing to import it by."""
    kind = type(function)
    if kind.__name__ == "Function" and hasattr(function, "info"):
        own = kind.__module__.startswith("ft_numba_aot")
        return f"{'ft_numba_aot.ta' if own else 'talib.abstract'}:{function.info['name']}"
    module = getattr(function, "__module__", None)
    name = getattr(function, "__qualname__", None)
    code = getattr(function, "__code__", None)
    if getattr(function, "__wrapped__", None) is not None and code is not None:
        # functools.wraps made its names those of the original.
        module, name = _home(code.co_filename) or module, code.co_qualname
    spelled = f"{module}:{name}"
    return spelled if module and name and "<locals>" not in name and _found(spelled) else None


def _home(file: str) -> str | None:
    """The imported module of that file."""
    for name, module in list(sys.modules.items()):
        if getattr(module, "__file__", None) == file:
            return name
    return None


def _found(spelled: str) -> bool:
    module, _, path = spelled.partition(":")
    if module == "__main__":
        return False
    try:
        found: Any = importlib.import_module(module)
        for step in path.split("."):
            found = getattr(found, step)
    except (ImportError, AttributeError):
        return False
    return callable(found)
