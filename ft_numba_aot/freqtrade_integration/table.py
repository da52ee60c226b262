"""The list of everything that replaces something in freqtrade: one module each.

Imports the standard library. Each of these modules ends with a tuple ``REPLACEMENTS``.
"""

from __future__ import annotations

# Imported when the accelerator is switched on, before anything is replaced.
MODULES: tuple[str, ...] = (
    "advising",
    "callbacks",
    "custom_data",
    "dataprovider",
    "empty_tags",
    "event_backtest",
    "exits",
    "funding",
    "informative",
    "loading",
    "locks",
    "new_columns",
    "orders",
    "pair_precision",
    "period_statistics",
    "profit",
    "protections",
    "ratios",
    "reading",
    "result_lines",
    "rounding",
    "statistics",
    "tick_size",
    "trade_frame",
    "wallet_statistics",
    "wallets",
)

# Imported only once the package on the right has been, which takes long.
# Importing technical changes what Python warns of: that is a strategy's to do.
LATE: dict[str, str] = {
    "hyperopt_garbage": "freqtrade.optimize.hyperopt",
    "hyperopt_workers": "freqtrade.optimize.hyperopt",
    "indicators.crossings": "technical.vendor.qtpylib.indicators",
    "indicators.heikin_ashi": "technical.vendor.qtpylib.indicators",
    "indicators.pandas_ta_averages": "pandas_ta.core",
    "indicators.pandas_ta_candles": "pandas_ta.core",
    "indicators.pandas_ta_composed": "pandas_ta.core",
    "indicators.pandas_ta_jurik": "pandas_ta.core",
    "indicators.pandas_ta_oscillators": "pandas_ta.core",
    "indicators.pandas_ta_regression": "pandas_ta.core",
    "indicators.pandas_ta_trend": "pandas_ta.core",
    "indicators.pandas_ta_windows": "pandas_ta.core",
    "indicators.qtpylib_averages": "technical.vendor.qtpylib.indicators",
    "indicators.qtpylib_bands": "technical.vendor.qtpylib.indicators",
    "indicators.qtpylib_prices": "technical.vendor.qtpylib.indicators",
    "indicators.technical_candles": "technical.candles",
    "indicators.technical_channels": "technical.indicators",
    "indicators.technical_consensus": "technical.consensus.consensus",
    "indicators.technical_loops": "technical.indicators",
    "indicators.technical_madrid": "technical.indicators",
    "indicators.technical_pivots": "technical.pivots_points",
    "indicators.technical_trendline": "technical.trendline",
    "indicators.technical_util": "technical.util",
    "indicators.technical_volumes": "technical.indicators",
    "losses": "freqtrade.optimize.hyperopt",
    "rpc_alerts": "freqtrade.rpc.rpc_manager",
}

# What modules belong to, as the phases of the configuration have it; the others, to backtesting.
BELONGS_TO: dict[str, str] = {
    "hyperopt_workers": "every phase",
    "advising": "indicators",
    "informative": "indicators",
    "rpc_alerts": "every phase",
    "period_statistics": "metrics",
    "ratios": "metrics",
    "result_lines": "metrics",
    "statistics": "metrics",
    "wallet_statistics": "metrics",
}

# What reads a configuration.
CONFIGURATION = "freqtrade.configuration.configuration"

# What freqtrade imports before it does any work that there are replacements for, and the phase
# that holds where no configuration says which.
TRIGGERS: dict[str, str] = {
    "freqtrade.optimize.backtesting": "aggressive",
    "freqtrade.freqtradebot": "progressive",
    "freqtrade.optimize.hyperopt": "aggressive",
}


def module_of(name: str) -> str:
    """What a module of the two lists belongs to: metrics, indicators, backtesting or all."""
    if name.startswith("indicators."):
        return "indicators"
    return BELONGS_TO.get(name, "backtesting")
