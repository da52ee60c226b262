"""pandas-ta's recurrences, in the order in which its Python loops compute them.

Where a loop would warn (of a division by zero, the root of a negative number), the kernel says
so, and its caller has the original run. No overflow: callers pass values that ``is_moderate``.
"""

from __future__ import annotations

import math

from ._numeric import INF, NAN, div, sqrt
from ._spec import F64In, F64Out, I64In, I64Out, helper, kernel
from .metrics import PAIRWISE_WORK, block_sum, pairwise

# The product of four such values is finite.
MODERATE = 1e75

# What a regression gives of each window.
LINE, SLOPE, INTERCEPT, CORRELATION, FORECAST = range(5)


@kernel()
def is_moderate(real: F64In) -> bool:
    """Whether every value is NaN or at most 1e75 in size."""
    beyond = 0
    for i in range(len(real)):
        if abs(real[i]) > MODERATE:
            beyond += 1
    return beyond == 0


@kernel(work=lambda length, window, kind, half: window + PAIRWISE_WORK)
def pandas_ta_linreg(
    real: F64In, window: int, kind: int, half: float, out: F64Out, odd: I64Out, work: F64Out
) -> None:
    """Least squares of each window of at least two values, summed in numpy's order.

    ``half`` is 0.5: the original takes C's ``pow``, which isn't ``sqrt``, and which a constant
    would be compiled to. ``odd`` gets the first windows whose correlation is the root of a
    negative number, 0 / 0, and infinite; -1 where there is none.
    """
    x_sum = 0.5 * window * (window + 1)
    x2_sum = x_sum * (2 * window + 1) / 3
    divisor = window * x2_sum - x_sum * x_sum
    for i in range(3):
        odd[i] = -1
    for i in range(min(window - 1, len(real))):
        out[i] = NAN
    for i in range(window - 1, len(real)):
        start = i - window + 1
        for j in range(window):
            work[j] = real[start + j]
        y_sum = pairwise(work, window, work, window)
        for j in range(window):
            work[j] = (j + 1) * real[start + j]
        xy_sum = pairwise(work, window, work, window)
        if kind == CORRELATION:
            for j in range(window):
                work[j] = real[start + j] * real[start + j]
            y2_sum = pairwise(work, window, work, window)
            covariance = window * xy_sum - x_sum * y_sum
            variance = divisor * (window * y2_sum - y_sum * y_sum)
            if variance > 0.0:
                out[i] = covariance / variance**half
            elif variance < 0.0:
                out[i] = NAN
                if odd[0] < 0:
                    odd[0] = i
            elif variance == 0.0:
                out[i] = div(covariance, 0.0)
                which = 1 if covariance == 0.0 else 2
                if odd[which] < 0:
                    odd[which] = i
            else:
                out[i] = NAN
            continue
        slope = (window * xy_sum - x_sum * y_sum) / divisor
        if kind == SLOPE:
            out[i] = slope
            continue
        intercept = (y_sum * x2_sum - x_sum * xy_sum) / divisor
        if kind == INTERCEPT:
            out[i] = intercept
        elif kind == FORECAST:
            out[i] = slope * window + intercept
        else:
            out[i] = slope * (window - 1) + intercept


@kernel(work=lambda length, window: window + PAIRWISE_WORK)
def pandas_ta_mad(real: F64In, window: int, out: F64Out, work: F64Out) -> None:
    """Mean absolute deviation of each window from its mean, both in numpy's order."""
    for i in range(min(window - 1, len(real))):
        out[i] = NAN
    for i in range(window - 1, len(real)):
        start = i - window + 1
        for j in range(window):
            work[j] = real[start + j]
        mean = pairwise(work, window, work, window) / window
        for j in range(window):
            work[j] = abs(real[start + j] - mean)
        out[i] = pairwise(work, window, work, window) / window


@kernel()
def pandas_ta_kama(close: F64In, smoothing: F64In, window: int, out: F64Out) -> None:
    """Kaufman's average: from 0 at the first whole window on."""
    for i in range(window - 1):
        out[i] = NAN
    out[window - 1] = 0.0
    for i in range(window, len(close)):
        out[i] = smoothing[i] * close[i] + (1.0 - smoothing[i]) * out[i - 1]


@kernel()
def pandas_ta_alma(real: F64In, weights: F64In, total: float, out: F64Out) -> None:
    """Arnaud Legoux's average: the latest value has the first weight."""
    window = len(weights)
    for i in range(window - 1):
        out[i] = NAN
    out[window - 1] = 0.0
    for i in range(window, len(real)):
        weighted = 0.0
        for j in range(window):
            weighted += weights[j] * real[i - j]
        out[i] = NAN if i == window else weighted / total


@kernel()
def pandas_ta_ssf(
    real: F64In, poles: int, c1: float, c2: float, c3: float, c4: float, out: F64Out
) -> None:
    """Super smoother of 2 or 3 poles; before the first value come the last ones, at least 4."""
    n = len(real)
    for i in range(n):
        out[i] = real[i]
    for i in range(n):
        # As Series.iloc[-1] and so on.
        before1 = out[i - 1] if i > 0 else out[n - 1]
        before2 = out[i - 2] if i > 1 else out[n + i - 2]
        smooth = c1 * real[i] + c2 * before1 + c3 * before2
        if poles == 3:
            smooth += c4 * (out[i - 3] if i > 2 else out[n + i - 3])
        out[i] = smooth


@kernel()
def pandas_ta_hwma(real: F64In, na: float, nb: float, nc: float, out: F64Out) -> None:
    """Holt-Winter average of at least one value."""
    last_f, last_v, last_a = real[0], 0.0, 0.0
    for i in range(len(real)):
        level = (1.0 - na) * (last_f + last_v + 0.5 * last_a) + na * real[i]
        speed = (1.0 - nb) * (last_v + last_a) + nb * (level - last_f)
        gain = (1.0 - nc) * last_a + nc * (speed - last_v)
        out[i] = level + speed + 0.5 * gain
        last_f, last_v, last_a = level, speed, gain


@kernel()
def pandas_ta_hwc(
    average: F64In, real: F64In, nd: float, scalar: float, upper: F64Out, lower: F64Out
) -> bool:
    """The channel around a Holt-Winter average; whether a variance became negative."""
    variance = 0.0
    last_price = last_average = real[0]
    for i in range(len(real)):
        if variance < 0.0:
            return True
        width = scalar * sqrt(variance)
        upper[i] = average[i] + width
        lower[i] = average[i] - width
        error = last_price - last_average
        variance = (1.0 - nd) * variance + nd * error * error
        last_price, last_average = real[i], average[i]
    return False


@kernel()
def pandas_ta_rsx(real: F64In, window: int, out: F64Out) -> None:
    """Jurik's RSX; the names are the original's."""
    for i in range(window - 1):
        out[i] = NAN
    out[window - 1] = 0.0
    f0 = f8 = f28 = f30 = f38 = f40 = f48 = f50 = 0.0
    f58 = f60 = f68 = f70 = f78 = f80 = f90 = v14 = v20 = 0.0
    f88 = window - 1.0 if window - 1.0 >= 5.0 else 5.0
    f18 = 3.0 / (window + 2.0)
    f20 = 1.0 - f18
    for i in range(window, len(real)):
        if f90 == 0.0:
            f90 = 1.0
            f0 = 0.0
            f8 = 100.0 * real[i]
        else:
            f90 = f88 + 1.0 if f88 <= f90 else f90 + 1.0
            f10 = f8
            f8 = 100.0 * real[i]
            v8 = f8 - f10
            f28 = f20 * f28 + f18 * v8
            f30 = f18 * f28 + f20 * f30
            vc = 1.5 * f28 - 0.5 * f30
            f38 = f20 * f38 + f18 * vc
            f40 = f18 * f38 + f20 * f40
            v10 = 1.5 * f38 - 0.5 * f40
            f48 = f20 * f48 + f18 * v10
            f50 = f18 * f48 + f20 * f50
            v14 = 1.5 * f48 - 0.5 * f50
            f58 = f20 * f58 + f18 * abs(v8)
            f60 = f18 * f58 + f20 * f60
            v18 = 1.5 * f58 - 0.5 * f60
            f68 = f20 * f68 + f18 * v18
            f70 = f18 * f68 + f20 * f70
            v1c = 1.5 * f68 - 0.5 * f70
            f78 = f20 * f78 + f18 * v1c
            f80 = f18 * f78 + f20 * f80
            v20 = 1.5 * f78 - 0.5 * f80
            if f88 >= f90 and f8 != f10:
                f0 = 1.0
            if f88 == f90 and f0 == 0.0:
                f90 = 0.0
        v4 = 50.0
        if f88 < f90 and v20 > 0.0000000001:
            v4 = (v14 / v20 + 1.0) * 50.0
            if v4 > 100.0:
                v4 = 100.0
            if v4 < 0.0:
                v4 = 0.0
        out[i] = v4


@kernel()
def pandas_ta_ebsw(
    real: F64In, window: int, alpha: float, c1: float, c2: float, c3: float, out: F64Out
) -> bool:
    """Even better sine wave; whether its power was 0 somewhere."""
    for i in range(window - 1):
        out[i] = NAN
    out[window - 1] = 0.0
    last = last_pass = older = old = 0.0
    for i in range(window, len(real)):
        high_pass = 0.5 * (1.0 + alpha) * (real[i] - last) + alpha * last_pass
        smooth = c1 * (high_pass + last_pass) / 2.0 + c2 * old + c3 * older
        wave = (smooth + old + older) / 3.0
        power = (smooth * smooth + old * old + older * older) / 3.0
        if power == 0.0:
            return True
        out[i] = wave / sqrt(power)
        older, old = old, smooth
        last, last_pass = real[i], high_pass
    return False


@kernel()
def pandas_ta_fisher_position(position: F64In, window: int, out: F64Out) -> None:
    """What Fisher's transform takes the logarithm of; 1 before the first of them."""
    value = 0.0
    for i in range(min(window, len(out))):
        out[i] = 1.0
    for i in range(window, len(position)):
        value = 0.66 * position[i] + 0.67 * value
        if value < -0.99:
            value = -0.999
        if value > 0.99:
            value = 0.999
        out[i] = (1.0 + value) / (1.0 - value)


@kernel()
def pandas_ta_fisher(logarithm: F64In, window: int, out: F64Out) -> None:
    """Half of the sum of each logarithm and the result before."""
    for i in range(window - 1):
        out[i] = NAN
    out[window - 1] = 0.0
    for i in range(window, len(logarithm)):
        out[i] = 0.5 * (logarithm[i] + out[i - 1])


# Twice 2**51: beyond, adding and subtracting it doesn't round to a whole number.
_WHOLE = 6755399441055744.0


@helper
def round8(value: float) -> float:
    """``numpy.float64.__round__(8)`` of a value whose 1e8-fold is below 2**51, or NaN."""
    scaled = value * 1e8
    whole = (scaled + _WHOLE) - _WHOLE
    return math.copysign(whole, scaled) / 1e8 if whole == whole else NAN


@kernel()
def pandas_ta_schaff(
    real: F64In, lowest: F64In, extent: F64In, positive: F64In, factor: float, out: F64Out
) -> bool:
    """Schaff's smoothed stochastic, from 0 on; whether a value can't be rounded this way.

    Where ``positive`` isn't, the stochastic stays what it was. A NaN remains.
    """
    stochastic = 0.0
    out[0] = 0.0
    for i in range(1, len(real)):
        if positive[i] > 0.0:
            if extent[i] == 0.0:
                return True
            stochastic = 100.0 * ((real[i] - lowest[i]) / extent[i])
        smooth = out[i - 1] + factor * (stochastic - out[i - 1])
        if abs(smooth) > 1e7:
            return True
        out[i] = round8(smooth)
    return False


@kernel()
def pandas_ta_supertrend(
    close: F64In,
    upper: F64Out,
    lower: F64Out,
    trend: F64Out,
    direction: I64Out,
    long: F64Out,
    short: F64Out,
) -> None:
    """Supertrend of at least one candle; the bands are changed."""
    trend[0] = 0.0
    direction[0] = 1
    long[0] = short[0] = NAN
    for i in range(1, len(close)):
        if close[i] > upper[i - 1]:
            now = 1
        elif close[i] < lower[i - 1]:
            now = -1
        else:
            now = direction[i - 1]
            if now > 0 and lower[i] < lower[i - 1]:
                lower[i] = lower[i - 1]
            if now < 0 and upper[i] > upper[i - 1]:
                upper[i] = upper[i - 1]
        direction[i] = now
        long[i] = lower[i] if now > 0 else NAN
        short[i] = NAN if now > 0 else upper[i]
        trend[i] = lower[i] if now > 0 else upper[i]


@kernel()
def pandas_ta_hilo(
    close: F64In, high_average: F64In, low_average: F64In, out: F64Out, long: F64Out, short: F64Out
) -> None:
    """Gann's HiLo of at least one candle."""
    out[0] = long[0] = short[0] = NAN
    for i in range(1, len(close)):
        long[i] = short[i] = NAN
        if close[i] > high_average[i - 1]:
            out[i] = long[i] = low_average[i]
        elif close[i] < low_average[i - 1]:
            out[i] = short[i] = high_average[i]
        else:
            out[i] = long[i] = short[i] = out[i - 1]


@kernel()
def pandas_ta_psar(
    high: F64In,
    low: F64In,
    falling: bool,
    stop: float,
    first: float,
    step: float,
    most: float,
    long: F64Out,
    short: F64Out,
    factors: F64Out,
    reversals: I64Out,
) -> None:
    """Parabolic stops of at least two candles; before the first candle comes the last one."""
    n = len(high)
    factor = first
    extreme = low[0] if falling else high[0]
    long[0] = short[0] = NAN
    factors[0] = step
    reversals[0] = 0
    for i in range(1, n):
        before2 = i - 2 if i > 1 else n - 1
        following = stop + factor * (extreme - stop)
        if falling:
            reverse = high[i] > following
            if low[i] < extreme:
                extreme = low[i]
                factor = most if most < factor + step else factor + step
            bound = high[i - 1]
            if high[before2] > bound:
                bound = high[before2]
            if following > bound:
                bound = following
        else:
            reverse = low[i] < following
            if high[i] > extreme:
                extreme = high[i]
                factor = most if most < factor + step else factor + step
            bound = low[i - 1]
            if low[before2] < bound:
                bound = low[before2]
            if following < bound:
                bound = following
        stop = bound
        if reverse:
            stop = extreme
            factor = step
            falling = not falling
            extreme = low[i] if falling else high[i]
        long[i] = NAN if falling else stop
        short[i] = stop if falling else NAN
        factors[i] = factor
        reversals[i] = 1 if reverse else 0


@helper
def crosses(now: float, before: float, line: float, line_before: float) -> bool:
    """Whether a value crosses the line that it was compared with before, as QQE has it."""
    return (now > line and before < line_before) or (now <= line and before >= line_before)


@kernel(work=lambda length: 2 * length)
def pandas_ta_qqe(
    real: F64In,
    upper: F64In,
    lower: F64In,
    out: F64Out,
    long_line: F64Out,
    short_line: F64Out,
    work: F64Out,
) -> bool:
    """QQE of at least three values; whether a zero's sign is open.

    The lines begin at 0; two before the second value comes the last one, not yet set.
    """
    n = len(real)
    trend = 1
    out[0] = real[0]
    long_line[0] = short_line[0] = NAN
    for i in range(2 * n):
        work[i] = 0.0
    for i in range(1, n):
        before2 = i - 2 if i > 1 else n - 1
        now, before = real[i], real[i - 1]
        long, long_before = work[i - 1], work[before2]
        short, short_before = work[n + i - 1], work[n + before2]
        new_long, new_short = lower[i], upper[i]
        if before > long and now > long:
            if new_long == 0.0 and long == 0.0:
                return True
            # numpy.maximum: a NaN wins.
            if new_long < long:
                new_long = long
        if before < short and now < short:
            if new_short == 0.0 and short == 0.0:
                return True
            if new_short > short:
                new_short = short
        work[i] = new_long
        work[n + i] = new_short
        if crosses(now, before, short, short_before):
            trend = 1
        elif crosses(now, before, long, long_before):
            trend = -1
        long_line[i] = new_long if trend == 1 else NAN
        short_line[i] = NAN if trend == 1 else new_short
        out[i] = new_long if trend == 1 else new_short
    return False


@kernel()
def pandas_ta_sequential(real: F64In, up: F64Out, down: F64Out) -> None:
    """How many values in a row, up to 13, are above and below the one four before."""
    for i in range(len(real)):
        up[i] = down[i] = 0.0
        if i > 3:
            difference = real[i] - real[i - 4]
            if difference > 0.0:
                up[i] = up[i - 1] + 1.0 if up[i - 1] < 13.0 else 13.0
            elif difference < 0.0:
                down[i] = down[i - 1] + 1.0 if down[i - 1] < 13.0 else 13.0


@kernel()
def pandas_ta_since_extreme(real: F64In, window: int, sign: float, out: F64Out) -> None:
    """How many values ago the latest maximum of each window was; of a ``sign`` -1, the minimum."""
    best = missing = -1
    for i in range(len(real)):
        start = i - window + 1
        if real[i] != real[i]:
            missing = i
        if start < 0 or missing >= start:
            out[i] = NAN
            best = -1
            continue
        if best < start:
            best = start
            for j in range(start + 1, i + 1):
                if sign * real[j] >= sign * real[best]:
                    best = j
        elif sign * real[i] >= sign * real[best]:
            best = i
        out[i] = float(i - best)


@kernel()
def pandas_ta_vwap(price: F64In, volume: F64In, moments: I64In, day: int, out: F64Out) -> None:
    """Volume-weighted price since the day began, of ascending moments.

    Both sums are compensated, and leave out what is NaN, as in pandas' ``GroupBy.cumsum``.
    """
    end = 0
    weighted = weighted_lost = total = total_lost = 0.0
    for i in range(len(price)):
        if i == 0 or moments[i] >= end:
            end = (moments[i] // day + 1) * day
            weighted = weighted_lost = total = total_lost = 0.0
        value = price[i] * volume[i]
        if value == value:
            addend = value - weighted_lost
            new = weighted + addend
            weighted_lost = new - weighted - addend
            weighted = new
        if volume[i] == volume[i]:
            addend = volume[i] - total_lost
            new = total + addend
            total_lost = new - total - addend
            total = new
        out[i] = div(weighted, total) if value == value else NAN


@kernel()
def pandas_ta_jma_volatility(
    real: F64In,
    start: int,
    stop: int,
    given: bool,
    most: float,
    power: float,
    base: float,
    ratio: F64Out,
    factor: F64Out,
    upper: F64Out,
    lower: F64Out,
    spread: F64Out,
    total: F64Out,
) -> bool:
    """Jurik's volatility of ``real[start:stop]``, after what it was of the values before.

    ``factor`` is what the caller has to compare with numpy's powers: here it is made of C's. Where
    they differ, the caller puts numpy's there, and goes on from there with ``given``. Whether a
    ratio is infinite.
    """
    for i in range(start, stop):
        price = real[i]
        above = price - upper[i - 1]
        below = price - lower[i - 1]
        spread[i] = 0.0
        if abs(above) != abs(below):
            spread[i] = abs(below) if abs(below) > abs(above) else abs(above)
        last = i - 10 if i > 10 else 0
        total[i] = total[i - 1] + (spread[i] - spread[last]) / 10.0
        first = i - 65 if i > 65 else 0
        mean = block_sum(total, first, i + 1 - first) / (i + 1 - first)
        relative = 0.0 if mean == 0.0 else spread[i] / mean
        if abs(relative) == INF:
            return True
        if not relative < most:
            relative = most
        ratio[i] = relative if relative > 1.0 else 1.0
        if not given or i > start:
            factor[i] = base ** sqrt(ratio[i] ** power)
        upper[i] = price if above > 0.0 else price - factor[i] * above
        lower[i] = price if below < 0.0 else price - factor[i] * below
    return False


@kernel()
def pandas_ta_jma(real: F64In, alpha: F64In, beta: float, phase: float, out: F64Out) -> None:
    """Jurik's average of at least one value, by the weights of each."""
    out[0] = average = real[0]
    det0 = det1 = 0.0
    for i in range(1, len(real)):
        rest = 1.0 - alpha[i]
        average = rest * real[i] + alpha[i] * average
        det0 = (real[i] - average) * (1.0 - beta) + beta * det0
        target = average + phase * det0
        det1 = (target - out[i - 1]) * rest * rest + alpha[i] * alpha[i] * det1
        out[i] = out[i - 1] + det1
