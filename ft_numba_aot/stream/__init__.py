"""TA-Lib's streams without TA-Lib: one function over one series, a candle at a time.

    from ft_numba_aot import stream  # instead of: from talib import stream

    s = stream.RSI(history, timeperiod=14)  # the arguments of talib.RSI
    s.value                                 # value at the history's last candle
    s.update(close)                         # one closed candle in, its value out
    s.peek(close)                           # what update would return; changes nothing
    fork = s.copy()                         # an independent stream at the same candle
    s.advance()                             # count a candle that isn't fed
    s.out_range                             # (begidx, nbelement)
    s, rsi = stream.RSI.open_and_fill(history, timeperiod=14)

Every value is the one that the function over the whole series gives, and that of ``talib.stream``,
bit for bit. Opening needs lookback + 1 candles: ``InsufficientHistory`` says that there are fewer.
Unlike TA-Lib's, streams can be pickled and copied to other processes.

``Frame`` keeps a set of functions up to date for many pairs.
"""

from __future__ import annotations

from typing import Any

from ..ta._table import DEFINITIONS
from ._arguments import InsufficientHistory
from ._frame import Frame
from ._handle import OutRange, Stream, made_class

__all__ = ["Frame", "InsufficientHistory", "OutRange", "Stream", *DEFINITIONS]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name not in DEFINITIONS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = stream = made_class(name)
    return stream


def __dir__() -> list[str]:
    return sorted({*globals(), *DEFINITIONS})
