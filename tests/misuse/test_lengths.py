"""Empty and short arrays, arrays of different lengths, arrays that are too long."""

from __future__ import annotations

import numpy as np
import pytest
from definitions import OF_SEVERAL_ARRAYS, REPRESENTATIVES
from outcomes import arrays, assert_raises_same, assert_same_call, columns

from ft_numba_aot import ta
from ft_numba_aot.ta import _compute
from ft_numba_aot.ta._table import DEFINITIONS


@pytest.mark.parametrize("name", DEFINITIONS)
def test_empty_and_short(name: str) -> None:
    for length in range(5):
        given = [array[-length:] if length else array[:0] for array in arrays(name)]
        assert assert_same_call(name, *given, note=length).error is None


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_empty_with_any_period(name: str) -> None:
    given = [array[:0] for array in arrays(name)]
    for value in (-1, 0, 1, 100_001, 2**31 - 1, -(2**31), 2**31, 2**63):
        for parameter, default in ta.Function(name).parameters.items():
            typed = value if isinstance(default, int) else float(value)
            assert_same_call(name, *given, **{parameter: typed}, note=(parameter, typed))


@pytest.mark.parametrize("name", DEFINITIONS)
def test_all_missing(name: str) -> None:
    for length in (1, 2, 90):
        given = [np.full(length, np.nan) for _ in arrays(name)]
        assert assert_same_call(name, *given, note=length).error is None


@pytest.mark.parametrize("name", OF_SEVERAL_ARRAYS)
def test_different_lengths(name: str) -> None:
    given = arrays(name)
    for i, array in enumerate(given):
        for other in (array[:-1], array[:1], array[:0], np.concatenate([array, array])):
            error = assert_raises_same(name, *given[:i], other, *given[i + 1 :])
            assert str(error) == "input array lengths are different"


@pytest.mark.parametrize("name", OF_SEVERAL_ARRAYS)
def test_different_lengths_in_a_dict(name: str) -> None:
    made = columns()
    for column in made:
        assert_same_call(name, {**made, column: made[column][1:]}, note=column)


def test_argument_and_lengths_are_named() -> None:
    high, low, close = arrays("ATR")
    with pytest.raises(Exception, match=r"are different: high has 90, close has 1$"):
        ta.ATR(high, low, close[:1])


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_longer_than_an_int32_counts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_compute, "_MAX_LENGTH", 89)
    with pytest.raises(Exception, match="90 values are too many"):
        ta.Function(name)(*arrays(name))
