"""What protections ask of a backtest's closed trades, at each exit.

freqtrade looks at every closed trade for those of the last candles, five times with four
protections, and MaxDrawdown makes a frame of them. Trades close in order of time: where that is
so, the last ones are found by bisection. To make sure of it takes as long as one look, and holds
for as long as no code of a user runs: where a strategy has no callbacks, that is the whole
backtest. Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
import inspect
import math
import os
from bisect import bisect_right
from datetime import datetime, timedelta
from operator import attrgetter
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from freqtrade.constants import LongShort
from freqtrade.optimize.backtesting import Backtesting
from freqtrade.persistence import PairLocks, Trade
from freqtrade.persistence.trade_model import LocalTrade
from freqtrade.plugins import protections as _package
from freqtrade.plugins.protectionmanager import ProtectionManager
from freqtrade.plugins.protections import ProtectionReturn
from freqtrade.plugins.protections.max_drawdown_protection import MaxDrawdown

from .. import metrics
from .replacement import Replacement
from .rules import Callbacks, unpredictable
from .utc import is_utc

__all__ = [
    "ONLY_FREQTRADE",
    "REPLACEMENTS",
    "get_trades_proxy",
    "global_stop",
    "run_protections",
]

_original_query = LocalTrade.get_trades_proxy
_original_run = Backtesting.run_protections
_original_global_stop = ProtectionManager.global_stop

# Sorting by date and drawdowns were tried against this pandas.
_KNOWN_PANDAS = pd.__version__.partition(".")[0] == "3"

_FOLDER = os.path.dirname(os.path.realpath(_package.__file__))
_DRAWDOWN_METHODS = ("_max_drawdown", "global_stop", "_reason")

_FLOATS = frozenset((float, np.float64))

_close_date = attrgetter("close_date")
_close_profit = attrgetter("close_profit")
_close_profit_abs = attrgetter("close_profit_abs")


class OnlyFreqtrade:
    """A time in which no code of a user runs, only freqtrade's own: ``with ONLY_FREQTRADE: …``.

    Closed trades stay as they are, and others come after them: their dates are looked at once.
    It may be entered again within itself. ``lasting``: no code of a user runs until it is
    entered again for the same list of trades, of which each backtest has one of its own.
    """

    def __init__(self) -> None:
        self.lasting = False
        self._run: list[Any] | None = None
        self._depth = 0
        self._times = 0
        self._trades: list[Any] | None = None
        self._dates: list[datetime] = []
        self._profits: list[Any] = []

    def begin_run(self, strategy: Any) -> None:
        """Find out whether it lasts for the present list of trades, if that is a new one."""
        if self._run is not LocalTrade.bt_trades:
            self._run = LocalTrade.bt_trades
            self.lasting = not Callbacks.of(strategy).any and unpredictable(strategy) is None

    @property
    def present(self) -> int:
        """The number of the time that it is, one that no other has; 0 outside of any."""
        return self._times if self._depth else 0

    def __enter__(self) -> None:
        self._let_go()
        if not self._depth:
            self._times += 1
        self._depth += 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        self._let_go()

    def _let_go(self) -> None:
        if not self._depth and not self.lasting:
            self._trades = None

    def closed_after(self, date: datetime) -> list[Any] | None:
        """The trades that closed after ``date``; None if they aren't known to be the last ones."""
        trades: list[Any] = LocalTrade.bt_trades
        if not self._depth or not self._ascend(trades):
            return None
        return trades[bisect_right(self._dates, date) :]

    def first_profits(self, count: int) -> list[Any]:
        """``close_profit_abs or 0.0`` of as many of the trades that ``closed_after`` looked at."""
        if len(self._profits) < count:
            trades = LocalTrade.bt_trades[len(self._profits) : count]
            self._profits += [profit or 0.0 for profit in map(_close_profit_abs, trades)]
        return self._profits[:count]

    def _ascend(self, trades: list[Any]) -> bool:
        if trades is not self._trades or len(trades) < len(self._dates):
            self._trades = None
            if type(trades) is not list:
                return False
            dates = list(map(_close_date, trades))
            length = len(self._dates)
            if dates[:length] != self._dates:
                self._dates = []
            self._profits = []
            self._trades = trades
        known = self._dates
        for trade in trades[len(known) :]:
            date = trade.close_date
            if type(date) is not datetime or not is_utc(date) or (known and date < known[-1]):
                self._trades = None
                return False
            known.append(date)
        return True


ONLY_FREQTRADE = OnlyFreqtrade()


@functools.wraps(_original_query)
def get_trades_proxy(
    *,
    pair: str | None = None,
    is_open: bool | None = None,
    open_date: datetime | None = None,
    close_date: datetime | None = None,
) -> list[Any]:
    """Closed trades of the time after ``close_date``; any other question is freqtrade's."""
    if (
        is_open is False
        and open_date is None
        and type(close_date) is datetime
        and is_utc(close_date)
    ):
        trades = ONLY_FREQTRADE.closed_after(close_date)
        if trades is not None:
            return [trade for trade in trades if trade.pair == pair] if pair else trades
    found: list[Any] = _original_query(
        pair=pair, is_open=is_open, open_date=open_date, close_date=close_date
    )
    return found


@functools.wraps(_original_run)
def run_protections(self: Any, pair: str, current_time: datetime, side: LongShort) -> None:
    """Ask all protections, of which none changes a trade."""
    if self.enable_protections and _are_freqtrades(self.protections):
        ONLY_FREQTRADE.begin_run(self.strategy)
        with ONLY_FREQTRADE:
            _original_run(self, pair, current_time, side)
    else:
        _original_run(self, pair, current_time, side)


@functools.wraps(_original_global_stop)
def global_stop(
    self: Any,
    now: datetime | None = None,
    side: LongShort = "long",
    starting_balance: float = 0.0,
) -> Any:
    """Lock all pairs if a protection says so, MaxDrawdown without pandas."""
    # Within a time of freqtrade's own code, it is what run_protections has looked at.
    if Trade.use_db or not now or not (ONLY_FREQTRADE.present or _are_freqtrades(self)):
        return _original_global_stop(self, now, side, starting_balance)
    result = None
    for handler in self._protection_handlers:
        if handler.has_global_stop:
            if _is_max_drawdown(handler):
                lock = _max_drawdown(handler, now, starting_balance)
            else:
                lock = handler.global_stop(
                    date_now=now, side=side, starting_balance=starting_balance
                )
            if (
                lock
                and lock.until
                and not PairLocks.is_global_lock(lock.until, side=lock.lock_side)
            ):
                result = PairLocks.lock_pair(
                    "*", lock.until, lock.reason, now=now, side=lock.lock_side
                )
    return result


def _max_drawdown(handler: Any, date_now: datetime, starting_balance: float) -> Any:
    """``MaxDrawdown._max_drawdown``, which runs itself where the drawdown isn't certain."""
    look_back_until = date_now - timedelta(minutes=handler._lookback_period)
    trades = Trade.get_trades_proxy(is_open=False, close_date=look_back_until)
    if len(trades) < handler._trade_limit:
        return None
    if handler._calculation_mode == "equity":
        drawdown = _equity_drawdown(trades, look_back_until, starting_balance)
    else:
        drawdown = _ratio_drawdown(trades)
    if drawdown is None:
        return handler._max_drawdown(date_now, starting_balance)
    if drawdown > handler._max_allowed_drawdown:
        handler.log_once(
            f"Trading stopped due to Max Drawdown {drawdown:.2f} > {handler._max_allowed_drawdown}"
            f" within {handler.lookback_period_str}.",
            type(handler)._max_drawdown.__globals__["logger"].info,
        )
        until = handler.calculate_lock_end(trades)
        return ProtectionReturn(lock=True, until=until, reason=handler._reason(drawdown))
    return None


def _ratio_drawdown(trades: list[Any]) -> np.float64 | None:
    profits = _in_order_of_date(trades, _close_profit)
    if profits is None:
        return None
    return _certain(metrics.max_drawdown(profits).drawdown_abs)


def _equity_drawdown(
    trades: list[Any], after: datetime, starting_balance: float
) -> np.float64 | None:
    profits = _in_order_of_date(trades, _close_profit_abs)
    if profits is None or type(starting_balance) not in (int, float):
        return None
    # freqtrade compares the date of each: those before are the rest where all dates ascend.
    if ONLY_FREQTRADE.closed_after(after) != trades:
        return None
    earlier = ONLY_FREQTRADE.first_profits(len(LocalTrade.bt_trades) - len(trades))
    if not _FLOATS.issuperset(map(type, earlier)):
        return None
    balance = starting_balance + sum(earlier)
    if not (math.isfinite(balance) and balance):
        return None
    return _certain(metrics.max_drawdown(profits, balance, relative=True).relative_account_drawdown)


def _certain(drawdown: float) -> np.float64 | None:
    return np.float64(drawdown) if math.isfinite(drawdown) else None


def _are_floats(values: list[Any]) -> bool:
    return _FLOATS.issuperset(map(type, values)) and all(map(math.isfinite, values))


def _in_order_of_date(trades: list[Any], profit: Any) -> Any:
    """Profits as a frame sorted by ``close_date`` has them; None where they aren't plain."""
    profits = list(map(profit, trades))
    dates = list(map(_close_date, trades))
    if not (_KNOWN_PANDAS and profits and _are_floats(profits)):
        return None
    ranks, rank, before = [], 0, dates[0]
    for date in dates:
        if type(date) is not datetime or not is_utc(date) or date < before:
            return None
        rank += date != before
        ranks.append(rank)
        before = date
    values = np.array(profits)
    if rank + 1 == len(dates):
        return values
    # pandas sorts dates with numpy's quicksort, which reorders trades of the same date.
    order = np.array(ranks, np.int64).view("datetime64[us]").argsort(kind="quicksort")
    return values[order]


def _are_freqtrades(manager: Any) -> bool:
    return type(manager) is ProtectionManager and all(
        _is_freqtrades(type(handler)) for handler in manager._protection_handlers
    )


_verdicts: WeakKeyDictionary[type, tuple[bool, bool]] = WeakKeyDictionary()


def _is_freqtrades(kind: type) -> bool:
    return _verdict(kind)[0]


def _is_max_drawdown(handler: Any) -> bool:
    return _verdict(type(handler))[1] and not vars(handler).keys() & set(_DRAWDOWN_METHODS)


def _verdict(kind: type) -> tuple[bool, bool]:
    """Whether a protection's class is from freqtrade's folder, and whether it is MaxDrawdown.

    freqtrade loads the files of that folder anew: the class isn't the one that can be imported.
    """
    verdict = _verdicts.get(kind)
    if verdict is None:
        functions = [value for value in vars(kind).values() if isinstance(value, FunctionType)]
        theirs = all(
            os.path.dirname(os.path.realpath(function.__code__.co_filename)) == _FOLDER
            for function in functions
        )
        same = all(
            getattr(inspect.getattr_static(kind, name, None), "__code__", None)
            == getattr(MaxDrawdown, name).__code__
            for name in _DRAWDOWN_METHODS
        )
        verdict = _verdicts[kind] = (theirs, theirs and same)
    return verdict


_DRAWDOWN = "freqtrade.plugins.protections.max_drawdown_protection:MaxDrawdown"

REPLACEMENTS = (
    Replacement(
        "freqtrade.persistence.trade_model:LocalTrade.get_trades_proxy",
        staticmethod(get_trades_proxy),
        "protections",
        ("freqtrade.persistence.trade_model:Trade.get_trades_proxy",),
    ),
    Replacement(
        "freqtrade.optimize.backtesting:Backtesting.run_protections",
        run_protections,
        "protections",
        ("freqtrade.plugins.protectionmanager:ProtectionManager.stop_per_pair",),
    ),
    Replacement(
        "freqtrade.plugins.protectionmanager:ProtectionManager.global_stop",
        global_stop,
        "protections",
        (
            f"{_DRAWDOWN}._max_drawdown",
            f"{_DRAWDOWN}.global_stop",
            f"{_DRAWDOWN}._reason",
            "freqtrade.plugins.protections.iprotection:IProtection.calculate_lock_end",
            "freqtrade.plugins.protections.iprotection:IProtection.__init__",
            "freqtrade.data.metrics:calculate_max_drawdown",
            "freqtrade.data.metrics:_calc_drawdown_series",
        ),
    ),
)
