"""Plots of a report, as SVG in the colours of its page.

Imports the standard library and numpy.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 900, 240, 80, 10, 12, 26
_POINTS = 600  # a line has about two for each pixel that it can show
Floats = npt.NDArray[np.floating[Any]]


class _Axes:
    """A frame with scales; draws its ticks."""

    def __init__(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        self.x, self.y = _wide(x), _wide(y)
        self.parts = [f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">']

    def at_x(self, value: float) -> float:
        low, high = self.x
        return _LEFT + (value - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)

    def at_y(self, value: float) -> float:
        low, high = self.y
        return _HEIGHT - _BOTTOM - (value - low) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)

    def ticks(self, x: Sequence[tuple[float, str]], y: Sequence[tuple[float, str]]) -> None:
        for value, text in y:
            top = self.at_y(value)
            self.parts.append(
                f'<line x1="{_LEFT}" y1="{top:.1f}" x2="{_WIDTH - _RIGHT}" y2="{top:.1f}"/>'
                f'<text class="dim" x="{_LEFT - 6}" y="{top + 4:.1f}" text-anchor="end">'
                f"{escape(text)}</text>"
            )
        for value, text in x:
            self.parts.append(
                f'<text class="dim" x="{self.at_x(value):.1f}" y="{_HEIGHT - 8}" '
                f'text-anchor="middle">{escape(text)}</text>'
            )

    def svg(self) -> str:
        return "\n".join([*self.parts, "</svg>\n"])


def _wide(ends: tuple[float, float]) -> tuple[float, float]:
    low, high = ends
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _steps(low: float, high: float, count: int = 4) -> Floats:
    """Round values from low to high."""
    low, high = _wide((low, high))
    rough = (high - low) / count
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    steps: Floats = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    return steps


def _labels(low: float, high: float, unit: str) -> list[tuple[float, str]]:
    return [(value, _written(value, unit)) for value in _steps(low, high).tolist()]


def _written(value: float, unit: str) -> str:
    return f"{value * 100:.4g} %" if unit == "%" else f"{value:,.6g}"


def line(
    times: npt.NDArray[np.int64], values: Floats, *, unit: str = "", filled: bool = False
) -> str:
    """Values over time (milliseconds); ``filled``: the area up to 0, as of losses."""
    if not len(values):
        return ""
    low, high = float(values.min()), float(values.max())
    if filled:
        low, high = min(low, 0.0), max(high, 0.0)
    axes = _Axes((float(times[0]), float(times[-1])), (low, high))
    dates = [
        (float(time), str(np.datetime64(int(time), "ms").astype("M8[D]")))
        for time in np.linspace(times[0], times[-1], 6)[1:-1]
    ]
    axes.ticks(dates, _labels(low, high, unit))
    kept = _thinned(values)
    points = " ".join(
        f"{axes.at_x(x):.1f},{axes.at_y(y):.1f}"
        for x, y in zip(times[kept].tolist(), values[kept].tolist(), strict=True)
    )
    if filled:
        zero = axes.at_y(0.0)
        ends = axes.at_x(float(times[0])), axes.at_x(float(times[-1]))
        axes.parts.append(
            f'<polygon class="slow" fill-opacity="0.5" points="{ends[0]:.1f},{zero:.1f} '
            f'{points} {ends[1]:.1f},{zero:.1f}"/>'
        )
    else:
        axes.parts.append(
            f'<polyline style="fill:none;stroke:var(--bar);stroke-width:1.5" points="{points}"/>'
        )
    return axes.svg()


def _thinned(values: Floats) -> npt.NDArray[np.int64]:
    """The rows to draw: of many, the lowest and the highest of each piece."""
    length = len(values)
    if length <= 2 * _POINTS:
        return np.arange(length)
    kept = {0, length - 1}
    edges = np.linspace(0, length, _POINTS + 1).astype(int)
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        piece = values[start:end]
        kept |= {start + int(piece.argmin()), start + int(piece.argmax())}
    return np.array(sorted(kept))


def histogram(values: Floats, *, unit: str = "%", bins: int = 60) -> str:
    """How many values there are of each size, losses in red; the outer 0.5 % are in the ends."""
    if not len(values):
        return ""
    low, high = np.quantile(values, [0.005, 0.995]).tolist()
    low, high = _wide((low, high))
    counts, edges = np.histogram(np.clip(values, low, high), bins=bins, range=(low, high))
    axes = _Axes((low, high), (0.0, float(counts.max())))
    axes.ticks(_labels(low, high, unit), _labels(0.0, float(counts.max()), ""))
    for count, start, end in zip(counts.tolist(), edges[:-1], edges[1:], strict=True):
        left, right, top = axes.at_x(start), axes.at_x(end), axes.at_y(count)
        kind = "slow" if (start + end) / 2 < 0 else "bar"
        text = f"{_written(start, unit)} to {_written(end, unit)}: {count:,}"
        axes.parts.append(
            f'<rect class="{kind}" x="{left:.1f}" y="{top:.1f}" width="{right - left - 1:.1f}" '
            f'height="{axes.at_y(0.0) - top:.1f}"><title>{escape(text)}</title></rect>'
        )
    return axes.svg()


def scatter(x: Floats, y: Floats, *, most: int = 3000) -> str:
    """Points of ratios, those with y below 0 in red; of very many, evenly chosen ones."""
    if not len(x):
        return ""
    if len(x) > most:
        chosen = np.linspace(0, len(x) - 1, most).astype(int)
        x, y = x[chosen], y[chosen]
    axes = _Axes((float(x.min()), float(x.max())), (float(y.min()), float(y.max())))
    axes.ticks(_labels(*axes.x, "%"), _labels(*axes.y, "%"))
    axes.parts += [
        f'<circle class="{"slow" if b < 0 else "bar"}" fill-opacity="0.5" r="2" '
        f'cx="{axes.at_x(a):.1f}" cy="{axes.at_y(b):.1f}"/>'
        for a, b in zip(x.tolist(), y.tolist(), strict=True)
    ]
    return axes.svg()
