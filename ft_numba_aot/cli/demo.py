"""``ft-numba-aot demo``: its options, its messages and its exit status.

Imports the standard library until it runs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .. import freqtrade_integration
from ..freqtrade_integration import BacktestError
from . import options as declared
from .command import Command

IDENTICAL, DIFFERENT, UNUSABLE = 0, 1, 2

PAIRS = [f"{base}/USDT" for base in "BTC ETH SOL XRP BNB ADA DOGE AVAX DOT LINK".split()]
CANDLES = 10_000


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the demo's options."""
    parser.add_argument(
        "--pairs", nargs="+", metavar="PAIR", help=f"spot pairs (default: {' '.join(PAIRS)})"
    )
    parser.add_argument(
        "--timeframe",
        default="5m",
        metavar="LENGTH",
        help="of a candle, as in freqtrade (default: %(default)s)",
    )
    parser.add_argument(
        "--candles",
        type=declared.at_least(1),
        metavar="N",
        help=f"how many to generate for each pair (default: {CANDLES}); "
        "with --datadir, only the last N",
    )
    parser.add_argument(
        "--datadir",
        type=Path,
        metavar="FOLDER",
        help="your own candles, such as user_data/data/binance, instead of generated ones; "
        "needs --pairs",
    )
    parser.add_argument(
        "--seed",
        type=declared.at_least(0),
        default=1,
        metavar="N",
        help="of the generated candles (default: %(default)s)",
    )
    declared.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Run the demo and print what it found; returns the exit status."""
    if not freqtrade_integration.installed():
        return _unusable(f"it needs freqtrade: {freqtrade_integration.INSTALL}")
    if options.datadir is not None and not options.pairs:
        return _unusable("--datadir needs --pairs, such as --pairs BTC/USDT ETH/USDT")
    from . import demo_comparison, demo_report

    generated = options.datadir is None
    request = demo_comparison.Request(
        pairs=list(dict.fromkeys(options.pairs or PAIRS)),
        timeframe=options.timeframe,
        candles=options.candles or (CANDLES if generated else None),
        datadir=options.datadir,
        seed=options.seed,
    )
    try:
        with progress_line("starting freqtrade") as progress:
            demo = demo_comparison.run_demo(request, progress=progress)
    except (BacktestError, ImportError) as error:
        return _unusable(str(error))
    if options.json:
        print(demo_report.as_json(demo))
    else:
        demo_report.show(demo)
    return IDENTICAL if demo.identical else DIFFERENT


def _unusable(reason: str) -> int:
    print(f"ft-numba-aot demo: {reason}", file=sys.stderr)
    return UNUSABLE


@contextmanager
def progress_line(text: str) -> Iterator[Callable[[str], None]]:
    """What is being done, on the terminal for as long as it takes."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status(text) as status:
        yield status.update


COMMAND = Command(
    "demo",
    "backtest one strategy with stock and with accelerated freqtrade: the same, and how fast",
    add_options,
    run,
)
