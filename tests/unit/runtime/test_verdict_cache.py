"""Verdicts are found again where nothing changed, and no state of the folder is an error."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ft_numba_aot.runtime import verdict_cache
from ft_numba_aot.runtime.verdict_cache import add, environment, fingerprint, read


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path) -> Path:
    monkeypatch.setenv("FT_NUMBA_AOT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def only_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_nothing_is_made_by_reading(folder):
    assert read() == {}
    assert not folder.exists()


def test_what_is_added_is_read(folder):
    assert add({"a": "1", "b": "2"})
    assert add({"c": "3"}, removed=["b", "unknown"])
    assert read() == {"a": "1", "c": "3"}
    assert only_file(folder).suffix == ".json"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[]", b"null", b"{}", b'{"environment": 1}', b"[" * 100_000],
)
def test_a_damaged_file_is_empty(folder, content):
    add({"a": "1"})
    only_file(folder).write_bytes(content)
    assert read() == {}
    assert add({"b": "2"})
    assert read() == {"b": "2"}


@pytest.mark.parametrize("verdicts", [None, [], {"a": 1, "b": "2"}])
def test_other_values_are_left_out(folder, verdicts):
    add({})
    content = {"environment": environment(), "identical": verdicts}
    only_file(folder).write_text(json.dumps(content))
    assert read() == ({"b": "2"} if isinstance(verdicts, dict) else {})


def test_a_file_of_another_environment_is_empty(folder):
    add({"a": "1"})
    path = only_file(folder)
    path.write_text(path.read_text().replace(environment(), "0" * 64))
    assert read() == {}


def test_a_folder_that_is_a_file(folder):
    folder.write_text("")
    assert not add({"a": "1"})
    assert read() == {}


def test_a_file_that_is_a_folder(folder):
    (folder / f"verdicts-{environment()[:16]}.json").mkdir(parents=True)
    assert read() == {}
    assert not add({"a": "1"})


def test_a_full_disk(folder, monkeypatch):
    add({"a": "1"})

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert not add({"b": "2"})
    assert read() == {"a": "1"}
    assert [path.suffix for path in folder.iterdir()] == [".json"], "half a file is left"


def test_few_files_are_kept(folder):
    folder.mkdir()
    for number in range(20):
        path = folder / f"verdicts-{number:016}.json"
        path.write_text("{}")
        os.utime(path, (number, number))
    (folder / "other.json").write_text("")
    assert add({"a": "1"})
    names = {path.name for path in folder.iterdir()}
    assert len(names) == verdict_cache.KEPT + 2
    assert f"verdicts-{19:016}.json" in names
    assert read() == {"a": "1"}


def one(x, y=1):
    return x + y if x in {"a", "b"} else x


def test_a_fingerprint_is_of_the_code():
    def other(x, y=1):
        return x - y

    def third(x, y=2):
        return x - y

    def add_to(value):
        return lambda x: x + value

    functions = [one, other, third, add_to(1), add_to(2), len, str.upper, dict]
    functions += [functools.partial(one, 1), functools.partial(one, 2), functools.partial(other, 1)]
    prints = [fingerprint(function) for function in functions]
    assert len(set(prints)) == len(prints)
    assert [fingerprint(function) for function in functions] == prints
    assert fingerprint(one, len) != fingerprint(len, one)
    assert fingerprint(functools.wraps(one)(other)) != fingerprint(one)


SCRIPT = """
import numpy, pandas, functools
from ft_numba_aot.runtime.verdict_cache import environment, fingerprint
def one(x, y=(1, "a"), z=print):
    return x in {"a", "b", "c", "d"} or (lambda: y)()
print(environment(), fingerprint(one, functools.partial(one, object()), object))
"""


def run(**environ: str) -> str:
    done = subprocess.run(
        [sys.executable, "-P", "-c", SCRIPT],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_another_process_has_the_same_unless_it_differs():
    first = run(PYTHONHASHSEED="1")
    assert run(PYTHONHASHSEED="2") == first
    if verdict_cache._backend.backend() == "native":
        assert run(FT_NUMBA_AOT_BACKEND="pure") != first


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("_cpu", lambda: ["another"]),
        ("_libc", lambda: "glibc 1"),
        ("_own_files", lambda: (1, 1)),
        ("_version_of", lambda name: "0" if name == "numpy" else None),
        ("_stamp", lambda file: (file, 1, 1)),
    ],
)
def test_the_environment_depends_on(monkeypatch, name, value):
    before = environment()
    monkeypatch.setattr(verdict_cache, name, value)
    if name == "_stamp" and verdict_cache._backend.backend_info().file is None:
        pytest.skip("there is no extension")
    assert environment.__wrapped__() != before
