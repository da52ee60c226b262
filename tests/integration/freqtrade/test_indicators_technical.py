"""technical's indicators are those of technical itself, of whatever frame."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from candles import any_candles, frame
from hypothesis import given
from hypothesis import strategies as st
from talib import abstract, get_functions

import ft_numba_aot
from ft_numba_aot.freqtrade_integration.indicators import (
    qtpylib_arrays,
    technical_candles,
    technical_channels,
    technical_consensus,
    technical_frames,
    technical_loops,
    technical_madrid,
    technical_pivots,
    technical_trendline,
    technical_util,
    technical_volumes,
)
from ft_numba_aot.ta import _frames

from .frames import assert_same, outcome

MODULES = (
    technical_candles,
    technical_channels,
    technical_loops,
    technical_madrid,
    technical_pivots,
    technical_trendline,
    technical_util,
    technical_volumes,
)
FUNCTIONS = {
    one.original.partition(":")[2]: one.ours for module in MODULES for one in module.REPLACEMENTS
}
FOLDER = os.environ.get("FT_NUMBA_AOT_CANDLES")

# Arguments beside the frame: the defaults where nothing is said.
CALLS: dict[str, list[tuple[tuple[Any, ...], dict[str, Any]]]] = {
    "heikinashi": [((), {})],
    "doji": [((), {}), ((True,), {})],
    "touches": [((1.0,), {}), ((100,), {})],
    "ichimoku": [((), {}), ((3, 7, 12, 5), {})],
    "SSLChannels": [((), {}), ((4, "ema"), {}), ((3, "SMA"), {})],
    "RMI": [((), {}), ((), {"length": 3, "mom": 1})],
    "fibonacci_retracements": [((), {}), (("low", 7), {}), (("high", 0), {})],
    "tv_wma": [((), {}), ((3, "open"), {}), ((2,), {})],
    "tv_hma": [((), {}), ((16, "open"), {}), ((8,), {})],
    "TKE": [((), {}), ((), {"length": 3, "emaperiod": 2})],
    "vwma": [((7,), {}), ((1, "open"), {}), ((3, "volume"), {})],
    "rma": [((7,), {}), ((1, "open"), {})],
    "bollinger_bands": [((), {}), ((5, 1.5, "low", "b", "TEMA"), {})],
    "williams_percent": [((), {}), ((1,), {})],
    "chopiness": [((), {}), ((3,), {})],
    "chaikin_money_flow": [((), {}), ((1,), {})],
    "laguerre": [((), {}), ((0.3,), {}), ((0,), {}), ((1.0,), {})],
    "supertrend": [((), {}), ((1, 0.5), {}), ((0,), {})],
    "VIDYA": [((), {}), ((1,), {}), ((4, False), {})],
    "PMAX": [((), {}), ((3, 1.5, 5, 5, 2), {}), ((2, 1, 4, 8, 3), {}), ((2, 1, 4, 1, 4), {})],
    "td_sequential": [((), {})],
    "tv_trama": [((), {}), ((3, "open"), {})],
    "mmar": [((), {}), (("sma", "open"), {})],
    "madrid_sqz": [((), {}), ((9, "open", 4, 2), {})],
    "compute_interval": [((), {}), ((True,), {})],
    "resample_to_interval": [((60,), {}), (("15m",), {}), ((7,), {}), (("1w",), {})],
    "vfi": [((), {}), ((5, 0.3, 2, 3, True), {})],
    "stc": [((), {}), ((3, 5, 4), {})],
    "vpci": [((), {}), ((2, 6), {})],
    "vpcii": [((), {}), ((2, 6, 3), {})],
    "MADR": [((), {}), ((5, 3, "EMA"), {})],
    "vwmacd": [((), {}), ((), {"fastperiod": 3, "slowperiod": 5, "signalperiod": 2})],
    "osc": [((), {}), ((1,), {})],
    "pivots_points": [((), {}), ((3, 5), {}), ((1, 1), {}), ((7, 0), {})],
    "gentrends": [((), {}), (("open", 3), {}), ((), {"window": 0.1})],
    "segtrends": [((), {}), (("low", 5), {}), ((), {"segments": 3})],
}
# Of which pandas asks row by row, several times.
ROWS = frozenset(("mmar", "madrid_sqz", "PMAX"))
ROW_SHAPES = frozenset(
    (
        *("by date", "no date", "a text beside", "a category beside", "columns that are written"),
        *("reversed", "repeated labels"),
    )
)
# Of which long ones say no more, and take long.
SLOW = frozenset(("mmar", "madrid_sqz", "PMAX", "VIDYA", "td_sequential", "vfi"))


@pytest.fixture(autouse=True)
def parameters() -> Iterator[None]:
    """Of TA-Lib's functions: a call that fails leaves its own behind in them."""
    functions = [getattr(abstract, name) for name in get_functions()]
    before = [function.parameters for function in functions]
    yield
    for function, values in zip(functions, before, strict=True):
        function.set_parameters(values)


def comparable(result: Any) -> Any:
    """A result whose arrays are of plain values, dtype and flags beside them."""
    if isinstance(result, np.ndarray):
        return result.dtype.str, result.shape, result.flags.writeable, result.tolist()
    if isinstance(result, tuple):
        return tuple(map(comparable, result))
    return result


def check(name: str, given_frame: Any, arguments: Any = (), keywords: Any = {}) -> None:  # noqa: B006
    """Both give, raise and warn of the same, and leave the same frame."""
    ours = FUNCTIONS[name]
    theirs, mine = given_frame.copy(), given_frame.copy()
    stock, got = (
        _without_chance(outcome(function, candles, *arguments, **keywords))
        for function, candles in ((ours.__wrapped__, theirs), (ours, mine))
    )
    assert_same(comparable(stock), comparable(got))
    if given_frame.columns.is_unique:
        assert_same(theirs, mine)


def _without_chance(found: Any) -> Any:
    """Without numpy's warnings of ``vectorize``, which come and go as Python optimizes its code."""
    result, records, shown = found
    return result, records, [one for one in shown if "(vectorized)" not in one[1]]


def test_every_function_has_calls():
    others = {"return_on_investment", "resampled_merge", "ehlers_super_smoother"}
    assert FUNCTIONS.keys() == CALLS.keys() | others


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CALLS)
@given(data=st.data())
def test_any_candles(name, data):
    candles = frame(data.draw(any_candles(max_size=20 if name in SLOW else 160)))
    arguments, keywords = data.draw(st.sampled_from(CALLS[name]))
    check(name, candles, arguments, keywords)


def _walk(length: int = 70) -> pd.DataFrame:
    rng = np.random.default_rng(11)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, length)))
    columns = {"open": close * 1.001, "high": close * 1.01, "low": close * 0.99, "close": close}
    return frame({**columns, "volume": np.round(rng.lognormal(3, 1, length), 2)})


class _Frame(pd.DataFrame):
    @property
    def _constructor(self):
        return _Frame


def _attributes(candles):
    candles.attrs["source"] = "somewhere"
    return candles


def _all_columns(candles):
    """With a column for each name that some function writes."""
    names = (
        *("TD_count", "ma05", "leadMA", "sqz_ma", "hlc", "vfi", "stc", "rate", "fastMA", "DM"),
        *("ATR_10", "basic_ub", "bb_lower", "VIDYA", "RMI", "ha_open"),
    )
    return candles.assign(**dict.fromkeys(names, 1.0))


SHAPES = {
    "no candle": lambda candles: candles.iloc[:0],
    "one candle": lambda candles: candles.iloc[:1],
    "of another process": lambda candles: pickle.loads(pickle.dumps(candles)),
    "four candles": lambda candles: candles.iloc[:4],
    "sliced": lambda candles: candles.iloc[7:],
    "reversed": lambda candles: candles.iloc[::-1],
    "by date": lambda candles: candles.set_index("date"),
    "dates twice": lambda candles: candles.set_index("date", drop=False),
    "repeated labels": lambda candles: candles.set_axis([0] * len(candles)),
    "labels of integers": lambda candles: candles.set_axis(list(range(len(candles)))),
    "a named index": lambda candles: candles.rename_axis("row"),
    "named columns": lambda candles: candles.rename_axis("what", axis=1),
    "no volume": lambda candles: candles.assign(volume=0.0),
    "a price missing": lambda candles: candles.assign(
        high=candles["high"].where(candles.index != 9)
    ),
    "no close": lambda candles: candles.drop(columns="close"),
    "whole volume": lambda candles: candles.assign(volume=7),
    "single precision": lambda candles: candles.astype({"close": np.float32}),
    "nullable": lambda candles: candles.astype({"low": "Float64"}),
    "objects": lambda candles: candles.astype({"close": object}),
    "a text beside": lambda candles: candles.assign(pair="ETH/BTC"),
    "a category beside": lambda candles: candles.assign(pair=pd.Categorical(["x"] * len(candles))),
    "no date": lambda candles: candles.drop(columns="date"),
    "dates without a zone": lambda candles: candles.assign(
        date=candles["date"].dt.tz_localize(None)
    ),
    "dates elsewhere": lambda candles: candles.assign(
        date=candles["date"].dt.tz_convert("Europe/Paris")
    ),
    "dates in ms": lambda candles: candles.astype({"date": "datetime64[ms, UTC]"}),
    "a date missing": lambda candles: candles.assign(date=candles["date"].where(candles.index > 3)),
    "columns that are written": _all_columns,
    "many columns": lambda candles: candles.assign(**{f"c{i}": float(i) for i in range(90)}),
    "strict labels": lambda candles: candles.set_flags(allows_duplicate_labels=False),
    "a subclass": _Frame,
    "attributes": _attributes,
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("shape", SHAPES)
def test_any_frame(shape):
    for name in CALLS:
        # What takes the original long row by row is told from others by its rows' kind alone.
        if name in ROWS and shape not in ROW_SHAPES:
            continue
        candles = SHAPES[shape](_walk(14 if name in SLOW else 70))
        check(name, candles, *CALLS[name][0])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [one for one in CALLS if one not in ("mmar", "madrid_sqz")])
def test_what_no_window_is(name):
    candles = _walk(12)
    for odd in (2.0, None, -1, 0, np.int64(4)):
        check(name, candles, (odd,))


def test_candles_of_another_process_are_ordinary():
    candles = pickle.loads(pickle.dumps(_walk()))
    assert technical_frames.prices(candles, "open", "close") is not None
    assert qtpylib_arrays.plain_array(candles["close"].to_numpy()) is not None
    assert np.shares_memory(_frames.values(candles["close"]), candles["close"])


@pytest.mark.filterwarnings("ignore")
@given(any_candles(max_size=160), st.integers(1, 20), st.sampled_from([2, 4, 0]))
def test_return_on_investment(columns, every, decimals):
    candles = frame(columns)
    for buy in (np.arange(len(candles)) % every == 1, np.zeros(len(candles))):
        check("return_on_investment", candles.assign(buy=buy), (decimals,))
        check("return_on_investment", candles.assign(buy=buy.astype(float)), (decimals,))
    check("return_on_investment", candles)


@pytest.mark.filterwarnings("ignore")
@given(any_candles(max_size=160), st.sampled_from([6, 1, 14.5, 0, -3, "x"]))
def test_super_smoother(columns, smoothing):
    ours = FUNCTIONS["ehlers_super_smoother"]
    close = pd.Series(columns["close"], name="close")
    for series in (close, close.rename(None), close.iloc[3:], close.astype(np.float32)):
        stock = outcome(ours.__wrapped__, series.copy(), smoothing)
        assert_same(stock, outcome(ours, series.copy(), smoothing))


@pytest.mark.filterwarnings("ignore")
@given(st.data())
def test_resampled_merge(data):
    candles = frame(data.draw(any_candles(max_size=120)))
    unit = data.draw(st.sampled_from(["us", "ms", "ns", "s"]))
    candles["date"] = candles["date"].astype(f"datetime64[{unit}, UTC]")
    stock = technical_util.resample_to_interval.__wrapped__
    resampled = stock(candles, data.draw(st.sampled_from([5, 15, 60]))).iloc[
        data.draw(st.integers(0, 3)) :
    ]
    extra = data.draw(st.sampled_from(["nothing", "gaps", "head", "others", "date_merge"]))
    if extra == "gaps":
        resampled["gaps"] = resampled["close"].where(resampled["close"] > 1.0)
    elif extra == "head":
        resampled["head"] = resampled["close"].shift(2)
    elif extra == "others":
        resampled = resampled.assign(text="abc", flag=True, whole=range(len(resampled)))
    elif extra == "date_merge":
        resampled = resampled.assign(date_merge=1.0)
    start = data.draw(st.integers(0, 20))
    candles = candles.iloc[start:]
    fill = data.draw(st.sampled_from([True, False, 1]))
    ours = technical_util.resampled_merge
    pairs = [(candles.copy(), resampled.copy()) for _ in range(2)]
    assert_same(outcome(ours.__wrapped__, *pairs[0], fill), outcome(ours, *pairs[1], fill))
    for theirs, mine in zip(*pairs, strict=True):
        assert_same(theirs, mine)


SCORING = {one.original.rpartition(".")[2]: one for one in technical_consensus.REPLACEMENTS}
_IMPACT = st.sampled_from([1, 3, 0, -2, 0.1, True])


def _consensus_of(candles: pd.DataFrame) -> Any:
    return technical_consensus._Consensus(candles)


def _another(asked: Any) -> Any:
    """A consensus of the same candles, and of what was added to them."""
    return _consensus_of(asked.dataframe)


def _ask(two: list[Any], name: str, *arguments: Any, **keywords: Any) -> None:
    """The same of both, by the original and by ours."""
    ours = SCORING[name].ours
    found = [
        outcome(
            function,
            one,
            *(each(one) if callable(each) else each for each in arguments),
            **keywords,
        )
        for function, one in zip((ours.__wrapped__, ours), two, strict=True)
    ]
    assert_same(*found)
    assert (found[0][0] is two[0].dataframe) == (found[1][0] is two[1].dataframe)
    stock, mine = map(vars, two)
    assert stock.keys() == mine.keys()
    assert_same(*({**one, "dataframe": None} for one in (stock, mine)))
    if two[0].dataframe.columns.is_unique:
        assert_same(stock["dataframe"], mine["dataframe"])


@pytest.mark.filterwarnings("ignore")
@given(data=st.data())
def test_any_consensus(data):
    candles = frame(data.draw(any_candles(max_size=80)))
    two = [_consensus_of(candles) for _ in range(2)]
    for name in data.draw(st.lists(st.sampled_from(sorted(SCORING)), min_size=1, max_size=4)):
        if name == "score":
            _ask(two, name, smooth=data.draw(st.sampled_from([None, 3])))
            continue
        impacts = {"impact_buy": data.draw(_IMPACT), "impact_sell": data.draw(_IMPACT)}
        if name == "evaluate_consensus":
            average = data.draw(st.booleans())
            _ask(two, name, _another, "other", average=average, buy_score=20, **impacts)
            continue
        if name in ("evaluate_tema", "evaluate_ema", "evaluate_sma"):
            impacts["period"] = data.draw(st.integers(1, 20))
        if data.draw(st.integers(0, 3)) == 0:
            impacts["prefix"] = data.draw(st.sampled_from(["mine", "close", ""]))
        _ask(two, name, **impacts)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "shape",
    [
        *("no candle", "of another process", "reversed", "by date", "repeated labels"),
        *("named columns", "single precision", "a text beside", "strict labels", "attributes"),
    ],
)
def test_consensus_of_any_frame(shape):
    candles = SHAPES[shape](_walk(50))
    for more in ({}, {"buy_mine": 1.0, "sell_mine": 0.1}, {"buy_mine": "text"}):
        two = [_consensus_of(candles.assign(**more)) for _ in range(2)]
        for name in ("evaluate_rsi", "evaluate_macd", "score", "score"):
            _ask(two, name)


def test_consensus_is_fast_for_ordinary_frames(monkeypatch):
    """Every method does without the original, and its columns are the frame's own."""
    candles = _walk(250)
    for name, one in sorted(SCORING.items()):
        arguments = [9] if name in ("evaluate_tema", "evaluate_ema", "evaluate_sma") else []
        asked = _consensus_of(candles)
        asked.evaluate_rsi()
        asked.evaluate_macd_cross_over()
        if name == "evaluate_consensus":
            arguments = [_consensus_of(asked.dataframe), "other"]
            arguments[0].evaluate_rsi()
        if name == "score":
            asked.evaluate_adx()
        elif name in ("evaluate_rsi", "evaluate_macd", "evaluate_macd_cross_over"):
            asked = _consensus_of(candles)
        cells = one.ours.__closure__
        (cell,) = [each for each in cells if each.cell_contents is one.ours.__wrapped__]
        monkeypatch.setattr(cell, "cell_contents", _refuse)
        one.ours(asked, *arguments)
        last = asked.dataframe.columns[-1]
        asked.dataframe.loc[3, last] = 7.0
        assert last not in candles


@pytest.mark.skipif(ft_numba_aot.backend() == "pure", reason="needs the native kernels")
def test_a_consensus_can_be_imported_from_here():
    from ft_numba_aot.technical.consensus import MovingAverageConsensus as Ours

    (original,) = Ours.__bases__
    assert Ours.score is SCORING["score"].ours
    mine, theirs = (kind(_walk(210)) for kind in (Ours, original))
    assert_same(theirs.score(), mine.score())
    assert_same(theirs.dataframe, mine.dataframe)
    assert type(pickle.loads(pickle.dumps(mine))) is Ours


@pytest.mark.parametrize("start", [0, 11, 12])
def test_what_a_join_makes_of_whole_numbers(start):
    """Some rows have none, be the first one's there or not."""
    candles = _walk()
    hourly = technical_util.resample_to_interval.__wrapped__(candles, 60)
    hourly = hourly.assign(flag=True, whole=range(len(hourly)), text="abc")
    for fill in (True, False):
        arguments = candles.iloc[start:], hourly.copy(), fill
        ours = outcome(technical_util.resampled_merge, *arguments)
        arguments = candles.iloc[start:], hourly.copy(), fill
        assert_same(outcome(technical_util.resampled_merge.__wrapped__, *arguments), ours)


def test_a_column_twice_is_the_originals():
    candles = _walk()
    twice = pd.concat([candles, candles[["open"]]], axis=1)
    assert technical_frames.prices(candles, "close") is not None
    assert technical_frames.prices(twice, "close") is None


def test_results_are_the_callers():
    candles = _walk()
    for name in ("VIDYA", "tv_wma", "RMI", "bollinger_bands", "MADR", "vwma"):
        arguments, keywords = CALLS[name][0]
        ours = FUNCTIONS[name]
        kept = candles.copy()
        result = ours(candles, *arguments, **keywords)
        result.iloc[5:9] = result.iloc[40]
        result.index.name = "mine"
        assert_same(candles, kept)
        check(name, candles, arguments, keywords)


def _classes(result: Any) -> Any:
    """Of the arrays that a result is made of."""
    if isinstance(result, pd.DataFrame):
        return sorted(type(block.values).__name__ for block in result._mgr.blocks)
    if isinstance(result, pd.Series):
        return type(result._values).__name__
    if isinstance(result, dict):
        return {key: _classes(value) for key, value in result.items()}
    return [_classes(one) for one in result] if isinstance(result, tuple) else type(result)


@pytest.mark.filterwarnings("ignore")
def test_candles_mapped_to_a_file(tmp_path):
    """As joblib loads them in other processes: what pandas copies or shifts is of their class."""
    file = tmp_path / "candles.pkl"
    joblib.dump([_walk(60) for _ in range(2)], file)
    names = [name for name in CALLS if name not in ("mmar", "madrid_sqz", "VIDYA")]
    for name in (*names, "ehlers_super_smoother"):
        given = joblib.load(file, mmap_mode="r")
        assert all(technical_frames.is_mapped(one["close"]._values) for one in given)
        arguments, keywords = CALLS.get(name, [((), {})])[0]
        ours = FUNCTIONS[name]
        theirs, mine = (
            outcome(function, one if name in CALLS else one["close"], *arguments, **keywords)
            for function, one in zip((ours.__wrapped__, ours), given, strict=True)
        )
        assert_same(*(comparable(one[0]) for one in (theirs, mine)))
        assert _classes(theirs[0]) == _classes(mine[0]), name
        assert_same(*given)
        assert _classes(given[0]) == _classes(given[1]), name
    assert technical_frames.prices(given[0], "close") is not None


def test_columns_that_were_put_are_the_frames():
    """What is written to a frame doesn't reach what it was copied from, nor what was read of it."""
    for name in ("vfi", "stc", "vwmacd", "osc"):
        candles = _walk(200)
        shallow = candles.copy(deep=False)
        result = FUNCTIONS[name](shallow)
        assert list(candles.columns) == list(_walk(1).columns)
        last = shallow.columns[-1]
        read = shallow[last]
        shallow.loc[3, [last, "close"]] = 7.0
        assert read[3] != 7.0
        assert candles["close"][3] != 7.0
        if isinstance(result, pd.DataFrame):
            assert result[last][3] != 7.0
            result.loc[4, [last, "close"]] = 7.0
            assert 7.0 not in shallow.loc[4].tolist()


def test_it_is_fast_for_ordinary_frames(monkeypatch):
    """No ordinary call is left to the original."""
    for module in MODULES:
        for replacement in module.REPLACEMENTS:
            theirs = replacement.ours.__wrapped__
            for name, value in list(vars(module).items()):
                if value is theirs:
                    monkeypatch.setattr(module, name, _refuse)
    for name, calls in CALLS.items():
        arguments, keywords = calls[0]
        FUNCTIONS[name](_walk(200), *arguments, **keywords)
    hourly = FUNCTIONS["resample_to_interval"](_walk(200), 60)
    FUNCTIONS["resampled_merge"](_walk(200), hourly)
    FUNCTIONS["return_on_investment"](_walk().assign(buy=1))
    FUNCTIONS["ehlers_super_smoother"](_walk()["close"])


def _refuse(*arguments: Any, **keywords: Any) -> None:
    raise AssertionError("the original ran")


@pytest.mark.skipif(ft_numba_aot.backend() == "pure", reason="in Python, it takes minutes")
@pytest.mark.skipif(not FOLDER, reason="FT_NUMBA_AOT_CANDLES names no folder")
@pytest.mark.filterwarnings("ignore")
def test_real_candles():
    for path in sorted(Path(str(FOLDER)).glob("*-5m.feather"))[:2]:
        candles = pd.read_feather(path)
        for name, calls in CALLS.items():
            check(name, candles.iloc[: 130 if name in SLOW else 1500], *calls[0])
