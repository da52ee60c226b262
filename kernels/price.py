"""Price transforms: one representative price a candle."""

from __future__ import annotations

from ._numeric import fma
from ._spec import F64In, F64Out, kernel
from ._window import fill_head, first_valid2, first_valid3, first_valid4


@kernel()
def avgprice(open: F64In, high: F64In, low: F64In, close: F64In, out: F64Out) -> None:
    """Average price: a quarter of high + low + close + open, added in this order."""
    begin = first_valid4(open, high, low, close)
    fill_head(out, begin)
    for i in range(begin, len(out)):
        out[i] = (high[i] + low[i] + close[i] + open[i]) * 0.25


@kernel()
def medprice(high: F64In, low: F64In, out: F64Out) -> None:
    """Median price: halfway between high and low."""
    begin = first_valid2(high, low)
    fill_head(out, begin)
    for i in range(begin, len(out)):
        out[i] = (high[i] + low[i]) * 0.5


@kernel()
def typprice(high: F64In, low: F64In, close: F64In, out: F64Out) -> None:
    """Typical price: a third of high + low + close."""
    begin = first_valid3(high, low, close)
    fill_head(out, begin)
    for i in range(begin, len(out)):
        out[i] = (high[i] + low[i] + close[i]) / 3.0


@kernel()
def wclprice(high: F64In, low: F64In, close: F64In, out: F64Out) -> None:
    """Weighted close price: the close counts twice."""
    begin = first_valid3(high, low, close)
    fill_head(out, begin)
    for i in range(begin, len(out)):
        out[i] = fma(2.0, close[i], high[i] + low[i]) * 0.25
