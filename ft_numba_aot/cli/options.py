"""Types of options, and what commands of this environment have in common. Standard library only."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path


def at_least(minimum: int) -> Callable[[str], int]:
    """A whole number that isn't less than ``minimum``."""

    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
        if value < minimum:
            raise argparse.ArgumentTypeError(f"{text} is less than {minimum}")
        return value

    return number


def expression(text: str) -> re.Pattern[str]:
    """A regular expression, whatever the case of letters."""
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no regular expression: {error}") from None


def readable_file(text: str) -> str:
    """A file that is there; freqtrade's ``-`` is its standard input."""
    if text != "-":
        try:
            with open(text, "rb"):
                pass
        except OSError as error:
            raise argparse.ArgumentTypeError(f"{text}: {error.strerror or error}") from None
    return text


def new_file(text: str) -> Path:
    """A file to write, in a folder that is there."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is a folder")
    if not path.absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text}: there is no folder {path.absolute().parent}")
    return path


_BLOCK = "freqtrade's configuration, whose block performance_optimization holds"


def add_config(parser: argparse.ArgumentParser, what: str = _BLOCK) -> None:
    """Declare freqtrade's ``-c``, which may be repeated; ``what`` is taken from it."""
    parser.add_argument(
        "-c",
        "--config",
        action="append",
        default=[],
        type=readable_file,
        metavar="FILE",
        help=f"{what}; repeatable, as with freqtrade",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Declare ``--json``."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def add_html(parser: argparse.ArgumentParser) -> None:
    """Declare ``--html``."""
    parser.add_argument(
        "--html",
        type=new_file,
        metavar="FILE",
        help="also write a page with plots: one file, which needs no network",
    )
