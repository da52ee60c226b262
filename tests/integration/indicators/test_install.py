"""Installing and uninstalling: what is replaced, what is left, and why."""

from __future__ import annotations

import logging
import multiprocessing
import platform
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
import pytest
from candles import assert_identical, candles, frame
from integration.indicators.stand_ins import own_call
from outcomes import original

from ft_numba_aot import _backend, ta
from ft_numba_aot.runtime import talib_install
from ft_numba_aot.runtime.manager import NumbaManager

MADE = frame(candles(np.random.default_rng(5), 200))
own_call()


def objects() -> dict[str, Any]:
    """Everything that TA-Lib's modules and its class hold."""
    import talib
    import talib.stream

    holders = {
        "talib": talib,
        "abstract": original(),
        "_ta_lib": talib._ta_lib,
        "stream": talib.stream,
        "Function": talib._ta_lib.Function,
    }
    return {
        f"{holder}.{name}": value
        for holder, each in holders.items()
        for name, value in vars(each).items()
    }


def test_uninstalling_puts_everything_back(manager: NumbaManager) -> None:
    before = objects()
    names = talib_install.install(manager)
    assert {*names} == {f"talib.{of}{name}" for name in ta.FUNCTIONS for of in ("abstract.", "")}
    during = objects()
    changed = [name for name in before if during[name] is not before[name]]
    assert changed == ["Function.__call__"]
    assert talib_install.installed()
    talib_install.uninstall()
    after = objects()
    assert after.keys() == before.keys()
    assert all(after[name] is value for name, value in before.items())
    assert not talib_install.installed()
    assert manager.registrations() == ()


def test_every_function_is_registered(installed: NumbaManager) -> None:
    for name in ta.FUNCTIONS:
        assert installed.is_optimization_available("indicators", f"talib.abstract.{name}")
        assert installed.is_optimization_available("indicators", f"talib.{name}")
    assert talib_install.reasons() == {}


def test_calls_are_counted(installed: NumbaManager) -> None:
    original().SMA(MADE)
    original().Function("SMA")(MADE)
    counts = {key: of["calls"] for key, of in installed.statistics().items() if of["calls"]}
    assert counts == {"indicators.talib.abstract.SMA": 2}


def test_functions_that_are_held_already_run_ours(manager: NumbaManager) -> None:
    """Such as those that a strategy, ``technical`` or ``pandas_ta`` imported by name."""
    from talib.abstract import SMA

    bound = SMA.__call__
    talib_install.install(manager)
    assert original().SMA is SMA
    assert_identical(SMA(MADE), own_call()(original().Function("SMA"), MADE))
    assert manager.statistics()["indicators.talib.abstract.SMA"]["calls"] == 1
    bound(MADE)
    talib_install.uninstall()
    assert_identical(SMA(MADE), bound(MADE))


def test_installing_twice_is_installing_once(installed: NumbaManager) -> None:
    call = vars(type(original().SMA))["__call__"]
    assert len(talib_install.install(installed)) == 402
    assert vars(type(original().SMA))["__call__"] is call
    talib_install.uninstall()
    talib_install.uninstall()
    assert vars(type(original().SMA))["__call__"] is own_call()


def test_the_optimized_function_takes_candles(installed: NumbaManager) -> None:
    sma = installed.get_optimized_function("indicators", "talib.abstract.SMA")
    before = original().SMA.info
    assert_identical(sma(MADE, timeperiod=5), own_call()(original().Function("SMA"), MADE, 5))
    assert original().SMA.info == before
    with pytest.raises(Exception, match="TA_BAD_PARAM"):
        sma(MADE, timeperiod=0)
    assert installed.fallback.fallbacks() == 0


def test_a_call_that_other_code_replaced_is_left(
    installed: NumbaManager, caplog: pytest.LogCaptureFixture
) -> None:
    function = type(original().SMA)

    def theirs(self: Any, *args: Any) -> str:
        return "theirs"

    function.__call__ = theirs
    try:
        with caplog.at_level(logging.WARNING, "ft_numba_aot"):
            talib_install.uninstall()
        assert "left as it is" in caplog.text
        assert original().SMA(MADE) == "theirs"
    finally:
        function.__call__ = own_call()


def refused(manager: NumbaManager) -> str:
    """Why nothing is installed."""
    before = objects()
    assert talib_install.install(manager) == ()
    assert all(objects()[name] is value for name, value in before.items())
    assert not talib_install.installed()
    assert manager.registrations() == ()
    return talib_install.reasons()["talib"]


def test_another_version(manager: NumbaManager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("talib.__version__", "0.6.4")
    assert refused(manager) == "TA-Lib 0.6.4 was not compared, only 0.8.2"


def test_another_c_library(manager: NumbaManager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("talib._ta_lib.__ta_version__", b"0.6.4 (Jan  1 2025 00:00:00)")
    assert "C library 0.6.4" in refused(manager)


def test_another_processor(manager: NumbaManager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    assert "aarch64 was not compared" in refused(manager)


def test_no_native_kernels(manager: NumbaManager, monkeypatch: pytest.MonkeyPatch) -> None:
    info = _backend.BackendInfo("pure", None, None, None, "for a test")
    monkeypatch.setattr(_backend, "_info", info)
    assert "pure Python: for a test" in refused(manager)


def test_no_talib(manager: NumbaManager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "talib.abstract", None)
    assert "can't be imported" in refused(manager)


@pytest.mark.parametrize("name", ["__call__", "set_input_arrays", "outputs", "parameters"])
def test_a_changed_class(manager: NumbaManager, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    changed = property(lambda self: None) if name == "outputs" else lambda self, *args: None
    monkeypatch.setattr(type(original().SMA), name, changed)
    assert refused(manager) == f"other code changed {name} of TA-Lib's Function"


@pytest.mark.parametrize("where", ["talib.abstract.SMA", "talib.SMA", "talib._ta_lib.SMA"])
def test_a_changed_function(
    manager: NumbaManager, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr(where, lambda *args: "theirs")
    assert len(talib_install.install(manager)) == 400
    assert [*talib_install.reasons()] == ["talib.abstract.SMA"]
    assert "other code replaced" in talib_install.reasons()["talib.abstract.SMA"]
    if where == "talib.abstract.SMA":
        assert original().SMA(MADE) == "theirs"
    assert not any(of["calls"] for of in manager.statistics().values())


def in_a_worker() -> tuple[bool, Any]:
    return talib_install.installed(), original().SMA(MADE)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
def test_a_forked_worker_goes_on(installed: NumbaManager) -> None:
    with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as pool:
        on, result = pool.submit(in_a_worker).result()
    assert on
    assert result.equals(own_call()(original().Function("SMA"), MADE))
    talib_install.uninstall()


def test_importing_costs_no_talib() -> None:
    code = (
        "import sys, ft_numba_aot.runtime.talib_install; "
        "sys.exit(bool({'talib', 'numpy', 'pandas'} & (sys.modules.keys() - before)))"
    )
    code = f"import sys, ft_numba_aot; before = {{*sys.modules}}; {code}"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
