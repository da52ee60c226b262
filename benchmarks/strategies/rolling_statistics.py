import numpy as np
from freqtrade.strategy import IStrategy
from pandas import DataFrame
from technical import qtpylib


class RollingStatistics(IStrategy):
    """Scores of price and volume in windows, all by pandas and qtpylib."""

    INTERFACE_VERSION = 3
    timeframe = "5m"
    minimal_roi = {"0": 0.02}  # noqa: RUF012
    stoploss = -0.06
    startup_candle_count = 288

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        close, volume = dataframe["close"], dataframe["volume"]
        dataframe["zscore"] = qtpylib.zscore(dataframe, window=48)
        for window in (24, 96, 288):
            mean, std = close.rolling(window).mean(), close.rolling(window).std()
            dataframe[f"z_{window}"] = (close - mean) / std
            dataframe[f"high_{window}"] = dataframe["high"].rolling(window).max()
            dataframe[f"low_{window}"] = dataframe["low"].rolling(window).min()
        dataframe["rank"] = close.rolling(96).rank(pct=True)
        dataframe["median"] = close.rolling(48).median()
        dataframe["volume_z"] = (volume - volume.rolling(96).mean()) / volume.rolling(96).std()
        dataframe["correlation"] = close.rolling(96).corr(volume)
        returns = np.log(close / close.shift(1))
        dataframe["volatility"] = returns.rolling(96).std() * np.sqrt(288)
        dataframe["vwap"] = qtpylib.rolling_vwap(dataframe, window=48)
        dataframe["hma"] = qtpylib.hull_moving_average(close, window=48)
        dataframe["chop"] = qtpylib.chopiness(dataframe, window=14)
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[
            qtpylib.crossed_above(dataframe["z_96"], -2) & (dataframe["volume_z"] > 0.5),
            "enter_long",
        ] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[qtpylib.crossed_above(dataframe["zscore"], 1.5), "exit_long"] = 1
        return dataframe
