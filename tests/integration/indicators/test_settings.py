"""Where TA-Lib's global settings aren't its defaults, results are TA-Lib's, with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from candles import assert_identical, candles, frame
from integration.indicators.stand_ins import Twins, own_call
from outcomes import original

from ft_numba_aot.runtime import talib_install, talib_state
from ft_numba_aot.runtime.manager import NumbaManager
from ft_numba_aot.ta._table import DEFINITIONS

MADE = frame(candles(np.random.default_rng(5), 300))
AVERAGES = range(14)
own_call()


@pytest.fixture
def talib() -> Iterator[Any]:
    """TA-Lib, whose settings are its defaults afterwards."""
    original()
    import talib

    yield talib
    compiled = talib._ta_lib
    for name in periods(talib):
        talib.set_unstable_period(name, 0)
    talib.set_compatibility(0)
    compiled._ta_restore_candle_default_settings(compiled.CandleSettingType.AllCandleSettings)


def periods(talib: Any) -> list[str]:
    return [name for name in talib._ta_lib._ta_func_unst_ids if name not in ("NONE", "ALL")]


def variants(name: str) -> list[dict[str, int]]:
    """Parameters: the defaults, and each type of moving average."""
    types = [p.name for p in DEFINITIONS[name].parameters if p.name.endswith("matype")]
    return [{}, *(dict.fromkeys(types, average) for average in AVERAGES if types)]


def asked(name: str, parameters: dict[str, int]) -> set[str]:
    """The unstable periods that a call of ours asks for."""
    values = [parameters.get(p.name, p.default) for p in DEFINITIONS[name].parameters]
    found = set(talib_state.unstable_periods(name))
    for at in talib_state.averages(DEFINITIONS[name]):
        found.update(talib_state.UNSTABLE_AVERAGES.get(values[at], ()))
    return found


@pytest.mark.usefixtures("installed")
def test_each_unstable_period(talib: Any) -> None:
    for period in periods(talib):
        talib.set_unstable_period(period, 7)
        for name in DEFINITIONS:
            for parameters in variants(name):
                if period in asked(name, parameters):
                    Twins.of(name).call(MADE, note=(name, period), **parameters)
        talib.set_unstable_period(period, 0)


@pytest.mark.parametrize("setter", ["set_unstable_period", "_ta_lib._ta_set_unstable_period"])
@pytest.mark.parametrize("before", [True, False])
def test_the_reason_is_kept(talib: Any, manager: NumbaManager, before: bool, setter: str) -> None:
    def change(value: int) -> None:
        owner, _, name = setter.rpartition(".")
        getattr(getattr(talib, owner) if owner else talib, name)("RSI", value)

    if before:
        change(9)
    talib_install.install(manager)
    change(9)
    Twins.of("RSI").call(MADE)
    Twins.of("SMA").call(MADE)
    assert talib_install.reasons() == {"talib.abstract.RSI": "the unstable period of RSI is set"}
    change(0)
    Twins.of("RSI").call(MADE)
    assert manager.fallback.fallbacks() == 0


def test_what_depends_on_what(talib: Any, installed: NumbaManager) -> None:
    """A function defers where a period changes its results, and computes where none does."""
    for period in periods(talib):
        talib.set_unstable_period(period, 0)
    defaults = {
        (name, average): own_call()(original().Function(name), MADE, **parameters)
        for name in DEFINITIONS
        for average, parameters in enumerate(variants(name))
    }
    for period in periods(talib):
        talib.set_unstable_period(period, 7)
        for name in DEFINITIONS:
            for average, parameters in enumerate(variants(name)):
                changed = own_call()(original().Function(name), MADE, **parameters)
                if not changed.equals(defaults[name, average]):
                    assert period in asked(name, parameters), (name, parameters)
        talib.set_unstable_period(period, 0)


@pytest.mark.usefixtures("installed")
def test_compatibility(talib: Any) -> None:
    """It changes nothing in the reference."""
    for value in (0, 1):
        talib.set_compatibility(value)
        for name in DEFINITIONS:
            for parameters in variants(name):
                Twins.of(name).call(MADE, note=name, **parameters)
    assert talib.get_compatibility() == 0


@pytest.mark.parametrize("setting", range(11))
@pytest.mark.usefixtures("installed")
def test_candle_settings(talib: Any, setting: int) -> None:
    patterns = [name for name in DEFINITIONS if name.startswith("CDL")]
    unchanged = {name: original().Function(name)(MADE) for name in patterns}
    for kind, length, factor in ((0, 4, 2.0), (1, 3, 0.3), (2, 0, 0.7)):
        talib._ta_lib._ta_set_candle_settings(setting, kind, length, factor)
        for name in patterns:
            twins = Twins.of(name)
            twins.call(MADE, note=name)
            if name not in talib_state.CANDLE_SETTINGS:
                assert_identical(twins.ours.outputs, unchanged[name])
