"""The block ``performance_optimization`` in the configuration that freqtrade's commands read."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from . import command_line

pytest.importorskip("freqtrade")

import freqtrade.optimize.backtesting  # what is waited for
from freqtrade.configuration import Configuration
from freqtrade.enums import RunMode
from freqtrade.exceptions import ConfigurationError, OperationalException

import _ft_numba_aot_startup as startup
import ft_numba_aot
from ft_numba_aot.freqtrade_integration import after_import, config_block, switch, table
from ft_numba_aot.runtime.configuration import MODULES, PHASES
from ft_numba_aot.runtime.manager import get_numba_manager

BLOCK = {
    "enable_numba_optimization": True,
    "optimization_phase": "progressive",
    "enabled_modules": ["metrics", "indicators", "backtesting"],
    "fallback_on_numba_error": True,
    "performance_benchmarking": False,
    "detailed_performance_logging": False,
    "validation": "off",
    "alerts": True,
}

# What freqtrade's command does, stock first, and what a strategy can see of its configuration.
RUN = """
import sys
{main}
from freqtrade.resolvers import ExchangeResolver
from ft_numba_aot.freqtrade_integration import offline
load = ExchangeResolver.load_exchange
def load_exchange(config, **options):
    ExchangeResolver.load_exchange = load
    try:
        return offline.offline_exchange(config)
    finally:
        ExchangeResolver.load_exchange = load_exchange
ExchangeResolver.load_exchange = load_exchange
main(sys.argv[1:])
"""
STOCK = RUN.format(main="from freqtrade.main import main")
OURS = RUN.format(main="from ft_numba_aot.cli.freqtrade_aot import main")

SPY = """
    def bot_start(self):
        import json, os
        from ft_numba_aot.freqtrade_integration import switch
        seen = {
            "config": json.loads(json.dumps(self.config, default=str, sort_keys=True)),
            "active": len(switch.status().active),
        }
        with open(os.environ["SPY"], "w") as file:
            json.dump(seen, file)
"""


@pytest.fixture(autouse=True)
def _leave_it_off(monkeypatch):
    # follow() sets it for the processes that are started later.
    monkeypatch.setenv("FT_NUMBA_AOT_STARTUP", "1")
    ft_numba_aot.disable()
    yield
    ft_numba_aot.disable()
    get_numba_manager().reset()


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    strategy = command_line.STRATEGY + SPY
    return command_line.make_folder(tmp_path_factory.mktemp("user"), candles=300, strategy=strategy)


def written(folder: Path, **block: Any) -> Path:
    """A configuration, of one name whatever is in it: freqtrade hashes that, too."""
    path = folder / "written.json"
    config = json.loads((folder / "config.json").read_text())
    path.write_text(json.dumps({**config, **block}))
    return path


def results(folder: Path, code: str, config: Path) -> dict[str, Any]:
    """What a backtest leaves: metadata, exported configuration, and what the strategy saw."""
    exported, spy = folder / "exported", folder / "spy.json"
    shutil.rmtree(exported, ignore_errors=True)
    exported.mkdir()
    arguments = ["backtesting", *command_line.options(folder), "--timerange", "20240101-"]
    arguments[arguments.index("-c") + 1] = str(config)
    arguments += ["--export", "trades", "--backtest-directory", str(exported)]
    done = command_line.run_python(code, *arguments, cwd=folder, SPY=str(spy))
    assert done.returncode == 0, done.stderr
    (archive,) = exported.glob("*.zip")
    with zipfile.ZipFile(archive) as files:
        texts = {
            name.removeprefix(archive.stem): files.read(name).decode()
            for name in files.namelist()
            if name.endswith((".json", ".py"))
        }
    (meta,) = exported.glob("*.meta.json")
    return {
        "metadata": json.loads(meta.read_text())["Dips"],
        "texts": texts,
        "seen": json.loads(spy.read_text()),
        "log": done.stderr,
    }


def test_nothing_that_freqtrade_writes_or_hashes_has_it(folder):
    stock = results(folder, STOCK, written(folder))
    ours = results(folder, OURS, written(folder, performance_optimization=BLOCK))
    assert stock["seen"]["active"] == 0
    assert ours["seen"]["active"] > 10
    assert ours["metadata"]["run_id"] == stock["metadata"]["run_id"]
    assert list(ours["texts"]) == list(stock["texts"])
    assert "_config.json" in ours["texts"]
    for text in (*ours["texts"].values(), ours["log"]):
        assert "performance_optimization" not in text
    assert ours["seen"]["config"] == stock["seen"]["config"]
    assert "original_config" in ours["seen"]["config"]
    assert json.loads(ours["texts"]["_config.json"]) == json.loads(stock["texts"]["_config.json"])
    trades = [json.loads(each["texts"][".json"])["strategy"]["Dips"] for each in (stock, ours)]
    assert trades[0]["trades"]
    assert trades[0]["trades"] == trades[1]["trades"]


def test_a_block_that_is_not_valid_is_freqtrades_error(folder):
    config = written(folder, performance_optimization={**BLOCK, "validation": "always"})
    arguments = ["backtesting", *command_line.options(folder)]
    arguments[arguments.index("-c") + 1] = str(config)
    done = command_line.run_python(
        OURS, *arguments, cwd=folder, COLUMNS="999", SPY=str(folder / "never")
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if " - ERROR - " in line]
    assert line.endswith(
        " - freqtrade - ERROR - "
        'performance_optimization.validation is "always"; valid is off, startup or sample'
    )
    assert not (folder / "never").exists()


# In this process: what freqtrade's Configuration does with a block.


def load(folder: Path, block: Any, runmode: RunMode = RunMode.BACKTEST) -> dict[str, Any]:
    """freqtrade's configuration with that block, read before there is anything to replace."""
    config_block.put()
    path = written(folder, performance_optimization=block)
    arguments = {"config": [str(path)], "user_data_dir": str(folder)}
    config: dict[str, Any] = Configuration(arguments, runmode).get_config()
    switch.enable_on_import()
    return config


@pytest.mark.parametrize("phase", PHASES)
def test_a_phase_activates_exactly_its_modules(folder, phase):
    config = load(folder, {"optimization_phase": phase, "validation": "off"})
    status = switch.status()
    assert status.enabled
    assert status.modules == PHASES[phase]
    active = {part.module for part in status.parts if part.active}
    assert active & set(MODULES) <= set(PHASES[phase])
    assert set(PHASES[phase]) - {"indicators"} <= active
    talib_on = any(each.name.startswith("talib.") for each in get_numba_manager().registrations())
    assert talib_on <= ("indicators" in PHASES[phase])
    assert "performance_optimization" not in config
    assert "performance_optimization" not in config["original_config"]


@pytest.mark.parametrize("modules", [["metrics"], ["backtesting"], ["backtesting", "metrics"]])
def test_enabled_modules_are_exactly_these(folder, modules):
    load(
        folder,
        {"enabled_modules": modules, "optimization_phase": "conservative", "validation": "off"},
    )
    status = switch.status()
    assert set(status.modules) == set(modules)
    assert {part.module for part in status.parts if part.active} & set(MODULES) == set(modules)


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ({"enable_numba_optimization": False}, switch.BY_CONFIG),
        ({"enabled_modules": []}, switch.BY_MODULES),
    ],
)
def test_a_block_can_switch_everything_off(folder, block, reason):
    load(folder, block)
    status = switch.status()
    assert not status.enabled
    assert status.reason == reason
    assert status.parts == ()
    assert status.alerts == ()


def test_the_environment_wins(folder, monkeypatch):
    monkeypatch.setenv("FT_NUMBA_AOT_OPTIMIZATION_PHASE", "conservative")
    monkeypatch.setenv("FT_NUMBA_AOT_VALIDATION", "off")
    load(folder, {"optimization_phase": "aggressive", "validation": "sample"})
    settings = get_numba_manager().settings
    assert (settings.optimization_phase, settings.validation) == ("conservative", "off")
    assert switch.status().modules == ("metrics",)
    monkeypatch.setenv("FT_NUMBA_AOT", "0")
    config = load(folder, {"optimization_phase": "aggressive"})
    assert not switch.status().enabled
    assert "performance_optimization" not in config


def test_freqtrades_own_variables_set_it_too(folder, monkeypatch):
    monkeypatch.setenv("FREQTRADE__PERFORMANCE_OPTIMIZATION__OPTIMIZATION_PHASE", "conservative")
    load(folder, {"validation": "off"})
    assert switch.status().modules == ("metrics",)


@pytest.mark.parametrize(
    ("runmode", "phase"),
    [
        (RunMode.BACKTEST, "aggressive"),
        (RunMode.HYPEROPT, "aggressive"),
        (RunMode.DRY_RUN, "progressive"),
        (RunMode.LIVE, "progressive"),
    ],
)
def test_what_holds_without_a_phase(runmode, phase):
    for block in (None, {}, {"alerts": False}):
        assert config_block.settings_of({"runmode": runmode}, block).optimization_phase == phase


@pytest.mark.parametrize(
    ("block", "named"),
    [
        ({"validation": "always"}, ["validation", '"always"', "off", "startup", "sample"]),
        ({"optimisation_phase": 1}, ["optimisation_phase", "did you mean optimization_phase?"]),
        ({"enabled_modules": ["metric"]}, ["enabled_modules", '"metric"', *MODULES]),
        ({"alerts": "yes"}, ["alerts", '"yes"', "true", "false"]),
        ("aggressive", ["performance_optimization", '"aggressive"']),
    ],
)
def test_what_is_not_valid_is_named_with_what_is(folder, block, named):
    with pytest.raises(OperationalException) as caught:
        load(folder, block)
    # With which freqtrade would exit as if all had gone well.
    assert not isinstance(caught.value, ConfigurationError)
    assert all(re.search(rf"(?<!\w){re.escape(each)}(?!\w)", str(caught.value)) for each in named)
    assert not switch.status().enabled


def test_a_configuration_that_is_read_again_holds(folder):
    load(folder, {"optimization_phase": "conservative", "validation": "off"})
    load(folder, {"optimization_phase": "aggressive", "validation": "off"})
    assert switch.status().modules == MODULES
    load(folder, {"enable_numba_optimization": False})
    assert not switch.status().enabled
    load(folder, {"optimization_phase": "conservative", "validation": "off"})
    assert switch.status().modules == ("metrics",)


def test_processes_that_are_started_later_do_not_decide_for_themselves(folder):
    load(folder, {"enable_numba_optimization": False})
    assert os.environ["FT_NUMBA_AOT_STARTUP"] == "0"


@pytest.mark.parametrize("awaited", [False, True])
def test_a_process_that_is_switched_off_has_no_block_either(folder, monkeypatch, awaited):
    monkeypatch.setenv("FT_NUMBA_AOT", "0")
    monkeypatch.setattr(sys, "meta_path", sys.meta_path[:])
    startup.start()
    if awaited:
        # As freqtrade-aot does, in an activated environment.
        after_import.call(table.CONFIGURATION, config_block.put)
    # Another copy of what this process has imported already.
    path = freqtrade.configuration.__path__
    found = (finder.find_spec(table.CONFIGURATION, path) for finder in sys.meta_path)
    spec = next(spec for spec in found if spec is not None)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert startup._block_finder not in sys.meta_path
    # Whatever is in it.
    config = read(module.Configuration, folder, performance_optimization={"validation": "always"})
    assert "original_config" in config
    assert config == read(Configuration, folder)


def read(owner: Any, folder: Path, **block: Any) -> dict[str, Any]:
    arguments = {"config": [str(written(folder, **block))], "user_data_dir": str(folder)}
    config: dict[str, Any] = owner(arguments, RunMode.BACKTEST).get_config()
    return config


def test_disabling_leaves_freqtrades_method(folder):
    before = vars(Configuration)["load_config"]
    load(folder, {"validation": "off"})
    assert vars(Configuration)["load_config"] is not before
    ft_numba_aot.disable()
    assert vars(Configuration)["load_config"] is before
