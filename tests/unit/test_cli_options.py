"""Bad arguments are named with their values, and the exit status is 2."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ft_numba_aot import cli


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["status", "-c", "nowhere.json"], "argument -c/--config: nowhere.json: No such file"),
        (["status", "--phase", "fast"], "argument --phase: invalid choice: 'fast'"),
        (["doctor", "-c", "nowhere.json"], "argument -c/--config: nowhere.json: No such file"),
        (["bench", "--candles", "many"], "argument --candles: 'many' is not a whole number"),
        (["bench", "--candles", "0"], "argument --candles: 0 is less than 1"),
        (["bench", "--only", "("], "argument --only: '(' is no regular expression"),
        (["bench", "--html", "nowhere/page.html"], "argument --html: nowhere/page.html: there is"),
        (["report", "--html", "."], "argument --html: . is a folder"),
        (["report", "--runs", "-1"], "argument --runs: -1 is less than 1"),
        (["report", "--run-all"], "unrecognized arguments: --run-all"),
        (["trades-report", "--starting-balance", "none"], "'none' is not a number"),
        (["trades-report", "--starting-balance", "0"], "0 is not an amount to start with"),
    ],
)
def test_bad_arguments(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(arguments)
    assert left.value.code == 2
    assert said in capsys.readouterr().err


def test_no_command_shows_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    said = capsys.readouterr().err
    assert all(f"\n    {command.name}" in said for command in cli.COMMANDS)


@pytest.mark.parametrize("command", [command.name for command in cli.COMMANDS])
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main([command, "--help"])
    assert left.value.code == 0
    assert f"ft-numba-aot {command}" in capsys.readouterr().out


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from ft_numba_aot.cli import main\n"
        "try:\n main(['bench', '--help'])\nexcept SystemExit: pass\n"
        "print([name for name in ('rich', 'pandas', 'talib', 'freqtrade') if name in sys.modules])"
    )
    output = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert output.splitlines()[-1] == "[]"


@pytest.mark.skipif(sys.platform == "win32", reason="pipes there break otherwise")
def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    code = (
        "import os, sys\n"
        "from ft_numba_aot.cli import main\n"
        "read, write = os.pipe()\nos.close(read)\nos.dup2(write, 1)\n"
        "sys.exit(main(['report', '--json']))"
    )
    process = subprocess.run(
        [sys.executable, "-P", "-c", code], stderr=subprocess.PIPE, text=True, check=False
    )
    assert process.returncode == 141
    assert process.stderr == ""
