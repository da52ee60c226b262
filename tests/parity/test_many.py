"""``Function.many`` and ``ta.batch`` give the bits, and the errors, of one call after the other."""

from __future__ import annotations

import sys
from typing import Any

import mutants
import numpy as np
import pandas as pd
import polars
import pytest
from candles import HEADS, SHAPES, any_candles, candles, frame, same_bits
from definitions import REPRESENTATIVES, parameters_of, values_of
from hypothesis import given
from hypothesis import strategies as st
from mutants import PlainProduct
from outcomes import outcome

from ft_numba_aot import _backend, ta
from ft_numba_aot.ta import _batch, _many_kernels, _unstable
from ft_numba_aot.ta._table import DEFINITIONS

LANES = _many_kernels._LANES
TOGETHER = [*_many_kernels.KERNELS]
PURE = _backend._pure_kernels()


def columns_of(name: str, results: Any) -> list[Any]:
    """The columns that one call's results make, whatever holds them."""
    if isinstance(results, pd.DataFrame):
        return [results[one].to_numpy() for one in results.columns]
    if isinstance(results, polars.DataFrame):
        return [results[one].to_numpy() for one in results.columns]
    several = results if isinstance(results, list) else [results]
    return [np.asarray(one) for one in several]


def assert_as_single_calls(name: str, given_: list[Any], values: list[dict[str, Any]]) -> None:
    """``many`` of these parameters, against a call for each."""
    function = ta.Function(name)
    ours = outcome(function.many, *given_, combinations=values)
    theirs: list[Any] = []
    for each in values:
        one = outcome(ta.Function(name), *given_, **each)
        if one.error is not None:
            assert type(ours.error) is type(one.error), (name, each, ours)
            assert str(one.error) in str(ours.error), (name, each)
            return
        theirs += columns_of(name, one.result)
    assert ours.error is None, (name, values, ours.error)
    found = [ours.result[one].to_numpy() for one in ours.result.columns]
    assert len(found) == len(theirs)
    for column, one, other in zip(ours.result.columns, found, theirs, strict=True):
        assert same_bits(one, other), (name, column, one, other)


def distinct(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*{tuple(each.values()): each for each in values}.values()]


def in_a_row(low: int) -> st.SearchStrategy[list[int]]:
    """Periods as a strategy asks for them, whose windows' oldest values lie side by side."""
    return st.builds(
        lambda first, count: [*range(first, first + count)],
        st.integers(low, 40),
        st.integers(LANES, LANES + 2),
    )


@pytest.mark.parametrize("name", TOGETHER)
@given(data=st.data())
def test_several_in_one_pass(name: str, data: st.DataObject) -> None:
    columns = data.draw(any_candles(max_size=260))
    definition = DEFINITIONS[name]
    period = definition.parameters[0]
    periods = st.one_of(values_of(period, len(columns["close"])), st.integers(int(period.low), 24))
    others = parameters_of(data.draw, definition, len(columns["close"]))
    if "matype" in others:
        others["matype"] = data.draw(st.sampled_from([0, 0, 0, 1, 11]))
    chosen = data.draw(st.one_of(st.lists(periods, max_size=24), in_a_row(int(period.low))))
    values = [others | {period.name: one} for one in chosen]
    assert_as_single_calls(name, [frame(columns)], distinct(values))


@pytest.mark.parametrize("name", TOGETHER)
def test_a_long_series_in_one_pass(name: str) -> None:
    """Where sums are started anew, blocks end, and rings go round."""
    length = 230 if _backend.backend() == "pure" else 3_000
    columns = candles(np.random.default_rng(4), length, "walk", head="common")
    low = int(DEFINITIONS[name].parameters[0].low)
    periods = [*range(low, 27), 1_000, length - 1, length, length + 1, 40]
    assert_as_single_calls(name, [frame(columns)], [{"timeperiod": one} for one in periods])


@pytest.mark.parametrize("name", TOGETHER)
@given(data=st.data())
def test_native_equals_pure(name: str, data: st.DataObject) -> None:
    kernel = _many_kernels.KERNELS[name].name
    if _backend._native is None or not hasattr(_backend._native, kernel):
        pytest.skip("there is no native kernel")
    columns = data.draw(any_candles(max_size=90))
    definition = DEFINITIONS[name]
    arrays = [columns[one] for one in ("high", "low", "close")[-len(definition.arguments) :]]
    low = int(definition.parameters[0].low)
    lows = low + (not _many_kernels.KERNELS[name].suits([low, 0.0, 0.0, 0]))
    some = st.sets(st.integers(lows, 60), min_size=1, max_size=20)
    periods = sorted(data.draw(st.one_of(some, in_a_row(lows))))
    native, pure = (ran(name, arrays, periods, call) for call in (_backend.call, in_python))
    assert same_bits(native, pure)


def in_python(kernel: str) -> Any:
    return _backend._pure(PURE[kernel])


def ran(name: str, arrays: list[Any], periods: list[int], call: Any) -> Any:
    """All rows that a kernel for many periods writes."""
    many = _many_kernels.KERNELS[name]
    outputs, length = len(DEFINITIONS[name].outputs), len(arrays[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_backend, "call", call)
        first, second, third, begin = many.inputs(arrays, {})
    up, down = many.factors([periods[-1], 2.1, 1.5, 0])
    size = PURE[many.name].work
    assert size is not None
    out = np.empty(outputs * len(periods) * length)
    lanes = np.minimum(np.arange(-(-len(periods) // LANES) * LANES), len(periods) - 1)
    call(many.name)(
        *(first, second, third, np.array(periods)[lanes], lanes * outputs * length),
        *(begin, float(up), down, out),
        np.empty(size(length, begin, up, down)),
    )
    return out


@pytest.mark.parametrize(
    ("module", "site"),
    [
        (module, site)
        for module in ("many", "many_windows")
        for site in range(mutants.sites(PlainProduct, module))
    ],
)
def test_plain_multiply_add_is_noticed(module: str, site: int) -> None:
    package, _ = mutants.mutant(PlainProduct, module, site)
    kernels = sys.modules[f"{package.__name__}._spec"].KERNELS
    rng = np.random.default_rng(7)
    close = np.exp(np.cumsum(rng.normal(0, 0.02, 80)))
    high, low = close * 1.01, close * 0.99

    def differs(name: str) -> bool:
        arrays = [close] if len(DEFINITIONS[name].arguments) == 1 else [high, low, close]
        results = [
            ran(name, arrays, [*range(3, 12)], lambda one, of=of: _backend._pure(of[one]))
            for of in (kernels, PURE)
        ]
        return not same_bits(*results)

    assert any(differs(name) for name in TOGETHER)


@given(data=st.data())
def test_every_shape_of_function(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(REPRESENTATIVES))
    columns = data.draw(any_candles(max_size=60))
    length = len(columns["close"])
    values = [parameters_of(data.draw, DEFINITIONS[name], length) for _ in range(3)]
    assert_as_single_calls(name, [frame(columns)], distinct(values))


def test_every_function() -> None:
    columns = candles(np.random.default_rng(3), 70)
    for name, definition in DEFINITIONS.items():
        defaults = {p.name: p.default for p in definition.parameters}
        values = [defaults]
        if "timeperiod" in defaults:
            values += [defaults | {"timeperiod": 5}, defaults | {"timeperiod": 6}]
        assert_as_single_calls(name, [frame(columns)], distinct(values))
        assert ta.Function(name).many(frame(columns)).columns[0].startswith(name.lower())


def test_every_kind_of_input() -> None:
    columns = candles(np.random.default_rng(5), 90, head="common")
    candle_frame = frame(columns).set_index("date")
    periods, names = [9, 4, 5, 6, 7], ["sma_9", "sma_4", "sma_5", "sma_6", "sma_7"]
    expected = [ta.SMA(columns["close"], timeperiod=one) for one in periods]
    close = candle_frame["close"]
    for given_ in (candle_frame, close, columns, columns["close"], columns["close"][::1]):
        found = ta.SMA.many(given_, timeperiod=periods)
        assert isinstance(found, pd.DataFrame)
        assert [*found.columns] == names
        for one, other in zip(names, expected, strict=True):
            assert same_bits(found[one].to_numpy(), other)
    assert ta.SMA.many(candle_frame, periods).index is candle_frame.index
    assert ta.SMA.many(close, timeperiod=periods).index is close.index
    assert ta.SMA.many(columns, timeperiod=periods).index.equals(pd.RangeIndex(90))
    polars_frame = polars.DataFrame(columns)
    for given_ in (polars_frame, polars_frame["close"]):
        found = ta.SMA.many(given_, timeperiod=periods)
        assert isinstance(found, polars.DataFrame)
        assert found.columns == names
        assert same_bits(found["sma_4"].to_numpy(), expected[1])
    opened = ta.SMA.many(candle_frame, timeperiod=[3], price="open")["sma_3"]
    assert same_bits(opened.to_numpy(), ta.SMA(columns["open"], timeperiod=3))


@pytest.mark.parametrize(
    ("name", "keywords", "expected"),
    [
        ("SMA", {"timeperiod": range(5, 8)}, ["sma_5", "sma_6", "sma_7"]),
        ("SMA", {"timeperiod": [7, 5, 7]}, ["sma_7", "sma_5"]),
        ("SMA", {"timeperiod": []}, []),
        ("SMA", {"timeperiod": 7}, ["sma_7"]),
        ("SMA", {}, ["sma"]),
        ("OBV", {}, ["obv"]),
        ("SMA", {"timeperiod": [7], "name": "buy_{name}{timeperiod}"}, ["buy_sma7"]),
        ("STDDEV", {"timeperiod": [5], "nbdev": 2.0}, ["stddev_5"]),
        ("STDDEV", {"timeperiod": [5], "nbdev": [1.0, 2.5]}, ["stddev_5_1.0", "stddev_5_2.5"]),
        ("AROON", {"timeperiod": [5]}, ["aroon_5_aroondown", "aroon_5_aroonup"]),
        (
            "AROON",
            {"timeperiod": [5], "name": "{output}_{timeperiod}"},
            ["aroondown_5", "aroonup_5"],
        ),
        (
            "APO",
            {"slowperiod": [20, 30], "fastperiod": [3, 4]},
            ["apo_3_20", "apo_3_30", "apo_4_20", "apo_4_30"],
        ),
        (
            "APO",
            {"combinations": [{"fastperiod": 3, "slowperiod": 20}, {"slowperiod": 9}]},
            ["apo_3_20", "apo_12_9"],
        ),
    ],
)
def test_names_of_columns(name: str, keywords: dict[str, Any], expected: list[str]) -> None:
    found = ta.Function(name).many(frame(candles(np.random.default_rng(6), 40)), **keywords)
    assert [*found.columns] == expected
    assert len(found) == 40


@pytest.mark.parametrize(
    ("keywords", "error", "message"),
    [
        ({"timeperiod": [5, 6, 0]}, Exception, "timeperiod=0 is not in 1 to 100000"),
        ({"timeperiod": [5, 6.0]}, TypeError, "expected int, got float.*: timeperiod=6.0"),
        ({"timeperiod": np.arange(5, 7)}, TypeError, "got int64"),
        ({"timeperiod": [5, 2**31]}, OverflowError, "timeperiod=2147483648"),
        ({"timeperiod": [5, 6], "name": "x"}, ValueError, "two columns the name 'x'"),
        ({"name": "{period}"}, ValueError, "asks for period; there are name, output, timeperiod"),
        ({"combinations": [{"period": 5}]}, TypeError, "SMA has no period"),
        ({"combinations": [], "timeperiod": [5]}, TypeError, "has the values of timeperiod"),
        ({"price": "cloze"}, Exception, "missing required data key: cloze"),
    ],
)
def test_errors(keywords: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ta.SMA.many(frame(candles(np.random.default_rng(6), 40)), **keywords)


def test_state_stays_as_it_is() -> None:
    function = ta.Function("SMA", timeperiod=7)
    function.many(frame(candles(np.random.default_rng(6), 40)), timeperiod=[3, 4], price="open")
    assert function.parameters == {"timeperiod": 7}
    assert function.input_names == {"price": "close"}
    assert len(function.input_arrays) == 0
    function.set_input_arrays(candles(np.random.default_rng(6), 40))
    assert [*function.many().columns] == ["sma"]
    assert same_bits(function.many()["sma"].to_numpy(), function.outputs)


def test_unstable_period_holds_results_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_unstable, "periods", {"ATR": 5, "EMA": 3})
    given_ = [frame(candles(np.random.default_rng(6), 60))]
    for name in ("ATR", "EMA"):
        assert_as_single_calls(name, given_, [{"timeperiod": one} for one in range(3, 9)])
        assert ta.Function(name).many(*given_, timeperiod=range(3, 9)).isna().sum().sum() > 27


TASKS: list[Any] = [
    "ADX",
    "atr",
    ("NATR", {}),
    ("SMA", {"timeperiod": range(4, 12)}),
    ("SMA", {"timeperiod": 20}),
    ("EMA", {"timeperiod": 9, "name": "fast", "price": "open"}),
    ("BBANDS", {"timeperiod": [5, 6, 7, 8]}),
    "CDLDOJI",
    "SUPERTREND",
    (ta.MOM, {"combinations": [{"timeperiod": 3}]}),
    ta.TRANGE,
]


@pytest.mark.parametrize(("threads", "worth"), [(None, 200_000), (None, 0), (1, 0), (3, 200_000)])
def test_batch(threads: int | None, worth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_batch, "_WORTH_A_THREAD", worth)
    rng = np.random.default_rng(8)
    frames = {
        f"{shape}/USDT": frame(candles(rng, 30 + 20 * i, shape, head=HEADS[i % 3])).iloc[i:]
        for i, shape in enumerate(SHAPES)
    }
    before = {pair: one.copy() for pair, one in frames.items()}
    found = ta.batch(frames, TASKS, threads=threads)
    assert [*found] == [*frames]
    for pair, given_ in frames.items():
        pd.testing.assert_frame_equal(given_, before[pair], check_exact=True)
        expected: dict[str, Any] = {}
        for task in TASKS:
            function, keywords = task if isinstance(task, tuple) else (task, {})
            if isinstance(function, str):
                function = ta.Function(function)
            expected |= function.many(given_, **keywords).items()
        assert [*found[pair].columns] == [*expected]
        assert found[pair].index is given_.index
        for column, other in expected.items():
            assert same_bits(found[pair][column].to_numpy(), other.to_numpy()), (pair, column)
    assert all(one.dtype == np.float64 for one in expected.values() if one.name != "cdldoji")


def test_batch_computes_what_is_shared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def call(kernel: str) -> Any:
        asked.append(kernel)
        return in_python(kernel)

    monkeypatch.setattr(_backend, "call", call)
    monkeypatch.setattr(_many_kernels, "_has", lambda kernel: True)
    tasks: list[Any] = [
        "ATR",
        "NATR",
        "ADX",
        ("ADX", {"timeperiod": 5}),
        ("SMA", {"timeperiod": range(5, 8)}),
        "RSI",
    ]
    frames = {"A": frame(candles(np.random.default_rng(6), 60))}
    ta.batch(frames, [*tasks, ("SMA", {"timeperiod": 8})])
    inputs = ["true_ranges", "directional_moves", "first_candle", "first_candle"]
    kernels = ["atr_many", "natr_many", "adx_many", "sma_many"]
    assert sorted(asked) == sorted([*inputs, *kernels])


def test_batch_takes_the_callers_parameters_and_polars() -> None:
    function = ta.Function("SMA", timeperiod=7)
    columns = candles(np.random.default_rng(6), 40)
    found = ta.batch({one: polars.DataFrame(columns) for one in "AB"}, [function], threads=2)
    assert found["A"].columns == ["sma"]
    assert same_bits(found["B"]["sma"].to_numpy(), ta.SMA(columns["close"], timeperiod=7))


@pytest.mark.parametrize(
    ("tasks", "keywords", "error", "message"),
    [
        (["SMA", ("SMA", {})], {}, ValueError, "batch gives two columns the name 'sma'"),
        (["SMAA"], {}, Exception, "SMAA not supported by TA-LIB"),
        ([5], {}, TypeError, "5 is no indicator"),
        ([("SMA", {"timeperiod": 0})], {}, Exception, "timeperiod=0 is not in"),
        (["SMA"], {"threads": 0}, ValueError, "threads=0: at least 1"),
    ],
)
def test_batch_errors(
    tasks: list[Any], keywords: dict[str, Any], error: type[Exception], message: str
) -> None:
    frames = {one: frame(candles(np.random.default_rng(6), 40)) for one in "AB"}
    with pytest.raises(error, match=message):
        ta.batch(frames, tasks, **keywords)
    with pytest.raises(TypeError, match="'C' has no DataFrame, but a dict"):
        ta.batch({"C": {}}, ["SMA"])


def test_batch_takes_an_iterator_once() -> None:
    frames = {one: frame(candles(np.random.default_rng(2), 60, "walk")) for one in "AB"}
    found = ta.batch(frames, [("SMA", {"timeperiod": iter([5, 9])})])
    assert [[*one.columns] for one in found.values()] == [["sma_5", "sma_9"]] * 2


def test_batch_of_nothing() -> None:
    assert ta.batch({}, ["SMA"]) == {}
    assert _batch.batch({}, [], named=ta.Function) == {}
