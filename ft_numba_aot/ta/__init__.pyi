from typing import Any

from ._catalogue import MA_Type as MA_Type
from ._catalogue import get_function_groups as get_function_groups
from ._catalogue import get_functions as get_functions
from ._function import Function as _Function

FUNCTIONS: dict[str, _Function]

def Function(function_name: str, *args: Any, **kwargs: Any) -> _Function: ...  # noqa: N802

ACCBANDS: _Function
BBANDS: _Function
DEMA: _Function
DONCHIAN: _Function
EMA: _Function
HMA: _Function
HT_TRENDLINE: _Function
KAMA: _Function
KC: _Function
MA: _Function
MAMA: _Function
MAVP: _Function
MIDPOINT: _Function
MIDPRICE: _Function
RMA: _Function
SAR: _Function
SAREXT: _Function
SMA: _Function
SUPERTREND: _Function
T3: _Function
TEMA: _Function
TRIMA: _Function
VWMA: _Function
WMA: _Function
ZLEMA: _Function
AC: _Function
ADX: _Function
ADXR: _Function
AO: _Function
APO: _Function
AROON: _Function
AROONOSC: _Function
BOP: _Function
CCI: _Function
CMO: _Function
CMOU: _Function
COPPOCK: _Function
DPO: _Function
DX: _Function
ER: _Function
ERI: _Function
FOSC: _Function
FRACTAL: _Function
IMI: _Function
KDJ: _Function
MACD: _Function
MACDEXT: _Function
MACDFIX: _Function
MFI: _Function
MINUS_DI: _Function
MINUS_DM: _Function
MOM: _Function
PLUS_DI: _Function
PLUS_DM: _Function
PPO: _Function
QSTICK: _Function
ROC: _Function
ROCP: _Function
ROCR: _Function
ROCR100: _Function
RSI: _Function
SMI: _Function
STOCH: _Function
STOCHF: _Function
STOCHRSI: _Function
TRIX: _Function
TSI: _Function
ULTOSC: _Function
VHF: _Function
VORTEX: _Function
WAD: _Function
WILLR: _Function
ATR: _Function
NATR: _Function
TRANGE: _Function
AD: _Function
ADOSC: _Function
OBV: _Function
LINEARREG: _Function
LINEARREG_ANGLE: _Function
LINEARREG_INTERCEPT: _Function
LINEARREG_SLOPE: _Function
STDDEV: _Function
TSF: _Function
VAR: _Function
MAX: _Function
MAXINDEX: _Function
MIN: _Function
MININDEX: _Function
MINMAX: _Function
MINMAXINDEX: _Function
SUM: _Function
AVGPRICE: _Function
MEDPRICE: _Function
TYPPRICE: _Function
WCLPRICE: _Function
HT_DCPERIOD: _Function
HT_DCPHASE: _Function
HT_PHASOR: _Function
HT_SINE: _Function
HT_TRENDMODE: _Function
CDLDOJI: _Function
CDLENGULFING: _Function
CDLHAMMER: _Function
CDLMORNINGSTAR: _Function
