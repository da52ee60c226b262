"""``generate_strategy_stats`` and the whole report."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from freqtrade.optimize.optimize_reports import generate_backtest_stats
from hypothesis import given
from hypothesis import strategies as st
from integration.freqtrade.frames import PAIRS, START, assert_same, outcome, trades, trades_frame
from integration.freqtrade.test_wallet_statistics import wallet
from integration.freqtrade.trades import replaced

from ft_numba_aot.freqtrade_integration import statistics

END = START + timedelta(days=77, hours=3)
MODULES = ("ratios", "result_lines", "period_statistics", "wallet_statistics", "statistics")

CONFIG: dict[str, Any] = {
    "max_open_trades": 3,
    "dry_run_wallet": 1000,
    "stake_currency": "USDT",
    "stake_amount": "unlimited",
    "timeframe": "5m",
    "stoploss": -0.1,
    "minimal_roi": {"0": 0.1},
    "use_exit_signal": True,
    "exit_profit_only": False,
    "exit_profit_offset": 0.0,
    "ignore_roi_if_entry_signal": False,
    "trading_mode": "spot",
    "margin_mode": "",
}


class Lock:
    def to_json(self) -> dict[str, Any]:
        return {"pair": "*", "active": True}


def refuse(*arguments, **options):
    raise AssertionError("left to freqtrade")


def content(frame: pd.DataFrame, seed: int = 1, **config: Any) -> dict[str, Any]:
    counters = (
        "rejected_signals",
        "timedout_entry_orders",
        "timedout_exit_orders",
        "canceled_trade_entries",
        "canceled_entry_orders",
        "replaced_entry_orders",
        "backtest_start_time",
        "backtest_end_time",
    )
    return {
        "results": frame.copy(),
        "config": {**CONFIG, **config},
        "locks": [Lock()],
        "final_balance": 1234.5,
        "wallet_summary": wallet(40, seed, minutes=300),
        "run_id": "x",
        **{name: number for number, name in enumerate(counters)},
    }


def check(frame: pd.DataFrame, *, hyperopt: bool, certain: bool = False, **config: Any) -> None:
    theirs, mine = content(frame, **config), content(frame, **config)
    arguments = (START, END, 0.25, hyperopt)
    stock = outcome(statistics._original_strategy_stats, PAIRS, "S", theirs, *arguments)
    with replaced(*MODULES):
        if certain:
            with patch.object(statistics, "_original_strategy_stats", refuse):
                ours = outcome(statistics.generate_strategy_stats, PAIRS, "S", mine, *arguments)
        else:
            ours = outcome(statistics.generate_strategy_stats, PAIRS, "S", mine, *arguments)
    assert_same(stock, ours)
    assert_same(theirs["results"], mine["results"])
    assert_same(theirs["wallet_summary"], mine["wallet_summary"])


@given(frame=trades(), hyperopt=st.booleans(), balance=st.sampled_from([1000, 33.3, {"USDT": 7}]))
def test_any_trades(frame, hyperopt, balance):
    check(frame, hyperopt=hyperopt, certain=True, dry_run_wallet=balance)


DEFECTS = {
    "none": lambda frame: frame.iloc[:0],
    "nothing": lambda frame: pd.DataFrame([], columns=frame.columns),
    "nan": lambda frame: frame.assign(profit_abs=[np.nan, *frame["profit_abs"][1:]]),
    "tags are mixed": lambda frame: frame.assign(
        enter_tag=pd.Series([1, "x", None] * len(frame), dtype=object)[: len(frame)]
    ),
    "no stake": lambda frame: frame.assign(stake_amount=[np.nan, *frame["stake_amount"][1:]]),
    "not short": lambda frame: frame.assign(is_short=frame["is_short"].astype(object)),
    "other objects": lambda frame: frame.assign(
        note=pd.Series([np.float64(1), {}, 3] * 3, dtype=object)
    ),
    "durations": lambda frame: frame.assign(held=pd.to_timedelta(frame["trade_duration"])),
    "missing tags": lambda frame: frame.assign(enter_tag=None),
}


@pytest.mark.parametrize("defect", sorted(DEFECTS))
@pytest.mark.parametrize("hyperopt", [True, False])
@pytest.mark.filterwarnings("ignore")
def test_each_defect(defect, hyperopt):
    check(DEFECTS[defect](trades_frame(9, 1)), hyperopt=hyperopt)


@pytest.mark.parametrize("pairlist", [[], ["BTC/USDT"], tuple(PAIRS)])
def test_any_pairlist(pairlist):
    theirs, mine = content(trades_frame(30, 4)), content(trades_frame(30, 4))
    stock = outcome(
        statistics._original_strategy_stats, pairlist, "S", theirs, START, END, 0.25, True
    )
    ours = outcome(statistics.generate_strategy_stats, pairlist, "S", mine, START, END, 0.25, True)
    assert_same(stock, ours)


@pytest.mark.parametrize("missing", ["stoploss", "minimal_roi", "stake_currency"])
def test_incomplete_configurations_raise_alike(missing):
    theirs, mine = content(trades_frame(30, 4)), content(trades_frame(30, 4))
    del theirs["config"][missing], mine["config"][missing]
    arguments = (START, END, 0.25)
    stock = outcome(statistics._original_strategy_stats, PAIRS, "S", theirs, *arguments)
    with replaced(*MODULES):
        ours = outcome(statistics.generate_strategy_stats, PAIRS, "S", mine, *arguments)
    assert_same(stock, ours)


def test_the_whole_report_is_the_same():
    dates = pd.date_range(START, periods=500, freq="5min", unit="ms")
    rng = np.random.default_rng(3)
    data = {pair: pd.DataFrame({"date": dates, "close": rng.random(500) + 1}) for pair in PAIRS}
    results = {"One": content(trades_frame(300, 6)), "Two": content(trades_frame(80, 7), 2)}
    theirs, mine = copy.deepcopy(results), copy.deepcopy(results)
    for both in (theirs, mine):
        for one in both.values():
            one["locks"] = []
    stock = generate_backtest_stats(data, theirs, START, END, notes="n")
    with replaced(*MODULES):
        from freqtrade.optimize.optimize_reports import generate_backtest_stats as active

        with patch.object(statistics, "_original_strategy_stats", refuse):
            ours = active(data, mine, START, END, notes="n")
    assert_same(stock, ours)
    for name in results:
        assert_same(theirs[name]["results"], mine[name]["results"])
        assert_same(theirs[name]["wallet_summary"], mine[name]["wallet_summary"])


@given(trades(least=0))
def test_records(frame):
    assert_same(frame.to_dict(orient="records"), statistics.records(frame))
