"""Counters, wallets, locks and what else a backtest carries along, in and between its runs."""

from __future__ import annotations

import math
import operator
from datetime import UTC, datetime, timedelta
from functools import reduce

import numpy as np
import pandas as pd
import pytest
from freqtrade.enums import RunMode
from freqtrade.exceptions import DependencyException
from freqtrade.persistence import LocalTrade, PairLocks, Trade
from freqtrade.resolvers import StrategyResolver
from integration.freqtrade.differential import Case
from integration.freqtrade.handmade import MINUTE, at, both, candles, funding

A, B, C = "A/USDT", "B/USDT", "C/USDT"
PERPETUAL = "A/USDT:USDT"


def time(row: int) -> datetime:
    """The date of a row as a callback gets it."""
    return at(row).to_pydatetime()


# Counters and trades.


def test_a_refused_entry_uses_up_an_order_id():
    run = both(
        Case(
            {A: candles(enter_long=[10, 20, 30])},
            members={
                "confirm_trade_entry": lambda self, current_time, **_: current_time > time(30)
            },
        )
    )
    (trade,) = run.stock.values["closed"]
    assert trade[2]["id"] == "1"
    assert [order[2]["id"] for order in trade[3]] == ["3", "4"]
    assert run.counters()["order_id_counter"] == 4


def _remembers(self, pair, trade, order, current_time, **_):
    known = trade.get_custom_data("fills", 0)
    trade.set_custom_data("fills", known + 1)
    self.notes.append(("order_filled", trade.id, order.id, known))


def test_trades_and_orders_are_numbered_on_through_the_runs():
    run = both(
        Case(
            {A: candles(enter_long=[10, 30], exit_long=[20, 40])},
            members={"order_filled": _remembers},
            runs=2,
        )
    )
    assert run.stock.trace == [
        ("order_filled", trade, 2 * trade - 1 + fill, fill)
        for trade in (1, 2, 3, 4)
        for fill in (0, 1)
    ]
    assert run.counters()["trade_id_counter"] == 4
    # Those of the first run are gone, like all that it left in the classes.
    assert [trade for trade, _, _ in run.stock.values["custom data"]] == [3, 4]


def _keeps_list(self, current_time, **_):
    live = Trade.get_trades_proxy(is_open=True)
    if not hasattr(self, "kept"):
        self.kept = live
    self.notes.append((str(current_time), self.kept is live, len(self.kept), len(live)))


def test_a_list_of_open_trades_lives_as_long_as_its_run():
    run = both(
        Case(
            {A: candles(enter_long=[10]), B: candles(enter_long=[30], exit_long=[40])},
            members={"bot_loop_start": _keeps_list},
            runs=2,
        )
    )
    first, second = run.stock.trace[:59], run.stock.trace[59:]
    assert [note[1:] for note in first] == (
        [(True, 0, 0)] * 11 + [(True, 1, 1)] * 20 + [(True, 2, 2)] * 10 + [(True, 1, 1)] * 18
    )
    assert {note[1] for note in second} == {False}
    assert [note[2:] for note in second][-1] == (0, 1)


def _notes_open_trades(self, pair, current_time, **_):
    trades = [
        (trade.pair, str(trade.close_date), trade.exit_reason, len(trade.orders))
        for trade in Trade.get_trades_proxy(is_open=True)
    ]
    self.notes.append(("confirm_trade_entry", pair, str(current_time), trades))
    return True


def test_a_refused_exit_leaves_a_close_date():
    run = both(
        Case(
            {A: candles(enter_long=[10], exit_long=[20]), B: candles(enter_long=[15, 40])},
            settings={"max_open_trades": 2},
            members={
                "confirm_trade_entry": _notes_open_trades,
                "confirm_trade_exit": lambda self, **_: False,
                "custom_entry_price": lambda self, pair, proposed_rate, current_time, **_: (
                    90.0 if pair == B and current_time < time(20) else proposed_rate
                ),
            },
        )
    )
    (_, before, after) = run.stock.trace
    assert before[3] == [(A, "None", "", 1)]
    assert after[3] == [(A, str(time(21)), "", 1)]


def test_roi_that_is_out_of_reach_on_the_first_candle_leaves_a_close_date():
    falling = {"close": 99.8}
    run = both(
        Case(
            {A: candles(enter_long=[10], at={11: falling}), B: candles(enter_long=[10, 40])},
            settings={"minimal_roi": {"0": 0.001, "5": 10}},
            members={
                "confirm_trade_entry": _notes_open_trades,
                "custom_entry_price": lambda self, pair, proposed_rate, current_time, **_: (
                    99.6 if pair == A else 90.0 if current_time < time(20) else proposed_rate
                ),
            },
        )
    )
    _, in_candle, later = run.stock.trace
    assert in_candle[3] == later[3] == [(A, str(time(11)), "", 1)]
    trades = run.trades().set_index("pair")
    assert trades.loc[A, "exit_reason"] == "force_exit"


def test_an_exit_that_is_not_filled_leaves_its_reason():
    run = both(
        Case(
            {A: candles(enter_long=[10], exit_long=[20]), B: candles(enter_long=[20, 40])},
            members={
                "confirm_trade_entry": _notes_open_trades,
                "custom_exit_price": lambda self, **_: 105.0,
                "custom_entry_price": lambda self, pair, proposed_rate, current_time, **_: (
                    90.0 if pair == B and current_time < time(30) else proposed_rate
                ),
            },
        )
    )
    _, waiting, timed_out = run.stock.trace
    assert waiting[3] == [(A, str(time(21)), "exit_signal", 2)]
    assert timed_out[3] == [(A, str(time(21)), "exit_signal", 1)]
    assert run.counters()["timedout_exit_orders"] == 1
    assert set(run.trades()["exit_reason"]) == {"force_exit"}


def _new_month() -> pd.DataFrame:
    """An hour with a tick of 0.1, then candles without any movement off that tick."""
    frame = candles(60, start=datetime(2024, 1, 31, 23, tzinfo=UTC), price=40.2, spread=0.1)
    prices = ["open", "high", "low", "close"]
    frame.loc[frame.index >= 12, prices] = 40.23
    frame["enter_long"] = (frame.index == 5).astype(int)
    frame["exit_long"] = (frame.index >= 30).astype(int)
    return frame


def test_an_exit_between_two_ticks_is_never_filled():
    run = both(Case({A: _new_month()}))
    assert run.trades().empty
    (trade,) = run.stock.values["open"]
    assert trade[2]["price_precision"] == "np.float64(0.1)"
    (_, order) = trade[3]
    assert order[2]["price"] == "40.2"
    assert run.counters()["timedout_exit_orders"] > 5
    assert run.counters()["order_id_counter"] > 12


def _notes(name):
    def method(self, pair, current_time, **_):
        self.notes.append((name, pair, str(current_time)))
        return True

    return method


def test_a_trade_left_open_is_closed_without_asking_and_with_protections():
    early = candles(40, enter_long=[10])
    run = both(
        Case(
            {A: early, B: candles(enter_long=[10])},
            members={name: _notes(name) for name in ("order_filled", "confirm_trade_exit")},
            protections=[{"method": "CooldownPeriod", "stop_duration_candles": 3}],
        )
    )
    # The last row of each pair is what counts.
    assert run.stock.trace == [
        ("order_filled", A, str(time(11))),
        ("order_filled", B, str(time(11))),
        ("order_filled", A, str(time(39))),
        ("order_filled", B, str(time(59))),
    ]
    assert [lock["pair"] for lock in run.stock.values["locks"]] == [A, B]


def test_a_trade_left_open_with_an_unfilled_entry_is_dropped():
    run = both(
        Case(
            {A: candles(enter_long=[57]), B: candles(enter_long=[10])},
            members={
                "custom_entry_price": lambda self, pair, proposed_rate, **_: (
                    90.0 if pair == A else proposed_rate
                )
            },
        )
    )
    assert list(run.trades()["pair"]) == [B]
    assert run.counters()["trade_id_counter"] == 2
    assert run.stock.values["open"] == []


# Wallets.


def _replaced_entry(**more):
    """A's entry is unfilled for a candle, and replaced by one that is filled at once."""
    return {
        "custom_entry_price": lambda self, pair, proposed_rate, **_: (
            90.0 if pair == A else proposed_rate
        ),
        "adjust_entry_price": lambda self, **_: 100.0,
        **more,
    }


def _notes_stake(self, pair, proposed_stake, **_):
    self.notes.append((pair, proposed_stake))
    return proposed_stake


def test_a_stake_is_reckoned_with_wallets_as_they_were_last_updated():
    run = both(
        Case(
            {A: candles(enter_long=[10]), B: candles(enter_long=[30])},
            members=_replaced_entry(custom_stake_amount=_notes_stake),
            precision=(4, 1e-8, 1.0),
        )
    )
    assert run.counters()["replaced_entry_orders"] == 1
    (trade, _) = run.stock.values["closed"]
    assert trade[2]["stake_amount"] == "3200.0"
    # At 90 it would have cost 3240, which the wallet still has as used.
    stale = (3200.0 + (10_000 - 3240.0)) * 0.99 / 3
    assert run.stock.trace == [(A, 3300.0), (B, stale)]
    wallets = run.wallets()
    assert wallets["date"][wallets["currency"] == "A"].iloc[0] == at(32)


def test_sums_of_stakes_are_pythons():
    stakes = {A: 0.1, B: 0.2, C: 0.3}
    run = both(
        Case(
            dict.fromkeys(stakes, candles(enter_long=[10])),
            members={"custom_stake_amount": lambda self, pair, **_: stakes[pair]},
            config={"dry_run_wallet": 1},
        )
    )
    found = [float(trade[2]["stake_amount"]) for trade in run.stock.values["closed"]]
    assert found == list(stakes.values())
    assert 1 - reduce(operator.add, found) != 1 - math.fsum(found)
    wallets = run.wallets()
    assert 1 - sum(found) in set(wallets["balance"][wallets["currency"] == "USDT"])


def _adds_three_times(self, trade, current_time, **_):
    if len(trade.orders) > 3:
        # Nothing is asked any more, and candles can be left out.
        self.position_adjustment_enable = False
    return 100.0 if current_time in (time(13), time(25), time(37)) else None


def _notes_funding(self, trade, **_):
    self.notes.append(trade.funding_fees)
    return True


def test_sums_of_funding_fees_are_pythons():
    rates = [i / 7100 for i in range(1, 9)]
    run = both(
        Case(
            {PERPETUAL: candles(90, enter_long=[10], exit_long=[84])},
            funding={PERPETUAL: funding(90).assign(open_fund=rates)},
            settings={"position_adjustment_enable": True},
            members={
                "adjust_trade_position": _adds_three_times,
                "confirm_trade_exit": _notes_funding,
            },
            config={"stake_amount": 170.0},
            futures=True,
        )
    )
    (trade,) = run.stock.values["closed"]
    first, *fees, last = (order[2]["funding_fee"] for order in trade[3])
    assert first == "None"
    paid = [float(fee) for fee in fees]
    assert len(paid) == 3
    assert reduce(operator.add, paid) != math.fsum(paid)
    assert run.stock.trace == [sum(paid) + float(last)]
    assert run.ours.skipped > 40


def test_stacked_positions_have_the_wallet_of_the_last():
    frame = candles(enter_long=[10, 12], at={13: {"open": 100.3}})
    run = both(Case({A: frame}, config={"position_stacking": True}))
    amounts = run.trades().sort_values("open_date")["amount"].tolist()
    assert amounts[0] > amounts[1]
    wallets = run.wallets()
    held = wallets[wallets["currency"] == "A"].set_index("date")["balance"]
    assert held[at(13)] == amounts[0]
    assert held[at(14)] == amounts[1]


def _rows(wallets, row):
    return list(wallets["currency"][wallets["date"] == at(row)])


def test_wallets_are_captured_in_the_order_of_the_pairs():
    frames = {A: candles(enter_long=[12]), B: candles(enter_long=[10], exit_long=[20])}
    run = both(Case(frames))
    wallets = run.wallets()
    # Before a pair's own visit, in which it enters or exits.
    assert [_rows(wallets, row) for row in (11, 12, 13, 14, 21, 22)] == [
        ["USDT"],
        ["USDT", "B"],
        ["USDT", "B"],
        ["USDT", "B", "A"],
        ["USDT", "B", "A"],
        ["USDT", "A"],
    ]


def test_a_stacked_pair_is_captured_in_the_turn_of_its_first_trade():
    frames = {B: candles(enter_long=[12]), A: candles(enter_long=[10, 14])}
    run = both(Case(frames, config={"position_stacking": True}))
    wallets = run.wallets()
    assert len(run.trades()) == 3
    assert [_rows(wallets, row) for row in (13, 14, 20)] == [
        ["USDT", "A"],
        ["USDT", "A", "B"],
        ["USDT", "A", "B"],
    ]


def test_wallets_are_captured_after_the_visits_to_earlier_pairs():
    frames = {A: candles(enter_long=[10]), B: candles(enter_long=[8], exit_long=[20])}
    run = both(Case(frames, members=_replaced_entry()))
    wallets = run.wallets()
    # A's wallet is brought up to date by B's exit, before it is captured.
    assert [_rows(wallets, row) for row in (20, 21, 22)] == [
        ["USDT", "B"],
        ["USDT", "B", "A"],
        ["USDT", "A"],
    ]


@pytest.mark.parametrize("coins", [{"USDT": 900.5, "A": 3.25}, {"USDT": 900.5, "A": 3}])
def test_coins_in_the_wallet_are_captured_without_a_trade(coins):
    run = both(Case({B: candles(enter_long=[10]), A: candles()}, config={"dry_run_wallet": coins}))
    wallets = run.wallets()
    held = wallets[wallets["currency"] == "A"]
    assert list(held["date"]) == [at(row) for row in range(1, 60)]
    assert set(held["balance"]) == {coins["A"]}
    assert _rows(wallets, 20) == ["USDT", "B", "A"]


def test_an_empty_wallet_is_not_captured():
    run = both(
        Case(
            {A: candles(enter_long=[10])},
            config={"dry_run_wallet": {"USDT": 0, "A": 3.25}},
            with_stats=False,
        )
    )
    assert set(run.wallets()["currency"]) == {"A"}


def test_an_unfilled_trade_is_not_captured():
    run = both(
        Case(
            {A: candles(enter_long=[10, 13, 16])},
            members={"custom_entry_price": lambda self, **_: 90.0},
        )
    )
    assert run.counters()["trade_id_counter"] == 3
    wallets = run.wallets()
    assert set(wallets["currency"]) == {"USDT"}
    assert len(wallets) == 59


def test_only_the_stake_of_futures_is_captured():
    run = both(
        Case(
            {PERPETUAL: candles(enter_long=[10])},
            funding={PERPETUAL: funding()},
            futures=True,
        )
    )
    assert len(run.trades()) == 1
    assert list(run.wallets()["currency"]) == ["USDT"] * 59


def _notes_columns(backtesting, data, run):
    for content in backtesting.all_bt_content.values():
        frame = content["wallet_summary"]
        dtypes = [(name, str(dtype)) for name, dtype in frame.dtypes.items()]
        backtesting.strategylist[0].notes.append((run, dtypes))


@pytest.mark.parametrize(
    ("signals", "futures", "rate", "balance"),
    [
        ([], False, np.int64, np.float64),
        ([10], False, np.float64, np.float64),
        ([], True, np.int64, np.int64),
        ([10], True, np.int64, np.float64),
    ],
)
def test_dtypes_of_the_wallet_history(signals, futures, rate, balance):
    pair = PERPETUAL if futures else A
    run = both(
        Case(
            {pair: candles(enter_long=signals)},
            funding={pair: funding()} if futures else {},
            futures=futures,
            runs=2,
            before_run=_notes_columns,
        )
    )
    dtypes = run.wallets().dtypes
    assert str(dtypes["date"]) == "datetime64[us, UTC]"
    assert (dtypes["rate"], dtypes["balance"]) == (rate, balance)
    # The statistics add a column to it.
    ((_, columns),) = run.stock.trace
    assert columns[-1][0] == "total_quote"


@pytest.mark.parametrize("runmode", [RunMode.HYPEROPT, RunMode.WEBSERVER])
def test_wallets_are_captured_in_backtests_only(runmode):
    frames = {A: candles(enter_long=[10])}
    assert len(both(Case(frames)).wallets()) > 59
    run = both(Case(frames, runmode=runmode, with_stats=False))
    assert run.wallets().empty
    assert len(run.trades()) == 1


# Several runs with one backtester.


def test_rejected_signals_of_an_earlier_strategy_stay():
    run = both(
        Case(
            {
                A: candles(enter_long=[10]),
                B: candles(enter_long=[20, 30]).assign(enter_tag="dip"),
            },
            config={
                "strategy_list": ["Case", "Second"],
                "export": "signals",
                "max_open_trades": 1,
            },
        )
    )
    rejected = [[repr(at(row)), "'dip'"] for row in (21, 31)]
    assert run.stock.values["rejected"] == {B: rejected * 2}
    for name in ("Case", "Second"):
        assert run.content(f"0 {name}")["rejected_signals"] == 2
        frame = run.stock.frames[f"0 {name} rejected {name} {B}"]
        assert len(frame) == (2 if name == "Case" else 4)


def _wants_another_stake(self):
    self.config["stake_amount"] = 123.0


@pytest.mark.parametrize("names", [["Case"], ["Case", "Second"]])
def test_strategies_of_a_list_have_configurations_of_their_own(names):
    run = both(
        Case(
            {A: candles(80, enter_long=[10, 40])},
            config={"strategy_list": names} if len(names) > 1 else {},
            members={"bot_start": _wants_another_stake},
            own={"Second": {"startup_candle_count": 30}},
        )
    )
    for name in names:
        (trade,) = run.trades(f"0 {name}").itertuples()
        # A strategy alone shares its configuration with the wallets; none shares the startup.
        assert (trade.stake_amount < 124) == (len(names) == 1)
        assert trade.open_date == at(11 if len(names) == 1 else 41)


def _as_the_web_server_does(change):
    """Another strategy and settings for the same backtester, and the same data."""

    def before_run(backtesting, data, run):
        if run:
            config = {**backtesting.config, "max_open_trades": 1, "stake_amount": 50.0}
            backtesting.config = config
            backtesting.init_backtest()
            backtesting.enable_protections = False
            backtesting.strategylist = [StrategyResolver.load_strategy(config)]
            backtesting.abort = False
            change(data)

    return before_run


def _nothing(data):
    pass


def _double(data):
    for frame in data.values():
        frame[["open", "high", "low", "close"]] *= 2


@pytest.mark.parametrize(("change", "price"), [(_nothing, 100.0), (_double, 200.0)])
def test_another_backtest_with_the_same_backtester(change, price):
    run = both(
        Case(
            {A: candles(enter_long=[10]), B: candles(enter_long=[20])},
            runs=2,
            before_run=_as_the_web_server_does(change),
        )
    )
    assert [len(run.trades(f"{number} Case")) for number in (0, 1)] == [2, 1]
    (trade,) = run.trades("1 Case").itertuples()
    assert (trade.open_rate, trade.stake_amount) == (price, 50.0)
    assert run.content("1 Case")["rejected_signals"] == 1


def _stops(self, current_time, **_):
    if current_time == time(30):
        self.stop()
    return True


def _is_stopped(backtesting, data, run):
    (strategy,) = backtesting.strategylist
    strategy.stop = lambda: setattr(backtesting, "abort", True)
    with pytest.raises(DependencyException, match="Stop requested"):
        backtesting.backtest_one_strategy(strategy, data, backtesting.timerange)
    strategy.notes.append([trade.id for trade in LocalTrade.bt_trades_open])
    strategy.stop = lambda: None


def test_a_backtest_after_one_that_was_stopped():
    run = both(
        Case(
            {A: candles(enter_long=[10, 29], exit_long=[20])},
            members={"confirm_trade_entry": _stops},
            before_run=_is_stopped,
        )
    )
    assert run.stock.trace == [[2]]
    assert [trade[2]["id"] for trade in run.stock.values["closed"]] == ["3", "4"]
    assert run.wallets()["date"].iloc[0] == at(1)


# Locks.


def _locks(pair, until, side="*"):
    """C locks ``pair`` when it opens, for a reason of its own."""

    def order_filled(self, trade, **_):
        if trade.pair == C and len(trade.orders) == 1:
            self.lock_pair(pair, until, "mine", side)

    return order_filled


@pytest.mark.parametrize(
    ("pair", "side", "opened"),
    [
        (B, "*", 21),
        (B, "long", 21),
        (B, "short", 12),
        ("*", "*", 21),
        ("*", "long", 21),
        ("*", "short", 12),
        (A, "*", 12),
    ],
)
def test_a_lock_ends_with_the_candle_of_its_end(pair, side, opened):
    until = time(20) + timedelta(minutes=2)
    frames = {B: candles(enter_long=range(11, 58)), C: candles(enter_long=[10]), A: candles()}
    members = {"order_filled": _locks(pair, until, side)}
    run = both(Case(frames, members=members))
    (lock,) = run.stock.values["locks"]
    assert lock["lock_end_time"] == str(time(21))
    assert run.trades().set_index("pair").loc[B, "open_date"] == at(opened)
    # Without a slot the signals are rejected from then on.
    run = both(Case(frames, members=members, config={"max_open_trades": 1}))
    assert run.content()["rejected_signals"] == 59 - opened


def _locks_twice(self, trade, **_):
    if trade.pair == C:
        for _ in range(2):
            self.lock_pair(B, time(25), "mine")
        self.unlock_pair(B)
        self.unlock_reason("mine")
        years = [lock.lock_time.year > 2024 for lock in PairLocks.locks]
        self.notes.append((years, [lock.active for lock in PairLocks.locks]))


def test_a_strategys_locks_are_set_and_lifted_by_the_clock_on_the_wall():
    run = both(
        Case(
            {B: candles(enter_long=range(11, 58)), C: candles(enter_long=[10])},
            members={"order_filled": lambda self, trade, order, **_: _locks_twice(self, trade)},
        )
    )
    # Locks of the past are neither found as the same nor lifted.
    assert run.stock.trace[0] == ([True, True], [True, True])
    assert run.trades().set_index("pair").loc[B, "open_date"] == at(26)


def _spies_on_protections(backtesting, data, run):
    original = backtesting.run_protections
    notes = backtesting.strategylist[0].notes

    def run_protections(pair, current_time, side):
        closed = [trade.id for trade in LocalTrade.bt_trades]
        notes.append((pair, str(current_time), closed, len(PairLocks.locks)))
        original(pair, current_time, side)

    backtesting.run_protections = run_protections


def test_protections_run_at_each_exit_with_the_trade_that_closed():
    guard = {
        "method": "StoplossGuard",
        "lookback_period_candles": 20,
        "trade_limit": 1,
        "stop_duration_candles": 5,
    }
    run = both(
        Case(
            {
                A: candles(enter_long=[10], at={30: {"low": 98.0}}),
                B: candles(enter_long=range(20, 58), exit_long=[33]),
            },
            settings={"stoploss": -0.01, "position_adjustment_enable": True},
            members={
                "adjust_trade_position": lambda self, trade, current_time, **_: (
                    -trade.stake_amount / 3 if current_time == time(20) else None
                )
            },
            config={"max_open_trades": 1},
            protections=[guard, {"method": "CooldownPeriod", "stop_duration_candles": 2}],
            before_run=_spies_on_protections,
        )
    )
    assert run.stock.trace[:2] == [(A, str(time(20)), [], 0), (A, str(time(30)), [1], 0)]
    # The pair's lock comes before that of all pairs.
    assert [lock["pair"] for lock in run.stock.values["locks"]][:2] == [A, "*"]
    assert run.trades().set_index("pair").loc[B, "open_date"] == at(36)


def _deactivate():
    PairLocks.locks[0].active = False


def _end_earlier():
    PairLocks.locks[0].lock_end_time = time(30)


def _move():
    PairLocks.locks[0].pair = A


def _turn():
    PairLocks.locks[0].side = "short"


def _clear():
    PairLocks.locks.clear()


def _renew():
    PairLocks.locks = []


def _swap():
    """As many locks as before, in the same list."""
    PairLocks.locks.append(PairLocks.locks.pop())
    lock = PairLocks.locks.pop()
    PairLocks.lock_pair(A, lock.lock_end_time, "mine")


@pytest.mark.parametrize(
    ("edit", "opened"),
    [
        (lambda: None, 41),
        (_deactivate, 26),
        (_end_earlier, 30),
        (_move, 26),
        (_turn, 26),
        (_clear, 26),
        (_renew, 26),
        (_swap, 26),
    ],
)
def test_a_strategy_may_edit_locks(edit, opened):
    def confirm_trade_entry(self, pair, current_time, **_):
        if pair == C and current_time == time(11):
            self.lock_pair(B, time(40), "mine")
        elif pair == C:
            edit()
        return True

    run = both(
        Case(
            {
                C: candles(enter_long=[10, 25], exit_long=[15]),
                B: candles(enter_long=range(12, 58)),
            },
            members={"confirm_trade_entry": confirm_trade_entry},
        )
    )
    assert run.trades().set_index("pair").loc[B, "open_date"] == at(opened)


def test_a_lock_holds_for_the_later_pairs_of_its_candle():
    def confirm_trade_entry(self, pair, current_time, **_):
        if pair == B:
            self.lock_pair(A, current_time + MINUTE, "mine")
            self.lock_pair(C, current_time + MINUTE, "mine")
        return True

    frames = {pair: candles(enter_long=[10, 11]) for pair in (A, B, C)}
    run = both(Case(frames, members={"confirm_trade_entry": confirm_trade_entry}))
    opened = run.trades().set_index("pair")["open_date"]
    assert opened[A] == opened[B] == at(11)
    assert opened[C] == at(12)
