"""Masked arrays and other kinds of ndarray count as the memory they hold, as in TA-Lib."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from candles import same_bits
from definitions import REPRESENTATIVES
from outcomes import arrays, assert_same_call, with_each

from ft_numba_aot import ta


class Odd(np.ndarray[Any, Any]):
    """An ndarray that tells untruths about itself."""

    def __len__(self) -> int:
        return 1_000_000

    @property
    def ndim(self) -> int:  # type: ignore[override]
        return 1


def masked(array: Any) -> Any:
    return np.ma.masked_array(array, mask=np.arange(len(array)) % 3 == 0)


KINDS: dict[str, Any] = {
    "masked": masked,
    "masked, strided": lambda x: masked(np.repeat(x, 2))[::2],
    "nothing masked": np.ma.masked_array,
    "all masked": lambda x: np.ma.masked_array(x, mask=True),
    "hard mask": lambda x: np.ma.masked_array(x, mask=x > 1, hard_mask=True),
    "record array": lambda x: x.view(np.recarray),
    "odd": lambda x: x.view(Odd),
}


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_mask_is_not_looked_at(name: str) -> None:
    for kind, convert in KINDS.items():
        for given in with_each(name, convert):
            assert assert_same_call(name, *given, note=kind).error is None


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_results_are_plain(name: str) -> None:
    given = arrays(name)
    plain, result = ta.Function(name)(*given), ta.Function(name)(*map(masked, given))
    results = result if isinstance(result, list) else [result]
    assert all(type(output) is np.ndarray for output in results)
    outputs = plain if isinstance(plain, list) else [plain]
    assert all(same_bits(a, b) for a, b in zip(results, outputs, strict=True))


def test_masked_array_filled_with_missing_values_is_another_input() -> None:
    (close,) = arrays("SMA")
    filled = masked(close).filled(np.nan)
    assert not same_bits(ta.SMA(filled, timeperiod=2), ta.SMA(masked(close), timeperiod=2))
