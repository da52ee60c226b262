"""Where files go: what is named in the environment, the user's cache, and never an exception."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ft_numba_aot.runtime import folders

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="XDG folders")


@pytest.fixture(autouse=True)
def _nothing_named(monkeypatch, tmp_path):
    for variable in ("FT_NUMBA_AOT_CACHE", "FT_NUMBA_AOT_LOGS", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))


def test_each_folder_can_be_named(monkeypatch, tmp_path):
    monkeypatch.setenv("FT_NUMBA_AOT_CACHE", str(tmp_path / "a"))
    assert folders.cache() == tmp_path / "a"
    assert folders.logs() == tmp_path / "a" / "logs"
    assert folders.reproducers() == tmp_path / "a" / "reproducers"
    monkeypatch.setenv("FT_NUMBA_AOT_LOGS", str(tmp_path / "b"))
    assert folders.logs() == tmp_path / "b"


def test_a_name_may_start_with_the_home_and_is_absolute(monkeypatch, tmp_path):
    monkeypatch.setenv("FT_NUMBA_AOT_CACHE", "~/here")
    assert folders.cache() == tmp_path / "here"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FT_NUMBA_AOT_CACHE", "there")
    assert folders.cache() == tmp_path / "there"


@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_name_is_none(monkeypatch, value):
    usual = folders.cache()
    monkeypatch.setenv("FT_NUMBA_AOT_CACHE", value)
    assert folders.cache() == usual


@linux
def test_xdg(monkeypatch, tmp_path):
    assert folders.cache() == tmp_path / ".cache" / "ft-numba-aot"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert folders.cache() == tmp_path / "xdg" / "ft-numba-aot"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert folders.cache() == tmp_path / ".cache" / "ft-numba-aot"


@linux
def test_macos(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert folders.cache() == tmp_path / "Library" / "Caches" / "ft-numba-aot"


def test_windows(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "Local"))
    assert folders.cache() == tmp_path / "Local" / "ft-numba-aot"
    monkeypatch.delenv("LOCALAPPDATA")
    assert folders.cache() == tmp_path / "AppData" / "Local" / "ft-numba-aot"


@linux
def test_a_user_without_a_home_has_a_folder_all_the_same(monkeypatch):
    import pwd

    def unknown(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.delenv("HOME")
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert folders.cache() == Path(f"/tmp/ft-numba-aot-{os.getuid()}") / "ft-numba-aot"
    monkeypatch.setenv("FT_NUMBA_AOT_CACHE", "~/x")
    assert folders.cache().is_absolute()


def test_naming_makes_nothing(tmp_path):
    for folder in (folders.cache(), folders.logs(), folders.reproducers()):
        assert folders.why_not_writable(folder) is None
    assert list(tmp_path.iterdir()) == []


def test_why_a_folder_is_not_writable(monkeypatch, tmp_path):
    file = tmp_path / "file"
    file.touch()
    assert folders.why_not_writable(file / "logs") == f"{file} is not a folder"
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert folders.why_not_writable(tmp_path / "a" / "b") == f"{tmp_path} may not be written to"
