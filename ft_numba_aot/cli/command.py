"""What a subcommand is. Imports the standard library."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NamedTuple


class Command(NamedTuple):
    """A subcommand: ``run`` gets the parsed options and returns the exit status.

    Where it ``passes_on`` what it doesn't know, that is a list of strings, ``options.rest``.
    """

    name: str
    summary: str
    add_options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    passes_on: bool = False
