"""The indicators of the technical package: same modules, names, arguments and results.

``from ft_numba_aot.technical import indicators`` instead of ``from technical import indicators``.
A function that isn't accelerated, or was never tried against the technical that is installed, is
technical's own. Needs technical, which comes with freqtrade.
"""

from __future__ import annotations

from . import (
    bouncyhouse,
    candles,
    consensus,
    indicator_helpers,
    indicators,
    pivots_points,
    qtpylib,
    trendline,
    util,
)

__all__ = [
    "bouncyhouse",
    "candles",
    "consensus",
    "indicator_helpers",
    "indicators",
    "pivots_points",
    "qtpylib",
    "trendline",
    "util",
]
