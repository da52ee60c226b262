"""Calls on which TA-Lib's functions are compared with their stand-ins: ``probes`` in pandas' forms.

Imports pandas.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from . import probes
from .registration import Call


def calls(name: str) -> Iterator[Call]:
    """Calls of ``talib.abstract``'s function: DataFrames, then Series and arrays."""
    for args, kwargs in probes.calls(name):
        if isinstance(args[0], dict):
            yield (pd.DataFrame(args[0]), *args[1:]), kwargs
        else:
            yield args, kwargs
        if isinstance(args[0], np.ndarray):
            yield tuple(map(pd.Series, args)), kwargs


def plain_calls(name: str) -> Iterator[Call]:
    """Calls of ``talib``'s plain function: Series and arrays."""
    for args, kwargs in probes.array_calls(name):
        yield args, kwargs
        yield tuple(map(pd.Series, args)), kwargs
