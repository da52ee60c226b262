"""freqtrade's metrics, and how many trades are open at once, by ``ft_numba_aot.metrics``.

Stock functions spend their time in selecting, sorting and joining frames. What isn't certain to be
the same is left to them. Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

from freqtrade.data import metrics as _metrics
from freqtrade.data.btanalysis import trade_parallelism as _parallelism
from freqtrade.data.metrics import DrawDownResult

from ..metrics.certain import CERTAIN
from .replacement import Replacement

__all__ = ["REPLACEMENTS", "standing_in"]

Function = Callable[..., Any]


class _Original(NamedTuple):
    module: Any
    name: str
    part: str
    relies_on: tuple[str, ...] = ()

    @property
    def spelled(self) -> str:
        return f"{self.module.__name__}:{self.name}"


def standing_in(original: Function, certain: Function) -> Function:
    """``certain``, and the original where that gives None."""

    @functools.wraps(original)
    def ours(*args: Any, **kwargs: Any) -> Any:
        found = certain(*args, **kwargs)
        return original(*args, **kwargs) if found is None else found

    return ours


def _with_freqtrades_result(certain: Function) -> Function:
    @functools.wraps(certain)
    def converted(*args: Any, **kwargs: Any) -> Any:
        found = certain(*args, **kwargs)
        return None if found is None else DrawDownResult(**vars(found))

    return converted


def _of_metrics(name: str, *relies_on: str, part: str = "statistics") -> _Original:
    return _Original(_metrics, name, part, relies_on)


_DRAWDOWN = ("_calc_drawdown_series", "DrawDownResult")
_BALANCE = ("_prepare_balance_history",)
_DAILY = ("_calculate_annualized_ratio", "_calculate_daily_returns_from_balance", *_BALANCE)
_MEANS = "means of pairs"

_ORIGINALS = (
    _of_metrics("calculate_expectancy"),
    _of_metrics("calculate_sharpe", "_calculate_annualized_ratio"),
    _of_metrics("calculate_sortino", "_calculate_annualized_ratio"),
    _of_metrics("calculate_calmar", "_calculate_annualized_ratio", "calculate_max_drawdown"),
    _of_metrics("calculate_sqn"),
    # From 2026.6 on.
    _of_metrics("calculate_p_value"),
    _of_metrics("calculate_csum"),
    _of_metrics("calculate_max_drawdown", *_DRAWDOWN),
    _of_metrics("calculate_underwater", "_calc_drawdown_series"),
    _of_metrics("calculate_sharpe_from_balance", *_DAILY),
    _of_metrics("calculate_sortino_from_balance", *_DAILY),
    _of_metrics(
        "calculate_calmar_from_balance",
        "_calculate_annualized_ratio",
        "calculate_max_drawdown",
        "calculate_max_drawdown_from_balance",
        *_BALANCE,
    ),
    _of_metrics("calculate_max_drawdown_from_balance", "calculate_max_drawdown", *_BALANCE),
    _of_metrics("calculate_market_change"),
    _of_metrics("combine_dataframes_by_column", part="pairs side by side"),
    _of_metrics("combine_dataframes_with_mean", "combine_dataframes_by_column", part=_MEANS),
    _of_metrics("combined_dataframes_with_rel_mean", "combine_dataframes_by_column", part=_MEANS),
    _Original(_parallelism, "analyze_trade_parallelism", "trade parallelism"),
    _Original(_parallelism, "balance_distribution_over_time", "balance distribution"),
)


def _replacement(of: _Original) -> Replacement:
    original, certain = getattr(of.module, of.name), CERTAIN[of.name]
    if of.name.startswith("calculate_max_drawdown"):
        certain = _with_freqtrades_result(certain)
    relies_on = tuple(f"{of.module.__name__}:{name}" for name in of.relies_on)
    return Replacement(of.spelled, standing_in(original, certain), of.part, relies_on)


REPLACEMENTS = tuple(_replacement(of) for of in _ORIGINALS if hasattr(of.module, of.name))
