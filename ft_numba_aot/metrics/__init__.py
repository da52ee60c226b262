"""The numbers in freqtrade's reports, bit for bit.

The functions of ``freqtrade.data.metrics`` and, for trades that are open at once, of
``freqtrade.data.btanalysis``: same names, arguments, results and errors, without freqtrade. And
what they are made of, on arrays: plain names (``total``, ``std``) treat NaN as numpy does,
``nan_`` names as pandas does. Imports numpy, pandas and the backend.
"""

from __future__ import annotations

from .arrays import (
    DrawdownSeries,
    MaxDrawdown,
    downside_deviation,
    drawdown_series,
    max_drawdown,
    mean,
    nan_mean,
    nan_std,
    nan_total,
    nan_variance,
    std,
    total,
    variance,
)
from .balances import (
    calculate_calmar_from_balance,
    calculate_max_drawdown_from_balance,
    calculate_sharpe_from_balance,
    calculate_sortino_from_balance,
)
from .candles import (
    calculate_market_change,
    combine_dataframes_by_column,
    combine_dataframes_with_mean,
    combined_dataframes_with_rel_mean,
)
from .parallelism import (
    analyze_trade_parallelism,
    balance_distribution_over_time,
    evaluate_result_multi,
)
from .results import DrawDownResult
from .stock import calculate_cagr, create_cum_profit
from .trades import (
    calculate_calmar,
    calculate_csum,
    calculate_expectancy,
    calculate_max_drawdown,
    calculate_p_value,
    calculate_sharpe,
    calculate_sortino,
    calculate_sqn,
    calculate_underwater,
)

__all__ = [
    "DrawDownResult",
    "DrawdownSeries",
    "MaxDrawdown",
    "analyze_trade_parallelism",
    "balance_distribution_over_time",
    "calculate_cagr",
    "calculate_calmar",
    "calculate_calmar_from_balance",
    "calculate_csum",
    "calculate_expectancy",
    "calculate_market_change",
    "calculate_max_drawdown",
    "calculate_max_drawdown_from_balance",
    "calculate_p_value",
    "calculate_sharpe",
    "calculate_sharpe_from_balance",
    "calculate_sortino",
    "calculate_sortino_from_balance",
    "calculate_sqn",
    "calculate_underwater",
    "combine_dataframes_by_column",
    "combine_dataframes_with_mean",
    "combined_dataframes_with_rel_mean",
    "create_cum_profit",
    "downside_deviation",
    "drawdown_series",
    "evaluate_result_multi",
    "max_drawdown",
    "mean",
    "nan_mean",
    "nan_std",
    "nan_total",
    "nan_variance",
    "std",
    "total",
    "variance",
]
