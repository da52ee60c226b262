"""The registry: what is registered, who runs, what is told; in threads, forks and workers."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import joblib
import pytest
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.backend.reduction import dumps

from ft_numba_aot.runtime import BenchmarkCollector, NumbaManager, Settings, get_numba_manager
from ft_numba_aot.runtime.registration import Registration, reached


def stock(value: float) -> str:
    return "stock"


def ours(value: float) -> str:
    return "ours"


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FT_NUMBA_AOT_CACHE", str(tmp_path / "cache"))
    # Other tests of this process may have left it switched off.
    get_numba_manager().reset()


@pytest.fixture
def manager() -> NumbaManager:
    return NumbaManager()


@pytest.fixture
def registration(manager: NumbaManager) -> Registration:
    return manager.register("metrics", "f", original=stock, optimized=ours)


def test_there_is_one_in_a_process() -> None:
    assert get_numba_manager() is get_numba_manager()
    with ThreadPoolExecutor(4) as pool:
        assert {id(m) for m in pool.map(lambda _: get_numba_manager(), range(8))} == {
            id(get_numba_manager())
        }


def test_what_is_registered_is_available(manager: NumbaManager, registration: Registration) -> None:
    assert registration.key == "metrics.f"
    assert manager.is_optimization_available("metrics", "f")
    assert not manager.is_optimization_available("metrics", "g")
    assert manager.get_optimized_function("metrics", "f") is registration.proxy
    assert manager.registrations() == (registration,)
    assert registration.proxy(1.0) == "ours"


def test_what_is_not_is_named_with_what_is(
    manager: NumbaManager, registration: Registration
) -> None:
    with pytest.raises(KeyError, match="no g in metrics; there are f"):
        manager.get_optimized_function("metrics", "g")
    with pytest.raises(KeyError, match=r"no metric\.f, nor any other of metric; there are metrics"):
        manager.get_optimized_function("metric", "f")
    with pytest.raises(KeyError, match="nothing is registered"):
        NumbaManager().get_optimized_function("metrics", "f")


def test_registering_the_same_again_changes_nothing(
    manager: NumbaManager, registration: Registration
) -> None:
    again = manager.register("metrics", "f", original=stock, optimized=ours)
    assert again is registration
    with pytest.raises(ValueError, match=r"metrics\.f is registered with other functions"):
        manager.register("metrics", "f", original=stock, optimized=stock)
    with pytest.raises(ValueError, match=r"metrics\.f is registered with other functions"):
        manager.register("metrics", "f", original=stock, optimized=ours, pure=False)


def test_who_holds_the_proxy_of_an_unregistered_function_gets_the_original(
    manager: NumbaManager, registration: Registration
) -> None:
    manager.unregister("metrics", "f")
    manager.unregister("metrics", "f")
    assert registration.proxy(1.0) == "stock"
    assert manager.registrations() == ()
    assert not manager.is_optimization_available("metrics", "f")
    manager.configure(Settings(validation="off"))
    assert registration.proxy(1.0) == "stock"
    again = manager.register("metrics", "f", original=stock, optimized=ours)
    assert again is not registration
    assert (registration.proxy(1.0), again.proxy(1.0)) == ("stock", "ours")


def test_a_failed_function_registered_anew_starts_anew(
    manager: NumbaManager, registration: Registration
) -> None:
    for _ in range(3):
        manager.fallback.failure(registration, ValueError("x"))
    assert not manager.is_optimization_available("metrics", "f")
    manager.unregister("metrics", "f")
    manager.register("metrics", "f", original=stock, optimized=ours)
    assert manager.is_optimization_available("metrics", "f")
    assert manager.fallback.reasons() == []
    assert manager.fallback.fallbacks() == 0


def test_settings_hold_from_the_next_call_on(
    manager: NumbaManager, registration: Registration
) -> None:
    other = manager.register("backtesting", "g", original=stock, optimized=ours)
    unknown = manager.register("ta", "h", original=stock, optimized=ours)

    def runs() -> list[str]:
        return [each.proxy(1.0) for each in (registration, other, unknown)]

    assert manager.settings == Settings()
    assert runs() == ["ours", "ours", "ours"]
    manager.configure(Settings(optimization_phase="conservative"))
    assert runs() == ["ours", "stock", "ours"]
    assert not manager.is_optimization_available("backtesting", "g")
    manager.configure(Settings(enabled_modules=("backtesting",)))
    assert runs() == ["stock", "ours", "ours"]
    manager.configure(Settings(enable_numba_optimization=False))
    assert runs() == ["stock", "stock", "stock"]
    late = manager.register("metrics", "late", original=stock, optimized=ours)
    assert late.proxy(1.0) == "stock"
    manager.configure(Settings())
    assert runs() == ["ours", "ours", "ours"]


def test_the_collector_is_on_where_settings_say(manager: NumbaManager) -> None:
    registration = manager.register("metrics", "f", original=stock, optimized=ours)
    manager.configure(Settings())
    assert manager.collecting() is None
    manager.configure(Settings(performance_benchmarking=True))
    assert manager.collecting() is manager.collector
    assert isinstance(manager.collector, BenchmarkCollector)
    assert not manager.collector.detailed
    assert registration.collector is manager.collector
    late = manager.register("metrics", "late", original=stock, optimized=ours)
    assert late.collector is manager.collector
    manager.configure(Settings(detailed_performance_logging=True))
    assert manager.collector.enabled
    assert manager.collector.detailed
    manager.configure(Settings())
    assert manager.collecting() is None
    assert not manager.collector.enabled


def test_what_the_collector_saw(manager: NumbaManager) -> None:
    good = manager.register("metrics", "good", original=stock, optimized=stock)
    bad = manager.register("metrics", "bad", original=stock, optimized=lambda: None)
    manager.configure(Settings(performance_benchmarking=True))
    for _ in range(100):
        good.proxy(1.0)
    bad.proxy(1.0)
    seen = manager.collector.snapshot()["functions"]
    assert seen["metrics.good"]["optimized"]["calls"] == 100
    assert seen["metrics.good"]["original"]["calls"] == 2
    assert (seen["metrics.good"]["fallbacks"], seen["metrics.bad"]["fallbacks"]) == (0, 1)


def test_trouble_of_the_collector_is_an_alert(manager: NumbaManager) -> None:
    assert manager.collector.alert is not None
    manager.collector.alert("performance files", "the disk is full")
    assert [alert.cause for alert in manager.alerts.sent()] == ["performance files"]


def test_every_interval_of_the_collector_is_looked_at(
    manager: NumbaManager, registration: Registration, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(manager.alerts, "check", lambda *given: seen.append(given))
    manager.configure(Settings(performance_benchmarking=True))
    assert manager.collector.after_interval is not None
    manager.collector.after_interval()
    assert seen == [(manager.collector, manager.fallback)]
    manager.configure(Settings())
    manager.check()
    assert seen[1:] == [(None, manager.fallback)]


def test_alerts_leave_the_channels_alone_where_settings_say(manager: NumbaManager) -> None:
    manager.configure(Settings(alerts=False))
    assert not manager.alerts.enabled
    manager.configure(Settings())
    assert manager.alerts.enabled
    assert manager.alerts is manager.alerts


def test_statistics_are_json(manager: NumbaManager, registration: Registration) -> None:
    registration.proxy(1.0)
    registration.proxy(1.0)
    manager.fallback.failure(registration, ValueError("why"))
    statistics = manager.statistics()
    assert json.loads(json.dumps(statistics)) == statistics
    reason = statistics["metrics.f"].pop("reasons")[0]
    assert (reason["kind"], reason["message"], reason["count"]) == ("failure", "ValueError: why", 1)
    assert statistics == {
        "metrics.f": {
            "module": "metrics",
            "name": "f",
            "state": "optimized",
            "pure": True,
            "calls": 2,
            "fallbacks": 1,
            "fallback_rate": 0.5,
        }
    }


def test_the_states(manager: NumbaManager, registration: Registration) -> None:
    def state() -> str:
        return str(manager.statistics()["metrics.f"]["state"])

    manager.configure(Settings(enabled_modules=()))
    assert state() == "off"
    manager.configure(Settings())
    for _ in range(3):
        manager.fallback.failure(registration, ValueError())
    assert state() == "original"
    manager.fallback.mismatch(registration, ((1.0,), {}), 1, 2, "1 is not 2")
    assert state() == "original for good"


def test_reset_is_a_new_manager(manager: NumbaManager, registration: Registration) -> None:
    manager.configure(Settings(performance_benchmarking=True))
    collector, alerts = manager.collector, manager.alerts
    manager.fallback.mismatch(registration, ((1.0,), {}), 1, 2, "1 is not 2")
    manager.reset()
    assert manager.registrations() == ()
    assert manager.settings == Settings()
    assert manager.fallback.reasons() == []
    assert manager.collector is not collector
    assert manager.alerts is not alerts
    assert registration.proxy(1.0) == "stock"


def test_reading_a_counter_does_not_count(registration: Registration) -> None:
    assert reached(registration.calls) == 0
    registration.proxy(1.0)
    assert [reached(registration.calls) for _ in range(3)] == [1, 1, 1]


def test_threads_that_register_call_and_configure_at_once(manager: NumbaManager) -> None:
    threads, calls = 8, 2000
    start = threading.Barrier(threads)

    def work(number: int) -> int:
        start.wait()
        own = manager.register("metrics", f"own{number}", original=stock, optimized=ours)
        shared = manager.register("metrics", "shared", original=stock, optimized=ours)
        for call in range(calls):
            assert shared.proxy(1.0) == "ours"
            if call % 100 == 0:
                manager.configure(Settings(validation="startup" if call % 200 else "off"))
                manager.statistics()
        assert own.proxy(1.0) == "ours"
        return id(shared)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(threads) as pool:
            assert len(set(pool.map(work, range(threads)))) == 1
    finally:
        sys.setswitchinterval(interval)
    assert manager.statistics()["metrics.shared"]["calls"] == threads * calls
    assert len(manager.registrations()) == threads + 1


# A module as the package's own: what stands in for its function is in it once it is imported.
MODULE = """
from ft_numba_aot.runtime import Settings, get_numba_manager

def double(value, *, times=2):
    return "stock", value * times

def _ours(value, *, times=2):
    if value == 13:
        raise RuntimeError("unlucky")
    return "ours", value * times

class Holder:
    def method(self, value):
        return "stock", value

    def _ours(self, value):
        return "ours", value

_manager = get_numba_manager()
double = _manager.register("metrics", "double", original=double, optimized=_ours).proxy
Holder.method = _manager.register(
    "metrics", "Holder.method", original=Holder.method, optimized=Holder._ours
).proxy

def calls():
    return get_numba_manager().statistics()["metrics.double"]["calls"]
"""


@pytest.fixture
def standing_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    (tmp_path / "standing_in.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    import standing_in

    yield standing_in
    sys.modules.pop("standing_in")
    get_numba_manager().unregister("metrics", "double")
    get_numba_manager().unregister("metrics", "Holder.method")


def test_a_proxy_is_pickled_by_reference(standing_in: Any) -> None:
    assert pickle.loads(pickle.dumps(standing_in.double)) is standing_in.double
    holder = standing_in.Holder()
    bound = pickle.loads(pickle.dumps(holder.method))
    assert bound(3) == ("ours", 3)
    assert len(pickle.dumps(standing_in.double)) < 100


def test_a_proxy_that_nothing_holds_is_pickled_by_value(standing_in: Any) -> None:
    proxy, standing_in.double = standing_in.double, None
    copied = pickle.loads(dumps(proxy))
    assert copied is not proxy
    assert (copied(1), copied(13, times=1)) == (("ours", 2), ("stock", 13))
    assert get_numba_manager().statistics()["metrics.double"]["calls"] == 2


def test_a_manager_is_pickled_as_the_process_s_own() -> None:
    assert pickle.loads(pickle.dumps(get_numba_manager())) is get_numba_manager()


def test_a_registration_is_pickled_as_its_name(standing_in: Any) -> None:
    registration = get_numba_manager().registration("metrics", "double")
    assert pickle.loads(pickle.dumps(registration)) is registration


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
def test_workers_of_multiprocessing(standing_in: Any, method: str) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method}")
    with ProcessPoolExecutor(2, multiprocessing.get_context(method)) as pool:
        assert list(pool.map(standing_in.double, range(20))) == [
            ("stock" if value == 13 else "ours", value * 2) for value in range(20)
        ]


def test_workers_of_loky(standing_in: Any) -> None:
    # Workers of other tests don't find the module.
    get_reusable_executor().shutdown(wait=True, kill_workers=True)
    calls = [joblib.delayed(standing_in.double)(value, times=3) for value in range(20)]
    holder = standing_in.Holder()
    calls += [joblib.delayed(holder.method)(value) for value in range(3)]
    try:
        results = joblib.Parallel(n_jobs=2, backend="loky")(calls)
    finally:
        # Its threads would go on into other tests.
        get_reusable_executor().shutdown(wait=True, kill_workers=True)
    expected = [("stock" if value == 13 else "ours", value * 3) for value in range(20)]
    assert results == expected + [("ours", value) for value in range(3)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_fork_goes_on_as_its_parent_did(standing_in: Any) -> None:
    manager = get_numba_manager()
    standing_in.double(1)
    registration = manager.registration("metrics", "double")
    stop = threading.Event()

    def busy() -> None:
        while not stop.is_set():
            manager.configure(Settings())
            manager.fallback.reasons()

    # Others are in the middle of something whenever the fork happens.
    threads = [threading.Thread(target=busy) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(20):
            _in_child(lambda: _checked_in_child(manager, registration, standing_in))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    # What happens in a child stays there.
    assert not registration.open
    assert manager.fallback.reasons("metrics.double") == []


def _checked_in_child(manager: NumbaManager, registration: Registration, module: Any) -> bool:
    before = module.calls()
    results = [module.double(2), module.double(13), module.double(13), module.double(13)]
    manager.register("metrics", "in_child", original=stock, optimized=ours)
    return (
        results == [("ours", 4), ("stock", 26), ("stock", 26), ("stock", 26)]
        and registration.open
        and module.calls() == before + 4
        and manager.is_optimization_available("metrics", "in_child")
    )


def _in_child(check: Any) -> None:
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(0 if check() else 1)
        except BaseException:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
