"""Where each pair's dataframe ends in a backtest's callbacks, worked out when one asks.

Imports the standard library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .pair_candles import PairCandles

EVERY_TURN = 1 << 60


class ShownFrames(dict[str, int]):
    """Stands in for the table that ``DataProvider`` looks a pair's number of rows up in.

    freqtrade writes into it at each pair's turn of each candle. Here the candle and the turn that
    a backtest has come to are enough: the pairs whose turn has come show one row more.
    """

    def __init__(self, pairs: dict[str, PairCandles], startup: int) -> None:
        super().__init__()
        self._pairs = pairs
        self._startup = startup
        self._candle = 0
        self._first: dict[str, int] = {}
        self._turn = -1

    def begin(self, candle: int, first: list[str]) -> None:
        """Come to a candle, in which the pairs ``first`` have their turns before all others."""
        self._candle = candle
        self._first = {name: turn for turn, name in enumerate(first)}
        self._turn = -1

    def come_to(self, turn: int) -> None:
        """Come to a turn of the candle."""
        self._turn = turn

    def turn_of(self, name: str) -> int:
        """When a pair has its turn within the candle."""
        turn = self._first.get(name)
        return len(self._first) + self._pairs[name].index if turn is None else turn

    def get(self, pair: str, default: Any = None) -> Any:
        """The number of rows that a pair shows; ``default`` as long as it has none."""
        candles = self._pairs.get(pair)
        if candles is None:
            return default
        done = candles.candles_before(self._candle + (self.turn_of(pair) <= self._turn))
        return self._startup + done if done else default

    def settled(self, started: list[PairCandles]) -> dict[str, int]:
        """What freqtrade's own table would be by now."""
        found = {pair.name: self.get(pair.name) for pair in started}
        return {name: count for name, count in found.items() if count is not None}
