"""Registers replacements of functions with the runtime's manager.

Imports the standard library. Where something is to be asked at each call, what goes into freqtrade
is the registration's proxy: for functions that only read, which may therefore run their original
instead, and for all of them while calls are collected.
"""

from __future__ import annotations

import functools
from types import FunctionType
from typing import Any

from ..runtime.manager import NumbaManager
from . import metrics_probes, price_probes
from .replacement import Replacement

PROBES = {**metrics_probes.PROBES, **price_probes.PROBES}

# Whose functions are told apart by their packages, the longest name first.
_PACKAGES = {
    "technical.vendor.qtpylib": "qtpylib",
    "technical": "technical",
    "pandas_ta": "pandas_ta",
}

_TRADE = "freqtrade.persistence.trade_model:"
_CONVERTER = "freqtrade.data.converter.converter:"
_HANDLERS = "freqtrade.data.history.datahandlers."

# What else may be called again: it changes nothing, or the second call makes the same changes. Not
# what takes less time than it would take to ask: orders and values of a trade.
REPEATABLE = frozenset(
    {
        "freqtrade.data.btanalysis.bt_fileutils:trade_list_to_dataframe",
        "freqtrade.data.btanalysis.historic_precision:get_tick_size_over_time",
        _CONVERTER + "clean_ohlcv_dataframe",
        _CONVERTER + "trim_dataframe",
        _HANDLERS + "idatahandler:IDataHandler._check_empty_df",
        _HANDLERS + "arrowdatahandler:ArrowDataHandler._ohlcv_load",
        "freqtrade.data.dataprovider:DataProvider.get_pair_dataframe",
        "freqtrade.exchange.exchange:Exchange.calculate_funding_fees",
        "freqtrade.optimize.backtesting:Backtesting.get_pair_precision",
        "freqtrade.optimize.optimize_reports.optimize_reports:generate_strategy_stats",
        "freqtrade.persistence.custom_data:CustomDataWrapper.get_custom_data",
        "freqtrade.persistence.pairlock_middleware:PairLocks.get_pair_locks",
        "freqtrade.persistence.pairlock_middleware:PairLocks.is_pair_locked",
        _TRADE + "LocalTrade.calc_profit_ratio",
        "freqtrade.wallets:Wallets.get_available_stake_amount",
    }
)


def function_name(spelled: str) -> str:
    """What a function is registered as: ``market_change``, ``Wallets.update``, ``technical.zema``.

    One of freqtrade's by its own name, one of another package with that package's before it.
    """
    module, _, name = spelled.partition(":")
    package = next((one for one in _PACKAGES if module.startswith(one)), None)
    return name.removeprefix("calculate_") if package is None else f"{_PACKAGES[package]}.{name}"


def place(manager: NumbaManager, module: str, replacement: Replacement, original: Any) -> Any:
    """Register what is behind an attribute, if it is a function; returns what goes there."""
    ours = replacement.ours
    theirs, function = _function(original), _function(ours)
    if theirs is None or function is None:
        return ours
    probes = replacement.probes or PROBES.get(replacement.original)
    registration = manager.register(
        module,
        function_name(replacement.original),
        original=theirs,
        optimized=function,
        pure=probes is not None or replacement.original in REPEATABLE,
        probes=probes,
    )
    if not registration.pure and manager.collecting() is None:
        return ours
    return _as(ours, registration.proxy)


# The same object each time it is put there.
@functools.cache
def _as(ours: Any, proxy: Any) -> Any:
    """The proxy as the kind of attribute that ours is."""
    if isinstance(ours, (staticmethod, classmethod)):
        return type(ours)(proxy)
    if isinstance(ours, property):
        return property(proxy, ours.fset, ours.fdel, ours.__doc__)
    return proxy


def _function(raw: Any) -> Any:
    """The Python function in a class's or module's attribute."""
    if isinstance(raw, (staticmethod, classmethod)):
        raw = raw.__func__
    elif isinstance(raw, property):
        raw = raw.fget
    return raw if isinstance(raw, FunctionType) else None
