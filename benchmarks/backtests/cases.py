"""What is measured: strategies, how many candles they run on, and freqtrade's options.

Imports the standard library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SAMPLE = "SampleStrategy"
PHASES = ("load", "indicators", "backtest", "stats")
WHOLE, COMMAND, EPOCHS = "whole", "command", "epochs"


@dataclass(frozen=True)
class Case:
    """A command of freqtrade's on generated candles; ``targets`` are ratios by what is timed."""

    name: str
    title: str
    strategy: str
    candles: int
    targets: Mapping[str, float] = field(default_factory=dict)
    pairs: int = 10
    futures: bool = False
    detail: bool = False
    arguments: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    epochs: int = 0
    jobs: int = 2

    @property
    def command(self) -> list[str]:
        """What follows ``freqtrade``, but for where the files are."""
        if self.epochs:
            options = ["--epochs", str(self.epochs), "-j", str(self.jobs), "--random-state", "42"]
            options += ["--spaces", "buy", "roi", "stoploss", "trailing", "--min-trades", "1"]
            options += ["--hyperopt-loss", "SharpeHyperOptLossDaily", "--disable-param-export"]
            return ["hyperopt", "-s", self.strategy, *options]
        options = ["--timeframe-detail", "1m"] if self.detail else []
        return ["backtesting", "-s", self.strategy, "--cache", "none", *options, *self.arguments]


def _scaled(pairs: int) -> Case:
    return Case(f"pairs-{pairs}", f"SampleStrategy, {pairs} pairs", SAMPLE, 5_000, pairs=pairs)


SCALED = tuple(map(_scaled, (10, 40, 160)))

CASES = (
    Case(
        "sample",
        "SampleStrategy",
        SAMPLE,
        52_000,
        {"load": 15, "backtest": 20, WHOLE: 12},
    ),
    Case("few-trades", "few trades", "FewTrades", 52_000, {"backtest": 50}),
    Case(
        "protections",
        "four protections, thousands of locks",
        "Protected",
        10_000,
        {"backtest": 50},
        arguments=("--enable-protections",),
        config={"max_open_trades": 10},
    ),
    Case(
        "callbacks",
        "custom_exit and custom_stoploss",
        "OwnExits",
        20_000,
        {"backtest": 4},
    ),
    Case(
        "detail",
        "SampleStrategy, 1m detail",
        SAMPLE,
        10_000,
        {"backtest": 10},
        detail=True,
    ),
    Case(
        "futures",
        "futures: shorts, funding fees, trailing stop",
        "LongAndShort",
        20_000,
        {"backtest": 8},
        futures=True,
        config={"trading_mode": "futures", "margin_mode": "isolated"},
    ),
    *SCALED,
    Case(
        "hyperopt",
        "SampleStrategy, hyperopt with 2 workers",
        SAMPLE,
        10_000,
        {EPOCHS: 5},
        epochs=50,
    ),
)
