"""Forms of kernels and helpers that can be resumed, where the usual one can't be: for ``_resume``.

The usual ones work in blocks, backwards, or put one series where another was: fast over a whole
series. These visit one candle after the other, with the same results. They are read as source and
put in the place of what they stand for; nothing imports them to run.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeVar

from ._extremes import highest_of, lowest_of
from ._moving import SMA, copy_from, ma_from, ma_lookback, ma_work, sma_from, weighted_sums
from ._numeric import sqrt
from ._spec import F64In, F64Out, I32Out
from ._window import first_valid, first_valid2, first_valid3
from .directional import average_directional_index_from
from .momentum import EPSILON, ema_macd, rsi_from
from .operators import Beats
from .oscillators import higher, lower, percent_range
from .overlap import limited
from .statistic import VALUE, regression
from .stochastic import fastk_of
from .williams import awesome_from

F = TypeVar("F", bound=Callable[..., Any])


def form(module: str, work: Callable[..., int] | None = None) -> Callable[[F], F]:
    """Stands for the function of this name in ``module``, with a work space of its own."""
    return lambda function: function


@form("_moving")
def wma_from(real: F64In, begin: int, timeperiod: int, out: F64Out) -> None:
    n = len(real)
    first = begin + timeperiod - 1
    if timeperiod == 1:
        copy_from(real, begin, out)
        return
    divisor = float(timeperiod) * (timeperiod + 1) / 2.0
    restart = first
    total = weighted = oldest = 0.0
    for i in range(first, n):
        if i == restart:
            restart += 8 * timeperiod - (1 if i == first else 0)
            total, weighted = weighted_sums(real, i - timeperiod + 1, i)
            oldest = 0.0
        total = total + real[i] - oldest
        weighted += real[i] * timeperiod
        oldest = real[i - timeperiod + 1]
        out[i] = weighted / divisor
        weighted -= total


@form("_moving")
def hma_from(real: F64In, begin: int, timeperiod: int, out: F64Out, work: F64Out) -> None:
    n = len(real)
    root = int(sqrt(float(timeperiod)))
    start = begin + timeperiod - 1
    first = start + root - 1
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
    for i in range(start, n):
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
        if i >= first:
            out[i] = root_weighted / root_divisor
        root_weighted -= root_total
        following = i + 1
        if following == full_restart:
            full_restart += 8 * timeperiod
            full_total, full_weighted = weighted_sums(real, following - timeperiod + 1, following)
            full_oldest = 0.0
        if following == half_restart:
            half_restart += 8 * half
            half_total, half_weighted = weighted_sums(real, following - half + 1, following)
            half_oldest = 0.0
        if following == root_restart:
            root_restart += 8 * root - (1 if following == first else 0)
            root_total = root_weighted = root_oldest = 0.0
            for j in range(ring):
                value = work[slot + j if slot + j < ring else slot + j - ring]
                root_total += value
                root_weighted += value * (j + 1)


@form("_extremes")
def extremes_from(
    high: F64In, low: F64In, begin: int, timeperiod: int, highest: F64Out, lowest: F64Out
) -> None:
    bottom = top = 0.0
    bottom_at = top_at = -1
    for i in range(begin + timeperiod - 1, len(high)):
        oldest = i - timeperiod + 1
        bottom_at, bottom = lowest_of(low, bottom_at, bottom, oldest, i)
        top_at, top = highest_of(high, top_at, top, oldest, i)
        lowest[i] = bottom
        highest[i] = top


@form("overlap")
def midrange_from(
    high: F64In, low: F64In, begin: int, timeperiod: int, out: F64Out, work: F64Out
) -> None:
    highest = lowest = 0.0
    slot = 0
    for i in range(begin + timeperiod - 1, len(high)):
        if slot == 0:  # the end of a block
            highest = high[i]
            lowest = low[i]
            for j in range(timeperiod - 1, 0, -1):
                work[2 * j] = highest
                work[2 * j + 1] = lowest
                highest = higher(high[i - timeperiod + j], highest)
                lowest = lower(low[i - timeperiod + j], lowest)
            out[i] = (highest + lowest) / 2.0
        else:
            highest = high[i] if slot == 1 else higher(high[i], highest)
            lowest = low[i] if slot == 1 else lower(low[i], lowest)
            top = higher(highest, work[2 * slot])
            out[i] = (top + lower(lowest, work[2 * slot + 1])) / 2.0
        slot = slot + 1 if slot + 1 < timeperiod else 0


@form("oscillators")
def willr(
    high: F64In, low: F64In, close: F64In, timeperiod: int, out: F64Out, work: F64Out
) -> None:
    highest = lowest = 0.0
    slot = 0
    for i in range(first_valid3(high, low, close) + timeperiod - 1, len(high)):
        if slot == 0:  # the end of a block
            highest = high[i]
            lowest = low[i]
            for j in range(timeperiod - 1, 0, -1):
                work[2 * j] = highest
                work[2 * j + 1] = lowest
                highest = higher(high[i - timeperiod + j], highest)
                lowest = lower(low[i - timeperiod + j], lowest)
            out[i] = percent_range(highest, lowest, close[i])
        else:
            highest = high[i] if slot == 1 else higher(high[i], highest)
            lowest = low[i] if slot == 1 else lower(low[i], lowest)
            top = higher(highest, work[2 * slot])
            out[i] = percent_range(top, lower(lowest, work[2 * slot + 1]), close[i])
        slot = slot + 1 if slot + 1 < timeperiod else 0


@form("operators")
def extreme(real: F64In, timeperiod: int, beats: Beats, out: F64Out, work: F64Out) -> None:
    start = 0.0
    slot = 0
    for i in range(first_valid(real), len(real)):
        value = real[i]
        if slot == 0 or beats(value, start):
            start = value
        if slot < timeperiod - 1:
            best = work[slot]
            out[i] = start if beats(start, best) else best
            slot += 1
        else:  # the end of a block, and what its own ends are for the windows to come
            end = value
            for k in range(timeperiod - 1):
                work[timeperiod - 2 - k] = end
                value = real[i - 1 - k]
                if beats(value, end):
                    end = value
            out[i] = end
            slot = 0


@form("operators", work=lambda n, timeperiod: timeperiod)
def moving_min(real: F64In, timeperiod: int, out: F64Out, work: F64Out) -> None:
    extreme(real, timeperiod, operator.lt, out, work)


@form("operators", work=lambda n, timeperiod: timeperiod)
def moving_max(real: F64In, timeperiod: int, out: F64Out, work: F64Out) -> None:
    extreme(real, timeperiod, operator.gt, out, work)


@form("operators", work=lambda n, timeperiod: 2 * timeperiod)
def minmax(real: F64In, timeperiod: int, lowest: F64Out, highest: F64Out, work: F64Out) -> None:
    extreme(real, timeperiod, operator.lt, lowest, work)
    extreme(real, timeperiod, operator.gt, highest, work[timeperiod:])


@form("efficiency", work=lambda n, timeperiod: n + 2 * timeperiod)
def vhf(real: F64In, timeperiod: int, out: F64Out, work: F64Out) -> None:
    n = len(real)
    first = first_valid(real) + timeperiod
    lowest = work[:n]
    spare = work[n:]
    extreme(real, timeperiod, operator.gt, out, spare)
    extreme(real, timeperiod, operator.lt, lowest, spare[timeperiod:])
    for i in range(first, n):
        path = 0.0
        for back in range(timeperiod - 1, -1, -1):
            path += abs(real[i - back] - real[i - back - 1])
        spread = out[i] - lowest[i]
        out[i] = spread / path if path > 0.0 else 0.0


@form("williams")
def swings_from(
    real: F64In,
    first: int,
    leftbars: int,
    rightbars: int,
    beats: Beats,
    out: I32Out,
    work: F64Out,
) -> None:
    oldest = leftbars + rightbars
    for i in range(first, len(real)):
        best = real[i - oldest]
        for back in range(oldest - 1, -1, -1):
            if back != rightbars:
                value = real[i - back]
                best = value if beats(value, best) else best
        out[i] = 100 if beats(real[i - rightbars], best) else 0


@form("stochastic")
def fastk_from(
    high: F64In,
    low: F64In,
    close: F64In,
    begin: int,
    timeperiod: int,
    out: F64Out,
    work: F64Out,
) -> None:
    lowest = highest = 0.0
    lowest_at = highest_at = -1
    for i in range(begin + timeperiod - 1, len(high)):
        oldest = i - timeperiod + 1
        lowest_at, lowest = lowest_of(low, lowest_at, lowest, oldest, i)
        highest_at, highest = highest_of(high, highest_at, highest, oldest, i)
        out[i] = fastk_of(close[i], lowest, highest)


@form("stochastic")
def stoch_work(
    n: int,
    fastk_period: int,
    slowk_period: int,
    slowk_matype: int,
    slowd_period: int,
    slowd_matype: int,
) -> int:
    return n + ma_work(n, slowk_period, slowk_matype) + ma_work(n, slowd_period, slowd_matype)


@form("stochastic")
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
    n = len(high)
    raw = work[:n]
    spare = work[n:]
    begin = first_valid3(high, low, close)
    begin_k = begin + fastk_period - 1
    begin_d = begin_k + ma_lookback(slowk_period, slowk_matype)
    first = begin_d + ma_lookback(slowd_period, slowd_matype)
    used = ma_work(n, slowk_period, slowk_matype)
    fastk_from(high, low, close, begin, fastk_period, raw, spare)
    ma_from(raw, begin_k, slowk_period, slowk_matype, slowk, spare)
    ma_from(slowk, begin_d, slowd_period, slowd_matype, slowd, spare[used:])
    return first


@form(
    "stochastic",
    work=lambda n, timeperiod, fastk_period, fastd_period, fastd_matype: (
        n + ma_work(n, fastd_period, fastd_matype)
    ),
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
    n = len(real)
    strength = work[:n]
    spare = work[n:]
    begin = first_valid(real)
    begin_k = begin + timeperiod
    begin_d = begin_k + fastk_period - 1
    rsi_from(real, begin, timeperiod, strength)
    fastk_from(strength, strength, strength, begin_k, fastk_period, fastk, spare)
    ma_from(fastk, begin_d, fastd_period, fastd_matype, fastd, spare)


@form(
    "momentum",
    work=lambda n, fastperiod, fastmatype, slowperiod, slowmatype, signalperiod, signalmatype: (
        ma_work(n, fastperiod, fastmatype)
        + ma_work(n, slowperiod, slowmatype)
        + ma_work(n, signalperiod, signalmatype)
    ),
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
    first = begin_line + ma_lookback(signalperiod, signalmatype)
    slow_at = ma_work(n, fastperiod, fastmatype)
    signal_at = slow_at + ma_work(n, slowperiod, slowmatype)
    ma_from(real, begin_line - fast_lookback, fastperiod, fastmatype, macd, work)
    ma_from(real, begin_line - slow_lookback, slowperiod, slowmatype, macdhist, work[slow_at:])
    for i in range(begin_line, n):
        macd[i] -= macdhist[i]
    ma_from(macd, begin_line, signalperiod, signalmatype, macdsignal, work[signal_at:])
    for i in range(first, n):
        macdhist[i] = macd[i] - macdsignal[i]


@form("momentum")
def fast_and_slow(
    real: F64In, fastperiod: int, slowperiod: int, matype: int, slow: F64Out, work: F64Out
) -> int:
    n = len(real)
    fast = work[:n]
    spare = work[n:]
    begin = first_valid(real)
    if matype == 11:
        matype = 1
    shorter = min(fastperiod, slowperiod)
    longer = max(fastperiod, slowperiod)
    slow_at = ma_work(n, shorter, matype)
    first = begin + ma_lookback(longer, matype)
    ma_from(real, begin, shorter, matype, fast, spare)
    ma_from(real, begin, longer, matype, slow, spare[slow_at:])
    return first


@form(
    "momentum",
    work=lambda n, fastperiod, slowperiod, matype: (
        n + ma_work(n, fastperiod, matype) + ma_work(n, slowperiod, matype)
    ),
)
def apo(
    real: F64In, fastperiod: int, slowperiod: int, matype: int, out: F64Out, work: F64Out
) -> None:
    n = len(real)
    fast = work[:n]
    for i in range(fast_and_slow(real, fastperiod, slowperiod, matype, out, work), n):
        out[i] = fast[i] - out[i]


@form(
    "momentum",
    work=lambda n, fastperiod, slowperiod, matype: (
        n + ma_work(n, fastperiod, matype) + ma_work(n, slowperiod, matype)
    ),
)
def ppo(
    real: F64In, fastperiod: int, slowperiod: int, matype: int, out: F64Out, work: F64Out
) -> None:
    n = len(real)
    fast = work[:n]
    for i in range(fast_and_slow(real, fastperiod, slowperiod, matype, out, work), n):
        slow = out[i]
        out[i] = 0.0 if -EPSILON < slow < EPSILON else (fast[i] - slow) / slow * 100.0


@form(
    "volume",
    work=lambda n, fastperiod, slowperiod, matype: (
        n + ma_work(n, fastperiod, matype) + ma_work(n, slowperiod, matype)
    ),
)
def pvo(
    volume: F64In, fastperiod: int, slowperiod: int, matype: int, out: F64Out, work: F64Out
) -> None:
    ppo(volume, fastperiod, slowperiod, matype, out, work)


@form("momentum", work=lambda n, wmaperiod, roc1period, roc2period: n)
def coppock(
    real: F64In, wmaperiod: int, roc1period: int, roc2period: int, out: F64Out, work: F64Out
) -> None:
    n = len(real)
    changes = work[:n]
    begin = first_valid(real) + max(roc1period, roc2period)
    for i in range(begin, n):
        base1 = real[i - roc1period]
        base2 = real[i - roc2period]
        roc1 = (real[i] / base1 - 1.0) * 100.0 if base1 != 0.0 else 0.0
        roc2 = (real[i] / base2 - 1.0) * 100.0 if base2 != 0.0 else 0.0
        changes[i] = roc1 + roc2
    wma_from(changes, begin, wmaperiod, out)


@form("williams", work=lambda n, fastperiod, slowperiod, signalperiod: n)
def ac(
    high: F64In,
    low: F64In,
    fastperiod: int,
    slowperiod: int,
    signalperiod: int,
    out: F64Out,
    work: F64Out,
) -> None:
    n = len(high)
    awesome = work[:n]
    begin = first_valid2(high, low) + max(fastperiod, slowperiod) - 1
    awesome_from(high, low, begin, fastperiod, slowperiod, awesome)
    sma_from(awesome, begin, signalperiod, out)
    for i in range(begin + signalperiod - 1, n):
        out[i] = awesome[i] - out[i]


@form("momentum", work=lambda n, timeperiod: n)
def fosc(real: F64In, timeperiod: int, out: F64Out, work: F64Out) -> None:
    n = len(real)
    forecast = work[:n]
    first = first_valid(real) + timeperiod
    regression(real, timeperiod, VALUE, float(timeperiod), forecast)
    for i in range(first, n):
        out[i] = 100.0 * (real[i] - forecast[i - 1]) / real[i] if real[i] != 0.0 else 0.0


@form("directional", work=lambda n, timeperiod: n)
def adxr(high: F64In, low: F64In, close: F64In, timeperiod: int, out: F64Out, work: F64Out) -> None:
    n = len(high)
    index = work[:n]
    begin = first_valid3(high, low, close)
    first = begin + 3 * timeperiod - 2
    average_directional_index_from(high, low, close, begin, timeperiod, index)
    for i in range(first, n):
        out[i] = (index[i] + index[i - (timeperiod - 1)]) * 0.5


@form(
    "overlap",
    work=lambda n, minperiod, maxperiod, matype: (
        2 * n + max(0, maxperiod - minperiod + 1) * ma_work(n, maxperiod, matype)
    ),
)
def mavp(
    real: F64In,
    periods: F64In,
    minperiod: int,
    maxperiod: int,
    matype: int,
    out: F64Out,
    work: F64Out,
) -> bool:
    n = len(real)
    averages = work[:n]
    rest = work[n:]
    wanted = rest[:n]
    spare = rest[n:]
    first = first_valid2(real, periods) + ma_lookback(maxperiod, matype)
    each = ma_work(n, maxperiod, matype)
    for i in range(first, n):
        wanted[i] = float(limited(periods[i], minperiod, maxperiod))
    for k in range(maxperiod - minperiod + 1):
        period = minperiod + k
        begin = first - ma_lookback(period, matype)
        if matype == SMA and period > 1:
            sma_from(real, begin, period, averages)
        else:
            ma_from(real, begin, period, matype, averages, spare[k * each :])
        for i in range(first, n):
            if wanted[i] == period:
                out[i] = averages[i]
    return False
