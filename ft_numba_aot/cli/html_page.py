"""A page in one file: tables and bars, in light and dark, without a network.

Imports the standard library.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

_STYLE = """
:root { color-scheme: light dark; --back: #fff; --text: #1b1f24; --dim: #656d76; --line: #d8dee4;
  --bar: #1f7a4d; --slow: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --back: #15181c; --text: #e6e9ec; --dim: #9aa4ae; --line: #343b43; --bar: #4cc38a;
    --slow: #ff8a80; } }
body { background: var(--back); color: var(--text); max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem; font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
p.dim { color: var(--dim); margin: .1rem 0; } p.bad { color: var(--slow); font-weight: 600; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px;
  font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .25rem .45rem; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
th { color: var(--dim); font-weight: 600; }
svg { width: 100%; height: auto; display: block; margin: .6rem 0 1rem; }
svg text { fill: var(--text); font: 12px system-ui, sans-serif; }
svg .dim { fill: var(--dim); } svg line { stroke: var(--line); }
svg .bar { fill: var(--bar); } svg .slow { fill: var(--slow); }
"""

_WIDTH, _LABELS, _VALUES, _ROW = 900, 260, 70, 18


class Bar(NamedTuple):
    """A labelled value, and how it is written beside its bar."""

    label: str
    value: float
    text: str


class Section(NamedTuple):
    """A heading, a plot if there are bars, and a table; a note of what it is about."""

    title: str
    note: str
    plot: str
    headings: Sequence[str]
    rows: Iterable[Sequence[str]]


def page(title: str, lines: Iterable[str], sections: Iterable[Section], *, bad: str = "") -> str:
    """The whole page; ``bad`` is said in red."""
    intro = "".join(f'<p class="dim">{escape(line)}</p>\n' for line in lines)
    if bad:
        intro += f'<p class="bad">{escape(bad)}</p>\n'
    body = "".join(map(_section, sections))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n{intro}{body}</body>\n</html>\n"
    )


def _section(section: Section) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in section.headings)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in row)}</tr>\n" for row in section.rows
    )
    note = f'<p class="dim">{escape(section.note)}</p>\n' if section.note else ""
    return (
        f"<h2>{escape(section.title)}</h2>\n{note}{section.plot}"
        f'<div class="scroll"><table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}</tbody>\n</table></div>\n"
    )


def ratios(bars: Sequence[Bar]) -> str:
    """Bars of ratios on a logarithmic scale, from 1 to the right; slower ones to the left."""
    if not bars:
        return ""
    least = min(1.0, *(bar.value for bar in bars))
    most = max(2.0, *(bar.value for bar in bars))
    span = math.log(most / least)

    def place(value: float) -> float:
        return _LABELS + math.log(value / least) / span * (_WIDTH - _LABELS - _VALUES)

    ticks = [(place(value), f"{value:g}×") for value in _ticks(least, most)]
    drawn = []
    for bar in bars:
        start, end = sorted((place(1.0), place(bar.value)))
        drawn.append((bar, start, end, bar.value < 1.0))
    return _plot(drawn, ticks)


def amounts(bars: Sequence[Bar]) -> str:
    """Bars of amounts from 0 on; negative ones are drawn as such, in red."""
    if not bars:
        return ""
    most = max(abs(bar.value) for bar in bars) or 1.0
    scale = (_WIDTH - _LABELS - _VALUES) / most
    drawn = [(bar, _LABELS, _LABELS + abs(bar.value) * scale, bar.value < 0) for bar in bars]
    return _plot(drawn, [(_LABELS, "0")])


def _ticks(least: float, most: float) -> list[float]:
    steps = [
        factor * 10.0**power
        for power in range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
        for factor in (1, 2, 5)
    ]
    return [step for step in steps if least <= step <= most]


def _plot(
    bars: Sequence[tuple[Bar, float, float, bool]], ticks: Iterable[tuple[float, str]]
) -> str:
    height = _ROW * len(bars) + 24
    parts = [f'<svg viewBox="0 0 {_WIDTH} {height}" role="img">']
    for at, text in ticks:
        parts.append(f'<line x1="{at:.1f}" y1="16" x2="{at:.1f}" y2="{height}"/>')
        parts.append(f'<text class="dim" x="{at:.1f}" y="11" text-anchor="middle">{text}</text>')
    for number, (bar, start, end, slow) in enumerate(bars):
        top = 20 + _ROW * number
        kind = "slow" if slow else "bar"
        label = bar.label if len(bar.label) <= 34 else f"{bar.label[:33]}…"
        parts.append(
            f'<text x="{_LABELS - 8}" y="{top + 12}" text-anchor="end">{escape(label)}</text>'
            f'<rect class="{kind}" x="{start:.1f}" y="{top + 2}" width="{max(end - start, 1):.1f}"'
            f' height="{_ROW - 5}" rx="2"><title>{escape(bar.label)}: {escape(bar.text)}</title>'
            f'</rect><text x="{end + 6:.1f}" y="{top + 12}">{escape(bar.text)}</text>'
        )
    return "\n".join([*parts, "</svg>\n"])
