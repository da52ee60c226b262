"""The second wall: the private native module itself refuses every wrong kind of array."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from definitions import ONE_OF_EACH_SIGNATURE
from outcomes import outcome

from ft_numba_aot import _backend

pytestmark = pytest.mark.skipif(
    _backend._native is None, reason="the backend is pure: there is no native module"
)

KERNELS = _backend._pure_kernels()
LENGTH = 64
MOST_DIMENSIONS = 64 if np.lib.NumpyVersion(np.__version__) >= "2.0.0" else 32
SCALARS = {"int": 5, "float": 1.5, "bool": True}
OTHER_DTYPES = ["?", "i1", "u1", "i2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "g", "c8", "c16"]
OTHER_DTYPES += ["O", "S8", "U2", "M8[s]", "m8[s]", "V8", "V4", "V1"]


def dtype_of(code: str) -> np.dtype[Any]:
    return _backend._DTYPES[code.lower()]


def good(code: str) -> Any:
    """An argument of a kernel: arrays hold enough zeros for any work space."""
    return SCALARS[code] if code in SCALARS else np.zeros(LENGTH, dtype_of(code))


def unaligned(array: Any) -> Any:
    return np.zeros(array.nbytes + 1, np.uint8)[1:].view(array.dtype)


def read_only(array: Any) -> Any:
    array.flags.writeable = False
    return array


WRONG: dict[str, Any] = {
    "every second": lambda x: np.repeat(x, 2)[::2],
    "reversed": lambda x: x[::-1],
    "repeated": lambda x: np.broadcast_to(x[0], x.shape),
    "0-D": lambda x: x[0:1].reshape(()),
    "2-D of one row": lambda x: x.reshape(1, -1),
    "2-D of one column": lambda x: x.reshape(-1, 1),
    "2-D": lambda x: x.reshape(2, -1),
    "Fortran": lambda x: np.asfortranarray(x.reshape(2, -1)),
    "3-D": lambda x: x.reshape(4, 4, 4),
    "of most dimensions": lambda x: x.reshape((1,) * (MOST_DIMENSIONS - 1) + x.shape),
    "matrix": lambda x: x.reshape(8, 8).view(np.matrix),
    "list": list,
    "tuple": tuple,
    "empty list": lambda x: [],
    "None": lambda x: None,
    "float": lambda x: 1.5,
    "int": lambda x: 5,
    "bool": lambda x: True,
    "text": lambda x: "close",
    "bytes": lambda x: x.tobytes(),
    "memory": memoryview,
    "numpy scalar": lambda x: x[0],
    "dtype": lambda x: x.dtype,
    "Series": pd.Series,
    "DataFrame": lambda x: pd.DataFrame({"close": x}),
    "type": lambda x: np.ndarray,
    "object": lambda x: object(),
}


def wrong(code: str) -> dict[str, Any]:
    """Every wrong kind of array for an argument."""
    array, dtype = good(code), dtype_of(code)
    kinds = {kind: convert(good(code)) for kind, convert in WRONG.items()}
    for other in OTHER_DTYPES:
        if np.dtype(other) != dtype:
            kinds[other] = np.zeros(LENGTH, other)
    if dtype.itemsize > 1:
        kinds["other byte order"] = array.astype(dtype.newbyteorder())
        kinds["unaligned"] = unaligned(array)
    if code.isupper():
        kinds["read only"] = read_only(good(code))
        kinds["of bytes"] = np.frombuffer(bytes(array.nbytes), dtype)
    return kinds


@pytest.mark.parametrize("name", ONE_OF_EACH_SIGNATURE)
def test_wrong_array_is_refused(name: str) -> None:
    """By the native module, and by the pure fallback."""
    kernels = getattr(_backend._native, name), _backend._pure(KERNELS[name])
    codes = list(KERNELS[name].arguments.values())
    for i, code in enumerate(codes):
        if code in SCALARS:
            continue
        for kind, array in wrong(code).items():
            arguments = [good(other) for other in codes]
            arguments[i] = array
            for kernel in kernels:
                error = outcome(kernel, *arguments).error
                assert isinstance(error, TypeError), f"{kernel}, argument {i} ({code}), {kind}"


@pytest.mark.parametrize("name", ONE_OF_EACH_SIGNATURE)
def test_wrong_number_of_arguments_is_refused(name: str) -> None:
    kernel = getattr(_backend._native, name)
    arguments = [good(code) for code in KERNELS[name].arguments.values()]
    for given in (arguments[:-1], [*arguments, arguments[-1]], []):
        with pytest.raises(TypeError):
            kernel(*given)
    with pytest.raises(TypeError):
        kernel(*arguments[:-1], unknown=arguments[-1])


@pytest.mark.parametrize("name", ONE_OF_EACH_SIGNATURE)
def test_what_is_no_number_is_refused(name: str) -> None:
    kernel, codes = getattr(_backend._native, name), list(KERNELS[name].arguments.values())
    for i in [i for i, code in enumerate(codes) if code in ("int", "float")]:
        for value in (None, "text", [5], (), {}, object(), 5j, np.zeros(3)):
            arguments = [good(other) for other in codes]
            arguments[i] = value
            assert isinstance(outcome(kernel, *arguments).error, (TypeError, ValueError))


def test_error_says_what_is_needed() -> None:
    close, out = np.zeros(LENGTH, "f4"), np.zeros(LENGTH)
    with pytest.raises(TypeError, match="not a C-contiguous, aligned, one-dimensional array"):
        _backend.call("sma")(close, 5, out)


@pytest.mark.parametrize("name", ONE_OF_EACH_SIGNATURE)
def test_refused_call_writes_nothing(name: str) -> None:
    kernel, codes = getattr(_backend._native, name), list(KERNELS[name].arguments.values())
    arguments = [good(code) for code in codes]
    last = max(i for i, code in enumerate(codes) if code not in SCALARS)
    for array in arguments:
        if isinstance(array, np.ndarray):
            array[:] = 1
    arguments[last] = arguments[last].astype("f2")
    with pytest.raises(TypeError):
        kernel(*arguments)
    assert all((array == 1).all() for array in arguments if isinstance(array, np.ndarray))
