"""Every stream gives TA-Lib's bits, candle by candle, and those of the function over the series."""

from __future__ import annotations

import copy
import pickle
import platform
import runpy
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from candles import Columns, assert_identical, candles, same_bits
from definitions import in_order
from hypothesis import given
from hypothesis import strategies as st

from ft_numba_aot import backend, stream, talib_func
from ft_numba_aot.stream import _kernels, _memory
from ft_numba_aot.ta import _unstable
from ft_numba_aot.ta._lookback import LOOKBACK
from ft_numba_aot.ta._table import DEFINITIONS, Definition

talib = pytest.importorskip("talib", reason="TA-Lib is the original")
theirs = pytest.importorskip("talib.stream", reason="TA-Lib is the original")
pytestmark = [
    pytest.mark.skipif(talib.__version__ != "0.8.2", reason="the reference is TA-Lib 0.8.2"),
    pytest.mark.skipif(
        platform.machine().lower() not in {"x86_64", "amd64"},
        reason="TA-Lib's own wheels differ between architectures",
    ),
]

SHAPES = ("walk", "decades", "ticks", "constant", "repeats", "levels")


def columns_of(
    definition: Definition, rng: np.random.Generator, rows: int, shape: str
) -> list[Any]:
    """The function's inputs, by TA-Lib's names of them."""
    columns = candles(rng, rows, shape)
    columns |= {"real": columns["close"], "real0": columns["high"], "real1": columns["low"]}
    return [columns[name] for name in definition.arguments]


def drawn(definition: Definition, rng: np.random.Generator, most: int) -> list[Any]:
    """Parameters in range, with periods of up to ``most``."""
    values: dict[str, Any] = {}
    for one in definition.parameters:
        if isinstance(one.default, int):
            values[one.name] = int(rng.integers(one.low, max(one.low, min(one.high, most)) + 1))
        else:
            values[one.name] = float(np.clip(rng.lognormal(0, 1), one.low, one.high))
    return list(in_order(values).values())


def same(ours: Any, other: Any) -> bool:
    """The same types, and the same bits."""
    if isinstance(other, tuple):
        return type(ours) is tuple and all(map(same, ours, other))
    return type(ours) is type(other) and same_bits(np.array([ours]), np.array([other]))


def at(results: Any, row: int) -> Any:
    """What a stream gives, of a function's outputs."""
    if isinstance(results, tuple):
        return tuple(result[row].item() for result in results)
    return results[row].item()


def forget_older(one: Any, name: str, values: list[Any], lookback: int) -> None:
    """Spoil the candles further back than the next candle's value may depend on."""
    head, rings, _ = _memory.layout(name)._sizes(values)
    memory = one._memory
    count, length = int(memory[_memory.COUNT]), int(memory[_memory.MASK]) + 1
    ring = memory[head : head + rings * length].reshape(rings, length)
    ring[:, np.arange(count - length, count - lookback - 1) & (length - 1)] = 1.5e5


def check(name: str, rng: np.random.Generator, shape: str, values: list[Any], head: int) -> None:
    """A stream of ours beside TA-Lib's, until its rings have gone around."""
    definition = DEFINITIONS[name]
    lookback = LOOKBACK[name](*values)
    more = _memory.ring_length(lookback) + 3
    start = head + lookback + _unstable.delay(definition, values) + 1 + int(rng.integers(0, 5))
    inputs = columns_of(definition, rng, start + more, shape)
    for column in inputs:
        column[:head] = np.nan
    history = [column[:start] for column in inputs]
    whole = getattr(talib_func, name)(*inputs, *values)
    ours, filled = getattr(stream, name).open_and_fill(*history, *values)
    other, expected = getattr(theirs, name).open_and_fill(*history, *values)
    assert_identical(filled, expected, (name, values))
    for row in range(start, start + more):
        assert same(ours.value, other.value), (name, values, row)
        candle = [float(column[row]) for column in inputs]
        forget_older(ours, name, values, lookback)
        if row % 7 == 0:
            assert same(ours.peek(*candle), other.peek(*candle)), (name, values, row)
            ours = pickle.loads(pickle.dumps(ours))
        updated = ours.update(*candle)
        assert same(updated, other.update(*candle)), (name, values, row)
        assert same(updated, at(whole, row)), (name, values, row)
    assert ours.out_range == tuple(other.out_range)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_same_as_talibs_and_as_the_whole_series(name: str) -> None:
    check(
        name, np.random.default_rng(5), "walk", [p.default for p in DEFINITIONS[name].parameters], 3
    )


@given(
    name=st.sampled_from(sorted(DEFINITIONS)),
    seed=st.integers(0, 2**32 - 1),
    shape=st.sampled_from(SHAPES),
    most=st.integers(2, 20),
)
def test_same_whatever_the_candles_and_parameters(
    name: str, seed: int, shape: str, most: int
) -> None:
    rng = np.random.default_rng(seed)
    check(name, rng, shape, drawn(DEFINITIONS[name], rng, most), int(rng.integers(0, 3)))


@contextmanager
def unstable(periods: dict[str, int]) -> Iterator[None]:
    """With these unstable periods in both libraries, where no stream may be left at the end."""
    try:
        for module in (talib, talib_func):
            for name, period in periods.items():
                module.set_unstable_period(name, period)
        yield
    except BaseException as error:
        traceback.clear_frames(error.__traceback__)
        raise
    finally:
        for module in (talib, talib_func):
            module.set_unstable_period("ALL", 0)


UNSTABLE = [
    name
    for name, definition in DEFINITIONS.items()
    if _unstable.unstable_periods(name) or _unstable.averages(definition)
]


@given(
    name=st.sampled_from(UNSTABLE),
    periods=st.dictionaries(
        st.sampled_from([*_unstable.FUNCTIONS]), st.sampled_from([1, 3, 40]), max_size=3
    ),
    own=st.sampled_from([0, 1, 3, 40]),
    seed=st.integers(0, 2**32 - 1),
    shape=st.sampled_from(SHAPES),
)
def test_unstable_periods_hold_back_or_refuse_as_in_the_functions(
    name: str, periods: dict[str, int], own: int, seed: int, shape: str
) -> None:
    rng = np.random.default_rng(seed)
    definition = DEFINITIONS[name]
    values = drawn(definition, rng, 9)
    with unstable(periods | dict.fromkeys(_unstable.unstable_periods(name), own)):
        try:
            _unstable.delay(definition, values)
        except Exception as refused:
            with pytest.raises(Exception) as raised:  # noqa: PT011
                getattr(stream, name)(*columns_of(definition, rng, 300, shape), *values)
            assert str(raised.value) == str(refused)  # noqa: PT017
            return
        try:
            check(name, rng, shape, values, int(rng.integers(0, 3)))
        except Exception as error:
            assert (name, "DX isn't computed" in str(error)) == ("DX", True)  # noqa: PT017


def test_unstable_periods_change_while_no_stream_is_open() -> None:
    def change(module: Any, *given: Any) -> str:
        try:
            module.set_unstable_period(*given)
        except Exception as error:
            return f"{type(error)} {error}"
        return ""

    with unstable({"RSI": 4}):
        one, other = stream.RSI(CLOSE), theirs.RSI(CLOSE)
        assert one.out_range == tuple(other.out_range) == (18, 42)
        for given in [("RSI", 4), ("EMA", 1), ("ALL", 0), ("SMA", 1), ("RSI", 10**9)]:
            assert change(talib_func, *given) == change(talib, *given) != ""
        one, other = pickle.loads(pickle.dumps(one)), other.copy()
        assert change(talib_func, "RSI", 5) == change(talib, "RSI", 5) != ""
        del one, other
        empty = stream.RSI.__new__(stream.RSI), theirs.RSI.__new__(theirs.RSI)
        assert change(talib_func, "RSI", 10**9) == change(talib, "RSI", 10**9) != ""
        assert change(talib_func, "RSI", 5) == change(talib, "RSI", 5) == ""
        del empty
        for module in (stream, theirs):
            with pytest.raises(Exception, match="19 bars of history, at least 20 needed"):
                module.RSI(CLOSE[:19])


def history(rows: int = 60) -> Columns:
    return candles(np.random.default_rng(2), rows)


CLOSE = history()["close"]
CALLS: dict[str, Callable[[Any], Any]] = {
    "no history": lambda s: s.SMA(),
    "too many": lambda s: s.SMA(CLOSE, 5, 6),
    "an unknown keyword": lambda s: s.SMA(CLOSE, period=5),
    "twice": lambda s: s.SMA(CLOSE, real=CLOSE),
    "a list": lambda s: s.SMA([1.0, 2.0]),
    "float32": lambda s: s.SMA(CLOSE.astype(np.float32), 5),
    "integers": lambda s: s.SMA(np.arange(50), 5),
    "two dimensions": lambda s: s.SMA(np.ones((5, 5)), 5),
    "two lengths": lambda s: s.MULT(CLOSE, CLOSE[:5]),
    "empty": lambda s: s.SMA(CLOSE[:0], 5),
    "too short": lambda s: s.SMA(CLOSE[:4], 5),
    "too short to fill": lambda s: s.HT_SINE.open_and_fill(CLOSE[:40]),
    "only NaN": lambda s: s.SMA(CLOSE * np.nan, 5),
    "a period of 0": lambda s: s.SMA(CLOSE, 0),
    "a moving average of no type": lambda s: s.BBANDS.open_and_fill(CLOSE, 20, 2.0, 2.0, 99),
    "limits that contradict": lambda s: s.MAVP(CLOSE, CLOSE, 5, 3),
    "a NaN for a parameter": lambda s: s.STDDEV(CLOSE, 5, np.nan),
    "None for a period": lambda s: s.SMA(CLOSE, None),
    "text for a period": lambda s: s.SMA(CLOSE, "5"),
    "a period past C's int": lambda s: s.SMA(CLOSE, 2**31),
    "text for a number": lambda s: s.STDDEV(CLOSE, 5, "1"),
    "both libraries": lambda s: s.MULT.open_and_fill(
        pd.Series(CLOSE), pytest.importorskip("polars").Series(CLOSE)
    ),
    "a candle that is NaN": lambda s: s.SMA(CLOSE, 5).update(np.nan),
    "a candle that is infinite": lambda s: s.MULT(CLOSE, CLOSE).update(1.0, -np.inf),
    "a glimpse of NaN": lambda s: s.SMA(CLOSE, 5).peek(np.nan),
    "text for a candle": lambda s: s.SMA(CLOSE, 5).update("1.5"),
    "None for a candle": lambda s: s.SMA(CLOSE, 5).update(None),
    "a candle that is too large": lambda s: s.SMA(CLOSE, 5).update(10**400),
    "update without history": lambda s: s.SMA.__new__(s.SMA).update(1.0),
    "peek without history": lambda s: s.SMA.__new__(s.SMA).peek(1.0),
    "value without history": lambda s: s.SMA.__new__(s.SMA).value,
    "copy without history": lambda s: s.SMA.__new__(s.SMA).copy(),
    "out_range without history": lambda s: s.SMA.__new__(s.SMA).out_range,
    "advance without history": lambda s: s.SMA.__new__(s.SMA).advance(),
    "opened anew in vain": lambda s: s.SMA(CLOSE, 5).__init__(CLOSE, 0),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_errors_are_talibs(call: Callable[[Any], Any]) -> None:
    with pytest.raises(Exception) as expected:  # noqa: PT011
        call(theirs)
    with pytest.raises(Exception) as raised:  # noqa: PT011
        call(stream)
    assert isinstance(raised.value, type(expected.value))
    assert str(raised.value) == str(expected.value)
    if isinstance(expected.value, talib.InsufficientHistory):
        assert isinstance(raised.value, stream.InsufficientHistory)


@pytest.mark.parametrize("period", [True, np.int64(5), 5.7, -(2**31)])
def test_periods_that_talib_takes(period: Any) -> None:
    assert stream.SMA(CLOSE, period).value == theirs.SMA(CLOSE, period).value


@pytest.mark.parametrize("name", ["SMA", "BBANDS", "CDLDOJI", "MAXINDEX"])
def test_an_error_and_a_glimpse_change_nothing(name: str) -> None:
    columns = columns_of(DEFINITIONS[name], np.random.default_rng(4), 40, "walk")
    one = getattr(stream, name)(*columns)
    before = pickle.dumps(one)
    one.peek(*[1.5] * len(columns))
    with pytest.raises(Exception, match="TA_BAD_PARAM"):
        one.update(*[np.inf] * len(columns))
    assert pickle.dumps(one) == before


@pytest.mark.parametrize("copied", [lambda s: s.copy(), copy.copy, copy.deepcopy])
def test_copies_go_their_own_way(copied: Callable[[Any], Any]) -> None:
    one = stream.EMA(CLOSE, 5)
    twin = copied(one)
    assert type(twin) is type(one)
    assert twin.update(7.0) == stream.EMA(np.append(CLOSE, 7.0), 5).value
    assert one.value == stream.EMA(CLOSE, 5).value


def test_a_candle_that_is_skipped_counts() -> None:
    one, other = stream.SMA(CLOSE, 5), theirs.SMA(CLOSE, 5)
    one.advance()
    other.advance()
    assert one.out_range == tuple(other.out_range)
    assert one.copy().out_range == one.out_range
    assert one.value == other.value


def test_series_in_series_out() -> None:
    index = pd.date_range("2024-01-01", periods=len(CLOSE), freq="5min")
    series = pd.Series(CLOSE, index)
    for polars_series in (series, pytest.importorskip("polars").Series(CLOSE)):
        _, filled = stream.RSI.open_and_fill(polars_series, 5)
        _, expected = theirs.RSI.open_and_fill(polars_series, 5)
        assert type(filled) is type(expected)
        assert same_bits(filled.to_numpy(), expected.to_numpy())
    assert stream.RSI.open_and_fill(series)[1].index is index


class Named(stream.SMA):
    """A stream with an attribute of its own."""

    pair = ""


def test_pickled_by_every_protocol_and_joblib(tmp_path: Path) -> None:
    joblib = pytest.importorskip("joblib")
    one = Named(np.resize(CLOSE, 300), 90)
    one.pair = "ETH/USDT"
    twins = [pickle.loads(pickle.dumps(one, p)) for p in range(pickle.HIGHEST_PROTOCOL + 1)]
    joblib.dump(one, tmp_path / "stream")
    twins.append(joblib.load(tmp_path / "stream", mmap_mode="r"))
    expected = one.update(3.5)
    for twin in twins:
        assert type(twin) is Named
        assert twin.pair == one.pair
        assert twin.update(3.5) == expected


def test_refuses_what_another_build_pickled(monkeypatch: pytest.MonkeyPatch) -> None:
    pickled = pickle.dumps(stream.SMA(CLOSE, 5))
    monkeypatch.setattr("ft_numba_aot.stream._kernels.fingerprint", lambda: 0)
    with pytest.raises(ValueError, match="another build"):
        pickle.loads(pickled)


@pytest.mark.skipif(backend() != "pure", reason="takes seconds; compiled, every value shows it")
def test_kernels_are_the_functions() -> None:
    assert _kernels._package().kernels.keys() == {name.lower() for name in DEFINITIONS}


def test_every_function_is_there() -> None:
    assert set(theirs.__all__) <= set(stream.__all__)
    assert set(stream.__all__) <= set(dir(stream))
    stubs = runpy.run_path(str(Path(__file__).parents[2] / "docs" / "stream_stubs.py"))
    assert stubs["STUBS"].read_text(encoding="utf-8") == stubs["text"]()
