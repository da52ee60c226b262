"""Seconds and memory against the number of pairs, as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .cases import WHOLE
from .measure import Measured

SIDES = (("stock freqtrade", "#888"), ("accelerated", "#d9480f"))
WIDTH, HEIGHT = 380, 260
LEFT, RIGHT, TOP, BOTTOM = 58, 20, 34, 42

Point = tuple[float, float]


def plot(measurements: Sequence[tuple[int, Measured]]) -> str:
    """Two panels, both axes logarithmic."""
    pairs = [float(pairs) for pairs, _ in measurements]
    seconds = [measured["seconds"][WHOLE] for _, measured in measurements]
    megabytes = [[size / 1e6 for size in measured["memory"]] for _, measured in measurements]
    panels = [
        _panel("seconds", pairs, seconds, 0),
        _panel("peak memory, MB", pairs, megabytes, WIDTH),
    ]
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {HEIGHT}" \
font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
{"".join(panels)}</svg>
"""


def _panel(title: str, pairs: list[float], values: list[list[float]], left: float) -> str:
    """A line each for stock and ours, with its values at the points."""
    flat = [value for both in values for value in both]
    low, high = min(flat) / 1.5, max(flat) * 1.5

    def place(x: float, y: float) -> Point:
        across = _share(x, pairs[0], pairs[-1])
        return (
            left + LEFT + across * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - _share(y, low, high) * (HEIGHT - TOP - BOTTOM),
        )

    parts = [f'<text x="{left + LEFT}" y="18" font-weight="bold">{title}</text>\n']
    for tick in _ticks(low, high):
        x, y = place(pairs[0], tick)
        parts.append(
            f'<line x1="{x:.1f}" x2="{left + WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" '
            f'stroke="#ddd"/><text x="{x - 6:.1f}" y="{y + 4:.1f}" text-anchor="end">'
            f"{tick:,g}</text>\n"
        )
    for x in pairs:
        across, down = place(x, low)
        parts.append(
            f'<text x="{across:.1f}" y="{down + 18:.1f}" text-anchor="middle">{x:g}</text>'
        )
    parts.append(
        f'\n<text x="{left + (LEFT + WIDTH) / 2}" y="{HEIGHT - 8}" text-anchor="middle">'
        "pairs</text>\n"
    )
    for side, (name, colour) in enumerate(SIDES):
        line = [(x, both[side]) for x, both in zip(pairs, values, strict=True)]
        parts.append(_line(colour, [(place(x, y), y) for x, y in line], above=side == 0))
        across = left + WIDTH - RIGHT - (len(SIDES) - 1 - side) * 90
        parts.append(f'<text x="{across}" y="18" fill="{colour}" text-anchor="end">{name}</text>\n')
    return "".join(parts)


def _line(colour: str, points: list[tuple[Point, float]], *, above: bool) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for (x, y), _ in points)
    parts = [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>\n']
    offset = -9 if above else 18
    for number, ((x, y), value) in enumerate(points):
        anchor = "start" if number == 0 else "end" if number == len(points) - 1 else "middle"
        label = f"{value:,.3g}" if value < 100 else f"{value:,.0f}"
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'
            f'<text x="{x:.1f}" y="{y + offset:.1f}" fill="{colour}" text-anchor="{anchor}">'
            f"{label}</text>\n"
        )
    return "".join(parts)


def _share(value: float, low: float, high: float) -> float:
    """How far a value is from the low one to the high one, by ratio."""
    return math.log(value / low) / math.log(high / low) if high > low else 0.0


def _ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = [factor * 10.0**power for power in powers for factor in (1, 2, 5)]
    return [tick for tick in found if low <= tick <= high]
