"""Arguments for any function of the table: its candles in every form, parameters in range.

And which functions stand for all, where a test is of what surrounds the kernels and not of what
they compute: a function for each shape, a kernel for each signature.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from candles import frame
from hypothesis import strategies as st

from ft_numba_aot import _backend
from ft_numba_aot.runtime.talib_state import CANDLE_SETTINGS, unstable_periods
from ft_numba_aot.ta._table import DEFINITIONS, INTEGER_OUTPUTS, Definition, Parameter


def _kind(parameter: Parameter) -> str:
    return "matype" if parameter.name.endswith("matype") else type(parameter.default).__name__


def shape_of(definition: Definition) -> Hashable:
    """All that the code around the kernels tells two functions apart by, but names and limits.

    What it reads, of which kinds its parameters and outputs are, whether it needs work space, and
    which of TA-Lib's global settings matter to it.
    """
    return (
        str(definition.inputs),
        tuple(map(_kind, definition.parameters)),
        tuple(output in INTEGER_OUTPUTS for output in definition.outputs),
        KERNELS[definition.name.lower()].work is not None,
        bool(unstable_periods(definition.name)),
        definition.name in CANDLE_SETTINGS,
    )


KERNELS = _backend._pure_kernels()
REPRESENTATIVES = [
    *{shape_of(definition): name for name, definition in reversed(DEFINITIONS.items())}.values()
]
WITH_PARAMETERS = [name for name in REPRESENTATIVES if DEFINITIONS[name].parameters]
OF_SEVERAL_ARRAYS = [name for name in REPRESENTATIVES if DEFINITIONS[name].arguments[1:]]
ONE_OF_EACH_SIGNATURE = [
    *{
        (*kernel.arguments.values(), kernel.returns, kernel.work is not None): name
        for name, kernel in KERNELS.items()
    }.values()
]


def values_of(parameter: Parameter, length: int) -> st.SearchStrategy[Any]:
    """Parameter values: the default, both limits, periods around the length, and ordinary ones."""
    low, high, default = parameter.low, parameter.high, parameter.default
    if isinstance(default, int):
        edges = {low, low + 1, default, high, length - 1, length, length + 1}
        return st.sampled_from(sorted(e for e in edges if low <= e <= high)) | st.integers(
            int(low), int(min(high, 60))
        )
    ordinary = [v for v in (0.01, 0.02, 0.5, 1.0, 1.618, 2.0, 2.5, -2.0, 1e10) if low <= v <= high]
    return st.sampled_from([default, *ordinary]) | st.floats(low, high)


def in_order(parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters with MAVP's two limits, where they are, in the only order that it takes."""
    limits = [name for name in ("minperiod", "maxperiod") if name in parameters]
    return parameters | dict(zip(limits, sorted(parameters[name] for name in limits), strict=True))


def parameters_of(
    draw: st.DrawFn | Any, definition: Definition, length: int
) -> dict[str, int | float]:
    return in_order({p.name: draw(values_of(p, length)) for p in definition.parameters})


def arguments_of(definition: Definition, columns: dict[str, Any], form: str) -> list[Any]:
    """Candles as a caller may pass them."""
    if form == "frame":
        return [frame(columns)]
    if form == "dict":
        return [columns]
    names = [
        name
        for series in definition.inputs.values()
        for name in (series if isinstance(series, list) else [series])
    ]
    if form == "series":
        candle_frame = frame(columns)
        return [candle_frame[name] for name in names]
    return [columns[name] for name in names]
