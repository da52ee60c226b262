"""TA-Lib's functions as ``talib`` has them, without TA-Lib: Series in, Series out.

``import ft_numba_aot.talib_func as talib``, then as ever: ``talib.SMA(dataframe["close"], 20)``.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from .ta import _unstable
from .ta._catalogue import (
    MA_Type,
    documentation,
    get_function_groups,
    get_functions,
    signature,
)
from .ta._compute import Compute, default_of
from .ta._kinds import POLARS_SERIES, SERIES, floats, kind_of, series_like
from .ta._table import DEFINITIONS, Definition, Parameter
from .ta._unstable import get_unstable_period, set_unstable_period

if TYPE_CHECKING:
    import inspect


class PlainFunction:
    """A technical indicator with the interface of ``talib``'s function of that name.

    Called with its input arrays, then its parameters, by position or by name: ndarrays of float64,
    or Series of pandas or polars, of one length. Returns an ndarray, or a Series where it was
    given one (of pandas, with the index of the first), float64, or int32 for patterns and indexes;
    a tuple of them for several outputs. The head that an indicator needs to start is NaN (0 for
    int32).

    Raises ``TypeError`` for arguments that are missing, unknown or of the wrong type;
    ``OverflowError`` for integers that C's int doesn't hold; ``Exception``, as TA-Lib does, for
    arrays that aren't one-dimensional float64 of equal lengths, for parameters out of range, and
    where Series of both libraries meet.
    """

    __slots__ = ("_compute", "_definition", "_names", "_required")

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._compute = Compute(definition)
        self._required = len(definition.arguments)
        self._names = [*definition.arguments, *(one.name for one in definition.parameters)]

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        first = _first_series(chain(args, kwargs.values()))
        given = args if first is None else [floats(value) for value in args]
        if kwargs or not self._required <= len(given) <= len(self._names):
            named = kwargs if first is None else {k: floats(v) for k, v in kwargs.items()}
            given = self._bind(given, named)
        values = [parameter.default for parameter in self._definition.parameters]
        for at, value in enumerate(given[self._required :]):
            parameter = self._definition.parameters[at]
            values[at] = default_of(parameter, _converted(value, parameter))
        arrays = given[: self._required]
        results = self._compute(arrays, values)
        if _unstable.periods:
            _unstable.hold_back(self._definition, values, arrays, results)
        if first is not None:
            results = [series_like(first, array) for array in results]
        return results[0] if len(results) == 1 else tuple(results)

    def _bind(self, args: Any, kwargs: Mapping[str, Any]) -> list[Any]:
        """All arguments in order, parameters that weren't given as their defaults; C's errors."""
        name, names, required = self.__name__, self._names, self._required
        if len(args) > len(names):
            raise self._miscounted(len(args))
        given = dict(zip(names, args, strict=False))
        for key in kwargs:
            if key not in names:
                raise TypeError(f"{name}() got an unexpected keyword argument '{key}'")
            if key in given:
                raise TypeError(f"{name}() got multiple values for keyword argument '{key}'")
        given.update(kwargs)
        for at, argument in enumerate(names[:required]):
            if argument not in given:
                raise self._miscounted(at)
        defaults = {one.name: one.default for one in self._definition.parameters}
        return [given[key] if key in given else defaults[key] for key in names]

    def _miscounted(self, count: int) -> TypeError:
        wanted = self._required if count < self._required else len(self._names)
        bound = "at least" if count < self._required else "at most"
        if self._required == len(self._names):
            bound = "exactly"
        plural = "" if wanted == 1 else "s"
        return TypeError(
            f"{self.__name__}() takes {bound} {wanted} positional argument{plural} ({count} given)"
        )

    @property
    def __name__(self) -> str:
        return self._definition.name

    @property
    def __signature__(self) -> inspect.Signature:
        from inspect import Parameter as Argument
        from inspect import Signature

        kind = Argument.POSITIONAL_OR_KEYWORD
        return Signature(
            [
                *(Argument(name, kind) for name in self._definition.arguments),
                *(
                    Argument(one.name, kind, default=one.default)
                    for one in self._definition.parameters
                ),
            ]
        )

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        definition = self._definition
        return f"{definition.name}{signature(definition)}\n\n{documentation(definition)}"

    def __repr__(self) -> str:
        return f"<function {self.__name__}>"

    def __reduce__(self) -> str:
        return self.__name__


def _first_series(values: Iterable[Any]) -> Any:
    """The first Series there is, if any; all there are must be of its library."""
    first, library = None, None
    for value in values:
        kind = kind_of(value)
        if kind in (SERIES, POLARS_SERIES):
            if first is None:
                first, library = value, kind
            elif kind != library:
                raise Exception("Cannot mix polars and pandas")
    return first


def _converted(value: Any, parameter: Parameter) -> int | float:
    """A parameter as C takes it: what has ``__int__`` is an int, a float's fraction ignored."""
    if isinstance(parameter.default, float):
        return math.ldexp(value, 0)  # what C makes of a number, and its error for anything else
    if isinstance(value, int):
        return int(value)
    if hasattr(value, "__int__") or hasattr(value, "__index__"):
        return int(value)
    raise TypeError(f"an integer is required: {parameter.name}={value!r}")


# The C library whose results these are.
__ta_version__ = b"0.8.1"
__TA_FUNCTION_NAMES__ = [*DEFINITIONS]

# What belongs to these names in ``talib``; modules are imported when they are asked for.
_MODULES = {"abstract": ".ta", "stream": ".stream", "func": ".talib_func"}


def get_compatibility() -> int:
    """0: TA-Lib 0.8 has no other any more."""
    return 0


def set_compatibility(value: int) -> None:
    """Changes nothing, as in TA-Lib 0.8; its errors, which are ``set_unstable_period``'s."""
    _unstable.set_compatibility(value)


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(_MODULES[name], __package__)
    if name == "InsufficientHistory":
        return importlib.import_module(".stream", __package__).InsufficientHistory
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


FUNCTIONS = {name: PlainFunction(definition) for name, definition in DEFINITIONS.items()}
globals().update(FUNCTIONS)

__all__ = [  # noqa: PLE0604
    "MA_Type",
    "get_compatibility",
    "get_function_groups",
    "get_functions",
    "get_unstable_period",
    "set_compatibility",
    "set_unstable_period",
    *FUNCTIONS,
]
