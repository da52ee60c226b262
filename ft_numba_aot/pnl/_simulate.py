"""Simulations of many jobs at once, on threads: the thin layer over ``kernels/simulation.py``.

Imports numpy, the backend and the modules beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .._backend import call
from ._candles import Candles, Signals, check_columns, read_candles, read_signals
from ._rules import Job, Market, Rules, between, minutes_of, number
from ._threads import in_turns, thread_count
from ._trades import NUMBERS, ROWS, Found, Prepared, Trades

_simulate_trades = call("simulate_trades")

# What the kernel returns.
_FULL, _UNCERTAIN = 1, 2
_CAPACITY = 2048  # trades in a thread's buffers


def parallel_trades(
    candles: Any,
    jobs: Job | Rules | Iterable[Job],
    *,
    stake_amount: float,
    fee: float,
    markets: Market | Mapping[str, Market] | None = None,
    timeframe: str | int | None = None,
    balance: float = math.inf,
    tradable_balance_ratio: float = 0.99,
    exit_timeout: float | None = 10,
    threads: int | None = None,
) -> Trades:
    """Trades of many independent simulations, each of one pair, by freqtrade's candle rules.

    For each job the trades are those of freqtrade's backtest of that pair alone, with a fixed
    stake and without callbacks, protections, position adjustment and funding; leverage is 1.

    - ``candles``: a mapping of pairs to frames with ``date`` (datetimes), ``open``, ``high``,
      ``low`` and ``close``, and the signals where jobs have none of their own. One frame alone is
      of the pair "".
    - ``jobs``: what to simulate; ``Rules`` alone are applied to each pair.
    - ``stake_amount`` in stake currency for each trade; ``fee`` is a ratio, 0.001 for 0.1 %.
    - ``markets``: precision and limits, of all pairs or by pair.
    - ``timeframe`` such as "5m", or in minutes; by default the least distance between two rows.
    - ``balance`` in stake currency to begin with, of which ``tradable_balance_ratio`` may be used;
      without enough of it there is no entry. By default there always is.
    - ``exit_timeout``: minutes after which an exit order that wasn't filled is given up
      (freqtrade's ``unfilledtimeout``); None for never.
    - ``threads``: how many to use; by default as many as the process has cores.

    A candle's signals take effect at the open of the next row. Errors name the argument, the row
    and the value: ValueError for prices that are NaN or not above 0, a high below low, dates that
    aren't ascending or not on the timeframe's grid, other lengths, an open outside of its candle.
    """
    simulation = Simulation(
        candles,
        stake_amount=stake_amount,
        fee=fee,
        markets=markets,
        timeframe=timeframe,
        balance=balance,
        tradable_balance_ratio=tradable_balance_ratio,
        exit_timeout=exit_timeout,
    )
    if isinstance(jobs, Rules):
        jobs = [Job(pair, jobs) for pair in simulation.frames]
    elif isinstance(jobs, Job):
        jobs = [jobs]
    return simulation.trades(list(jobs), threads)


class Simulation:
    """What all jobs share; the candles of a pair are read once."""

    def __init__(
        self,
        candles: Any,
        *,
        stake_amount: float,
        fee: float,
        markets: Market | Mapping[str, Market] | None,
        timeframe: str | int | None,
        balance: float,
        tradable_balance_ratio: float,
        exit_timeout: float | None,
    ) -> None:
        single = hasattr(candles, "columns") or "open" in candles
        self.frames: Mapping[str, Any] = {"": candles} if single else candles
        if not self.frames:
            raise ValueError("candles: no pair")
        stake = number("stake_amount", stake_amount)
        if stake <= 0.0:
            raise ValueError(f"stake_amount: {stake_amount!r} is not above 0")
        if balance != math.inf:
            balance = between("balance", balance, 0.0, math.inf, "0 or above")
        self.money = (
            stake,
            balance,
            between("tradable_balance_ratio", tradable_balance_ratio, 0.0, 1.0 + 1e-15, "0 to 1"),
            between("fee", fee, 0.0, 1.0, "from 0 to below 1"),
        )
        self.timeout = -1.0
        if exit_timeout is not None:
            self.timeout = between("exit_timeout", exit_timeout, 0.0, 1e8, "0 or above")
        self.minutes = None if timeframe is None else minutes_of(timeframe)
        self.markets = markets
        self.no_market = Market()
        self._candles: dict[str, Candles] = {}

    def trades(self, jobs: Sequence[Job], threads: int | None) -> Trades:
        """The trades of jobs; signals that they share are read once."""
        signals: dict[tuple[str, int], Signals] = {}
        prepared = [self._prepare(i, job, signals) for i, job in enumerate(jobs)]
        found: list[Any] = [None] * len(prepared)

        def simulator() -> Callable[[int], None]:
            simulate = _Simulator()

            def work(turn: int) -> None:
                found[turn] = simulate(prepared[turn])

            return work

        in_turns(simulator, len(prepared), thread_count(threads, len(prepared)))
        return Trades(jobs, prepared, found, self.money[-1])

    def candles(self, pair: str) -> Candles:
        """A pair's candles, checked."""
        if pair not in self._candles:
            self._candles[pair] = read_candles(pair, self.frames[pair], self.minutes)
        return self._candles[pair]

    def _prepare(self, i: int, job: Job, known: dict[tuple[str, int], Signals]) -> Prepared:
        if not isinstance(job, Job):
            raise TypeError(f"jobs[{i}]: expected a Job, found {type(job).__name__}")
        pair = job.pair
        if pair not in self.frames:
            raise ValueError(f"jobs[{i}]: there are no candles of {pair!r}")
        candles = self.candles(pair)
        key = pair, id(job.signals)
        signals = known.get(key)
        if signals is None:
            length = len(candles.dates)
            if job.signals is None:
                signals = read_signals(f"candles[{pair!r}]", self.frames[pair], length)
            else:
                owner = f"signals of jobs[{i}]"
                check_columns(owner, job.signals)
                signals = read_signals(owner, job.signals, length)
            known[key] = signals
        market = self._market(pair)
        if len(market.price_grid[0]) not in (0, len(candles.dates)):
            raise ValueError(
                f"price_precision of {pair!r} has length {len(market.price_grid[0])}, "
                f"the candles have {len(candles.dates)}"
            )
        table, rules = job.rules.arguments
        arguments = (
            candles.dates,
            *candles.prices,
            *signals.arrays,
            *market.price_grid,
            *table,
            candles.minute,
            candles.timeframe,
            round(self.timeout * candles.minute),
            *market.arguments,
            *self.money,
            *rules,
        )
        return Prepared(candles, signals, arguments)

    def _market(self, pair: str) -> Market:
        if self.markets is None:
            return self.no_market
        if isinstance(self.markets, Market):
            return self.markets
        if pair not in self.markets:
            raise ValueError(f"markets: there is none of {pair!r}")
        return self.markets[pair]


class _Simulator:
    """Runs the kernel for one job after the other, in buffers of its own."""

    def __init__(self) -> None:
        self.rows = np.empty(len(ROWS) * _CAPACITY, dtype=np.int64)
        self.numbers = np.empty(len(NUMBERS) * _CAPACITY)
        self.state = np.zeros(3, dtype=np.int64)
        self.wealth = np.zeros(1)

    def __call__(self, job: Prepared) -> Found:
        self.state[:] = 1, 0, 0
        self.wealth[0] = 0.0
        parts: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]] = []
        exact = 0
        arguments = job.arguments
        while True:
            status = self._call(_simulate_trades, arguments, _CAPACITY, parts)
            if status == _UNCERTAIN:
                exact += 1
                # One trade, and no further: the next may well be certain.
                if self._call(_exactly(), arguments, 1, parts) == _UNCERTAIN:
                    raise ValueError(
                        f"price_precision: {job.candles.prices[0][self.state[0]].item()!r} or "
                        "where the trade exits is 0 with so few digits"
                    )
            elif status != _FULL:
                break
        if len(parts) == 1:
            rows, numbers = parts[0]
        else:
            rows = np.concatenate([part[0] for part in parts], axis=1)
            numbers = np.concatenate([part[1] for part in parts], axis=1)
        return Found(rows, numbers, exact)

    def _call(
        self,
        simulate: Callable[..., int],
        arguments: tuple[Any, ...],
        capacity: int,
        parts: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]],
    ) -> int:
        status = simulate(*arguments, capacity, self.state, self.wealth, self.rows, self.numbers)
        count = int(self.state[2])
        rows = self.rows[: len(ROWS) * capacity].reshape(len(ROWS), capacity)
        numbers = self.numbers[: len(NUMBERS) * capacity].reshape(len(NUMBERS), capacity)
        parts.append((rows[:, :count].copy(), numbers[:, :count].copy()))
        return status


def _exactly() -> Callable[..., int]:
    from ._exact import simulate

    return simulate
