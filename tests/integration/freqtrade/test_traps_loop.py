"""Candles, rows, order and slots: where the loop of a backtest is easily got wrong."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from freqtrade.persistence import Trade
from integration.freqtrade.differential import START, Case, difference, observe
from integration.freqtrade.handmade import MINUTE, at, both, candles, funding, minutes
from integration.freqtrade.releases import since

A, B, C = "A/USDT", "B/USDT", "C/USDT"


# Which row belongs to a candle.


def _twice(frame):
    return pd.concat([frame.iloc[:11], frame.iloc[10:]], ignore_index=True)


def _late_by_a_minute(frame):
    return frame.assign(date=frame["date"].where(frame.index != 10, frame["date"] + MINUTE))


@pytest.mark.parametrize("change", [_twice, _late_by_a_minute])
def test_a_duplicate_or_late_date_makes_its_pair_lag_for_good(change):
    frame = candles(enter_long=[19], exit_long=[29])
    run = both(Case({A: change(frame), B: frame}))
    trades = run.trades().set_index("pair")
    # A trade opens at its row's date and closes at the candle when the row is looked at.
    assert trades.loc[A, "open_date"] == trades.loc[B, "open_date"] == at(20)
    assert trades.loc[A, "close_date"] == at(31)
    assert trades.loc[B, "close_date"] == at(30)


def test_months_are_thirty_days_long():
    frame = candles(30, enter_long=[1], exit_long=[9])
    frame["date"] = pd.date_range("2022-01-01", periods=30, freq="MS", tz="UTC", unit="ms")
    run = both(Case({A: frame}, settings={"timeframe": "1M"}, config={"timeframe": "1M"}))
    (trade,) = run.trades().itertuples()
    assert trade.open_date == frame["date"][2]
    # The row is that of the first of November, which is visited on a day of its own.
    assert trade.close_date == frame["date"][0] + 11 * timedelta(days=30)
    assert trade.close_date != frame["date"][10]


def test_candles_of_another_time_zone_are_left_to_freqtrade():
    frame = candles(enter_long=[10], exit_long=[20])
    frame["date"] = frame["date"].dt.tz_convert("Europe/Berlin")
    run = both(Case({A: frame}), stock_because="the candles' dates are not of UTC")
    (trade,) = run.trades().itertuples()
    # freqtrade takes the time on the clock there for UTC.
    assert trade.open_date == at(11) + timedelta(hours=1)


def test_a_pair_that_ended_early_keeps_its_trade_and_its_slot():
    run = both(
        Case(
            {A: candles(60, enter_long=[40]), B: candles(20, enter_long=[10])},
            config={"max_open_trades": 1},
            settings={"minimal_roi": {"0": 10, "100": -1}},
        )
    )
    (trade,) = run.trades().itertuples()
    assert (trade.pair, trade.open_date, trade.close_date) == (B, at(11), at(19))
    assert run.content()["rejected_signals"] == 1
    wallets = run.wallets()
    assert list(wallets["date"][wallets["currency"] == "B"]) == [at(row) for row in range(12, 20)]
    assert wallets["date"].iloc[-1] == at(59)


def _notes_funding(self, pair, **_):
    fees = [(trade.pair, trade.funding_fees) for trade in Trade.get_trades_proxy(is_open=True)]
    self.notes.append(("confirm_trade_entry", pair, fees))
    return True


def test_a_pair_that_ended_early_pays_no_funding():
    ended, going, later, last = (f"{base}/USDT:USDT" for base in "BCDA")
    run = both(
        Case(
            {
                ended: candles(20, enter_long=[10]),
                going: candles(enter_long=[10]),
                later: candles(enter_long=[13]),
                last: candles(enter_long=[50]),
            },
            funding=dict.fromkeys((ended, going, later, last), funding()),
            members={"confirm_trade_entry": _notes_funding},
            config={"max_open_trades": 4},
            futures=True,
        )
    )
    before, after = (dict(fees) for _, _, fees in run.stock.trace[-2:])
    assert before[ended] == before[going] == after[ended] < 0
    assert after[going] < before[going]


def test_pairs_close_at_the_end_in_the_order_of_their_first_rows():
    late = candles(40, start=START + timedelta(minutes=100), enter_long=[5])
    run = both(Case({A: late, B: candles(60, enter_long=[40])}))
    trades = run.trades()
    assert list(run.stock.values["open by pair"]) == [B, A]
    # A opened first, B is closed first.
    assert list(trades["pair"]) == [B, A]
    assert trades["open_date"][1] < trades["open_date"][0]


def test_the_first_row_is_dropped_by_its_label():
    labels = np.arange(60)
    labels[[20, 40]] = 0
    frame = candles(enter_long=[19, 29], exit_long=[24, 34]).set_index(pd.Index(labels))
    run = both(Case({A: frame, B: candles()}))
    assert "'A/USDT': 57, 'B/USDT': 59" in run.stock.values["dataprovider"][0]
    # The row of the first signal is gone.
    assert list(run.trades()["open_date"]) == [at(30)]


# What is in a row.


def _keeps_frame(self, dataframe, metadata):
    self.lows = dataframe["low"].to_numpy(copy=True)
    dataframe["low"] = pd.Series(self.lows, copy=False)
    dataframe["exit_long"] = 0
    self.kept = dataframe
    return dataframe


def _changes_frame(self, **_):
    self.lows[:] = 1.0
    self.kept.loc[:, "exit_long"] = 1
    return True


def test_rows_are_as_the_frames_were_before_the_run():
    run = both(
        Case(
            {A: candles(enter_long=[10])},
            settings={"stoploss": -0.1},
            members={"populate_exit_trend": _keeps_frame, "confirm_trade_entry": _changes_frame},
        )
    )
    (shown,) = [frame for name, frame in run.stock.frames.items() if name.startswith("cached")]
    assert (shown["low"] == 1.0).all()
    assert (shown["exit_long"] == 1).all()
    (trade,) = run.trades().itertuples()
    assert (trade.exit_reason, trade.close_date) == ("force_exit", at(59))


def test_integer_prices_stay_integers():
    frame = candles(enter_long=[10], exit_long=[20], at={15: {"high": 104, "low": 97}})
    frame = frame.astype(dict.fromkeys(("open", "high", "low", "close"), np.int64))
    run = both(Case({A: frame}))
    trades = run.trades()
    assert list(trades[["max_rate", "min_rate"]].dtypes) == [np.int64, np.int64]
    assert list(trades[["max_rate", "min_rate"]].iloc[0]) == [104, 97]


@pytest.mark.parametrize(
    ("values", "entries"),
    [
        ([1.0, 0.0], 1),
        ([True, False], 1),
        (pd.array([1, 0], "Int64"), 1),
        (np.array([1, 0], np.float32), 1),
        (np.array(["1", "0"], object), 0),
        (np.array([1, "0"], object), 1),
        ([2, 0], 0),
        ([-1, 0], 0),
        ([0.9999999, 0], 0),
    ],
    ids=["1.0", "True", "Int64", "float32", "text", "mixed", "2", "-1", "less than 1"],
)
def test_what_equals_one_enters(values, entries):
    frame = candles(exit_long=[20])
    frame["enter_long"] = pd.Series(values).take([1] * 10 + [0] + [1] * 49).array
    run = both(Case({A: frame}))
    assert len(run.trades()) == entries
    # Those that do are counted where there is no slot.
    full = both(Case({A: frame, B: candles(enter_long=[8])}, config={"max_open_trades": 1}))
    assert full.content()["rejected_signals"] == entries


@pytest.mark.parametrize(
    ("dtype", "value"),
    [(object, 2), (object, -1), (object, 0.5), (object, True), (float, 2), (float, 0.5), (int, -1)],
)
def test_what_is_not_zero_exits(dtype, value):
    frame = candles(enter_long=[10])
    frame["exit_long"] = frame["exit_long"].astype(dtype)
    frame.loc[20, "exit_long"] = value
    run = both(Case({A: frame}))
    (trade,) = run.trades().itertuples()
    assert (trade.exit_reason, trade.close_date) == ("exit_signal", at(21))


def test_an_entry_signal_that_is_not_one_blocks_exits():
    frame = candles(enter_long=[10], exit_long=[20, 25], at={20: {"enter_long": 2}})
    run = both(Case({A: frame}))
    assert list(run.trades()["close_date"]) == [at(26)]


def test_an_entry_signal_that_is_not_one_blocks_roi():
    rising = {row: {"high": 102.0, "enter_long": 2} for row in (20, 21)}
    frame = candles(enter_long=[10], at={**rising, 22: {"high": 102.0}, 23: {"high": 102.0}})
    settings = {"minimal_roi": {"0": 0.01}, "ignore_roi_if_entry_signal": True}
    blocked = both(Case({A: frame}, settings=settings))
    # The signal of row 20 is in row 21, and so on.
    assert list(blocked.trades()["close_date"]) == [at(20)]
    moved = frame.assign(enter_long=frame["enter_long"].where(frame.index != 19, 2))
    blocked = both(Case({A: moved}, settings=settings))
    assert list(blocked.trades()["close_date"]) == [at(23)]


def test_entry_tags_of_any_type_survive():
    frame = candles(enter_long=[5, 15, 25, 35, 45], exit_long=[10, 20, 30, 40, 50])
    frame["enter_tag"] = np.nan
    frame["enter_tag"] = frame["enter_tag"].astype(object)
    for row, tag in ((5, ""), (15, None), (25, 5), (35, np.nan), (45, "dip")):
        frame.loc[row, "enter_tag"] = tag
    run = both(Case({A: frame}, with_stats=False))
    assert run.trades()["enter_tag"].tolist() == ["", None, 5, None, "dip"]


def test_a_number_as_exit_tag_is_an_error_at_the_exit_only():
    frame = candles(enter_long=[10], exit_long=[20]).assign(exit_tag=7)
    failed = both(Case({A: frame}), skips=False)
    assert failed.stock.error.startswith("builtins.TypeError: object of type")
    run = both(Case({A: frame.assign(exit_long=0)}))
    assert list(run.trades()["close_date"]) == [at(59)]


@pytest.mark.parametrize(
    ("name", "value", "ends"),
    [
        ("open", np.nan, True),
        ("high", np.nan, True),
        ("low", np.nan, False),
        ("close", np.nan, False),
    ],
)
def test_no_open_or_high_ends_the_run_of_an_open_trade(name, value, ends):
    frame = candles(enter_long=[10], exit_long=[40], at={25: {name: value}})
    run = both(Case({A: frame}, with_stats=False), skips=not ends)
    assert run.stock.error.startswith("builtins.ValueError") == ends
    without = both(Case({A: frame.assign(enter_long=0)}, with_stats=False))
    assert not without.stock.error


def test_a_high_or_low_of_zero_is_the_open():
    frame = candles(enter_long=[10], at={25: {"low": 0.0}, 26: {"high": 0.0}, 40: {"low": 98.5}})
    run = both(Case({A: frame}, settings={"stoploss": -0.01}, with_stats=False))
    (trade,) = run.trades().itertuples()
    assert (trade.exit_reason, trade.close_date) == ("stop_loss", at(40))
    assert (trade.min_rate, trade.max_rate) == (98.5, 100.5)


def test_an_open_outside_of_high_and_low_leaves_the_entry_unfilled():
    above = {"low": 100.2, "close": 100.3}
    frame = candles(
        enter_long=[10, 30], exit_long=[20], at={11: above, **dict.fromkeys(range(31, 35), above)}
    )
    run = both(Case({A: frame}))
    (trade,) = run.trades().itertuples()
    (order, _) = trade.orders
    assert trade.open_date == at(11)
    assert order["order_filled_timestamp"] == at(12).value // 10**6
    assert run.counters()["timedout_entry_orders"] == 1


# The last candle.


def test_nothing_is_rejected_at_the_last_candle():
    one_slot = {"max_open_trades": 1}
    for signals, rejected in (([58], 0), ([57], 1), ([57, 58], 1)):
        run = both(
            Case({A: candles(enter_long=[10]), B: candles(enter_long=signals)}, config=one_slot)
        )
        assert run.content()["rejected_signals"] == rejected
        assert len(run.trades()) == 1


def test_the_last_candle_is_entered_in_its_second_minute():
    run = both(
        Case(
            {A: candles(20, enter_long=[18])},
            detail={A: minutes(20)},
            config={"timeframe_detail": "1m"},
        )
    )
    (trade,) = run.trades().itertuples()
    assert trade.open_date == at(19) + MINUTE
    assert trade.close_date == at(19)
    assert trade.trade_duration == -1


# Detail candles.


def test_a_row_too_many_in_the_detail_is_at_the_next_candle():
    detail = minutes(40)
    # Minute 3 of candle 20 twice: its last minute is the sixth row.
    detail = pd.concat([detail.iloc[:104], detail.iloc[103:]], ignore_index=True)
    detail.loc[105, "low"] = 98.0
    assert detail["date"][105] == at(20) + 4 * MINUTE
    run = both(
        Case(
            {A: candles(40, enter_long=[10], at={20: {"low": 98.0}})},
            detail={A: detail},
            settings={"stoploss": -0.01},
            config={"timeframe_detail": "1m"},
        )
    )
    (trade,) = run.trades().itertuples()
    assert (trade.exit_reason, trade.close_date) == ("stop_loss", at(21))


def test_detail_candles_count_from_the_first_that_there_is():
    detail = minutes(40, {103: {"low": 98.0}})
    detail = detail.drop(index=[55, 56, 100, 101]).reset_index(drop=True)
    run = both(
        Case(
            {A: candles(40, enter_long=[10], at={20: {"low": 98.0}})},
            detail={A: detail},
            settings={"stoploss": -0.01},
            config={"timeframe_detail": "1m"},
        )
    )
    (trade,) = run.trades().itertuples()
    assert trade.open_date == at(11) + 2 * MINUTE
    # The fall is in minute 3, the second row there is.
    assert trade.close_date == at(20) + 1 * MINUTE


def test_a_signal_without_a_slot_is_rejected_at_each_detail_candle():
    frames = {A: candles(40, enter_long=[10]), B: candles(40, enter_long=[20])}
    one_slot = {"max_open_trades": 1}
    assert both(Case(frames, config=one_slot)).content()["rejected_signals"] == 1
    config = {**one_slot, "timeframe_detail": "1m"}
    detail = dict.fromkeys(frames, minutes(40))
    run = both(Case(frames, detail=detail, config=config))
    assert run.content()["rejected_signals"] == 5


def test_a_slot_that_is_freed_within_a_candle_is_taken_within_it():
    frames = {
        A: candles(40, enter_long=[20]),
        B: candles(40, enter_long=[10], at={21: {"low": 98.0}}),
    }
    run = both(
        Case(
            frames,
            detail={A: minutes(40), B: minutes(40, {107: {"low": 98.0}})},
            settings={"stoploss": -0.01},
            config={"max_open_trades": 1, "timeframe_detail": "1m"},
        )
    )
    trades = run.trades().set_index("pair")
    assert trades.loc[B, "close_date"] == trades.loc[A, "open_date"] == at(21) + 2 * MINUTE
    assert run.content()["rejected_signals"] == 2


def _refuses(self, pair, current_time, **_):
    self.notes.append(("confirm_trade_entry", pair, str(current_time)))
    return False


def test_a_refused_entry_is_asked_for_again_at_each_detail_candle():
    run = both(
        Case(
            {A: candles(40, enter_long=[10])},
            detail={A: minutes(40)},
            config={"timeframe_detail": "1m"},
            members={"confirm_trade_entry": _refuses},
        )
    )
    times = [str((at(11) + minute * MINUTE).to_pydatetime()) for minute in range(5)]
    assert run.stock.trace == [("confirm_trade_entry", A, time) for time in times]


def _notes_order(self, pair, current_time, **_):
    self.notes.append(("custom_exit", pair, str(current_time)[11:16]))


def _refuses_a_until_minute_two(self, pair, current_time, **_):
    return pair != A or current_time.minute % 5 >= 2


def test_the_order_of_pairs_changes_within_a_candle():
    frames = {A: candles(40, enter_long=[10]), B: candles(40, enter_long=[10], exit_long=[11])}
    run = both(
        Case(
            frames,
            detail=dict.fromkeys(frames, minutes(40)),
            config={"timeframe_detail": "1m"},
            members={
                "custom_exit": _notes_order,
                "confirm_trade_entry": _refuses_a_until_minute_two,
            },
        )
    )
    first = str(at(11))[11:15]
    seen = [(pair, time) for _, pair, time in run.stock.trace if time.startswith(first)][:8]
    assert [pair for pair, _ in seen] == [B, B, B, A, B, A, B, A]


def test_a_pair_that_closed_in_a_candle_is_done_with_it():
    detail = minutes(40, {57: {"low": 98.0}})
    run = both(
        Case(
            {A: candles(40, enter_long=[10, 20], at={11: {"low": 98.0}}), B: candles(40)},
            detail={A: detail, B: minutes(40)},
            settings={"stoploss": -0.01},
            config={"timeframe_detail": "1m"},
        )
    )
    trades = run.trades()
    # The signal of the first entry is there until minute 4.
    assert list(trades["close_date"]) == [at(11) + 2 * MINUTE, at(39)]
    assert trades["open_date"][1] == at(21)


@pytest.mark.parametrize("stacking", [False, True])
def test_a_pair_that_closed_in_a_candle_is_not_rejected_in_it(stacking):
    frames = {
        A: candles(40, enter_long=[10, 20], at={21: {"low": 98.0}}),
        B: candles(40, enter_long=[20]),
    }
    run = both(
        Case(
            frames,
            detail={A: minutes(40, {106: {"low": 98.0}}), B: minutes(40)},
            settings={"stoploss": -0.01},
            config={
                "max_open_trades": 1,
                "timeframe_detail": "1m",
                "position_stacking": stacking,
            },
        )
    )
    trades = run.trades().set_index("pair")
    assert trades.loc[A, "close_date"] == trades.loc[B, "open_date"] == at(21) + MINUTE
    # A's signal is there until minute 4. Stacked, both are rejected while they have a trade.
    assert run.content()["rejected_signals"] == (10 if stacking else 1)


def test_a_stacked_pair_goes_on_in_a_candle_in_which_another_closed():
    run = both(
        Case(
            {
                A: candles(40, enter_long=[10, 20]),
                B: candles(40, enter_long=[10], at={21: {"low": 98.0}}),
            },
            detail={A: minutes(40), B: minutes(40, {106: {"low": 98.0}})},
            settings={"stoploss": -0.01},
            config={
                "max_open_trades": 2,
                "timeframe_detail": "1m",
                "position_stacking": True,
            },
        )
    )
    opened = run.trades().set_index("pair")["open_date"]
    # B's slot is free from minute 1, after A's turn.
    assert list(opened[[A]]) == [at(11), at(21) + 2 * MINUTE]


@pytest.mark.parametrize(("expire", "entered"), [(0, 3), (120, None), (180, 3)])
def test_a_signal_expires_within_its_candle(expire, entered):
    frames = {
        A: candles(40, enter_long=[20]),
        B: candles(40, enter_long=[10], at={21: {"low": 98.0}}),
    }
    run = both(
        Case(
            frames,
            detail={A: minutes(40), B: minutes(40, {108: {"low": 98.0}})},
            settings={"stoploss": -0.01, "ignore_buying_expired_candle_after": expire},
            config={"max_open_trades": 1, "timeframe_detail": "1m"},
        )
    )
    opened = run.trades().set_index("pair")["open_date"]
    expected = None if entered is None else at(21) + entered * MINUTE
    assert opened.get(A) == expected
    assert run.content()["rejected_signals"] == 3


@pytest.mark.parametrize(("expire", "rejected"), [(0, 5), (120, 3), (1, 1), (-1, 1)])
def test_an_expired_signal_is_not_rejected(expire, rejected):
    run = both(
        Case(
            {A: candles(40, enter_long=[20]), B: candles(40, enter_long=[10])},
            detail={A: minutes(40), B: minutes(40)},
            settings={"ignore_buying_expired_candle_after": expire},
            config={"max_open_trades": 1, "timeframe_detail": "1m"},
        )
    )
    assert run.content()["rejected_signals"] == rejected


@pytest.mark.parametrize(("before", "after", "entered"), [(120, 0, 3), (0, 120, None)])
def test_a_strategy_may_change_when_signals_expire(before, after, entered):
    def confirm_trade_entry(self, pair, **_):
        self.ignore_buying_expired_candle_after = after
        return True

    run = both(
        Case(
            {
                A: candles(40, enter_long=[20]),
                B: candles(40, enter_long=[10], at={21: {"low": 98.0}}),
            },
            detail={A: minutes(40), B: minutes(40, {108: {"low": 98.0}})},
            settings={"stoploss": -0.01, "ignore_buying_expired_candle_after": before},
            config={"max_open_trades": 1, "timeframe_detail": "1m"},
            members={"confirm_trade_entry": confirm_trade_entry},
        )
    )
    opened = run.trades().set_index("pair")["open_date"]
    assert opened.get(A) == (None if entered is None else at(21) + entered * MINUTE)


def test_an_expiry_that_is_no_plain_number_leaves_nothing_out():
    case = Case(
        {A: candles(40, enter_long=[20]), B: candles(40, enter_long=[10], exit_long=[20])},
        detail={A: minutes(40), B: minutes(40)},
        settings={"ignore_buying_expired_candle_after": np.int64(120)},
        config={"max_open_trades": 1, "timeframe_detail": "1m"},
    )
    stock, ours = observe(case, accelerated=False), observe(case, accelerated=True)
    assert not difference(stock, ours)
    assert len(stock.frames["0 Case trades"]) == 2
    (reason,) = ours.reasons
    assert reason == "every candle is visited: ignore_buying_expired_candle_after is no number"


def _notes_expiry(self, latest_date, current_time, timeframe_seconds, enter):
    self.notes.append(("ignore_expired_candle", str(latest_date), str(current_time), enter))
    return current_time.minute % 5 == 1


def test_a_strategy_may_say_itself_which_signals_have_expired():
    run = both(
        Case(
            {A: candles(40, enter_long=[10]), B: candles(40)},
            detail={A: minutes(40), B: minutes(40)},
            config={"timeframe_detail": "1m"},
            members={"ignore_expired_candle": _notes_expiry},
        ),
        stock_because="the strategy overrides freqtrade's ignore_expired_candle",
    )
    asked = [time for _, _, time, _ in run.stock.trace]
    # Not in the first minute of a candle, and only of candles with a signal or a trade.
    assert str(at(11)) not in asked
    assert asked[:4] == [str((at(11) + minute * MINUTE).to_pydatetime()) for minute in (1, 2, 3, 4)]
    assert len(asked) == 4 * 29


# Slots.


def test_an_exit_frees_its_slot_for_a_pair_listed_before():
    run = both(
        Case(
            {A: candles(enter_long=[20]), B: candles(enter_long=[10], exit_long=[20])},
            config={"max_open_trades": 1},
        )
    )
    trades = run.trades().set_index("pair")
    assert trades.loc[A, "open_date"] == trades.loc[B, "close_date"] == at(21)
    assert run.content()["rejected_signals"] == 0


def test_a_trade_that_closes_at_its_first_candle_frees_its_slot_within_it():
    run = both(
        Case(
            {A: candles(enter_long=[20], at={21: {"low": 98.0}}), B: candles(enter_long=[20])},
            settings={"stoploss": -0.01},
            config={"max_open_trades": 1},
        )
    )
    trades = run.trades().set_index("pair")
    assert trades.loc[A, "open_date"] == trades.loc[A, "close_date"] == at(21)
    assert trades.loc[B, "open_date"] == at(21)


def test_an_unfilled_entry_holds_a_slot():
    run = both(
        Case(
            {A: candles(enter_long=[10]), B: candles(enter_long=[10, 11, 12, 13])},
            config={"max_open_trades": 1},
            members={
                "custom_entry_price": lambda self, pair, proposed_rate, **_: (
                    90.0 if pair == A else proposed_rate
                )
            },
        )
    )
    (trade,) = run.trades().itertuples()
    # A's order times out after ten minutes, before B's turn.
    assert (trade.pair, trade.open_date) == (B, at(13))
    assert run.content()["rejected_signals"] == 2
    assert run.counters()["timedout_entry_orders"] == 1


def test_a_locked_pair_is_not_rejected():
    frames = {
        A: candles(enter_long=[10, 13, 14, 15], exit_long=[12]),
        B: candles(enter_long=[12]),
    }
    one_slot = {"max_open_trades": 1}
    assert both(Case(frames, config=one_slot)).content()["rejected_signals"] == 3
    cooldown = [{"method": "CooldownPeriod", "stop_duration_candles": 2}]
    run = both(Case(frames, config=one_slot, protections=cooldown))
    assert run.stock.values["locks"][0]["lock_end_time"] == str(at(16).to_pydatetime())
    assert run.content()["rejected_signals"] == 1


def _notes_stake(self, pair, proposed_stake, current_time, **_):
    self.notes.append(("custom_stake_amount", repr(proposed_stake)))
    return proposed_stake


def _notes_price(self, proposed_rate, **_):
    self.notes.append(("custom_entry_price", repr(proposed_rate)))
    return proposed_rate


@pytest.mark.parametrize(
    ("slots", "stake", "trades", "proposed"),
    [
        (0, "unlimited", 0, "0"),
        (0, 100.0, 3, "100.0"),
        (-1, 100.0, 3, "100.0"),
        (float("inf"), "unlimited", 0, "0.0"),
        (float("inf"), 100.0, 3, "100.0"),
    ],
)
def test_any_number_of_slots(slots, stake, trades, proposed):
    frames = {pair: candles(enter_long=[10, 20]) for pair in (A, B, C)}
    run = both(
        Case(
            frames,
            config={"stake_amount": stake},
            members={
                # freqtrade's validation of the configuration lets not every combination pass.
                "bot_start": lambda self: setattr(self, "max_open_trades", slots),
                "custom_stake_amount": _notes_stake,
                "custom_entry_price": _notes_price,
            },
            with_stats=False,
        )
    )
    assert len(run.trades()) == trades
    assert run.content()["rejected_signals"] == 0
    prices = [note for note in run.stock.trace if note[0] == "custom_entry_price"]
    stakes = [note[1] for note in run.stock.trace if note[0] == "custom_stake_amount"]
    assert len(prices) == len(stakes) == (3 if trades else 6)
    assert set(stakes) == {proposed}


def test_an_entry_without_funds_is_priced_and_not_counted():
    run = both(
        Case(
            {A: candles(enter_long=[10]), B: candles(enter_long=[20, 30])},
            config={"stake_amount": 6000.0},
            members={"custom_entry_price": _notes_price, "custom_stake_amount": _notes_stake},
        )
    )
    assert [name for name, _ in run.stock.trace] == [
        "custom_entry_price",
        "custom_stake_amount",
        "custom_entry_price",
        "custom_entry_price",
    ]
    assert list(run.trades()["pair"]) == [A]
    assert run.content()["rejected_signals"] == 0
    # One for the entry, one for the exit at the end.
    assert run.counters()["order_id_counter"] == 2


def test_stacked_positions_enter_and_are_rejected():
    frames = {A: candles(enter_long=[10, 12, 14, 20], exit_long=[25])}
    config = {"max_open_trades": 2}
    alone = both(Case(frames, config=config))
    assert (len(alone.trades()), alone.content()["rejected_signals"]) == (1, 0)
    run = both(Case(frames, config={**config, "position_stacking": True}))
    assert list(run.trades()["open_date"]) == [at(11), at(13)]
    assert run.content()["rejected_signals"] == 2


# The second pass.


def test_a_position_is_reversed_within_a_candle():
    pair = "A/USDT:USDT"
    frame = candles(enter_long=[10, 30], exit_long=[20, 40], enter_short=[20, 40, 50])
    # At 41 the signal of the long side makes the short one void.
    frame.loc[40, "enter_long"] = 1
    run = both(
        Case(
            {pair: frame},
            funding={pair: funding()},
            settings={"can_short": True},
            futures=True,
        )
    )
    trades = run.trades()
    assert list(trades["is_short"]) == [False, True]
    assert trades["close_date"][0] == trades["open_date"][1] == at(21)


@pytest.mark.parametrize(("first", "sides"), [([], [True]), ([10], [False, True])])
def test_a_position_that_is_stopped_at_once_is_not_opened_again(first, sides):
    pair = "A/USDT:USDT"
    frame = candles(enter_long=first, enter_short=[20], at={21: {"high": 102.0}})
    run = both(
        Case(
            {pair: frame.assign(exit_long=frame["enter_short"])},
            funding={pair: funding()},
            settings={"can_short": True, "stoploss": -0.01},
            futures=True,
        )
    )
    trades = run.trades()
    # A flat pair has one pass, one that was open has two: in none is there a second short.
    assert list(trades["is_short"]) == sides
    assert trades["open_date"].iloc[-1] == trades["close_date"].iloc[-1] == at(21)


def test_an_entry_follows_a_timed_out_one_within_a_candle():
    run = both(
        Case(
            {A: candles(enter_long=[10, 11, 12])},
            members={
                "custom_entry_price": lambda self, current_time, proposed_rate, **_: (
                    90.0 if current_time == at(11) else proposed_rate
                )
            },
        )
    )
    (trade,) = run.trades().itertuples()
    assert trade.open_date == at(13)
    assert run.counters()["timedout_entry_orders"] == 1
    assert run.counters()["trade_id_counter"] == 2


def _alternate(backtesting, data, run):
    backtesting.available_pairs = list(data)
    calls = []

    def refresh(pairs=None, **_):
        calls.append(pairs)
        listed = [B] if len(calls) % 40 < 20 else [A, B]
        backtesting.pairlists._whitelist = listed

    backtesting.pairlists.refresh_pairlist = refresh


@since("2026.7", "a pair that comes back replays its old candles")
def test_a_dynamic_pairlist_is_left_to_freqtrade():
    run = both(
        Case(
            {A: candles(enter_long=[9, 29]), B: candles(enter_long=[9])},
            config={"enable_dynamic_pairlist": True},
            before_run=_alternate,
        ),
        stock_because="the pairlist is dynamic",
    )
    trades = run.trades().set_index("pair")
    # A isn't listed at its first signal.
    assert trades.loc[A, "open_date"] == at(30)
    assert trades.loc[B, "open_date"] == at(10)
