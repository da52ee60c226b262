"""The trades of simulations as columns.

Imports numpy, and pandas when a frame is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True, eq=False)
class Trades:
    """Closed trades, ordered by job and by time; all columns have one value for each trade.

    Names and units are those of freqtrade's backtest results. ``job`` is the index of the
    simulation, ``open_row`` and ``close_row`` are rows of its candles; ``amount`` is not rounded to
    8 decimals, ``exit_kind`` is an index of ``EXIT_REASONS``. An exit order that wasn't filled at
    once may have been placed for another reason, ``order_kind``. ``deferred`` is how many trades
    needed Python's integers instead of the kernel.
    """

    jobs: tuple[Job, ...]
    job: Integers
    open_row: Integers
    close_row: Integers
    open_timestamp: Integers
    close_timestamp: Integers
    is_short: npt.NDArray[np.bool_]
    exit_kind: Integers
    order_kind: Integers
    amount: Floats
    entry_rate: Floats
    open_rate: Floats
    close_rate: Floats
    stake_amount: Floats
    profit_abs: Floats
    profit_ratio: Floats
    initial_stop_loss_abs: Floats
    stop_loss_abs: Floats
    stop_loss_ratio: Floats
    min_rate: Floats
    max_rate: Floats
    rounded_amount: Floats
    enter_tag: npt.NDArray[Any]
    exit_tag: npt.NDArray[Any]
    order_tag: npt.NDArray[Any]
    initial_stop_loss_ratio: Floats
    fee: float
    deferred: int

    def __len__(self) -> int:
        return len(self.job)

    def __getitem__(self, job: int) -> Trades:
        """The trades of one simulation."""
        jobs = range(len(self.jobs))[job]
        start, end = np.searchsorted(self.job, [jobs, jobs + 1])
        columns: dict[str, Any] = {
            name: value[start:end]
            for name in self.__slots__
            if isinstance(value := getattr(self, name), np.ndarray)
        }
        return replace(self, **columns)

    @property
    def pair(self) -> npt.NDArray[Any]:
        """Each trade's pair."""
        return np.array([job.pair for job in self.jobs], dtype=object)[self.job]

    @property
    def exit_reason(self) -> npt.NDArray[Any]:
        """freqtrade's text, or the exit's tag if it has one."""
        return _reasons(self.exit_kind, self.exit_tag)

    @property
    def trade_duration(self) -> Integers:
        """Minutes."""
        return (self.close_timestamp - self.open_timestamp) // 60_000

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
            _reasons(self.order_kind, self.order_tag).tolist(),
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


def gather(
    jobs: Sequence[Job], prepared: Sequence[Prepared], found: Sequence[Found], fee: float
) -> Trades:
    """The trades of all jobs in one."""
    counts = [each.rows.shape[1] for each in found]
    rows = _joined([each.rows for each in found], len(ROWS), np.int64)
    numbers = _joined([each.numbers for each in found], len(NUMBERS), np.float64)
    row_columns = dict(zip(ROWS, rows, strict=True))
    columns = dict(zip(NUMBERS, numbers, strict=True))
    opened, closed = row_columns["opened"], row_columns["closed"]
    opened_at, closed_at = np.empty_like(opened), np.empty_like(closed)
    # What freqtrade fills the columns with before a strategy's signals.
    enter_tag = np.full(len(opened), "", dtype=object)
    exit_tag = np.full(len(opened), "", dtype=object)
    order_tag = np.full(len(opened), "", dtype=object)
    distance = np.empty(len(opened))
    start = 0
    for job, each, count in zip(jobs, prepared, counts, strict=True):
        part = slice(start, start + count)
        start += count
        dates = each.candles.dates
        opened_at[part] = dates[opened[part]]
        closed_at[part] = dates[closed[part]]
        distance[part] = -abs(job.rules.stoploss)
        signals = each.signals
        # A signal is of the row before the one where it takes effect.
        if signals.enter_tag is not None:
            enter_tag[part] = signals.enter_tag[opened[part] - 1]
        if signals.exit_tag is not None:
            exit_tag[part] = signals.exit_tag[row_columns["reason_row"][part] - 1]
            order_tag[part] = signals.exit_tag[row_columns["order_row"][part] - 1]
    return Trades(
        jobs=tuple(jobs),
        job=np.repeat(np.arange(len(jobs)), counts),
        open_row=opened,
        close_row=closed,
        open_timestamp=opened_at,
        close_timestamp=closed_at,
        is_short=row_columns["is_short"] == 1,
        exit_kind=row_columns["exit_reason"],
        order_kind=row_columns["order_reason"],
        enter_tag=enter_tag,
        exit_tag=exit_tag,
        order_tag=order_tag,
        initial_stop_loss_ratio=distance,
        fee=fee,
        deferred=sum(each.exact for each in found),
        **columns,
    )


def _joined(parts: list[npt.NDArray[Any]], height: int, dtype: Any) -> npt.NDArray[Any]:
    if not parts:
        return np.empty((height, 0), dtype=dtype)
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
