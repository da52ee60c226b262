"""Frames of candles and of trades that bring out differences, and what makes two outcomes equal."""

from __future__ import annotations

import dataclasses
import logging
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from ft_numba_aot.freqtrade_integration.identity import frame_difference, identical

START = datetime(2023, 11, 27, 22, 15, tzinfo=UTC)
PAIRS = ["BTC/USDT", "ETH/USDT", "XRP/USDT", "NOTRADES/USDT"]
PRICES = ("open", "high", "low", "close")


class Records(logging.Handler):
    """What is logged at INFO and above."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.found: list[tuple[str, int, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append((record.name, record.levelno, record.getMessage()))


def outcome(function: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, ...]:
    """What a call gives or raises, logs and warns of; a warning counts once, as it is shown.

    Deprecations left out: they are of freqtrade's own calls of pandas, and not shown.
    """
    records = Records()
    root = logging.getLogger("freqtrade")
    level = root.level
    root.addHandler(records)
    root.setLevel(logging.INFO)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                result = function(*args, **kwargs)
            except Exception as error:
                result = (type(error), str(error))
    finally:
        root.removeHandler(records)
        root.setLevel(level)
    shown = dict.fromkeys(
        (one.category, str(one.message))
        for one in caught
        if not issubclass(one.category, (DeprecationWarning, PendingDeprecationWarning))
    )
    return result, records.found, list(shown)


def assert_same(stock: Any, ours: Any) -> None:
    """Same types and values throughout; frames with index, columns and dtypes."""
    assert type(stock) is type(ours), (stock, ours)
    if isinstance(stock, pd.DataFrame):
        assert_same_frame(stock, ours)
    elif isinstance(stock, pd.Series):
        assert_same_series(stock, ours)
    elif isinstance(stock, dict):
        assert list(stock) == list(ours)
        for key, value in stock.items():
            assert_same(value, ours[key])
    elif isinstance(stock, (list, tuple)):
        assert len(stock) == len(ours)
        for one, other in zip(stock, ours, strict=True):
            assert_same(one, other)
    elif dataclasses.is_dataclass(stock) and not isinstance(stock, type):
        for field in dataclasses.fields(stock):
            assert_same(getattr(stock, field.name), getattr(ours, field.name))
    else:
        assert identical(stock, ours), (stock, ours)


def assert_same_frame(stock: pd.DataFrame, ours: pd.DataFrame) -> None:
    """Bit for bit, with all that pandas keeps beside the values, in as many blocks."""
    assert frame_difference(stock, ours, str) is None
    pd.testing.assert_index_equal(stock.index, ours.index, exact=True)
    pd.testing.assert_index_equal(stock.columns, ours.columns, exact=True)
    assert list(stock.dtypes) == list(ours.dtypes)
    assert stock.attrs == ours.attrs
    assert stock._mgr.nblocks == ours._mgr.nblocks
    for name in stock.columns:
        zones = [getattr(frame[name].dtype, "tz", None) for frame in (stock, ours)]
        assert repr(zones[0]) == repr(zones[1])


def assert_same_series(stock: pd.Series[Any], ours: pd.Series[Any]) -> None:
    pd.testing.assert_series_equal(stock, ours, check_exact=True, check_freq=True)
    assert type(stock.index) is type(ours.index)
    assert stock.index.dtype == ours.index.dtype
    assert_same(stock.tolist(), ours.tolist())


@st.composite
def candles(
    draw: st.DrawFn, timeframe: timedelta = timedelta(minutes=5), most: int = 40
) -> pd.DataFrame:
    """In order, without gaps: prices of any size on a tick that changes, or on none."""
    length = draw(st.integers(1, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    price = 10.0 ** draw(st.floats(-9, 6)) * np.exp(rng.standard_normal((length, 4)).cumsum(0) / 50)
    if draw(st.booleans()):
        decimals = draw(st.integers(0, 9))
        half = length // 2
        price[:half] = np.round(price[:half], decimals)
        price[half:] = np.round(price[half:], draw(st.integers(0, decimals)))
    unit = draw(st.sampled_from(["ms", "us", "ns"]))
    start = pd.Timestamp(START).floor("D" if timeframe >= timedelta(days=1) else "5min")
    dates = pd.date_range(start, periods=length, freq=timeframe, unit=unit)
    return pd.DataFrame(
        {
            "date": dates,
            **{name: price[:, column] for column, name in enumerate(PRICES)},
            "volume": np.round(rng.lognormal(3, 3, length), draw(st.integers(0, 3))),
        }
    )


def _drop_some(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return frame[rng.random(len(frame)) < 0.7]


def _repeat_some(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return frame.iloc[np.sort(rng.integers(0, len(frame), len(frame) + 3))]


def _shuffle(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return frame.iloc[rng.permutation(len(frame))]


def _value(column: str, value: float) -> Callable[..., pd.DataFrame]:
    def change(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        frame = frame.copy()
        frame.loc[frame.index[rng.integers(0, len(frame))], column] = value
        return frame

    return change


def _off_the_grid(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return frame.assign(date=frame["date"] + pd.Timedelta(seconds=61))


def _elsewhere(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return frame.assign(date=frame["date"].dt.tz_convert("Europe/Paris"))


def _missing_date(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    dates = frame["date"].copy()
    dates.iloc[-1] = pd.NaT
    return frame.assign(date=dates)


def _integers(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return frame.assign(open=np.arange(len(frame)))


def _other_index(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return frame.set_index(pd.Index(rng.integers(0, 5, len(frame))))


def _extra_column(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    frame = frame.assign(extra="x")
    frame.attrs["source"] = "test"
    return frame


CHANGES: dict[str, Callable[..., pd.DataFrame]] = {
    "gaps": _drop_some,
    "duplicates": _repeat_some,
    "unsorted": _shuffle,
    "nan": _value("close", np.nan),
    "infinite": _value("high", np.inf),
    "zero": _value("open", 0.0),
    "negative zero volume": _value("volume", -0.0),
    "no volume": _value("volume", np.nan),
    "off the grid": _off_the_grid,
    "other zone": _elsewhere,
    "no date": _missing_date,
    "integers": _integers,
    "other index": _other_index,
    "extra column": _extra_column,
}


@st.composite
def broken_candles(draw: st.DrawFn, **options: Any) -> pd.DataFrame:
    """Candles to which up to two things have happened."""
    frame = draw(candles(**options))
    for change in draw(st.lists(st.sampled_from(sorted(CHANGES)), max_size=2)):
        if len(frame):
            rng = np.random.default_rng(draw(st.integers(0, 2**32)))
            frame = CHANGES[change](frame, rng)
    return frame


def trades_frame(
    length: int,
    seed: int,
    *,
    scale: float = 0.0,
    days: int = 20,
    tags: tuple[Any, ...] = ("", "dip", "breakout"),
    shape: str = "any",
) -> pd.DataFrame:
    """Trades as ``trade_list_to_dataframe`` gives them; many are closed at the same time."""
    rng = np.random.default_rng(seed)
    profit = rng.standard_normal(length) * 10.0 ** (rng.normal(0, 1.5, length) + scale)
    if shape == "repeats":
        profit = rng.choice([1.25, -0.75, 0.0, 3.5], length)
    elif shape == "winners":
        profit = np.abs(profit)
    elif shape == "losers":
        profit = -np.abs(profit)
    elif shape == "constant":
        profit = np.full(length, profit[0] if length else 0.0)
    profit = np.round(profit, 8)
    minutes = rng.integers(0, 600, length) * 5
    steps = np.sort(rng.integers(0, days * 24, length))
    if shape == "unsorted":
        rng.shuffle(steps)
    closed = pd.Timestamp(START) + pd.to_timedelta(steps * 60, unit="min")
    opened = closed - pd.to_timedelta(minutes, unit="min")
    stake = np.round(rng.lognormal(4, 1, length), 8)
    return pd.DataFrame(
        {
            "pair": rng.choice(PAIRS[:3], length).tolist(),
            "stake_amount": stake,
            "open_date": opened.as_unit("us"),
            "close_date": closed.as_unit("us"),
            "open_rate": rng.lognormal(0, 1, length),
            "trade_duration": minutes,
            "profit_ratio": np.where(profit == 0, 0.0, profit / stake),
            "profit_abs": profit,
            "exit_reason": rng.choice(["roi", "stop_loss", "force_exit"], length).tolist(),
            "enter_tag": [tags[tag] for tag in rng.integers(0, len(tags), length)],
            "is_open": False,
            "is_short": rng.random(length) < 0.3,
            "orders": [[{"cost": float(value), "ft_is_entry": True}] for value in stake],
        }
    )


SHAPES = ("any", "repeats", "winners", "losers", "constant", "unsorted")


@st.composite
def trades(draw: st.DrawFn, least: int = 1, most: int = 60) -> pd.DataFrame:
    return trades_frame(
        draw(st.integers(least, most)),
        draw(st.integers(0, 2**32)),
        scale=draw(st.floats(-4, 4)),
        days=draw(st.sampled_from([1, 6, 60])),
        tags=draw(st.sampled_from([("", "dip"), ("b", "a", "B", "ä"), (None, "x"), (None,)])),
        shape=draw(st.sampled_from(SHAPES)),
    )
