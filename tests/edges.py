"""Candles at the edges of TA-Lib's functions, which random ones come to too seldom.

Values at thresholds are a billionth apart: between some of them lies what a threshold that is
nudged tells apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
Edge = tuple[list[Array], list[Any]]  # arrays and parameters

# Relative to a threshold: doubled ones, and nudged ones, lie between two of these.
AROUND = np.concatenate([[-0.3, 0.3, 0.9], np.arange(-25, 26) * 4e-10])


def _arrays(*columns: Any) -> list[Array]:
    return [np.array(column, dtype=np.float64) for column in columns]


def flats(seed: int, *, rows: int = 60) -> Iterator[tuple[Array, Array, Array, Array]]:
    """High, low, close and volume with runs of candles that stand still, between jumps.

    Some never move again.
    """
    rng = np.random.default_rng(seed)
    for number in range(50):
        lengths = rng.integers(1, 9, rows)
        steps = rng.choice([0.3, 1.0, 3.0]) * rng.normal(size=rows)
        moved = np.repeat(rng.random(rows) < 0.5, lengths)[:rows] & (rng.random(rows) < 0.5)
        if number % 2:
            last = int(rng.integers(2, 12))
            lengths[:last] = 1
            lengths[last] = rows
            moved[last:] = False
        close = np.exp(np.repeat(np.cumsum(steps), lengths))[:rows]
        yield close + 0.1 * moved, close - 0.3 * moved, close, np.full(rows, 0.7)


def _flat(columns: str, periods: list[list[int]]) -> Iterator[Edge]:
    for number, candles in enumerate(flats(4)):
        by_name = dict(zip(("high", "low", "close", "volume"), candles, strict=True))
        arrays = [by_name[name] for name in columns.split()]
        yield arrays, periods[number // 2 % len(periods)]


def _stills() -> Iterator[Edge]:
    """A price that moves far, then no more, and in some of them jumps again."""
    rng = np.random.default_rng(0)
    for number in range(400):
        moves, period = int(rng.integers(1, 14)), int(rng.integers(2, 20))
        real = np.exp(rng.choice([0.3, 1.0, 3.0]) * rng.normal(size=moves).cumsum())
        real = np.concatenate([real, np.full(40, real[-1])])
        if number % 3 == 0:
            real[30:] *= 1.7
        yield [real], [period]


def relative() -> Iterator[tuple[float, float]]:
    """Prices, and differences that are about 1e-14 of twice the price; thirds of both are exact."""
    step = 2.0**-50
    difference = 29 * step
    for part in AROUND:
        yield step * np.round(difference / 2e-14 * (1.0 + part) / step), difference


def _narrow(*parameters: Any) -> Callable[[], Iterator[Edge]]:
    """High, low and close: a range of next to nothing, the close at either end of it."""

    def edges() -> Iterator[Edge]:
        for price, difference in relative():
            high, low = np.full(4, price + difference), np.full(4, price)
            yield [high, low, np.array([price, price + difference] * 2)], [*parameters]

    return edges


def _next_to_none() -> Iterator[Edge]:
    """Bands around a high and a low that are each other's opposite, nearly."""
    for price, difference in relative():
        yield _arrays([price + difference] * 4, [-price] * 4, [price, -price] * 2), [2]


def _next_to_still(*more: Any) -> Iterator[Edge]:
    for price, difference in relative():
        typical = np.array([price, price + difference] * 3)
        yield [typical, typical, typical, *map(np.copy, more)], [2]


def _denormal() -> Iterator[Edge]:
    typical = np.array([5e-324, -5e-324] * 4)
    yield [typical] * 3, [2]


def _next_to_no_movement() -> Iterator[Edge]:
    """Highs that rise by 1e-16 of the range: both directional indicators add up to 1e-14."""
    for part in AROUND:
        high = np.arange(6.0) * 1e-16 * (1.0 + part)
        yield [high, np.full(6, -1.0), np.full(6, -0.5)], [2]


def _next_to_zero() -> Iterator[Edge]:
    """Moving averages of about 1e-14."""
    for part in AROUND:
        real = 1e-14 * (1.0 + part) * np.array([0.5, 1.0, 1.5] * 3)
        yield [real], [2, 3, 0]


# Four values, windows of three: the running sums are of deviations from the first.
def _spreads(threshold: float) -> Iterator[Array]:
    """The second window's variance is a millionth of ``threshold`` times its mean square."""
    for part in AROUND:
        change = np.sqrt(threshold / (1.0 - 1e-6)) * (1.0 + part)
        yield np.array([0.0, 1e3, 1e3 + change, 1e3 - change])


def _variances(*parameters: Any) -> Callable[[], Iterator[Edge]]:
    def edges() -> Iterator[Edge]:
        for real in _spreads(1.0):
            yield [real], [3, *parameters]
        for part in AROUND:  # what leaves is a million times what stays
            yield _arrays([0.0, 1e3, np.sqrt(0.5), np.sqrt(0.5) * (1.0 + part)]), [3, *parameters]
        for price, period in product((0.1, 0.7, 1 / 3, 1e-5, 123.456), (2, 3, 5, 7, 11)):
            yield (
                _arrays([price * 3, *[price] * 40, price * 2, *[price] * 20]),
                [
                    period,
                    *parameters,
                ],
            )
        walk = np.random.default_rng(4).normal(size=300).cumsum()
        for period in (2, 3, 5):  # sums are rebuilt at intervals
            yield [walk], [period, *parameters]

    return edges


QUIET = np.array([0.0, 1.0, 3.0, 2.0, 5.0])  # nothing happens in it


def _pairs(
    spread: float, leaving: float, series: Callable[[Array], Array]
) -> Callable[[], Iterator[Edge]]:
    """Two series of these deviations, for their spread and for what has left the sums."""

    def edges() -> Iterator[Edge]:
        found = [deviations * spread for deviations in _spreads(1.5)]
        for part in AROUND:
            found.append(np.array([0.0, 1.0, *(np.array([0.8, 0.0, 0.6]) * leaving)]))
            found[-1][4] *= 1.0 + part
        for deviations in found:
            one, quiet = series(deviations), series(QUIET[: len(deviations)] * 1e-3)
            yield [one, quiet], [3]
            yield [quiet, one], [3]
        rng = np.random.default_rng(6)
        for price in (0.1, 0.7, 1 / 3, 1e-5):
            still, walk = np.full(110, price), rng.normal(size=110) + 9.0
            still[[0, 25]] *= 2.0
            growing = price * 1.1 ** np.arange(110.0)
            for period, other in product((2, 3, 75), (still, growing)):
                yield [other, walk], [period]
                yield [walk, other], [period]
                yield [other, 1.0 + 1e-9 * walk], [period]
                yield [1.0 + 1e-9 * walk, other], [period]

    return edges


def _same(deviations: Array) -> Array:
    return deviations


def _with_returns(deviations: Array) -> Array:
    """Prices whose returns deviate as much from the first of them."""
    return np.concatenate([[1.0], np.cumprod(1.01 + deviations)])


def _lines() -> Iterator[Edge]:
    """What leaves is a hundred times what stays."""
    for part in AROUND:
        yield _arrays([1.0, 0.01, 0.01, 0.01 * (1.0 + 3.0 * part), 0.02]), [3]


def _zeros_of_both_signs() -> Iterator[Edge]:
    rng = np.random.default_rng(8)
    for number in range(12):
        zeros = np.where(rng.random(30) < 0.5, 0.0, -0.0)
        zeros[rng.random(30) < 0.2] = [-3.0, 3.0][number % 2]
        other = zeros - 5.0 if number % 2 else zeros + 5.0
        yield ([zeros, other] if number % 2 else [other, zeros]), [int(rng.integers(2, 6))]


def _first_stops() -> Iterator[Edge]:
    high = 1e-9 * np.random.default_rng(2).normal(size=40).cumsum()
    for first in (1e-10, -1e-10, 5e-324):
        yield [high, high - 1e-10], [first, 0.1, 0.02, 0.02, 0.2, 0.03, 0.03, 0.3]


def _percentiles() -> Iterator[Edge]:
    rng = np.random.default_rng(9)
    for period, percentile in product((127, 129, 130, 200), (0.0, 3.0, 50.0, 99.5, 100.0)):
        yield [np.round(rng.normal(size=420), 1)], [period, percentile]
    for part in (4e-10, -4e-10):
        yield [rng.normal(size=30)], [10, 50.0 * (1.0 + part)]


def _kinds_of_macd() -> Iterator[Edge]:
    real = np.random.default_rng(10).normal(size=50).cumsum()
    for fast, slow, signal in product((0, 1, 2), repeat=3):
        yield [real], [3, fast, 5, slow, 4, signal]
        yield [real], [3, fast, 5, slow, 1, signal]


def _no_prices(*parameters: Any) -> Callable[[], Iterator[Edge]]:
    """Nothing, and nothing but an impulse whose transform is 0 in part, or underflows to that."""

    def edges() -> Iterator[Edge]:
        yield [np.zeros(90)], [*parameters]
        for seed, size in product((4, 7, 37), (5.66e-161, 2.618e-161, 1e-163, 5e-324, -1e-323)):
            rng = np.random.default_rng(seed)
            more = int(rng.integers(0, 14))
            real = np.zeros(100)
            real[75] = size
            real[76 : 76 + more] = size * rng.choice([0, 1, -1, 2, -2, 0.5], more)
            yield [real], [*parameters]

    return edges


def _beyond_one() -> Iterator[Edge]:
    yield _arrays([1.0, np.nextafter(1.0, 2.0), -1.0, np.nextafter(-1.0, -2.0)]), []


# Open, high, low, close of the candles of patterns, which are one only but for one condition, or
# just so. Some rest on what came before: a body of 1 for the others, unless there is more.
Candle = tuple[float, float, float, float]
SOUTH: list[Candle] = [(0, 0, -9, -4), (-3, -3, -8, -5), (-5.5, -5.5, -5.7, -5.7)]
HIGH_SOUTH: list[Candle] = [SOUTH[0], (-3, -3, -3.9, -3.5), (-3.6, -3.6, -3.8, -3.8)]
LATE_SOUTH: list[Candle] = [SOUTH[0], (-3, -3, -6.95, -5), SOUTH[2]]
METHODS: list[Candle] = [
    *((0, 4, 0, 4), (1, 1, 0.5, 0.5), (-0.2, -0.2, -0.5, -0.5), (0.3, 0.3, -0.8, -0.8)),
    (-0.5, 4.5, -0.5, 4.5),
]
HOLD: list[Candle] = [(0, 4, 0, 4), (4.3, 4.3, 4.1, 4.1)]
HOLDS: list[list[Candle]] = [
    [*HOLD, (3.9, 4.4, 3.9, 4.4), (3.7, 3.7, 3.5, 3.5), (4, 6, 4, 6)],
    [*HOLD, (3.9, 3.9, 3.6, 3.6), (1.5, 3, 1.5, 3), (4, 6, 4, 6)],
]


def _after(
    before: list[Candle], *patterns: list[Candle], parameters: tuple[float, ...] = ()
) -> Callable[[], Iterator[Edge]]:
    """Patterns after 10 to 30 of the same candles and some others, and upside down."""

    def edges() -> Iterator[Edge]:
        for pattern, count, *usual in product(
            patterns, (9, 10, 11, 12, 20, 30), (1.0, 2.0), (0.0, 9.75)
        ):
            body, shadow = usual
            same = (0.0, shadow, -body - shadow, -body)
            candles = np.array([*[same] * count, *before, *pattern, same]).T
            yield [*np.ascontiguousarray(candles)], [*parameters]
            yield [*np.ascontiguousarray(-candles[[0, 2, 1, 3]])], [*parameters]

    return edges


EDGES: dict[str, list[Callable[[], Iterator[Edge]]]] = {
    "ACOS": [_beyond_one],
    "ASIN": [_beyond_one],
    "ACCBANDS": [_next_to_none],
    "CDL3STARSINSOUTH": [
        _after([(-8.5, -8.5, -9.5, -9.5)], SOUTH),
        _after([], LATE_SOUTH, HIGH_SOUTH),
    ],
    "CDLMATHOLD": [_after([], *HOLDS, parameters=(0.5,))],
    "CDLRISEFALL3METHODS": [_after([], METHODS)],
    "BBANDS": [_variances(2.0, 2.0, 0), _variances(2.0, 1.5, 0)],
    "BETA": [_pairs(1e-3 / 2, 1e-3**0.5, _with_returns)],
    "CCI": [_next_to_still, _denormal],
    "CORREL": [_pairs(1.0, 1e-3, _same)],
    "CMOU": [_stills],
    "DONCHIAN": [_zeros_of_both_signs],
    "DX": [_next_to_no_movement],
    "ER": [_stills],
    "HT_DCPERIOD": [_no_prices()],
    "HT_DCPHASE": [_no_prices()],
    "HT_SINE": [_no_prices()],
    "HT_TRENDMODE": [_no_prices()],
    "KAMA": [_stills],
    "LINEARREG": [_lines],
    "MACDEXT": [_kinds_of_macd],
    "MAMA": [_no_prices(0.5, 0.05)],
    "MFI": [
        lambda: _next_to_still(np.ones(6)),
        lambda: _flat("high low close volume", [[2], [3], [9], [12]]),
    ],
    "PERCENTILE": [_percentiles],
    "PPO": [_next_to_zero],
    "SAREXT": [_first_stops],
    "STDDEV": [_variances(1.0)],
    "STOCHF": [_narrow(2, 1, 0)],
    "ULTOSC": [lambda: _flat("high low close", [[2, 3, 4], [1, 7, 12], [2, 9, 12], [9, 9, 9]])],
    "VAR": [_variances(1.0)],
    "VORTEX": [lambda: _flat("high low close", [[2], [3], [4], [9], [12]])],
    "WILLR": [_narrow(2)],
}


# Candles before and after the last one of a pattern, in a window around it.
BEFORE, AFTER = 18, 3


def _ends(found: Array, occurrences: int) -> Iterator[int]:
    """Where patterns were found, so many of each value."""
    rng = np.random.default_rng(2)
    for value in np.unique(found[found != 0]):
        ends = np.flatnonzero(found == value)
        ends = ends[(ends >= BEFORE) & (ends < found.size - AFTER)]
        yield from rng.permutation(ends)[:occurrences].tolist()


def around_patterns(rows: Array, found: Array, *, occurrences: int, others: int) -> Iterator[Array]:
    """Windows of candles in which a pattern was found, each with a candle changed, or all of them.

    So many ``occurrences`` of each value that was found; so many prices of ``others``, or next to
    them, for each price. An array is the windows around one occurrence, one after the other.
    """
    rng = np.random.default_rng(2)
    for end in _ends(found, occurrences):
        window = rows[:, end - BEFORE : end + AFTER]
        windows = [*_nudged(rng, window, others), *_jittered(rng, window, 3 * others)]
        yield np.ascontiguousarray(np.concatenate(windows, axis=1))


def before_patterns(
    rows: Array, found: Array, lookback: int, *, occurrences: int, others: int
) -> Iterator[Array]:
    """Candles up to a pattern, from about the last at which they may begin for it to be found.

    They are as they were found, and for every three ``others`` once with other prices.
    """
    rng = np.random.default_rng(3)
    first = BEFORE - lookback
    for end in _ends(found, occurrences):
        window = rows[:, end - BEFORE : end + AFTER]
        for begin in range(first - 2, first + 4):
            yield np.ascontiguousarray(window[:, begin:])
        for changed in _jittered(rng, window, others // 3):
            yield np.ascontiguousarray(changed[:, first:])


def _jittered(rng: np.random.Generator, window: Array, count: int) -> Iterator[Array]:
    """The candles with other prices, one or a few of the last, or larger and smaller before."""
    at = BEFORE - 4
    spread = np.ptp(window[:, at:])
    for _ in range(count):
        made = window.copy()
        if rng.random() < 0.7:
            made[:, :at] = made[3, at] + rng.lognormal() * (made[:, :at] - made[3, at])
        recent = made[:, at:]
        changed = rng.random(recent.shape) < rng.choice([0.05, 0.1, 0.3, 1.0])
        recent += (
            changed * rng.choice([0.003, 0.02, 0.1, 0.5]) * spread * rng.normal(size=recent.shape)
        )
        if rng.random() < 0.7:
            recent[1] = recent.max(axis=0)
            recent[2] = recent.min(axis=0)
        yield made


def _nudged(rng: np.random.Generator, window: Array, others: int) -> Iterator[Array]:
    """The candles, with one of the last ones at a time changed: a price, its colour, its size."""
    prices = window[:, BEFORE - 5 : BEFORE + 1].ravel()
    for candle in range(BEFORE - 4, BEFORE + 1):
        for price in range(4):
            own = window[price, candle]
            drawn = rng.permutation(prices)[:others] + rng.integers(-1, 2, others) * 0.01
            for value in (*drawn, own - 1, own - 0.01, own + 1):
                made = window.copy()
                made[price, candle] = value
                yield made
        open_, high, low, close = window[:, candle]
        for opens, closes in ((close, open_), (open_, open_ + 3 * (close - open_)), (open_, open_)):
            made = window.copy()
            made[:, candle] = opens, max(opens, closes, high), min(opens, closes, low), closes
            yield made
            made = made.copy()
            made[1:3, candle] = max(opens, closes), min(opens, closes)
            yield made


def edges(name: str) -> Iterator[Edge]:
    """What there is of a function: its arrays and its parameters, in order."""
    for made in EDGES.get(name, ()):
        yield from made()
