"""How many values an indicator reads before its first result, as TA-Lib's ``lookback`` tells.

``LOOKBACK[name](*parameters)``, for parameters in range. Without gaps at the head of the input,
it is the number of leading NaN (or 0, of int32 outputs).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import isqrt

from ._compute import checked_int, default_of
from ._table import Definition


def _always(count: int) -> Callable[..., int]:
    return lambda *parameters: count


def _period(*parameters: int) -> int:
    return parameters[0]


def _period_less_1(*parameters: int) -> int:
    return parameters[0] - 1


def _average(period: int, matype: int) -> int:
    """That of the moving average of this type."""
    if period == 1 or matype == 10:
        return 0
    match matype:
        case 3:
            return 2 * (period - 1)
        case 4:
            return 3 * (period - 1)
        case 6:
            return period
        case 7:
            return 32
        case 8:
            return 6 * (period - 1)
        case 9:
            return period + isqrt(period) - 2
        case 12:
            return (period - 1) // 2 + period - 1
    return period - 1


def _of_type(matype: int) -> Callable[..., int]:
    return lambda period, *parameters: _average(period, matype)


def _macdext(fast: int, fast_type: int, slow: int, slow_type: int, *signal: int) -> int:
    return max(_average(fast, fast_type), _average(slow, slow_type)) + _average(*signal)


def _stoch(fastk: int, slowk: int, slowk_type: int, *slowd: int) -> int:
    return fastk - 1 + _average(slowk, slowk_type) + _average(*slowd)


_FORMULAS: dict[Callable[..., int], str] = {
    _always(0): "WAD AD OBV NVI PVI PVT VWAP MARKETFI BOP AVGPRICE HA MEDPRICE TYPPRICE WCLPRICE"
    " ADD CUMSUM DIV MULT SUB ACOS ASIN ATAN CEIL COS COSH EXP FLOOR LN LOG10 SIN SINH SQRT TAN"
    " TANH",
    _always(1): "SAR SAREXT TRANGE",
    _always(2): "CDLENGULFING CDLXSIDEGAP3METHODS",
    _always(3): "CDL3OUTSIDE",
    _always(5): "CDLHIKKAKE",
    _always(6): "CDLMATCHINGLOW",
    _always(7): "CDLGAPSIDESIDEWHITE CDLSTICKSANDWICH CDLTASUKIGAP",
    _always(8): "CDL3LINESTRIKE",
    _always(10): "CDLBELTHOLD CDLCLOSINGMARUBOZU CDLDOJI CDLDRAGONFLYDOJI CDLGRAVESTONEDOJI"
    " CDLHIGHWAVE CDLHIKKAKEMOD CDLLONGLEGGEDDOJI CDLLONGLINE CDLMARUBOZU"
    " CDLRICKSHAWMAN CDLSHORTLINE CDLSPINNINGTOP CDLTAKURI",
    _always(11): "CDLCOUNTERATTACK CDLDARKCLOUDCOVER CDLDOJISTAR CDLHAMMER CDLHANGINGMAN"
    " CDLHARAMI CDLHARAMICROSS CDLHOMINGPIGEON CDLINNECK CDLINVERTEDHAMMER"
    " CDLKICKING CDLKICKINGBYLENGTH CDLONNECK CDLPIERCING CDLSEPARATINGLINES"
    " CDLSHOOTINGSTAR CDLTHRUSTING",
    _always(12): "CDL2CROWS CDL3INSIDE CDL3STARSINSOUTH CDL3WHITESOLDIERS CDLABANDONEDBABY"
    " CDLADVANCEBLOCK CDLEVENINGDOJISTAR CDLEVENINGSTAR CDLIDENTICAL3CROWS"
    " CDLMORNINGDOJISTAR CDLMORNINGSTAR CDLSTALLEDPATTERN CDLTRISTAR"
    " CDLUNIQUE3RIVER CDLUPSIDEGAP2CROWS",
    _always(13): "CDL3BLACKCROWS CDLCONCEALBABYSWALL",
    _always(14): "CDLBREAKAWAY CDLLADDERBOTTOM CDLMATHOLD CDLRISEFALL3METHODS",
    _always(32): "MAMA HT_DCPERIOD HT_PHASOR",
    _always(63): "HT_DCPHASE HT_SINE HT_TRENDMODE HT_TRENDLINE",
    _period_less_1: "SMA EMA VWMA ERI QSTICK IMI ACCBANDS DONCHIAN"
    " WMA TRIMA RMA MIDPOINT MIDPRICE WILLR CCI STDDEV VAR TSF LINEARREG"
    " LINEARREG_ANGLE LINEARREG_INTERCEPT LINEARREG_SLOPE MAX MIN MAXINDEX MININDEX MINMAX"
    " MINMAXINDEX SUM AVGDEV CORREL PERCENTILE ADR CMF",
    _period: "CMOU ER FOSC VHF VORTEX SUPERTREND"
    " MOM ROC ROCP ROCR ROCR100 RSI CMO MFI DX AROON AROONOSC ATR NATR PLUS_DI MINUS_DI"
    " BETA PERCENTRANK EFI RVOL",
    _of_type(3): "DEMA",
    _of_type(4): "TEMA",
    _of_type(6): "KAMA",
    _of_type(8): "T3",
    _of_type(9): "HMA",
    _of_type(12): "ZLEMA",
    _average: "MA",
    _macdext: "MACDEXT",
    _stoch: "STOCH KDJ",
    lambda period, up, down, matype: max(period - 1, _average(period, matype)): "BBANDS",
    lambda period: max(period - 1, 1): "PLUS_DM MINUS_DM",
    lambda period: 2 * period - 1: "ADX",
    lambda period: 3 * period - 2: "ADXR TRIX",
    lambda fast, slow, matype: max(_average(fast, matype), _average(slow, matype)): "APO PPO PVO",
    lambda fast, slow, signal: max(fast, slow) + signal - 2: "MACD AC",
    lambda period, roc: period - 1 + roc: "CVI",
    lambda fast, slow: 2 * (fast - 1) + slow - 1: "MASSI",
    lambda period, deviation: period + deviation - 2: "RVI",
    lambda signal: 24 + signal: "MACDFIX",
    lambda fast, slow: max(fast, slow) - 1: "AO ADOSC",
    lambda *periods: max(periods): "ULTOSC",
    lambda average, *changes: max(changes) + average - 1: "COPPOCK",
    lambda period: max(period - 1, period // 2 + 1): "DPO",
    lambda left, right: left + right: "FRACTAL",
    lambda period, atr, width: max(period - 1, atr): "KC",
    lambda low, high, matype: _average(high, matype) if low <= high else -1: "MAVP",
    lambda *periods: sum(periods) - 4: "SMI",
    lambda first, second: first + second - 1: "TSI",
    lambda fastk, *fastd: fastk - 1 + _average(*fastd): "STOCHF",
    lambda period, fastk, *fastd: period + fastk - 1 + _average(*fastd): "STOCHRSI",
}

LOOKBACK = {name: formula for formula, names in _FORMULAS.items() for name in names.split()}


def lookback(definition: Definition, values: Iterable[int | float]) -> int:
    """The function's lookback for these parameters; -1 where one is out of range."""
    complete = []
    for value, parameter in zip(values, definition.parameters, strict=True):
        used = default_of(parameter, checked_int(value, parameter))
        if not parameter.low <= used <= parameter.high:
            return -1
        complete.append(used)
    return LOOKBACK[definition.name](*complete)
