"""Lanes divide by whole numbers without a division: the same bits for every number that is tame."""

from __future__ import annotations

import math
import sys
from typing import Any

import mutants
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ft_numba_aot._kernels import _lanes


def fusing(module: str, site: int) -> tuple[Any, Any]:
    """``_lanes`` and ``_side_by_side``, one of them with a multiply-add made plain, as compiled."""
    mutants.mutant(mutants.PlainProduct, module, site)
    lanes, side_by_side = (
        sys.modules[f"{mutants.NAME}.{name}"] for name in ("_lanes", "_side_by_side")
    )
    lanes.fuses = lambda: True  # type: ignore[attr-defined]
    return lanes, side_by_side


def quotient(kernels: tuple[Any, Any], total: float, count: float) -> float:
    """``share`` of one lane, with what ``set_divisor`` keeps for it."""
    lanes, side_by_side = kernels
    state = np.zeros(side_by_side.KINDS * lanes.LANES)
    side_by_side.set_divisor(state, 3, count)
    kinds = (side_by_side.COUNT, side_by_side.RECIPROCAL, side_by_side.REST)
    divided: float = lanes.share(total, *(float(state[kind + 3]) for kind in kinds))
    return divided


@pytest.fixture(scope="module")
def kernels() -> tuple[Any, Any]:
    return fusing("_lanes", -1)


sizes = st.floats(_lanes.LEAST, _lanes.MOST)
counts = st.one_of(st.integers(1, 200), st.integers(1, 2**33)).map(float)
# Totals beside what a short number times the count is: quotients beside short numbers.
beside = st.builds(
    lambda number, count, up: (math.nextafter(number * count, math.inf if up else 0.0), count),
    st.floats(2.0**-20, 2.0**20, width=32),
    counts,
    st.booleans(),
)


@given(case=st.one_of(beside, st.tuples(sizes | sizes.map(lambda size: -size), counts)))
@example(case=(0.0, 49.0))
@example(case=(_lanes.MOST, 3.0))
@example(case=(_lanes.LEAST, 2.0**33 - 1.0))
def test_a_share_is_the_quotient(kernels: tuple[Any, Any], case: tuple[float, float]) -> None:
    total, count = case
    assert quotient(kernels, total, count) == total / count


@pytest.mark.parametrize("module", ["_lanes", "_side_by_side"])
def test_plain_multiply_add_is_noticed(module: str) -> None:
    totals = np.random.default_rng(1).lognormal(size=200).tolist()
    assert mutants.sites(mutants.PlainProduct, module) == 1
    plain = fusing(module, 0)
    assert any(quotient(plain, total, 49.0) != total / 49.0 for total in totals)
