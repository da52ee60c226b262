"""Puts the replacements into the freqtrade of this process, and takes them out again.

Imports the standard library until it is switched on. What replaces what is in ``table.py``.
"""

from __future__ import annotations

import functools
import importlib
import logging
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any, NamedTuple

from .. import _backend
from ..runtime import configuration
from ..runtime.configuration import Settings
from ..runtime.manager import get_numba_manager
from ..runtime.registration import Registration
from . import (
    INSTALL,
    after_import,
    environment,
    fingerprints,
    installed,
    placing,
    reasons,
    sources,
    table,
    validate,
)
from .fingerprints import SUPPORTED, Support
from .placing import Record, get_static, resolve
from .replacement import Replacement
from .status import Part, Status

__all__ = [
    "configure",
    "disable",
    "enable",
    "enable_on_import",
    "enabled",
    "resolve",
    "status",
    "support",
    "use",
    "visits",
]

Callback = Callable[..., None]

NOT_ENABLED = "not enabled in this process"
BY_CONFIG = "enable_numba_optimization is false in the configuration"
BY_ENVIRONMENT = "FT_NUMBA_AOT or FT_NUMBA_AOT_ENABLE_NUMBA_OPTIMIZATION says so in the environment"
BY_MODULES = "enabled_modules is empty in the configuration"

NEEDS_NATIVE = "needs the native kernels"

TALIB = "talib"
TALIB_PART = "TA-Lib"

# What waits for freqtrade, and how to end that.
_LEFT = ((f"{__package__}.config_block", "take_out"), ("_ft_numba_aot_startup", "cancel"))

_logger = logging.getLogger("ft_numba_aot")
_lock = threading.RLock()
_missing = object()


class _Found(NamedTuple):
    """How a part runs: what it belongs to, whether it is replaced, and what of it."""

    module: str
    support: Support
    replaced: tuple[str, ...] = ()


class _State:
    """What is replaced in this process."""

    def __init__(self) -> None:
        self.enabled = False
        self.reason = NOT_ENABLED
        # What a configuration said, which holds for what is imported later.
        self.settings: Settings | None = None
        self.parts: dict[str, _Found] = {}
        self.records: list[Record] = []
        # The part of what goes into freqtrade, and of what is registered.
        self.part_of: dict[int, str] = {}
        self.part_of_key: dict[str, str] = {}
        # Parts that were found not to be as they should.
        self.distrusted: set[str] = set()


_state = _State()
_using = threading.local()
_said: set[tuple[str, str]] = set()
_verdicts: dict[str, tuple[Any, Support]] = {}


def enable(config: Mapping[str, Any] | None = None) -> Status:
    """Replace everything that applies; does nothing where that is already done.

    ``config`` is freqtrade's, and is only read; ``ConfigurationError`` where its block
    ``performance_optimization`` isn't valid. ``ImportError`` without freqtrade.
    """
    if not installed():
        raise ImportError(f"ft_numba_aot.enable() needs freqtrade: {INSTALL}")
    block = None if config is None else config.get(configuration.BLOCK)
    return use(configuration.read(block))


def use(settings: Settings) -> Status:
    """Replace what ``settings`` say, and put back what they don't."""
    manager = get_numba_manager()
    manager.fallback.when_condemned = _leave_to_stock
    reason = _why_nothing(settings)
    if not reason:
        supported = environment.environment()
        reason = supported.reason
    with _lock:
        again = _state.enabled and (
            reason
            or settings.modules != manager.settings.modules
            or _collects(settings) != _collects(manager.settings)
        )
        if again:
            _take_out()
        manager.configure(settings)
        if reason:
            _state.reason = reason
            _say("everything", reason)
            if settings.modules:
                manager.alerts.send("environment", f"everything runs as freqtrade's own: {reason}")
            return status()
    names = [name for name in table.MODULES if settings.covers(table.module_of(name))]
    late = [name for name in table.LATE if settings.covers(table.module_of(name))]
    # Modules are imported outside the lock, which an import of another thread may wait for. What
    # they import of freqtrade starts nothing else.
    _using.imports = True
    try:
        modules = {name: _import(name) for name in names}
    finally:
        _using.imports = False
    with _lock:
        if not _state.enabled:
            reasons.forget()
            _state.enabled, _state.reason = True, ""
            try:
                _replace(modules)
                for awaited in dict.fromkeys(table.LATE[name] for name in late):
                    waiting = [name for name in late if table.LATE[name] == awaited]
                    after_import.call(awaited, _replace_late, *waiting)
                if settings.covers("indicators"):
                    after_import.call(TALIB, _install_talib)
            except BaseException:
                disable()
                raise
    # What is loaded already is not waited for.
    after_import.flush()
    _tell_of_refused()
    validate.validate(manager)
    return status()


def _why_nothing(settings: Settings) -> str:
    if not settings.enable_numba_optimization:
        by_default = configuration.read(None).enable_numba_optimization
        return BY_CONFIG if by_default else BY_ENVIRONMENT
    return "" if settings.modules else BY_MODULES


def _collects(settings: Settings) -> bool:
    return settings.performance_benchmarking or settings.detailed_performance_logging


def _guarded(callback: Callback) -> Callback:
    """An import of freqtrade's goes on, stock, whatever goes wrong here."""

    @functools.wraps(callback)
    def guarded(*arguments: str) -> None:
        try:
            callback(*arguments)
        except Exception as error:
            disable()
            reason = f"{type(error).__name__}: {error}"
            _state.reason = reason
            get_numba_manager().alerts.send(
                "broken", f"everything runs as freqtrade's own code, ft-numba-aot failed: {reason}"
            )

    return guarded


def enable_on_import() -> None:
    """Enable as soon as freqtrade imports what there is something to replace in.

    What its configuration says holds as soon as it has been read.
    """
    from . import config_block

    after_import.call(table.CONFIGURATION, config_block.put)
    for module, phase in table.TRIGGERS.items():
        after_import.call(module, _enable_and_say, phase)
    after_import.flush()


def configure(settings: Settings) -> None:
    """Have these settings hold, now or when there is something to replace."""
    _state.settings = settings
    if enabled():
        _say_status(use(settings))


@_guarded
def _enable_and_say(phase: str) -> None:
    if getattr(_using, "imports", False):
        return
    settings = _state.settings or configuration.read(None, phase=phase)
    if enabled() and set(settings.modules) <= set(get_numba_manager().settings.modules):
        return
    _say_status(use(settings))


def _say_status(now: Status) -> None:
    line = f"{now.headline}: {len(now.active)} parts of {', '.join(now.modules)} active"
    if now.enabled and ("status", line) not in _said:
        _said.add(("status", line))
        _logger.info("%s", line)


def disable() -> Status:
    """Put every replaced object back; does nothing where nothing is replaced."""
    with _lock:
        after_import.cancel(_enable_and_say)
        for module, leave in _LEFT:
            if module in sys.modules:
                getattr(sys.modules[module], leave)()
        _take_out()
        _state.settings = None
    return status()


def _take_out() -> None:
    after_import.cancel(_replace_late)
    after_import.cancel(_install_talib)
    talib_install = sys.modules.get("ft_numba_aot.runtime.talib_install")
    if talib_install is not None:
        talib_install.uninstall()
    placing.take_out(_state.records)
    _state.part_of.clear()
    _state.part_of_key.clear()
    _state.distrusted.clear()
    # Who still holds a proxy gets the original; what was collected is still to be written.
    manager = get_numba_manager()
    manager.configure(replace(manager.settings, enable_numba_optimization=False))
    _state.records.clear()
    _state.parts.clear()
    _state.enabled, _state.reason = False, NOT_ENABLED


def enabled() -> bool:
    """Whether the accelerator is on in this process."""
    return _state.enabled


def status() -> Status:
    """What is active, and why what isn't isn't."""
    manager = get_numba_manager()
    deferred: dict[str, dict[str, int]] = {}
    for (part, reason), count in reasons.noted().items():
        deferred.setdefault(part, {})[reason] = count
    with _lock:
        parts = [
            Part(
                name,
                found.support.supported,
                found.support.reason,
                found.replaced,
                deferred.pop(name, {}),
                found.module,
            )
            for name, found in _state.parts.items()
        ]
        parts += [Part(name, True, "", (), found) for name, found in deferred.items()]
        return Status(
            enabled=_state.enabled,
            reason=_state.reason,
            freqtrade=getattr(sys.modules.get("freqtrade"), "__version__", None),
            backend=_backend.backend(),
            parts=tuple(parts),
            modules=manager.settings.modules if _state.enabled else (),
            fallen={
                reason.key: reason.message
                for reason in manager.fallback.reasons()
                if manager.fallback.is_open(reason.key)
            },
            alerts=tuple(alert.message for alert in manager.alerts.sent()),
        )


def visits() -> dict[str, int]:
    """How many looks at a pair's candle this process' accelerated backtests made and skipped."""
    events = sys.modules.get(f"{__package__}.event_backtest")
    return {} if events is None else dict(events.counters())


def _import(name: str) -> ModuleType | str:
    """An integration module, or why this freqtrade has no use for it."""
    try:
        return importlib.import_module(f"{__package__}.{name}")
    except (ImportError, AttributeError, KeyError) as error:
        return f"{type(error).__name__}: {error}"


@_guarded
def _replace_late(*names: str) -> None:
    modules = {name: _import(name) for name in names}
    with _lock:
        if _state.enabled:
            _replace(modules)
    _tell_of_refused()
    validate.validate(get_numba_manager())


@_guarded
def _install_talib() -> None:
    from ..runtime import talib_install

    with _lock:
        if not _state.enabled:
            return
        names = talib_install.install(get_numba_manager())
        refused = talib_install.reasons().get(talib_install.ALL)
        support = SUPPORTED if refused is None else Support(False, refused)
        _state.parts[TALIB_PART] = _Found("indicators", support, names)
    validate.validate(get_numba_manager())


def _replace(modules: Mapping[str, ModuleType | str]) -> None:
    """Replace what ``modules`` say, a part as a whole or not at all."""
    from . import registry

    manager = get_numba_manager()
    parts: dict[tuple[str, str], list[Replacement]] = {}
    for name, module in modules.items():
        belongs = table.module_of(name)
        if isinstance(module, str):
            reason = f"freqtrade {_freqtrade_version()} lacks what {name} needs ({module})"
            _set_part(name, _Found(belongs, Support(False, reason)))
            continue
        for replacement in module.REPLACEMENTS:
            parts.setdefault((replacement.part, belongs), []).append(replacement)
    found: list[tuple[str, Replacement, Record]] = []
    for (part, belongs), replacements in parts.items():
        records, support = _prepare(replacements)
        found += zip([belongs] * len(records), replacements, records, strict=False)
        names = tuple(replacement.original for replacement in replacements)
        _set_part(part, _Found(belongs, support, names if support.supported else ()))
    sources.forget()
    placing.check([*_state.records, *(record for _, _, record in found)])
    placed = []
    for belongs, replacement, record in found:
        ours = registry.place(manager, belongs, replacement, record.original)
        key = f"{belongs}.{registry.function_name(replacement.original)}"
        _state.part_of[id(ours)] = _state.part_of_key[key] = replacement.part
        placed.append(record._replace(ours=ours))
    for record in placing.put(placed):
        _state.records.append(record)


def _leave_to_stock(registration: Registration, why: str) -> None:
    """A function that can't be trusted takes its part with it: they share their code."""
    with _lock:
        part = _state.part_of_key.get(registration.key)
        if part is None or not _state.parts[part].support.supported:
            return
        theirs = [one for one in _state.records if _state.part_of[id(one.ours)] == part]
        _state.records = [one for one in _state.records if _state.part_of[id(one.ours)] != part]
        placing.take_out(theirs)
        _state.distrusted.add(part)
        reason = f"{registration.key} isn't as its original on this machine: {why}"
        _set_part(part, _Found(_state.parts[part].module, Support(False, reason)))


def _set_part(name: str, found: _Found) -> None:
    _state.parts[name] = found
    if not found.support.supported:
        _say(name, found.support.reason)


def _tell_of_refused() -> None:
    """Alert of what this freqtrade is too new or too old for; not of what lacks kernels."""
    with _lock:
        refused = {
            name: found.support.reason
            for name, found in _state.parts.items()
            if not found.support.supported and name not in {TALIB_PART, *_state.distrusted}
        }
    refused = {part: why for part, why in refused.items() if not why.startswith(NEEDS_NATIVE)}
    if refused:
        part, why = next(iter(refused.items()))
        more = f" (and for {len(refused) - 1} more parts)" if len(refused) > 1 else ""
        get_numba_manager().alerts.send("parts", f"{part}: freqtrade's own code runs{more}: {why}")


def _say(part: str, reason: str) -> None:
    """Log why a part is stock, once in this process."""
    if (part, reason) not in _said:
        _said.add((part, reason))
        _logger.info("%s: freqtrade's own code runs: %s", part, reason)


def _freqtrade_version() -> str:
    return str(getattr(sys.modules.get("freqtrade"), "__version__", "(not loaded)"))


def _prepare(replacements: Iterable[Replacement]) -> tuple[list[Record], Support]:
    """What to put where for a part, or why not."""
    records = []
    for replacement in replacements:
        if replacement.native and _backend.backend() != "native":
            reason = _backend.backend_info().reason
            return [], Support(False, f"{NEEDS_NATIVE}; these are pure Python: {reason}")
        try:
            owner, name = resolve(replacement.original)
            original = get_static(owner, name)
        except (ImportError, AttributeError) as error:
            reason = f"freqtrade {_freqtrade_version()} has no {replacement.original} ({error})"
            return [], Support(False, reason)
        for relied in (replacement.original, *replacement.relies_on):
            support = _verdict(relied)
            if not support.supported:
                version = _freqtrade_version()
                return [], Support(False, f"{support.reason}, freqtrade {version}")
        if replacement.unfit is not None and (unfit := replacement.unfit()):
            return [], Support(False, unfit)
        records.append(Record(owner, name, original, name in vars(owner), replacement.ours))
    return records, SUPPORTED


def _original_of(raw: Any) -> Any:
    """The original that ``raw`` was put in the place of here; itself where there is none."""
    return next((record.original for record in _state.records if record.ours is raw), raw)


def support(replacement: Replacement) -> Support:
    """Whether a replacement is for what is installed here, and if not, why."""
    return _prepare([replacement])[1]


def _verdict(spelled: str) -> Support:
    """Whether an object is known; what isn't loaded can't have been changed in memory."""
    raw: Any = None
    if spelled.partition(":")[0] in sys.modules:
        try:
            raw = _original_of(get_static(*resolve(spelled)))
        except AttributeError:
            raw = _missing
        known = _verdicts.get(spelled)
        if known is not None and known[0] is raw:
            return known[1]
    if raw is _missing:
        support = fingerprints.check_absence(spelled)
    else:
        support = fingerprints.check(spelled, raw)
    _verdicts[spelled] = (raw, support)
    return support
