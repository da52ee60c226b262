"""Frames are copied as pandas copies them, on their way from a strategy as well."""

from __future__ import annotations

import copy
import logging
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from freqtrade.strategy import interface
from freqtrade.strategy.interface import IStrategy
from freqtrade.strategy.strategy_validation import StrategyResultValidator
from hypothesis import given
from hypothesis import strategies as st

import ft_numba_aot
from ft_numba_aot.freqtrade_integration import advising, frame_pieces

from .frames import assert_same, outcome

STOCK = IStrategy.advise_all_indicators

COLUMNS = {
    "floats": lambda rng, n: rng.choice([1.5, -0.0, np.nan, np.inf, 1e-310], n),
    "single": lambda rng, n: rng.normal(size=n).astype(np.float32),
    "whole": lambda rng, n: rng.integers(-9, 9, n),
    "short": lambda rng, n: rng.integers(-9, 9, n).astype(np.int16),
    "big-endian": lambda rng, n: rng.normal(size=n).astype(">f8"),
    "flags": lambda rng, n: rng.random(n) < 0.5,
    "complex": lambda rng, n: rng.normal(size=n) * 1j,
    "objects": lambda rng, n: pd.Series([(), None, "x"] * n)[:n].to_numpy(),
    "texts": lambda rng, n: pd.array(["", "dip"] * n, dtype="str")[:n],
    "dates": lambda rng, n: pd.date_range("2024-01-01", periods=n, tz="UTC", unit="ms"),
    "naive": lambda rng, n: pd.date_range("2024-01-01", periods=n, unit="us"),
    "category": lambda rng, n: pd.Categorical(["a", "b"] * n)[:n],
    "nullable": lambda rng, n: pd.array([1, None] * n, dtype="Int64")[:n],
}
USUAL = ["floats", "floats", "single", "whole", "flags", "objects", "texts", "dates"]


class _Frame(pd.DataFrame):
    @property
    def _constructor(self):
        return _Frame


def _with_attributes(frame):
    frame.attrs["source"] = {"of": ["it"]}
    return frame


CHANGES = {
    "nothing": lambda frame: frame,
    "a copy": lambda frame: frame.copy(),
    "some rows": lambda frame: frame.iloc[1::2],
    "the other way": lambda frame: frame.iloc[:, ::-1],
    "every other column": lambda frame: frame.iloc[:, ::2],
    "a column less": lambda frame: frame.drop(columns=frame.columns[0]),
    "a column first": lambda frame: (
        frame.set_axis(range(frame.shape[1]), axis=1)
        .assign(new=1.0)
        .pipe(lambda one: one[["new", *one.columns[:-1]]])
    ),
    "one array": lambda frame: pd.concat([pd.DataFrame(np.eye(len(frame), 3)), frame], axis=1),
    "a column twice": lambda frame: pd.concat([frame, frame.iloc[:, :1]], axis=1),
    "no strange labels": lambda frame: frame.set_flags(
        allows_duplicate_labels=not frame.columns.is_unique
    ),
    "attributes": _with_attributes,
    "labels": lambda frame: frame.set_axis(pd.Index(range(7, 7 + len(frame)), name="row")),
    "a subclass": _Frame,
}


@st.composite
def frames(draw):
    """In as many pieces as columns were added, and what else happens to frames."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    length = draw(st.sampled_from([0, 1, 2, 9]))
    known = draw(st.sampled_from([USUAL, sorted(COLUMNS)]))
    frame = pd.DataFrame(index=pd.RangeIndex(length))
    for number, kind in enumerate(draw(st.lists(st.sampled_from(known), min_size=1, max_size=9))):
        frame[f"{kind}{number}"] = COLUMNS[kind](rng, length)
    changes = draw(st.lists(st.sampled_from(sorted(CHANGES)), max_size=2, unique=True))
    for change in sorted(changes, key="no strange labels".__eq__):
        frame = CHANGES[change](frame)
    return frame


def _layout(frame):
    """Each piece: what of, where in the frame, in which order in memory."""
    return [
        (
            type(block),
            block.dtype,
            block.mgr_locs.as_array.tolist(),
            block.values.flags.c_contiguous if isinstance(block.values, np.ndarray) else None,
            block.refs.has_reference(),
        )
        for block in frame._mgr.blocks
    ]


@given(frames())
def test_a_copy_is_pandas_own(frame):
    before = _layout(frame)
    stock, ours = frame.copy(), frame_pieces.copied(frame)
    if frame.columns.is_unique:
        assert_same(stock, ours)
    pd.testing.assert_frame_equal(stock, ours, check_exact=True)
    assert type(ours) is type(frame)
    assert ours.flags == stock.flags
    assert ours.attrs == stock.attrs
    assert _layout(ours) == _layout(stock)
    assert _layout(frame) == before
    for one, other in zip(ours._mgr.axes, frame._mgr.axes, strict=True):
        assert one is not other


@given(frames())
def test_a_copy_shares_nothing(frame):
    ours = frame_pieces.copied(frame)
    for one in ours._mgr.blocks:
        for other in frame._mgr.blocks:
            if isinstance(one.values, np.ndarray) and isinstance(other.values, np.ndarray):
                assert not np.shares_memory(one.values, other.values)
    if frame.attrs:
        ours.attrs["source"]["of"].append("theirs")
        assert frame.attrs == {"source": {"of": ["it"]}}


@given(frames())
def test_what_is_put_together_is_what_a_copy_has(frame):
    stock = frame.copy()
    manager = frame_pieces.in_one(frame._mgr)
    groups = frame_pieces._groups(frame._mgr)
    if groups is not None:
        ours = pd.DataFrame._from_mgr(manager, axes=manager.axes)
        pd.testing.assert_frame_equal(
            pd.DataFrame(stock), ours, check_exact=True, check_flags=False
        )
        assert ours._mgr.nblocks == stock._mgr.nblocks


def _candles(length=30):
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {"date": pd.date_range("2024-01-01", periods=length, freq="5min", tz="UTC")}
    )
    return frame.assign(close=rng.random(length), open=rng.random(length), volume=1.0).copy()


def _many(frame):
    for number in range(20):
        frame[f"c{number}"] = frame["close"] > 0.5 if number % 3 else frame["close"] * number
    return frame


POPULATE = {
    "many columns": _many,
    "nothing": lambda frame: frame,
    "no frame": lambda frame: None,
    "another length": lambda frame: frame.iloc[1:],
    "another close": lambda frame: frame.assign(close=1.0),
    "another date": lambda frame: frame.assign(date=frame["date"].iloc[0]),
    "no close": lambda frame: frame.drop(columns="close"),
    "a subclass": _Frame,
    "a list": lambda frame: [*frame],
    "an error": lambda frame: frame["nothing"],
}


class _Logged(logging.Handler):
    def __init__(self):
        super().__init__()
        self.found = []

    def emit(self, record):
        self.found.append(record.getMessage())


def _strategy(populate, kept, *, checks=True):
    def advise_indicators(frame, metadata):
        frame = populate(frame)
        kept.append((frame, metadata))
        return frame

    return SimpleNamespace(disable_dataframe_checks=not checks, advise_indicators=advise_indicators)


@pytest.mark.parametrize("checks", [True, False])
@pytest.mark.parametrize("name", POPULATE)
def test_all_pairs_are_advised(name, checks):
    data = {"A/B": _candles(), "C/D": _candles(11)}
    before = copy.deepcopy(data)
    kept = [], []
    strategies = [_strategy(POPULATE[name], one, checks=checks) for one in kept]
    stock = outcome(STOCK, strategies[0], data)
    ours = outcome(advising.advise_all_indicators, strategies[1], data)
    assert_same(stock, ours)
    assert_same(before, data)
    assert_same(*kept)
    if isinstance(stock[0], dict) and name != "a list":
        assert [_layout(frame) for frame in stock[0].values()] == [
            _layout(frame) for frame in ours[0].values()
        ]
        for frame, (own, _) in zip(ours[0].values(), kept[1], strict=True):
            frame.loc[0, "close"] = -1.0
            assert own["close"].iloc[0] != -1.0


CHECKED = {
    "nothing": lambda frame: frame,
    "by date": lambda frame: frame.set_index("date", drop=False),
    "reversed": lambda frame: frame.iloc[::-1],
    "no row": lambda frame: frame.iloc[:0],
    "another close": lambda frame: frame.assign(close=1.0),
    "no last close": lambda frame: frame.assign(close=np.nan),
    "the other zero": lambda frame: frame.assign(close=-0.0),
    "zero": lambda frame: frame.assign(close=0.0),
    "whole closes": lambda frame: frame.assign(close=1),
    "objects": lambda frame: frame.astype({"close": object}),
    "nullable": lambda frame: frame.astype({"close": "Float64"}),
    "none": lambda frame: frame.assign(close=pd.array([None] * len(frame), dtype="Float64")),
    "no zone": lambda frame: frame.assign(date=frame["date"].dt.tz_localize(None)),
    "nanoseconds": lambda frame: frame.assign(date=frame["date"].dt.as_unit("ns")),
    "no last date": lambda frame: frame.assign(date=frame["date"].shift(-1)),
    "no date": lambda frame: frame.drop(columns="date"),
    "a close twice": lambda frame: pd.concat([frame, frame[["close"]]], axis=1),
    "two levels": lambda frame: frame.set_axis([frame.columns, frame.columns], axis=1),
    "a subclass": _Frame,
    "nothing at all": lambda frame: None,
}


@pytest.mark.parametrize("name", CHECKED)
def test_frames_are_checked(name):
    candles = _candles()
    for before, after in [(name, other) for other in CHECKED] + [("nothing", name)]:
        first, last = CHECKED[before](candles), CHECKED[after](candles)
        found = []
        for begin, check in (
            (StrategyResultValidator.__init__, StrategyResultValidator.assert_df),
            (advising.begin, advising.assert_df),
        ):
            validator = StrategyResultValidator.__new__(StrategyResultValidator)
            found.append([outcome(begin, validator, first, True), copy.copy(vars(validator))])
            # Where that raised, there is no validator.
            for warn_only in (True, False) if hasattr(validator, "_date") else ():
                validator._warn_only = warn_only
                found[-1].append(outcome(check, validator, last))
        # Frames that neither reads compare to no truth.
        if isinstance(found[0][1].get("_close"), pd.Series):
            found = [[str(one) for one in each] for each in found]
        assert_same(*found)


def test_releases_that_warn_where_others_raise(monkeypatch):
    assert not advising._INVERTED
    data = {"A/B": _candles()}
    both = [_strategy(POPULATE["another close"], [], checks=checks) for checks in (True, False)]
    stock = [outcome(STOCK, one, data) for one in both]
    monkeypatch.setattr(advising, "_INVERTED", True)
    assert_same(stock[::-1], [outcome(advising.advise_all_indicators, one, data) for one in both])


@pytest.mark.parametrize("data", [{}, {"A/B": _candles(0)}, None, {"A/B": None}])
def test_odd_data(data):
    strategies = [_strategy(_many, []) for _ in range(2)]
    ours = outcome(advising.advise_all_indicators, strategies[1], data)
    assert_same(outcome(STOCK, strategies[0], data), ours)


def test_it_is_put_into_freqtrade_and_taken_out():
    ft_numba_aot.enable()
    try:
        assert "indicators of all pairs" in ft_numba_aot.status().active
        assert interface.IStrategy.advise_all_indicators is advising.advise_all_indicators
    finally:
        ft_numba_aot.disable()
    assert interface.IStrategy.advise_all_indicators is STOCK


def test_another_order_of_columns_would_show(monkeypatch):
    frame = _many(_candles())
    assert_same(frame.copy(), frame_pieces.copied(frame))
    place = frame_pieces.BlockPlacement
    monkeypatch.setattr(frame_pieces, "BlockPlacement", lambda places: place(places[::-1]))
    with pytest.raises(AssertionError):
        assert_same(frame.copy(), frame_pieces.copied(frame))
