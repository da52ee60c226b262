"""Volume: how trading volume accompanies the price."""

from __future__ import annotations

import operator

from ._moving import ma_work
from ._numeric import INF, div, fma
from ._spec import F64In, F64Out, helper, kernel
from ._window import fill_head, first_valid, first_valid2, first_valid3, first_valid4
from .momentum import ppo
from .operators import Beats


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


@kernel(work=lambda n, timeperiod: timeperiod if timeperiod < n else n)
def cmf(
    high: F64In,
    low: F64In,
    close: F64In,
    volume: F64In,
    timeperiod: int,
    out: F64Out,
    work: F64Out,
) -> None:
    """Chaikin's money flow, TA-Lib's CMF: money flow volume in proportion to all volume.

    0 without volume; ``work`` is a ring of money flow volumes.
    """
    n = len(high)
    begin = first_valid4(high, low, close, volume)
    first = begin + timeperiod - 1
    fill_head(out, first)
    if first >= n:
        return
    total_flow = 0.0
    total_volume = 0.0
    slot = 0
    for i in range(begin, n):
        if i > first:
            total_flow -= work[slot]
            total_volume -= volume[i - timeperiod]
        flow = money_flow_volume(high[i], low[i], close[i], volume[i])
        work[slot] = flow
        slot = slot + 1 if slot + 1 < timeperiod else 0
        total_flow += flow
        total_volume += volume[i]
        if i >= first:
            out[i] = total_flow / total_volume if total_volume > 0.0 else 0.0


@kernel()
def efi(close: F64In, volume: F64In, timeperiod: int, out: F64Out) -> None:
    """Elder's force index, TA-Lib's EFI: EMA of the change in price times volume."""
    n = len(close)
    begin = first_valid2(close, volume)
    first = begin + timeperiod
    fill_head(out, first)
    if first >= n:
        return
    if timeperiod == 1:
        for i in range(first, n):
            out[i] = (close[i] - close[i - 1]) * volume[i]
        return
    total = 0.0
    for i in range(begin + 1, first + 1):
        total += (close[i] - close[i - 1]) * volume[i]
    k = 2.0 / (timeperiod + 1)
    ema = total / timeperiod
    out[first] = ema
    for i in range(first + 1, n):
        ema = fma((close[i] - close[i - 1]) * volume[i] - ema, k, ema)
        out[i] = ema


@kernel()
def marketfi(high: F64In, low: F64In, volume: F64In, out: F64Out) -> None:
    """Williams' market facilitation index, TA-Lib's MARKETFI: range for each unit of volume."""
    begin = first_valid3(high, low, volume)
    fill_head(out, begin)
    for i in range(begin, len(high)):
        out[i] = (high[i] - low[i]) / volume[i] if volume[i] != 0.0 else 0.0


@helper
def volume_index(close: F64In, volume: F64In, counts: Beats, out: F64Out) -> None:
    """From 1000, grown with the price on candles whose volume ``counts`` against the last one's.

    A price of 0 before, or a result that isn't finite, leaves the index as it is.
    """
    n = len(close)
    if n == 0:
        return
    begin = first_valid2(close, volume)
    fill_head(out, begin)
    index = 1000.0
    out[begin] = index
    for i in range(begin + 1, n):
        previous = close[i - 1]
        if counts(volume[i], volume[i - 1]) and previous != 0.0:
            grown = index + (close[i] - previous) / previous * index
            if abs(grown) < INF:
                index = grown
        out[i] = index


@kernel()
def nvi(close: F64In, volume: F64In, out: F64Out) -> None:
    """Negative volume index, TA-Lib's NVI: what the price does when volume falls."""
    volume_index(close, volume, operator.lt, out)


@kernel()
def pvi(close: F64In, volume: F64In, out: F64Out) -> None:
    """Positive volume index, TA-Lib's PVI: what the price does when volume rises."""
    volume_index(close, volume, operator.gt, out)


@kernel(
    work=lambda n, fastperiod, slowperiod, matype: (
        n + ma_work(n, max(fastperiod, slowperiod), matype)
    )
)
def pvo(
    volume: F64In, fastperiod: int, slowperiod: int, matype: int, out: F64Out, work: F64Out
) -> None:
    """Percentage volume oscillator, TA-Lib's PVO: PPO of the volume."""
    ppo(volume, fastperiod, slowperiod, matype, out, work)


@kernel()
def pvt(close: F64In, volume: F64In, out: F64Out) -> None:
    """Price volume trend, TA-Lib's PVT: volume times the relative change, added up."""
    n = len(close)
    if n == 0:
        return
    begin = first_valid2(close, volume)
    fill_head(out, begin)
    trend = 0.0
    previous = close[begin]
    for i in range(begin, n):
        price = close[i]
        if previous != 0.0:
            trend += (price - previous) / previous * volume[i]
        out[i] = trend
        previous = price


@kernel()
def rvol(volume: F64In, timeperiod: int, out: F64Out) -> None:
    """Relative volume, TA-Lib's RVOL: volume over the average of the candles before."""
    n = len(volume)
    begin = first_valid(volume)
    first = begin + timeperiod
    fill_head(out, first)
    if first >= n:
        return
    total = 0.0
    for i in range(begin, first):
        total += volume[i]
    for i in range(first, n):
        traded = volume[i]
        out[i] = div(traded, total / timeperiod)
        total = total - volume[i - timeperiod] + traded


@kernel()
def vwap(high: F64In, low: F64In, close: F64In, volume: F64In, out: F64Out) -> None:
    """Volume weighted average price, TA-Lib's VWAP: typical prices from the first candle on.

    0 before any volume; a candle that isn't finite doesn't count.
    """
    begin = first_valid4(high, low, close, volume)
    fill_head(out, begin)
    paid = 0.0
    traded = 0.0
    average = 0.0
    for i in range(begin, len(high)):
        price = (high[i] + low[i] + close[i]) / 3.0
        if abs(price) < INF and abs(volume[i]) < INF:
            paid += price * volume[i]
            traded += volume[i]
        if traded > 0.0:
            average = paid / traded
        out[i] = average
