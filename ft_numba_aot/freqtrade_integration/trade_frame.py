"""The frame of a backtest's trades, from what it has columns for.

freqtrade turns each trade and its orders into dictionaries for the API, with dates as text and
fields that the frame then drops. Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
from datetime import UTC, datetime
from typing import Any

import pandas as pd
from freqtrade.constants import NON_OPEN_EXCHANGE_STATES
from freqtrade.data.btanalysis import bt_fileutils
from freqtrade.data.btanalysis.bt_fileutils import BT_DATA_COLUMNS
from freqtrade.persistence.trade_model import LocalTrade

from .orders import sqlalchemy_is_known, transient_fields
from .replacement import Replacement

__all__ = ["REPLACEMENTS", "trade_list_to_dataframe"]

_original = bt_fileutils.trade_list_to_dataframe

_COLUMNS = frozenset(BT_DATA_COLUMNS)

Fields = dict[str, Any]


@functools.wraps(_original)
def trade_list_to_dataframe(trades: list[Any], *, minified: bool = True) -> pd.DataFrame:
    rows = _rows(trades) if minified and sqlalchemy_is_known() else None
    if not rows:
        original: pd.DataFrame = _original(trades, minified=minified)
        return original
    frame = pd.DataFrame.from_records(rows, columns=BT_DATA_COLUMNS)
    frame["close_date"] = pd.to_datetime(frame["close_timestamp"], unit="ms", utc=True)
    frame["open_date"] = pd.to_datetime(frame["open_timestamp"], unit="ms", utc=True)
    frame["close_rate"] = frame["close_rate"].astype("float64")
    return frame


def _rows(trades: Any) -> list[Fields] | None:
    """A record for each trade, if all are certain and have just what the frame needs."""
    if type(trades) is not list:
        return None
    rows = [row for row in map(_row, trades) if row is not None]
    complete = len(rows) == len(trades) and all(row.keys() == _COLUMNS for row in rows[:1])
    return rows if complete else None


def _row(trade: Any) -> Fields | None:
    """What ``trade.to_json(minified=True)`` has for the frame; None if ours may differ."""
    if type(trade) is not LocalTrade:
        return None
    opened, closed = trade.open_date, trade.close_date
    if type(opened) is not datetime or (closed is not None and type(closed) is not datetime):
        return None
    orders = _orders(trade)
    if orders is None:
        return None
    opened = opened.replace(tzinfo=UTC)
    closed = closed.replace(tzinfo=UTC) if closed else None
    # Before 2026.7 the minutes of such a trade were rounded differently.
    if closed is not None and closed < opened:
        return None
    seconds = int((closed - opened).total_seconds()) if closed else None
    return {
        "pair": trade.pair,
        "stake_amount": round(trade.stake_amount, 8),
        "max_stake_amount": round(trade.max_stake_amount, 8) if trade.max_stake_amount else None,
        "amount": round(trade.amount, 8),
        # Texts, until the timestamps replace them.
        "open_date": "",
        "close_date": "",
        "open_rate": trade.open_rate,
        "close_rate": trade.close_rate,
        "fee_open": trade.fee_open,
        "fee_close": trade.fee_close,
        "trade_duration": int(seconds // 60) if seconds is not None else None,
        "profit_ratio": trade.close_profit,
        "profit_abs": trade.close_profit_abs,
        "exit_reason": trade.exit_reason,
        "initial_stop_loss_abs": trade.initial_stop_loss,
        "initial_stop_loss_ratio": (
            trade.initial_stop_loss_pct if trade.initial_stop_loss_pct else None
        ),
        "stop_loss_abs": trade.stop_loss,
        "stop_loss_ratio": trade.stop_loss_pct if trade.stop_loss_pct else None,
        "min_rate": trade.min_rate,
        "max_rate": trade.max_rate,
        "is_open": trade.is_open,
        "enter_tag": trade.enter_tag,
        "leverage": trade.leverage,
        "is_short": trade.is_short,
        "open_timestamp": _milliseconds(opened),
        "close_timestamp": _milliseconds(closed) if closed else None,
        "orders": orders,
        "funding_fees": trade.funding_fees,
    }


def _orders(trade: Any) -> list[Fields] | None:
    """Its filled and open orders, in freqtrade's minified form."""
    entry_side = "sell" if trade.is_short else "buy"
    orders = []
    for order in trade.orders:
        fields = transient_fields(order)
        if fields is None:
            return None
        get = fields.get
        is_open = get("ft_is_open")
        if not (
            (
                is_open is False
                and (get("filled") or 0) > 0
                and get("status") in NON_OPEN_EXCHANGE_STATES
            )
            or (is_open is True and get("status") is not None)
        ):
            continue
        filled = get("order_filled_date")
        if filled is not None and type(filled) is not datetime:
            return None
        side = get("ft_order_side")
        orders.append(
            {
                "amount": get("amount") or get("ft_amount"),
                "safe_price": (
                    get("average") or get("price") or get("stop_price") or get("ft_price")
                ),
                "ft_order_side": side,
                "order_filled_timestamp": (
                    _milliseconds(filled.replace(tzinfo=UTC)) if filled else None
                ),
                "ft_is_entry": side == entry_side,
                "ft_order_tag": get("ft_order_tag"),
                "cost": get("cost") or 0,
            }
        )
    return orders


def _milliseconds(date: datetime) -> int:
    return int(date.timestamp() * 1000)


REPLACEMENTS = (
    Replacement(
        "freqtrade.data.btanalysis.bt_fileutils:trade_list_to_dataframe",
        trade_list_to_dataframe,
        "frame of trades",
        (
            "freqtrade.data.btanalysis.bt_fileutils:BT_DATA_COLUMNS",
            "freqtrade.persistence.trade_model:LocalTrade.select_filled_or_open_orders",
            "freqtrade.persistence.trade_model:LocalTrade.to_json",
            "freqtrade.persistence.trade_model:Order.order_filled_utc",
            "freqtrade.persistence.trade_model:Order.safe_amount",
            "freqtrade.persistence.trade_model:Order.safe_price",
            "freqtrade.persistence.trade_model:Order.to_json",
        ),
    ),
)
