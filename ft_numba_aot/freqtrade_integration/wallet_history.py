"""The wallet history of a backtest, kept by column instead of by tuple.

Stands in for the list that ``Backtesting._capture_wallet`` appends to, and for the function that
makes a frame of it. Imports freqtrade.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from freqtrade.optimize.optimize_reports import optimize_reports

from .clock import Clock
from .frame_pieces import in_zone, of_columns, texts
from .indicators.plain import names_of
from .pair_candles import PairCandles

_original = optimize_reports.convert_bt_wallet_collection

Capture = tuple[datetime, str, Any, Any]
TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


class _Block(NamedTuple):
    """Captures that share all but their candles and rates; ``rates`` None is the integer 1."""

    candles: npt.NDArray[np.int64]
    turn: int
    currency: int
    rates: Sequence[Any] | npt.NDArray[np.float64] | None
    total: int


class Holding(NamedTuple):
    """What a wallet holds: of a pair's base currency, or of the stake (``pair`` None)."""

    turn: int
    pair: PairCandles | None
    total: Any
    kind: type


class WalletHistory(Sequence[Capture]):
    """Captures of every candle: a tuple ``(date, currency, rate, balance)`` each.

    Within a candle they are in the order of their ``turn``, from whichever call they came.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._currencies: dict[str, int] = {}
        self._totals: list[Any] = []
        self._blocks: list[_Block] = []
        self._plain = True
        self._held: dict[str, tuple[int, Holding]] = {}
        self._held_until = 0
        self._holdings: dict[str, Holding] = {}

    def hold(self, first: int, last: int, holdings: dict[str, Holding]) -> None:
        """Captures at each candle from ``first`` to ``last``: of the same as before, mostly."""
        held = self._held
        if first == self._held_until and holdings is self._holdings:
            self._held_until = last
            return
        self._holdings = holdings
        for name in list(held):
            since, before = held[name]
            if first != self._held_until or holdings.get(name) != before:
                del held[name]
                self._release(name, before, since, self._held_until)
        for name, holding in holdings.items():
            held.setdefault(name, (first, holding))
        self._held_until = last

    def correct(self, candle: int, name: str, holding: Holding | None) -> None:
        """Hold something else from ``candle`` on, the last one that is held so far."""
        since, before = self._held.pop(name, (candle, None))
        if before is not None:
            self._release(name, before, since, candle)
        if holding is not None:
            self._held[name] = (candle, holding)

    def _release(self, name: str, holding: Holding, since: int, until: int) -> None:
        pair = holding.pair
        candles: npt.NDArray[np.int64]
        if pair is None:
            candles, rates, currency = np.arange(since, until), None, name
        else:
            first, last = pair.candles_before(since), pair.candles_before(until)
            candles, rates = pair.candles[first:last], pair.opens(first, last)
            currency = name.partition("/")[0]
            if not isinstance(rates, np.ndarray):
                self._plain &= all(type(rate) is float for rate in rates)
        if len(candles):
            code = self._currencies.setdefault(currency, len(self._currencies))
            self._blocks.append(_Block(candles, holding.turn, code, rates, len(self._totals)))
            self._totals.append(holding.total)

    def __len__(self) -> int:
        return sum(len(block.candles) for block in self._blocks)

    def __getitem__(self, index: Any) -> Any:
        return list(self)[index]

    def __iter__(self) -> Iterator[Capture]:
        currencies = list(self._currencies)
        captures = [
            (int(candle), block.turn, i, at)
            for i, block in enumerate(self._blocks)
            for at, candle in enumerate(block.candles)
        ]
        for candle, _, i, at in sorted(captures):
            block = self._blocks[i]
            rate = 1 if block.rates is None else block.rates[at]
            yield (
                self._clock.candle_time(candle),
                currencies[block.currency],
                rate.item() if isinstance(rate, np.float64) else rate,
                self._totals[block.total],
            )

    def _frame_of_tuples(self) -> pd.DataFrame:
        frame: pd.DataFrame = _original(list(self))
        return frame

    def frame(self) -> pd.DataFrame:
        """What pandas makes of the tuples: ``date``, ``currency``, ``rate`` and ``balance``."""
        blocks = self._blocks
        kinds = set(map(type, self._totals))
        plain = self._plain and kinds <= {int, float}
        if not blocks or not plain or any(abs(total) >= 2**53 for total in self._totals):
            return self._frame_of_tuples()
        date_type: Any = pd.Index([self._clock.candle_time(0)]).dtype
        if not isinstance(date_type, pd.DatetimeTZDtype):
            return self._frame_of_tuples()
        # What pandas makes of integers alone; of floats among them, floats.
        rate_type = np.float64 if any(block.rates is not None for block in blocks) else np.int64
        balance_type = np.float64 if float in kinds else np.int64

        sizes = [len(block.candles) for block in blocks]
        candles = np.concatenate([block.candles for block in blocks])
        places = np.repeat([block.turn for block in blocks], sizes)
        places += candles * (1 + max(block.turn for block in blocks))
        # Each block ascends already, which a stable sort makes use of.
        order = np.argsort(places, kind="stable")
        owners = np.repeat(np.arange(len(blocks)), sizes).take(order)
        ones = np.ones(max(sizes))
        rate = np.concatenate(
            [
                ones[:size] if block.rates is None else block.rates
                for block, size in zip(blocks, sizes, strict=True)
            ]
        )
        codes = np.array([block.currency for block in blocks]).take(owners)
        totals = np.array(self._totals, balance_type)
        # Of memory that is there already.
        np.take(candles, order, out=places, mode="clip")
        if self._clock.per_candle > 1:
            places *= self._clock.per_candle
        dates = self._clock.microseconds(places)
        if (ticks := TICKS[date_type.unit]) != 10**6:
            dates = dates * ticks // 10**6 if ticks < 10**6 else dates * (ticks // 10**6)
        columns: list[Any] = [
            in_zone(dates, date_type),
            texts(list(self._currencies), codes),
        ]
        if rate_type is balance_type is np.float64:
            numbers = np.empty((2, len(order)))
            np.take(rate, order, out=numbers[0], mode="clip")
            np.take(totals, owners, out=numbers[1], mode="clip")
            columns.append(numbers)
        else:
            columns += [rate.take(order).astype(rate_type), totals.take(owners)]
        return of_columns(names_of("date", "currency", "rate", "balance"), columns)


@functools.wraps(_original)
def convert_bt_wallet_collection(wallet_captures: Any) -> pd.DataFrame:
    """``optimize_reports.convert_bt_wallet_collection``, of a ``WalletHistory`` too."""
    if isinstance(wallet_captures, WalletHistory):
        return wallet_captures.frame()
    return _original(wallet_captures)  # type: ignore[no-any-return]
