"""The breakers: when they open, when they close again, what is kept and told."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ft_numba_aot.runtime import NumbaManager, Settings
from ft_numba_aot.runtime.fallback import FAILURES, KEPT, RETRY_AFTER
from ft_numba_aot.runtime.registration import Registration


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FT_NUMBA_AOT_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def manager() -> NumbaManager:
    return NumbaManager()


class Function:
    """An optimized function that does as told, beside an original that gives ``stock``."""

    def __init__(self, manager: NumbaManager, **more: Any) -> None:
        self.does: Callable[[], Any] = lambda: "stock"
        self.runs = 0
        self.original_raises: Exception | None = None
        self.registration: Registration = manager.register(
            "metrics", "f", original=self.original, optimized=self.optimized, **more
        )

    def original(self) -> str:
        if self.original_raises is not None:
            raise self.original_raises
        return "stock"

    def optimized(self) -> Any:
        self.runs += 1
        return self.does()

    def __call__(self, times: int = 1) -> None:
        for _ in range(times):
            assert self.registration.proxy() == "stock"


def broken() -> Any:
    raise RuntimeError("broken")


@pytest.fixture
def function(manager: NumbaManager) -> Function:
    return Function(manager)


def test_the_thresholds() -> None:
    assert (FAILURES, RETRY_AFTER) == (3, 1000)


def test_three_failures_open_it(manager: NumbaManager, function: Function) -> None:
    function.does = broken
    function(2)
    assert not manager.fallback.is_open("metrics.f")
    assert manager.is_optimization_available("metrics", "f")
    function()
    assert manager.fallback.is_open("metrics.f")
    assert not manager.is_optimization_available("metrics", "f")
    assert not manager.fallback.is_final("metrics.f")
    function(10)
    assert function.runs == 3


def test_failures_need_not_come_one_after_the_other(
    manager: NumbaManager, function: Function
) -> None:
    for _ in range(3):
        function.does = lambda: "stock"
        function(10)
        function.does = broken
        function()
    assert manager.fallback.is_open("metrics.f")


def test_after_a_thousand_calls_one_trial_that_does_as_the_original_closes_it(
    manager: NumbaManager, function: Function
) -> None:
    function.does = broken
    function(3)
    function.does = lambda: "stock"
    function(1000)
    assert function.runs == 3
    function()
    assert function.runs == 4
    assert not manager.fallback.is_open("metrics.f")
    function()
    assert function.runs == 5
    # The original served the failed ones, those of the open breaker, and the trial.
    assert manager.fallback.fallbacks("metrics.f") == 3 + 1000 + 1


def test_a_trial_that_fails_leaves_it_open_for_good(
    manager: NumbaManager, function: Function
) -> None:
    function.does = broken
    function(3 + 1000 + 1)
    assert function.runs == 4
    assert manager.fallback.is_final("metrics.f")
    function.does = lambda: "stock"
    function(2500)
    assert function.runs == 4


def test_a_trial_with_another_result_leaves_it_open_for_good(
    manager: NumbaManager, function: Function
) -> None:
    function.does = broken
    function(3)
    function.does = lambda: "other"
    function(1000 + 1)
    assert function.runs == 4
    assert manager.fallback.is_final("metrics.f")
    assert [reason.kind for reason in manager.fallback.reasons()] == ["failure", "mismatch"]


def test_a_trial_with_a_result_where_the_original_raises_does_too(
    manager: NumbaManager, function: Function
) -> None:
    function.does = broken
    function(3 + 0)
    function.does = lambda: "stock"
    function(1000)
    function.original_raises = ValueError("no")
    with pytest.raises(ValueError, match="no"):
        function.registration.proxy()
    assert manager.fallback.is_final("metrics.f")


def test_a_trial_with_the_caller_s_error_says_nothing(
    manager: NumbaManager, function: Function
) -> None:
    function.does = broken
    function(3 + 1000)
    function.original_raises = RuntimeError("the caller's")
    with pytest.raises(RuntimeError, match="the caller's") as caught:
        function.registration.proxy()
    assert caught.value.__context__ is None
    assert function.runs == 4
    assert manager.fallback.is_open("metrics.f")
    assert not manager.fallback.is_final("metrics.f")
    function.original_raises, function.does = None, lambda: "stock"
    function(RETRY_AFTER + 1)
    assert not manager.fallback.is_open("metrics.f")


def test_a_trial_with_another_error_than_the_original_s_fails(
    manager: NumbaManager, function: Function
) -> None:
    function.does = broken
    function(3 + 1000)
    function.original_raises = ValueError("no")
    with pytest.raises(ValueError, match="no"):
        function.registration.proxy()
    assert manager.fallback.is_final("metrics.f")


def test_one_that_fails_again_after_its_trial_is_open_for_good(
    manager: NumbaManager, function: Function
) -> None:
    function.does = broken
    function(3)
    function.does = lambda: "stock"
    function(1001)
    assert not manager.fallback.is_open("metrics.f")
    function.does = broken
    function()
    assert manager.fallback.is_final("metrics.f")


def test_one_mismatch_opens_it_for_good(manager: NumbaManager, function: Function) -> None:
    manager.fallback.mismatch(function.registration, ((), {}), 1, 2, "1 is not 2")
    assert manager.fallback.is_open("metrics.f")
    assert manager.fallback.is_final("metrics.f")
    function(2500)
    assert function.runs == 0


def test_a_mismatch_during_a_trial_of_another_thread_prevails(
    manager: NumbaManager, function: Function
) -> None:
    function.does = broken
    function(3 + 1000)

    def meanwhile() -> str:
        manager.fallback.mismatch(function.registration, ((), {}), 1, 2, "1 is not 2")
        return "stock"

    function.does = meanwhile
    function()
    assert manager.fallback.is_final("metrics.f")


@pytest.mark.parametrize("outcome", ["stock", "other", None])
def test_one_that_is_unregistered_during_its_trial(
    manager: NumbaManager, function: Function, outcome: str | None
) -> None:
    function.does = broken
    function(3 + 1000)

    def meanwhile() -> str:
        manager.unregister("metrics", "f")
        if outcome is None:
            raise RuntimeError("broken")
        return outcome

    function.does = meanwhile
    function(3)
    assert function.runs == 4
    assert manager.fallback.fallbacks() == 0


def test_an_impure_function_is_tried_without_its_original(manager: NumbaManager) -> None:
    function = Function(manager, pure=False)
    for _ in range(3):
        manager.fallback.failure(function.registration, RuntimeError("told by itself"))
    function(1000)
    assert function.runs == 0
    function()
    assert function.runs == 1
    assert not manager.fallback.is_open("metrics.f")


def test_an_impure_function_s_trial_that_fails_propagates(manager: NumbaManager) -> None:
    function = Function(manager, pure=False)
    for _ in range(3):
        manager.fallback.failure(function.registration, RuntimeError("told by itself"))
    function.does = broken
    function(1000)
    with pytest.raises(RuntimeError, match="broken"):
        function.registration.proxy()
    assert manager.fallback.is_final("metrics.f")


def test_only_one_thread_takes_the_trial(manager: NumbaManager, function: Function) -> None:
    function.does = broken
    function(3 + 1000)
    threads = 8
    start = threading.Barrier(threads)

    def slow() -> str:
        time.sleep(0.05)
        return "stock"

    function.does = slow

    def call(_: int) -> None:
        start.wait()
        function()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(call, range(threads)))
    assert function.runs == 4
    assert not manager.fallback.is_open("metrics.f")


def test_failures_of_many_threads_are_all_counted(
    manager: NumbaManager, function: Function
) -> None:
    threads, failures = 8, 200
    start = threading.Barrier(threads)

    def fail(_: int) -> None:
        start.wait()
        for _ in range(failures):
            manager.fallback.failure(function.registration, RuntimeError("broken"))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(fail, range(threads)))
    (reason,) = manager.fallback.reasons()
    assert reason.count == threads * failures
    assert manager.fallback.fallbacks("metrics.f") == threads * failures


def test_reasons_are_kept_by_what_they_say(manager: NumbaManager, function: Function) -> None:
    before = time.time()
    for message in ("one", "two", "one"):
        manager.fallback.failure(function.registration, ValueError(message))
    one, two = manager.fallback.reasons("metrics.f")
    assert (one.key, one.kind, one.message, one.count) == (
        "metrics.f",
        "failure",
        "ValueError: one",
        2,
    )
    assert two.count == 1
    assert before <= one.first <= two.first <= one.last <= time.time()
    assert manager.fallback.reasons() == [one, two]
    assert manager.fallback.reasons("metrics.g") == []


def test_different_reasons_beyond_some_are_counted_together(
    manager: NumbaManager, function: Function
) -> None:
    for number in range(KEPT + 5):
        manager.fallback.failure(function.registration, ValueError(number))
    reasons = manager.fallback.reasons()
    assert len(reasons) == KEPT + 1
    assert (reasons[-1].message, reasons[-1].count) == ("others", 5)


def test_a_long_message_is_cut(manager: NumbaManager, function: Function) -> None:
    manager.fallback.failure(function.registration, ValueError("x" * 10_000))
    assert len(manager.fallback.reasons()[0].message) <= 500


def test_the_rate_is_the_share_that_the_originals_served(
    manager: NumbaManager, function: Function
) -> None:
    other = manager.register("metrics", "g", original=lambda: 1, optimized=lambda: 1)
    assert manager.fallback.rate() == manager.fallback.rate("metrics.f") == 0.0
    function(5)
    function.does = broken
    function(5)  # three fail, two are served by the open breaker
    for _ in range(10):
        other.proxy()
    assert manager.fallback.fallbacks("metrics.f") == manager.fallback.fallbacks() == 5
    assert manager.fallback.rate("metrics.f") == 0.5
    assert manager.fallback.rate() == 0.25
    assert manager.fallback.rate("metrics.g") == 0.0
    assert manager.fallback.rate("metrics.h") == 0.0


def test_calls_of_what_is_off_are_no_fallbacks(manager: NumbaManager, function: Function) -> None:
    manager.configure(Settings(enabled_modules=()))
    function(10)
    assert manager.fallback.fallbacks() == 0


def test_what_is_told(
    manager: NumbaManager, function: Function, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []
    manager.alerts.add_channel(told.append)
    function.does = broken
    with caplog.at_level(logging.WARNING, "ft_numba_aot"):
        function(1200)
    assert told[0].startswith("metrics.f failed, its original ran instead: RuntimeError: broken")
    assert told[1:] == [
        "metrics.f runs as its original for the next 1,000 calls: it failed repeatedly",
        "metrics.f runs as its original for good: it failed again",
    ]
    assert sorted(told) == sorted(record.getMessage() for record in caplog.records)


def test_one_that_fails_again_after_its_trial_is_told(
    manager: NumbaManager, function: Function
) -> None:
    function.does = broken
    function(3)
    function.does = lambda: "stock"
    function(1001)
    function.does = broken
    function()
    causes = [alert.cause for alert in manager.alerts.sent()]
    assert causes == ["failure: metrics.f", "open: metrics.f", "final: metrics.f"]


def test_a_rate_over_a_thousandth_is_told(manager: NumbaManager, function: Function) -> None:
    function(1500)
    function.does = broken
    function()
    assert [alert.cause for alert in manager.alerts.sent()] == ["failure: metrics.f"]
    function()
    causes = [alert.cause for alert in manager.alerts.sent()]
    assert causes == ["failure: metrics.f", "fallback rate: metrics.f"]


def test_a_mismatch_is_told_once(manager: NumbaManager, function: Function) -> None:
    told: list[str] = []
    manager.alerts.add_channel(told.append)
    for _ in range(3):
        manager.fallback.mismatch(function.registration, ((), {}), 1, 2, "1 is not 2")
    assert len(told) == 1
    assert "metrics.f runs as its original for good" in told[0]
    assert "1 is not 2" in told[0]


@pytest.mark.parametrize("kind", ["failure", "mismatch"])
def test_alerts_that_fail_stop_nothing(
    manager: NumbaManager, function: Function, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    def send(cause: str, message: str) -> bool:
        raise OSError("no telling")

    monkeypatch.setattr(manager.alerts, "send", send)
    if kind == "failure":
        function.does = broken
    else:
        function.does = lambda: "other"
        manager.configure(Settings(validation="sample"))
    function(5)
    assert manager.fallback.is_open("metrics.f")


def test_a_mismatch_leaves_a_reproducer(manager: NumbaManager, tmp_path: Path) -> None:
    manager.register("metrics", "g", original=_stock, optimized=_other)
    manager.configure(Settings(validation="sample"))
    assert manager.get_optimized_function("metrics", "g")(1) == 1
    (script,) = (tmp_path / "cache").rglob("*.py")
    assert str(script) in manager.alerts.sent()[0].message


def _stock(value: int) -> int:
    return value


def _other(value: int) -> int:
    return value + 1


def test_a_reproducer_that_can_t_be_written_stops_nothing(
    manager: NumbaManager, function: Function, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("FT_NUMBA_AOT_CACHE", str(tmp_path / "file"))
    function.does = lambda: "other"
    manager.configure(Settings(validation="sample"))
    function(5)
    assert manager.fallback.is_final("metrics.f")
