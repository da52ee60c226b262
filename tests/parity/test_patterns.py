"""Candlestick patterns where they occur, and where a price less makes them not: TA-Lib's values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from outcomes import original
from patterns import AT_LIMIT, at_limit, rows

import ft_numba_aot
from ft_numba_aot import ta
from ft_numba_aot.ta._table import CANDLESTICK, DEFINITIONS

VALUES = {
    (100,): "CDL3STARSINSOUTH CDL3WHITESOLDIERS CDLCONCEALBABYSWALL CDLDOJI CDLDRAGONFLYDOJI"
    " CDLGRAVESTONEDOJI CDLHAMMER CDLHOMINGPIGEON CDLINVERTEDHAMMER CDLLADDERBOTTOM"
    " CDLLONGLEGGEDDOJI CDLMATCHINGLOW CDLMATHOLD CDLMORNINGDOJISTAR CDLMORNINGSTAR CDLPIERCING"
    " CDLRICKSHAWMAN CDLSTICKSANDWICH CDLTAKURI CDLUNIQUE3RIVER",
    (-100,): "CDL2CROWS CDL3BLACKCROWS CDLADVANCEBLOCK CDLDARKCLOUDCOVER CDLEVENINGDOJISTAR"
    " CDLEVENINGSTAR CDLHANGINGMAN CDLIDENTICAL3CROWS CDLINNECK CDLONNECK CDLSHOOTINGSTAR"
    " CDLSTALLEDPATTERN CDLTHRUSTING CDLUPSIDEGAP2CROWS",
    (-100, 100): "CDL3INSIDE CDL3LINESTRIKE CDL3OUTSIDE CDLABANDONEDBABY CDLBELTHOLD CDLBREAKAWAY"
    " CDLCLOSINGMARUBOZU CDLCOUNTERATTACK CDLDOJISTAR CDLGAPSIDESIDEWHITE CDLHIGHWAVE CDLKICKING"
    " CDLKICKINGBYLENGTH CDLLONGLINE CDLMARUBOZU CDLRISEFALL3METHODS CDLSEPARATINGLINES"
    " CDLSHORTLINE CDLSPINNINGTOP CDLTASUKIGAP CDLTRISTAR CDLXSIDEGAP3METHODS",
    (-100, -80, 80, 100): "CDLENGULFING CDLHARAMI CDLHARAMICROSS",
    (-200, -100, 100, 200): "CDLHIKKAKE CDLHIKKAKEMOD",
}
EXPECTED = {name: values for values, names in VALUES.items() for name in names.split()}

BEFORE, AFTER = 18, 3
# Of each value, and prices that each price is made; fewer where Python computes them.
OCCURRENCES, OTHERS = (6, 24) if ft_numba_aot.backend() == "native" else (2, 3)
Window = np.ndarray[Any, Any]


def nudged(rng: np.random.Generator, window: Window) -> Iterator[Window]:
    """The candles, with one of the last ones at a time changed: a price, its colour, its size."""
    others = window[:, BEFORE - 5 : BEFORE + 1].ravel()
    for candle in range(BEFORE - 4, BEFORE + 1):
        for price in range(4):
            own = window[price, candle]
            for value in (*rng.permutation(others)[:OTHERS], own - 1, own - 0.01, own + 1):
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


def test_every_pattern_is_here() -> None:
    patterns = {name for name, row in DEFINITIONS.items() if row.flags & CANDLESTICK}
    assert set(EXPECTED) == patterns


@pytest.mark.parametrize("name", EXPECTED)
def test_found_and_just_not_found_as_in_talib(name: str) -> None:
    ours, theirs = ta.Function(name), original().Function(name)
    found = theirs(*np.ascontiguousarray(rows()))
    assert set(found.tolist()) - {0} == set(EXPECTED[name])
    rng = np.random.default_rng(2)
    windows: list[Window] = []
    for value in EXPECTED[name]:
        ends = np.flatnonzero(found == value)
        ends = ends[(ends >= BEFORE) & (ends < found.size - AFTER)]
        for end in rng.permutation(ends)[:OCCURRENCES]:
            windows += nudged(rng, rows()[:, end - BEFORE : end + AFTER])
            for begin in range(end - ours.lookback - 2, end - ours.lookback + 4):
                head = np.ascontiguousarray(rows()[:, begin : end + AFTER])
                assert np.array_equal(ours(*head), theirs(*head))
    prices = np.ascontiguousarray(np.concatenate(windows, axis=1))
    result, expected = ours(*prices), theirs(*prices)
    assert result.dtype == expected.dtype
    assert set(expected.tolist()) >= {0, *EXPECTED[name]}
    differ = np.flatnonzero(result != expected)
    assert differ.size == 0, (name, differ[:3], result[differ[:3]], expected[differ[:3]])


@pytest.mark.parametrize("name", AT_LIMIT)
def test_at_the_limit_of_penetration(name: str) -> None:
    ours, theirs = ta.Function(name), original().Function(name)
    rng = np.random.default_rng(3)
    found = set()
    for penetration in (0.3, 0.37, 0.7):
        for towards in (0.0, -np.inf, np.inf):
            prices = at_limit(name, rng, penetration, towards=towards)
            expected = theirs(*prices, penetration=penetration)
            assert np.array_equal(ours(*prices, penetration=penetration), expected)
            found |= set(expected.tolist())
    assert found == {0, EXPECTED[name][0]}
