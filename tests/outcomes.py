"""What a call comes to, a result or an exception, and whether two calls come to the same.

The original is the installed ``talib.abstract``. The same means: an identical result, or the
same type of exception with the original's message within ours.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import candles
import numpy as np
import pytest

from ft_numba_aot import ta
from ft_numba_aot.ta._table import DEFINITIONS

WITH_PARAMETERS = [name for name, definition in DEFINITIONS.items() if definition.parameters]
ONE_OF_EACH_SHAPE = [*{str(d.inputs): name for name, d in reversed(DEFINITIONS.items())}.values()]
OF_SEVERAL_ARRAYS = [name for name, definition in DEFINITIONS.items() if definition.arguments[1:]]


@cache
def original() -> Any:
    """``talib.abstract``; skips the test where there is none whose bits are the reference."""
    abstract = pytest.importorskip("talib.abstract", reason="TA-Lib is the original")
    if (version := sys.modules["talib"].__version__) != "0.8.2":
        pytest.skip(f"the original is TA-Lib 0.8.2, this is {version}")
    if platform.machine().lower() not in {"x86_64", "amd64"}:
        pytest.skip("TA-Lib's own wheels differ between architectures")
    return abstract


class Outcome(NamedTuple):
    """What a call came to: one of the two, the other is None."""

    result: Any
    error: Exception | None


def outcome(call: Callable[..., Any], *arguments: Any, **keywords: Any) -> Outcome:
    """Make a call."""
    try:
        return Outcome(call(*arguments, **keywords), None)
    except Exception as error:
        return Outcome(None, error)


def both(name: str) -> tuple[Any, Any]:
    """An indicator of each library, with a state of its own."""
    return ta.Function(name), original().Function(name)


def assert_same(ours: Outcome, theirs: Outcome, note: object = "") -> None:
    """Assert that two calls came to the same."""
    if ours.error is None and theirs.error is None:
        assert_identical(ours.result, theirs.result, note)
    else:
        told = f"{note}: {_tell(ours)} is not {_tell(theirs)}"
        assert type(ours.error) is type(theirs.error), told
        assert str(theirs.error) in str(ours.error), told


def assert_same_call(name: str, *arguments: Any, note: object = "", **keywords: Any) -> Outcome:
    """Assert that a call of the indicator comes to the same in both libraries; returns what."""
    ours, theirs = both(name)
    expected = outcome(theirs, *arguments, **keywords)
    assert_same(outcome(ours, *arguments, **keywords), expected, f"{name} {note}")
    return expected


def assert_raises_same(name: str, *arguments: Any, note: object = "", **keywords: Any) -> Exception:
    """Assert that a call raises, and the same in both libraries; returns TA-Lib's exception."""
    error = assert_same_call(name, *arguments, note=note, **keywords).error
    assert error is not None, f"{name} {note}: TA-Lib gives a result"
    return error


def assert_identical(ours: Any, theirs: Any, note: object = "") -> None:
    """``candles.assert_identical``, for polars' Series and DataFrames too, and for no result."""
    if theirs is None:
        assert ours is None, note
        return
    if isinstance(theirs, tuple):
        assert type(ours) is tuple, note
        assert len(ours) == len(theirs), note
        for one, other in zip(ours, theirs, strict=True):
            assert_identical(one, other, note)
        return
    if type(theirs).__module__.startswith("polars"):
        assert type(ours) is type(theirs), note
        if hasattr(theirs, "columns"):
            assert ours.schema == theirs.schema, note
        else:
            assert (ours.name, ours.dtype) == (theirs.name, theirs.dtype), note
        ours, theirs = ours.to_numpy().ravel(), theirs.to_numpy().ravel()
    candles.assert_identical(ours, theirs, note)


@cache
def _columns(length: int, seed: int) -> candles.Columns:
    made = candles.candles(np.random.default_rng(seed), length)
    for column in made.values():
        column[:2] = np.nan
    return made


def columns(length: int = 90, *, seed: int = 1) -> candles.Columns:
    """Ordinary candles, the first two missing."""
    return {column: array.copy() for column, array in _columns(length, seed).items()}


def columns_of(name: str) -> list[str]:
    """The candle columns that an indicator reads, in its order."""
    names: list[str] = []
    for series in DEFINITIONS[name].inputs.values():
        names += series if isinstance(series, list) else [series]
    return names


def arrays(name: str, made: candles.Columns | None = None) -> list[Any]:
    """The arrays that an indicator reads, in its order; of ordinary candles."""
    made = columns() if made is None else made
    return [made[column] for column in columns_of(name)]


def with_each(name: str, convert: Callable[[Any], Any]) -> list[list[Any]]:
    """An indicator's arrays, each in turn converted, then all of them."""
    plain = arrays(name)
    ways = [
        [convert(array) if i == j else array for j, array in enumerate(plain)]
        for i in range(len(plain))
    ]
    return [*ways, [convert(array) for array in plain]] if len(plain) > 1 else ways


def _tell(found: Outcome) -> str:
    if found.error is not None:
        return f"{type(found.error).__name__}: {found.error}"
    return f"a result ({type(found.result).__name__})"
