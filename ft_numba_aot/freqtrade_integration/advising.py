"""The frames that a strategy's indicators are added to, on their way from it.

Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import dis
from functools import wraps
from typing import Any

import pandas as pd
from freqtrade.strategy.interface import IStrategy
from freqtrade.strategy.strategy_validation import StrategyResultValidator

from .frame_pieces import copied
from .replacement import Replacement

_original = IStrategy.advise_all_indicators

# Up to 2026.8, frames are only warned of where checks are on.
_INVERTED = any(step.opname == "UNARY_NOT" for step in dis.get_instructions(_original))


@wraps(_original)
def advise_all_indicators(self: Any, data: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """``IStrategy.advise_all_indicators``, with each value of the result copied once."""
    res = {}
    for pair, pair_data in data.items():
        unchecked = self.disable_dataframe_checks
        warn_only = not unchecked if _INVERTED else unchecked
        validator = StrategyResultValidator(pair_data, warn_only=warn_only)
        found = self.advise_indicators(pair_data.copy(), {"pair": pair})
        res[pair] = copied(found) if type(found) is pd.DataFrame else found.copy()
        # As the original, which doesn't hold on to it.
        del found
        validator.assert_df(res[pair])
    return res


REPLACEMENTS = (
    Replacement(
        "freqtrade.strategy.interface:IStrategy.advise_all_indicators",
        advise_all_indicators,
        "indicators of all pairs",
    ),
)
