"""Strategies shaped like those that people publish, and what their indicators gain."""

from __future__ import annotations

# By module, the class, and what it is made of.
STRATEGIES = {
    "many_averages": ("ManyAverages", "88 moving averages in loops"),
    "heikin_ashi_channels": ("HeikinAshiChannels", "Heikin-Ashi with SSL channels of its own"),
    "three_timeframes": ("ThreeTimeframes", "informative pairs on three timeframes"),
    "pandas_ta_heavy": ("PandasTaHeavy", "a dozen indicators of pandas-ta"),
    "agreement": ("Agreement", "technical's consensus of 18"),
    "row_by_row": ("RowByRow", "`iterrows`, `apply(axis=1)`, `rolling.apply`"),
    "bands_and_crossings": ("BandsAndCrossings", "qtpylib's bands and crossings"),
    "three_supertrends": ("ThreeSupertrends", "three supertrends, and one of its own"),
    "clouds": ("Clouds", "ichimoku, zema and resampling of technical"),
    "rolling_statistics": ("RollingStatistics", "pandas' rolling windows and z-scores"),
}
