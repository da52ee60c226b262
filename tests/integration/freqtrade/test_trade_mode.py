"""A bot in dry-run does the same accelerated, candle by candle, and is told what goes wrong."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

pytest.importorskip("freqtrade")
pytest.importorskip("talib")
pytest.importorskip("technical")

import ft_numba_aot
from ft_numba_aot.freqtrade_integration import switch, validate
from ft_numba_aot.runtime.configuration import MODULES, Settings
from ft_numba_aot.runtime.manager import NumbaManager, get_numba_manager

from . import command_line, dry_run, faulty_backtest
from .dry_run import DryRun

CANDLES = 8
RSI = "indicators.talib.abstract.RSI"

STRATEGY = '''\
import talib.abstract as ta
from freqtrade.strategy import IStrategy, informative
from technical import qtpylib


class Dips(IStrategy):
    """Buys what falls and sells what rises, at every other candle."""

    INTERFACE_VERSION = 3
    timeframe = "5m"
    minimal_roi = {"10": 0.0}
    stoploss = -0.02
    order_types = {
        "entry": "market",
        "exit": "market",
        "stoploss": "market",
        "stoploss_on_exchange": False,
    }
    startup_candle_count = 30

    @informative("1h")
    def populate_indicators_1h(self, dataframe, metadata):
        dataframe["rsi"] = ta.RSI(dataframe, timeperiod=5)
        return dataframe

    def populate_indicators(self, dataframe, metadata):
        dataframe["rsi"] = ta.RSI(dataframe)
        dataframe["ema"] = ta.EMA(dataframe, timeperiod=5)
        dataframe[["upper", "middle", "lower"]] = ta.BBANDS(dataframe)
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        dataframe.loc[dataframe["close"] < dataframe["ema"], "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe, metadata):
        crossed = qtpylib.crossed_above(dataframe["close"], dataframe["middle"])
        dataframe.loc[crossed, ["exit_long", "exit_tag"]] = (1, "crossed")
        return dataframe
'''


@pytest.fixture(autouse=True)
def _leave_it_off(monkeypatch: pytest.MonkeyPatch):
    # What reads a configuration sets it for the processes that are started later.
    monkeypatch.setenv("FT_NUMBA_AOT_STARTUP", "1")
    ft_numba_aot.disable()
    get_numba_manager().reset()
    yield
    ft_numba_aot.disable()
    get_numba_manager().reset()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("user")
    return command_line.make_folder(folder, candles=300, strategy=STRATEGY)


@pytest.fixture(scope="module")
def stock(folder: Path) -> DryRun:
    ft_numba_aot.disable()
    found = dry_run.run(folder, dry_run.configure(folder), CANDLES)
    assert len(found.frames) == (CANDLES + 1) * len(command_line.PAIRS)
    assert {"entry", "exit"} <= {key for message in found.messages for key in message}
    assert len(found.rows["orders"]) > len(found.rows["trades"]) > 0
    return found


def test_a_bot_does_the_same_accelerated(folder: Path, stock: DryRun) -> None:
    ours = run(folder, {"validation": "off"})
    compare(stock, ours)
    assert ours.messages == stock.messages
    # What holds for trading where no phase is named.
    status = switch.status()
    assert status.modules == ("metrics", "indicators")
    assert status.fallen == {}
    statistics = get_numba_manager().statistics()
    for key in (RSI, "indicators.talib.abstract.BBANDS", "indicators.qtpylib.crossed_above"):
        assert statistics[key]["calls"] >= CANDLES


def test_an_indicator_that_is_wrong_is_one_message(
    folder: Path, stock: DryRun, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(NumbaManager, "register", NumbaManager.register)
    monkeypatch.setattr(validate, "validate", lambda manager: None)
    monkeypatch.setattr(faulty_backtest, "CALLED", (RSI,))
    faulty_backtest.wrong_on_real_data()
    monkeypatch.setenv("FT_NUMBA_AOT_CACHE", str(folder / "cache"))
    ours = run(folder, {"validation": "sample"})
    compare(stock, ours)
    (more,) = (message for message in ours.messages if message not in stock.messages)
    assert more["warning"].startswith(f"ft-numba-aot: {RSI} runs as its original for good: its ")
    assert [message for message in ours.messages if message != more] == stock.messages
    said = [record for record in caplog.records if record.name == "ft_numba_aot"]
    assert [record.levelname for record in said if RSI in record.getMessage()] == ["WARNING"]
    assert RSI in switch.status().fallen


def test_what_a_part_imports_of_freqtrade_is_no_start_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As where a bot's configuration says aggressive, and nothing has imported the backtest."""
    imported = switch._import

    def importing(name: str) -> ModuleType | str:
        monkeypatch.setattr(switch, "_import", imported)
        switch._enable_and_say("aggressive")
        assert not switch.enabled()
        return imported(name)

    monkeypatch.setattr(switch, "_import", importing)
    status = switch.use(Settings(optimization_phase="aggressive", validation="off"))
    assert status.modules == MODULES
    assert "events" in status.active
    assert status.alerts == ()


def run(folder: Path, block: dict[str, object]) -> DryRun:
    """As ``freqtrade-aot trade`` does, and an activation's start."""
    switch.enable_on_import()
    config = dry_run.configure(folder, performance_optimization=block)
    return dry_run.run(folder, config, CANDLES)


def compare(stock: DryRun, ours: DryRun) -> None:
    for theirs, mine in zip(stock.frames, ours.frames, strict=True):
        pd.testing.assert_frame_equal(mine, theirs, check_exact=True, check_freq=True)
    assert ours.rows == stock.rows
