"""Indicators of {{ cookiecutter.strategy }}: loops, which pandas and TA-Lib don't have.

They run as Python. Compiled they are some hundred times faster, with the same results:

    ft-numba-aot build user_data/strategies/{{ cookiecutter.kernels }}.py
"""

from ft_numba_aot.aot import F64In, F64Out, I64Out, div, helper, kernel


@helper
def typical(high: float, low: float, close: float) -> float:
    return (high + low + close) / 3.0


@kernel
def volume_weighted(
    high: F64In, low: F64In, close: F64In, volume: F64In, timeperiod: int = 20, *, out: F64Out
) -> None:
    """The typical price of the last ``timeperiod`` candles, weighted by their volume.

    NaN for the first ``timeperiod - 1`` candles, and where there was no volume.
    """
    if timeperiod < 1:
        raise ValueError("timeperiod must be at least 1")
    for i in range(timeperiod - 1, len(close)):
        traded = 0.0
        amount = 0.0
        for j in range(i - timeperiod + 1, i + 1):
            traded += typical(high[j], low[j], close[j]) * volume[j]
            amount += volume[j]
        out[i] = div(traded, amount)  # like /, but NaN instead of ZeroDivisionError


@kernel
def trailing_line(
    close: F64In, distance: float = 0.03, *, line: F64Out, direction: I64Out
) -> None:
    """A line that follows the price at a ratio of ``distance``, and changes sides when crossed.

    ``direction`` is 1 while the line is below the price, and -1 while it is above.
    """
    side = 1
    for i in range(len(close)):
        below = close[i] * (1.0 - distance)
        above = close[i] * (1.0 + distance)
        if i == 0:
            line[i] = below
        elif side == 1:
            line[i] = max(line[i - 1], below)
            if close[i] < line[i]:
                side = -1
                line[i] = above
        else:
            line[i] = min(line[i - 1], above)
            if close[i] > line[i]:
                side = 1
                line[i] = below
        direction[i] = side
