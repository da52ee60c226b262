"""``ft-numba-aot build``: its options, its messages and its exit status.

Imports the standard library until it runs.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import options as declared
from .command import Command

if TYPE_CHECKING:
    from ..aot._compile import Result

DONE, FAILED, UNUSABLE = 0, 1, 2


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare build's options."""
    parser.epilog = (
        "It runs the file as an import does, compiles the functions below @kernel of "
        "ft_numba_aot.aot, and writes one extension for this Python and platform; where that is "
        "missing or old, they run as Python. The exit status is 0 if all files are built, or "
        "current; 1 if one can't be compiled, or isn't current; 2 if this environment can't build."
    )
    parser.add_argument(
        "files",
        nargs="+",
        type=declared.readable_file,
        metavar="FILE",
        help="such as user_data/strategies/my_kernels.py",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FOLDER",
        help="where to write the extension; it is used beside its file only, the default",
    )
    parser.add_argument(
        "--isa",
        choices=("baseline", "native", "x86-64-v3"),
        default="baseline",
        help="instructions to use: those of every such processor (default), the best level that "
        "this one has, or AVX2 and FMA; results are the same bits",
    )
    parser.add_argument(
        "--unchecked",
        action="store_true",
        help="don't compare indices with lengths: faster, but a wrong one reads or overwrites "
        "other memory instead of raising IndexError",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="build nothing: is the extension there, and current? Needs no numba",
    )
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="what the file and the compilers said, in full"
    )
    declared.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Build, or look; print what came of it; returns the exit status."""
    from ..aot import _build

    problem = None if options.check else _build.why_not()
    results: list[Result] = []
    if problem is None:
        try:
            for file in options.files:
                result = _build.build(
                    Path(file),
                    options.output,
                    isa=options.isa,
                    unchecked=options.unchecked,
                    only_check=options.check,
                )
                results.append(result)
                if not options.json:
                    _show(Path(file), result, options)
        except _build.Unusable as error:
            problem = str(error)
    if options.json:
        found = [_as_json(*each) for each in zip(options.files, results, strict=False)]
        print(json.dumps({"error": problem, "files": found}, indent=2))
    elif problem is not None:
        print(f"ft-numba-aot build: {problem}", file=sys.stderr)
    if problem is not None or any(result.unusable for result in results):
        return UNUSABLE
    return FAILED if any(result.error for result in results) else DONE


def _show(file: Path, result: Result, options: argparse.Namespace) -> None:
    if result.error is not None:
        print(f"ft-numba-aot build: {result.error}", file=sys.stderr)
    else:
        count = len(result.kernels)
        what = f"{file.name}: {count} kernel{'s' if count > 1 else ''}, {result.isa}"
        said = "current" if options.check else f"compiled in {result.seconds:.1f} s"
        print(f"{what}, {said}: {', '.join(result.kernels)}")
        print(f"  {result.extension}")
    if options.verbose and result.details:
        print(result.details.rstrip(), file=sys.stderr)


def _as_json(file: str, result: Result) -> dict[str, Any]:
    return {
        "file": file,
        "extension": result.extension,
        "kernels": result.kernels,
        "isa": result.isa,
        "seconds": result.seconds,
        "error": result.error,
    }


COMMAND = Command(
    "build",
    "compile kernels of your own, such as a strategy's indicators, where numba is installed",
    add_options,
    run,
)
