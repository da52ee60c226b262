"""TA-Lib's indicators, with the interface of ``talib.abstract`` and without TA-Lib.

``import ft_numba_aot.ta as ta``, then as ever: ``ta.SMA(dataframe, timeperiod=20)``.
"""

from typing import Any

from ._catalogue import MA_Type, get_function_groups, get_functions
from ._function import Function as _Function
from ._table import DEFINITIONS

FUNCTIONS = {name: _Function(definition) for name, definition in DEFINITIONS.items()}
globals().update(FUNCTIONS)

__all__ = ["Function", "MA_Type", "get_function_groups", "get_functions", *FUNCTIONS]  # noqa: PLE0604


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
