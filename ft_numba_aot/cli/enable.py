"""``ft-numba-aot enable``: its options, its messages and its exit status.

Imports the standard library until it runs.
"""

from __future__ import annotations

import argparse
import json
import os
import sys

from .. import freqtrade_integration
from . import options as declared
from .command import Command

DONE, FAILED = 0, 1


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare enable's options."""
    parser.epilog = (
        "It writes one file, ft_numba_aot.pth, to the site-packages of this Python environment. "
        "FT_NUMBA_AOT=0 in the environment switches it off for a process. The exit status is 0 if "
        "new processes are accelerated, 1 if not."
    )
    declared.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Activate this environment and print what came of it; returns the exit status."""
    from .. import activation

    try:
        file, changed = activation.enable()
    except activation.ActivationError as error:
        if options.json:
            print(json.dumps({"active": False, "error": str(error)}, indent=2))
        else:
            print(f"ft-numba-aot enable: {error}", file=sys.stderr)
        return FAILED
    why_not = activation.why_not_active()
    freqtrade = freqtrade_integration.installed()
    off = os.environ.get("FT_NUMBA_AOT")
    if options.json:
        result = {
            "active": why_not is None,
            "error": why_not,
            "file": str(file),
            "changed": changed,
            "python": sys.executable,
            "freqtrade_installed": freqtrade,
            "FT_NUMBA_AOT": off,
        }
        print(json.dumps(result, indent=2))
        return DONE if why_not is None else FAILED
    from _ft_numba_aot_rollback import show

    said = [(f"{'Wrote' if changed else 'Is there already:'} {file}", "")]
    if why_not is not None:
        said += [
            (f"Not active: {why_not}", "bold red"),
            ("ft-numba-aot rollback takes it out again.", ""),
        ]
        show(said)
        return FAILED
    said.append(
        ("freqtrade is accelerated in every new process of this environment.", "bold green")
    )
    if not freqtrade:
        said.append((f"It isn't installed yet: {freqtrade_integration.INSTALL}", "yellow"))
    if off:
        said.append((f"Except where FT_NUMBA_AOT={off} is set, as here.", "yellow"))
    said += [
        ("Services that run already need a restart.", ""),
        ("Off for a process: FT_NUMBA_AOT=0. For good: ft-numba-aot disable", ""),
    ]
    show(said)
    return DONE


COMMAND = Command(
    "enable",
    "have plain freqtrade accelerated in this Python environment, from now on",
    add_options,
    run,
)
