"""Momentum: differences, ratios and oscillators of a price and its moving averages."""

from __future__ import annotations

from ._moving import ma_from, ma_lookback, ma_work
from ._numeric import fma
from ._spec import F64In, F64Out, helper, kernel
from ._window import fill_head, first_valid, first_valid3

# TA-Lib's TA_EPSILON: what is closer to zero counts as zero.
EPSILON = 1e-14


@kernel()
def mom(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Momentum: the change over ``timeperiod`` candles."""
    first = first_valid(real) + timeperiod
    fill_head(out, first)
    for i in range(first, len(real)):
        out[i] = real[i] - real[i - timeperiod]


@kernel()
def roc(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Rate of change in percent; 0 where the earlier price is 0."""
    first = first_valid(real) + timeperiod
    fill_head(out, first)
    for i in range(first, len(real)):
        earlier = real[i - timeperiod]
        out[i] = (real[i] / earlier - 1.0) * 100.0 if earlier != 0.0 else 0.0


@kernel()
def rocp(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Rate of change as a fraction; 0 where the earlier price is 0."""
    first = first_valid(real) + timeperiod
    fill_head(out, first)
    for i in range(first, len(real)):
        earlier = real[i - timeperiod]
        out[i] = (real[i] - earlier) / earlier if earlier != 0.0 else 0.0


@kernel()
def rocr(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Rate of change as a ratio; 0 where the earlier price is 0."""
    first = first_valid(real) + timeperiod
    fill_head(out, first)
    for i in range(first, len(real)):
        earlier = real[i - timeperiod]
        out[i] = real[i] / earlier if earlier != 0.0 else 0.0


@kernel()
def rocr100(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Rate of change as a ratio times 100; 0 where the earlier price is 0."""
    first = first_valid(real) + timeperiod
    fill_head(out, first)
    for i in range(first, len(real)):
        earlier = real[i - timeperiod]
        out[i] = real[i] / earlier * 100.0 if earlier != 0.0 else 0.0


@helper
def rsi_from(real: F64In, begin: int, timeperiod: int, out: F64Out) -> None:
    """Relative strength index of ``real[begin:]``; 0 where nothing moved, or a NaN did."""
    n = len(real)
    first = begin + timeperiod
    if first >= n:
        return
    gain = 0.0
    loss = 0.0
    for i in range(begin + 1, first + 1):
        change = real[i] - real[i - 1]
        rise = change if change > 0.0 else 0.0
        gain += rise
        loss += rise - change
    reciprocal = 1.0 / timeperiod
    gain *= reciprocal
    loss *= reciprocal
    total = gain + loss
    out[first] = 100.0 * (gain / total) if total > 0.0 else 0.0
    others = timeperiod - 1.0
    for i in range(first + 1, n):
        change = real[i] - real[i - 1]
        rise = change if change > 0.0 else 0.0
        gain = (gain * others + rise) * reciprocal
        loss = (loss * others + (rise - change)) * reciprocal
        total = gain + loss
        out[i] = 100.0 * (gain / total) if total > 0.0 else 0.0


@kernel()
def rsi(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Wilder's relative strength index."""
    begin = first_valid(real)
    fill_head(out, begin + timeperiod)
    rsi_from(real, begin, timeperiod, out)


@kernel()
def cmo(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Chande's momentum oscillator over Wilder's averages; 0 where nothing moved, or a NaN did."""
    n = len(real)
    begin = first_valid(real)
    first = begin + timeperiod
    fill_head(out, first)
    if first >= n:
        return
    gain = 0.0
    loss = 0.0
    for i in range(begin + 1, first + 1):
        change = real[i] - real[i - 1]
        gain += 0.0 if change < 0.0 else change
        loss -= change if change < 0.0 else 0.0
    gain /= timeperiod
    loss /= timeperiod
    total = gain + loss
    out[first] = 100.0 * ((gain - loss) / total) if total > 0.0 else 0.0
    others = timeperiod - 1.0
    for i in range(first + 1, n):
        change = real[i] - real[i - 1]
        gain = (gain * others + (0.0 if change < 0.0 else change)) / timeperiod
        loss = (loss * others - (change if change < 0.0 else 0.0)) / timeperiod
        total = gain + loss
        out[i] = 100.0 * ((gain - loss) / total) if total > 0.0 else 0.0


@helper
def macd_from(
    real: F64In,
    begin: int,
    fastperiod: int,
    fast_k: float,
    slowperiod: int,
    slow_k: float,
    signalperiod: int,
    macd: F64Out,
    macdsignal: F64Out,
    macdhist: F64Out,
) -> None:
    """Appel's MACD of ``real[begin:]``, its three averages in step; heads included."""
    n = len(real)
    first_line = begin + slowperiod - 1
    first = first_line + signalperiod - 1
    fill_head(macd, first)
    fill_head(macdsignal, first)
    fill_head(macdhist, first)
    if first >= n:
        return
    # Both averages have their first value at the same candle.
    fast = 0.0
    slow = 0.0
    for i in range(begin, first_line + 1 - fastperiod):
        slow += real[i]
    for i in range(first_line + 1 - fastperiod, first_line + 1):
        fast += real[i]
        slow += real[i]
    fast /= fastperiod
    slow /= slowperiod
    line = fast - slow
    signal = 0.0 + line
    for i in range(first_line + 1, first + 1):
        fast = fma(real[i] - fast, fast_k, fast)
        slow = fma(real[i] - slow, slow_k, slow)
        line = fast - slow
        signal += line
    signal /= signalperiod
    macd[first] = line
    macdsignal[first] = signal
    macdhist[first] = line - signal
    signal_k = 2.0 / (signalperiod + 1)
    for i in range(first + 1, n):
        fast = fma(real[i] - fast, fast_k, fast)
        slow = fma(real[i] - slow, slow_k, slow)
        line = fast - slow
        # With k = 1 the recurrence would still round.
        signal = line if signalperiod == 1 else fma(line - signal, signal_k, signal)
        macd[i] = line
        macdsignal[i] = signal
        macdhist[i] = line - signal


@helper
def ema_macd(
    real: F64In,
    fastperiod: int,
    slowperiod: int,
    signalperiod: int,
    macd: F64Out,
    macdsignal: F64Out,
    macdhist: F64Out,
) -> None:
    """MACD of exponential averages; the shorter period is the fast one, whichever it is."""
    fast = min(fastperiod, slowperiod)
    slow = max(fastperiod, slowperiod)
    macd_from(
        real,
        first_valid(real),
        fast,
        2.0 / (fast + 1),
        slow,
        2.0 / (slow + 1),
        signalperiod,
        macd,
        macdsignal,
        macdhist,
    )


@kernel()
def macd(
    real: F64In,
    fastperiod: int,
    slowperiod: int,
    signalperiod: int,
    macd: F64Out,
    macdsignal: F64Out,
    macdhist: F64Out,
) -> None:
    """Appel's moving average convergence/divergence, its signal line and their difference."""
    ema_macd(real, fastperiod, slowperiod, signalperiod, macd, macdsignal, macdhist)


@kernel()
def macdfix(
    real: F64In, signalperiod: int, macd: F64Out, macdsignal: F64Out, macdhist: F64Out
) -> None:
    """MACD of 12 and 26 candles with Appel's original, rounded smoothing factors."""
    macd_from(
        real, first_valid(real), 12, 0.15, 26, 0.075, signalperiod, macd, macdsignal, macdhist
    )


@kernel()
def trix(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Hutson's TRIX: one candle's rate of change, in percent, of a triple EMA."""
    n = len(real)
    begin = first_valid(real)
    first2 = begin + timeperiod - 1
    first3 = first2 + timeperiod - 1
    first = first3 + timeperiod
    fill_head(out, first)
    if first >= n:
        return
    k = 2.0 / (timeperiod + 1)
    # Each average is seeded with the mean of the first period of the one before.
    total = 0.0
    for i in range(begin, first2 + 1):
        total += real[i]
    ema1 = total / timeperiod
    total = 0.0 + ema1
    for i in range(first2 + 1, first3 + 1):
        ema1 = fma(real[i] - ema1, k, ema1)
        total += ema1
    ema2 = total / timeperiod
    total = 0.0 + ema2
    for i in range(first3 + 1, first):
        ema1 = fma(real[i] - ema1, k, ema1)
        ema2 = fma(ema1 - ema2, k, ema2)
        total += ema2
    ema3 = total / timeperiod
    for i in range(first, n):
        previous = ema3
        ema1 = fma(real[i] - ema1, k, ema1)
        ema2 = fma(ema1 - ema2, k, ema2)
        ema3 = fma(ema2 - ema3, k, ema3)
        out[i] = (ema3 / previous - 1.0) * 100.0 if previous != 0.0 else 0.0


@kernel(
    work=lambda n, fastperiod, fastmatype, slowperiod, slowmatype, signalperiod, signalmatype: max(
        ma_work(n, fastperiod, fastmatype),
        ma_work(n, slowperiod, slowmatype),
        ma_work(n, signalperiod, signalmatype),
    )
)
def macdext(
    real: F64In,
    fastperiod: int,
    fastmatype: int,
    slowperiod: int,
    slowmatype: int,
    signalperiod: int,
    signalmatype: int,
    macd: F64Out,
    macdsignal: F64Out,
    macdhist: F64Out,
    work: F64Out,
) -> None:
    """MACD with a moving average of any type for each of its three lines."""
    if fastmatype == 1 and slowmatype == 1 and signalmatype == 1 and signalperiod > 1:
        ema_macd(real, fastperiod, slowperiod, signalperiod, macd, macdsignal, macdhist)
        return
    if slowperiod < fastperiod:
        fastperiod, slowperiod = slowperiod, fastperiod
        fastmatype, slowmatype = slowmatype, fastmatype
    n = len(real)
    begin = first_valid(real)
    fast_lookback = ma_lookback(fastperiod, fastmatype)
    slow_lookback = ma_lookback(slowperiod, slowmatype)
    begin_line = begin + max(fast_lookback, slow_lookback)
    # Averages start as late as they can: both lines have their first value at ``begin_line``.
    ma_from(real, begin_line - fast_lookback, fastperiod, fastmatype, macd, work)
    ma_from(real, begin_line - slow_lookback, slowperiod, slowmatype, macdhist, work)
    for i in range(begin_line, n):
        macd[i] -= macdhist[i]
    ma_from(macd, begin_line, signalperiod, signalmatype, macdsignal, work)
    first = begin_line + ma_lookback(signalperiod, signalmatype)
    fill_head(macd, first)
    fill_head(macdsignal, first)
    fill_head(macdhist, first)
    for i in range(first, n):
        macdhist[i] = macd[i] - macdsignal[i]


@helper
def fast_and_slow(
    real: F64In, fastperiod: int, slowperiod: int, matype: int, slow: F64Out, work: F64Out
) -> int:
    """Two moving averages, the fast one into ``work[:n]``; the index where both have begun.

    The shorter period is the fast one, whichever it is.
    """
    n = len(real)
    begin = first_valid(real)
    spare = work[n:]
    if matype == 11:  # "the function's default": an EMA here, an SMA everywhere else
        matype = 1
    ma_from(real, begin, min(fastperiod, slowperiod), matype, work, spare)
    slowperiod = max(fastperiod, slowperiod)
    ma_from(real, begin, slowperiod, matype, slow, spare)
    first = begin + ma_lookback(slowperiod, matype)
    fill_head(slow, first)
    return first


@kernel(
    work=lambda n, fastperiod, slowperiod, matype: (
        n + ma_work(n, max(fastperiod, slowperiod), matype)
    )
)
def apo(
    real: F64In, fastperiod: int, slowperiod: int, matype: int, out: F64Out, work: F64Out
) -> None:
    """Absolute price oscillator: a fast moving average less a slow one."""
    for i in range(fast_and_slow(real, fastperiod, slowperiod, matype, out, work), len(real)):
        out[i] = work[i] - out[i]


@kernel(
    work=lambda n, fastperiod, slowperiod, matype: (
        n + ma_work(n, max(fastperiod, slowperiod), matype)
    )
)
def ppo(
    real: F64In, fastperiod: int, slowperiod: int, matype: int, out: F64Out, work: F64Out
) -> None:
    """Percentage price oscillator: APO in percent of the slow average; 0 where that is 0."""
    for i in range(fast_and_slow(real, fastperiod, slowperiod, matype, out, work), len(real)):
        slow = out[i]
        out[i] = 0.0 if -EPSILON < slow < EPSILON else (work[i] - slow) / slow * 100.0


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
    lowest = 0.0
    highest = 0.0
    lowest_at = -1
    highest_at = -1
    for i in range(begin + timeperiod - 1, n):
        oldest = i - timeperiod + 1
        # TA-Lib's search: a scan keeps the first of equals, an update the last.
        if lowest_at < oldest:
            lowest_at = oldest
            lowest = low[oldest]
            for j in range(oldest + 1, i + 1):
                if low[j] < lowest:
                    lowest_at = j
                    lowest = low[j]
        elif low[i] <= lowest:
            lowest_at = i
            lowest = low[i]
        if highest_at < oldest:
            highest_at = oldest
            highest = high[oldest]
            for j in range(oldest + 1, i + 1):
                if high[j] > highest:
                    highest_at = j
                    highest = high[j]
        elif high[i] >= highest:
            highest_at = i
            highest = high[i]
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


@kernel(
    work=lambda n, fastk_period, slowk_period, slowk_matype, slowd_period, slowd_matype: max(
        fastk_work(n, fastk_period),
        ma_work(n, slowk_period, slowk_matype),
        ma_work(n, slowd_period, slowd_matype),
    )
)
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
    begin = first_valid3(high, low, close)
    begin_k = begin + fastk_period - 1
    begin_d = begin_k + ma_lookback(slowk_period, slowk_matype)
    fastk_from(high, low, close, begin, fastk_period, slowd, work)
    ma_from(slowd, begin_k, slowk_period, slowk_matype, slowk, work)
    ma_from(slowk, begin_d, slowd_period, slowd_matype, slowd, work)
    first = begin_d + ma_lookback(slowd_period, slowd_matype)
    fill_head(slowk, first)
    fill_head(slowd, first)


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
