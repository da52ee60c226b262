"""What a simulation is told: rules, markets, jobs. Each checks itself when it is made.

Imports numpy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ._integers import decimal_of

_MOST_PLACES = 22
_MINUTES = {"m": 1, "h": 60, "d": 1440, "w": 10080}
# 5 % of an exchange's least cost are kept in reserve, and 5 % for a stop.
_COST_RESERVE = max(min((1.0 + 0.05) / (1 - 0.05), 1.5), 1)


def number(name: str, value: Any) -> float:
    """The value as a float; TypeError or ValueError where it is no finite number."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(
        value, (int, float, np.integer, np.floating)
    ):
        raise TypeError(f"{name}: expected a number, found {value!r}")
    if not math.isfinite(value):
        raise ValueError(f"{name}: {value!r} is not finite")
    return float(value)


def between(name: str, value: Any, low: float, high: float, text: str) -> float:
    """The number, if ``low <= value < high``."""
    found = number(name, value)
    if not low <= found < high:
        raise ValueError(f"{name}: {value!r} is not {text}")
    return found


def minutes_of(timeframe: str | int) -> int:
    """Minutes of a timeframe such as "5m"."""
    if isinstance(timeframe, int) and not isinstance(timeframe, bool) and timeframe > 0:
        return timeframe
    if isinstance(timeframe, str) and timeframe[-1:] in _MINUTES and timeframe[:-1].isdecimal():
        minutes = int(timeframe[:-1]) * _MINUTES[timeframe[-1]]
        if minutes > 0:
            return minutes
    raise ValueError(f'timeframe: {timeframe!r} is neither minutes nor of a form such as "5m"')


@dataclass(frozen=True, slots=True)
class Rules:
    """When a trade is left: the attributes of freqtrade's strategies that say so, by their names.

    ``minimal_roi`` maps minutes since the entry to the profit ratio at which to exit. Ratios are
    of the price, as in freqtrade: ``stoploss`` -0.05 is 5 % below the entry, above it for a short.
    ValueError for what freqtrade's configuration would refuse.
    """

    stoploss: float
    minimal_roi: Mapping[int, float] | Mapping[str, float] = field(default_factory=dict)
    trailing_stop: bool = False
    trailing_stop_positive: float | None = None
    trailing_stop_positive_offset: float = 0.0
    trailing_only_offset_is_reached: bool = False
    use_exit_signal: bool = True
    exit_profit_only: bool = False
    exit_profit_offset: float = 0.0
    ignore_roi_if_entry_signal: bool = False
    can_short: bool = False
    arguments: tuple[Any, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        stoploss = number("stoploss", self.stoploss)
        if not -1.0 <= stoploss < 0.0:
            raise ValueError(f"stoploss: {self.stoploss!r} is not from -1 to below 0")
        positive = self.trailing_stop_positive
        offset = number("trailing_stop_positive_offset", self.trailing_stop_positive_offset)
        flags = {
            name: getattr(self, name)
            for name in (
                "trailing_stop",
                "trailing_only_offset_is_reached",
                "use_exit_signal",
                "exit_profit_only",
                "ignore_roi_if_entry_signal",
                "can_short",
            )
        }
        for name, value in flags.items():
            if not isinstance(value, (bool, np.bool_)):
                raise TypeError(f"{name}: expected a bool, found {value!r}")
        if positive is not None:
            between("trailing_stop_positive", positive, 1e-12, 1.0, "from above 0 to below 1")
        if self.trailing_stop:
            if self.trailing_only_offset_is_reached and positive is None:
                raise ValueError(
                    "trailing_stop_positive: trailing_only_offset_is_reached needs it above 0"
                )
            if positive is not None and 0.0 < offset <= positive:
                raise ValueError(
                    f"trailing_stop_positive_offset: {offset!r} is not above "
                    f"trailing_stop_positive, {positive!r}"
                )
        table = sorted(_roi(self.minimal_roi).items())
        arguments = (
            bool(self.can_short),
            stoploss,
            bool(self.trailing_stop),
            positive is not None,
            0.0 if positive is None else float(positive),
            offset,
            bool(self.trailing_only_offset_is_reached),
            bool(self.use_exit_signal),
            bool(self.exit_profit_only),
            number("exit_profit_offset", self.exit_profit_offset),
            bool(self.ignore_roi_if_entry_signal),
        )
        minutes = np.array([key for key, _ in table], dtype=np.int64)
        values = np.array([value for _, value in table], dtype=np.float64)
        object.__setattr__(self, "arguments", ((minutes, values), arguments))


def _roi(table: Mapping[Any, Any]) -> dict[int, float]:
    if not isinstance(table, Mapping):
        raise TypeError(f"minimal_roi: expected a mapping of minutes to ratios, found {table!r}")
    found = {}
    for key, value in table.items():
        text = str(key)
        if not text.isdecimal():
            raise ValueError(f"minimal_roi: {key!r} is no number of minutes")
        found[int(text)] = number(f"minimal_roi[{key!r}]", value)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """An exchange's precision and limits for a pair.

    ``price_precision`` and ``amount_precision`` are tick sizes, or numbers of decimals with
    ``decimal_places``; None leaves numbers as they are. ``price_precision`` may have a value for
    each candle, NaN where there is none: freqtrade's backtest takes the tick size of each month
    from the candles. Limits are of the amount, and of the cost in stake currency.
    """

    price_precision: float | npt.ArrayLike | None = None
    amount_precision: float | None = None
    decimal_places: bool = False
    min_amount: float | None = None
    max_amount: float | None = None
    min_cost: float | None = None
    max_cost: float | None = None
    price_grid: tuple[Any, ...] = field(init=False, repr=False)
    arguments: tuple[Any, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        precisions = np.asarray(
            np.nan if self.price_precision is None else self.price_precision, dtype=np.float64
        )
        if precisions.ndim > 1:
            raise ValueError(f"price_precision: {precisions.ndim} dimensions, expected 0 or 1")
        distinct, which = np.unique(precisions, return_inverse=True)
        grids = [
            _grid("price_precision", None if np.isnan(p) else float(p), self.decimal_places)
            for p in distinct.tolist()
        ]
        rows = np.ascontiguousarray(which.reshape(-1) if precisions.ndim else [], dtype=np.int64)
        steps, digits, places = zip(*grids, strict=True) if grids else ((), (), ())
        grid = (
            rows,
            np.array(steps, dtype=np.float64),
            np.array(digits, dtype=np.int64),
            np.array(places, dtype=np.int64),
        )
        limits = []
        for name, missing in (
            ("min_cost", 0.0),
            ("max_cost", math.inf),
            ("min_amount", 0.0),
            ("max_amount", math.inf),
        ):
            value = getattr(self, name)
            limits.append(
                missing if value is None else between(name, value, 0.0, math.inf, "0 or above")
            )
        least_cost, most_cost, least_amount, most_amount = limits
        arguments = (
            bool(self.decimal_places),
            *_grid("amount_precision", self.amount_precision, self.decimal_places),
            least_cost * _COST_RESERVE,
            most_cost,
            least_amount,
            most_amount,
        )
        object.__setattr__(self, "price_grid", grid)
        object.__setattr__(self, "arguments", arguments)


def _grid(name: str, precision: float | None, decimal_places: bool) -> tuple[float, int, int]:
    """Step, digits and places of a grid; places are -1 for none."""
    if precision is None:
        return 0.0, 1, -1
    if decimal_places:
        places = between(name, precision, 0.0, _MOST_PLACES + 1, "from 0 to 22")
        return 1 / 10 ** int(places), 1, int(places)
    tick = between(name, precision, 1e-40, 1e15, "a tick size")
    digits, exponent = decimal_of(tick)
    while digits % 10 == 0 and exponent < 0:
        digits //= 10
        exponent += 1
    return tick, digits, -exponent


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """One simulation: a pair's candles under rules.

    ``signals`` has columns ``enter_long``, ``exit_long``, ``enter_short``, ``exit_short``,
    ``enter_tag`` and ``exit_tag``, those that it needs, as a frame or a mapping; without it, they
    are the columns of the candles.
    """

    pair: str
    rules: Rules
    signals: Any = None
