"""``ft-numba-aot demo`` in the real freqtrade: trades, exit status, and no side effects."""

from __future__ import annotations

import functools
import hashlib
import importlib
import json
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

import ft_numba_aot
from ft_numba_aot import backend
from ft_numba_aot.cli import demo_comparison, demo_report, first_call, main
from ft_numba_aot.cli.candles import generate_candles
from ft_numba_aot.cli.demo_comparison import Demo, Request, run_demo
from ft_numba_aot.cli.first_call import FirstCall
from ft_numba_aot.freqtrade_integration import environment, reasons, switch

pytest.importorskip("freqtrade")

PAIRS = ["BTC/USDT", "ETH/USDT"]
RUN = "import sys; from ft_numba_aot.cli import main; sys.exit(main())"
OFFLINE = """
import socket
def refuse(*arguments, **options): raise AssertionError("the demo used the network")
socket.getaddrinfo = socket.create_connection = refuse
"""


def command(*arguments: str, code: str = RUN, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-c", code, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        **options,
    )


def measure_nothing(contestant: str) -> str:
    return "not measured"


@pytest.fixture(autouse=True)
def _no_first_calls(monkeypatch):
    monkeypatch.setattr(first_call, "measure", measure_nothing)


@pytest.fixture(scope="module")
def demo() -> Demo:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(first_call, "measure", measure_nothing)
        return run_demo(Request(PAIRS, candles=1500, seed=3))


@pytest.fixture
def datadir(tmp_path) -> Path:
    from ft_numba_aot.freqtrade_integration.offline import store_candles

    folder = tmp_path / "data"
    folder.mkdir()
    for pair, candles in generate_candles(PAIRS, 1000, 5, seed=5).items():
        store_candles(folder, pair, "5m", candles)
    return folder


@pytest.fixture
def broken_ta(request, monkeypatch) -> str:
    """A module like ``talib.abstract`` whose RSI is changed by the test's function."""
    import talib.abstract as stock

    def rsi(*args, **kwargs):
        return request.param(stock.RSI(*args, **kwargs))

    module = types.ModuleType("broken_ta")
    module.__getattr__ = lambda name: getattr(stock, name)  # type: ignore[method-assign]
    module.RSI = rsi  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "broken_ta", module)
    return "broken_ta"


def one_bit_off(rsi):
    rsi.iloc[100] *= 1 + 2**-52
    return rsi


def far_off(rsi):
    return 100 - rsi


def test_trades_are_identical_offline_and_nothing_is_left_behind(tmp_path):
    env = {**os.environ, "TMPDIR": str(tmp_path), "HOME": str(tmp_path), "COLUMNS": "80"}
    arguments = ["demo", "--json", "--candles", "2500", "--pairs", *PAIRS]
    process = command(*arguments, code=OFFLINE + RUN, env=env, cwd=tmp_path)
    assert process.stderr == ""
    assert process.returncode == 0
    result = json.loads(process.stdout)
    assert result["identical"] is True
    assert [check["identical"] for check in result["checks"]] == [True] * 6
    assert result["trades"] > 20
    assert "events" in result["active"]
    assert result["skipped"] > result["visited"] > result["trades"]
    assert result["first_call"]["ft_numba_aot"]["first"] > 0
    assert list(tmp_path.rglob("*")) == []


def test_demo_measures_everything_that_it_compares(demo):
    assert demo.identical
    assert [check.what for check in demo.checks] == [
        "trades",
        "final balance",
        "rejected signals",
        "wallet history",
        "indicators",
        "statistics",
    ]
    assert list(demo.phases) == ["load", "indicators", "backtest", "stats"]
    assert all(seconds > 0 for pair in demo.phases.values() for seconds in pair)
    assert {"RSI", "MACD", "STOCHF", "ADX", "MFI", "BBANDS", "TEMA", "HT_SINE", "SAR", "CCI"} <= {
        row.function for row in demo.indicators
    }
    for row in demo.indicators:
        assert row.calls == len(PAIRS) * (2 if row.function == "EMA" else 1)
        assert row.stock > 0
        assert row.ours > 0


def test_the_second_run_is_accelerated_and_the_first_is_not(demo, monkeypatch):
    # Without native kernels what needs them is stock.
    assert demo.status.complete == (backend() == "native"), str(demo.status)
    assert "events" in demo.status.active
    assert demo.visits["skipped"] > demo.visits["visited"] > demo.trades

    from ft_numba_aot.freqtrade_integration import backtest

    seen = []

    def run_backtest(config):
        seen.append(switch.enabled())
        return run(config)

    run = backtest.run_backtest
    monkeypatch.setattr(backtest, "run_backtest", run_backtest)
    run_demo(Request(["BTC/USDT"], candles=500))
    # The first warms up.
    assert seen == [False, False, True]


@pytest.mark.parametrize("on", [False, True])
def test_freqtrades_objects_are_left_as_they_were(on, monkeypatch):
    from integration.freqtrade.objects import CODE, everything

    request = Request(["BTC/USDT"], candles=500)
    # What the first one imports stays.
    run_demo(request)
    if on:
        ft_numba_aot.enable()
    try:
        before = everything(CODE)
        run_demo(request)
        assert everything(CODE) == before
        monkeypatch.setattr(
            "ft_numba_aot.freqtrade_integration.identity.compare", lambda *outcomes: 1 / 0
        )
        with pytest.raises(ZeroDivisionError):
            run_demo(request)
        assert everything(CODE) == before
        assert ft_numba_aot.status().enabled == on
    finally:
        ft_numba_aot.disable()


def shown(demo: Demo, capsys, monkeypatch) -> str:
    monkeypatch.setenv("COLUMNS", "80")
    demo_report.show(demo)
    text: str = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    return " ".join(text.split())


def test_an_environment_without_acceleration_says_so(capsys, monkeypatch):
    monkeypatch.setattr(environment, "PANDAS", (7,))
    demo = run_demo(Request(["BTC/USDT"], candles=1000))
    assert demo.identical
    assert demo.status.active == ()
    text = shown(demo, capsys, monkeypatch)
    assert "ft-numba-aot is off: pandas" in text
    assert "times as fast" not in text


def test_what_ran_stock_in_the_accelerated_run_is_shown(capsys, monkeypatch):
    from ft_numba_aot.freqtrade_integration import event_backtest

    reason = "debug messages of every candle are logged"
    monkeypatch.setattr(event_backtest, "_stock_reason", lambda *_: reason)
    demo = run_demo(Request(["BTC/USDT"], candles=1000))
    assert demo.identical
    text = shown(demo, capsys, monkeypatch)
    assert f"once stock: whole run stock: {reason}" in text
    assert "All" not in text
    reasons.forget()


def test_tables_fit_80_columns(demo, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    demo_report.show(demo)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    assert text.count("identical") == len(demo.checks)
    assert text.count("accelerated") == 2
    all_active = f"All {len(demo.status.parts)} parts were active." in text
    assert all_active == demo.status.complete
    assert f"{demo.visits['visited']:,} candles of a pair were visited" in text
    assert "…" not in text
    assert f"Identical in every field of {demo.trades} trades; " in text
    assert "times as fast." in text
    assert "numba @njit(cache=False): not measured" in text
    assert all(row.function in text for row in demo.indicators)


def test_json_has_what_the_tables_have(demo):
    result = json.loads(demo_report.as_json(demo))
    assert result["identical"] is True
    assert result["trades"] == demo.trades
    assert list(result["phases"]["backtest"]) == ["stock", "accelerated"]
    assert result["visited"] == demo.visits["visited"]
    assert result["active"] == list(demo.status.active)
    assert {row["function"] for row in result["indicators"]} == {
        row.function for row in demo.indicators
    }
    assert result["first_call"]["numba"] == {"error": "not measured"}
    assert result["candles"]["pairs"] == PAIRS


@pytest.mark.parametrize("broken_ta", [one_bit_off], indirect=True)
def test_one_bit_of_one_indicator_is_found(broken_ta):
    demo = run_demo(Request(["BTC/USDT"], candles=1000), ours=broken_ta)
    assert not demo.identical
    differing = [check for check in demo.checks if check.difference]
    assert [check.what for check in differing] == ["indicators"]
    (indicators,) = differing
    assert indicators.difference.where == "BTC/USDT, candle 100"
    ((column, (stock, ours)),) = indicators.difference.fields.items()
    assert column == "rsi"
    assert stock != ours


@pytest.mark.parametrize("broken_ta", [far_off], indirect=True)
def test_different_trades_are_shown_in_full_with_status_1(broken_ta, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(demo_comparison, "run_demo", functools.partial(run_demo, ours=broken_ta))
    arguments = ["demo", "--candles", "1500", "--pairs", "BTC/USDT"]
    assert main([*arguments, "--json"]) == 1
    result = json.loads(capsys.readouterr().out)
    assert result["identical"] is False
    trades = result["checks"][0]
    assert trades["identical"] is False
    assert "open_date" in trades["first_difference"]["fields"]

    assert main(arguments) == 1
    text = capsys.readouterr().out
    assert "DIFFERENT" in text
    assert f"First difference of trades: {trades['first_difference']['where']}" in text
    assert "open_date  stock: " in text
    assert "open_date  accelerated: " in text
    assert "accelerated: after ft_numba_aot.enable(), broken_ta" in text


def test_own_candles_are_used_and_left_alone(datadir, capsys):
    def state() -> dict[str, object]:
        return {
            path.name: (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).digest())
            for path in datadir.rglob("*")
        }

    before = state()
    arguments = ["demo", "--json", "--datadir", str(datadir), "--pairs", *PAIRS]
    assert main(arguments) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["candles"]["count"] == 2 * 1000
    assert result["candles"]["datadir"] == str(datadir)

    assert main([*arguments, "--candles", "500"]) == 0
    # freqtrade reads the strategy's 200 startup candles besides.
    assert json.loads(capsys.readouterr().out)["candles"]["count"] == 2 * (500 + 200)
    assert state() == before


def test_missing_candles_are_named(datadir, capsys):
    arguments = ["demo", "--datadir", str(datadir), "--pairs", "BTC/USDT", "DOGE/USDT"]
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert str(datadir / "DOGE_USDT-5m.feather") in output.err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--datadir", "data"], "--datadir needs --pairs"),
        (["--pairs", "BTC/USDT", "ETH/BTC"], "BTC, USDT"),
        (["--pairs", "BTC/USDT:USDT"], "no spot pair"),
        (["--pairs", "BTCUSDT"], "no spot pair"),
        (["--timeframe", "5x"], "'5x'"),
        (["--candles", "150"], "too few candles"),
    ],
)
def test_unusable_arguments_have_a_reason_and_status_2(arguments, reason, capsys):
    assert main(["demo", *arguments]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("ft-numba-aot demo: ")
    assert output.err.count("\n") == 1
    assert reason in output.err


def test_without_freqtrade_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "freqtrade", None)
    assert main(["demo"]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert 'pip install "ft-numba-aot[freqtrade]"' in output.err


def test_strategies_differ_in_the_import_alone(tmp_path):
    stock, ours = (
        (demo_comparison._strategy_with(module, tmp_path) / "demo_strategy.py")
        .read_text(encoding="utf-8")
        .splitlines()
        for module in (demo_comparison.STOCK, demo_comparison.OURS)
    )
    differing = [lines for lines in zip(stock, ours, strict=True) if lines[0] != lines[1]]
    assert differing == [("import talib.abstract as ta", "import ft_numba_aot.ta as ta")]


def test_command_line_imports_nothing_heavy_until_it_runs():
    code = (
        "import sys; from ft_numba_aot.cli import COMMANDS\n"
        "print([name for name in ('pandas', 'rich', 'freqtrade', 'talib') if name in sys.modules])"
    )
    assert command(code=code).stdout.strip() == "[]"


@pytest.mark.parametrize("contestant", ["ft_numba_aot", "numba"])
def test_first_call_is_measured_in_a_fresh_interpreter(contestant, monkeypatch):
    pytest.importorskip(contestant)
    monkeypatch.undo()
    measured = first_call.measure(contestant)
    assert isinstance(measured, FirstCall), measured
    assert min(measured) > 0


def test_first_call_without_numba_says_so(monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert first_call.measure("numba") == "numba isn't installed"
