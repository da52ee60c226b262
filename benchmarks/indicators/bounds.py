"""What keeps long frames from gaining more, by family and row of the tables."""

from __future__ import annotations

LEAST_GAIN = 3.0
# Of what loops in Python, and of qtpylib's functions, on a short frame and a long one.
LEAST_OF_LOOPS = 30.0
HEIKINASHI, CROSSED = (300.0, 2_000.0), (5.0, 5.0)

RECURRENCE, TALIB, MEMORY, LOGARITHM = "a recurrence", "TA-Lib", "memory", "a logarithm"

MEANING = {
    RECURRENCE: "pandas adds a value to a sum or mean and takes one away, row after row, in C; "
    "each row needs the one before, and its bits are the order of these operations",
    TALIB: "the original calls TA-Lib, which is C already",
    MEMORY: "most of it is to write the columns of the result",
    LOGARITHM: "most of it is numpy's, whose bits are no other library's",
}
# Rows whose original loops in Python, by family.
LOOPS: dict[str, frozenset[str]] = {
    "qtpylib": frozenset(("heikinashi", "rsi")),
    "technical": frozenset(
        (
            *("heikinashi", "doji", "touches", "laguerre", "supertrend", "VIDYA", "PMAX"),
            *("td_sequential", "tv_trama", "ehlers_super_smoother", "mmar", "madrid_sqz", "vfi"),
            *("osc", "return_on_investment"),
        )
    ),
    "pandas_ta": frozenset(
        (
            *("kama", "alma", "ssf", "hwma", "hwc", "ebsw", "rsx", "aroon", "ha", "jma", "fisher"),
            *("stc", "linreg", "cti", "cfo", "inertia", "supertrend", "hilo", "psar", "qqe"),
            *("td_seq", "fwma", "pwma", "swma", "sinwma", "wma", "cg", "rvgi", "mad", "cci"),
        )
    ),
}
# What a bounded row is to gain on long frames; one that memory bounds, as much as any other.
LEAST = {RECURRENCE: 1.0, TALIB: 1.0}
# Of 36 columns.
LEAST_OF_MERGES = 2.0
MERGES = ("merge_informative_pair", "@informative")

# A row by its name, or by its function's. Minima, maxima and ranks aren't sums.
BOUNDED: dict[str, dict[str, tuple[str, ...]]] = {
    "qtpylib": {
        RECURRENCE: (
            "rolling_mean(window=20, min_periods=1)",
            "rolling_std(window=20, min_periods=1)",
            *("rolling_weighted_mean", "wma", "hull_moving_average", "hma"),
            *("zlma", "zlema", "zlsma", "zlhma", "macd"),
            *("awesome_oscillator(weighted=True)", "bollinger_bands", "weighted_bollinger_bands"),
            *("atr(exp=True)", "rolling_vwap"),
        ),
    },
    "technical": {
        RECURRENCE: (
            "bollinger_bands",
            "chaikin_money_flow",
            "rma",
            "stc",
            "vpci",
            "vpcii",
            "vwma",
        ),
        TALIB: ("MADR", "RMI", "TKE", "vwmacd"),
    },
    "pandas_ta": {
        RECURRENCE: (
            *("aobv", "brar", "chop", "cksp", "cmf", "er", "kdj", "kst", "kurtosis", "massi"),
            *("mcgd", "psl", "quantile", "rma", "skew", "squeeze", "trix", "ui", "vhf", "vortex"),
        ),
        TALIB: (
            *("ad", "adosc", "apo", "atr", "bbands", "bop", "cmo", "dema", "dm", "efi", "ema"),
            *("hlc3", "macd", "mfi", "midpoint", "midprice", "mom", "natr", "obv", "ppo", "roc"),
            *("rsi", "rvi", "sma", "stdev", "t3", "tema", "trima", "true_range", "uo"),
            *("variance", "wcp", "willr"),
            *("aberration", "ao", "bias", "coppock", "dpo", "eom", "eri", "hma", "ichimoku", "kc"),
            *("pgo", "pvo", "smi", "squeeze_pro", "tsi", "vwma", "zlma", "zscore"),
        ),
        MEMORY: (*("decreasing", "increasing", "ohlc4", "pdist", "percent_return", "thermo"),),
        LOGARITHM: ("log_return",),
    },
    "strategy": {
        MEMORY: (*MERGES, "advise_all_indicators"),
    },
    "rolling": {
        RECURRENCE: (
            *("mean", "sum", "std", "var", "sem", "skew", "kurt", "cov", "corr", "ewm_mean"),
        ),
    },
}


def bound(family: str, row: str) -> str:
    """What bounds a row on long frames; nothing where nothing does."""
    function = _function(row)
    for name, rows in BOUNDED.get(family, {}).items():
        if row in rows or function in rows:
            return name
    return ""


def least(family: str, row: str, *, long: bool) -> float:
    """The gain that a row is to have, on a long frame or a short one."""
    function = _function(row)
    if family == "qtpylib" and function.startswith(("heikinashi", "crossed")):
        return (HEIKINASHI if function == "heikinashi" else CROSSED)[long]
    if function in LOOPS.get(family, ()):
        return LEAST_OF_LOOPS
    if not long:
        return LEAST_GAIN
    if function in MERGES:
        return LEAST_OF_MERGES
    return LEAST.get(bound(family, row), LEAST_GAIN)


def _function(row: str) -> str:
    return row.partition("(")[0].partition(",")[0]
