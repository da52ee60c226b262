"""Informative candles are merged as freqtrade merges them, of whatever frames."""

from __future__ import annotations

import copy
import os
import warnings
from pathlib import Path
from types import SimpleNamespace

import joblib
import numpy as np
import pandas as pd
import pytest
from freqtrade.strategy import informative_decorator, strategy_helper
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.errors import PerformanceWarning

import ft_numba_aot
from ft_numba_aot.freqtrade_integration import informative
from ft_numba_aot.runtime.manager import get_numba_manager

from .frames import assert_same, outcome

STOCK = strategy_helper.merge_informative_pair
STOCK_PREPARED = strategy_helper._merge_prepared_informative_pair
FOLDER = os.environ.get("FT_NUMBA_AOT_CANDLES")

TIMEFRAMES = [("5m", "1h"), ("5m", "15m"), ("1h", "1h"), ("1h", "4h"), ("4h", "1d"), ("1d", "1M")]
STEPS = {"5m": "5min", "15m": "15min", "1h": "1h", "4h": "4h", "1d": "1D", "1M": "30D"}


def _values(kind, length, rng):
    if kind == "floats":
        return rng.choice([1.5, -0.0, 0.0, np.nan, np.inf, 1e-310, -7.25], length)
    if kind == "single":
        return rng.normal(size=length).astype(np.float32)
    if kind == "whole":
        return rng.integers(-(2**40), 2**40, length)
    if kind == "huge":
        return rng.integers(2**53 - 2, 2**62, length)
    if kind == "small":
        return rng.integers(-100, 100, length).astype(np.int8)
    if kind == "flags":
        return rng.random(length) < 0.5
    if kind == "texts":
        return pd.array(rng.choice(["", "a", "dip"], length).tolist(), dtype="str")
    if kind == "objects":
        return np.array([[None, "x", 1.5][i] for i in rng.integers(0, 3, length)], dtype=object)
    if kind == "category":
        return pd.Categorical(rng.choice(["a", "b"], length))
    if kind == "nullable":
        return pd.array(rng.integers(0, 9, length), dtype="Int64")
    return pd.date_range("2020-02-02", periods=length, freq="D", tz="UTC", unit="s")


USUAL = ["floats", "floats", "floats", "whole", "small", "flags", "single", "texts"]
UNUSUAL = [*USUAL, "huge", "objects", "category", "nullable", "dates"]


def _frame(start, freq, length, rng, kinds, *, unit="ms", kept=1.0, prefix=""):
    dates = pd.date_range(start, periods=length, freq=freq, tz="UTC", unit=unit)
    dates = dates[rng.random(length) < kept] if kept < 1 else dates
    columns = {"date": dates, **{f"{prefix}{n}": rng.random(len(dates)) for n in ("open", "close")}}
    frame = pd.DataFrame(columns)
    for number, kind in enumerate(kinds):
        frame[f"{prefix}{kind}{number}"] = _values(kind, len(dates), rng)
    return frame


@st.composite
def pairs(draw, kinds=USUAL):
    """Two frames and their timeframes, beginning and ending wherever."""
    timeframe, timeframe_inf = draw(st.sampled_from(TIMEFRAMES))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    units = st.sampled_from(["ms", "ms", "us", "ns", "s"])
    step, long = pd.Timedelta(STEPS[timeframe]), pd.Timedelta(STEPS[timeframe_inf])
    monthly = timeframe_inf == "1M"
    start = pd.Timestamp("2024-01-01") + draw(st.integers(-20, 20)) * step
    start_inf = start - draw(st.integers(-3, 6)) * long
    start_inf = start_inf.floor("1D" if monthly else STEPS[timeframe_inf])
    kept = st.sampled_from([1.0, 1.0, 0.8, 0.3])
    columns = st.lists(st.sampled_from(kinds), max_size=5)
    length = draw(st.integers(1, 60))
    base = _frame(start, step, length, rng, draw(columns), unit=draw(units), kept=draw(kept))
    other = _frame(
        start_inf, "MS" if monthly else long, draw(st.integers(1, 12)), rng, draw(columns),
        unit=draw(units), kept=draw(kept),
    )  # fmt: skip
    if draw(st.booleans()):
        other = other.copy()
    if draw(st.booleans()):
        base = base.copy()
    return base, other, timeframe, timeframe_inf


OPTIONS = st.sampled_from(
    [
        {},
        {},
        {"ffill": False},
        {"append_timeframe": False, "suffix": "btc"},
        {"append_timeframe": False},
    ]
)


def _pieces(frame):
    return frame._mgr.nblocks if isinstance(frame, pd.DataFrame) else 0


def _assert_same(one, other):
    if isinstance(one, pd.DataFrame) and not one.columns.is_unique:
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    else:
        assert_same(one, other)


def _check(function, stock, *arguments, **options):
    """Both of the same frames, as a copy would be in other pieces; neither changes them."""
    before, pieces = copy.deepcopy(arguments), [*map(_pieces, arguments)]
    expected, found = (
        outcome(stock, *arguments, **options),
        outcome(function, *arguments, **options),
    )
    for one, other in zip(expected, found, strict=True):
        _assert_same(one, other)
    assert [*map(_pieces, arguments)] == pieces
    for one, other in zip(before, copy.deepcopy(arguments), strict=True):
        _assert_same(one, other)
    return expected[0]


def _merge(*arguments, **options):
    return _check(informative.merge_informative_pair, STOCK, *arguments, **options)


@given(pairs(), OPTIONS)
def test_usual_frames(pair, options):
    _merge(*pair, **options)


@pytest.mark.filterwarnings("ignore")
@given(pairs(UNUSUAL), OPTIONS)
def test_unusual_columns(pair, options):
    _merge(*pair, **options)


@given(pairs(), st.booleans())
def test_prepared_frames(pair, ffill):
    base, other, timeframe, timeframe_inf = pair
    other = other.rename(columns=lambda name: f"btc_{name}")
    prepared = strategy_helper._prepare_informative_pair(
        other, timeframe, timeframe_inf, append_timeframe=False, date_column="btc_date"
    )
    _check(informative.merge_prepared, STOCK_PREPARED, base, prepared, ffill=ffill)


def _base(start="2024-01-01 02:15", length=40):
    return _frame(start, "5min", length, np.random.default_rng(1), ["floats", "flags", "whole"])


def _hourly(start="2024-01-01", length=7):
    return _frame(start, "h", length, np.random.default_rng(2), ["floats", "flags", "small"])


class _Frame(pd.DataFrame):
    @property
    def _constructor(self):
        return _Frame


def _attributes(frame):
    frame.attrs["source"] = "somewhere"
    return frame


def _missing(frame):
    dates = frame["date"].copy()
    dates.iloc[0] = pd.NaT
    return frame.assign(date=dates)


SHAPES = {
    "plain": lambda frame: frame,
    "no row": lambda frame: frame.iloc[:0],
    "one row": lambda frame: frame.iloc[:1],
    "later": lambda frame: frame.iloc[3:],
    "reversed": lambda frame: frame.iloc[::-1],
    "twice": lambda frame: pd.concat([frame, frame.iloc[1:3]]).sort_values("date"),
    "by date": lambda frame: frame.set_index("date", drop=False),
    "by date alone": lambda frame: frame.set_index("date"),
    "two levels": lambda frame: frame.set_index([frame.index, frame.index]),
    "labels": lambda frame: frame.set_axis([0] * len(frame)),
    "in Paris": lambda frame: frame.assign(date=frame["date"].dt.tz_convert("Europe/Paris")),
    "naive": lambda frame: frame.assign(date=frame["date"].dt.tz_localize(None)),
    "nanoseconds": lambda frame: frame.assign(date=frame["date"].dt.as_unit("ns")),
    "a missing date": _missing,
    "far away": lambda frame: frame.assign(
        date=(frame["date"] + pd.Timedelta(150_000, "D")).dt.as_unit("ms")
    ),
    "whole dates": lambda frame: frame.assign(date=range(len(frame))),
    "date_merge": lambda frame: frame.assign(date_merge=1.0),
    "date_merge_1h": lambda frame: frame.assign(date_merge_1h=1.0),
    "close_1h": lambda frame: frame.assign(close_1h=1.0),
    "a column twice": lambda frame: pd.concat([frame, frame[["close"]]], axis=1),
    "numbers for names": lambda frame: frame.assign(**{"x": 1.0}).rename(columns={"x": 7}),
    "object names": lambda frame: frame.set_axis(frame.columns.astype(object), axis=1),
    "named names": lambda frame: frame.rename_axis("what", axis=1),
    "strict labels": lambda frame: frame.set_flags(allows_duplicate_labels=False),
    "a subclass": _Frame,
    "attributes": _attributes,
    "only dates": lambda frame: frame[["date"]],
    "two dates": lambda frame: frame.assign(other=frame["date"])[["date", "other", "close"]],
    "reordered": lambda frame: frame[["close", "flags1", "open", "date"]],
    "a dict": lambda frame: frame.to_dict("list"),
    "nothing": lambda frame: None,
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("shape", SHAPES)
def test_any_frame(shape):
    base, hourly = _base(), _hourly()
    change = SHAPES[shape]
    for options in ({}, {"ffill": False}, {"append_timeframe": False, "suffix": "x"}):
        _merge(change(base.copy()), hourly, "5m", "1h", **options)
        _merge(base, change(hourly.copy()), "5m", "1h", **options)
    _merge(change(base.copy()), change(hourly.copy()), "5m", "1h")


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        (("1h", "5m"), {}),
        (("5m", "1h"), {"suffix": "x"}),
        (("5m", "1h"), {"date_column": "close"}),
        (("5m", "1h"), {"date_column": "nothing"}),
        (("5m", "1h"), {"append_timeframe": False, "suffix": ""}),
        (("5m", "1x"), {}),
        ((5, "1h"), {}),
        (("5m", None), {}),
        (("5m", "60m"), {"append_timeframe": 1}),
        (("5m", "1M"), {"ffill": 0}),
        (("5m", "1M"), {}),
    ],
)
def test_any_argument(arguments, options):
    _merge(_base(), _hourly(), *arguments, **options)


@pytest.mark.parametrize("mode", ["r", "c"])
def test_columns_that_are_mapped_to_a_file(mode, tmp_path):
    """As joblib hands long ones to its workers."""
    file = str(tmp_path / "frames")
    # The first two are of several pieces, the others of one each.
    joblib.dump((_base(), _hourly(), _base().copy(), _hourly().copy()), file)
    for pair in (slice(0, 2), slice(2, 4)):
        for options in ({}, {"ffill": False}):
            kinds = []
            for merge in (STOCK, informative.merge_informative_pair):
                frames = joblib.load(file, mmap_mode=mode)[pair]
                assert any(type(one.values) is np.memmap for one in frames[0]._mgr.blocks)
                merged = merge(*frames, "5m", "1h", **options)
                kinds.append([type(one.values) for one in merged._mgr.blocks])
            assert kinds[0] == kinds[1]
            _merge(*joblib.load(file, mmap_mode=mode)[pair], "5m", "1h", **options)


def test_months():
    months = _frame("2023-10-01", "MS", 5, np.random.default_rng(1), ["floats"])
    days = _frame("2023-12-20", "D", 80, np.random.default_rng(1), ["floats"])
    assert _merge(days, months, "1d", "1M")["date_1M"].nunique() == 4
    _merge(days, days, "1d", "1M")


def test_the_first_rows_have_the_candle_before():
    merged = _merge(_base(), _hourly(), "5m", "1h")
    assert merged.loc[0, "date_1h"] == pd.Timestamp("2024-01-01 01:00", tz="UTC")
    assert merged["close_1h"].notna().all()


@pytest.mark.filterwarnings("ignore::pandas.errors.PerformanceWarning")
@settings(max_examples=8)
@given(pairs(), st.sampled_from([60, 99]))
def test_pandas_warns_of_a_frame_in_pieces_at_the_same_column(pair, extra):
    base, other, timeframe, timeframe_inf = pair
    for number in range(extra):
        base[f"e{number}"] = base["open"] > number if number % 2 else 1.0
    counts = []
    for merge in (STOCK, informative.merge_informative_pair):
        merged = merge(base, other, timeframe, timeframe_inf)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for number in range(60):
                merged[f"new{number}"] = 1.0
        counts.append([one.category for one in caught])
        assert set(counts[-1]) <= {PerformanceWarning}
    assert counts[0] == counts[1]


@pytest.mark.filterwarnings("ignore:The 'future.infer_string' option")
@pytest.mark.parametrize("infer", [True, False])
def test_whatever_pandas_makes_of_text(infer):
    for others in (True, False):
        with pd.option_context("future.infer_string", others):
            base, hourly = _base(), _hourly()
        with pd.option_context("future.infer_string", infer):
            _merge(base, hourly, "5m", "1h")
            _merge(base, hourly.add_suffix("_x"), "5m", "1h", date_column="date_x")
            _merge(base, hourly.add_suffix("_x"), "5m", "1h", False, False, "date_x")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("start", ["2024-01-01 02:15", "2024-01-01 02:55"])
def test_the_result_is_the_callers(start):
    base, hourly = _base(start), _hourly()
    before = copy.deepcopy((base, hourly))
    merged = informative.merge_informative_pair(base, hourly, "5m", "1h")
    again = informative.merge_informative_pair(base, hourly, "5m", "1h")
    for name in merged.columns:
        merged.loc[0, name] = merged[name].iloc[-1]
    merged.iloc[:, 1] = 7.0
    base.loc[0, "close"] = -1.0
    assert again.loc[0, "close"] == before[0].loc[0, "close"]
    base.loc[0, "close"] = before[0].loc[0, "close"]
    assert_same(before, copy.deepcopy((base, hourly)))


@pytest.mark.skipif(not FOLDER, reason="FT_NUMBA_AOT_CANDLES names no folder")
def test_real_candles():
    frames = [pd.read_feather(path) for path in sorted(Path(str(FOLDER)).glob("*-5m.feather"))[:2]]
    for one in frames:
        hourly = one.set_index("date").resample("1h").last().reset_index()
        hourly["rsi"] = hourly["close"].pct_change()
        _merge(one.iloc[7:9000].reset_index(drop=True), hourly, "5m", "1h")
        _merge(one.iloc[7:900], frames[-1].iloc[3:], "5m", "5m")


def _decorated(cache):
    """What ``@informative`` merges: twice, the second time of what it has kept."""

    def populate(self, dataframe, metadata):
        dataframe["rsi"] = dataframe["close"].rolling(2).mean()
        return dataframe

    strategy = SimpleNamespace(
        timeframe="5m",
        config={"stake_currency": "USDT"},
        dp=SimpleNamespace(
            market=lambda pair: {"base": "BTC", "quote": "USDT"},
            get_pair_dataframe=lambda *arguments: _hourly().assign(high=2.0, low=1.0, volume=3.0),
        ),
        _ft_informative_cache=informative_decorator.InformativeCache(9) if cache else None,
    )
    data = informative_decorator.InformativeData("BTC/USDT", "1h", None, True, None, True)
    merge = informative_decorator._create_and_merge_informative_pair
    return [merge(strategy, _base(), {"pair": "ETH/USDT"}, data, populate) for _ in range(2)]


def test_it_is_put_into_freqtrade_and_taken_out():
    stock = [_decorated(cache) for cache in (False, True)]
    ft_numba_aot.enable()
    try:
        assert "informative pairs" in ft_numba_aot.status().active
        assert "prepared informative pairs" in ft_numba_aot.status().active
        proxy = get_numba_manager().get_optimized_function("indicators", "merge_informative_pair")
        assert informative_decorator.merge_informative_pair is proxy
        assert_same(stock, [_decorated(cache) for cache in (False, True)])
    finally:
        ft_numba_aot.disable()
    assert informative_decorator.merge_informative_pair is STOCK
    assert informative_decorator._merge_prepared_informative_pair is STOCK_PREPARED


def _broken(function, monkeypatch, name, change):
    original = getattr(informative, name)
    monkeypatch.setattr(informative, name, lambda *arguments: change(original, *arguments))
    with pytest.raises(AssertionError):
        function()


def _of_the_row_before(original, taken, source, head, row):
    original(taken, source, head, row - 1)


def _one_later(original, *arguments):
    found, places = original(*arguments)
    return found, places + 1


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("_fill_head", _of_the_row_before),
        ("_common", _one_later),
        ("_in_pieces", lambda original, frame: frame._mgr),
        ("_drops_into_runs", lambda original: not original()),
    ],
)
def test_another_row_or_piece_would_show(monkeypatch, name, change):
    hourly = _hourly()[["date", "open", "flags1", "close", "floats0"]]
    _broken(lambda: _merge(_base(), hourly, "5m", "1h"), monkeypatch, name, change)
    monkeypatch.undo()
    _merge(_base(), hourly, "5m", "1h")


def test_frames_in_other_pieces_are_left_to_freqtrade(monkeypatch):
    assert informative._unfit.__wrapped__() is None
    monkeypatch.setattr(informative, "_in_pieces", lambda frame: frame._mgr)
    assert "pieces" in informative._unfit.__wrapped__()
