"""Hyperopt's worker processes, accelerated while they run an epoch.

Stands in for ``HyperOptimizer.generate_optimizer_wrapped``, whose result joblib sends to the
workers. Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
from typing import Any

from freqtrade.optimize.hyperopt.hyperopt_optimizer import HyperOptimizer

from ..runtime.configuration import Settings
from ..runtime.manager import get_numba_manager
from . import switch
from .replacement import Replacement

_original = HyperOptimizer.__dict__["generate_optimizer_wrapped"]


class Epoch:
    """A function that runs accelerated as ``settings`` say, in whichever process unpickles it."""

    def __init__(self, function: Any, settings: Settings) -> None:
        self.function = function
        self.settings = settings

    def __reduce__(self) -> tuple[Any, ...]:
        return _in_worker, (self.function, self.settings)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)


class _WorkersEpoch(Epoch):
    """Leaves a worker as stock as it was: joblib lends the same one to others later."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        switch.use(self.settings)
        try:
            return self.function(*args, **kwargs)
        finally:
            switch.disable()


def _in_worker(function: Any, settings: Settings) -> Epoch:
    """Unpickles an epoch; its arguments come after it and find everything in place."""
    if switch.enabled():
        return Epoch(function, settings)
    switch.use(settings)
    return _WorkersEpoch(function, settings)


@functools.wraps(_original)
def generate_optimizer_wrapped(*args: Any, **kwargs: Any) -> tuple[Any, Any, Any]:
    """joblib's delayed call of the original's function, accelerated where it is executed."""
    function, positional, keywords = _original(*args, **kwargs)
    return Epoch(function, get_numba_manager().settings), positional, keywords


REPLACEMENTS = (
    Replacement(
        "freqtrade.optimize.hyperopt.hyperopt_optimizer:HyperOptimizer.generate_optimizer_wrapped",
        generate_optimizer_wrapped,
        "hyperopt workers",
    ),
)
