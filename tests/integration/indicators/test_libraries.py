"""Libraries and strategies that call TA-Lib give the same with ours installed, through ours."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from candles import candles, frame
from outcomes import outcome

from ft_numba_aot.runtime import talib_install
from ft_numba_aot.runtime.manager import NumbaManager
from ft_numba_aot.runtime.registration import reached

MADE = frame(candles(np.random.default_rng(8), 400))


def compare(manager: NumbaManager, call: Callable[[pd.DataFrame], Any]) -> None:
    """Without ours, then with them: the same, and ours ran."""
    expected = outcome(call, MADE.copy())
    assert expected.error is None, expected
    talib_install.install(manager)
    found = outcome(call, MADE.copy())
    assert found.error is None, found
    assert_equal(found.result, expected.result)
    assert sum(reached(each.calls) for each in manager.registrations()) > 0
    assert manager.fallback.fallbacks() == 0


def assert_equal(ours: Any, theirs: Any) -> None:
    """Exactly, in everything that pandas knows."""
    assert type(ours) is type(theirs)
    if isinstance(theirs, tuple):
        for one, other in zip(ours, theirs, strict=True):
            assert_equal(one, other)
    elif isinstance(theirs, pd.DataFrame):
        pd.testing.assert_frame_equal(ours, theirs, check_exact=True)
    else:
        pd.testing.assert_series_equal(ours, theirs, check_exact=True)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "name",
    ["stc", "TKE", "RMI", "MADR", "SSLChannels", "PMAX", "tv_trama", "madrid_sqz", "vfi"],
)
def test_technical(manager: NumbaManager, name: str) -> None:
    indicators = pytest.importorskip("technical.indicators")
    parameters = {"mode": "ema"} if name == "SSLChannels" else {}
    compare(manager, functools.partial(getattr(indicators, name), **parameters))


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("sma", ["close"]),
        ("ema", ["close"]),
        ("rsi", ["close"]),
        ("macd", ["close"]),
        ("bbands", ["close"]),
        ("atr", ["high", "low", "close"]),
        ("obv", ["close", "volume"]),
        ("mfi", ["high", "low", "close", "volume"]),
        ("aroon", ["high", "low"]),
        ("t3", ["close"]),
    ],
)
def test_pandas_ta(manager: NumbaManager, name: str, columns: list[str]) -> None:
    pandas_ta = pytest.importorskip("pandas_ta")
    compare(manager, lambda made: getattr(pandas_ta, name)(*(made[each] for each in columns)))


def test_sample_strategy(manager: NumbaManager) -> None:
    """freqtrade's own; it says ``import talib.abstract as ta``."""
    strategy = pytest.importorskip("freqtrade.templates.sample_strategy").SampleStrategy({})
    compare(manager, lambda made: strategy.populate_indicators(made, {"pair": "BTC/USDT"}))
