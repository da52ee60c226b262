"""``ft-numba-aot build``: what it says of files that can't be compiled, and of environments."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ft_numba_aot import cli
from ft_numba_aot.aot import _build, _compile, _source

HEAD = """import math
import numpy as np
from math import sqrt as root
from ft_numba_aot.aot import *
"""
KERNEL = "@kernel\ndef f(a: F64In, n: int, *, out: F64Out) -> None:\n    out[0] = a[0]\n"


@pytest.fixture
def answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the compiling process would answer to a file with this text, without compiling."""

    def compile_nothing(kernels: Any, request: Any, scratch: Path) -> Path:
        for function in {kernel.function for kernel in kernels}:
            _source.check_syntax(function)
            _source.check_names(function)
        made = scratch / "compiled"
        made.write_bytes(b"compiled")
        return made

    def ask(text: str, **request: Any) -> _compile.Result:
        file = tmp_path / "mine.py"
        file.write_text(text, "utf-8")
        monkeypatch.delitem(sys.modules, "mine", raising=False)
        folder = request.pop("folder", str(tmp_path / "made" / "here"))
        return _compile.answer(_compile.Request(str(file), folder, "generic", **request), tmp_path)

    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(_compile, "compile_kernels", compile_nothing)
    yield ask
    sys.modules.pop("mine", None)


def test_in_place(answer: Any) -> None:
    result = answer(HEAD + KERNEL)
    assert (result.error, result.kernels, result.isa) == (None, ["f"], "generic")
    assert Path(result.extension).read_bytes() == b"compiled"
    assert Path(result.extension).name.startswith("_mine_native.")
    assert [path.name for path in Path(result.extension).parent.iterdir()] == [
        Path(result.extension).name
    ]
    checked = answer(HEAD + KERNEL, only_check=True)
    assert result.extension in checked.error
    assert not checked.unusable


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "x = 1\n",
            "mine.py declares no kernel: put @kernel, of ft_numba_aot.aot, above a function",
        ),
        ("def f(:\n", "mine.py, line 1: invalid syntax"),
        ("x = 1\nimport nowhere_at_all\n", "mine.py, line 2: ModuleNotFoundError: No module named"),
        ("import sys\nsys.exit('bye')\n", "mine.py, line 2: SystemExit: bye"),
        (
            HEAD + "@kernel\ndef f(a) -> int: ...\n",
            "mine.py, line 5: kernel f: a has no annotation",
        ),
        (HEAD + KERNEL + KERNEL, "mine.py, line 8: f: there is one of that name in line 5"),
    ],
)
def test_files_without_kernels(answer: Any, text: str, said: str) -> None:
    result = answer(text)
    assert result.error.startswith(said)
    assert not result.unusable
    assert "Traceback" in result.details


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("out[0] = root(a[0])", "math.sqrt: import sqrt from ft_numba_aot.aot instead"),
        ("out[0] = undeclared(a[0])", "calls undeclared, which has no @helper above it"),
        ("out[0] = missing", "missing isn't defined"),
        ("out[0] = LIST[0]", "reads LIST, of type list: only numbers, tuples of them and the"),
        ("out[0] = ARRAY[0]", "reads ARRAY, of type ndarray: only numbers"),
        ("out[0] = json.x", "uses the module json: import what it uses of it, by name"),
        ("x = [1.0]", "compiled code has no list: only numbers, tuples of them and the arrays"),
        ("x = {v for v in a}", "compiled code has no set: only numbers"),
        ("raise ValueError(f'{n}')", "compiled code has no text that is put together"),
        ("with a: pass", "compiled code has no with"),
        ("g = lambda: 1", "compiled code has no lambda"),
        ("global LIST", "compiled code has no global"),
    ],
)
def test_what_numba_need_not_see(answer: Any, line: str, said: str) -> None:
    before = "import json\nLIST = [1.0]\nARRAY = np.ones(1)\ndef undeclared(x): return x\n"
    result = answer(f"{HEAD}{before}{KERNEL}    {line}\n")
    assert result.error.startswith(f"mine.py, line 12: f: {said}")
    allowed = "out[0] = math.pi + np.nan + PAIR[1] + sqrt(a[0]) + math.fabs(min(a[0], NAN))"
    assert answer(f"{HEAD}PAIR = (1, np.float32(2))\n{KERNEL}    {allowed}\n").error is None


def test_what_numba_says() -> None:
    said = """Failed in nopython mode pipeline (step: nopython frontend)
\x1b[1mFailed in nopython mode pipeline (step: nopython frontend)
No implementation of function Function(<built-in function add>) found for signature:

 >>> add(float64, Literal[str](x))

There are 18 candidate implementations:
"""
    assert _compile.sentence(Exception(said)) == (
        "numba says: No implementation of function Function(<built-in function add>) for "
        "add(float64, Literal[str](x))"
    )
    said = "Cannot bind 'args=(float64,)' to signature '(x)' due to \"TypeError: too many\"."
    assert _compile.sentence(Exception(said)) == "numba says, of a call: too many"


def test_a_folder_that_cannot_be_written_to(answer: Any, tmp_path: Path) -> None:
    result = answer(HEAD + KERNEL, folder=str(tmp_path / "mine.py"))
    assert result.error.startswith(f"can't write to {tmp_path / 'mine.py'}: ")
    assert result.unusable


def test_names_and_processors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(_build.build(tmp_path / "my-kernels.py").error).startswith("my-kernels.py can't be")
    assert str(_build.build(tmp_path / "kernels.txt").error).startswith(
        "kernels.txt is no Python f"
    )
    monkeypatch.setattr("platform.machine", lambda: "AMD64")
    assert _build.cpu_of("baseline") == "x86-64"
    monkeypatch.setattr("ft_numba_aot._backend._cpu_has_v3", lambda: True)
    assert _build.cpu_of("native") == _build.cpu_of("x86-64-v3") == "x86-64-v3"
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    assert _build.cpu_of("native") == _build.cpu_of("baseline") == "generic"
    with pytest.raises(_build.Unusable, match="x86-64-v3 isn't for this processor, arm64"):
        _build.cpu_of("x86-64-v3")


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file for the command, whose process is replaced: it only gives up."""

    def run(command: list[str], **_: Any) -> Any:
        return subprocess.CompletedProcess(command, -11, "", "before\nSegmentation fault\n")

    monkeypatch.setattr(_build, "why_not", lambda: None)
    monkeypatch.setattr(subprocess, "run", run)
    file = tmp_path / "mine.py"
    file.write_text(HEAD + KERNEL, "utf-8")
    return str(file)


def test_a_process_that_dies(mine: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = "mine.py: the process that compiles it ended with -11: Segmentation fault"
    assert cli.main(["build", mine]) == 2
    assert capsys.readouterr().err == f"ft-numba-aot build: {said}\n"
    assert cli.main(["build", "--verbose", mine]) == 2
    assert capsys.readouterr().err == f"ft-numba-aot build: {said}\nbefore\nSegmentation fault\n"
    assert cli.main(["build", "--json", mine]) == 2
    assert json.loads(capsys.readouterr().out)["files"][0]["error"] == said


def test_environments_without_numba(
    mine: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert cli.main(["build", mine]) == 2
    assert capsys.readouterr().err == (
        "ft-numba-aot build: it compiles with numba 0.68.1; not installed: numba, setuptools: "
        'pip install "ft-numba-aot[build]"\n'
    )
    assert cli.main(["build", "--json", mine]) == 2
    assert json.loads(capsys.readouterr().out)["files"] == []


def test_what_was_built(
    mine: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    result = _compile.Result("mine.so", ["f", "g"], "x86-64", 1.26)
    monkeypatch.setattr(_build, "build", lambda *_, **__: result)
    assert cli.main(["build", mine, "--output", "folder"]) == 0
    assert capsys.readouterr().out == (
        "mine.py: 2 kernels, x86-64, compiled in 1.3 s: f, g\n  mine.so\n"
    )
    assert cli.main(["build", mine, "--check"]) == 0
    assert "mine.py: 2 kernels, x86-64, current: f, g\n" in capsys.readouterr().out
    monkeypatch.setattr(_build, "build", lambda *_, **__: result._replace(error="it is old"))
    assert cli.main(["build", mine, "--check"]) == 1
    assert capsys.readouterr().err == "ft-numba-aot build: it is old\n"
