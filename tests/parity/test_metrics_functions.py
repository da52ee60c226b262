"""``ft_numba_aot.metrics`` against ``freqtrade.data``: results, errors and warnings, to the bit.

Both the functions and the formulas in pandas that run what isn't certain, with and without
bottleneck.
"""

from __future__ import annotations

import inspect
import logging
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("freqtrade")
pytest.importorskip("bottleneck")

from freqtrade.data import metrics as original
from freqtrade.data.btanalysis import trade_parallelism
from freqtrade.exchange import timeframe_to_resample_freq
from integration.freqtrade.cases import build
from integration.freqtrade.differential import observe
from integration.freqtrade.frames import (
    PAIRS,
    START,
    assert_same,
    broken_candles,
    outcome,
    trades_frame,
)

from ft_numba_aot import metrics
from ft_numba_aot.freqtrade_integration.metrics_probes import CHANGES
from ft_numba_aot.metrics import columns, stock, timeframes
from ft_numba_aot.metrics.certain import CERTAIN

pytestmark = pytest.mark.filterwarnings("ignore")

END = START + timedelta(days=77, hours=3)
Frame = pd.DataFrame

OF_BALANCE = ("calculate_sqn", "calculate_p_value", "calculate_csum")
OF_PERIOD = ("calculate_sharpe", "calculate_sortino", "calculate_calmar")
FROM_BALANCE = tuple(f"{name}_from_balance" for name in (*OF_PERIOD, "calculate_max_drawdown"))

balances = st.sampled_from([1000, 1000.0, 0.07, 0, 0.0, -5.0, 1e-30, 1e60, np.float64(3.0)])


def theirs(name: str) -> Callable[..., Any]:
    function: Callable[..., Any] = getattr(original, name, None) or getattr(trade_parallelism, name)
    return function


def seen(function: Callable[..., Any], arguments: Any, options: Mapping[str, Any]) -> Any:
    """The result or the error, and the warnings, of copies of the arguments."""
    copies = [one.copy() if isinstance(one, Frame) else one for one in arguments]
    result, _, warned = outcome(function, *copies, **options)
    if isinstance(result, metrics.DrawDownResult):
        result = original.DrawDownResult(**vars(result))
    if isinstance(result, Frame) and not result.columns.is_unique:
        result = [result.iloc[:, place] for place in range(result.shape[1])]
    return result, warned, [one for one in copies if isinstance(one, Frame)]


# Whether pandas uses bottleneck, and whose functions are called.
STATES, MODULES = (True, False), (metrics, stock)
ways = st.tuples(*(st.sampled_from([(one,) for one in all_]) for all_ in (STATES, MODULES)))


def check(
    name: str,
    *arguments: Any,
    way: tuple[Any, Any] = (STATES, MODULES),
    certain: bool = False,
    **options: Any,
) -> None:
    """Ours is freqtrade's; ``certain`` says that it is so without the formula in pandas."""
    states, modules = way
    for uses_bottleneck in states:
        with pd.option_context("compute.use_bottleneck", uses_bottleneck):
            expected = seen(theirs(name), arguments, options)
            for module in modules:
                ours = getattr(module, name, None) or getattr(metrics, name)
                assert_same(expected, seen(ours, arguments, options))
            if certain:
                assert CERTAIN[name](*arguments, **options) is not None


@st.composite
def any_trades(draw: st.DrawFn) -> Frame:
    """From none to 5,000: ties, one-sided, unsorted, and what may have happened to a frame."""
    length = draw(st.one_of(st.integers(0, 30), st.sampled_from([129, 1000, 5000])))
    frame = trades_frame(
        length,
        draw(st.integers(0, 2**32)),
        scale=draw(st.sampled_from([0.0, -9.0, 4.0])),
        days=draw(st.sampled_from([1, 60])),
        shape=draw(
            st.sampled_from(["any", "repeats", "winners", "losers", "constant", "unsorted"])
        ),
    )
    for change in draw(st.lists(st.sampled_from(sorted(CHANGES)), max_size=2)):
        if length and {"profit_abs", "close_date"} <= set(frame.columns):
            frame = CHANGES[change](frame)
    return frame


@given(any_trades(), balances, ways)
def test_ratios(frame: Frame, balance: Any, way: Any) -> None:
    for name in OF_PERIOD:
        check(name, frame, START, END, balance, way=way)
    for name in OF_BALANCE:
        check(name, frame, balance, way=way)
    check("calculate_expectancy", frame, way=way)


@given(any_trades(), balances, st.booleans(), st.sampled_from(["close_date", "open_date"]), ways)
def test_drawdowns(frame: Frame, balance: Any, relative: bool, date: str, way: Any) -> None:
    options = {"starting_balance": balance, "date_col": date, "way": way}
    check("calculate_max_drawdown", frame, relative=relative, **options)
    check("calculate_underwater", frame, **options)


@pytest.mark.parametrize("name", OF_PERIOD)
def test_periods(name: str) -> None:
    frame = trades_frame(40, 3)
    for period in ((None, END), (START, None), (START, START), (END, START), (START, 1)):
        check(name, frame, *period, 1000.0)


@st.composite
def histories(draw: st.DrawFn) -> Frame:
    """Balances of a wallet, seconds to days apart."""
    length = draw(st.one_of(st.integers(0, 30), st.sampled_from([400, 5000])))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    steps = rng.integers(draw(st.integers(0, 1)), draw(st.sampled_from([2, 90, 3000])), length)
    dates = pd.Timestamp(START) + pd.to_timedelta(steps.cumsum(), unit="min")
    balance = 1000 * np.exp(
        rng.normal(0, draw(st.sampled_from([0.0, 1e-9, 0.02])), length).cumsum()
    )
    frame = Frame({"date": dates.as_unit("us"), "total_quote": balance})
    change = draw(
        st.sampled_from(["", "", "unsorted", "NaN", "no date", "zero", "negative", "int"])
    )
    if change == "unsorted":
        frame = frame.iloc[rng.permutation(length)]
    elif change == "no date" and length:
        frame.loc[length // 2, "date"] = pd.NaT
    elif change == "int":
        frame["total_quote"] = np.arange(length)
    elif change and length:
        value = {"NaN": np.nan, "zero": 0.0, "negative": -1.0}[change]
        frame.loc[rng.integers(0, length), "total_quote"] = value
    return frame


@given(histories(), ways)
def test_from_balance(history: Frame, way: Any) -> None:
    for name in FROM_BALANCE:
        check(name, history, way=way)
    check("calculate_max_drawdown_from_balance", history, relative=True, way=way)


@pytest.mark.parametrize("name", FROM_BALANCE)
def test_from_balance_of_odd_frames(name: str) -> None:
    history = Frame({"date": pd.date_range(START, periods=9, freq="9h"), "total_quote": 3.5})
    check(name, history, certain=True)
    check(name, history.iloc[:1])
    check(name, history.rename(columns={"date": "total_balance"}), "total_balance")
    for balance in ("missing", "date", None):
        check(name, history, "date", balance)
    check(name, history.set_index("date", drop=False))
    check(name, history.assign(date=history["date"].dt.tz_localize(None)))
    check(name, history.assign(date=history["date"].dt.tz_convert("Asia/Tokyo")))


@given(
    st.integers(-1, 800), st.floats(-1e3, 1e300), st.one_of(st.floats(-1e3, 1e300), st.just(1e9))
)
def test_cagr(days: int, start: float, final: float) -> None:
    check("calculate_cagr", days, start, final)


@st.composite
def aligned(draw: st.DrawFn) -> dict[str, Frame]:
    """Candles of some pairs, mostly of the same dates."""
    length = draw(st.one_of(st.integers(0, 8), st.sampled_from([300])))
    unit = draw(st.sampled_from(["ms", "ns"]))
    dates = pd.date_range(START, periods=length, freq="5min", unit=unit)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    data = {
        name: Frame({"date": dates, "close": rng.lognormal(0, 3, length), "open": 1.0})
        for name in ("A/B", "C/D", "E/F", "close", "mean")[: draw(st.integers(1, 5))]
    }
    change = draw(st.sampled_from(["", "", "", "NaN", "zero", "shorter", "later", "int", "twice"]))
    last = list(data)[-1]
    if change in ("NaN", "zero") and length:
        data[last].loc[rng.integers(0, length), "close"] = np.nan if change == "NaN" else 0.0
    elif change == "shorter":
        data[last] = data[last].iloc[: length // 2]
    elif change == "later":
        data[last]["date"] += pd.Timedelta(minutes=5)
    elif change == "int":
        data[last]["close"] = np.arange(length)
    elif change == "twice" and length:
        data[last].loc[length - 1, "date"] = dates[0]
    return data


@given(aligned(), st.integers(-20, 400), st.integers(-20, 1600), ways)
def test_pairs_side_by_side(data: dict[str, Frame], since: int, until: int, way: Any) -> None:
    period = START + timedelta(minutes=since), START + timedelta(minutes=until)
    check("combine_dataframes_by_column", data, way=way)
    check("combine_dataframes_by_column", data, "open", way=way)
    check("combine_dataframes_with_mean", data, way=way)
    check("combined_dataframes_with_rel_mean", data, *period, way=way)
    check("calculate_market_change", data, min_date=period[0], way=way)


names = st.sampled_from(["close", "close", "date", "gone"])


@given(st.lists(broken_candles(most=12), max_size=3), names, ways)
def test_pairs_of_broken_candles(frames: list[Frame], column: str, way: Any) -> None:
    data = {f"P{number}": frame for number, frame in enumerate(frames)}
    check("combine_dataframes_by_column", data, column, way=way)
    check("combine_dataframes_with_mean", data, column, way=way)
    check("combined_dataframes_with_rel_mean", data, START, END, column, way=way)
    check("calculate_market_change", data, column, way=way)


def test_what_is_beside_each_other_is_not_the_candles_own() -> None:
    dates = pd.date_range(START, periods=9, freq="5min")
    data = {name: Frame({"date": dates, "close": np.arange(9.0) + 1}) for name in "AB"}
    for name in ("combine_dataframes_by_column", "combine_dataframes_with_mean"):
        check(name, data, certain=True)
        combined = getattr(metrics, name)(data)
        combined.iloc[3, 0] = -7.0
        assert data["A"]["close"].tolist() == list(range(1, 10))
        assert isinstance(data["A"].index, pd.RangeIndex)
    check("combined_dataframes_with_rel_mean", data, START, END, certain=True)
    check("combined_dataframes_with_rel_mean", data, START.replace(tzinfo=None), END)


@given(
    any_trades(),
    st.sampled_from(["5m", "7m", "30m", "1h", "8h", "1d", "3d", "1w", "1M", "1y", "5x", "m"]),
    ways,
)
def test_trade_parallelism(frame: Frame, timeframe: str, way: Any) -> None:
    check("analyze_trade_parallelism", frame[:30], timeframe, way=way)
    check("evaluate_result_multi", frame[:30], timeframe, 1, way=way)


def test_trade_parallelism_of_dates_between_candles() -> None:
    frame = trades_frame(20, 5, days=9)
    frame["open_date"] += pd.to_timedelta(np.arange(20) * 7, unit="s")
    for unit in ("s", "ms", "us", "ns"):
        dates = {name: frame[name].dt.as_unit(unit) for name in ("open_date", "close_date")}
        check("analyze_trade_parallelism", frame.assign(**dates), "15m", certain=True)
    check("analyze_trade_parallelism", frame.assign(pair=[None, *frame["pair"][1:]]), "1h")
    check("analyze_trade_parallelism", frame.assign(date=1), "1h")
    frame.attrs["source"] = "test"
    check("analyze_trade_parallelism", frame, "1h", certain=True)
    check("calculate_underwater", frame, certain=True)
    check("analyze_trade_parallelism", frame.assign(close_date=START), "1h")


@st.composite
def trades_with_orders(draw: st.DrawFn) -> Frame:
    """Some still open, some with more than two orders, not all of them filled."""
    length = draw(st.integers(0, 12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    frame = trades_frame(length, draw(st.integers(0, 2**32)), days=3, shape="unsorted")
    frame["leverage"] = rng.choice([1.0, 3.0, 2.5], length)
    frame["fee_open"], frame["fee_close"] = 0.001, 0.0004
    frame["orders"] = [
        [
            {
                "order_filled_timestamp": int(opened.timestamp() * 1000 + rng.integers(0, 10**7))
                if rng.random() < 0.9
                else None,
                "amount": float(rng.lognormal()),
                "safe_price": float(rng.lognormal()),
                "ft_is_entry": rng.random() < 0.5,
                **({"filled": 0.5, "funding_fee": -0.01} if rng.random() < 0.5 else {}),
            }
            for _ in range(rng.integers(0, 4))
        ]
        for opened in frame["open_date"]
    ]
    if length and draw(st.booleans()):
        frame.loc[length // 2, "close_date"] = pd.NaT
    return frame


@given(trades_with_orders(), st.sampled_from(["15m", "1h", "1d", "1w", "2w", "3M", "1y"]), ways)
def test_balance_distribution(frame: Frame, timeframe: str, way: Any) -> None:
    period = START - timedelta(days=1), START + timedelta(days=5, minutes=3)
    check("balance_distribution_over_time", frame, *period, timeframe, "USDT", 9, PAIRS, way=way)


def test_balance_distribution_of_odd_trades() -> None:
    frame = trades_frame(4, 2, days=3).assign(leverage=2.0, fee_open=0.001, fee_close=0.002)
    period = START - timedelta(days=1), START + timedelta(days=5), "1h"
    options: dict[str, Any] = {"stake_currency": "USDT", "start_balance": 1000.0, "pairlist": PAIRS}
    name = "balance_distribution_over_time"
    check(name, frame, *period, **options)
    frame["orders"] = [[] for _ in range(4)]
    check(name, frame, *period, **options, certain=True)
    check(name, frame.iloc[:0], *period, **options, certain=True)
    check(name, frame, *period, **{**options, "pairlist": PAIRS[:1]})
    check(name, frame, *period, **{**options, "pairlist": []})
    check(name, frame, *period, **{**options, "stake_currency": PAIRS[0]})
    check(name, frame.assign(open_date=frame["open_date"].dt.as_unit("ns")), *period, **options)


@pytest.mark.parametrize("timeframe", ["1m", "4h", "1d"])
def test_cumulative_profit(timeframe: str) -> None:
    hours = Frame({"close": 1.0}, index=pd.date_range(START, periods=24 * 30, freq="h"))
    for frame in (trades_frame(40, 2), trades_frame(0, 2), trades_frame(3, 2, days=1)):
        check("create_cum_profit", hours, frame, "profit", timeframe)


@pytest.mark.parametrize("timeframe", ["1s", "5m", "1h", "1d", "1w", "2w", "1M", "3M", "1y", "2y"])
def test_frequencies(timeframe: str) -> None:
    assert timeframes.resample_frequency(timeframe) == timeframe_to_resample_freq(timeframe)


def test_pandas_without_what_it_keeps_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "_array", columns._public_array)
    monkeypatch.setattr(columns, "uses_bottleneck", columns._by_option)
    frame = trades_frame(200, 6)
    check("calculate_sharpe", frame, START, END, 1000.0, certain=True)
    check("calculate_calmar", frame, START, END, 1000.0, certain=True)
    monkeypatch.setattr(columns, "PANDAS_MAJOR", 2)
    check("calculate_sharpe", frame, START, END, 1000.0)
    assert CERTAIN["calculate_sharpe"](frame, START, END, 1000.0) is None


def test_backtests() -> None:
    run = observe(build({"roi", "shorts"}, 5, length=400, entries=0.1), accelerated=False)
    frame = next(one for one in run.frames.values() if "profit_abs" in one)
    wallet = next(one for one in run.frames.values() if "balance" in one)
    assert len(frame) > 50
    for name in OF_PERIOD:
        check(name, frame, START, END, 1000.0, certain=True)
    for name in OF_BALANCE:
        check(name, frame, 1000.0, certain=True)
    check("calculate_expectancy", frame, certain=True)
    for relative in (True, False):
        check("calculate_max_drawdown", frame, relative=relative, certain=True)
    check("calculate_underwater", frame, certain=True)
    few, pairs = frame.iloc[:20], sorted(set(frame["pair"]))
    check("analyze_trade_parallelism", few, "5m", certain=True)
    period = frame["open_date"].min().to_pydatetime(), frame["close_date"].max().to_pydatetime()
    name = "balance_distribution_over_time"
    check(name, few, *period, "5m", "USDT", 1000.0, pairs, certain=True)
    totals = wallet.assign(total_quote=wallet["rate"] * wallet["balance"])
    totals = totals.groupby("date")["total_quote"].sum().reset_index()
    for name in FROM_BALANCE:
        check(name, totals, certain=True)


PUBLIC = [
    name
    for module in (original, trade_parallelism)
    for name, function in vars(module).items()
    if inspect.isfunction(function)
    and function.__module__ == module.__name__
    and not name.startswith("_")
]


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_function_is_there_with_its_arguments(name: str) -> None:
    ours, stocks = inspect.signature(getattr(metrics, name)), inspect.signature(theirs(name))
    assert list(ours.parameters) == list(stocks.parameters)
    for one, other in zip(ours.parameters.values(), stocks.parameters.values(), strict=True):
        assert (one.kind, one.default) == (other.kind, other.default)
    assert getattr(metrics, name).__doc__
    assert name in metrics.__all__


def test_a_pair_without_candles_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert metrics.calculate_market_change({"A": Frame(columns=["date", "close"])}) == 0.0
    assert caplog.messages == ["Pair A has no data after None."]


def test_freqtrade_is_not_needed() -> None:
    code = (
        "import sys; from ft_numba_aot import metrics\n"
        "import pandas as pd\n"
        "dates = pd.date_range('2024', periods=3, freq='h', tz='UTC')\n"
        "trades = pd.DataFrame({'close_date': dates, 'profit_abs': [1.0, -2.0, None]})\n"
        "print(metrics.calculate_max_drawdown(trades).drawdown_abs)\n"
        "assert 'freqtrade' not in sys.modules and 'ccxt' not in sys.modules"
    )
    command = [sys.executable, "-P", "-c", code]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("2.0\n", "")
