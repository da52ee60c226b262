"""Where ours fails or is wrong, the result is TA-Lib's, and it is known why."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from candles import candles, frame
from integration.indicators.stand_ins import Twins, own_call
from outcomes import original

from ft_numba_aot import ta
from ft_numba_aot.runtime import reproducer, talib_functions, talib_install, validation
from ft_numba_aot.runtime.configuration import Settings
from ft_numba_aot.runtime.manager import NumbaManager

MADE = frame(candles(np.random.default_rng(5), 200))
KEY = "indicators.talib.abstract.SMA"
own_call()


def installed_with(manager: NumbaManager, monkeypatch: pytest.MonkeyPatch, kernel: Any) -> None:
    """Install, SMA with this instead of its kernel."""
    kernel_of = talib_functions._kernel

    def replaced(name: str, plain: Any) -> Any:
        return kernel if name == "SMA" else kernel_of(name, plain)

    monkeypatch.setattr(talib_functions, "_kernel", replaced)
    talib_install.install(manager)


def test_a_kernel_that_raises(manager: NumbaManager, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> Any:
        raise ZeroDivisionError("for a test")

    installed_with(manager, monkeypatch, broken)
    twins = Twins.of("SMA")
    twins.call(MADE, timeperiod=5)
    twins.call(MADE["close"])
    assert manager.fallback.fallbacks(KEY) == 2
    assert "ZeroDivisionError: for a test" in manager.fallback.reasons(KEY)[0].message
    twins.call(MADE, timeperiod=0)
    twins.call(MADE, price="missing")
    assert manager.fallback.fallbacks(KEY) == 2
    twins = Twins.of("SMA")
    twins.call(MADE)
    assert manager.fallback.is_open(KEY)
    twins.call(MADE)
    Twins.of("RSI").call(MADE)
    assert manager.fallback.fallbacks("indicators.talib.abstract.RSI") == 0


def test_a_kernel_that_is_wrong(manager: NumbaManager, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*args: Any, **kwargs: Any) -> Any:
        results = ta.SMA.func_object(*args, **kwargs)
        results[0][-1] = np.nextafter(results[0][-1], 0)
        return results

    installed_with(manager, monkeypatch, wrong)
    manager.configure(Settings(validation="sample"))
    twins = Twins.of("SMA")
    twins.call(MADE)
    assert [reason.kind for reason in manager.fallback.reasons(KEY)] == ["mismatch"]
    assert manager.fallback.is_final(KEY)
    twins.call(MADE)


@pytest.mark.parametrize("module", ["talib.abstract", "talib"])
def test_a_mismatch_can_be_reproduced(
    installed: NumbaManager, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, module: str
) -> None:
    monkeypatch.setenv("FT_NUMBA_AOT_CACHE", str(tmp_path))
    registration = installed.registration("indicators", f"{module}.SMA")
    first = original().Function("SMA")
    first.set_parameters(timeperiod=7)
    args = (talib_functions.Bound(first), MADE) if module == "talib.abstract" else (MADE["close"],)
    ours = registration.optimized(*args)
    script = reproducer.write(registration, args, {}, ours, ours * 2)
    assert script is not None
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "the same" in run.stdout


def test_validation_finds_nothing(installed: NumbaManager) -> None:
    ordinary = [each for each in installed.registrations() if each.name.endswith((".SMA", ".MACD"))]
    assert len(ordinary) == 4
    assert validation.validate(ordinary, cache=False) == []


def test_sampling_finds_nothing(installed: NumbaManager) -> None:
    installed.configure(Settings(validation="sample", performance_benchmarking=True))
    for name in ta.FUNCTIONS:
        twins = Twins.of(name)
        twins.call(MADE)
        twins.call(MADE)
    assert installed.fallback.reasons() == []


def test_module_that_is_off(installed: NumbaManager) -> None:
    installed.configure(Settings(enabled_modules=("metrics",)))
    Twins.of("SMA").call(MADE)
    assert not installed.is_optimization_available("indicators", "talib.abstract.SMA")
    assert original().SMA(MADE) is not None
