"""status, doctor and bench beside a real freqtrade: each in a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("freqtrade")
pytest.importorskip("talib")

import ft_numba_aot
from ft_numba_aot import cli, freqtrade_integration

pytestmark = pytest.mark.skipif(
    ft_numba_aot.backend() != "native", reason="not everything is active in pure Python"
)

RUN = "import sys\n{before}\nfrom ft_numba_aot.cli import main\nsys.exit(main(sys.argv[1:]))\n"
PARTS = re.compile(r"All \d+ parts are active\.")


class Terminal:
    """Runs commands as in a terminal of 80 columns, with folders of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(
        self, *arguments: str, before: str = "", status: int = 0, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        kept = {key: value for key, value in os.environ.items() if "FT_NUMBA_AOT" not in key}
        own = {"COLUMNS": "80", "FT_NUMBA_AOT_CACHE": str(self.folder / "cache")}
        process = subprocess.run(
            [sys.executable, "-P", "-c", RUN.format(before=before), *arguments],
            cwd=self.folder,
            env={**kept, "PYTHONIOENCODING": "utf-8", **own, **variables},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert process.returncode == status, process.stdout + process.stderr
        return process

    def screen(self, *arguments: str, before: str = "", status: int = 0, **variables: str) -> str:
        """What is printed, where nothing is to be told of errors."""
        process = self.run(*arguments, before=before, status=status, **variables)
        assert process.stderr == ""
        assert max(map(len, process.stdout.splitlines())) <= 80
        return process.stdout

    def result(self, *arguments: str, before: str = "", status: int = 0, **variables: str) -> Any:
        """What is printed as JSON."""
        process = self.run(*arguments, "--json", before=before, status=status, **variables)
        return json.loads(process.stdout)


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    return Terminal(tmp_path_factory.mktemp("commands"))


def flat(text: str) -> str:
    """A screen without what wrapped it."""
    return " ".join(text.split())


def config(terminal: Terminal, block: Mapping[str, Any]) -> str:
    file = terminal.folder / "config.json"
    text = json.dumps({"performance_optimization": block})
    # As freqtrade allows it.
    file.write_text(f"{text} // a comment\n", encoding="utf-8")
    return str(file)


def test_everything_is_active(terminal: Terminal) -> None:
    shown = terminal.screen("status")
    assert "is on: metrics, indicators, backtesting" in shown
    assert re.search(r"freqtrade 20\d\d\.\d+", shown)
    assert "plain freqtrade" in shown
    assert "phase aggressive" in shown
    assert PARTS.search(shown)


def test_a_configuration_and_what_is_off(terminal: Terminal) -> None:
    file = config(terminal, {"optimization_phase": "conservative", "validation": "off"})
    shown = terminal.screen("status", "-c", file)
    assert "is on: metrics\n" in shown
    assert "not among the modules of phase conservative" in flat(shown)
    assert PARTS.search(shown)


def test_a_phase_and_a_variable_of_freqtrades(terminal: Terminal) -> None:
    file = config(terminal, {"enabled_modules": ["metrics"], "validation": "off"})
    found = terminal.result(
        "status",
        "-c",
        file,
        "--phase",
        "progressive",
        FREQTRADE__PERFORMANCE_OPTIMIZATION__ALERTS="false",
    )
    assert found["complete"] is True
    assert found["settings"]["modules"] == ["metrics", "indicators"]
    assert found["settings"]["alerts"] is False
    assert "TA-Lib" in [one["part"] for one in found["modules"]["indicators"]["parts"]]
    assert found["modules"]["backtesting"] == {"enabled": False, "parts": []}
    assert found["versions"]["TA-Lib C"]


def test_switched_off(terminal: Terminal) -> None:
    shown = terminal.screen("status", FT_NUMBA_AOT="0")
    assert "ft-numba-aot is off:" in shown
    assert "FT_NUMBA_AOT=0" in shown
    assert "Nothing is enabled" in shown


# These don't come to enabling anything, so that they may happen in this process.
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"performance_optimization": {"validatoin": "off"}}', "did you mean validation?"),
        ('{"performance_optimization": ', "config.json: Parse error"),
    ],
)
def test_a_bad_configuration(
    tmp_path: Path, text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.json"
    file.write_text(text, encoding="utf-8")
    assert cli.main(["status", "-c", str(file)]) == 2
    output, error = capsys.readouterr()
    assert said in error
    assert str(file) in error
    assert output == ""


def test_a_bad_variable_is_not_said_to_be_of_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FT_NUMBA_AOT_ALERTS", "maybe")
    file = tmp_path / "config.json"
    file.write_text("{}", encoding="utf-8")
    assert cli.main(["status", "-c", str(file)]) == 2
    assert 'status: FT_NUMBA_AOT_ALERTS is "maybe"' in capsys.readouterr().err


def test_no_freqtrade(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(freqtrade_integration, "installed", lambda: False)
    assert cli.main(["status"]) == 2
    assert freqtrade_integration.INSTALL in capsys.readouterr().err


def test_a_freqtrade_that_cannot_be_imported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "freqtrade.configuration.load_config", None)
    assert cli.main(["status"]) == 2
    assert "freqtrade can't be imported" in capsys.readouterr().err


CHANGED = """
import freqtrade.data.metrics, freqtrade.persistence.trade_model as trades, talib.abstract
freqtrade.data.metrics.calculate_sharpe = lambda *arguments: 0.0
talib.abstract.TRIMA = lambda *arguments: None
"""


def test_what_other_code_changed(terminal: Terminal) -> None:
    shown = flat(terminal.screen("status", before=CHANGED, status=1, FT_NUMBA_AOT_VALIDATION="off"))
    assert "was replaced by other code" in shown
    assert "other code replaced it (1 function) talib.abstract.TRIMA" in shown
    assert "Alerts" in shown
    assert re.search(r"\d+ of \d+ parts are active\. The rest", shown)


def test_what_other_code_changed_as_json(terminal: Terminal) -> None:
    file = config(terminal, {"optimization_phase": "progressive", "validation": "off"})
    found = terminal.result("status", "-c", file, before=CHANGED, status=1)
    assert found["complete"] is False
    active = {part["part"]: part["active"] for part in found["modules"]["metrics"]["parts"]}
    assert active["statistics"] is False
    assert active["pairs side by side"] is True
    assert found["talib_own"] == [
        {"reason": "other code replaced it", "functions": ["talib.abstract.TRIMA"]}
    ]


def test_folders_that_cannot_be_written_to(terminal: Terminal) -> None:
    file = terminal.folder / "file"
    file.touch()
    block = config(terminal, {"optimization_phase": "conservative"})
    process = terminal.run("status", "-c", block, FT_NUMBA_AOT_CACHE=str(file / "cache"))
    assert re.search(r"cache +can't be kept: ", process.stdout)


def test_a_healthy_environment(terminal: Terminal) -> None:
    file = config(terminal, {"performance_benchmarking": True})
    found = terminal.result("doctor", "-c", file)
    checks = {check["name"]: check for check in found["checks"]}
    assert found["healthy"] is True
    assert checks["identity"]["level"] == "ok"
    # All stand-ins of TA-Lib's functions, ft_numba_aot.ta's, and freqtrade's.
    assert int(checks["identity"]["message"].split()[0]) > 3 * 201
    assert checks["parts"]["level"] == "ok"
    assert checks["configuration"]["message"].startswith(file)


def test_what_the_doctor_finds_wrong(terminal: Terminal) -> None:
    file = config(terminal, {"validation": "never"})
    before = CHANGED + (
        "from ft_numba_aot import ta\n"
        "class Wrong:\n"
        " def __init__(self, definition): self.definition = definition\n"
        " def set_function_args(self, *args, **kwargs): pass\n"
        " def __call__(self, *args, **kwargs): return 0.0\n"
        "from ft_numba_aot.cli import identity_checks\n"
        "make = ta.Function\n"
        "ta.Function = lambda name: (Wrong if name == 'EMA' else make)(name)\n"
    )
    shown = flat(terminal.screen("doctor", "-c", file, before=before, status=1))
    assert "fail ft_numba_aot.ta.EMA:" in shown
    assert 'is "never"' in shown
    assert re.search(r"statistics(, [\w' ]+)* stock: ", shown)
    assert "talib.abstract.TRIMA is TA-Lib's own" in shown
    assert "2 checks failed." in shown


def test_times_of_some_functions(terminal: Terminal) -> None:
    page = terminal.folder / "page.html"
    arguments = [
        "bench",
        "--quick",
        "--candles",
        "500",
        "--only",
        r"^(talib.*\.SMA|.*sharpe|.*crossed)$",
    ]
    shown = terminal.screen(*arguments, "--html", page.name)
    assert "DataFrames of 500 candles" in shown
    assert "all identical" in shown
    assert "sharpe" in shown
    text = page.read_text(encoding="utf-8")
    assert "crossed" in text
    assert text.count("<svg") == 4


def test_a_function_that_is_wrong_is_not_timed(terminal: Terminal) -> None:
    before = (
        "from ft_numba_aot import ta\n"
        "class Wrong:\n"
        " def __call__(self, *args, **kwargs): return 0.0\n"
        "ta.SMA = Wrong()\n"
    )
    found = terminal.result(
        "bench", "--quick", "--only", r"^talib.*\.SMA$", before=before, status=1
    )
    abstract, plain = found["functions"]
    assert (abstract["identical"], plain["identical"]) == (False, True)
    assert abstract["original"] is None
    assert plain["original"] > 0
