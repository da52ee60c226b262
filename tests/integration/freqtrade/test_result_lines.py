"""The rows of the report's tables."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from integration.freqtrade.frames import PAIRS, START, assert_same, outcome, trades, trades_frame

from ft_numba_aot.freqtrade_integration import result_lines

END = START + timedelta(days=77, hours=3)
TAGS = ("enter_tag", "exit_reason", ["enter_tag", "exit_reason"])

balances = st.one_of(st.sampled_from([1000, 1000.0]), st.floats(1e-3, 1e9))


def refuse(*arguments, **options):
    raise AssertionError("left to freqtrade")


def check_line(frame: pd.DataFrame, balance: float, start=START, end=END) -> None:
    assert_same(
        outcome(result_lines._original_line, frame, start, end, balance, "X"),
        outcome(result_lines._generate_result_line, frame, start, end, balance, "X"),
    )


def check_pairs(frame: pd.DataFrame, balance: float, *, skip_nan: bool) -> None:
    arguments = (PAIRS, "USDT", balance, frame, START, END, skip_nan)
    assert_same(
        outcome(result_lines._original_pair_metrics, *arguments),
        outcome(result_lines.generate_pair_metrics, *arguments),
    )


def check_tags(frame: pd.DataFrame, balance: float, tag: str | list[str]) -> None:
    arguments = (tag, balance, frame, START, END)
    assert_same(
        outcome(result_lines._original_tag_metrics, *arguments),
        outcome(result_lines.generate_tag_metrics, *arguments),
    )


@given(frame=trades(), balance=balances)
def test_any_line(frame, balance):
    check_line(frame, balance)


@given(frame=trades(), balance=balances, skip_nan=st.booleans())
def test_any_table_of_pairs(frame, balance, skip_nan):
    check_pairs(frame, balance, skip_nan=skip_nan)


@given(frame=trades(most=20), balance=balances, tag=st.sampled_from(TAGS))
def test_any_table_of_tags(frame, balance, tag):
    check_tags(frame, balance, tag)


@pytest.mark.parametrize("start", [START, END])
def test_tables_of_many_trades_are_ours(start):
    frame = trades_frame(700, 11)
    check_line(frame, 1000.0, start)
    check_pairs(frame, 1000.0, skip_nan=False)
    check_tags(frame, 1000.0, "exit_reason")
    with (
        patch.object(result_lines, "_original_line", refuse),
        patch.object(result_lines, "_original_pair_metrics", refuse),
        patch.object(result_lines, "_original_tag_metrics", refuse),
    ):
        result_lines._generate_result_line(frame, start, END, 1000.0, "X")
        result_lines.generate_pair_metrics(PAIRS, "USDT", 1000.0, frame, start, END)
        for tag in TAGS:
            result_lines.generate_tag_metrics(tag, 1000.0, frame, start, END)


DEFECTS = {
    "none": lambda frame: frame.iloc[:0],
    "nan": lambda frame: frame.assign(profit_abs=np.nan),
    "no duration": lambda frame: frame.assign(trade_duration=[None, *frame["trade_duration"][1:]]),
    "tags are numbers": lambda frame: frame.assign(enter_tag=np.arange(len(frame)) % 3),
    "tags are mixed": lambda frame: frame.assign(
        enter_tag=pd.Series([1, "x", None] * len(frame), dtype=object)[: len(frame)]
    ),
    "no tags": lambda frame: frame.drop(columns="enter_tag"),
    "missing pairs": lambda frame: frame.assign(pair=None),
    "nothing": lambda frame: pd.DataFrame([], columns=frame.columns),
}


@pytest.mark.parametrize("defect", sorted(DEFECTS))
@pytest.mark.parametrize("balance", [1000.0, 0])
@pytest.mark.filterwarnings("ignore")
def test_each_defect(defect, balance):
    frame = DEFECTS[defect](trades_frame(9, 1))
    check_line(frame, balance)
    check_pairs(frame, balance, skip_nan=True)
    for tag in TAGS:
        check_tags(frame, balance, tag)


@pytest.mark.parametrize("pairlist", [[], ["XRP/USDT", "XRP/USDT"], [1, "ETH/USDT"], ("ETH/USDT",)])
def test_any_pairlist(pairlist):
    arguments = (pairlist, "USDT", 1000.0, trades_frame(20, 2), START, END)
    assert_same(
        outcome(result_lines._original_pair_metrics, *arguments),
        outcome(result_lines.generate_pair_metrics, *arguments),
    )
