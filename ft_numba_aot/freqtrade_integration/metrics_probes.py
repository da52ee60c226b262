"""Calls on which freqtrade's metrics and report functions are compared with what replaces them.

Imports pandas, not freqtrade: the functions are spelled ``module:name``. A probe is ``(args,
kwargs)``; the first of a function's is an ordinary one. ``PROBES`` are few and small, as each
start may make them. ``EDGES`` has them and what else may happen to a frame of trades.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd

from ..runtime.registration import Call

Calls = Callable[[], Iterator[Call]]
Frame = pd.DataFrame

START = datetime(2024, 2, 27, 22, 15, tzinfo=UTC)
END = START + timedelta(days=9, hours=3)
PERIODS: tuple[tuple[datetime | None, datetime | None], ...] = (
    (START, END),
    (START, START),
    (None, END),
)
PAIRS = ["BTC/USDT", "ETH/USDT", "NONE/USDT"]
BALANCE = 1000

CONFIG: dict[str, Any] = {
    "max_open_trades": 3,
    "dry_run_wallet": BALANCE,
    "stake_currency": "USDT",
    "stake_amount": "unlimited",
    "timeframe": "5m",
    "stoploss": -0.1,
    "minimal_roi": {"0": 0.1},
    "use_exit_signal": True,
    "exit_profit_only": False,
    "exit_profit_offset": 0.0,
    "ignore_roi_if_entry_signal": False,
    "trading_mode": "spot",
    "margin_mode": "",
}
COUNTERS = (
    "rejected_signals",
    "timedout_entry_orders",
    "timedout_exit_orders",
    "canceled_trade_entries",
    "canceled_entry_orders",
    "replaced_entry_orders",
    "backtest_start_time",
    "backtest_end_time",
)

_METRICS = "freqtrade.data.metrics:"
_PARALLELISM = "freqtrade.data.btanalysis.trade_parallelism:"
_REPORTS = "freqtrade.optimize.optimize_reports.optimize_reports:"


def trades(length: int, *, pairs: int = 2, profit: Any = None) -> Frame:
    """Trades as a backtest lists them, in order of their end but for two; some end together."""
    rng = np.random.default_rng(length)
    if profit is None:
        profit = np.round(rng.normal(0.3, 7, length), 8)
        profit[3::4] = 0.0
    stake = np.round(rng.lognormal(4, 1, length), 8)
    minutes = rng.integers(0, 600, length) * 5
    steps = np.sort(rng.integers(0, 9 * 8, length)) * 3
    steps[2:4] = steps[2:4][::-1]
    closed = pd.Timestamp(START) + pd.to_timedelta(steps, unit="h")
    return pd.DataFrame(
        {
            "pair": [PAIRS[number % pairs] for number in range(length)],
            "stake_amount": stake,
            "open_date": (closed - pd.to_timedelta(minutes, unit="min")).as_unit("us"),
            "close_date": closed.as_unit("us"),
            "open_rate": rng.lognormal(0, 1, length),
            "trade_duration": minutes,
            "profit_ratio": profit / stake,
            "profit_abs": profit,
            "exit_reason": [("roi", "force_exit")[number % 2] for number in range(length)],
            "enter_tag": [("dip", "")[number // 2 % 2] for number in range(length)],
            "is_open": False,
            "is_short": [number % 3 == 0 for number in range(length)],
            "orders": [[{"cost": float(cost), "ft_is_entry": True}] for cost in stake],
        }
    )


def wallet(length: int) -> Frame:
    """A backtest's wallet history: rows of the stake currency and of a coin."""
    rng = np.random.default_rng(length)
    hours = np.repeat(np.arange(length) * 7, 2)
    frame = pd.DataFrame(
        {
            "date": (pd.Timestamp(START) + pd.to_timedelta(hours, unit="h")).as_unit("us"),
            "currency": ["USDT", "BTC"] * length,
            "rate": rng.lognormal(0, 0.1, 2 * length),
            "balance": rng.lognormal(5, 0.2, 2 * length),
        }
    )
    frame.loc[::2, "rate"] = 1.0
    return frame


def balances(length: int) -> Frame:
    """The balance at each date."""
    history = wallet(length).iloc[::2].reset_index(drop=True)
    return history.assign(total_quote=history["balance"] * history["rate"])


def candles(length: int) -> Frame:
    """Prices of every hour."""
    rng = np.random.default_rng(length)
    dates = pd.date_range(START, periods=length, freq="h", unit="ms")
    return pd.DataFrame({"date": dates, "close": np.exp(rng.normal(0, 0.1, length).cumsum())})


# What may have happened to a frame of trades, or of balances where it has such columns.
CHANGES: dict[str, Callable[[Frame], Frame]] = {
    "NaN": lambda frame: frame.assign(profit_abs=[np.nan, *frame["profit_abs"][1:]]),
    "NaN ratio": lambda frame: frame.assign(profit_ratio=[np.nan, *frame["profit_ratio"][1:]]),
    "infinite": lambda frame: frame.assign(profit_abs=[np.inf, *frame["profit_abs"][1:]]),
    "huge": lambda frame: frame.assign(profit_abs=frame["profit_abs"] * 1e300),
    "tiny": lambda frame: frame.assign(profit_abs=frame["profit_abs"] * 1e-300),
    "equal": lambda frame: frame.assign(profit_abs=0.1, profit_ratio=0.1),
    "nearly equal": lambda frame: frame.assign(profit_abs=0.1 + frame["profit_abs"] * 1e-17),
    "zero": lambda frame: frame.assign(profit_abs=0.0, profit_ratio=0.0),
    "negative zero": lambda frame: frame.assign(profit_abs=-0.0, profit_ratio=-0.0),
    "winners": lambda frame: frame.assign(profit_abs=frame["profit_abs"].abs() + 1),
    "losers": lambda frame: frame.assign(profit_abs=-frame["profit_abs"].abs() - 1),
    "integers": lambda frame: frame.assign(profit_abs=np.arange(len(frame)) - 3),
    "objects": lambda frame: frame.assign(profit_abs=frame["profit_abs"].astype(object)),
    "one date": lambda frame: frame.assign(close_date=pd.Timestamp(START)),
    "no date": lambda frame: frame.assign(close_date=pd.Series(pd.NaT, frame.index)),
    "other zone": lambda frame: frame.assign(
        close_date=frame["close_date"].dt.tz_convert("Asia/Tokyo")
    ),
    "no zone": lambda frame: frame.assign(close_date=frame["close_date"].dt.tz_localize(None)),
    "no column": lambda frame: frame.drop(columns=["profit_abs", "profit_ratio"]),
    "other index": lambda frame: frame.set_index(pd.Index(["x"] * len(frame))),
    "no tags": lambda frame: frame.assign(enter_tag=None),
}
BALANCES = (0, -5.0, np.float64(3.0), 1e-9)


@cache
def _frames(edges: bool) -> tuple[Frame, ...]:
    ordinary = trades(9)
    frames = (ordinary, trades(1), ordinary.iloc[:0], CHANGES["NaN"](ordinary))
    if not edges:
        return frames
    return (*frames, trades(150, pairs=3), *(change(ordinary) for change in CHANGES.values()))


@cache
def _small(edges: bool) -> tuple[Frame, ...]:
    """For functions that take long with a frame of any size."""
    return _frames(True) if edges else (trades(2, pairs=1), _frames(False)[2])


def _of_trades(edges: bool, *, few: bool = False) -> Iterator[Call]:
    for frame in _small(edges) if few else _frames(edges):
        yield (frame,), {}


def _of_balance(edges: bool) -> Iterator[Call]:
    for frame in _frames(edges):
        yield (frame, BALANCE), {}
    for balance in BALANCES if edges else BALANCES[:1]:
        yield (_frames(False)[0], balance), {}


def _of_period(edges: bool) -> Iterator[Call]:
    frames = _frames(edges)
    for frame in frames:
        yield (frame, START, END, BALANCE), {}
    for period in PERIODS[1:]:
        yield (frames[0], *period, BALANCE), {}
    for balance in BALANCES if edges else ():
        yield (frames[0], START, END, balance), {}


def _drawdown(edges: bool, value: str = "profit_abs") -> Iterator[Call]:
    frames = _frames(edges)
    yield (frames[0],), {"starting_balance": BALANCE, "value_col": value}
    for frame in frames[1:]:
        yield (frame,), {"starting_balance": BALANCE}
    yield (frames[0],), {"date_col": "open_date"}
    for balance in BALANCES if edges else ():
        yield (frames[0],), {"starting_balance": balance}


def _max_drawdown(edges: bool) -> Iterator[Call]:
    yield from _drawdown(edges)
    for frame in _frames(edges)[: None if edges else 1]:
        yield (frame,), {"starting_balance": BALANCE, "relative": True}


def _cagr(edges: bool) -> Iterator[Call]:
    for days, start, final in (
        (9, 1000.0, 1100.0),
        (9, 1000, -1.0),
        (9, 0, 1.0),
        (0, 1.0, 1.0),
        (1, 1e-300, 1e300),
        (1, 1.0, 1e9),
    ):
        yield (days, start, final), {}


def _from_balance(edges: bool) -> Iterator[Call]:
    ordinary = balances(30)
    yield (ordinary,), {}
    yield (ordinary.iloc[:1],), {}
    yield (ordinary.iloc[:0],), {}
    if edges:
        yield (ordinary.iloc[::-1],), {}
        yield (ordinary.assign(total_quote=[np.nan, *ordinary["total_quote"][1:]]),), {}
        yield (ordinary.assign(total_quote=5.0),), {}
        yield (ordinary,), {"balance_col": "missing"}


def _market(edges: bool) -> Iterator[Call]:
    one, other = candles(40), candles(20)
    both = {"BTC/USDT": one, "ETH/USDT": other}
    late = START + timedelta(hours=25)
    yield (both,), {}
    yield (both, "close", START + timedelta(hours=3, minutes=1)), {}
    yield (both, "close", late), {}
    yield ({},), {}
    yield ({"BTC/USDT": one.assign(close=[np.nan, *one["close"][1:]])},), {}
    yield (both, "missing"), {}
    if edges:
        yield (both, "close", START + timedelta(days=99)), {}
        yield ({"BTC/USDT": one.iloc[:0]},), {}
        yield ({"BTC/USDT": one.iloc[::-1]}, "close", late), {}
        yield ({"BTC/USDT": one.assign(close=0.0)},), {}
        yield ({"BTC/USDT": one.assign(close=np.nan)},), {}
        yield ({"BTC/USDT": one.assign(close=np.arange(40))},), {}
        yield (both, "close", late.replace(tzinfo=None)), {}


def _combined(edges: bool, *period: datetime) -> Iterator[Call]:
    one, other = candles(40), candles(20)
    yield ({"BTC/USDT": one, "ETH/USDT": other}, *period), {}
    yield ({"BTC/USDT": one}, *period), {}
    yield ({}, *period), {}
    yield ({"BTC/USDT": one.assign(close=[np.nan, *one["close"][1:]])}, *period), {}


def _cumulative(edges: bool) -> Iterator[Call]:
    hours = candles(24 * 9).set_index("date")
    for frame in _frames(edges)[:4]:
        yield (hours, frame, "cum_profit", "1h"), {}


def _parallel(edges: bool) -> Iterator[Call]:
    frames = _frames(edges)
    yield (frames[0], "1h"), {}
    yield (frames[2], "1h"), {}
    yield (frames[0], "1w"), {}
    for frame in frames[1:] if edges else ():
        yield (frame, "4h"), {}


def _distribution(edges: bool) -> Iterator[Call]:
    ordinary = trades(4).assign(leverage=1.0, fee_open=0.001, fee_close=0.001)
    filled = int(START.timestamp() * 1000)
    orders = [
        [
            {
                "order_filled_timestamp": filled + number * 10**8,
                "amount": 2.0 + number,
                "safe_price": 1.5,
                "ft_is_entry": number == 0,
            }
            for number in range(2)
        ]
        for _ in range(len(ordinary))
    ]
    period = (START, END, "1d" if edges else "4h", "USDT", float(BALANCE))
    yield (ordinary.assign(orders=pd.Series(orders)), *period, PAIRS), {}
    yield (ordinary, *period, PAIRS), {}
    yield (ordinary.iloc[:0], *period, PAIRS), {}


def _breakdown(edges: bool) -> Iterator[Call]:
    ordinary = _small(False)[0]
    for period in ("week", "weekday", "month", *(("day", "year") if edges else ())):
        yield (ordinary, period), {}
    for frame in _small(edges)[1:]:
        yield (frame, "week"), {}
    yield ([], "week"), {}
    yield (ordinary, "century"), {}
    if edges:
        yield (ordinary.to_dict(orient="records"), "month"), {}


def _line(edges: bool) -> Iterator[Call]:
    for frame in _small(edges):
        yield (frame, START, END, BALANCE, "TOTAL"), {}
    for balance in BALANCES if edges else ():
        yield (_small(edges)[0], START, START, balance, ["a", "b"]), {}


def _pairs(edges: bool) -> Iterator[Call]:
    frames = _small(edges)
    yield (PAIRS[:1], "USDT", BALANCE, frames[0], START, END), {}
    for frame in frames[1:]:
        yield ([], "USDT", BALANCE, frame, START, END), {}
        if edges:
            yield (PAIRS, "USDT", BALANCE, frame, START, END), {"skip_nan": True}


def _tags(edges: bool) -> Iterator[Call]:
    frames = _small(edges)
    yield ("enter_tag", BALANCE, frames[0], START, END), {}
    yield ("missing", BALANCE, frames[0], START, END), {}
    for frame in frames if edges else ():
        yield ("exit_reason", BALANCE, frame, START, END), {}
        yield (["enter_tag", "exit_reason"], BALANCE, frame, START, END), {"skip_nan": True}


def _wallet(edges: bool) -> Iterator[Call]:
    ordinary = wallet(30)
    yield (ordinary, "USDT"), {}
    yield (None, "USDT"), {}
    yield (ordinary.iloc[:0], "USDT"), {}
    if edges:
        yield (ordinary.iloc[:2], "USDT"), {}
        yield (ordinary.iloc[::-1], "USDT"), {}
        yield (ordinary.assign(balance=0.0), "USDT"), {}
        yield (ordinary.assign(balance=[np.nan, *ordinary["balance"][1:]]), "USDT"), {}
        yield (ordinary.drop(columns="rate"), "USDT"), {}


def _strategy(edges: bool) -> Iterator[Call]:
    yield (*_strategy_call(_small(False)[0]), True), {}
    if edges:
        for frame in (_frames(False)[0], *_frames(False)[2:], CHANGES["no tags"](trades(9))):
            yield _strategy_call(frame), {}


def _strategy_call(frame: Frame) -> tuple[Any, ...]:
    content = {
        "results": frame,
        "config": CONFIG,
        "locks": [],
        "final_balance": 1234.5,
        "wallet_summary": wallet(5),
        "run_id": "",
        **{name: number for number, name in enumerate(COUNTERS)},
    }
    return PAIRS[:1], "Strategy", content, START, END, 0.25


_CALLS: dict[str, Callable[[bool], Iterator[Call]]] = {
    _METRICS + "calculate_market_change": _market,
    _METRICS + "combine_dataframes_by_column": _combined,
    _METRICS + "combine_dataframes_with_mean": _combined,
    _METRICS + "combined_dataframes_with_rel_mean": lambda edges: _combined(edges, START, END),
    _METRICS + "create_cum_profit": _cumulative,
    _METRICS + "calculate_underwater": lambda edges: _drawdown(edges, "profit_ratio"),
    _METRICS + "calculate_max_drawdown": _max_drawdown,
    _METRICS + "calculate_csum": _of_balance,
    _METRICS + "calculate_cagr": _cagr,
    _METRICS + "calculate_expectancy": _of_trades,
    _METRICS + "calculate_sortino": _of_period,
    _METRICS + "calculate_sharpe": _of_period,
    _METRICS + "calculate_calmar": _of_period,
    _METRICS + "calculate_sqn": _of_balance,
    _METRICS + "calculate_p_value": _of_balance,
    _METRICS + "calculate_sharpe_from_balance": _from_balance,
    _METRICS + "calculate_sortino_from_balance": _from_balance,
    _METRICS + "calculate_calmar_from_balance": _from_balance,
    _METRICS + "calculate_max_drawdown_from_balance": _from_balance,
    _PARALLELISM + "analyze_trade_parallelism": _parallel,
    _PARALLELISM + "balance_distribution_over_time": _distribution,
    _REPORTS + "calc_streak": _of_trades,
    _REPORTS + "generate_daily_stats": _of_trades,
    _REPORTS + "generate_trading_stats": lambda edges: _of_trades(edges, few=True),
    _REPORTS + "generate_periodic_breakdown_stats": _breakdown,
    _REPORTS + "generate_wallet_stats": _wallet,
    _REPORTS + "_generate_result_line": _line,
    _REPORTS + "generate_pair_metrics": _pairs,
    _REPORTS + "generate_tag_metrics": _tags,
    _REPORTS + "generate_strategy_stats": _strategy,
}

# The original takes half a second on the smallest backtest, and ours is made of what the others
# compare.
_SLOW = {_REPORTS + "generate_strategy_stats"}

PROBES: dict[str, Calls] = {
    name: partial(calls, False) for name, calls in _CALLS.items() if name not in _SLOW
}
EDGES: dict[str, Calls] = {name: partial(calls, True) for name, calls in _CALLS.items()}
