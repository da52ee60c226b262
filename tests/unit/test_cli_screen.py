"""Numbers and lines as screens show them."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from ft_numba_aot.cli import here, screen


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, "-"),
        (0, "0 s"),
        (5e-10, "0.50 ns"),
        (1.234e-6, "1.23 µs"),
        (9.996e-6, "10.0 µs"),
        (99.96e-6, "100 µs"),
        (999.4e-6, "999 µs"),
        (999.7e-6, "1.00 ms"),
        (0.25, "250 ms"),
        (-0.00365, "-3.65 ms"),
        (61.25, "61.2 s"),
        (12345.6, "12,346 s"),
    ],
)
def test_durations_have_three_digits(seconds: float | None, shown: str) -> None:
    assert screen.duration(seconds) == shown


@pytest.mark.parametrize(
    ("ratio", "shown"), [(None, "-"), (0.5, "0.50×"), (12.34, "12.3×"), (1234.0, "1,234×")]
)
def test_ratios(ratio: float | None, shown: str) -> None:
    assert screen.times(ratio) == shown


def test_plurals() -> None:
    assert screen.plural(1, "part") == "1 part"
    assert screen.plural(1200, "part") == "1,200 parts"
    assert screen.plural(2, "process", "processes") == "2 processes"


def test_labelled_lines_wrap_beside_their_label() -> None:
    output = io.StringIO()
    console = Console(file=output, width=40)
    console.print(screen.labelled({"for": "[brackets] stay " * 4}))
    lines = output.getvalue().splitlines()
    assert lines[0].startswith("for  [brackets]")
    assert all(line.startswith("     ") for line in lines[1:])
    assert max(map(len, lines)) <= 40


def test_items_are_indented_and_nothing_is_printed_of_none() -> None:
    output = io.StringIO()
    console = Console(file=output, width=40)
    screen.print_items(console, "Title", [])
    assert output.getvalue() == ""
    screen.print_items(console, "Title", [("[name]", "text"), ("other", "")])
    assert [line.rstrip() for line in output.getvalue().splitlines()] == [
        "Title",
        "  [name]",
        "    text",
        "  other",
        "",
    ]


def test_versions_name_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(here, "PACKAGES", ("numpy", "no-such-package"))
    found = here.versions()
    assert found["no-such-package"] is None
    assert "no-such-package not installed" in here.versions_line(("no-such-package",))
    assert here.processor()
