"""The moments of a backtest: every candle, and every detail candle within it.

Imports numpy.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]

MICROSECOND = timedelta(microseconds=1)


class Clock:
    """Moments are numbered from 0, ``per_candle`` of them to a candle.

    Candle ``c`` is at ``start + (c + 1) * step``; its moments are ``detail_step`` apart. There is
    one more of them than detail candles: freqtrade counts to the end of the candle inclusively.
    """

    __slots__ = (
        "_detail_microseconds",
        "_start",
        "_step",
        "candles",
        "detail_step",
        "end",
        "end_date",
        "per_candle",
        "start_microseconds",
        "step_microseconds",
    )

    def __init__(
        self, start: datetime, end_date: datetime, step: timedelta, detail_step: timedelta
    ) -> None:
        epoch = datetime(1970, 1, 1, tzinfo=start.tzinfo)
        self._start = start
        self._step = step
        self.end_date = end_date
        self.detail_step = detail_step
        self.start_microseconds: int = (start - epoch) // MICROSECOND
        self.step_microseconds: int = step // MICROSECOND
        self._detail_microseconds: int = detail_step // MICROSECOND
        self.per_candle: int = step // detail_step + 1 if detail_step else 1
        self.candles: int = max((end_date - start) // step, 0)
        self.end: int = self.candles * self.per_candle

    def candle_time(self, candle: int) -> datetime:
        """When a candle is."""
        return self._start + self._step * (candle + 1)

    def time(self, moment: int) -> datetime:
        """When a moment is."""
        candle, part = divmod(moment, self.per_candle)
        time = self.candle_time(candle)
        return time + self.detail_step * part if part else time

    def microseconds(self, moments: Integers) -> Integers:
        """When moments are, since 1970."""
        if self.per_candle == 1:
            begins: Integers = self.start_microseconds + (moments + 1) * self.step_microseconds
            return begins
        candles, parts = np.divmod(moments, self.per_candle)
        starts = self.start_microseconds + (candles + 1) * self.step_microseconds
        at: Integers = starts + parts * self._detail_microseconds
        return at

    def candle_of(self, times: Integers) -> Integers:
        """The first candle that isn't before each time, in microseconds since 1970."""
        candles: Integers = np.maximum(self.raw_candle_of(times), 0)
        return candles

    def raw_candle_of(self, times: Integers) -> Integers:
        """``candle_of``, negative before the first candle."""
        steps: Integers = (self.start_microseconds - times) // self.step_microseconds
        return -1 - steps

    def since_1970(self, time: Any) -> int:
        """Microseconds, rounded up."""
        return self.start_microseconds - int((self._start - time) // MICROSECOND)

    def first_candle(self, moment: int) -> int:
        """The first candle that begins at a moment or after it."""
        return -(-moment // self.per_candle)
