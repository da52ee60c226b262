"""TA-Lib's indicators, with the interface of ``talib.abstract`` and without TA-Lib.

``import ft_numba_aot.ta as ta``, then as ever: ``ta.SMA(dataframe, timeperiod=20)``.
"""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from ._catalogue import MA_Type, get_function_groups, get_functions
from ._function import Function as _Function
from ._table import DEFINITIONS

FUNCTIONS = {name: _Function(definition) for name, definition in DEFINITIONS.items()}
globals().update(FUNCTIONS)

__all__ = ["Function", "MA_Type", "batch", "get_function_groups", "get_functions", *FUNCTIONS]  # noqa: PLE0604


def Function(function_name: str, *args: Any, **kwargs: Any) -> _Function:  # noqa: N802
    """A new indicator of that name, in any case, with a state of its own.

    Further arguments are those of ``set_function_args``. Raises ``Exception``, as TA-Lib does,
    where there is none of that name.
    """
    definition = DEFINITIONS.get(function_name.upper())
    if definition is None:
        raise Exception(f"{function_name.upper()} not supported by TA-LIB.")
    function = _Function(definition)
    function.set_function_args(*args, **kwargs)
    return function


def batch(
    frames: Mapping[Hashable, Any], functions: Iterable[Any], *, threads: int | None = None
) -> dict[Any, Any]:
    """Many indicators of many pairs: for each pair a DataFrame with its frame's index.

    ``frames`` are DataFrames of candles, pandas' or polars', by pair. ``functions`` are names,
    Functions, or pairs of either and a dict of what ``Function.many`` takes::

        ta.batch(frames, ["ADX", ("SMA", {"timeperiod": range(5, 53)}), ("MFI", {"name": "flow"})])

    Columns are named as ``Function.many`` names them; a parameter with one value is part of the
    name, too, unless another has several. The frames aren't changed. What several indicators have
    in common, such as the true range, is computed once a pair.

    As many ``threads`` as there are CPUs take a pair each, unless pairs are so short that one is
    faster; or as many as given. Raises what ``Function.many`` raises, ``ValueError`` for fewer
    than one thread or where two columns would have the same name, ``TypeError`` for what is
    neither a DataFrame nor an indicator.
    """
    from ._batch import batch

    return batch(frames, functions, threads=threads, named=_named)


def _named(name: str) -> _Function:
    return FUNCTIONS[name.upper()] if name.upper() in FUNCTIONS else Function(name)
