"""Indicators go to other processes: as themselves, with default parameters and no candles."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from candles import same_bits
from definitions import REPRESENTATIVES
from outcomes import arrays

from ft_numba_aot import ta


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_round_trip(name: str) -> None:
    function = ta.FUNCTIONS[name]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        twin = pickle.loads(pickle.dumps(function, protocol))
        assert twin is not function
        assert twin.info == ta.Function(name).info


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_copies_have_a_state_of_their_own(copied: Callable[[Any], Any]) -> None:
    function = ta.Function("SMA", timeperiod=3)
    twin = copied(function)
    twin.set_parameters(timeperiod=5)
    assert function.parameters == {"timeperiod": 3}
    assert copied(function).parameters == {"timeperiod": 30}


@pytest.mark.parametrize("backend", ["loky", "threading", "sequential"])
def test_joblib(backend: str) -> None:
    joblib = pytest.importorskip("joblib")
    (close,) = arrays("SMA")
    periods = [2, 5, 10]
    with joblib.parallel_config(backend, n_jobs=2):
        made = joblib.Parallel()(
            joblib.delayed(ta.SMA)(close, timeperiod=period) for period in periods
        )
    for period, result in zip(periods, made, strict=True):
        assert same_bits(result, ta.SMA(close, timeperiod=period))


def test_memory_mapped_by_joblib(tmp_path: Path) -> None:
    joblib = pytest.importorskip("joblib")
    (close,) = arrays("SMA")
    joblib.dump(close, tmp_path / "close")
    mapped = joblib.load(tmp_path / "close", mmap_mode="r")
    assert same_bits(ta.SMA(mapped, timeperiod=5), ta.SMA(close, timeperiod=5))
