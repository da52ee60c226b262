"""A column made of a mask and an integer is the one that pandas makes."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from integration.freqtrade.frames import assert_same, assert_same_frame, outcome
from pandas.core.indexing import _iLocIndexer

from ft_numba_aot.freqtrade_integration import new_columns

Mark = Callable[[pd.DataFrame], Any]


def _both(make: Callable[[], pd.DataFrame], mark: Mark) -> list[pd.DataFrame]:
    """The frame that stock pandas makes, and ours; they, what is raised and said are the same."""

    def done(frame: pd.DataFrame) -> pd.DataFrame:
        mark(frame)
        return frame

    frames = [make(), make()]
    stock = outcome(done, frames[0])
    with patch.object(_iLocIndexer, "_setitem_new_column", new_columns.setitem_new_column):
        ours = outcome(done, frames[1])
    assert_same(stock, ours)
    assert_same_frame(*frames)
    assert pickle.dumps(frames[0]) == pickle.dumps(frames[1])
    assert frames[0].memory_usage(deep=True).tolist() == frames[1].memory_usage(deep=True).tolist()
    return frames


def _frame(length: int = 7, columns: int = 3) -> pd.DataFrame:
    return pd.DataFrame({f"c{i}": np.arange(length, dtype=float) for i in range(columns)})


def _marked(frame: pd.DataFrame) -> pd.Series[bool]:
    return frame.iloc[:, 0] % 2 == 0


FRAMES: dict[str, Callable[[], pd.DataFrame]] = {
    "plain": _frame,
    "one piece": lambda: _frame().copy(),
    "text": lambda: _frame().assign(enter_tag=""),
    "objects": lambda: _frame().assign(enter_tag=[None, 1, "a", 2.5, b"", (), True]),
    "a slice": lambda: _frame(9).iloc[2:],
    "a view": lambda: _frame()[["c0", "c1"]],
    "one column": lambda: _frame(columns=1),
    "one row": lambda: _frame(1),
    "nothing": lambda: _frame(0),
    "dates": lambda: _frame().set_index(pd.date_range("2024-01-01", periods=7, tz="UTC")),
    "repeated labels": lambda: _frame().set_axis([1] * 7),
    "levels": lambda: _frame().set_axis(pd.MultiIndex.from_product([["a"], range(7)])),
    "named columns": lambda: _frame().rename_axis(columns="what"),
    "numbered columns": lambda: _frame().set_axis(range(3), axis=1),
    "object columns": lambda: _frame().set_axis(pd.Index(["c0", "c1", 2], dtype=object), axis=1),
    "no repeated labels": lambda: _frame().set_flags(allows_duplicate_labels=False),
    "the column is there": lambda: _frame().assign(enter_long=0),
    "whole numbers": lambda: _frame().astype("int64"),
}

MARKS: dict[str, Mark] = {
    "a mask": lambda f: f.loc.__setitem__((_marked(f), "enter_long"), 1),
    "an array": lambda f: f.loc.__setitem__((_marked(f).to_numpy(), "enter_long"), 1),
    "a list": lambda f: f.loc.__setitem__((_marked(f).tolist(), "enter_long"), 1),
    "none": lambda f: f.loc.__setitem__((_marked(f) & False, "enter_long"), 1),
    "all": lambda f: f.loc.__setitem__((_marked(f) | True, "enter_long"), 1),
    "everything": lambda f: f.loc.__setitem__((slice(None), "enter_long"), 1),
    "labels": lambda f: f.loc.__setitem__((f.index[1:3], "enter_long"), 1),
    "a label": lambda f: f.loc.__setitem__((f.index[0], "enter_long"), 1),
    "a new label": lambda f: f.loc.__setitem__((99, "enter_long"), 1),
    "unordered": lambda f: f.loc.__setitem__((_marked(f)[::-1], "enter_long"), 1),
    "too short": lambda f: f.loc.__setitem__((_marked(f).to_numpy()[1:], "enter_long"), 1),
    "with gaps": lambda f: f.loc.__setitem__((_marked(f).astype("boolean"), "enter_long"), 1),
    "two columns": lambda f: f.loc.__setitem__((_marked(f), ["enter_long", "tag"]), (1, "dip")),
    "positions": lambda f: f.iloc.__setitem__(([0, 1], 9), 1),
    "a chain": lambda f: f[["c0"]].loc.__setitem__((_marked(f), "enter_long"), 1),
    "a number": lambda f: f.loc.__setitem__((_marked(f), 5), 1),
    "one after the other": lambda f: (
        f.loc.__setitem__((_marked(f), "enter_long"), 1),
        f.loc.__setitem__((~_marked(f), "enter_long"), 0),
        f.loc.__setitem__((_marked(f), "exit_long"), 1),
        f.__setitem__("more", f["enter_long"] + 1),
    ),
}

VALUES = [0, 1, -1, 2**53, 2**63, 2**64, True, 1.5, "a", None, np.int64(1), np.nan, 1j, [1], (1, 2)]


@pytest.mark.parametrize("kind", sorted(FRAMES))
def test_any_frame(kind: str) -> None:
    for mark in MARKS.values():
        _both(FRAMES[kind], mark)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_any_value(value: Any) -> None:
    _both(_frame, lambda frame: frame.loc.__setitem__((_marked(frame), "enter_long"), value))


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(-(2**54), 2**54))
def test_any_mask(mask: list[bool], value: int) -> None:
    marked = pd.Series(mask)
    stock, _ = _both(
        lambda: _frame(len(mask)), lambda frame: frame.loc.__setitem__((marked, "x"), value)
    )
    assert stock["x"].notna().tolist() == mask


@pytest.mark.parametrize("columns", [89, 90, 91, 100, 101, 102])
def test_many_pieces(columns: int) -> None:
    def make() -> pd.DataFrame:
        frame = _frame(3, 1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for i in range(1, columns):
                frame.insert(i, f"d{i}", 1.0)
        return frame

    _both(make, MARKS["a mask"])


@pytest.mark.parametrize("storage", ["python", "pyarrow", "auto"])
@pytest.mark.parametrize("inferred", [True, False])
@pytest.mark.filterwarnings("ignore:The 'future.infer_string' option")
def test_options_of_pandas(inferred: bool, storage: str) -> None:
    _both(_frame, MARKS["one after the other"])
    with pd.option_context("future.infer_string", inferred, "mode.string_storage", storage):
        _both(_frame, MARKS["one after the other"])
    _both(_frame, MARKS["one after the other"])


def test_pandas_is_not_asked_for_what_a_strategy_does() -> None:
    with (
        patch.object(_iLocIndexer, "_setitem_new_column", new_columns.setitem_new_column),
        patch.object(new_columns, "_original", side_effect=AssertionError),
    ):
        MARKS["one after the other"](_frame())


def test_frames_share_nothing() -> None:
    first, second = _frame(), _frame()
    with patch.object(_iLocIndexer, "_setitem_new_column", new_columns.setitem_new_column):
        for frame in (first, second):
            MARKS["a mask"](frame)
        view = first["enter_long"]
        first.loc[1, "enter_long"] = 5.0
        first.columns.name = "mine"
    assert view.isna()[1]
    assert second.columns.name is None
    assert second["enter_long"].isna()[1]
