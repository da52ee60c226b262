"""What is damaged, fails or lies: freqtrade's results stay its own, and people are told why."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import pytest

pytest.importorskip("freqtrade")
pytest.importorskip("talib")
pytest.importorskip("technical")

import ft_numba_aot
from ft_numba_aot import _backend

from . import command_line, faulty_backtest
from .faulty_backtest import CALLED

STRATEGY = '''\
import talib
import talib.abstract as ta
from freqtrade.strategy import IStrategy
from technical import qtpylib


class Dips(IStrategy):
    """Buys where averages cross and what is cheap; something of each kind of indicator."""

    INTERFACE_VERSION = 3
    timeframe = "5m"
    minimal_roi = {"0": 0.012, "60": 0.004}
    stoploss = -0.02
    trailing_stop = True
    startup_candle_count = 30

    def populate_indicators(self, dataframe, metadata):
        dataframe["rsi"] = ta.RSI(dataframe)
        dataframe["ema"] = ta.EMA(dataframe, timeperiod=20)
        dataframe["sma"] = talib.SMA(dataframe["close"], timeperiod=5)
        dataframe["macd"] = ta.MACD(dataframe)["macd"]
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        crossed = qtpylib.crossed_above(dataframe["sma"], dataframe["ema"])
        dataframe.loc[crossed, ["enter_long", "enter_tag"]] = (1, "crossed")
        dataframe.loc[dataframe["rsi"] < 35, "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe, metadata):
        dataframe.loc[qtpylib.crossed_below(dataframe["macd"], 0), "exit_long"] = 1
        return dataframe
'''

EVERYTHING = {
    "performance_benchmarking": True,
    "detailed_performance_logging": True,
    "validation": "sample",
}


class Run(NamedTuple):
    """A backtest: what freqtrade printed and exported, its log, and what the status says."""

    output: str
    trades: list[dict[str, Any]] | None
    log: str
    status: dict[str, Any]

    @property
    def warnings(self) -> list[str]:
        return [line for line in self.log.splitlines() if " - ft_numba_aot - WARNING - " in line]


def run(
    folder: Path,
    faults: str = "",
    block: dict[str, Any] | None = None,
    export: bool = True,
    **environment: str,
) -> Run:
    """Run freqtrade's command in a process of its own; it must succeed."""
    config = folder / "block.json"
    config.write_text(json.dumps({} if block is None else {"performance_optimization": block}))
    results = folder / "results"
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir()
    arguments = ["backtesting", *command_line.options(folder), "-c", str(config)]
    arguments += ["--cache", "none", "--breakdown", "day", "--timerange", "20240101-"]
    arguments += ["--export", "trades" if export else "none", "--backtest-directory", str(results)]
    kept = {k: v for k, v in os.environ.items() if not k.startswith("FT_NUMBA_AOT")}
    # What was compared in a run before is known; what has another fault isn't the same.
    cache = folder / "cache"
    for made in ("reproducers", "logs"):
        shutil.rmtree(cache / made, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-P", faulty_backtest.__file__, faults, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=folder,
        env={
            **kept,
            "COLUMNS": "2000",
            "HOME": str(folder),
            "FT_NUMBA_AOT_CACHE": str(cache),
            **environment,
        },
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    output, _, status = done.stdout.rpartition(faulty_backtest.REPORT)
    trades = None
    for archive in results.glob("*.zip"):
        with zipfile.ZipFile(archive) as files:
            content = json.loads(files.read(f"{archive.stem}.json"))
        trades = content["strategy"]["Dips"]["trades"]
    return Run(
        "\n".join(line for line in output.splitlines() if "backtest-result" not in line),
        trades,
        done.stderr,
        json.loads(status),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return command_line.make_folder(tmp_path_factory.mktemp("user"), candles=600, strategy=STRATEGY)


@pytest.fixture(scope="module")
def stock(folder: Path) -> Run:
    found = run(folder, "stock")
    assert not found.status["enabled"]
    assert found.trades is not None
    assert len(found.trades) > 20
    assert "BACKTESTING REPORT" in found.output
    return found


def difference(stock: Run, ours: Run) -> list[str]:
    """The lines of freqtrade's reports that aren't stock's, and the trades."""
    lines = zip_longest(stock.output.splitlines(), ours.output.splitlines())
    found = [f"{theirs} | {mine}" for theirs, mine in lines if theirs != mine]
    return found if ours.trades in (stock.trades, None) else [*found, "trades"]


def test_without_a_fault_nothing_falls_back_with_everything_on(folder: Path, stock: Run) -> None:
    ours = run(folder, block=EVERYTHING)
    assert difference(stock, ours) == []
    assert ours.status["fallbacks"] == 0
    assert ours.status["kinds"] == {}
    assert ours.status["alerts"] == []
    assert ours.warnings == []
    assert all(ours.status["calls"][key] > 0 for key in CALLED)
    assert ours.status["active"]
    assert "stock" not in ours.status["text"]
    names = [path.name for path in (folder / "cache" / "logs").iterdir()]
    assert sum(name.endswith(".snapshot.json") for name in names) == 1
    assert sum(name.endswith(".performance.jsonl") for name in names) == 1


def test_functions_that_raise(folder: Path, stock: Run) -> None:
    ours = run(folder, "raising")
    assert difference(stock, ours) == []
    for key in CALLED:
        assert ours.status["kinds"][key] == "failure"
        assert ours.status["alerts"].count(f"failure: {key}") == 1
        assert ours.log.count(f"{key} failed, its original ran instead: RuntimeError: a de") == 1
        assert f"{key} failed, its original ran" in ours.status["text"]
    key = "backtesting.price_to_precision"
    assert "a defect" in ours.status["fallen"][key]
    assert f"open: {key}" in ours.status["alerts"]
    assert f"  {key} runs as its original: RuntimeError: a defect" in ours.status["text"]


def test_functions_whose_results_are_wrong_are_found_at_the_start(folder: Path, stock: Run) -> None:
    ours = run(folder, "wrong")
    assert difference(stock, ours) == []
    for key in CALLED:
        assert ours.status["kinds"][key] == "mismatch"
        assert f"  {key} runs as its original: " in ours.status["text"]
        assert f"{key}: " in ours.log
        assert list((folder / "cache" / "reproducers").glob(f"{key}-*.py"))
    # Those that were compared together are told of together.
    assert len(ours.status["alerts"]) <= 3
    assert all(cause.startswith("validation: ") for cause in ours.status["alerts"])
    assert "run as originals for good, found at the start" in ours.log


def test_a_sample_finds_functions_whose_results_are_wrong(folder: Path, stock: Run) -> None:
    ours = run(folder, "wrong_on_real_data", {"validation": "sample"})
    assert difference(stock, ours) == []
    found = [key for key in CALLED if key in ours.status["kinds"]]
    # The first of a part to be found takes the others with it.
    assert len(set(CALLED) - set(found)) <= 2
    for key in found:
        assert ours.status["kinds"][key] == "mismatch"
        assert f"mismatch: {key}" in ours.status["alerts"]
        assert ours.log.count(f"{key} runs as its original for good: its result was another") == 1
        assert f"  {key} runs as its original: " in ours.status["text"]
        (script,) = (folder / "cache" / "reproducers").glob(f"{key}-*.py")
        assert str(script) in ours.log


def test_functions_that_hang_on_to_memory(folder: Path, stock: Run) -> None:
    ours = run(folder, "hoarding")
    assert difference(stock, ours) == []
    for key in CALLED:
        assert ours.status["kinds"][key] == "memory"
        assert "each call hangs on to 6" in ours.status["fallen"][key]
        assert f"{key}: each call hangs on to 6" in ours.log
    assert not (folder / "cache" / "reproducers").exists()
    assert "its result was another" not in ours.log


def test_functions_that_cannot_be_compared(folder: Path, stock: Run) -> None:
    ours = run(folder, "no_comparing", FT_NUMBA_AOT_CACHE=str(folder / "new"))
    assert difference(stock, ours) == []
    for key in CALLED:
        assert ours.status["kinds"][key] == "validation"
    assert ours.status["alerts"] == ["validation"]
    assert "can't be compared: RuntimeError: can't start new thread" in ours.status["text"]
    assert len(ours.warnings) == 1


def test_an_unknown_release_of_freqtrade(folder: Path, stock: Run) -> None:
    ours = run(folder, "unknown_release")
    assert difference(stock, ours) == []
    assert ours.status["active"] == ["TA-Lib"]
    assert ours.status["alerts"] == ["parts"]
    (warning,) = ours.warnings
    assert "freqtrade's own code runs (and for" in warning
    assert "unknown fingerprint of freqtrade." in warning
    assert "freqtrade 2099.1" in warning
    assert "  events " in ours.status["text"]
    assert "stock: unknown fingerprint of" in ours.status["text"]


# Damaged packages.


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the installed package, to damage."""
    if _backend.backend() != "native" or not sys.platform.startswith("linux"):
        pytest.skip("damages native ELF files")
    source = Path(ft_numba_aot.__file__).parent
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(source, tmp_path / "ft_numba_aot", ignore=ignored)
    kernels = tmp_path / "ft_numba_aot" / "_kernels"
    if not kernels.exists():
        pure = _backend._pure_kernels.__globals__["__file__"]
        shutil.copytree(Path(pure).parents[1] / "kernels", kernels, ignore=ignored)
    return tmp_path


def truncate(extension: Path) -> None:
    os.truncate(extension, extension.stat().st_size * 2 // 3)


def rename_kernel(extension: Path) -> None:
    content = extension.read_bytes()
    assert b"\0next_exit\0" in content
    extension.write_bytes(content.replace(b"\0next_exit\0", b"\0next_exot\0"))


def damage(package: Path, how: Callable[[Path], None]) -> None:
    """Each extension; the streams' has kernels of its own, which a backtest doesn't load."""
    for extension in (package / "ft_numba_aot").glob("_native*.so"):
        if not extension.name.startswith("_native_stream"):
            how(extension)


def test_a_truncated_extension(folder: Path, stock: Run, package: Path) -> None:
    damage(package, truncate)
    ours = run(folder, PYTHONPATH=str(package))
    assert difference(stock, ours) == []
    assert ours.status["alerts"] == ["kernels"]
    (warning,) = ours.warnings
    assert "is damaged" in warning
    assert "pip install --force-reinstall" in warning
    assert "pure kernels" in ours.status["text"]
    assert "TA-Lib" not in ours.status["active"]
    assert "stock: needs the native kernels; these are pure Python: " in ours.status["text"]


def test_an_extension_that_lacks_a_kernel(folder: Path, stock: Run, package: Path) -> None:
    damage(package, rename_kernel)
    ours = run(folder, PYTHONPATH=str(package))
    assert difference(stock, ours) == []
    assert ours.status["alerts"] == ["missing kernels"]
    (warning,) = ours.warnings
    assert "lacks next_exit: " in warning
    assert "  alert: " in ours.status["text"]
    assert "events" in ours.status["active"]


# Files that can't be read or written.


def test_a_cache_that_is_no_folder(folder: Path, stock: Run, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("not a folder")
    ours = run(folder, block=EVERYTHING, FT_NUMBA_AOT_CACHE=str(file / "cache"))
    assert difference(stock, ours) == []
    assert ours.status["fallbacks"] == 0
    assert sorted(ours.status["alerts"]) == ["cache", "performance files"]
    assert len(ours.warnings) == 2
    assert all(str(file) in warning for warning in ours.warnings)
    assert "the next start compares anew" in ours.status["text"]


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="no file system that is read-only")
def test_a_read_only_environment(folder: Path, stock: Run) -> None:
    where = {"HOME": "/proc", "FT_NUMBA_AOT_CACHE": "", "PYTHONDONTWRITEBYTECODE": "1"}
    ours = run(folder, block=EVERYTHING, **where)
    assert difference(stock, ours) == []
    assert ours.status["fallbacks"] == 0
    assert "cache" in ours.status["alerts"]
    assert "/proc/.cache/ft-numba-aot/" in ours.status["text"]
    assert len(ours.warnings) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of files")
def test_a_full_disk(folder: Path, stock: Run) -> None:
    cache = folder / "unwritten"
    ours = run(folder, "full_disk", EVERYTHING, export=False, FT_NUMBA_AOT_CACHE=str(cache))
    assert difference(stock, ours) == []
    assert ours.status["fallbacks"] == 0
    assert "cache" in ours.status["alerts"]
    assert len(ours.warnings) == 2
    assert "performance data can't be written" in ours.log
    assert "performance data can't be written" in ours.status["text"]
