"""Trades that freqtrade has stored: a backtest's result, or a bot's database.

Imports the standard library until it is asked; then freqtrade's own loaders read, and nothing is
written: a SQLite database is opened to be read only.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from .quiet import quiet

_LOADERS = "freqtrade.data.btanalysis"
_SQLITE = "sqlite://"
# Of a bot's trades, what may be an object column: None stands for what isn't known.
_NUMBERS = ("profit_abs", "profit_ratio", "open_rate", "close_rate", "min_rate", "max_rate")
_TIMES = ("open_timestamp", "close_timestamp")


class NoTradesError(Exception):
    """There are no such trades, or they can't be read; the message is for the user."""


class Stored(NamedTuple):
    """Closed trades, a frame with the columns of freqtrade's backtest results, and what of.

    ``source`` is the file or database. ``start`` and ``end`` are the backtest's period, of a bot
    None; so are ``currency``, ``timeframe`` and ``starting_balance`` where they aren't stored.
    ``still_open`` is how many trades of the bot aren't closed, which are left out.
    """

    trades: Any
    strategies: tuple[str, ...]
    source: str
    start: Any = None
    end: Any = None
    currency: str | None = None
    timeframe: str | None = None
    starting_balance: float | None = None
    still_open: int = 0


def configuration(files: list[str]) -> dict[str, Any]:
    """freqtrade's configuration of files and environment; ``NoTradesError`` if it can't be read."""
    from .inspection import UnreadableConfiguration, whole

    try:
        return whole(files)
    except UnreadableConfiguration as error:
        raise NoTradesError(f"{', '.join(files)}: {error}") from error


def find_result(folder: Path, name: str | None) -> Path:
    """The file of a backtest's result: the newest in ``folder``, or the one that ``name`` says.

    A name is a file, a file in ``folder``, or a folder of results.
    """
    if name is not None:
        named = next((path for path in (Path(name), folder / name) if path.exists()), None)
        if named is None:
            raise NoTradesError(f"there is no backtest result {name}, and none in {folder}")
        if named.is_file():
            return named
        folder = named
    advice = "run freqtrade backtesting first, or name a result with --backtest-filename"
    if not folder.is_dir():
        raise NoTradesError(f"there is no folder of backtest results {folder}: {advice}")
    loaders = _loaders()
    try:
        newest: Path = folder / loaders.get_latest_backtest_filename(folder)
    except ValueError as error:
        raise NoTradesError(f"no backtest result in {folder}: {advice} ({error})") from error
    if not newest.is_file():
        raise NoTradesError(
            f"{newest}, the newest backtest result by .last_result.json, is gone: {advice}"
        )
    return newest


def of_result(file: Path, strategy: str | None) -> Stored:
    """The trades of ``strategy`` in a backtest's result, or of the only one there."""
    loaders = _loaders()
    try:
        with quiet():
            content = loaders.load_backtest_stats(file)
        results = content["strategy"]
        names = [str(name) for name in results]
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise NoTradesError(f"{file} is no backtest result of freqtrade ({reason})") from error
    if strategy is None and len(names) == 1:
        (strategy,) = names
    if strategy not in names:
        wanted = "several strategies" if strategy is None else f"no strategy {strategy}"
        raise NoTradesError(f"{file} has {wanted}: choose with -s one of {', '.join(names)}")
    with quiet():
        trades = loaders.load_backtest_data(file, strategy)
    found: Mapping[str, Any] = results[strategy]
    return Stored(
        trades,
        (strategy,),
        str(file),
        start=_date(found.get("backtest_start_ts")),
        end=_date(found.get("backtest_end_ts")),
        currency=found.get("stake_currency"),
        timeframe=found.get("timeframe"),
        starting_balance=found.get("starting_balance"),
    )


def database(config: Mapping[str, Any]) -> str:
    """The address of the database that a bot with this configuration trades with."""
    constants = importlib.import_module("freqtrade.constants")
    address: str | None = config.get("db_url")
    if config.get("dry_run") and address in (None, constants.DEFAULT_DB_PROD_URL):
        address = constants.DEFAULT_DB_DRYRUN_URL
    return address or str(constants.DEFAULT_DB_PROD_URL)


def of_database(address: str, strategy: str | None) -> Stored:
    """The closed trades of a bot's database, of ``strategy`` or of all that it has.

    Nothing but SELECT: freqtrade's ``init_db``, as its plots use it, also updates orders.
    """
    from sqlalchemy import create_engine, select
    from sqlalchemy.engine import make_url
    from sqlalchemy.orm import Session

    loaders = _loaders()
    model, shown = loaders.Trade, address
    try:
        shown = make_url(address).render_as_string(hide_password=True)
        engine = create_engine(_read_only(address))
        with Session(engine) as session:
            names = sorted(filter(None, session.scalars(select(model.strategy).distinct())))
            chosen = select(model).order_by(model.id)
            if strategy is not None:
                chosen = chosen.where(model.strategy == strategy)
            trades = loaders.trade_list_to_dataframe(list(session.scalars(chosen)))
        engine.dispose()
    except NoTradesError:
        raise
    except Exception as error:
        raise NoTradesError(f"{shown} can't be read: {_reason(error)}") from error
    if strategy is not None and strategy not in names:
        there = f"it has {', '.join(names)}" if names else "it has no trades"
        raise NoTradesError(f"{shown} has no strategy {strategy}: {there}")
    closed = trades[~trades["is_open"].astype(bool)].copy()
    for columns, dtype in ((_NUMBERS, "float64"), (_TIMES, "int64")):
        for name in columns:
            closed[name] = closed[name].astype(dtype)
    return Stored(
        closed,
        (strategy,) if strategy else tuple(names),
        shown,
        still_open=len(trades) - len(closed),
    )


def starting_balance(config: Mapping[str, Any]) -> float | None:
    """What a bot with this configuration began with, as far as that says."""
    if config.get("available_capital"):
        return float(config["available_capital"])
    wallet = config.get("dry_run_wallet")
    if not config.get("dry_run") or wallet is None:
        return None
    if isinstance(wallet, Mapping):
        wallet = wallet.get(config.get("stake_currency"))
    return None if wallet is None else float(wallet)


def _loaders() -> Any:
    with quiet():
        return importlib.import_module(f"{_LOADERS}.bt_fileutils")


def _date(milliseconds: Any) -> Any:
    import pandas as pd

    return None if milliseconds is None else pd.Timestamp(milliseconds, unit="ms", tz="UTC")


def _read_only(address: str) -> str:
    """The same database; if it is a file, opened so that it can neither change nor be created."""
    if not address.startswith(_SQLITE):
        return address
    path = address.removeprefix(_SQLITE).removeprefix("/").partition("?")[0]
    if not path:
        raise NoTradesError(f"{address} is a database in memory: name a bot's file")
    file = Path(path).absolute()
    if not file.is_file():
        raise NoTradesError(f"there is no database {file}")
    return f"{_SQLITE}/{file.as_uri()}?mode=ro&uri=true"


def _reason(error: Exception) -> str:
    text = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
    if "no such" in text or "does not exist" in text:
        return f"it isn't a bot's, or of another version of freqtrade ({text})"
    return text
