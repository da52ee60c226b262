"""All that a stream knows, as one array of float64, which its kernel reads and writes.

The head, the parameters, the slots, then rings of inputs, outputs and work space, and state:
``kernels/_resume.py`` says what each is. Its size doesn't grow with the candles.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from ..ta._table import DEFINITIONS, INTEGER_OUTPUTS
from . import _kernels

Array = np.ndarray[Any, np.dtype[np.float64]]

COUNT, MASK, RINGS, PARAMETERS = range(4)
# More candles than any period: the work space of so many tells rings from state.
_MANY = 1 << 20
# No history: its kernel refuses every candle.
EMPTY = np.array([0.0, 0.0, float(PARAMETERS)])


class Layout:
    """Where what is in the memory of a function's streams."""

    __slots__ = ("inputs", "kernel", "run", "whole")

    def __init__(self, name: str) -> None:
        definition = DEFINITIONS[name]
        self.kernel = _kernels.kernel(name.lower())
        self.run = self.kernel.run
        self.inputs = len(definition.arguments)
        self.whole = [output in INTEGER_OUTPUTS for output in definition.outputs]

    def opened(
        self, histories: Sequence[Array], values: Sequence[int | float], lookback: int
    ) -> tuple[Array, list[Array]]:
        """The memory after the whole history, and each output's value a candle."""
        count = len(histories[0])
        head, rings, state = self._sizes(values)
        memory = np.zeros(head + rings * count + state)
        memory[:PARAMETERS] = count, -1.0, head
        memory[PARAMETERS : PARAMETERS + len(values)] = values
        series = memory[head : head + rings * count].reshape(rings, count)
        series[: self.inputs] = histories
        self.run(memory, *[0.0] * self.inputs)
        length = ring_length(lookback)
        kept = np.zeros(head + rings * length + state)
        kept[:head] = memory[:head]
        kept[MASK] = length - 1
        places = np.arange(max(0, count - length), count)
        ring = kept[head : head + rings * length].reshape(rings, length)
        ring[:, places & (length - 1)] = series[:, places[0] :]
        kept[head + rings * length :] = memory[head + rings * count :]
        outputs = [
            output.astype(np.int32) if whole else output.copy()
            for output, whole in zip(series[self.inputs :], self.whole, strict=False)
        ]
        return kept, outputs

    def _sizes(self, values: Sequence[int | float]) -> tuple[int, int, int]:
        """Values before the rings, rings, and values of the state behind them."""
        kernel = self.kernel
        few, many = (int(kernel.work(count, *values)) for count in (_MANY, 2 * _MANY))
        rings = (many - few) // _MANY
        slots = kernel.slots
        if kernel.each:  # MAVP: a moving average for each period
            slots += kernel.each * (int(values[1]) - int(values[0]) + 1)
        head = PARAMETERS + len(values) + slots
        return head, self.inputs + len(self.whole) + rings, few - rings * _MANY

    def value(self, memory: Array) -> Any:
        """The outputs of the last candle: a number, or a tuple of them."""
        item = memory.item
        mask = int(item(MASK))
        at = int(item(RINGS)) + self.inputs * (mask + 1) + ((int(item(COUNT)) - 1) & mask)
        values = [
            int(item(at + k * (mask + 1))) if whole else item(at + k * (mask + 1))
            for k, whole in enumerate(self.whole)
        ]
        return values[0] if len(values) == 1 else tuple(values)


def ring_length(lookback: int) -> int:
    """Candles that a stream keeps: a power of two, at least lookback + 2.

    With the candle that is added, that is one more than the function's value is of: running sums
    let go of it.
    """
    return 1 << (lookback + 1).bit_length()


@cache
def layout(name: str) -> Layout:
    """The layout of a function's streams."""
    return Layout(name)
