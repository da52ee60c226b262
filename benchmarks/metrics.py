"""``python -m benchmarks.metrics``: metrics, losses and reports, and their section of the document.

Each result is compared with the original's first, bit for bit. What is measured is kept in
docs/metrics.json.
"""

from __future__ import annotations

import contextlib
import copy
import io
import json
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple, TypedDict

import numpy as np
import pandas as pd

from . import ROOT, machine
from .tables import bold, table
from .timing import interleaved

RESULTS = ROOT / "docs" / "metrics.json"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
TITLE = "## Metrics and reports, against freqtrade"
LIBRARIES = ("freqtrade", "numpy", "pandas", "bottleneck", "scipy")

RUNS, SECONDS = 40, 2.0
# Whole reports aren't functions to call side by side: the accelerator is switched on and off.
ROUNDS, REPORTS = 5, 3

TRADES, DAYS, PAIRS, CANDLES = 1_000, 180, 40, 50_000
START = datetime(2024, 1, 1, tzinfo=UTC)
END = START + timedelta(days=DAYS)
BALANCE = 10_000.0
METRICS, LOSSES, WHOLE = "metrics", "losses of hyperopt", "whole reports"


class Row(NamedTuple):
    """Two calls of one result, and how many times as fast ours is to be, if anything is said."""

    name: str
    ours: Callable[[], Any]
    original: Callable[[], Any]
    target: float | None = None


class Results(TypedDict):
    """Seconds of ours and the original, and the target, by group and name; when and where."""

    date: str
    where: str
    load: float
    times: dict[str, dict[str, tuple[float, float, float | None]]]


def trades(length: int = TRADES) -> pd.DataFrame:
    """Trades as a backtest lists them, in order of their end, of ten pairs."""
    rng = np.random.default_rng(2026)
    minutes = rng.integers(1, 300, length) * 5
    closed = pd.Timestamp(START) + pd.to_timedelta(
        np.sort(rng.integers(300, DAYS * 288, length)) * 5, unit="min"
    )
    profit = np.round(rng.normal(0.5, 12.0, length), 8)
    stake = np.round(rng.lognormal(6, 0.2, length), 8)
    return pd.DataFrame(
        {
            "pair": [f"C{number:02}/USDT" for number in rng.integers(0, 10, length)],
            "stake_amount": stake,
            "open_date": (closed - pd.to_timedelta(minutes, unit="min")).as_unit("us"),
            "close_date": closed.as_unit("us"),
            "open_rate": rng.lognormal(0, 1, length),
            "trade_duration": minutes,
            "profit_ratio": profit / stake,
            "profit_abs": profit,
            "exit_reason": rng.choice(["roi", "stop_loss", "exit_signal"], length).tolist(),
            "enter_tag": rng.choice(["dip", "breakout", ""], length).tolist(),
            "is_open": False,
            "is_short": rng.random(length) < 0.3,
            "orders": [[{"cost": float(one), "ft_is_entry": True}] * 2 for one in stake],
        }
    )


def with_orders(frame: pd.DataFrame) -> pd.DataFrame:
    """The trades with an order in and one out."""
    dates = (frame[name].dt.as_unit("ms").astype(int) for name in ("open_date", "close_date"))
    orders = [
        [
            {
                "order_filled_timestamp": at,
                "amount": stake / rate,
                "safe_price": rate,
                "ft_is_entry": is_entry,
            }
            for at, is_entry in zip(both, (True, False), strict=True)
        ]
        for *both, stake, rate in zip(
            *dates, frame["stake_amount"], frame["open_rate"], strict=True
        )
    ]
    return frame.assign(orders=pd.Series(orders), leverage=1.0, fee_open=0.001, fee_close=0.001)


def history(length: int = TRADES) -> pd.DataFrame:
    """A wallet's balances, one every few hours."""
    rng = np.random.default_rng(7)
    dates = pd.date_range(START, END, periods=length, unit="us").floor("s")
    return pd.DataFrame(
        {"date": dates, "total_quote": BALANCE * np.exp(rng.normal(0, 0.004, length).cumsum())}
    )


def candles(pairs: int) -> dict[str, pd.DataFrame]:
    """Aligned candles of some pairs."""
    dates = pd.date_range(START, periods=CANDLES, freq="5min", unit="ms")
    rng = np.random.default_rng(11)
    found = {}
    for number in range(pairs):
        close = np.exp(rng.normal(0, 0.002, CANDLES).cumsum())
        prices = dict.fromkeys(("open", "high", "low", "close"), close)
        found[f"C{number:02}/USDT"] = pd.DataFrame({"date": dates, **prices, "volume": 1.0})
    return found


def of_metrics() -> Iterator[Row]:
    """The functions of ``freqtrade.data.metrics`` and its neighbour."""
    from freqtrade.data import metrics as original
    from freqtrade.data.btanalysis import trade_parallelism

    from ft_numba_aot import metrics

    def row(name: str, target: float | None, *arguments: Any, **options: Any) -> Row:
        stock = getattr(original, name, None) or getattr(trade_parallelism, name)
        calls = (partial(one, *arguments, **options) for one in (getattr(metrics, name), stock))
        return Row(name, *calls, target)

    frame, wallet, data = trades(), history(), candles(PAIRS)
    period = (START, END, BALANCE)
    drawdown = {"value_col": "profit_abs", "starting_balance": BALANCE}
    yield row("calculate_max_drawdown", 30, frame, **drawdown)
    yield row("calculate_underwater", None, frame, **drawdown)
    yield row("calculate_calmar", 30, frame, *period)
    yield row("calculate_sortino", 10, frame, *period)
    yield row("calculate_sharpe", 5, frame, *period)
    yield row("calculate_sqn", 5, frame, BALANCE)
    yield row("calculate_p_value", None, frame, BALANCE)
    yield row("calculate_csum", None, frame, BALANCE)
    yield row("calculate_expectancy", None, frame)
    for name in ("sharpe", "sortino", "calmar", "max_drawdown"):
        yield row(f"calculate_{name}_from_balance", 10, wallet)
    yield row("analyze_trade_parallelism", 100, frame, "5m")
    distribution = (START, END, "5m", "USDT", BALANCE, sorted(set(frame["pair"])))
    yield row("balance_distribution_over_time", None, with_orders(frame[:200]), *distribution)
    yield row("combine_dataframes_by_column", 5, data)
    yield row("combine_dataframes_with_mean", 3, data)
    yield row("combined_dataframes_with_rel_mean", 3, data, START, END)
    yield row("calculate_market_change", None, data, min_date=START + timedelta(days=1))


def of_losses() -> Iterator[Row]:
    """Every loss of freqtrade, as the resolver gives it, on the same trades."""
    from freqtrade.constants import HYPEROPT_LOSS_BUILTIN
    from freqtrade.resolvers.hyperopt_resolver import HyperOptLossResolver

    from ft_numba_aot.freqtrade_integration import losses, result_lines

    frame = trades()
    pairs = sorted(set(frame["pair"]))
    lines = result_lines.generate_pair_metrics(pairs, "USDT", BALANCE, frame, START, END)
    options = {
        "trade_count": len(frame),
        "min_date": START,
        "max_date": END,
        "config": {},
        "processed": {},
        "backtest_stats": {"results_per_pair": lines},
        "starting_balance": BALANCE,
    }
    for name in HYPEROPT_LOSS_BUILTIN:
        config = {"hyperopt_loss": name, "user_data_dir": Path(), "timeframe": "5m"}
        stock = HyperOptLossResolver.load_hyperoptloss(config).hyperopt_loss_function
        ours = losses.OURS[name][0] if name in losses.OURS else stock
        calls = (partial(one, results=frame.copy(), **options) for one in (ours, stock))
        yield Row(name, *calls, 5)


def content() -> dict[str, Any]:
    """What a backtest gives the reports, with the history of its wallet."""
    from ft_numba_aot.freqtrade_integration.metrics_probes import CONFIG, COUNTERS

    wallet = history(20_000).rename(columns={"total_quote": "balance"})
    return {
        "results": trades(),
        "config": {**CONFIG, "dry_run_wallet": BALANCE},
        "locks": [],
        "final_balance": 11_234.5,
        "wallet_summary": wallet.assign(currency="USDT", rate=1.0),
        "run_id": "",
        **{name: number for number, name in enumerate(COUNTERS)},
    }


def _seconds(function: Callable[[], Any]) -> float:
    start = process_time()
    function()
    return process_time() - start


def of_reports() -> dict[str, tuple[float, float, float | None]]:
    """Medians of rounds, in each the least of some reports, stock and accelerated by turns."""
    from freqtrade.optimize import optimize_reports
    from freqtrade.optimize.optimize_reports import optimize_reports as reports

    import ft_numba_aot

    data, given = candles(10), content()
    config = given["config"]
    whole: dict[str, tuple[Callable[..., Any], float | None]] = {
        "generate_backtest_stats": (
            lambda result: reports.generate_backtest_stats(data, {"S": result}, START, END),
            4,
        ),
        "generate_strategy_stats, in hyperopt": (
            lambda result: reports.generate_strategy_stats(
                list(data), "S", result, START, END, 0.1, is_hyperopt=True
            ),
            None,
        ),
    }
    found: dict[str, list[tuple[float, float]]] = {
        name: [] for name in [*whole, "show_backtest_results"]
    }
    for _ in range(ROUNDS):
        seen = []
        for switch in (ft_numba_aot.enable, ft_numba_aot.disable):
            switch()
            least = {}
            for name, (function, _target) in whole.items():
                copies = [copy.deepcopy(given) for _run in range(REPORTS)]
                least[name] = min(_seconds(partial(function, one)) for one in copies)
            stats = reports.generate_backtest_stats(data, {"S": copy.deepcopy(given)}, START, END)
            with contextlib.redirect_stdout(io.StringIO()):
                show = partial(optimize_reports.show_backtest_results, config, stats)
                least["show_backtest_results"] = min(_seconds(show) for _run in range(REPORTS))
            seen.append((least, repr(stats)))
        (ours, text), (stock, stock_text) = seen
        if text != stock_text:
            raise AssertionError("the reports differ")
        for name, pairs in found.items():
            pairs.append((ours[name], stock[name]))
    targets = {name: target for name, (_, target) in whole.items()}
    return {
        name: (*sorted(pairs, key=lambda pair: pair[1] / pair[0])[ROUNDS // 2], targets.get(name))
        for name, pairs in found.items()
    }


def measure() -> Results:
    """Everything, each row verified identical first."""
    from integration.freqtrade.frames import assert_same, outcome

    times: dict[str, dict[str, tuple[float, float, float | None]]] = {}
    for group, rows in ((METRICS, of_metrics), (LOSSES, of_losses)):
        for row in rows():
            assert_same(*(_plain(outcome(one)) for one in (row.original, row.ours)))
            ours, original = interleaved(
                row.ours, row.original, runs=RUNS, seconds=SECONDS, clock=process_time
            )
            times.setdefault(group, {})[row.name] = ours, original, row.target
            print(f"{row.name}: {original / ours:.1f}", flush=True)
    times[WHOLE] = of_reports()
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "where": f"{machine.versions(LIBRARIES)}. {machine.machine()}.",
        "load": machine.load(),
        "times": times,
    }


def _plain(result: tuple[Any, ...]) -> Any:
    """Drawdowns as what they say, whose class is freqtrade's or ours."""
    value = result[0]
    return vars(value) if hasattr(value, "current_drawdown_abs") else value


def section(results: Results) -> str:
    """The tables in Markdown."""
    parts = [
        TITLE,
        f"""\
Written by `python -m benchmarks.metrics`, on {results["date"]}. {results["where"]} The load \
average was {results["load"]:.1f}.

On {TRADES:,} trades of {DAYS} days, {TRADES:,} balances, or {PAIRS} pairs of {CANDLES:,} aligned \
candles, `ft_numba_aot.metrics` against `freqtrade.data`. Each result is compared with the \
original's first, bit for bit. Both take turns in one process, and the least of the times counts, \
which are the CPU's; of whole reports, stock and accelerated by turns, the median of {ROUNDS} \
rounds. Bold misses its target.""",
    ]
    for group, rows in results["times"].items():
        lines = [
            [
                name,
                f"{original * 1e6:,.1f}",
                f"{ours * 1e6:,.1f}",
                bold(f"{original / ours:,.1f}", bool(target and original / ours < target)),
                f"{target:g}" if target else "",
            ]
            for name, (ours, original, target) in rows.items()
        ]
        header = ["", "original, µs", "ours, µs", "times as fast", "target"]
        parts.append(f"### {group[0].upper()}{group[1:]}\n\n{table(header, lines)}")
    return "\n\n".join(parts) + "\n"


def read() -> Results | None:
    """What was measured before."""
    if not RESULTS.exists():
        return None
    kept: Results = json.loads(RESULTS.read_text(encoding="utf-8"))
    return kept


def sections() -> list[str]:
    """The section, if there is anything to tell."""
    results = read()
    return [] if results is None else [section(results)]


def write(results: Results) -> None:
    """Keep the measurements, and write the document's section."""
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(f"{TITLE}\n")
    after = rest[rest.index("\n## ") + 1 :] if "\n## " in rest else ""
    parts = [before.rstrip(), section(results).rstrip(), after.rstrip()]
    DOCUMENT.write_text("\n\n".join(part for part in parts if part) + "\n", encoding="utf-8")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    write(measure())
