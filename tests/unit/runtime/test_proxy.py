"""What stands in for an original: looks like it, and who runs when."""

from __future__ import annotations

import copy
import functools
import gc
import inspect
import pickle
import time
import warnings
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ft_numba_aot.runtime import NumbaManager, Settings
from ft_numba_aot.runtime.fallback import FAILURES, RETRY_AFTER
from ft_numba_aot.runtime.proxy import SAMPLED, TIMED, PerformanceProxy
from ft_numba_aot.runtime.registration import Registration


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FT_NUMBA_AOT_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def manager() -> NumbaManager:
    return NumbaManager()


class Recorder:
    """Stands where a collector is: keeps what it is told."""

    enabled = True

    def __init__(self) -> None:
        self.ours: list[float] = []
        self.originals: list[float] = []
        self.counted: list[tuple[str, str]] = []

    def record(self, key: str, seconds: float) -> None:
        self.ours.append(seconds)

    def record_original(self, key: str, seconds: float) -> None:
        self.originals.append(seconds)

    def count_fallback(self, key: str) -> None:
        self.counted.append(("fallback", key))

    def count_mismatch(self, key: str) -> None:
        self.counted.append(("mismatch", key))


def register(
    manager: NumbaManager, original: Callable[..., Any], optimized: Callable[..., Any], **more: Any
) -> Registration:
    return manager.register("metrics", "f", original=original, optimized=optimized, **more)


def recorded(manager: NumbaManager, registration: Registration) -> Recorder:
    recorder = Recorder()
    manager._collector = registration.collector = recorder  # type: ignore[assignment]
    return recorder


def stock(first: int, /, second: float = 2.0, *rest: int, name: str = "n", **more: Any) -> Any:
    """The original's words."""
    return ("stock", first, second, rest, name, more)


def ours(first: int, /, second: float = 2.0, *rest: int, name: str = "n", **more: Any) -> Any:
    return ("ours", first, second, rest, name, more)


stock.mark = "an attribute"  # type: ignore[attr-defined]


def of_nothing() -> str:
    return "stock"


def of_two(first: Any, second: Any = 2) -> Any:
    return first, second


def of_keywords(*, first: Any, second: Any = 2) -> Any:
    return first, second


def of_all(*args: Any, **kwargs: Any) -> Any:
    return args, kwargs


def of_odd_names(next: Any, Exception: Any = 1, _ft_calls_: Any = 2) -> Any:  # noqa: N803
    return next, Exception, _ft_calls_


# Looks.


def test_it_is_a_function_that_looks_like_the_original(manager: NumbaManager) -> None:
    proxy = register(manager, stock, ours).proxy
    assert inspect.isfunction(proxy)
    assert proxy is not stock
    for name in ("__name__", "__qualname__", "__module__", "__doc__", "__defaults__"):
        assert getattr(proxy, name) == getattr(stock, name)
    assert proxy.__kwdefaults__ == stock.__kwdefaults__
    assert proxy.__annotations__ == stock.__annotations__
    assert proxy.mark == "an attribute"
    assert proxy.__wrapped__ is stock
    assert inspect.unwrap(proxy) is stock


@pytest.mark.parametrize("follow", [True, False])
@pytest.mark.parametrize(
    "function",
    [stock, of_nothing, of_two, of_keywords, of_all, of_odd_names],
    ids=lambda f: f.__name__,
)
def test_it_has_the_original_s_signature(
    manager: NumbaManager, function: Any, follow: bool
) -> None:
    proxy = register(manager, function, function).proxy
    expected = inspect.signature(function, follow_wrapped=follow)
    assert inspect.signature(proxy, follow_wrapped=follow) == expected
    assert inspect.getfullargspec(proxy) == inspect.getfullargspec(function)


@pytest.mark.parametrize(
    ("function", "call"),
    [
        (of_nothing, ((), {})),
        (of_two, ((1,), {})),
        (of_two, ((1, 3), {})),
        (of_two, ((), {"second": 3, "first": 1})),
        (of_keywords, ((), {"first": 1})),
        (of_keywords, ((), {"second": 1, "first": 2})),
        (of_all, ((1, 2), {"a": 3})),
        (of_odd_names, ((1,), {"_ft_calls_": 3})),
        (stock, ((1,), {})),
        (stock, ((1, 2, 3, 4), {"name": "m", "first": 5, "other": 6})),
    ],
)
@pytest.mark.parametrize("settings", [Settings(), Settings(enabled_modules=())])
def test_arguments_arrive_as_they_were_given(
    manager: NumbaManager, function: Any, call: Any, settings: Settings
) -> None:
    manager.configure(settings)
    args, kwargs = call
    proxy = register(manager, function, function).proxy
    assert proxy(*args, **kwargs) == function(*args, **kwargs)


@pytest.mark.parametrize("call", [((), {}), ((1, 2, 3), {}), ((1,), {"third": 1})])
def test_a_bad_call_is_the_original_s_error(manager: NumbaManager, call: Any) -> None:
    args, kwargs = call
    proxy = register(manager, of_two, of_two).proxy
    with pytest.raises(TypeError) as expected:
        of_two(*args, **kwargs)
    with pytest.raises(TypeError) as caught:
        proxy(*args, **kwargs)
    assert str(caught.value) == str(expected.value)
    assert manager.fallback.reasons() == []


class Base:
    def method(self, value: int) -> Any:
        return "stock", self, value

    def ours(self, value: int) -> Any:
        return "ours", self, value

    @staticmethod
    def static(value: int) -> Any:
        return "stock", value

    @classmethod
    def of_class(cls, value: int) -> Any:
        return "stock", cls, value


def test_it_binds_as_a_method(manager: NumbaManager) -> None:
    class Derived(Base):
        method = register(manager, Base.method, Base.ours).proxy

    derived = Derived()
    assert derived.method(3) == Derived.method(derived, 3) == ("ours", derived, 3)
    assert derived.method.__self__ is derived
    assert str(inspect.signature(derived.method)) == str(inspect.signature(Base().method))


def test_it_stands_in_static_and_class_methods(manager: NumbaManager) -> None:
    class Derived(Base):
        static = staticmethod(
            manager.register(
                "metrics", "static", original=Base.static, optimized=lambda value: ("ours", value)
            ).proxy
        )
        of_class = classmethod(
            manager.register(
                "metrics",
                "of_class",
                original=Base.__dict__["of_class"].__func__,
                optimized=lambda cls, value: ("ours", cls, value),
            ).proxy
        )

    assert Derived.static(1) == Derived().static(1) == ("ours", 1)
    assert Derived.of_class(1) == ("ours", Derived, 1)


def test_a_builtin_s_proxy_is_a_function(manager: NumbaManager) -> None:
    proxy = register(manager, divmod, lambda a, b: ("ours", a, b)).proxy
    assert inspect.isfunction(proxy)
    assert (proxy.__name__, proxy.__doc__) == (divmod.__name__, divmod.__doc__)
    assert str(inspect.signature(proxy)) == str(inspect.signature(divmod))
    assert proxy(7, 2) == ("ours", 7, 2)


class Callable_:  # noqa: N801
    """A callable that keeps something, as talib's functions do."""

    def __init__(self) -> None:
        self.parameters = {"timeperiod": 30}

    def __call__(self, value: int, factor: int = 1) -> Any:
        return "stock", value * factor

    def __repr__(self) -> str:
        return "Callable_()"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Callable_) and other.parameters == self.parameters

    def __hash__(self) -> int:
        return 1

    @property
    def lookback(self) -> int:
        return self.parameters["timeperiod"] - 1


def test_for_any_other_callable_it_has_the_original_s_attributes(manager: NumbaManager) -> None:
    original = Callable_()
    proxy = register(manager, original, lambda value, factor=1: ("ours", value * factor)).proxy
    assert type(proxy) is PerformanceProxy
    assert isinstance(proxy, Callable_)
    assert proxy(2, factor=3) == ("ours", 6)
    assert proxy.lookback == 29
    proxy.parameters = {"timeperiod": 5}
    assert original.lookback == proxy.lookback == 4
    proxy.added = 1
    assert original.added == 1  # type: ignore[attr-defined]
    del proxy.added
    assert not hasattr(original, "added")
    assert not hasattr(proxy, "missing")
    assert (repr(proxy), str(proxy), dir(proxy)) == (repr(original), str(original), dir(original))
    assert proxy.__doc__ == Callable_.__doc__
    assert proxy.__wrapped__ is original
    assert pickle.loads(pickle.dumps(proxy)) == original
    assert copy.deepcopy(proxy) == original
    assert inspect.signature(proxy) == inspect.signature(original)


def test_a_callable_that_binds_still_does(manager: NumbaManager) -> None:
    cached = functools.lru_cache(Base.method)
    proxy = register(manager, cached, Base.ours).proxy
    assert proxy.cache_info().hits == 0

    class Derived:
        method = proxy
        plain = manager.register(
            "metrics", "plain", original=Callable_(), optimized=lambda value: ("ours", value)
        ).proxy

    derived = Derived()
    assert derived.method(1) == ("ours", derived, 1)
    assert Derived.method is proxy
    assert derived.plain(1) == ("ours", 1)


# Who runs.


def test_the_optimized_function_runs(manager: NumbaManager) -> None:
    registration = register(manager, stock, ours)
    assert registration.proxy(1, name="x") == ("ours", 1, 2.0, (), "x", {})
    assert manager.statistics()["metrics.f"]["calls"] == 1


def fails(*args: Any, **kwargs: Any) -> Any:
    raise RuntimeError("broken")


@pytest.mark.parametrize("collecting", [False, True])
def test_the_original_runs_where_it_fails_with_the_very_arguments(
    manager: NumbaManager, collecting: bool
) -> None:
    seen: list[Any] = []

    def original(array: Any, *more: Any, options: Any = None, **others: Any) -> str:
        seen.append((array, more, options, others))
        return "stock"

    registration = register(manager, original, fails)
    if collecting:
        recorded(manager, registration)
    array, options, other = np.arange(4.0), {"a": [1]}, [2]
    before = array.copy()
    assert registration.proxy(array, 7, options=options, other=other) == "stock"
    ((given, more, kept, others),) = seen
    assert given is array
    assert kept is options
    assert others["other"] is other
    assert (more, kept, others) == ((7,), {"a": [1]}, {"other": [2]})
    np.testing.assert_array_equal(array, before)
    (reason,) = manager.fallback.reasons("metrics.f")
    assert (reason.kind, reason.count) == ("failure", 1)
    assert reason.message.startswith("RuntimeError: broken (test_proxy.py:")


def test_keywords_that_a_failing_function_takes_out_are_still_there(manager: NumbaManager) -> None:
    def greedy(*args: Any, **kwargs: Any) -> Any:
        kwargs.clear()
        raise RuntimeError("broken")

    registration = register(manager, of_all, greedy)
    assert registration.proxy(1, a=2) == ((1,), {"a": 2})


@pytest.mark.parametrize("collecting", [False, True])
def test_the_caller_s_error_is_the_original_s_and_no_failure(
    manager: NumbaManager, collecting: bool
) -> None:
    def theirs(value: float) -> Any:
        raise ValueError("stock's words")

    def mine(value: float) -> Any:
        raise ValueError("our words")

    registration = register(manager, theirs, mine)
    if collecting:
        recorded(manager, registration)
    for _ in range(10):
        with pytest.raises(ValueError, match="stock's words") as caught:
            registration.proxy(1.0)
        assert caught.value.__context__ is None
        assert caught.value.__cause__ is None
    assert manager.fallback.reasons() == []
    assert manager.fallback.fallbacks() == 0
    assert not registration.open


def test_another_error_than_the_original_s_is_a_failure(manager: NumbaManager) -> None:
    def theirs(value: float) -> Any:
        raise ValueError("stock's words")

    class Ours(ValueError):
        pass

    def mine(value: float) -> Any:
        raise Ours("ours")

    registration = register(manager, theirs, mine)
    with pytest.raises(ValueError, match="stock's words") as caught:
        registration.proxy(1.0)
    assert type(caught.value) is ValueError
    assert [reason.message[:10] for reason in manager.fallback.reasons()] == ["Ours: ours"]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_interruptions_propagate(manager: NumbaManager, interruption: Any) -> None:
    def interrupted() -> Any:
        raise interruption

    registration = register(manager, of_nothing, interrupted)
    with pytest.raises(interruption):
        registration.proxy()
    assert manager.fallback.reasons() == []


def test_an_interruption_of_the_original_says_nothing(manager: NumbaManager) -> None:
    def interrupted(value: float) -> Any:
        raise KeyboardInterrupt

    registration = register(manager, interrupted, fails)
    with pytest.raises(KeyboardInterrupt):
        registration.proxy(1.0)
    assert manager.fallback.reasons() == []


def test_an_error_that_can_t_be_shown_is_one_all_the_same(manager: NumbaManager) -> None:
    class Silent(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no words")

    def mine(*args: Any) -> Any:
        raise Silent

    registration = register(manager, of_two, mine)
    assert registration.proxy(1) == (1, 2)
    assert manager.fallback.reasons()[0].message.startswith("Silent (test_proxy.py")


@pytest.mark.parametrize("way", ["plain", "collecting", "on trial"])
def test_a_failure_keeps_nothing_alive(manager: NumbaManager, way: str) -> None:
    class Big:
        pass

    registration = register(manager, of_two, fails)
    if way == "collecting":
        recorded(manager, registration)
    elif way == "on trial":
        for _ in range(FAILURES + RETRY_AFTER):
            registration.proxy(1)
    gc.collect()
    gc.disable()
    try:
        big = Big()
        gone = weakref.ref(big)
        registration.proxy(big)
        del big
        assert gone() is None
    finally:
        gc.enable()
    assert manager.fallback.is_final("metrics.f") == (way == "on trial")


def test_errors_propagate_where_settings_say(manager: NumbaManager) -> None:
    registration = register(manager, of_two, fails)
    manager.configure(Settings(fallback_on_numba_error=False))
    with pytest.raises(RuntimeError, match="broken"):
        registration.proxy(1)
    assert manager.fallback.reasons() == []
    manager.configure(Settings())
    assert registration.proxy(1) == (1, 2)


def test_an_impure_function_looks_after_itself(manager: NumbaManager) -> None:
    registration = register(manager, of_two, fails, pure=False)
    manager.configure(Settings(validation="sample"))
    for collecting in (False, True):
        if collecting:
            recorder = recorded(manager, registration)
        for _ in range(10):
            with pytest.raises(RuntimeError, match="broken"):
                registration.proxy(1)
    assert manager.fallback.reasons() == []
    assert recorder.originals == []
    assert manager.statistics()["metrics.f"]["calls"] == 20


def test_warnings_are_the_caller_s_filter_s_business(manager: NumbaManager) -> None:
    def warns(value: float) -> float:
        warnings.warn("careful", RuntimeWarning, stacklevel=1)
        return value

    registration = register(manager, warns, warns)
    with pytest.warns(RuntimeWarning, match="careful"):
        assert registration.proxy(1.0) == 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeWarning):
            registration.proxy(1.0)
    assert manager.fallback.reasons() == []


def test_functions_that_call_each_other(manager: NumbaManager) -> None:
    def inner(value: int) -> int:
        return value + 1

    inner_proxy = manager.register("metrics", "inner", original=inner, optimized=inner).proxy

    def outer(value: int) -> int:
        return int(inner_proxy(value)) * 2 if value == 0 else int(registration.proxy(value - 1)) + 1

    registration = register(manager, outer, outer)
    assert registration.proxy(10) == 12
    assert manager.statistics()["metrics.f"]["calls"] == 11


# Validation of samples.


def test_one_call_in_256_is_compared_the_first_included(manager: NumbaManager) -> None:
    runs: list[int] = []

    def original(value: int) -> int:
        runs.append(value)
        return value

    registration = register(manager, original, lambda value: value)
    manager.configure(Settings(validation="sample"))
    for call in range(600):
        assert registration.proxy(call) == call
    assert runs == [0, 256, 512]
    assert SAMPLED == 256
    assert manager.fallback.reasons() == []


@pytest.mark.parametrize("validation", ["off", "startup"])
def test_nothing_is_compared_where_settings_don_t_say(
    manager: NumbaManager, validation: str
) -> None:
    registration = register(manager, stock, ours)
    manager.configure(Settings(validation=validation))
    assert {registration.proxy(1)[0] for _ in range(600)} == {"ours"}


def test_a_mismatch_gives_the_original_s_result_from_then_on(manager: NumbaManager) -> None:
    told: list[str] = []
    manager.alerts.add_channel(told.append)
    registration = register(manager, lambda x: np.array([0.0, 0.1]), lambda x: np.array([0.0, 0.2]))
    manager.configure(Settings(validation="sample"))
    assert [registration.proxy(call)[1] for call in range(3)] == [0.1, 0.1, 0.1]
    assert registration.open
    (reason,) = manager.fallback.reasons()
    assert (reason.kind, reason.message) == ("mismatch", "at 1: 0.2 is not 0.1")
    assert "at 1: 0.2 is not 0.1" in told[0]
    assert not manager.is_optimization_available("metrics", "f")


def test_a_later_mismatch_is_found_by_its_sample(manager: NumbaManager) -> None:
    def mine(value: int) -> float:
        return -0.0 if value >= 256 else 0.0

    registration = register(manager, lambda value: 0.0, mine)
    manager.configure(Settings(validation="sample"))
    for call in range(256):
        registration.proxy(call)
    assert not registration.open
    assert str(registration.proxy(256)) == "0.0"
    assert registration.open


def test_a_result_where_the_original_raises_is_a_mismatch(manager: NumbaManager) -> None:
    def theirs(value: int) -> int:
        raise ValueError("too short")

    registration = register(manager, theirs, lambda value: value)
    manager.configure(Settings(validation="sample"))
    with pytest.raises(ValueError, match="too short"):
        registration.proxy(1)
    (reason,) = manager.fallback.reasons()
    assert reason.kind == "mismatch"
    assert "ValueError: too short" in reason.message
    assert registration.open


def test_results_may_be_equal_in_their_own_way(manager: NumbaManager) -> None:
    def close(ours: float, theirs: float) -> bool:
        return abs(ours - theirs) < 0.1

    registration = register(manager, lambda value: 1.0, lambda value: 1.0 + value, equal=close)
    manager.configure(Settings(validation="sample"))
    assert registration.proxy(0.01) == 1.01
    for _ in range(SAMPLED - 1):
        registration.proxy(0.01)
    assert registration.proxy(0.5) == 1.0
    assert registration.open


def test_what_can_t_be_compared_runs_as_the_original(manager: NumbaManager) -> None:
    def equal(ours: float, theirs: float) -> bool:
        raise RuntimeError("no idea")

    registration = register(manager, lambda: 1, lambda: 2, equal=equal)
    manager.configure(Settings(validation="sample"))
    assert registration.proxy() == 1
    assert "can't be compared (RuntimeError: no idea)" in manager.fallback.reasons()[0].message


# The collector.


def test_calls_are_timed_where_the_collector_is_on(manager: NumbaManager) -> None:
    registration = register(manager, lambda: time.sleep(0.02), lambda: time.sleep(0.002))
    recorder = recorded(manager, registration)
    for _ in range(TIMED + 1):
        registration.proxy()
    assert TIMED == 64
    assert len(recorder.ours) == TIMED + 1
    assert len(recorder.originals) == 2
    assert all(seconds >= 0.002 for seconds in recorder.ours)
    assert all(seconds >= 0.02 for seconds in recorder.originals)


def test_nothing_is_timed_where_it_is_off(manager: NumbaManager) -> None:
    registration = register(manager, of_nothing, of_nothing)
    recorder = recorded(manager, registration)
    recorder.enabled = False
    registration.proxy()
    assert (recorder.ours, recorder.originals) == ([], [])
    recorder.enabled = True
    registration.proxy()
    assert len(recorder.ours) == 1


def test_an_impure_function_s_original_is_not_timed(manager: NumbaManager) -> None:
    registration = register(manager, fails, of_nothing, pure=False)
    recorder = recorded(manager, registration)
    assert registration.proxy() == "stock"
    assert (len(recorder.ours), len(recorder.originals)) == (1, 0)


def test_failed_calls_are_counted_not_timed(manager: NumbaManager) -> None:
    registration = register(manager, of_nothing, fails)
    recorder = recorded(manager, registration)
    assert registration.proxy() == "stock"
    assert recorder.ours == []
    assert recorder.counted == [("fallback", "metrics.f")]


def test_timing_the_original_changes_no_result(manager: NumbaManager) -> None:
    registration = register(manager, fails, of_nothing)
    recorder = recorded(manager, registration)
    assert registration.proxy() == "stock"
    assert recorder.counted == []
    assert manager.fallback.reasons() == []


def test_a_mismatch_is_counted(manager: NumbaManager) -> None:
    registration = register(manager, lambda: 1, lambda: 2)
    recorder = recorded(manager, registration)
    manager.configure(Settings(validation="sample", performance_benchmarking=True))
    assert registration.proxy() == 1
    assert recorder.counted == [("mismatch", "metrics.f")]
