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
    """Calls of ``talib.abstract``'s function: DataFrames and dicts in turns, Series, arrays.

    The values are the plain function's, too; which form brings them, says little about them.
    """
    for number, (args, kwargs) in enumerate(probes.calls(name)):
        if isinstance(args[0], dict) and (number == 0 or number % 2):
            yield (pd.DataFrame(args[0]), *args[1:]), kwargs
        else:
            yield args, kwargs
        if isinstance(args[0], np.ndarray):
            yield tuple(map(pd.Series, args)), kwargs


def plain_calls(name: str) -> Iterator[Call]:
    """Calls of ``talib``'s plain function: the first with arrays and with Series, then in turns."""
    for number, (args, kwargs) in enumerate(probes.array_calls(name)):
        if number == 0 or number % 2:
            yield args, kwargs
        if number % 2 == 0:
            yield tuple(map(pd.Series, args)), kwargs
