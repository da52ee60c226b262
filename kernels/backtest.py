"""When something may happen in a backtest: the next candle that freqtrade has to look at.

A kernel here may name a candle too early, which costs a look, and never too late. Every test has
a margin for that: profits are linear in the price up to freqtrade's rounding to 8 decimals and
the float error of exact decimals, stops are rounded by at most one step of the price.
"""

from __future__ import annotations

from ._spec import BoolIn, F64In, F64Out, I64In, kernel

PROFIT_MARGIN = 1e-8


@kernel()
def next_exit(
    best: F64In,
    worst: F64In,
    open_rate: F64In,
    seconds: I64In,
    odd: BoolIn,
    exits: BoolIn,
    enters: BoolIn,
    roi_minutes: F64In,
    roi_values: F64In,
    start: int,
    end: int,
    opened: int,
    side: float,
    slope: float,
    offset: float,
    use_exits: bool,
    exit_above: float,
    ignore_roi: bool,
    trailing: bool,
    distance: float,
    needs_profit: bool,
    positive: bool,
    positive_above: float,
    positive_distance: float,
    step: float,
    relative_step: float,
    stop: F64Out,
) -> int:
    """The first row from ``start`` to ``end`` at which an open trade may change, else ``end``.

    ``best`` and ``worst`` are high and low for a long trade (``side`` 1), low and high for a
    short one (-1). The profit ratio at a rate is ``slope * rate + offset``. ``stop``, of one value,
    is the stop price, or the liquidation price where that comes first; it is left where trailing
    may have moved it by ``end``. Rows that are ``odd`` always count.

    An exit signal (``exits``, without ``enters``) counts above the profit ``exit_above``. The ROI
    table is ascending in minutes since ``opened``, in seconds. With ``trailing``, the stop follows
    ``best`` at ``distance`` (a ratio), at ``positive_distance`` from the profit ``positive_above``
    on if ``positive``, and not at all below it if ``needs_profit``; it is rounded away from the
    price's better side by at most ``step`` plus ``relative_step`` of itself.
    """
    entry = 0
    entries = len(roi_minutes)
    signed_stop = side * stop[0]
    for row in range(start, end):
        if odd[row]:
            return row
        rate = best[row]
        profit = slope * rate + offset
        margin = PROFIT_MARGIN * (1.0 + abs(profit))
        if trailing:
            above = profit - positive_above
            if (needs_profit or positive) and abs(above) <= margin:
                return row
            if above > 0.0 or not needs_profit:
                gap = positive_distance if positive and above > 0.0 else distance
                moved = rate * (1.0 - side * gap)
                moved = side * moved + step + abs(moved) * relative_step
                if moved > signed_stop:
                    signed_stop = moved
        if side * worst[row] <= signed_stop:
            return row
        if use_exits and exits[row] and not enters[row]:
            at_open = slope * open_rate[row] + offset
            if at_open + PROFIT_MARGIN * (1.0 + abs(at_open)) > exit_above:
                return row
        if entries > 0 and not (ignore_roi and enters[row]):
            minutes = float((seconds[row] - opened) // 60)
            while entry < entries and roi_minutes[entry] <= minutes:
                entry += 1
            if entry > 0 and profit + margin > roi_values[entry - 1]:
                return row
    stop[0] = side * signed_stop
    return end


@kernel()
def next_signal(candles: I64In, keys: I64In, blocked_until: I64In, start: int, end: int) -> int:
    """The first signal from ``start`` whose key isn't blocked at its candle, before candle ``end``.

    ``candles`` ascends; ``keys`` index ``blocked_until``. ``len(candles)`` if there is none.
    """
    for i in range(start, len(candles)):
        if candles[i] >= end:
            break
        if candles[i] >= blocked_until[keys[i]]:
            return i
    return len(candles)


@kernel()
def count_signals(candles: I64In, keys: I64In, blocked_until: I64In, start: int, end: int) -> int:
    """How many signals from index ``start`` to ``end`` aren't blocked at their candle."""
    count = 0
    for i in range(start, end):
        if candles[i] >= blocked_until[keys[i]]:
            count += 1
    return count
