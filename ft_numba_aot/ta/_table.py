"""One row a function: name, what it reads, its parameters and their ranges, what it returns.

Everything else about a TA-Lib function is made from here: the callables, their checks, their
documentation, the tests' parameter ranges. The kernel of a row is its name in lower case.
Groups, names, defaults and flags are TA-Lib 0.8's.
"""

from __future__ import annotations

from typing import NamedTuple

IDENTITY_AT_1 = 1
SCALE = 1 << 24
STREAMING = 1 << 25
OVER_VOLUME = 1 << 26
UNSTABLE = 1 << 27
CANDLESTICK = 1 << 28
PATH_DEPENDENT = 1 << 29
NAN_OR_INF = 1 << 30

FUNCTION_FLAGS = {
    IDENTITY_AT_1: "A period of 1 performs no smoothing",
    SCALE: "Output scale same as input",
    STREAMING: "Function has a streaming API",
    OVER_VOLUME: "Output is over volume",
    UNSTABLE: "Function has an unstable period",
    CANDLESTICK: "Output is a candlestick",
    PATH_DEPENDENT: "Output is path-dependent",
    NAN_OR_INF: "Output can be NaN or infinite",
}

LINE = 1
DASHED = 4
HISTOGRAM = 16
UPPER = 2048
LOWER = 4096
OPTIONAL = 8192

OUTPUT_FLAGS = {
    LINE: "Line",
    DASHED: "Dashed Line",
    HISTOGRAM: "Histogram",
    UPPER: "Values represent an upper limit",
    LOWER: "Values represent a lower limit",
    OPTIONAL: "Output is optional (nullable)",
}

# Outputs that are int32, with 0 and not NaN in the head.
INTEGER_OUTPUTS = {"integer", "minidx", "maxidx", "swinghigh", "swinglow", "trend"}

# Candle column that an input reads unless the caller names another.
PRICE_SERIES = {"price": "close", "price0": "high", "price1": "low", "periods": "periods"}


class Parameter(NamedTuple):
    """An optional parameter: an int or a float, as its default is; both limits are allowed."""

    name: str
    default: int | float
    low: int | float
    high: int | float


class Definition(NamedTuple):
    """A TA-Lib function."""

    name: str
    group: str
    display_name: str
    inputs: dict[str, str | list[str]]
    parameters: tuple[Parameter, ...]
    outputs: dict[str, int]
    flags: int

    @property
    def arguments(self) -> list[str]:
        """Names of the input arrays, as TA-Lib's plain functions call them."""
        names: list[str] = []
        for name, series in self.inputs.items():
            names += series if isinstance(series, list) else [name.replace("price", "real")]
        return names


_MA_TYPES = 13
_HUGE = 3e37


def _period(default: int, low: int = 2, *, name: str = "timeperiod") -> Parameter:
    return Parameter(name, default, low, 100_000)


def _matype(name: str = "matype", *, default: int = 0) -> Parameter:
    return Parameter(name, default, 0, _MA_TYPES)


def _real(name: str, default: float, low: float = -_HUGE, high: float = _HUGE) -> Parameter:
    return Parameter(name, default, low, high)


def _inputs(text: str) -> dict[str, str | list[str]]:
    found: dict[str, str | list[str]] = {}
    for part in text.split("; "):
        if part in PRICE_SERIES:
            found[part] = PRICE_SERIES[part]
        else:
            found["prices"] = part.split()
    return found


_Row = tuple[str, str, str, list[Parameter], list[str | tuple[str, int]], int]


def _define(
    name: str,
    display_name: str,
    inputs: str,
    parameters: list[Parameter],
    outputs: list[str | tuple[str, int]],
    flags: int = 0,
) -> _Row:
    return name, display_name, inputs, parameters, outputs, flags | STREAMING


def _pattern(name: str, display_name: str, *, penetration: float | None = None) -> _Row:
    parameters = [] if penetration is None else [_real("penetration", penetration, 0.0, _HUGE)]
    return _define(name, display_name, "open high low close", parameters, ["integer"], CANDLESTICK)


_GROUPS: dict[str, list[_Row]] = {
    "Overlap Studies": [
        _define(
            "ACCBANDS",
            "Acceleration Bands",
            "high low close",
            [_period(20)],
            [("upperband", UPPER), "middleband", ("lowerband", LOWER)],
            SCALE,
        ),
        _define(
            "BBANDS",
            "Bollinger Bands",
            "price",
            [_period(20), _real("nbdevup", 2.0), _real("nbdevdn", 2.0), _matype()],
            [("upperband", UPPER), "middleband", ("lowerband", LOWER)],
            SCALE,
        ),
        _define(
            "DEMA",
            "Double Exponential Moving Average",
            "price",
            [_period(30, 1)],
            ["real"],
            IDENTITY_AT_1 | SCALE,
        ),
        _define(
            "DONCHIAN",
            "Donchian Channels",
            "high low",
            [_period(20)],
            [("upperband", UPPER), "middleband", ("lowerband", LOWER)],
            SCALE,
        ),
        _define(
            "EMA",
            "Exponential Moving Average",
            "price",
            [_period(30, 1)],
            ["real"],
            IDENTITY_AT_1 | SCALE | UNSTABLE,
        ),
        _define(
            "HMA", "Hull Moving Average", "price", [_period(20, 1)], ["real"], IDENTITY_AT_1 | SCALE
        ),
        _define(
            "HT_TRENDLINE",
            "Hilbert Transform - Instantaneous Trendline",
            "price",
            [],
            ["real"],
            SCALE | UNSTABLE,
        ),
        _define(
            "KAMA",
            "Kaufman Adaptive Moving Average",
            "price",
            [_period(30, 1)],
            ["real"],
            IDENTITY_AT_1 | SCALE | UNSTABLE,
        ),
        _define(
            "KC",
            "Keltner Channels",
            "high low close",
            [_period(20), _period(10, 1, name="atrperiod"), _real("nbdev", 2.0)],
            [("upperband", UPPER), "middleband", ("lowerband", LOWER)],
            SCALE,
        ),
        _define(
            "MA",
            "Moving average",
            "price",
            [_period(30, 1), _matype()],
            ["real"],
            IDENTITY_AT_1 | SCALE,
        ),
        _define(
            "MAMA",
            "MESA Adaptive Moving Average",
            "price",
            [_real("fastlimit", 0.5, 0.01, 0.99), _real("slowlimit", 0.05, 0.01, 0.99)],
            ["mama", ("fama", DASHED | OPTIONAL)],
            SCALE | UNSTABLE,
        ),
        _define(
            "MAVP",
            "Moving average with variable period",
            "price; periods",
            [_period(2, 1, name="minperiod"), _period(30, 1, name="maxperiod"), _matype()],
            ["real"],
            SCALE,
        ),
        _define("MIDPOINT", "MidPoint over period", "price", [_period(14)], ["real"], SCALE),
        _define(
            "MIDPRICE", "Midpoint Price over period", "high low", [_period(14)], ["real"], SCALE
        ),
        _define(
            "RMA",
            "Wilder's Smoothed Moving Average",
            "price",
            [_period(30, 1)],
            ["real"],
            IDENTITY_AT_1 | SCALE | UNSTABLE,
        ),
        _define(
            "SAR",
            "Parabolic SAR",
            "high low",
            [_real("acceleration", 0.02, 0.0, _HUGE), _real("maximum", 0.2, 0.0, _HUGE)],
            ["real"],
            SCALE | PATH_DEPENDENT,
        ),
        _define(
            "SAREXT",
            "Parabolic SAR - Extended",
            "high low",
            [
                _real("startvalue", 0.0),
                _real("offsetonreverse", 0.0, 0.0),
                _real("accelerationinitlong", 0.02, 0.0),
                _real("accelerationlong", 0.02, 0.0),
                _real("accelerationmaxlong", 0.2, 0.0),
                _real("accelerationinitshort", 0.02, 0.0),
                _real("accelerationshort", 0.02, 0.0),
                _real("accelerationmaxshort", 0.2, 0.0),
            ],
            ["real"],
            SCALE | PATH_DEPENDENT,
        ),
        _define(
            "SMA",
            "Simple Moving Average",
            "price",
            [_period(30, 1)],
            ["real"],
            IDENTITY_AT_1 | SCALE,
        ),
        _define(
            "SUPERTREND",
            "SuperTrend",
            "high low close",
            [_period(10), _real("multiplier", 3.0, 0.0)],
            ["supertrend", "trend"],
            SCALE | PATH_DEPENDENT,
        ),
        _define(
            "T3",
            "Triple Exponential Moving Average (T3)",
            "price",
            [_period(5, 1), _real("vfactor", 0.7, 0.0, 1.0)],
            ["real"],
            IDENTITY_AT_1 | SCALE | UNSTABLE,
        ),
        _define(
            "TEMA",
            "Triple Exponential Moving Average",
            "price",
            [_period(30, 1)],
            ["real"],
            IDENTITY_AT_1 | SCALE,
        ),
        _define(
            "TRIMA",
            "Triangular Moving Average",
            "price",
            [_period(30, 1)],
            ["real"],
            IDENTITY_AT_1 | SCALE,
        ),
        _define(
            "VWMA",
            "Volume Weighted Moving Average",
            "price; volume",
            [_period(30, 1)],
            ["real"],
            IDENTITY_AT_1 | SCALE | NAN_OR_INF,
        ),
        _define(
            "WMA",
            "Weighted Moving Average",
            "price",
            [_period(30, 1)],
            ["real"],
            IDENTITY_AT_1 | SCALE,
        ),
        _define(
            "ZLEMA",
            "Zero-Lag Exponential Moving Average",
            "price",
            [_period(30, 1)],
            ["real"],
            IDENTITY_AT_1 | SCALE,
        ),
    ],
    "Momentum Indicators": [
        _define(
            "AC",
            "Accelerator/Decelerator Oscillator",
            "high low",
            [
                _period(5, name="fastperiod"),
                _period(34, name="slowperiod"),
                _period(5, name="signalperiod"),
            ],
            [("real", HISTOGRAM)],
        ),
        _define(
            "ADX",
            "Average Directional Movement Index",
            "high low close",
            [_period(14)],
            ["real"],
            UNSTABLE,
        ),
        _define(
            "ADXR",
            "Average Directional Movement Index Rating",
            "high low close",
            [_period(14)],
            ["real"],
        ),
        _define(
            "AO",
            "Awesome Oscillator",
            "high low",
            [_period(5, name="fastperiod"), _period(34, name="slowperiod")],
            [("real", HISTOGRAM)],
        ),
        _define(
            "APO",
            "Absolute Price Oscillator",
            "price",
            [
                _period(12, name="fastperiod"),
                _period(26, name="slowperiod"),
                _matype(default=1),
            ],
            ["real"],
        ),
        _define("AROON", "Aroon", "high low", [_period(14)], [("aroondown", DASHED), "aroonup"]),
        _define("AROONOSC", "Aroon Oscillator", "high low", [_period(14)], ["real"]),
        _define("BOP", "Balance Of Power", "open high low close", [], ["real"]),
        _define("CCI", "Commodity Channel Index", "high low close", [_period(14)], ["real"]),
        _define("CMO", "Chande Momentum Oscillator", "price", [_period(14)], ["real"], UNSTABLE),
        _define(
            "CMOU",
            "Chande Momentum Oscillator (Unsmoothed)",
            "price",
            [_period(14)],
            ["real"],
        ),
        _define(
            "COPPOCK",
            "Coppock Curve",
            "price",
            [
                _period(10, 1, name="wmaperiod"),
                _period(11, 1, name="roc1period"),
                _period(14, 1, name="roc2period"),
            ],
            ["real"],
        ),
        _define("DPO", "Detrended Price Oscillator", "price", [_period(20)], ["real"]),
        _define(
            "DX", "Directional Movement Index", "high low close", [_period(14)], ["real"], UNSTABLE
        ),
        _define("ER", "Kaufman Efficiency Ratio", "price", [_period(10)], ["real"]),
        _define(
            "ERI",
            "Elder Ray Index (Bull Power / Bear Power)",
            "high low close",
            [_period(13, 1)],
            ["bullpower", "bearpower"],
        ),
        _define("FOSC", "Forecast Oscillator", "price", [_period(5)], ["real"]),
        _define(
            "FRACTAL",
            "Williams Fractal",
            "high low",
            [_period(2, 1, name="leftbars"), _period(2, 1, name="rightbars")],
            ["swinghigh", "swinglow"],
        ),
        _define("IMI", "Intraday Momentum Index", "open close", [_period(14)], ["real"]),
        _define(
            "KDJ",
            "KDJ Stochastic",
            "high low close",
            [
                _period(9, 1, name="fastk_period"),
                _period(3, 1, name="slowk_period"),
                _matype("slowk_matype", default=13),
                _period(3, 1, name="slowd_period"),
                _matype("slowd_matype", default=13),
            ],
            ["k", "d", "j"],
        ),
        _define(
            "MACD",
            "Moving Average Convergence/Divergence",
            "price",
            [
                _period(12, name="fastperiod"),
                _period(26, name="slowperiod"),
                _period(9, 1, name="signalperiod"),
            ],
            ["macd", ("macdsignal", DASHED), ("macdhist", HISTOGRAM)],
        ),
        _define(
            "MACDEXT",
            "MACD with controllable MA type",
            "price",
            [
                _period(12, name="fastperiod"),
                _matype("fastmatype"),
                _period(26, name="slowperiod"),
                _matype("slowmatype"),
                _period(9, 1, name="signalperiod"),
                _matype("signalmatype"),
            ],
            ["macd", ("macdsignal", DASHED), ("macdhist", HISTOGRAM)],
        ),
        _define(
            "MACDFIX",
            "Moving Average Convergence/Divergence Fix 12/26",
            "price",
            [_period(9, 1, name="signalperiod")],
            ["macd", ("macdsignal", DASHED), ("macdhist", HISTOGRAM)],
        ),
        _define("MFI", "Money Flow Index", "high low close volume", [_period(14)], ["real"]),
        _define(
            "MINUS_DI",
            "Minus Directional Indicator",
            "high low close",
            [_period(14, 1)],
            ["real"],
            UNSTABLE,
        ),
        _define(
            "MINUS_DM",
            "Minus Directional Movement",
            "high low",
            [_period(14, 1)],
            ["real"],
            UNSTABLE,
        ),
        _define("MOM", "Momentum", "price", [_period(10, 1)], ["real"]),
        _define(
            "PLUS_DI",
            "Plus Directional Indicator",
            "high low close",
            [_period(14, 1)],
            ["real"],
            UNSTABLE,
        ),
        _define(
            "PLUS_DM", "Plus Directional Movement", "high low", [_period(14, 1)], ["real"], UNSTABLE
        ),
        _define(
            "PPO",
            "Percentage Price Oscillator",
            "price",
            [
                _period(12, name="fastperiod"),
                _period(26, name="slowperiod"),
                _matype(default=1),
            ],
            ["real"],
        ),
        _define("QSTICK", "Qstick", "open close", [_period(10, 1)], ["real"]),
        _define(
            "ROC", "Rate of change : ((price/prevPrice)-1)*100", "price", [_period(10, 1)], ["real"]
        ),
        _define(
            "ROCP",
            "Rate of change Percentage: (price-prevPrice)/prevPrice",
            "price",
            [_period(10, 1)],
            ["real"],
        ),
        _define(
            "ROCR", "Rate of change ratio: (price/prevPrice)", "price", [_period(10, 1)], ["real"]
        ),
        _define(
            "ROCR100",
            "Rate of change ratio 100 scale: (price/prevPrice)*100",
            "price",
            [_period(10, 1)],
            ["real"],
        ),
        _define("RSI", "Relative Strength Index", "price", [_period(14)], ["real"], UNSTABLE),
        _define(
            "SMI",
            "Stochastic Momentum Index",
            "high low close",
            [
                _period(13),
                _period(2, name="fastperiod"),
                _period(25, name="slowperiod"),
                _period(9, name="signalperiod"),
            ],
            ["smi", ("smisignal", DASHED)],
        ),
        _define(
            "STOCH",
            "Stochastic",
            "high low close",
            [
                _period(5, 1, name="fastk_period"),
                _period(3, 1, name="slowk_period"),
                _matype("slowk_matype"),
                _period(3, 1, name="slowd_period"),
                _matype("slowd_matype"),
            ],
            [("slowk", DASHED), ("slowd", DASHED)],
        ),
        _define(
            "STOCHF",
            "Stochastic Fast",
            "high low close",
            [
                _period(5, 1, name="fastk_period"),
                _period(3, 1, name="fastd_period"),
                _matype("fastd_matype"),
            ],
            ["fastk", "fastd"],
        ),
        _define(
            "STOCHRSI",
            "Stochastic Relative Strength Index",
            "price",
            [
                _period(14),
                _period(5, 1, name="fastk_period"),
                _period(3, 1, name="fastd_period"),
                _matype("fastd_matype"),
            ],
            ["fastk", "fastd"],
        ),
        _define(
            "TRIX",
            "1-day Rate-Of-Change (ROC) of a Triple Smooth EMA",
            "price",
            [_period(30, 1)],
            ["real"],
        ),
        _define(
            "TSI",
            "True Strength Index",
            "price",
            [_period(25, name="firstperiod"), _period(13, name="secondperiod")],
            ["real"],
        ),
        _define(
            "ULTOSC",
            "Ultimate Oscillator",
            "high low close",
            [
                _period(7, 1, name="timeperiod1"),
                _period(14, 1, name="timeperiod2"),
                _period(28, 1, name="timeperiod3"),
            ],
            ["real"],
        ),
        _define("VHF", "Vertical Horizontal Filter", "price", [_period(28)], ["real"]),
        _define(
            "VORTEX", "Vortex Indicator", "high low close", [_period(14, 1)], ["plusvi", "minusvi"]
        ),
        _define(
            "WAD",
            "Williams' Accumulation/Distribution",
            "high low close",
            [],
            ["real"],
            PATH_DEPENDENT,
        ),
        _define("WILLR", "Williams' %R", "high low close", [_period(14)], ["real"]),
    ],
    "Volatility Indicators": [
        _define("ADR", "Average Day Range", "high low", [_period(14, 1)], ["real"]),
        _define(
            "ATR", "Average True Range", "high low close", [_period(14, 1)], ["real"], UNSTABLE
        ),
        _define(
            "CVI",
            "Chaikin's Volatility",
            "high low",
            [_period(10), _period(10, 1, name="rocperiod")],
            ["real"],
        ),
        _define(
            "MASSI",
            "Mass Index",
            "high low",
            [_period(9, name="fastperiod"), _period(25, name="slowperiod")],
            ["real"],
        ),
        _define(
            "NATR",
            "Normalized Average True Range",
            "high low close",
            [_period(14, 1)],
            ["real"],
            UNSTABLE,
        ),
        _define(
            "RVI",
            "Relative Volatility Index",
            "price",
            [_period(14, 1), _period(10, name="stddevperiod")],
            ["real"],
            UNSTABLE,
        ),
        _define("TRANGE", "True Range", "high low close", [], ["real"]),
    ],
    "Volume Indicators": [
        _define("AD", "Chaikin A/D Line", "high low close volume", [], ["real"], PATH_DEPENDENT),
        _define(
            "ADOSC",
            "Chaikin A/D Oscillator",
            "high low close volume",
            [_period(3, name="fastperiod"), _period(10, name="slowperiod")],
            ["real"],
            PATH_DEPENDENT,
        ),
        _define("CMF", "Chaikin Money Flow", "high low close volume", [_period(20)], ["real"]),
        _define("EFI", "Elder's Force Index", "close volume", [_period(13, 1)], ["real"]),
        _define("MARKETFI", "Market Facilitation Index", "high low volume", [], ["real"]),
        _define("NVI", "Negative Volume Index", "close volume", [], ["real"], PATH_DEPENDENT),
        _define("OBV", "On Balance Volume", "price; volume", [], ["real"], PATH_DEPENDENT),
        _define("PVI", "Positive Volume Index", "close volume", [], ["real"], PATH_DEPENDENT),
        _define(
            "PVO",
            "Percentage Volume Oscillator",
            "volume",
            [
                _period(12, name="fastperiod"),
                _period(26, name="slowperiod"),
                _matype(default=1),
            ],
            ["real"],
        ),
        _define("PVT", "Price Volume Trend", "close volume", [], ["real"], PATH_DEPENDENT),
        _define("RVOL", "Relative Volume", "volume", [_period(20, 1)], ["real"], NAN_OR_INF),
        _define(
            "VWAP",
            "Volume Weighted Average Price",
            "high low close volume",
            [],
            ["real"],
            SCALE | PATH_DEPENDENT,
        ),
    ],
    "Statistic Functions": [
        _define("BETA", "Beta", "price0; price1", [_period(5, 1)], ["real"]),
        _define(
            "CORREL",
            "Pearson's Correlation Coefficient (r)",
            "price0; price1",
            [_period(30, 1)],
            ["real"],
        ),
        _define("LINEARREG", "Linear Regression", "price", [_period(14)], ["real"], SCALE),
        _define("LINEARREG_ANGLE", "Linear Regression Angle", "price", [_period(14)], ["real"]),
        _define(
            "LINEARREG_INTERCEPT",
            "Linear Regression Intercept",
            "price",
            [_period(14)],
            ["real"],
            SCALE,
        ),
        _define("LINEARREG_SLOPE", "Linear Regression Slope", "price", [_period(14)], ["real"]),
        _define(
            "PERCENTILE",
            "Percentile (nearest rank)",
            "price",
            [_period(30), _real("percentile", 50.0, 0.0, 100.0)],
            ["real"],
            SCALE,
        ),
        _define("PERCENTRANK", "Percent Rank", "price", [_period(100)], ["real"]),
        _define(
            "STDDEV", "Standard Deviation", "price", [_period(5), _real("nbdev", 1.0)], ["real"]
        ),
        _define("TSF", "Time Series Forecast", "price", [_period(14)], ["real"], SCALE),
        _define("VAR", "Variance", "price", [_period(5, 1), _real("nbdev", 1.0)], ["real"]),
    ],
    "Math Operators": [
        _define("ADD", "Vector Arithmetic Add", "price0; price1", [], ["real"]),
        _define("CUMSUM", "Cumulative Sum", "price", [], ["real"], PATH_DEPENDENT),
        _define("DIV", "Vector Arithmetic Div", "price0; price1", [], ["real"], NAN_OR_INF),
        _define(
            "MAX", "Highest value over a specified period", "price", [_period(30)], ["real"], SCALE
        ),
        _define(
            "MAXINDEX",
            "Index of highest value over a specified period",
            "price",
            [_period(30)],
            ["integer"],
        ),
        _define(
            "MIN", "Lowest value over a specified period", "price", [_period(30)], ["real"], SCALE
        ),
        _define(
            "MININDEX",
            "Index of lowest value over a specified period",
            "price",
            [_period(30)],
            ["integer"],
        ),
        _define(
            "MINMAX",
            "Lowest and highest values over a specified period",
            "price",
            [_period(30)],
            ["min", "max"],
            SCALE,
        ),
        _define(
            "MINMAXINDEX",
            "Indexes of lowest and highest values over a specified period",
            "price",
            [_period(30)],
            ["minidx", "maxidx"],
        ),
        _define("MULT", "Vector Arithmetic Mult", "price0; price1", [], ["real"]),
        _define("SUB", "Vector Arithmetic Subtraction", "price0; price1", [], ["real"]),
        _define("SUM", "Summation", "price", [_period(30)], ["real"]),
    ],
    "Math Transform": [
        _define("ACOS", "Vector Trigonometric ACos", "price", [], ["real"], NAN_OR_INF),
        _define("ASIN", "Vector Trigonometric ASin", "price", [], ["real"], NAN_OR_INF),
        _define("ATAN", "Vector Trigonometric ATan", "price", [], ["real"]),
        _define("CEIL", "Vector Ceil", "price", [], ["real"]),
        _define("COS", "Vector Trigonometric Cos", "price", [], ["real"]),
        _define("COSH", "Vector Trigonometric Cosh", "price", [], ["real"]),
        _define("EXP", "Vector Arithmetic Exp", "price", [], ["real"]),
        _define("FLOOR", "Vector Floor", "price", [], ["real"]),
        _define("LN", "Vector Log Natural", "price", [], ["real"], NAN_OR_INF),
        _define("LOG10", "Vector Log10", "price", [], ["real"], NAN_OR_INF),
        _define("SIN", "Vector Trigonometric Sin", "price", [], ["real"]),
        _define("SINH", "Vector Trigonometric Sinh", "price", [], ["real"]),
        _define("SQRT", "Vector Square Root", "price", [], ["real"], NAN_OR_INF),
        _define("TAN", "Vector Trigonometric Tan", "price", [], ["real"]),
        _define("TANH", "Vector Trigonometric Tanh", "price", [], ["real"]),
    ],
    "Price Transform": [
        _define("AVGDEV", "Average Deviation", "price", [_period(14)], ["real"], SCALE),
        _define("AVGPRICE", "Average Price", "open high low close", [], ["real"], SCALE),
        _define(
            "HA",
            "Heikin-Ashi Candles",
            "open high low close",
            [],
            ["haopen", ("hahigh", LINE | UPPER), ("halow", LINE | LOWER), "haclose"],
            SCALE | UNSTABLE,
        ),
        _define("MEDPRICE", "Median Price", "high low", [], ["real"], SCALE),
        _define("TYPPRICE", "Typical Price", "high low close", [], ["real"], SCALE),
        _define("WCLPRICE", "Weighted Close Price", "high low close", [], ["real"], SCALE),
    ],
    "Cycle Indicators": [
        _define(
            "HT_DCPERIOD",
            "Hilbert Transform - Dominant Cycle Period",
            "price",
            [],
            ["real"],
            UNSTABLE,
        ),
        _define(
            "HT_DCPHASE",
            "Hilbert Transform - Dominant Cycle Phase",
            "price",
            [],
            ["real"],
            UNSTABLE,
        ),
        _define(
            "HT_PHASOR",
            "Hilbert Transform - Phasor Components",
            "price",
            [],
            ["inphase", ("quadrature", DASHED)],
            UNSTABLE,
        ),
        _define(
            "HT_SINE",
            "Hilbert Transform - SineWave",
            "price",
            [],
            ["sine", ("leadsine", DASHED)],
            UNSTABLE,
        ),
        _define(
            "HT_TRENDMODE",
            "Hilbert Transform - Trend vs Cycle Mode",
            "price",
            [],
            ["integer"],
            UNSTABLE,
        ),
    ],
    "Pattern Recognition": [
        _pattern("CDL2CROWS", "Two Crows"),
        _pattern("CDL3BLACKCROWS", "Three Black Crows"),
        _pattern("CDL3INSIDE", "Three Inside Up/Down"),
        _pattern("CDL3LINESTRIKE", "Three-Line Strike"),
        _pattern("CDL3OUTSIDE", "Three Outside Up/Down"),
        _pattern("CDL3STARSINSOUTH", "Three Stars In The South"),
        _pattern("CDL3WHITESOLDIERS", "Three Advancing White Soldiers"),
        _pattern("CDLABANDONEDBABY", "Abandoned Baby", penetration=0.3),
        _pattern("CDLADVANCEBLOCK", "Advance Block"),
        _pattern("CDLBELTHOLD", "Belt-hold"),
        _pattern("CDLBREAKAWAY", "Breakaway"),
        _pattern("CDLCLOSINGMARUBOZU", "Closing Marubozu"),
        _pattern("CDLCONCEALBABYSWALL", "Concealing Baby Swallow"),
        _pattern("CDLCOUNTERATTACK", "Counterattack"),
        _pattern("CDLDARKCLOUDCOVER", "Dark Cloud Cover", penetration=0.5),
        _pattern("CDLDOJI", "Doji"),
        _pattern("CDLDOJISTAR", "Doji Star"),
        _pattern("CDLDRAGONFLYDOJI", "Dragonfly Doji"),
        _pattern("CDLENGULFING", "Engulfing Pattern"),
        _pattern("CDLEVENINGDOJISTAR", "Evening Doji Star", penetration=0.3),
        _pattern("CDLEVENINGSTAR", "Evening Star", penetration=0.3),
        _pattern("CDLGAPSIDESIDEWHITE", "Up/Down-gap side-by-side white lines"),
        _pattern("CDLGRAVESTONEDOJI", "Gravestone Doji"),
        _pattern("CDLHAMMER", "Hammer"),
        _pattern("CDLHANGINGMAN", "Hanging Man"),
        _pattern("CDLHARAMI", "Harami Pattern"),
        _pattern("CDLHARAMICROSS", "Harami Cross Pattern"),
        _pattern("CDLHIGHWAVE", "High-Wave Candle"),
        _pattern("CDLHIKKAKE", "Hikkake Pattern"),
        _pattern("CDLHIKKAKEMOD", "Modified Hikkake Pattern"),
        _pattern("CDLHOMINGPIGEON", "Homing Pigeon"),
        _pattern("CDLIDENTICAL3CROWS", "Identical Three Crows"),
        _pattern("CDLINNECK", "In-Neck Pattern"),
        _pattern("CDLINVERTEDHAMMER", "Inverted Hammer"),
        _pattern("CDLKICKING", "Kicking"),
        _pattern("CDLKICKINGBYLENGTH", "Kicking - bull/bear determined by the longer marubozu"),
        _pattern("CDLLADDERBOTTOM", "Ladder Bottom"),
        _pattern("CDLLONGLEGGEDDOJI", "Long Legged Doji"),
        _pattern("CDLLONGLINE", "Long Line Candle"),
        _pattern("CDLMARUBOZU", "Marubozu"),
        _pattern("CDLMATCHINGLOW", "Matching Low"),
        _pattern("CDLMATHOLD", "Mat Hold", penetration=0.5),
        _pattern("CDLMORNINGDOJISTAR", "Morning Doji Star", penetration=0.3),
        _pattern("CDLMORNINGSTAR", "Morning Star", penetration=0.3),
        _pattern("CDLONNECK", "On-Neck Pattern"),
        _pattern("CDLPIERCING", "Piercing Pattern"),
        _pattern("CDLRICKSHAWMAN", "Rickshaw Man"),
        _pattern("CDLRISEFALL3METHODS", "Rising/Falling Three Methods"),
        _pattern("CDLSEPARATINGLINES", "Separating Lines"),
        _pattern("CDLSHOOTINGSTAR", "Shooting Star"),
        _pattern("CDLSHORTLINE", "Short Line Candle"),
        _pattern("CDLSPINNINGTOP", "Spinning Top"),
        _pattern("CDLSTALLEDPATTERN", "Stalled Pattern"),
        _pattern("CDLSTICKSANDWICH", "Stick Sandwich"),
        _pattern("CDLTAKURI", "Takuri (Dragonfly Doji with very long lower shadow)"),
        _pattern("CDLTASUKIGAP", "Tasuki Gap"),
        _pattern("CDLTHRUSTING", "Thrusting Pattern"),
        _pattern("CDLTRISTAR", "Tristar Pattern"),
        _pattern("CDLUNIQUE3RIVER", "Unique 3 River"),
        _pattern("CDLUPSIDEGAP2CROWS", "Upside Gap Two Crows"),
        _pattern("CDLXSIDEGAP3METHODS", "Upside/Downside Gap Three Methods"),
    ],
}

DEFINITIONS: dict[str, Definition] = {
    name: Definition(
        name,
        group,
        display_name,
        _inputs(inputs),
        tuple(parameters),
        dict((output, LINE) if isinstance(output, str) else output for output in outputs),
        flags,
    )
    for group, rows in _GROUPS.items()
    for name, display_name, inputs, parameters, outputs, flags in rows
}
