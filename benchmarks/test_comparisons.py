"""Every comparison under pytest-benchmark: a group has ours and the original."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from .comparisons import Comparison, comparisons


@pytest.mark.benchmark(max_time=0.05, min_rounds=20, warmup=False)
@pytest.mark.parametrize("side", ["ours", "original"])
@pytest.mark.parametrize("comparison", comparisons(), ids=lambda c: f"{c.group}-{c.name}")
def test_speed(benchmark: BenchmarkFixture, comparison: Comparison, side: str) -> None:
    comparison.verify()
    benchmark.group = f"{comparison.group}: {comparison.name}"
    benchmark(getattr(comparison, side))
