"""What an open trade does in freqtrade that a faster backtest could get wrong, by small cases.

Each case shows in stock freqtrade that the peculiarity is there, then that the accelerated run
is the same in everything.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("freqtrade")

from freqtrade.persistence import Trade
from freqtrade.strategy import IStrategy
from integration.freqtrade.cases import split
from integration.freqtrade.differential import Case
from integration.freqtrade.handmade import at, bar, both, candles, hourly_funding, noted

FREE = {"fee": 0.0}
# Slots and stakes that don't depend on how many pairs there are.
ROOM = {"max_open_trades": 10, "stake_amount": 100.0}
HUNDREDTHS = {"from_candles": False, "precision": (4, 0.01, 1e-8)}


def by_pair(trades: pd.DataFrame) -> dict[str, Any]:
    """The trades of pairs that have one each."""
    assert trades["pair"].is_unique
    return {row.pair.partition("/")[0]: row for row in trades.itertuples()}


def starts_with(**settings: Any) -> dict[str, Any]:
    """Strategy members that make settings which freqtrade's configuration would refuse."""

    def bot_start(self: Any) -> None:
        for name, value in settings.items():
            setattr(self, name, value)

    return {"bot_start": bot_start}


# Custom data.


def test_custom_data_of_a_trade_has_keys_without_case_and_values_parsed_at_each_get():
    def custom_exit(self: Any, pair: str, trade: Any, current_time: Any, **_: Any) -> None:
        if trade.get_custom_data("STRASSE") is None:
            trade.set_custom_data("straße", [trade.id, 2])
            trade.set_custom_data("kind", "text")
        first = trade.get_custom_data("Strasse")
        first.append("changed")
        trade.set_custom_data("KIND", 5)
        self.notes.append(
            (
                "data",
                pair,
                trade.get_custom_data("sTRASSE"),
                trade.get_custom_data("kind"),
                [entry.cd_key for entry in trade.get_all_custom_data()],
            )
        )

    run = both(
        Case(
            {"A/USDT": candles(20, enter_long=[2]), "B/USDT": candles(20, enter_long=[4])},
            members={"custom_exit": custom_exit},
        )
    )
    found = noted(run.stock.trace, "data")
    # The first type of a key stays, and what was changed outside isn't kept.
    keys = ["straße", "kind"]
    assert [note for note in found if note[0] == "A/USDT"] == [("A/USDT", [1, 2], "5", keys)] * 17
    assert [note for note in found if note[0] == "B/USDT"] == [("B/USDT", [2, 2], "5", keys)] * 15


# Stops.


def test_a_trailing_stop_moves_on_the_high_before_the_low_and_only_if_it_is_below_the_low():
    run = both(
        Case(
            {
                "A/USDT": candles(enter_long=[2], at={30: bar(100, 120, 107, 110)}),
                "B/USDT": candles(enter_long=[2], at={30: bar(100, 200, 85, 110)}),
            },
            settings={"trailing_stop": True, "stoploss": -0.1},
            config=ROOM,
        )
    )
    trades = by_pair(run.trades())
    assert trades["A"].exit_reason == "trailing_stop_loss"
    assert trades["A"].close_rate == trades["A"].stop_loss_abs == 108.0
    # At the candle's start it trails the highs before.
    assert trades["B"].close_rate == trades["B"].stop_loss_abs == 90.5
    assert trades["A"].close_date == trades["B"].close_date == at(30)
    assert run.ours.visits < 10


def test_the_distance_of_a_stop_changes_only_if_the_rounded_stop_is_better():
    run = both(
        Case(
            {
                # 97.97 and 98.94 on whole ticks.
                "A/USDT": candles(spread=0.0, enter_long=[2], at={9: bar(100, 101, 99.5, 100)}),
                "B/USDT": candles(spread=0.0, enter_long=[2], at={9: bar(100, 102, 99.5, 100)}),
            },
            settings={"trailing_stop": True, "stoploss": -0.02},
            members=starts_with(trailing_stop_positive=0.03, trailing_stop_positive_offset=0.005),
            config=ROOM,
            from_candles=False,
            precision=(4, 1.0, 1e-8),
        )
    )
    trades = by_pair(run.trades())
    assert (trades["A"].stop_loss_abs, trades["A"].stop_loss_ratio) == (98.0, -0.02)
    assert (trades["B"].stop_loss_abs, trades["B"].stop_loss_ratio) == (99.0, -0.03)
    assert run.ours.visits < 10


@pytest.mark.parametrize(
    ("roi", "high", "exits"),
    [
        (0.0100000052, 101.00000051, True),  # 1.00000051 % is less, and rounds to more
        (0.0100000030, 101.00000040, False),  # 1.0000004 % is more, and rounds to less
        (0.01, 101.0000004, False),  # is more, and rounds to as much
        (0.00999999, 101.0, True),
    ],
)
def test_a_roi_is_compared_with_the_rounded_profit(roi, high, exits):
    run = both(
        Case(
            {"A/USDT": candles(enter_long=[2], at={9: bar(100, high, 99.5, 100)})},
            settings={"minimal_roi": {"0": roi}},
            config=FREE,
            from_candles=False,
        )
    )
    (trade,) = run.trades().itertuples()
    raw = high / 100 - 1
    assert (round(raw, 8) > roi) is exits
    assert (trade.exit_reason == "roi") is exits
    assert run.ours.visits < 10


@pytest.mark.parametrize(
    ("high", "only_offset", "stop"),
    [
        (101.0, True, 90.9),  # as much as the offset: moves, by the distance of the stop
        (101.0000004, True, 90.90000036),
        (101.0000006, True, 99.990000594),
        (100.9999994, True, 90.0),
        (100.9999996, True, 90.89999964),
        (101.0000004, False, 90.90000036),
        (101.0000006, False, 99.990000594),
    ],
)
def test_a_trailing_stops_offset_is_compared_with_the_rounded_profit_in_two_ways(
    high, only_offset, stop
):
    run = both(
        Case(
            {"A/USDT": candles(spread=0.0, enter_long=[2], at={9: bar(100, high, 100, 100)})},
            settings={"trailing_stop": True, "stoploss": -0.1},
            members=starts_with(
                trailing_stop_positive=0.01,
                trailing_stop_positive_offset=0.01,
                trailing_only_offset_is_reached=only_offset,
            ),
            config=FREE,
            from_candles=False,
            precision=(4, 1e-10, 1e-8),
        )
    )
    (trade,) = run.trades().itertuples()
    assert round(trade.stop_loss_abs, 9) == stop
    assert run.ours.visits < 10


@pytest.mark.parametrize(
    ("mode", "price", "amount", "above"),
    [(4, 0.01, 1e-8, 92.17), (2, 2, 8, 92.17), (3, 5, 8, 92.161)],
)
def test_a_stop_on_a_tick_stays_and_a_bit_above_it_is_rounded_up_by_a_whole_one(
    mode, price, amount, above
):
    run = both(
        Case(
            {
                "A/USDT": candles(spread=0.0, enter_long=[2], at={9: bar(100, 101, 100, 100)}),
                "B/USDT": candles(spread=0.0, enter_long=[2], at={9: bar(100, 102.4, 100, 100)}),
            },
            settings={"trailing_stop": True, "stoploss": -0.1},
            config=ROOM,
            from_candles=False,
            precision=(mode, price, amount),
        )
    )
    trades = by_pair(run.trades())
    assert 101 * (1 - 0.1) == trades["A"].stop_loss_abs == 90.9
    assert math.nextafter(92.16, 93.0) == 102.4 * (1 - 0.1)
    assert trades["B"].stop_loss_abs == above
    assert run.ours.visits < 10


def test_the_tick_size_of_a_trade_is_that_of_the_month_in_which_it_was_opened():
    def order_filled(self: Any, pair: str, trade: Any, **_: Any) -> None:
        self.notes.append(("tick", pair, repr(trade.price_precision), trade.is_open))

    length, entry, february = 80, 2, 36
    whole = {row: bar(100, 100, 100, 100) for row in range(february, length)}
    finer = {row: bar(100.01, 100.02, 99.99, 100.0) for row in range(february, length)}
    # The stop of 95.27… that trails this is rounded to the trade's tick.
    finer[60] = whole[60] = bar(100, 100.2911, 100, 100)
    january = {"start": datetime(2024, 1, 31, 21, tzinfo=UTC)}
    frames = {
        "A/USDT": candles(length, **january, enter_long=[entry, 70], at=finer),
        "B/USDT": candles(length, spread=0.25, **january, enter_long=[entry, 70], at=whole),
        "C/USDT": candles(length, spread=0.0, **january, enter_long=[entry, 70], at=whole),
    }
    frames["C/USDT"].loc[60, "high"] = 100.0
    frames["B/USDT"].loc[60, "high"] = 101.0
    frames["A/USDT"].loc[65, "exit_long"] = frames["B/USDT"].loc[65, "exit_long"] = 1
    assert frames["A/USDT"]["date"][february].month == 2
    run = both(
        Case(
            frames,
            settings={"trailing_stop": True, "stoploss": -0.05},
            config=ROOM,
            precision=(4, 0.5, 1e-8),
            members={"order_filled": order_filled},
        )
    )
    ticks = noted(run.stock.trace, "tick")
    tenth, hundredth, finest = (f"np.float64({tick})" for tick in (0.1, 0.01, 0.0001))
    # Entry in January, exit and entry in February, and the last exit.
    assert [note[1] for note in ticks if note[0] == "A/USDT"] == [tenth, tenth, finest, finest]
    # A month without decimals has the tick size of the one before.
    assert [note[1] for note in ticks if note[0] == "B/USDT"] == [hundredth] * 4
    # Without any, it is the exchange's.
    assert [note[1] for note in ticks if note[0] == "C/USDT"] == ["0.5", "0.5"]
    first = run.trades().query("pair == 'A/USDT'").iloc[0]
    # 100.5 * 0.95 = 95.475
    assert first["stop_loss_abs"] == 95.5
    assert run.ours.visits < 20


def test_stops_are_adjusted_at_each_fill_too():
    def adjust_trade_position(self: Any, trade: Any, current_time: Any, **_: Any) -> Any:
        if current_time == at(9):
            return 300.0
        if current_time == at(15):
            return -100.0
        return None

    def bot_loop_start(self: Any, **_: Any) -> None:
        self.notes.extend(
            ("stop", trade.stop_loss, trade.initial_stop_loss, trade.open_rate)
            for trade in Trade.get_open_trades()
        )

    run = both(
        Case(
            {"A/USDT": candles(30, enter_long=[2], at={9: bar(120, 120.5, 119.5, 120)})},
            settings={"position_adjustment_enable": True, "stoploss": -0.2},
            config={**ROOM, **FREE},
            members={
                "adjust_trade_position": adjust_trade_position,
                "bot_loop_start": bot_loop_start,
            },
            **HUNDREDTHS,
        )
    )
    stops = list(dict.fromkeys(noted(run.stock.trace, "stop")))
    (first, initial, rate), (second, initial_then, rate_then) = stops
    assert (first, initial, rate) == (80.0, 80.0, 100.0)
    # Nothing trails: it is the average of both fills that moves the stop.
    assert rate_then == 114.29
    assert (second, initial_then) == (91.44, 80.0)
    (trade,) = run.trades().itertuples()
    assert len(trade.orders) == 4


@pytest.mark.parametrize(
    ("settings", "rate"),
    [
        # As if it had gone up by nothing, and down at once.
        ({"stoploss": -0.05}, 95.5),
        (
            {
                "stoploss": -0.05,
                "trailing_stop_positive": 0.01,
                "trailing_stop_positive_offset": 0.04,
            },
            99.0,
        ),
        # As if it had just reached the offset.
        (
            {
                "stoploss": -0.05,
                "trailing_stop_positive": 0.01,
                "trailing_stop_positive_offset": 0.04,
                "trailing_only_offset_is_reached": True,
            },
            103.0,
        ),
    ],
)
def test_a_trailing_stop_on_the_entry_candle_has_an_exit_rate_of_its_own(settings, rate):
    run = both(
        Case(
            {"A/USDT": candles(enter_long=[8], at={9: bar(100, 110, 95.5, 98)})},
            settings={"trailing_stop": True, **settings},
            config=FREE,
            **HUNDREDTHS,
        )
    )
    (trade,) = run.trades().itertuples()
    assert trade.exit_reason == "trailing_stop_loss"
    assert trade.open_date == trade.close_date == at(9)
    assert trade.close_rate == rate != trade.stop_loss_abs


# The highest and lowest rate.


def test_the_highest_rate_is_up_to_date_in_custom_exit_and_keeps_the_candles_type():
    def custom_exit(self: Any, trade: Any, current_time: Any, **_: Any) -> Any:
        self.notes.append(("max", current_time, repr(trade.max_rate), repr(trade.min_rate)))

    frame = candles(20, spread=1.0, enter_long=[2], at={9: {"high": 110.0, "low": 90.0}})
    for name in ("open", "high", "low", "close"):
        frame[name] = frame[name].astype("int64")
    # Equal to the open rate, which is a float: of equals, max() takes the first.
    frame.loc[3, ["high", "low"]] = 100
    run = both(Case({"A/USDT": frame}, members={"custom_exit": custom_exit}))
    rates = {time: (high, low) for time, high, low in noted(run.stock.trace, "max")}
    assert rates[at(3)] == ("100", "100")
    assert rates[at(8)] == ("101", "99")
    assert rates[at(9)] == ("110", "90")
    (trade,) = run.trades().itertuples()
    assert type(trade.max_rate) is int


def test_the_lowest_rate_may_be_an_open_rate_that_was_rounded_below_every_candle():
    ends = {20: bar(100.15, 101, 100.15, 100.15), 29: bar(100.5, 100.5, 100.5, 100.5)}
    frame = candles(30, price=100.15, spread=0.0, enter_long=[2], at=ends)
    run = both(Case({"A/USDT": frame}, from_candles=False, precision=(4, 0.5, 1e-8)))
    (trade,) = run.trades().itertuples()
    assert trade.min_rate == trade.open_rate == 100.0
    assert frame["low"].min() == 100.15
    assert trade.max_rate == 101.0
    assert run.ours.visits < 10


# Return on investment.


def test_the_roi_is_the_entry_with_the_highest_key_even_if_its_value_is_higher():
    run = both(
        Case(
            {
                "A/USDT": candles(spread=0.3, enter_long=[2], at={10: bar(100, 101, 99.5, 100)}),
                "B/USDT": candles(spread=0.3, enter_long=[2], at={5: bar(100, 101, 99.5, 100)}),
                "C/USDT": candles(
                    price=99.0, spread=0.3, enter_long=[2], at={3: bar(100, 100.1, 99, 99)}
                ),
            },
            settings={"minimal_roi": {"0": 0.004, "30": 0.02, "60": -1}},
            config={**ROOM, **FREE},
            **HUNDREDTHS,
        )
    )
    trades = by_pair(run.trades())
    # One percent is enough in the first 30 minutes only.
    assert trades["B"].close_date == at(5)
    assert trades["B"].close_rate == 100.4
    assert trades["A"].close_date == at(3) + pd.Timedelta(minutes=60)
    # -1 exits at a loss, too, at the open.
    assert trades["C"].close_date == at(3) + pd.Timedelta(minutes=60)
    assert (trades["C"].exit_reason, trades["C"].close_rate) == ("roi", 99.0)
    assert run.ours.visits < 15


def test_the_roi_table_may_be_unsorted_and_have_parts_of_minutes():
    def bot_start(self: Any) -> None:
        self.minimal_roi = {30.5: 0.02, 0: 0.004, 60: 0.002}

    run = both(
        Case(
            {
                "A/USDT": candles(spread=0.3, enter_long=[2], at={10: bar(100, 101, 99.5, 100)}),
                "B/USDT": candles(spread=0.3, enter_long=[2], at={9: bar(100, 101, 99.5, 100)}),
            },
            config={**ROOM, **FREE},
            members={"bot_start": bot_start},
            **HUNDREDTHS,
        )
    )
    trades = by_pair(run.trades())
    # After 30 minutes, and after 35.
    assert trades["B"].close_date == at(9)
    assert trades["A"].close_date == at(15)
    assert run.ours.visits < 10


def test_a_lagging_pairs_roi_is_found_by_the_rows_date_and_priced_by_the_time():
    frame = candles(enter_long=[6], at={11: bar(100, 103, 99.5, 100)})
    # From the third on each row is one candle late.
    frame = frame.iloc[[0, 1, 1, *range(2, len(frame))]].reset_index(drop=True)
    run = both(
        Case(
            {"A/USDT": candles(), "B/USDT": frame},
            settings={"minimal_roi": {"0": 0.5, "20": 0.01, "25": 0.4}},
            config={**ROOM, **FREE},
            **HUNDREDTHS,
        )
    )
    (trade,) = run.trades().itertuples()
    assert trade.open_date == at(7)
    # Its row is 20 minutes after the open, the time is 25: the rate for 40 % is the high at most.
    assert trade.close_date == at(12)
    assert (trade.exit_reason, trade.close_rate) == ("roi", 103.0)
    assert run.ours.visits < 10


def test_custom_roi_is_asked_each_candle_and_again_for_the_rate_but_not_beside_an_entry_signal():
    def custom_roi(self: Any, current_time: Any, trade_duration: int, **_: Any) -> float:
        self.notes.append(("roi", current_time, trade_duration))
        return 0.02

    run = both(
        Case(
            {"A/USDT": candles(20, enter_long=[2, 6], at={12: bar(100, 103, 99.5, 100)})},
            settings={"use_custom_roi": True, "ignore_roi_if_entry_signal": True},
            members={"custom_roi": custom_roi},
        )
    )
    asked = noted(run.stock.trace, "roi")
    # The signals of rows 2 and 6 are in rows 3 and 7.
    expected = [(at(row), 5 * (row - 3)) for row in range(4, 13) if row != 7]
    assert asked == [*expected, (at(12), 45)]
    (trade,) = run.trades().itertuples()
    assert (trade.exit_reason, trade.close_date) == ("roi", at(12))


# Exits.


@pytest.mark.parametrize("lower", [True, False])
def test_a_roi_on_a_red_entry_candle_may_be_refused_and_the_next_reason_is_tried(lower):
    def custom_entry_price(self: Any, proposed_rate: float, **_: Any) -> float:
        return proposed_rate - 1.0 if lower else proposed_rate

    run = both(
        Case(
            {"A/USDT": candles(30, enter_long=[8], at={9: bar(100, 104, 98.5, 99)})},
            settings={"minimal_roi": {"0": 0.02}, "trailing_stop": True, "stoploss": -0.03},
            config=FREE,
            members={"custom_entry_price": custom_entry_price},
            **HUNDREDTHS,
        )
    )
    (trade,) = run.trades().itertuples()
    assert trade.close_date == trade.open_date == at(9)
    if lower:
        # 2 % above 99 is beyond the close, below which the price was at last.
        assert (trade.open_rate, trade.exit_reason) == (99.0, "trailing_stop_loss")
    else:
        assert (trade.open_rate, trade.exit_reason, trade.close_rate) == (100.0, "roi", 102.0)


def test_an_open_trade_keeps_the_close_date_of_a_refused_roi():
    def custom_entry_price(self: Any, proposed_rate: float, **_: Any) -> float:
        return proposed_rate - 1.0

    def confirm_trade_entry(self: Any, pair: str, **_: Any) -> bool:
        open_trades = Trade.get_open_trades()
        self.notes.append(("open", pair, [(trade.id, trade.close_date) for trade in open_trades]))
        return True

    run = both(
        Case(
            {
                "A/USDT": candles(30, enter_long=[8], at={9: bar(100, 104, 98.5, 99)}),
                "B/USDT": candles(30, enter_long=[15]),
            },
            settings={"minimal_roi": {"0": 0.02}},
            config=FREE,
            members={
                "custom_entry_price": custom_entry_price,
                "confirm_trade_entry": confirm_trade_entry,
            },
            **HUNDREDTHS,
        )
    )
    assert noted(run.stock.trace, "open")[1] == ("B/USDT", [(1, at(9))])


@pytest.mark.parametrize("asked", [True, False])
def test_exit_profit_only_looks_at_the_open_and_a_blocked_signal_suppresses_custom_exit(asked):
    def custom_exit(self: Any, current_time: Any, **_: Any) -> None:
        self.notes.append(("asked", current_time))

    run = both(
        Case(
            {
                "A/USDT": candles(
                    30,
                    enter_long=[2],
                    exit_long=[8, 12],
                    # In profit at the high, and at the open.
                    at={9: bar(99, 110, 98, 109), 13: bar(101, 101.5, 98, 98)},
                )
            },
            settings={"exit_profit_only": True},
            members={"custom_exit": custom_exit} if asked else {},
            **HUNDREDTHS,
        )
    )
    (trade,) = run.trades().itertuples()
    assert (trade.exit_reason, trade.close_date) == ("exit_signal", at(13))
    times = [time for (time,) in noted(run.stock.trace, "asked")]
    # From the entry's candle on.
    assert times == ([at(row) for row in range(3, 13) if row != 9] if asked else [])
    assert asked or run.ours.visits < 10


ENDS = {
    # Exit signal; stop; ROI; trailing stop.
    "signal, stop, roi": ("exit_signal", "stop_loss", "roi"),
    "stop, roi": ("stop_loss", "roi"),
    "roi, trailing": ("roi", "trailing_stop_loss"),
    "trailing": ("trailing_stop_loss",),
    "custom, roi, trailing": ("mine", "roi", "trailing_stop_loss"),
}


@pytest.mark.parametrize("what", ENDS)
def test_the_reasons_of_a_candle_are_tried_in_the_order_of(what):
    reasons = ENDS[what]

    def confirm_trade_exit(self: Any, current_time: Any, exit_reason: str, **_: Any) -> bool:
        self.notes.append(("reason", current_time, exit_reason))
        return exit_reason == "force_exit"

    def custom_exit(self: Any, current_time: Any, **_: Any) -> Any:
        return current_time == at(9) and "mine"

    trailing = "trailing_stop_loss" in reasons
    high = 112.0 if "roi" in reasons else 105.0
    low = 89.0 if "stop_loss" in reasons else 93.0
    run = both(
        Case(
            {
                "A/USDT": candles(
                    20,
                    spread=0.0,
                    enter_long=[2],
                    exit_long=[8] if "exit_signal" in reasons else [],
                    at={9: bar(100, high, low, 100)},
                )
            },
            settings={"minimal_roi": {"0": 0.1}, "stoploss": -0.1, "trailing_stop": trailing},
            config=FREE,
            members={
                "confirm_trade_exit": confirm_trade_exit,
                **({"custom_exit": custom_exit} if "mine" in reasons else {}),
            },
            **HUNDREDTHS,
        )
    )
    found = noted(run.stock.trace, "reason")
    assert tuple(reason for time, reason in found if time == at(9)) == reasons


def test_a_liquidation_comes_before_the_roi_and_nothing_may_refuse_it():
    def confirm_trade_exit(self: Any, current_time: Any, exit_reason: str, **_: Any) -> bool:
        self.notes.append(("reason", exit_reason))
        return False

    run = both(
        Case(
            {
                "A/USDT:USDT": candles(
                    20, spread=0.0, enter_long=[2], at={9: bar(100, 112, 91, 100)}
                )
            },
            settings={"minimal_roi": {"0": 0.1}},
            config=FREE,
            funding={"A/USDT:USDT": hourly_funding()},
            members={
                "confirm_trade_exit": confirm_trade_exit,
                "leverage": lambda self, **_: 10.0,
            },
            futures=True,
            **HUNDREDTHS,
        )
    )
    (trade,) = run.trades().itertuples()
    assert (trade.exit_reason, trade.close_date, trade.stop_loss_abs) == (
        *("liquidation", at(9), 90.11),
    )
    assert noted(run.stock.trace, "reason") == []


@pytest.mark.parametrize("custom", [True, False])
def test_stops_are_asked_for_after_a_fill_only_with_after_fill_in_the_signature(custom):
    def adjust_trade_position(self: Any, current_time: Any, **_: Any) -> Any:
        return 100.0 if current_time == at(9) else None

    def with_it(
        self: Any, pair: str, trade: Any, current_time: Any, after_fill: bool, **_: Any
    ) -> None:
        self.notes.append(("stop", current_time, after_fill))

    def without_it(self: Any, current_time: Any, **others: Any) -> None:
        self.notes.append(("stop", current_time, others["after_fill"]))

    def run(custom_stoploss: Any) -> Any:
        return both(
            Case(
                {
                    "A/USDT": candles(
                        20, spread=0.0, enter_long=[2], at={9: bar(110, 112, 108, 112)}
                    )
                },
                settings={
                    "stoploss": -0.1,
                    "use_custom_stoploss": custom,
                    "trailing_stop": not custom,
                    "trailing_stop_positive": 0.01,
                    "trailing_stop_positive_offset": 0.03,
                    "position_adjustment_enable": True,
                },
                config={**ROOM, **FREE},
                members={
                    "adjust_trade_position": adjust_trade_position,
                    "custom_stoploss": custom_stoploss,
                },
                **HUNDREDTHS,
            )
        )

    asked, unasked = run(with_it), run(without_it)
    if custom:
        found = noted(asked.stock.trace, "stop")
        assert [time for time, after_fill in found if after_fill] == [at(3), at(9)]
        assert not any(after_fill for _, after_fill in noted(unasked.stock.trace, "stop"))
    else:
        # freqtrade's own trailing stop follows the price of the fill.
        assert noted(asked.stock.trace, "stop") == []
        (trade,) = asked.trades().itertuples()
        assert (trade.close_date, trade.close_rate) == (at(9), 108.9)
        (trade,) = unasked.trades().itertuples()
        assert (trade.close_date, trade.close_rate) == (at(9), 110.88)


# Settings that change on the way.


def test_a_stoploss_that_the_strategy_changes_holds_from_then_on():
    def bot_loop_start(self: Any, current_time: Any, **_: Any) -> None:
        if current_time == at(9):
            self.stoploss = -0.02

    run = both(
        Case(
            {
                "A/USDT": candles(30, enter_long=[2], at={20: {"low": 97.0}}),
                "B/USDT": candles(30, enter_long=[12], at={20: {"low": 97.0}}),
            },
            settings={"stoploss": -0.1},
            config=ROOM,
            members={"bot_loop_start": bot_loop_start},
            **HUNDREDTHS,
        )
    )
    trades = by_pair(run.trades())
    assert trades["A"].exit_reason == "force_exit"
    assert (trades["B"].exit_reason, trades["B"].close_rate) == ("stop_loss", 98.0)


def changes_roi(strategy: Any) -> None:
    strategy.minimal_roi[0] = 0.003


def changes_signals(strategy: Any) -> None:
    strategy.use_exit_signal = True


def changes_orders(strategy: Any) -> None:
    strategy.order_types["exit"] = "market"
    strategy.use_exit_signal = True


@pytest.mark.parametrize("change", [changes_roi, changes_signals, changes_orders])
def test_a_setting_that_one_pairs_entry_changes_holds_for_the_others_trades(change):
    def confirm_trade_entry(self: Any, pair: str, **_: Any) -> bool:
        if pair == "B/USDT":
            change(self)
        return True

    def custom_exit_price(self: Any, proposed_rate: float, **_: Any) -> float:
        self.notes.append(("price", proposed_rate))
        return proposed_rate

    run = both(
        Case(
            {
                "A/USDT": candles(60, enter_long=[2], exit_long=[30]),
                "B/USDT": candles(60, enter_long=[20]),
            },
            settings={"use_exit_signal": False},
            config={**ROOM, **FREE},
            members={
                "confirm_trade_entry": confirm_trade_entry,
                "custom_exit_price": custom_exit_price,
            },
            **HUNDREDTHS,
        )
    )
    trade = by_pair(run.trades())["A"]
    if change is changes_roi:
        assert (trade.exit_reason, trade.close_date) == ("roi", at(22))
    else:
        assert (trade.exit_reason, trade.close_date) == ("exit_signal", at(31))
    assert len(noted(run.stock.trace, "price")) == (change is changes_signals)
    assert run.ours.visits < 15


def test_an_order_timeout_that_the_strategy_changes_holds_for_open_orders():
    def bot_loop_start(self: Any, current_time: Any, **_: Any) -> None:
        if current_time == at(8):
            self.config["unfilledtimeout"]["entry"] = 60

    def timed_out(members: dict[str, Any]) -> int:
        run = both(
            Case(
                # It opens below its low.
                {"A/USDT": candles(15, enter_long=[6], at={7: bar(90, 101, 99, 100)})},
                members=members,
                config={"unfilledtimeout": {"entry": 15, "exit": 15, "unit": "minutes"}},
                **HUNDREDTHS,
            )
        )
        return int(run.counters()["timedout_entry_orders"])

    assert timed_out({}) == 1
    assert timed_out({"bot_loop_start": bot_loop_start}) == 0


def test_a_setting_that_is_computed_is_left_to_freqtrade():
    @property
    def use_exit_signal(self: Any) -> bool:
        return bool(self.later)

    def confirm_trade_entry(self: Any, pair: str, **_: Any) -> bool:
        self.later = pair == "B/USDT"
        return True

    run = both(
        Case(
            {
                "A/USDT": candles(40, enter_long=[2], exit_long=[10, 30]),
                "B/USDT": candles(40, enter_long=[20]),
            },
            config=ROOM,
            members={
                "later": False,
                "use_exit_signal": use_exit_signal,
                "confirm_trade_entry": confirm_trade_entry,
            },
        ),
        stock_because="the strategy computes use_exit_signal",
    )
    assert by_pair(run.trades())["A"].close_date == at(31)


# Callbacks.


def unfilled(*, exit_too: bool = True) -> pd.DataFrame:
    """An entry at row 7 below the low, filled at row 9; an exit at row 21 above the high."""
    rows = {7: bar(90, 101, 99, 100), 8: bar(100, 101, 99, 100), 9: bar(100, 101, 89, 100)}
    if exit_too:
        rows |= {21: bar(110, 101, 99, 100), 24: bar(100, 111, 99, 100)}
    return candles(30, enter_long=[6], exit_long=[20] if exit_too else [], at=rows)


PATIENT = {"unfilledtimeout": {"entry": 60, "exit": 60, "unit": "minutes"}}
INDIRECT = {
    # The methods that are called by freqtrade's own, and what to answer.
    "custom_sell": None,
    "check_buy_timeout": False,
    "check_sell_timeout": False,
    "adjust_entry_price": 90.0,
    "adjust_exit_price": 110.0,
}
DIRECT = {
    "custom_exit": None,
    "check_entry_timeout": False,
    "check_exit_timeout": False,
    "adjust_order_price": 90.0,
}


@pytest.mark.parametrize("name", [*INDIRECT, *DIRECT])
def test_methods_that_freqtrades_own_call_get_the_real_trade_and_others_a_copy(name):
    answer = (INDIRECT | DIRECT)[name]

    def method(self: Any, pair: str, trade: Any, *_: Any, **__: Any) -> Any:
        (real,) = Trade.get_open_trades()
        self.notes.append(("called", trade is real, trade.orders[0] is real.orders[0]))
        trade.enter_tag = "changed"
        trade.stop_loss = 99.6
        return answer

    run = both(Case({"A/USDT": unfilled()}, members={name: method}, config=PATIENT, **HUNDREDTHS))
    real = name in INDIRECT
    assert set(noted(run.stock.trace, "called")) == {(real, real)}
    (trade,) = run.trades().itertuples()
    assert (trade.enter_tag == "changed") is real
    assert (trade.stop_loss_abs == 99.6) is (
        real and name not in ("check_buy_timeout", "adjust_entry_price")
    )


@pytest.mark.parametrize("name", ["custom_exit", "custom_sell", "confirm_trade_exit"])
def test_a_callback_may_be_an_attribute_of_the_strategy_object(name):
    def bot_start(self: Any) -> None:
        def called(*_: Any, **__: Any) -> bool:
            self.notes.append(("called",))
            return name == "confirm_trade_exit"

        setattr(self, name, called)

    run = both(
        Case(
            {"A/USDT": candles(30, enter_long=[2], exit_long=[20])},
            members={"bot_start": bot_start},
        )
    )
    calls = len(noted(run.stock.trace, "called"))
    assert calls == (1 if name == "confirm_trade_exit" else 18)


def test_order_filled_gets_a_copy_of_the_trade_and_the_order_itself():
    def order_filled(self: Any, trade: Any, order: Any, **_: Any) -> None:
        real = order.trade
        self.notes.append(
            (
                "filled",
                order.ft_order_side,
                trade is real,
                real in Trade.get_open_trades(),
                order in real.orders,
                order in trade.orders,
            )
        )
        trade.enter_tag = "copy"
        trade.orders[-1].ft_order_tag = "copy"
        if order.ft_order_side == "buy":
            real.exit_reason = "real"
            real.stop_loss = 99.0
            order.ft_order_tag = "order"

    run = both(
        Case(
            {"A/USDT": candles(40, enter_long=[2], at={30: {"low": 98.9}})},
            members={"order_filled": order_filled},
            **HUNDREDTHS,
        )
    )
    assert noted(run.stock.trace, "filled") == [
        ("buy", False, True, True, False),
        ("sell", False, True, True, False),
    ]
    (trade,) = run.trades().itertuples()
    assert trade.enter_tag != "copy"
    assert [order["ft_order_tag"] for order in trade.orders] == ["order", "stop_loss"]
    # The stop that was set on the real trade.
    assert (trade.close_date, trade.close_rate) == (at(30), 99.0)
    assert run.ours.visits < 10


OWN = (
    "should_exit",
    "ft_stoploss_adjust",
    "ft_stoploss_reached",
    "min_roi_reached",
    "min_roi_reached_entry",
    "ft_check_timed_out",
    "ignore_expired_candle",
    "_adjust_trade_position_internal",
    "lock_pair",
    "unlock_pair",
    "unlock_reason",
    "is_pair_locked",
)


@pytest.mark.parametrize("name", OWN)
def test_a_strategy_with_its_own_version_of_freqtrades_methods_runs_stock(name):
    def own(self: Any, *arguments: Any, **keywords: Any) -> Any:
        self.notes.append(("own", name))
        return getattr(IStrategy, name)(self, *arguments, **keywords)

    def confirm_trade_exit(self: Any, pair: str, current_time: Any, **_: Any) -> bool:
        self.lock_pair(pair, current_time + timedelta(hours=1), "mine")
        self.notes.append(("locked", self.is_pair_locked(pair, candle_date=current_time)))
        self.unlock_reason("mine")
        self.unlock_pair(pair)
        return True

    frame = unfilled()
    detail = {}
    if name == "ignore_expired_candle":
        detail = {"A/USDT": split(frame, np.random.default_rng(1))}
    run = both(
        Case(
            {"A/USDT": frame},
            settings={"minimal_roi": {"0": 0.5}, "position_adjustment_enable": True},
            members={name: own, "confirm_trade_exit": confirm_trade_exit},
            detail=detail,
            config={**PATIENT, **({"timeframe_detail": "1m"} if detail else {})},
            # They have the time of day at which a pair was locked.
            with_stats=False,
            **HUNDREDTHS,
        ),
        stock_because=f"the strategy overrides freqtrade's {name}",
    )
    assert noted(run.stock.trace, "own")
    assert len(run.trades()) == 1


# What the wrapper of callbacks logs and raises.

WRAPPER = "freqtrade.strategy.strategy_wrapper"


def test_a_warning_names_the_line_of_the_strategy_and_freqtrades_logger():
    def helper() -> None:
        raise ValueError("of a helper")

    def custom_exit(self: Any, current_time: Any, **_: Any) -> None:
        if current_time == at(9):
            raise ValueError("own")
        if current_time == at(10):
            helper()

    run = both(Case({"A/USDT": candles(20, enter_long=[2])}, members={"custom_exit": custom_exit}))
    first = custom_exit.__code__.co_firstlineno
    name = custom_exit.__qualname__
    raised = "Strategy caused the following exception: ValueError"
    assert [record for record in run.stock.log if record[0] == WRAPPER] == [
        (WRAPPER, "WARNING", f"{raised}('own') in {name}:{first + 2}, calling custom_exit"),
        (
            WRAPPER,
            "WARNING",
            f"{raised}('of a helper') in {name}:{first + 4}, calling custom_exit",
        ),
    ]


def test_a_warning_names_the_copying_where_a_trade_cannot_be_copied():
    class Uncopied:
        def __deepcopy__(self, _: Any) -> Any:
            raise ValueError("not to be copied")

        def __repr__(self) -> str:
            return "uncopied"

    def order_filled(self: Any, order: Any, **_: Any) -> None:
        if order.ft_order_side == "buy":
            order.trade.note = Uncopied()

    run = both(
        Case(
            {"A/USDT": candles(20, enter_long=[2], exit_long=[9])},
            members={"order_filled": order_filled, "confirm_trade_exit": lambda self, **_: True},
        )
    )
    (text, *_) = [text for name, _, text in run.stock.log if name == WRAPPER]
    assert "('not to be copied') in deepcopy:" in text


@pytest.mark.parametrize("error", [ValueError, KeyError])
def test_errors_of_callbacks_are_warnings_or_errors_and_end_a_run_without_a_default(error):
    def raising(self: Any, *_: Any, **__: Any) -> None:
        raise error("no")

    def levels(name: str, **settings: Any) -> list[str]:
        run = both(
            Case(
                {"A/USDT": candles(20, enter_long=[2], exit_long=[9])},
                members={name: raising},
                settings=settings,
            ),
            skips=name != "bot_start",
        )
        assert run.stock.error == (
            f"freqtrade.exceptions.StrategyError: {error('no')}" if name == "bot_start" else ""
        )
        return [level for logger, level, _ in run.stock.log if logger == WRAPPER]

    level = "WARNING" if error is ValueError else "ERROR"
    # At each open candle but that of the exit signal.
    assert levels("custom_exit") == [level] * 7
    assert levels("custom_stoploss", use_custom_stoploss=True) == [level] * 8
    assert levels("bot_loop_start") == [level] * 19
    assert levels("confirm_trade_entry") == [level]
    assert levels("bot_start") == [level]
