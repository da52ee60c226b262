"""Pages: one file, well-formed, with nothing of a network's."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

from ft_numba_aot.cli import html_page
from ft_numba_aot.cli.html_page import Bar, Section


def parsed(page: str) -> ElementTree.Element:
    """The page as XML, in which its one unclosed tag is closed."""
    assert page.startswith("<!doctype html>\n")
    page = re.sub(r"(<meta [^>]*)>", r"\1/>", page.removeprefix("<!doctype html>\n"))
    return ElementTree.fromstring(page)


def test_a_page_is_well_formed_and_self_contained() -> None:
    section = Section(
        "a <title>",
        "a & note",
        html_page.ratios([Bar("<SMA>", 3.0, "3.00×"), Bar("slow", 0.5, "0.50×")]),
        ["function", "ratio"],
        [["<SMA>", "3.00×"]],
    )
    page = html_page.page("title", ["a line"], [section], bad="<wrong>")
    root = parsed(page)
    text = "".join(root.itertext())
    assert "<SMA>" in text
    assert "a & note" in text
    assert "<wrong>" in text
    assert "prefers-color-scheme: dark" in page
    assert not re.search(r"https?:|src=|href=|<script|url\(", page)


def test_ratios_begin_at_one() -> None:
    plot = ElementTree.fromstring(
        html_page.ratios([Bar("fast", 4.0, "4×"), Bar("same", 1.0, "1×"), Bar("slow", 0.5, "0.5×")])
    )
    fast, same, slow = plot.iter("rect")
    assert float(fast.attrib["x"]) == float(same.attrib["x"])
    assert same.attrib["width"] == "1.0"
    left = float(slow.attrib["x"]) + float(slow.attrib["width"])
    assert abs(left - float(fast.attrib["x"])) < 0.2
    assert (fast.attrib["class"], slow.attrib["class"]) == ("bar", "slow")
    # Twice as fast and half as fast are as long.
    assert abs(float(fast.attrib["width"]) - 2 * float(slow.attrib["width"])) < 0.3


def test_amounts_are_as_long_as_they_are_big() -> None:
    bars = [Bar("a", 2.0, "2 s"), Bar("b", -1.0, "-1 s"), Bar("c" * 50, 0.0, "0 s")]
    plot = ElementTree.fromstring(html_page.amounts(bars))
    first, second, third = plot.iter("rect")
    assert float(first.attrib["width"]) == 2 * float(second.attrib["width"])
    assert second.attrib["class"] == "slow"
    assert third.attrib["width"] == "1.0"
    labels = [text.text or "" for text in plot.iter("text")]
    assert f"{'c' * 33}…" in labels


def test_nothing_is_no_plot() -> None:
    assert html_page.ratios([]) == html_page.amounts([]) == ""
