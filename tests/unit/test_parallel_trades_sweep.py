"""Sweeps: the same scores in any order, in parts, from disk and on a cluster."""

from __future__ import annotations

import importlib
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ft_numba_aot.pnl import SCORES, Job, Rules, parallel_trades, sweep

TERMS: dict[str, Any] = {"stake_amount": 100.0, "fee": 0.001, "progress": False}
GRID = {"period": [3, 8], "stoploss": [-0.01, -0.03, -0.1], "minimal_roi": [{}, {0: 0.01}]}


def make_candles(seed: int, length: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.004, length)))
    opened = np.concatenate([[100.0], close[:-1]])
    return pd.DataFrame(
        {
            "date": pd.date_range("2024-01-01", periods=length, freq="1h", tz="UTC"),
            "open": opened,
            "high": np.maximum(opened, close) * 1.001,
            "low": np.minimum(opened, close) * 0.999,
            "close": close,
        }
    )


CANDLES = {"A/B": make_candles(1), "C/D": make_candles(2)}


def crossing(frame: pd.DataFrame, parameters: dict[str, Any]) -> dict[str, Any]:
    average = frame["close"].rolling(parameters["period"]).mean()
    above = frame["close"] > average
    return {"enter_long": above & ~above.shift(1, fill_value=False), "exit_long": ~above}


def worst(trades: pd.DataFrame) -> float:
    return float(trades["profit_ratio"].min())


def test_scores_are_those_of_the_trades_of_each_set() -> None:
    names = [name for name in SCORES if name != "p_value"]  # scipy takes long to import
    found = sweep(CANDLES, GRID, signals=crossing, metrics=[*names, worst], part_size=5, **TERMS)
    assert list(found.table.columns) == [*GRID, *names, "worst"]
    assert len(found.table) == 12
    row = found.table.iloc[9]
    rules = Rules(row["stoploss"], row["minimal_roi"])
    jobs = [
        Job(pair, rules, crossing(frame, {"period": row["period"]}))
        for pair, frame in CANDLES.items()
    ]
    trades = parallel_trades(CANDLES, jobs, stake_amount=100.0, fee=0.001)
    assert row["trades"] == len(trades) > 20
    order = np.argsort(trades.close_timestamp, kind="stable")
    assert row["profit_abs"] == pd.Series(trades.profit_abs[order]).sum()
    assert row["worst"] == trades.profit_ratio.min()
    assert row["win_rate"] == (trades.profit_abs > 0).mean()
    assert 0.0 < row["max_drawdown"] < 1.0
    best = found.best(3, "sharpe")
    assert best["sharpe"].iloc[0] == found.table["sharpe"].max()


def test_a_list_of_sets_may_leave_parameters_out() -> None:
    sets = [{"stoploss": -0.01}, {"stoploss": -0.02, "trailing_stop": True}]
    frames = {pair: frame.assign(enter_long=True) for pair, frame in CANDLES.items()}
    table = sweep(frames, sets, **TERMS).table
    assert table["trailing_stop"].isna().tolist() == [True, False]
    assert (table["trades"] > 0).all()


def test_a_sweep_continues_where_it_was_stopped(tmp_path: Path) -> None:
    whole = sweep(CANDLES, GRID, signals=crossing, **TERMS).table
    periods: list[int] = []

    def failing(frame: pd.DataFrame, parameters: dict[str, Any]) -> dict[str, Any]:
        periods.append(parameters["period"])
        if stop and parameters["period"] == 8:
            raise KeyboardInterrupt
        return crossing(frame, parameters)

    arguments: dict[str, Any] = {"signals": failing, "folder": tmp_path, "part_size": 6, **TERMS}
    stop = True
    with pytest.raises(KeyboardInterrupt):
        sweep(CANDLES, GRID, **arguments)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["part-000000.json", "sweep.json"]
    stop, periods[:] = False, []
    pd.testing.assert_frame_equal(sweep(CANDLES, GRID, **arguments).table, whole, check_exact=True)
    assert set(periods) == {8}
    with pytest.raises(ValueError, match=r"folder: .* has the results of another sweep"):
        sweep(CANDLES, {**GRID, "period": [3, 9]}, **arguments)


def test_a_heat_map_is_data_and_a_drawing() -> None:
    found = sweep(CANDLES, GRID, signals=crossing, **TERMS)
    drawn = found.heat_map("stoploss", "period", "profit_abs")
    assert drawn.values.shape == (2, 3)
    some = found.table.query("period == 8 and stoploss == -0.03")["profit_abs"]
    assert drawn.values.loc[8, -0.03] == some.max()
    root = ElementTree.fromstring(drawn.svg())
    assert len(root.findall("{*}rect")) == 6
    corner = root.findall("{*}text")[0]
    assert corner.text == "period \\ stoploss"
    assert float(corner.get("x", "")) >= 6 * len(corner.text)
    assert drawn.svg() in drawn.html()
    with pytest.raises(ValueError, match="x: 'stopploss' is none of period, stoploss"):
        found.heat_map("stopploss", "period")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"parameters": []}, "parameters: there is no set"),
        ({"parameters": {"perriod": [1]}}, "parameters: 'perriod' is no rule"),
        ({"metrics": "beauty"}, "metrics: 'beauty' is none of trades, profit_abs"),
        ({"metrics": []}, "metrics: none"),
        ({"part_size": 0}, "part_size: 0 is not above 0"),
    ],
)
def test_what_makes_no_sense_is_named(change: dict[str, Any], text: str) -> None:
    arguments: dict[str, Any] = {"parameters": {"stoploss": [-0.1]}, **TERMS, **change}
    with pytest.raises(ValueError, match=text):
        sweep(CANDLES, arguments.pop("parameters"), **arguments)


def test_a_dask_cluster_gives_the_same_table() -> None:
    distributed = pytest.importorskip("distributed")
    joblib = pytest.importorskip("joblib")
    alone = sweep(CANDLES, GRID, signals=crossing, **TERMS).table
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        spread = sweep(CANDLES, GRID, signals=_own_crossing(), part_size=3, **TERMS).table
    pd.testing.assert_frame_equal(alone, spread, check_exact=True)


def _own_crossing() -> Any:
    """The function by value: the workers don't know this module."""
    cloudpickle = importlib.import_module("cloudpickle")
    cloudpickle.register_pickle_by_value(importlib.import_module(__name__))
    return crossing
