"""Statistics of periods, streaks and holding times, and the columns left on the trades."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from freqtrade.constants import BACKTEST_BREAKDOWNS
from hypothesis import given
from integration.freqtrade.frames import assert_same, outcome, trades, trades_frame

from ft_numba_aot.freqtrade_integration import period_statistics

FUNCTIONS = {
    "daily": period_statistics.generate_daily_stats,
    "trading": period_statistics.generate_trading_stats,
    "streak": period_statistics.calc_streak,
}


def refuse(*arguments, **options):
    raise AssertionError("left to freqtrade")


def check(frame: pd.DataFrame, *, certain: bool = False) -> None:
    for name, ours in FUNCTIONS.items():
        stock = getattr(period_statistics, f"_original_{name}")
        theirs, mine = frame.copy(), frame.copy()
        assert_same(outcome(stock, theirs), outcome(ours, mine))
        assert_same(theirs, mine)
        if certain:
            with patch.object(period_statistics, f"_original_{name}", refuse):
                ours(mine)
    theirs, mine = frame.copy(), frame.copy()
    for period in BACKTEST_BREAKDOWNS:
        stock = outcome(period_statistics._original_breakdown, theirs, period)
        if certain:
            with patch.object(period_statistics, "_original_breakdown", refuse):
                found = outcome(period_statistics.generate_periodic_breakdown_stats, mine, period)
        else:
            found = outcome(period_statistics.generate_periodic_breakdown_stats, mine, period)
        assert_same(stock, found)
        assert_same(theirs, mine)


@given(trades())
def test_any_trades(frame):
    check(frame, certain=True)


@pytest.mark.parametrize("shape", ["any", "unsorted"])
def test_many_trades(shape):
    check(trades_frame(900, 5, days=40, shape=shape), certain=True)


DEFECTS = {
    "none": lambda frame: frame.iloc[:0],
    "nothing": lambda frame: pd.DataFrame([], columns=frame.columns),
    "nan": lambda frame: frame.assign(profit_ratio=[np.nan, *frame["profit_ratio"][1:]]),
    "infinite": lambda frame: frame.assign(profit_abs=[np.inf, *frame["profit_abs"][1:]]),
    "no duration": lambda frame: frame.assign(trade_duration=[None, *frame["trade_duration"][1:]]),
    "no date": lambda frame: frame.assign(close_date=pd.NaT),
    "other zone": lambda frame: frame.assign(
        close_date=frame["close_date"].dt.tz_convert("Asia/Tokyo")
    ),
    "old": lambda frame: frame.assign(close_date=frame["close_date"] - pd.Timedelta(days=30000)),
}


@pytest.mark.parametrize("defect", sorted(DEFECTS))
@pytest.mark.filterwarnings("ignore")
def test_each_defect(defect):
    check(DEFECTS[defect](trades_frame(9, 1)))


def test_lists_are_left_to_freqtrade():
    rows = trades_frame(9, 1).to_dict(orient="records")
    for period in BACKTEST_BREAKDOWNS:
        assert_same(
            period_statistics._original_breakdown(rows, period),
            period_statistics.generate_periodic_breakdown_stats(rows, period),
        )
    with pytest.raises(ValueError, match="not supported"):
        period_statistics.generate_periodic_breakdown_stats(trades_frame(9, 1), "hour")
