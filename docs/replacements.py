"""Writes the table of replacements into how-it-works.md: ``python docs/replacements.py``.

Needs freqtrade with its hyperopt. A test checks that the table is current.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

from ft_numba_aot.freqtrade_integration import table

PAGE = Path(__file__).with_name("how-it-works.md")
BEGIN, END = (
    "<!-- begin of the table: python docs/replacements.py -->\n",
    "<!-- end of the table -->",
)


def rows() -> Iterator[str]:
    """A line of Markdown for each part of each module: how, and instead of what."""
    for name in (*table.MODULES, *table.LATE):
        module = importlib.import_module(f"ft_numba_aot.freqtrade_integration.{name}")
        parts: dict[str, list[str]] = {}
        for replacement in module.REPLACEMENTS:
            spelled = replacement.original.removeprefix("freqtrade.")
            parts.setdefault(replacement.part, []).append(f"`{spelled}`")
        summary = " ".join(str(module.__doc__).partition("\n\n")[0].split()).replace("``", "`")
        for part, originals in parts.items():
            yield f"| {part} | `{name}`: {summary} | {'<br>'.join(originals)} |\n"


def current(page: str) -> str:
    """The page with the table as it is now."""
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    heading = "| part | module | what it replaces in freqtrade |\n|---|---|---|\n"
    return f"{before}{BEGIN}\n{heading}{''.join(rows())}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(current(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
