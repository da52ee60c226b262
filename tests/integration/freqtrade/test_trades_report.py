"""``ft-numba-aot trades-report``, of results and databases that freqtrade wrote."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from freqtrade.optimize.optimize_reports import generate_backtest_stats, store_backtest_results
from freqtrade.persistence import Trade
from freqtrade.persistence.base import ModelBase
from integration.freqtrade.test_statistics import CONFIG, content
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from ft_numba_aot import cli
from ft_numba_aot.cli.candles import generate_candles
from ft_numba_aot.freqtrade_integration import stored_trades
from ft_numba_aot.pnl import Rules, parallel_trades

PAIRS = ["BTC/USDT", "ETH/USDT"]
START, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 10, tzinfo=UTC)

# What freqtrade calls a score in its results.
SCORES = {
    "trades": "total_trades",
    "profit_abs": "profit_total_abs",
    "profit_ratio": "profit_total",
    "profit_mean": "profit_mean",
    "profit_factor": "profit_factor",
    "expectancy": "expectancy",
    "expectancy_ratio": "expectancy_ratio",
    "sharpe": "sharpe",
    "sortino": "sortino",
    "calmar": "calmar",
    "sqn": "sqn",
    "p_value": "p_value",
    "max_drawdown_abs": "max_drawdown_abs",
    "max_drawdown": "max_relative_drawdown",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With ``user_data`` of two backtests, the newer one of a single strategy."""
    folder = tmp_path_factory.mktemp("user")
    results = folder / "user_data" / "backtest_results"
    results.mkdir(parents=True)
    (folder / "empty.sqlite").touch()
    data = generate_candles(PAIRS, 2500, 5, seed=1)
    for day, names in enumerate((["One", "Two"], ["Dips"]), start=1):
        contents = {name: content(simulated(data, -0.01 * day)) for name in names}
        for one in contents.values():
            one["locks"] = []
        stats = generate_backtest_stats(data, contents, START, END)
        config = {"exportdirectory": results, "original_config": CONFIG}
        store_backtest_results(config, stats, f"2026-01-0{day}_00-00-00")
    return folder


def simulated(data: dict[str, pd.DataFrame], stoploss: float) -> pd.DataFrame:
    """Entries at each 20th candle."""
    frames = {
        pair: frame.assign(enter_long=np.arange(len(frame)) % 20 == 0)
        for pair, frame in data.items()
    }
    trades = parallel_trades(frames, Rules(stoploss, {0: 0.01}), stake_amount=100.0, fee=0.001)
    return trades.to_dataframe().sort_values("close_date", kind="stable", ignore_index=True)


@pytest.fixture(autouse=True)
def here(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


def test_the_newest_result_and_freqtrades_own_figures(
    folder: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = here / "page.html"
    assert cli.main(["trades-report", "-o", str(page), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    result = folder / "user_data" / "backtest_results" / "backtest-result-2026-01-02_00-00-00.zip"
    assert Path(found["source"]) == result.relative_to(folder)
    assert (found["strategies"], found["starting_balance"]) == (["Dips"], 1000)
    # Not the figures in the file: reading its numbers, freqtrade loses their last bit at times.
    trades = stored_trades.of_result(result, None).trades
    trades = trades.sort_values("close_timestamp", kind="stable", ignore_index=True)
    data = generate_candles(PAIRS, 2500, 5, seed=1)
    stats = generate_backtest_stats(data, {"Dips": content(trades)}, START, END)
    theirs = stats["strategy"]["Dips"]
    expected = {name: theirs[key] for name, key in SCORES.items() if key in theirs}
    assert SCORES.keys() - {"p_value"} <= expected.keys()  # an older freqtrade has none
    assert {name: found["figures"][name] for name in expected} == expected
    text = page.read_text(encoding="utf-8")
    assert "<h1>Dips</h1>" in text
    assert "backtest-result-2026-01-02_00-00-00.zip, candles of 5m" in text
    assert f"{START:%Y-%m-%d} to {END:%Y-%m-%d}, starting with 1,000.00." in text


def test_on_a_terminal(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--backtest-filename", "backtest-result-2026-01-01_00-00-00.zip", "-s", "Two"]
    page = here / "page.html"
    assert cli.main(["trades-report", *arguments, "-o", str(page)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].rstrip().endswith(" trades, Two")
    assert lines[-1] == f"Wrote {page}"
    assert max(map(len, lines[:-1])) <= 80


MISSING = {
    "no folder": (["--userdir", "nowhere"], "there is no folder of backtest results nowhere"),
    "no result": (["--backtest-directory", "."], "no backtest result in .: run freqtrade back"),
    "no file": (["--backtest-filename", "x.zip"], "there is no backtest result x.zip, and none in"),
    "no strategy": (["-s", "Tree"], "has no strategy Tree: choose with -s one of Dips"),
    "several": (
        ["--backtest-filename", "backtest-result-2026-01-01_00-00-00.zip"],
        "has several strategies: choose with -s one of One, Two",
    ),
    "no result's file": (
        ["--export-filename", "backtest-result-2026-01-01_00-00-00.meta.json"],
        "is no backtest result of freqtrade",
    ),
    "no database": (["--db-url", "sqlite:///x.sqlite"], "there is no database "),
    "no bot's": (["--db-url", "sqlite:///empty.sqlite"], "it isn't a bot's, or of another version"),
    "in memory": (["--db-url", "sqlite://"], "is a database in memory"),
    "no such kind": (["--db-url", "some://user:secret@host/x"], "some://user:***@host/x can't be"),
}


@pytest.mark.parametrize("case", sorted(MISSING))
def test_what_is_missing_is_named(
    case: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, said = MISSING[case]
    page = here / "page.html"
    assert cli.main(["trades-report", *arguments, "-o", str(page)]) == 2
    assert said in capsys.readouterr().err
    assert not page.exists()
    assert not Path("x.sqlite").exists()


def test_a_bots_database_is_read_only(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database, page = here / "bot.sqlite", here / "page.html"
    address = f"sqlite:///{database}"
    make_database(address)
    before = database.read_bytes()
    arguments = ["trades-report", "--db-url", address, "-o", str(page)]
    assert cli.main(arguments) == 2
    assert "what did the account begin with?" in capsys.readouterr().err
    config = here / "bot.json"
    block = {"dry_run": True, "dry_run_wallet": 500, "stake_currency": "USDT", "db_url": address}
    config.write_text(json.dumps(block))
    source = ["trades-report", "--trade-source", "DB", "-c", str(config), "-o", str(page)]
    assert cli.main([*source, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["figures"]["trades"], found["still_open"]) == (5, 1)
    assert found["figures"]["profit_abs"] == 10.0
    assert found["figures"]["profit_ratio"] == 0.02
    assert found["strategies"] == ["Dips"]
    assert "Best move" in page.read_text(encoding="utf-8")
    assert cli.main([*arguments, "-s", "Tree"]) == 2
    assert "has no strategy Tree: it has Dips" in capsys.readouterr().err
    assert database.read_bytes() == before


def test_a_bot_without_closed_trades(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    address = f"sqlite:///{here / 'new.sqlite'}"
    make_database(address, numbers=[5])
    page = here / "page.html"
    arguments = ["--db-url", address, "--starting-balance", "100", "-o", str(page)]
    assert cli.main(["trades-report", *arguments]) == 1
    assert f"no closed trades in {address}" in capsys.readouterr().err
    assert not page.exists()


BALANCES = {
    "capital": ({"available_capital": 70, "dry_run": True, "dry_run_wallet": 5}, 70.0),
    "wallet": ({"dry_run": True, "dry_run_wallet": 5}, 5.0),
    "currencies": (
        {"dry_run": True, "dry_run_wallet": {"BTC": 2}, "stake_currency": "BTC"},
        2.0,
    ),
    "live": ({"dry_run": False, "dry_run_wallet": 5}, None),
}


@pytest.mark.parametrize("case", sorted(BALANCES))
def test_what_a_bot_began_with(case: str) -> None:
    config, balance = BALANCES[case]
    assert stored_trades.starting_balance(config) == balance


def test_which_database_a_bot_has() -> None:
    names = [stored_trades.database(config) for config in ({"dry_run": True}, {"db_url": "x"}, {})]
    assert names == ["sqlite:///tradesv3.dryrun.sqlite", "x", "sqlite:///tradesv3.sqlite"]


def make_database(address: str, numbers: Iterable[int] = range(6)) -> None:
    """Six trades, the last of them open; of the first, extreme rates weren't noted."""
    engine = create_engine(address)
    ModelBase.metadata.create_all(engine)
    trades = []
    for number in numbers:
        opened = START + timedelta(hours=number)
        trade = Trade(
            pair="ETH/USDT",
            base_currency="ETH",
            stake_currency="USDT",
            strategy="Dips",
            exchange="binance",
            open_rate=100.0,
            open_date=opened,
            stake_amount=100.0,
            amount=1.0,
            fee_open=0.0,
            fee_close=0.0,
            is_open=True,
            leverage=1.0,
            is_short=False,
        )
        if number < 5:
            trade.is_open = False
            trade.close_rate = 100.0 + number
            trade.close_date = opened + timedelta(minutes=30)
            trade.close_profit_abs = float(number)
            trade.close_profit = number / 100
            trade.exit_reason = "roi"
        if number:
            trade.min_rate, trade.max_rate = 99.0, 100.0 + number
        trades.append(trade)
    with Session(engine) as session:
        session.add_all(trades)
        session.commit()
    engine.dispose()
