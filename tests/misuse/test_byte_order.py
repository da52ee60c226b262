"""Arrays in the other byte order: TA-Lib silently misreads them, here they raise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from candles import same_bits
from definitions import REPRESENTATIVES
from outcomes import arrays, assert_same_call, columns, original, with_each

from ft_numba_aot import ta


def swapped(array: Any) -> Any:
    return array.astype(array.dtype.newbyteorder())


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_array_is_refused(name: str) -> None:
    for given in with_each(name, swapped):
        with pytest.raises(Exception, match="input array type is not double in native byte order"):
            ta.Function(name)(*given)
    for given in with_each(name, lambda array: np.repeat(swapped(array), 2)[::2]):
        with pytest.raises(Exception, match="input array type is not double in native byte order"):
            ta.Function(name)(*given)


@pytest.mark.parametrize("name", REPRESENTATIVES)
def test_series_and_frame_are_converted(name: str) -> None:
    for given in with_each(name, lambda array: pd.Series(swapped(array))):
        assert assert_same_call(name, *given).error is None
    frame = pd.DataFrame({column: swapped(array) for column, array in columns().items()})
    assert assert_same_call(name, frame).error is None


def test_talib_misreads() -> None:
    (close,) = arrays("SMA")
    misread = original().Function("SMA")(swapped(close), timeperiod=2)
    assert not same_bits(misread, ta.SMA(close, timeperiod=2))
