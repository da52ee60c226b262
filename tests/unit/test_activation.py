"""The activation: its file, what that starts, and the way back."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

import _ft_numba_aot_rollback as rollback
import _ft_numba_aot_startup as startup
from ft_numba_aot import activation, cli
from ft_numba_aot.freqtrade_integration import after_import, switch, table
from ft_numba_aot.runtime import configuration

STOCK = rollback.Proof(True, "", "2026.9", {"freqtrade.optimize.backtesting:Backtesting.a": "a.py"})


@pytest.fixture(autouse=True)
def _left_as_it_was(monkeypatch):
    for switch_name in startup.SWITCHES:
        monkeypatch.delenv(switch_name, raising=False)
    monkeypatch.setattr(sys, "meta_path", sys.meta_path[:])
    startup.cancel()


@pytest.fixture
def environment(tmp_path, monkeypatch) -> list[Path]:
    """Two folders that stand for site-packages and the user's."""
    found = [tmp_path / "site-packages", tmp_path / "user"]
    found[0].mkdir()
    monkeypatch.setattr(rollback, "folders", lambda: found)
    monkeypatch.setattr(activation, "folders", lambda: found)
    monkeypatch.setattr(rollback, "prove", lambda: STOCK)
    monkeypatch.setattr(activation, "why_not_active", lambda: None)
    monkeypatch.setenv("FT_NUMBA_AOT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "80")
    return found


def run_line(line: str, then: str = "", *flags: str) -> subprocess.CompletedProcess[str]:
    """What ``site`` does with a line, without anything else on the path."""
    code = f"import sys\nexec({line!r})\n{then}"
    return subprocess.run(
        [sys.executable, "-I", "-S", *flags, "-c", code],
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_waits_for_what_the_integration_waits_for():
    assert {table.CONFIGURATION, *table.TRIGGERS} == startup.TRIGGERS
    assert startup.CONFIGURATION == table.CONFIGURATION
    assert startup.BLOCK == configuration.BLOCK


def test_start_is_first_in_the_path_and_once():
    startup.start()
    assert sys.meta_path[0] is startup._finder
    startup.start()
    assert sys.meta_path.count(startup._finder) == 1
    startup.cancel()
    startup.cancel()
    assert startup._finder not in sys.meta_path


@pytest.mark.parametrize("name", startup.SWITCHES)
@pytest.mark.parametrize(
    ("value", "starts"), [("0", False), (" Off ", False), ("no", False), ("", True), ("1", True)]
)
def test_the_environment_switches_it_off(name, value, starts, monkeypatch):
    monkeypatch.setenv(name, value)
    startup.start()
    assert (startup._finder in sys.meta_path) == starts
    # What is never accelerated still has the block taken out.
    waits = name == "FT_NUMBA_AOT" and not starts
    assert (startup._block_finder in sys.meta_path) == waits
    startup.cancel()
    assert not {startup._finder, startup._block_finder} & set(sys.meta_path)


def test_nothing_is_imported_but_the_module_itself():
    then = "print(*sorted(set(sys.modules) - before))"
    line = activation.line(Path("elsewhere"))
    done = run_line(f"import os; before = set(sys.modules); {line}", then)
    assert done.stderr == ""
    assert done.stdout.split() == ["_ft_numba_aot_startup"]


def test_the_line_costs_less_than_2_ms():
    line = activation.line(Path("elsewhere"))
    # The line and what it reads, but for the time that the system takes to open the file.
    code = (
        "import os; from time import perf_counter; start = perf_counter()\n"
        f"exec({line!r})\n"
        "print(perf_counter() - start, '_ft_numba_aot_startup' in sys.modules)"
    )
    results = [run_line("import sys", code).stdout.split() for _ in range(7)]
    assert {started for _, started in results} == {"True"}
    assert min(float(seconds) for seconds, _ in results) < 0.002


@pytest.mark.parametrize("folder", ["elsewhere", None])
def test_the_line_starts_it_and_leaves_the_path_alone(folder):
    home = activation._module().parent
    line = activation.line(home if folder is None else Path(folder))
    assert line.isascii()
    assert line.startswith("import ")
    assert line.count("\n") == 1
    prepare = "" if folder else f"sys.path.append({str(home)!r})"
    then = "print(type(sys.meta_path[0]).__module__, before == sys.path)"
    done = run_line(f"{prepare or 'pass'}; before = sys.path[:]\n{line}", then)
    assert done.stderr == ""
    assert done.stdout.split() == ["_ft_numba_aot_startup", "True"]


@pytest.mark.parametrize("here", [True, False])
def test_the_line_is_silent_where_the_package_is_gone(here, tmp_path, monkeypatch):
    monkeypatch.setattr(activation, "_module", lambda: tmp_path / "gone.py")
    line = activation.line(tmp_path if here else tmp_path.parent)
    done = run_line(line, "print('goes on')")
    assert (done.stdout, done.stderr) == ("goes on\n", "")


@pytest.mark.parametrize("content", ["def (", "raise RuntimeError('broken')", "", "start = 1 / 0"])
def test_a_broken_module_is_one_line_and_python_goes_on(content, tmp_path, monkeypatch):
    home = tmp_path / 'it\'s "quoted" é'
    home.mkdir()
    (home / "_ft_numba_aot_startup.py").write_text(content, encoding="utf-8")
    monkeypatch.setattr(activation, "_module", lambda: home / "_ft_numba_aot_startup.py")
    done = run_line(activation.line(tmp_path), "print('goes on')")
    assert done.stdout == "goes on\n"
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("ft-numba-aot: not started, freqtrade runs stock: ")


def fail(*args, **kwargs):
    raise RuntimeError("it is broken")


def test_what_fails_while_enabling_leaves_stock_and_one_warning(monkeypatch, caplog):
    undone = []
    monkeypatch.setattr(switch, "enable_on_import", fail)
    monkeypatch.setattr(switch, "disable", lambda: undone.append(True))
    with caplog.at_level(logging.WARNING):
        startup._enable()
    assert undone == [True]
    (record,) = caplog.records
    assert record.name == "ft_numba_aot"
    assert "freqtrade runs stock" in record.getMessage()
    assert "RuntimeError: it is broken" in record.getMessage()
    assert f"{sys.executable} -m _ft_numba_aot_rollback" in record.getMessage()


@pytest.fixture
def trigger(tmp_path, monkeypatch) -> str:
    """A module that can be imported, in place of freqtrade's."""
    (tmp_path / "awaited_module.py").write_text("VALUE = 1\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(startup, "TRIGGERS", {"awaited_module", "awaited_and_missing"})
    monkeypatch.delitem(sys.modules, "awaited_module", raising=False)
    return "awaited_module"


def test_the_import_of_a_trigger_enables_once_afterwards(trigger, monkeypatch):
    seen = []
    monkeypatch.setattr(switch, "enable_on_import", lambda: seen.append(sys.modules[trigger].VALUE))
    startup.start()
    module = __import__(trigger)
    assert seen == [1]
    assert startup._finder not in sys.meta_path
    assert type(module.__spec__.loader).__module__ != after_import.__name__
    with pytest.raises(ModuleNotFoundError):
        __import__("awaited_and_missing")
    assert seen == [1]


def test_what_accelerates_may_import_a_trigger_itself(trigger, monkeypatch):
    monkeypatch.setattr(switch, "enable_on_import", fail)
    monkeypatch.setattr(after_import.__spec__, "_initializing", True, raising=False)
    startup.start()
    startup._enable()
    __import__(trigger)
    assert startup._finder in sys.meta_path


def test_a_trigger_that_does_not_exist_is_not_found(trigger, monkeypatch):
    monkeypatch.setattr(switch, "enable_on_import", fail)
    startup.start()
    with pytest.raises(ModuleNotFoundError):
        __import__("awaited_and_missing")
    startup.cancel()
    # Awaited no more.
    __import__(trigger)


def test_a_trigger_is_imported_even_if_nothing_of_the_package_can_be(trigger, monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "ft_numba_aot.freqtrade_integration", None)
    startup.start()
    with caplog.at_level(logging.WARNING):
        assert __import__(trigger).VALUE == 1
    assert [record.name for record in caplog.records] == ["ft_numba_aot"]
    assert startup._finder not in sys.meta_path


def test_enable_writes_once_and_disable_removes(environment, monkeypatch):
    file = environment[0] / "ft_numba_aot.pth"
    assert activation.enable() == (file, True)
    assert file.read_text(encoding="utf-8") == activation.line(environment[0])
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o666 & ~activation._umask()
    written = file.stat().st_mtime_ns
    assert activation.enable() == (file, False)
    assert file.stat().st_mtime_ns == written
    file.write_text("import _ft_numba_aot_startup  # an older one\n", encoding="utf-8")
    assert activation.enable() == (file, True)
    removed, failed = activation.disable()
    assert [item.file for item in removed] == [file]
    assert failed == {}
    assert activation.disable() == ([], {})
    assert list(environment[0].iterdir()) == []


@pytest.mark.parametrize("content", ["def start(): pass\n", "def (\n", None])
def test_enable_compiles_what_every_process_would_else(content, environment, tmp_path, monkeypatch):
    module = tmp_path / "_ft_numba_aot_startup.py"
    if content is not None:
        module.write_text(content, encoding="utf-8")
    monkeypatch.setattr(activation, "_module", lambda: module)
    assert activation.enable().changed
    compiled = list((tmp_path / "__pycache__").glob("*.pyc"))
    assert len(compiled) == (content == "def start(): pass\n")


def test_a_failed_write_leaves_what_was_there(environment, monkeypatch):
    file = environment[0] / "ft_numba_aot.pth"
    file.write_text("import _ft_numba_aot_startup  # an older one\n", encoding="utf-8")

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(activation.os, "replace", full)
    with pytest.raises(activation.ActivationError, match="No space left on device"):
        activation.enable()
    assert file.read_text(encoding="utf-8").endswith("# an older one\n")
    assert [path for folder in environment for path in folder.iterdir()] == [file]


def unwritable(environment: list[Path], count: int) -> None:
    # Whoever runs the tests may write anywhere, but not to a folder that is a file.
    for folder in environment[:count]:
        if folder.is_dir():
            folder.rmdir()
        folder.write_text("", encoding="utf-8")


def test_the_users_folder_is_next(environment):
    unwritable(environment, 1)
    file, changed = activation.enable()
    assert (file.parent, changed) == (environment[1], True)


def test_nowhere_to_write_has_a_remedy_and_status_1(environment, capsys):
    unwritable(environment, 2)
    assert cli.main(["enable"]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert all(str(folder) in output.err for folder in environment)
    assert "freqtrade-aot instead of freqtrade" in output.err
    assert cli.main(["enable", "--json"]) == 1
    result = json.loads(capsys.readouterr().out)
    assert result["active"] is False
    assert "can be written to" in result["error"]


def test_without_the_module_enabling_says_to_reinstall(environment, monkeypatch):
    monkeypatch.setattr(activation.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(activation.ActivationError, match="reinstall"):
        activation.enable()


def test_only_ours_is_removed(environment):
    theirs, empty = (folder / "ft_numba_aot.pth" for folder in environment)
    environment[1].mkdir()
    theirs.write_text("/somebody/elses/checkout\n", encoding="utf-8")
    empty.write_text("", encoding="utf-8")
    removed, failed = activation.disable()
    assert [item.file for item in removed] == [empty]
    assert failed == {}
    assert theirs.is_file()
    result = rollback.rollback()
    assert result.foreign == [theirs]
    assert any("not ours" in text for text, _ in rollback.lines(result))


def test_folders_are_those_of_this_environment():
    found = rollback.folders()
    assert found
    if sys.prefix != sys.base_prefix:
        assert all(folder.is_relative_to(sys.prefix) for folder in found)


def test_no_new_process_starts_it_where_there_is_no_activation(monkeypatch):
    monkeypatch.setattr(activation, "activations", lambda: [])
    if rollback.activations():
        pytest.skip("this environment is activated")
    assert activation.why_not_active() == "there is no activation"
    ours = rollback.Activation(Path("a"), "", True)
    monkeypatch.setattr(activation, "activations", lambda: [ours])
    assert activation.why_not_active() == "a new process didn't start it"
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    assert "gave no answer" in str(activation.why_not_active())


def test_enable_and_disable_on_the_command_line(environment, capsys, monkeypatch):
    monkeypatch.setenv("FT_NUMBA_AOT", "0")
    monkeypatch.setattr("ft_numba_aot.freqtrade_integration.installed", lambda: False)
    file = environment[0] / "ft_numba_aot.pth"
    assert cli.main(["enable"]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    text = " ".join(text.split())
    assert "Wrote" in text
    assert "It isn't installed yet" in text
    assert "Except where FT_NUMBA_AOT=0 is set, as here." in text
    assert cli.main(["enable", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["active"], result["changed"], result["file"]) == (True, False, str(file))
    assert cli.main(["disable", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"removed": [str(file)], "failed": {}}
    assert cli.main(["disable"]) == 0
    assert "no activation" in capsys.readouterr().out
    cli.main(["enable"])
    assert cli.main(["disable"]) == 0
    assert "stock in every new process" in " ".join(capsys.readouterr().out.split())


def test_an_activation_without_effect_is_status_1(environment, capsys, monkeypatch):
    monkeypatch.setattr(activation, "why_not_active", lambda: "a new process didn't start it")
    assert cli.main(["enable"]) == 1
    assert "Not active: a new process didn't start it" in capsys.readouterr().out
    assert cli.main(["enable", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"] == "a new process didn't start it"


def refuse(self: Path, missing_ok: bool = False) -> None:
    raise PermissionError(30, "Read-only file system")


def test_what_cannot_be_removed_is_status_1_with_a_remedy(environment, capsys, monkeypatch):
    file, _ = activation.enable()
    monkeypatch.setattr(Path, "unlink", refuse)
    for command in ("disable", "rollback"):
        assert cli.main([command]) == 1
        text = " ".join(capsys.readouterr().out.split())
        assert "Read-only file system" in text
        assert "FT_NUMBA_AOT=0 in the environment keeps freqtrade stock" in text
        assert cli.main([command, "--json"]) == 1
        failed = json.loads(capsys.readouterr().out)["failed"]
        assert failed == {str(file): "Read-only file system"}
    assert file.is_file()


def test_rollback_leaves_a_note_of_what_it_removed(environment, tmp_path, capsys):
    file, _ = activation.enable()
    content = file.read_text(encoding="utf-8")
    assert cli.main(["rollback"]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    assert "freqtrade 2026.9 is stock." in text
    assert not file.exists()
    note = tmp_path / "cache" / "rollback.json"
    kept = note.read_text(encoding="utf-8")
    assert json.loads(kept)["removed"] == [{"file": str(file), "content": content}]
    assert json.loads(kept)["proof"]["stock"] is True
    # Nothing to remove, nothing to note.
    assert rollback.main(["--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["done"], result["removed"], result["note"]) == (True, [], None)
    assert note.read_text(encoding="utf-8") == kept


def test_rollback_without_a_place_for_the_note_is_done_all_the_same(environment, tmp_path, capsys):
    (tmp_path / "cache").write_text("", encoding="utf-8")
    activation.enable()
    assert cli.main(["rollback"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "No note of it could be left" in text


def test_the_note_has_a_place_without_the_package(tmp_path, monkeypatch):
    monkeypatch.setattr(rollback, "__file__", str(tmp_path / "alone.py"))
    monkeypatch.setattr(rollback.tempfile, "tempdir", str(tmp_path))
    assert rollback.note_folder().parent == tmp_path


@pytest.mark.parametrize(
    ("found", "stock", "reason"),
    [
        ({}, True, ""),
        ({"startup": True, "activations": ["a.pth"]}, False, "new process: a.pth"),
        ({"startup": True}, False, "an unknown .pth file"),
        ({"replaced": ["freqtrade.a:b"]}, False, "own code: freqtrade.a:b"),
        ({"error": "ImportError: ccxt"}, False, "can't be imported: ImportError: ccxt"),
        ({"freqtrade": None}, True, "freqtrade isn't installed here"),
        ({"code": {}}, False, "has no freqtrade.optimize.backtesting:Backtesting.backtest"),
    ],
)
def test_what_is_proven(found, stock, reason, environment, capsys, monkeypatch):
    answer = {
        "startup": False,
        "activations": [],
        "freqtrade": "2026.9",
        "error": None,
        "code": {rollback._CODE_OF[0]: "backtesting.py"},
        "replaced": [],
    }
    proof = rollback.judge({**answer, **found})
    assert proof.stock == stock
    assert reason in proof.reason
    monkeypatch.setattr(rollback, "prove", lambda: proof)
    assert rollback.main([]) == (0 if stock else 1)
    text = " ".join(capsys.readouterr().out.split())
    assert ("Not proven" in text) != stock
    assert proof.reason in text


@pytest.mark.parametrize("python", ["/no/such/python", "/bin/true"])
def test_a_process_without_an_answer_proves_nothing(python, monkeypatch):
    monkeypatch.setattr(rollback.sys, "executable", python)
    proof = rollback.prove()
    assert not proof.stock
    assert "gave no answer" in proof.reason


def test_a_process_that_hangs_proves_nothing(monkeypatch):
    monkeypatch.setattr(rollback, "_PROOF_TIMEOUT", 0.2)
    monkeypatch.setattr(rollback, "_PROOF", "import time; time.sleep(20)")
    assert "no answer" in rollback.prove().reason


def test_without_rich_the_lines_are_plain(environment, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "rich.console", None)
    assert rollback.main([]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "freqtrade 2026.9 is stock."


def test_the_console_command_rolls_back_before_anything_else(environment, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "ft_numba_aot.cli", None)
    monkeypatch.setattr(sys, "argv", ["ft-numba-aot", "rollback", "--json"])
    assert rollback.console() == 0
    assert json.loads(capsys.readouterr().out)["done"] is True
    monkeypatch.setattr(sys, "argv", ["ft-numba-aot", "demo"])
    assert rollback.console() == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert "is broken (" in output.err
    assert "ft-numba-aot rollback" in output.err
    assert "Traceback" not in output.err


def test_the_console_command_is_the_command_line(environment, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["ft-numba-aot", "disable", "--json"])
    assert rollback.console() == 0
    assert json.loads(capsys.readouterr().out) == {"removed": [], "failed": {}}


@pytest.mark.parametrize("command", ["enable", "disable", "rollback"])
def test_usage_errors_are_status_2(command, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main([command, "--nonsense"])
    assert caught.value.code == 2
    capsys.readouterr()


def test_a_command_decides_itself_what_is_accelerated(environment, monkeypatch):
    seen = []

    def run(options):
        finders = [startup._finder in sys.meta_path]
        seen.append((os.environ["FT_NUMBA_AOT_STARTUP"], *finders))
        return 0

    command = cli.ROLLBACK._replace(run=run)
    monkeypatch.setattr(cli, "COMMANDS", (command,))
    startup.start()
    assert cli.main(["rollback"]) == 0
    assert seen == [("0", False)]
    assert "FT_NUMBA_AOT_STARTUP" not in os.environ
    monkeypatch.setenv("FT_NUMBA_AOT_STARTUP", "1")
    cli.main(["rollback"])
    assert os.environ["FT_NUMBA_AOT_STARTUP"] == "1"
