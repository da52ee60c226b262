"""What hyperopt collects as garbage after each batch of epochs: what came since it started.

``Hyperopt.start`` has the collector look at every object of the process each time, while its
workers wait. What was there before is set aside for as long as it runs. Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import gc
from functools import wraps
from typing import Any

from freqtrade.optimize.hyperopt.hyperopt import Hyperopt

from .replacement import Replacement

_original = Hyperopt.start


@wraps(_original)
def start(self: Any) -> None:
    """``Hyperopt.start`` with less to look through, unless somebody has set objects aside."""
    if gc.get_freeze_count():
        _original(self)
        return
    gc.freeze()
    try:
        _original(self)
    finally:
        gc.unfreeze()


REPLACEMENTS = (
    Replacement("freqtrade.optimize.hyperopt.hyperopt:Hyperopt.start", start, "hyperopt garbage"),
)
