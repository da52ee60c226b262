"""The losses of hyperopt that are replaced, and every other one with its metrics replaced."""

from __future__ import annotations

import pickle
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import cloudpickle
import numpy as np
import pandas as pd
import pytest
from freqtrade.constants import HYPEROPT_LOSS_BUILTIN
from freqtrade.resolvers.hyperopt_resolver import HyperOptLossResolver
from hypothesis import given
from hypothesis import strategies as st
from integration.freqtrade.frames import PAIRS, START, assert_same, outcome, trades, trades_frame
from integration.freqtrade.test_ratios import DEFECTS
from integration.freqtrade.test_statistics import MODULES
from integration.freqtrade.trades import replaced

from ft_numba_aot.freqtrade_integration import losses, result_lines

DAILY = {
    "SharpeHyperOptLossDaily": ("_original_sharpe_daily", losses.sharpe_daily),
    "SortinoHyperOptLossDaily": ("_original_sortino_daily", losses.sortino_daily),
}


def refuse(*arguments, **options):
    raise AssertionError("left to freqtrade")


def check(name: str, frame: pd.DataFrame, start: Any, end: Any, *, certain: bool = False) -> None:
    original, ours = DAILY[name]
    theirs, mine = frame.copy(), frame.copy()
    stock = outcome(getattr(losses, original), theirs, len(frame), start, end)
    if certain:
        with patch.object(losses, original, refuse):
            found = outcome(ours, mine, len(frame), start, end)
    else:
        found = outcome(ours, mine, len(frame), start, end)
    assert_same(stock, found)
    assert_same(theirs, mine)


@pytest.mark.parametrize("name", sorted(DAILY))
@given(frame=trades(), first=st.integers(-30, 30), days=st.integers(0, 99))
def test_daily_losses(name, frame, first, days):
    start = START + timedelta(days=first, minutes=35)
    check(name, frame, start, start + timedelta(days=days), certain=True)


@pytest.mark.parametrize("name", sorted(DAILY))
@pytest.mark.parametrize("defect", sorted(set(DEFECTS) - {"column missing"}))
@pytest.mark.filterwarnings("ignore")
def test_each_defect(name, defect):
    frame = DEFECTS[defect](trades_frame(9, 1))
    frame = frame.assign(profit_ratio=frame["profit_abs"])
    check(name, frame, START, START + timedelta(days=30))


@pytest.mark.parametrize("name", sorted(DAILY))
def test_strange_periods(name):
    frame = trades_frame(9, 1)
    check(name, frame, START, START - timedelta(days=3))
    check(name, frame, START.replace(tzinfo=None), (START + timedelta(days=3)).replace(tzinfo=None))
    check(name, frame, pd.Timestamp(START), pd.Timestamp(START + timedelta(days=3)))


def resolve(name: str) -> Any:
    return HyperOptLossResolver.load_hyperoptloss(
        {"hyperopt_loss": name, "user_data_dir": Path("nowhere"), "timeframe": "5m"}
    )


@pytest.mark.parametrize("name", HYPEROPT_LOSS_BUILTIN)
def test_every_loss_of_freqtrade(name):
    frame = trades_frame(120, 9)
    stats = {
        "results_per_pair": result_lines.generate_pair_metrics(
            PAIRS, "USDT", 1000, frame, START, START + timedelta(days=40)
        )
    }

    def loss(results: pd.DataFrame) -> float:
        return resolve(name).hyperopt_loss_function(
            results=results,
            trade_count=len(frame),
            min_date=START,
            max_date=START + timedelta(days=40),
            config={},
            processed={},
            backtest_stats=stats,
            starting_balance=1000,
        )

    theirs, mine = frame.copy(), frame.copy()
    stock = outcome(loss, theirs)
    with replaced(*MODULES, "losses"):
        assert_same(stock, outcome(loss, mine))
    assert_same(theirs, mine)


@pytest.mark.parametrize("name", sorted(DAILY))
def test_the_resolver_gives_ours_to_freqtrades_own_losses_alone(name, tmp_path):
    with replaced("losses"):
        assert resolve(name).hyperopt_loss_function is DAILY[name][1]
        own = tmp_path / "hyperopts" / "own.py"
        own.parent.mkdir()
        own.write_text(
            "from freqtrade.optimize.hyperopt import IHyperOptLoss\n"
            f"class {name}(IHyperOptLoss):\n"
            "    @staticmethod\n"
            "    def hyperopt_loss_function(*args, **kwargs):\n"
            "        return 3.0\n"
        )
        config = {"hyperopt_loss": name, "user_data_dir": tmp_path, "timeframe": "5m"}
        assert HyperOptLossResolver.load_hyperoptloss(config).hyperopt_loss_function() == 3.0
    assert resolve(name).hyperopt_loss_function is not DAILY[name][1]


@pytest.mark.parametrize("name", sorted(DAILY))
def test_losses_travel_to_workers(name):
    ours = DAILY[name][1]
    assert pickle.loads(pickle.dumps(ours)) is ours
    assert cloudpickle.loads(cloudpickle.dumps(ours)) is ours


@given(
    frame=trades(),
    value=st.sampled_from(["profit_abs", "profit_ratio"]),
    balance=st.sampled_from([0, 0.0, 1000, 12.5]),
)
def test_underwater(frame, value, balance):
    options = {"value_col": value, "starting_balance": balance}
    stock = outcome(losses._original_underwater, frame, **options)
    with patch.object(losses, "_original_underwater", refuse):
        assert_same(stock, outcome(losses.calculate_underwater, frame, **options))


@pytest.mark.parametrize("defect", sorted(DEFECTS))
@pytest.mark.parametrize("balance", [1000.0, 0, -5.0, np.float64(3.0)])
@pytest.mark.filterwarnings("ignore")
def test_underwater_of_each_defect(defect, balance):
    frame = DEFECTS[defect](trades_frame(9, 1))
    options = {"value_col": "profit_abs", "starting_balance": balance}
    assert_same(
        outcome(losses._original_underwater, frame, **options),
        outcome(losses.calculate_underwater, frame, **options),
    )
