"""A log of JSON lines that rotates, and that a full disk or a closed folder only silences.

Imports the standard library. One process writes a file; it is open only while lines are written,
so that neither a fork nor somebody who removes the folder finds it half-way.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sys
from collections.abc import Iterable, Iterator, Mapping
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

# What a process' log takes at most: BACKUPS + 1 files of MAX_BYTES.
MAX_BYTES = 1_000_000
BACKUPS = 3


class PerformanceLog:
    """Appends records to ``path``, rotating it to ``path.1`` and so on."""

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES, backups: int = BACKUPS) -> None:
        self.path = path
        self._max_bytes = max_bytes
        self._backups = backups
        self._torn = False

    def write(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Append each record as a line; OSError if that fails, with some perhaps written."""
        lines = [json.dumps(record, separators=(",", ":")) for record in records]
        if not lines:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handler = _Handler(
            self.path,
            maxBytes=self._max_bytes,
            backupCount=self._backups,
            encoding="utf-8",
            delay=True,
        )
        try:
            for line in lines:
                # What a failure cut off is a line of its own, which readers skip.
                handler.handle(_record(f"\n{line}" if self._torn else line))
                self._torn = False
        except OSError:
            self._torn = True
            raise
        finally:
            # What a full disk didn't take is lost.
            with contextlib.suppress(OSError):
                handler.close()


class _Handler(RotatingFileHandler):
    """One that raises what goes wrong, where logging's own print it."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        error = sys.exc_info()[1]
        if error is not None:
            raise error


def _record(message: str) -> logging.LogRecord:
    return logging.makeLogRecord({"msg": message})


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a log, the oldest first, with those rotated away; skips torn lines."""
    backups = sorted(
        (int(number), other)
        for other in path.parent.glob(f"{path.name}.*")
        if (number := other.name[len(path.name) + 1 :]).isdecimal()
    )
    for file in (*(other for _, other in reversed(backups)), path):
        try:
            text = file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        for line in text.splitlines():
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict):
                yield record
