"""What there is: the functions by group, the types of moving average, and what each is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._table import CANDLESTICK, DEFINITIONS, Definition

_NAMES = dict(
    enumerate(
        (
            "Simple Moving Average",
            "Exponential Moving Average",
            "Weighted Moving Average",
            "Double Exponential Moving Average",
            "Triple Exponential Moving Average",
            "Triangular Moving Average",
            "Kaufman Adaptive Moving Average",
            "MESA Adaptive Moving Average",
            "Triple Generalized Double Exponential Moving Average",
            "Hull Moving Average",
            "No Moving Average (identity)",
            "The Function's Own Default Moving Average",
            "Zero-Lag Exponential Moving Average",
            "Wilder's Smoothed Moving Average",
        )
    )
)


class MovingAverages:
    """``MA_Type``: each type's number by its short name, and its full name by its number.

    ``MA_Type.EMA`` is 1, what a ``matype`` parameter takes; ``MA_Type[1]`` is
    ``"Exponential Moving Average"``. ``KeyError`` where there is no such number.
    """

    SMA, EMA, WMA, DEMA, TEMA, TRIMA, KAMA, MAMA, T3, HMA, DISABLED, DEFAULT, ZLEMA, RMA = range(14)

    def __getitem__(self, type_: int) -> str:
        return _NAMES[type_]


MA_Type = MovingAverages()


def get_function_groups() -> dict[str, list[str]]:
    """The names of the functions of each group, in alphabetical order."""
    groups: dict[str, list[str]] = {}
    for group, name in sorted((one.group, name) for name, one in DEFINITIONS.items()):
        groups.setdefault(group, []).append(name)
    return groups


def get_functions() -> list[str]:
    """The names of all functions, group by group."""
    return [name for names in get_function_groups().values() for name in names]


def signature(definition: Definition, arrays: str = "ndarray ") -> str:
    """A function's arguments, as its documentation begins; ``arrays`` is what comes before those.

    As in TA-Lib's, but that defaults are told, and not what stands for them.
    """
    kinds = {int: "int", float: "double"}
    parameters = [
        f"{kinds[type(one.default)]} {one.name}={one.default}" for one in definition.parameters
    ]
    return f"({', '.join([*(arrays + name for name in definition.arguments), *parameters])})"


def documentation(definition: Definition) -> str:
    """What a plain function's documentation says below its signature."""
    optional = ", ".join(f"{one.name}=?" for one in definition.parameters)
    called = ", ".join(definition.arguments) + (f"[, {optional}]" if optional else "")
    inputs = {
        name if isinstance(series, list) else name.replace("price", "real"): series
        for name, series in definition.inputs.items()
    }
    lines = [
        f"{definition.name}({called})\n",
        f"{definition.display_name.replace('price', 'real')} ({definition.group})\n",
        *details(definition, inputs, {one.name: one.default for one in definition.parameters}),
    ]
    return "\n".join(lines)


def details(
    definition: Definition, inputs: Mapping[str, Any], parameters: Mapping[str, int | float]
) -> list[str]:
    """The lines of a function's description that say what it reads, takes and gives."""
    lines = ["Inputs:"]
    for name, series in inputs.items():
        lines.append(f"    {name}: {series if isinstance(series, list) else '(any ndarray)'}")
    if parameters:
        lines.append("Parameters:")
    for name, value in parameters.items():
        note = f" ({MA_Type[int(value)]})" if name.endswith("matype") else ""
        lines.append(f"    {name}: {value}{note}")
    lines.append("Outputs:")
    for output in definition.outputs:
        pattern = output == "integer" and definition.flags & CANDLESTICK
        lines.append(f"    {output}{' (values are -100, 0 or 100)' if pattern else ''}")
    return lines
