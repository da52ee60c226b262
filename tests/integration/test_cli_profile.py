"""``ft-numba-aot profile`` of a strategy that a real freqtrade runs, in a process of its own."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("freqtrade")
pytest.importorskip("talib")
pytest.importorskip("technical")

import ft_numba_aot
from ft_numba_aot.cli import main

from .freqtrade import command_line

native = pytest.mark.skipif(
    ft_numba_aot.backend() != "native", reason="not everything is active in pure Python"
)

STRATEGY = """\
import talib.abstract as ta
from freqtrade.strategy import IStrategy, informative
from technical import qtpylib

import profile_helpers
from ft_numba_aot import rolling
from ft_numba_aot.pandas_ta import cti


class Dips(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "5m"
    minimal_roi = {"0": 0.01}
    stoploss = -0.02
    startup_candle_count = 20

    @informative("15m")
    def populate_indicators_15m(self, dataframe, metadata):
        dataframe["rsi"] = ta.RSI(dataframe)
        return dataframe

    def populate_indicators(self, dataframe, metadata):
        for length in range(3, 23):
            dataframe[f"sma_{length}"] = ta.SMA(dataframe, timeperiod=length)
        heikin_ashi = qtpylib.heikinashi(dataframe)
        dataframe["ha_close"] = heikin_ashi["close"]
        dataframe["range"] = dataframe.apply(lambda row: row["high"] - row["low"], axis=1)
        total = 0.0
        for _, row in dataframe.iterrows():
            total += row["close"]
        dataframe["distance"] = profile_helpers.distance(dataframe["close"])
        dataframe["std"] = rolling.std(dataframe["close"], 20)
        dataframe["cti"] = cti(dataframe["close"])
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        crossed = qtpylib.crossed_above(dataframe["close"], dataframe["sma_20"])
        dataframe.loc[crossed, "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe, metadata):
        dataframe.loc[dataframe["close"] > dataframe["sma_5"], "exit_long"] = 1
        return dataframe
"""

HELPERS = """\
def distance(close):
    return close / close.rolling(20).mean() - 1
"""

BROKEN = STRATEGY.replace("class Dips", "class Broken").replace(
    'rolling.std(dataframe["close"], 20)', 'dataframe["no_such_column"]'
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from ft_numba_aot.cli.candles import generate_candles
    from ft_numba_aot.freqtrade_integration.offline import store_candles

    folder = command_line.make_folder(
        tmp_path_factory.mktemp("user"), candles=600, strategy=STRATEGY
    )
    (folder / "strategies" / "profile_helpers.py").write_text(HELPERS, encoding="utf-8")
    (folder / "strategies" / "broken.py").write_text(BROKEN, encoding="utf-8")
    datadir = folder / "user_data" / "data" / "binance"
    for pair, frame in generate_candles(command_line.PAIRS, 200, 15, seed=7).items():
        store_candles(datadir, pair, "15m", frame)
    return folder


Profile = Callable[..., tuple[int, str, str]]


@pytest.fixture
def profile(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Profile:
    """Runs the command; gives its exit status, its output and its errors."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("FT_NUMBA_AOT_VALIDATION", "off")

    def run(*arguments: str) -> tuple[int, str, str]:
        given = [*command_line.options(folder), *arguments]
        status = main(["profile", "--exchange-factory", command_line.EXCHANGE, *given])
        output = capsys.readouterr()
        return status, output.out, output.err

    return run


def calls(found: dict[str, Any], text: str) -> list[dict[str, Any]]:
    return [one for one in found["calls"] if one["text"].startswith(text)]


def test_a_stock_profile(profile: Profile, folder: Path) -> None:
    before = {path for path in folder.rglob("*") if path.suffix != ".pyc" and path.is_file()}
    status, output, errors = profile("--json")
    assert status == 0, errors
    found = json.loads(output)
    assert (found["strategy"], found["accelerated"]) == ("Dips", False)
    assert found["pairs"] == command_line.PAIRS
    assert found["candles"] == 1200
    assert found["status"][0].startswith("ft-numba-aot is off")

    own = {str(folder / "strategies" / name) for name in ("dips.py", "profile_helpers.py")}
    assert own < {one["file"] for one in found["calls"]}
    parts = [found["freqtrade"], *(one["seconds"] for one in found["calls"])]
    assert math.fsum(parts) == found["seconds"]
    methods = {one["name"]: one for one in found["methods"]}
    assert {name: one["calls"] for name, one in methods.items()} == {
        "populate_indicators_15m": 2,
        "populate_indicators": 2,
        "populate_entry_trend": 2,
        "populate_exit_trend": 2,
    }
    assert methods["populate_indicators"]["share"] > 0.5

    (sma,) = calls(found, "ta.SMA")
    assert (sma["name"], sma["calls"], sma["in_loop"]) == ("talib.abstract:SMA", 40, True)
    assert sma["line"] == 24
    (loop,) = calls(found, "for _, row")
    assert (loop["kind"], loop["calls"]) == ("loop", 1200)
    (heikin_ashi,) = calls(found, "qtpylib.heikinashi")
    (crossed,) = calls(found, "qtpylib.crossed_above")
    (merged,) = calls(found, "merge_informative_pair")
    (helped,) = calls(found, "profile_helpers.distance")
    assert helped["inner"] > 0
    (mean,) = calls(found, "close.rolling(20).mean()")
    assert (mean["chain"], mean["calls"]) == (["rolling", "mean"], 2)
    (std,) = calls(found, "rolling.std")
    (trend,) = calls(found, "cti")
    assert std["imported"]
    assert trend["imported"] == (ft_numba_aot.backend() == "native")
    assert [one["replaced"] for one in (mean, loop)] == ["", ""]
    if ft_numba_aot.backend() == "native":
        assert [one["replaced"] for one in (sma, heikin_ashi, crossed, merged, std)] == ["yes"] * 5
    titles = {one["title"] for one in found["advice"]}
    assert {"A loop over the rows", "DataFrame.apply(axis=1)"} <= titles
    after = {path for path in folder.rglob("*") if path.suffix != ".pyc" and path.is_file()}
    assert after == before


@native
def test_what_is_left(profile: Profile) -> None:
    status, output, errors = profile("--accelerated", "--pairs", "ETH/USDT")
    assert status == 0, errors
    assert max(map(len, output.splitlines())) <= 80
    assert "600 of 1 pair, 5m" in output
    assert "accelerated, native" in output
    (row,) = [line for line in output.splitlines() if "qtpylib.heikinashi" in line]
    assert row.split()[-1] == "is"
    assert "A loop over the rows: " in output
    assert "Replaced by ft-numba-aot" not in output


def test_a_strategy_that_raises(profile: Profile) -> None:
    status, output, errors = profile("-s", "Broken")
    assert (status, output) == (1, "")
    assert errors.startswith("ft-numba-aot profile: Broken raised: KeyError: 'no_such_column'\n")
    assert 'broken.py", line 32, in populate_indicators' in errors
    assert errors.rstrip().endswith("KeyError: 'no_such_column'")


def test_candles_that_are_not_there(profile: Profile, folder: Path) -> None:
    status, output, errors = profile("-p", "XRP/USDT")
    assert (status, output) == (2, "")
    assert "No candles of XRP/USDT, 5m: " in errors
    assert str(folder / "user_data" / "data" / "binance" / "XRP_USDT-5m.feather") in errors


def test_two_strategies(profile: Profile) -> None:
    status, output, errors = profile("-i", "5m", "--strategy-list", "Dips", "Broken")
    assert (status, output) == (2, "")
    assert "one strategy at a time" in errors
