"""Where ours fails or is wrong, the result is TA-Lib's, and it is known why."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from candles import candles, frame
from integration.indicators.stand_ins import Twins, own_call
from outcomes import original

from ft_numba_aot import ta
from ft_numba_aot.runtime import talib_functions, talib_install
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
