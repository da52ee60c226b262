"""Compiled, the indicators give what their Python gives: every value, bit for bit."""

import numpy as np
import pandas as pd
import pytest

import {{ cookiecutter.kernels }} as kernels
from ft_numba_aot.aot import Kernel, backend_info

KERNELS = [value for value in vars(kernels).values() if isinstance(value, Kernel)]


def candles(length: int) -> pd.DataFrame:
    rng = np.random.default_rng(length)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, length)))
    spread = 1.0 + np.abs(rng.normal(0.0, 0.005, length))
    volume = np.round(rng.lognormal(2.0, 2.0, length))
    volume[length // 2 : length // 2 + 30] = 0.0
    return pd.DataFrame(
        {"high": close * spread, "low": close / spread, "close": close, "volume": volume}
    )


def columns(result: "pd.Series | tuple[pd.Series, ...]") -> "tuple[pd.Series, ...]":
    return result if isinstance(result, tuple) else (result,)


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.name)
@pytest.mark.parametrize("length", [0, 1, 19, 20, 1000])
def test_compiled_is_the_same(kernel: Kernel, length: int) -> None:
    info = backend_info(kernel)
    if info.backend != "native":
        pytest.skip(str(info.reason))
    frame = candles(length)
    for one, other in zip(columns(kernel(frame)), columns(kernel.as_python(frame)), strict=True):
        np.testing.assert_array_equal(one, other, strict=True)
        np.testing.assert_array_equal(np.signbit(one[one == 0]), np.signbit(other[other == 0]))


def test_volume_weighted() -> None:
    frame = candles(60)
    typical = (frame["high"] + frame["low"] + frame["close"]) / 3.0
    traded = (typical * frame["volume"]).rolling(20).sum()
    expected = traded / frame["volume"].rolling(20).sum()
    there = frame["volume"].rolling(20).sum() > 0.0
    result = kernels.volume_weighted(frame, timeperiod=20)
    np.testing.assert_allclose(result[there], expected[there], rtol=1e-9)


def test_trailing_line() -> None:
    line, direction = kernels.trailing_line([100.0, 110.0, 106.0, 100.0, 96.0], 0.05)
    np.testing.assert_allclose(line, [95.0, 104.5, 104.5, 105.0, 100.8])
    assert direction.tolist() == [1, 1, 1, -1, -1]
