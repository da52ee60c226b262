"""Arguments for any function of the table: its candles in every form, parameters in range."""

from __future__ import annotations

from typing import Any

from candles import frame
from hypothesis import strategies as st

from ft_numba_aot.ta._table import Definition, Parameter


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
