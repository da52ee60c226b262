"""From checked arguments to a kernel: what TA-Lib's plain functions do, without TA-Lib."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from .._backend import call, work
from ._table import INTEGER_OUTPUTS, Definition, Parameter

Array = np.ndarray[Any, Any]

_FLOAT64 = np.dtype(np.float64)
_INT_DEFAULT = -(2**31)
_REAL_DEFAULT = -4e37
_MAX_LENGTH = 2**31 - 1
# Where C's conversion to int gives up, and on which type, depends on the Python it is built for.
_CONVERTIBLE, _C_TYPE = (
    (range(1 - 2**60, 2**60), "int")
    if sys.version_info >= (3, 13)
    else (range(-(2**63), 2**63), "long")
)
_HEAP_TYPE = 1 << 9  # CPython's Py_TPFLAGS_HEAPTYPE


class Compute:
    """A TA-Lib function over ndarrays: ``compute(arrays, values)`` gives its outputs.

    ``arrays`` are float64, one-dimensional and of one length; ``values`` are the parameters,
    complete and in order. Errors are those of TA-Lib's Python wrapper. With ``joined``, several
    outputs are the rows of one (k, n) array, or a list where their dtypes differ.
    """

    __slots__ = (
        "_arguments",
        "_dtypes",
        "_joined",
        "_kernel",
        "_limits",
        "_name",
        "_parameters",
        "_work",
    )

    def __init__(self, definition: Definition) -> None:
        kernel = definition.name.lower()
        self._name = definition.name
        self._arguments = definition.arguments
        self._parameters = definition.parameters
        self._limits = [(parameter.low, parameter.high) for parameter in definition.parameters]
        self._kernel = call(kernel)
        self._work = work(kernel)
        self._dtypes = [
            np.dtype(np.int32) if output in INTEGER_OUTPUTS else _FLOAT64
            for output in definition.outputs
        ]
        self._joined = len(set(self._dtypes)) == 1 and len(self._dtypes) > 1

    def __call__(
        self, arrays: Sequence[Any], values: Sequence[int | float], *, joined: bool = False
    ) -> Any:
        try:
            length = len(arrays[0])
            for array in arrays:
                if type(array) is not np.ndarray or len(array) != length:
                    length = 0
        except Exception:  # no array at all
            length = 0
        if not 0 < length <= _MAX_LENGTH or len(arrays) != len(self._arguments):
            arrays = self._checked(arrays, values)
            length = len(arrays[0])
        dtypes = self._dtypes
        rows: Any
        if joined and self._joined:
            rows = np.empty((len(dtypes), length), dtypes[0])
            outputs = list(rows)
        else:
            rows = outputs = [np.empty(length, dtype) for dtype in dtypes]
        if not length:
            return rows
        for value, (low, high) in zip(values, self._limits, strict=True):
            if not low <= value <= high:
                values = self._defaulted(arrays, values)
                break
        if self._work is not None:
            outputs = [*outputs, np.empty(int(self._work(length, *values)))]
        try:
            contradiction = self._kernel(*arrays, *values, *outputs)
        except TypeError:
            # The kernel takes plain contiguous float64 only; TA-Lib takes a little more.
            contradiction = self._kernel(*self._checked(arrays, values), *values, *outputs)
        if contradiction:  # only a kernel whose parameters depend on each other returns anything
            raise Exception(
                f"TA_{self._name} function failed with error code 2: Bad Parameter (TA_BAD_PARAM): "
                f"{', '.join(self._describe(values))} contradict each other"
            )
        return rows

    def _describe(self, values: Sequence[int | float]) -> list[str]:
        return [f"{p.name}={value!r}" for p, value in zip(self._parameters, values, strict=True)]

    def _checked(self, arrays: Sequence[Any], values: Sequence[int | float]) -> list[Array]:
        """The inputs as plain contiguous float64, or TA-Lib's errors, in its order."""
        required, optional = self._arguments, self._parameters
        given = [*arrays, *values]
        if not 0 <= len(given) - len(required) <= len(optional):
            few = len(given) < len(required)
            count = len(required) + (0 if few else len(optional))
            bound = "exactly" if not optional else "at least" if few else "at most"
            raise TypeError(
                f"{self._name}() takes {bound} {count} positional argument{'s' * (count != 1)} "
                f"({len(given)} given)"
            )
        for value, parameter in zip(given[len(required) :], optional, strict=False):
            checked_int(value, parameter)
        for array, argument in zip(given, required, strict=False):
            if not isinstance(array, np.ndarray):
                raise TypeError(
                    f"Argument '{argument}' has incorrect type "
                    f"(expected numpy.ndarray, got {_type_name(array)})"
                )
        ready = [
            _float64(array, argument) for array, argument in zip(arrays, required, strict=True)
        ]
        length = len(ready[0])
        for array, argument in zip(ready, required, strict=True):
            if len(array) != length:
                raise Exception(
                    f"input array lengths are different: {required[0]} has {length}, "
                    f"{argument} has {len(array)}"
                )
            if length > _MAX_LENGTH:
                raise Exception(f"TA_{self._name} function failed: {length} values are too many")
        return [np.require(array, _FLOAT64, ["C", "A"]) for array in ready]

    def _defaulted(self, arrays: Sequence[Any], values: Sequence[int | float]) -> list[int | float]:
        """The values with defaults for TA-Lib's marks of them, or its errors."""
        self._checked(arrays, values)
        complete = []
        for value, parameter in zip(values, self._parameters, strict=True):
            name, _, low, high = parameter
            value = default_of(parameter, value)
            if not low <= value <= high:
                raise Exception(
                    f"TA_{self._name} function failed with error code 2: "
                    f"Bad Parameter (TA_BAD_PARAM): {name}={value!r} is not in {low} to {high}"
                )
            complete.append(value)
        return complete


def checked_int(value: int | float, parameter: Parameter) -> int | float:
    """The value, or C's error for an int that doesn't fit, or a float that is none."""
    if isinstance(value, float) and isinstance(parameter.default, int):
        int(value)
    if isinstance(value, int) and not -(2**31) <= value < 2**31:
        raise OverflowError(
            f"value too large to convert to int: {parameter.name}={value}"
            if value in _CONVERTIBLE
            else f"Python int too large to convert to C {_C_TYPE}: {parameter.name}"
        )
    return value


def default_of(parameter: Parameter, value: int | float) -> int | float:
    """The value, or the default for TA-Lib's mark of it."""
    mark = _INT_DEFAULT if isinstance(parameter.default, int) else _REAL_DEFAULT
    return parameter.default if value == mark else value


def _type_name(value: Any) -> str:
    """A type's name as C has it: with its module, if it is written in C and no builtin."""
    given = type(value)
    if given.__flags__ & _HEAP_TYPE or given.__module__ == "builtins":
        return given.__name__
    return f"{given.__module__}.{given.__name__}"


def _float64(array: Array, argument: str) -> Array:
    array = np.asarray(array)  # whatever a subclass makes of it
    if array.dtype.type is not np.float64:
        raise Exception(f"input array type is not double: {argument} is {array.dtype}")
    if array.ndim != 1:
        raise Exception(f"input array has wrong dimensions: {argument} has {array.ndim}")
    if not array.dtype.isnative:
        raise Exception(f"input array type is not double in native byte order: {argument}")
    return array
