import numpy as np
import talib.abstract as ta
from freqtrade.strategy import IStrategy
from pandas import DataFrame
from technical import qtpylib


def ssl_channels(dataframe: DataFrame, length: int = 10) -> tuple:
    """As published with many strategies."""
    df = dataframe.copy()
    df["sma_high"] = df["high"].rolling(length).mean()
    df["sma_low"] = df["low"].rolling(length).mean()
    df["hlv"] = np.where(
        df["close"] > df["sma_high"], 1, np.where(df["close"] < df["sma_low"], -1, np.nan)
    )
    df["hlv"] = df["hlv"].ffill()
    df["ssl_down"] = np.where(df["hlv"] < 0, df["sma_high"], df["sma_low"])
    df["ssl_up"] = np.where(df["hlv"] < 0, df["sma_low"], df["sma_high"])
    return df["ssl_down"], df["ssl_up"]


class HeikinAshiChannels(IStrategy):
    """Smoothed candles that leave their channel."""

    INTERFACE_VERSION = 3
    timeframe = "5m"
    minimal_roi = {"0": 0.03, "120": 0.01}  # noqa: RUF012
    stoploss = -0.06
    startup_candle_count = 60

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        heikinashi = qtpylib.heikinashi(dataframe)
        dataframe["ha_open"] = heikinashi["open"]
        dataframe["ha_close"] = heikinashi["close"]
        dataframe["ha_high"] = heikinashi["high"]
        dataframe["ha_low"] = heikinashi["low"]
        dataframe["ssl_down"], dataframe["ssl_up"] = ssl_channels(dataframe)
        heikinashi["volume"] = dataframe["volume"]
        dataframe["ha_ssl_down"], dataframe["ha_ssl_up"] = ssl_channels(heikinashi, 21)
        dataframe["rsi"] = ta.RSI(heikinashi, timeperiod=14)
        dataframe["mfi"] = ta.MFI(dataframe)
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[
            qtpylib.crossed_above(dataframe["ssl_up"], dataframe["ssl_down"])
            & (dataframe["ha_close"] > dataframe["ha_open"])
            & (dataframe["ha_ssl_up"] > dataframe["ha_ssl_down"])
            & (dataframe["rsi"] < 70),
            "enter_long",
        ] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[
            qtpylib.crossed_below(dataframe["ssl_up"], dataframe["ssl_down"])
            | qtpylib.crossed_above(dataframe["rsi"], 80),
            "exit_long",
        ] = 1
        return dataframe
