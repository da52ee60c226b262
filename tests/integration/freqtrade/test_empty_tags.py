"""Frames get their columns of empty tags as freqtrade makes them, and own them."""

from __future__ import annotations

import functools
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from freqtrade.strategy import IStrategy
from hypothesis import given
from hypothesis import strategies as st
from integration.freqtrade.frames import assert_same, assert_same_frame, outcome

from ft_numba_aot.freqtrade_integration import empty_tags
from ft_numba_aot.freqtrade_integration.empty_tags import advise_entry, advise_exit

METADATA = {"pair": "A/USDT"}
STOCK = {advise_entry: IStrategy.advise_entry, advise_exit: IStrategy.advise_exit}

Populate = Callable[[pd.DataFrame], Any]


class _Frame(pd.DataFrame):
    @property
    def _constructor(self) -> Any:
        return _Frame


def _frame(length: int, columns: int = 4) -> pd.DataFrame:
    return pd.DataFrame({f"c{i}": np.arange(length, dtype=float) for i in range(columns)})


def _attributes(frame: pd.DataFrame) -> pd.DataFrame:
    frame.attrs["source"] = ["somewhere"]
    return frame


FRAMES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "plain": lambda frame: frame,
    "blocks": lambda frame: frame.copy(),
    "slice": lambda frame: frame.iloc[1:],
    "view": lambda frame: frame[frame.columns[:2]],
    "mask": lambda frame: frame[frame["c0"] % 2 == 0],
    "nothing": lambda frame: frame.iloc[:0],
    "no columns": lambda frame: frame[[]],
    "repeated labels": lambda frame: frame.set_axis([1] * len(frame)),
    "text for labels": lambda frame: frame.set_axis([f"r{i}" for i in range(len(frame))]),
    "levels of labels": lambda frame: frame.set_index(["c0", "c1"]),
    "a column twice": lambda frame: pd.concat([frame, frame[["c0"]]], axis=1),
    "tags": lambda frame: frame.assign(enter_tag="a", exit_tag="b"),
    "tags of objects": lambda frame: frame.assign(enter_tag=None, exit_tag=None),
    "numbers for tags": lambda frame: frame.assign(enter_tag=1, exit_tag=0.5),
    "old signals": lambda frame: frame.assign(buy=1, buy_tag="old", sell=0),
    "numbered columns": lambda frame: frame.set_axis(range(frame.shape[1]), axis=1),
    "levels of columns": lambda frame: frame.set_axis(
        pd.MultiIndex.from_product([frame.columns, ["x"]]), axis=1
    ),
    "categories of columns": lambda frame: frame.set_axis(
        pd.CategoricalIndex(frame.columns), axis=1
    ),
    "named columns": lambda frame: frame.rename_axis(columns="what"),
    "attributes": _attributes,
    "unique labels alone": lambda frame: frame.set_flags(allows_duplicate_labels=False),
    "subclass": _Frame,
}


def _mark(name: str) -> Populate:
    def populate(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[frame.index[::2], [f"{name}_long", f"{name}_tag"]] = (1, "dip")
        return frame

    return populate


def _raise(frame: pd.DataFrame) -> Any:
    raise ValueError(f"of the strategy, {list(frame.columns)}")


def _write(name: str) -> Populate:
    def populate(frame: pd.DataFrame) -> pd.DataFrame:
        frame.iloc[0, list(frame.columns).index(f"{name}_tag")] = "first"
        frame[f"{name}_tag"].array[1:2] = "second"
        return frame

    return populate


POPULATE: dict[str, Callable[[str], Populate]] = {
    "nothing": lambda name: lambda frame: frame,
    "signals": _mark,
    "a copy": lambda name: lambda frame: _mark(name)(frame.copy()),
    "raises": lambda name: _raise,
    "no frame": lambda name: lambda frame: None,
    "writes": _write,
    "joined": lambda name: (
        lambda frame: frame.assign(**{f"{name}_tag": frame[f"{name}_tag"] + "x"})
    ),
    "old names": lambda name: lambda frame: frame.assign(buy=1, sell=1),
}


class _Strategy:
    def __init__(self, populate: str) -> None:
        self.seen: list[pd.DataFrame] = []
        self.populate = populate

    def populate_entry_trend(self, frame: pd.DataFrame, metadata: Any) -> Any:
        return self._see("enter", frame, metadata)

    def populate_exit_trend(self, frame: pd.DataFrame, metadata: Any) -> Any:
        return self._see("exit", frame, metadata)

    def _see(self, name: str, frame: pd.DataFrame, metadata: Any) -> Any:
        assert metadata is METADATA
        self.seen.append(frame.copy())
        return POPULATE[self.populate](name)(frame)


def _numbered(found: Any) -> Any:
    """A frame whose columns have names of their own."""
    if not isinstance(found, pd.DataFrame) or found.columns.is_unique:
        return found
    return found.set_axis([f"{i} {name}" for i, name in enumerate(found.columns)], axis=1)


def _check(make: Callable[[], pd.DataFrame], populate: str) -> None:
    """Both ways with a frame each, of the same making."""
    for ours, stock in STOCK.items():
        pair = [make(), make()]
        strategies = [_Strategy(populate), _Strategy(populate)]
        found = [
            outcome(function, strategy, frame, METADATA)
            for function, strategy, frame in zip((stock, ours), strategies, pair, strict=True)
        ]
        assert (found[0][0] is pair[0]) == (found[1][0] is pair[1])
        assert_same(*((_numbered(result), *said) for result, *said in found))
        assert_same(*([_numbered(frame) for frame in strategy.seen] for strategy in strategies))
        assert_same_frame(*(_numbered(frame) for frame in pair))


@pytest.mark.parametrize("populate", sorted(POPULATE))
@pytest.mark.parametrize("kind", sorted(FRAMES))
def test_any_frame(kind: str, populate: str) -> None:
    _check(lambda: FRAMES[kind](_frame(7)), populate)


@given(
    st.lists(
        st.tuples(st.integers(1, 40), st.sampled_from(["nothing", "signals", "writes"])), max_size=4
    )
)
def test_frames_one_after_the_other(frames: list[tuple[int, str]]) -> None:
    for length, populate in frames:
        _check(functools.partial(_frame, length), populate)


@pytest.mark.parametrize("columns", [88, 89, 90, 91, 99, 100, 101, 102])
def test_many_columns(columns: int) -> None:
    def make() -> pd.DataFrame:
        frame = _frame(3, 1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for i in range(1, columns):
                frame.insert(i, f"d{i}", 1.0)
        return frame

    _check(make, "nothing")


@pytest.mark.filterwarnings("ignore:The 'future.infer_string' option")
@pytest.mark.parametrize("inferred", [True, False])
@pytest.mark.parametrize("storage", ["python", "pyarrow", "auto"])
def test_options_of_pandas(inferred: bool, storage: str) -> None:
    _check(lambda: _frame(5), "signals")
    with pd.option_context("future.infer_string", inferred, "mode.string_storage", storage):
        _check(lambda: _frame(5), "signals")
    _check(lambda: _frame(5), "signals")


def test_a_new_column_is_not_made_by_pandas_again() -> None:
    first, second = _frame(50), _frame(20)
    assert empty_tags._add_empty_tags(first, "enter_tag")
    made = empty_tags._Longest.column
    assert empty_tags._add_empty_tags(second, "enter_tag")
    assert empty_tags._Longest.column is made


def test_frames_share_nothing_that_is_written_to() -> None:
    first, second, stock = _frame(9), _frame(9), _frame(9)
    stock.loc[:, "enter_tag"] = ""
    assert empty_tags._add_empty_tags(first, "enter_tag")
    assert empty_tags._add_empty_tags(second, "enter_tag")
    first.loc[3, "enter_tag"] = "a"
    first["enter_tag"].array[:] = "b"
    assert_same_frame(stock, second)
    assert pickle.dumps(stock) == pickle.dumps(second)
    assert stock.memory_usage(deep=True).tolist() == second.memory_usage(deep=True).tolist()
