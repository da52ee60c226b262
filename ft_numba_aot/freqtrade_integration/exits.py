"""What freqtrade does at a candle with an open trade that nothing but an exit can happen to.

``IStrategy.should_exit`` and the methods it consists of, in one: the same calls of the strategy's
callbacks in the same order, and nothing looked up, calculated or built twice. A row of objects is
made of the candle only where the trade is to exit. Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import logging
from datetime import datetime
from math import isinf, isnan
from typing import Any

from freqtrade.constants import CUSTOM_TAG_MAX_LENGTH
from freqtrade.enums import ExitCheckTuple, ExitType
from freqtrade.persistence import LocalTrade
from freqtrade.strategy import interface

from .pair_candles import PairCandles
from .profit import profit_ratios


class Exits:
    """The checks of one backtest's open trades; ``stock``: with the strategy's own methods."""

    __slots__ = ("_backtesting", "_opened", "_strategy", "stock")

    def __init__(self, backtesting: Any) -> None:
        self._backtesting = backtesting
        self._strategy = backtesting.strategy
        self.stock = False
        self._opened: tuple[Any, float] = (None, 0.0)

    def check(self, trade: Any, pair: PairCandles, at: int, time: datetime) -> None:
        """``Backtesting._check_trade_exit`` of the row ``at`` of a pair, visited at ``time``."""
        backtesting, strategy = self._backtesting, self._strategy
        if (
            self.stock
            or pair.zone is None
            or pair.odd.item(at)
            or type(trade) is not LocalTrade
            or strategy.position_adjustment_enable
            or interface.logger.isEnabledFor(logging.DEBUG)
        ):
            backtesting._check_trade_exit(trade, pair.rows[at], time)
            return
        backtesting._run_funding_fees(trade, time)
        if not trade.is_open:
            return
        exits = self._should_exit(trade, pair, at)
        if exits:
            row = pair.rows[at]
            for exit_ in exits:
                if backtesting._get_exit_for_signal(trade, row, exit_, time):
                    return

    def _should_exit(self, trade: Any, pair: PairCandles, at: int) -> list[Any]:
        """``IStrategy.should_exit`` at a candle whose prices are positive numbers."""
        strategy = self._strategy
        rate, high, low = pair.open.item(at), pair.high.item(at), pair.low.item(at)
        short = trade.is_short
        side = pair.short if short else pair.long
        best, worst = (low, high) if short else (high, low)
        ratios = profit_ratios(trade, rate, best)
        if ratios is None:
            ratios = [trade.calc_profit_ratio(rate), trade.calc_profit_ratio(best)]
        profit, best_profit = ratios
        trade.max_rate = max(high, trade.max_rate or trade.open_rate)
        trade.min_rate = min(low, trade.min_rate or trade.open_rate)
        seconds = pair.seconds.item(at)
        current_time = datetime.fromtimestamp(seconds, pair.zone)

        self._adjust_stop(trade, current_time, best, worst, best_profit)
        stop = self._stop_reached(trade, worst)

        enter = side.enters.item(at)
        roi_reached = not (enter and strategy.ignore_roi_if_entry_signal) and self._roi_reached(
            trade, best_profit, seconds, current_time
        )
        exits = []
        if strategy.use_exit_signal:
            signal, reason = ExitType.NONE, ""
            if side.exits.item(at) and not enter:
                signal = ExitType.EXIT_SIGNAL
            else:
                custom = interface.strategy_safe_wrapper(
                    strategy.custom_exit, default_retval=False
                )(
                    pair=trade.pair,
                    trade=trade,
                    current_time=current_time,
                    current_rate=rate,
                    current_profit=profit,
                )
                if custom:
                    signal, reason = ExitType.CUSTOM_EXIT, _reason(custom)
            if signal is ExitType.CUSTOM_EXIT or (
                signal is ExitType.EXIT_SIGNAL
                and (not strategy.exit_profit_only or profit > strategy.exit_profit_offset)
            ):
                exits.append(ExitCheckTuple(exit_type=signal, exit_reason=reason))
        if stop in (ExitType.STOP_LOSS, ExitType.LIQUIDATION):
            exits.append(ExitCheckTuple(exit_type=stop))
        if roi_reached:
            exits.append(ExitCheckTuple(exit_type=ExitType.ROI))
        if stop is ExitType.TRAILING_STOP_LOSS:
            exits.append(ExitCheckTuple(exit_type=stop))
        return exits

    def _adjust_stop(
        self, trade: Any, current_time: datetime, best: float, worst: float, best_profit: float
    ) -> None:
        """``IStrategy.ft_stoploss_adjust``."""
        strategy = self._strategy
        ratio = strategy.stoploss
        if not trade.stop_loss:
            trade.adjust_stop_loss(trade.open_rate, ratio, initial=True)
        if not (trade.stop_loss > worst if trade.is_short else trade.stop_loss < worst):
            return
        if strategy.use_custom_stoploss:
            custom = interface.strategy_safe_wrapper(
                strategy.custom_stoploss, default_retval=None, supress_error=True
            )(
                pair=trade.pair,
                trade=trade,
                current_time=current_time,
                current_rate=best,
                current_profit=best_profit,
                after_fill=False,
            )
            if custom and not (isnan(custom) or isinf(custom)):
                ratio = custom
                trade.adjust_stop_loss(best, ratio, allow_refresh=False)
        if strategy.trailing_stop:
            offset = strategy.trailing_stop_positive_offset
            if not (strategy.trailing_only_offset_is_reached and best_profit < offset):
                if strategy.trailing_stop_positive is not None and best_profit > offset:
                    ratio = strategy.trailing_stop_positive
                trade.adjust_stop_loss(best, ratio)

    def _stop_reached(self, trade: Any, worst: float) -> ExitType:
        """What ``IStrategy.ft_stoploss_reached`` decides once the stop is adjusted."""
        short = trade.is_short
        if (trade.stop_loss <= worst if short else trade.stop_loss >= worst) and (
            not self._strategy.order_types.get("stoploss_on_exchange")
            or self._strategy.config["dry_run"]
        ):
            if trade.is_stop_loss_trailing:
                return ExitType.TRAILING_STOP_LOSS
            return ExitType.STOP_LOSS
        liquidation = trade.liquidation_price
        if liquidation and (liquidation <= worst if short else liquidation >= worst):
            return ExitType.LIQUIDATION
        return ExitType.NONE

    def _roi_reached(
        self, trade: Any, best_profit: float, seconds: int, current_time: datetime
    ) -> bool:
        """``IStrategy.min_roi_reached``."""
        opened, opened_seconds = self._opened
        if opened is not trade.open_date:
            opened_seconds = trade.open_date_utc.timestamp()
            self._opened = (trade.open_date, opened_seconds)
        minutes = int((seconds - opened_seconds) // 60)
        _, roi = self._strategy.min_roi_reached_entry(trade, minutes, current_time)
        return False if roi is None else best_profit > roi


def _reason(custom: Any) -> str:
    """The reason of an exit that ``custom_exit`` asks for."""
    if not isinstance(custom, str):
        return ""
    if len(custom) <= CUSTOM_TAG_MAX_LENGTH:
        return custom
    interface.logger.warning(
        "Custom exit reason returned from custom_exit is too long and was trimmed"
        f"to {CUSTOM_TAG_MAX_LENGTH} characters."
    )
    return custom[:CUSTOM_TAG_MAX_LENGTH]
