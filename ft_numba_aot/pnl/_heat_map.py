"""A metric over two parameters, as a table and as an SVG drawing.

Imports the standard library; its values are a pandas frame.
"""

from __future__ import annotations

import math
from html import escape
from typing import Any

_TOP, _CELL_WIDTH, _CELL_HEIGHT = 40, 72, 26
_LETTER, _LEAST_LEFT = 6.5, 60  # of a label: about the width of a letter
# From low to high: of the colour map viridis.
_COLOURS = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))


class HeatMap:
    """``values``: a frame, whose index and columns are the values of two parameters."""

    def __init__(self, values: Any, metric: str) -> None:
        self.values = values
        self.metric = metric

    def svg(self) -> str:
        """The drawing: each cell with its value, and a title of what it is."""
        rows, columns = list(self.values.index), list(self.values.columns)
        names = f"{self.values.index.name} \\ {self.values.columns.name}"
        longest = max(len(names), *(len(_text(row)) for row in rows)) if rows else len(names)
        left = max(round(longest * _LETTER) + 12, _LEAST_LEFT)
        y_name, x_name = escape(str(self.values.index.name)), escape(str(self.values.columns.name))
        cells = self.values.to_numpy(dtype=float)
        finite = [value for value in cells.ravel().tolist() if math.isfinite(value)]
        low, high = (min(finite), max(finite)) if finite else (0.0, 0.0)
        width = left + _CELL_WIDTH * len(columns) + 10
        height = _TOP + _CELL_HEIGHT * len(rows) + 10
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
            f'style="max-width: {width}px" font-family="system-ui, sans-serif" font-size="11">',
            f"<title>{escape(self.metric)}</title>",
            f'<text x="{left - 6}" y="{_TOP - 8}" text-anchor="end" fill="currentColor">'
            f"{escape(names)}</text>",
        ]
        for j, column in enumerate(columns):
            x = left + _CELL_WIDTH * (j + 0.5)
            parts.append(
                f'<text x="{x}" y="{_TOP - 8}" text-anchor="middle" fill="currentColor">'
                f"{_text(column)}</text>"
            )
        for i, row in enumerate(rows):
            y = _TOP + _CELL_HEIGHT * i
            parts.append(
                f'<text x="{left - 6}" y="{y + 17}" text-anchor="end" fill="currentColor">'
                f"{_text(row)}</text>"
            )
            for j, column in enumerate(columns):
                value = float(cells[i, j])
                if not math.isfinite(value):
                    continue
                share = (value - low) / (high - low) if high > low else 0.5
                x = left + _CELL_WIDTH * j
                ink = "#000" if share > 0.6 else "#fff"
                parts.append(
                    f'<rect x="{x}" y="{y}" width="{_CELL_WIDTH - 1}" height="{_CELL_HEIGHT - 1}" '
                    f'fill="{_colour(share)}"><title>{y_name} {_text(row)}, {x_name} '
                    f"{_text(column)}: {value:.8g}</title></rect>"
                    f'<text x="{x + _CELL_WIDTH / 2}" y="{y + 17}" text-anchor="middle" '
                    f'fill="{ink}" pointer-events="none">{value:.4g}</text>'
                )
        return "\n".join([*parts, "</svg>\n"])

    def html(self) -> str:
        """A page of its own."""
        title = escape(f"{self.metric} by {self.values.index.name} and {self.values.columns.name}")
        return (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f"<title>{title}</title>\n<style>:root {{ color-scheme: light dark; }} "
            "body { font-family: system-ui, sans-serif; margin: 1.5rem; } "
            "h1 { font-size: 1.2rem; } svg { width: 100%; }</style>\n</head>\n<body>\n"
            f"<h1>{title}</h1>\n{self.svg()}</body>\n</html>\n"
        )

    def _repr_html_(self) -> str:
        return self.svg()


def _text(value: Any) -> str:
    return escape(f"{value:.6g}" if isinstance(value, float) else str(value))


def _colour(share: float) -> str:
    place = share * (len(_COLOURS) - 1)
    first = min(int(place), len(_COLOURS) - 2)
    rest = place - first
    mixed = [
        round(a + (b - a) * rest) for a, b in zip(_COLOURS[first], _COLOURS[first + 1], strict=True)
    ]
    return f"rgb({mixed[0]},{mixed[1]},{mixed[2]})"
