"""The permanent activation of this Python environment: ``ft_numba_aot.pth`` in its site-packages.

Imports the standard library. The file has one line, which Python's ``site`` executes at the start
of every process there. It starts ``_ft_numba_aot_startup``; where that is gone, it does nothing,
and nobody is told anything at each start of Python.
"""

from __future__ import annotations

import importlib.util
import os
import py_compile
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from _ft_numba_aot_rollback import (
    FILE,
    STARTUP,
    Activation,
    activations,
    folders,
    fresh_process,
    remove,
)

__all__ = [
    "Activation",
    "ActivationError",
    "Enabled",
    "activations",
    "disable",
    "enable",
    "line",
    "why_not_active",
]

_TIMEOUT = 60

# site executes lines that begin with "import ", in a virtual environment twice, and prints a
# traceback where one fails.
_LINE = f"import sys; {STARTUP!r} in sys.modules or exec({{}})\n"
_START = f"""\
try:
 import {STARTUP} as s
 s.start()
except ImportError:
 pass
except Exception as e:
 sys.modules[{STARTUP!r}] = None
 sys.stderr and print('ft-numba-aot: not started, freqtrade runs stock:', repr(e), file=sys.stderr)
"""
# site reads the .pth files of the user's folder, and of a virtual environment that sees its
# system's packages, before the folder that has the module is on the path.
_START_FROM = f"""\
sys.path.append({{folder}})
{_START}finally:
 sys.path.remove({{folder}})
"""
_CHECK = f"""
import sys
print(any(type(finder).__module__ == {STARTUP!r} for finder in sys.meta_path))
"""


class ActivationError(Exception):
    """Why this environment can't be activated, with the remedy."""


class Enabled(NamedTuple):
    """The file, and whether it had to be written."""

    file: Path
    changed: bool


def line(folder: Path) -> str:
    """The line for a ``.pth`` file in ``folder``."""
    home = _module().parent
    here = os.path.realpath(home) == os.path.realpath(folder)
    return _LINE.format(ascii(_START if here else _START_FROM.format(folder=ascii(str(home)))))


def _module() -> Path:
    """The file of the module that is started."""
    spec = importlib.util.find_spec(STARTUP)
    if spec is None or spec.origin is None:
        raise ActivationError(
            f"there is no {STARTUP} in this environment: reinstall ft-numba-aot "
            "(pip install --force-reinstall --no-deps ft-numba-aot)"
        )
    return Path(spec.origin)


def enable() -> Enabled:
    """Activate this environment, in the first of its folders that can be written to."""
    # Not every installer does, and where PYTHONDONTWRITEBYTECODE is set, as in freqtrade's images,
    # every process would compile it for itself: that takes longer than all else.
    with suppress(OSError, py_compile.PyCompileError):
        py_compile.compile(str(_module()), doraise=True)
    refused = []
    for folder in folders():
        file = folder / FILE
        content = line(folder)
        try:
            if file.is_file() and file.read_text(encoding="utf-8", errors="replace") == content:
                return Enabled(file, False)
            _write(file, content)
        except OSError as error:
            refused.append(f"{folder}: {error.strerror or error}")
        else:
            return Enabled(file, True)
    raise ActivationError(
        "none of the folders of this environment can be written to:\n"
        + "".join(f"  {reason}\n" for reason in refused)
        + "Do it as the user who installs packages there; for an image, in its Dockerfile. Or run "
        "freqtrade-aot instead of freqtrade: it needs no activation."
    )


def _write(file: Path, content: str) -> None:
    """Write all of it or nothing: ``site`` of another process may be reading."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f"{FILE}.", suffix=".tmp", dir=file.parent)
    try:
        with open(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(content)
        # As readable as what pip writes; mkstemp's is for its user alone.
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, file)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def disable() -> tuple[list[Activation], dict[Path, str]]:
    """Remove the activation; returns what was removed, and why not what couldn't be."""
    return remove(activations())


def why_not_active() -> str | None:
    """Why a new Python process of this environment doesn't wait for freqtrade; None if it does."""
    try:
        process = fresh_process(_CHECK, timeout=_TIMEOUT)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"a new process gave no answer ({error})"
    if process.stdout.strip() == "True":
        return None
    if not any(activation.ours for activation in activations()):
        return "there is no activation"
    return (
        "a new process didn't start it"
        f"{''.join(f': {text}' for text in process.stderr.strip().splitlines()[-1:])}"
    )
