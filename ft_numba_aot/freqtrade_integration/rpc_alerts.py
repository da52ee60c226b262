"""Alerts where freqtrade's own messages go: Telegram, webhooks, its web interface.

Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
import weakref
from typing import Any

from freqtrade.enums import RPCMessageType
from freqtrade.rpc.rpc_manager import RPCManager

from ..runtime.manager import get_numba_manager
from .replacement import Replacement

_original = RPCManager.__init__


@functools.wraps(_original)
def __init__(self: Any, freqtrade: Any) -> None:  # noqa: N807
    """``RPCManager.__init__``, then a channel for alerts, as long as there is this manager."""
    _original(self, freqtrade)
    manager = weakref.ref(self)

    def channel(message: str) -> None:
        rpc = manager()
        if rpc is not None:
            rpc.send_msg({"type": RPCMessageType.WARNING, "status": f"ft-numba-aot: {message}"})

    alerts = get_numba_manager().alerts
    alerts.add_channel(channel)
    # Reloading its configuration, freqtrade makes another.
    weakref.finalize(self, alerts.remove_channel, channel).atexit = False


REPLACEMENTS = (
    Replacement(
        "freqtrade.rpc.rpc_manager:RPCManager.__init__",
        __init__,
        "alerts",
        ("freqtrade.rpc.rpc_manager:RPCManager.send_msg",),
    ),
)
