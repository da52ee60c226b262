"""``NumbaManager``: the one place where everything accelerated is registered.

Imports the standard library. There is one in a process, and ``get_numba_manager`` returns it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .configuration import Settings
from .fallback import FallbackManager
from .proxy import PerformanceProxy
from .registration import Equal, Probes, Registration, lock, reached

if TYPE_CHECKING:
    from .alerts import Alerts
    from .collector import BenchmarkCollector


class NumbaManager:
    """Registers functions, and says of each who runs. Safe to use from any thread."""

    def __init__(self) -> None:
        self._registrations: dict[str, Registration] = {}
        self._settings = Settings()
        self._collector: BenchmarkCollector | None = None
        self._alerts: Alerts | None = None
        self.fallback = FallbackManager(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return get_numba_manager, ()

    def register(
        self,
        module: str,
        name: str,
        *,
        original: Callable[..., Any],
        optimized: Callable[..., Any],
        pure: bool = True,
        probes: Probes | None = None,
        equal: Equal | None = None,
    ) -> Registration:
        """Register a function; its ``proxy`` is what stands in for the original.

        The same registration again returns the first. ``ValueError`` where the name is taken by
        other functions.
        """
        new = Registration(
            module,
            name,
            original=original,
            optimized=optimized,
            pure=pure,
            probes=probes,
            equal=equal,
        )
        new.proxy = PerformanceProxy(new, self)
        with lock:
            old = self._registrations.get(new.key)
            if old is not None:
                if old.original is original and old.optimized is optimized and old.pure == pure:
                    return old
                raise ValueError(f"{new.key} is registered with other functions: unregister it")
            self._registrations[new.key] = new
            if self._collector is not None:
                new.collector = self._collector
            self.refresh(new)
        return new

    def unregister(self, module: str, name: str) -> None:
        """Forget a function; who still holds its proxy gets the original."""
        with lock:
            gone = self._registrations.pop(f"{module}.{name}", None)
            if gone is not None:
                self.refresh(gone)
                self.fallback.forget(gone.key)

    def registration(self, module: str, name: str) -> Registration:
        """What is registered as that; ``KeyError`` names what is."""
        found = self.find(f"{module}.{name}")
        if found is not None:
            return found
        in_module = [each.name for each in self.registrations() if each.module == module]
        if in_module:
            raise KeyError(f"no {name} in {module}; there are {', '.join(in_module)}")
        modules = dict.fromkeys(each.module for each in self.registrations())
        valid = f"there are {', '.join(modules)}" if modules else "nothing is registered"
        raise KeyError(f"no {module}.{name}, nor any other of {module}; {valid}")

    def find(self, key: str) -> Registration | None:
        """What is registered as ``module.name``, if anything is."""
        return self._registrations.get(key)

    def is_optimization_available(self, module: str, name: str) -> bool:
        """Whether a call would run the optimized function."""
        found = self.find(f"{module}.{name}")
        return found is not None and not found.off and not found.open

    def get_optimized_function(self, module: str, name: str) -> Any:
        """What stands in for the original; ``KeyError`` names what there is."""
        return self.registration(module, name).proxy

    def registrations(self) -> tuple[Registration, ...]:
        """All, in the order in which they were registered."""
        with lock:
            return tuple(self._registrations.values())

    def covers(self, registration: Registration) -> bool:
        """Whether it is registered, and its module on."""
        return self.find(registration.key) is registration and self._settings.covers(
            registration.module
        )

    def configure(self, settings: Settings) -> None:
        """Have every function run as ``settings`` say, from its next call on."""
        collects = settings.performance_benchmarking or settings.detailed_performance_logging
        if collects or self._collector is not None:
            self.collector.detailed = settings.detailed_performance_logging
            self.collector.enabled = collects
        if self._alerts is not None:
            self._alerts.enabled = settings.alerts
        with lock:
            self._settings = settings
            for registration in self._registrations.values():
                self.refresh(registration)

    @property
    def settings(self) -> Settings:
        """What holds now."""
        return self._settings

    @property
    def collector(self) -> BenchmarkCollector:
        """Collects calls and times, where it is enabled."""
        if self._collector is None:
            from .collector import BenchmarkCollector

            made = BenchmarkCollector(alert=self._alert)
            made.after_interval = self.check
            with lock:
                if self._collector is None:
                    self._collector = made
                    for registration in self._registrations.values():
                        registration.collector = made
        return self._collector

    @property
    def alerts(self) -> Alerts:
        """Tells people, where there is something to tell."""
        if self._alerts is None:
            from .alerts import Alerts

            made = Alerts()
            made.enabled = self._settings.alerts
            with lock:
                if self._alerts is None:
                    self._alerts = made
        return self._alerts

    def collecting(self) -> BenchmarkCollector | None:
        """The collector, where it is enabled."""
        collector = self._collector
        return collector if collector is not None and collector.enabled else None

    def check(self) -> None:
        """Tell people of functions that are slower than their originals, or fail too often."""
        self.alerts.check(self.collecting(), self.fallback)

    def statistics(self) -> dict[str, dict[str, Any]]:
        """How each function has fared in this process, in terms that JSON has."""
        return {each.key: self._statistics_of(each) for each in self.registrations()}

    def _statistics_of(self, registration: Registration) -> dict[str, Any]:
        key = registration.key
        reasons = self.fallback.reasons(key)
        if registration.off:
            state = "off"
        elif registration.open:
            state = "original for good" if self.fallback.is_final(key) else "original"
        else:
            state = "optimized"
        return {
            "module": registration.module,
            "name": registration.name,
            "state": state,
            "pure": registration.pure,
            "calls": reached(registration.calls),
            "fallbacks": self.fallback.fallbacks(key),
            "fallback_rate": self.fallback.rate(key),
            "reasons": [
                {name: getattr(reason, name) for name in reason.__slots__} for reason in reasons
            ],
        }

    def refresh(self, registration: Registration) -> None:
        """Decide anew whether its calls have to ask who runs."""
        settings = self._settings
        registration.off = not self.covers(registration)
        registration.watched = (
            registration.off
            or registration.open
            or (registration.pure and settings.validation == "sample")
            or (registration.pure and not settings.fallback_on_numba_error)
        )

    def _alert(self, cause: str, message: str) -> None:
        self.alerts.send(cause, message)

    def reset(self) -> None:
        """Forget everything, as in a new process; for tests."""
        if self._collector is not None:
            self._collector.enabled = False
        with lock:
            for registration in self.registrations():
                self.unregister(registration.module, registration.name)
            self._settings = Settings()
            self._collector = None
            self._alerts = None
            self.fallback = FallbackManager(self)


_manager = NumbaManager()


def get_numba_manager() -> NumbaManager:
    """This process' manager."""
    return _manager
