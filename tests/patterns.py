"""Candles in which candlestick patterns occur, and some that are at their very limits.

Ordinary candles have next to none of them. These follow one another at random as those of
patterns do, and the rarest patterns are told candle by candle.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

# Open, high, low, close of each candle, from the close before; each is used upside down as well.
RARE: list[list[tuple[float, float, float, float]]] = [
    [(0, 4, 0, 4), (6, 6, 5, 5), (5.5, 5.5, 2, 2)],  # two crows
    [(0, 4, 0, 4), (5, 5, 4.8, 4.8), (5.2, 5.2, 4.4, 4.4)],  # upside gap two crows
    [(0, 1, 0, 1), (0.8, 0.8, -1, -1), (0, 0, -2, -2), (-1.5, -1.5, -3, -3)],  # black crows
    [(0, 0, -9, -4), (-3, -3, -8, -5), (-5.5, -5.5, -5.7, -5.7)],  # stars in the south
    [(0, 4, 0, 4), (5, 5, 5, 5), (4.4, 4.4, 1, 1)],  # abandoned baby
    [(0, 0, -4, -4), (1, 5, 1, 5)],  # kicking
    [(0, 0, -4, -4), (-8, -4, -8, -4)],  # counterattack
    [(0, 1, 0, 1), (0.5, 2, 0.5, 2), (1.5, 3, 1.5, 3), (3.5, 3.5, -0.5, -0.5)],  # line strike
    [(0, 0, -1, -1), (-1, -1, -2, -2), (-2.5, -1.5, -3, -3), (-1.4, -1.4, -3.5, -3.5)],  # swallow
    [
        *[(0, 4, 0, 4), (4.8, 4.8, 4.6, 4.6), (4.2, 4.2, 3.8, 3.8), (3.9, 3.9, 3.6, 3.6)],
        (3.8, 6, 3.8, 6),  # mat hold
    ],
    [
        *[(0, 4, 0, 4), (5, 6, 5, 6), (5.5, 6.5, 5.4, 6), (6.2, 7, 6, 7)],
        (7, 7, 4.5, 4.5),  # breakaway
    ],
    [
        *[(0, 4, 0, 4), (3.5, 3.5, 3.3, 3.3), (3.2, 3.2, 3, 3), (2.9, 2.9, 2.7, 2.7)],
        (3, 8, 3, 8),  # rising three methods
    ],
    [
        *[(0, 0, -1, -1), (-0.5, -0.5, -2, -2), (-1.5, -1.5, -3, -3), (-3, -2, -4, -4)],
        (-2.5, 0, -2.5, 0),  # ladder bottom
    ],
]
BODIES = (0.0, 0.03, 0.4, 1.0, 2.0, 3.0)
SHADOWS = (0.0, 0.0, 0.01, 0.2, 0.6, 2.5)
LENGTH = 10_000


def follower(
    before: list[Any], rise: float, drawn: list[float], picks: list[int]
) -> tuple[float, ...]:
    """A candle that begins, and often ends, where patterns have it; before: the last three."""
    open_, high, low, close = before[-1]
    top, bottom, middle = max(open_, close), min(open_, close), (open_ + close) / 2
    begins = (close, open_, middle, bottom + drawn[0] * (top - bottom), close + rise * 0.04)
    begins += (close - rise * 0.3, high + 0.2, low - 0.2, top + 0.15, bottom - 0.15)
    ends = (close, open_, low, high, middle, close + 0.3 * (open_ - close), top + 0.1)
    ends += (bottom - 0.1, before[-2][3], before[-3][3])
    new_open = begins[picks[0]]
    new_close = new_open + rise * BODIES[picks[2]] * (0.8 + 0.4 * drawn[1])
    if drawn[2] < 0.3:
        new_close = ends[picks[1]]
    return (
        new_open,
        max(new_open, new_close) + SHADOWS[picks[3]],
        min(new_open, new_close) - SHADOWS[picks[4]],
        new_close,
    )


@cache
def rows() -> np.ndarray[Any, Any]:
    """Candles in which every pattern occurs: an array of open, high, low and close."""
    rng = np.random.default_rng(1)
    flipped = [[(-o, -l, -h, -c) for o, h, l, c in candles] for candles in RARE]  # noqa: E741
    made: list[Any] = [(100.0, 100.5, 99.5, 100.0)] * 3
    rise = 1.0
    randoms = rng.random((LENGTH, 5)).tolist()
    choices = rng.integers(0, (10, 10, 6, 6, 6, 2 * len(RARE)), (LENGTH, 6)).tolist()
    for (kind, turn, *drawn), (*picks, rare) in zip(randoms, choices, strict=True):
        if kind < 0.06:
            scale, close = 1.0 + turn, made[-1][3]
            candles = [*RARE, *flipped][rare]
            made += [tuple(close + scale * price for price in candle) for candle in candles]
            continue
        if turn < 0.35:
            rise = -rise
        if not 30 < made[-1][3] < 300:
            made.append(made[0])
        made.append(follower(made[-3:], rise, drawn, picks))
    return np.round(np.array(made).T, 2)


# Whether the first candle is white, and those that follow (open, close), from its close and from
# what lies just as far into its body as the pattern needs.
AT_LIMIT: dict[str, tuple[bool, Callable[[float, float], list[tuple[float, float]]]]] = {
    "CDLMORNINGSTAR": (False, lambda close, limit: [(close - 2, close - 2.02), (close - 1, limit)]),
    "CDLMORNINGDOJISTAR": (
        False,
        lambda close, limit: [(close - 2, close - 2), (close - 1, limit)],
    ),
    "CDLEVENINGSTAR": (True, lambda close, limit: [(close + 2, close + 2.02), (close + 1, limit)]),
    "CDLEVENINGDOJISTAR": (True, lambda close, limit: [(close + 2, close + 2), (close + 1, limit)]),
    "CDLABANDONEDBABY": (True, lambda close, limit: [(close + 2, close + 2), (close + 1, limit)]),
    "CDLDARKCLOUDCOVER": (True, lambda close, limit: [(close + 2, limit)]),
    "CDLMATHOLD": (
        True,
        lambda close, limit: [
            *[(close + 1, close + 0.9), (limit + 0.01, limit), (limit + 0.005, limit + 0.003)],
            (limit + 0.5, close + 3),
        ],
    ),
}


def at_limit(
    name: str, rng: np.random.Generator, penetration: float, *, towards: float = 0.0
) -> list[Any]:
    """Open, high, low and close of patterns with a price that is the plain product and sum.

    It lies at the limit itself, and is one with the fused ones or not; or the next towards there.
    """
    white, following = AT_LIMIT[name]
    made: list[tuple[float, float]] = []
    for outer, inner in 100 + np.round(rng.uniform([5, -5], [9, -1], (60, 2)), 2):
        open_, close = (inner, outer) if white else (outer, inner)
        limit = (open_ - close) * penetration + close
        if towards:
            limit = np.nextafter(limit, towards)
        made += [(100.0, 100.1 + 0.01 * i) for i in range(12)]
        made += [(open_, close), *following(close, limit)]
    opens, closes = (np.array(column) for column in zip(*made, strict=True))
    return [opens, np.maximum(opens, closes), np.minimum(opens, closes), closes]
