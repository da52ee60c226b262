"""Whether this process' TA-Lib is the one whose results are known, as it was shipped.

Imports the standard library. ``talib`` is passed in.
"""

from __future__ import annotations

import platform
from types import FunctionType, ModuleType
from typing import Any

from .. import _backend

REFERENCE = "0.8.2"
C_LIBRARY = "0.8.1"

_CYTHON = "cython_function_or_method"
_COMPILED = "talib._ta_lib"


def unfit(talib: ModuleType) -> str:
    """Why no function of this TA-Lib is replaced; empty where they can be."""
    if (version := getattr(talib, "__version__", "unknown")) != REFERENCE:
        return f"TA-Lib {version} was not compared, only {REFERENCE}"
    compiled: Any = vars(talib).get("_ta_lib")
    library = getattr(compiled, "__ta_version__", b"").decode("ascii", "replace")
    if library.partition(" ")[0] != C_LIBRARY:
        return f"TA-Lib's C library {library or 'of no version'} was not compared, only {C_LIBRARY}"
    if (machine := platform.machine().lower()) not in {"x86_64", "amd64"}:
        return f"TA-Lib's own results differ between processors, and {machine} was not compared"
    if _backend.backend() != "native":
        return f"needs the native kernels; these are pure Python: {_backend.backend_info().reason}"
    changed = [
        name for name, value in vars(compiled.Function).items() if not _as_shipped(name, value)
    ]
    if changed:
        return f"other code changed {', '.join(sorted(changed))} of TA-Lib's Function"
    return ""


def unfit_function(talib: ModuleType, abstract: ModuleType, name: str) -> str:
    """Why this one isn't replaced; empty where it can be."""
    compiled: Any = vars(talib)["_ta_lib"]
    function = vars(abstract).get(name)
    plain = vars(talib).get(name)
    if function is None or plain is None:
        return f"this TA-Lib has no {name}"
    if type(function) is not compiled.Function:
        return "other code replaced it"
    if vars(function).get("func_object") is not plain or vars(compiled).get(name) is not plain:
        return f"other code replaced talib.{name}"
    if plain.__module__ != _COMPILED or not _is_compiled(getattr(plain, "__wrapped__", None)):
        return f"other code replaced talib.{name}"
    return ""


def unfit_plain(talib: ModuleType, plain: Any) -> str:
    """Why a plain function isn't replaced; empty where it can be."""
    if not isinstance(plain, FunctionType) or plain.__globals__ is not vars(talib):
        return "it isn't TA-Lib's Python"
    closure = plain.__closure__ or ()
    if plain.__code__.co_freevars != ("func",) or plain.__code__.co_name != "wrapper":
        return "other code changed it"
    if closure[0].cell_contents is not vars(plain).get("__wrapped__"):
        return "other code changed it"
    return ""


def _as_shipped(name: str, value: Any) -> bool:
    if isinstance(value, property):
        return all(_is_compiled(part) for part in (value.fget, value.fset) if part is not None)
    return _is_compiled(value) or not callable(value)


def _is_compiled(value: Any) -> bool:
    return type(value).__name__ == _CYTHON and value.__module__ == _COMPILED
