"""The wallets of a backtest: the same amounts, of the same types, in the same order."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from freqtrade.enums import RunMode
from freqtrade.persistence import FtNoDBContext, LocalTrade, Trade
from freqtrade.wallets import Wallets
from hypothesis import example, given
from hypothesis import strategies as st
from integration.freqtrade.trades import make_order, make_trade, replaced

from ft_numba_aot.freqtrade_integration import wallets
from ft_numba_aot.freqtrade_integration.identity import identical

EXCHANGE = SimpleNamespace(
    get_proxy_coin=lambda: "USDT",
    get_pair_base_currency=lambda pair: pair.split("/")[0],
    get_conversion_rate=lambda currency, stake: {"BTC": 60000.5}.get(currency),
)


def deferred(*_: Any, **__: Any) -> None:
    raise AssertionError("deferred")


@pytest.fixture(autouse=True)
def no_database() -> Iterator[None]:
    with FtNoDBContext():
        LocalTrade.reset_trades()
        yield
        LocalTrade.reset_trades()


amounts = st.one_of(
    st.floats(0, 1e5), st.integers(0, 1000).map(lambda units: units / 100), st.just(0), st.just(7)
)
entries = st.fixed_dictionaries(
    {
        "pair": st.sampled_from(["ETH/USDT", "BTC/USDT", "XRP/USDT"]),
        "is_short": st.booleans(),
        "amount": amounts,
        "stake_amount": st.one_of(amounts, st.just(np.float64(12.3))),
        "realized_profit": st.one_of(st.floats(-100, 100), st.just(0.0)),
        "orders": st.lists(
            st.tuples(st.sampled_from(["buy", "sell", "stoploss"]), amounts, st.booleans()),
            max_size=3,
        ),
    }
)
configs = st.fixed_dictionaries(
    {
        "dry_run": st.just(True),
        "runmode": st.just(RunMode.BACKTEST),
        "tradable_balance_ratio": st.sampled_from([0.99, 1.0, 1]),
        "dry_run_wallet": st.sampled_from(
            [1000, 1000.1, {"USDT": 1000.0}, {"BTC": 0.5, "USDT": 10}, {"BTC": 1, "EUR": 2.5}]
        ),
        "stake_amount": st.sampled_from(["unlimited", 100, 12.5]),
        "stake_currency": st.just("USDT"),
        "amend_last_stake_amount": st.booleans(),
        "last_stake_amount_min_ratio": st.just(0.5),
    },
    optional={
        "trading_mode": st.sampled_from(["spot", "futures"]),
        "margin_mode": st.sampled_from(["", "isolated", "cross"]),
        "available_capital": st.just(500.5),
    },
)


def open_trade(values: dict[str, Any]) -> None:
    values = dict(values)
    orders = values.pop("orders")
    trade = make_trade(**values)
    trade.amount = values["amount"]
    for side, amount, is_open in orders:
        make_order(trade, side, amount, 40.23, ft_is_open=is_open)
    LocalTrade.add_bt_trade(trade)


def outcome(function: Any, *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except Exception as error:
        return type(error), str(error)


def seen(config: dict[str, Any], is_backtest: bool) -> Any:
    found = Wallets(config, EXCHANGE, is_backtest)
    state = {name: value for name, value in vars(found).items() if name[:5] != "_last"}
    return (
        list(state.items()),
        [type(wallet) for wallet in found.get_all_balances().values()],
        outcome(found.get_available_stake_amount),
        outcome(found.get_trade_stake_amount, "ETH/USDT", 3),
        outcome(found.validate_stake_amount, "ETH/USDT", 80.5, 5.0, 1e6, None),
        found._last_wallet_refresh is not None,
    )


profits = st.one_of(st.floats(-1e3, 1e3), st.just(0))


@given(st.lists(entries, max_size=4), configs, profits, st.booleans())
@example([], {"dry_run_wallet": 1000, "dry_run": True, "tradable_balance_ratio": 1}, 0, True)
def test_wallets_are_freqtrades(
    opened: list[dict[str, Any]], config: dict[str, Any], profit: float, is_backtest: bool
) -> None:
    LocalTrade.reset_trades()
    for values in opened:
        open_trade(values)
    LocalTrade.bt_total_profit = profit
    theirs = seen(config, is_backtest)
    with replaced("wallets", "orders"):
        assert identical(theirs, seen(config, is_backtest))


def test_a_spot_backtest_is_updated_here() -> None:
    config = {"dry_run_wallet": 1000, "dry_run": True, "tradable_balance_ratio": 0.99}
    open_trade({"pair": "ETH/USDT", "amount": 2.0, "stake_amount": 80.0, "orders": []})
    originals = ("_original_update_dry", "_original_get_available_stake_amount")
    with replaced("wallets"), patch.multiple(wallets, **dict.fromkeys(originals, deferred)):
        found = Wallets(config, EXCHANGE, True)
        assert found.get_total("ETH") == 2.0
        assert found.get_available_stake_amount() == (80.0 + 920.0) * 0.99 - 80.0


def test_another_class_of_wallets_is_left_alone() -> None:
    class Mine(Wallets):
        def get_total_stake_amount(self) -> float:
            return 12.0

    config = {"dry_run_wallet": 1000, "dry_run": True, "tradable_balance_ratio": 0.99}
    with replaced("wallets"):
        assert Mine(config, EXCHANGE, True).get_available_stake_amount() == 12.0


def test_the_database_is_asked_by_freqtrade() -> None:
    config = {"dry_run_wallet": 1000, "dry_run": True, "tradable_balance_ratio": 0.99}
    found = Wallets(config, EXCHANGE, True)
    with patch.object(Trade, "use_db", True), replaced("wallets"):
        for name in ("_update_dry", "get_available_stake_amount"):
            with patch.object(wallets, f"_original_{name.lstrip('_')}", return_value="asked") as it:
                getattr(found, name)()
            it.assert_called_once_with(found)
