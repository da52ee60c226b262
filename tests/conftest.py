"""Hypothesis profiles, and the checks that the right package is under test."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

import ft_numba_aot

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
for name, examples in (("ci", 20), ("dev", 60), ("thorough", 3000)):
    settings.register_profile(
        name, max_examples=examples, deadline=None, print_blob=True, suppress_health_check=SLOW
    )
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def pytest_report_header(config: pytest.Config) -> list[str]:
    info = ft_numba_aot.backend_info()
    return [
        f"ft_numba_aot {ft_numba_aot.__version__} from {os.path.dirname(ft_numba_aot.__file__)}",
        f"backend {info.backend}, {info.isa or info.reason}",
    ]
