"""What of a strategy decides when an open trade changes: its settings and its overridden methods.

Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import inspect
import math
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import numpy as np
import numpy.typing as npt
from freqtrade.strategy.interface import IStrategy

# Called at every candle of an open trade.
PER_CANDLE = ("custom_exit", "custom_sell", "custom_stoploss", "custom_roi")
# Called when something happens anyway.
ON_EVENT = (
    "confirm_trade_entry",
    "confirm_trade_exit",
    "custom_entry_price",
    "custom_exit_price",
    "custom_stake_amount",
    "leverage",
    "order_filled",
    "adjust_trade_position",
    "adjust_order_price",
    "adjust_entry_price",
    "adjust_exit_price",
    "check_entry_timeout",
    "check_exit_timeout",
    "check_buy_timeout",
    "check_sell_timeout",
    "bot_loop_start",
)
# freqtrade's own, which a look-ahead predicts or which locks depend on.
MACHINERY = (
    "should_exit",
    "ft_stoploss_adjust",
    "ft_stoploss_reached",
    "min_roi_reached",
    "min_roi_reached_entry",
    "ft_check_timed_out",
    "ignore_expired_candle",
    "_adjust_trade_position_internal",
    "lock_pair",
    "unlock_pair",
    "unlock_reason",
    "is_pair_locked",
)
SETTINGS = (
    "stoploss",
    "minimal_roi",
    "trailing_stop",
    "trailing_stop_positive",
    "trailing_stop_positive_offset",
    "trailing_only_offset_is_reached",
    "use_custom_stoploss",
    "use_custom_roi",
    "use_exit_signal",
    "exit_profit_only",
    "exit_profit_offset",
    "ignore_roi_if_entry_signal",
    "position_adjustment_enable",
    "ignore_buying_expired_candle_after",
    "max_open_trades",
    "can_short",
)


_compared = attrgetter(
    *(name for name in SETTINGS if name not in ("minimal_roi", "max_open_trades", "can_short"))
)


def overrides(strategy: Any, name: str) -> bool:
    """Whether the strategy has a method of its own for one of ``IStrategy``'s."""
    return name in vars(strategy) or getattr(type(strategy), name) is not getattr(IStrategy, name)


def unpredictable(strategy: Any) -> str | None:
    """Why this strategy's trades can't be predicted at all, if so."""
    for name in MACHINERY:
        if overrides(strategy, name):
            return f"the strategy overrides freqtrade's {name}"
    kind = type(strategy)
    for name in ("__getattribute__", "__setattr__"):
        if getattr(kind, name) is not getattr(object, name):
            return f"the strategy overrides {name}"
    for name in SETTINGS:
        if hasattr(type(inspect.getattr_static(kind, name, None)), "__get__"):
            return f"the strategy computes {name}"
    return None


def runs_user_code(strategy: Any) -> bool:
    """Whether a backtest may call something of the strategy's own between two candles."""
    return unpredictable(strategy) is not None or Callbacks.of(strategy).any


@dataclass(frozen=True, slots=True)
class Callbacks:
    """Which of the strategy's own methods a backtest calls."""

    any: bool
    each_candle: bool
    bot_loop_start: bool

    @classmethod
    def of(cls, strategy: Any) -> Callbacks:
        """``each_candle``: some method is called at every candle of an open trade."""
        each_candle = (
            overrides(strategy, "custom_exit")
            or overrides(strategy, "custom_sell")
            or overrides(strategy, "bot_loop_start")
            or bool(strategy.use_custom_stoploss)
            or (bool(strategy.use_custom_roi) and overrides(strategy, "custom_roi"))
            or (
                bool(strategy.position_adjustment_enable)
                and overrides(strategy, "adjust_trade_position")
            )
        )
        return cls(
            any=each_candle or any(overrides(strategy, name) for name in PER_CANDLE + ON_EVENT),
            each_candle=each_candle,
            bot_loop_start=overrides(strategy, "bot_loop_start"),
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """A strategy's settings as numbers: ratios; the ROI table ascending in minutes.

    ``stoploss`` and ``positive`` as they are, int or float: they end up in the trade.
    """

    stoploss: float
    use_exit_signal: bool
    exit_above: float
    ignore_roi: bool
    trailing: bool
    needs_profit: bool
    positive: float | None
    positive_above: float
    roi_minutes: npt.NDArray[np.float64] = field(repr=False)
    roi_values: npt.NDArray[np.float64] = field(repr=False)


def settings(strategy: Any) -> tuple[Any, ...]:
    """The settings as they stand, to be compared with later ones."""
    roi = strategy.minimal_roi
    return (
        *_compared(strategy),
        tuple(roi.items()) if type(roi) is dict else roi,
        len(vars(strategy)),
    )


def read_rules(strategy: Any) -> Rules | None:
    """The rules of a strategy; None where a setting isn't the number it should be."""
    roi = strategy.minimal_roi
    positive = strategy.trailing_stop_positive
    numbers = [strategy.stoploss, strategy.exit_profit_offset]
    numbers += [strategy.trailing_stop_positive_offset]
    if positive is not None:
        numbers.append(positive)
    if type(roi) is not dict:
        return None
    numbers += [*roi, *roi.values()]
    if not all(type(n) in (int, float) and math.isfinite(n) for n in numbers):
        return None
    table = sorted(roi.items())
    return Rules(
        stoploss=strategy.stoploss,
        use_exit_signal=bool(strategy.use_exit_signal),
        exit_above=float(strategy.exit_profit_offset) if strategy.exit_profit_only else -math.inf,
        ignore_roi=bool(strategy.ignore_roi_if_entry_signal),
        trailing=bool(strategy.trailing_stop),
        needs_profit=bool(strategy.trailing_only_offset_is_reached),
        positive=positive,
        positive_above=float(strategy.trailing_stop_positive_offset),
        roi_minutes=np.array([minutes for minutes, _ in table], dtype=np.float64),
        roi_values=np.array([value for _, value in table], dtype=np.float64),
    )
