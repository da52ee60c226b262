"""Alerts: once a cause, to every channel, and what the watch rules make of times and fallbacks."""

from __future__ import annotations

import logging
import os
import threading
from dataclasses import dataclass

import pytest

from ft_numba_aot.runtime.alerts import CHECKS, SAMPLES, Alerts
from ft_numba_aot.runtime.histogram import Histogram

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")


@pytest.fixture
def alerts() -> Alerts:
    return Alerts()


@pytest.fixture
def heard(alerts) -> list[str]:
    messages: list[str] = []
    alerts.add_channel(messages.append)
    return messages


def causes(alerts: Alerts) -> list[str]:
    return [alert.cause for alert in alerts.sent()]


def test_an_alert_is_a_warning_in_the_log_and_goes_to_each_channel(alerts, heard, caplog):
    other: list[str] = []
    alerts.add_channel(other.append)
    with caplog.at_level(logging.INFO, "ft_numba_aot"):
        assert alerts.send("mismatch: a.b", "a.b is off")
    assert heard == other == ["a.b is off"]
    assert caplog.record_tuples == [("ft_numba_aot", logging.WARNING, "a.b is off")]


def test_a_cause_is_told_once_and_counted(alerts, heard, caplog):
    assert alerts.send("mismatch: a.b", "a.b is off")
    assert not alerts.send("mismatch: a.b", "a.b is off again")
    assert alerts.send("mismatch: a.c", "a.c is off")
    assert heard == ["a.b is off", "a.c is off"]
    assert len(caplog.records) == 2
    assert [(alert.cause, alert.message, alert.count) for alert in alerts.sent()] == [
        ("mismatch: a.b", "a.b is off", 2),
        ("mismatch: a.c", "a.c is off", 1),
    ]


def test_a_message_is_not_taken_for_a_format(alerts, heard, caplog):
    alerts.send("disk", "100 %s full %d")
    assert caplog.messages == heard == ["100 %s full %d"]


def test_a_channel_hears_what_came_before_it(alerts):
    alerts.send("a", "before")
    messages: list[str] = []
    alerts.add_channel(messages.append)
    alerts.send("b", "after")
    assert messages == ["before", "after"]


def test_a_channel_is_added_once(alerts, heard):
    alerts.add_channel(heard.append)
    alerts.send("a", "told")
    assert heard == ["told"]


def test_a_channel_can_be_removed(alerts, heard):
    alerts.remove_channel(heard.append)
    alerts.remove_channel(print)
    alerts.send("a", "told")
    assert heard == []


@pytest.mark.parametrize("earlier", [False, True])
def test_a_channel_that_raises_is_dropped_with_a_log_line(alerts, caplog, earlier):
    calls: list[str] = []

    def broken(message: str) -> None:
        calls.append(message)
        raise ConnectionError("no network")

    after: list[str] = []
    if earlier:
        alerts.send("a", "first")
        alerts.send("b", "second")
        alerts.add_channel(broken)
        alerts.add_channel(after.append)
    else:
        alerts.add_channel(broken)
        alerts.add_channel(after.append)
        alerts.send("a", "first")
        alerts.send("b", "second")
    assert calls == ["first"]
    assert after == ["first", "second"]
    assert sum("ConnectionError: no network" in message for message in caplog.messages) == 1


def test_a_channel_may_send_alerts_itself(alerts):
    messages: list[str] = []

    def channel(message: str) -> None:
        messages.append(message)
        alerts.send("from the channel", "nested")

    alerts.add_channel(channel)
    alerts.send("a", "first")
    assert messages == ["first", "nested"]


def test_switched_off_only_the_log_is_told(alerts, heard, caplog):
    alerts.enabled = False
    alerts.send("a", "told")
    assert heard == []
    assert caplog.messages == ["told"]


def test_many_threads_tell_a_cause_once(alerts, heard):
    start = threading.Barrier(8)

    def send() -> None:
        start.wait()
        for cause in range(50):
            alerts.send(str(cause), str(cause))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(heard) == sorted(map(str, range(50)))
    assert all(alert.count == 8 for alert in alerts.sent())


@dataclass
class Reason:
    key: str


class FakeFallback:
    """A fallback manager of one function, with that many of so many calls served."""

    def __init__(self, fallbacks: int, calls: int) -> None:
        self._fallbacks, self._calls = fallbacks, calls

    def reasons(self) -> list[Reason]:
        return [Reason("ta.SMA")] * min(self._fallbacks, 2)

    def fallbacks(self, key: str) -> int:
        return self._fallbacks

    def rate(self, key: str) -> float:
        return self._fallbacks / self._calls if self._calls else 0.0


@pytest.mark.parametrize(
    ("fallbacks", "calls", "told"),
    [
        (0, 0, False),
        (0, 10_000, False),
        (1, 1, False),
        (2, 999, False),
        (3, 3, True),
        (3, 2_999, True),
        (3, 3_000, False),
        (1, 1_000, False),
        (2, 1_000, True),
        (100, 100_000, False),
        (101, 100_000, True),
    ],
)
def test_the_rate_of_fallbacks(alerts, heard, fallbacks, calls, told):
    for _ in range(3):
        alerts.check(None, FakeFallback(fallbacks, calls))
    assert causes(alerts) == (["fallback rate: ta.SMA"] if told else [])
    assert len(heard) == told


def test_the_message_says_how_many_fallbacks(alerts, heard):
    alerts.check(None, FakeFallback(25, 10_000))
    assert heard == ["ta.SMA: the original served 0.25% of the calls (25), more than 0.1%"]


class FakeCollector:
    """A collector of one function."""

    def __init__(self) -> None:
        self.enabled = True
        self.optimized, self.original = Histogram(), Histogram()

    def snapshot(self) -> dict[str, object]:
        function = {"optimized": self.optimized.to_dict(), "original": self.original.to_dict()}
        return {"functions": {"ta.SMA": function}}

    def run(self, ratio: float, samples: int) -> FakeCollector:
        self.original.add([1e-5] * samples)
        self.optimized.add([1e-5 * ratio] * (64 * samples))
        return self


@pytest.fixture
def collector() -> FakeCollector:
    return FakeCollector()


def test_slower_than_its_original_for_long_is_told_once(alerts, heard, collector):
    for check in range(1, 7):
        alerts.check(collector.run(1.3, 70), None)
        assert len(heard) == (check >= CHECKS)
    assert causes(alerts) == ["slower: ta.SMA"]
    assert heard[0].startswith("ta.SMA takes 1.30 times as long as its original")


@pytest.mark.parametrize("ratio", [0.2, 0.9, 1.0, 1.07])
def test_faster_or_hardly_slower_is_not_told(alerts, collector, ratio):
    for _ in range(20):
        alerts.check(collector.run(ratio, 100), None)
    assert causes(alerts) == []


def test_the_checks_must_follow_each_other(alerts, collector):
    for _ in range(10):
        alerts.check(collector.run(1.3, 100), None)
        alerts.check(collector.run(1.3, 100), None)
        alerts.check(collector.run(0.5, 100), None)
    assert causes(alerts) == []


def test_a_check_waits_for_its_samples(alerts, collector):
    for _ in range(SAMPLES - 1):
        alerts.check(collector.run(2.0, 1), None)
    assert causes(alerts) == []
    for _ in range(10):
        alerts.check(collector.run(2.0, 1), None)
    assert causes(alerts) == ["slower: ta.SMA"]


def test_one_that_became_slower_after_a_long_time_is_told(alerts, collector):
    alerts.check(collector.run(0.2, 100_000), None)
    for _ in range(3):
        alerts.check(collector.run(1.3, 70), None)
    assert causes(alerts) == ["slower: ta.SMA"]


def test_a_few_interruptions_are_not_slowness(alerts, collector):
    for _ in range(10):
        collector.run(0.9, 100)
        collector.optimized.add([0.1] * 50)
        alerts.check(collector, None)
    assert causes(alerts) == []


def test_a_collector_that_is_off_is_not_looked_at(alerts, collector):
    collector.enabled = False
    for _ in range(10):
        alerts.check(collector.run(2.0, 100), None)
    assert causes(alerts) == []


def test_times_that_start_anew_are_judged_anew(alerts, collector):
    alerts.check(collector.run(2.0, 100), None)
    again = FakeCollector()
    for _ in range(2):
        alerts.check(again.run(2.0, 70), None)
    assert causes(alerts) == []
    alerts.check(again.run(2.0, 70), None)
    assert causes(alerts) == ["slower: ta.SMA"]


@needs_fork
def test_a_fork_while_another_thread_sends_does_not_block_the_child(alerts):
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with alerts._lock:
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    inside.wait(10)
    pid = os.fork()
    if not pid:
        os._exit(0 if alerts.send("a", "in the child") else 1)
    _, status = os.waitpid(pid, 0)
    leave.set()
    thread.join()
    assert os.waitstatus_to_exitcode(status) == 0
    assert causes(alerts) == []
