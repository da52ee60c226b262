"""Loading candles: the same frames, messages and errors as without the shortcuts."""

from __future__ import annotations

import inspect
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
import pyarrow.feather
import pytest
from freqtrade.configuration import TimeRange
from freqtrade.data.history import load_data
from freqtrade.data.history.datahandlers import get_datahandler
from freqtrade.enums import CandleType
from hypothesis import given
from hypothesis import strategies as st
from integration.freqtrade.frames import (
    CHANGES,
    PRICES,
    START,
    assert_same,
    broken_candles,
    candles,
    outcome,
)
from integration.freqtrade.releases import since
from integration.freqtrade.trades import replaced

from ft_numba_aot.freqtrade_integration import loading

try:
    from ft_numba_aot.freqtrade_integration import reading
except ImportError:
    reading = None

MODULES = ("loading",) if reading is None else ("loading", "reading")
reads_parts = since("2026.7", "feather files are read as a whole")

TIMEFRAMES = {
    "1m": timedelta(minutes=1),
    "5m": timedelta(minutes=5),
    "1h": timedelta(hours=1),
    "1d": timedelta(days=1),
    "3d": timedelta(days=3),
    "1w": timedelta(days=7),
}


def refuse(*arguments, **options):
    raise AssertionError("left to freqtrade")


def plain(length: int = 50, minutes: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(length)
    dates = pd.date_range("2024-01-01", periods=length, freq=f"{minutes}min", tz="UTC", unit="ms")
    return pd.DataFrame(
        {"date": dates, **{name: rng.random(length) + 1 for name in (*PRICES, "volume")}}
    )


def clean_both(frame: pd.DataFrame, timeframe: str, **options) -> None:
    before = frame.copy()
    if "candle_type" not in inspect.signature(loading._original_clean).parameters:
        options.pop("candle_type", None)  # before 2026.8
    theirs = outcome(loading._original_clean, frame, timeframe, "A/B", **options)
    ours = outcome(loading.clean_ohlcv_dataframe, frame, timeframe, "A/B", **options)
    assert_same(theirs, ours)
    pd.testing.assert_frame_equal(frame, before)


switches = {"fill_missing": st.booleans(), "drop_incomplete": st.booleans()}


@given(data=st.data(), timeframe=st.sampled_from(sorted(TIMEFRAMES)), **switches)
def test_cleaning_any_candles(data, timeframe, fill_missing, drop_incomplete):
    frame = data.draw(broken_candles(timeframe=TIMEFRAMES[timeframe]))
    kind = data.draw(st.sampled_from([CandleType.SPOT, CandleType.FUTURES, CandleType.MARK]))
    clean_both(
        frame,
        timeframe,
        fill_missing=fill_missing,
        drop_incomplete=drop_incomplete,
        candle_type=kind,
    )


@pytest.mark.parametrize("fill_missing", [True, False])
@pytest.mark.parametrize("change", sorted(CHANGES))
def test_cleaning_each_defect(change, fill_missing):
    frame = CHANGES[change](plain(), np.random.default_rng(3))
    clean_both(frame, "5m", fill_missing=fill_missing, drop_incomplete=False)


@pytest.mark.parametrize("timeframe", ["1m", "5m", "1h", "1d", "3d"])
@pytest.mark.parametrize("drop_incomplete", [True, False])
def test_clean_candles_are_copied(timeframe, drop_incomplete):
    minutes = int(TIMEFRAMES[timeframe].total_seconds() // 60)
    frame = plain(30, minutes)
    options = {"fill_missing": True, "drop_incomplete": drop_incomplete}
    clean_both(frame, timeframe, **options)
    with patch.object(loading, "_original_clean", refuse):
        cleaned = loading.clean_ohlcv_dataframe(frame, timeframe, "A/B", **options)
    cleaned.loc[0, "open"] = -1.0
    assert frame.loc[0, "open"] > 0
    frame.loc[1, "close"] = -1.0
    assert cleaned.loc[1, "close"] > 0


def test_funding_rates_are_left_to_freqtrade():
    dates = pd.date_range("2024-01-01", periods=5, freq="8h", tz="UTC", unit="ms")
    frame = pd.DataFrame({"date": dates, "funding_rate": [0.1, 0.2, np.nan, 0.4, 0.5]})
    options = {"fill_missing": False, "candle_type": CandleType.FUNDING_RATE}
    clean_both(frame, "8h", drop_incomplete=False, **options)


seconds = st.one_of(st.none(), st.integers(-4000, 20000))


def range_of(since: int | None, until: int | None) -> TimeRange:
    start = int(START.timestamp())
    return TimeRange(
        None if since is None else "date",
        None if until is None else "date",
        0 if since is None else start + since,
        0 if until is None else start + until,
    )


@given(frame=broken_candles(), since=seconds, until=seconds, startup=st.integers(0, 5))
def test_trimming_any_candles(frame, since, until, startup):
    timerange = range_of(since, until)
    theirs = outcome(loading._original_trim, frame, timerange, startup_candles=startup)
    ours = outcome(loading.trim_dataframe, frame, timerange, startup_candles=startup)
    # A slice is made of as many blocks as the frame it is of.
    assert_same(theirs, ours)


@pytest.mark.parametrize("startup", [0, 3])
def test_candles_in_order_are_sliced(startup):
    frame = plain()
    timerange = TimeRange("date", "date", 1704067200 + 1500, 1704067200 + 6001)
    stock = loading._original_trim(frame, timerange, startup_candles=startup)
    with patch.object(loading, "_original_trim", refuse):
        ours = loading.trim_dataframe(frame, timerange, startup_candles=startup)
    assert_same(stock, ours)
    ours.loc[ours.index[0], "open"] = -1.0
    assert (frame["open"] > 0).all()


@pytest.mark.parametrize("startup", [0, 2])
def test_a_start_without_a_date_raises_alike(startup):
    timerange = TimeRange("date", "date", 0, 1704070000)
    theirs = outcome(loading._original_trim, plain(), timerange, startup_candles=startup)
    assert_same(
        theirs, outcome(loading.trim_dataframe, plain(), timerange, startup_candles=startup)
    )


@given(frame=broken_candles(), jump=st.sampled_from([None, 0.0999, 0.1, 0.1001, 5.0, -0.5]))
def test_price_jumps_are_told_alike(frame, jump):
    handler = get_datahandler(Path(), "feather")
    if jump is not None and len(frame) > 1:
        frame = frame.copy()
        frame["open"] = frame["close"].shift(1).fillna(1.0) * (1 + jump)
    for warn_price in (True, False):
        arguments = (handler, frame, "A/B", "5m", CandleType.SPOT, True, warn_price)
        theirs = outcome(loading._original_check, *arguments)
        assert_same(theirs, outcome(loading._check_empty_df, *arguments))


def test_quiet_prices_are_not_left_to_freqtrade():
    with patch.object(loading, "_original_check", refuse):
        handler = get_datahandler(Path(), "feather")
        frame = plain().assign(open=1.0, close=1.05)
        kind = CandleType.SPOT
        assert not loading._check_empty_df(handler, frame, "A/B", "5m", kind, True, True)


@given(
    frame=broken_candles(),
    since=seconds,
    until=seconds,
    startup=st.integers(0, 5),
    compression=st.sampled_from(["lz4", "uncompressed"]),
)
def test_loading_any_file(tmp_path_factory, frame, since, until, startup, compression):
    folder = tmp_path_factory.mktemp("candles")
    kept = frame.reset_index(drop=True)
    pyarrow.feather.write_feather(kept, folder / "A_B-5m.feather", compression=compression)
    options = {"timerange": range_of(since, until), "startup_candles": startup}
    theirs = outcome(load_data, folder, "5m", ["A/B", "C/D"], **options)
    with replaced(*MODULES):
        ours = outcome(load_data, folder, "5m", ["A/B", "C/D"], **options)
    assert_same(theirs, ours)


@reads_parts
@pytest.mark.parametrize("bounds", [(None, None), (600, None), (None, 6000), (300, 9000)])
def test_plain_files_take_no_detour(tmp_path, bounds):
    plain(200).to_feather(tmp_path / "A_B-5m.feather")
    since, until = (None if bound is None else 1704067200 + bound for bound in bounds)
    kinds = ["date" if bound else None for bound in bounds]
    options = {"timerange": TimeRange(*kinds, since or 0, until or 0), "startup_candles": 1}
    theirs = load_data(tmp_path, "5m", ["A/B"], **options)
    with (
        replaced(*MODULES),
        patch.object(reading, "_original_load", refuse),
        patch.object(loading, "_original_clean", refuse),
        patch.object(loading, "_original_trim", wraps=loading._original_trim) as trim,
    ):
        assert_same(theirs, load_data(tmp_path, "5m", ["A/B"], **options))
    # Without bounds there is nothing to trim.
    assert trim.call_count == (1 if bounds == (None, None) else 0)


@pytest.mark.parametrize("zone", ["UTC", "+01:00", "Europe/Berlin", "Etc/UTC"])
@pytest.mark.parametrize("bounds", [(None, None), (600, None), (None, 6000), (300, 9000)])
def test_files_of_any_zone_are_told_of_alike(tmp_path, zone, bounds):
    frame = plain(50)
    frame["date"] = frame["date"].dt.tz_convert(zone)
    frame.to_feather(tmp_path / "A_B-5m.feather")
    options = {"timerange": range_of(*bounds), "startup_candles": 1}
    theirs = outcome(load_data, tmp_path, "5m", ["A/B"], **options)
    with replaced(*MODULES):
        ours = outcome(load_data, tmp_path, "5m", ["A/B"], **options)
    assert_same(theirs, ours)


DAMAGES = {
    "no feather": lambda frame, path: path.write_bytes(b"no feather file"),
    "version 1": lambda frame, path: pyarrow.feather.write_feather(
        frame.assign(date=frame["date"].dt.tz_localize(None)), str(path), version=1
    ),
    "no rows": lambda frame, path: frame.iloc[:0].to_feather(path),
    "other order": lambda frame, path: frame[["close", *PRICES[:3], "volume", "date"]].to_feather(
        path
    ),
    "no volume": lambda frame, path: frame.drop(columns="volume").to_feather(path),
    "float32": lambda frame, path: frame.assign(open=frame["open"].astype("f4")).to_feather(path),
    "no zone": lambda frame, path: frame.assign(date=frame["date"].dt.tz_localize(None)).to_feather(
        path
    ),
    "nanoseconds": lambda frame, path: frame.assign(date=frame["date"].dt.as_unit("ns")).to_feather(
        path
    ),
    "no open": lambda frame, path: frame.assign(open=None).to_feather(path),
    "parquet": lambda frame, path: frame.to_parquet(path),
}


@pytest.mark.parametrize("damage", sorted(DAMAGES))
@pytest.mark.parametrize("bound", [None, 1704067200 + 3000])
@pytest.mark.filterwarnings("ignore:.*Feather V1.*:FutureWarning")
def test_unusual_files(tmp_path, damage, bound):
    DAMAGES[damage](plain(), tmp_path / "A_B-5m.feather")
    timerange = TimeRange("date" if bound else None, None, bound or 0, 0)
    theirs = outcome(load_data, tmp_path, "5m", ["A/B"], timerange=timerange)
    with replaced(*MODULES):
        ours = outcome(load_data, tmp_path, "5m", ["A/B"], timerange=timerange)
    assert_same(theirs, ours)


@reads_parts
@given(candles())
def test_direct_reading_gives_what_freqtrade_reads(tmp_path_factory, frame):
    folder = tmp_path_factory.mktemp("candles")
    frame.assign(date=frame["date"].dt.as_unit("ms")).to_feather(folder / "A_B-5m.feather")
    handler = get_datahandler(folder, "feather")
    stock = reading._original_load(handler, "A/B", "5m", None, CandleType.SPOT)
    with patch.object(reading, "_original_load", refuse):
        ours = reading._ohlcv_load(handler, "A/B", "5m", None, CandleType.SPOT)
    pd.testing.assert_frame_equal(stock, ours, check_exact=True)
