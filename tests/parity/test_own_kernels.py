"""Kernels of a user's, compiled as the command does it, against the same file run as Python."""

from __future__ import annotations

import importlib.util
import itertools
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ft_numba_aot
from ft_numba_aot import cli
from ft_numba_aot._kernels import _spec
from ft_numba_aot.aot import Kernel, _build, _compile, _pycc, backend_info

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/cookiecutter-kernels"
KERNELS = "{{ cookiecutter.folder }}/user_data/strategies/{{ cookiecutter.kernels }}.py"

# What differs between Python and machine code where nobody looks after it.
OPERATIONS = """
import math
from ft_numba_aot.aot import BoolIn, I64In, fma, sqrt, to_int

SCALE = 3.0

def _declare(name, operation):
    @kernel(name=name)
    def apply(a: F64In, b: F64In, *, out: F64Out) -> None:
        for i in range(len(a)):
            out[i] = operation(a[i], b[i])
    return apply

@helper
def divided(x, y): return x / y

@helper
def floored(x, y): return x // y

@helper
def remainder(x, y): return x % y

@helper
def extremes(x, y): return min(x, y) - SCALE * max(x, y)

@helper
def fused(x, y): return fma(x, y, x) + div(x, y) + sqrt(y)

@helper
def truth(x, y):
    if x and not y:
        return 1.0
    return math.copysign(2.0, x) if x or math.isnan(y) else float(to_int(y))

DECLARED = [_declare(f.__name__, f) for f in (divided, floored, remainder, extremes, fused, truth)]

@kernel
def whole(a: I64In, b: I64In, *, out: I64Out) -> None:
    for i in range(len(a)):
        out[i] = a[i] // b[i] + a[i] % b[i] + (a[i] & b[i]) - abs(a[i]) * (a[i] < b[i])

@kernel
def indexed(close: F64In, n: int, *, out: F64Out) -> None:
    volume_weighted(close[:n], close[:n], close[:n], close[:n], 2, out=out[:n])
    for i in range(len(close)):
        out[i] = close[i + n]

@kernel(work=lambda length, up: 2 * length)
def counted(close: F64In, there: BoolIn, up: bool, room: F64Out) -> int:
    count = 0
    for i, (value, is_there) in enumerate(zip(close, there)):
        room[2 * i] = value
        if is_there and room[2 * i] > 0.0 and up:
            count += 1
    return count
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built; skipped where that can't be."""
    if (why := _build.why_not()) is not None:
        pytest.skip(why)
    source = (EXAMPLE / KERNELS).read_text("utf-8")
    path = tmp_path_factory.mktemp("strategies") / "own_kernels.py"
    path.write_text(source.replace("{{ cookiecutter.", "").replace(" }}", "") + OPERATIONS, "utf-8")
    result = _build.build(path)
    if result.error and "C compiler that works" in result.error:
        pytest.skip(result.error)
    assert result.error is None, result.details
    assert Path(result.extension).parent == path.parent
    return path


@pytest.fixture(scope="module")
def kernels(file: Path) -> dict[str, Kernel]:
    """Those of the file, native."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("FT_NUMBA_AOT_BACKEND", raising=False)
        spec.loader.exec_module(module)
        found = {kernel.name: kernel for kernel in module.volume_weighted.unit.kernels}
        assert {backend_info(kernel).backend for kernel in found.values()} == {"native"}
    return found


def outcome(call: Any, *arguments: Any) -> Any:
    """Results as their bits, where any NaN is any other; or the type of the error."""
    try:
        results = call(*arguments)
    except Exception as error:
        return type(error)
    if not isinstance(results, np.ndarray | tuple):
        return results
    return [
        np.where(result != result, 0, result.view("i8")).tolist()
        for result in (results if isinstance(results, tuple) else (results,))
    ]


def same(kernel: Kernel, *arguments: Any) -> Any:
    """The outcome, of both."""
    found = outcome(kernel, *arguments)
    assert found == outcome(kernel.as_python, *arguments), (kernel, arguments)
    return found


FLOATS = (0.0, -0.0, 1.0, -1.0, 0.1, 7.5, -2.5, 1e308, 5e-324, np.nan, np.inf, -np.inf)
WHOLE = (0, 1, -1, 2, -7, 2**31, -(2**40))


def test_operations(kernels: dict[str, Kernel]) -> None:
    raised = set()
    for one, other in itertools.product(FLOATS, repeat=2):
        for name in ("divided", "floored", "remainder", "extremes", "fused", "truth"):
            if same(kernels[name], [one], [other]) is ZeroDivisionError:
                raised.add(name)
    for a, b in itertools.product(WHOLE, repeat=2):
        if same(kernels["whole"], [a], [b]) is ZeroDivisionError:
            raised.add("whole")
    assert raised == {"divided", "floored", "remainder", "whole"}


def test_indicators(kernels: dict[str, Kernel]) -> None:
    rng = np.random.default_rng(1)
    for length in (0, 1, 19, 20, 500):
        close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.02, length)))
        volume = np.floor(rng.lognormal(0.0, 2.0, length))
        for period in (0, 1, 20):
            found = same(kernels["volume_weighted"], close * 1.01, close, close, volume, period)
            assert (found is ValueError) == (period == 0)
        same(kernels["trailing_line"], close, 0.03)
        same(kernels["counted"], close - 100.0, volume > 1.0, True)
        outcomes = [same(kernels["indexed"], close, n) for n in (-length - 1, -length, -2, 0, 1)]
        assert (outcomes[0] is IndexError) == (length > 0)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("out[0] = a[0] ** 2", "** isn't compiled to exactly what Python does: write x * x"),
        ("out[0] = math.sqrt(a[0])", "math.sqrt: import sqrt from ft_numba_aot.aot instead"),
        ("out[0] = np.mean(a)", "numpy.mean isn't compiled to exactly what Python does"),
        ("out[0] = a.size", "reads .size: all that an array has is items and len()"),
        ("out[0] = int(a[0])", "int() of a float isn't compiled to exactly what Python does"),
        ("out[0] = max(0, a[0])", "max() of a whole number and a float: write 0.0 instead of 0"),
        ("out[0] = 1 << n", "the operator lshift isn't compiled to exactly what Python does"),
        ("out[:n] = NAN", "writes to a part of an array at once: write item by item, in a loop"),
        ("out[0] = (a * 2.0)[0]", "makes an array: compute item by item, in a loop"),
        ("out[0] = abs(a[0] * 1j)", "makes complex numbers"),
        ("out[0] = again(a[0])", "calls itself: write a loop"),
        ("out[0] = n / 2 if n else n", "is a whole number here and a float elsewhere"),
        ("for v in a: pass\n    out[0] = v", "v may have no value: give it one before"),
        ("print(n)", "print() isn't compiled to exactly what Python does"),
        ("if n > 1: raise Own('no')", "raises Own: only Python's own, as ValueError"),
    ],
)
def test_what_would_differ(
    line: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("numba", reason="what it would compile")
    path = tmp_path / "refused.py"
    path.write_text(
        "import math\nimport numpy as np\nfrom ft_numba_aot.aot import *\n"
        "class Own(Exception): ...\n@helper\ndef again(x): return again(x - 1.0) if x else x\n"
        f"@kernel\ndef f(a: F64In, n: int, *, out: F64Out) -> None:\n    {line}\n",
        "utf-8",
    )
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "refused", raising=False)
    (kernel,) = _compile.kernels_of(path)
    natives = {_spec.PRIMITIVES[name]: native for name, native in _pycc.primitives().items()}
    with pytest.raises(_compile.Refused) as refused:
        _compile._explain(kernel, natives)
    assert str(refused.value).startswith("refused.py, line ")
    assert said in str(refused.value)


@pytest.mark.no_cover
@pytest.mark.skipif(ft_numba_aot.backend() == "pure", reason="own kernels are Python then, too")
def test_without_numba(file: Path) -> None:
    code = """
import sys
sys.modules["numba"] = sys.modules["llvmlite"] = None  # importing them fails
import own_kernels
from ft_numba_aot.aot import backend_info
print(backend_info(own_kernels.indexed).backend, own_kernels.trailing_line([1.0, 2.0], 0.5))
try:
    own_kernels.indexed([1.0, 2.0], 1)
except IndexError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=file.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [
        "native (array([0.5, 1. ]), array([1, 1]))",
        "index is out of bounds",
    ]


def test_check(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["build", "--check", str(file)]) == 0
    assert "own_kernels.py: 11 kernels" in capsys.readouterr().out
    source = file.read_text("utf-8")
    file.write_text(source.replace("SCALE = 3.0", "SCALE = 3.5"), "utf-8")
    assert cli.main(["build", "--check", str(file)]) == 1
    assert "was built from another state of volume_weighted" in capsys.readouterr().err
    file.write_text(source, "utf-8")
