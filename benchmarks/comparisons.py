"""What is compared: one table for pytest-benchmark and for the document.

A comparison is a name and two calls without arguments, ours and the original's. Everything is
taken from ``ft_numba_aot.ta.FUNCTIONS``, but for the few rows of ``against_freqtrade``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache, partial
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import talib.abstract
from candles import assert_identical, frame
from numpy.typing import NDArray

from ft_numba_aot import _backend, metrics, pnl, precision, ta
from ft_numba_aot.ta import _function

ARRAY_LENGTH = 100_000
FRAME_LENGTH = 1_000
TRADES = 1_000
BALANCE = 10_000.0

Floats = NDArray[np.float64]


def _plain(result: Any) -> Any:
    return np.asarray(result) if isinstance(result, float) else result


def _outputs(result: Any) -> list[Any]:
    return list(result) if isinstance(result, list | tuple) else [result]


class Comparison(NamedTuple):
    """The same result from this package and from its original; ``values`` is what must match."""

    group: str
    name: str
    ours: Callable[[], Any]
    original: Callable[[], Any]
    values: Callable[[Any], Any] = _plain

    def verify(self) -> None:
        """Raise AssertionError unless both results have the same bits."""
        ours, original = self.values(self.ours()), self.values(self.original())
        assert_identical(ours, original, f"{self.group}: {self.name}")


@cache
def market(length: int) -> dict[str, Floats]:
    """Candles of a random walk, the same in every run."""
    rng = np.random.default_rng(2026)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.002, length)))
    opened = np.concatenate([[100.0], close[:-1]])
    wick = np.abs(rng.normal(0.0, 0.001, (2, length)))
    return {
        "open": opened,
        "high": np.maximum(opened, close) * (1.0 + wick[0]),
        "low": np.minimum(opened, close) * (1.0 - wick[1]),
        "close": close,
        "volume": np.round(rng.lognormal(4.0, 1.0, length), 2),
    }


@cache
def market_with_periods(length: int) -> dict[str, Floats]:
    """The same candles, and for MAVP each of its periods in turn."""
    return market(length) | {"periods": np.resize(np.arange(2.0, 31.0), length)}


def inputs(function: _function.Function, length: int) -> list[Floats]:
    """The candles that a function reads, in its order."""
    columns = _function._price_series(function.input_names)
    return [market_with_periods(length)[column] for column in columns]


def on_arrays() -> Iterator[Comparison]:
    """What is below the interface, outputs allocated and arguments checked, on long ndarrays."""
    for name, function in ta.FUNCTIONS.items():
        arrays = inputs(function, ARRAY_LENGTH)
        ours = partial(function.func_object, arrays, list(function.parameters.values()))
        original = getattr(talib, name)
        yield Comparison("arrays", name, ours, partial(original, *arrays), _outputs)


def on_frames() -> Iterator[Comparison]:
    """Calls as a strategy makes them: a DataFrame in, a Series or DataFrame out."""
    candles = frame(market_with_periods(FRAME_LENGTH))
    for name, function in ta.FUNCTIONS.items():
        original = getattr(talib.abstract, name)
        yield Comparison("frames", name, partial(function, candles), partial(original, candles))


def of_kernels() -> Iterator[Comparison]:
    """The bare kernel, its outputs allocated, and TA-Lib's plain function, on the frames' data."""
    for name, function in ta.FUNCTIONS.items():
        original = partial(getattr(talib, name), *inputs(function, FRAME_LENGTH))
        yield Comparison("kernels", name, bare_kernel(name, FRAME_LENGTH), original, _outputs)


def bare_kernel(name: str, length: int) -> Callable[[], Any]:
    """A call of the native function itself, into outputs that are there already."""
    function = ta.FUNCTIONS[name]
    arrays = inputs(function, length)
    parameters = list(function.parameters.values())
    outputs = [np.empty_like(row) for row in function.func_object(arrays, parameters)]
    arguments = [*arrays, *parameters, *outputs]
    if (work := _backend.work(name.lower())) is not None:
        arguments.append(np.empty(work(length, *parameters)))
    kernel = _backend.call(name.lower())

    def run() -> list[Any]:
        kernel(*arguments)
        return outputs

    return run


def against_freqtrade() -> Iterator[Comparison]:
    """Metrics, profits, price precision and qtpylib's functions, against freqtrade's own."""
    from freqtrade.data import metrics as original

    compare = partial(Comparison, "freqtrade")
    rng = np.random.default_rng(2026)
    profits = np.round(rng.normal(2.0, 50.0, TRADES), 8)
    dates = pd.date_range("2026-01-01", periods=TRADES, freq="h", tz="UTC")
    trades = pd.DataFrame({"close_date": dates, "profit_abs": profits})
    profit = trades["profit_abs"]
    options = {"value_col": "profit_abs", "starting_balance": BALANCE}
    columns = ("cumulative", "high_value", "drawdown", "drawdown_relative")
    yield compare(
        "metrics.drawdown_series: calculate_underwater",
        lambda: metrics.drawdown_series(profits, BALANCE),
        lambda: original.calculate_underwater(trades, **options),
        lambda result: [np.asarray(getattr(result, column)) for column in columns],
    )
    numbers = ("drawdown_abs", "high_value", "low_value", "relative_account_drawdown")
    yield compare(
        "metrics.max_drawdown: calculate_max_drawdown",
        lambda: metrics.max_drawdown(profits, BALANCE),
        lambda: original.calculate_max_drawdown(trades, **options),
        lambda result: [np.asarray(float(getattr(result, number))) for number in numbers],
    )
    yield compare(
        "metrics.downside_deviation: as in calculate_sortino",
        lambda: metrics.downside_deviation(profits, BALANCE),
        lambda: float(np.std(trades.loc[profit < 0, "profit_abs"] / BALANCE)),
    )
    yield compare(
        "metrics.nan_std: Series.std", lambda: metrics.nan_std(profits), lambda: float(profit.std())
    )
    yield compare(
        "metrics.std: numpy.std", lambda: metrics.std(profits), lambda: float(np.std(profits))
    )
    pairs = {f"COIN{i}/USDT": frame(market(ARRAY_LENGTH)) for i in range(10)}
    yield compare(
        "metrics.calculate_market_change, 10 pairs",
        lambda: metrics.calculate_market_change(pairs),
        lambda: original.calculate_market_change(pairs),
    )
    yield _profits(rng)
    yield _tick_sizes()
    yield from _of_qtpylib()


def _profits(rng: np.random.Generator) -> Comparison:
    from freqtrade.enums import TradingMode
    from freqtrade.persistence import LocalTrade

    opened = np.round(rng.lognormal(3.0, 2.0, TRADES), 4)
    closed = np.round(opened * rng.normal(1.0, 0.02, TRADES), 4)
    amount = np.round(rng.lognormal(2.0, 1.0, TRADES), 6)
    fees = {"fee_open": 0.001, "fee_close": 0.001}
    trades = [
        LocalTrade(
            pair="COIN/USDT",
            exchange="binance",
            stake_amount=1.0,
            open_date=datetime(2026, 1, 1, tzinfo=UTC),
            trading_mode=TradingMode.SPOT,
            is_short=False,
            leverage=1.0,
            open_rate=rate,
            amount=size,
            **fees,
        )
        for rate, size in zip(opened.tolist(), amount.tolist(), strict=True)
    ]
    rates = closed.tolist()

    def original() -> SimpleNamespace:
        pairs = list(zip(trades, rates, strict=True))
        return SimpleNamespace(
            profit_abs=np.array([trade.calc_profit(rate) for trade, rate in pairs]),
            profit_ratio=np.array([trade.calc_profit_ratio(rate) for trade, rate in pairs]),
        )

    return Comparison(
        "freqtrade",
        "pnl.vectorized_pnl: LocalTrade.calc_profit and calc_profit_ratio",
        lambda: pnl.vectorized_pnl(opened, closed, amount, **fees),
        original,
        lambda result: [result.profit_abs, result.profit_ratio],
    )


def _tick_sizes() -> Comparison:
    from freqtrade.data.btanalysis import get_tick_size_over_time

    candles = frame({name: np.round(values, 4) for name, values in market(10_000).items()})
    names = ["open", "high", "low", "close"]

    def ours() -> pd.Series[float]:
        most = np.fmax.reduce(precision.decimals(candles[names].to_numpy()), axis=1)
        monthly = pd.Series(most, index=candles["date"]).resample("MS").max()
        return 1 / 10**monthly

    return Comparison(
        "freqtrade",
        "precision.decimals in get_tick_size_over_time, 10,000 candles",
        ours,
        lambda: get_tick_size_over_time(candles.copy()),
        lambda result: result.to_numpy(),
    )


def _of_qtpylib() -> Iterator[Comparison]:
    from technical.vendor.qtpylib import indicators

    from ft_numba_aot.freqtrade_integration.indicators import crossings, heikin_ashi

    candles = frame(market(FRAME_LENGTH))
    close, average = candles["close"], candles["close"].rolling(20).mean()
    compare = partial(Comparison, "freqtrade", values=np.asarray)
    # Before anything is replaced, these are qtpylib's own.
    for direction in ("above", "below"):
        yield compare(
            f"qtpylib.crossed_{direction}",
            lambda direction=direction: crossings.crossed(close, average, direction),
            lambda direction=direction: indicators.crossed(close, average, direction),
        )
    yield compare(
        "qtpylib.heikinashi",
        lambda: heikin_ashi.heikinashi(candles),
        lambda: indicators.heikinashi(candles),
    )


def comparisons() -> list[Comparison]:
    """All of them."""
    return [*on_arrays(), *on_frames(), *of_kernels(), *against_freqtrade()]
