"""Health checks: what each says of an environment that is well, and of one that isn't."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ft_numba_aot import _backend, activation, cli, freqtrade_integration
from ft_numba_aot.cli import health, identity_checks
from ft_numba_aot.cli.health import Context, Finding
from ft_numba_aot.runtime import folders
from ft_numba_aot.runtime.manager import get_numba_manager
from ft_numba_aot.runtime.registration import Registration

NATIVE = _backend.backend() == "native"


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # Whatever the tests themselves were started with.
    for name in [name for name in os.environ if name.startswith("FT_NUMBA_AOT")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FT_NUMBA_AOT_CACHE", str(tmp_path / "cache"))
    alerts = get_numba_manager()._alerts
    get_numba_manager()._alerts = None
    yield
    get_numba_manager()._alerts = alerts


def levels(findings: Any) -> list[str]:
    return [finding.level for finding in findings]


def one(findings: Any) -> Finding:
    (finding,) = findings
    assert isinstance(finding, Finding)
    return finding


def use(monkeypatch: pytest.MonkeyPatch, reason: str | None, **changes: Any) -> None:
    info = _backend.BackendInfo("pure", None, None, None, reason)
    monkeypatch.setattr(_backend, "_info", info._replace(**changes))


@pytest.mark.skipif(not NATIVE, reason="there is no native extension")
def test_a_native_binary_is_well() -> None:
    assert levels(health.binary(Context())) == ["ok"]


def test_a_pure_backend_that_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, "FT_NUMBA_AOT_BACKEND=pure")
    found = one(health.binary(Context()))
    assert (found.level, found.remedy) == ("warn", "unset FT_NUMBA_AOT_BACKEND")


def test_a_pure_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, "this installation has no native extension (a pure-Python wheel)")
    monkeypatch.setattr(_backend, "_path", lambda module: None)
    assert levels(health.binary(Context())) == ["warn"]


def test_a_damaged_binary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "extension.so"
    file.write_bytes(b"\x7fELF")
    use(monkeypatch, f"{file} is damaged or for another platform")
    monkeypatch.setattr(_backend, "_path", lambda module: str(file))
    found = one(health.binary(Context()))
    assert (found.level, found.remedy) == ("fail", health.REINSTALL)
    assert str(file) in found.message


def test_a_damaged_binary_that_is_not_the_loaded_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "extension.so"
    file.write_bytes(b"\x7fELF")
    use(monkeypatch, None, backend="native", isa="x86-64", numba="0.1.2", file="other")
    monkeypatch.setattr(_backend, "_path", lambda module: str(file))
    assert set(levels(health.binary(Context()))) == {"ok", "fail"}


@pytest.mark.skipif(not NATIVE, reason="there is no native extension")
def test_a_missing_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    native = SimpleNamespace(**{name: 0 for name in dir(_backend._native) if name != "sma"})
    monkeypatch.setattr(_backend, "_native", native)
    found = one(health.kernels(Context()))
    assert found.level == "fail"
    assert "sma" in found.message


def test_kernels_of_a_pure_backend_are_no_question(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, "why")
    assert levels(health.kernels(Context())) == []


@pytest.mark.parametrize("forced", [True, False])
def test_a_processor_that_could_do_more(monkeypatch: pytest.MonkeyPatch, forced: bool) -> None:
    use(monkeypatch, None, backend="native", isa="x86-64")
    monkeypatch.setattr(_backend, "_path", lambda module: module)
    monkeypatch.setattr(_backend, "_cpu_has_v3", lambda: True)
    if forced:
        monkeypatch.setenv("FT_NUMBA_AOT_ISA", "x86-64")
    else:
        monkeypatch.delenv("FT_NUMBA_AOT_ISA", raising=False)
    found = one(health.processor(Context()))
    assert found.level == "warn"
    assert found.remedy == ("unset FT_NUMBA_AOT_ISA" if forced else health.REINSTALL)


def test_a_python_that_was_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    assert levels(health.python(Context())) in (["ok"], ["warn"])
    monkeypatch.setattr(sys, "version_info", (3, 99, 0))
    assert levels(health.python(Context())) == ["warn"]


def test_a_pandas_that_was_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.here, "version", lambda package: "99.1")
    found = list(health.pandas_and_numpy(Context()))
    assert levels(found) == ["warn", "ok"]
    assert "99.1 was not tried" in found[0].message


def test_another_talib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "talib", SimpleNamespace(__version__="0.1.0"))
    found = one(health.talib(Context()))
    assert found.level == "warn"
    assert "0.1.0" in found.message


def test_no_talib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "talib", None)
    assert levels(health.talib(Context())) == ["warn"]


def test_no_freqtrade(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freqtrade_integration, "installed", lambda: False)
    found = one(health.freqtrade(Context()))
    assert (found.level, found.remedy) == ("warn", freqtrade_integration.INSTALL)
    assert list(health.configured(Context())) == []


def test_talibs_own_functions_are_grouped(monkeypatch: pytest.MonkeyPatch) -> None:
    from ft_numba_aot.runtime import talib_install

    reasons = {"talib": "all", "talib.SMA": "why", "talib.EMA": "why", "talib.RSI": "else"}
    monkeypatch.setattr(talib_install, "reasons", lambda: reasons)
    first, second = health.talib_functions(Context())
    assert "talib.SMA, talib.EMA are TA-Lib's own: why" in first.message
    assert "talib.RSI is TA-Lib's own: else" in second.message


def test_a_function_that_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    different = Registration(
        identity_checks.TA,
        "ta.wrong",
        original=lambda x: x,
        optimized=lambda x: x + 1,
        probes=lambda: [((1,), {})],
    )
    monkeypatch.setattr(identity_checks, "registrations", lambda: [different])
    found = one(health.identity(Context()))
    assert found.level == "fail"
    assert "ft_numba_aot.ta.wrong" in found.message


def test_nothing_to_compare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity_checks, "registrations", lambda: [])
    assert levels(health.identity(Context())) == ["warn"]


def test_earlier_mismatches() -> None:
    assert list(health.mismatches(Context())) == []
    folders.reproducers().mkdir(parents=True)
    for name in ("one.py", "two.py"):
        (folders.reproducers() / name).touch()
    found = one(health.mismatches(Context()))
    assert found.level == "warn"
    assert "and 1 more" in found.message


def test_an_environment_without_activation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activation, "activations", lambda: [])
    assert levels(health.activated(Context())) == ["ok"]


@pytest.mark.parametrize(
    ("content", "why_not", "level"),
    [(None, None, "ok"), ("import old", None, "warn"), (None, "a new process didn't", "fail")],
)
def test_an_activation(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    content: str | None,
    why_not: str | None,
    level: str,
) -> None:
    content = activation.line(tmp_path) if content is None else content
    file = activation.Activation(tmp_path / "ft_numba_aot.pth", content, True)
    monkeypatch.setattr(activation, "activations", lambda: [file])
    monkeypatch.setattr(activation, "why_not_active", lambda: why_not)
    found = one(health.activated(Context()))
    assert found.level == level
    assert (found.remedy == "ft-numba-aot enable") is (level != "ok")


def test_a_foreign_activation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = activation.Activation(tmp_path / "ft_numba_aot.pth", "import other", False)
    monkeypatch.setattr(activation, "activations", lambda: [file])
    assert levels(health.activated(Context())) == ["warn", "ok"]


def test_an_environment_without_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FT_NUMBA_AOT_CACHE")
    for name in [name for name in health.os.environ if name.startswith("FT_NUMBA_AOT")]:
        monkeypatch.delenv(name)
    found = one(health.environment(Context()))
    assert (found.level, found.message) == ("ok", "no variable of ours is set")


def test_unknown_and_invalid_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FT_NUMBA_AOT_VALIDATOIN", "off")
    monkeypatch.setenv("FT_NUMBA_AOT_ZZZZZZZZZZZZZZZZZZ", "1")
    monkeypatch.setenv("FT_NUMBA_AOT_ALERTS", "maybe")
    found = {finding.message: finding for finding in health.environment(Context())}
    assert found["there is no FT_NUMBA_AOT_VALIDATOIN"].remedy == (
        "did you mean FT_NUMBA_AOT_VALIDATION?"
    )
    assert "FT_NUMBA_AOT_CACHE" in found["there is no FT_NUMBA_AOT_ZZZZZZZZZZZZZZZZZZ"].remedy
    (invalid,) = [finding for finding in found.values() if finding.level == "fail"]
    assert 'FT_NUMBA_AOT_ALERTS is "maybe"' in invalid.message


def test_switched_off_by_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FT_NUMBA_AOT", "0")
    monkeypatch.setenv("FT_NUMBA_AOT_PERFORMANCE_BENCHMARKING", "1")
    context = Context()
    found = one(health.environment(context))
    assert (found.level, found.remedy) == ("warn", "unset FT_NUMBA_AOT")
    assert context.collects


def test_folders_that_can_be_written_to() -> None:
    assert levels(health.cache_folder(Context())) == ["ok"]
    assert not folders.cache().exists()
    folders.cache().mkdir()
    assert levels(health.cache_folder(Context())) == ["ok"]
    assert list(folders.cache().iterdir()) == []
    assert levels(health.logs_folder(Context()))[0] == "ok"


@pytest.mark.parametrize("collects", [False, True])
def test_folders_that_cannot_be_written_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, collects: bool
) -> None:
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("FT_NUMBA_AOT_CACHE", str(file / "cache"))
    assert levels(health.cache_folder(Context())) == ["warn"]
    found = one(health.logs_folder(Context(collects=collects)))
    assert found.level == ("fail" if collects else "warn")
    assert "FT_NUMBA_AOT_LOGS" in found.remedy


def test_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    folders.cache().mkdir()

    def full(**_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(health.tempfile, "TemporaryFile", full)
    found = one(health.cache_folder(Context()))
    assert "No space left on device" in found.message


@pytest.mark.parametrize(
    ("free", "collects", "level"),
    [(10**9, True, "ok"), (5 * 10**7, True, "warn"), (10**5, True, "fail"), (10**5, False, "warn")],
)
def test_disk_space(monkeypatch: pytest.MonkeyPatch, free: int, collects: bool, level: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    assert levels(health.logs_folder(Context(collects=collects))) == ["ok", level]


def test_what_fails_is_an_alert(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Context) -> list[Finding]:
        raise RuntimeError("no idea")

    def failing(_: Context) -> list[Finding]:
        return [Finding("other", "fail", "is wrong", "mend it"), Finding("fine", "ok", "is well")]

    monkeypatch.setattr(health, "CHECKS", (("one", broken), ("two", failing)))
    assert levels(health.run(Context())) == ["fail", "fail", "ok"]
    told = {alert.cause: alert.message for alert in get_numba_manager().alerts.sent()}
    assert told == {
        "health: one": "one: the check itself failed: RuntimeError: no idea",
        "health: other": "other: is wrong",
    }


@pytest.mark.parametrize(
    ("level", "status", "said"),
    [
        ("ok", 0, "All is well."),
        ("warn", 0, "1 warning, and nothing failed."),
        ("fail", 1, "1 check failed."),
    ],
)
def test_what_is_printed(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    level: str,
    status: int,
    said: str,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    remedy = "" if level == "ok" else "mend [it]"
    found = [Finding("one", level, "a [message] " * 12, remedy), Finding("one", "ok", "fine")]
    monkeypatch.setattr(health, "CHECKS", (("one", lambda _: found),))
    assert cli.main(["doctor"]) == status
    printed = capsys.readouterr().out
    assert said in printed
    assert ("→ mend [it]" in printed) is (level != "ok")
    assert "a [message]" in printed
    assert max(map(len, printed.splitlines())) <= 80
    assert cli.main(["doctor", "--json"]) == status
    told = json.loads(capsys.readouterr().out)
    assert told["healthy"] is (status == 0)
    assert told["checks"][0]["level"] == level
