"""What a call of one of ``talib.abstract``'s functions runs, on that function's own state.

Imports numpy and, with the first function, pandas. ``talib``'s objects are passed in.

A call is taken where all that it is given is known: DataFrames, Series, ndarrays and dicts of
these, parameters in range, settings at their defaults. Anything else is TA-Lib's from the start,
with its errors, and with what a failed call of TA-Lib's leaves behind. Nothing is written to the
state before there is a result; then it is what TA-Lib would have written.

On purpose, one thing differs: big-endian arrays raise, which TA-Lib would misread.
"""

from __future__ import annotations

import functools
import importlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..ta import FUNCTIONS
from ..ta._table import DEFINITIONS, Definition
from . import talib_notes
from .talib_state import CANDLE_SETTINGS, UNSTABLE_AVERAGES, averages, unstable_periods

Call = Callable[..., Any]

_FLOAT64 = np.dtype(np.float64)
_BIG_ENDIAN = _FLOAT64.newbyteorder()

# A Function of TA-Lib has these attributes; one that has more was given them by other code.
_ATTRIBUTES = 4


class Talib(NamedTuple):
    """TA-Lib's own, as it was found."""

    function: type
    call: Call
    unstable_period: Callable[[str], int]


class Bound:
    """One of TA-Lib's functions, as an argument: unlike that, it can be pickled."""

    __slots__ = ("function",)

    def __init__(self, function: Any) -> None:
        self.function = function

    def __reduce__(self) -> tuple[Any, ...]:
        function = self.function
        return _bound, (
            function.info["name"],
            dict(function.parameters),
            dict(function.input_names),
        )


def _bound(name: str, parameters: dict[str, Any], input_names: dict[str, Any]) -> Bound:
    function = importlib.import_module("talib.abstract").Function(name)
    function.set_parameters(parameters)
    function.set_input_names(input_names)
    return Bound(function)


class Pair(NamedTuple):
    """What is registered: both take one of TA-Lib's functions, then what that is called with.

    Without the former a new one is used, so that each can also be called with candles.
    """

    original: Call
    optimized: Call


def pair(name: str, plain: Call, talib: Talib) -> Pair:
    """The pair of ``name``; ``plain`` is TA-Lib's plain function of that name."""
    import pandas as pd

    from ..ta import _frames

    data_frame, series_type = pd.DataFrame, pd.Series
    values_of, column_of = _frames.values, _frames.column
    make_series, make_frame = _frames.series, _frames.frame
    definition = DEFINITIONS[name]
    types = [type(parameter.default) for parameter in definition.parameters]
    positions = {parameter.name: at for at, parameter in enumerate(definition.parameters)}
    output_names = list(definition.outputs)
    kernel = _kernel(name, plain)
    own_periods, types_of_averages = unstable_periods(name), averages(definition)
    stable = not own_periods and not types_of_averages
    shares = _shares_memory(series_type)
    function_type: Any = talib.function
    period_set = talib.unstable_period

    @functools.wraps(talib.call)
    def original(self: Any, *args: Any, **kwargs: Any) -> Any:
        if type(self) is Bound:
            self = self.function
        elif not isinstance(self, function_type):
            self, args = function_type(name, plain), (self, *args)
        _refuse_big_endian(args)
        return talib.call(self, *args, **kwargs)

    def defer(self: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """TA-Lib's own call. Where that raises, the state is as before, as it will be run again."""
        before = _remember(self._Function__local)
        try:
            return original(self, *args, **kwargs)
        except Exception:
            _restore(self._Function__local, before)
            raise

    @functools.wraps(talib.call)
    def optimized(self: Any, *args: Any, **kwargs: Any) -> Any:
        if type(self) is Bound:
            self = self.function
        elif not isinstance(self, function_type):
            self, args = function_type(name, plain), (self, *args)
        if type(self) is not function_type or not args or len(self.__dict__) != _ATTRIBUTES:
            return defer(self, args, kwargs)
        if self.func_object is not plain:
            return defer(self, args, kwargs)

        state = self._Function__local
        inputs = state.input_names
        names: list[Any] = []
        for entry in inputs.values():
            if type(series := entry["price_series"]) is list:
                names += series
            else:
                names.append(series)
        in_use = [
            entry["default_value"] if entry["value"] is None else entry["value"]
            for entry in state.opt_inputs.values()
        ]
        candles: Any = args[0]
        given = type(candles)
        framed = given is data_frame
        whole = framed or given is dict
        first = 1
        if not whole:
            first = len(names)
            candles = dict(zip(names, args, strict=False))
            if len(candles) != first:
                return defer(self, args, kwargs)

        values = in_use
        if kwargs or len(args) > first:
            values = in_use.copy()
            renamed = False
            for key, value in kwargs.items():
                if (at := positions.get(key)) is not None:
                    if isinstance(value, types[at]):
                        values[at] = value
                    elif value is not None:
                        return defer(self, args, kwargs)
                elif key in inputs:
                    if not whole or type(value) is not str:
                        return defer(self, args, kwargs)
                    renamed = True
            if renamed:
                names = _price_series(inputs, kwargs)
            if len(args) > first + len(types):
                return defer(self, args, kwargs)
            for at, value in enumerate(args[first:]):
                if isinstance(value, types[at]):
                    values[at] = value
                elif value is not None:
                    return defer(self, args, kwargs)

        if not stable:
            used = own_periods
            for at in types_of_averages:
                used += UNSTABLE_AVERAGES.get(values[at], ())
            for period in used:
                if period_set(period):
                    _note(name, period)
                    return defer(self, args, kwargs)

        arrays = None
        try:
            if framed:
                arrays = [column_of(candles, column) for column in names]
            else:
                arrays = [candles[column] for column in names]
                for at, array in enumerate(arrays):
                    if type(array) is series_type:
                        arrays[at] = values_of(array)
            results = kernel(arrays, values, joined=framed)
        except Exception:
            if arrays is not None and _fit(arrays, values, definition):
                raise
            arrays = None
        if arrays is None:
            return defer(self, args, kwargs)

        outputs = results
        result: Any
        if not framed:
            result = results[0] if len(results) == 1 else [*results]
        elif len(results) == 1:
            # What the caller is given is his to change, unless pandas' own would share it.
            if not shares:
                outputs = (results[0].copy(),)
            result = make_series(results[0], candles.index)
        else:
            if type(results) is np.ndarray:
                rows, outputs = results, results.copy()
            else:  # of different dtypes, which only the frame makes one of
                rows = np.vstack(results)
            result = make_frame(rows, candles.index, output_names)
        state.input_arrays = candles
        state.outputs.update(zip(output_names, outputs, strict=True))
        state.outputs_valid = True
        _tell(state.info, inputs, in_use, positions)
        return result

    return Pair(findable(original, "original", name), findable(optimized, "optimized", name))


def findable(function: Call, kind: str, name: str, module: str = __name__) -> Call:
    """The function, with a name by which ``module`` has it: a reproducer imports it by that."""
    del function.__wrapped__  # type: ignore[attr-defined]
    function.__module__, function.__qualname__ = module, f"{kind}_{name}"
    return function


def __getattr__(name: str) -> Any:
    kind, _, function = name.partition("_")
    if kind not in Pair._fields or function not in DEFINITIONS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(pair(function, vars(_talib())[function], found()), kind)


def found() -> Talib:
    """TA-Lib as it is now."""
    compiled = _talib()._ta_lib
    function = compiled.Function
    return Talib(function, vars(function)["__call__"], compiled._ta_get_unstable_period)


def _talib() -> Any:
    return importlib.import_module("talib")


def _price_series(inputs: Mapping[str, Any], renamed: Mapping[str, Any]) -> list[Any]:
    names: list[Any] = []
    for name, entry in inputs.items():
        series = renamed.get(name, entry["price_series"])
        if isinstance(series, list):
            names += series
        else:
            names.append(series)
    return names


def _tell(
    info: dict[str, Any], inputs: Mapping[str, Any], values: list[Any], names: Iterable[str]
) -> None:
    """Have ``info`` say what is in use, whatever became of what it said before."""
    told = info["input_names"]
    for name, entry in inputs.items():
        told[name] = entry["price_series"]
    if [*info["parameters"].values()] != values:
        info["parameters"] = OrderedDict(zip(names, values, strict=True))


def _note(name: str, period: str) -> None:
    talib_notes.note(f"talib.abstract.{name}", f"the unstable period of {period} is set")


def _remember(state: Any) -> tuple[Any, ...]:
    """What a call may change of a state."""
    return (
        state.input_arrays,
        state.outputs_valid,
        dict(state.outputs),
        [entry["price_series"] for entry in state.input_names.values()],
        [entry["value"] for entry in state.opt_inputs.values()],
        state.info["input_names"],
        dict(state.info["input_names"]),
        state.info["parameters"],
    )


def _restore(state: Any, before: tuple[Any, ...]) -> None:
    state.input_arrays, state.outputs_valid, outputs, series, values, names, told, told_values = (
        before
    )
    state.outputs.update(outputs)
    for entry, value in zip(state.input_names.values(), series, strict=True):
        entry["price_series"] = value
    for entry, value in zip(state.opt_inputs.values(), values, strict=True):
        entry["value"] = value
    names.clear()
    names.update(told)
    state.info["input_names"], state.info["parameters"] = names, told_values


def _fit(arrays: list[Any], values: list[Any], definition: Definition) -> bool:
    """Whether TA-Lib has nothing against these arrays and parameters."""
    return all(
        type(array) is np.ndarray
        and array.dtype == _FLOAT64
        and array.ndim == 1
        and len(array) == len(arrays[0])
        for array in arrays
    ) and all(
        parameter.low <= value <= parameter.high
        for value, parameter in zip(values, definition.parameters, strict=True)
    )


def _kernel(name: str, plain: Any) -> Call:
    """``kernel(arrays, values, joined=…)``: ours, or TA-Lib's own where that has settings."""
    if name not in CANDLE_SETTINGS:
        ours: Call = FUNCTIONS[name].func_object
        return ours
    theirs = plain.__wrapped__

    def kernel(arrays: list[Any], values: list[Any], *, joined: bool) -> list[Any]:
        return [theirs(*arrays, *values)]

    return kernel


def _shares_memory(series: Any) -> bool:
    """Whether pandas' public constructor takes over the array that it is given."""
    array = np.zeros(2)
    return bool(np.shares_memory(series(array).to_numpy(), array))


def _refuse_big_endian(args: tuple[Any, ...]) -> None:
    arrays: Iterable[Any] = args
    if args and isinstance(args[0], dict):
        arrays = args[0].values()
    for array in arrays:
        if isinstance(array, np.ndarray) and array.dtype == _BIG_ENDIAN:
            raise Exception("input array type is not double in native byte order")
