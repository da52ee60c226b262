"""A backtest's rows are freqtrade's lists: values, types, errors, and the frames that are kept."""

from __future__ import annotations

import copy
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from freqtrade.configuration import TimeRange
from freqtrade.enums import CandleType
from freqtrade.optimize.backtesting import HEADERS, Backtesting
from hypothesis import given
from hypothesis import strategies as st
from integration.freqtrade.frames import START, assert_same, outcome

from ft_numba_aot.freqtrade_integration import rows
from ft_numba_aot.freqtrade_integration.rows import CANDLE, SIGNALS, TAGS, Rows

PAIR = "A/USDT"
NAN = float("nan")

Values = Callable[[int, np.random.Generator], Any]


def _some(*values: Any, dtype: Any = None) -> Values:
    """A column of these values, chosen at random."""

    def make(length: int, rng: np.random.Generator) -> Any:
        return pd.Series([values[i] for i in rng.integers(0, len(values), length)], dtype=dtype)

    return make


NUMBERS: dict[str, Values] = {
    "floats": _some(0.0, -0.0, 1.0, 1.5, 1e300, dtype="float64"),
    "with gaps": _some(1.0, NAN, 0.0, dtype="float64"),
    "gaps alone": _some(NAN, dtype="float64"),
    "infinite": _some(np.inf, -np.inf, NAN, 1.0, dtype="float64"),
    "integers": _some(0, 1, -1, 2**53 + 1, 2**63 - 1, dtype="int64"),
    "small integers": _some(0, 1, dtype="int8"),
    "unsigned": _some(0, 1, 2**64 - 1, dtype="uint64"),
    "short floats": _some(0.1, NAN, 1.0, dtype="float32"),
    "booleans": _some(True, False, dtype="bool"),
    "objects": _some(0, 1, 1.5, True, None, NAN, "1", dtype=object),
    "integral objects": _some(0, 1, NAN, dtype=object),
    "nullable": _some(0, 1, pd.NA, dtype="Int64"),
    "nullable floats": _some(0.5, 1.0, pd.NA, dtype="Float64"),
    "nullable booleans": _some(True, False, pd.NA, dtype="boolean"),
    "text": _some("", "1", None, dtype="str"),
    "categories": _some(0, 1, None, dtype="category"),
    "complex": _some(1j, 0j, dtype="complex128"),
    "durations": _some(pd.Timedelta(1, "s"), pd.NaT),
    "arrow": _some(0, 1, None, dtype="int64[pyarrow]"),
    "sparse": _some(0.0, 1.0, NAN, dtype="Sparse[float64]"),
}

MARKS: dict[str, Values] = {
    "text": _some("", "a", "ä", "x" * 50, dtype="str"),
    "text with gaps": _some("", "a", None, dtype="str"),
    "gaps in text alone": _some(None, dtype="str"),
    "Python's text": _some("", "a", None, dtype=pd.StringDtype("python", na_value=NAN)),
    "nullable text": _some("", "a", pd.NA, dtype="string"),
    "objects": _some("", "a", None, NAN, 0, 1.5, True, pd.NA, pd.NaT, Decimal("nan"), dtype=object),
    "lists": _some("a", [1], ("b",), {}, dtype=object),
    "nothing": _some(None, dtype=object),
    "gaps": _some(NAN, dtype="float64"),
    "numbers": _some(0, 1, dtype="int64"),
    "floats": _some(0.5, NAN, dtype="float64"),
    "categories": _some("a", "b", None, dtype="category"),
    "booleans": _some(True, False, dtype="bool"),
    "dates": _some(pd.Timestamp(START), pd.NaT),
}

PRICES = {
    name: NUMBERS[name]
    for name in (
        "floats",
        "with gaps",
        "infinite",
        "integers",
        "unsigned",
        "short floats",
        "booleans",
        "objects",
        "nullable",
        "text",
    )
}


def _zoned(unit: str, zone: str | None) -> Values:
    def make(length: int, rng: np.random.Generator) -> Any:
        return pd.date_range(pd.Timestamp(START).tz_convert(zone), periods=length, unit=unit)

    return make


def _with_gap(length: int, rng: np.random.Generator) -> Any:
    dates = pd.Series(_zoned("ms", "UTC")(length, rng))
    dates[dates.index == rng.integers(0, length + 1)] = pd.NaT
    return dates


DATES: dict[str, Values] = {
    "ms": _zoned("ms", "UTC"),
    "ns": _zoned("ns", "UTC"),
    "elsewhere": _zoned("us", "Europe/Paris"),
    "without zone": _zoned("ms", None),
    "with a gap": _with_gap,
    "numbers": NUMBERS["integers"],
}


def _same(frame: pd.DataFrame) -> pd.DataFrame:
    return frame


def _labels(*labels: int) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.set_axis([labels[i % len(labels)] for i in range(len(frame))])

    return change


def _with_attributes(frame: pd.DataFrame) -> pd.DataFrame:
    frame.attrs["source"] = ["somewhere"]
    return frame


def _levels(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_axis(pd.MultiIndex.from_product([frame.columns, ["x"]]), axis=1)


class _Frame(pd.DataFrame):
    @property
    def _constructor(self) -> Any:
        return _Frame


SHAPES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "plain": _same,
    "one block": lambda frame: frame.copy(),
    "later labels": lambda frame: frame.set_axis(pd.RangeIndex(7, 7 + len(frame))),
    "descending labels": lambda frame: frame.iloc[::-1],
    "every other": lambda frame: frame.iloc[::2],
    "unique labels": lambda frame: frame.set_axis(np.arange(len(frame))[::-1].copy()),
    "repeated labels": _labels(3, 3, 1),
    "dates for labels": lambda frame: frame.set_axis(
        pd.date_range(START, periods=len(frame), freq="5min")
    ),
    "a column twice": lambda frame: pd.concat([frame, frame.iloc[:, [1]]], axis=1),
    "a signal twice": lambda frame: pd.concat([frame, frame.iloc[:, [-1]]], axis=1),
    "another column": lambda frame: frame.assign(other="x"),
    "reversed columns": lambda frame: frame.iloc[:, ::-1],
    "no close": lambda frame: frame.drop(columns="close"),
    "no date": lambda frame: frame.drop(columns="date"),
    "attributes": _with_attributes,
    "levels": _levels,
    "named columns": lambda frame: frame.rename_axis(columns="what"),
    "numbered column": lambda frame: frame.assign(**{"x": 1}).rename(columns={"x": 5}),
    "subclass": _Frame,
}


@st.composite
def analyzed(draw: st.DrawFn, kinds: dict[str, dict[str, Values]]) -> pd.DataFrame:
    """What a strategy might make of a pair's candles."""
    length = draw(st.sampled_from([0, 1, 2, 3, 9]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    columns = {}
    for header in HEADERS:
        names = sorted(kinds[header])
        if header in SIGNALS and not draw(st.integers(0, 2)):
            continue
        columns[header] = kinds[header][draw(st.sampled_from(names))](length, rng)
    frame = pd.DataFrame(columns, index=pd.RangeIndex(length))
    return SHAPES[draw(st.sampled_from(sorted(SHAPES)))](frame)


def _kinds(
    dates: dict[str, Values],
    prices: dict[str, Values],
    numbers: dict[str, Values],
    marks: dict[str, Values],
) -> dict[str, dict[str, Values]]:
    kinds = {"date": dates, **dict.fromkeys(CANDLE[1:], prices)}
    return kinds | {header: marks if header in TAGS else numbers for header in SIGNALS}


ANY = _kinds(DATES, PRICES, NUMBERS, MARKS)
USUAL = _kinds(
    {name: DATES[name] for name in ("ms", "ns", "elsewhere", "with a gap")},
    {name: PRICES[name] for name in ("floats", "with gaps", "integers")},
    {name: NUMBERS[name] for name in ("floats", "with gaps", "gaps alone", "infinite", "integers")},
    {
        name: MARKS[name]
        for name in ("text", "text with gaps", "Python's text", "objects", "lists", "nothing")
    },
)


def _convert(
    function: Any, frame: pd.DataFrame, startup: int = 0
) -> tuple[list[Any] | None, dict[str, Any], list[Any]]:
    """The lists of one pair, with the frames that are kept; None for what isn't of rows."""
    cached: list[Any] = []
    backtesting = SimpleNamespace(
        check_abort=lambda: None,
        progress=None,
        _set_progress_step=lambda *_: None,
        _increment_progress=lambda: None,
        strategy=SimpleNamespace(ft_advise_signals=lambda dataframe, metadata: dataframe),
        dataprovider=SimpleNamespace(_set_cached_df=lambda *args: cached.append(args)),
        timeframe="5m",
        config={"candle_type_def": CandleType.SPOT},
        timerange=TimeRange(),
        required_startup=startup,
    )
    processed = {PAIR: frame}
    data = function(backtesting, processed)
    return data[PAIR], processed, cached


def _ours(frame: pd.DataFrame, startup: int = 0, *, callbacks: bool = True) -> Any:
    with (
        patch.object(rows.progress, "begin"),
        patch.object(rows.progress, "advance"),
        patch.object(rows, "runs_user_code", return_value=callbacks),
    ):
        return _convert(rows.get_ohlcv_as_lists, frame, startup)


def _check(frame: pd.DataFrame, startup: int = 0) -> Any:
    """Convert both ways; returns our rows."""
    copies = [frame.copy(), frame.copy()]
    for mine in copies:
        mine.attrs = copy.deepcopy(frame.attrs)
    stock, *stock_said = outcome(_convert, Backtesting._get_ohlcv_as_lists, frame, startup)
    for callbacks, mine in zip((False, True), copies, strict=True):
        ours, *ours_said = outcome(_ours, mine, startup, callbacks=callbacks)
        found = _compare(stock, stock_said, ours, ours_said)
    return found


def _compare(stock: Any, stock_said: list[Any], ours: Any, ours_said: list[Any]) -> Any:
    assert [*stock_said] == [*ours_said]
    if not isinstance(stock[0], list):
        assert stock == ours
        return None
    found = ours[0]
    assert_same(stock[0], [found[i] for i in range(len(found))])
    assert_same(stock[0], list(found))
    assert_same(stock[0][1:3], found[1:3])
    for before, after in zip(stock[1:], ours[1:], strict=True):
        assert repr(before) == repr(after)
    return found


@given(analyzed(ANY), st.integers(0, 2))
def test_rows_of_any_frame(frame: pd.DataFrame, startup: int) -> None:
    _check(frame, startup)


@given(analyzed(USUAL), st.integers(0, 2))
def test_rows_of_usual_frames(frame: pd.DataFrame, startup: int) -> None:
    _check(frame, startup)


def _frame(**columns: Any) -> pd.DataFrame:
    length = 6
    rng = np.random.default_rng(1)
    given_columns = {name: make(length, rng) for name, make in columns.items()}
    candle = {"date": DATES["ms"](length, rng)} | {name: np.arange(6.0) for name in CANDLE[1:]}
    return pd.DataFrame({**candle, **given_columns})


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize("kind", sorted(NUMBERS | MARKS))
def test_each_kind_of_signal(name: str, kind: str) -> None:
    _check(_frame(**{name: (NUMBERS | MARKS)[kind]}))


@pytest.mark.parametrize("kind", sorted(PRICES))
def test_each_kind_of_price(kind: str) -> None:
    _check(_frame(high=PRICES[kind], close=PRICES[kind]))


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_each_shape(shape: str) -> None:
    _check(SHAPES[shape](_frame(enter_long=NUMBERS["with gaps"], enter_tag=MARKS["text"])))


@pytest.mark.parametrize("kind", ["text", "text with gaps", "Python's text", "objects"])
def test_usual_frames_are_not_converted_by_pandas(kind: str) -> None:
    frame = _frame(enter_long=NUMBERS["with gaps"], enter_short=NUMBERS["integers"])
    frame = frame.assign(enter_tag=MARKS[kind](len(frame), np.random.default_rng(1)))
    with patch.object(rows, "_rows_by_frame", side_effect=AssertionError):
        assert isinstance(_check(frame), Rows)


@pytest.mark.parametrize("callbacks", [False, True])
@pytest.mark.parametrize("header", HEADERS)
def test_rows_stay_as_they_were_when_the_frame_is_written_to(header: str, callbacks: bool) -> None:
    frame = _frame(
        enter_long=NUMBERS["floats"],
        exit_long=NUMBERS["integers"],
        enter_short=NUMBERS["with gaps"],
        exit_short=NUMBERS["floats"],
        enter_tag=MARKS["objects"],
        exit_tag=MARKS["text"],
    )
    expected = _convert(Backtesting._get_ohlcv_as_lists, frame.copy())[0]
    found, processed, _ = _ours(frame, callbacks=callbacks)
    assert isinstance(found, Rows)
    shared = np.shares_memory(found.columns["open"], frame["open"].to_numpy())
    assert shared is not callbacks
    frame.loc[:, header] = frame[header].iloc[3]
    frame.loc[2, header] = frame[header].iloc[4]
    processed[PAIR].loc[:, header] = processed[PAIR][header].iloc[0]
    assert_same(expected, list(found))
