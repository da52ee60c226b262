"""Inputs may be read-only, and are never written to; results may be written to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from candles import frame
from definitions import REPRESENTATIVES
from outcomes import arrays, assert_same_call, columns, with_each

from ft_numba_aot import ta


def read_only(array: Any) -> Any:
    copy = array.copy()
    copy.flags.writeable = False
    return copy


def outputs(result: Any) -> list[Any]:
    if isinstance(result, pd.DataFrame):
        return [result[column] for column in result]
    return result if isinstance(result, list) else [result]


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_read_only_arrays(name: str) -> None:
    for given in with_each(name, read_only):
        assert assert_same_call(name, *given).error is None


def test_read_only_memory_map(tmp_path: Path) -> None:
    (close,) = arrays("SMA")
    close.tofile(tmp_path / "close")
    mapped = np.memmap(tmp_path / "close", np.float64, "r")
    assert assert_same_call("SMA", mapped).error is None


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_inputs_are_not_written_to(name: str) -> None:
    made = columns()
    before = {column: array.tobytes() for column, array in made.items()}
    ta.Function(name)(made)
    ta.Function(name)(*arrays(name, made))
    assert {column: array.tobytes() for column, array in made.items()} == before
    candles = frame(made)
    untouched = candles.copy(deep=True)
    ta.Function(name)(candles)
    pd.testing.assert_frame_equal(candles, untouched, check_exact=True)
    assert list(candles.columns) == list(untouched.columns)


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_results_are_writeable_and_share_nothing(name: str) -> None:
    function, made = ta.Function(name), columns()
    candles = frame(made)
    for given in (made, candles):
        first = outputs(function(given))
        kept = [np.array(output) for output in first]
        for output in first:
            output[:] = 7
        again = outputs(function(given))
        assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(again, kept, strict=True))
    assert all(np.array_equal(candles[column], made[column], equal_nan=True) for column in made)
