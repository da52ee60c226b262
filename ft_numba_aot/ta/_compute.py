"""From checked arguments to a kernel: what TA-Lib's plain functions do, without TA-Lib."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np

from .._backend import call, work
from ._table import INTEGER_OUTPUTS, Definition, Parameter

Array = np.ndarray[Any, Any]

_FLOAT64 = np.dtype(np.float64)
_INT_DEFAULT = -(2**31)
_REAL_DEFAULT = -4e37
_MAX_LENGTH = 2**31 - 1


class Compute:
    """A TA-Lib function over ndarrays: ``compute(arrays, values)`` gives its outputs.

    ``arrays`` are float64, one-dimensional and of one length; ``values`` are the parameters,
    complete and in order. Errors are those of TA-Lib's Python wrapper. With ``joined``, several
    outputs are the rows of one (k, n) array, or a list where their dtypes differ.
    """

    __slots__ = ("_arguments", "_dtypes", "_joined", "_kernel", "_name", "_parameters", "_work")

    def __init__(self, definition: Definition) -> None:
        kernel = definition.name.lower()
        self._name = definition.name
        self._arguments = definition.arguments
        self._parameters = definition.parameters
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
            same = all(len(array) == length for array in arrays)
        except TypeError:  # no array at all
            length, same = 0, False
        if not length or not same:
            arrays = self._checked(arrays)
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
        parameters = [
            value if parameter.low <= value <= parameter.high else self._default(parameter, value)
            for value, parameter in zip(values, self._parameters, strict=True)
        ]
        if self._work is not None:
            outputs = [*outputs, np.empty(self._work(length, *parameters))]
        try:
            self._kernel(*arrays, *parameters, *outputs)
        except TypeError:
            # The kernel takes plain contiguous float64 only; TA-Lib takes a little more.
            self._kernel(*self._checked(arrays), *parameters, *outputs)
        return rows

    def _checked(self, arrays: Sequence[Any]) -> list[Array]:
        ready = [
            _checked(array, argument)
            for array, argument in zip(arrays, self._arguments, strict=True)
        ]
        length = len(ready[0])
        for array, argument in zip(ready, self._arguments, strict=True):
            if len(array) != length:
                raise Exception(
                    f"input array lengths are different: {self._arguments[0]} has {length}, "
                    f"{argument} has {len(array)}"
                )
            if len(array) > _MAX_LENGTH:
                raise Exception(f"TA_{self._name} function failed: {length} values are too many")
        return ready

    def _default(self, parameter: Parameter, value: int | float) -> int | float:
        """TA-Lib's marks for "the default", or its error."""
        if value == (_INT_DEFAULT if isinstance(parameter.default, int) else _REAL_DEFAULT):
            return parameter.default
        if isinstance(value, int) and not -(2**31) <= value < 2**31:
            raise OverflowError(
                f"value too large to convert to int: {parameter.name}={value}"
                if -(2**63) <= value < 2**63
                else f"Python int too large to convert to C long: {parameter.name}"
            )
        raise Exception(
            f"TA_{self._name} function failed with error code 2: Bad Parameter (TA_BAD_PARAM): "
            f"{parameter.name}={value!r} is not in {parameter.low} to {parameter.high}"
        )


def _checked(array: Any, argument: str) -> Array:
    """An input as plain contiguous float64, where TA-Lib takes it; else its error."""
    if array is None:
        raise TypeError(f"Argument '{argument}' must not be None")
    if not isinstance(array, np.ndarray):
        _wrong_type(array, argument)
    if array.dtype.type is not np.float64:
        raise Exception(f"input array type is not double: {argument} is {array.dtype}")
    if not array.dtype.isnative:
        raise Exception(f"input array type is not double in native byte order: {argument}")
    if array.ndim != 1:
        raise Exception(f"input array has wrong dimensions: {argument} has {array.ndim}")
    return np.require(np.asarray(array), _FLOAT64, ["C", "A"])


def _wrong_type(array: Any, argument: str) -> NoReturn:
    raise TypeError(
        f"Argument '{argument}' has incorrect type "
        f"(expected numpy.ndarray, got {type(array).__name__})"
    )


