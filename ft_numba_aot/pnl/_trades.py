"""The trades of simulations as columns.

Imports numpy, and pandas when a frame is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ._candles import Candles, Signals
from ._rules import Job

# The columns that the kernel writes, in its order.
ROWS = ("opened", "closed", "exit_reason", "reason_row", "order_reason", "order_row", "is_short")
NUMBERS = (
    "amount",
    "entry_rate",
    "open_rate",
    "close_rate",
    "stake_amount",
    "profit_abs",
    "profit_ratio",
    "initial_stop_loss_abs",
    "stop_loss_abs",
    "stop_loss_ratio",
    "min_rate",
    "max_rate",
    "rounded_amount",
)
EXIT_REASONS = ("", "exit_signal", "stop_loss", "roi", "trailing_stop_loss", "force_exit")
_EXIT_SIGNAL = 1

# freqtrade's BT_DATA_COLUMNS.
COLUMNS = (
    "pair",
    "stake_amount",
    "max_stake_amount",
    "amount",
    "open_date",
    "close_date",
    "open_rate",
    "close_rate",
    "fee_open",
    "fee_close",
    "trade_duration",
    "profit_ratio",
    "profit_abs",
    "exit_reason",
    "initial_stop_loss_abs",
    "initial_stop_loss_ratio",
    "stop_loss_abs",
    "stop_loss_ratio",
    "min_rate",
    "max_rate",
    "is_open",
    "enter_tag",
    "leverage",
    "is_short",
    "open_timestamp",
    "close_timestamp",
    "orders",
    "funding_fees",
)


class Prepared(NamedTuple):
    """A job's candles and signals, and its arguments for the kernel."""

    candles: Candles
    signals: Signals
    arguments: tuple[Any, ...]


class Found(NamedTuple):
    """What the kernel wrote for a job: columns as rows; how many trades needed exact arithmetic."""

    rows: npt.NDArray[np.int64]
    numbers: npt.NDArray[np.float64]
    exact: int


Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


class _Column:
    """A column of the trades of all jobs, joined when it is first asked for."""

    part: str
    order: tuple[str, ...]
    dtype: type[np.generic]

    def __init__(self, column: str) -> None:
        self.index = self.order.index(column)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def joined(self, trades: Trades) -> npt.NDArray[Any]:
        columns = [getattr(found, self.part)[self.index] for found in trades._found]
        if len(columns) != 1:
            columns = [np.concatenate([np.empty(0, dtype=self.dtype), *columns])]
        column: npt.NDArray[Any] = columns[0]
        trades.__dict__[self.name] = column
        return column


class _Integers(_Column):
    part, order, dtype = "rows", ROWS, np.int64

    def __get__(self, trades: Trades, owner: type | None = None) -> Integers:
        return self.joined(trades)


class _Floats(_Column):
    part, order, dtype = "numbers", NUMBERS, np.float64

    def __get__(self, trades: Trades, owner: type | None = None) -> Floats:
        return self.joined(trades)


class Trades:
    """Closed trades, ordered by job and by time; all columns have one value for each trade.

    Names and units are those of freqtrade's backtest results. ``job`` is the index of the
    simulation, ``open_row`` and ``close_row`` are rows of its candles; ``amount`` is not rounded to
    8 decimals, ``exit_kind`` is an index of ``EXIT_REASONS``. An exit order that wasn't filled at
    once may have been placed for another reason, ``order_kind``. ``deferred`` is how many trades
    needed Python's integers instead of the kernel. ``trades[i]`` has those of one job, a slice has
    those of several.
    """

    open_row = _Integers("opened")
    close_row = _Integers("closed")
    exit_kind = _Integers("exit_reason")
    reason_row = _Integers("reason_row")
    order_kind = _Integers("order_reason")
    order_row = _Integers("order_row")
    side = _Integers("is_short")
    amount = _Floats("amount")
    entry_rate = _Floats("entry_rate")
    open_rate = _Floats("open_rate")
    close_rate = _Floats("close_rate")
    stake_amount = _Floats("stake_amount")
    profit_abs = _Floats("profit_abs")
    profit_ratio = _Floats("profit_ratio")
    initial_stop_loss_abs = _Floats("initial_stop_loss_abs")
    stop_loss_abs = _Floats("stop_loss_abs")
    stop_loss_ratio = _Floats("stop_loss_ratio")
    min_rate = _Floats("min_rate")
    max_rate = _Floats("max_rate")
    rounded_amount = _Floats("rounded_amount")

    def __init__(
        self, jobs: Sequence[Job], prepared: Sequence[Prepared], found: Sequence[Found], fee: float
    ) -> None:
        self.jobs = tuple(jobs)
        self.fee = fee
        self._prepared = prepared
        self._found = found

    def __len__(self) -> int:
        return sum(self.counts)

    def __getitem__(self, jobs: int | slice) -> Trades:
        if not isinstance(jobs, slice):
            i = range(len(self.jobs))[jobs]
            jobs = slice(i, i + 1)
        return Trades(self.jobs[jobs], self._prepared[jobs], self._found[jobs], self.fee)

    @property
    def counts(self) -> list[int]:
        """How many trades each job has."""
        return [found.rows.shape[1] for found in self._found]

    @property
    def deferred(self) -> int:
        return sum(found.exact for found in self._found)

    @cached_property
    def job(self) -> Integers:
        return np.repeat(np.arange(len(self.jobs)), self.counts)

    @cached_property
    def is_short(self) -> npt.NDArray[np.bool_]:
        return self.side.astype(np.bool_)

    @cached_property
    def open_timestamp(self) -> Integers:
        """Milliseconds since 1970, UTC."""
        return self._each("open_row", np.int64, lambda one, rows: one.candles.milliseconds(rows))

    @cached_property
    def close_timestamp(self) -> Integers:
        """Milliseconds since 1970, UTC."""
        return self._each("close_row", np.int64, lambda one, rows: one.candles.milliseconds(rows))

    @property
    def trade_duration(self) -> Integers:
        """Minutes."""
        return (self.close_timestamp - self.open_timestamp) // 60_000

    @property
    def initial_stop_loss_ratio(self) -> Floats:
        return np.repeat([-abs(float(job.rules.stoploss)) for job in self.jobs], self.counts)

    @cached_property
    def pair(self) -> npt.NDArray[Any]:
        return np.array([job.pair for job in self.jobs], dtype=object)[self.job]

    @cached_property
    def enter_tag(self) -> npt.NDArray[Any]:
        return self._tags("enter_tag", "open_row")

    @cached_property
    def exit_reason(self) -> npt.NDArray[Any]:
        """freqtrade's text, or the exit's tag if it has one."""
        return _reasons(self.exit_kind, self._tags("exit_tag", "reason_row"))

    def _each(
        self, name: str, dtype: Any, values: Callable[[Prepared, Integers], npt.NDArray[Any]]
    ) -> npt.NDArray[Any]:
        """A column of what the jobs' rows in another column stand for."""
        column = np.empty(len(self), dtype=dtype)
        rows, start = getattr(self, name), 0
        for one, count in zip(self._prepared, self.counts, strict=True):
            column[start : start + count] = values(one, rows[start : start + count])
            start += count
        return column

    def _tags(self, name: str, rows: str) -> npt.NDArray[Any]:
        def tags(one: Prepared, rows: Integers) -> Any:
            found = getattr(one.signals, name)
            # freqtrade fills the column with "" before a strategy's signals. A signal is of the
            # row before the one where it takes effect.
            return "" if found is None else found[rows - 1]

        return self._each(rows, object, tags)

    def to_dataframe(self, *, with_job: bool = False, with_orders: bool = True) -> Any:
        """A frame with the columns of freqtrade's backtest results, and ``job`` if asked for.

        ``with_orders``: the column ``orders``, a list of dictionaries for each trade, which takes
        most of the time.
        """
        import pandas as pd

        names = [name for name in COLUMNS if with_orders or name != "orders"]
        if not len(self):
            frame = pd.DataFrame.from_records([], columns=names)
        else:
            columns = self._columns()
            if with_orders:
                columns["orders"] = self._orders()
            frame = pd.DataFrame({name: columns[name] for name in names})
            for name in ("open", "close"):
                frame[f"{name}_date"] = pd.to_datetime(
                    frame[f"{name}_timestamp"], unit="ms", utc=True
                )
        if with_job:
            frame["job"] = self.job
        return frame

    def _columns(self) -> dict[str, Any]:
        length = len(self)
        return {
            "pair": self.pair.tolist(),
            "stake_amount": self.stake_amount,
            "max_stake_amount": self.stake_amount,
            "amount": self.rounded_amount,
            "open_date": self.open_timestamp,
            "close_date": self.close_timestamp,
            "open_rate": self.open_rate,
            "close_rate": self.close_rate,
            "fee_open": np.full(length, self.fee),
            "fee_close": np.full(length, self.fee),
            "trade_duration": self.trade_duration,
            "profit_ratio": self.profit_ratio,
            "profit_abs": self.profit_abs,
            "exit_reason": self.exit_reason.tolist(),
            "initial_stop_loss_abs": self.initial_stop_loss_abs,
            "initial_stop_loss_ratio": self.initial_stop_loss_ratio,
            "stop_loss_abs": self.stop_loss_abs,
            "stop_loss_ratio": self.stop_loss_ratio,
            "min_rate": self.min_rate,
            "max_rate": self.max_rate,
            "is_open": np.zeros(length, dtype=bool),
            "enter_tag": self.enter_tag.tolist(),
            "leverage": np.ones(length),
            "is_short": self.is_short,
            "open_timestamp": self.open_timestamp,
            "close_timestamp": self.close_timestamp,
            "funding_fees": np.zeros(length),
        }

    def _orders(self) -> list[list[dict[str, Any]]]:
        orders = []
        for amount, entered, left, short, opened, closed, tag, reason in zip(
            self.amount.tolist(),
            self.entry_rate.tolist(),
            self.close_rate.tolist(),
            self.is_short.tolist(),
            self.open_timestamp.tolist(),
            self.close_timestamp.tolist(),
            self.enter_tag.tolist(),
            _reasons(self.order_kind, self._tags("exit_tag", "order_row")).tolist(),
            strict=True,
        ):
            sides = ("sell", "buy") if short else ("buy", "sell")
            orders.append(
                [
                    {
                        "amount": amount,
                        "safe_price": rate,
                        "ft_order_side": side,
                        "order_filled_timestamp": time,
                        "ft_is_entry": is_entry,
                        "ft_order_tag": order_tag,
                        "cost": amount * rate * (1 + self.fee),
                    }
                    for side, rate, time, is_entry, order_tag in (
                        (sides[0], entered, opened, True, tag),
                        (sides[1], left, closed, False, reason),
                    )
                ]
            )
        return orders


def _reasons(kinds: Integers, tags: npt.NDArray[Any]) -> npt.NDArray[Any]:
    tagged = np.array([tag is not None and len(tag) > 0 for tag in tags], dtype=bool)
    reasons = np.array(EXIT_REASONS, dtype=object)[kinds]
    return np.where(tagged & (kinds == _EXIT_SIGNAL), tags, reasons)
