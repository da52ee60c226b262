import freqtrade.vendor.qtpylib.indicators as qtpylib
import numpy as np
import talib.abstract as ta
from freqtrade.strategy import IStrategy
from pandas import DataFrame


class BandsAndCrossings(IStrategy):
    """Bollinger bands of the typical price, as in most strategies."""

    INTERFACE_VERSION = 3
    timeframe = "5m"
    minimal_roi = {"0": 0.02, "60": 0.01}  # noqa: RUF012
    stoploss = -0.05
    startup_candle_count = 60

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        bollinger = qtpylib.bollinger_bands(qtpylib.typical_price(dataframe), window=20, stds=2)
        dataframe["bb_lowerband"] = bollinger["lower"]
        dataframe["bb_middleband"] = bollinger["mid"]
        dataframe["bb_upperband"] = bollinger["upper"]
        dataframe["bb_percent"] = (dataframe["close"] - dataframe["bb_lowerband"]) / (
            dataframe["bb_upperband"] - dataframe["bb_lowerband"]
        )
        wide = qtpylib.bollinger_bands(qtpylib.typical_price(dataframe), window=40, stds=3)
        dataframe["bb_lowerband3"] = wide["lower"]
        weighted = qtpylib.weighted_bollinger_bands(
            qtpylib.typical_price(dataframe), window=20, stds=2
        )
        dataframe["wbb_lowerband"] = weighted["lower"]
        dataframe["rsi"] = ta.RSI(dataframe)
        rsi = 0.1 * (dataframe["rsi"] - 50)
        dataframe["fisher_rsi"] = (np.exp(2 * rsi) - 1) / (np.exp(2 * rsi) + 1)
        stoch = ta.STOCHF(dataframe)
        dataframe["fastd"], dataframe["fastk"] = stoch["fastd"], stoch["fastk"]
        dataframe["tema"] = ta.TEMA(dataframe, timeperiod=9)
        keltner = qtpylib.keltner_channel(dataframe)
        dataframe["kc_upperband"] = keltner["upper"]
        dataframe["kc_lowerband"] = keltner["lower"]
        dataframe["ao"] = qtpylib.awesome_oscillator(dataframe)
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[
            qtpylib.crossed_above(dataframe["rsi"], 30)
            & (dataframe["tema"] <= dataframe["bb_middleband"])
            & qtpylib.crossed_above(dataframe["fastk"], dataframe["fastd"]),
            "enter_long",
        ] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[
            qtpylib.crossed_above(dataframe["rsi"], 70)
            | qtpylib.crossed_below(dataframe["close"], dataframe["bb_middleband"]),
            "exit_long",
        ] = 1
        return dataframe
