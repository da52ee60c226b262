"""technical's trend lines, their extremes found by numpy, their frame made without pandas' checks.

Imports technical. The originals' own code runs.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from functools import lru_cache, wraps
from typing import Any

import numpy as np
import pandas as pd
from technical import trendline as _trendline

from ...runtime.registration import Call
from ...ta import _frames
from ..replacement import Replacement
from .pandas_ta_shared import with_ours
from .technical_frames import prices, walk


def _extreme(builtin: Callable[[Any], Any], name: str) -> Callable[[Any], Any]:
    """``max`` or ``min``; of an array of float64, numpy's where that is the same value."""

    def extreme(values: Any) -> Any:
        if type(values) is np.ndarray and values.dtype == np.float64 and values.size:
            found = getattr(values, name)()
            # NaN, or a zero, of either sign: which, their order tells.
            if found == found and found != 0.0:
                return found
        return builtin(values)

    return extreme


_EXTREMES = {name: _extreme(getattr(builtins, name), name) for name in ("max", "min")}


class _Pandas:
    """pandas, as the originals import it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(pd, name)

    def DataFrame(self, data: Any, index: Any, columns: Any) -> Any:  # noqa: N802
        """``DataFrame`` of an array of lines that nothing else has."""
        rows = data.T
        if rows.dtype == np.float64 and rows.flags.c_contiguous:
            return _frames.frame(rows, _counted(len(index)).view(), columns)
        return pd.DataFrame(data, index=index, columns=columns)


@lru_cache(maxsize=4)
def _counted(length: int) -> pd.Index[Any]:
    """The labels 0 … n-1, written out."""
    return pd.Index(np.arange(length))


_PANDAS = _Pandas()


def _import(name: str, *arguments: Any) -> Any:
    return _PANDAS if name == "pandas" else __import__(name, *arguments)


_OURS = {**_EXTREMES, "__builtins__": {**vars(builtins), "__import__": _import}}


def _accelerated(original: Any) -> Any:
    twin = with_ours(original, **_OURS)

    @wraps(original)
    def ours(dataframe: Any, field: Any = "close", *args: Any, **kwargs: Any) -> Any:
        columns = prices(dataframe, field)
        return twin(dataframe if columns is None else {field: columns[0]}, field, *args, **kwargs)

    return ours


gentrends = _accelerated(_trendline.gentrends)
segtrends = _accelerated(_trendline.segtrends)


def _probes() -> Iterator[Call]:
    yield (walk(),), {}
    yield (walk(), "high", 3), {}


REPLACEMENTS = tuple(
    Replacement(
        f"technical.trendline:{ours.__name__}", ours, "technical's trend lines", probes=_probes
    )
    for ours in (gentrends, segtrends)
)
