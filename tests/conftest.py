"""Hypothesis profiles, and the checks that the right package is under test."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable

import pytest
from hypothesis import HealthCheck, settings

import ft_numba_aot

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
for name, examples in (("ci", 10), ("dev", 60), ("thorough", 3000)):
    settings.register_profile(
        name, max_examples=examples, deadline=None, print_blob=True, suppress_health_check=SLOW
    )
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

# Come back to the same lines again and again, where measuring coverage takes half as long again.
UNMEASURED = frozenset(
    {
        *("test_traps_around", "test_traps_loop", "test_traps_state", "test_traps_trades"),
        *("test_statistics", "test_result_lines", "test_look_ahead", "test_faults"),
        *("test_each_feature", "test_combinations"),
        *("test_any_frame", "test_any_candles", "test_ours_is_identical"),
        "test_an_error_of_ours_leaves_the_rest_to_stock_visits",
        *("test_config_block", "test_strategies", "test_results", "test_plain", "test_talib"),
        *("test_mutations", "test_freqtrade_aot", "test_hyperopt_workers"),
        *("test_switched_off", "test_a_phase_and_a_variable_of_freqtrades"),
        *("test_what_other_code_changed", "test_what_other_code_changed_as_json"),
        *("test_a_configuration_and_what_is_off", "test_folders_that_cannot_be_written_to"),
    }
)


# With native kernels, these show no more of the code in Python than with those in Python.
OF_EITHER_BACKEND = ("misuse", "parity") if ft_numba_aot.backend() == "native" else ()


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    for item in items:
        names = {item.path.stem, getattr(item, "originalname", None)}
        if UNMEASURED & names or (
            item.path.parent.name in OF_EITHER_BACKEND and "test_native_equals_pure" not in names
        ):
            item.add_marker("no_cover")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """The processes of what isn't measured aren't either."""
    with pytest.MonkeyPatch.context() as patch:
        if item.get_closest_marker("no_cover"):
            patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        return (yield)


def pytest_report_header(config: pytest.Config) -> list[str]:
    info = ft_numba_aot.backend_info()
    return [
        f"ft_numba_aot {ft_numba_aot.__version__} from {os.path.dirname(ft_numba_aot.__file__)}",
        f"backend {info.backend}, {info.isa or info.reason}",
    ]
