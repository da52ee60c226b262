"""What an open trade does between two visits: nothing but follow the price.

A ``Watch`` names the next candle at which freqtrade has to look at its trade, and applies to the
trade what the candles before it would have done: its highest and lowest rate, its trailing stop,
its funding fees. Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from ccxt import DECIMAL_PLACES, SIGNIFICANT_DIGITS, TICK_SIZE
from freqtrade.enums import TradingMode

from .._backend import call
from .pair_candles import PairCandles, Side
from .reasons import note
from .rules import Rules

PART = "events"

next_exit = call("next_exit")

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

    __slots__ = ("_lines", "done", "event", "pair", "rules", "run", "state", "trade")

    def __init__(self, run: Any, trade: Any, pair: PairCandles, done: int) -> None:
        self.run = run
        self.trade = trade
        self.pair = pair
        self.done = done
        self.event = done
        self.rules: Rules | None = None
        self.state: tuple[Any, ...] = ()
        self._lines: list[tuple[int, Line]] = []

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
        self._lines = []
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
        leverage = trade.leverage
        best, worst, side, signals = self._sides()
        start = self.done
        for end, funding in self._segments():
            line = _profit_line(trade, funding)
            self._lines.append((start, line))
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
                int(trade.open_date_utc.timestamp()),
                side,
                line.slope,
                line.offset,
                rules.use_exit_signal,
                rules.exit_above,
                rules.ignore_roi,
                rules.trailing,
                abs(rules.stoploss / leverage),
                rules.needs_profit,
                rules.positive is not None,
                rules.positive_above,
                abs((rules.positive or 0.0) / leverage),
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

    def _segments(self) -> Any:
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
        profit = np.empty(len(best))
        for start, line in self._lines:
            profit[max(start - first, 0) :] = (
                line.slope * best[max(start - first, 0) :] + line.offset
            )
        return profit > self.rules.positive_above


class FundedWatch(Watch):
    """A ``Watch`` of a futures trade, which pays or gets funding fees at fixed times."""

    __slots__ = ()

    def _boundaries(self, first: int, end: int) -> npt.NDArray[np.int64]:
        """The rows from ``first`` to ``end`` at whose moment funding fees are calculated."""
        times = self.run.clock.microseconds(self.pair.moments[first:end])
        interval = self.run.backtesting.funding_fee_timeframe_secs * 1_000_000
        return first + np.flatnonzero(times % interval == 0)

    def _segments(self) -> Any:
        trade, backtesting = self.trade, self.run.backtesting
        funding = trade.funding_fees
        prior = sum([order.funding_fee for order in trade.orders if order.funding_fee])
        opened = trade.date_last_filled_utc
        frame = backtesting.futures_data[trade.pair]
        end = len(self.pair.moments)
        for row in self._boundaries(self.done, end).tolist():
            yield row, funding
            fee = backtesting.exchange.calculate_funding_fees(
                frame,
                amount=trade.amount,
                is_short=trade.is_short,
                open_date=opened,
                close_date=self._time(row),
            )
            if fee is not None:
                funding = prior + fee
        yield end, funding

    def _time(self, row: int) -> Any:
        return self.run.clock.time(int(self.pair.moments[row]))

    def _apply(self, first: int, row: int) -> None:
        """The same, and the funding fees of the last of their times."""
        super()._apply(first, row)
        boundaries = self._boundaries(first, row)
        if len(boundaries):
            self.run.backtesting._run_funding_fees(self.trade, self._time(int(boundaries[-1])))


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
