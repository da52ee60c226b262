"""What an open trade does between two visits: nothing but follow the price.

A ``Watch`` names the next candle at which freqtrade has to look at its trade, and applies to the
trade what the candles before it would have done: its highest and lowest rate, its trailing stop,
its funding fees. Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from ccxt import DECIMAL_PLACES, SIGNIFICANT_DIGITS, TICK_SIZE
from freqtrade.enums import TradingMode

from .._backend import call
from .funding import fees_until, is_freqtrades
from .pair_candles import PairCandles, Side, UnpredictableError
from .reasons import note
from .rules import Rules

PART = "events"

next_exit = call("next_exit")

# As many funding fees at first as most trades pay, and as many at once as is fast.
FEW_FEES, MOST_FEES = 16, 4096
# The dates that have nanoseconds since 1970.
LAST_MICROSECOND = 2**63 // 1000 - 1

# Above the rounding of a price itself and of round(price, 14).
PRICE_ERROR = 1e-12


class Line(NamedTuple):
    """The profit ratio of a trade at a rate: ``slope * rate + offset``."""

    slope: float
    offset: float


def state(trade: Any) -> tuple[Any, ...]:
    """What of a trade a prediction depends on, to be compared with later."""
    return (
        trade.stop_loss,
        trade.stop_loss_pct,
        trade.liquidation_price,
        trade.open_rate,
        trade.open_trade_value,
        trade.amount,
        trade.leverage,
        trade.fee_close,
        trade.is_short,
        trade.is_open,
        trade.open_date,
        trade.funding_fees,
        trade.initial_stop_loss_pct,
        len(trade.orders),
    )


class Watch:
    """One open trade of a pair, of which the rows before ``done`` have been applied.

    ``event`` is the row at which to look next: ``done`` itself where the trade can't be
    predicted, the number of rows where nothing more happens to it.
    """

    __slots__ = (
        "_offsets",
        "_slope",
        "_starts",
        "done",
        "event",
        "pair",
        "rules",
        "run",
        "state",
        "trade",
    )

    def __init__(self, run: Any, trade: Any, pair: PairCandles, done: int) -> None:
        self.run = run
        self.trade = trade
        self.pair = pair
        self.done = done
        self.event = done
        self.rules: Rules | None = None
        self.state: tuple[Any, ...] = ()
        # The profit at a rate is in lines of one slope, each from its first row on.
        self._slope = 0.0
        self._starts: list[int] = []
        self._offsets: list[float] = []

    @property
    def moment(self) -> int:
        """The moment of ``event``."""
        moments = self.pair.moments
        return int(moments[self.event]) if self.event < len(moments) else self.run.clock.end

    def predict(self, rules: Rules | None) -> None:
        """Find ``event`` from the trade as it stands."""
        try:
            self._predict(rules)
        except Exception as error:
            note(PART, f"the next candle of a trade is visited: {error!r}")
            self.event = self.done

    def _predict(self, rules: Rules | None) -> None:
        self.event = self.done
        self.rules = rules
        self._starts, self._offsets = [], []
        if rules is None:
            return
        if self.run.shared:
            self.state = state(self.trade)
        if not self.pair.certified:
            return
        trade = self.trade
        if not _plain(trade) or any(order.ft_is_open for order in trade.orders):
            return
        stop = trade.stop_loss
        if liquidation := trade.liquidation_price:
            stop = (min if trade.is_short else max)(stop, liquidation)
        reached = np.array([stop], np.float64)
        step, relative_step = 0.0, 0.0
        if rules.trailing:
            steps = _rounding(trade)
            if steps is None:
                return
            step, relative_step = steps
        pair = self.pair
        opened = int(trade.open_date_utc.timestamp())
        distance = abs(rules.stoploss / trade.leverage)
        positive_distance = abs((rules.positive or 0.0) / trade.leverage)
        best, worst, side, signals = self._sides()
        start = self.done
        for end, funding in self._segments():
            self._slope, offset = _profit_line(trade, funding)
            self._starts.append(start)
            self._offsets.append(offset)
            self.event = next_exit(
                best,
                worst,
                pair.open,
                pair.seconds,
                pair.odd,
                signals.exits,
                signals.enters,
                rules.roi_minutes,
                rules.roi_values,
                start,
                end,
                opened,
                side,
                self._slope,
                offset,
                rules.use_exit_signal,
                rules.exit_above,
                rules.ignore_roi,
                rules.trailing,
                distance,
                rules.needs_profit,
                rules.positive is not None,
                rules.positive_above,
                positive_distance,
                step,
                relative_step,
                reached,
            )
            if self.event < end:
                return
            start = end

    def _sides(self) -> tuple[Any, Any, float, Side]:
        pair = self.pair
        if self.trade.is_short:
            return pair.low, pair.high, -1.0, pair.short
        return pair.high, pair.low, 1.0, pair.long

    def _segments(self) -> Iterator[tuple[int, float | None]]:
        """Where the trade's funding fees change: the row before which each value holds."""
        yield len(self.pair.moments), self.trade.funding_fees

    def advance(self, row: int) -> None:
        """Apply the rows before ``row``, none of which is an event."""
        first, self.done = self.done, max(row, self.done)
        if first >= row:
            return
        try:
            self._apply(first, row)
        except Exception as error:
            note(PART, f"the candles that a trade had skipped are visited: {error!r}")
            self._replay(first, row)

    def _replay(self, first: int, row: int) -> None:
        """Apply rows as freqtrade does; applying one twice changes nothing."""
        run, trade = self.run, self.trade
        for at in range(first, row):
            date, opened, high, low = self.pair.rows[at][:4]
            run.backtesting._run_funding_fees(trade, run.clock.time(int(self.pair.moments[at])))
            run.strategy.should_exit(
                trade, opened, date.to_pydatetime(), enter=False, exit_=False, low=low, high=high
            )

    def _apply(self, first: int, row: int) -> None:
        trade, pair = self.trade, self.pair
        high = float(pair.high[first:row].max())
        low = float(pair.low[first:row].min())
        trade.max_rate = max(high, trade.max_rate or trade.open_rate)
        trade.min_rate = min(low, trade.min_rate or trade.open_rate)
        if self.rules is not None and self.rules.trailing:
            self._trail(first, row)

    def _trail(self, first: int, row: int) -> None:
        """Move the stop as the best rates of the rows from ``first`` to ``row`` do."""
        trade, rules = self.trade, self.rules
        assert rules is not None
        best = self._sides()[0][first:row]
        above = self._profit_above_offset(best, first)
        moves = above if rules.needs_profit else np.ones(len(best), np.bool_)
        positive = above if rules.positive is not None else np.zeros(len(best), np.bool_)
        rows = np.flatnonzero(moves)
        if not len(rows):
            return
        if trade.stop_loss and positive[rows].min() == positive[rows].max():
            # At one distance a strictly better rate is what moves a stop: the best one decides.
            at = best[rows].argmin() if trade.is_short else best[rows].argmax()
            rows = rows[at : at + 1]
        else:
            rows = rows[self._may_move(best[rows], positive[rows])]
        for at in rows.tolist():
            ratio = rules.positive if positive[at] else rules.stoploss
            trade.adjust_stop_loss(float(best[at]), ratio)

    def _may_move(
        self, best: npt.NDArray[np.float64], positive: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.bool_]:
        """Which rates may lead to a better stop than all before them, rounding included."""
        trade, rules = self.trade, self.rules
        rounding = _rounding(trade)
        assert rules is not None
        assert rounding is not None
        step, relative_step = rounding
        side = -1.0 if trade.is_short else 1.0
        ratio = np.where(positive, abs(rules.positive or 0.0), abs(rules.stoploss))
        stops = side * best * (1.0 - side * ratio / trade.leverage)
        reached = np.maximum.accumulate(np.concatenate([[side * trade.stop_loss], stops[:-1]]))
        may_move: npt.NDArray[np.bool_] = stops + step + np.abs(stops) * relative_step >= reached
        return may_move

    def _profit_above_offset(
        self, best: npt.NDArray[np.float64], first: int
    ) -> npt.NDArray[np.bool_]:
        assert self.rules is not None
        if not self._starts:
            raise ValueError("nothing was predicted")
        above: npt.NDArray[np.bool_]
        if len(self._starts) == 1:
            above = self._slope * best + self._offsets[0] > self.rules.positive_above
            return above
        # Rows before the first one's don't occur, those after the last one's are of the last line.
        ends = [*(max(start, first) for start in self._starts[1:]), first + len(best)]
        counts = [end - start for start, end in zip([first, *ends], ends, strict=False)]
        offsets = np.repeat(self._offsets, counts)
        above = self._slope * best + offsets > self.rules.positive_above
        return above


class FundingTimes(NamedTuple):
    """The rows of a pair at whose moment funding fees are calculated, and when these are.

    ``nanoseconds`` are since 1970.
    """

    rows: list[int]
    nanoseconds: npt.NDArray[np.int64]


class FundedWatch(Watch):
    """A ``Watch`` of a futures trade, which pays or gets funding fees at fixed times."""

    __slots__ = ()

    def _times(self) -> FundingTimes:
        run, pair = self.run, self.pair
        times: FundingTimes | None = run.funding_times.get(pair.name)
        if times is None:
            microseconds = run.clock.microseconds(pair.moments)
            if len(microseconds) and microseconds[-1] > LAST_MICROSECOND:
                raise UnpredictableError("a candle too late for nanoseconds")
            interval = run.backtesting.funding_fee_timeframe_secs * 1_000_000
            rows = np.flatnonzero(microseconds % interval == 0)
            times = FundingTimes(rows.tolist(), microseconds[rows] * 1000)
            run.funding_times[pair.name] = times
        return times

    def _segments(self) -> Iterator[tuple[int, float | None]]:
        trade = self.trade
        funding = trade.funding_fees
        prior = sum([order.funding_fee for order in trade.orders if order.funding_fee])
        rows = self._times().rows
        at, count = bisect_left(rows, self.done), FEW_FEES
        while at < len(rows):
            following = rows[at : at + count]
            for row, fee in zip(following, self._fees(at, at + count), strict=True):
                yield row, funding
                if fee is not None:
                    funding = prior + fee
            at, count = at + count, min(2 * count, MOST_FEES)
        yield len(self.pair.moments), funding

    def _fees(self, first: int, last: int) -> Iterable[float | None]:
        """The funding fees since the last fill, at some of the times that they are calculated."""
        trade, backtesting, times = self.trade, self.run.backtesting, self._times()
        frame = backtesting.futures_data[trade.pair]
        opened = trade.date_last_filled_utc
        calculate = backtesting.exchange.calculate_funding_fees
        if is_freqtrades(calculate):
            ends = times.nanoseconds[first:last]
            fees = fees_until(frame, trade.amount, trade.is_short, opened, ends)
            if fees is not None:
                found: list[float] = fees.tolist()
                return found
        return (
            calculate(
                frame,
                amount=trade.amount,
                is_short=trade.is_short,
                open_date=opened,
                close_date=self._time(row),
            )
            for row in times.rows[first:last]
        )

    def _time(self, row: int) -> Any:
        return self.run.clock.time(int(self.pair.moments[row]))

    def _apply(self, first: int, row: int) -> None:
        """The same, and the funding fees of the last of their times."""
        super()._apply(first, row)
        rows = self._times().rows
        last = bisect_left(rows, row) - 1
        if last >= 0 and rows[last] >= first:
            self.run.backtesting._run_funding_fees(self.trade, self._time(rows[last]))


def _plain(trade: Any) -> bool:
    """Whether the numbers of a trade are the floats that the predictions reckon with."""
    numbers = (trade.amount, trade.open_trade_value, trade.fee_close, trade.leverage)
    return (
        trade.is_open
        and trade.trading_mode in (TradingMode.SPOT, TradingMode.FUTURES)
        and all(type(n) in (float, np.float64) and 0.0 <= n < math.inf for n in numbers)
        and trade.amount > 0.0
        and trade.open_trade_value > 0.0
        and trade.leverage > 0.0
        and type(trade.stop_loss) in (float, np.float64)
        and 0.0 <= trade.stop_loss < math.inf
    )


def _profit_line(trade: Any, funding: float | None) -> Line:
    """The profit ratio as ``LocalTrade.calc_profit_ratio`` calculates it, before rounding."""
    value, leverage = float(trade.open_trade_value), float(trade.leverage)
    fees = (funding or 0.0) if trade.trading_mode == TradingMode.FUTURES else 0.0
    if trade.is_short:
        return Line(
            -trade.amount * (1.0 + trade.fee_close) / value * leverage,
            (1.0 + fees / value) * leverage,
        )
    return Line(
        trade.amount * (1.0 - trade.fee_close) / value * leverage, (fees / value - 1.0) * leverage
    )


def _rounding(trade: Any) -> tuple[float, float] | None:
    """How far rounding moves a stop at most: absolutely, and relative to the stop."""
    precision, mode = trade.price_precision, trade.precision_mode_price
    if precision is None or mode is None:
        return 0.0, PRICE_ERROR
    if type(precision) not in (int, float, np.float64) or not 0.0 <= precision < math.inf:
        return None
    if mode == TICK_SIZE and precision > 0:
        return float(precision) + 1e-13, PRICE_ERROR
    if mode == DECIMAL_PLACES and precision < 300:
        return 10.0 ** -round(precision), PRICE_ERROR
    if mode == SIGNIFICANT_DIGITS and precision > 0:
        return 0.0, 10.0 ** (1 - round(precision)) + PRICE_ERROR
    return None
