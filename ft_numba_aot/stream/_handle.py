"""A stream: one function over one series, carried on a candle at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..ta import _unstable
from ..ta._catalogue import documentation, signature
from ..ta._table import DEFINITIONS, Definition
from . import _arguments, _kernels, _memory
from ._memory import Array


class OutRange(NamedTuple):
    """Index of the first value in the series so far, and how many values there are from there."""

    begidx: int
    nbelement: int


class Stream:
    """What every stream has: see the module for how to use one.

    ``Exception``, as TA-Lib's, where a stream has no history: it was made without its constructor.
    """

    __slots__ = ("__weakref__", "_begin", "_lookback", "_memory", "_periods", "_skipped")
    _definition: Definition
    _memory: Array

    def __new__(cls, *args: Any, **kwargs: Any) -> Stream:
        made = object.__new__(cls)
        made._memory = _memory.EMPTY
        made._begin = made._lookback = made._skipped = 0
        return made

    @property
    def out_range(self) -> OutRange:
        """Where the first value is, and how many there are: as of the whole series at once."""
        if self._memory is _memory.EMPTY:
            raise _arguments.bad_parameter(f"{type(self).__name__}.out_range")
        candles = int(self._memory.item(_memory.COUNT)) + self._skipped
        first = self._begin + self._lookback
        return OutRange(first, candles - first)

    def advance(self) -> None:
        """Count a candle that isn't fed: only ``out_range`` changes."""
        if self._memory is _memory.EMPTY:
            raise _arguments.bad_parameter(f"{type(self).__name__}.advance")
        self._skipped += 1

    def _become(
        self,
        memory: Array,
        begin: int,
        lookback: int,
        skipped: int = 0,
        periods: _unstable.InUse | None = None,
    ) -> None:
        self._memory, self._periods = memory, periods or _unstable.InUse()
        self._begin, self._lookback, self._skipped = begin, lookback, skipped

    def __copy__(self) -> Any:
        return self.copy()  # type: ignore[attr-defined]

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy()  # type: ignore[attr-defined]


def _open(
    called: str, definition: Definition, given: list[Any], values: list[int | float]
) -> tuple[Array, list[Any], int, int]:
    """Memory, outputs, first candle and lookback of a stream over a history."""
    arrays, begin = _arguments.histories(given)
    least = _arguments.lookback_of(called, definition, values)
    delay = _unstable.delay(definition, values) if _unstable.periods else 0
    lookback = least + delay
    candles = len(arrays[0]) - begin
    if candles <= lookback:
        raise _arguments.short_history(called, candles, lookback + 1)
    memory, outputs = _memory.layout(definition.name).opened(arrays, values, least)
    if delay:
        _unstable.refuse_repeated(definition, outputs[0], begin + lookback)
    return memory, outputs, begin, lookback


def _restored(
    kind: type[Stream],
    fingerprint: int,
    memory: Array,
    begin: int,
    lookback: int,
    skipped: int,
) -> Stream:
    """A stream that was pickled."""
    if fingerprint != _kernels.fingerprint():
        raise ValueError(
            f"this {kind.__qualname__} was pickled by another build of ft-numba-aot: "
            "open it again, on its history"
        )
    made = kind.__new__(kind)
    made._become(np.array(memory), begin, lookback, skipped)  # joblib maps large ones, read-only
    return made


def _methods(definition: Definition) -> dict[str, Any]:
    name, shown = definition.name, f"TA_{definition.name}"

    def __init__(self: Stream, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        given, values = _arguments.bound("__init__", definition, args, kwargs)
        memory, _, begin, lookback = _open(f"{shown}_Open", definition, given, values)
        self._become(memory, begin, lookback)

    def open_and_fill(*args: Any, **kwargs: Any) -> tuple[Stream, Any]:
        """A stream over a history, and the function's outputs over it: arrays, or Series."""
        given, values = _arguments.bound("open_and_fill", definition, args, kwargs)
        memory, outputs, begin, lookback = _open(f"{shown}_OpenAndFill", definition, given, values)
        stream = made_class(name)
        opened = stream.__new__(stream)
        opened._become(memory, begin, lookback)
        for output in outputs:
            output[: begin + lookback] = 0 if output.dtype == np.int32 else np.nan
        results = [_arguments.like(given, output) for output in outputs]
        return opened, results[0] if len(results) == 1 else tuple(results)

    open_and_fill.__doc__ = f"{name}_Stream.open_and_fill{signature(definition, '')}\n\n" + str(
        open_and_fill.__doc__
    )

    def value(self: Stream) -> Any:
        """The outputs of the last candle that was fed."""
        if self._memory is _memory.EMPTY:
            raise _arguments.bad_parameter(f"{shown}_Value")
        return _memory.layout(name).value(self._memory)

    def copy(self: Stream) -> Stream:
        """An independent stream that is where this one is."""
        if self._memory is _memory.EMPTY:
            raise _arguments.bad_parameter(f"{shown}_Clone")
        stream = type(self).__new__(type(self))
        place = self._begin, self._lookback, self._skipped
        stream._become(self._memory.copy(), *place, self._periods)
        return stream

    def __reduce__(self: Stream) -> Any:  # noqa: N807
        if self._memory is _memory.EMPTY:
            return type(self).__new__, (type(self),)
        state = (self._memory, self._begin, self._lookback, self._skipped)
        attributes = getattr(self, "__dict__", None) or None
        return _restored, (type(self), _kernels.fingerprint(), *state), attributes

    return {
        "__init__": __init__,
        "open_and_fill": staticmethod(open_and_fill),
        "value": property(value),
        "copy": copy,
        "__reduce__": __reduce__,
        **_per_candle(definition),
    }


_PER_CANDLE = '''
def update(self, {inputs}):
    """{name}_Stream.update(self, {doubles})

    The outputs after a candle, which has closed.

    ``Exception`` where it isn't finite: the stream stays as it was.
    """
    return run(self._memory, {inputs})

def peek(self, {inputs}):
    """{name}_Stream.peek(self, {doubles})

    What ``update`` would give; the stream stays as it is."""
    try:
        return run(self._memory.copy(), {inputs})
    except Exception as error:
        if type(error) is not Exception:
            raise
    raise bad_parameter("TA_{name}_Peek")
'''


def _per_candle(definition: Definition) -> dict[str, Callable[..., Any]]:
    """``update`` and ``peek``: a candle costs a call and little else, so they are written out."""
    inputs = ", ".join(definition.arguments)
    scope: dict[str, Any] = {
        "run": _memory.layout(definition.name).run,
        "bad_parameter": _arguments.bad_parameter,
    }
    doubles = ", ".join(f"double {name}" for name in definition.arguments)
    exec(_PER_CANDLE.format(inputs=inputs, doubles=doubles, name=definition.name), scope)
    return {name: scope[name] for name in ("update", "peek")}


_classes: dict[str, type[Stream]] = {}


def made_class(name: str) -> type[Stream]:
    """The class of a function's streams."""
    if name not in _classes:
        definition = DEFINITIONS[name]
        methods = {
            "__slots__": (),
            "__module__": __package__,
            "__qualname__": name,
            "__doc__": f"{name}_Stream{signature(definition, '')}\n\n{documentation(definition)}",
            "_definition": definition,
            **_methods(definition),
        }
        _classes[name] = type(f"{name}_Stream", (Stream,), methods)
    return _classes[name]
