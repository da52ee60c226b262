"""Momentum: differences, ratios and oscillators of a price and its moving averages."""

from __future__ import annotations

from ._moving import ma_from, ma_lookback, ma_work, mean_of, seeded_ema, wma_from
from ._numeric import fma
from ._spec import F64In, F64Out, helper, kernel
from ._window import fill_head, first_valid, first_valid3
from .statistic import VALUE, regression

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


@kernel()
def dpo(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Detrended price oscillator, TA-Lib's DPO.

    The price of half a period and a candle ago less the period's simple moving average.
    """
    n = len(real)
    back = timeperiod // 2 + 1
    first = first_valid(real) + max(timeperiod - 1, back)
    fill_head(out, first)
    if first >= n:
        return
    total = 0.0
    for i in range(first - timeperiod + 1, first):
        total += real[i]
    for i in range(first, n):
        window = total + real[i]
        total = window - real[i - timeperiod + 1]
        out[i] = real[i - back] - window / timeperiod


@kernel(work=lambda n, wmaperiod, roc1period, roc2period: n)
def coppock(
    real: F64In, wmaperiod: int, roc1period: int, roc2period: int, out: F64Out, work: F64Out
) -> None:
    """Coppock's curve: the weighted moving average of the sum of two rates of change.

    ``work`` is the sum.
    """
    begin = first_valid(real) + max(roc1period, roc2period)
    fill_head(out, begin + wmaperiod - 1)
    for i in range(begin, len(real)):
        base1 = real[i - roc1period]
        base2 = real[i - roc2period]
        roc1 = (real[i] / base1 - 1.0) * 100.0 if base1 != 0.0 else 0.0
        roc2 = (real[i] / base2 - 1.0) * 100.0 if base2 != 0.0 else 0.0
        work[i] = roc1 + roc2
    wma_from(work, begin, wmaperiod, out)


@kernel()
def fosc(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Forecast oscillator, TA-Lib's FOSC: how far, in percent of the price, TSF's forecast failed.

    The forecast is that of the candle before; 0 where the price is 0.
    """
    first = first_valid(real) + timeperiod
    regression(real, timeperiod, VALUE, float(timeperiod), out)
    for i in range(len(real) - 1, first - 1, -1):  # backwards: reads what it hasn't replaced
        out[i] = 100.0 * (real[i] - out[i - 1]) / real[i] if real[i] != 0.0 else 0.0
    fill_head(out, first)


@kernel()
def eri(
    high: F64In, low: F64In, close: F64In, timeperiod: int, bullpower: F64Out, bearpower: F64Out
) -> None:
    """Elder's ray, TA-Lib's ERI: high and low less an exponential moving average of the close."""
    n = len(high)
    begin = first_valid3(high, low, close)
    first = begin + timeperiod - 1
    fill_head(bullpower, first)
    fill_head(bearpower, first)
    if first >= n:
        return
    k = 2.0 / (timeperiod + 1)
    ema = mean_of(close, begin, timeperiod)
    for i in range(first, n):
        if timeperiod == 1:
            ema = close[i]  # with k = 1 the recurrence would still round
        elif i > first:
            ema = fma(close[i] - ema, k, ema)
        bullpower[i] = high[i] - ema
        bearpower[i] = low[i] - ema


@kernel()
def tsi(real: F64In, firstperiod: int, secondperiod: int, out: F64Out) -> None:
    """Blau's true strength index, TA-Lib's TSI.

    The changes and their sizes, each smoothed by two EMAs; then the first in percent of the
    second, 0 where nothing moved.
    """
    n = len(real)
    begin = first_valid(real) + 1
    begin_second = begin + firstperiod - 1
    first = begin_second + secondperiod - 1
    fill_head(out, first)
    first_k = 2.0 / (firstperiod + 1)
    second_k = 2.0 / (secondperiod + 1)
    change1 = size1 = 0.0
    change2 = size2 = 0.0
    for i in range(begin, n):
        change = real[i] - real[i - 1]
        change1 = seeded_ema(change1, change, i, begin_second, firstperiod, first_k)
        size1 = seeded_ema(size1, abs(change), i, begin_second, firstperiod, first_k)
        if i < begin_second:
            continue
        change2 = seeded_ema(change2, change1, i, first, secondperiod, second_k)
        size2 = seeded_ema(size2, size1, i, first, secondperiod, second_k)
        if i < first:
            continue
        out[i] = 100.0 * change2 / size2 if size2 > 0.0 else 0.0
