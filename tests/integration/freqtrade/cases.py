"""Backtests to compare: candles of every kind, and settings that can be combined at will."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from freqtrade.enums import RunMode
from hypothesis import strategies as st

from .differential import BEHAVIOURS, DECISIONS, SIGNALS, START, Case, Frames

PRICES = ("open", "high", "low", "close")


def make_candles(
    length: int,
    rng: np.random.Generator,
    *,
    price: float = 100.0,
    volatility: float = 0.003,
    decimals: int | None = 2,
    start: datetime = START,
    minutes: int = 5,
) -> pd.DataFrame:
    """A random walk on a tick, which the second half may have another of than the first."""
    steps = rng.normal(0.0, volatility, length) * rng.choice([0.3, 1.0, 3.0], length)
    close = price * np.exp(np.cumsum(steps))
    opened = np.concatenate([[price], close[:-1]]) * np.exp(rng.normal(0, volatility / 9, length))
    wick = np.abs(rng.normal(0.0, volatility / 2, (2, length)))
    columns = [
        opened,
        np.maximum(opened, close) * (1 + wick[0]),
        np.minimum(opened, close) * (1 - wick[1]),
        close,
    ]
    if decimals is not None:
        columns = [np.round(column, decimals) for column in columns]
    dates = pd.date_range(start, periods=length, freq=f"{minutes}min", unit="ms")
    frame = pd.DataFrame({"date": dates, **dict(zip(PRICES, columns, strict=True))})
    frame["high"] = frame[list(PRICES)].max(axis=1)
    frame["low"] = frame[list(PRICES)].min(axis=1)
    frame["volume"] = np.round(rng.lognormal(3.0, 1.0, length), 2)
    return frame


def add_signals(
    frame: pd.DataFrame,
    rng: np.random.Generator,
    *,
    entries: float = 0.05,
    exits: float = 0.03,
    shorts: bool = False,
    tags: bool = False,
) -> pd.DataFrame:
    """The frame with columns of signals, as a strategy leaves them: 1, and NaN elsewhere."""
    length = len(frame)

    def signal(share: float) -> Any:
        return np.where(rng.random(length) < share, 1.0, np.nan)

    frame["enter_long"] = signal(entries)
    frame["exit_long"] = signal(exits)
    if shorts:
        frame["enter_short"] = signal(entries)
        frame["exit_short"] = signal(exits)
    if tags:
        for name in ("enter_tag", "exit_tag"):
            found = rng.choice(["dip", "cross", ""], length).astype(object)
            found[rng.random(length) < 0.3] = None
            frame[name] = found
    return frame


def split(frame: pd.DataFrame, rng: np.random.Generator, minutes: int = 1) -> pd.DataFrame:
    """Finer candles that have the open, high, low and close of ``frame``'s."""
    parts = int((frame["date"].iloc[1] - frame["date"].iloc[0]) / pd.Timedelta(minutes=minutes))
    length = len(frame)
    opened, high, low, close = (frame[name].to_numpy()[:, None] for name in PRICES)
    inner = np.sort(rng.random((length, parts - 1)), axis=1)
    path = low + (high - low) * rng.random((length, parts - 1))
    path = np.where(inner < 0.5, np.round(path, 2), path)
    path = np.clip(path, low, high)
    path = np.concatenate([opened, path, close], axis=1)
    opens, closes = path[:, :-1], path[:, 1:]
    highs, lows = np.maximum(opens, closes), np.minimum(opens, closes)
    rows = np.arange(length)
    at = rng.integers(0, parts, (2, length))
    highs[rows, at[0]] = high[:, 0]
    lows[rows, at[1]] = low[:, 0]
    dates = pd.DatetimeIndex(frame["date"]).repeat(parts) + pd.to_timedelta(
        np.tile(np.arange(parts), length) * minutes, unit="min"
    )
    return pd.DataFrame(
        {
            "date": dates.as_unit("ms"),
            "open": opens.ravel(),
            "high": highs.ravel(),
            "low": lows.ravel(),
            "close": closes.ravel(),
            "volume": 1.0,
        }
    )


def make_funding(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Funding rates and mark prices each hour, for ``Exchange._add_funding_columns``."""
    dates = pd.date_range(
        frame["date"].iloc[0].floor("h"), frame["date"].iloc[-1], freq="h", unit="ms"
    )
    rates = np.round(rng.normal(0.0001, 0.0004, len(dates)), 6)
    mark = float(np.nanmean(frame["open"])) * np.exp(rng.normal(0, 0.01, len(dates)))
    return pd.DataFrame({"date": dates, "open_mark": np.round(mark, 2), "open_fund": rates})


# What happens to candles.


def _gaps(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    kept = rng.random(len(frame)) < 0.9
    kept[0] = True
    if len(frame) > 30:
        kept[12:19] = False
    return frame[kept].reset_index(drop=True)


def _duplicates(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows = np.sort(np.concatenate([np.arange(len(frame)), rng.integers(0, len(frame), 2)]))
    return frame.iloc[rows].reset_index(drop=True)


def _duplicate_labels(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    labels = np.arange(len(frame))
    labels[rng.integers(0, len(frame), 3)] = 0
    return frame.set_index(pd.Index(labels))


def _unsorted(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    order = np.arange(len(frame))
    if len(frame) > 4:
        at = int(rng.integers(1, len(frame) - 2))
        order[[at, at + 1]] = order[[at + 1, at]]
    return frame.iloc[order].reset_index(drop=True)


def _off_grid(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    late = pd.to_timedelta(np.where(rng.random(len(frame)) < 0.1, 61, 0), unit="s")
    return frame.assign(date=frame["date"] + late)


def _late(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return frame.iloc[len(frame) // 3 :].reset_index(drop=True)


def _early(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return frame.iloc[: max(2, 2 * len(frame) // 3)].reset_index(drop=True)


def _flat(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    frame = frame.copy()
    rows = rng.random(len(frame)) < 0.4
    for name in PRICES:
        frame.loc[rows, name] = frame.loc[rows, "open"]
    return frame


def _constant(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return frame.assign(**dict.fromkeys(PRICES, float(frame["open"].iloc[0])))


def _heikin_ashi(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """As strategies do it that overwrite the prices: open may lie outside of high and low."""
    close = frame[list(PRICES)].mean(axis=1)
    opened = ((frame["open"] + frame["close"]) / 2).shift(1, fill_value=frame["open"].iloc[0])
    return frame.assign(open=opened, close=close)


def _value(name: str, value: float) -> Callable[..., pd.DataFrame]:
    def change(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        frame = frame.copy()
        frame.iloc[rng.integers(0, len(frame)), frame.columns.get_loc(name)] = value
        return frame

    return change


def _integers(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    prices = {
        name: np.nan_to_num(np.ceil(frame[name]), posinf=9e9).astype(np.int64) for name in PRICES
    }
    return frame.assign(**prices)


def _seconds(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return frame.assign(date=frame["date"].dt.as_unit("ns"))


def _odd_signals(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """2 and "1" are no entries; 2 exits all the same."""
    frame = frame.copy()
    for name in SIGNALS[:4]:
        if name in frame:
            values = frame[name].astype(object)
            values[rng.random(len(frame)) < 0.05] = 2
            values[rng.random(len(frame)) < 0.05] = True
            frame[name] = values
    return frame


def _nullable(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return frame.assign(enter_long=frame["enter_long"].fillna(0).astype("Int64"))


def _booleans(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return frame.assign(
        enter_long=frame["enter_long"] == 1, exit_long=(frame["exit_long"] == 1).astype(np.float32)
    )


def _odd_tags(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    tags = rng.choice(np.array(["", None, 5, "x" * 120, np.nan], dtype=object), len(frame))
    return frame.assign(enter_tag=tags)


def _number_tags(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return frame.assign(exit_tag=rng.integers(0, 3, len(frame)))


CHANGES: dict[str, Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame]] = {
    "gaps": _gaps,
    "duplicates": _duplicates,
    "duplicate labels": _duplicate_labels,
    "unsorted": _unsorted,
    "off the grid": _off_grid,
    "late": _late,
    "early": _early,
    "flat": _flat,
    "constant": _constant,
    "heikin ashi": _heikin_ashi,
    "no open": _value("open", math.nan),
    "no high": _value("high", math.nan),
    "no low": _value("low", math.nan),
    "no close": _value("close", math.nan),
    "zero": _value("low", 0.0),
    "infinite": _value("high", math.inf),
    "negative": _value("low", -1.0),
    "integers": _integers,
    "nanoseconds": _seconds,
    "odd signals": _odd_signals,
    "nullable": _nullable,
    "booleans": _booleans,
    "odd tags": _odd_tags,
    "number tags": _number_tags,
}
# Some of these end the run with an error, in freqtrade as here.
BROKEN = (
    *("unsorted", "no open", "no high", "no low", "no close", "zero", "infinite", "negative"),
    *("number tags", "duplicate labels"),
)

ROI = {"0": 0.03, "20": 0.012, "45": 0.004, "120": -1}
PROTECTIONS = [
    {"method": "CooldownPeriod", "stop_duration_candles": 3},
    {
        "method": "StoplossGuard",
        "lookback_period_candles": 60,
        "trade_limit": 2,
        "stop_duration_candles": 10,
        "only_per_pair": True,
    },
    {
        "method": "MaxDrawdown",
        "lookback_period_candles": 100,
        "trade_limit": 3,
        "stop_duration_candles": 12,
        "max_allowed_drawdown": 0.01,
    },
    {
        "method": "LowProfitPairs",
        "lookback_period_candles": 80,
        "trade_limit": 2,
        "stop_duration_candles": 10,
        "required_profit": 0.002,
    },
]

# Each is one thing that a backtest can have: settings of the strategy, and of the configuration.
SETTINGS: dict[str, dict[str, Any]] = {
    "stoploss": {"stoploss": -0.01},
    "close stoploss": {"stoploss": -0.002},
    "roi": {"minimal_roi": ROI},
    "low roi": {"minimal_roi": {"0": 0.002, "10": 0.0}},
    "rising roi": {"minimal_roi": {"0": 0.004, "30": 0.02, "60": 0.001}},
    "exit signal off": {"use_exit_signal": False},
    "exit in profit": {"exit_profit_only": True},
    "exit above offset": {"exit_profit_only": True, "exit_profit_offset": 0.004},
    "ignore roi": {"ignore_roi_if_entry_signal": True, "minimal_roi": ROI},
    "trailing": {"trailing_stop": True, "stoploss": -0.008},
    "trailing positive": {
        "trailing_stop": True,
        "stoploss": -0.02,
        "trailing_stop_positive": 0.003,
    },
    "trailing offset": {
        "trailing_stop": True,
        "stoploss": -0.02,
        "trailing_stop_positive": 0.002,
        "trailing_stop_positive_offset": 0.006,
    },
    "trailing only offset": {
        "trailing_stop": True,
        "stoploss": -0.02,
        "trailing_stop_positive": 0.003,
        "trailing_stop_positive_offset": 0.005,
        "trailing_only_offset_is_reached": True,
    },
    "market orders": {
        "order_types": {
            "entry": "market",
            "exit": "market",
            "stoploss": "market",
            "stoploss_on_exchange": False,
        }
    },
    "startup candles": {"startup_candle_count": 30},
    "expired candles": {"ignore_buying_expired_candle_after": 120},
    "reentries": {"position_adjustment_enable": True, "max_entry_position_adjustment": 1},
}
CONFIG: dict[str, dict[str, Any]] = {
    "one slot": {"max_open_trades": 1},
    "any slots": {"max_open_trades": float("inf"), "stake_amount": 150.0},
    "no slots": {"max_open_trades": 0},
    "unlimited slots": {"max_open_trades": -1, "stake_amount": 220.0},
    "fixed stake": {"stake_amount": 333.33},
    "high stake": {"stake_amount": 6000.0},
    "stacking": {"position_stacking": True},
    "export signals": {"export": "signals"},
    "short timeout": {"unfilledtimeout": {"entry": 1, "exit": 1, "unit": "minutes"}},
    "long timeout": {"unfilledtimeout": {"entry": 45, "exit": 45, "unit": "minutes"}},
    "exit timeouts": {
        "unfilledtimeout": {"entry": 10, "exit": 5, "exit_timeout_count": 2, "unit": "minutes"}
    },
    "no fee": {"fee": 0.0},
    "high fee": {"fee": 0.004},
    "small wallet": {"dry_run_wallet": 1},
    "coins": {"dry_run_wallet": {"USDT": 900.5, "A": 3.25}},
    "two strategies": {"strategy_list": ["Case", "Second"]},
}
# What else makes a case another one, by field of ``Case``.
FIELDS: dict[str, dict[str, Any]] = {
    "protections": {"protections": PROTECTIONS},
    "cooldown": {"protections": PROTECTIONS[:1]},
    "decimal places": {"precision": (2, 3, 4), "from_candles": False},
    "significant digits": {"precision": (3, 5, 6), "from_candles": False},
    "ticks": {"precision": (4, 0.05, 0.001), "from_candles": False},
    "coarse ticks": {"precision": (4, 0.5, 0.01), "from_candles": False},
    "hyperopt": {"runmode": RunMode.HYPEROPT},
    "webserver": {"runmode": RunMode.WEBSERVER},
    "two runs": {"runs": 2},
}
CALLBACKS: dict[str, dict[str, Any]] = {
    **{
        name: {}
        for name in (
            "custom_exit",
            "custom_sell",
            "confirm_trade_entry",
            "confirm_trade_exit",
            "adjust_order_price",
            "adjust_entry_price",
            "adjust_exit_price",
            "bot_loop_start",
            "leverage",
            "custom_stake_amount",
            "custom_entry_price",
            "custom_exit_price",
            "order_filled",
            "check_entry_timeout",
            "check_exit_timeout",
            "check_buy_timeout",
            "check_sell_timeout",
        )
    },
    "custom_stoploss": {"use_custom_stoploss": True, "stoploss": -0.03},
    "custom_stoploss:after_fill": {"use_custom_stoploss": True, "stoploss": -0.03},
    "custom_roi": {"use_custom_roi": True},
    "adjust_trade_position": {"position_adjustment_enable": True},
}
assert {name.partition(":")[0] for name in CALLBACKS} == set(DECISIONS)
# These are made while the candles are.
SHAPES = (
    *("tags", "shorts", "detail", "detail with shorts", "cross margin", "contracts", "no ticks"),
    *("hourly", "daily"),
)
# Minutes of a candle and of a detail candle.
LENGTHS = {"hourly": ("1h", 60, "15m", 15), "daily": ("1d", 1440, "4h", 240)}
FIVE_MINUTES = ("5m", 5, "1m", 1)

FEATURES: tuple[str, ...] = (
    *SETTINGS,
    *CONFIG,
    *FIELDS,
    *CALLBACKS,
    *SHAPES,
    *(name for name in CHANGES if name not in BROKEN),
)


def build(
    features: set[str],
    seed: int,
    *,
    pairs: int = 3,
    length: int = 400,
    behaviour: str = "decides",
    price: float = 100.0,
    decimals: int | None = 2,
    volatility: float = 0.003,
    entries: float = 0.05,
    exits: float = 0.03,
    watched: bool = True,
    with_stats: bool = True,
) -> Case:
    """The case that has all of the features (keys of the tables above)."""
    rng = np.random.default_rng(seed)
    timeframe, minutes, detail_timeframe, detail_minutes = next(
        (LENGTHS[name] for name in LENGTHS if name in features), FIVE_MINUTES
    )
    detail = bool(features & {"detail", "detail with shorts"})
    shorts = bool(features & {"shorts", "detail with shorts", "cross margin", "contracts"})
    if "no ticks" in features:
        decimals = None
    candles: Frames = {}
    details: Frames = {}
    funding: Frames = {}
    changes = [name for name in CHANGES if name in features]
    for i in range(pairs):
        pair = f"{chr(65 + i)}/USDT" + (":USDT" if shorts else "")
        frame = make_candles(
            length,
            rng,
            price=price * (1.0, 3.1, 0.07, 12.0)[i % 4],
            decimals=decimals,
            volatility=volatility,
            minutes=minutes,
            start=START if minutes < 1440 else START.replace(hour=0),
        )
        if detail:
            details[pair] = split(frame, rng, detail_minutes)
        frame = add_signals(
            frame, rng, entries=entries, exits=exits, shorts=shorts, tags="tags" in features
        )
        for name in changes:
            # The first pair stays as it was, to have something to lag behind.
            if i or pairs == 1 or name not in ("late", "early"):
                frame = CHANGES[name](frame, rng)
        candles[pair] = frame
        if shorts:
            funding[pair] = make_funding(frame, rng)
    settings: dict[str, Any] = {"minimal_roi": {"0": 0.02}, "stoploss": -0.02}
    config: dict[str, Any] = {"timeframe": timeframe}
    fields: dict[str, Any] = {}
    callbacks = {}
    for name in FEATURES:
        if name not in features:
            continue
        settings |= SETTINGS.get(name, {}) | CALLBACKS.get(name, {})
        config |= CONFIG.get(name, {})
        fields |= FIELDS.get(name, {})
        if name in CALLBACKS:
            callbacks[name] = behaviour
    if shorts:
        settings["can_short"] = True
        fields |= {"futures": True, "cross": "cross margin" in features}
        fields["contract_size"] = 0.1 if "contracts" in features else 1.0
    if detail:
        config["timeframe_detail"] = detail_timeframe
        if "gaps" in features:
            details = {
                pair: frame.iloc[7:].reset_index(drop=True) for pair, frame in details.items()
            }
    if len({name.partition(":")[0] for name in callbacks}) < len(callbacks):
        callbacks.pop("custom_stoploss")
    return replace(
        Case(candles),
        settings=settings,
        callbacks=callbacks,
        config=config,
        detail=details,
        funding=funding,
        salt=seed,
        watched=watched,
        with_stats=with_stats,
        **fields,
    )


def combination(number: int) -> set[str]:
    """Some features together, the same for the same number; each is in many combinations."""
    rng = np.random.default_rng(number)
    chosen = {FEATURES[number % len(FEATURES)]}
    for group, most in (
        (SETTINGS, 4),
        (CONFIG, 3),
        (FIELDS, 2),
        (CALLBACKS, 4),
        (SHAPES, 2),
        ([name for name in CHANGES if name not in BROKEN], 2),
    ):
        names = list(group)
        count = int(rng.integers(0, most + 1))
        chosen |= {str(name) for name in rng.choice(names, count, replace=False)}
    return chosen


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Anything: also what ends with an error, and strategies that answer nonsense or raise."""
    features = draw(st.sets(st.sampled_from([*FEATURES, *BROKEN]), max_size=9))
    decimals = draw(st.sampled_from([None, 0, 2, 5, 8, 10]))
    # The smallest price is some ticks at least.
    least = -8.0 if decimals is None else min(2.0 - decimals, 4.0) + 1.5
    return build(
        features,
        draw(st.integers(0, 2**32 - 1)),
        pairs=draw(st.integers(1, 4)),
        length=draw(st.sampled_from([3, 20, 60, 60, 100, 100, 200, 400])),
        behaviour=draw(st.sampled_from(sorted(BEHAVIOURS))),
        price=10.0 ** draw(st.floats(least, 5.0)),
        decimals=decimals,
        volatility=draw(st.sampled_from([0.0005, 0.003, 0.02])),
        entries=draw(st.sampled_from([0.01, 0.05, 0.3])),
        exits=draw(st.sampled_from([0.0, 0.03, 0.2])),
        watched=draw(st.booleans()),
        with_stats=draw(st.integers(0, 9)) == 9,
    )


__all__ = ["FEATURES", "add_signals", "build", "cases", "combination", "make_candles"]
