"""The section on backtests takes its place in the document, and no other's."""

from __future__ import annotations

from .report import TITLE, replaced

OTHERS = "## DataFrames\n\n### Inner\n\ntable\n\n## Threads\n"


def test_the_first_section() -> None:
    document = replaced(f"# Benchmarks\n\nHeading.\n\n{OTHERS}", f"{TITLE}\n\none\n")
    assert document == f"# Benchmarks\n\nHeading.\n\n{TITLE}\n\none\n\n{OTHERS}"


def test_it_replaces_the_one_before() -> None:
    document = replaced(
        f"# Benchmarks\n\n{TITLE}\n\n### More\n\nold\n\n{OTHERS}", f"{TITLE}\n\nnew\n"
    )
    assert document == f"# Benchmarks\n\n{TITLE}\n\nnew\n\n{OTHERS}"
