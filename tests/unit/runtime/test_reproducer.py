"""The file that shows a mismatch: it runs and exits with 1; what can't be written is no error."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ft_numba_aot import ta
from ft_numba_aot.runtime import reproducer
from ft_numba_aot.runtime.registration import Registration


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path) -> Path:
    monkeypatch.setenv("FT_NUMBA_AOT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "reproducers"


def registration(original: Any, optimized: Any, name: str = "sum") -> Registration:
    return Registration("test", name, original=original, optimized=optimized)


def run(script: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, script], check=False, capture_output=True, text=True)


def test_it_shows_the_mismatch(folder):
    frame = pd.DataFrame({"a": [0.1, math.nan], "b": ["x", None]})
    args = (np.array([0.1, 0.2, 0.3] * 50),)
    script = reproducer.write(
        registration(math.fsum, np.sum), args, {}, np.sum(args[0]), math.fsum(args[0])
    )
    assert script is not None
    assert script.parent == folder
    done = run(script)
    assert done.returncode == 1, done.stderr
    assert "is not" in done.stdout
    assert "30.0" in done.stdout
    assert reproducer.write(registration(len, len), (frame,), {"x": 1}, 2, 3) is not None


def test_it_says_when_it_is_mended():
    script = reproducer.write(registration(math.fsum, math.fsum), ([0.1],), {}, 0.2, 0.1)
    assert script is not None
    done = run(script)
    assert done.returncode == 0, done.stderr
    assert "0.2 is not 0.1" in done.stdout
    assert "the same" in done.stdout


def test_indicators_are_found_by_name():
    abstract = pytest.importorskip("talib.abstract")
    args = ({"close": np.arange(50.0)},)
    script = reproducer.write(registration(abstract.SMA, ta.SMA), args, {"timeperiod": 3}, 1, 2)
    assert script is not None
    done = run(script)
    assert done.returncode == 0, done.stderr
    assert "talib.abstract:SMA" in script.read_text()


def test_a_function_without_a_name_is_not_called():
    script = reproducer.write(registration(lambda x: x, len), (1,), {}, 2, ValueError('"""\\'))
    assert script is not None
    done = run(script)
    assert done.returncode == 2, done.stderr
    assert "ValueError" in done.stdout


def test_the_same_is_written_once(folder):
    both = [reproducer.write(registration(len, len), ([1],), {}, 1, 2) for _ in range(2)]
    assert both[0] == both[1]
    assert len(list(folder.iterdir())) == 2
    assert reproducer.write(registration(len, len), ([2],), {}, 1, 2) not in both


def test_data_are_exact():
    odd = np.array([math.nan, -0.0, 5e-324, math.inf])
    script = reproducer.write(registration(len, len), (odd,), {"b": odd[::2]}, odd, None)
    assert script is not None
    recorded = pd.read_pickle(script.with_suffix(".pickle"))
    assert recorded["call"][0][0].tobytes() == odd.tobytes()
    assert recorded["ours"].tobytes() == odd.tobytes()


@pytest.mark.parametrize(
    "args",
    [(lambda: None,), (np.zeros((reproducer.LARGEST >> 3) + 1),), (sys,), (open,) * 0 + (iter,)],
    ids=["function", "too large", "module", "builtin"],
)
def test_what_can_not_be_written_is_none_or_a_file(args):
    found = reproducer.write(registration(len, len), args, {}, 1, 2)
    assert found is None or found.exists()


def test_a_result_that_can_not_be_kept_is_left_out():
    script = reproducer.write(registration(len, len), ([],), {}, lambda: None, 2)
    assert script is not None
    assert run(script).returncode == 0


def test_an_unwritable_folder_is_no_error(folder):
    folder.parent.parent.mkdir(exist_ok=True)
    folder.parent.write_text("")
    assert reproducer.write(registration(len, len), ([],), {}, 1, 2) is None


def test_no_more_than_so_many(monkeypatch, folder):
    monkeypatch.setattr(reproducer, "MOST", 3)
    found = [reproducer.write(registration(len, len), ([n],), {}, 1, 2) for n in range(5)]
    assert [path is not None for path in found] == [True] * 3 + [False] * 2


def test_odd_keys_are_safe():
    script = reproducer.write(registration(len, len, "../a b/$x"), ([],), {}, 1, 2)
    assert script is not None
    assert run(script).returncode == 0
