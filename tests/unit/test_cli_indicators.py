"""``doctor --indicators``: of a TA-Lib that is as ours, that differs or lacks one, of none."""

from __future__ import annotations

import json
import sys
from types import ModuleType
from typing import Any

import pytest
from outcomes import original

from ft_numba_aot import cli, talib_func
from ft_numba_aot.cli import doctor, indicator_checks
from ft_numba_aot.runtime import talib_install, talib_reference
from ft_numba_aot.ta._table import DEFINITIONS

NAMES = ("SMA", "MINMAX", "CDLDOJI")


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    few = {name: DEFINITIONS[name] for name in NAMES}
    monkeypatch.setattr(indicator_checks, "DEFINITIONS", few)


def use(monkeypatch: pytest.MonkeyPatch, version: str = "0.6.8", **functions: Any) -> None:
    """Have a TA-Lib of that version with ours for its functions, but for those given."""
    made = ModuleType("talib")
    vars(made).update({name: vars(talib_func)[name] for name in NAMES} | functions)
    vars(made).update(__version__=version, __ta_version__=b"0.6.4 (some day)")
    monkeypatch.setitem(sys.modules, "talib", made)
    monkeypatch.setitem(sys.modules, "talib.abstract", ModuleType("talib.abstract"))
    monkeypatch.setattr(talib_install, "installed", lambda: False)
    monkeypatch.setattr(indicator_checks, "_original", lambda talib, name: vars(talib).get(name))


def told(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    status = cli.main(["doctor", "--indicators", *options])
    return status, " ".join(capsys.readouterr().out.split())


def test_the_installed_one_gives_the_same_bits(capsys: pytest.CaptureFixture[str]) -> None:
    original()
    status, shown = told(capsys)
    assert status == doctor.HEALTHY
    assert "3 of 3 functions give the same bits" in shown
    report = indicator_checks.run()
    assert {one.state for one in report.verdicts.values()} == {"same"}
    assert all(one.calls > 10 for one in report.verdicts.values())
    native = talib_reference.unfit(sys.modules["talib"]) == "" or talib_install.installed()
    assert all(one.stands_in == native for one in report.verdicts.values())


def test_another_version(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lengths = []

    def sma(real: Any, timeperiod: int = 30) -> Any:
        lengths.append(len(real))
        return talib_func.SMA(real, timeperiod) * 1.0000000000000002

    use(monkeypatch, SMA=sma, CDLDOJI=None)
    status, shown = told(capsys)
    assert status == doctor.FAILED
    assert "TA-Lib 0.6.8, C library 0.6.4" in shown
    assert "ours are those of 0.8.2, C library 0.8.1" in shown
    assert "Different SMA at 29" in shown
    assert "Not in this TA-Lib CDLDOJI" in shown
    assert "TA-Lib 0.6.8 was not compared, only 0.8.2" in shown
    assert "1 of 3 functions give the same bits; 0 are replaced" in shown
    assert 0 not in lengths  # what older ones corrupt memory with
    status, shown = told(capsys, "--json")
    found = json.loads(shown)
    assert status == doctor.FAILED
    assert (found["same"], found["different"], found["missing"], found["stand_in"]) == (1, 1, 1, 0)
    assert found["functions"]["SMA"]["state"] == "different"
    assert found["talib"] == "0.6.8"
    assert found["functions"]["MINMAX"]["why_not"] == "TA-Lib 0.6.8 was not compared, only 0.8.2"


def test_none_is_there(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "talib", None)
    status, shown = told(capsys)
    assert status == doctor.NOTHING
    assert "There is no TA-Lib to compare with" in shown
    status, shown = told(capsys, "--json")
    assert status == doctor.NOTHING
    assert json.loads(shown)["talib"] is None
