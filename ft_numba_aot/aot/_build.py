"""Has files of kernels compiled, or looks whether they are: a process for each.

Imports the standard library and numpy; numba is the business of those processes.
"""

from __future__ import annotations

import importlib.util
import json
import keyword
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from .. import _backend
from ._compile import RESULT, Request, Result
from ._pycc import NUMBA

ISAS = ("baseline", "native", "x86-64-v3")
INSTALL = 'pip install "ft-numba-aot[build]"'


class Unusable(Exception):
    """Why nothing can be built here."""


def why_not() -> str | None:
    """What is missing for compiling, with the remedy; None if it is all there."""
    missing = [name for name in ("numba", "setuptools") if importlib.util.find_spec(name) is None]
    if missing:
        return f"it compiles with numba {NUMBA}; not installed: {', '.join(missing)}: {INSTALL}"
    return None


def cpu_of(isa: str) -> str:
    """The LLVM CPU for a choice of ``ISAS``: "native" is the best of the others that this CPU has.

    Raises ``Unusable`` for instructions of another kind of processor.
    """
    x86 = platform.machine().lower() in {"x86_64", "amd64"}
    if isa == "x86-64-v3" and not x86:
        raise Unusable(f"x86-64-v3 isn't for this processor, {platform.machine()}: baseline is")
    if not x86:
        return "generic"
    v3 = isa == "x86-64-v3" or (isa == "native" and _backend._cpu_has_v3())
    return "x86-64-v3" if v3 else "x86-64"


def build(
    file: Path,
    folder: Path | None = None,
    *,
    isa: str = "baseline",
    unchecked: bool = False,
    only_check: bool = False,
) -> Result:
    """Compile the kernels of ``file`` into ``folder``, or beside it; or look whether that is so."""
    file = file.absolute()
    target = str(folder.absolute() if folder else file.parent)
    if problem := _misnamed(file):
        return Result(target, [], error=problem)
    request = Request(str(file), target, cpu_of(isa), unchecked, only_check)
    with tempfile.TemporaryDirectory(prefix="ft-numba-aot-") as scratch:
        done = subprocess.run(
            [sys.executable, "-P", "-m", _compile_module(), scratch],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        result = Path(scratch, RESULT)
        if result.is_file():
            found = Result(*json.loads(result.read_text(encoding="utf-8")))
            return found._replace(details=f"{done.stdout}{done.stderr}{found.details}")
    said = f"{done.stdout}{done.stderr}".strip()
    last = said.splitlines()[-1] if said else "without a word"
    return Result(
        target,
        [],
        error=f"{file.name}: the process that compiles it ended with {done.returncode}: {last}",
        details=said,
        unusable=True,
    )


def _compile_module() -> str:
    return f"{__package__}._compile"


def _misnamed(file: Path) -> str | None:
    name = file.stem
    if file.suffix != ".py":
        return f"{file.name} is no Python file: expected a name that ends in .py"
    if not (name.isidentifier() and name.isascii()) or keyword.iskeyword(name):
        return f"{file.name} can't be imported: rename it, with a-z, 0-9 and _ only"
    return None
