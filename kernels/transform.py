"""Math transforms: a function of C's math library, value by value."""

from __future__ import annotations

from collections.abc import Callable

from ._numeric import (
    acos,
    asin,
    atan,
    ceil,
    cos,
    cosh,
    exp,
    floor,
    log,
    log10,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)
from ._spec import F64In, F64Out, kernel
from ._window import fill_head, first_valid


def declare(name: str, function: Callable[[float], float]) -> None:
    """Declare the kernel ``name``: ``function`` of each value from the first that isn't NaN."""

    @kernel(name=name)
    def transform(real: F64In, out: F64Out) -> None:
        begin = first_valid(real)
        fill_head(out, begin)
        for i in range(begin, len(real)):
            out[i] = function(real[i])


TRANSFORMS: dict[str, Callable[[float], float]] = {
    "acos": acos,
    "asin": asin,
    "atan": atan,
    "ceil": ceil,
    "cos": cos,
    "cosh": cosh,
    "exp": exp,
    "floor": floor,
    "ln": log,
    "log10": log10,
    "sin": sin,
    "sinh": sinh,
    "sqrt": sqrt,
    "tan": tan,
    "tanh": tanh,
}

for _name, _function in TRANSFORMS.items():
    declare(_name, _function)
