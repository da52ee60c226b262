"""Each ratio under pytest-benchmark, beside the baseline of this process's instruction set.

``pytest benchmarks/test_regression.py --benchmark-json FILE`` has them as ``extra_info``. What
seems worse is measured again here, too, but in the same process: ``python -m
benchmarks.regression`` has the last word.
"""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from ft_numba_aot import backend_info

from . import baseline, ratios
from .comparisons import Comparison
from .regression_process import compared

STORED = baseline.read().get(backend_info().isa or "")


@pytest.mark.skipif(STORED is None, reason="no baseline of this backend")
@pytest.mark.benchmark(max_time=0.05, min_rounds=20, warmup=False)
@pytest.mark.parametrize("comparison", compared(), ids=ratios.key)
def test_not_worse(benchmark: BenchmarkFixture, comparison: Comparison) -> None:
    assert STORED is not None
    comparison.verify()
    benchmark.group = comparison.group
    benchmark(comparison.ours)
    name = ratios.key(comparison)
    known = {name: STORED["ratios"][name]} if name in STORED["ratios"] else {}
    (verdict,) = ratios.judged(known, lambda: ratios.measured([comparison]))
    benchmark.extra_info.update(ratio=verdict.ratio, baseline=verdict.baseline)
    assert not verdict.worse, f"{name}: {verdict.ratio:.3g}, and it was {verdict.baseline:.3g}"
