"""Writes the tables of options into configuration.md: ``python docs/options.py``.

A test checks that the tables are current.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from ft_numba_aot.runtime.configuration import OPTIONS, PHASES, Option

PAGE = Path(__file__).with_name("configuration.md")
BEGIN, END = (
    "<!-- begin of the tables: python docs/options.py -->\n",
    "<!-- end of the tables -->",
)


def values(option: Option) -> str:
    """What an option takes, in Markdown."""
    valid = ", ".join(f"`{value}`" for value in option.valid)
    return f"a list of some of {valid}" if option.type is tuple else valid


def lines() -> Iterator[str]:
    """The options and the phases, in Markdown."""
    yield "| option | values | default | |\n|---|---|---|---|\n"
    for option in OPTIONS:
        default = "none" if option.default is None else f"`{json.dumps(option.default)}`"
        yield f"| `{option.name}` | {values(option)} | {default} | {option.summary} |\n"
    yield "\n| option | environment variable |\n|---|---|\n"
    for option in OPTIONS:
        yield f"| `{option.name}` | `{option.variable}` |\n"
    yield "\n| phase | modules |\n|---|---|\n"
    for phase, modules in PHASES.items():
        yield f"| `{phase}` | {', '.join(f'`{module}`' for module in modules)} |\n"


def current(page: str) -> str:
    """The page with the tables as they are now."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n{''.join(lines())}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(current(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
