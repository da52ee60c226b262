"""The demo's strategy: freqtrade's sample, with more of its indicators in use.

A strategy file as freqtrade users write it. The demo runs it as it stands and with one line
changed, the import of ``ta``.
"""
# mypy: disable-error-code="import-untyped, import-not-found, misc"

from typing import Any, ClassVar

import talib.abstract as ta
from freqtrade.strategy import IStrategy
from pandas import DataFrame
from technical import qtpylib


class DemoStrategy(IStrategy):
    """Buys oversold dips, and breakouts with momentum."""

    INTERFACE_VERSION = 3

    timeframe = "5m"
    startup_candle_count = 200
    can_short = False

    minimal_roi: ClassVar[dict[str, float]] = {"240": 0.004, "120": 0.008, "40": 0.014, "0": 0.03}
    stoploss = -0.03
    trailing_stop = True
    trailing_stop_positive = 0.006
    trailing_stop_positive_offset = 0.012
    trailing_only_offset_is_reached = True

    process_only_new_candles = True
    use_exit_signal = True
    exit_profit_only = False
    ignore_roi_if_entry_signal = False

    def populate_indicators(self, dataframe: DataFrame, metadata: dict[str, Any]) -> DataFrame:
        """Momentum, overlap, volatility, cycle and pattern indicators."""
        dataframe["adx"] = ta.ADX(dataframe)
        dataframe["rsi"] = ta.RSI(dataframe)
        dataframe["cci"] = ta.CCI(dataframe)
        dataframe["mfi"] = ta.MFI(dataframe)

        stoch_fast = ta.STOCHF(dataframe)
        dataframe["fastd"] = stoch_fast["fastd"]
        dataframe["fastk"] = stoch_fast["fastk"]

        macd = ta.MACD(dataframe)
        dataframe["macd"] = macd["macd"]
        dataframe["macdsignal"] = macd["macdsignal"]
        dataframe["macdhist"] = macd["macdhist"]

        bollinger = ta.BBANDS(dataframe, timeperiod=20, nbdevup=2.0, nbdevdn=2.0)
        dataframe["bb_lowerband"] = bollinger["lowerband"]
        dataframe["bb_middleband"] = bollinger["middleband"]
        dataframe["bb_upperband"] = bollinger["upperband"]

        dataframe["ema_fast"] = ta.EMA(dataframe, timeperiod=21)
        dataframe["ema_slow"] = ta.EMA(dataframe, timeperiod=100)
        dataframe["sma"] = ta.SMA(dataframe, timeperiod=50)
        dataframe["tema"] = ta.TEMA(dataframe, timeperiod=9)
        dataframe["sar"] = ta.SAR(dataframe)
        dataframe["atr"] = ta.ATR(dataframe)

        hilbert = ta.HT_SINE(dataframe)
        dataframe["htsine"] = hilbert["sine"]
        dataframe["htleadsine"] = hilbert["leadsine"]

        dataframe["engulfing"] = ta.CDLENGULFING(dataframe)
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict[str, Any]) -> DataFrame:
        """Long entries, tagged with what found them."""
        dip = (
            qtpylib.crossed_above(dataframe["rsi"], 30)
            & (dataframe["tema"] <= dataframe["bb_middleband"])
            & (dataframe["tema"] > dataframe["tema"].shift(1))
            & (dataframe["volume"] > 0)
        )
        breakout = (
            qtpylib.crossed_above(dataframe["macd"], dataframe["macdsignal"])
            & (dataframe["ema_fast"] > dataframe["ema_slow"])
            & (dataframe["close"] > dataframe["sma"])
            & (dataframe["sar"] < dataframe["close"])
            & (dataframe["adx"] > 20)
            & (dataframe["cci"] > 0)
            & (dataframe["mfi"] < 80)
            & (dataframe["volume"] > 0)
        )
        reversal = (
            (dataframe["engulfing"] > 0)
            & (dataframe["close"] < dataframe["bb_lowerband"] + dataframe["atr"])
            & qtpylib.crossed_above(dataframe["fastk"], dataframe["fastd"])
            & (dataframe["volume"] > 0)
        )
        dataframe.loc[dip, ["enter_long", "enter_tag"]] = (1, "dip")
        dataframe.loc[breakout, ["enter_long", "enter_tag"]] = (1, "breakout")
        dataframe.loc[reversal, ["enter_long", "enter_tag"]] = (1, "reversal")
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict[str, Any]) -> DataFrame:
        """Exits when momentum is spent."""
        overbought = (
            qtpylib.crossed_above(dataframe["rsi"], 70)
            & (dataframe["tema"] > dataframe["bb_middleband"])
            & (dataframe["tema"] < dataframe["tema"].shift(1))
        )
        turning = (
            qtpylib.crossed_above(dataframe["htsine"], dataframe["htleadsine"])
            & (dataframe["close"] > dataframe["bb_middleband"])
            & (dataframe["macdhist"] < dataframe["macdhist"].shift(1))
        )
        dataframe.loc[overbought | turning, ["exit_long", "exit_tag"]] = (1, "momentum spent")
        return dataframe
