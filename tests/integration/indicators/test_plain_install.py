"""``talib``'s plain functions stay the same objects while ours run in them, and are restored."""

from __future__ import annotations

import inspect
import logging
import pickle
from typing import Any

import numpy as np
import pytest
from candles import candles, frame
from outcomes import assert_same_call, columns, original

from ft_numba_aot.runtime import talib_install
from ft_numba_aot.runtime.manager import NumbaManager

talib = pytest.importorskip("talib")
MADE = columns(150)


def test_described_as_before(manager: NumbaManager) -> None:
    sma = talib.SMA

    def described() -> list[Any]:
        names = ("__name__", "__doc__", "__module__", "__qualname__", "__wrapped__", "__dict__")
        return [getattr(sma, name) for name in names] + [inspect.signature(sma)]

    before, code, pickled = described(), sma.__code__, pickle.dumps(sma)
    talib_install.install(manager)
    assert sma is talib.SMA
    assert described() == before
    assert pickle.dumps(sma) == pickled
    assert pickle.loads(pickled) is sma
    talib_install.uninstall()
    assert sma.__code__ is code
    assert sma.__closure__[0].cell_contents is sma.__wrapped__
    assert described() == before


def test_functions_that_are_held_already_run_ours(manager: NumbaManager) -> None:
    from talib import SMA

    talib_install.install(manager)
    SMA(MADE["close"])
    assert manager.statistics()["indicators.talib.SMA"]["calls"] == 1
    talib_install.uninstall()
    assert_same_call("SMA", MADE["close"])


def test_code_that_was_changed_is_left(
    manager: NumbaManager, caplog: pytest.LogCaptureFixture
) -> None:
    sma = talib.SMA
    code = sma.__code__
    talib_install.install(manager)
    func = None

    def other(*args: Any, **kwds: Any) -> Any:
        return "theirs", func

    sma.__code__ = other.__code__
    try:
        with caplog.at_level(logging.WARNING, "ft_numba_aot"):
            talib_install.uninstall()
        assert "talib.SMA was changed by other code" in caplog.text
        assert sma(MADE["close"])[0] == "theirs"
        talib_install.install(manager)
        assert "talib.SMA" in talib_install.reasons()
    finally:
        talib_install.uninstall()
        sma.__code__ = code
        sma.__closure__[0].cell_contents = sma.__wrapped__


def test_abstract_functions_call_them(installed: NumbaManager) -> None:
    """What TA-Lib's abstract functions do by themselves runs through them, and is the same."""
    made = frame(candles(np.random.default_rng(4), 100))
    function = original().Function("SMA")
    function.set_input_arrays(made)
    assert function.outputs.equals(function(made))
    assert installed.statistics()["indicators.talib.SMA"]["calls"] == 1
