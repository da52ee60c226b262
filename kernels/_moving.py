"""The moving averages, as helpers: kernels of several families smooth with any of them.

Each takes the index ``begin`` of the first value to use and writes ``out[begin + lookback:]``,
aligned with its input; it leaves the head of ``out`` alone.
"""

from __future__ import annotations

from ._numeric import fma
from ._spec import F64In, F64Out, helper


@helper
def sma_from(real: F64In, begin: int, timeperiod: int, out: F64Out) -> None:
    """Simple moving average of ``real[begin:]``: a running sum, one add and one subtract a value."""
    n = len(real)
    first = begin + timeperiod - 1
    if first >= n:
        return
    total = 0.0
    for i in range(begin, first):
        total += real[i]
    for i in range(first, n):
        total += real[i]
        oldest = real[i - timeperiod + 1]
        out[i] = total / timeperiod
        total -= oldest


@helper
def ema_from(real: F64In, begin: int, timeperiod: int, out: F64Out) -> None:
    """Exponential moving average of ``real[begin:]``, seeded with the mean of the first period."""
    n = len(real)
    first = begin + timeperiod - 1
    if first >= n:
        return
    if timeperiod == 1:
        for i in range(begin, n):
            out[i] = real[i]
        return
    total = 0.0
    for i in range(begin, first + 1):
        total += real[i]
    previous = total / timeperiod
    out[first] = previous
    k = 2.0 / (timeperiod + 1)
    for i in range(first + 1, n):
        previous = fma(real[i] - previous, k, previous)
        out[i] = previous


@helper
def ma_lookback(timeperiod: int, matype: int) -> int:
    """Values that the moving average ``matype`` consumes before its first result."""
    return timeperiod - 1


@helper
def ma_from(
    real: F64In, begin: int, timeperiod: int, matype: int, out: F64Out, work: F64Out
) -> None:
    """Moving average of ``real[begin:]`` by TA-Lib's type number; ``work`` has ``len(real)`` values."""
    if timeperiod == 1:
        for i in range(begin, len(real)):
            out[i] = real[i]
    elif matype == 1:
        ema_from(real, begin, timeperiod, out)
    else:
        sma_from(real, begin, timeperiod, out)
