import talib.abstract as ta
from freqtrade.strategy import IStrategy
from pandas import DataFrame


class FewTrades(IStrategy):
    """Buys what has fallen furthest in two weeks, some days each year."""

    INTERFACE_VERSION = 3
    timeframe = "5m"
    minimal_roi = {"0": 0.06, "720": 0.02}  # noqa: RUF012
    stoploss = -0.08
    startup_candle_count = 4032

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe["rsi"] = ta.RSI(dataframe)
        dataframe["lowest"] = dataframe["low"].rolling(4032).min()
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        fallen = (dataframe["low"] <= dataframe["lowest"]) & (dataframe["rsi"] < 18)
        dataframe.loc[fallen, "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[dataframe["rsi"] > 80, "exit_long"] = 1
        return dataframe
