"""The wallets of a backtest, brought up to date in one pass over the open trades.

Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

from functools import wraps
from typing import Any

from freqtrade.enums import RunMode, TradingMode
from freqtrade.persistence import LocalTrade, Trade
from freqtrade.util import dt_now
from freqtrade.wallets import PositionWallet, Wallet, Wallets

from .replacement import Replacement

# What a named tuple's constructor calls.
_wallet = tuple.__new__

_original_update = Wallets.update
_original_update_dry = Wallets._update_dry
_original_get_available_stake_amount = Wallets.get_available_stake_amount


@wraps(_original_update_dry)
def _update_dry(self: Any) -> None:
    config = self._config
    if not (
        type(self) is Wallets
        and self._is_backtest
        and not Trade.use_db
        and config.get("margin_mode") != "cross"
    ):
        _original_update_dry(self)
        return
    start_cap = self._start_cap
    stake_currency = self._stake_currency
    open_trades = LocalTrade.get_trades_proxy(is_open=True)
    profit = LocalTrade.bt_total_profit
    profit += sum([trade.realized_profit for trade in open_trades])
    in_trades = sum([trade.stake_amount for trade in open_trades])
    wallets: dict[str, Wallet] = {}
    positions: dict[str, PositionWallet] = {}
    used_stake: float
    if config.get("trading_mode", "spot") == TradingMode.FUTURES:
        for trade in open_trades:
            pair = trade.pair
            positions[pair] = PositionWallet(
                pair,
                position=trade.amount,
                leverage=trade.leverage,
                collateral=trade.stake_amount,
                side=trade.trade_direction,
            )
        used_stake = in_trades
    else:
        used_stake = _add_currencies(wallets, open_trades, start_cap, self._exchange)
    free = start_cap.get(stake_currency, 0) + profit - in_trades
    # Cross margin would add to it: a float, whatever the rest is.
    wallets[stake_currency] = _wallet(
        Wallet, (stake_currency, free + 0.0, used_stake, free + used_stake)
    )
    for currency, balance in start_cap.items():
        if currency not in wallets:
            wallets[currency] = _wallet(Wallet, (currency, balance, 0, balance))
    self._wallets = wallets
    self._positions = positions


def _add_currencies(
    wallets: dict[str, Wallet], open_trades: list[Any], start_cap: dict[str, float], exchange: Any
) -> float:
    """Put what spot trades hold into the wallets; the stake of their open orders."""
    base_currency = exchange.get_pair_base_currency
    used_stake = 0.0
    for trade in open_trades:
        currency = base_currency(trade.pair)
        open_orders = trade.open_orders
        pending: float = 0
        if open_orders:
            entry_side, exit_side = trade.entry_side, trade.exit_side
            used_stake += sum(
                [order.stake_amount for order in open_orders if order.ft_order_side == entry_side]
            )
            pending = sum(
                [
                    order.amount
                    for order in open_orders
                    if order.amount and order.ft_order_side == exit_side
                ]
            )
        balance = start_cap.get(currency, 0)
        amount = trade.amount
        wallets[currency] = _wallet(
            Wallet, (currency, balance + amount - pending, pending, amount + balance)
        )
    return used_stake


@wraps(_original_update)
def _update(self: Any, require_update: bool = True) -> None:
    if not (require_update and type(self) is Wallets and self._is_backtest):
        _original_update(self, require_update)
        return
    if not self._config["dry_run"] or self._config.get("runmode") == RunMode.LIVE:
        self._update_live()
    else:
        self._update_dry()
    self._last_wallet_refresh = dt_now()


@wraps(_original_get_available_stake_amount)
def _get_available_stake_amount(self: Any) -> float:
    config = self._config
    if type(self) is not Wallets or Trade.use_db or "available_capital" in config:
        return _original_get_available_stake_amount(self)  # type: ignore[no-any-return]
    free = self.get_free(self._stake_currency)
    tied_up = Trade.total_open_trades_stakes()
    available: float = min((tied_up + free) * config["tradable_balance_ratio"] - tied_up, free)
    return available


REPLACEMENTS: tuple[Replacement, ...] = (
    Replacement(
        "freqtrade.wallets:Wallets.update",
        _update,
        "wallets",
        ("freqtrade.wallets:Wallets._local_log", "freqtrade.util.datetime_helpers:dt_now"),
    ),
    Replacement(
        "freqtrade.wallets:Wallets._update_dry",
        _update_dry,
        "wallets",
        (
            "freqtrade.wallets:Wallet",
            "freqtrade.persistence.trade_model:LocalTrade.open_orders",
            "freqtrade.persistence.trade_model:Trade.get_trades_proxy",
        ),
    ),
    Replacement(
        "freqtrade.wallets:Wallets.get_available_stake_amount",
        _get_available_stake_amount,
        "wallets",
        (
            "freqtrade.wallets:Wallets.get_total_stake_amount",
            "freqtrade.persistence.trade_model:Trade.total_open_trades_stakes",
        ),
    ),
)
