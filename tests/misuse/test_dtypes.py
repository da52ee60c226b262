"""Arrays of other dtypes are refused, Series of other dtypes are converted, as TA-Lib does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from definitions import REPRESENTATIVES
from outcomes import arrays, assert_raises_same, assert_same_call, with_each

from ft_numba_aot import ta

ARRAYS: dict[str, Any] = {
    "float32": lambda x: x.astype(np.float32),
    "float16": lambda x: x.astype(np.float16),
    "longdouble": lambda x: x.astype(np.longdouble),
    "int64": lambda x: np.nan_to_num(x).astype(np.int64),
    "int32": lambda x: np.nan_to_num(x).astype(np.int32),
    "uint8": lambda x: np.ones(len(x), np.uint8),
    "bool": lambda x: x > 1,
    "complex": lambda x: x.astype(complex),
    "object": lambda x: x.astype(object),
    "text": lambda x: x.astype(str),
    "bytes": lambda x: x.astype("S8"),
    "dates": lambda x: np.arange(len(x)).astype("M8[ns]"),
    "spans": lambda x: np.arange(len(x)).astype("m8[s]"),
    "records": lambda x: np.zeros(len(x), [("close", "f8")]),
    "void": lambda x: np.zeros(len(x), "V8"),
}
SERIES: dict[str, Any] = {
    "float32": lambda x: pd.Series(x, dtype="float32"),
    "int64": lambda x: pd.Series(np.nan_to_num(x).astype(np.int64)),
    "bool": lambda x: pd.Series(x > 1),
    "numbers as objects": lambda x: pd.Series(x, dtype=object),
    "None among objects": lambda x: pd.Series([None, *x[1:]], dtype=object),
    "numbers as text": lambda x: pd.Series([str(value) for value in x]),
    "words": lambda x: pd.Series(["word"] * len(x)),
    "nullable floats": lambda x: pd.Series(x).astype("Float64"),
    "nullable ints": lambda x: pd.Series([pd.NA, *range(1, len(x))], dtype="Int64"),
    "categories": lambda x: pd.Series(np.arange(len(x)) % 7).astype("category"),
    "dates": lambda x: pd.Series(pd.date_range("2024-01-01", periods=len(x))),
    "sparse": lambda x: pd.Series(pd.arrays.SparseArray(x)),
}


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_array_is_refused(name: str) -> None:
    for kind, convert in ARRAYS.items():
        for given in with_each(name, convert):
            error = assert_raises_same(name, *given, note=kind)
            assert str(error) == "input array type is not double"


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_series_is_converted_or_refused(name: str) -> None:
    for kind, convert in SERIES.items():
        for given in with_each(name, convert):
            assert_same_call(name, *given, note=kind)


def test_argument_and_dtype_are_named() -> None:
    high, low, close = arrays("ATR")
    with pytest.raises(Exception, match="input array type is not double: low is float32"):
        ta.ATR(high, low.astype(np.float32), close)
