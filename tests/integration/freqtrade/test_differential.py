"""Stock and accelerated backtests of the real freqtrade: the same in everything that can be seen.

``FT_NUMBA_AOT_COMBINATIONS`` and ``FT_NUMBA_AOT_CANDLES_A_PAIR`` make the matrix larger; random
cases follow hypothesis' profile.
"""

from __future__ import annotations

import os
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

pytest.importorskip("freqtrade")

from ft_numba_aot.freqtrade_integration import event_backtest, open_trades
from ft_numba_aot.freqtrade_integration.signals import Signals

from .cases import FEATURES, add_signals, build, cases, combination
from .differential import Case, check, difference, observe

SAMPLED = "FT_NUMBA_AOT_COMBINATIONS" in os.environ
COMBINATIONS = int(os.environ.get("FT_NUMBA_AOT_COMBINATIONS", "60"))
CANDLES_A_PAIR = int(os.environ.get("FT_NUMBA_AOT_CANDLES_A_PAIR", "150"))


@pytest.mark.parametrize("feature", FEATURES)
def test_each_feature(feature):
    """A sample leaves statistics, which take most of the time, to combinations."""
    check(build({feature}, 1, length=CANDLES_A_PAIR, with_stats=not SAMPLED))


@pytest.mark.parametrize("number", range(COMBINATIONS))
def test_combinations(number):
    features = combination(number)
    print(sorted(features))
    check(build(features, number, length=CANDLES_A_PAIR))


@given(cases())
@settings(print_blob=True)
def test_any_backtest(case: Case):
    check(case)


def test_most_candles_are_skipped():
    ours = check(build({"trailing only offset", "roi"}, 3, length=1500, entries=0.01))
    assert ours.reasons == ()
    assert ours.skipped > 40 * ours.visits > 1000


# Real candles.

FOLDER = os.environ.get("FT_NUMBA_AOT_CANDLES")


def _real_candles() -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(5)
    return {
        path.name.split("-")[0].replace("_", "/"): add_signals(
            pd.read_feather(path), rng, entries=0.01, exits=0.02, tags=True
        )
        for path in sorted(Path(str(FOLDER)).glob("*-5m.feather"))
    }


REAL: dict[str, set[str]] = {
    "stoploss and ROI": {"stoploss", "roi"},
    "trailing": {"trailing offset", "protections"},
    "callbacks": {"custom_exit", "custom_stoploss", "custom_entry_price", "custom_exit_price"},
    "stacking": {"stacking", "any slots", "trailing"},
}


@pytest.mark.skipif(not FOLDER, reason="FT_NUMBA_AOT_CANDLES names no folder")
@pytest.mark.parametrize("features", REAL.values(), ids=REAL)
def test_real_candles(features):
    made = build(features, 7, length=3)
    settings = {**made.settings, "minimal_roi": {"0": 0.02, "60": 0.005}, "stoploss": -0.02}
    config = {
        **made.config,
        "stake_currency": "BTC",
        "stake_amount": 0.05,
        "dry_run_wallet": 1,
    }
    ours = check(
        Case(
            _real_candles(),
            settings=settings,
            config=config,
            callbacks=made.callbacks,
            protections=made.protections,
            watched=False,
        )
    )
    assert len(ours.values["closed"]) > 150
    assert ours.error == ""


# An error of ours, wherever it happens, is not the user's.


class _Failing:
    """A function that works some times, then raises."""

    def __init__(self, function, after: int) -> None:
        self.function = function
        self.left = after

    def __call__(self, *args, **kwargs):
        self.left -= 1
        if self.left < 0:
            raise RuntimeError("a defect")
        return self.function(*args, **kwargs)


FAULTS = {
    "in a kernel": (open_trades, "next_exit"),
    "in a trade's prediction": (open_trades, "_profit_line"),
    "while candles are made up for": (open_trades.Watch, "_trail"),
    "between the signals": (Signals, "next"),
    "while signals are counted": (Signals, "count"),
    "in the locks": (Signals, "block"),
    "in the settings": (event_backtest, "read_rules"),
    "at the start": (event_backtest, "Clock"),
}


@pytest.mark.parametrize("after", [0, 9])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    "features",
    [
        {"trailing offset", "cooldown", "one slot"},
        {"detail", "custom_exit", "custom_stoploss", "protections"},
        {"bot_loop_start", "confirm_trade_exit", "shorts"},
    ],
    ids=lambda features: " ".join(sorted(features)),
)
def test_an_error_of_ours_leaves_the_rest_to_stock_visits(features, fault, after):
    case = build(features, 11, pairs=2, length=60, watched=False, with_stats=False)
    stock = observe(case, accelerated=False)
    owner, name = FAULTS[fault]
    original = getattr(owner, name)
    failing = _Failing(original, after)
    replacement = failing
    if isinstance(owner, type):
        # A method gets its instance.
        def replacement(*args, **kwargs):
            return failing(*args, **kwargs)

    with patch.object(owner, name, replacement):
        ours = observe(case, accelerated=True)
    assert difference(stock, ours) == ""
    assert any("a defect" in reason for reason in ours.reasons) == (failing.left < 0)
