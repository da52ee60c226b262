"""freqtrade's metrics in pandas, as ``freqtrade.data.metrics`` and ``data.btanalysis`` have them.

They run where the answer of an array isn't certain to be pandas': missing values, other dtypes,
bad input, versions of pandas that weren't tried. The formulas, their order of operations and
their errors are freqtrade's (2026.9, GPL-3.0). Imports pandas.
"""
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from .results import DrawDownResult
from .timeframes import date_of, previous_date, resample_frequency

logger = logging.getLogger(__package__)

Frame = pd.DataFrame
EMPTY = "Trade dataframe empty."


def calculate_market_change(
    data: Mapping[str, Frame], column: str = "close", min_date: datetime | None = None
) -> float:
    changes = []
    for pair, candles in data.items():
        kept = candles if min_date is None else candles[candles["date"] >= min_date]
        if kept.empty:
            logger.warning("Pair %s has no data after %s.", pair, min_date)
            continue
        start = kept[column].dropna().iloc[0]
        end = kept[column].dropna().iloc[-1]
        changes.append((end - start) / start)
    return float(np.mean(changes)) if changes else 0.0


def combine_dataframes_by_column(data: Mapping[str, Frame], column: str = "close") -> Frame:
    if not data:
        raise ValueError("No data provided.")
    return pd.concat(
        [data[pair].set_index("date").rename({column: pair}, axis=1)[pair] for pair in data], axis=1
    )


def combine_dataframes_with_mean(data: Mapping[str, Frame], column: str = "close") -> Frame:
    combined = combine_dataframes_by_column(data, column)
    return pd.concat([combined, combined.mean(axis=1).rename("mean")], axis=1)


def combined_dataframes_with_rel_mean(
    data: Mapping[str, Frame], fromdt: datetime, todt: datetime, column: str = "close"
) -> Frame:
    combined = combine_dataframes_by_column(data, column)
    combined = combined.iloc[(combined.index >= fromdt) & (combined.index < todt)]
    return Frame(
        {
            "mean": combined.mean(axis=1),
            "rel_mean": combined.pct_change().mean(axis=1).fillna(0).cumsum(),
            "count": combined.count(axis=1),
        }
    )


def create_cum_profit(df: Frame, trades: Frame, col_name: str, timeframe: str) -> Frame:
    """``df`` with a column of the profit of ``trades`` so far, by candle.

    ``df`` has an index of dates, and is changed; ``trades`` need ``close_date`` and
    ``profit_abs``. ``ValueError`` without trades. freqtrade's function of this name.
    """
    if len(trades) == 0:
        raise ValueError(EMPTY)
    frequency = resample_frequency(timeframe)
    sums = trades.resample(frequency, on="close_date")[["profit_abs"]].sum()
    df.loc[:, col_name] = sums["profit_abs"].cumsum()
    df.loc[df.iloc[0].name, col_name] = 0
    df[col_name] = df[col_name].ffill()
    return df


def _drawdowns(trades: Frame, date_col: str, value_col: str, starting_balance: float) -> Frame:
    frame = Frame()
    frame["cumulative"] = trades[value_col].cumsum()
    frame["high_value"] = np.maximum(0, frame["cumulative"].cummax())
    frame["drawdown"] = frame["cumulative"] - frame["high_value"]
    frame["date"] = trades.loc[:, date_col]
    if starting_balance:
        balance = starting_balance + frame["cumulative"]
        highest = starting_balance + frame["high_value"]
        frame["drawdown_relative"] = (highest - balance) / highest
    else:
        frame["drawdown_relative"] = (frame["high_value"] - frame["cumulative"]) / frame[
            "high_value"
        ]
    zeros = Frame(
        {
            "cumulative": [0.0],
            "high_value": [0.0],
            "drawdown": [0.0],
            "drawdown_relative": [0.0],
            "date": [trades.loc[0, date_col]],
        }
    )
    return pd.concat([zeros, frame], ignore_index=True)


def calculate_underwater(
    trades: Frame,
    *,
    date_col: str = "close_date",
    value_col: str = "profit_ratio",
    starting_balance: float = 0.0,
) -> Frame:
    if len(trades) == 0:
        raise ValueError(EMPTY)
    trades = trades.sort_values(date_col).reset_index(drop=True)
    return _drawdowns(trades, date_col, value_col, starting_balance)


def calculate_max_drawdown(
    trades: Frame,
    *,
    date_col: str = "close_date",
    value_col: str = "profit_abs",
    starting_balance: float = 0,
    relative: bool = False,
) -> DrawDownResult:
    if len(trades) == 0:
        raise ValueError(EMPTY)
    trades = trades.sort_values(date_col).reset_index(drop=True)
    frame: Any = _drawdowns(trades, date_col, value_col, starting_balance)
    low = frame["drawdown_relative"].idxmax() if relative else frame["drawdown"].idxmin()
    high = frame.iloc[: low + 1]["high_value"].idxmax()
    high_date = trades.at[max(high - 1, 0), date_col]
    low_date = trades.at[max(low - 1, 0), date_col]
    high_value = frame.at[high, "cumulative"]
    low_value = frame.at[low, "cumulative"]
    relative_drawdown = frame.at[low, "drawdown_relative"]
    current_high = frame["high_value"].iloc[:-1].idxmax()
    current_high_value = frame.iloc[-1]["high_value"]
    return DrawDownResult(
        drawdown_abs=abs(frame.loc[low, "drawdown"]),
        high_date=high_date,
        low_date=low_date,
        high_value=high_value,
        low_value=low_value,
        relative_account_drawdown=relative_drawdown,
        current_high_date=trades.at[max(current_high - 1, 0), date_col],
        current_high_value=current_high_value,
        current_drawdown_abs=current_high_value - frame.iloc[-1]["cumulative"],
        current_relative_account_drawdown=frame.iloc[-1]["drawdown_relative"],
    )


def calculate_csum(trades: Frame, starting_balance: float = 0) -> tuple[float, float]:
    if len(trades) == 0:
        raise ValueError(EMPTY)
    frame = Frame()
    frame["sum"] = trades["profit_abs"].cumsum()
    return frame["sum"].min() + starting_balance, frame["sum"].max() + starting_balance


def calculate_cagr(days_passed: int, starting_balance: float, final_balance: float) -> float:
    """Compound annual growth rate; 0 where there is none, or it is beyond a float.

    freqtrade's function of this name.
    """
    if (final_balance < 0) or (starting_balance <= 0) or (days_passed <= 0):
        return 0
    try:
        return (final_balance / starting_balance) ** (1 / (days_passed / 365)) - 1
    except OverflowError:
        return 0


def calculate_expectancy(trades: Frame) -> tuple[float, float]:
    expectancy, ratio = 0.0, 100.0
    if len(trades) > 0:
        winners = trades.loc[trades["profit_abs"] > 0]
        losers = trades.loc[trades["profit_abs"] < 0]
        gained = winners["profit_abs"].sum()
        lost = abs(losers["profit_abs"].sum())
        wins, losses = len(winners), len(losers)
        average_win = (gained / wins) if wins > 0 else 0
        average_loss = (lost / losses) if losses > 0 else 0
        winrate, loserate = wins / len(trades), losses / len(trades)
        expectancy = (winrate * average_win) - (loserate * average_loss)
        if average_loss > 0:
            ratio = ((1 + average_win / average_loss) * winrate) - 1
    return expectancy, ratio


def annualized_ratio(expected: float, spread: float) -> float:
    if spread != 0 and not np.isnan(spread):
        return float(expected / spread * np.sqrt(365))
    return -100.0


def _without_period(trades: Frame, min_date: datetime | None, max_date: datetime | None) -> bool:
    return (len(trades) == 0) or (min_date is None) or (max_date is None) or (min_date == max_date)


def _days(min_date: Any, max_date: Any) -> int:
    return max(1, (max_date - min_date).days)


def calculate_sortino(
    trades: Frame, min_date: datetime | None, max_date: datetime | None, starting_balance: float
) -> float:
    if _without_period(trades, min_date, max_date):
        return 0
    returns = trades["profit_abs"] / starting_balance
    days = _days(min_date, max_date)
    expected = returns.sum() / days
    losses = trades.loc[trades["profit_abs"] < 0, "profit_abs"] / starting_balance
    return annualized_ratio(expected, np.std(losses))


def calculate_sharpe(
    trades: Frame, min_date: datetime | None, max_date: datetime | None, starting_balance: float
) -> float:
    if _without_period(trades, min_date, max_date):
        return 0
    returns: Any = trades["profit_abs"] / starting_balance
    days = _days(min_date, max_date)
    expected = returns.sum() / days
    return annualized_ratio(expected, np.std(returns))


def calculate_calmar(
    trades: Frame, min_date: datetime | None, max_date: datetime | None, starting_balance: float
) -> float:
    if _without_period(trades, min_date, max_date):
        return 0.0
    total = trades["profit_abs"].sum() / starting_balance
    expected = total / _days(min_date, max_date) * 100
    try:
        drawdown = calculate_max_drawdown(
            trades, value_col="profit_abs", starting_balance=starting_balance
        )
    except ValueError:
        return 0.0
    return annualized_ratio(expected, drawdown.relative_account_drawdown)


def calculate_sqn(trades: Frame, starting_balance: float) -> float:
    if len(trades) == 0:
        return 0.0
    returns = trades["profit_abs"] / starting_balance
    mean, spread = returns.mean(), returns.std()
    sqn = -100.0
    if spread != 0 and not np.isnan(spread):
        sqn = math.sqrt(len(trades)) * (mean / spread)
    return round(sqn, 4)


def calculate_p_value(trades: Frame, starting_balance: float) -> float:
    from scipy import stats  # type: ignore[import-untyped, unused-ignore]

    if len(trades) < 2:
        return 1.0
    returns = trades["profit_abs"] / starting_balance
    if returns.std() == 0:
        return 1.0
    return float(stats.ttest_1samp(returns, popmean=0)[1])


def _balance_history(history: Frame, date_col: str, balance_col: str) -> Frame:
    if len(history) == 0 or date_col not in history or balance_col not in history:
        return Frame(columns=[date_col, balance_col])
    columns = [date_col, balance_col]
    wallet = history.loc[:, columns].copy()
    wallet = wallet.dropna(subset=columns).sort_values(date_col)
    return wallet if len(wallet) else Frame(columns=columns)


def _daily_returns(history: Frame, date_col: str, balance_col: str) -> Any:
    wallet: Any = _balance_history(history, date_col, balance_col)
    if len(wallet) == 0:
        return wallet
    daily = wallet.set_index(date_col)[balance_col].resample("1D").last().dropna()
    daily = daily.rename(balance_col).reset_index()
    if len(daily) < 2:
        return pd.Series(dtype=float)
    return daily[balance_col].pct_change().dropna()


def calculate_sortino_from_balance(
    balance_history: Frame, date_col: str = "date", balance_col: str = "total_quote"
) -> float:
    returns = _daily_returns(balance_history, date_col, balance_col)
    if len(returns) == 0:
        return 0.0
    return annualized_ratio(returns.mean(), returns[returns < 0].std(ddof=0))


def calculate_sharpe_from_balance(
    balance_history: Frame, date_col: str = "date", balance_col: str = "total_quote"
) -> float:
    returns = _daily_returns(balance_history, date_col, balance_col)
    if len(returns) == 0:
        return 0.0
    return annualized_ratio(returns.mean(), returns.std(ddof=0))


def calculate_max_drawdown_from_balance(
    balance_history: Frame,
    date_col: str = "date",
    balance_col: str = "total_quote",
    relative: bool = False,
) -> DrawDownResult:
    wallet = _balance_history(balance_history, date_col, balance_col)
    if len(wallet) < 2:
        raise ValueError("Balance-history dataframe empty.")
    start = float(wallet[balance_col].iloc[0])
    wallet.loc[:, "total_balance"] = wallet[balance_col].diff().fillna(0.0)
    return calculate_max_drawdown(
        wallet,
        date_col=date_col,
        value_col="total_balance",
        starting_balance=start,
        relative=relative,
    )


def calculate_calmar_from_balance(
    balance_history: Frame, date_col: str = "date", balance_col: str = "total_quote"
) -> float:
    wallet: Any = _balance_history(balance_history, date_col, balance_col)
    if len(wallet) < 2:
        return 0.0
    start, final = float(wallet[balance_col].iloc[0]), float(wallet[balance_col].iloc[-1])
    days = _days(wallet[date_col].iloc[0], wallet[date_col].iloc[-1])
    expected = (final - start) / start / days * 100
    try:
        drawdown = calculate_max_drawdown_from_balance(
            wallet, date_col=date_col, balance_col=balance_col
        )
    except ValueError:
        return 0.0
    return annualized_ratio(expected, drawdown.relative_account_drawdown)


def analyze_trade_parallelism(trades: Frame, timeframe: str) -> Frame:
    frequency = resample_frequency(timeframe)
    ranges = [
        pd.Series(
            pd.date_range(
                row[1]["open_date"], row[1]["close_date"], freq=frequency, inclusive="left"
            )
        )
        for row in trades[["open_date", "close_date"]].iterrows()
    ]
    lengths = [len(dates) for dates in ranges]
    dates = pd.Series(pd.concat(ranges).values, name="date")
    frame = Frame(np.repeat(trades.values, lengths, axis=0), columns=trades.columns)
    frame = pd.concat([dates, frame], axis=1).set_index("date")
    counts = frame.resample(frequency)[["pair"]].count()
    return counts.rename({"pair": "open_trades"}, axis=1)


def balance_distribution_over_time(
    trades: Frame,
    min_date: datetime,
    max_date: datetime,
    timeframe: str,
    stake_currency: str,
    start_balance: float,
    pairlist: list[str],
) -> Frame:
    first, last = previous_date(timeframe, min_date), previous_date(timeframe, max_date)
    index = pd.date_range(first, last, freq=resample_frequency(timeframe))
    leverages = [f"{pair}_leverage" for pair in pairlist] + [
        f"{pair}_is_short" for pair in pairlist
    ]
    collaterals = [f"{pair}_collateral" for pair in pairlist]
    names = [stake_currency, *pairlist, *leverages, *collaterals]
    frame: Any = Frame(index=index, columns=names, dtype=float)
    frame[stake_currency] = float(start_balance)
    frame[pairlist + collaterals] = 0.0
    frame[leverages] = np.nan
    trade: Any
    for trade in trades.sort_values(by=["open_date"]).itertuples():
        pair = trade.pair
        end = trade.close_date if trade.close_date is not pd.NaT else None
        frame.loc[trade.open_date : end, f"{pair}_leverage"] = trade.leverage
        frame.loc[trade.open_date : end, f"{pair}_is_short"] = 1 if trade.is_short else 0
        collateral = 0.0
        for order in filled_orders(trade.orders):
            at = pd.Timestamp(date_of(order["order_filled_timestamp"]))
            amount, margin, changes = order_changes(trade, order, collateral)
            for change in changes:
                frame.loc[at:, stake_currency] += change
            frame.loc[at:end, pair] += amount
            frame.loc[at:end, f"{pair}_collateral"] += margin
            collateral += margin
    return frame.round(14)


def filled_orders(orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that were filled, in the order of that."""
    filled = [order for order in orders if order["order_filled_timestamp"]]
    return sorted(filled, key=lambda order: order["order_filled_timestamp"])


def order_changes(
    trade: Any, order: dict[str, Any], collateral: float
) -> tuple[float, float, list[float]]:
    """What an order changes: the pair's amount, its collateral, and the stake currency.

    The stake currency changes by funding fees, which an order is charged in full, and then by
    margin, profit and fee. ``collateral`` is the trade's before the order.
    """
    amount = order.get("filled", order["amount"])
    stake = order["safe_price"] * amount
    margin = stake / trade.leverage
    funding = order.get("funding_fee") or 0.0
    changes = [funding] if funding else []
    if order["ft_is_entry"]:
        return amount, margin, [*changes, -float(margin + stake * trade.fee_open)]
    fee = stake * trade.fee_close
    if trade.is_short:
        change = (collateral * (1 + trade.leverage) - stake) - fee
    else:
        change = stake - collateral * (trade.leverage - 1) - fee
    return -float(amount), -float(margin), [*changes, change]
