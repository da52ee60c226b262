"""What processes share that run one backtest as ``freqtrade backtesting`` would.

Imports the standard library; freqtrade when it runs. EXCHANGE is empty, or ``module:function`` of
what makes the exchange from the configuration.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from ..runtime.configuration import BLOCK

STOCK, OURS = "stock", "ours"

# freqtrade reports nothing of what these would make, and no file comes of the run.
_NO_FILES = ("--cache", "none", "--export", "none")


class Outcome(Protocol):
    """What comes of a process; ``error`` is freqtrade's message where it stopped with one."""

    error: str


@contextmanager
def keeping_error(outcome: Outcome) -> Iterator[None]:
    """Note what stops it; an error of freqtrade's own stops nothing else."""
    try:
        yield
    except SystemExit as error:
        outcome.error = f"freqtrade ended with status {error.code}"
        raise
    except BaseException as error:
        if type(error).__module__ != "freqtrade.exceptions":
            outcome.error = f"{type(error).__name__}: {error}"
            raise
        outcome.error = str(error)


@contextmanager
def backtesting(arguments: Sequence[str], exchange: str) -> Iterator[Any]:
    """freqtrade's ``Backtesting`` of a command line, made as its command makes it, then cleaned up.

    Raises what freqtrade does, ``SystemExit`` for arguments that it doesn't know.
    """
    # In the order of freqtrade.main and start_backtesting.
    importlib.import_module("freqtrade.main")
    from freqtrade.commands import Arguments
    from freqtrade.enums import RunMode
    from freqtrade.loggers import setup_logging_pre
    from freqtrade.system import asyncio_setup, gc_set_threshold, set_mp_start_method

    setup_logging_pre()
    asyncio_setup()
    args = Arguments(["backtesting", *arguments, *_NO_FILES]).get_parsed_arg()
    gc_set_threshold()
    set_mp_start_method()
    from freqtrade.commands.optimize_commands import setup_optimize_configuration
    from freqtrade.optimize.backtesting import Backtesting

    config = setup_optimize_configuration(args, RunMode.BACKTEST)
    # Accelerated, nothing sees it.
    config.pop(BLOCK, None)
    config["original_config"].pop(BLOCK, None)
    made = Backtesting(config, _named(exchange)(config) if exchange else None)
    try:
        yield made
    finally:
        made.cleanup()
        if exchange:
            made.exchange.close()


def _named(spelled: str) -> Callable[..., Any]:
    module, _, name = spelled.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function


def keep_log(keep: Callable[[logging.LogRecord], None]) -> None:
    """Give ``keep`` what freqtrade logs; handlers wouldn't outlive its logging setup."""
    make = logging.getLogRecordFactory()

    def kept(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        if record.name.partition(".")[0] == "freqtrade" and not _is_silent():
            keep(record)
        return record

    logging.setLogRecordFactory(kept)


def _is_silent() -> bool:
    """Whether functions are being compared, of which nothing is shown."""
    validation = sys.modules.get("ft_numba_aot.runtime.validation")
    return validation is not None and validation.is_silent()
