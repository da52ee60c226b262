"""Stochastics: where the close lies in the range of the last candles."""

from __future__ import annotations

from ._extremes import extremes_from, highest_of, lowest_of
from ._moving import DEFAULT, RMA, ma_from, ma_lookback, ma_work, seeded_ema
from ._spec import F64In, F64Out, helper, kernel
from ._window import fill_head, first_valid, first_valid3
from .momentum import EPSILON, rsi_from


@helper
def fastk_of(close: float, lowest: float, highest: float) -> float:
    """Lane's raw %K: where the close lies in the range, in percent; 0 in a flat one."""
    spread = highest - lowest
    if abs(spread) <= EPSILON * (abs(highest) + abs(lowest)):
        return 0.0
    return (close - lowest) / spread * 100.0


@helper
def comparable(high: F64In, low: F64In, close: F64In, begin: int) -> bool:
    """Whether %K depends on the extremes' values alone, not on how they are searched for.

    A NaN hides what it is compared with. Of 0.0 and -0.0 either may be the lowest, which shows
    only where a close of zero is subtracted from it.
    """
    odd = 0
    for i in range(begin, len(high)):
        spread = high[i] - low[i]
        odd += (spread != spread) | (close[i] == 0.0)
    return odd == 0


@helper
def fastk_from(
    high: F64In,
    low: F64In,
    close: F64In,
    begin: int,
    timeperiod: int,
    out: F64Out,
    work: F64Out,
) -> None:
    """Raw %K over ``timeperiod`` candles of ``[begin:]``; ``work`` has ``fastk_work`` values."""
    n = len(high)
    if timeperiod > 1 and comparable(high, low, close, begin):
        # Van Herk's algorithm: a window is the end of one block and the beginning of the next.
        for start in range(begin, n - timeperiod + 1, timeperiod):
            last = start + timeperiod - 1
            lowest = low[last]
            highest = high[last]
            for j in range(timeperiod - 1, -1, -1):
                lowest = low[start + j] if low[start + j] < lowest else lowest
                highest = high[start + j] if high[start + j] > highest else highest
                work[j] = lowest
                work[timeperiod + j] = highest
            lowest = low[last]
            highest = high[last]
            for i in range(last, min(last + timeperiod, n)):
                lowest = low[i] if low[i] < lowest else lowest
                highest = high[i] if high[i] > highest else highest
                lowest_before = work[i - last]
                highest_before = work[i - last + timeperiod]
                out[i] = fastk_of(
                    close[i],
                    lowest_before if lowest_before < lowest else lowest,
                    highest_before if highest_before > highest else highest,
                )
        return
    lowest = highest = 0.0
    lowest_at = highest_at = -1
    for i in range(begin + timeperiod - 1, n):
        oldest = i - timeperiod + 1
        lowest_at, lowest = lowest_of(low, lowest_at, lowest, oldest, i)
        highest_at, highest = highest_of(high, highest_at, highest, oldest, i)
        out[i] = fastk_of(close[i], lowest, highest)


@helper
def fastk_work(n: int, timeperiod: int) -> int:
    """Values of work space that ``fastk_from`` uses on ``n`` values; for a kernel's ``work``."""
    return 2 * min(n, timeperiod)


@kernel(
    work=lambda n, fastk_period, fastd_period, fastd_matype: max(
        fastk_work(n, fastk_period), ma_work(n, fastd_period, fastd_matype)
    )
)
def stochf(
    high: F64In,
    low: F64In,
    close: F64In,
    fastk_period: int,
    fastd_period: int,
    fastd_matype: int,
    fastk: F64Out,
    fastd: F64Out,
    work: F64Out,
) -> None:
    """Lane's fast stochastic: raw %K, and %D, a moving average of it."""
    begin = first_valid3(high, low, close)
    begin_d = begin + fastk_period - 1
    fastk_from(high, low, close, begin, fastk_period, fastk, work)
    ma_from(fastk, begin_d, fastd_period, fastd_matype, fastd, work)
    first = begin_d + ma_lookback(fastd_period, fastd_matype)
    fill_head(fastk, first)
    fill_head(fastd, first)


@helper
def stoch_from(
    high: F64In,
    low: F64In,
    close: F64In,
    fastk_period: int,
    slowk_period: int,
    slowk_matype: int,
    slowd_period: int,
    slowd_matype: int,
    slowk: F64Out,
    slowd: F64Out,
    work: F64Out,
) -> int:
    """Lane's slow stochastic, ``stoch``; the index of its first value. ``work`` is ``stoch``'s."""
    begin = first_valid3(high, low, close)
    begin_k = begin + fastk_period - 1
    begin_d = begin_k + ma_lookback(slowk_period, slowk_matype)
    fastk_from(high, low, close, begin, fastk_period, slowd, work)
    ma_from(slowd, begin_k, slowk_period, slowk_matype, slowk, work)
    ma_from(slowk, begin_d, slowd_period, slowd_matype, slowd, work)
    first = begin_d + ma_lookback(slowd_period, slowd_matype)
    fill_head(slowk, first)
    fill_head(slowd, first)
    return first


@helper
def stoch_work(
    n: int,
    fastk_period: int,
    slowk_period: int,
    slowk_matype: int,
    slowd_period: int,
    slowd_matype: int,
) -> int:
    """Values of work space that ``stoch_from`` uses on ``n`` values; for a kernel's ``work``."""
    return max(
        fastk_work(n, fastk_period),
        ma_work(n, slowk_period, slowk_matype),
        ma_work(n, slowd_period, slowd_matype),
    )


@kernel(work=stoch_work)
def stoch(
    high: F64In,
    low: F64In,
    close: F64In,
    fastk_period: int,
    slowk_period: int,
    slowk_matype: int,
    slowd_period: int,
    slowd_matype: int,
    slowk: F64Out,
    slowd: F64Out,
    work: F64Out,
) -> None:
    """Lane's slow stochastic: %K, a moving average of raw %K, and %D, a moving average of that."""
    stoch_from(
        high,
        low,
        close,
        fastk_period,
        slowk_period,
        slowk_matype,
        slowd_period,
        slowd_matype,
        slowk,
        slowd,
        work,
    )


@kernel(work=stoch_work)
def kdj(
    high: F64In,
    low: F64In,
    close: F64In,
    fastk_period: int,
    slowk_period: int,
    slowk_matype: int,
    slowd_period: int,
    slowd_matype: int,
    k: F64Out,
    d: F64Out,
    j: F64Out,
    work: F64Out,
) -> None:
    """KDJ, TA-Lib's: the slow stochastic, and J, which is 3 * K - 2 * D.

    The moving averages are Wilder's unless others are named.
    """
    first = stoch_from(
        high,
        low,
        close,
        fastk_period,
        slowk_period,
        RMA if slowk_matype == DEFAULT else slowk_matype,
        slowd_period,
        RMA if slowd_matype == DEFAULT else slowd_matype,
        k,
        d,
        work,
    )
    fill_head(j, first)
    for i in range(first, len(j)):
        j[i] = 3.0 * k[i] - 2.0 * d[i]


@kernel(
    work=lambda n, timeperiod, fastk_period, fastd_period, fastd_matype: max(
        fastk_work(n, fastk_period), ma_work(n, fastd_period, fastd_matype)
    )
)
def stochrsi(
    real: F64In,
    timeperiod: int,
    fastk_period: int,
    fastd_period: int,
    fastd_matype: int,
    fastk: F64Out,
    fastd: F64Out,
    work: F64Out,
) -> None:
    """Chande and Kroll's stochastic RSI: the fast stochastic of the relative strength index."""
    begin = first_valid(real)
    begin_k = begin + timeperiod
    begin_d = begin_k + fastk_period - 1
    rsi_from(real, begin, timeperiod, fastd)
    fastk_from(fastd, fastd, fastd, begin_k, fastk_period, fastk, work)
    ma_from(fastk, begin_d, fastd_period, fastd_matype, fastd, work)
    first = begin_d + ma_lookback(fastd_period, fastd_matype)
    fill_head(fastk, first)
    fill_head(fastd, first)


@kernel()
def smi(
    high: F64In,
    low: F64In,
    close: F64In,
    timeperiod: int,
    fastperiod: int,
    slowperiod: int,
    signalperiod: int,
    smi: F64Out,
    smisignal: F64Out,
) -> None:
    """Blau's stochastic momentum index, TA-Lib's SMI, and its signal line.

    The close's distance from the middle of the period's range, and that range, each smoothed by
    a slow and a fast EMA; then the first in percent of half the second, 0 where that is none.
    """
    n = len(high)
    begin = first_valid3(high, low, close)
    begin_slow = begin + timeperiod - 1
    begin_fast = begin_slow + slowperiod - 1
    begin_signal = begin_fast + fastperiod - 1
    first = begin_signal + signalperiod - 1
    extremes_from(high, low, begin, timeperiod, smi, smisignal)
    slow_k = 2.0 / (slowperiod + 1)
    fast_k = 2.0 / (fastperiod + 1)
    signal_k = 2.0 / (signalperiod + 1)
    slow_distance = slow_range = 0.0
    fast_distance = fast_range = 0.0
    signal = 0.0
    for i in range(begin_slow, n):
        spread = smi[i] - smisignal[i]
        distance = close[i] - (smi[i] + smisignal[i]) * 0.5
        slow_distance = seeded_ema(slow_distance, distance, i, begin_fast, slowperiod, slow_k)
        slow_range = seeded_ema(slow_range, spread, i, begin_fast, slowperiod, slow_k)
        if i < begin_fast:
            continue
        fast_distance = seeded_ema(
            fast_distance, slow_distance, i, begin_signal, fastperiod, fast_k
        )
        fast_range = seeded_ema(fast_range, slow_range, i, begin_signal, fastperiod, fast_k)
        if i < begin_signal:
            continue
        half = 0.5 * fast_range
        index = 100.0 * fast_distance / half if half > 0.0 else 0.0
        signal = seeded_ema(signal, index, i, first, signalperiod, signal_k)
        if i < first:
            continue
        smi[i] = index
        smisignal[i] = signal
    fill_head(smi, first)
    fill_head(smisignal, first)
