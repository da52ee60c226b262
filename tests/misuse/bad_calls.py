"""Random calls, mostly bad ones, made twice: on our indicator and on TA-Lib's.

    python bad_calls.py SEED COUNT [FIRST] [POSITION]     make calls FIRST to FIRST + COUNT - 1

Call number i of a seed is always the same one. The number of the call being made is kept at
the head of the file POSITION, for whoever has to find out which one ended the process.
"""

from __future__ import annotations

import decimal
import fractions
import os
import random
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import pandas as pd
import polars as pl
from outcomes import assert_same, both, columns, columns_of, outcome

from ft_numba_aot import ta

NAMES = sorted(ta.FUNCTIONS)
POOL = {length: columns(length) for length in (1, 2, 3, 10, 60, 150)}


def _unaligned(array: np.ndarray) -> np.ndarray:
    raw = np.empty(array.nbytes + 1, np.uint8)[1:]
    copy = raw.view(array.dtype)
    copy[:] = array
    return copy


def _read_only(array: np.ndarray) -> np.ndarray:
    copy = array.copy()
    copy.flags.writeable = False
    return copy


def _structured(array: np.ndarray) -> np.ndarray:
    records = np.zeros(len(array), [("flag", "i1"), ("value", "f8")])
    records["value"] = array
    return records["value"]


# What TA-Lib takes, and what it refuses.
GOOD_ARRAYS = {
    "plain": lambda x: x,
    "strided": lambda x: np.repeat(x, 2)[::2],
    "reversed": lambda x: x[::-1].copy()[::-1],
    "column of a table": lambda x: np.column_stack([x, x])[:, 1],
    "unaligned": _unaligned,
    "field of records": _structured,
    "read only": _read_only,
    "masked": lambda x: np.ma.masked_array(x, mask=np.arange(len(x)) % 3 == 0),
    "record array": lambda x: x.view(np.recarray),
    "all missing": lambda x: np.full_like(x, np.nan),
    "infinite": lambda x: np.where(np.arange(len(x)) % 7 == 5, np.inf, x),
    "constant": np.ones_like,
    "zero": np.zeros_like,
    "huge": lambda x: x * 1e300,
    "empty": lambda x: x[:0],
}
BAD_ARRAYS = {
    "float32": lambda x: x.astype(np.float32),
    "float16": lambda x: x.astype(np.float16),
    "longdouble": lambda x: x.astype(np.longdouble),
    "int64": lambda x: np.nan_to_num(x).astype(np.int64),
    "uint8": lambda x: np.nan_to_num(x).astype(np.uint8),
    "bool": lambda x: x > 100,
    "complex": lambda x: x.astype(complex),
    "object": lambda x: x.astype(object),
    "text": lambda x: x.astype(str),
    "dates": lambda x: np.arange(len(x)).astype("M8[s]"),
    "records": lambda x: np.zeros(len(x), [("a", "f8")]),
    "2-D": lambda x: np.stack([x, x]),
    "2-D, one row": lambda x: x.reshape(1, -1),
    "Fortran": lambda x: np.asfortranarray(np.stack([x, x])),
    "matrix": np.matrix,
    "0-D": lambda x: x[-1:].reshape(()),
    "big-endian": lambda x: x.astype(">f8"),
    "big-endian, strided": lambda x: np.repeat(x, 2).astype(">f8")[::2],
    "shorter": lambda x: x[:-1],
    "longer": lambda x: np.concatenate([x, x[-1:]]),
}
NOT_ARRAYS = {
    "list": list,
    "tuple": tuple,
    "None": lambda x: None,
    "numpy scalar": lambda x: x[-1],
    "float": lambda x: float(x[-1]),
    "text": lambda x: "close",
    "memory": memoryview,
    "generator": iter,
    "range": lambda x: range(len(x)),
    "object()": lambda x: object(),
    "nested dict": lambda x: {"close": x},
}
SERIES = {
    "Series": pd.Series,
    "Series of float32": lambda x: pd.Series(x, dtype="float32"),
    "Series of ints": lambda x: pd.Series(np.nan_to_num(x).astype(int)),
    "Series of objects": lambda x: pd.Series(x, dtype=object),
    "Series of numbers as text": lambda x: pd.Series(x.astype(str)),
    "Series of words": lambda x: pd.Series(["word"] * len(x)),
    "Series of dates": lambda x: pd.Series(pd.to_datetime(np.arange(len(x)))),
    "Series of categories": lambda x: pd.Series(x).astype("category"),
    "nullable Series": lambda x: pd.Series(x).astype("Float64"),
    "big-endian Series": lambda x: pd.Series(x.astype(">f8")),
    "Series of bools": lambda x: pd.Series(x > 100),
    "Series of complex": lambda x: pd.Series(x.astype(complex)),
    "polars": pl.Series,
    "polars ints": lambda x: pl.Series(np.nan_to_num(x).astype(int)),
    "polars with nulls": lambda x: pl.Series([None, *x[1:].tolist()], dtype=pl.Float64),
    "polars words": lambda x: pl.Series(["word"] * len(x)),
    "short Series": lambda x: pd.Series(x[:-1]),
}
SCALARS: dict[str, Any] = {
    "None": None,
    "True": True,
    "False": False,
    "float": 5.0,
    "numpy int": np.int64(5),
    "numpy int32": np.int32(5),
    "numpy float": np.float64(5.0),
    "numpy float32": np.float32(5.0),
    "numpy bool": np.True_,
    "0-D array": np.array(5),
    "text": "5",
    "bytes": b"5",
    "complex": 5j,
    "Decimal": decimal.Decimal(5),
    "Fraction": fractions.Fraction(5),
    "list": [5],
    "tuple": (5,),
    "dict": {},
    "NaN": float("nan"),
    "-NaN": -float("nan"),
    "infinity": float("inf"),
    "-infinity": float("-inf"),
    "denormal": 5e-324,
    "3e37": 3e37,
    "just over 3e37": 3.0000000000000004e37,
    "-4e37": -4e37,
    "1e308": 1e308,
    "object()": object(),
}
INTEGERS = [
    *[-(2**31), -(2**31) + 1, -(2**31) - 1, 2**31 - 1, 2**31, 2**32 + 5, 2**63 - 1, 2**63],
    *[-(2**63), -(2**63) - 1, 10**30, -(10**30), -1, 0, 1, 2, 3, 99_999, 100_000, 100_001],
]


class Call:
    """One random call: ``describe()`` tells it, ``make`` makes it."""

    def __init__(self, seed: int, number: int) -> None:
        self.random = random.Random(f"{seed}/{number}")
        self.text: list[str] = []
        self.misread = False
        self.name = self.random.choice(NAMES)
        self.columns = columns_of(self.name)
        self.parameters = ta.FUNCTIONS[self.name].parameters
        self.pool = POOL[self.random.choice([*POOL])]
        self.form = self.random.choices(
            ["arrays", "dict", "frame", "polars", "stored", "run"], [5, 3, 4, 1, 2, 1]
        )[0]
        self.args, self.kwargs = self._arguments()
        self.before = self._before()
        self.text += [f"{self.name} {self.form} args={len(self.args)} kwargs={self.kwargs}"]

    def describe(self) -> str:
        return "; ".join(self.text)

    def make(self, function: Any) -> Any:
        for step in self.before:
            step(function)
        if self.form == "run":
            return function.run(*self.args[:1])
        result = function(*self.args, **self.kwargs)
        if self.form == "stored":
            return [result, function.outputs] if isinstance(result, np.ndarray) else result
        return result

    def _value(self, good: float) -> Any:
        kind = self.random.random()
        if kind < 0.55:
            value = self.random.randint(1, 40) if isinstance(good, int) else self.random.random()
        elif kind < 0.75:
            value = self.random.choice(INTEGERS)
            if not isinstance(good, int) and self.random.random() < 0.5:
                value = float(value)
        elif kind < 0.8:
            value = self.random.randint(-3, 15)
        else:
            value = SCALARS[self.random.choice([*SCALARS])]
        return value

    def _array(self, column: str) -> Any:
        array = self.pool[column]
        kind = self.random.random()
        kinds: dict[str, Any] = (
            {"plain": GOOD_ARRAYS["plain"]}
            if kind < 0.6
            else GOOD_ARRAYS
            if kind < 0.8
            else BAD_ARRAYS
            if kind < 0.88
            else SERIES
            if kind < 0.95
            else NOT_ARRAYS
        )
        name = self.random.choice([*kinds])
        if name != "plain":
            self.text.append(f"{column}: {name}")
        self.misread |= name.startswith("big-endian") and kinds is BAD_ARRAYS
        return kinds[name](array)

    def _arguments(self) -> tuple[list[Any], dict[str, Any]]:
        positional: list[Any] = []
        keywords: dict[str, Any] = {}
        count = len(self.parameters)
        if self.random.random() < 0.4:
            goods = [*self.parameters.values()][: self.random.randint(0, count)]
            positional = [self._value(good) for good in goods]
            if self.random.random() < 0.05:
                positional.append(self.random.choice([5, None, "text", self.pool["close"]]))
        if self.random.random() < 0.5:
            for name, good in self.parameters.items():
                if self.random.random() < 0.7:
                    keywords[name] = self._value(good)
        if self.random.random() < 0.1:
            keywords[self.random.choice(["unknown", "timeperiods", "self", "args"])] = 5
            keywords.pop("self", None)
        if self.random.random() < 0.15:
            keywords[self.random.choice([*ta.FUNCTIONS[self.name].input_names])] = (
                self.random.choice(
                    ["open", "volume", "missing", None, 0, ["open"], ["open", "close"], ()]
                )
            )
        return [*self._candles(), *positional], keywords

    def _candles(self) -> list[Any]:
        if self.form in ("arrays", "stored"):
            if self.form == "stored" and self.random.random() < 0.7:
                return []
            arrays = [self._array(column) for column in self.columns]
            if self.random.random() < 0.1:
                arrays = arrays[:-1] if self.random.random() < 0.5 else [*arrays, arrays[0]]
            return arrays
        if self.form == "polars":
            return [pl.DataFrame(self.pool)]
        columns = [*self.pool]
        if self.random.random() < 0.1:
            columns.remove(self.random.choice(columns))
            self.text.append(f"columns {columns}")
        if self.form == "dict" or (self.form == "run" and self.random.random() < 0.8):
            return [{column: self._array(column) for column in columns}]
        return [self._frame(columns)]

    def _frame(self, columns: list[str]) -> pd.DataFrame:
        frame = pd.DataFrame({column: self.pool[column] for column in columns})
        shape = self.random.choice(
            ["", "", "mixed", "doubled", "two levels", "transposed", "empty", "dated", "numbered"]
        )
        self.text.append(shape)
        if shape == "mixed":
            for column in columns:
                kind = self.random.choice([*SERIES])
                if self.random.random() < 0.3 and "polars" not in kind and "short" not in kind:
                    self.text.append(f"{column}: {kind}")
                    frame[column] = SERIES[kind](self.pool[column])
        elif shape == "doubled":
            frame = pd.concat([frame, frame[[self.random.choice(columns)]]], axis=1)
        elif shape == "two levels":
            frame.columns = pd.MultiIndex.from_product([columns, ["BTC"]])
        elif shape == "transposed":
            frame = pd.DataFrame(frame.to_numpy(), columns=columns)
        elif shape == "empty":
            frame = frame.iloc[:0]
        elif shape == "dated":
            frame.index = pd.date_range("2024-01-01", periods=len(frame), freq="5min", tz="UTC")
        elif shape == "numbered":
            frame.columns = range(len(columns))
        return frame

    def _before(self) -> list[Any]:
        steps: list[Any] = []
        if self.form == "stored":
            kind = self.random.choice(["frame", "dict", "nothing"])
            self.text.append(f"in use: {kind}")
            stored: Any = pd.DataFrame(self.pool) if kind == "frame" else self.pool
            if kind != "nothing":
                steps.append(lambda function: function.set_input_arrays(stored))
        if self.parameters and self.random.random() < 0.1:
            name, good = self.random.choice([*self.parameters.items()])
            changes = {name: self._value(good)}
            self.text.append(f"set {changes}")
            steps.append(lambda function: function.set_parameters(dict(changes)))
        if self.random.random() < 0.05:
            name = self.random.choice([*ta.FUNCTIONS[self.name].input_names])
            series = self.random.choice(["open", ["high", "low"], "missing"])
            self.text.append(f"set {name}={series}")
            steps.append(lambda function: function.set_input_names({name: series}))
        return steps


def difference(call: Call) -> str | None:
    """How our outcome of this call differs from TA-Lib's; None where it doesn't."""
    ours, theirs = both(call.name)
    found = outcome(call.make, ours)
    if call.misread and found.error is not None:
        return None
    try:
        assert_same(found, outcome(call.make, theirs))
    except AssertionError as error:
        return str(error)
    return None


def main(seed: int, count: int, first: int = 0, position: str = os.devnull) -> int:
    """Make the calls; how many of them came to something else than TA-Lib's."""
    different = 0
    with open(position, "wb", buffering=0) as file:
        for number in range(first, first + count):
            file.seek(0)
            file.write(b"%-12d" % number)
            call = Call(seed, number)
            if found := difference(call):
                different += 1
                print(f"seed {seed}, call {number}: {call.describe()}\n    {found}", flush=True)
    print(f"{different} of {count} calls with seed {seed} differ")
    return different


if __name__ == "__main__":
    sys.exit(bool(main(*map(int, sys.argv[1:4]), *sys.argv[4:])))
