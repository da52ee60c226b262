"""The moving averages, as helpers: kernels of several families smooth with any of them.

Each takes the index ``begin`` of the first value to use and writes ``out[begin + lookback:]``,
aligned with its input; it leaves the head of ``out`` alone.
"""

from __future__ import annotations

from ._hilbert import DEGREES, DETRENDED, LAST, QUADRATURE, STATE, advance_cycle, start_cycle
from ._numeric import atan, fma, sqrt
from ._spec import F64In, F64Out, helper

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
    """Simple moving average of ``real[begin:]``: a running sum, one add and one subtract a value."""
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
def t3_from(real: F64In, begin: int, timeperiod: int, vfactor: float, out: F64Out) -> None:
    """Tillson's T3: six chained EMAs, combined with weights that sum to one."""
    n = len(real)
    step = timeperiod - 1
    first = begin + 6 * step
    if first >= n:
        return
    if timeperiod == 1:
        copy_from(real, begin, out)
        return
    k = 2.0 / (timeperiod + 1.0)
    keep = 1.0 - k
    e1 = e2 = e3 = e4 = e5 = 0.0
    today = begin
    total = real[begin]
    for i in range(begin + 1, begin + timeperiod):
        total += real[i]
    e1 = total / timeperiod
    today = begin + step
    total = e1
    for i in range(today + 1, today + step + 1):
        e1 = fma(keep, e1, k * real[i])
        total += e1
    e2 = total / timeperiod
    today += step
    total = e2
    for i in range(today + 1, today + step + 1):
        e1 = fma(keep, e1, k * real[i])
        e2 = fma(keep, e2, k * e1)
        total += e2
    e3 = total / timeperiod
    today += step
    total = e3
    for i in range(today + 1, today + step + 1):
        e1 = fma(keep, e1, k * real[i])
        e2 = fma(keep, e2, k * e1)
        e3 = fma(keep, e3, k * e2)
        total += e3
    e4 = total / timeperiod
    today += step
    total = e4
    for i in range(today + 1, today + step + 1):
        e1 = fma(keep, e1, k * real[i])
        e2 = fma(keep, e2, k * e1)
        e3 = fma(keep, e3, k * e2)
        e4 = fma(keep, e4, k * e3)
        total += e4
    e5 = total / timeperiod
    today += step
    total = e5
    for i in range(today + 1, today + step + 1):
        e1 = fma(keep, e1, k * real[i])
        e2 = fma(keep, e2, k * e1)
        e3 = fma(keep, e3, k * e2)
        e4 = fma(keep, e4, k * e3)
        e5 = fma(keep, e5, k * e4)
        total += e5
    e6 = total / timeperiod
    square = vfactor * vfactor
    c1 = 0.0 - square * vfactor
    c2 = 3.0 * (square - c1)
    c3 = -6.0 * square - 3.0 * (vfactor - c1)
    c4 = fma(3.0, square, fma(3.0, vfactor, 1.0) - c1)
    out[first] = fma(c4, e3, fma(c3, e4, fma(c1, e6, c2 * e5)))
    for i in range(first + 1, n):
        e1 = fma(keep, e1, k * real[i])
        e2 = fma(keep, e2, k * e1)
        e3 = fma(keep, e3, k * e2)
        e4 = fma(keep, e4, k * e3)
        e5 = fma(keep, e5, k * e4)
        e6 = fma(keep, e6, k * e5)
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
    ring = root - 1
    for j in range(ring):
        work[j] = 0.0
    slot = 0
    full_total = half_total = root_total = 0.0
    full_weighted = half_weighted = root_weighted = 0.0
    full_oldest = half_oldest = root_oldest = 0.0
    full_divisor = float(timeperiod) * (timeperiod + 1) / 2.0
    half_divisor = float(half) * (half + 1) / 2.0
    root_divisor = float(root) * (root + 1) / 2.0
    full_restart = half_restart = start
    root_restart = first
    while start < n:
        if start == full_restart:
            full_total, full_weighted = weighted_sums(real, start - timeperiod + 1, start)
            full_oldest = 0.0
            full_restart += 8 * timeperiod - (1 if start < first else 0)
        if start == half_restart:
            half_total, half_weighted = weighted_sums(real, start - half + 1, start)
            half_oldest = 0.0
            half_restart += 8 * half - (1 if start < first else 0)
        if start == root_restart:
            root_total = 0.0
            root_weighted = 0.0
            for j in range(ring):
                value = work[slot + j if slot + j < ring else slot + j - ring]
                root_total += value
                root_weighted += value * (j + 1)
            root_oldest = 0.0
            root_restart += 8 * root - (1 if start == first else 0)
        stop = full_restart if full_restart < n else n
        stop = half_restart if half_restart < stop else stop
        stop = root_restart if root_restart < stop else stop
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
    if timeperiod == 1 or matype == 10:
        return 0
    if matype == 3:
        return 2 * (timeperiod - 1)
    if matype == 4:
        return 3 * (timeperiod - 1)
    if matype == 6:
        return timeperiod
    if matype == 7:
        return 32
    if matype == 8:
        return 6 * (timeperiod - 1)
    if matype == 9:
        return timeperiod + int(sqrt(float(timeperiod))) - 2
    if matype == 12:
        return (timeperiod - 1) // 2 + timeperiod - 1
    return timeperiod - 1


@helper
def ma_from(
    real: F64In, begin: int, timeperiod: int, matype: int, out: F64Out, work: F64Out
) -> None:
    """Moving average of ``real[begin:]`` by TA-Lib's type number.

    0 SMA, 1 EMA, 2 WMA, 3 DEMA, 4 TEMA, 5 TRIMA, 6 KAMA, 7 MAMA with limits 0.5 and 0.05, 8 T3
    with a factor of 0.7, 9 HMA, 10 none, 11 the calling function's own default (here SMA),
    12 ZLEMA, 13 RMA. ``work`` has ``ma_work`` values; ``len(real)`` are always enough.
    """
    if timeperiod == 1 or matype == 10:
        copy_from(real, begin, out)
    elif matype == 1:
        ema_from(real, begin, timeperiod, out)
    elif matype == 2:
        wma_from(real, begin, timeperiod, out)
    elif matype == 3:
        dema_from(real, begin, timeperiod, out)
    elif matype == 4:
        tema_from(real, begin, timeperiod, out)
    elif matype == 5:
        trima_from(real, begin, timeperiod, out)
    elif matype == 6:
        kama_from(real, begin, timeperiod, out)
    elif matype == 7:
        mama_from(real, begin, 0.5, 0.05, out, out, work)
    elif matype == 8:
        t3_from(real, begin, timeperiod, 0.7, out)
    elif matype == 9:
        hma_from(real, begin, timeperiod, out, work)
    elif matype == 12:
        zlema_from(real, begin, timeperiod, out)
    elif matype == 13:
        rma_from(real, begin, timeperiod, out)
    else:
        sma_from(real, begin, timeperiod, out)


@helper
def ma_work(n: int, timeperiod: int, matype: int) -> int:
    """Values of work space that ``ma_from`` uses on ``n`` values; for a kernel's ``work``."""
    if matype == 7:
        return STATE
    return int(sqrt(float(timeperiod))) if matype == 9 else 0
