"""``freqtrade-aot``: freqtrade's own command line, and hyperopt's worker processes."""

from __future__ import annotations

import json
import multiprocessing
import operator
import sys
import tomllib
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from . import command_line

pytest.importorskip("freqtrade")

from ft_numba_aot import freqtrade_integration
from ft_numba_aot.cli import freqtrade_aot
from ft_numba_aot.freqtrade_integration import switch
from ft_numba_aot.runtime.configuration import Settings

from .releases import since

ROOT = Path(__file__).resolve().parents[3]

STOCK = "from freqtrade.main import main\n"
OURS = "from ft_numba_aot.cli.freqtrade_aot import main\n"

# An exchange without a network; at the end, what the process had on.
OFFLINE = """
import atexit, json, sys
from freqtrade.resolvers import ExchangeResolver
from ft_numba_aot.freqtrade_integration import offline, switch
stock = ExchangeResolver.load_exchange
def load_exchange(config, **options):
    ExchangeResolver.load_exchange = stock
    try:
        return offline.offline_exchange(config)
    finally:
        ExchangeResolver.load_exchange = load_exchange
ExchangeResolver.load_exchange = load_exchange
assert "freqtrade.optimize.backtesting" not in sys.modules
atexit.register(lambda: print("active:", *switch.status().active))
"""
RUN = "main(sys.argv[1:])"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return command_line.make_folder(tmp_path_factory.mktemp("user"))


def test_a_backtest_has_freqtrades_output_and_is_accelerated(folder):
    arguments = ["backtesting", *command_line.options(folder), "--export", "none"]
    arguments += ["--cache", "none", "--timerange", "20240102-"]
    stock, ours = (
        command_line.run_python(main + OFFLINE + RUN, *arguments, cwd=folder)
        for main in (STOCK, OURS)
    )
    assert stock.returncode == ours.returncode == 0, stock.stderr + ours.stderr
    *report, active = ours.stdout.splitlines()
    assert active.startswith("active: ")
    assert len(active.split()) > 1
    *stock_report, none = stock.stdout.splitlines()
    assert none.strip() == "active:"
    assert report == stock_report
    assert any("BACKTESTING REPORT" in line for line in report)

    def log(output: str) -> list[str]:
        lines = (line.split(" - ", 1) for line in output.splitlines())
        return [line[1] for line in lines if len(line) == 2 and line[1].startswith("freqtrade")]

    assert log(ours.stderr) == log(stock.stderr)
    assert log(stock.stderr)
    assert ours.stderr.count("ft-numba-aot is on (freqtrade ") == 1


ANALYSES = {
    "lookahead-analysis": ["--timerange", "20240101-"],
    "recursive-analysis": ["--timerange", "20240103-20240104", "--startup-candle", "30"],
}


@pytest.mark.parametrize(
    "analysis",
    [
        pytest.param(
            "lookahead-analysis",
            marks=since("2026.9", "lookahead-analysis asks for another price side"),
        ),
        "recursive-analysis",
    ],
)
def test_an_analysis_has_freqtrades_output_and_is_accelerated(folder, analysis):
    arguments = [analysis, *command_line.options(folder), *ANALYSES[analysis]]
    stock, ours = (
        command_line.run_python(main + OFFLINE + RUN, *arguments, cwd=folder)
        for main in (STOCK, OURS)
    )
    assert stock.returncode == ours.returncode == 0, stock.stderr + ours.stderr
    report, _, active = ours.stdout.rpartition("active:")
    assert "events" in active
    assert report == stock.stdout.rpartition("active:")[0]
    assert "│" in report


def test_the_help_of_every_command_is_freqtrades(tmp_path):
    code = """
for command in sys.argv[1:]:
    try:
        main([command, "--help"])
    except SystemExit:
        pass
"""
    commands = ["backtesting", "hyperopt", "trade", "webserver", *ANALYSES]
    stock, ours = (
        command_line.run_python("import sys\n" + main + code, *commands, cwd=tmp_path)
        for main in (STOCK, OURS)
    )
    assert ours.stdout == stock.stdout
    assert all(f"usage: freqtrade {command} " in ours.stdout for command in commands)


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--nonsense"], ["backtesting", "-c", "missing.json"]]
)
def test_without_work_it_is_freqtrade(arguments, tmp_path):
    stock, ours = (
        command_line.run_python(
            "import sys\n" + main + RUN, *arguments, cwd=tmp_path, COLUMNS="999"
        )
        for main in (STOCK, OURS)
    )
    assert ours.returncode == stock.returncode
    assert ours.stdout == stock.stdout
    stock_lines, our_lines = (
        [line for line in output.splitlines() if " - ft_numba_aot - " not in line]
        for output in (stock.stderr, ours.stderr)
    )
    assert len(our_lines) == len(stock_lines)


def test_it_imports_what_freqtrade_imports():
    code = "main(['--version'])"
    listed = (
        command_line.run_python(
            "import atexit, sys\n"
            "atexit.register(lambda: print('modules:', *sys.modules))\n" + main + code,
            cwd=ROOT.parent,
        ).stdout.partition("modules:")[2]
        for main in (STOCK, OURS)
    )
    stock, ours = (set(text.split()) for text in listed)
    more = {name.partition(".")[0] for name in ours - stock}
    assert not {name for name in ours - stock if name.startswith("freqtrade.")}
    # numpy is what every command but --version imports anyway.
    allowed = {"ft_numba_aot", "_ft_numba_aot_rollback", "numpy", *sys.stdlib_module_names}
    assert more <= allowed


def test_without_freqtrade_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(freqtrade_integration, "installed", lambda: False)
    with pytest.raises(SystemExit) as exit_:
        freqtrade_aot.main([])
    assert exit_.value.code == 2
    assert 'pip install "ft-numba-aot[freqtrade]"' in capsys.readouterr().err


def test_the_command_is_declared():
    path = ROOT / "pyproject.toml"
    if not path.exists():
        pytest.skip("not in a checkout")
    scripts = tomllib.loads(path.read_text(encoding="utf-8"))["project"]["scripts"]
    module, _, function = scripts["freqtrade-aot"].partition(":")
    assert module == freqtrade_aot.__name__
    assert getattr(freqtrade_aot, function) is freqtrade_aot.main


@pytest.fixture
def epoch():
    pytest.importorskip("optuna")
    from ft_numba_aot.freqtrade_integration import hyperopt_workers

    yield lambda function: hyperopt_workers.Epoch(function, Settings())
    switch.disable()


@pytest.mark.parametrize(("method", "enabled"), [("spawn", False), ("fork", False), ("fork", True)])
def test_a_worker_is_accelerated_while_it_runs_an_epoch(epoch, method, enabled):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} here")
    if enabled:
        switch.enable()
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(1, mp_context=context) as executor:
        before = executor.submit(switch.enabled).result()
        # A forked process begins as what it was forked from.
        assert before == (enabled and method == "fork")
        assert executor.submit(operator.call, epoch(switch.enabled)).result()
        status = executor.submit(operator.call, epoch(switch.status)).result()
        assert status.active
        failing = executor.submit(operator.call, epoch(operator.truediv), 1, 0)
        with pytest.raises(ZeroDivisionError):
            failing.result()
        assert executor.submit(switch.enabled).result() == before
    assert switch.enabled() == enabled


SPY = """

    def ft_advise_signals(self, dataframe, metadata):
        import json, os
        from ft_numba_aot.freqtrade_integration import switch
        with open(os.environ["SPY"], "a") as file:
            print(json.dumps([os.getpid(), switch.enabled()]), file=file)
        return super().ft_advise_signals(dataframe, metadata)
"""

HYPEROPT = """
import json, logging, os, sys
from pathlib import Path
import ft_numba_aot
from freqtrade.enums import RunMode
from freqtrade.resolvers import ExchangeResolver
from ft_numba_aot.freqtrade_integration import offline
from freqtrade.optimize.hyperopt import Hyperopt

logging.disable(logging.CRITICAL)
folder = Path(sys.argv[1])
load = ExchangeResolver.load_exchange

def losses(jobs):
    config = offline.backtest_config(
        datadir=folder / "user_data/data/binance", user_data=folder / "user_data",
        strategy="Dips", strategy_path=folder / "strategies",
        pairs=["BTC/USDT", "ETH/USDT"], timeframe="5m")
    config |= {"runmode": RunMode.HYPEROPT, "epochs": 4, "hyperopt_jobs": jobs,
               "hyperopt_random_state": 42, "spaces": ["buy", "roi", "stoploss", "trailing"],
               "hyperopt_loss": "SharpeHyperOptLossDaily", "hyperopt_min_trades": 1,
               "print_all": False, "print_json": False, "analyze_per_epoch": False,
               "hyperopt_show_index": -1}
    exchange = offline.offline_exchange(config)
    ExchangeResolver.load_exchange = staticmethod(lambda *a, **k: exchange)
    try:
        hyperopt = Hyperopt(config)
        hyperopt.start()
    finally:
        ExchangeResolver.load_exchange = load
    lines = hyperopt.results_file.read_text().splitlines()
    hyperopt.results_file.unlink()
    with open(os.environ["SPY"]) as file:
        seen = [json.loads(line) for line in file]
    os.unlink(os.environ["SPY"])
    return {"losses": [repr(json.loads(line)["loss"]) for line in lines],
            "here": sum(process == os.getpid() for process, _ in seen),
            "others": sum(process != os.getpid() for process, _ in seen),
            "enabled": sorted({enabled for _, enabled in seen})}

(folder / "user_data/hyperopt_results").mkdir(exist_ok=True)
found = {"stock": losses(2)}
ft_numba_aot.enable()
found["ours"] = losses(2)
found["one job"] = losses(1)
assert "hyperopt workers" in ft_numba_aot.status().active, ft_numba_aot.status()
ft_numba_aot.disable()
found["stock again"] = losses(2)
print("found:", json.dumps(found))
"""


def test_hyperopts_workers_are_accelerated_and_stock_again_afterwards(tmp_path):
    pytest.importorskip("optuna")
    folder = command_line.make_folder(tmp_path, candles=600, strategy=command_line.STRATEGY + SPY)
    done = command_line.run_python(HYPEROPT, str(folder), cwd=folder, SPY=str(folder / "seen"))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.partition("found:")[2])
    assert len(found["stock"]["losses"]) == 4
    assert len(set(found["stock"]["losses"])) > 1
    assert all(run["losses"] == found["stock"]["losses"] for run in found.values())
    enabled = {name: run["enabled"] for name, run in found.items()}
    assert enabled == {
        "stock": [False],
        "ours": [True],
        "one job": [True],
        "stock again": [False],
    }
    # Two pairs an epoch.
    assert [run["others"] for run in found.values()] == [8, 8, 0, 8]
    assert found["one job"]["here"] == 8
