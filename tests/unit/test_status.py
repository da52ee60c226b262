"""What is active, as it is shown: a library's parts are one row where all is well."""

from __future__ import annotations

import pytest

from ft_numba_aot.cli import status_report
from ft_numba_aot.freqtrade_integration.status import Part, Status, by_library
from ft_numba_aot.runtime.configuration import Settings

LOOPS = Part("technical's loops", True, "", ("laguerre", "VIDYA"), {}, "indicators")
CANDLES = Part("technical's candles", True, "", ("doji",), {}, "indicators")
LOADING = Part("loading", True, "", ("load_data",), {}, "backtesting")
UNKNOWN = Part("technical's columns", False, "vwma isn't known", (), {}, "indicators")
BUSY = Part("qtpylib's bands", True, "", ("keltner_channel",), {"odd": 2}, "indicators")


def test_what_is_active_is_one_row_for_each_library() -> None:
    rows = by_library([LOOPS, LOADING, CANDLES])
    assert [(row.name, row.replaced) for row in rows] == [
        ("technical", ("laguerre", "VIDYA", "doji")),
        ("loading", ("load_data",)),
    ]


def test_what_has_something_to_say_has_a_row_of_its_own() -> None:
    assert by_library([LOOPS, UNKNOWN, BUSY])[1:] == [UNKNOWN, BUSY]


def test_a_status_prints_them() -> None:
    status = Status(True, "", "2026.9", "native", (LOOPS, CANDLES, UNKNOWN))
    assert str(status).splitlines()[1:] == [
        "  technical            active",
        "  technical's columns  stock: vwma isn't known",
    ]
    assert status.active == ("technical's loops", "technical's candles")


def test_what_nothing_here_uses_is_shown_where_it_belongs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    status = Status(True, "", "2026.9", "native", (LOADING,), ("backtesting",))
    unused = {"losses": "optuna isn't installed", "indicators.pandas_ta": "it isn't installed"}
    settings = Settings(enabled_modules=("backtesting",))
    status_report.show(status_report.Report(settings, [], status, unused, {}, []))
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    first = rows.index("backtesting loading active 1 function".split())
    assert rows[first + 1] == "losses unused optuna isn't installed".split()
    assert sum("unused" in row for row in rows) == 1
