"""``Function``: an indicator as ``talib.abstract`` has it, called with frames, series or arrays."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any

import numpy as np

from . import _kinds, _unstable
from ._catalogue import details
from ._compute import Compute
from ._kinds import (
    ARRAY,
    FRAME,
    POLARS_FRAME,
    POLARS_SERIES,
    SERIES,
    SETS_OF_ARRAYS,
    floats,
    kind_of,
)
from ._table import DEFINITIONS, FUNCTION_FLAGS, OUTPUT_FLAGS, Definition


class _State(threading.local):
    """What a Function remembers, for each thread; containers are replaced, never changed."""

    def __init__(self, series: dict[str, Any], values: dict[str, int | float]) -> None:
        self.series = series
        self.values = values
        self.input_arrays: Any = {}
        # None: to be computed. A tuple of names and values: to be computed with these.
        self.results: Any = None


class Function:
    """A technical indicator with the interface of ``talib.abstract``.

    Call it with a DataFrame or dict of candles, or with its input arrays, then its parameters::

        ta.SMA(dataframe, timeperiod=20, price="open")
        ta.STOCHF(dataframe, 5, 3, 0, 3, 0)
        ta.RSI(dataframe["close"])

    A DataFrame of n rows gives a Series (float64, or int32 for patterns and indexes) or a
    DataFrame with its index; anything else gives an ndarray of n values, or a list of them
    for several outputs. The head that an indicator needs to start is NaN (0 for int32).

    Raises ``TypeError`` for missing arrays, or parameters of the wrong type; ``Exception``, as
    TA-Lib does, for arrays that aren't one-dimensional float64 of equal lengths, missing
    columns, and parameters out of range.
    """

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._types = {p.name: type(p.default) for p in definition.parameters}
        self._output_names = list(definition.outputs)
        self._names = _price_series(definition.inputs)
        self._state = _State(definition.inputs, {p.name: p.default for p in definition.parameters})
        self.func_object = Compute(definition)

    def __reduce__(self) -> tuple[Any, ...]:
        return _function, (self._definition.name,)

    @property
    def info(self) -> dict[str, Any]:
        """Name, group, flags, input names, parameters and outputs, as a dict."""
        definition = self._definition
        return {
            "name": definition.name,
            "group": definition.group,
            "display_name": definition.display_name,
            "function_flags": self.function_flags,
            "input_names": self.input_names,
            "parameters": self.parameters,
            "output_flags": self.output_flags,
            "output_names": self.output_names,
        }

    @property
    def function_flags(self) -> list[str]:
        """TA-Lib's notes on the function."""
        return [text for bit, text in FUNCTION_FLAGS.items() if bit & self._definition.flags]

    @property
    def output_flags(self) -> OrderedDict[str, list[str]]:
        """TA-Lib's drawing hints for each output."""
        return OrderedDict(
            (output, [text for bit, text in OUTPUT_FLAGS.items() if bit & flags])
            for output, flags in self._definition.outputs.items()
        )

    @property
    def output_names(self) -> list[str]:
        """Names of the outputs: a DataFrame result's columns."""
        return list(self._output_names)

    def get_input_names(self) -> OrderedDict[str, Any]:
        """Which candle columns the inputs read."""
        state = self._state
        if state.series is self._definition.inputs:
            # Lists in it may be changed, as TA-Lib's may.
            state.series = {name: copy(columns) for name, columns in state.series.items()}
        return OrderedDict(state.series)

    def set_input_names(self, input_names: Mapping[str, Any]) -> None:
        """Change which candle columns the inputs read, for this thread."""
        state = self._state
        series = state.series.copy()
        for name, columns in input_names.items():
            if name not in series:
                raise KeyError(name)
            series[name] = columns
        state.series = series
        state.results = None

    input_names = property(get_input_names, set_input_names)

    def get_input_arrays(self) -> Any:
        """A copy of the candles in use."""
        arrays = self._state.input_arrays
        return arrays.clone() if kind_of(arrays) == POLARS_FRAME else arrays.copy()

    def set_input_arrays(self, input_arrays: Any) -> bool:
        """Use these candles from now on, in this thread; False if they aren't a frame or dict."""
        if kind_of(input_arrays) not in SETS_OF_ARRAYS:
            return False
        state = self._state
        _check_present(input_arrays, _price_series(state.series))
        state.input_arrays = input_arrays
        state.results = None
        return True

    input_arrays = property(get_input_arrays, set_input_arrays)  # type: ignore[arg-type]

    def get_parameters(self) -> OrderedDict[str, int | float]:
        """The parameters, by name, with their values in use."""
        return OrderedDict(self._state.values)

    def set_parameters(
        self, parameters: Mapping[str, int | float] | None = None, **kwargs: int | float
    ) -> None:
        """Change parameters for every later call in this thread."""
        state = self._state
        state.values = self._with(state.values, dict((parameters or {}).items(), **kwargs))
        state.results = None

    parameters = property(get_parameters, set_parameters)

    def set_function_args(self, *args: Any, **kwargs: Any) -> None:
        """Set candles, parameters and input names as a call would, without computing."""
        state = self._state
        candles = args[0] if args and kind_of(args[0]) in SETS_OF_ARRAYS else None
        positional = args if candles is None else args[1:]
        series, values = self._bind(state, positional, kwargs, candles)
        if candles is not None:
            _check_present(candles, _price_series(series))
            state.input_arrays = candles
        state.series, state.values = series, values
        if args or kwargs:
            state.results = None

    def _bind(
        self, state: _State, positional: tuple[Any, ...], kwargs: dict[str, Any], candles: Any
    ) -> tuple[dict[str, Any], dict[str, int | float]]:
        """Input names and parameters as these arguments change them; unknown ones are ignored."""
        series, values = state.series, state.values
        parameters = {name: value for name, value in kwargs.items() if name in self._types}
        if len(parameters) < len(kwargs):
            series = {name: kwargs.get(name, columns) for name, columns in series.items()}
        if parameters:
            values = self._with(values, parameters)
        if positional:
            try:
                values = self._with(values, dict(zip(self._types, positional, strict=False)))
            except TypeError:
                if candles is not None:  # TA-Lib looks at them before these parameters
                    _check_present(candles, _price_series(series))
                raise
        return series, values

    def _with(
        self, values: dict[str, int | float], changes: dict[str, Any]
    ) -> dict[str, int | float]:
        values = values.copy()
        for name, value in changes.items():
            expected = self._types[name]
            if isinstance(value, expected):
                values[name] = value
            elif value is not None:
                raise TypeError(
                    f"Invalid parameter value for {name} "
                    f"(expected {expected.__name__}, got {type(value).__name__})"
                )
        return values

    @property
    def lookback(self) -> int:
        """How many values the parameters in use consume before the first result."""
        from ._lookback import lookback

        values = self._state.values.values()
        count = lookback(self._definition, values)
        return count + _unstable.delay(self._definition, values) if count >= 0 else count

    @property
    def outputs(self) -> Any:
        """The results for the candles and parameters in use."""
        state = self._state
        results = state.results
        if results is None or isinstance(results, tuple):
            names, values = results or (_price_series(state.series), state.values)
            results = self._compute(state, names, values, state.input_arrays)
        return self._wrap(state, results)

    def run(self, input_arrays: Any = None) -> Any:
        """Compute, after taking ``input_arrays`` into use where they are given."""
        if input_arrays:
            self.set_input_arrays(input_arrays)
        self._state.results = None
        return self.outputs

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        state = self._state
        positional = args
        whole = bool(args) and kind_of(args[0]) in SETS_OF_ARRAYS
        if not whole:
            candles, positional = self._take_arrays(state, args)
            # TA-Lib takes a frame that follows arrays, and forgets the arrays.
            whole = bool(positional) and kind_of(positional[0]) in SETS_OF_ARRAYS
        if whole:
            candles, positional = positional[0], positional[1:]
        series, values = state.series, state.values
        if kwargs or positional:
            series, values = self._bind(state, positional, kwargs, candles if whole else None)
        names = self._names if series is self._definition.inputs else _price_series(series)
        return self._wrap(state, self._compute(state, names, values, candles, check=whole))

    def many(
        self,
        *args: Any,
        name: str | None = None,
        combinations: Iterable[Mapping[str, Any]] | None = None,
        **kwargs: Any,
    ) -> Any:
        """The results for many values of the parameters, as the columns of one DataFrame.

        Takes what a call takes; a parameter may have several values, in any iterable::

            ta.SMA.many(dataframe, timeperiod=range(5, 53))  # sma_5, sma_6, ... sma_52
            ta.BBANDS.many(dataframe, timeperiod=[20, 40])  # bbands_20_upperband, ...

        Of several such parameters every combination is computed, as by loops over them in the
        function's own order; ``combinations``, dicts of parameters, are all that is computed
        instead. What is asked for twice has one column. ``name`` is what columns are called:
        ``"{name}"``, the function's, and the parameters that vary, joined by underscores, unless
        another is given; of several outputs ``"_{output}"`` follows where it doesn't say.

        Gives a DataFrame of n rows with the index of the DataFrame or Series, polars' for polars.
        The columns have the bits of a call for each. The Function's own state stays as it is.

        Raises what a call with the first bad value raises, and ``ValueError`` where two columns
        would have the same name.
        """
        from ._many import many

        return many(self, args, kwargs, name, combinations)

    def _take_arrays(self, state: _State, args: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
        """Candles from arrays given one by one, or those in use; and the other arguments."""
        names = _price_series(state.series)
        given: dict[Any, Any] = {}
        for count, array in enumerate(args):
            if kind_of(array) not in (ARRAY, SERIES, POLARS_SERIES):
                break
            if count == len(names):
                raise TypeError(
                    f"Too many price arguments: expected {len(names)} ({', '.join(names)})"
                )
            given[names[count]] = array
        if len(given) == len(names):
            return given, args[len(given) :]
        if given or not len(state.input_arrays):
            raise TypeError(
                f"Not enough price arguments: expected {len(names)} ({', '.join(names)})"
            )
        return state.input_arrays, args

    def _compute(
        self,
        state: _State,
        names: list[Any],
        values: dict[str, int | float],
        candles: Any,
        *,
        check: bool = False,
    ) -> Any:
        """Take ``candles`` into use and compute; ``check`` names the columns that they lack."""
        frame = kind_of(candles) == FRAME
        if frame:
            column = _kinds.frames.column
            try:
                arrays = [column(candles, name) for name in names]
            except Exception:
                if check:
                    _check_present(candles, names)
                arrays = [_kinds.frames.public_column(candles, name) for name in names]
        else:
            if check:
                _check_present(candles, names)
            arrays = [floats(candles[name]) for name in names]
        state.input_arrays = candles
        state.results = None
        results = self.func_object(arrays, [*values.values()], joined=frame)
        if _unstable.periods:
            _unstable.hold_back(self._definition, [*values.values()], arrays, results)
        # A frame's results are the caller's to change: who asks again gets his own.
        state.results = (names, values) if frame else results
        return results

    def _wrap(self, state: _State, results: Any) -> Any:
        """Results as the kind of object that the candles call for."""
        candles = state.input_arrays
        kind = kind_of(candles)
        if kind == FRAME:
            if len(results) == 1:
                return _kinds.frames.series(results[0], candles.index)
            rows = results if isinstance(results, np.ndarray) else np.vstack(results)
            return _kinds.frames.frame(rows, candles.index, self._output_names)
        if kind == POLARS_FRAME:
            import polars

            if len(results) == 1:
                return polars.Series(results[0])
            return polars.DataFrame(np.column_stack(results), schema=self._output_names)
        return results[0] if len(results) == 1 else list(results)

    def __repr__(self) -> str:
        return str(self.info)

    def __str__(self) -> str:
        definition, parameters = self._definition, self.parameters
        lines = [
            f"{definition.name}("
            + ", ".join(["[input_arrays]", *(f"[{k}={v}]" for k, v in parameters.items())])
            + ")\n",
            f"{definition.display_name} ({definition.group})\n",
            *details(definition, self.input_names, parameters),
        ]
        return "\n".join(lines)


def _check_present(candles: Any, names: list[Any]) -> None:
    present = candles.columns if kind_of(candles) == POLARS_FRAME else candles
    missing = [name for name in names if name not in present]
    if missing:
        plural = "s" if len(missing) > 1 else ""
        raise Exception(
            f"input_arrays parameter missing required data key{plural}: {', '.join(missing)}"
        )


def _price_series(series: dict[str, Any]) -> list[Any]:
    names: list[Any] = []
    for name in series.values():
        if isinstance(name, list):
            names += name
        else:
            names.append(name)
    return names


def _function(name: str) -> Function:
    return Function(DEFINITIONS[name])
