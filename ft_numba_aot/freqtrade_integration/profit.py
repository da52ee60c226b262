"""Values, profit and stop of a trade: freqtrade's decimal arithmetic in Python's integers.

``FtPrecise`` multiplies the decimals that numbers print, exactly, and cuts quotients off after 18
places; each result is then read as a float. The same integers are built here without the text, and
their quotient by a power of ten is rounded once, as reading rounds. What isn't a plain float or
int, a margin trade and a trade of the database go to the originals.

Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import logging
from functools import lru_cache, wraps
from inspect import getattr_static
from math import inf
from typing import Any, NamedTuple

from freqtrade.enums import TradingMode
from freqtrade.exceptions import OperationalException
from freqtrade.exchange import ROUND_DOWN, ROUND_UP
from freqtrade.persistence import trade_model
from freqtrade.persistence.trade_model import LocalTrade, Order

from .orders import transient_fields
from .replacement import Replacement
from .rounding import amount_to_contract_precision, price_to_precision
from .shortest import POWERS, power, shortest

_MODEL = "freqtrade.persistence.trade_model:"
_PRECISE = (
    "freqtrade.util.ft_precise:FtPrecise",
    "ccxt.base.precise:Precise",
)

_original_init = LocalTrade.__init__
_original_calc_open_trade_value = LocalTrade._calc_open_trade_value
_original_calc_close_trade_value = LocalTrade.calc_close_trade_value
_original_calc_profit_ratio = LocalTrade.calc_profit_ratio
_original_recalc_trade_from_orders = LocalTrade.recalc_trade_from_orders
_original_adjust_stop_loss = LocalTrade.adjust_stop_loss
_original_stake_amount = Order.stake_amount.fget

_PROPERTIES = frozenset(
    name for name in dir(LocalTrade) if hasattr(type(getattr_static(LocalTrade, name)), "__set__")
)
# Before 2026.5 a partial exit's profit was without the funding fees up to it.
_EXITS_HAVE_FUNDING_FEES = (
    "current_funding_fee" in _original_recalc_trade_from_orders.__code__.co_varnames
)
_SPOT = TradingMode.SPOT
_FUTURES = TradingMode.FUTURES
_NUMBERS = frozenset((float, int))
_PLACES = 18  # of a quotient of FtPrecise


def _to_float(digits: int, places: int) -> float | None:
    """``digits / 10**places``, rounded once; None beyond what is usual."""
    if 0 <= places < len(POWERS):
        try:
            return digits / POWERS[places]
        except OverflowError:
            return None
    return None


@lru_cache(maxsize=256, typed=True)
def _with_fee(amount: float, fee: float) -> tuple[int, int]:
    """``amount * (1 + fee)`` as digits and places."""
    digits, places = shortest(amount)
    factor, factor_places = _factor(fee)
    return digits * factor, places + factor_places


@lru_cache(maxsize=256, typed=True)
def _factor(fee: float) -> tuple[int, int]:
    """``1 + fee`` as digits and places."""
    digits, places = shortest(fee)
    if places < 0:
        return 1 + digits * power(-places), 0
    return power(places) + digits, places


def _value(amount: Any, rate: Any, fee: float) -> float | None:
    """``amount * rate * (1 + fee)`` of the decimals, or None for the original to say."""
    if type(amount) in _NUMBERS and type(rate) in _NUMBERS:
        try:
            digits, places = _with_fee(amount, fee)
            rate_digits, rate_places = shortest(rate)
            places += rate_places
            if 0 <= places < len(POWERS):
                return digits * rate_digits / POWERS[places]
        except (ValueError, OverflowError):
            return None
    return None


def _close_value(trade: Any, rate: Any, amount: Any) -> float | None:
    """``trade.calc_close_trade_value(rate, amount)``, or None for the original to say."""
    if type(trade) is not LocalTrade:
        return None
    mode = trade.trading_mode
    fee = trade.fee_close or 0.0
    if type(fee) not in _NUMBERS:
        return None
    if mode is _SPOT:
        return _value(amount or trade.amount, rate, fee if trade.is_short else -fee)
    if mode is _FUTURES:
        short = trade.is_short
        value = _value(amount or trade.amount, rate, fee if short else -fee)
        if value is not None:
            funding_fees = trade.funding_fees or 0.0
            return value - funding_fees if short else value + funding_fees
    return None


def profit_ratios(trade: Any, *rates: Any) -> list[float] | None:
    """``trade.calc_profit_ratio`` of each rate, or None for the original to say."""
    if type(trade) is not LocalTrade:
        return None
    amount, fee, mode = trade.amount, trade.fee_close or 0.0, trade.trading_mode
    if not (
        (mode is _SPOT or mode is _FUTURES) and type(amount) in _NUMBERS and type(fee) in _NUMBERS
    ):
        return None
    short, leverage, open_value = trade.is_short, trade.leverage, trade.open_trade_value
    funding_fees = 0.0 if mode is _SPOT else trade.funding_fees or 0.0
    ratios = []
    try:
        digits, places = _with_fee(amount, fee if short else -fee)
        for rate in rates:
            if type(rate) not in _NUMBERS:
                return None
            rate_digits, rate_places = shortest(rate)
            rate_places += places
            if not 0 <= rate_places < len(POWERS):
                return None
            value = digits * rate_digits / POWERS[rate_places]
            if funding_fees:
                value = value - funding_fees if short else value + funding_fees
            if open_value == 0.0:
                ratios.append(0.0)
                continue
            ratio = (1 - value / open_value if short else value / open_value - 1) * leverage
            # Before 2026.7 it was formatted, which rounds numpy's floats otherwise than round().
            if type(ratio) is not float:
                return None
            ratios.append(round(ratio, 8))
    except (ValueError, OverflowError):
        return None
    return ratios


@wraps(_original_init)
def _init(self: Any, **kwargs: Any) -> None:
    if type(self) is not LocalTrade or not _PROPERTIES.isdisjoint(kwargs):
        _original_init(self, **kwargs)
        return
    # What setattr does with names that are no properties.
    self.__dict__.update(kwargs)
    self.recalc_open_trade_value()
    self.orders = []
    if self.trading_mode == TradingMode.MARGIN and self.interest_rate is None:
        raise OperationalException(
            f"{self.trading_mode} trading requires param interest_rate on trades"
        )


@wraps(_original_calc_open_trade_value)
def _calc_open_trade_value(self: Any, amount: float, open_rate: float) -> float:
    fee = self.fee_open
    value = None
    if type(fee) in _NUMBERS:
        value = _value(amount, open_rate, -fee if self.is_short else fee)
    if value is None:
        return _original_calc_open_trade_value(self, amount, open_rate)  # type: ignore[no-any-return]
    return value


@wraps(_original_calc_close_trade_value)
def _calc_close_trade_value(self: Any, rate: float, amount: float | None = None) -> float:
    value = _close_value(self, rate, amount)
    if value is None:
        return _original_calc_close_trade_value(self, rate, amount)  # type: ignore[no-any-return]
    return value


@wraps(_original_calc_profit_ratio)
def _calc_profit_ratio(
    self: Any, rate: float, amount: float | None = None, open_rate: float | None = None
) -> float:
    ratios = profit_ratios(self, rate) if amount is open_rate is None else None
    if ratios is None:
        return _original_calc_profit_ratio(self, rate, amount, open_rate)  # type: ignore[no-any-return]
    return ratios[0]


def _sum(digits: int, places: int, other: int, other_places: int) -> tuple[int, int]:
    if places == other_places:
        return digits + other, places
    if places > other_places:
        return digits + other * power(places - other_places), places
    return digits * power(other_places - places) + other, other_places


def _quotient(digits: int, places: int, other: int, other_places: int) -> int:
    """``Precise.div`` of a number from 0 by a positive one: digits at 18 places."""
    shift = _PLACES - places + other_places
    if shift >= 0:
        return digits * power(shift) // other
    return digits // power(-shift) // other


class _Fill(NamedTuple):
    """A filled order."""

    is_exit: bool
    size: float
    rate: float
    funding_fee: float


def _fills(trade: LocalTrade) -> list[_Fill] | None:
    """The trade's filled orders, None if one isn't a backtest's or has unusual numbers."""
    fills = []
    entry_side = trade.entry_side
    for order in trade.orders:
        fields = transient_fields(order)
        if fields is None:
            return None
        get = fields.get
        filled = get("filled")
        if get("ft_is_open") or not filled:
            continue
        fee = get("ft_fee_base") or 0.0
        if type(filled) is not float or type(fee) is not float:
            return None
        size = filled - fee
        rate = get("average") or get("price") or get("stop_price") or get("ft_price")
        if not (type(rate) is float and 0.0 < size < inf > rate > 0.0):
            return None
        is_exit = get("ft_order_side") != entry_side
        fills.append(_Fill(is_exit, size, rate, get("funding_fee") or 0.0))
    return fills


class _Position(NamedTuple):
    """What a trade's filled orders come to, with nothing of it in the trade yet."""

    amount: float
    open_rate: float
    stake: float
    max_stake: float
    total_stake: float
    close_profit: float
    close_profit_abs: float
    last_profit_abs: float
    funding_fees: float


def _single_entry(trade: LocalTrade, fill: _Fill) -> _Position | None:
    """The position of one entry: its quotient of stake and amount is its rate."""
    costs = _entry_costs(
        fill.size, fill.rate, -trade.fee_open if trade.is_short else trade.fee_open
    )
    if costs is None:
        return None
    stake, value = costs
    # What adding to 0.0 makes of -0.0.
    funding_fees = 0.0 + fill.funding_fee
    return _Position(fill.size, fill.rate, stake, stake, value, 0.0, 0.0, 0.0, funding_fees)


# freqtrade calculates an entry twice when it opens a trade.
@lru_cache(maxsize=64, typed=True)
def _entry_costs(size: float, rate: float, fee: float) -> tuple[float, float] | None:
    """``size * rate``, without and with the fee."""
    digits, places = shortest(size)
    rate_digits, rate_places = shortest(rate)
    if rate_places > _PLACES or not digits:
        return None
    factor, factor_places = _factor(fee)
    cost = digits * rate_digits
    places += rate_places
    stake = _to_float(cost, places)
    value = _to_float(cost * factor, places + factor_places)
    return None if stake is None or value is None else (stake, value)


def _exit_profit(trade: LocalTrade, rate: float, amount: float, open_rate: float) -> float:
    """``trade.calculate_profit(rate, amount, open_rate).profit_abs``."""
    most = trade.max_stake_amount
    if (
        type(trade.realized_profit) in _NUMBERS
        and type(trade.leverage) in _NUMBERS
        and (most is None or (type(most) is float and 1e-300 < most < inf))
        and 0.0 <= trade.fee_open < 0.5
    ):
        # Nothing in the ratios that are left out can raise.
        close_value = _close_value(trade, rate, amount)
        fee = -trade.fee_open if trade.is_short else trade.fee_open
        open_value = _value(amount, open_rate, fee)
        if close_value is not None and open_value is not None:
            gained = open_value - close_value if trade.is_short else close_value - open_value
            if type(gained) is float:
                return round(gained, 8)
    profit: float = trade.calculate_profit(rate, amount, open_rate).profit_abs
    return profit


def _position(trade: LocalTrade, fills: list[_Fill]) -> _Position | None:
    """The position of any orders. Changes ``funding_fees``, as the original does."""
    amount, amount_places = 0, 0
    stake, stake_places = 0, 0
    max_stake, max_stake_places = 0, 0
    average = 0
    total_stake = close_profit = close_profit_abs = last_profit_abs = 0.0
    total_funding_fees = 0.0
    current_funding_fee = 0.0
    for is_exit, size, rate, funding_fee in fills:
        current_funding_fee += funding_fee
        total_funding_fees += funding_fee
        digits, places = shortest(size)
        if is_exit:
            amount, amount_places = _sum(amount, amount_places, -digits, places)
            stake, stake_places = _sum(stake, stake_places, -average * digits, _PLACES + places)
            # Intermediate funding fees for the profit of this exit.
            trade.funding_fees = current_funding_fee
            last_profit_abs = _exit_profit(trade, rate, size, average / POWERS[_PLACES])
            close_profit_abs += last_profit_abs
            if total_stake > 0:
                close_profit = (close_profit_abs / total_stake) * trade.leverage
            current_funding_fee = 0.0
        else:
            rate_digits, rate_places = shortest(rate)
            factor, factor_places = _factor(-trade.fee_open if trade.is_short else trade.fee_open)
            cost = digits * rate_digits
            cost_places = places + rate_places
            amount, amount_places = _sum(amount, amount_places, digits, places)
            stake, stake_places = _sum(stake, stake_places, cost, cost_places)
            max_stake, max_stake_places = _sum(max_stake, max_stake_places, cost, cost_places)
            value = _to_float(cost * factor, cost_places + factor_places)
            if stake < 0 or value is None:
                return None
            if amount > 0:
                average = _quotient(stake, stake_places, amount, amount_places)
            total_stake += value
    open_rate: float | None = 0.0
    if amount > 0:
        if stake < 0:
            return None
        open_rate = _to_float(_quotient(stake, stake_places, amount, amount_places), _PLACES)
    current = _to_float(amount, amount_places)
    invested = _to_float(stake, stake_places)
    most = _to_float(max_stake, max_stake_places)
    if open_rate is None or current is None or invested is None or most is None:
        return None
    return _Position(
        current,
        open_rate,
        invested,
        most,
        total_stake,
        close_profit,
        close_profit_abs,
        last_profit_abs,
        total_funding_fees,
    )


@wraps(_original_recalc_trade_from_orders)
def _recalc_trade_from_orders(self: Any, *, is_closing: bool = False) -> None:
    if type(self) is not LocalTrade or type(self.fee_open) not in _NUMBERS:
        _original_recalc_trade_from_orders(self, is_closing=is_closing)
        return
    fills = _fills(self)
    position = None
    if fills:
        # All that changes before the position is known, and as it changes in the original.
        self.funding_fees = 0.0
        if len(fills) == 1 and not fills[0].is_exit:
            position = _single_entry(self, fills[0])
        elif _EXITS_HAVE_FUNDING_FEES or not any(fill.funding_fee for fill in fills):
            position = _position(self, fills)
    if position is None:
        _original_recalc_trade_from_orders(self, is_closing=is_closing)
        return
    leverage = self.leverage
    self.funding_fees = position.funding_fees
    self.max_stake_amount = position.max_stake / (leverage or 1.0)
    if position.close_profit:
        self.close_profit = position.close_profit
        self.realized_profit = position.close_profit_abs
        self.close_profit_abs = position.last_profit_abs
    amount = amount_to_contract_precision(
        position.amount, self.amount_precision, self.precision_mode, self.contract_size
    )
    if amount > 0.0:
        self.open_rate = price_to_precision(
            position.open_rate, self.price_precision, self.precision_mode_price
        )
        self.amount = amount
        self.stake_amount = position.stake / (leverage or 1.0)
        self.fee_open_cost = self.fee_open * float(self.max_stake_amount)
        self.recalc_open_trade_value()
        if self.stop_loss_pct is not None and self.open_rate is not None:
            self.adjust_stop_loss(self.open_rate, self.stop_loss_pct)
    elif is_closing and position.total_stake > 0:
        self.close_profit = (position.close_profit_abs / position.total_stake) * leverage
        self.close_profit_abs = position.close_profit_abs


@wraps(_original_adjust_stop_loss)
def _adjust_stop_loss(
    self: Any,
    current_price: float,
    stoploss: float | None,
    initial: bool = False,
    allow_refresh: bool = False,
) -> None:
    if stoploss is None or (initial and not (self.stop_loss is None or self.stop_loss == 0)):
        return
    if type(self) is not LocalTrade or trade_model.logger.isEnabledFor(logging.DEBUG):
        _original_adjust_stop_loss(self, current_price, stoploss, initial, allow_refresh)
        return
    short = self.is_short
    leverage = self.leverage or 1.0
    if short:
        new_loss = float(current_price * (1 + abs(stoploss / leverage)))
    else:
        new_loss = float(current_price * (1 - abs(stoploss / leverage)))
    rounding = ROUND_DOWN if short else ROUND_UP
    new_loss = price_to_precision(
        new_loss, self.price_precision, self.precision_mode_price, rounding_mode=rounding
    )
    if self.initial_stop_loss_pct is None:
        if not self.stop_loss:
            self.initial_stop_loss = new_loss
        self.stop_loss = new_loss
        self.stop_loss_pct = -1 * abs(stoploss)
        self.initial_stop_loss = price_to_precision(
            new_loss, self.price_precision, self.precision_mode_price, rounding_mode=rounding
        )
        self.initial_stop_loss_pct = -1 * abs(stoploss)
    else:
        higher_stop = new_loss > self.stop_loss
        lower_stop = new_loss < self.stop_loss
        if allow_refresh or (higher_stop and not short) or (lower_stop and short):
            if not allow_refresh:
                self.is_stop_loss_trailing = True
            if not self.stop_loss:
                self.initial_stop_loss = new_loss
            self.stop_loss = new_loss
            self.stop_loss_pct = -1 * abs(stoploss)
    if not (
        isinstance(current_price, float)
        and isinstance(self.open_rate, float)
        and isinstance(self.stop_loss, float)
        and isinstance(self.initial_stop_loss, float)
        and isinstance(self.max_rate, (float, type(None)))
    ):
        _describe_stop(self, current_price)


def _describe_stop(self: LocalTrade, current_price: float) -> None:
    """Format what the original formats for its log, for the error that this may raise."""
    _ = (
        f"{self.pair}{current_price:.8f}{self.open_rate:.8f}{self.max_rate or self.open_rate:.8f}"
        f"{self.initial_stop_loss:.8f}{self.stop_loss:.8f}"
        f"{float(self.stop_loss) - float(self.initial_stop_loss or 0.0):.8f}"
    )


@wraps(_original_stake_amount)
def _stake_amount(self: Any) -> float:
    fields = transient_fields(self)
    trade = fields.get("_trade_bt") if fields is not None else None
    if fields is not None and trade is not None:
        amount = fields.get("amount") or fields.get("ft_amount")
        price = (
            fields.get("average")
            or fields.get("price")
            or fields.get("stop_price")
            or fields.get("ft_price")
        )
        leverage = trade.leverage
        if (
            type(amount) is float
            and type(price) is float
            and type(leverage) is float
            and amount >= 0
            and price >= 0
            and leverage > 0
        ):
            try:
                digits, places = shortest(amount)
                price_digits, price_places = shortest(price)
                leverage_digits, leverage_places = shortest(leverage)
            except ValueError:
                return _original_stake_amount(self)  # type: ignore[no-any-return]
            cost = _quotient(
                digits * price_digits, places + price_places, leverage_digits, leverage_places
            )
            stake_amount = _to_float(cost, _PLACES)
            if stake_amount is not None:
                return stake_amount
    return _original_stake_amount(self)  # type: ignore[no-any-return]


REPLACEMENTS: tuple[Replacement, ...] = (
    Replacement(_MODEL + "LocalTrade.__init__", _init, "profit"),
    Replacement(
        _MODEL + "LocalTrade._calc_open_trade_value", _calc_open_trade_value, "profit", _PRECISE
    ),
    Replacement(
        _MODEL + "LocalTrade.calc_close_trade_value",
        _calc_close_trade_value,
        "profit",
        (_MODEL + "LocalTrade._calc_base_close", *_PRECISE),
    ),
    Replacement(
        _MODEL + "LocalTrade.calc_profit_ratio",
        _calc_profit_ratio,
        "profit",
        (
            _MODEL + "LocalTrade.calc_close_trade_value",
            _MODEL + "LocalTrade._calc_base_close",
            *_PRECISE,
        ),
    ),
    Replacement(
        _MODEL + "LocalTrade.recalc_trade_from_orders",
        _recalc_trade_from_orders,
        "profit",
        (
            _MODEL + "LocalTrade._calc_open_trade_value",
            _MODEL + "LocalTrade._calc_base_close",
            _MODEL + "LocalTrade.calc_close_trade_value",
            _MODEL + "LocalTrade.calculate_profit",
            _MODEL + "LocalTrade.entry_side",
            _MODEL + "Order.safe_amount_after_fee",
            _MODEL + "Order.safe_filled",
            _MODEL + "Order.safe_fee_base",
            _MODEL + "Order.safe_price",
            "freqtrade.exchange.exchange_utils:amount_to_contract_precision",
            "freqtrade.exchange.exchange_utils:price_to_precision",
            *_PRECISE,
        ),
    ),
    Replacement(
        _MODEL + "LocalTrade.adjust_stop_loss",
        _adjust_stop_loss,
        "profit",
        (
            _MODEL + "LocalTrade._LocalTrade__set_stop_loss",
            "freqtrade.exchange.exchange_utils:price_to_precision",
        ),
    ),
    Replacement(
        _MODEL + "Order.stake_amount",
        property(_stake_amount),
        "profit",
        (
            _MODEL + "Order.safe_amount",
            _MODEL + "Order.safe_price",
            _MODEL + "Order.trade",
            *_PRECISE,
        ),
    ),
)
