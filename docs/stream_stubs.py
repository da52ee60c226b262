"""Writes ``ft_numba_aot/stream/__init__.pyi`` from the table: ``python docs/stream_stubs.py``.

A test checks that it is current.
"""

from __future__ import annotations

from pathlib import Path

from ft_numba_aot.ta._table import DEFINITIONS, INTEGER_OUTPUTS, Definition

STUBS = Path(__file__).parents[1] / "ft_numba_aot" / "stream" / "__init__.pyi"
HEAD = """\
# Made by `python docs/stream_stubs.py`.
# ruff: noqa: E501, N801
# fmt: off
from typing import Any, Self

from ._arguments import InsufficientHistory as InsufficientHistory
from ._frame import Frame as Frame
from ._handle import OutRange as OutRange
from ._handle import Stream as Stream
"""


def stub(definition: Definition) -> str:
    """One class."""
    candle = ", ".join(f"{name}: float" for name in definition.arguments)
    arguments = ", ".join(
        [
            *(f"{name}: Any" for name in definition.arguments),
            *(f"{one.name}: {type(one.default).__name__} = ..." for one in definition.parameters),
        ]
    )
    kinds = ["int" if output in INTEGER_OUTPUTS else "float" for output in definition.outputs]
    result = kinds[0] if len(kinds) == 1 else f"tuple[{', '.join(kinds)}]"
    return f"""
class {definition.name}(Stream):
    def __init__(self, {arguments}) -> None: ...
    @staticmethod
    def open_and_fill({arguments}) -> tuple[{definition.name}, Any]: ...
    def update(self, {candle}) -> {result}: ...
    def peek(self, {candle}) -> {result}: ...
    @property
    def value(self) -> {result}: ...
    def copy(self) -> Self: ...
"""


def text() -> str:
    """The whole file."""
    return HEAD + "".join(stub(definition) for definition in DEFINITIONS.values())


if __name__ == "__main__":
    STUBS.write_text(text(), encoding="utf-8")
