"""Whether a Series or frame is like any other, so that ours can tell what pandas makes of it.

Imports pandas.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas._config import using_string_dtype  # type: ignore[attr-defined]

_FLOAT64 = np.dtype(np.float64)


def is_plain(frame: Any) -> bool:
    """Whether it is a frame like any other, each of whose columns has a name of its own."""
    return (
        type(frame) is pd.DataFrame
        and type(frame.columns) is pd.Index
        and frame.columns.is_unique
        and not frame.attrs
    )


def values_of(series: Any) -> npt.NDArray[np.float64] | None:
    """The values of a Series of float64 like any other; else None. Not to be written to."""
    if type(series) is not pd.Series:
        return None
    values: Any = series._values
    if not isinstance(values, np.ndarray) or values.dtype != _FLOAT64 or series.attrs:
        return None
    if not series.flags.allows_duplicate_labels:
        return None
    # As ``to_numpy``, which takes longer.
    view: npt.NDArray[np.float64] = values.view()
    view.flags.writeable = False
    return view


def text_options() -> tuple[Any, ...]:
    """What decides which index pandas makes of text; asking for the first as an option warns."""
    return using_string_dtype(), pd.get_option("mode.string_storage")


def names_of(*names: str) -> pd.Index[Any]:
    """``pd.Index(names)``, an index of its own each time."""
    index: pd.Index[Any] = _index(names, *text_options()).view()
    return index


@lru_cache(maxsize=64)
def _index(names: tuple[str, ...], *options: Any) -> pd.Index[Any]:
    return pd.Index(list(names))


def appended(own: tuple[str, ...], more: tuple[str, ...], kind: Any, kind_of_more: Any) -> Any:
    """An index of texts with more of them after it, an index of its own each time."""
    return _appended(own, more, kind, kind_of_more, *text_options()).view()


@lru_cache(maxsize=64)
def _appended(
    own: tuple[str, ...], more: tuple[str, ...], kind: Any, kind_of_more: Any, *options: Any
) -> Any:
    return pd.Index(list(own), dtype=kind).append(pd.Index(list(more), dtype=kind_of_more))
