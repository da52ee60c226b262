"""What stands in for the functions of ``freqtrade.data.metrics`` that take frames of trades."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from freqtrade.data import metrics
from freqtrade.data.btanalysis import trade_parallelism
from hypothesis import given
from hypothesis import strategies as st
from integration.freqtrade.frames import START, assert_same, outcome, trades, trades_frame

from ft_numba_aot.freqtrade_integration import ratios
from ft_numba_aot.metrics import trades as of_trades
from ft_numba_aot.metrics.certain import CERTAIN

END = START + timedelta(days=77, hours=3)
OF_PERIOD = ("sharpe", "sortino", "calmar")
OF_BALANCE = ("sqn", "p_value", "csum")
OURS = {entry.original.partition(":")[2]: entry.ours for entry in ratios.REPLACEMENTS}

balances = st.one_of(st.sampled_from([1000, 1000.0, 0.07]), st.floats(1e-6, 1e12))


def check(name: str, frame: pd.DataFrame, *arguments, certain: bool = False, **options) -> None:
    name = f"calculate_{name}"
    theirs = outcome(getattr(metrics, name), frame.copy(), *arguments, **options)
    assert_same(theirs, outcome(OURS[name], frame.copy(), *arguments, **options))
    if certain:
        assert CERTAIN[name](frame, *arguments, **options) is not None


@given(frame=trades(), balance=balances)
def test_every_ratio(frame, balance):
    check("expectancy", frame, certain=True)
    for name in OF_PERIOD:
        check(name, frame, START, END, balance, certain=True)
    for name in OF_BALANCE:
        check(name, frame, balance, certain=True)


@given(
    frame=trades(),
    balance=st.one_of(st.just(0), balances),
    value=st.sampled_from(["profit_abs", "profit_ratio"]),
    date=st.sampled_from(["close_date", "open_date"]),
    relative=st.booleans(),
)
def test_drawdown(frame, balance, value, date, relative):
    options = {"starting_balance": balance, "value_col": value, "date_col": date}
    check("max_drawdown", frame, certain=True, relative=relative, **options)
    check("underwater", frame, certain=True, **options)


@pytest.mark.parametrize("length", [200, 1500])
@pytest.mark.parametrize("shape", ["any", "unsorted", "repeats"])
def test_many_trades(length, shape):
    frame = trades_frame(length, length, shape=shape, days=90)
    check("expectancy", frame, certain=True)
    for name in OF_PERIOD:
        check(name, frame, START, END, 1000.0, certain=True)
    for name in OF_BALANCE:
        check(name, frame, 1000.0, certain=True)
    check("max_drawdown", frame, certain=True, starting_balance=1000.0)


DEFECTS = {
    "none": lambda frame: frame.iloc[:0],
    "nan": lambda frame: frame.assign(profit_abs=[np.nan, *frame["profit_abs"][1:]]),
    "infinite": lambda frame: frame.assign(profit_abs=[np.inf, *frame["profit_abs"][1:]]),
    "huge": lambda frame: frame.assign(profit_abs=frame["profit_abs"] * 1e300),
    "tiny": lambda frame: frame.assign(profit_abs=frame["profit_abs"] * 1e-300),
    "equal": lambda frame: frame.assign(profit_abs=0.1),
    "nearly equal": lambda frame: frame.assign(profit_abs=0.1 + frame["profit_abs"] * 1e-17),
    "zero": lambda frame: frame.assign(profit_abs=0.0),
    "negative zero": lambda frame: frame.assign(profit_abs=-0.0),
    "integers": lambda frame: frame.assign(profit_abs=np.arange(len(frame)) - 3),
    "objects": lambda frame: frame.assign(profit_abs=frame["profit_abs"].astype(object)),
    "no date": lambda frame: frame.assign(close_date=pd.NaT),
    "one date": lambda frame: frame.assign(close_date=START),
    "other zone": lambda frame: frame.assign(
        close_date=frame["close_date"].dt.tz_convert("Asia/Tokyo")
    ),
    "no zone": lambda frame: frame.assign(close_date=frame["close_date"].dt.tz_localize(None)),
    "column missing": lambda frame: frame.drop(columns="profit_abs"),
    "index of dates": lambda frame: frame.set_index(frame["close_date"]),
    "other index": lambda frame: frame.set_index(pd.Index(["x"] * len(frame))),
}


@pytest.mark.parametrize("defect", sorted(DEFECTS))
@pytest.mark.parametrize("balance", [1000.0, 0, -5.0, np.float64(3.0)])
@pytest.mark.filterwarnings("ignore")
def test_each_defect(defect, balance):
    frame = DEFECTS[defect](trades_frame(9, 1))
    check("expectancy", frame)
    for name in OF_PERIOD:
        check(name, frame, START, END, balance)
        check(name, frame, START, START, balance)
        check(name, frame, None, END, balance)
    for name in OF_BALANCE:
        check(name, frame, balance)
    for relative in (True, False):
        check("max_drawdown", frame, starting_balance=balance, relative=relative)
    check("underwater", frame, value_col="profit_abs", starting_balance=balance)


def test_without_bottleneck():
    frame = trades_frame(400, 7)
    with pd.option_context("compute.use_bottleneck", False):
        for name in OF_PERIOD:
            check(name, frame, START, END, 1000.0, certain=True)
        for name in OF_BALANCE:
            check(name, frame, 1000.0, certain=True)


def test_unknown_scipy_gives_the_same_p_value():
    frame = trades_frame(40, 8)
    with patch.object(of_trades, "_t_test_is_known", lambda: False):
        check("p_value", frame, 1000.0, certain=True)


@pytest.mark.parametrize("name", sorted(OURS))
def test_wrong_calls_raise_alike(name):
    original = getattr(metrics, name, None) or getattr(trade_parallelism, name)
    assert_same(outcome(original), outcome(OURS[name]))
    assert_same(outcome(original, 1, wrong=2), outcome(OURS[name], 1, wrong=2))
