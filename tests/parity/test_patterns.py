"""Candlestick patterns where they occur, and where a price less makes them not: TA-Lib's values."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from edges import around_patterns, before_patterns
from outcomes import original
from patterns import AT_LIMIT, at_limit, rows

import ft_numba_aot
from ft_numba_aot import ta, talib_func
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

# Of each value, and prices that each price is made; fewer where Python computes them.
OCCURRENCES, OTHERS = (6, 9) if ft_numba_aot.backend() == "native" else (2, 3)


def test_every_pattern_is_here() -> None:
    patterns = {name for name, row in DEFINITIONS.items() if row.flags & CANDLESTICK}
    assert set(EXPECTED) == patterns


@pytest.mark.parametrize("name", EXPECTED)
def test_found_and_just_not_found_as_in_talib(name: str) -> None:
    ours, theirs = ta.Function(name), original().Function(name)
    found = theirs(*np.ascontiguousarray(rows()))
    assert set(found.tolist()) - {0} == set(EXPECTED[name])
    plain, wanted = getattr(talib_func, name), getattr(sys.modules["talib"], name)
    amount = {"occurrences": OCCURRENCES, "others": OTHERS}
    for head in before_patterns(rows(), found, ours.lookback, **amount):
        assert np.array_equal(plain(*head), wanted(*head))
    windows = around_patterns(rows(), found, **amount)
    prices = np.ascontiguousarray(np.concatenate([*windows], axis=1))
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
