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
    """A function that runs accelerated, in whichever process it is unpickled."""

    def __init__(self, function: Any) -> None:
        self.function = function

    def __reduce__(self) -> tuple[Any, ...]:
        return _in_worker, (self.function, get_numba_manager().settings)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)


class _WorkersEpoch(Epoch):
    """Leaves a worker as stock as it was: joblib lends the same one to others later."""

    def __init__(self, function: Any, settings: Settings) -> None:
        super().__init__(function)
        self.settings = settings

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        switch.use(self.settings)
        try:
            return self.function(*args, **kwargs)
        finally:
            switch.disable()


def _in_worker(function: Any, settings: Settings) -> Epoch:
    """Unpickles an epoch; its arguments come after it and find everything in place."""
    if switch.enabled():
        return Epoch(function)
    switch.use(settings)
    return _WorkersEpoch(function, settings)


@functools.wraps(_original)
def generate_optimizer_wrapped(*args: Any, **kwargs: Any) -> tuple[Any, Any, Any]:
    """joblib's delayed call of the original's function, accelerated where it is executed."""
    function, positional, keywords = _original(*args, **kwargs)
    return Epoch(function), positional, keywords


REPLACEMENTS = (
    Replacement(
        "freqtrade.optimize.hyperopt.hyperopt_optimizer:HyperOptimizer.generate_optimizer_wrapped",
        generate_optimizer_wrapped,
        "hyperopt workers",
    ),
)
