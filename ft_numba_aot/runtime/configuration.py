"""What can be set: the block ``performance_optimization`` of freqtrade's configuration.

Imports the standard library. ``Settings`` is the one table: the block, the environment variables,
the schema and the documents' reference are made from it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

__all__ = [
    "BLOCK",
    "MODULES",
    "OPTIONS",
    "PHASES",
    "SWITCH",
    "ConfigurationError",
    "Option",
    "Settings",
    "read",
    "schema",
]

BLOCK = "performance_optimization"

# Switches everything off where it is 0, whatever the block says.
SWITCH = "FT_NUMBA_AOT"

MODULES = ("metrics", "indicators", "backtesting")

PHASES: dict[str, tuple[str, ...]] = {
    "conservative": ("metrics",),
    "progressive": ("metrics", "indicators"),
    "aggressive": MODULES,
    "experimental": MODULES,
}

_TRUTHS = {"true": True, "yes": True, "on": True, "1": True}
_TRUTHS |= {"false": False, "no": False, "off": False, "0": False}

_logger = logging.getLogger("ft_numba_aot")
_said: set[str] = set()


class ConfigurationError(ValueError):
    """A key or a value that isn't one; ``valid`` has those that are."""

    def __init__(self, message: str, key: str, value: Any, valid: tuple[str, ...]) -> None:
        super().__init__(message)
        self.key = key
        self.value = value
        self.valid = valid

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.args[0], self.key, self.value, self.valid)


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to set. ``type`` is bool, str or tuple; the latter is a list of ``choices``."""

    name: str
    type: type
    default: Any
    choices: tuple[str, ...]
    summary: str

    @property
    def variable(self) -> str:
        """The environment variable that wins over the block."""
        return f"{SWITCH}_{self.name.upper()}"

    @property
    def valid(self) -> tuple[str, ...]:
        """The values that it takes, as they are written."""
        return ("true", "false") if self.type is bool else self.choices


def _option(kind: type, default: Any, summary: str, choices: tuple[str, ...] = ()) -> Any:
    metadata = {"type": kind, "choices": choices, "summary": summary}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Settings:
    """What is set, option by option."""

    enable_numba_optimization: bool = _option(bool, True, "Whether anything is replaced at all.")
    optimization_phase: str = _option(
        str, "aggressive", "Which modules are replaced, step by step.", tuple(PHASES)
    )
    enabled_modules: tuple[str, ...] | None = _option(
        tuple, None, "Exactly these modules, whatever the phase.", MODULES
    )
    fallback_on_numba_error: bool = _option(
        bool, True, "Whether the original runs where an optimized function fails."
    )
    performance_benchmarking: bool = _option(
        bool, False, "Whether calls and their times are collected."
    )
    detailed_performance_logging: bool = _option(
        bool, False, "Whether what is collected is also written to a log of JSON lines."
    )
    validation: str = _option(
        str,
        "startup",
        "Compare with the originals: never, on probes at start-up, or one call in 256 as well.",
        ("off", "startup", "sample"),
    )
    alerts: bool = _option(
        bool, True, "Whether alerts go to freqtrade's channels, not only the log."
    )
    cache_persistence: bool | None = _option(
        bool, None, "Has no effect: everything was compiled when the package was built."
    )

    @property
    def modules(self) -> tuple[str, ...]:
        """The modules that are on."""
        if not self.enable_numba_optimization:
            return ()
        if self.enabled_modules is not None:
            return self.enabled_modules
        return PHASES[self.optimization_phase]

    def covers(self, module: str) -> bool:
        """Whether ``module`` is on; one that no phase knows is, unless everything is off."""
        if module in MODULES:
            return module in self.modules
        return self.enable_numba_optimization


OPTIONS: tuple[Option, ...] = tuple(
    Option(entry.name, default=entry.default, **entry.metadata) for entry in fields(Settings)
)

_BY_NAME = {option.name: option for option in OPTIONS}


def read(
    block: Mapping[str, Any] | None,
    environ: Mapping[str, str] = os.environ,
    *,
    phase: str = "aggressive",
) -> Settings:
    """The settings of a configuration's block and the environment, which wins.

    ``phase`` is the one that holds where neither names one. ``ConfigurationError`` names what
    isn't valid, and what is.
    """
    values: dict[str, Any] = {"optimization_phase": _from_block("optimization_phase", phase)}
    if block is not None and not isinstance(block, Mapping):
        raise _bad(BLOCK, block, ("an object with options",))
    for name, value in (block or {}).items():
        if name not in _BY_NAME:
            raise ConfigurationError(_unknown(name), f"{BLOCK}.{name}", value, tuple(_BY_NAME))
        values[name] = _from_block(name, value)
    for option in OPTIONS:
        text = environ.get(option.variable, "").strip()
        if text:
            values[option.name] = _from_text(option, option.variable, text)
    switch = environ.get(SWITCH, "").strip()
    if switch and not _truth(SWITCH, switch):
        values["enable_numba_optimization"] = False
    if values.get("cache_persistence") is not None:
        _say("cache_persistence has no effect: everything was compiled when this was built")
    return Settings(**values)


def schema() -> dict[str, Any]:
    """The JSON schema of the block."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": BLOCK,
        "type": "object",
        "additionalProperties": False,
        "properties": {option.name: _property(option) for option in OPTIONS},
    }


def _property(option: Option) -> dict[str, Any]:
    if option.type is bool:
        kind: dict[str, Any] = {"type": "boolean"}
    elif option.type is str:
        kind = {"type": "string", "enum": list(option.choices)}
    else:
        items = {"type": "string", "enum": list(option.choices)}
        kind = {"type": "array", "items": items, "uniqueItems": True}
    if option.default is not None:
        kind["default"] = option.default
    return {"description": option.summary, **kind}


def _from_block(name: str, value: Any) -> Any:
    option, key = _BY_NAME[name], f"{BLOCK}.{name}"
    if value is None and option.default is None:
        return None
    if option.type is bool:
        if not isinstance(value, bool):
            raise _bad(key, value, option.valid)
        return value
    if option.type is str:
        return _choice(option, key, value)
    if isinstance(value, str) or not isinstance(value, (list, tuple)):
        raise _bad(key, value, option.choices, "a list of some of ")
    return _choices(option, key, value)


def _from_text(option: Option, variable: str, text: str) -> Any:
    if option.type is bool:
        return _truth(variable, text)
    if option.type is str:
        return _choice(option, variable, text.lower())
    names = [name.strip().lower() for name in text.split(",")]
    return _choices(option, variable, [name for name in names if name])


def _truth(variable: str, text: str) -> bool:
    try:
        return _TRUTHS[text.lower()]
    except KeyError:
        raise _bad(variable, text, tuple(_TRUTHS)) from None


def _choice(option: Option, key: str, value: Any) -> Any:
    if not isinstance(value, str) or value not in option.choices:
        raise _bad(key, value, option.choices)
    return value


def _choices(option: Option, key: str, values: Any) -> tuple[str, ...]:
    """Each once, in the order of the option's own list."""
    chosen = {_choice(option, key, value) for value in values}
    return tuple(name for name in option.choices if name in chosen)


def _bad(key: str, value: Any, valid: tuple[str, ...], before: str = "") -> ConfigurationError:
    import json

    shown = json.dumps(value, default=repr)
    return ConfigurationError(
        f"{key} is {shown}; valid is {before}{_listed(valid)}", key, value, valid
    )


def _unknown(name: Any) -> str:
    import difflib

    near = difflib.get_close_matches(str(name), _BY_NAME, 1)
    meant = f", did you mean {near[0]}?" if near else "."
    return f"{BLOCK} has no option {name}{meant} Valid are {', '.join(_BY_NAME)}"


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _say(message: str) -> None:
    if message not in _said:
        _said.add(message)
        _logger.warning("%s: %s", BLOCK, message)
