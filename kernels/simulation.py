"""Trades of one pair by freqtrade's candle rules: what its backtest does without callbacks.

The rules are written once, and made into a kernel with decimal arithmetic that says where it is
uncertain, and (by the thin layer) into plain Python with exact arithmetic for those trades.
"""

from __future__ import annotations

from collections.abc import Callable

from ._decimal import repr_tail, round_to_8
from ._grid import DOWN, NEAREST, on_grid, stop_on_grid, truncated_quotient
from ._numeric import INF
from ._spec import BoolIn, F64In, F64Out, I64In, I64Out, helper, kernel
from .pnl import trade_value

# What a call returns: all candles are done, there is no room for another trade, or the next trade
# needs exact arithmetic.
DONE, FULL, UNCERTAIN = 0, 1, 2

EXIT_SIGNAL, STOP_LOSS, ROI, TRAILING_STOP_LOSS, FORCE_EXIT = 1, 2, 3, 4, 5

# ``rows`` and ``numbers`` have these columns, each as long as the room for trades.
ROW_COLUMNS = (
    "opened",
    "closed",
    "exit_reason",
    "reason_row",
    "order_reason",
    "order_row",
    "is_short",
)
NUMBER_COLUMNS = (
    "amount",
    "entry_rate",
    "open_rate",
    "close_rate",
    "stake_amount",
    "profit_abs",
    "profit_ratio",
    "initial_stop_loss",
    "stop_loss",
    "stop_loss_ratio",
    "min_rate",
    "max_rate",
    "rounded_amount",
)

# freqtrade keeps 5 % in reserve above an exchange's smallest amount.
AMOUNT_RESERVE = 1.05
NOT_A_TIME = -(2**63)  # numpy's NaT

# Within which a profit that was calculated plainly may be off, and a price.
PROFIT_MARGIN = 1e-8
PRICE_MARGIN = 1e-12


@helper
def rate_of_profit(profit: float, side: float, open_value: float, exit_value: float) -> float:
    """``side`` times a price at which a trade doesn't yet have the profit, but nearly.

    ``exit_value`` is what the trade is worth at a price of 1.
    """
    margin = PROFIT_MARGIN * (1.0 + abs(profit))
    rate = side * (1.0 + side * (profit - margin)) * open_value / exit_value
    return rate - abs(rate) * PRICE_MARGIN


@helper
def rate_of_stop(stop: float, side: float, distance: float) -> float:
    """``side`` times a price at which a stop at a distance from it is nearly at ``stop``."""
    share = 1.0 - side * distance
    if share <= 0.0:
        return INF
    rate = side * stop / share
    return rate - abs(rate) * PRICE_MARGIN


@helper
def trail_from(
    stop: float,
    side: float,
    distance: float,
    has_positive: bool,
    positive_distance: float,
    offset_rate: float,
    only_offset: bool,
) -> float:
    """``side`` times the least price that may move a trailing stop."""
    plain = rate_of_stop(stop, side, distance)
    beyond = rate_of_stop(stop, side, positive_distance) if has_positive else plain
    if beyond < offset_rate:
        beyond = offset_rate
    return beyond if only_offset or beyond < plain else plain


@helper
def direction(
    enter_long: bool, exit_long: bool, enter_short: bool, exit_short: bool, can_short: bool
) -> int:
    """``Backtesting.check_for_trade_entry``: 1, -1, or 0 for no entry."""
    enter_short = can_short and enter_short
    exit_short = can_short and exit_short
    if enter_long and not exit_long and not enter_short:
        return 1
    if enter_short and not exit_short and not enter_long:
        return -1
    return 0


@helper
def stake_within_limits(stake: float, available: float, least: float, most: float) -> float:
    """``Wallets.get_trade_stake_amount`` and ``validate_stake_amount``; 0 for no trade."""
    if available < stake:
        return 0.0
    allowed = available if available < most else most
    if least > allowed:
        return 0.0
    if stake < least:
        if stake * 1.3 < least:
            return 0.0
        stake = least
    return allowed if stake > allowed else stake


@helper
def stop_exit_rate(
    stop: float,
    ratio: float,
    trailed_at_once: bool,
    side: int,
    opened: float,
    high: float,
    low: float,
    from_offset: bool,
    offset: float,
    positive: float,
) -> float:
    """``Backtesting._get_close_rate_for_stoploss``.

    ``trailed_at_once``: a trailing stop, in the candle in which the trade opened.
    """
    if side < 0:
        if stop < low:
            return opened
    elif stop > high:
        return opened
    if not trailed_at_once:
        return stop
    if from_offset:
        rate = opened * (1 + side * abs(offset) - side * abs(positive))
    else:
        rate = opened * (1 - side * abs(ratio))
    if side < 0:
        return rate if rate < high else high
    return rate if rate > low else low


def make_simulation(
    tail: Callable[[float, int], tuple[float, int, bool]],
    value: Callable[[float, float, float, float, float, float], tuple[float, bool]],
    quotient: Callable[[float], tuple[float, bool]],
    grid_rate: Callable[[float, float, int, int, int], tuple[float, bool]],
    grid_stop: Callable[[float, float, int, int, bool, bool], tuple[float, bool]],
) -> Callable[..., int]:
    """The rules on a decimal arithmetic, with the functions of ``_decimal`` and ``_grid``."""

    def simulate_trades(
        date: I64In,
        opens: F64In,
        highs: F64In,
        lows: F64In,
        closes: F64In,
        enter_long: BoolIn,
        exit_long: BoolIn,
        enter_short: BoolIn,
        exit_short: BoolIn,
        grid: I64In,
        grid_step: F64In,
        grid_digits: I64In,
        grid_places: I64In,
        roi_minutes: I64In,
        roi_values: F64In,
        minute: int,
        timeframe: int,
        exit_timeout: int,
        decimal_places: bool,
        amount_step: float,
        amount_digits: int,
        amount_places: int,
        least_cost: float,
        most_cost: float,
        least_amount: float,
        most_amount: float,
        stake: float,
        balance: float,
        balance_ratio: float,
        fee: float,
        can_short: bool,
        stoploss: float,
        trailing: bool,
        has_positive: bool,
        positive: float,
        offset: float,
        only_offset: bool,
        use_exit_signal: bool,
        profit_only: bool,
        profit_offset: float,
        ignore_roi: bool,
        capacity: int,
        state: I64Out,
        wealth: F64Out,
        rows: I64Out,
        numbers: F64Out,
    ) -> int:
        """Trades of one pair, from the row ``state[0]`` on, by freqtrade's rules.

        Dates are integers, of which ``minute`` make one, and ``exit_timeout``, or -1; ``timeframe``
        is in minutes.
        A signal takes effect at the next row's open. ``grid`` is empty, or has for each row the
        index of its price grid. ``state`` is the row to begin with, whether a trade has just closed
        there to be followed by one of the other side, and (out) the number of trades. ``wealth``
        is the profit so far. Returns DONE, FULL or UNCERTAIN.
        """
        length = len(date)
        last = length - 1
        row = state[0]
        reversing = state[1]
        profit_so_far = wealth[0]
        count = 0
        status = DONE
        amount_hint = fee_hint = rate_hint = best_hint = 16
        fee_tail, fee_hint, fee_certain = tail(fee, fee_hint)
        entries = len(roi_minutes)
        distance = abs(stoploss)
        positive_distance = abs(positive)
        from_offset = trailing and only_offset and has_positive
        needs_profit = trailing and (only_offset or has_positive)
        while row < last:
            if reversing == 0:
                while row < last and not (
                    enter_long[row - 1] or (can_short and enter_short[row - 1])
                ):
                    row += 1
                if row >= last:
                    break
            side = direction(
                enter_long[row - 1],
                exit_long[row - 1],
                enter_short[row - 1],
                exit_short[row - 1],
                can_short,
            )
            if side == 0:
                row += 1
                continue
            rate = opens[row]
            free = balance + profit_so_far
            available = free * balance_ratio
            if free < available:
                available = free
            least = least_amount * rate * AMOUNT_RESERVE
            if least < least_cost:
                least = least_cost
            most = most_amount * rate
            if most > most_cost:
                most = most_cost
            spent = stake_within_limits(stake, available, least, most)
            if spent <= 0.0:
                row += 1
                reversing = 0
                continue
            amount, certain = grid_rate(
                spent / rate, amount_step, amount_digits, amount_places, DOWN
            )
            if certain and amount == 0.0:
                row += 1
                reversing = 0
                continue
            if count == capacity:
                status = FULL
                break
            # The entry, filled at once: its price is the candle's open.
            certain = certain and fee_certain
            amount_tail, amount_hint, known = tail(amount, amount_hint)
            certain = certain and known
            rate_tail, rate_hint, known = tail(rate, rate_hint)
            certain = certain and known
            average, known = quotient(rate)
            certain = certain and known
            g = grid[row] if len(grid) > 0 else 0
            step = grid_step[g]
            digits = grid_digits[g]
            places = grid_places[g]
            open_rate, known = grid_rate(average, step, digits, places, NEAREST)
            certain = certain and known
            if open_rate == rate:
                open_tail = rate_tail
            else:
                open_tail, rate_hint, known = tail(open_rate, rate_hint)
                certain = certain and known
            entry_fee = side * fee
            entry_tail = side * fee_tail
            open_value, known = value(
                amount, amount_tail, open_rate, open_tail, entry_fee, entry_tail
            )
            certain = certain and known
            exit_value, known = value(amount, amount_tail, 1.0, 0.0, -entry_fee, -entry_tail)
            certain = certain and known
            stop, known = grid_stop(
                open_rate * (1 - side * distance), step, digits, places, decimal_places, side > 0
            )
            certain = certain and known
            initial_stop, known = grid_stop(stop, step, digits, places, decimal_places, side > 0)
            certain = certain and known
            if not certain or open_value <= 0.0 or exit_value <= 0.0:
                status = UNCERTAIN
                break
            stop_ratio = -distance
            trailed = False
            highest = lowest = open_rate
            opened = row
            opened_at = date[row]
            entry = -1
            next_roi = opened_at + roi_minutes[0] * minute if entries > 0 else date[last] + 1
            roi_rate = INF
            offset_rate = (
                rate_of_profit(offset, side, open_value, exit_value) if needs_profit else -INF
            )
            trail_rate = INF
            if trailing:
                trail_rate = trail_from(
                    stop,
                    side,
                    distance,
                    has_positive,
                    positive_distance,
                    offset_rate,
                    only_offset,
                )
            # An exit order that isn't filled yet, if its price is above zero.
            pending = 0.0
            pending_row = row
            reason = order_reason = 0
            reason_row = row
            closed = False
            at = row
            while at < length:
                # Candles at which nothing happens.
                if at > opened and pending == 0.0:
                    event_rate = trail_rate if trail_rate < roi_rate else roi_rate
                    if side > 0:
                        while at < length:
                            high = highs[at]
                            low = lows[at]
                            if (
                                low <= stop
                                or high >= event_rate
                                or date[at] >= next_roi
                                or (
                                    exit_long[at - 1] and use_exit_signal and not enter_long[at - 1]
                                )
                            ):
                                break
                            if high > highest:
                                highest = high
                            if low < lowest:
                                lowest = low
                            at += 1
                    else:
                        while at < length:
                            high = highs[at]
                            low = lows[at]
                            if (
                                high >= stop
                                or -low >= event_rate
                                or date[at] >= next_roi
                                or (
                                    exit_short[at - 1]
                                    and use_exit_signal
                                    and not enter_short[at - 1]
                                )
                            ):
                                break
                            if high > highest:
                                highest = high
                            if low < lowest:
                                lowest = low
                            at += 1
                    if at >= length:
                        break
                high = highs[at]
                low = lows[at]
                best = high if side > 0 else low
                if pending > 0.0 and 0 <= exit_timeout <= date[at] - date[pending_row]:
                    pending = 0.0
                if high > highest:
                    highest = high
                if low < lowest:
                    lowest = low
                minutes = (date[at] - opened_at) // minute
                if date[at] >= next_roi:
                    while entry + 1 < entries and roi_minutes[entry + 1] <= minutes:
                        entry += 1
                    if entry + 1 < entries:
                        next_roi = opened_at + roi_minutes[entry + 1] * minute
                    else:
                        next_roi = date[last] + 1
                    if entry >= 0:
                        roi_rate = rate_of_profit(roi_values[entry], side, open_value, exit_value)
                profit = 0.0
                if needs_profit or entry >= 0:
                    best_tail, best_hint, certain = tail(best, best_hint)
                    best_value, known = value(
                        amount, amount_tail, best, best_tail, -entry_fee, -entry_tail
                    )
                    if not (certain and known):
                        status = UNCERTAIN
                        break
                    profit = round_to_8(side * (best_value / open_value - 1.0))
                # IStrategy.ft_stoploss_adjust.
                if (
                    trailing
                    and (stop < low if side > 0 else stop > high)
                    and not (only_offset and profit < offset)
                ):
                    gap = stoploss
                    if has_positive and profit > offset:
                        gap = positive
                    moved, certain = grid_stop(
                        best * (1 - side * abs(gap)),
                        step,
                        digits,
                        places,
                        decimal_places,
                        side > 0,
                    )
                    if not certain:
                        status = UNCERTAIN
                        break
                    if moved > stop if side > 0 else moved < stop:
                        if stop == 0.0:
                            initial_stop = moved
                        stop = moved
                        stop_ratio = -abs(gap)
                        trailed = True
                        trail_rate = trail_from(
                            stop,
                            side,
                            distance,
                            has_positive,
                            positive_distance,
                            offset_rate,
                            only_offset,
                        )
                stopped = stop >= low if side > 0 else stop <= high
                enters = enter_long[at - 1] if side > 0 else enter_short[at - 1]
                exits = exit_long[at - 1] if side > 0 else exit_short[at - 1]
                roi_reached = (
                    entry >= 0 and not (enters and ignore_roi) and profit > roi_values[entry]
                )
                signalled = use_exit_signal and exits and not enters
                if signalled and profit_only:
                    best_tail, best_hint, certain = tail(opens[at], best_hint)
                    best_value, known = value(
                        amount, amount_tail, opens[at], best_tail, -entry_fee, -entry_tail
                    )
                    if not (certain and known):
                        status = UNCERTAIN
                        break
                    signalled = round_to_8(side * (best_value / open_value - 1.0)) > profit_offset
                for kind in range(EXIT_SIGNAL, FORCE_EXIT):
                    exit_rate = opens[at]
                    if kind == EXIT_SIGNAL:
                        if not signalled:
                            continue
                    elif kind == ROI:
                        if not roi_reached:
                            continue
                        roi = roi_values[entry]
                        on_candle = roi_minutes[entry] % timeframe == 0
                        if not (roi == -1.0 and on_candle):
                            target = (1.0 + side * roi) * open_value / exit_value
                            beyond = exit_rate > target if side > 0 else exit_rate < target
                            new = minutes > 0 and minutes == roi_minutes[entry]
                            if not (new and on_candle and beyond):
                                if minutes == 0 and (
                                    exit_rate > closes[at]
                                    and open_rate < exit_rate
                                    and target > closes[at]
                                    if side > 0
                                    else exit_rate < closes[at]
                                    and open_rate > exit_rate
                                    and target < closes[at]
                                ):
                                    continue
                                exit_rate = low if low > target else target
                                if high < exit_rate:
                                    exit_rate = high
                    else:
                        if not stopped or trailed != (kind == TRAILING_STOP_LOSS):
                            continue
                        exit_rate = stop_exit_rate(
                            stop,
                            stop_ratio,
                            trailed and minutes == 0,
                            side,
                            exit_rate,
                            high,
                            low,
                            from_offset,
                            offset,
                            positive,
                        )
                    exit_rate, certain = grid_rate(exit_rate, step, digits, places, NEAREST)
                    if not certain or exit_rate <= 0.0:
                        status = UNCERTAIN
                        break
                    reason = kind
                    reason_row = at
                    if pending != exit_rate:
                        pending = exit_rate
                        pending_row = at
                        order_reason = kind
                        break
                if status == UNCERTAIN:
                    break
                if pending > 0.0 and low <= pending <= high:
                    closed = True
                    break
                at += 1
            if status == UNCERTAIN:
                break
            if not closed:
                # Backtesting.handle_left_open, whose order may stay unfilled, too.
                at = last
                reason = FORCE_EXIT
                reason_row = last
                exit_rate, certain = grid_rate(opens[last], step, digits, places, NEAREST)
                if not certain or exit_rate <= 0.0:
                    status = UNCERTAIN
                    break
                if pending != exit_rate:
                    pending = exit_rate
                    pending_row = last
                    order_reason = FORCE_EXIT
                if not lows[last] <= pending <= highs[last]:
                    row = length
                    break
            best_tail, best_hint, certain = tail(pending, best_hint)
            close_value, known = value(
                amount, amount_tail, pending, best_tail, -entry_fee, -entry_tail
            )
            certain = certain and known
            stake_value, known = value(amount, amount_tail, rate, rate_tail, 0.0, 0.0)
            certain = certain and known
            paid_value = open_value
            if rate != open_rate:
                paid_value, known = value(
                    amount, amount_tail, rate, rate_tail, entry_fee, entry_tail
                )
                certain = certain and known
            average_value = paid_value
            if average != rate:
                average_tail, rate_hint, known = tail(average, rate_hint)
                certain = certain and known
                average_value, known = value(
                    amount, amount_tail, average, average_tail, entry_fee, entry_tail
                )
                certain = certain and known
            if not certain:
                status = UNCERTAIN
                break
            profit_abs = 0.0 + round_to_8(side * (close_value - average_value))
            rows[count] = opened
            rows[capacity + count] = at
            rows[2 * capacity + count] = reason
            rows[3 * capacity + count] = reason_row
            rows[4 * capacity + count] = order_reason
            rows[5 * capacity + count] = pending_row
            rows[6 * capacity + count] = 1 if side < 0 else 0
            numbers[count] = amount
            numbers[capacity + count] = rate
            numbers[2 * capacity + count] = open_rate
            numbers[3 * capacity + count] = pending
            numbers[4 * capacity + count] = round_to_8(stake_value)
            numbers[5 * capacity + count] = profit_abs
            numbers[6 * capacity + count] = profit_abs / paid_value
            numbers[7 * capacity + count] = initial_stop
            numbers[8 * capacity + count] = stop
            numbers[9 * capacity + count] = stop_ratio
            numbers[10 * capacity + count] = lowest
            numbers[11 * capacity + count] = highest
            numbers[12 * capacity + count] = round_to_8(amount)
            count += 1
            profit_so_far += profit_abs
            row = at
            reversing = 0
            if can_short and at > opened:
                other = direction(
                    enter_long[at - 1],
                    exit_long[at - 1],
                    enter_short[at - 1],
                    exit_short[at - 1],
                    can_short,
                )
                if other == -side:
                    reversing = 1
            if reversing == 0:
                row += 1
        if status == DONE:
            row = length
        state[0] = row
        state[1] = reversing
        state[2] = count
        wealth[0] = profit_so_far
        return status

    return simulate_trades


simulate_trades = kernel()(
    make_simulation(repr_tail, trade_value, truncated_quotient, on_grid, stop_on_grid)
)


@kernel()
def odd_candle(
    date: I64In,
    opens: F64In,
    highs: F64In,
    lows: F64In,
    closes: F64In,
    interval: int,
    found: I64Out,
) -> int:
    """The first row that no simulation can use, or -1; ``found[0]`` says why.

    1 to 4: open, high, low or close isn't a positive finite number. 5: high is below low. 6: open
    lies outside of low to high. 7: a date is repeated, 8: it is before the one above, 9: it isn't
    on the grid of ``interval`` that begins with the first row, 10: it is NOT_A_TIME. ``interval``
    0 is the least step between two rows, which is ``found[1]`` then.
    """
    length = len(date)
    if interval == 0 and length > 1:
        interval = date[1] - date[0]
        for i in range(2, length):
            step = date[i] - date[i - 1]
            interval = step if step < interval else interval
    # No dates are so far apart, but from NOT_A_TIME.
    if not 0 <= interval < 2**62:
        interval = 0
    found[1] = interval
    # Without a branch, which is fast; what is odd is looked for only where something is.
    odd = 1 if interval <= 0 or (length > 0 and date[0] == NOT_A_TIME) else 0
    for i in range(length):
        good = (
            (lows[i] > 0.0)
            & (lows[i] <= opens[i])
            & (opens[i] <= highs[i])
            & (highs[i] < INF)
            & (closes[i] > 0.0)
            & (closes[i] < INF)
        )
        odd += 0 if good else 1
    for i in range(1, length):
        odd += 0 if date[i] - date[i - 1] == interval else 1
    if odd == 0:
        return -1
    for i in range(length):
        kind = 0
        if not 0.0 < opens[i] < INF:
            kind = 1
        elif not 0.0 < highs[i] < INF:
            kind = 2
        elif not 0.0 < lows[i] < INF:
            kind = 3
        elif not 0.0 < closes[i] < INF:
            kind = 4
        elif highs[i] < lows[i]:
            kind = 5
        elif not lows[i] <= opens[i] <= highs[i]:
            kind = 6
        elif date[i] == NOT_A_TIME:
            kind = 10
        elif i > 0 and date[i] <= date[i - 1]:
            kind = 7 if date[i] == date[i - 1] else 8
        elif i > 0 and interval > 0 and (date[i] - date[i - 1]) % interval != 0:
            kind = 9
        if kind != 0:
            found[0] = kind
            return i
    return -1
