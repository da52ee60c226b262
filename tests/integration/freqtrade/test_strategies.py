"""Strategies like those that people publish: the same frames, stock and accelerated."""

from __future__ import annotations

import importlib
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .frames import assert_same

pytest.importorskip("freqtrade")
pytest.importorskip("talib")
pytest.importorskip("pandas_ta")

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "benchmarks" / "strategies"
OTHERS = ("advice", "process", "report")
NAMES = sorted(
    path.stem for path in FOLDER.glob("[a-z]*.py") if path.stem not in OTHERS
)  # none in a source distribution

pytestmark = pytest.mark.skipif(not NAMES, reason="not in a checkout")


def start(folder: Path, *arguments: str, lines: str = "") -> subprocess.Popen[str]:
    asked = folder / f"{len(list(folder.iterdir()))}.txt"
    asked.write_text(lines, encoding="utf-8")
    kept = {key: value for key, value in os.environ.items() if "FT_NUMBA_AOT" not in key}
    backend = {key: os.environ[key] for key in ("FT_NUMBA_AOT_BACKEND",) if key in os.environ}
    own = {"FT_NUMBA_AOT_CACHE": str(folder / "cache"), "FT_NUMBA_AOT_VALIDATION": "off"}
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdin=asked.open(encoding="utf-8"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env={**kept, **backend, **own},
        text=True,
    )


def end(process: subprocess.Popen[str]) -> None:
    _, errors = process.communicate()
    assert process.returncode == 0, errors


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """By which and by strategy, what came of all of them, each process running all."""
    folder = tmp_path_factory.mktemp("candles")
    module = "benchmarks.strategies.process"
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT))
        importlib.import_module(module).store(folder, 600)
    both, found = {}, {}
    for which in ("stock", "ours"):
        lines = "".join(f"{name} {folder / which}-{name}\n" for name in NAMES)
        both[which] = start(folder, "-m", module, which, str(folder), lines=lines)
    for which, process in both.items():
        end(process)
        found[which] = {
            name: pickle.loads(Path(f"{folder / which}-{name}").read_bytes()) for name in NAMES
        }
    return found


def test_there_are_ten() -> None:
    assert len(NAMES) == 10


# One test, as each worker would compute all frames anew.
def test_the_frames_are_the_same(frames: dict[str, dict[str, Any]]) -> None:
    for name in NAMES:
        (enabled, _, stock), (on, fallen, ours) = frames["stock"][name], frames["ours"][name]
        assert (enabled, on) == (False, True)
        assert fallen == {}
        for pair, frame in stock.items():
            filled = frame.notna().any()
            assert filled.sum() > 15, "a column of nothing shows nothing"
            try:
                assert_same(frame, ours[pair])
            except AssertionError as error:
                raise AssertionError(f"{name}, {pair}") from error
        for column in ("enter_long", "exit_long"):
            signals = sum(frame[column].fillna(0).sum() for frame in stock.values())
            assert signals, (name, column)


def test_what_is_imported_from_here_first_leaves_everything_on(tmp_path: Path) -> None:
    code = (
        "from ft_numba_aot.freqtrade_integration import switch\n"
        "switch.enable_on_import()\n"
        "import freqtrade.optimize.backtesting\n"
        "from ft_numba_aot.qtpylib import typical_price\n"
        "from ft_numba_aot.technical.indicators import zema\n"
        "assert switch.enabled(), switch.status()\n"
    )
    end(start(tmp_path, "-P", "-W", "ignore", "-c", code))
