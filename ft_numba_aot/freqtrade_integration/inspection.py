"""What freqtrade would be given here: its configuration's block, and everything enabled at once.

Imports the standard library until it is asked. freqtrade's own log stays off the terminal.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..runtime.configuration import BLOCK, Settings
from . import table
from .quiet import quiet
from .status import Status

# What comes with TA-Lib is replaced as soon as a strategy imports it.
_TALIB = "talib.abstract"


class UnreadableConfiguration(Exception):
    """freqtrade can't read the configuration; the message is freqtrade's."""


class Inspected(NamedTuple):
    """What is active with everything imported that freqtrade may; ``unused`` has, by module of
    ``table.LATE``, why there is nothing here for it to replace."""

    status: Status
    unused: dict[str, str]


def block(files: Sequence[str]) -> Any:
    """The block of freqtrade's configuration files and environment, None where there is none."""
    return whole(files).get(BLOCK)


def whole(files: Sequence[str]) -> dict[str, Any]:
    """What freqtrade's configuration files and environment say, unchecked."""
    with quiet():
        loading = importlib.import_module("freqtrade.configuration.load_config")
        variables = importlib.import_module("freqtrade.configuration.environment_vars")
        merging = importlib.import_module("freqtrade.misc")
        try:
            config = loading.load_from_files(list(files))
        except Exception as error:
            raise UnreadableConfiguration(str(error) or type(error).__name__) from error
        merged: dict[str, Any] = merging.deep_merge_dicts(
            variables.environment_vars_to_dict(), config
        )
    return merged


def enable_all(settings: Settings) -> Inspected:
    """Enable in this process what ``settings`` say, and import all that is awaited."""
    from . import switch

    unused: dict[str, str] = {}
    with quiet():
        switch.use(settings)
        for module in dict.fromkeys((_TALIB, *table.LATE.values())):
            try:
                importlib.import_module(module)
            except Exception as error:
                reason = f"{module} can't be imported here ({type(error).__name__}: {error})"
                if isinstance(error, ModuleNotFoundError) and error.name:
                    reason = f"{error.name} isn't installed"
                unused |= {name: reason for name, at in table.LATE.items() if at == module}
    status = switch.status()
    return Inspected(status, unused if status.enabled else {})
