"""Takes the block ``performance_optimization`` out of freqtrade's configuration, and follows it.

Nothing that freqtrade does with a configuration sees it: no strategy, no hash of a backtest, no
exported file. Imports the standard library.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
import os
import sys
from typing import Any

from ..runtime.configuration import BLOCK, ConfigurationError, Settings, read
from .table import CONFIGURATION

_originals: list[Any] = []


def put() -> None:
    """Have freqtrade's ``Configuration.load_config`` do so; nothing the second time."""
    owner = sys.modules[CONFIGURATION].Configuration
    if _originals:
        return
    original = owner.load_config

    @functools.wraps(original)
    def load_config(self: Any) -> dict[str, Any]:
        config: dict[str, Any] = original(self)
        follow(config)
        return config

    _originals.append((owner, original, load_config))
    owner.load_config = load_config


def take_out() -> None:
    """Put the original back, unless other code has replaced it since."""
    while _originals:
        owner, original, ours = _originals.pop()
        if vars(owner).get("load_config") is ours:
            owner.load_config = original


def follow(config: dict[str, Any]) -> None:
    """Take the block out of ``config``, and have its settings hold.

    What isn't valid is an error of freqtrade's, which its user gets to see: the one with which it
    also exits as failed, as it doesn't with its ``ConfigurationError``.
    """
    from freqtrade.exceptions import OperationalException

    from . import switch

    original = config.get("original_config")
    if isinstance(original, dict):
        original.pop(BLOCK, None)
    try:
        settings = settings_of(config, config.pop(BLOCK, None))
    except ConfigurationError as error:
        raise OperationalException(str(error)) from error
    # In an activated environment, processes that this one starts don't decide for themselves.
    os.environ["FT_NUMBA_AOT_STARTUP"] = "0"
    switch.configure(settings)


def settings_of(config: dict[str, Any], block: Any) -> Settings:
    """The settings of a block; without a phase, of the mode that freqtrade runs in."""
    from freqtrade.enums import TRADE_MODES

    trades = config.get("runmode") in TRADE_MODES
    return read(block, phase="progressive" if trades else "aggressive")
