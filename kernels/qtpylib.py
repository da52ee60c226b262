"""qtpylib's indicators: numpy's means and deviations of windows, and the candles' own arithmetic.

Originals: ``technical/vendor/qtpylib/indicators.py``. A kernel that returns a bool says whether
there is something in it that the original warns of, or that it alone tells: then its output isn't
to be used.
"""

from __future__ import annotations

from ._numeric import INF, NAN, div, sqrt
from ._spec import F64In, F64Out, helper, kernel
from ._window import fill_head
from .metrics import PAIRWISE_WORK, pairwise

# How many windows are summed side by side, and how often one can be halved down to 128 values.
CHUNK = 128
HALVINGS = 24
# Squares of what is smaller, and sums of them, don't overflow.
LARGE = 1e150


@helper
def is_large(real: F64In) -> bool:
    """Whether a value is infinite, or so large that a window's sum of squares might be."""
    large = False
    for i in range(len(real)):
        large = large or real[i] > LARGE or real[i] < -LARGE
    return large


@helper
def sums_of_block(real: F64In, first: int, n: int, count: int, work: F64Out, out: int) -> None:
    """``work[out + i]``: numpy's sum of ``n`` values, at most 128, from ``first + i`` on.

    numpy keeps eight partial sums; those of the windows side by side are the same ones.
    """
    rest = n - n % 8
    if rest == 0:
        for i in range(count):
            work[out + i] = real[first + i]
        rest = 1
    else:
        wide = count + 7
        for i in range(wide):
            work[i] = real[first + i]
        for j in range(8, rest, 8):
            for i in range(wide):
                work[i] += real[first + j + i]
        for i in range(wide - 1):
            work[i] += work[i + 1]
        for i in range(wide - 3):
            work[i] += work[i + 2]
        for i in range(count):
            work[out + i] = work[i] + work[i + 4]
    for j in range(rest, n):
        for i in range(count):
            work[out + i] += real[first + j + i]


@helper
def squares_of_block(
    real: F64In, first: int, n: int, count: int, work: F64Out, mean: int, out: int
) -> None:
    """``work[out + i]``: as ``sums_of_block``, of squared distances from ``work[mean + i]``."""
    rest = n - n % 8
    if rest == 0:
        for i in range(count):
            deviation = real[first + i] - work[mean + i]
            work[out + i] = deviation * deviation
        rest = 1
    else:
        for j in range(8):
            for i in range(count):
                deviation = real[first + j + i] - work[mean + i]
                work[j * CHUNK + i] = deviation * deviation
        for j in range(8, rest):
            lane = j % 8 * CHUNK
            for i in range(count):
                deviation = real[first + j + i] - work[mean + i]
                work[lane + i] += deviation * deviation
        for i in range(count):
            work[out + i] = (
                (work[i] + work[CHUNK + i]) + (work[2 * CHUNK + i] + work[3 * CHUNK + i])
            ) + (
                (work[4 * CHUNK + i] + work[5 * CHUNK + i])
                + (work[6 * CHUNK + i] + work[7 * CHUNK + i])
            )
    for j in range(rest, n):
        for i in range(count):
            deviation = real[first + j + i] - work[mean + i]
            work[out + i] += deviation * deviation


# Where in the work space is what: partial sums, the sums, the means, then the halves to be added,
# each with where its other half starts, how long that is (0 once it is being summed), and its sums.
SUMS = 8 * CHUNK
MEANS = SUMS + CHUNK
HALVES = MEANS + CHUNK
HALF = CHUNK + 2
WINDOW_WORK = HALVES + HALVINGS * HALF


@helper
def sums_of_windows(
    real: F64In, first: int, n: int, count: int, squares: bool, work: F64Out
) -> None:
    """``work[SUMS + i]``: numpy's pairwise sum of ``real[first + i :]``, ``n`` values."""
    top = HALVES
    start = first
    while True:
        while n > 128:
            half = n // 2
            half -= half % 8
            work[top] = float(start + half)
            work[top + 1] = float(n - half)
            top += HALF
            n = half
        if squares:
            squares_of_block(real, start, n, count, work, MEANS, SUMS)
        else:
            sums_of_block(real, start, n, count, work, SUMS)
        while top > HALVES and work[top - HALF + 1] == 0.0:
            top -= HALF
            for i in range(count):
                work[SUMS + i] = work[top + 2 + i] + work[SUMS + i]
        if top == HALVES:
            return
        before = top - HALF
        start = int(work[before])
        n = int(work[before + 1])
        work[before + 1] = 0.0
        for i in range(count):
            work[before + 2 + i] = work[SUMS + i]


@kernel(work=lambda length, window: WINDOW_WORK)
def qtpylib_window_mean(real: F64In, window: int, out: F64Out, work: F64Out) -> bool:
    """``numpy.mean`` of each window of 1 to ``len(real)`` values; NaN before the first."""
    fill_head(out, window - 1)
    for first in range(0, len(real) - window + 1, CHUNK):
        count = min(CHUNK, len(real) - window + 1 - first)
        sums_of_windows(real, first, window, count, False, work)
        at = first + window - 1
        for i in range(count):
            out[at + i] = (0.0 + work[SUMS + i]) / window
    return is_large(real)


@kernel(work=lambda length, window: WINDOW_WORK)
def qtpylib_window_std(real: F64In, window: int, out: F64Out, work: F64Out) -> bool:
    """``numpy.std`` with ddof 1 of each window of 2 to ``len(real)`` values; NaN before."""
    fill_head(out, window - 1)
    for first in range(0, len(real) - window + 1, CHUNK):
        count = min(CHUNK, len(real) - window + 1 - first)
        sums_of_windows(real, first, window, count, False, work)
        for i in range(count):
            work[MEANS + i] = (0.0 + work[SUMS + i]) / window
        sums_of_windows(real, first, window, count, True, work)
        at = first + window - 1
        for i in range(count):
            out[at + i] = sqrt((0.0 + work[SUMS + i]) / (window - 1))
    return is_large(real)


@kernel()
def qtpylib_typical(high: F64In, low: F64In, close: F64In, out: F64Out) -> None:
    """A third of high + low + close, added in this order."""
    for i in range(len(out)):
        out[i] = (high[i] + low[i] + close[i]) / 3.0


@kernel()
def qtpylib_mid(high: F64In, low: F64In, out: F64Out) -> None:
    """Half of high + low."""
    for i in range(len(out)):
        out[i] = (high[i] + low[i]) / 2.0


@kernel()
def qtpylib_ibs(high: F64In, low: F64In, close: F64In, out: F64Out) -> bool:
    """Where in its range a candle closes, not yet rounded; whether rounding might overflow."""
    large = False
    for i in range(len(out)):
        part = div(close[i] - low[i], high[i] - low[i])
        out[i] = part
        large = large or (part > LARGE and part < INF) or (part < -LARGE and part > -INF)
    return large


@kernel()
def qtpylib_true_range(high: F64In, low: F64In, close: F64In, out: F64Out) -> bool:
    """The greatest of a candle's range and its distances from the last close, NaN left out.

    Whether one is infinite, or high and low are both 0: then the sign of the greatest is open.
    """
    odd = False
    before = NAN
    for i in range(len(out)):
        greatest = high[i] - low[i]
        up = abs(high[i] - before)
        if up > greatest or greatest != greatest:
            greatest = up
        down = abs(low[i] - before)
        if down > greatest or greatest != greatest:
            greatest = down
        out[i] = greatest
        odd = odd or greatest == INF or greatest == -INF or (high[i] == 0.0 and low[i] == 0.0)
        before = close[i]
    return odd or is_large(high) or is_large(low) or is_large(close)


@kernel()
def qtpylib_returns(real: F64In, out: F64Out) -> None:
    """By which part of the last value each is more; NaN instead of infinities."""
    fill_head(out, 1)
    for i in range(1, len(real)):
        part = div(real[i], real[i - 1]) - 1.0
        out[i] = part if part != INF and part != -INF else NAN


@kernel()
def qtpylib_ratio(real: F64In, out: F64Out) -> None:
    """Each value by the last."""
    fill_head(out, 1)
    for i in range(1, len(real)):
        out[i] = div(real[i], real[i - 1])


@kernel()
def qtpylib_roc(real: F64In, window: int, out: F64Out) -> None:
    """By which part of the value ``window`` rows before each is more."""
    fill_head(out, window)
    for i in range(window, len(real)):
        out[i] = div(real[i] - real[i - window], real[i - window])


@kernel()
def qtpylib_pvt(close: F64In, volume: F64In, out: F64Out) -> bool:
    """Running total of returns by volume, NaN left out; whether it is infinite somewhere."""
    fill_head(out, 1)
    odd = False
    total = 0.0
    for i in range(1, len(close)):
        step = div(close[i] - close[i - 1], close[i - 1]) * volume[i]
        out[i] = NAN
        if step == step:
            total += step
            out[i] = total
        odd = odd or step == INF or step == -INF or total == INF or total == -INF
    return odd


@kernel()
def qtpylib_volume_price(high: F64In, low: F64In, close: F64In, volume: F64In, out: F64Out) -> None:
    """Volume times the typical price."""
    for i in range(len(out)):
        out[i] = volume[i] * ((high[i] + low[i] + close[i]) / 3.0)


@kernel()
def qtpylib_filled_ratio(left: F64In, right: F64In, out: F64Out) -> None:
    """``left`` by ``right``; where that is no finite number, the last that is."""
    last = NAN
    for i in range(len(out)):
        part = div(left[i], right[i])
        if part == part and part != INF and part != -INF:
            last = part
        out[i] = last


@kernel()
def qtpylib_bands(
    middle: F64In, width: F64In, times: float, upper: F64Out, mid: F64Out, lower: F64Out
) -> None:
    """``middle``, and ``times`` the width above and below it."""
    for i in range(len(middle)):
        distance = width[i] * times
        upper[i] = middle[i] + distance
        mid[i] = middle[i]
        lower[i] = middle[i] - distance


@kernel()
def qtpylib_fast_k(close: F64In, lowest: F64In, highest: F64In, out: F64Out) -> None:
    """Where between the lowest and the highest a candle closes, in percent."""
    for i in range(len(out)):
        out[i] = div(100.0 * (close[i] - lowest[i]), highest[i] - lowest[i])


@kernel()
def qtpylib_lagged(real: F64In, lag: int, out: F64Out) -> None:
    """Twice each value, less the one ``lag`` rows before."""
    fill_head(out, lag)
    for i in range(lag, len(real)):
        out[i] = 2.0 * real[i] - real[i - lag]


@kernel(work=lambda length, window: length + PAIRWISE_WORK)
def qtpylib_rsi(real: F64In, window: int, out: F64Out, work: F64Out) -> bool:
    """Relative strength of 2 values or more; whether there is a moment without any loss.

    The mean gain and loss of the first ``window + 1`` changes, summed as numpy does; then each
    change, from the ``window``-th on, is averaged in.
    """
    n = len(real)
    changes = min(window + 1, n - 1)
    count = 0
    for i in range(changes):
        change = real[i + 1] - real[i]
        if change > 0.0:
            work[count] = change
            count += 1
    ups = pairwise(work, count, work, n) / window
    count = 0
    for i in range(changes):
        change = real[i + 1] - real[i]
        if change < 0.0:
            work[count] = change
            count += 1
    downs = -pairwise(work, count, work, n) / window
    if downs == 0.0 or is_large(real):
        return True
    strength = ups / downs
    odd = strength == INF
    value = 100.0 - 100.0 / (1.0 + strength)
    for i in range(min(window, n)):
        out[i] = value
    for i in range(window, n):
        change = real[i] - real[i - 1]
        gain = 0.0
        loss = 0.0
        if change > 0.0:
            gain = change
        else:
            loss = -change
        ups = (ups * (window - 1) + gain) / window
        downs = (downs * (window - 1.0) + loss) / window
        if downs == 0.0:
            return True
        strength = ups / downs
        odd = odd or strength == INF
        out[i] = 100.0 - 100.0 / (1.0 + strength)
    return odd
