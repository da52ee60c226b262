"""Hyperopt's workers do as their parent was told, in an activated environment as anywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from . import command_line

pytest.importorskip("freqtrade")
pytest.importorskip("optuna")

SPY = """

    def ft_advise_signals(self, dataframe, metadata):
        import json, os
        from ft_numba_aot.freqtrade_integration import switch
        from ft_numba_aot.runtime.manager import get_numba_manager
        settings = get_numba_manager().settings
        with open(os.environ["SPY"], "a") as file:
            seen = [os.getpid(), switch.status().modules, settings.validation, settings.alerts]
            print(json.dumps(seen), file=file)
        return super().ft_advise_signals(dataframe, metadata)
"""

# What ft_numba_aot.pth does in each process of an activated environment.
ACTIVATED = "import _ft_numba_aot_startup; _ft_numba_aot_startup.start()\n"

RUN = """
import os, sys
from freqtrade.main import main
from freqtrade.resolvers import ExchangeResolver

load = ExchangeResolver.load_exchange

def load_exchange(config, **options):
    from ft_numba_aot.freqtrade_integration import offline
    ExchangeResolver.load_exchange = load
    try:
        return offline.offline_exchange(config)
    finally:
        ExchangeResolver.load_exchange = load_exchange

ExchangeResolver.load_exchange = load_exchange
print("parent:", os.getpid(), flush=True)
main(sys.argv[1:])
"""


def hyperopt(folder: Path, block: dict[str, Any]) -> tuple[int, list[list[Any]]]:
    """The parent's process, and what the strategy saw each time in which process."""
    (folder / "block.json").write_text(json.dumps({"performance_optimization": block}))
    activated = folder / "activated"
    activated.mkdir(exist_ok=True)
    (activated / "sitecustomize.py").write_text(ACTIVATED)
    spy = folder / "seen"
    spy.unlink(missing_ok=True)
    arguments = ["hyperopt", *command_line.options(folder), "-c", str(folder / "block.json")]
    arguments += ["--epochs", "3", "-j", "2", "--spaces", "buy", "--min-trades", "1"]
    arguments += ["--random-state", "1", "--hyperopt-loss", "SharpeHyperOptLossDaily"]
    done = command_line.run_python(
        RUN, *arguments, cwd=folder, PYTHONPATH=str(activated), SPY=str(spy)
    )
    assert done.returncode == 0, done.stderr
    parent = int(done.stdout.partition("parent: ")[2].split()[0])
    return parent, [json.loads(line) for line in spy.read_text().splitlines()]


@pytest.mark.parametrize(
    ("block", "modules"),
    [
        ({"enable_numba_optimization": False}, []),
        ({"optimization_phase": "progressive", "validation": "off"}, ["metrics", "indicators"]),
    ],
)
def test_workers_follow_the_configuration(tmp_path, block, modules):
    folder = command_line.make_folder(tmp_path, candles=300, strategy=command_line.STRATEGY + SPY)
    (folder / "user_data" / "hyperopt_results").mkdir()
    parent, seen = hyperopt(folder, block | {"alerts": False})
    assert parent not in {process for process, *_ in seen}
    assert len(seen) == 6
    for _, found, validation, alerts in seen:
        assert found == modules
        if modules:
            assert (validation, alerts) == ("off", False)
