"""The moving averages, as helpers: kernels of several families smooth with any of them.

Each takes the index ``begin`` of the first value to use and writes ``out[begin + lookback:]``,
aligned with its input; it leaves the head of ``out`` alone.
"""

from __future__ import annotations

from ._hilbert import DEGREES, DETRENDED, LAST, QUADRATURE, STATE, advance_cycle, start_cycle
from ._numeric import atan, fma, sqrt
from ._spec import F64In, F64Out, helper

# TA-Lib's MA types. DEFAULT is for functions that have a moving average of their own.
SMA, EMA, WMA, DEMA, TEMA, TRIMA, KAMA, MAMA, T3, HMA, NONE, DEFAULT, ZLEMA, RMA = range(14)

MAMA_LOOKBACK = 32


@helper
def copy_from(real: F64In, begin: int, out: F64Out) -> None:
    """``real[begin:]`` itself: every moving average of one value."""
    for i in range(begin, len(real)):
        out[i] = real[i]


@helper
def mean_of(real: F64In, begin: int, timeperiod: int) -> float:
    """Mean of ``timeperiod`` values from ``begin``, which seeds the recursive averages."""
    total = 0.0
    for i in range(begin, begin + timeperiod):
        total += real[i]
    return total / timeperiod


@helper
def sma_from(real: F64In, begin: int, timeperiod: int, out: F64Out) -> None:
    """Simple moving average of ``real[begin:]``: a running sum."""
    n = len(real)
    first = begin + timeperiod - 1
    if first >= n:
        return
    total = 0.0
    for i in range(begin, first):
        total += real[i]
    for i in range(first, n):
        window = total + real[i]
        total = window - real[i - timeperiod + 1]
        out[i] = window / timeperiod


@helper
def mean_difference_from(a: F64In, b: F64In, begin: int, timeperiod: int, out: F64Out) -> None:
    """Simple moving average of ``a - b``: a running sum."""
    n = len(a)
    first = begin + timeperiod - 1
    if first >= n:
        return
    total = 0.0
    for i in range(begin, first):
        total += a[i] - b[i]
    for i in range(first, n):
        window = total + (a[i] - b[i])
        oldest = i - timeperiod + 1
        total = window - (a[oldest] - b[oldest])
        out[i] = window / timeperiod


@helper
def seeded_ema(average: float, value: float, i: int, seed: int, timeperiod: int, k: float) -> float:
    """An EMA's next value: up to candle ``seed`` the sum, there the mean of its first period."""
    if i > seed:
        return fma(value - average, k, average)
    total = average + value
    return total / timeperiod if i == seed else total


@helper
def ema_from(real: F64In, begin: int, timeperiod: int, out: F64Out) -> None:
    """Exponential moving average of ``real[begin:]``, seeded with the mean of the first period."""
    n = len(real)
    first = begin + timeperiod - 1
    if first >= n:
        return
    if timeperiod == 1:
        copy_from(real, begin, out)
        return
    k = 2.0 / (timeperiod + 1)
    ema = mean_of(real, begin, timeperiod)
    out[first] = ema
    for i in range(first + 1, n):
        ema = fma(real[i] - ema, k, ema)
        out[i] = ema


@helper
def rma_from(real: F64In, begin: int, timeperiod: int, out: F64Out) -> None:
    """Wilder's moving average of ``real[begin:]``, seeded with the mean of the first period."""
    n = len(real)
    first = begin + timeperiod - 1
    if first >= n:
        return
    keep = (timeperiod - 1) / timeperiod
    weight = 1.0 - keep
    rma = mean_of(real, begin, timeperiod)
    out[first] = rma
    for i in range(first + 1, n):
        rma = fma(keep, rma, weight * real[i])
        out[i] = rma


@helper
def zlema_from(real: F64In, begin: int, timeperiod: int, out: F64Out) -> None:
    """Zero-lag EMA: the EMA of ``2 * real[i] - real[i - lag]``, with half a period's lag."""
    n = len(real)
    lag = (timeperiod - 1) // 2
    start = begin + lag
    first = start + timeperiod - 1
    if first >= n:
        return
    if timeperiod == 1:
        copy_from(real, begin, out)
        return
    k = 2.0 / (timeperiod + 1)
    total = 0.0
    for i in range(start, first + 1):
        total += 2.0 * real[i] - real[i - lag]
    ema = total / timeperiod
    out[first] = ema
    for i in range(first + 1, n):
        ema = fma(2.0 * real[i] - real[i - lag] - ema, k, ema)
        out[i] = ema


@helper
def dema_from(real: F64In, begin: int, timeperiod: int, out: F64Out) -> None:
    """Mulloy's double EMA, ``2 * EMA - EMA(EMA)``: both recursions in one pass."""
    n = len(real)
    first = begin + 2 * (timeperiod - 1)
    if first >= n:
        return
    if timeperiod == 1:
        copy_from(real, begin, out)
        return
    k = 2.0 / (timeperiod + 1)
    ema1 = mean_of(real, begin, timeperiod)
    total = 0.0 + ema1  # a mean of -0.0 counts as 0.0, as in ``mean_of``
    for i in range(begin + timeperiod, first + 1):
        ema1 = fma(real[i] - ema1, k, ema1)
        total += ema1
    ema2 = total / timeperiod
    out[first] = 2.0 * ema1 - ema2
    for i in range(first + 1, n):
        ema1 = fma(real[i] - ema1, k, ema1)
        ema2 = fma(ema1 - ema2, k, ema2)
        out[i] = 2.0 * ema1 - ema2


@helper
def tema_from(real: F64In, begin: int, timeperiod: int, out: F64Out) -> None:
    """Mulloy's triple EMA, ``3 * EMA - 3 * EMA(EMA) + EMA(EMA(EMA))``, in one pass."""
    n = len(real)
    second = begin + 2 * (timeperiod - 1)
    first = begin + 3 * (timeperiod - 1)
    if first >= n:
        return
    if timeperiod == 1:
        copy_from(real, begin, out)
        return
    k = 2.0 / (timeperiod + 1)
    ema1 = mean_of(real, begin, timeperiod)
    total = 0.0 + ema1
    for i in range(begin + timeperiod, second + 1):
        ema1 = fma(real[i] - ema1, k, ema1)
        total += ema1
    ema2 = total / timeperiod
    total = 0.0 + ema2
    for i in range(second + 1, first + 1):
        ema1 = fma(real[i] - ema1, k, ema1)
        ema2 = fma(ema1 - ema2, k, ema2)
        total += ema2
    ema3 = total / timeperiod
    out[first] = ema3 + (3.0 * ema1 - 3.0 * ema2)
    for i in range(first + 1, n):
        ema1 = fma(real[i] - ema1, k, ema1)
        ema2 = fma(ema1 - ema2, k, ema2)
        ema3 = fma(ema2 - ema3, k, ema3)
        out[i] = ema3 + (3.0 * ema1 - 3.0 * ema2)


@helper
def chained_emas(
    value: float,
    k: float,
    e1: float,
    e2: float,
    e3: float,
    e4: float,
    e5: float,
    e6: float,
) -> tuple[float, float, float, float, float, float]:
    """One step of six EMAs, each the input of the next."""
    keep = 1.0 - k
    e1 = fma(keep, e1, k * value)
    e2 = fma(keep, e2, k * e1)
    e3 = fma(keep, e3, k * e2)
    e4 = fma(keep, e4, k * e3)
    e5 = fma(keep, e5, k * e4)
    e6 = fma(keep, e6, k * e5)
    return e1, e2, e3, e4, e5, e6


@helper
def t3_from(real: F64In, begin: int, timeperiod: int, vfactor: float, out: F64Out) -> None:
    """Tillson's T3 of ``real[begin:]``: six chained EMAs, combined with weights that sum to one."""
    n = len(real)
    step = timeperiod - 1
    first = begin + 6 * step
    if first >= n:
        return
    if timeperiod == 1:
        copy_from(real, begin, out)
        return
    k = 2.0 / (timeperiod + 1.0)
    # Each EMA is seeded with the mean of its first period; until then its value means nothing.
    e1 = mean_of(real, begin, timeperiod)
    e2 = e3 = e4 = e5 = e6 = 0.0
    start = begin + timeperiod
    total = e1
    for i in range(start, start + step):
        e1, e2, e3, e4, e5, e6 = chained_emas(real[i], k, e1, e2, e3, e4, e5, e6)
        total += e1
    e2 = total / timeperiod
    start += step
    total = e2
    for i in range(start, start + step):
        e1, e2, e3, e4, e5, e6 = chained_emas(real[i], k, e1, e2, e3, e4, e5, e6)
        total += e2
    e3 = total / timeperiod
    start += step
    total = e3
    for i in range(start, start + step):
        e1, e2, e3, e4, e5, e6 = chained_emas(real[i], k, e1, e2, e3, e4, e5, e6)
        total += e3
    e4 = total / timeperiod
    start += step
    total = e4
    for i in range(start, start + step):
        e1, e2, e3, e4, e5, e6 = chained_emas(real[i], k, e1, e2, e3, e4, e5, e6)
        total += e4
    e5 = total / timeperiod
    start += step
    total = e5
    for i in range(start, start + step):
        e1, e2, e3, e4, e5, e6 = chained_emas(real[i], k, e1, e2, e3, e4, e5, e6)
        total += e5
    e6 = total / timeperiod
    square = vfactor * vfactor
    c1 = 0.0 - square * vfactor
    c2 = 3.0 * (square - c1)
    c3 = -6.0 * square - 3.0 * (vfactor - c1)
    c4 = fma(3.0, square, fma(3.0, vfactor, 1.0) - c1)
    out[first] = fma(c4, e3, fma(c3, e4, fma(c1, e6, c2 * e5)))
    for i in range(first + 1, n):
        e1, e2, e3, e4, e5, e6 = chained_emas(real[i], k, e1, e2, e3, e4, e5, e6)
        out[i] = fma(c4, e3, fma(c3, e4, fma(c1, e6, c2 * e5)))


@helper
def weighted_sums(real: F64In, start: int, stop: int) -> tuple[float, float]:
    """Sums of ``real[start:stop]``: plain, and with the weights 1, 2, 3..."""
    total = 0.0
    weighted = 0.0
    for i in range(start, stop):
        total += real[i]
        weighted += real[i] * (i - start + 1)
    return total, weighted


@helper
def wma_from(real: F64In, begin: int, timeperiod: int, out: F64Out) -> None:
    """Weighted moving average of ``real[begin:]``: the newest value weighs ``timeperiod``.

    Two running sums, restarted every eight periods to shed their rounding errors.
    """
    n = len(real)
    first = begin + timeperiod - 1
    if timeperiod == 1:
        copy_from(real, begin, out)
        return
    divisor = float(timeperiod) * (timeperiod + 1) / 2.0
    restart = first + 8 * timeperiod - 1
    while first < n:
        total, weighted = weighted_sums(real, first - timeperiod + 1, first)
        oldest = 0.0
        for i in range(first, restart if restart < n else n):
            total = total + real[i] - oldest
            weighted += real[i] * timeperiod
            oldest = real[i - timeperiod + 1]
            out[i] = weighted / divisor
            weighted -= total
        first = restart
        restart += 8 * timeperiod


@helper
def hma_from(real: F64In, begin: int, timeperiod: int, out: F64Out, work: F64Out) -> None:
    """Hull moving average of ``real[begin:]``: WMA(2 * WMA(period / 2) - WMA(period), √period).

    The three averages are ``wma_from``'s, in one pass; ``work`` is a ring of √period values.
    """
    n = len(real)
    root = int(sqrt(float(timeperiod)))
    start = begin + timeperiod - 1
    first = start + root - 1
    if first >= n:
        return
    if root == 1:
        wma_from(real, begin, timeperiod, out)
        if timeperiod > 1:
            for i in range(first, n):
                out[i] = 2.0 * real[i] - out[i]
        return
    half = timeperiod // 2
    full_divisor = float(timeperiod) * (timeperiod + 1) / 2.0
    half_divisor = float(half) * (half + 1) / 2.0
    root_divisor = float(root) * (root + 1) / 2.0
    full_total, full_weighted = weighted_sums(real, begin, start)
    half_total, half_weighted = weighted_sums(real, start - half + 1, start)
    root_total = root_weighted = 0.0
    full_oldest = half_oldest = root_oldest = 0.0
    full_restart = start + 8 * timeperiod - 1
    half_restart = start + 8 * half - 1
    root_restart = first
    ring = root - 1
    for j in range(ring):
        work[j] = 0.0
    slot = 0
    while start < n:
        stop = min(n, full_restart, half_restart, root_restart)
        for i in range(start, stop):
            value = real[i]
            full_total = full_total + value - full_oldest
            full_weighted += value * timeperiod
            full_oldest = real[i - timeperiod + 1]
            half_total = half_total + value - half_oldest
            half_weighted += value * half
            half_oldest = real[i - half + 1]
            delagged = 2.0 * (half_weighted / half_divisor) - full_weighted / full_divisor
            full_weighted -= full_total
            half_weighted -= half_total

            root_total = root_total + delagged - root_oldest
            root_weighted += delagged * root
            root_oldest = work[slot]
            work[slot] = delagged
            slot = slot + 1 if slot + 1 < ring else 0
            if start >= first:
                out[i] = root_weighted / root_divisor
            root_weighted -= root_total
        start = stop
        if start == full_restart:
            full_restart += 8 * timeperiod
            full_total, full_weighted = weighted_sums(real, start - timeperiod + 1, start)
            full_oldest = 0.0
        if start == half_restart:
            half_restart += 8 * half
            half_total, half_weighted = weighted_sums(real, start - half + 1, start)
            half_oldest = 0.0
        if start == root_restart:
            root_restart += 8 * root - (1 if start == first else 0)
            root_total = root_weighted = root_oldest = 0.0
            for j in range(ring):
                value = work[slot + j if slot + j < ring else slot + j - ring]
                root_total += value
                root_weighted += value * (j + 1)


@helper
def trima_from(real: F64In, begin: int, timeperiod: int, out: F64Out) -> None:
    """Triangular moving average of ``real[begin:]``: the middle of the window weighs most."""
    n = len(real)
    first = begin + timeperiod - 1
    if first >= n:
        return
    half = timeperiod // 2
    odd = timeperiod % 2 == 1
    middle = begin + half if odd else begin + half - 1
    factor = 1.0 / (float(half + 1) * (half + 1)) if odd else 1.0 / (float(half) * (half + 1))
    numerator = 0.0
    falling = 0.0
    for i in range(middle - begin + 1):
        falling += real[middle - i]
        numerator += falling
    rising = 0.0
    for i in range(middle + 1, first + 1):
        rising += real[i]
        numerator += rising
    out[first] = numerator * factor
    back = first - middle
    for i in range(first + 1, n):
        numerator -= falling
        falling -= real[i - timeperiod]
        centre = real[i - back]
        falling += centre
        if odd:
            numerator += rising
            rising -= centre
        else:
            rising -= centre
            numerator += rising
        rising += real[i]
        numerator += real[i]
        out[i] = numerator * factor


@helper
def kama_from(real: F64In, begin: int, timeperiod: int, out: F64Out) -> None:
    """Kaufman's adaptive moving average of ``real[begin:]``.

    Its weight goes from that of a 30 value EMA to that of a 2 value EMA with the efficiency
    ratio, which is the net change over a period divided by the sum of the single changes.
    """
    n = len(real)
    if timeperiod == 1:
        copy_from(real, begin, out)
        return
    first = begin + timeperiod
    if first >= n:
        return
    slowest = 2.0 / (30.0 + 1.0)
    span = 2.0 / (2.0 + 1.0) - slowest
    path = 0.0
    flat = 0
    for i in range(begin + 1, first):
        change = abs(real[i] - real[i - 1])
        path += change
        flat = flat + 1 if change == 0.0 else 0
    kama = real[first - 1]
    oldest_change = 0.0
    for i in range(first, n):
        change = abs(real[i] - real[i - 1])
        flat = flat + 1 if change == 0.0 else 0
        path = path - oldest_change + change
        if flat >= timeperiod:
            path = 0.0  # sheds what rounding has left of it
        oldest_change = abs(real[i - timeperiod] - real[i - timeperiod + 1])
        net = real[i] - real[i - timeperiod]
        efficiency = 1.0
        if not (path <= 0.0 or path <= net):
            efficiency = abs(net / path)
            if efficiency > 1.0:
                efficiency = 1.0
        weight = fma(efficiency, span, slowest)
        kama = fma(real[i] - kama, weight * weight, kama)
        out[i] = kama


@helper
def mama_from(
    real: F64In,
    begin: int,
    fastlimit: float,
    slowlimit: float,
    mama_out: F64Out,
    fama_out: F64Out,
    work: F64Out,
) -> None:
    """Ehlers' MESA adaptive moving average of ``real[begin:]``, and the average following it.

    They adapt to the rate at which the dominant cycle's phase changes. ``fama_out`` may be
    ``mama_out`` where it isn't wanted; ``work`` is the cycle's state.
    """
    n = len(real)
    first = begin + MAMA_LOOKBACK
    if first >= n:
        return
    previous_phase = 0.0
    mama = 0.0
    fama = 0.0
    for i in range(start_cycle(real, begin, 12, work), n):
        advance_cycle(real, i, work)
        in_phase = work[DETRENDED + ((i - 3) & LAST)]
        phase = 0.0
        if in_phase != 0.0:
            phase = atan(work[QUADRATURE + (i & LAST)] / in_phase) * DEGREES
        change = previous_phase - phase
        previous_phase = phase
        alpha = fastlimit
        if change > 1.0:
            alpha = fastlimit / change
            if alpha < slowlimit:
                alpha = slowlimit
        mama = fma(1.0 - alpha, mama, alpha * real[i])
        alpha *= 0.5
        fama = fma(1.0 - alpha, fama, alpha * mama)
        if i >= first:
            fama_out[i] = fama
            mama_out[i] = mama


@helper
def ma_lookback(timeperiod: int, matype: int) -> int:
    """Values that the moving average ``matype`` consumes before its first result."""
    if timeperiod == 1 or matype == NONE:
        return 0
    if matype == DEMA:
        return 2 * (timeperiod - 1)
    if matype == TEMA:
        return 3 * (timeperiod - 1)
    if matype == KAMA:
        return timeperiod
    if matype == MAMA:
        return MAMA_LOOKBACK
    if matype == T3:
        return 6 * (timeperiod - 1)
    if matype == HMA:
        return timeperiod + int(sqrt(float(timeperiod))) - 2
    if matype == ZLEMA:
        return (timeperiod - 1) // 2 + timeperiod - 1
    return timeperiod - 1


@helper
def ma_work(n: int, timeperiod: int, matype: int) -> int:
    """Values of work space that ``ma_from`` needs for ``n`` values; for a kernel's ``work``."""
    if matype == MAMA and n > MAMA_LOOKBACK:
        return STATE
    return int(sqrt(float(timeperiod))) if matype == HMA else 0


@helper
def ma_from(
    real: F64In, begin: int, timeperiod: int, matype: int, out: F64Out, work: F64Out
) -> None:
    """Moving average of ``real[begin:]`` by its type, as TA-Lib's MA.

    MAMA's limits are 0.5 and 0.05 whatever the period, T3's factor is 0.7, DEFAULT is SMA.
    ``work`` has ``ma_work`` values.
    """
    if timeperiod == 1 or matype == NONE:
        copy_from(real, begin, out)
    elif matype == EMA:
        ema_from(real, begin, timeperiod, out)
    elif matype == WMA:
        wma_from(real, begin, timeperiod, out)
    elif matype == DEMA:
        dema_from(real, begin, timeperiod, out)
    elif matype == TEMA:
        tema_from(real, begin, timeperiod, out)
    elif matype == TRIMA:
        trima_from(real, begin, timeperiod, out)
    elif matype == KAMA:
        kama_from(real, begin, timeperiod, out)
    elif matype == MAMA:
        mama_from(real, begin, 0.5, 0.05, out, out, work)
    elif matype == T3:
        t3_from(real, begin, timeperiod, 0.7, out)
    elif matype == HMA:
        hma_from(real, begin, timeperiod, out, work)
    elif matype == ZLEMA:
        zlema_from(real, begin, timeperiod, out)
    elif matype == RMA:
        rma_from(real, begin, timeperiod, out)
    else:
        sma_from(real, begin, timeperiod, out)
