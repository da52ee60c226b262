"""What to write instead of the calls that a strategy waits for: one table.

Imports the standard library. docs/slow-indicators.md has what each gains.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from ..freqtrade_integration.profile_process import Call, Profile

# What takes less of the whole isn't worth a word.
LEAST_SHARE = 0.01
# So many calls of one place in one call of the strategy are many.
MANY = 8

_ROLLING = frozenset(
    "mean sum std var sem min max count median quantile rank skew kurt cov corr".split()
)
_ADDS_A_COLUMN = re.compile(r"^[\w.]+(\.loc)?\[.*\] = ")
_MERGE = "freqtrade.strategy.strategy_helper:merge_informative_pair"
_TALIB = ("talib:", "talib.abstract:")


class Rule(NamedTuple):
    """``fits`` gets a call and how often its place was called in a call of the strategy."""

    title: str
    fits: Callable[[Call, float, Profile], bool]
    instead: str


@dataclass(frozen=True, slots=True)
class Advice:
    """What a rule has to say of some places, and the seconds that they take together."""

    title: str
    instead: str
    calls: list[Call]
    seconds: float


def _follows(call: Call, first: str, then: frozenset[str]) -> bool:
    """Whether a chain has one of the methods right after ``first``."""
    return any(
        one == first and other in then
        for one, other in zip(call.chain, call.chain[1:], strict=False)
    )


def _is_replaceable(call: Call, _: float, profile: Profile) -> bool:
    return call.replaced in ("yes", "partly") and not call.imported and not profile.accelerated


def _applies_to_rows(call: Call, _: float, __: Profile) -> bool:
    last = call.chain[-1:] == ("apply",) and not {"rolling", "groupby"} & set(call.chain)
    return last and any(one.startswith("axis=") for one in call.keywords)


def _applies_to_values(call: Call, times: float, profile: Profile) -> bool:
    on_values = call.chain[-1:] in (("apply",), ("map",), ("applymap",))
    chained = {"rolling", "groupby", "ewm", "expanding"} & set(call.chain)
    vectorized = call.name in ("numpy:vectorize", "numpy:frompyfunc")
    return vectorized or (on_values and not chained and not _applies_to_rows(call, times, profile))


RULES = (
    Rule(
        "Replaced by ft-numba-aot",
        _is_replaceable,
        "Nothing: freqtrade-aot, or freqtrade after ft-numba-aot enable, runs this accelerated, "
        "with the same result. --accelerated shows what is left.",
    ),
    Rule(
        "A loop over the rows",
        lambda call, times, profile: call.kind == "loop",
        "Whole columns: shift() for the row before, numpy.where() for an if. Where a row needs the "
        "result of the one before: the same loop over lists, such as "
        'dataframe["close"].tolist(), and no Series a row.',
    ),
    Rule(
        "DataFrame.apply(axis=1)",
        _applies_to_rows,
        'The same arithmetic on whole columns: dataframe["high"] - dataframe["low"]; numpy.where() '
        "or numpy.select() for an if.",
    ),
    Rule(
        "A Python function of each window",
        lambda call, times, profile: _follows(call, "rolling", frozenset(("apply",))),
        "A method that there is: mean, std, rank, quantile, corr … of ft_numba_aot.rolling; "
        "TA-Lib's LINEARREG, LINEARREG_SLOPE, MINMAXINDEX. Else raw=True, which makes no Series a "
        "window, or numpy.lib.stride_tricks.sliding_window_view and a function of an axis.",
    ),
    Rule(
        "A Python function of each value",
        _applies_to_values,
        "The same arithmetic on the whole column; numpy.where() or numpy.select() for an if.",
    ),
    Rule(
        "Rolling windows of pandas",
        lambda call, times, profile: _follows(call, "rolling", _ROLLING),
        'from ft_numba_aot import rolling; rolling.mean(dataframe["close"], 20) instead of '
        'dataframe["close"].rolling(20).mean(): the same bits.',
    ),
    Rule(
        "Weighted means of pandas",
        lambda call, times, profile: _follows(call, "ewm", frozenset(("mean",))),
        "from ft_numba_aot import rolling; rolling.ewm_mean(series, span=20): the same bits. The "
        "longer the series, the less it gains.",
    ),
    Rule(
        "One indicator for many lengths",
        lambda call, times, profile: (
            call.in_loop and times >= MANY and call.name.startswith(_TALIB)
        ),
        "Only the lengths that are used: range of a hyperopt parameter is one of them in a "
        "backtest. And import ft_numba_aot.ta as ta; ta.SMA(close, n) of an array, such as "
        'close = dataframe["close"].to_numpy().',
    ),
    Rule(
        "Columns added one by one",
        lambda call, times, profile: (
            call.kind == "statement" and call.in_loop and bool(_ADDS_A_COLUMN.match(call.text))
        ),
        "Gather them in a dict, and add them at once: pandas.concat([dataframe, "
        "pandas.DataFrame(columns, index=dataframe.index)], axis=1).",
    ),
    Rule(
        "Merged informative pairs",
        lambda call, times, profile: call.name == _MERGE,
        "Merge a pair and timeframe once, with all its columns, and leave out those that nothing "
        "uses. What doesn't depend on the pair, such as the indicators of BTC: compute once, keep "
        "in self.",
    ),
    Rule(
        "Called for each row",
        lambda call, times, profile: (
            call.kind == "call" and times >= profile.candles / max(1, len(profile.pairs)) / 4
        ),
        "What it does, of whole columns: a call for each row costs more than what it computes.",
    ),
)


def advice(profile: Profile) -> list[Advice]:
    """Of each rule that has something to say, what takes longest first."""
    runs = max(1, len(profile.pairs))
    found = []
    for rule in RULES:
        calls = [call for call in profile.calls if rule.fits(call, call.calls / runs, profile)]
        seconds = sum(call.seconds for call in calls)
        if calls and seconds >= LEAST_SHARE * profile.seconds:
            found.append(Advice(rule.title, rule.instead, calls, seconds))
    return sorted(found, key=lambda one: -one.seconds)
