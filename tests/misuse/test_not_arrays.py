"""What isn't an array, in an array's place."""

from __future__ import annotations

import array
import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from definitions import REPRESENTATIVES
from outcomes import arrays, assert_raises_same, assert_same_call, columns, columns_of

NOT_ARRAYS: dict[str, Any] = {
    "list": list,
    "tuple": tuple,
    "empty list": lambda x: [],
    "None": lambda x: None,
    "float": lambda x: 1.5,
    "int": lambda x: 5,
    "bool": lambda x: True,
    "numpy float": lambda x: x[-1],
    "numpy int": lambda x: np.int32(5),
    "text": lambda x: "close",
    "bytes": lambda x: x.tobytes(),
    "memory": memoryview,
    "array.array": lambda x: memoryview(array.array("d", x)),
    "range": lambda x: range(len(x)),
    "generator": iter,
    "function": lambda x: len,
    "type": lambda x: np.ndarray,
    "date": lambda x: datetime.date(2024, 1, 1),
    "timestamp": lambda x: pd.Timestamp("2024-01-01"),
    "index": pd.Index,
    "pandas array": pd.array,
    "DataFrame": lambda x: pd.DataFrame({"close": x}),
    "dict": lambda x: {"close": x},
    "object": lambda x: object(),
}


class Ndarraylike:
    """Has what numpy needs to make an array of it, and isn't one."""

    def __init__(self, data: Any) -> None:
        self.__array_interface__ = data.__array_interface__
        self.dtype, self.shape, self.ndim = data.dtype, data.shape, data.ndim

    def __len__(self) -> int:
        raise RuntimeError("not to be asked")


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_in_a_dict(name: str) -> None:
    made = columns()
    for kind, convert in {**NOT_ARRAYS, "like an ndarray": Ndarraylike}.items():
        for column in columns_of(name):
            bad = {**made, column: convert(made[column])}
            error = assert_raises_same(name, bad, note=f"{column}: {kind}")
            assert isinstance(error, TypeError)


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_as_an_argument(name: str) -> None:
    given = arrays(name)
    for kind, convert in NOT_ARRAYS.items():
        for i in range(len(given)):
            bad = [*given[:i], convert(given[i]), *given[i + 1 :]]
            # A DataFrame or dict that comes first is candles, and may be good ones.
            assert_same_call(name, *bad, note=f"{i}: {kind}")


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_no_arguments(name: str) -> None:
    error = assert_raises_same(name)
    assert str(error).startswith("Not enough price arguments")


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_too_few_and_too_many_arrays(name: str) -> None:
    given = arrays(name)
    for count in range(1, len(given)):
        assert str(assert_raises_same(name, *given[:count])).startswith("Not enough")
    assert str(assert_raises_same(name, *given, given[0])).startswith("Too many price")
