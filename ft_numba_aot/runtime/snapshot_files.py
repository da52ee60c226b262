"""The files in which the processes of a run leave their snapshots, and what is read from them.

Imports the standard library. A run is a process that collects and all that it starts: they
inherit its name in the environment. A process writes ``<run>.<pid>-<start>.snapshot.json`` and
``<run>.<pid>-<start>.performance.jsonl`` in ``folders.logs()``.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import folders, snapshots

# Names the run to the processes that this one starts.
VARIABLE = "FT_NUMBA_AOT_RUN"

# Runs whose files are kept: those that wrote last.
RUNS_KEPT = 5

_SNAPSHOT, _LOG = ".snapshot.json", ".performance.jsonl"
_RUN = re.compile(r"\d{8}T\d{9}-\d+", re.ASCII)
# With rotated logs, and what a killed process left unfinished.
_FILE = re.compile(
    rf"({_RUN.pattern})\.\d+-\d+(?:{re.escape(_SNAPSHOT)}(?:\.\d+\.part)?|{re.escape(_LOG)}(?:\.\d+)?)",
    re.ASCII,
)


def this_run() -> str:
    """The name of the run that this process belongs to; names sort by the time of their start."""
    name = os.environ.get(VARIABLE, "")
    if not _RUN.fullmatch(name):
        now = time.time()
        milliseconds = int(now * 1000) % 1000
        stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(now))
        name = os.environ[VARIABLE] = f"{stamp}{milliseconds:03}-{os.getpid()}"
    return name


def snapshot_path(run: str, started: float) -> Path:
    """Where this process, which began to collect at ``started``, leaves its snapshot."""
    return folders.logs() / (_process(run, started) + _SNAPSHOT)


def log_path(run: str, started: float) -> Path:
    """Where it keeps its performance log."""
    return folders.logs() / (_process(run, started) + _LOG)


def write(path: Path, snapshot: Mapping[str, Any]) -> None:
    """Put ``snapshot`` in ``path``, whole or not at all; OSError if that fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        unfinished.write_text(json.dumps(snapshot, separators=(",", ":")), encoding="utf-8")
        os.replace(unfinished, path)
    except BaseException:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise


def runs() -> dict[str, list[Path]]:
    """The files of each run, the first to start first. Nothing where there is no folder."""
    found: dict[str, list[Path]] = {}
    for path in _listed(folders.logs()):
        if match := _FILE.fullmatch(path.name):
            found.setdefault(match[1], []).append(path)
    return dict(sorted(found.items()))


def merged(number: int = 1, own: tuple[Path, Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """The snapshots of all processes of the last ``number`` runs as one.

    ``own`` is this process' path and snapshot, whether or not it could be written. ``runs`` has
    the runs' names, ``unreadable`` those of the files that aren't snapshots.
    """
    live = {} if own is None else {own[0].name: own[1]}
    names = {path.name for path in _listed(folders.logs()) if path.name.endswith(_SNAPSHOT)}
    by_run: dict[str, list[str]] = {}
    for name in sorted(names | live.keys()):
        if match := _FILE.fullmatch(name):
            by_run.setdefault(match[1], []).append(name)
    chosen = sorted(by_run)[-number:] if number > 0 else []
    readable: list[Mapping[str, Any]] = []
    unreadable: list[str] = []
    for path in (folders.logs() / name for run in chosen for name in by_run[run]):
        try:
            stored = live.get(path.name) or json.loads(path.read_text(encoding="utf-8"))
            snapshots.parsed(stored)
        except (OSError, ValueError, RecursionError):
            unreadable.append(path.name)
        else:
            readable.append(stored)
    return snapshots.merge(readable) | {"runs": chosen, "unreadable": unreadable}


def prune(kept: int = RUNS_KEPT) -> None:
    """Remove the files of all runs but this one and the ``kept`` that wrote last."""
    by_age = sorted(runs().items(), key=lambda run: max(map(_written, run[1])), reverse=True)
    for run, paths in by_age[kept:]:
        if run != os.environ.get(VARIABLE):
            for path in paths:
                with contextlib.suppress(OSError):
                    path.unlink()


def _process(run: str, started: float) -> str:
    return f"{run}.{os.getpid()}-{int(started * 1000)}"


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
