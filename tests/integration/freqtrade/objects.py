"""freqtrade's objects in this process, to see whether anything was left behind."""

from __future__ import annotations

import functools
import sys
import types

# What runs, as opposed to the lists and counters in which freqtrade keeps a backtest's state.
CODE = (
    type,
    types.FunctionType,
    staticmethod,
    classmethod,
    property,
    functools.cached_property,
    functools._lru_cache_wrapper,
)


def everything(kinds: tuple[type, ...] = (object,)) -> dict[object, list[tuple[str, int]]]:
    """The attributes of every module and class of freqtrade and ccxt, in their order."""
    found: dict[object, list[tuple[str, int]]] = {}

    def add(key: object, owner: object) -> None:
        found[key] = [
            (name, id(raw)) for name, raw in vars(owner).items() if isinstance(raw, kinds)
        ]

    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] not in ("freqtrade", "ccxt"):
            continue
        add(name, module)
        for key, value in vars(module).items():
            if isinstance(value, type) and value.__module__.startswith(("freqtrade", "ccxt")):
                add((name, key), value)
    return found
