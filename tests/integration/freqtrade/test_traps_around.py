"""What strategies see, futures, and what is around freqtrade's backtest, by small cases.

Each case shows in stock freqtrade that the peculiarity is there, then that the accelerated run
is the same in everything.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from decimal import Context, Decimal
from typing import Any
from unittest.mock import patch

import joblib
import numpy as np
import pandas as pd
import pytest

pytest.importorskip("freqtrade")

from freqtrade.enums import HyperoptState, RunMode
from freqtrade.optimize import backtesting as backtesting_module
from freqtrade.optimize.analysis.lookahead import LookaheadAnalysis
from freqtrade.optimize.backtest_caching import get_strategy_run_id
from freqtrade.optimize.hyperopt_tools import HyperoptStateContainer
from freqtrade.persistence import Trade
from freqtrade.strategy import IntParameter
from freqtrade.util import get_progress_tracker
from integration.freqtrade import differential
from integration.freqtrade.differential import START, Case, Frames
from integration.freqtrade.handmade import (
    at,
    bar,
    both,
    candles,
    hourly_funding,
    noted,
)
from integration.freqtrade.releases import since

import ft_numba_aot

FREE = {"fee": 0.0}
# Slots and stakes that don't depend on how many pairs there are.
ROOM = {"max_open_trades": 10, "stake_amount": 100.0}
FINE = {"from_candles": False}
PAIRS = ("A/USDT", "B/USDT", "C/USDT")
FUTURE = "A/USDT:USDT"

# What strategies see.


@pytest.mark.parametrize("each_candle", [True, False])
def test_frames_end_where_the_order_of_the_pairs_has_brought_them(each_candle):
    def lengths(strategy: Any) -> list[int]:
        get = strategy.dp.get_analyzed_dataframe
        return [len(get(pair, strategy.timeframe)[0]) for pair in PAIRS]

    def confirm_trade_entry(self: Any, pair: str, **_: Any) -> bool:
        self.notes.append(("entry", pair[0], lengths(self)))
        return True

    def bot_loop_start(self: Any, current_time: Any, **_: Any) -> None:
        self.notes.append(("loop", current_time, lengths(self)))

    run = both(
        Case(
            {
                "A/USDT": candles(30, enter_long=[6]),
                "B/USDT": candles(30, enter_long=[6]),
                "C/USDT": candles(30, enter_long=[2]),
            },
            config=ROOM,
            members={
                "confirm_trade_entry": confirm_trade_entry,
                **({"bot_loop_start": bot_loop_start} if each_candle else {}),
            },
        )
    )
    assert noted(run.stock.trace, "entry") == [
        ("C", [3, 3, 3]),
        # Pairs with trades come first.
        ("A", [7, 6, 7]),
        ("B", [7, 7, 7]),
    ]
    if each_candle:
        assert noted(run.stock.trace, "loop")[:2] == [(at(1), [0] * 3), (at(2), [1] * 3)]
        assert (at(7), [6] * 3) in noted(run.stock.trace, "loop")


def test_the_date_up_to_which_candles_are_shown_stays_from_one_run_to_the_next():
    def populate_indicators(self: Any, dataframe: pd.DataFrame, metadata: Any) -> pd.DataFrame:
        self.notes.append(("date", self.dp._DataProvider__slice_date))
        return dataframe

    run = both(
        Case(
            {"A/USDT": candles(30, enter_long=[6]), "B/USDT": candles(25)},
            members={"populate_indicators": populate_indicators},
            runs=2,
        )
    )
    assert noted(run.stock.trace, "date") == [(None,)] * 2 + [(at(29),)] * 2


def test_frames_are_counted_before_the_timerange_is_cut_off():
    def confirm_trade_entry(self: Any, pair: str, current_time: Any, **_: Any) -> bool:
        frame, _ = self.dp.get_analyzed_dataframe(pair, self.timeframe)
        self.notes.append(("frame", current_time, len(frame), frame["date"].iloc[-1]))
        return True

    run = both(
        Case(
            {"A/USDT": candles(40, enter_long=[15])},
            members={"confirm_trade_entry": confirm_trade_entry},
            config={"timerange": f"{int(at(10).timestamp())}-"},
        )
    )
    # The timerange begins at row 10, and the first of its rows is never visited.
    assert noted(run.stock.trace, "frame") == [(at(16), 6, at(5))]


def rising(length: int, **signals: Any) -> pd.DataFrame:
    """Candles whose high tells them apart."""
    frame = candles(length, **signals)
    frame["high"] = 101.0 + np.arange(length)
    return frame


def test_open_trades_are_real_and_up_to_date_only_for_the_pairs_before():
    def note(strategy: Any, pair: str, now: Any) -> None:
        rates = [(trade.pair[0], trade.max_rate) for trade in Trade.get_open_trades()]
        strategy.notes.append(("rates", pair[0], now, rates))

    def confirm_trade_entry(self: Any, pair: str, current_time: Any, **_: Any) -> bool:
        note(self, pair, current_time)
        return True

    def confirm_trade_exit(self: Any, pair: str, current_time: Any, **_: Any) -> bool:
        note(self, pair, current_time)
        return False

    run = both(
        Case(
            {
                "A/USDT": rising(30, enter_long=[2], exit_long=[9]),
                "B/USDT": rising(30, enter_long=[2], exit_long=[9]),
                "C/USDT": rising(30, enter_long=[9]),
            },
            config=ROOM,
            members={
                "confirm_trade_entry": confirm_trade_entry,
                "confirm_trade_exit": confirm_trade_exit,
            },
        )
    )
    found = [note[:1] + note[2:] for note in noted(run.stock.trace, "rates") if note[1] == at(10)]
    assert found == [
        # Of this candle, and of the one before.
        ("A", [("A", 111.0), ("B", 110.0)]),
        ("B", [("A", 111.0), ("B", 111.0)]),
        ("C", [("A", 111.0), ("B", 111.0)]),
    ]
    assert run.ours.visits < 15


def test_what_a_callback_does_to_another_pairs_trade_counts_at_once():
    def confirm_trade_entry(self: Any, pair: str, **_: Any) -> bool:
        for trade in Trade.get_open_trades():
            trade.stop_loss = 98.0
        return True

    run = both(
        Case(
            {
                "A/USDT": candles(40, enter_long=[2], at={25: {"low": 97.0}}),
                "B/USDT": candles(40, enter_long=[15]),
            },
            config=ROOM,
            members={"confirm_trade_entry": confirm_trade_entry},
            **FINE,
        )
    )
    first = run.trades().iloc[0]
    assert (first["close_date"], first["close_rate"]) == (at(25), 98.0)
    assert run.ours.visits < 15


def test_positions_are_adjusted_each_open_candle_with_open_orders_too_and_may_be_closed_by_it():
    def custom_entry_price(self: Any, trade: Any, proposed_rate: float, **_: Any) -> float:
        return proposed_rate if trade is None else 90.0

    def adjust_trade_position(
        self: Any, trade: Any, current_time: Any, max_stake: float, **_: Any
    ) -> Any:
        self.notes.append(("adjust", current_time, trade.has_open_orders, max_stake))
        if current_time == at(6):
            return 100.0
        if current_time == at(10):
            # Of this the wallets don't know yet.
            Trade.get_open_trades()[0].stake_amount = 200.0
        if current_time == at(12):
            return -trade.stake_amount
        return None

    def custom_exit(self: Any, current_time: Any, **_: Any) -> None:
        self.notes.append(("exit", current_time))

    run = both(
        Case(
            {"A/USDT": candles(30, enter_long=[2])},
            settings={"position_adjustment_enable": True},
            config={**ROOM, "unfilledtimeout": {"entry": 60, "exit": 60, "unit": "minutes"}},
            members={
                "custom_entry_price": custom_entry_price,
                "adjust_trade_position": adjust_trade_position,
                "custom_exit": custom_exit,
            },
            **FINE,
        )
    )
    adjusted = noted(run.stock.trace, "adjust")
    assert [time for time, *_ in adjusted] == [at(row) for row in range(3, 13)]
    assert [time for time, is_open, _ in adjusted if is_open] == [at(row) for row in range(7, 13)]
    stakes = {time: stake for time, _, stake in adjusted}
    # Less by the ratio that may be used of the new stake, and not by the stake.
    assert stakes[at(10)] == 10_000 * 0.99 - 100
    assert stakes[at(11)] == (200 + 9_900) * 0.99 - 200
    # It is closed before it could be asked for an exit.
    assert noted(run.stock.trace, "exit") == [(at(row),) for row in range(3, 12)]
    (trade,) = run.trades().itertuples()
    assert (trade.exit_reason, trade.close_date) == ("partial_exit", at(12))


def test_an_order_times_out_at_the_very_moment_and_is_asked_for_only_before():
    def check_entry_timeout(self: Any, current_time: Any, **_: Any) -> bool:
        self.notes.append(("timeout", current_time))
        return False

    def adjust_order_price(
        self: Any, current_time: Any, current_order_rate: float, **_: Any
    ) -> Any:
        self.notes.append(("price", current_time))
        return current_order_rate

    run = both(
        Case(
            {"A/USDT": candles(30, enter_long=[6], at={7: bar(90, 101, 99, 100)})},
            members={
                "check_entry_timeout": check_entry_timeout,
                "adjust_order_price": adjust_order_price,
            },
        )
    )
    # Of ten minutes.
    assert noted(run.stock.trace, "timeout") == [(at(8),)]
    assert noted(run.stock.trace, "price") == [(at(8),)]
    assert run.counters()["timedout_entry_orders"] == 1
    assert run.trades().empty
    assert run.stock.values["open"] == []


def details(frame: pd.DataFrame, spread: float = 0.5) -> pd.DataFrame:
    """Candles of one minute, all like those of the frame."""
    rows = frame.loc[frame.index.repeat(5), ["date", "open", "high", "low", "close", "volume"]]
    minutes = pd.to_timedelta(np.tile(np.arange(5), len(frame)), unit="min")
    rows["date"] = rows["date"] + minutes
    return rows.reset_index(drop=True)


def test_a_price_is_adjusted_only_after_the_date_of_its_order():
    def check_entry_timeout(self: Any, current_time: Any, **_: Any) -> bool:
        self.notes.append(("timeout", current_time))
        return False

    def adjust_order_price(
        self: Any, current_time: Any, current_order_rate: float, **_: Any
    ) -> Any:
        self.notes.append(("price", current_time))
        return current_order_rate

    frame = candles(15, enter_long=[6], at={7: bar(90, 101, 99, 100)})
    detail = details(frame)
    # Of the entry's candle there are the last two minutes only, which come at once.
    detail = detail.drop(index=range(35, 38)).reset_index(drop=True)
    run = both(
        Case(
            {"A/USDT": frame},
            detail={"A/USDT": detail},
            config={
                "timeframe_detail": "1m",
                "unfilledtimeout": {"entry": 60, "exit": 60, "unit": "minutes"},
            },
            members={
                "check_entry_timeout": check_entry_timeout,
                "adjust_order_price": adjust_order_price,
            },
        )
    )
    minute = timedelta(minutes=1)
    times = [at(7) + minute, *(at(8) + n * minute for n in range(35))]
    assert noted(run.stock.trace, "timeout") == [(time,) for time in times]
    # Ordered three minutes after the candle's start.
    assert noted(run.stock.trace, "price") == [(time,) for time in times[1:]]


def test_bot_loop_start_is_called_each_candle_and_before_the_wallets_are_captured():
    def bot_loop_start(self: Any, current_time: Any, **_: Any) -> None:
        self.notes.append(("loop", current_time))
        if current_time == at(5):
            wallets = self.wallets._wallets
            wallets["USDT"] = wallets["USDT"]._replace(total=5.0)

    run = both(Case({"A/USDT": candles(20)}, members={"bot_loop_start": bot_loop_start}))
    assert noted(run.stock.trace, "loop") == [(at(row),) for row in range(1, 20)]
    assert run.wallets()["balance"].tolist() == [10_000.0] * 4 + [5.0] * 15


def test_numbers_of_numpy_stay_so_in_trades():
    run = both(
        Case(
            {FUTURE: candles(40, enter_long=[2], exit_long=[20])},
            members={
                "leverage": lambda self, **_: np.float64(2.0),
                "custom_stake_amount": lambda self, **_: np.float64(300.0),
                "custom_entry_price": lambda self, **_: np.float64(99.9),
            },
            funding={FUTURE: hourly_funding()},
            futures=True,
            **FINE,
        )
    )
    ((_, _, trade, _),) = run.stock.values["closed"]
    assert trade["leverage"] == "np.float64(2.0)"
    assert trade["stake_amount"].startswith("np.float64(299.99")
    assert run.ours.visits < 10


# Futures.


@pytest.mark.parametrize("detail", [True, False])
def test_funding_is_paid_at_visits_on_the_hour_alone(detail):
    frame = candles(40, start=START + timedelta(minutes=2), enter_long=[2])
    run = both(
        Case(
            {FUTURE: frame},
            detail={FUTURE: details(frame)} if detail else {},
            config={**ROOM, **({"timeframe_detail": "1m"} if detail else {})},
            funding={FUTURE: hourly_funding()},
            futures=True,
            **FINE,
        )
    )
    (trade,) = run.trades().itertuples()
    # Candles of two minutes past never meet the hour, their minutes do three times.
    assert round(trade.funding_fees, 12) == (-0.3 if detail else 0.0)
    assert run.ours.visits < 15


def test_funding_is_not_paid_before_an_entry_is_filled():
    # Ordered at 21:55, filled at 22:10.
    ends = {11: bar(90, 101, 99, 100), 14: bar(100, 101, 89, 100)}
    run = both(
        Case(
            {FUTURE: candles(40, enter_long=[10], at=ends)},
            config={"unfilledtimeout": {"entry": 60, "exit": 60, "unit": "minutes"}, **ROOM},
            funding={FUTURE: hourly_funding()},
            futures=True,
            **FINE,
        )
    )
    (trade,) = run.trades().itertuples()
    assert trade.open_date == at(11)
    # At 23:00 and 0:00.
    assert trade.funding_fees == -2 * 0.1 * trade.amount
    assert run.ours.visits < 15


def test_an_order_drops_the_running_funding_fees_until_the_next_hour():
    def bot_loop_start(self: Any, current_time: Any, **_: Any) -> None:
        for trade in Trade.get_open_trades():
            self.notes.append(("fees", current_time, round(trade.funding_fees or 0.0, 12)))

    run = both(
        Case(
            {FUTURE: candles(40, enter_long=[2])},
            settings={"position_adjustment_enable": True},
            config={**ROOM, "unfilledtimeout": {"entry": 600, "exit": 60, "unit": "minutes"}},
            members={
                "bot_loop_start": bot_loop_start,
                "custom_entry_price": lambda self, trade, proposed_rate, **_: (
                    proposed_rate if trade is None else 90.0
                ),
                "adjust_trade_position": lambda self, current_time, **_: (
                    50.0 if current_time == at(16) else None
                ),
            },
            funding={FUTURE: hourly_funding()},
            futures=True,
            **FINE,
        )
    )
    fees = dict(noted(run.stock.trace, "fees"))
    # The order of 22:20 is never filled.
    assert fees[at(12)] == 0.0
    assert fees[at(13)] == fees[at(16)] == -0.1
    assert fees[at(17)] == fees[at(24)] == 0.0
    assert fees[at(25)] == -0.2


def test_funding_of_the_hour_in_which_an_entry_is_filled_counts():
    names = {"A/USDT:USDT": 11, "B/USDT:USDT": 12}
    run = both(
        Case(
            {name: candles(40, enter_long=[row]) for name, row in names.items()},
            config=ROOM,
            funding=dict.fromkeys(names, hourly_funding()),
            futures=True,
            **FINE,
        )
    )
    # Filled at 22:00 and at 22:05, closed after 0:00.
    assert [round(fees, 12) for fees in run.trades()["funding_fees"]] == [-0.3, -0.2]
    assert run.ours.visits < 15


def test_funding_of_an_hour_with_a_fill_counts_twice():
    def adjust_trade_position(self: Any, trade: Any, current_time: Any, **_: Any) -> Any:
        return -trade.stake_amount / 2 if current_time == at(24) else None

    run = both(
        Case(
            {FUTURE: candles(40, enter_long=[2])},
            settings={"position_adjustment_enable": True},
            config=ROOM,
            members={"adjust_trade_position": adjust_trade_position},
            funding={FUTURE: hourly_funding()},
            futures=True,
            **FINE,
        )
    )
    (trade,) = run.trades().itertuples()
    # 22:00 and 23:00 in full, then 23:00 and 0:00 of half.
    assert round(trade.funding_fees, 12) == -0.3


def test_a_roi_may_be_reached_by_funding_alone():
    run = both(
        Case(
            {FUTURE: candles(60, spread=0.0, enter_short=[2])},
            settings={"can_short": True, "minimal_roi": {"0": 0.0015}},
            config={**ROOM, **FREE},
            funding={FUTURE: hourly_funding()},
            futures=True,
            **FINE,
        )
    )
    (trade,) = run.trades().itertuples()
    assert (trade.exit_reason, trade.close_date) == ("roi", at(24))
    assert run.ours.visits < 10


def test_with_cross_margin_each_fill_prices_the_liquidation_of_all_open_trades():
    def liquidations(low: float, *entries: int) -> tuple[list[Any], list[Any], int]:
        names = [f"{name}/USDT:USDT" for name in "AB"]
        frames = {
            name: candles(40, enter_long=[row]) for name, row in zip(names, entries, strict=False)
        }
        frames[names[0]].loc[25, "low"] = low
        run = both(
            Case(
                frames,
                settings={"minimal_roi": {"0": 5.0}},
                config={"stake_amount": 1000.0, "dry_run_wallet": 2500, **FREE},
                members={"leverage": lambda self, **_: 10.0, "stoploss": -5.0},
                funding=dict.fromkeys(frames, hourly_funding(rate=0.0)),
                futures=True,
                cross=True,
                precision=(4, 0.01, 1e-8),
                **FINE,
            )
        )
        updates = [text for _, _, text in run.stock.log if "liquidation price for all" in text]
        prices = [trade[2]["liquidation_price"] for trade in run.stock.values["closed"]]
        return run.trades()["exit_reason"].tolist(), prices, len(updates)

    assert liquidations(77.5, 2) == (["force_exit"], ["76.97"], 2)
    # The second pair's trade brings the first one's liquidation nearer.
    reasons, prices, updates = liquidations(77.5, 2, 9)
    assert (reasons, updates) == (["liquidation", "force_exit"], 4)
    assert prices[0] == "77.93"


@pytest.fixture
def exchange_of_its_own(monkeypatch) -> Callable[..., None]:
    """Makes the exchange one of a subclass with these methods."""

    def use(**methods: Any) -> None:
        exchange = differential._exchange(True, False)
        kind = type("Own", (type(exchange),), methods)
        monkeypatch.setattr(exchange, "__class__", kind)

    return use


def leveraged(low: float) -> Case:
    return Case(
        {FUTURE: candles(60, enter_long=[2], at={40: {"low": low}})},
        config={**ROOM, **FREE},
        members={"leverage": lambda self, max_leverage, **_: max_leverage},
        funding={FUTURE: hourly_funding()},
        futures=True,
        **FINE,
    )


def test_an_exchanges_own_funding_fees_are_left_to_freqtrade(exchange_of_its_own):
    def calculate_funding_fees(self: Any, *_: Any, **__: Any) -> float:
        return -7.0

    exchange_of_its_own(calculate_funding_fees=calculate_funding_fees)
    run = both(leveraged(98.0), stock_because="the exchange has its own calculate_funding_fees")
    assert run.trades()["funding_fees"].tolist() == [-7.0]


@pytest.mark.parametrize(
    ("name", "result", "low", "column", "value"),
    [
        ("dry_run_liquidation_price", 94.0, 95.5, "exit_reason", "force_exit"),
        ("dry_run_liquidation_price", 98.0, 98.0, "exit_reason", "liquidation"),
        ("get_maintenance_ratio_and_amt", (0.03, 0.0), 98.0, "exit_reason", "liquidation"),
        ("get_max_leverage", 1.5, 95.5, "leverage", 1.5),
    ],
)
def test_an_exchanges_own_methods_are_called(exchange_of_its_own, name, result, low, column, value):
    assert both(leveraged(low)).trades()[column].tolist() != [value]
    exchange_of_its_own(**{name: lambda self, *_, **__: result})
    run = both(leveraged(low))
    assert run.trades()[column].tolist() == [value]
    assert run.ours.visits < 10


# Around the loop.


@since("2026.8", "a growth rate beyond any float is an error")
def test_decimals_are_those_of_fourteen_digits_and_candles_keep_the_counts():
    # Three decimals that are no floats, and more digits than count.
    prices = [0.1 + 0.2, 1.0 - 0.9, 123456.78901234567, 5.0]
    frame = candles(12, enter_long=[2])
    for row, price in enumerate(prices):
        frame.loc[row, ["open", "high", "low", "close"]] = price
    run = both(Case({"A/USDT": frame}))
    (shown,) = (found for name, found in run.stock.frames.items() if name.startswith("cached"))
    names = ["open_count", "high_count", "low_count", "close_count", "max_count"]
    assert list(shown.columns[6:11]) == names
    assert shown["open_count"].tolist()[:3] == [1.0, 1.0, 8.0]
    assert np.isnan(shown["open_count"][3])
    assert set(shown[names].dtypes) == {np.dtype(np.float64)}


def test_signals_that_were_in_the_candles_before_are_not_dropped():
    def populate_indicators(self: Any, dataframe: pd.DataFrame, metadata: Any) -> pd.DataFrame:
        dataframe["enter_long"] = (dataframe.index == 5).astype(int)
        dataframe["exit_long"] = (dataframe.index == 9).astype(int)
        return dataframe

    def unchanged(self: Any, dataframe: pd.DataFrame, metadata: Any) -> pd.DataFrame:
        return dataframe

    run = both(
        Case(
            {"A/USDT": candles(30)},
            members={
                "populate_indicators": populate_indicators,
                "populate_entry_trend": unchanged,
                "populate_exit_trend": unchanged,
            },
        )
    )
    (trade,) = run.trades().itertuples()
    assert (trade.open_date, trade.close_date) == (at(6), at(10))


def analysed(backtesting: Any, data: Frames) -> tuple[Frames, datetime, datetime]:
    """What ``Backtesting.backtest`` is given: analysed candles, first and last date."""
    (strategy,) = backtesting.strategylist
    backtesting._set_strategy(strategy)
    processed = strategy.advise_all_indicators(data)
    trimmed = backtesting_module.trim_dataframes(
        processed, backtesting.timerange, backtesting.required_startup
    )
    return processed, *backtesting_module.history.get_timerange(trimmed)


def test_the_candles_that_were_given_are_trimmed_afterwards_and_not_shifted():
    def before_run(backtesting: Any, data: Frames, _: int) -> None:
        processed, start, end = analysed(backtesting, data)
        (given,) = processed.values()
        backtesting.backtest(processed=processed, start_date=start, end_date=end)
        (left,) = processed.values()
        ((shown, _),) = backtesting.dataprovider._DataProvider__cached_pairs.values()
        backtesting.strategy.notes.append(
            (
                "left",
                list(left.columns),
                left.index.tolist(),
                left.index[left["enter_long"] == 1].tolist(),
                [str(dtype) for dtype in left.dtypes],
                left is given,
                left is shown,
                shown is given,
                len(shown),
                len(given),
            )
        )

    run = both(
        Case(
            {"A/USDT": candles(30, enter_long=[12])},
            settings={"startup_candle_count": 5},
            before_run=before_run,
        )
    )
    ((columns, index, entries, _, *rest),) = noted(run.stock.trace, "left")
    assert {"enter_long", "enter_tag", "exit_long", "exit_tag"} <= set(columns)
    assert index == list(range(5, 30))
    assert entries == [12]
    assert rest == [False, False, True, 30, 30]


@since("2026.6", "progress is counted without a display")
def test_hyperopt_counts_on_and_has_neither_pairlists_nor_progress_nor_an_api():
    def before_run(backtesting: Any, data: Frames, _: int) -> None:
        processed, start, end = analysed(backtesting, data)
        pairlists = backtesting.pairlists
        backtesting.pairlists = None
        with patch.multiple(backtesting.exchange, _api=None, _api_async=None, loop=None):
            for _ in range(2):
                results = backtesting.backtest(
                    processed=deepcopy(processed), start_date=start, end_date=end
                )
                backtesting.strategy.notes.append(
                    (
                        "epoch",
                        backtesting.progress,
                        results["results"].to_dict("list"),
                        [trade.id for trade in Trade.get_trades_proxy(is_open=False)],
                        [
                            order.order_id
                            for trade in Trade.get_trades_proxy(is_open=False)
                            for order in trade.orders
                        ],
                    )
                )
        backtesting.pairlists = pairlists

    run = both(
        Case(
            {"A/USDT": candles(30, enter_long=[2, 12], exit_long=[9])},
            runmode=RunMode.HYPEROPT,
            before_run=before_run,
        )
    )
    epochs = noted(run.stock.trace, "epoch")
    assert [progress for progress, *_ in epochs] == [None, None]
    assert [ids for _, _, ids, _ in epochs] == [[1, 2], [3, 4]]
    assert [orders for *_, orders in epochs] == [list("1234"), list("5678")]
    assert len(run.wallets()) == 0


def test_each_epoch_has_frames_of_its_own_and_a_parameters_range_follows_hyperopts_state(tmp_path):
    def populate_indicators(self: Any, dataframe: pd.DataFrame, metadata: Any) -> pd.DataFrame:
        self.notes.append(("range", list(self.length.range)))
        dataframe["seen"] = 0
        return dataframe

    def populate_entry_trend(self: Any, dataframe: pd.DataFrame, metadata: Any) -> pd.DataFrame:
        dataframe["seen"] += 1
        dataframe.loc[dataframe.index[5], "close"] += 1.0
        dataframe["enter_long"] = (dataframe.index == self.length.value).astype(int)
        self.notes.append(("seen", dataframe["seen"].max(), dataframe["close"][5]))
        return dataframe

    file = tmp_path / "candles.pkl"

    def before_run(backtesting: Any, data: Frames, _: int) -> None:
        before = HyperoptStateContainer.state
        try:
            (strategy,) = backtesting.strategylist
            # One of its own for each of the two runs, as it keeps its value.
            type(strategy).length = IntParameter(2, 6, default=4, space="buy")
            HyperoptStateContainer.set_state(HyperoptState.INDICATORS)
            processed, start, end = analysed(backtesting, data)
            joblib.dump(processed, file)
            HyperoptStateContainer.set_state(HyperoptState.OPTIMIZE)
            for length in (2, 6):
                strategy.length.value = length
                results = backtesting.backtest(
                    processed=joblib.load(file), start_date=start, end_date=end
                )
                dates = results["results"]["open_date"].tolist()
                strategy.notes.append(("opened", dates))
        finally:
            HyperoptStateContainer.set_state(before)

    run = both(
        Case(
            {"A/USDT": candles(30)},
            members={
                "populate_indicators": populate_indicators,
                "populate_entry_trend": populate_entry_trend,
            },
            config={"spaces": ["buy"], "hyperopt": "Loss"},
            runmode=RunMode.HYPEROPT,
            before_run=before_run,
        )
    )
    assert noted(run.stock.trace, "range")[0] == ([2, 3, 4, 5, 6],)
    assert noted(run.stock.trace, "range")[-1] != noted(run.stock.trace, "range")[0]
    assert noted(run.stock.trace, "seen")[:2] == [(1, 101.0)] * 2
    assert noted(run.stock.trace, "opened") == [([at(3)],), ([at(7)],)]


def test_candles_may_be_read_only(tmp_path):
    def before_run(backtesting: Any, data: Frames, _: int) -> None:
        processed, start, end = analysed(backtesting, data)
        joblib.dump(processed, tmp_path / "candles.pkl")
        processed = joblib.load(tmp_path / "candles.pkl", mmap_mode="r")
        (frame,) = processed.values()
        values = frame["close"].to_numpy()
        while values.base is not None and not isinstance(values, np.memmap):
            values = values.base
        results = backtesting.backtest(processed=processed, start_date=start, end_date=end)
        backtesting.strategy.notes.append(
            ("values", type(values).__name__, values.flags.writeable, len(results["results"]))
        )

    run = both(
        Case(
            {"A/USDT": candles(60, enter_long=[2, 30], exit_long=[20])},
            settings={"trailing_stop": True, "stoploss": -0.1, "minimal_roi": {"0": 0.5}},
            before_run=before_run,
        )
    )
    assert noted(run.stock.trace, "values") == [("memmap", False, 2)]


def test_with_debug_messages_every_candle_is_freqtrades(monkeypatch):
    class Messages(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found[-1].append(record.getMessage())

    found: list[list[str]] = []
    logger = logging.getLogger("freqtrade.persistence.trade_model")
    monkeypatch.setattr(logger, "level", logging.DEBUG)
    logger._cache.clear()
    handler = Messages(logging.DEBUG)
    logger.addHandler(handler)
    try:
        run = both(
            Case(
                {"A/USDT": candles(30, enter_long=[2])},
                settings={"trailing_stop": True, "stoploss": -0.1},
                before_run=lambda *_: found.append([]),
            ),
            stock_because="debug messages of every candle are logged",
        )
    finally:
        logger.removeHandler(handler)
        logger._cache.clear()
    stock, ours = found
    assert len([text for text in stock if "Keeping current stoploss" in text]) > 20
    assert stock == ours
    assert len(run.trades()) == 1


def test_a_backtest_that_is_aborted_stops_at_the_next_candle():
    def confirm_trade_entry(self: Any, **_: Any) -> bool:
        self.backtesting.abort = True
        return True

    def before_run(backtesting: Any, data: Frames, _: int) -> None:
        backtesting.strategylist[0].backtesting = backtesting

    run = both(
        Case(
            {"A/USDT": candles(60, enter_long=[2, 30], exit_long=[3])},
            members={"confirm_trade_entry": confirm_trade_entry},
            before_run=before_run,
        ),
        skips=False,
    )
    assert run.stock.error == "freqtrade.exceptions.DependencyException: Stop requested"


@since("2026.6", "progress is counted without a display")
def test_progress_ends_at_the_same_count_and_may_be_followed():
    steps: list[list[tuple[str, float]]] = []

    def before_run(backtesting: Any, data: Frames, _: int) -> None:
        steps.append([])
        backtesting.progress = get_progress_tracker(
            ft_callback=lambda task: steps[-1].append((task.description, task.completed))
        )
        backtesting._progress_task_overall = backtesting.progress.add_task("Backtest", total=4)
        backtesting._progress_task = backtesting.progress.add_task("Backtesting", total=0)

    run = both(Case({"A/USDT": candles(600, enter_long=[2])}, before_run=before_run))
    stock, ours = steps
    assert run.stock.values["progress"][1][1:] == (599.0, 599)
    assert stock[-1] == ours[-1] == ("backtest", 599.0)
    assert len(ours) < 20 < 599 < len(stock)


def test_look_ahead_analysis_backtests_a_copy_of_its_candles():
    def before_run(backtesting: Any, data: Frames, _: int) -> None:
        processed, _, _ = analysed(backtesting, data)
        before = deepcopy(processed)
        results = [LookaheadAnalysis.get_result(backtesting, processed) for _ in range(2)]
        for pair, frame in processed.items():
            pd.testing.assert_frame_equal(frame, before[pair])
        backtesting.strategy.notes.extend(
            ("result", result["results"].to_dict("list")) for result in results
        )

    run = both(
        Case(
            {"A/USDT": candles(30, enter_long=[2], exit_long=[9])},
            settings={"startup_candle_count": 2},
            before_run=before_run,
        )
    )
    first, second = (result for (result,) in noted(run.stock.trace, "result"))
    assert first["open_date"] == second["open_date"] == [at(3)]


def test_a_runs_identity_is_that_of_the_configuration_without_us():
    def before_run(backtesting: Any, data: Frames, _: int) -> None:
        (strategy,) = backtesting.strategylist
        strategy.notes.append(("config", sorted(backtesting.config), sorted(strategy.config)))
        strategy.notes.append(("id", get_strategy_run_id(strategy)))

    run = both(
        Case(
            {"A/USDT": candles(30, enter_long=[2])},
            members={"__file__": __file__},
            before_run=before_run,
        )
    )
    ((identity,),) = noted(run.stock.trace, "id")
    assert len(identity) == 40
    config = {"stake_amount": 1.0}
    try:
        ft_numba_aot.enable(config)
    finally:
        ft_numba_aot.disable()
    assert config == {"stake_amount": 1.0}


def test_values_of_trades_are_exact_products_rounded_once():
    amount, rate = 41776297.0155973, 222411173.473037
    frame = candles(20, price=rate, spread=0.0, enter_long=[2], exit_long=[9])
    run = both(
        Case(
            {"A/USDT": frame},
            config={**FREE, "stake_amount": amount * rate + 10.0, "dry_run_wallet": 1e17},
            precision=(4, 1e-6, 1e-7),
            **FINE,
        )
    )
    ((_, _, trade, _),) = run.stock.values["closed"]
    assert (trade["amount"], trade["open_rate"]) == (repr(amount), repr(rate))
    exact = int(amount * 10**7 + 0.5), int(rate * 10**6 + 0.5)
    assert exact == (417762970155973, 222411173473037)
    assert trade["open_trade_value"] == repr(exact[0] * exact[1] / 10**13)
    # Rounded to 28 digits first, it would be another.
    rounded = Context(prec=28).multiply(Decimal(repr(amount)), Decimal(repr(rate)))
    assert trade["open_trade_value"] != repr(float(rounded))


def test_amounts_in_contracts_are_cut_off_after_eighteen_decimals():
    run = both(
        Case(
            {FUTURE: candles(20, price=1e6, enter_long=[2], exit_long=[9])},
            config={**FREE, "stake_amount": 1e-4},
            funding={FUTURE: hourly_funding()},
            futures=True,
            contract_size=3.0,
            precision=(4, 0.1, 1e-18),
            **FINE,
        )
    )
    ((_, _, trade, _),) = run.stock.values["closed"]
    # A third of 1e-10 contracts.
    assert trade["amount"] == repr(9.9999999e-11)
