"""Functions that answer what is certain, and the formula in pandas for everything else.

Imports the standard library.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

# By name: None where the answer isn't certain.
CERTAIN: dict[str, Callable[..., Any]] = {}


def or_else(stock: Callable[P, R]) -> Callable[[Callable[P, R | None]], Callable[P, R]]:
    """Have ``stock`` called where a function gives None; the function stays in ``CERTAIN``."""

    def decorate(certain: Callable[P, R | None]) -> Callable[P, R]:
        CERTAIN[certain.__name__] = certain

        @functools.wraps(certain)
        def whole(*args: P.args, **kwargs: P.kwargs) -> R:
            found = certain(*args, **kwargs)
            return stock(*args, **kwargs) if found is None else found

        return whole

    return decorate
