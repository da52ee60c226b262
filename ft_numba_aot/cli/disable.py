"""``ft-numba-aot disable``: its options, its messages and its exit status.

Imports the standard library until it runs.
"""

from __future__ import annotations

import argparse
import json

from . import options as declared
from .command import Command

DONE, FAILED = 0, 1


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare disable's options."""
    parser.epilog = (
        "freqtrade-aot and ft_numba_aot.enable() accelerate as before. The exit status is 0 if no "
        "activation is left, 1 if one couldn't be removed. ft-numba-aot rollback does the same, "
        "and proves it."
    )
    declared.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Remove the activation and print what came of it; returns the exit status."""
    from _ft_numba_aot_rollback import removal_remedy, show

    from .. import activation

    removed, failed = activation.disable()
    if options.json:
        result = {
            "removed": [str(item.file) for item in removed],
            "failed": {str(file): reason for file, reason in failed.items()},
        }
        print(json.dumps(result, indent=2))
        return FAILED if failed else DONE
    said = [(f"Removed: {item.file}", "") for item in removed]
    said += [(f"Couldn't remove {file}: {why}", "bold red") for file, why in failed.items()]
    if failed:
        said.append((removal_remedy(failed), ""))
    elif removed:
        said += [
            ("freqtrade is stock in every new process of this environment.", "bold green"),
            ("Services that run already need a restart.", ""),
        ]
    else:
        said.append(("There was no activation to remove.", ""))
    show(said)
    return FAILED if failed else DONE


COMMAND = Command(
    "disable",
    "leave plain freqtrade of this Python environment stock again",
    add_options,
    run,
)
