"""Candlestick patterns where they occur, and where a price less makes them not: TA-Lib's values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from outcomes import original
from patterns import AT_LIMIT, at_limit, rows

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

OCCURRENCES, BEFORE, AFTER = 3, 15, 3


def nudged(rng: np.random.Generator, window: np.ndarray[Any, Any]) -> list[np.ndarray[Any, Any]]:
    """The candles, with one price of the last ones at a time made another's, or about its own."""
    made = [window]
    for candle in range(BEFORE - 4, BEFORE + 1):
        for price in range(4):
            other = window[rng.integers(4), rng.integers(BEFORE - 5, BEFORE + 1)]
            own = window[price, candle] + rng.choice([-1.0, -0.01, 0.01, 1.0])
            for value in (other, own):
                made.append(window.copy())
                made[-1][price, candle] = value
    return made


def test_every_pattern_is_here() -> None:
    patterns = {name for name, row in DEFINITIONS.items() if row.flags & CANDLESTICK}
    assert set(EXPECTED) == patterns


@pytest.mark.parametrize("name", EXPECTED)
def test_found_and_just_not_found_as_in_talib(name: str) -> None:
    ours, theirs = ta.Function(name), original().Function(name)
    found = theirs(*np.ascontiguousarray(rows()))
    assert set(found.tolist()) - {0} == set(EXPECTED[name])
    rng = np.random.default_rng(2)
    windows = []
    for value in EXPECTED[name]:
        ends = np.flatnonzero(found == value)
        ends = ends[(ends >= BEFORE) & (ends < found.size - AFTER)]
        for end in rng.permutation(ends)[:OCCURRENCES]:
            windows += nudged(rng, rows()[:, end - BEFORE : end + AFTER])
    prices = list(np.ascontiguousarray(np.concatenate(windows, axis=1)))
    result = ours(*prices)
    expected = theirs(*prices)
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
