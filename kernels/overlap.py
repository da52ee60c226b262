"""Overlap studies: moving averages, bands and whatever is drawn over the price."""

from __future__ import annotations

from ._moving import ema_from, sma_from
from ._spec import F64In, F64Out, kernel
from ._window import fill_head, first_valid


@kernel()
def sma(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Simple moving average."""
    begin = first_valid(real)
    fill_head(out, begin + timeperiod - 1)
    sma_from(real, begin, timeperiod, out)


@kernel()
def ema(real: F64In, timeperiod: int, out: F64Out) -> None:
    """Exponential moving average."""
    begin = first_valid(real)
    fill_head(out, begin + timeperiod - 1)
    ema_from(real, begin, timeperiod, out)
