"""``ft-numba-aot verify``: a user's own backtest, stock and accelerated, compared in full."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from . import command_line

pytest.importorskip("freqtrade")

from ft_numba_aot import freqtrade_integration
from ft_numba_aot.cli import main, verify_report
from ft_numba_aot.freqtrade_integration import BacktestError, backtest_process, verification
from ft_numba_aot.freqtrade_integration.identity import Check, Difference, first_difference
from ft_numba_aot.freqtrade_integration.verification import Verification
from ft_numba_aot.freqtrade_integration.verify_process import Run
from ft_numba_aot.runtime import validation

# Exchanges that the accelerated run gets, in place of the one that both should have.
FACTORIES = """
import sys
from ft_numba_aot.freqtrade_integration.offline import offline_exchange
accelerated = sys.argv[1] == "ours"
def richer(config):
    if accelerated:
        config["dry_run_wallet"] = 1001
    return offline_exchange(config)
def failing(config):
    if accelerated:
        raise ZeroDivisionError("only when accelerated")
    return offline_exchange(config)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = command_line.make_folder(tmp_path_factory.mktemp("user"), candles=800)
    (folder / "factories.py").write_text(FACTORIES, encoding="utf-8")
    return folder


@pytest.fixture
def verify(folder, monkeypatch, capsys):
    """Runs the command; gives its exit status, its output and its errors."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.syspath_prepend(str(folder))
    existing = __import__("os").environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", f"{folder}:{existing}")

    def run(*arguments: str, exchange: str = command_line.EXCHANGE) -> tuple[int, str, str]:
        status = main(["verify", "--exchange-factory", exchange, *arguments])
        output = capsys.readouterr()
        return status, output.out, output.err

    return run


def files(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): path.stat().st_mtime_ns
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def test_both_runs_are_identical_and_no_file_is_written(folder, verify):
    before = files(folder)
    status, output, errors = verify("--json", *command_line.options(folder))
    assert status == 0, output + errors
    assert errors == ""
    result = json.loads(output)
    assert result["identical"] is True
    assert result["trades"] > 5
    assert [check["what"] for check in result["checks"]] == [
        *("trades", "wallets", "locks", "final_balance", "counters", "frames", "stats", "log")
    ]
    assert all(check["first_difference"] is None for check in result["checks"])
    for phase in ("load", "indicators", "backtest", "stats", "whole"):
        assert result["seconds"][phase]["stock"] > 0
        assert result["seconds"][phase]["accelerated"] > 0
    assert "events" in result["active"]
    assert result["skipped"] > result["visited"] > result["trades"]
    assert result["visited"] + result["skipped"] == 2 * (800 - 20 - 1)
    assert result["peak_memory"]["stock"] > 1_000_000
    assert result["status"][0].startswith("ft-numba-aot is on")
    assert files(folder) == before


def test_differences_are_shown_in_full_with_status_1(folder, verify):
    status, output, _ = verify(*command_line.options(folder), exchange="factories:richer")
    assert status == 1
    assert max(map(len, output.splitlines())) < 250
    assert "Different. Please report it" in output
    assert "First difference of final_balance: final_balance" in output
    assert "First difference of trades: trade 1, " in output
    assert "stake_amount  stock: " in output
    assert "stake_amount  accelerated: " in output
    # Of the orders, only the first of their fields.
    assert "orders, 1, amount  stock: " in output
    assert "{" not in output
    assert "DIFFERENT" in output


def test_an_error_of_the_accelerated_run_alone_is_a_difference(folder, verify):
    status, output, _ = verify(
        "--json", *command_line.options(folder), exchange="factories:failing"
    )
    assert status == 1
    (first,) = json.loads(output)["checks"]
    assert first["what"] == "end of the run"
    error = first["first_difference"]["fields"]["error"]["accelerated"]
    assert "ZeroDivisionError: only when accelerated" in error


@pytest.mark.parametrize(
    ("arguments", "reason", "lines"),
    [
        (["-c", "missing.json"], 'Config file "missing.json" not found', 1),
        (["--nonsense"], "unrecognized arguments: --nonsense", 2),
        (["-s", "NoSuchStrategy"], "Impossible to load Strategy 'NoSuchStrategy'", 1),
        (["-s", "Unfinished"], "due to 'No module named 'no_such_module''", 2),
        (["-s", "Divides"], "integer division or modulo by zero", 40),
        (["--timerange", "20300101-"], "No history for BTC/USDT", 3),
    ],
)
def test_what_stock_freqtrade_cannot_run_has_its_message_and_status_2(
    folder, verify, arguments, reason, lines
):
    strategies = folder / "strategies"
    if arguments[-1] == "Unfinished":
        text = "import no_such_module\nclass Unfinished(IStrategy): ...\n"
        (strategies / "unfinished.py").write_text(text, encoding="utf-8")
    text = command_line.STRATEGY.replace("Dips", "Divides").replace(
        "rolling(20)", "rolling(1 // 0)"
    )
    (strategies / "divides.py").write_text(text, encoding="utf-8")
    status, output, errors = verify(*command_line.options(folder), *arguments)
    assert status == 2
    assert output == ""
    assert errors.startswith("ft-numba-aot verify: stock freqtrade can't run this backtest: ")
    assert reason in errors
    # What freqtrade logs on the way there isn't.
    assert len(errors.splitlines()) <= lines
    (strategies / "unfinished.py").unlink(missing_ok=True)


def test_without_freqtrade_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(freqtrade_integration, "installed", lambda: False)
    assert main(["verify"]) == 2
    assert 'pip install "ft-numba-aot[freqtrade]"' in capsys.readouterr().err


def test_a_process_that_dies_is_an_error(monkeypatch):
    monkeypatch.setattr(verification.sys, "executable", "/bin/false")
    with pytest.raises(BacktestError, match="ended without a result"):
        verification.verify([])


@pytest.mark.parametrize(
    ("stock", "ours", "where"),
    [
        ({"a": [1, {"b": 2.0}]}, {"a": [1, {"b": 2.0}]}, None),
        ({"a": [1, {"b": 2.0}]}, {"a": [1, {"b": 2.0000000000000004}]}, "stats, a, 2, b"),
        ({"a": float("nan")}, {"a": float("nan")}, None),
        ({"a": 0.0}, {"a": -0.0}, "stats, a"),
        ({"a": 1}, {"a": 1.0}, "stats, a"),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, "stats"),
        ({"a": [1]}, {"a": [1, 2]}, "stats, a"),
        ({"a": None}, {"a": 0}, "stats, a"),
    ],
)
def test_the_first_difference_is_found(stock, ours, where):
    found = first_difference("stats", stock, ours)
    assert (found and found.where) == where


def test_logs_are_compared_line_by_line():
    line = ("freqtrade.x", "INFO", "one")
    other = ("freqtrade.x", "WARNING", "one")
    assert verification._log_difference([line], [line]) is None
    assert verification._log_difference([line, line], [line, other]).where == "line 2 of the log"
    longer = verification._log_difference([line], [line, other])
    assert longer.fields["lines"] == (1, 2)
    assert longer.fields["first line of one alone"] == (other, other)


def test_what_is_logged_while_functions_are_compared_is_no_run_s():
    kept = []
    factory = logging.getLogRecordFactory()
    try:
        backtest_process.keep_log(lambda record: kept.append(record.getMessage()))
        logger = logging.getLogger("freqtrade.verified")
        with validation._quietly():
            logger.warning("of a probe")
        logger.warning("of the run")
        logging.getLogger("elsewhere").warning("of somebody else")
    finally:
        logging.setLogRecordFactory(factory)
    assert kept == ["of the run"]


def test_a_missing_strategy_is_a_difference():
    import pandas as pd

    frame = pd.DataFrame({"orders": []})
    results = {"trades": frame, "locks": []}
    stock, ours = Run(strategies={"A": results, "B": results}), Run(strategies={"A": results})
    checks = list(verification._checks(stock, ours, ""))
    assert [check.what for check in checks if check.difference] == ["trades, B", "locks, B"]


def test_tables_have_every_number(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    result = Verification(
        checks=[
            Check("trades", "3 × 28 fields", None),
            Check("stats", "9 values", Difference("stats, a", {"a": (1.0, 2.0)})),
            Check("columns", "3", Difference("columns", {"columns": (["a"], ["a", "b"])})),
        ],
        seconds={"load": (8.0, 0.25), "whole": (20.0, float("nan"))},
        memory=(500_000_000, None),
        visited=40,
        skipped=5598,
        trades=3,
        active=("events",),
        status="ft-numba-aot is on",
    )
    verify_report.show(result)
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    assert "First difference of stats: stats, a\n  a  stock: 1.0\n  a  accelerated: 2.0" in text
    assert "  columns  accelerated: ['a', 'b']" in text
    for shown in ("32.00×", "500.0", "5,598", "40", "identical", "DIFFERENT", "First difference"):
        assert shown in text
    values = json.loads(verify_report.as_json(result))
    assert values["identical"] is False
    assert values["seconds"]["whole"] == {"stock": 20.0, "accelerated": None}
    assert values["checks"][1]["first_difference"]["fields"]["a"] == {
        "stock": "1.0",
        "accelerated": "2.0",
    }


ACTIVE = "ft-numba-aot is on\n  events  active\n  exits   active"
DEFERRED = "          3 times stock: a callback changes it"
STOCK = "  locks   stock: not known"


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        (ACTIVE, ["ft-numba-aot is on", "All 2 parts are active."]),
        (
            f"{ACTIVE}\n{DEFERRED}\n{STOCK}",
            ["ft-numba-aot is on", "  exits   active", DEFERRED, STOCK, "2 parts are active."],
        ),
    ],
)
def test_of_parts_only_what_isnt_as_usual(status, shown):
    result = Verification([], {}, (0, 0), 0, 0, 0, ("events", "exits"), status)
    assert verify_report._status(result) == shown


def test_help_says_what_it_passes_on(capsys):
    with pytest.raises(SystemExit) as exit_:
        main(["verify", "--help"])
    assert exit_.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "any option of freqtrade backtesting" in text
    assert "exchange-factory" not in text
