"""Candles in callbacks are those that freqtrade cuts out, and as independent of its cache."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from freqtrade.data.dataprovider import DataProvider
from freqtrade.enums import CandleType, RunMode
from hypothesis import given
from hypothesis import strategies as st

from ft_numba_aot.freqtrade_integration import dataprovider
from ft_numba_aot.freqtrade_integration.identity import frame_difference, identical
from ft_numba_aot.freqtrade_integration.offline import store_candles

START = datetime(2024, 1, 1, tzinfo=UTC)
PAIR = "A/USDT"
UNITS = ("s", "ms", "us", "ns")

pytestmark = pytest.mark.skipif(
    not dataprovider._KNOWN_PANDAS, reason="freqtrade's own code runs with this pandas"
)


def make_frame(minutes: list[int], unit: str = "ms", first: int = 0) -> pd.DataFrame:
    """Candles at these minutes after ``START``; the index starts at ``first``."""
    random = np.random.default_rng(len(minutes))
    dates = pd.DatetimeIndex([START + timedelta(minutes=minute) for minute in minutes], tz="UTC")
    prices = {name: random.normal(100, 5, len(minutes)) for name in ("open", "high", "low")}
    frame = pd.DataFrame(
        {
            "date": dates.as_unit(unit),
            **prices,
            "close": np.where(random.random(len(minutes)) < 0.1, np.nan, 1.0),
            "volume": random.integers(0, 9, len(minutes)).astype(float),
            "count": random.integers(0, 9, len(minutes)),
        }
    )
    frame.index = pd.RangeIndex(first, first + len(frame))
    return frame


def make_provider(frame: pd.DataFrame | None = None, **config: Any) -> DataProvider:
    provider = DataProvider(
        {
            "runmode": RunMode.BACKTEST,
            "timeframe": "5m",
            "candle_type_def": CandleType.SPOT,
            "dataformat_ohlcv": "feather",
            "datadir": Path("nowhere"),
            **config,
        },
        None,
    )
    if frame is not None:
        cache = provider._DataProvider__cached_pairs_backtesting
        cache[PAIR, "5m", CandleType.SPOT] = frame
    return provider


def structure(frame: pd.DataFrame) -> list[Any]:
    """What a frame is made of besides its values."""
    return [
        type(frame),
        repr(frame.index),
        frame.index.name,
        repr(frame.columns),
        frame.attrs,
        frame.flags.allows_duplicate_labels,
        [
            (type(block.values), str(block.dtype), block.mgr_locs.as_array.tolist())
            for block in frame._mgr.blocks
        ],
        [np.asarray(frame[name].array).flags.c_contiguous for name in frame.columns],
    ]


def assert_same(stock: pd.DataFrame, ours: pd.DataFrame) -> None:
    assert frame_difference(stock, ours, str) is None
    assert identical(structure(stock), structure(ours))


def outcome(function: Any, *arguments: Any, **named: Any) -> Any:
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[method-assign]
    logger = logging.getLogger("freqtrade")
    logger.addHandler(handler)
    try:
        found = function(*arguments, **named)
    except Exception as error:
        found = type(error), str(error)
    finally:
        logger.removeHandler(handler)
    return found, [(record.name, record.levelname, record.getMessage()) for record in records]


def assert_same_candles(provider: DataProvider, *arguments: Any, **named: Any) -> None:
    stock, theirs = outcome(dataprovider._original, provider, *arguments, **named)
    ours, mine = outcome(dataprovider.get_pair_dataframe, provider, *arguments, **named)
    assert theirs == mine
    if isinstance(stock, pd.DataFrame):
        assert_same(stock, ours)
    else:
        assert stock == ours


MINUTES = st.one_of(
    st.integers(0, 40).map(lambda count: [5 * number for number in range(count)]),
    st.lists(st.integers(-20, 60).map(lambda number: 5 * number), max_size=20).map(sorted),
    st.lists(st.integers(-20, 300), max_size=20),
)
MOMENTS = st.one_of(
    st.integers(-120, 330).map(lambda minutes: START + timedelta(minutes=minutes)),
    st.datetimes(datetime(2023, 12, 31), datetime(2024, 1, 2), timezones=st.just(UTC)),
    st.datetimes(datetime(2023, 12, 31), datetime(2024, 1, 2)),
    st.integers(-120, 330).map(lambda minutes: pd.Timestamp(START) + pd.Timedelta(minutes, "min")),
    st.none(),
)


@given(MINUTES, st.sampled_from(UNITS), st.sampled_from([0, 7]), st.lists(MOMENTS, max_size=5))
def test_candles_until_any_moment(
    minutes: list[int], unit: str, first: int, moments: list[Any]
) -> None:
    provider = make_provider(make_frame(minutes, unit, first))
    for moment in moments:
        provider._set_dataframe_max_date(moment)
        assert_same_candles(provider, PAIR)
        assert_same_candles(provider, PAIR, "5m", "spot")
        assert_same_candles(provider, PAIR, timeframe=None, candle_type=CandleType.SPOT)


def without_date() -> pd.DataFrame:
    return make_frame([0, 5, 10]).drop(columns="date")


def with_label_index() -> pd.DataFrame:
    frame = make_frame([0, 5, 10])
    frame.index = ["a", "b", "c"]
    return frame


def with_naive_dates() -> pd.DataFrame:
    frame = make_frame([0, 5, 10])
    return frame.assign(date=frame["date"].dt.tz_localize(None))


def with_a_missing_date(position: int) -> pd.DataFrame:
    frame = make_frame([0, 5, 10, 15])
    frame.loc[position, "date"] = pd.NaT
    return frame


def with_attributes() -> pd.DataFrame:
    frame = make_frame([0, 5, 10])
    frame.attrs["source"] = ["somewhere"]
    frame.columns.name = "candle"
    frame.index.name = "number"
    return frame


class Frame(pd.DataFrame):
    @property
    def _constructor(self) -> type[Frame]:
        return Frame


ODD_FRAMES = {
    "without dates": without_date,
    "labels": with_label_index,
    "naive dates": with_naive_dates,
    "no date at the start": lambda: with_a_missing_date(0),
    "no date in the middle": lambda: with_a_missing_date(2),
    "attributes": with_attributes,
    "a subclass": lambda: Frame(make_frame([0, 5, 10])),
    "two dates": lambda: pd.concat([make_frame([0, 5]), make_frame([0, 5])], axis=1),
    "other time zone": lambda: make_frame([0, 5, 10]).assign(
        date=lambda frame: frame["date"].dt.tz_convert("Asia/Tokyo")
    ),
    "objects": lambda: make_frame([0, 5, 10]).astype({"open": object}),
    "columns added one by one": lambda: make_frame([0, 5, 10]).assign(a=1.0).assign(b=2.0),
    "steps": lambda: make_frame([0, 5, 10, 15, 20]).iloc[::2],
}


@pytest.mark.parametrize("name", ODD_FRAMES)
@pytest.mark.parametrize("minutes", [0, 5, 10, 100])
def test_frames_of_any_kind(name: str, minutes: int) -> None:
    provider = make_provider(ODD_FRAMES[name]())
    provider._set_dataframe_max_date(START + timedelta(minutes=minutes))
    assert_same_candles(provider, PAIR)


def write_into(frame: pd.DataFrame) -> None:
    """Everything that changes a frame, the ways around copy-on-write included."""
    frame.loc[0, "open"] = -1.0
    frame["high"].array[:] = -2.0
    values = frame["low"].to_numpy()
    values.flags.writeable = True
    values[:] = -3.0
    frame["date"].array[0] = pd.Timestamp("2000-01-01", tz="UTC")
    frame["new"] = 5
    frame.columns.name = "changed"
    frame.index.name = "changed"
    frame.attrs["changed"] = True
    frame.pop("volume")


def test_writing_into_the_candles_changes_nothing_else() -> None:
    cached = make_frame([5 * number for number in range(50)])
    expected = cached.copy()
    before = structure(cached)
    provider = make_provider(cached)
    provider._set_dataframe_max_date(START + timedelta(minutes=100))
    write_into(dataprovider.get_pair_dataframe(provider, PAIR))
    assert frame_difference(expected, cached, str) is None
    assert identical(before, structure(cached))
    assert_same_candles(provider, PAIR)


def test_a_replaced_frame_is_noticed() -> None:
    provider = make_provider(make_frame([0, 5, 10, 15]))
    provider._set_dataframe_max_date(START + timedelta(minutes=10))
    assert len(dataprovider.get_pair_dataframe(provider, PAIR)) == 2
    cache = provider._DataProvider__cached_pairs_backtesting
    for minutes in ([0, 1, 2, 3], [3, 20, 2], [50]):
        cache[PAIR, "5m", CandleType.SPOT] = make_frame(minutes)
        assert_same_candles(provider, PAIR)


def test_no_frame_is_kept_alive() -> None:
    provider = make_provider(make_frame([0, 5, 10]))
    provider._set_dataframe_max_date(START + timedelta(minutes=10))
    known = len(dataprovider._known)
    dataprovider.get_pair_dataframe(provider, PAIR)
    assert len(dataprovider._known) == known + 1
    provider._DataProvider__cached_pairs_backtesting.clear()
    assert len(dataprovider._known) == known


def test_candles_from_disk(tmp_path: Path) -> None:
    store_candles(tmp_path, PAIR, "5m", make_frame([5 * number for number in range(300)]))
    hours = make_frame([60 * number for number in range(25)])
    store_candles(tmp_path, PAIR, "1h", hours)
    for timerange in (None, "20240101-", f"{int(START.timestamp()) + 3600}-"):
        providers = [
            make_provider(datadir=tmp_path, timerange=timerange, startup_candle_count=3)
            for _ in range(2)
        ]
        functions = (dataprovider._original, dataprovider.get_pair_dataframe)
        for minutes in (61, 300, 299, 300, 9999):
            for timeframe in (None, "5m", "1h", "4h", "nonsense"):
                results = []
                for provider, function in zip(providers, functions, strict=True):
                    provider._set_dataframe_max_date(START + timedelta(minutes=minutes))
                    results.append(outcome(function, provider, PAIR, timeframe))
                (stock, theirs), (ours, mine) = results
                assert theirs == mine
                if isinstance(stock, pd.DataFrame):
                    assert_same(stock, ours)
                else:
                    assert stock == ours


@pytest.mark.parametrize("mode", [RunMode.LIVE, RunMode.DRY_RUN, "live", RunMode.HYPEROPT])
def test_run_modes(mode: Any) -> None:
    provider = make_provider(make_frame([0, 5, 10]), runmode=mode)
    provider._set_dataframe_max_date(START + timedelta(minutes=5))
    assert_same_candles(provider, PAIR)


def test_other_arguments() -> None:
    provider = make_provider(make_frame([0, 5, 10]))
    provider._set_dataframe_max_date(START + timedelta(minutes=5))
    for arguments in ((PAIR, "5m", "nonsense"), (PAIR, "5m", "funding_rate"), (PAIR, "5m", None)):
        assert_same_candles(provider, *arguments)
    provider.historic_ohlcv = lambda **_: make_frame([0])  # type: ignore[method-assign]
    assert len(dataprovider.get_pair_dataframe(provider, PAIR)) == 1


def test_the_bisection_answers() -> None:
    provider = make_provider(make_frame([5 * number for number in range(50)]))
    provider._set_dataframe_max_date(pd.Timestamp(START + timedelta(minutes=101)))
    with patch.object(dataprovider, "_original", side_effect=AssertionError):
        assert len(dataprovider.get_pair_dataframe(provider, PAIR)) == 20
