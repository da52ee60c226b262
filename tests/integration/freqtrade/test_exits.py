"""Whether a trade is to exit: as ``IStrategy.should_exit`` has it, with the same calls."""

from __future__ import annotations

import logging
import math
from datetime import timedelta
from typing import Any

import numpy as np
from freqtrade.enums import TradingMode
from freqtrade.strategy import IStrategy
from hypothesis import example, given, settings
from hypothesis import strategies as st
from integration.freqtrade.trades import START, make_order, make_trade, replaced, trade_state

from ft_numba_aot.freqtrade_integration.identity import identical

MODULES = ("callbacks", "rounding", "orders", "profit", "exits")
NOTHING, RAISES, DEFAULT = object(), object(), object()

ratios = st.sampled_from([-0.3, -0.1, -0.02, 0.0, 0.01, 0.02, 0.05, 0.2])
strategies = st.fixed_dictionaries(
    {
        "stoploss": st.sampled_from([-0.3, -0.1, -0.02, -1]),
        "minimal_roi": st.sampled_from([{}, {0: 0.05}, {0: 0.2, 30: 0.01, 60: -1}, {720: 0}]),
        "use_exit_signal": st.booleans(),
        "exit_profit_only": st.booleans(),
        "exit_profit_offset": ratios,
        "ignore_roi_if_entry_signal": st.booleans(),
        "trailing_stop": st.booleans(),
        "trailing_stop_positive": st.sampled_from([None, 0.0, 0.01, 0.05]),
        "trailing_stop_positive_offset": st.sampled_from([0.0, 0.02, 0.1]),
        "trailing_only_offset_is_reached": st.booleans(),
        "use_custom_stoploss": st.booleans(),
        "use_custom_roi": st.booleans(),
        "order_types": st.sampled_from([{}, {"stoploss_on_exchange": True}]),
        "dry_run": st.booleans(),
        "custom_exit": st.sampled_from(
            [DEFAULT, NOTHING, RAISES, True, "a reason", "", "long " * 60]
        ),
        "custom_stoploss": st.sampled_from(
            [DEFAULT, NOTHING, RAISES, -0.01, 0.3, 0.0, math.nan, math.inf, np.float64(-0.05)]
        ),
        "custom_roi": st.sampled_from([DEFAULT, NOTHING, RAISES, 0.01, -0.1, math.nan]),
    }
)
prices = st.sampled_from([90.0, 95.0, 98.0, 99.99, 100.0, 101.0, 102.0, 105.0, 120.0])
unusual = st.sampled_from([0.0, -1.0, math.nan, math.inf, None, 100, np.float64(100.0)])
candles = st.lists(
    st.tuples(
        st.one_of(prices, prices, prices, unusual),
        st.one_of(prices, prices, prices, unusual),
        st.one_of(prices, prices, prices, unusual),
        st.sampled_from([0, 1, 0.0, 1.0]),
        st.sampled_from([0, 1, 0.0, 1.0]),
        st.sampled_from([0, 0, 0, -0.05]),
    ),
    min_size=1,
    max_size=6,
)


class _Plain(IStrategy):
    timeframe = "5m"

    def populate_indicators(self, dataframe: Any, metadata: Any) -> Any:
        return dataframe


def make_strategy(options: dict[str, Any], calls: list[Any]) -> IStrategy:
    """A strategy with these options, whose callbacks note what they are called with."""

    def callback(name: str) -> Any:
        def called(self: Any, **kwargs: Any) -> Any:
            given = dict(kwargs)
            trade = given.pop("trade")
            calls.append((name, list(given.items()), trade_state(trade)))
            trade.stop_loss = trade.open_rate = 1.0
            value = options[name]
            if value is RAISES:
                raise ValueError(name)
            return None if value is NOTHING else value

        return called

    own = {
        name: callback(name)
        for name in ("custom_exit", "custom_stoploss", "custom_roi")
        if options[name] is not DEFAULT
    }
    plain = {name: value for name, value in options.items() if not name.startswith("custom_")}
    config = {"dry_run": plain.pop("dry_run")}
    kind = type("Own", (_Plain,), {**own, **plain})
    return kind(config)  # type: ignore[no-any-return]


class Records:
    """What freqtrade logs, for a test that runs many times."""

    def __enter__(self) -> Records:
        self.records: list[logging.LogRecord] = []
        self._handler = logging.Handler()
        self._handler.emit = self.records.append  # type: ignore[method-assign]
        self._handler.setLevel(logging.INFO)
        logging.getLogger("freqtrade").addHandler(self._handler)
        return self

    def __exit__(self, *_: Any) -> None:
        logging.getLogger("freqtrade").removeHandler(self._handler)


def outcomes(
    options: dict[str, Any], trade: dict[str, Any], asked: Any, logged: Records
) -> list[Any]:
    """What ``should_exit`` says and does, candle after candle."""
    calls: list[Any] = []
    strategy = make_strategy(options, calls)
    held = make_trade(**trade, open_rate=100.0)
    held.adjust_stop_loss(held.open_rate, strategy.stoploss, initial=True)
    make_order(held, held.entry_side, 0.5, 100.0, ft_is_open=False, filled=0.5, status="closed")
    held.recalc_trade_from_orders()
    found: list[Any] = []
    logged.records.clear()
    for minutes, (rate, low, high, enter, exit_, forced) in enumerate(asked):
        time = START + timedelta(minutes=25 * minutes)
        try:
            said: Any = [
                (exit_.exit_type, exit_.exit_reason)
                for exit_ in strategy.should_exit(
                    held,
                    rate,
                    time,
                    enter=enter,
                    exit_=exit_,
                    low=low,
                    high=high,
                    force_stoploss=forced,
                )
            ]
        except Exception as error:
            said = repr(error)
        found.append((said, trade_state(held)))
    messages = [(record.name, record.levelname, record.getMessage()) for record in logged.records]
    return [found, calls, messages]


trades = st.fixed_dictionaries(
    {
        "is_short": st.booleans(),
        "trading_mode": st.sampled_from([TradingMode.SPOT, TradingMode.FUTURES]),
        "leverage": st.sampled_from([1.0, 3.0]),
        "liquidation_price": st.sampled_from([None, 95.0, 101.0]),
        "price_precision": st.sampled_from([0.01, None]),
        # Without fees, the profit at each of the prices is one of the ratios.
        "fee_open": st.just(0.0),
        "fee_close": st.just(0.0),
    }
)
PLAIN = {
    "fee_open": 0.0,
    "fee_close": 0.0,
    "is_short": False,
    "trading_mode": TradingMode.SPOT,
    "leverage": 1.0,
    "liquidation_price": None,
    "price_precision": 0.01,
}
SETTINGS: dict[str, Any] = {
    **{"stoploss": -0.1, "minimal_roi": {0: 0.05}, "use_exit_signal": True},
    **{"exit_profit_only": False, "exit_profit_offset": 0.0, "ignore_roi_if_entry_signal": False},
    **{"trailing_stop": False, "trailing_stop_positive": None},
    **{"trailing_stop_positive_offset": 0.0, "trailing_only_offset_is_reached": False},
    **{"use_custom_stoploss": False, "use_custom_roi": False, "order_types": {}, "dry_run": True},
    **{"custom_exit": DEFAULT, "custom_stoploss": DEFAULT, "custom_roi": DEFAULT},
}
TRAILING = {
    **SETTINGS,
    **{"trailing_stop": True, "trailing_stop_positive": 0.01},
    "trailing_stop_positive_offset": 0.02,
}
QUIET = (100.0, 99.99, 100.01, 0, 0, 0)


@settings(max_examples=4 * settings.default.max_examples)
@given(strategies, trades, candles)
@example({**SETTINGS, "custom_exit": "long " * 60}, PLAIN, [QUIET])
@example({**SETTINGS, "use_custom_stoploss": True, "custom_stoploss": -0.01}, PLAIN, [QUIET] * 2)
@example(SETTINGS, {**PLAIN, "liquidation_price": 95.0}, [(97.0, 90.5, 98.0, 0, 1, 0)])
@example(
    {**SETTINGS, "use_custom_stoploss": True, "custom_stoploss": -0.01},
    PLAIN,
    [(100.0, 90.0, 100.0, 0, 0, 0)],
)
@example(
    {**SETTINGS, "exit_profit_only": True, "exit_profit_offset": 0.01},
    PLAIN,
    [(101.0, 100.0, 101.0, 0, 1, 0)],
)
@example({**SETTINGS, "trailing_stop": True}, PLAIN, [(101.0, 100.0, 101.0, 0, 0, -0.05)])
@example(SETTINGS, PLAIN, [(100.0, 100.0, 105.0, 0, 0, 0)])
@example(SETTINGS, {**PLAIN, "liquidation_price": 95.0}, [(100.0, 95.0, 101.0, 0, 0, 0)])
@example(
    {**TRAILING, "trailing_only_offset_is_reached": True}, PLAIN, [(100.0, 99.99, 102.0, 0, 0, 0)]
)
@example(SETTINGS, PLAIN, [(100.0, 90.0, 120.0, 0, 1, 0)])
@example(
    {**SETTINGS, "stoploss": -0.02, "trailing_stop": True},
    PLAIN,
    [
        (100.0, 99.99, 120.0, 1, 0, 0),
        (100.0, 99.99, 100.01, 1, 0, 0),
    ],
)
def test_exits_are_freqtrades(
    options: dict[str, Any], trade: dict[str, Any], asked: list[Any]
) -> None:
    with Records() as logged:
        theirs = outcomes(options, trade, asked, logged)
        with replaced(*MODULES):
            ours = outcomes(options, trade, asked, logged)
    assert identical(theirs, ours)
