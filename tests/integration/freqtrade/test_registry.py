"""What is registered with the manager of what is replaced, and what goes into freqtrade."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest

pytest.importorskip("freqtrade")

import freqtrade.optimize.backtesting  # noqa: F401  # what there is something to replace in

import ft_numba_aot
from ft_numba_aot.freqtrade_integration import registry, switch, validate
from ft_numba_aot.freqtrade_integration.replacement import Replacement
from ft_numba_aot.runtime import validation
from ft_numba_aot.runtime.configuration import Settings
from ft_numba_aot.runtime.manager import NumbaManager, get_numba_manager
from ft_numba_aot.runtime.registration import Call

OFF = Settings(validation="off")
COLLECTING = Settings(validation="off", performance_benchmarking=True)


@pytest.fixture(autouse=True)
def _leave_it_off(monkeypatch, tmp_path):
    monkeypatch.setenv("FT_NUMBA_AOT_CACHE", str(tmp_path / "cache"))
    ft_numba_aot.disable()
    get_numba_manager().reset()
    yield
    ft_numba_aot.disable()
    get_numba_manager().reset()


class Owner:
    """Attributes of every kind, and what stands in for them."""

    def method(self) -> str:
        return "stock"

    @staticmethod
    def static() -> str:
        return "stock"

    @classmethod
    def of_class(cls) -> str:
        return "stock"

    @property
    def value(self) -> str:
        return "stock"

    number = 1


class Ours:
    def method(self) -> str:
        return "ours"

    @staticmethod
    def static() -> str:
        return "ours"

    @classmethod
    def of_class(cls) -> str:
        return "ours"

    @property
    def value(self) -> str:
        return "ours"

    number = 2


KINDS = ("method", "static", "of_class", "value")


def place(manager: NumbaManager, name: str):
    replacement = Replacement(f"{__name__}:Owner.{name}", vars(Ours)[name], "test")
    return registry.place(manager, "backtesting", replacement, vars(Owner)[name])


def test_names_are_those_of_freqtrade():
    assert registry.function_name("freqtrade.data.metrics:calculate_sharpe") == "sharpe"
    assert registry.function_name("freqtrade.wallets:Wallets.update") == "Wallets.update"


@pytest.mark.parametrize("name", [*KINDS, "number"])
def test_without_probes_ours_goes_in_as_it_is(name):
    manager = NumbaManager()
    assert place(manager, name) is vars(Ours)[name]
    registered = [each.key for each in manager.registrations()]
    assert registered == ([] if name == "number" else [f"backtesting.Owner.{name}"])


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("why", ["probes", "collecting"])
def test_a_proxy_goes_in_as_what_the_original_is(name, why, monkeypatch):
    def probes() -> Iterator[Call]:
        yield (), {}

    manager = NumbaManager()
    if why == "probes":
        monkeypatch.setitem(registry.PROBES, f"{__name__}:Owner.{name}", probes)
    else:
        manager.configure(COLLECTING)
    placed = place(manager, name)
    (registration,) = manager.registrations()
    assert registration.pure == (why == "probes")
    assert type(placed) is type(vars(Owner)[name])
    monkeypatch.setattr(Owner, name, placed)
    found = Owner().value if name == "value" else getattr(Owner(), name)()
    assert found == "ours"
    assert manager.statistics()[registration.key]["calls"] == 1
    registration.open = True
    manager.refresh(registration)
    found = Owner().value if name == "value" else getattr(Owner(), name)()
    assert found == "stock"


def test_everything_active_is_registered():
    status = switch.use(OFF)
    registered = {each.key for each in get_numba_manager().registrations()}
    for part in status.parts:
        for spelled in part.replaced if part.name != switch.TALIB_PART else ():
            raw = inspect.getattr_static(*switch.resolve(spelled))
            if registry._function(raw) is not None:
                assert f"{part.module}.{registry.function_name(spelled)}" in registered


# What is found at the start holds for the rest of the process.


def one() -> int:
    return 1


def two() -> int:
    return 2


def registered(manager: NumbaManager, **more):
    probes = more.pop("probes", lambda: [((), {})])
    return manager.register("metrics", "f", original=one, optimized=two, probes=probes, **more)


def test_a_function_that_is_registered_anew_stays_condemned(caplog):
    manager = NumbaManager()
    first = registered(manager)
    validate.validate(manager)
    assert first.proxy() == 1
    manager.unregister("metrics", "f")
    again = registered(manager)
    assert again is not first
    validate.validate(manager)
    assert again.proxy() == 1
    assert manager.fallback.is_final("metrics.f")
    (reason,) = manager.fallback.reasons("metrics.f")
    assert reason.kind == "mismatch"
    (alert,) = manager.alerts.sent()
    assert alert.message.startswith("metrics.f runs as originals for good, found at the start: ")


def test_a_function_that_is_condemned_while_it_runs_stays_so(monkeypatch):
    manager = NumbaManager()
    manager.configure(Settings(validation="sample"))
    monkeypatch.setattr(validation, "validate", lambda registrations: [])
    first = registered(manager)
    validate.validate(manager)
    assert first.proxy() == 1
    manager.unregister("metrics", "f")
    again = registered(manager)
    manager.configure(Settings(validation="off"))
    validate.validate(manager)
    assert again.proxy() == 1


def test_a_part_that_is_left_to_stock_is_so_when_enabled_again():
    switch.use(OFF)
    manager = get_numba_manager()
    assert "rounding" in switch.status().active
    found = manager.registration("backtesting", "price_to_precision")
    manager.fallback.condemn(found, "mismatch", "another price")
    assert "rounding" not in switch.status().active
    ft_numba_aot.disable()
    assert "rounding" not in switch.use(OFF).active


def test_calls_of_validation_are_not_counted():
    manager = NumbaManager()
    inner = manager.register("metrics", "inner", original=one, optimized=one)
    manager.register(
        "metrics",
        "outer",
        original=inner.proxy,
        optimized=one,
        probes=lambda: [((), {})],
    )
    inner.proxy()
    validate.validate(manager)
    assert manager.statistics()["metrics.inner"]["calls"] == 1
    assert manager.alerts.sent() == ()


def test_what_cannot_be_compared_runs_as_its_original(monkeypatch):
    manager = NumbaManager()
    registration = registered(manager)

    def never(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(validation, "validate", never)
    validate.validate(manager)
    assert registration.proxy() == 1
    (reason,) = manager.fallback.reasons()
    assert reason.kind == "validation"
    (alert,) = manager.alerts.sent()
    assert alert.message.startswith("metrics.f runs as originals for good: they can't be compared")


def test_a_comparison_that_does_not_end_is_given_up(monkeypatch):
    monkeypatch.setattr(validation, "LIMIT", 0.05)
    import threading

    over = threading.Event()
    manager = NumbaManager()
    registration = registered(manager, probes=lambda: [((), {})] if over.wait(60) else [])
    validate.validate(manager)
    over.set()
    assert registration.proxy() == 1
    assert "it took more than 0 seconds" in manager.fallback.reasons()[0].message
