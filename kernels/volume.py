"""Volume: how trading volume accompanies the price."""

from __future__ import annotations

from ._numeric import fma
from ._spec import F64In, F64Out, helper, kernel
from ._window import fill_head, first_valid2, first_valid4


@kernel()
def obv(real: F64In, volume: F64In, out: F64Out) -> None:
    """Granville's on-balance volume, TA-Lib's OBV: volume added on a rise, taken off on a fall."""
    n = len(real)
    if n == 0:
        return
    begin = first_valid2(real, volume)
    fill_head(out, begin)
    for i in range(begin + 1, n):
        price = real[i]
        previous = real[i - 1]
        traded = volume[i]
        # Adding a negative zero leaves every balance as it is.
        out[i] = traded if price > previous else -traded if price < previous else -0.0
    balance = volume[begin]
    out[begin] = balance
    for i in range(begin + 1, n):
        balance += out[i]
        out[i] = balance


@helper
def money_flow_volume(high: float, low: float, close: float, volume: float) -> float:
    """Chaikin's money flow volume: where in its range the candle closed, times its volume."""
    width = high - low
    return (close - low - (high - close)) / width * volume if width > 0.0 else 0.0


@kernel()
def ad(high: F64In, low: F64In, close: F64In, volume: F64In, out: F64Out) -> None:
    """Chaikin's accumulation/distribution line, TA-Lib's AD."""
    begin = first_valid4(high, low, close, volume)
    fill_head(out, begin)
    line = 0.0
    for i in range(begin, len(high)):
        line += money_flow_volume(high[i], low[i], close[i], volume[i])
        out[i] = line


@kernel()
def adosc(
    high: F64In,
    low: F64In,
    close: F64In,
    volume: F64In,
    fastperiod: int,
    slowperiod: int,
    out: F64Out,
) -> None:
    """Chaikin's A/D oscillator, TA-Lib's ADOSC: fast minus slow average of the A/D line.

    Both averages are exponential and start from the line's first value.
    """
    n = len(high)
    if n == 0:
        return
    begin = first_valid4(high, low, close, volume)
    first = begin + (slowperiod if fastperiod < slowperiod else fastperiod) - 1
    fill_head(out, first)
    fast_k = 2.0 / (fastperiod + 1.0)
    fast_decay = 1.0 - fast_k
    slow_k = 2.0 / (slowperiod + 1.0)
    slow_decay = 1.0 - slow_k
    line = 0.0 + money_flow_volume(high[begin], low[begin], close[begin], volume[begin])
    fast = line
    slow = line
    for i in range(begin + 1, n):
        line += money_flow_volume(high[i], low[i], close[i], volume[i])
        fast = fma(fast, fast_decay, fast_k * line)
        slow = fma(slow, slow_decay, slow_k * line)
        if i >= first:
            out[i] = fast - slow
