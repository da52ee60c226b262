"""The native extension and the plain Python of the same kernel give the same bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from candles import any_candles, same_bits
from definitions import arguments_of, parameters_of
from hypothesis import given
from hypothesis import strategies as st

from ft_numba_aot import _backend
from ft_numba_aot.ta._compute import Compute
from ft_numba_aot.ta._table import DEFINITIONS

pytestmark = pytest.mark.skipif(
    _backend.backend() == "pure", reason="the backend is pure: nothing to compare it with"
)


def pure_compute(name: str) -> Compute:
    compute = Compute(DEFINITIONS[name])
    kernel = _backend._pure_kernels()[name.lower()]
    compute._kernel, compute._work = _backend._pure(kernel), kernel.work
    return compute


@pytest.mark.parametrize("name", DEFINITIONS)
@given(data=st.data())
def test_indicators(name: str, data: st.DataObject) -> None:
    columns = data.draw(any_candles(max_size=120))
    definition = DEFINITIONS[name]
    values = list(parameters_of(data.draw, definition, len(columns["close"])).values())
    arrays = arguments_of(definition, columns, "arrays")
    native: list[Any] = Compute(definition)(arrays, values)
    pure: list[Any] = pure_compute(name)(arrays, values)
    for one, other in zip(native, pure, strict=True):
        assert same_bits(one, other), (values, one, other)


def test_work_space_is_as_large_natively() -> None:
    rng = np.random.default_rng(5)
    for name, definition in DEFINITIONS.items():
        native, pure = _backend.work(name.lower()), _backend._pure_kernels()[name.lower()].work
        assert (native is None) == (pure is None), name
        if native is None or pure is None:
            continue
        for length in (1, 10, 1000):
            values = [
                int(rng.integers(p.low, min(p.high, 99) + 1))
                if isinstance(p.default, int)
                else p.default
                for p in definition.parameters
            ]
            assert native(length, *values) == pure(length, *values), (name, length, values)


def test_extension_is_built_from_these_kernels() -> None:
    build_aot = pytest.importorskip("build_aot", reason="only beside the sources")
    assert _backend._native is not None
    assert _backend._native._fingerprint() == build_aot.fingerprint()
