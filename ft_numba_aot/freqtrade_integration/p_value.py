"""The p-value of freqtrade's reports, which have one from 2026.6 on.

Imports freqtrade and scipy.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import scipy
from freqtrade.data import metrics as _metrics
from scipy import special, stats

from .ratios import returns_of
from .replacement import Replacement
from .trade_columns import Floats, deviation

__all__ = ["REPLACEMENTS", "calculate_p_value", "p_value"]

_original_p_value = _metrics.calculate_p_value

# The versions whose t-test is the one below.
SCIPY_VERSIONS = ("1.16", "1.17", "1.18")


def p_value(returns: Floats) -> float:
    """Of the two-sided t-test for a mean of zero."""
    if len(returns) < 2 or deviation(returns, 1) == 0:
        return 1.0
    if _T_TEST_IS_KNOWN:
        probability = _t_test(returns)
        if probability is not None:
            return probability
    return float(stats.ttest_1samp(returns, popmean=0)[1])


def _t_test(values: Floats) -> float | None:
    """``ttest_1samp``'s p-value; None for nearly equal values, of which scipy warns."""
    n = len(values)
    mean = np.mean(values)
    deviations = values - mean
    if not np.max(np.abs(deviations)) > 1e-12 * abs(mean):
        return None
    variance = np.mean(deviations**2) * (n / (n - 1))
    statistic = mean / np.sqrt(variance / n)
    return float(2 * special.stdtr(float(n - 1), -abs(statistic)))


def _t_test_is_known() -> bool:
    if ".".join(scipy.__version__.split(".")[:2]) not in SCIPY_VERSIONS:
        return False
    series: Floats = np.arange(1.0, 400.0) * 0.618033988749895 % 1.0 - 0.4
    return all(
        _t_test(series[:n] * 1e-3) == stats.ttest_1samp(series[:n] * 1e-3, popmean=0)[1]
        for n in (2, 3, 10, 129, 399)
    )


_T_TEST_IS_KNOWN = _t_test_is_known()


@functools.wraps(_original_p_value)
def calculate_p_value(trades: pd.DataFrame, starting_balance: float) -> float:
    returns = returns_of(trades, starting_balance)
    if returns is None:
        original: float = _original_p_value(trades, starting_balance)
        return original
    return p_value(returns)


REPLACEMENTS = (
    Replacement("freqtrade.data.metrics:calculate_p_value", calculate_p_value, "statistics"),
)
