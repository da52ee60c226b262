"""The losses of hyperopt that are replaced, and all of them with their metrics replaced."""

from __future__ import annotations

import importlib
import pickle
from datetime import timedelta
from pathlib import Path
from typing import Any

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

from ft_numba_aot.freqtrade_integration import losses, result_lines, switch

DAILY = ("SharpeHyperOptLossDaily", "SortinoHyperOptLossDaily")


def check(
    name: str,
    frame: pd.DataFrame,
    start: Any,
    end: Any,
    *,
    balance: Any = 1000,
    certain: bool = False,
) -> None:
    ours, module = losses.OURS[name]
    options = {
        "trade_count": len(frame),
        "min_date": start,
        "max_date": end,
        "config": {},
        "processed": {},
        "backtest_stats": {},
        "starting_balance": balance,
    }
    theirs, mine = frame.copy(), frame.copy()
    original = getattr(module, name).hyperopt_loss_function
    stock = outcome(original, results=theirs, **options)
    assert_same(stock, outcome(ours, results=mine, **options))
    assert_same(theirs, mine)
    if certain:
        assert ours.__wrapped__(results=mine, **options) is not None


@pytest.mark.parametrize("name", sorted(losses.OURS))
@given(frame=trades(), first=st.integers(-30, 30), days=st.integers(0, 99))
@pytest.mark.filterwarnings("ignore")
def test_losses(name, frame, first, days):
    start = START + timedelta(days=first, minutes=35)
    check(name, frame, start, start + timedelta(days=days), certain=name in DAILY)


@pytest.mark.parametrize("name", sorted(losses.OURS))
def test_losses_of_many_trades_are_ours(name):
    for frame in (trades_frame(500, 2, days=90), trades_frame(30, 2)):
        check(name, frame, START, START + timedelta(days=90), certain=True)


@pytest.mark.parametrize("name", sorted(losses.OURS))
@pytest.mark.filterwarnings("ignore")
def test_each_defect(name):
    for defect in sorted(DEFECTS):
        frame = DEFECTS[defect](trades_frame(9, 1))
        if defect != "column missing":
            frame = frame.assign(profit_ratio=frame["profit_abs"])
        check(name, frame, START, START + timedelta(days=30))
    frame = trades_frame(9, 1).drop(columns="trade_duration")
    check(name, frame, START, START + timedelta(days=30))
    for balance in (0, -5.0, np.float64(3.0)):
        check(name, trades_frame(9, 1), START, START + timedelta(days=30), balance=balance)


@pytest.mark.parametrize("name", sorted(DAILY))
def test_strange_periods(name):
    frame = trades_frame(9, 1)
    check(name, frame, START, START - timedelta(days=3))
    check(name, frame, START.replace(tzinfo=None), (START + timedelta(days=3)).replace(tzinfo=None))
    check(name, frame, pd.Timestamp(START), pd.Timestamp(START + timedelta(days=3)))


def test_the_part_is_active_beside_the_metrics_that_it_relies_on():
    importlib.import_module("freqtrade.optimize.hyperopt")
    try:
        parts = {part.name: part.active for part in switch.enable().parts}
    finally:
        switch.disable()
    assert parts["losses"]
    assert parts["statistics"]


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
        assert resolve(name).hyperopt_loss_function is losses.OURS[name][0]
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
    assert resolve(name).hyperopt_loss_function is not losses.OURS[name][0]


@pytest.mark.parametrize("name", sorted(losses.OURS))
def test_losses_travel_to_workers(name):
    ours = losses.OURS[name][0]
    assert pickle.loads(pickle.dumps(ours)) is ours
    assert cloudpickle.loads(cloudpickle.dumps(ours)) is ours
