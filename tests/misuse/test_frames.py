"""DataFrames of every sort, pandas' and polars'."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from candles import frame
from definitions import REPRESENTATIVES
from outcomes import (
    ONE_OF_EACH_SHAPE,
    arrays,
    assert_identical,
    assert_raises_same,
    assert_same_call,
    both,
    columns,
    columns_of,
)

from ft_numba_aot import ta
from ft_numba_aot.ta import _frames
from ft_numba_aot.ta._table import DEFINITIONS


class Candles(pd.DataFrame):
    """A DataFrame whose columns are Series of another class, as geopandas' are."""

    @property
    def _constructor(self) -> Any:
        return Candles

    @property
    def _constructor_sliced(self) -> Any:
        return Prices


class Prices(pd.Series):
    @property
    def _constructor(self) -> Any:
        return Prices


INDEXES: dict[str, Any] = {
    "dates": lambda n: pd.date_range("2024-01-01", periods=n, freq="5min", tz="UTC"),
    "descending": lambda n: pd.RangeIndex(n, 0, -1),
    "text": lambda n: pd.Index([f"row {i}" for i in range(n)], name="name"),
    "all the same": lambda n: pd.Index([7] * n),
    "two levels": lambda n: pd.MultiIndex.from_product([["BTC", "ETH"], range(n // 2)]),
    "missing values": lambda n: pd.Index([np.nan] * n),
    "periods": lambda n: pd.period_range("2024-01-01", periods=n, freq="D"),
    "intervals": lambda n: pd.interval_range(0, n),
    "categories": lambda n: pd.CategoricalIndex(["a", "b"] * (n // 2)),
}


def doubled(made: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([made, made[["close"]]], axis=1)


def of_two_levels(made: pd.DataFrame) -> pd.DataFrame:
    return made.set_axis(pd.MultiIndex.from_product([made.columns, ["BTC"]]), axis=1)


def of_one_table(made: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(made.to_numpy(), columns=made.columns)


def of_a_fortran_table(made: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(np.asfortranarray(made.to_numpy()), columns=made.columns)


def fragmented(made: pd.DataFrame) -> pd.DataFrame:
    result = pd.DataFrame(index=made.index)
    for name in reversed(made.columns):
        result[name] = made[name]
    return result


def marked(made: pd.DataFrame) -> pd.DataFrame:
    made.attrs["pair"] = "BTC/USDT"
    return made


FRAMES: dict[str, Any] = {
    "one table": of_one_table,
    "a Fortran table": of_a_fortran_table,
    "fragmented": fragmented,
    "a subclass": Candles,
    "a view": lambda f: pd.concat([f, f])[len(f) :],
    "every second row": lambda f: pd.concat([f, f]).iloc[::2],
    "reversed rows": lambda f: f.iloc[::-1],
    "ints": lambda f: f.fillna(1).round().astype("int64"),
    "float32": lambda f: f.astype("float32"),
    "objects": lambda f: f.astype(object),
    "nullable": lambda f: f.astype("Float64"),
    "bools": lambda f: f > 1,
    "text": lambda f: f.astype(str),
    "words": lambda f: f.map(lambda value: "word"),
    "categories": lambda f: f.fillna(0).astype("category"),
    "dates": lambda f: f.fillna(0).astype("M8[s]"),
    "mixed": lambda f: f.assign(high=f["high"].astype("float32"), low=f["low"].astype(object)),
    "close doubled": doubled,
    "columns of two levels": of_two_levels,
    "columns of categories": lambda f: f.set_axis(pd.CategoricalIndex(f.columns), axis=1),
    "numbered columns": lambda f: f.set_axis(range(f.shape[1]), axis=1),
    "named columns": lambda f: f.rename_axis("candle", axis=1),
    "no rows": lambda f: f.iloc[:0],
    "one row": lambda f: f.iloc[-1:],
    "no columns": lambda f: f[[]],
    "nothing": lambda f: pd.DataFrame(),
    "attributes": lambda f: f.assign().set_flags(allows_duplicate_labels=False),
    "marked": marked,
}


def written_to(result: Any) -> Any:
    result.iloc[3] = 50
    result.attrs["note"] = "mine"
    return result


def joined(result: Any) -> Any:
    made = candle_frame()
    made["new"] = result if result.ndim == 1 else result.iloc[:, 0]
    return made


USES = (
    lambda result: result,
    written_to,
    joined,
    lambda result: result.copy(),
    lambda result: result.shift(1).rolling(3).mean().fillna(0),
    lambda result: result.sort_index(ascending=False).reset_index(drop=True),
    lambda result: pd.concat([result, result]),
    lambda result: result.astype("float32").to_frame() if result.ndim == 1 else result.T,
    lambda result: result[result > 1],
)


@cache
def converted(kind: str) -> pd.DataFrame:
    made: pd.DataFrame = FRAMES[kind](candle_frame())
    return made


def candle_frame() -> pd.DataFrame:
    return pd.DataFrame(columns())


@pytest.mark.filterwarnings("ignore:indexing past lexsort depth")
@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_any_frame(name: str) -> None:
    for kind in FRAMES:
        assert_same_call(name, converted(kind), note=kind)


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_any_index(name: str) -> None:
    made = candle_frame()
    for kind, index in INDEXES.items():
        candles = made.set_axis(index(len(made)))
        outcome = assert_same_call(name, candles, note=kind)
        assert outcome.result.index is candles.index


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_missing_columns_are_named(name: str) -> None:
    made = candle_frame()
    used = columns_of(name)
    for missing in [*([column] for column in used), used]:
        for candles in (made.drop(columns=missing), {c: made[c] for c in made if c not in missing}):
            error = assert_raises_same(name, candles, note=missing)
            assert str(error).endswith(", ".join(missing))


@pytest.mark.filterwarnings("ignore:indexing past lexsort depth")
@pytest.mark.parametrize("name", ONE_OF_EACH_SHAPE)
def test_column_names_of_any_kind(name: str) -> None:
    keyword = next(iter(DEFINITIONS[name].inputs))
    count = len(columns_of(name))
    columns: list[Any] = ["open", "missing", None, 0, 0.5, True, (), ("open",), ("open", "high")]
    columns += [[column] * n for column in ("open", "missing", 0) for n in (0, 1, count, 5)]
    columns += [{}, {"open"}, np.array([1.0]), np.array("open"), pd.Series([1.0]), slice(3), len]
    for made in (candle_frame(), doubled(candle_frame()), of_two_levels(candle_frame())):
        for column in columns:
            assert_same_call(name, made, **{keyword: column}, note=column)
    for column in columns:
        assert_same_call(name, candle_frame().to_dict("series"), **{keyword: column}, note=column)
        assert_same_call(name, *arrays(name), **{keyword: column}, note=column)


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_column_that_goes_missing_while_in_use(name: str) -> None:
    column = columns_of(name)[0]
    ours, theirs = both(name)
    for function in (ours, theirs):
        made = candle_frame()
        function(made)
        del made[column]
        with pytest.raises(KeyError, match=column):
            function()


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_result_is_an_ordinary_pandas_object(name: str) -> None:
    made = candle_frame()
    results = [function(made) for function in both(name)]
    for use in USES:
        used = [use(result) for result in results]
        alike = pd.testing.assert_series_equal
        if isinstance(used[1], pd.DataFrame):
            alike = pd.testing.assert_frame_equal
        alike(*used, check_exact=True, check_flags=True)
        assert used[0].attrs == used[1].attrs


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_public_and_short_ways_agree(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = frame(columns())
    short = ta.Function(name)(made)
    monkeypatch.setattr(_frames, "column", _frames.public_column)
    monkeypatch.setattr(_frames, "series", _frames.public_series)
    monkeypatch.setattr(_frames, "frame", _frames.public_frame)
    assert_identical(short, ta.Function(name)(made))


@pytest.mark.skipif(int(pd.__version__.split(".")[0]) < 3, reason="written for pandas 3")
def test_the_short_ways_are_in_use() -> None:
    assert _frames.series is not _frames.public_series


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_polars_frame(name: str) -> None:
    polars = pytest.importorskip("polars")
    made = polars.DataFrame(columns())
    assert assert_same_call(name, made).error is None
    frames = {
        "no rows": made.clear(),
        "one row": made.tail(1),
        "float32": made.cast(polars.Float32),
        "ints": made.fill_nan(1).cast(polars.Int64),
        "nulls": made.fill_nan(None),
        "text": made.cast(polars.String),
        "chunks": polars.concat([made, made], rechunk=False),
        "no close": made.drop("close"),
        "nothing": polars.DataFrame(),
    }
    for kind, candles in frames.items():
        assert_same_call(name, candles, note=kind)


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_polars_series(name: str) -> None:
    polars = pytest.importorskip("polars")
    given = arrays(name)
    assert assert_same_call(name, *map(polars.Series, given)).error is None
    mixed = [polars.Series(given[0]), *given[1:]]
    assert assert_same_call(name, *mixed).error is None
    for dtype in (polars.Float32, polars.String, polars.Boolean):
        converted = [polars.Series(np.nan_to_num(array)).cast(dtype) for array in given]
        assert_same_call(name, *converted, note=dtype)


def test_nothing_is_warned_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in DEFINITIONS:
            ta.Function(name)(candle_frame())
