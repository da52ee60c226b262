"""Activated environments: real ones, with this package installed by pip beside freqtrade."""

from __future__ import annotations

import base64
import functools
import hashlib
import importlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import textwrap
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("freqtrade")
pytest.importorskip("pip")
if os.name == "nt":
    pytest.skip("needs symbolic links", allow_module_level=True)

import ft_numba_aot

from .freqtrade import command_line

VERSION = ft_numba_aot.__version__
STOCK_PATH = "zz_stock.pth"
# What the tests' own environment has of this package.
OURS = ("ft_numba_aot", "_ft_numba_aot", "__editable__")
# What freqtrade makes of its configuration, and whether the block is in that.
SPY = """
    def bot_start(self):
        from freqtrade.optimize.backtest_caching import get_strategy_run_id
        print(get_strategy_run_id(self), "performance_optimization" in repr(self.config))
"""
REPORT = "import json, ft_numba_aot; print(json.dumps(ft_numba_aot.status().enabled))"
# As command_line's other tests do: an exchange without a network, and what was active at the end.
OFFLINE = """
import atexit, sys
from freqtrade.main import main
assert "ft_numba_aot" not in sys.modules
from freqtrade.resolvers import ExchangeResolver
stock = ExchangeResolver.load_exchange
def load_exchange(config, **options):
    from ft_numba_aot.freqtrade_integration import offline
    ExchangeResolver.load_exchange = stock
    try:
        return offline.offline_exchange(config)
    finally:
        ExchangeResolver.load_exchange = load_exchange
ExchangeResolver.load_exchange = load_exchange
def say():
    from ft_numba_aot.freqtrade_integration import switch
    print("active:", *switch.status().active)
atexit.register(say)
main(sys.argv[1:])
"""


class Environment:
    """A virtual environment, whose packages besides ours are those of the tests' own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        venv.create(folder, with_pip=False, symlinks=os.name == "posix")
        scripts = "Scripts" if os.name == "nt" else "bin"
        self.python = folder / scripts / ("python.exe" if os.name == "nt" else "python")
        self.command = self.python.with_name("ft-numba-aot")
        variables = {"base": str(folder), "platbase": str(folder)}
        self.site = Path(sysconfig.get_path("purelib", "venv", variables))
        stock = folder.with_name(f"{folder.name} stock")
        stock.mkdir()
        for entry in Path(sysconfig.get_path("purelib")).iterdir():
            if not entry.name.startswith(OURS):
                (stock / entry.name).symlink_to(entry)
        (self.site / STOCK_PATH).write_text(str(stock), encoding="utf-8")

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("FT_NUMBA_AOT", "COV"))}
        cache = {"FT_NUMBA_AOT_CACHE": str(self.folder / "cache"), "COLUMNS": "80"}
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            cwd=self.folder,
            env={**kept, **cache, **environment},
            timeout=300,
        )

    def code(self, code: str, *arguments: str, **environment: str) -> str:
        """What ``code`` prints; it must do so without a word on stderr."""
        done = self.run(
            str(self.python), "-P", "-c", textwrap.dedent(code), *arguments, **environment
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return done.stdout

    def ours(self, *arguments: str) -> dict[str, object]:
        """The JSON of a subcommand that succeeds."""
        done = self.run(str(self.command), *arguments, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        result: dict[str, object] = json.loads(done.stdout)
        return result

    def pip(self, *arguments: str) -> None:
        options = ["--python", str(self.python), "--quiet", "--disable-pip-version-check"]
        done = self.run(sys.executable, "-m", "pip", *options, *arguments)
        assert done.returncode == 0, done.stderr

    def files(self) -> set[Path]:
        cache = self.folder / "cache"
        return {path for path in self.folder.rglob("*") if cache not in (path, *path.parents)}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """What this package's build makes, without the compiling: of the files under test."""
    package = Path(ft_numba_aot.__file__).parent
    kernels = importlib.import_module("ft_numba_aot._kernels")
    contents = {"ft_numba_aot": package, "ft_numba_aot/_kernels": Path(kernels.__path__[0])}
    for module in ("_ft_numba_aot_startup", "_ft_numba_aot_rollback"):
        spec = importlib.util.find_spec(module)
        assert spec is not None
        contents[f"{module}.py"] = Path(str(spec.origin))
    info = f"ft_numba_aot-{VERSION}.dist-info"
    texts = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: ft-numba-aot\nVersion: {VERSION}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": (
            "[console_scripts]\n"
            "freqtrade-aot = ft_numba_aot.cli.freqtrade_aot:main\n"
            "ft-numba-aot = _ft_numba_aot_rollback:console\n"
            "freqtrade = freqtrade.main:main\n"
        ),
    }
    files: dict[str, bytes] = {name: text.encode() for name, text in texts.items()}
    for name, path in contents.items():
        for file in [path] if path.is_file() else path.rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                inside = "" if path.is_file() else f"/{file.relative_to(path).as_posix()}"
                files[name + inside] = file.read_bytes()
    record = "".join(f"{name},{_digest(data)},{len(data)}\n" for name, data in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    path = tmp_path_factory.mktemp("wheel") / f"ft_numba_aot-{VERSION}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def _digest(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest())
    return f"sha256={digest.decode().rstrip('=')}"


@pytest.fixture(scope="module")
def shared(wheel, tmp_path_factory) -> Environment:
    environment = Environment(tmp_path_factory.mktemp("environment") / "it's one")
    environment.pip("install", "--no-deps", "--no-index", str(wheel))
    return environment


@pytest.fixture
def activated(shared) -> Iterator[Environment]:
    shared.ours("enable")
    kept = shared.site.with_name("kept")
    shutil.copytree(shared.site, kept)
    yield shared
    shutil.rmtree(shared.site)
    kept.rename(shared.site)
    shared.ours("disable")


def test_from_installing_to_uninstalling(wheel, tmp_path):
    environment = Environment(tmp_path / "new")
    before = environment.files()
    environment.pip("install", "--no-deps", "--no-index", str(wheel))
    installed = environment.files()
    result = environment.ours("enable")
    file = environment.site / "ft_numba_aot.pth"
    assert (result["active"], result["file"]) == (True, str(file))
    assert environment.ours("enable")["changed"] is False
    assert environment.files() - installed == {file}
    rolled_back = environment.run(str(environment.command), "rollback")
    assert rolled_back.returncode == 0, rolled_back.stdout
    assert f"freqtrade {stock_version()} is stock." in rolled_back.stdout
    assert max(map(len, rolled_back.stdout.splitlines())) <= 80
    assert environment.files() == installed
    environment.ours("enable")
    environment.pip("uninstall", "--yes", "ft-numba-aot")
    # Without a rollback before, one file is left, and Python is as silent as ever.
    assert environment.files() - before == {file}
    (environment.site / STOCK_PATH).unlink()
    assert environment.code("print('goes on')") == "goes on\n"


def stock_version() -> str:
    return str(importlib.import_module("freqtrade").__version__)


def test_a_process_without_freqtrade_has_nothing_of_it_but_the_hook(activated):
    listed = "import sys; print(*sorted(sys.modules))"
    modules, stock = (
        set(activated.code(listed, **switch).split()) for switch in ({}, {"FT_NUMBA_AOT": "0"})
    )
    assert modules == stock
    assert "_ft_numba_aot_startup" in modules
    assert not {"ft_numba_aot", "numpy"} & modules


@pytest.mark.parametrize("call", [["-m", "freqtrade"], ["freqtrade"]])
def test_freqtrade_without_work_imports_nothing_of_it(activated, call):
    program = str(activated.python.with_name(call[0])) if call == ["freqtrade"] else None
    command = [str(activated.python), *([program] if program else call), "--version"]
    done = activated.run(*command, PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0, done.stderr
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "freqtrade.main" in imported
    assert "_ft_numba_aot_startup" in imported
    assert "ft_numba_aot" not in imported


def test_plain_freqtrade_backtests_the_same_accelerated(activated, tmp_path):
    strategy = command_line.STRATEGY + SPY
    folder = command_line.make_folder(tmp_path / "user", candles=800, strategy=strategy)
    with_block = json.loads((folder / "config.json").read_text())
    with_block["performance_optimization"] = {"optimization_phase": "aggressive"}
    (folder / "config.json").write_text(json.dumps(with_block))
    arguments = ["backtesting", *command_line.options(folder), "--export", "none"]
    arguments += ["--cache", "none", "--timerange", "20240102-"]
    run = functools.partial(
        activated.run, str(activated.python), "-P", "-c", OFFLINE, *arguments, COLUMNS="120"
    )
    ours, stock = run(), run(FT_NUMBA_AOT="0")
    assert stock.returncode == ours.returncode == 0, stock.stderr + ours.stderr
    *report, active = ours.stdout.splitlines()
    assert "events" in active
    *stock_report, none = stock.stdout.splitlines()
    assert none.strip() == "active:"
    assert report == stock_report
    assert any("BACKTESTING REPORT" in line for line in report)
    assert sum(line.endswith(" False") for line in report) == 1
    assert ours.stderr.count("ft-numba-aot is on (freqtrade ") == 1


def test_workers_are_accelerated_too(activated):
    (activated.site / "work_of_workers.py").write_text(
        textwrap.dedent("""
            import os, sys

            def waits():
                names = [type(finder).__module__ for finder in sys.meta_path]
                return os.getpid(), "_ft_numba_aot_startup" in names

            def enabled():
                import freqtrade.optimize.backtesting, ft_numba_aot
                return os.getpid(), ft_numba_aot.status().enabled
        """),
        encoding="utf-8",
    )
    code = """
        import os
        from multiprocessing import get_context
        from joblib import Parallel, delayed
        from work_of_workers import enabled, waits

        if __name__ == "__main__":
            results = Parallel(n_jobs=2)(delayed(work)() for work in (waits, enabled))
            with get_context("spawn").Pool(1) as pool:
                results.append(pool.apply(waits))
            assert os.getpid() not in {worker for worker, _ in results}
            print([on for _, on in results])
        """
    assert activated.code(code).strip() == "[True, True, True]"


@pytest.mark.parametrize(
    ("code", "enabled"),
    [
        ("import ft_numba_aot; ft_numba_aot.enable()", True),
        # What is unpickled first in a worker of hyperopt, which then enables itself.
        ("from ft_numba_aot.freqtrade_integration import hyperopt_workers", False),
    ],
)
def test_who_imports_what_accelerates_decides(activated, code, enabled):
    said = activated.code(f"{code}; import ft_numba_aot; print(ft_numba_aot.status().enabled)")
    assert said.split() == [str(enabled)]


def test_a_command_and_its_processes_are_stock_unless_it_says_otherwise(activated):
    code = """
        import json, os, subprocess, sys
        from ft_numba_aot import cli
        show = "import sys; print(any('startup' in type(f).__module__ for f in sys.meta_path))"
        def run(options):
            print(subprocess.check_output([sys.executable, "-c", show], text=True).strip())
            exec(show)
            return 0
        cli.COMMANDS = (cli.VERIFY._replace(run=run),)
        exec(show)
        sys.exit(cli.main(["verify"]))
        """
    assert activated.code(code).split() == ["True", "False", "False"]


def remove_package(environment: Environment) -> None:
    shutil.rmtree(environment.site / "ft_numba_aot")
    # What the tests' own environment has would be imported in its place.
    (environment.site / "ft_numba_aot.py").write_text("raise ModuleNotFoundError('gone')")


def break_package(environment: Environment) -> None:
    (environment.site / "ft_numba_aot" / "_backend.py").write_text("1 / 0\n")


def break_enabling(environment: Environment) -> None:
    with (environment.site / "ft_numba_aot/freqtrade_integration/switch.py").open("a") as file:
        file.write("\n\ndef enable_on_import():\n    raise RuntimeError('broken')\n")


@pytest.mark.parametrize("damage", [remove_package, break_package, break_enabling])
def test_a_damaged_package_leaves_freqtrade_stock_with_one_warning(activated, damage):
    damage(activated)
    code = "import freqtrade.optimize.backtesting as b; print(b.Backtesting.backtest.__module__)"
    done = activated.run(str(activated.python), "-P", "-c", code)
    assert done.stdout == "freqtrade.optimize.backtesting\n", done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("freqtrade runs stock, ft-numba-aot is broken (")
    if damage is break_package:
        demo = activated.run(str(activated.command), "demo")
        assert demo.returncode == 1
        assert demo.stderr.startswith("ft-numba-aot is broken (")
        assert "Traceback" not in demo.stderr
    if damage is remove_package:
        result = activated.ours("rollback")
        assert result["done"] is True
        assert len(result["removed"]) == 1


def test_a_damaged_hook_is_one_line_and_can_be_taken_out(activated):
    (activated.site / "_ft_numba_aot_startup.py").write_text("def (\n")
    done = activated.run(str(activated.python), "-c", "print('goes on')")
    assert done.stdout == "goes on\n"
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("ft-numba-aot: not started, freqtrade runs stock: ")
    done = activated.run(str(activated.python), "-m", "_ft_numba_aot_rollback")
    assert done.returncode == 0, done.stdout
    assert activated.code("print('goes on')") == "goes on\n"


def test_what_is_not_stock_is_seen(shared):
    sitecustomize = shared.site / "sitecustomize.py"
    sitecustomize.write_text(
        "import sys\nif '-c' in sys.argv: import ft_numba_aot; ft_numba_aot.enable()\n"
    )
    try:
        done = shared.run(str(shared.command), "rollback", "--json")
    finally:
        sitecustomize.unlink()
    assert done.returncode == 1
    result = json.loads(done.stdout)
    assert result["proof"]["stock"] is False
    assert "not freqtrade's own code: freqtrade." in result["proof"]["reason"]
