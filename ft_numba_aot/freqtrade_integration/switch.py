"""Puts the replacements into the freqtrade of this process, and takes them out again.

Imports the standard library until it is switched on. What replaces what is in ``table.py``.
"""

from __future__ import annotations

import importlib
import inspect
import logging
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any, NamedTuple

from .. import _backend
from . import INSTALL, after_import, environment, fingerprints, installed, reasons, sources, table
from .fingerprints import SUPPORTED, Support
from .replacement import Replacement
from .status import Part, Status

NOT_ENABLED = "not enabled in this process"
BY_CONFIG = "enable_numba_optimization is false in the configuration"

_logger = logging.getLogger("ft_numba_aot")
_lock = threading.RLock()
_missing = object()

# Of nine letters each. Whose modules may have taken over what is replaced.
_PACKAGES = ("freqtrade", "technical")


class _Record(NamedTuple):
    """An attribute that was replaced, as it was."""

    owner: Any
    name: str
    original: Any
    had_own: bool
    ours: Any


class _State:
    """What is replaced in this process."""

    def __init__(self) -> None:
        self.enabled = False
        self.reason = NOT_ENABLED
        self.records: list[_Record] = []
        self.parts: dict[str, tuple[Support, tuple[str, ...]]] = {}


_state = _State()
_said: set[tuple[str, str]] = set()
_verdicts: dict[str, tuple[Any, Support]] = {}


def enable(config: Mapping[str, Any] | None = None) -> Status:
    """Replace everything that applies; does nothing where that is already done.

    ``config`` is freqtrade's, and is only read. ``ImportError`` without freqtrade.
    """
    if not installed():
        raise ImportError(f"ft_numba_aot.enable() needs freqtrade: {INSTALL}")
    if _disabled_by(config):
        disable()
        with _lock:
            _state.reason = BY_CONFIG
        _say("everything", BY_CONFIG)
        return status()
    supported = environment.environment()
    if not supported.supported:
        with _lock:
            _state.reason = supported.reason
            _say("everything", supported.reason)
        return status()
    # Modules are imported outside the lock, which an import of another thread may wait for.
    modules = {name: _import(name) for name in table.MODULES}
    with _lock:
        if not _state.enabled:
            reasons.forget()
            _state.enabled, _state.reason = True, ""
            try:
                _replace(modules)
                for awaited in dict.fromkeys(table.LATE.values()):
                    names = [name for name, package in table.LATE.items() if package == awaited]
                    after_import.call(awaited, _replace_late, *names)
            except BaseException:
                disable()
                raise
    # What is loaded already is not waited for.
    after_import.flush()
    return status()


def enable_on_import() -> None:
    """Enable as soon as freqtrade imports what there is something to replace in."""
    for module in table.TRIGGERS:
        after_import.call(module, _enable_and_say)
    after_import.flush()


def _enable_and_say() -> None:
    was_on = enabled()
    now = enable()
    if now.enabled and not was_on:
        _logger.info("%s: %d parts active", now.headline, len(now.active))


def disable() -> Status:
    """Put every replaced object back; does nothing where nothing is replaced."""
    with _lock:
        after_import.cancel(_replace_late)
        after_import.cancel(_enable_and_say)
        for record in reversed(_state.records):
            _restore(record)
        leftovers = {
            id(record.ours): record.original
            for record in _state.records
            if isinstance(record.owner, ModuleType)
        }
        for module, name, ours in _holders(leftovers):
            setattr(module, name, leftovers[id(ours)])
        _state.records.clear()
        _state.parts.clear()
        _state.enabled, _state.reason = False, NOT_ENABLED
    return status()


def enabled() -> bool:
    """Whether the accelerator is on in this process."""
    return _state.enabled


def status() -> Status:
    """What is active, and why what isn't isn't."""
    deferred: dict[str, dict[str, int]] = {}
    for (part, reason), count in reasons.noted().items():
        deferred.setdefault(part, {})[reason] = count
    with _lock:
        parts = [
            Part(name, support.supported, support.reason, replaced, deferred.pop(name, {}))
            for name, (support, replaced) in _state.parts.items()
        ]
        parts += [Part(name, True, "", (), found) for name, found in deferred.items()]
        return Status(
            enabled=_state.enabled,
            reason=_state.reason,
            freqtrade=getattr(sys.modules.get("freqtrade"), "__version__", None),
            backend=_backend.backend(),
            parts=tuple(parts),
        )


def visits() -> dict[str, int]:
    """How many looks at a pair's candle this process' accelerated backtests made and skipped."""
    events = sys.modules.get(f"{__package__}.event_backtest")
    return {} if events is None else dict(events.counters())


def _disabled_by(config: Mapping[str, Any] | None) -> bool:
    block = None if config is None else config.get("performance_optimization")
    return isinstance(block, Mapping) and block.get("enable_numba_optimization") is False


def _import(name: str) -> ModuleType | str:
    """An integration module, or why this freqtrade has no use for it."""
    try:
        return importlib.import_module(f"{__package__}.{name}")
    except (ImportError, AttributeError, KeyError) as error:
        return f"{type(error).__name__}: {error}"


def _replace_late(*names: str) -> None:
    modules = {name: _import(name) for name in names}
    with _lock:
        if _state.enabled:
            _replace(modules)


def _replace(modules: Mapping[str, ModuleType | str]) -> None:
    """Replace what ``modules`` say, a part as a whole or not at all."""
    parts: dict[str, list[Replacement]] = {}
    for name, module in modules.items():
        if isinstance(module, str):
            reason = f"freqtrade {_freqtrade_version()} lacks what {name} needs ({module})"
            _set_part(name, Support(False, reason), ())
            continue
        for replacement in module.REPLACEMENTS:
            parts.setdefault(replacement.part, []).append(replacement)
    records: list[_Record] = []
    for part, replacements in parts.items():
        found, support = _prepare(replacements)
        records += found
        _set_part(part, support, tuple(record.original for record in replacements))
    sources.forget()
    _put(records)


def _set_part(name: str, support: Support, replaced: tuple[str, ...]) -> None:
    _state.parts[name] = (support, replaced if support.supported else ())
    if not support.supported:
        _say(name, support.reason)


def _say(part: str, reason: str) -> None:
    """Log why a part is stock, once in this process."""
    if (part, reason) not in _said:
        _said.add((part, reason))
        _logger.info("%s: freqtrade's own code runs: %s", part, reason)


def _freqtrade_version() -> str:
    return str(getattr(sys.modules.get("freqtrade"), "__version__", "(not loaded)"))


def _prepare(replacements: Iterable[Replacement]) -> tuple[list[_Record], Support]:
    """What to put where for a part, or why not."""
    records = []
    for replacement in replacements:
        if replacement.native and _backend.backend() != "native":
            reason = _backend.backend_info().reason
            return [], Support(False, f"needs the native kernels; these are pure Python: {reason}")
        try:
            owner, name = resolve(replacement.original)
            original = _get_static(owner, name)
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
        records.append(_Record(owner, name, original, name in vars(owner), replacement.ours))
    return records, SUPPORTED


def resolve(spelled: str) -> tuple[Any, str]:
    """The module or class that an object is looked up in, and its name there."""
    module, _, qualified = spelled.partition(":")
    *path, name = qualified.split(".")
    owner: Any = sys.modules.get(module) or importlib.import_module(module)
    for step in path:
        owner = getattr(owner, step)
    return owner, name


def _get_static(owner: Any, name: str) -> Any:
    """``inspect.getattr_static`` of a module or class, which takes long to find its own."""
    own = vars(owner)
    return own[name] if name in own else inspect.getattr_static(owner, name)


def _verdict(spelled: str) -> Support:
    """Whether an object is known; what isn't loaded can't have been changed in memory."""
    raw: Any = None
    if spelled.partition(":")[0] in sys.modules:
        try:
            raw = _get_static(*resolve(spelled))
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


def _put(records: list[_Record]) -> None:
    taken = {(id(record.owner), record.name) for record in _state.records}
    for record in records:
        key = (id(record.owner), record.name)
        if key in taken:
            raise RuntimeError(f"{record.owner.__name__}.{record.name} is replaced twice")
        taken.add(key)
    by_name = {}
    for record in records:
        _state.records.append(record)
        _set(record.owner, record.name, record.ours)
        # Numbers, strings and the like are shared by whoever has an equal one.
        if isinstance(record.owner, ModuleType) and callable(record.original):
            by_name[id(record.original)] = record
    for module, name, original in _holders(by_name):
        record = _Record(module, name, original, True, by_name[id(original)].ours)
        _state.records.append(record)
        _set(module, name, record.ours)


def _holders(wanted: Mapping[int, Any]) -> Iterator[tuple[ModuleType, str, Any]]:
    """Where modules of the packages hold one of the wanted objects in their globals."""
    if not wanted:
        return
    modules = [entry for entry in list(sys.modules.items()) if entry[0][:9] in _PACKAGES]
    for module_name, module in modules:
        if module_name.partition(".")[0] not in _PACKAGES or not isinstance(module, ModuleType):
            continue
        # Most have none.
        if wanted.keys().isdisjoint(map(id, list(vars(module).values()))):
            continue
        for name, value in list(vars(module).items()):
            if id(value) in wanted:
                yield module, name, value


def _set(owner: Any, name: str, value: Any) -> None:
    # A mapped class of SQLAlchemy would do more than set it.
    (type.__setattr__ if isinstance(owner, type) else setattr)(owner, name, value)


def _restore(record: _Record) -> None:
    owner, name = record.owner, record.name
    if vars(owner).get(name, _missing) is not record.ours:
        _logger.warning(
            "%s.%s was changed by other code while ft-numba-aot was on: left as it is",
            owner.__name__,
            name,
        )
    elif record.had_own:
        _set(owner, name, record.original)
    else:
        (type.__delattr__ if isinstance(owner, type) else delattr)(owner, name)
