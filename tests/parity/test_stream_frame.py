"""A ``Frame`` keeps columns up to date that are the functions' over all candles since the first."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from candles import assert_identical, candles, frame, same_bits

from ft_numba_aot import stream, ta, talib_func

FUNCTIONS: list[Any] = [
    ("SMA", {"timeperiod": 20}),
    ("ema", {"timeperiod": 20, "price": "open"}, "ema_open"),
    ("BBANDS", {"timeperiod": 5}, ["upper", "middle", "lower"]),
    "MACD",
    "CDLDOJI",
    ("MINMAXINDEX", {"timeperiod": 3}),
]
COLUMNS = ["sma_20", "ema_open", "upper", "middle", "lower"]
COLUMNS += ["macd", "macdsignal", "macdhist", "cdldoji", "minidx_3", "maxidx_3"]


def market(seed: int = 1, rows: int = 120) -> pd.DataFrame:
    return frame(candles(np.random.default_rng(seed), rows))


def expected(history: pd.DataFrame) -> pd.DataFrame:
    """The columns as ``ta`` has them."""
    found = history.copy()
    found["sma_20"] = ta.SMA(history, timeperiod=20)
    found["ema_open"] = ta.EMA(history, timeperiod=20, price="open")
    found[["upper", "middle", "lower"]] = ta.BBANDS(history, timeperiod=5)
    found[["macd", "macdsignal", "macdhist"]] = ta.MACD(history)
    found["cdldoji"] = ta.CDLDOJI(history)
    found[["minidx_3", "maxidx_3"]] = ta.MINMAXINDEX(history, timeperiod=3)
    return found


def same(ours: pd.DataFrame, other: pd.DataFrame) -> bool:
    assert list(ours.columns) == list(other.columns)
    return all(same_bits(ours[name].to_numpy(), other[name].to_numpy()) for name in COLUMNS)


def test_new_rows_of_many_pairs() -> None:
    both = {"ETH/USDT": market(1), "BTC/USDT": market(2)}
    kept = stream.Frame(FUNCTIONS)
    assert kept.columns == COLUMNS
    for rows in (5, 6, 30, 31, 31, 32, 90, 120):
        for pair, whole in both.items():
            given = kept.update(pair, whole[:rows])
            pd.testing.assert_frame_equal(given[list(whole)], whole[:rows])
            assert same(given, expected(whole[:rows]))
            last = pd.Series(kept.last(pair))
            pd.testing.assert_series_equal(
                last, given[COLUMNS].iloc[-1], check_names=False, check_exact=True
            )
    assert kept.pairs == list(both)


def test_only_new_rows_are_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = market()
    kept = stream.Frame(["RSI"])
    kept.update("ETH/USDT", whole[:100].copy())
    monkeypatch.setattr(stream.RSI, "open_and_fill", None)
    for rows in range(101, 120):
        given = kept.update("ETH/USDT", whole[rows - 100 : rows].copy())
        assert same_bits(given["rsi"].to_numpy(), ta.RSI(whole[:rows]).to_numpy()[-100:])


def test_rows_move_on_and_memory_does_not_grow() -> None:
    whole = market(rows=600)
    kept = stream.Frame(FUNCTIONS)
    sizes = set()
    for rows in range(100, 600, 7):
        given = kept.update("ETH/USDT", whole[rows - 100 : rows].reset_index(drop=True))
        sizes.add(len(pickle.dumps(kept)) // 1000)
    assert same(given, expected(whole[:rows])[-100:])
    assert len(sizes) < 3


def changed_price(whole: pd.DataFrame) -> pd.DataFrame:
    whole.loc[60, "close"] += 1.0
    return whole


CHANGES = {
    "a price": changed_price,
    "its last rows": lambda whole: whole[:70].copy(),
    "a row between": lambda whole: whole.drop(index=50).reset_index(drop=True),
    "all dates": lambda whole: whole.assign(date=whole["date"] + pd.Timedelta(days=90)),
    "their order": lambda whole: whole[::-1].reset_index(drop=True),
    "a NaN": lambda whole: whole.assign(close=whole["close"].where(whole.index != 80)),
    "a new row that is NaN": lambda whole: whole.assign(
        close=whole["close"].where(whole.index != 110)
    ),
    "no rows": lambda whole: whole[:0].copy(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_all_is_computed_anew_where_the_history_changed(change: Any) -> None:
    kept = stream.Frame(FUNCTIONS)
    kept.update("ETH/USDT", market()[:100].copy())
    given = change(market())
    for _ in range(2):
        assert same(kept.update("ETH/USDT", given.copy()), expected(given))


def test_unstable_periods_hold_columns_back_and_hold_until_the_frame_is_gone() -> None:
    whole = market()
    talib_func.set_unstable_period("RSI", 7)
    try:
        kept = stream.Frame(["RSI"])
        for rows in (14, 20, 21, 22, 23, 100):
            given = kept.update("ETH/USDT", whole[:rows])
            assert same_bits(given["rsi"].to_numpy(), ta.RSI(whole[:rows]).to_numpy())
            assert given["rsi"].count() == max(0, rows - 21)
        with pytest.raises(RuntimeError, match="streams are active"):
            talib_func.set_unstable_period("RSI", 0)
    finally:
        kept.forget("ETH/USDT")
        talib_func.set_unstable_period("RSI", 0)


def test_goes_to_other_processes_with_all_it_knows() -> None:
    whole = market()
    kept = stream.Frame(FUNCTIONS)
    kept.update("ETH/USDT", whole[:100].copy())
    twin = pickle.loads(pickle.dumps(kept))
    one, other = (f.update("ETH/USDT", whole[1:].copy()) for f in (kept, twin))
    assert same(one, other)
    assert same(one, expected(whole)[1:])
    kept.forget("ETH/USDT")
    assert kept.pairs == []
    assert same(kept.update("ETH/USDT", whole[1:].copy()), expected(whole[1:]))


def test_columns_that_are_there_are_replaced() -> None:
    whole = market()
    kept = stream.Frame(["RSI", ("SMA", {"timeperiod": 5})])
    once = kept.update("ETH/USDT", whole.assign(sma_5=7.0))
    assert list(once) == [*whole, "sma_5", "rsi"]
    pd.testing.assert_frame_equal(kept.update("ETH/USDT", once), once)
    assert same_bits(once["sma_5"].to_numpy(), ta.SMA(whole, timeperiod=5).to_numpy())


def test_dates_may_be_the_index() -> None:
    whole = market().set_index("date")
    kept = stream.Frame(["RSI"])
    kept.update("ETH/USDT", whole[:100].copy())
    given = kept.update("ETH/USDT", whole[10:].copy())
    assert_identical(given["rsi"].to_numpy(), ta.RSI(whole).to_numpy()[10:])


@pytest.mark.parametrize(
    ("functions", "message"),
    [
        (["NOTHING"], "no function"),
        ([("SMA", {"period": 5})], "no parameter 'period'"),
        ([("MACD", {}, "macd")], "3 outputs"),
        ([("SMA", {"timeperiod": 5}), ("SMA", {"timeperiod": 5})], "two columns are named 'sma_5'"),
    ],
)
def test_says_what_it_cannot_do(functions: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        stream.Frame(functions)


def test_parameters_out_of_range_raise_as_ever() -> None:
    with pytest.raises(Exception, match="TA_BAD_PARAM"):
        stream.Frame([("SMA", {"timeperiod": 0})]).update("ETH/USDT", market())
