"""``ft-numba-aot trades-report``: its options, its messages and its exit status.

Imports the standard library until it runs.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import freqtrade_integration
from . import options as declared
from .command import Command

if TYPE_CHECKING:
    from ..freqtrade_integration.stored_trades import Stored

WRITTEN, NOTHING, UNUSABLE = 0, 1, 2

PAGE = "trades-report.html"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare trades-report's options: freqtrade's, by its names."""
    parser.epilog = (
        "Without options, the newest backtest of ./user_data. It reads, and writes nothing but the "
        "page. The exit status is 0 if the page is written, 1 if there are no closed trades, 2 if "
        "there is no result, or it can't be read or the page not written."
    )
    declared.add_config(
        parser,
        "freqtrade's configuration: its user_data_dir, and of a bot the database and balance",
    )
    parser.add_argument(
        *("--userdir", "--user-data-dir"),
        type=Path,
        metavar="FOLDER",
        help="freqtrade's user_data (default: the configuration's, or ./user_data)",
    )
    parser.add_argument(
        *("--backtest-directory", "--export-directory"),
        type=Path,
        metavar="FOLDER",
        help="of results, whose newest is taken (default: backtest_results of user_data)",
    )
    parser.add_argument(
        *("--backtest-filename", "--export-filename"),
        metavar="FILE",
        help="another backtest's result, .zip or .json: a path, or a file of that folder",
    )
    parser.add_argument(
        *("-s", "--strategy"),
        metavar="NAME",
        help="which, of a result or a database with several",
    )
    parser.add_argument(
        "--db-url",
        metavar="URL",
        help="a bot's trades instead, such as sqlite:///tradesv3.sqlite; read only",
    )
    parser.add_argument(
        "--trade-source",
        choices=("DB", "file"),
        help="DB: a bot's trades, of the configuration's db_url or freqtrade's usual one; file "
        "(default): a backtest's",
    )
    parser.add_argument(
        *("--starting-balance", "--dry-run-wallet"),
        type=_positive,
        metavar="AMOUNT",
        help="what ratios are of (default: the backtest's; of a bot, the configuration's "
        "available_capital, or its dry_run_wallet)",
    )
    parser.add_argument(
        *("-o", "--output"),
        type=declared.new_file,
        default=PAGE,
        metavar="FILE",
        help="the page: one file, which needs no network (default: %(default)s)",
    )
    declared.add_json(parser)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not (value > 0 and math.isfinite(value)):
        raise argparse.ArgumentTypeError(f"{text} is not an amount to start with")
    return value


def run(options: argparse.Namespace) -> int:
    """Write the page and say what it is of; returns the exit status."""
    if not freqtrade_integration.installed():
        return _failed(f"it needs freqtrade: {freqtrade_integration.INSTALL}")
    from ..freqtrade_integration.stored_trades import NoTradesError
    from .demo import progress_line

    try:
        with progress_line("reading trades"):
            stored, balance = _read(options)
            if not len(stored.trades):
                return _failed(f"no closed trades in {stored.source}", NOTHING)
            found = _write(options.output, stored, balance)
    except NoTradesError as error:
        return _failed(str(error))
    except OSError as error:
        return _failed(f"-o {options.output}: {error.strerror or error}")
    if options.json:
        print(json.dumps(found, indent=2, default=str))
    else:
        _show(found)
    return WRITTEN


def _read(options: argparse.Namespace) -> tuple[Stored, float]:
    """The trades, and what the account began with."""
    from ..freqtrade_integration import stored_trades

    config = stored_trades.configuration(options.config) if options.config else {}
    balance = options.starting_balance
    if options.db_url or options.trade_source == "DB":
        address = options.db_url or stored_trades.database(config)
        stored = stored_trades.of_database(address, options.strategy)
        if balance is None:
            balance = stored_trades.starting_balance(config)
        if balance is None:
            raise stored_trades.NoTradesError(
                "what did the account begin with? --starting-balance says it, or -c a "
                "configuration with available_capital or, for a dry run, dry_run_wallet"
            )
        return stored._replace(currency=config.get("stake_currency")), balance
    userdir = options.userdir or Path(config.get("user_data_dir") or "user_data")
    folder = options.backtest_directory or userdir / "backtest_results"
    file = stored_trades.find_result(folder, options.backtest_filename)
    stored = stored_trades.of_result(file, options.strategy)
    return stored, balance or stored.starting_balance or 1000.0


def _write(path: Path, stored: Stored, balance: float) -> dict[str, Any]:
    """Write the page; returns what it is of, and its figures."""
    from ..pnl import write_report
    from ..pnl._report import figures

    source = f"{Path(stored.source).name}, candles of {stored.timeframe}"
    notes = [source if stored.timeframe else stored.source]
    if stored.currency:
        notes.append(f"Amounts are {stored.currency}.")
    title = ", ".join(stored.strategies) or "Trades"
    # Of a few trades, or of a day, some numbers can't be told; the page has a dash for them.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        terms = {"starting_balance": balance, "start": stored.start, "end": stored.end}
        write_report(stored.trades, path, title=title, notes=notes, **terms)
        found = figures(stored.trades, **terms)
    return {
        "page": str(path),
        "source": stored.source,
        "strategies": list(stored.strategies),
        "timeframe": stored.timeframe,
        "currency": stored.currency,
        "starting_balance": balance,
        "start": stored.start or stored.trades["open_date"].min(),
        "end": stored.end or stored.trades["close_date"].max(),
        "still_open": stored.still_open,
        "figures": {name: _finite(value) for name, value in found.items()},
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _show(found: dict[str, Any]) -> None:
    from . import screen

    figures = found["figures"]
    trades = screen.plural(int(figures["trades"]), "trade")
    if found["still_open"]:
        trades += f", without {found['still_open']:,} still open"
    currency = f" {found['currency']}" if found["currency"] else ""
    console = screen.console()
    console.print(
        screen.labelled(
            {
                "trades": f"{trades}, {', '.join(found['strategies'])}",
                "from": found["source"],
                "period": f"{found['start']:%Y-%m-%d} to {found['end']:%Y-%m-%d}",
                "profit": f"{figures['profit_abs']:,.8g}{currency}, "
                f"{figures['profit_ratio']:.2%} of {found['starting_balance']:,.8g}{currency}",
                "drawdown": f"{figures['max_drawdown']:.2%} of the account",
            }
        )
    )
    console.print(f"Wrote {found['page']}", markup=False, soft_wrap=True)


def _failed(reason: str, status: int = UNUSABLE) -> int:
    print(f"ft-numba-aot trades-report: {reason}", file=sys.stderr)
    return status


COMMAND = Command(
    "trades-report",
    "write a page about the trades of a backtest or a bot: figures, equity, months, exits, pairs",
    add_options,
    run,
)
