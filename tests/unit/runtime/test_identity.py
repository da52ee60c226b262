"""What tells two results apart: any bit, type, dtype, name or order, and nothing else."""

from __future__ import annotations

import copy
import datetime as dt
import math
from collections import OrderedDict, namedtuple
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ft_numba_aot.runtime.identity import difference, same

UP = math.nextafter(0.1, 1)
ODD_NAN = np.array([0x7FF8DEADBEEF0000], np.uint64).view(np.float64)
DATES = pd.date_range("2024-01-01", periods=3, freq="5min", tz="UTC")

Pair = namedtuple("Pair", ["wins", "losses"])


@dataclass
class Point:
    high: float
    date: Any = None


class Colour(Enum):
    RED = 1
    BLUE = 2


class Plain:
    pass


class Unequal:
    def __eq__(self, other: object) -> bool:
        raise OSError("no")

    __hash__ = None


def frame() -> pd.DataFrame:
    made = pd.DataFrame(
        {
            "date": DATES,
            "close": [0.1, math.nan, -0.0],
            "count": [1, 2, 3],
            "is_open": [True, False, True],
            "tag": ["a", None, "b"],
            "orders": [[{"cost": 0.1}], [], [None]],
            "whole": pd.array([1, None, 3], "Int64"),
            "part": pd.array([0.1, None, 3], "Float64"),
            "kind": pd.Categorical(["x", "y", "x"]),
        }
    )
    made.attrs["source"] = {"exchange": "binance"}
    return made


VALUES = [
    None,
    True,
    1,
    0.0,
    -0.0,
    math.nan,
    math.inf,
    1 + 2j,
    complex(math.nan, -0.0),
    "a",
    b"a",
    Decimal("1.10"),
    Decimal("NaN"),
    np.float64(0.1),
    np.float32(0.1),
    np.float64("nan"),
    np.int32(3),
    np.bool_(True),
    np.datetime64("NaT", "s"),
    np.datetime64("2024-01-01"),
    dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
    dt.datetime(2024, 1, 1, tzinfo=ZoneInfo("Europe/Paris")),
    dt.date(2024, 1, 1),
    dt.timedelta(1),
    pd.Timestamp("2024-01-01", tz="UTC"),
    pd.Timedelta("1h"),
    pd.NaT,
    pd.NA,
    pd.Interval(0, 1),
    Colour.RED,
    (),
    [1, [0.1, math.nan]],
    {"a": 1, "b": {"c": math.nan}},
    OrderedDict(a=1),
    {1, "a", math.nan},
    Pair(1, math.nan),
    Point(math.nan, pd.NaT),
    ValueError("empty", 3),
    KeyError(math.nan),
    int,
    len,
    np.array([0.1, math.nan, -0.0]),
    np.array(0.1),
    np.array([], np.float32),
    np.array([[1, 2], [3, 4]], np.int32),
    np.array([1 + 1j, complex("nan")]),
    np.array(["a", "bc"]),
    np.array([b"a\0", b"b"]),
    np.array([None, math.nan, [0.1]], object),
    np.array(["2024-01-01", "NaT"], "M8[s]"),
    np.array([(1, math.nan)], [("a", "i4"), ("b", "f8")]),
    np.array([0.1, math.nan], np.longdouble),
    np.array([0.1], ">f8"),
    np.array([b"ab"], "V2"),
    np.ma.masked_array([1.0, math.nan], [False, True]),
    pd.Series([0.1, math.nan], name="close"),
    pd.Series([], dtype=object),
    pd.Index([1.0, math.nan]),
    pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["x", "y"]),
    pd.RangeIndex(3),
    DATES,
    pd.array([1, None], "Int64"),
    pd.period_range("2024-01", periods=2, freq="M"),
    frame(),
    frame().set_index("date"),
    pd.DataFrame(np.eye(2), columns=["a", "a"]),
    pd.DataFrame(),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: f"{type(value).__name__}")
def test_the_same_as_its_copy(value):
    twin = copy.deepcopy(value)
    assert difference(twin, value) == ""
    assert same(twin, value)


def test_no_two_values_are_the_same():
    for number, one in enumerate(VALUES):
        for other in VALUES[number + 1 :]:
            assert not same(one, other), (one, other)
            assert not same(other, one), (other, one)


def changed(column: str, row: int, value: Any) -> pd.DataFrame:
    made = frame()
    values = made[column].copy()
    if made[column].dtype == object:
        values.iat[row] = value
    else:
        values.iloc[row] = value
    return made.assign(**{column: values})


DIFFERENT: list[tuple[Any, Any, str]] = [
    (0.1, UP, "0.1 is not 0.10000000000000002"),
    (-0.0, 0.0, "-0.0 is not 0.0"),
    (math.nan, 0.0, "nan is not 0.0"),
    (0.1, np.float64(0.1), "0.1 (float) is not np.float64(0.1) (numpy.float64)"),
    (1, True, "1 (int) is not True (bool)"),
    (1, 1.0, "1 (int) is not 1.0 (float)"),
    (None, math.nan, "None (NoneType) is not nan (float)"),
    (pd.NaT, None, "NaT"),
    (pd.NA, None, "<NA>"),
    (np.float64(0.1), np.float64(UP), "0.1 is not 0.10000000000000002"),
    (np.float32(0.1), np.float32(0.2), "np.float32(0.1) is not np.float32(0.2)"),
    (np.datetime64("2024-01-01", "s"), np.datetime64("2024-01-01", "ms"), "dtype datetime64[s]"),
    (complex(0.0, -0.0), complex(0.0, 0.0), "-0j is not 0j"),
    (Decimal("1.0"), Decimal("1.00"), "Decimal('1.0') is not Decimal('1.00')"),
    (
        dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        dt.datetime(2024, 1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1))),
        "datetime",
    ),
    (pd.Timestamp("2024-01-01").as_unit("s"), pd.Timestamp("2024-01-01").as_unit("ns"), "is not"),
    (pd.Timedelta("1s").as_unit("s"), pd.Timedelta("1s").as_unit("ns"), "Timedelta"),
    (Colour.RED, Colour.BLUE, "RED"),
    ([0.1], [UP], "item 0: 0.1 is not 0.10000000000000002"),
    ([1], [1, 2], "1 items are not 2"),
    ([1], (1,), "[1] (list) is not (1,) (tuple)"),
    ({"a": [1]}, {"a": [2]}, "key 'a', item 0: 1 is not 2"),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}, "keys ['a', 'b'] are not ['b', 'a']"),
    ({1: 1}, {True: 1}, "keys [1] are not [True]"),
    ({1}, {True}, "{1} is not {True}"),
    (Pair(1, 2), Pair(1, 3), "field 'losses': 2 is not 3"),
    (Point(0.1), Point(UP), "field 'high': 0.1 is not 0.10000000000000002"),
    (ValueError("a"), ValueError("b"), "ValueError, item 0: 'a' is not 'b'"),
    (ValueError("a"), TypeError("a"), "ValueError('a') (ValueError) is not TypeError('a')"),
    (Plain(), Plain(), "can't be compared: it has no =="),
    (Unequal(), Unequal(), "can't be compared, OSError: no"),
    (np.array([1.0, 0.1]), np.array([1.0, UP]), "at 1: 0.1 is not 0.10000000000000002"),
    (np.eye(2), np.eye(2) - np.array([[0, 0], [1, 0]]), "at (1, 0): 0.0 is not -1.0"),
    (np.array([-0.0]), np.array([0.0]), "at 0: -0.0 is not 0.0"),
    (np.array([-0.0], "g"), np.array([0.0], "g"), "at 0: "),
    (np.array([math.nan]), np.array([0.0]), "at 0: nan is not 0.0"),
    (np.zeros(2), np.zeros(2, "f4"), "dtype float64 is not float32"),
    (np.zeros(2), np.zeros(2, ">f8"), "dtype float64 is not >f8"),
    (np.zeros(2), np.zeros(3), "shape (2,) is not (3,)"),
    (np.array([None], object), np.array([math.nan], object), "at 0: None"),
    (np.array([(1, 0.1)], "i4,f8"), np.array([(1, UP)], "i4,f8"), "item 0, item 1: 0.1 is not"),
    (np.array([b"ab"], "V2"), np.array([b"ac"], "V2"), "at 0"),
    (np.array([1 + 0j]), np.array([complex(1, -0.0)]), "at 0: "),
    (np.ma.masked_array([1.0], [True]), np.ma.masked_array([1.0], [False]), "mask, at 0"),
    (pd.Series([0.1, 0.1]), pd.Series([0.1, UP]), "row 1: 0.1 is not 0.10000000000000002"),
    (pd.Series([1.0], name="a"), pd.Series([1.0]), "name: 'a' (str) is not None"),
    (pd.Series([1.0], [1]), pd.Series([1.0], [2]), "index, row 0: 1 is not 2"),
    (pd.Series([1.0], [0]), pd.Series([1.0]), "index: Index is not RangeIndex"),
    (pd.Series([1.0]), pd.Series([1.0, 2.0]), "1 rows are not 2"),
    (pd.Series([1]), pd.Series([1], dtype="Int64"), "dtype int64 is not Int64Dtype()"),
    (pd.Series(DATES), pd.Series(DATES.tz_convert("Europe/Paris")), "dtype datetime64"),
    (pd.Series(DATES), pd.Series(DATES.as_unit("s")), "dtype datetime64"),
    (DATES, DATES._with_freq(None), "freq <5 * Minutes> is not None"),
    (pd.Index([1], name="a"), pd.Index([1], name="b"), "names, item 0: 'a' is not 'b'"),
    (
        pd.MultiIndex.from_tuples([(1, 2)]),
        pd.MultiIndex.from_tuples([(1, 3)]),
        "level 1, row 0: 2 is not 3",
    ),
    (changed("close", 0, UP), frame(), "column 'close', row 0: 0.10000000000000002 is not 0.1"),
    (changed("close", 2, 0.0), frame(), "column 'close', row 2: 0.0 is not -0.0"),
    (changed("close", 1, 0.0), frame(), "column 'close', row 1: 0.0 is not nan"),
    (changed("date", 1, DATES[0]), frame(), "column 'date', row 1: Timestamp("),
    (changed("date", 1, pd.NaT), frame(), "column 'date', row 1: NaT"),
    (changed("tag", 1, ""), frame(), "column 'tag', row 1: ''"),
    (changed("orders", 0, [{"cost": UP}]), frame(), "column 'orders', row 0, item 0, key 'cost': "),
    (changed("whole", 1, 0), frame(), "column 'whole', row 1: 0 (int) is not <NA>"),
    (changed("part", 0, UP), frame(), "column 'part', row 0: 0.10000000000000002 is not 0.1"),
    (changed("kind", 1, "x"), frame(), "column 'kind', row 1: 'x' is not 'y'"),
    (frame().astype({"count": "i4"}), frame(), "column 'count': dtype int32 is not int64"),
    (frame()[frame().columns[::-1]], frame(), "columns, row 0: 'kind' is not 'date'"),
    (frame().drop(columns="tag"), frame(), "columns: ["),
    (frame().rename_axis("a"), frame(), "index, names, item 0: 'a' (str) is not None (NoneType)"),
    (frame().set_flags(allows_duplicate_labels=False), frame(), "duplicate labels"),
]


@pytest.mark.parametrize(("ours", "theirs", "told"), DIFFERENT, ids=[case[2] for case in DIFFERENT])
def test_the_first_difference_is_named(ours, theirs, told):
    found = difference(ours, theirs)
    assert told in found
    assert not same(ours, theirs)
    assert not same(theirs, ours)


def test_attrs_differ():
    other = frame()
    other.attrs["source"]["exchange"] = "kraken"
    told = "attrs, key 'source', key 'exchange': 'kraken' is not 'binance'"
    assert difference(other, frame()) == told


def test_categories_in_another_order():
    one = pd.Series(pd.Categorical(["x"], ["x", "y"]))
    assert "dtype" in difference(one, pd.Series(pd.Categorical(["x"], ["y", "x"])))


def test_any_nan_is_any_other():
    assert same(ODD_NAN, np.array([math.nan]))
    assert same(-math.nan, math.nan)
    assert same(pd.DataFrame({"a": -ODD_NAN}), pd.DataFrame({"a": [math.nan]}))


def test_layout_does_not_matter():
    square = np.arange(6.0).reshape(2, 3)
    assert same(np.asfortranarray(square), square)
    assert same(np.repeat(square, 2, axis=1)[:, ::2], square)
    split = pd.DataFrame({"a": [1.0], "b": [2.0]})
    assert same(split, pd.DataFrame([[1.0, 2.0]], columns=["a", "b"]))


def test_polars():
    polars = pytest.importorskip("polars")

    def made(**changes: Any) -> Any:
        columns = {"a": [0.1, math.nan], "b": [1, None], "c": ["x", "y"], **changes}
        return polars.DataFrame(columns)

    assert same(made(), made())
    assert difference(made(a=[UP, math.nan]), made()) == (
        "column 'a', row 0: 0.10000000000000002 is not 0.1"
    )
    assert "column 'a', item 1: None" in difference(made(a=[0.1, None]), made())
    assert "column 'b', item 1: 2" in difference(made(b=[1, 2]), made())
    assert "column 'b': dtype Float64 is not Int64" in difference(made(b=[1.0, None]), made())
    assert "columns: 2 items are not 3" in difference(made().drop("c"), made())
    assert "name" in difference(made()["a"].alias("z"), made()["a"])


def test_long_values_are_shortened():
    assert len(difference("a" * 500, "b" * 500)) < 200


def test_endless_nesting_is_no_error():
    ours: list[Any] = []
    ours.append(ours)
    theirs: list[Any] = []
    theirs.append(theirs)
    assert difference(ours, theirs) == "nested too deeply to compare"


@given(
    values=st.lists(st.floats(width=64), min_size=1, max_size=20),
    others=st.lists(st.floats(width=64), min_size=1, max_size=20),
)
def test_arrays_are_the_same_as_their_values(values, others):
    one, other = np.array(values), np.array(others)
    assert same(one, other) == same(values, others)
    assert same(pd.Series(one), pd.Series(other)) == same(values, others)
