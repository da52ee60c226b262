"""The stored ratios, by instruction set, with what they were measured on. Standard library only."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

from . import machine
from .ratios import Ratios

FILE = Path(__file__).with_suffix(".json")
LIBRARIES = ("numpy", "pandas", "TA-Lib", "freqtrade")


class Stored(TypedDict):
    """Ratios by group and name; the rest is for whoever wonders about them."""

    date: str
    processor: str
    versions: str
    load: float
    ratios: Ratios


def stored(ratios: Ratios) -> Stored:
    """Ratios that were measured here and now."""
    return Stored(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        processor=machine.processor(),
        versions=machine.versions(LIBRARIES),
        load=round(machine.load(), 1),
        ratios={name: float(f"{ratio:.4g}") for name, ratio in ratios.items()},
    )


def read(path: Path = FILE) -> dict[str, Stored]:
    """What is stored, by instruction set; nothing where there is no file."""
    if not path.exists():
        return {}
    found: dict[str, Stored] = json.loads(path.read_text(encoding="utf-8"))
    return found


def write(found: dict[str, Stored], path: Path = FILE) -> None:
    """Store these instead of what was stored of their instruction sets."""
    text = json.dumps({**read(path), **found}, indent=1, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")
