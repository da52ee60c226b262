"""The event-driven backtest: freqtrade's own methods, called at the candles where they matter.

Stands in for ``Backtesting.time_pair_generator``, which visits every pair at every candle. What
the visits that are left out would have done is done in bulk: counters, wallet history, progress,
the highest and lowest rate of open trades, their trailing stops and funding fees.
Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from time import monotonic
from typing import Any

from freqtrade.enums import BacktestState, MarginMode, TradingMode
from freqtrade.exchange import Exchange
from freqtrade.optimize.backtesting import Backtesting
from freqtrade.persistence import LocalTrade
from freqtrade.strategy.strategy_wrapper import strategy_safe_wrapper

from . import exits, progress
from .callbacks import remembered_wrappers
from .clock import Clock
from .open_trades import PART, FundedWatch, FundingTimes, Watch, state
from .pair_candles import PairCandles, Timelines, UnpredictableError
from .reasons import note
from .replacement import Replacement
from .rows import Rows, get_ohlcv_as_lists
from .rules import Callbacks, read_rules, settings, unpredictable
from .shown_frames import EVERY_TURN, ShownFrames
from .signals import Signals
from .wallet_history import Holding, WalletHistory, convert_bt_wallet_collection

_stock_generator = Backtesting.time_pair_generator
Visit = tuple[datetime, str, Any, bool, Any]

# Progress bars are drawn ten times a second.
REFRESH_SECONDS = 0.05

_counters = {"visited": 0, "skipped": 0}


def counters() -> dict[str, int]:
    """Visits of (candle, pair) that this process's backtests made, and that they left out."""
    return dict(_counters)


@functools.wraps(_stock_generator)
def time_pair_generator(
    self: Any,
    start_date: datetime,
    end_date: datetime,
    pairs: list[str],
    data: dict[str, Any],
) -> Iterator[Visit]:
    """``Backtesting.time_pair_generator``, without the visits at which nothing happens."""
    try:
        if reason := _stock_reason(self, start_date):
            raise UnpredictableError(reason)
        run = EventBacktest(self, start_date, end_date, pairs, data)
    except Exception as error:
        reason = str(error) if isinstance(error, UnpredictableError) else repr(error)
        note(PART, f"whole run stock: {reason}")
        for pair, rows in data.items():
            if isinstance(rows, Rows):
                data[pair] = list(rows)
        yield from _stock_generator(self, start_date, end_date, pairs, data)
        return
    yield from run.visits()


def _stock_reason(backtesting: Any, start_date: datetime) -> str | None:
    if backtesting.dynamic_pairlist:
        return "the pairlist is dynamic"
    if type(backtesting) is not Backtesting:
        return "Backtesting is subclassed"
    if logging.getLogger("freqtrade.persistence.trade_model").isEnabledFor(logging.DEBUG):
        return "debug messages of every candle are logged"
    if start_date.tzname() != "UTC":
        return "the candles' dates are not of UTC"
    if backtesting.trading_mode == TradingMode.FUTURES:
        fees = type(backtesting.exchange).calculate_funding_fees
        if fees is not Exchange.calculate_funding_fees:
            return "the exchange has its own calculate_funding_fees"
    return unpredictable(backtesting.strategy)


class EventBacktest:
    """One run of a strategy over the candles of its pairs."""

    def __init__(
        self,
        backtesting: Any,
        start_date: datetime,
        end_date: datetime,
        names: list[str],
        data: dict[str, Any],
    ) -> None:
        self.backtesting = backtesting
        self.strategy = backtesting.strategy
        self.clock = Clock(
            start_date, end_date, backtesting.timeframe_td, backtesting.timeframe_detail_td
        )
        self.start_date = start_date
        self.names = names
        timelines = Timelines(self.clock)
        self.pairs = {
            name: PairCandles(name, i, data[name], timelines, backtesting)
            for i, name in enumerate(names)
        }
        self.started = sorted(
            (pair for pair in self.pairs.values() if len(pair.candles)),
            key=lambda pair: int(pair.candles[0]),
        )
        self.signals = Signals(list(self.pairs.values()), self.clock)
        self.watches: dict[str, list[Watch]] = {}
        self.funding_times: dict[str, FundingTimes] = {}
        # Nothing is predicted any more: every row is visited, as freqtrade does.
        self.blind = False
        self.settings: tuple[Any, ...] = ()
        self._read_settings()
        # A visit to one pair may change the open trades of the others.
        self.shared = self.callbacks.any or backtesting.margin_mode == MarginMode.CROSS
        self.stacking: bool = backtesting._position_stacking
        exports_signals = backtesting.config.get("export", "none") == "signals"
        self.collects_rejected = exports_signals and progress.is_backtest(backtesting)
        # Candles that the progress bar doesn't show yet, and when it was last told of some.
        self.unshown = 0
        self.shown_at = monotonic()
        self.frames = ShownFrames(self.pairs, backtesting.required_startup)
        # The wallets, what they were like, and what of it is captured.
        self.held: tuple[Any, Any, int, dict[str, Holding]] = (None, None, -1, {})
        # Pairs that have had a trade in the candle of the last visit.
        self.candle = -1
        self.traded: set[str] = set()
        self.history: WalletHistory | None = None
        if progress.is_backtest(backtesting):
            self.history = backtesting.wallet_captures = WalletHistory(self.clock)
            self.stake = self.strategy.config["stake_currency"]
            self.bases = {name: name.split("/")[0] for name in names}

    def visits(self) -> Iterator[Visit]:
        """Every visit that may change something, in freqtrade's order."""
        backtesting, clock = self.backtesting, self.clock
        progress.begin(
            backtesting,
            BacktestState.BACKTEST,
            int((clock.end_date - self.start_date) / backtesting.timeframe_td),
        )
        self._touch_pairs()
        visited = _counters["visited"]
        if self.callbacks.any:
            backtesting.dataprovider._DataProvider__slice_index = self.frames
        try:
            with remembered_wrappers():
                yield from self._visits()
        finally:
            frames = self.frames.settled(self.started)
            backtesting.dataprovider._DataProvider__slice_index = frames
        progress.advance(backtesting, self.unshown)
        if self.history is not None:
            self.history.hold(clock.candles, clock.candles, {})
        visited = _counters["visited"] - visited
        _counters["skipped"] += sum(len(pair.moments) for pair in self.pairs.values()) - visited

    def _visits(self) -> Iterator[Visit]:
        clock = self.clock
        moment = 0
        while moment < clock.end:
            following = self._look_ahead(moment)
            # As if a candle's wallets were what they are before its first visit.
            self._pass_over(moment, min(following + 1, clock.end))
            if following >= clock.end:
                break
            yield from self._visit(following)
            moment = following + 1
        for watches in self.watches.values():
            for watch in watches:
                watch.advance(len(watch.pair.moments))
        self.frames.begin(clock.candles, [])
        self._show_date(clock.candles)

    def _touch_pairs(self) -> None:
        """Enter the pairs into freqtrade's table in the order of their first rows."""
        for pair in self.started:
            LocalTrade.bt_trades_open_pp[pair.name]

    # What decides when to look.

    def _read_settings(self) -> None:
        """Read the strategy's settings, and predict nothing by the ones before."""
        now = settings(self.strategy)
        if now == self.settings:
            return
        self.settings = now
        self.callbacks = Callbacks.of(self.strategy)
        self.rules = None if self.callbacks.each_candle else read_rules(self.strategy)
        expired_after = self.strategy.ignore_buying_expired_candle_after
        if type(expired_after) in (int, float):
            self.signals.expire(expired_after)
        elif self.clock.per_candle > 1:
            note(PART, "every candle is visited: ignore_buying_expired_candle_after is no number")
            self.blind = True
        for watches in self.watches.values():
            for watch in watches:
                watch.predict(None)

    def _look_ahead(self, moment: int) -> int:
        """``_next_moment``, or this one if all have to be visited."""
        if not self.blind:
            try:
                return self._next_moment(moment)
            except Exception as error:
                note(PART, f"every candle from here on is visited: {error!r}")
                self.blind = True
        return moment

    def _next_moment(self, moment: int) -> int:
        """The first moment from this one on that has a visit."""
        clock = self.clock
        following = clock.end
        if self.callbacks.bot_loop_start:
            following = min(following, clock.first_candle(moment) * clock.per_candle)
        for watches in self.watches.values():
            for watch in watches:
                following = min(following, watch.moment)
        if following <= moment:
            return moment
        taken = [] if self.stacking else [self.pairs[name].index for name in self.watches]
        limit = self.strategy.max_open_trades
        free = limit <= 0 or LocalTrade.bt_open_open_trade_count < limit
        # Pairs whose trades have closed in this candle are done with it.
        until = (self.candle + 1) * clock.per_candle
        open_trades = LocalTrade.bt_trades_open_pp
        closed = [name for name in self.traded if moment < until and not open_trades[name]]
        done = [self.pairs[name].index for name in closed]
        self.signals.block(taken, done, until, refresh_locks=self.callbacks.any)
        if free or self.collects_rejected:
            return self.signals.next(moment, following)
        self.backtesting.rejected_trades += self.signals.count(moment, following)
        return following

    def _pass_over(self, moment: int, following: int) -> None:
        """What freqtrade does at each candle, for the candles that begin before ``following``."""
        first, last = self.clock.first_candle(moment), self.clock.first_candle(following)
        if first == last:
            return
        self.backtesting.check_abort()
        self._progress(last - first)
        if self.history is not None:
            self.history.hold(first, last, self._holdings())

    def _correct_captures(self, candle: int, turn: int) -> None:
        """Capture what a visit has made of the wallets of the pairs with a later turn."""
        if self.history is None:
            return
        before = self.held[3]
        now = self._holdings()
        if now is before:
            return
        for name in {**before, **now}:
            later = turn < 0 if name == self.stake else self.frames.turn_of(name) > turn
            if later:
                self.history.correct(candle, name, now.get(name))

    def _progress(self, candles: int) -> None:
        """Advance the progress bar, in steps and at times that can be seen."""
        self.unshown += candles
        if self.unshown * 200 >= self.clock.candles:
            now = monotonic()
            if now - self.shown_at >= REFRESH_SECONDS:
                progress.advance(self.backtesting, self.unshown)
                self.unshown, self.shown_at = 0, now

    def _holdings(self) -> dict[str, Holding]:
        """What the wallets hold of each currency that freqtrade captures, in its order."""
        # freqtrade updates the wallets after everything that happens to a trade.
        wallets, trades = self.backtesting.wallets._wallets, self.backtesting.trade_id_counter
        held, like, count, holdings = self.held
        if held is wallets and like == wallets and count == trades:
            return holdings
        totals = {currency: wallet.total for currency, wallet in wallets.items() if wallet.total}
        holdings = {}
        self.held = (wallets, wallets.copy(), trades, holdings)
        if total := totals.pop(self.stake, None):
            holdings[self.stake] = Holding(0, None, total, type(total))
        # Trades have ids in the order in which they opened; the other pairs come after them.
        turns: dict[str, int] = {}
        for trade in LocalTrade.bt_trades_open:
            turns.setdefault(trade.pair, trade.id)
        others = totals.keys() - [self.bases[name] for name in turns]
        if others:
            last = trades + 1
            for name, pair in self.pairs.items():
                if self.bases[name] in others and name not in turns:
                    turns[name] = last + pair.index
        for name, turn in turns.items():
            if total := totals.get(self.bases[name]):
                holdings[name] = Holding(turn, self.pairs[name], total, type(total))
        return holdings

    # One moment.

    def _visit(self, moment: int) -> Iterator[Visit]:
        backtesting = self.backtesting
        candle, part = divmod(moment, self.clock.per_candle)
        time = self.clock.time(moment)
        names = self._open_names()
        if candle != self.candle:
            self.candle, self.traded = candle, set(names)
            self.frames.begin(candle, names)
        if part:
            self.frames.come_to(EVERY_TURN)
        elif self.callbacks.bot_loop_start:
            self._begin_loop(candle)
            names = self._open_names()
        signals = self.signals.pairs_at(moment)
        names = self._turns(names, signals)
        for position, name in enumerate(names):
            pair = self.pairs[name]
            row_index = pair.row_at(moment)
            if row_index < 0:
                continue
            trades = LocalTrade.bt_trades_open_pp[name]
            if name in self.traded and not trades:
                continue
            if trades:
                self.traded.add(name)
                if self.shared and self.rules is not None:
                    self._check(pair, row_index)
                due = [watch for watch in self.watches.get(name, ()) if watch.event <= row_index]
                if not (due or self.blind or (self.stacking and pair.index in signals)):
                    continue
            elif not (self.blind or pair.index in signals):
                continue
            for watch in self.watches.get(name, ()):
                watch.advance(row_index)
            if self.callbacks.any:
                if self.rules is not None:
                    self._show_trades(moment, names[:position])
                backtesting.dataprovider._set_dataframe_max_date(time)
                if not part:
                    self.frames.come_to(self.frames.turn_of(name))
            _counters["visited"] += 1
            exited = None
            may_enter = pair.index in signals
            if (
                len(trades) == 1
                and pair.certified
                and not (may_enter and self.stacking)
                and not trades[0].has_open_orders
            ):
                trade = trades[0]
                self._look_at(trade, pair, row_index, time)
                exited = "short" if trade.is_short else "long"
                # What has exited may be reversed, where there are shorts.
                visited = not (may_enter and backtesting._can_short) or trades
            else:
                visited = False
            if not visited:
                row = pair.rows[row_index]
                direction = backtesting.check_for_trade_entry(row)
                if part and self.strategy.ignore_expired_candle(
                    self.clock.candle_time(candle) - backtesting.timeframe_td,
                    time,
                    backtesting.timeframe_secs,
                    direction is not None,
                ):
                    direction = None
                if exited is None or direction not in (None, exited):
                    yield time, name, row, time == self.clock.end_date, direction
            self._watch(pair, row_index + 1)
            if self.callbacks.any and not part:
                self._correct_captures(candle, self.frames.turn_of(name))
        if self.shared and self.rules is None:
            self._read_settings()
        if self.shared and self.rules is not None:
            for name in list(self.watches):
                pair = self.pairs[name]
                self._check(pair, pair.rows_before(moment + 1))

    def _look_at(self, trade: Any, pair: PairCandles, row: int, time: datetime) -> None:
        """What freqtrade does with a trade that has no open order, where there is no signal."""
        if trade.has_open_position:
            exits.check(self.backtesting, trade, pair, row, time)
        if trade.has_open_orders:
            order = trade.select_order(trade.exit_side, is_open=True)
            if order:
                self.backtesting._process_exit_order(order, trade, time, pair.rows[row], trade.pair)

    def _open_names(self) -> list[str]:
        return list(dict.fromkeys(trade.pair for trade in LocalTrade.bt_trades_open))

    def _turns(self, names: list[str], signals: set[int]) -> list[str]:
        """The pairs to look at, in freqtrade's order: those with trades, then as listed."""
        if not (self.blind or signals):
            return names
        taken = set(names)
        if self.blind:
            return names + [name for name in self.names if name not in taken]
        return names + [
            self.names[index] for index in sorted(signals) if self.names[index] not in taken
        ]

    def _begin_loop(self, candle: int) -> None:
        """Call ``bot_loop_start``, before anything else of a candle."""
        self._show_date(candle)
        self._show_trades(candle * self.clock.per_candle, ())
        strategy_safe_wrapper(self.strategy.bot_loop_start, supress_error=True)(
            current_time=self.clock.candle_time(candle)
        )
        self._read_settings()
        self._correct_captures(candle, -1)

    def _watch(self, pair: PairCandles, done: int) -> None:
        """Watch the trades of a pair whose rows before ``done`` have been visited."""
        if self.shared and self.rules is not None:
            self._read_settings()
        trades = LocalTrade.bt_trades_open_pp[pair.name]
        if not trades:
            self.watches.pop(pair.name, None)
            return
        watches = self.watches.get(pair.name, [])
        if self.rules is None and [watch.trade for watch in watches] == trades:
            for watch in watches:
                watch.done = watch.event = done
            return
        futures = self.backtesting.trading_mode == TradingMode.FUTURES
        self.watches[pair.name] = watches = [
            (FundedWatch if futures else Watch)(self, trade, pair, done) for trade in trades
        ]
        for watch in watches:
            watch.predict(self.rules)

    def _check(self, pair: PairCandles, row: int) -> None:
        """Predict again what a visit to another pair has changed, before ``row``."""
        watches = self.watches.get(pair.name, [])
        if [watch.trade for watch in watches] == LocalTrade.bt_trades_open_pp[pair.name] and all(
            watch.state == state(watch.trade) for watch in watches
        ):
            return
        for watch in watches:
            watch.advance(row)
        self._watch(pair, row)

    # What a strategy can see.

    def _show_date(self, candle: int) -> None:
        """The date up to which a strategy sees other candles is where the candle before left it."""
        done = [(pair, pair.candles_before(candle)) for pair in self.started]
        last = max((int(pair.candles[count - 1]) for pair, count in done if count), default=None)
        if last is not None:
            self.backtesting.dataprovider._set_dataframe_max_date(self._last_time(last))

    def _last_time(self, candle: int) -> datetime:
        """The last moment of a candle at which freqtrade looked at any pair."""
        per_candle = self.clock.per_candle
        first = last = candle * per_candle
        if per_candle > 1:
            traded = self.traded if candle == self.candle else set(self._open_names())
            for pair in self.pairs.values():
                end = pair.rows_before(first + per_candle)
                if (
                    end
                    and int(pair.moments[end - 1]) >= first
                    and (pair.name in traded or pair.has_signal(first))
                ):
                    last = max(last, int(pair.moments[end - 1]))
        return self.clock.time(last)

    def _show_trades(self, moment: int, before: Sequence[str]) -> None:
        """Bring every open trade to where it is in a moment, after the turns ``before``."""
        for name, watches in self.watches.items():
            pair = self.pairs[name]
            row = pair.rows_before(moment + 1 if name in before else moment)
            for watch in watches:
                watch.advance(row)


REPLACEMENTS = (
    Replacement(
        "freqtrade.optimize.backtesting:Backtesting.time_pair_generator",
        time_pair_generator,
        PART,
        (
            "freqtrade.optimize.backtesting:Backtesting.backtest",
            "freqtrade.optimize.backtesting:Backtesting.backtest_loop",
            "freqtrade.data.dataprovider:DataProvider._set_dataframe_max_index",
            "freqtrade.data.dataprovider:DataProvider.get_analyzed_dataframe",
            "freqtrade.data.dataprovider:DataProvider.clear_cache",
            "freqtrade.optimize.backtesting:Backtesting.check_for_trade_entry",
            "freqtrade.optimize.backtesting:Backtesting.trade_slot_available",
            "freqtrade.optimize.backtesting:Backtesting.validate_row",
            "freqtrade.optimize.backtesting:Backtesting.manage_open_orders",
            "freqtrade.optimize.backtesting:Backtesting.get_detail_data",
            "freqtrade.optimize.backtesting:Backtesting._collate_rejected",
            "freqtrade.optimize.backtesting:Backtesting._sync_pair_index",
            "freqtrade.optimize.backtesting:Backtesting._time_generator",
            "freqtrade.optimize.backtesting:Backtesting._time_generator_det",
            "freqtrade.optimize.backtesting:Backtesting._time_pair_generator_det",
            "freqtrade.optimize.backtesting:Backtesting._capture_wallet",
            "freqtrade.optimize.backtesting:Backtesting._check_trade_exit",
            "freqtrade.optimize.backtesting:Backtesting._run_funding_fees",
            "freqtrade.optimize.backtesting:Backtesting._check_adjust_trade_for_candle",
            "freqtrade.strategy.interface:IStrategy.ignore_expired_candle",
            "freqtrade.strategy.interface:IStrategy.should_exit",
            "freqtrade.strategy.interface:IStrategy.ft_stoploss_adjust",
            "freqtrade.strategy.interface:IStrategy.ft_stoploss_reached",
            "freqtrade.strategy.interface:IStrategy.min_roi_reached",
            "freqtrade.strategy.interface:IStrategy.min_roi_reached_entry",
            "freqtrade.persistence.trade_model:LocalTrade.adjust_min_max_rates",
            "freqtrade.persistence.trade_model:LocalTrade.adjust_stop_loss",
            "freqtrade.persistence.trade_model:LocalTrade.calc_profit_ratio",
            "freqtrade.persistence.trade_model:LocalTrade.calc_close_trade_value",
            "freqtrade.persistence.trade_model:LocalTrade._calc_base_close",
            "freqtrade.persistence.trade_model:LocalTrade.date_last_filled_utc",
            "freqtrade.persistence.trade_model:LocalTrade.set_funding_fees",
            "freqtrade.persistence.pairlock_middleware:PairLocks.is_pair_locked",
            "freqtrade.persistence.pairlock_middleware:PairLocks.get_pair_locks",
            "freqtrade.exchange.exchange:Exchange.calculate_funding_fees",
            "freqtrade.exchange.exchange_utils:price_to_precision",
            "freqtrade.wallets:Wallets.get_total",
        ),
    ),
    Replacement(
        "freqtrade.optimize.backtesting:Backtesting._get_ohlcv_as_lists",
        get_ohlcv_as_lists,
        PART,
        ("freqtrade.data.converter.converter:trim_dataframe",),
    ),
    Replacement(
        "freqtrade.optimize.optimize_reports.optimize_reports:convert_bt_wallet_collection",
        convert_bt_wallet_collection,
        PART,
    ),
)
