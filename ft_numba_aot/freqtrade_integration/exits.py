"""Whether an open trade is to exit at a candle: ``IStrategy.should_exit`` and its parts, in one.

The same calls of the strategy's callbacks in the same order, and nothing looked up, calculated or
built twice. Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
import logging
from datetime import UTC, datetime, tzinfo
from math import inf, isinf, isnan
from typing import Any

from freqtrade.constants import CUSTOM_TAG_MAX_LENGTH
from freqtrade.enums import ExitCheckTuple, ExitType
from freqtrade.persistence import LocalTrade
from freqtrade.strategy import interface

from .pair_candles import PairCandles
from .profit import profit_ratios
from .replacement import Replacement

_original = interface.IStrategy.should_exit
# What is done here in one, or relied on in between.
_PARTS = frozenset(
    ("ft_stoploss_adjust", "ft_stoploss_reached", "min_roi_reached", "min_roi_reached_entry")
)


def check(backtesting: Any, trade: Any, pair: PairCandles, at: int, time: datetime) -> None:
    """``Backtesting._check_trade_exit`` of the row ``at`` of a pair, visited at ``time``.

    A row of objects is made of the candle only where the trade is to exit.
    """
    strategy = backtesting.strategy
    if (
        pair.zone is None
        or pair.odd.item(at)
        or strategy.position_adjustment_enable
        or not _is_known(strategy, trade)
        or "should_exit" in strategy.__dict__
    ):
        backtesting._check_trade_exit(trade, pair.rows[at], time)
        return
    backtesting._run_funding_fees(trade, time)
    if not trade.is_open:
        return
    side = pair.short if trade.is_short else pair.long
    seconds = pair.seconds.item(at)
    exits = _exits(
        strategy,
        trade,
        pair.open.item(at),
        pair.low.item(at),
        pair.high.item(at),
        datetime.fromtimestamp(seconds, pair.zone),
        seconds,
        side.enters.item(at),
        side.exits.item(at),
    )
    if exits:
        row = pair.rows[at]
        for exit_ in exits:
            if backtesting._get_exit_for_signal(trade, row, exit_, time):
                return


@functools.wraps(_original)
def should_exit(
    self: Any,
    trade: Any,
    rate: float,
    current_time: datetime,
    *,
    enter: bool,
    exit_: bool,
    low: float | None = None,
    high: float | None = None,
    force_stoploss: float = 0,
) -> list[ExitCheckTuple]:
    if (
        force_stoploss
        or not (type(rate) is type(low) is type(high) is float)
        or not (0.0 < rate < inf and 0.0 < low < inf and 0.0 < high < inf)
        or not _is_known(self, trade)
    ):
        options = {"enter": enter, "exit_": exit_, "low": low, "high": high}
        return _original(  # type: ignore[no-any-return]
            self, trade, rate, current_time, **options, force_stoploss=force_stoploss
        )
    seconds = current_time.timestamp()
    return _exits(self, trade, rate, low, high, current_time, seconds, enter, exit_)


def _is_known(strategy: Any, trade: Any) -> bool:
    return (
        type(trade) is LocalTrade
        and _has_parts(strategy.__class__)
        and strategy.__dict__.keys().isdisjoint(_PARTS)
        and not interface.logger.isEnabledFor(logging.DEBUG)
    )


@functools.lru_cache(maxsize=64)
def _has_parts(kind: type) -> bool:
    return all(getattr(kind, name) is getattr(interface.IStrategy, name) for name in _PARTS)


def _exits(
    strategy: Any,
    trade: Any,
    rate: float,
    low: Any,
    high: Any,
    current_time: datetime,
    seconds: float,
    enter: bool,
    exit_: bool,
) -> list[ExitCheckTuple]:
    """``IStrategy.should_exit`` at a candle whose prices are positive floats."""
    best, worst = (low, high) if trade.is_short else (high, low)
    ratios = profit_ratios(trade, rate, best)
    if ratios is None:
        ratios = [trade.calc_profit_ratio(rate), trade.calc_profit_ratio(best)]
    profit, best_profit = ratios
    trade.max_rate = max(high, trade.max_rate or trade.open_rate)
    trade.min_rate = min(low, trade.min_rate or trade.open_rate)

    _adjust_stop(strategy, trade, current_time, best, worst, best_profit)
    stop = _stop_reached(strategy, trade, worst)
    roi_reached = not (enter and strategy.ignore_roi_if_entry_signal) and _roi_reached(
        strategy, trade, best_profit, seconds, current_time
    )
    exits = []
    if strategy.use_exit_signal:
        signal, reason = ExitType.NONE, ""
        if exit_ and not enter:
            signal = ExitType.EXIT_SIGNAL
        else:
            custom = interface.strategy_safe_wrapper(strategy.custom_exit, default_retval=False)(
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
    if stop is ExitType.STOP_LOSS or stop is ExitType.LIQUIDATION:
        exits.append(ExitCheckTuple(exit_type=stop))
    if roi_reached:
        exits.append(ExitCheckTuple(exit_type=ExitType.ROI))
    if stop is ExitType.TRAILING_STOP_LOSS:
        exits.append(ExitCheckTuple(exit_type=stop))
    return exits


def _adjust_stop(
    strategy: Any,
    trade: Any,
    current_time: datetime,
    best: float,
    worst: float,
    best_profit: float,
) -> None:
    """``IStrategy.ft_stoploss_adjust``."""
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


def _stop_reached(strategy: Any, trade: Any, worst: float) -> ExitType:
    """What ``IStrategy.ft_stoploss_reached`` decides once the stop is adjusted."""
    short = trade.is_short
    if (trade.stop_loss <= worst if short else trade.stop_loss >= worst) and (
        not strategy.order_types.get("stoploss_on_exchange") or strategy.config["dry_run"]
    ):
        if trade.is_stop_loss_trailing:
            return ExitType.TRAILING_STOP_LOSS
        return ExitType.STOP_LOSS
    liquidation = trade.liquidation_price
    if liquidation and (liquidation <= worst if short else liquidation >= worst):
        return ExitType.LIQUIDATION
    return ExitType.NONE


def _roi_reached(
    strategy: Any, trade: Any, best_profit: float, seconds: float, current_time: datetime
) -> bool:
    """``IStrategy.min_roi_reached``."""
    opened = trade.open_date
    minutes = int((seconds - _seconds(opened, opened.tzinfo)) // 60)
    _, roi = strategy.min_roi_reached_entry(trade, minutes, current_time)
    return False if roi is None else best_profit > roi


@functools.lru_cache(maxsize=64)
def _seconds(open_date: datetime, _: tzinfo | None) -> float:
    """``LocalTrade.open_date_utc.timestamp()``, of which a trade's candles all make use."""
    return open_date.replace(tzinfo=UTC).timestamp()


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


REPLACEMENTS = (
    Replacement(
        "freqtrade.strategy.interface:IStrategy.should_exit",
        should_exit,
        "exits",
        (
            *(f"freqtrade.strategy.interface:IStrategy.{name}" for name in sorted(_PARTS)),
            "freqtrade.enums.exitchecktuple:ExitCheckTuple",
            "freqtrade.optimize.backtesting:Backtesting._check_trade_exit",
            "freqtrade.persistence.trade_model:LocalTrade.adjust_min_max_rates",
            "freqtrade.persistence.trade_model:LocalTrade.adjust_stop_loss",
            "freqtrade.persistence.trade_model:LocalTrade.calc_profit_ratio",
            "freqtrade.persistence.trade_model:LocalTrade.open_date_utc",
        ),
    ),
)
