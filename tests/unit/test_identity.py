"""What tells two backtests apart: any bit of any field, and nothing else."""

from __future__ import annotations

import copy
import math

import numpy as np
import pandas as pd
import pytest

from ft_numba_aot.freqtrade_integration.identity import frame_difference, identical

UP = math.nextafter(1.1, 2)
FRAME = pd.DataFrame(
    {
        "pair": ["A/USDT", "B/USDT", "C/USDT"],
        "rate": [1.1, math.nan, 0.0],
        "duration": [5, 10, 15],
        "is_open": [False, False, True],
        "tag": pd.Series([None, "dip", ""], dtype=object),
        "date": pd.date_range("2024-01-01", periods=3, tz="UTC"),
        "orders": [[{"price": 1.1, "tag": None}], [], [{"price": 2.0, "tag": "roi"}]],
    }
)


def row_name(row: int) -> str:
    return f"row {row}"


@pytest.mark.parametrize(
    "value",
    [0.0, -0.0, math.nan, math.inf, 1, True, None, "a", [], {}, [1.1, {"a": (1.1, None)}]],
    ids=repr,
)
def test_a_value_is_identical_to_its_copy(value):
    assert identical(value, copy.deepcopy(value))


@pytest.mark.parametrize(
    ("stock", "ours"),
    [
        (0.0, -0.0),
        (1.1, UP),
        (1.0, 1),
        (1, True),
        (1.0, np.float64(1.0)),
        (math.nan, 0.0),
        ("", None),
        ([1.1], [UP]),
        ([1.1], (1.1,)),
        ([1.1], [1.1, 1.1]),
        ({"a": 1.1}, {"a": UP}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ],
    ids=repr,
)
def test_values_that_differ(stock, ours):
    assert not identical(stock, ours)
    assert not identical(ours, stock)


def test_nan_payloads_are_one():
    odd = np.array([0x7FF8DEADBEEF0000], np.uint64).view(np.float64)
    assert identical(math.nan, float(odd[0]))
    assert (
        frame_difference(pd.DataFrame({"a": odd}), pd.DataFrame({"a": [math.nan]}), row_name)
        is None
    )


def test_a_frame_is_identical_to_its_copy():
    assert frame_difference(FRAME, copy.deepcopy(FRAME), row_name) is None


@pytest.mark.parametrize(
    ("column", "row", "value"),
    [
        ("pair", 1, "D/USDT"),
        ("rate", 0, UP),
        ("rate", 1, 1.0),
        ("rate", 2, -0.0),
        ("duration", 2, 16),
        ("is_open", 0, True),
        ("tag", 0, "dip"),
        ("tag", 2, None),
        ("date", 1, pd.Timestamp("2024-01-02 00:00:01", tz="UTC")),
        ("orders", 0, [{"price": UP, "tag": None}]),
        ("orders", 1, [{"price": 1.1, "tag": None}]),
    ],
)
def test_any_field_that_differs_is_found(column, row, value):
    changed = FRAME.copy()
    values = [value if i == row else old for i, old in enumerate(FRAME[column])]
    changed[column] = pd.Series(values, dtype=FRAME[column].dtype)
    found = frame_difference(FRAME, changed, row_name)
    assert found is not None
    assert found.where == f"row {row}"
    assert list(found.fields) == [column]
    stock, ours = found.fields[column]
    assert identical(stock, FRAME[column].tolist()[row])
    assert ours == value


def test_the_first_row_that_differs_is_shown_with_all_its_fields():
    changed = FRAME.assign(rate=[1.1, 5.0, 5.0], duration=[5, 11, 16])
    found = frame_difference(FRAME, changed, row_name)
    assert found is not None
    assert found.where == "row 1"
    assert list(found.fields) == ["rate", "duration"]


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        (FRAME.drop(columns="tag"), "columns"),
        (FRAME[[*reversed(FRAME.columns)]], "columns"),
        (FRAME.astype({"duration": "int32"}), "dtypes"),
        (FRAME.iloc[:2], "number of rows"),
        (FRAME.set_axis([1, 2, 3]), "index"),
    ],
)
def test_frames_that_differ_as_a_whole(changed, where):
    found = frame_difference(FRAME, changed, row_name)
    assert found is not None
    assert found.where == where
